// The Prior page's elements and small texts: built once, filled by prior.js.

import { term } from "../../dom/glossary.js";
import { LABORATORY_HTML } from "./laboratory_markup.js";
import { LIVING_MODEL_HTML } from "./living_model.js";

const PNG = "At least 3,000 pixels a side, each pixel kept sharp";
const PIXELS = "Every pixel drawn from p(x|z), by chance black or white";
const TICK = '<span data-part="tick"></span>';

const axis = (/** @type {number} */ number, /** @type {string} */ name) =>
  `<span class="lx-axis">percentile of <span data-part="axis" data-axis="${number}">${name}</span></span>`;
const draw = (/** @type {string} */ name, /** @type {string} */ title, /** @type {string} */ text) =>
  `<button type="button" data-part="draw" data-draw="${name}" title="${title}">${text}</button>`;
const draws = draw("mean", "The mean of p(x|z)", "Mean") + draw("pixels", PIXELS, "Pixels drawn");

const view = (/** @type {string} */ name, /** @type {string} */ title, /** @type {string} */ text) =>
  `<button type="button" data-part="view" data-view="${name}" title="${title}">${text}</button>`;
const views = view("percentiles", "Images decoded at percentiles of the prior, and samples", "Percentiles") +
  view("fitted", "Priors fitted to the run's codes afterwards, beside its own", "Fitted priors");

const controls = `
<div class="lx-controls lx-grid-only">
  <label class="lx-slider">Cells a side<input type="range" min="5" max="40" step="1" data-part="side"
    data-testid="prior-side"><output class="lx-side-value" data-part="side-value"></output></label>
  <div class="lx-slider">${term("percentiles", "Percentiles")}<input type="range" aria-label="Percentiles"
    min="0" max="100" step="1" data-part="range" data-testid="prior-range"><output class="lx-range-value"
    data-part="range-value"></output></div>
  <button type="button" class="lx-button" aria-pressed="false" data-part="holes" data-testid="prior-holes"
    >Shade holes</button>
  <button type="button" class="lx-button" data-part="png" data-testid="prior-png" title="${PNG}">Save PNG</button>
</div>`;
const grid = `
<div class="lx-percentiles">
  <div class="lx-ticks lx-ticks-y" aria-hidden="true">${TICK}${axis(1, "z₂")}${TICK}</div>
  <div class="lx-square"><div class="lx-grid" data-part="grid"></div><p class="lx-loading">Decoding the prior</p></div>
  <div class="lx-ticks lx-ticks-x" aria-hidden="true">${TICK}${axis(0, "z₁")}${TICK}</div>
</div>`;
const cell = `
<section class="lx-cell" aria-label="The cell under the cursor">
  <canvas class="lx-image" width="28" height="28" role="img" aria-label="Image decoded at the cursor" data-part="cell"
    data-testid="prior-cell"></canvas>
  <div>
    <dl>
      <dt>z</dt><dd data-part="z"></dd>
      <dt>percentiles</dt><dd data-part="percent"></dd>
      <dt>${term("log-prior", "log p(z)")}</dt><dd data-part="log-density"></dd>
      <dt>${term("hole", "held-out")}</dt><dd data-part="count"></dd>
    </dl>
    <button type="button" class="lx-button lx-open" data-part="open"
      title="Click a cell, or press Enter on it">Open in Explore</button>
  </div>
  ${LIVING_MODEL_HTML}
</section>`;
const samples = `
<section class="lx-samples" aria-label="Ancestral samples">
  <h2>${term("ancestral", "Ancestral samples")}</h2>
  <p class="lx-note" data-part="drawn"></p>
  <div class="lx-controls">
    <div class="lx-switch" role="group" aria-label="What is shown of x">${draws}</div>
    <label class="lx-slider">Seed<input type="number" min="0" max="9999" step="1" data-part="seed"
      data-testid="prior-seed"></label>
    <button type="button" class="lx-button" data-part="again" data-testid="prior-again">Draw again</button>
  </div>
  <div class="lx-sampled" data-part="sampled"></div>
</section>`;

export const HTML = `
<header class="lx-head"><h1>Prior</h1><div class="lx-switch" role="group" aria-label="What is shown">${views}</div>
<p class="lx-sentence" data-part="sentence"></p></header>${controls}${grid}
${cell}${samples}${LABORATORY_HTML}
`;

/** The elements that prior.js fills. @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
export function priorParts(pageFrame) {
  return {
    sentence: pageFrame.part("sentence"),
    views: pageFrame.parts("view", HTMLButtonElement),
    side: pageFrame.part("side", HTMLInputElement),
    sideValue: pageFrame.part("side-value"),
    range: pageFrame.part("range", HTMLInputElement),
    rangeValue: pageFrame.part("range-value"),
    holes: pageFrame.part("holes"),
    png: pageFrame.part("png"),
    grid: pageFrame.part("grid"),
    ticks: pageFrame.parts("tick"),
    axes: pageFrame.parts("axis"),
    cell: pageFrame.part("cell", HTMLCanvasElement),
    z: pageFrame.part("z"),
    percent: pageFrame.part("percent"),
    log: pageFrame.part("log-density"),
    count: pageFrame.part("count"),
    open: pageFrame.part("open", HTMLButtonElement),
    drawn: pageFrame.part("drawn"),
    draws: pageFrame.parts("draw", HTMLButtonElement),
    seed: pageFrame.part("seed", HTMLInputElement),
    again: pageFrame.part("again"),
    sampled: pageFrame.part("sampled"),
  };
}
