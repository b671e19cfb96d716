// The Traverse page's elements and small texts.

import { coordinate, decimals } from "../../dom/format.js";

/**
 * A dimension's row. `place` marks where z is.
 * @typedef {object} Row
 * @property {number} d  from 0
 * @property {number} low @property {number} high
 * @property {boolean} active
 * @property {HTMLInputElement} slider @property {HTMLCanvasElement} canvas @property {CanvasRenderingContext2D} context
 * @property {(value: number) => void} place
 */

const KL = "KL(q(z_d|x) || N(0, 1)) of this dimension by itself, mean over the held-out images";
const INACTIVE = "Inactive: the posterior mean hardly varies from image to image";

export const HTML = `
<header class="lx-head"><h1>Traverse</h1><p class="lx-sentence"></p></header>
<div class="lx-controls">
  <label class="lx-slider">Begin at image<input type="number" min="0" step="1" data-testid="traverse-image"></label>
  <button type="button" class="lx-button" data-testid="traverse-center" title="z = 0">Prior's mean</button>
  <label class="lx-slider">Images a row<input type="number" min="5" max="21" step="1" data-testid="traverse-steps"></label>
</div>
<div class="lx-dimensions" role="group" aria-label="Latent dimensions"></div>
<p class="lx-loading">Loading the run</p>
<aside class="lx-present" aria-label="Decoded image">
  <canvas class="lx-image" width="28" height="28" role="img" aria-label="Image decoded at z" data-testid="decoded-image"></canvas>
  <p>z = <span class="lx-z"></span></p>
  <p><span class="lx-term" title="Log-density of the prior N(0, I) at z">log p(z)</span> = <span class="lx-log"></span></p>
  <div class="lx-near"><canvas class="lx-image" width="28" height="28" role="img" aria-label="Nearest held-out image" data-testid="nearest-image"></canvas>
    <p><b></b><span class="lx-note"></span></p></div>
  <button type="button" class="lx-button" data-testid="traverse-open">Open in Explore</button>
</aside>
`;

/** The elements that traverse.js fills. @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
export function traverseParts(pageFrame) {
  const find = (/** @type {string} */ selector) => pageFrame.find(selector);
  return {
    sentence: find(".lx-sentence"),
    image: /** @type {HTMLInputElement} */ (find("[data-testid=traverse-image]")),
    center: find("[data-testid=traverse-center]"),
    steps: /** @type {HTMLInputElement} */ (find("[data-testid=traverse-steps]")),
    rows: /** @type {HTMLElement} */ (find(".lx-dimensions")),
    decoded: /** @type {HTMLCanvasElement} */ (find("[data-testid=decoded-image]")),
    z: find(".lx-z"),
    log: find(".lx-log"),
    nearest: /** @type {HTMLCanvasElement} */ (find("[data-testid=nearest-image]")),
    nearestTitle: find(".lx-near b"),
    nearestWords: find(".lx-near .lx-note"),
    open: find("[data-testid=traverse-open]"),
  };
}

/**
 * @param {HTMLElement} parent
 * @param {{d: number, low: number, high: number, active: boolean, worth: string, steps: number, shape: number[]}} what  shape of an image
 * @returns {Row}
 */
export function addRow(parent, { d, low, high, active, worth, steps, shape }) {
  const element = document.createElement("section");
  element.className = `lx-dimension${active ? "" : " lx-inactive"}`;
  const name = coordinate(d);
  element.innerHTML = `
    <b>${name}</b><span class="lx-worth" title="${active ? KL : INACTIVE}">${worth}${
    active ? "" : '<span class="lx-inactive-word"> inactive</span>'
  }</span>
    <input type="range" min="${low}" max="${high}" step="any" data-testid="traversal-slider-${
    d + 1
  }" aria-label="${name}${worth ? `, KL ${worth}` : ""}${active ? "" : ", inactive"}">
    <output></output>
    <div class="lx-run"><canvas data-testid="traversal-row-${
    d + 1
  }" role="img" aria-label="Images decoded along ${name}, from ${decimals(low)} to ${
    decimals(high)
  }"></canvas><i></i></div>`;
  parent.append(element);
  const find = (/** @type {string} */ selector) => /** @type {any} */ (element.querySelector(selector));
  const [slider, output, canvas, mark] = ["input", "output", "canvas", "i"].map(find);
  [canvas.width, canvas.height] = [steps * shape[2], shape[1]];
  slider.step = String((high - low) / 600);
  return {
    d,
    low,
    high,
    active,
    slider,
    canvas,
    context: /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")),
    place: (value) => {
      if (Number(slider.value) !== value) slider.value = String(value);
      slider.setAttribute("aria-valuetext", decimals(value));
      output.textContent = decimals(value);
      // The middle of the first image is the low end, the middle of the last one the high end.
      const step = ((value - low) / (high - low)) * (steps - 1);
      mark.style.left = `${(100 * (step + 0.5)) / steps}%`;
    },
  };
}
