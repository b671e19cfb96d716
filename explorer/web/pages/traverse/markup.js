// The Traverse page's elements and small texts.

import { coordinate, decimals } from "../../dom/format.js";
import { term } from "../../dom/glossary.js";
import { part } from "../../dom/parts.js";

/**
 * A dimension's row.
 * @typedef {object} Row
 * @property {number} d  from 0
 * @property {number} low @property {number} high
 * @property {boolean} active
 * @property {HTMLInputElement} slider @property {HTMLCanvasElement} canvas @property {CanvasRenderingContext2D} context
 * @property {(value: number) => void} mark  where z is
 */

/**
 * The factor that a dimension follows, and how much of that factor's entropy it knows.
 * @typedef {{factor: string, share: number}} Followed
 */

/** Of a dimension that follows no factor. */
export const NO_FACTOR = { factor: "", share: 0 };
const image = (/** @type {string} */ label, /** @type {string} */ name) =>
  `<canvas class="lx-image" width="28" height="28" role="img" aria-label="${label}" data-testid="${name}"
    data-part="${name}"></canvas>`;

export const HTML = `
<header class="lx-head"><h1>Traverse</h1><p class="lx-sentence" data-part="sentence"></p></header>
<div class="lx-controls">
  <label class="lx-slider">Begin at image<input type="number" min="0" step="1" data-part="image"
    data-testid="traverse-image"></label>
  <button type="button" class="lx-button" data-part="center" data-testid="traverse-center"
    title="z = 0">Prior's mean</button>
  <label class="lx-slider">Images a row<input type="number" min="5" max="21" step="1" data-part="steps"
    data-testid="traverse-steps"></label>
</div>
<div class="lx-dimensions" role="group" aria-label="Latent dimensions" data-part="rows"></div>
<p class="lx-loading">Loading the run</p>
<aside class="lx-present" aria-label="Decoded image">
  ${image("Image decoded at z", "decoded-image")}
  <p>z = <span class="lx-z" data-part="z"></span></p>
  <p>${term("log-prior", "log p(z)")} =
    <span class="lx-log" data-part="log-density"></span></p>
  <div class="lx-near">${image("Nearest held-out image", "nearest-image")}
    <p><b data-part="nearest-title"></b><span class="lx-note" data-part="nearest-words"></span></p></div>
  <button type="button" class="lx-button" data-to="explore" data-part="open" data-testid="traverse-open"
    >Open in Explore</button>
</aside>
`;

/** The elements that traverse.js fills. @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
export function traverseParts(pageFrame) {
  return {
    sentence: pageFrame.part("sentence"),
    image: pageFrame.part("image", HTMLInputElement),
    center: pageFrame.part("center"),
    steps: pageFrame.part("steps", HTMLInputElement),
    rows: pageFrame.part("rows"),
    decoded: pageFrame.part("decoded-image", HTMLCanvasElement),
    z: pageFrame.part("z"),
    logDensity: pageFrame.part("log-density"),
    nearest: pageFrame.part("nearest-image", HTMLCanvasElement),
    nearestTitle: pageFrame.part("nearest-title"),
    nearestWords: pageFrame.part("nearest-words"),
    open: pageFrame.part("open"),
  };
}

/**
 * @param {HTMLElement} parent
 * @param {{d: number, low: number, high: number, active: boolean, kl: string, factor: Followed | null, steps: number,
 *   shape: number[]}} what  kl: in words, empty where it is not known; factor: null for data without factors; shape: of
 *   an image
 * @returns {Row}
 */
export function addRow(parent, { d, low, high, active, kl, factor, steps, shape }) {
  const element = document.createElement("section");
  element.className = `lx-dimension${active ? "" : " lx-inactive"}`;
  const name = coordinate(d);
  const known = factor?.factor ? `${factor.factor} ${(100 * factor.share).toFixed(0)} %` : "no factor";
  const label = [name, kl && `KL ${kl}`, active ? "" : "inactive", factor && known].filter(Boolean).join(", ");
  const inactive = active ? "" : `<span class="lx-inactive-word"> ${term("active", "inactive")}</span>`;
  const strip = `Images decoded along ${name}, from ${decimals(low)} to ${decimals(high)}`;
  element.innerHTML = `
    <b>${name}</b><span class="lx-worth">${kl && term("kl-of-dimension", kl)}${inactive}</span>
    ${factor ? `<span class="lx-factor">${term("factor", "", 'data-part="factor"')}</span>` : ""}
    <input type="range" min="${low}" max="${high}" step="any"
      data-part="slider" data-testid="traversal-slider-${d + 1}">
    <output data-part="value"></output>
    <div class="lx-run"><canvas role="img" aria-label="${strip}"
      data-part="strip" data-testid="traversal-row-${d + 1}"></canvas><i data-part="mark"></i></div>`;
  parent.append(element);
  if (factor) {
    element.classList.add("lx-known");
    part(element, "factor").textContent = known;
  }
  const slider = part(element, "slider", HTMLInputElement);
  slider.setAttribute("aria-label", label);
  const canvas = part(element, "strip", HTMLCanvasElement);
  const [output, mark] = [part(element, "value"), part(element, "mark")];
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
    mark: (value) => {
      if (Number(slider.value) !== value) slider.value = String(value);
      slider.setAttribute("aria-valuetext", decimals(value));
      output.textContent = decimals(value);
      // The middle of the first image is the low end, the middle of the last one the high end.
      const step = ((value - low) / (high - low)) * (steps - 1);
      mark.style.left = `${(100 * (step + 0.5)) / steps}%`;
    },
  };
}
