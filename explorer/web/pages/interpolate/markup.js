// The Interpolate page's elements: built once, filled by interpolate.js and its panels.

import { term } from "../../dom/glossary.js";
import { playerHtml } from "../../dom/player.js";
import { PATHS } from "./three_paths.js";

const PLAYER = playerHtml({
  play: "play",
  slider: "interpolation-slider",
  label: "Position t between A, 0, and B, 1",
  ends: ["A", "B"],
  returns: true,
});
const MODES = {
  two: ["Two images", "Any two ends: choose classes, click points, or drag A and B"],
  same: ["Same class", "Pairs of images of one class, as the notes show for pen characters"],
  arithmetic: ["Class arithmetic", "B = A + strength × (mean code of one class − mean code of another)"],
};
const FILES = {
  png: ["PNG", "The strips as a picture"],
  csv: ["CSV", "The exact z of every step"],
};
const FILMS = {
  gif: ["GIF", "The films, side by side"],
  mp4: ["MP4", "The films, side by side"],
};
const ANOTHER = "Another image of this class";

/** A button for each, with its text and title. @param {Record<string, string[]>} all @param {string} kind */
const buttons = (all, kind, more = 'aria-pressed="false"') =>
  Object.entries(all).map(([name, [text, title]]) =>
    `<button type="button" data-part="${kind}" data-${kind}="${name}" title="${title}" ${more}>${text}</button>`
  ).join("");
const end = (/** @type {string} */ name) => `
  <div class="lx-end" data-end="${name}" role="group" aria-label="End ${name}">
    <b>${name}</b><canvas class="lx-image" data-part="end-image" role="img" aria-label="Image at ${name}"></canvas>
    <select data-part="end-class" aria-label="Class of the image at ${name}"></select>
    <button type="button" class="lx-button" data-part="end-other" aria-label="${ANOTHER} at ${name}"
      title="${ANOTHER}">↻</button>
  </div>`;
const pathTitles = Object.entries(PATHS).map(([name, { title, definition }]) => [
  name,
  [title.split(" ")[0], definition],
]);
const modes = buttons(MODES, "mode");
const paths = buttons(Object.fromEntries(pathTitles), "path");
const files = buttons(FILES, "save", 'class="lx-button"') +
  buttons(FILMS, "save", 'class="lx-button" data-needs="server"');
const views = buttons({
  paths: ["Three paths", "Three paths in the run that is shown"],
  runs: ["Every run", "The straight line between the same two images in every run"],
}, "view");

const ends = `
<div class="lx-ends">
  ${end("A")}
  <span class="lx-arrow" aria-hidden="true">→</span>
  ${end("B")}
  <p class="lx-note lx-how">Drag A and B, or click a point to take its image.</p>
  <div class="lx-pair">
    <button type="button" class="lx-button" data-part="pair-before" aria-label="Pair before">‹</button>
    <output data-part="pair"></output>
    <button type="button" class="lx-button" data-part="pair-next" aria-label="Next pair">›</button>
  </div>
  <div class="lx-arithmetic">
    <label>from <select data-part="arithmetic-class" aria-label="Class whose mean is taken away"></select></label>
    <label>to <select data-part="arithmetic-class" aria-label="Class whose mean is added"></select></label>
    <label class="lx-slider">× <input type="range" min="-2" max="2" step="0.01" data-part="strength"
      aria-label="Strength of the class arithmetic"><output data-part="strength-value"></output></label>
  </div>
</div>`;
const plane = `
<div class="lx-plane" data-part="plane" data-testid="latent-plane" role="group"
  aria-label="Latent plane: drag A and B, or click a point to take its image">
  <p class="lx-loading">Loading the latent space</p>
  <div class="lx-peek" data-part="tooltip" hidden><canvas class="lx-image" data-part="tooltip-image"></canvas>
    <span data-part="tooltip-words"></span></div>
</div>`;
const controls = `
<div class="lx-controls">
  <div class="lx-switch" role="group" aria-label="What the films show">${views}</div>
  <div class="lx-switch lx-paths" role="group" aria-label="Paths">${paths}</div>
  <p class="lx-key">${term("confidence", "confidence", 'data-curve="confidence"')}
    ${term("distance-to-images", "distance to real images", 'data-curve="distance"')}</p>
  <label class="lx-count">Steps <input type="number" min="3" max="25" data-part="count"
    aria-label="Steps of the film strip"></label>
</div>`;

export const HTML = `
<header class="lx-head"><h1>Interpolate</h1><p class="lx-sentence" data-part="sentence"></p></header>
<section class="lx-map">
  <div class="lx-switch lx-modes" role="group" aria-label="How the ends are chosen">${modes}</div>${ends}${plane}
</section>
<section class="lx-films">${controls}
  <div class="lx-player lx-slider" data-part="player">${PLAYER}</div>
  <div class="lx-rows" data-part="rows" data-testid="film-strip" role="group" aria-label="Film strip"></div>
  <div class="lx-controls lx-save" role="group" aria-label="Save"><span>Save</span>${files}
    <p class="lx-note lx-remark" data-part="remark" role="status"></p>
    <span class="lx-along-z" data-part="along">z at t:</span>
  </div>
</section>
`;

/** The elements that interpolate.js fills. @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
export function interpolateParts(pageFrame) {
  return {
    sentence: pageFrame.part("sentence"),
    plane: pageFrame.part("plane"),
    tooltip: pageFrame.part("tooltip"),
    tooltipImage: pageFrame.part("tooltip-image", HTMLCanvasElement),
    tooltipWords: pageFrame.part("tooltip-words"),
    views: pageFrame.parts("view", HTMLButtonElement),
    paths: pageFrame.parts("path", HTMLButtonElement),
    count: pageFrame.part("count", HTMLInputElement),
    player: pageFrame.part("player"),
    rows: pageFrame.part("rows"),
    files: pageFrame.parts("save", HTMLButtonElement),
    remark: pageFrame.part("remark"),
    along: pageFrame.part("along"),
  };
}
