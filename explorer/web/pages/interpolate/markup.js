// The Interpolate page's elements: built once, filled by interpolate.js.

import { HTML as PLAYER } from "./player.js";
import { PATHS } from "./three_paths.js";

const MODES = {
  two: ["Two images", "Any two ends: choose classes, click points, or drag A and B"],
  same: ["Same class", "Pairs of images of one class, as the notes show for pen characters"],
  arithmetic: ["Class arithmetic", "B = A + strength × (mean code of one class − mean code of another)"],
};

const end = (/** @type {string} */ name) => `
  <div class="lx-end" data-end="${name}" role="group" aria-label="End ${name}">
    <b>${name}</b><canvas class="lx-image" role="img" aria-label="Image at ${name}"></canvas>
    <select aria-label="Class of the image at ${name}"></select>
    <button type="button" class="lx-button" aria-label="Another image of this class at ${name}" title="Another image of this class">↻</button>
  </div>`;
const toggles = (/** @type {Record<string, string[]>} */ all, /** @type {string} */ kind) =>
  Object.entries(all).map(([name, [title, words]]) =>
    `<button type="button" data-${kind}="${name}" aria-pressed="false" title="${words}">${title}</button>`
  ).join("");

export const HTML = `
<header class="lx-head"><h1>Interpolate</h1><p class="lx-sentence"></p></header>
<section class="lx-map">
  <div class="lx-switch lx-modes" role="group" aria-label="How the ends are chosen">${toggles(MODES, "mode")}</div>
  <div class="lx-ends">
    ${end("A")}
    <span class="lx-arrow" aria-hidden="true">→</span>
    ${end("B")}
    <p class="lx-note lx-how">Drag A and B, or click a point to take its image.</p>
    <div class="lx-pair"><button type="button" class="lx-button" aria-label="Pair before">‹</button><output></output><button type="button" class="lx-button" aria-label="Next pair">›</button></div>
    <div class="lx-arithmetic"><label>from <select aria-label="Class whose mean is taken away"></select></label> <label>to <select aria-label="Class whose mean is added"></select></label>
      <label class="lx-slider">× <input type="range" min="-2" max="2" step="0.01" aria-label="Strength of the class arithmetic"><output></output></label></div>
  </div>
  <div class="lx-plane" data-testid="latent-plane" role="group" aria-label="Latent plane: drag A and B, or click a point to take its image">
    <p class="lx-loading">Loading the latent space</p>
    <div class="lx-peek" hidden><canvas class="lx-image"></canvas><span></span></div>
  </div>
</section>
<section class="lx-films">
  <div class="lx-controls">
    <div class="lx-switch" role="group" aria-label="What the films show">
      <button type="button" data-view="paths" aria-pressed="true" title="Three paths in the run that is shown">Three paths</button>
      <button type="button" data-view="runs" aria-pressed="false" title="The straight line between the same two images in every run">Every run</button>
    </div>
    <div class="lx-switch lx-paths" role="group" aria-label="Paths">${
  toggles(
    Object.fromEntries(
      Object.entries(PATHS).map(([name, { title, definition }]) => [name, [title.split(" ")[0], definition]]),
    ),
    "path",
  )
}</div>
    <p class="lx-key"><span class="lx-term lx-key-confidence" title="The probability that the classifier gives the likeliest class; it falls where no class of the data set is to be seen">confidence</span> <span class="lx-term lx-key-distance" title="L2 distance over pixels (from 0 to 1) from the decoded image to the nearest held-out image: it means the same in every run, unlike a distance between codes">distance to real images</span></p>
    <label class="lx-count">Steps <input type="number" min="3" max="25" aria-label="Steps of the film strip"></label>
  </div>
  <div class="lx-player lx-slider">${PLAYER}</div>
  <div class="lx-rows" data-testid="film-strip" role="group" aria-label="Film strip"></div>
  <div class="lx-controls lx-save" role="group" aria-label="Save"><span>Save</span>
    <button type="button" class="lx-button" data-save="png" title="The strips as a picture">PNG</button>
    <button type="button" class="lx-button" data-save="csv" title="The exact z of every step">CSV</button>
    <button type="button" class="lx-button" data-save="gif" title="The films, side by side">GIF</button>
    <button type="button" class="lx-button" data-save="mp4" title="The films, side by side">MP4</button>
    <p class="lx-note lx-remark" role="status"></p>
  </div>
</section>
`;
