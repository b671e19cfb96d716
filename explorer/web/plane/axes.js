// The axes of a plane on a canvas: grid, zero lines and numbers.

import { pixelRatio } from "../dom/canvas.js";
import { ticks, tickStep } from "../maths/ticks.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("../maths/types.js").Pair} Pair */
/** @typedef {import("../dom/theme.js").Theme} Theme */
/**
 * How an axis is numbered.
 * @typedef {object} Numbering
 * @property {(length: number) => number} least  pixels between two numbers on an axis of so many
 * @property {boolean} even  all numbers have the decimals of the step
 * @property {(pixel: number) => number} snap  to the pixel that a line is drawn on
 * @property {number} below  pixels from the plot area to the numbers under it
 * @property {Pair} beside  pixels from the plot area to the numbers left of it, and how far they are under their line
 */

/** Room for the axes' numbers around the plot area, in CSS pixels. */
export const MARGIN = { l: 40, r: 8, t: 8, b: 26 };

/** The numbers of a small plane. @type {Numbering} */
export const SPARSE = { least: () => 56, even: true, snap: Math.round, below: 8, beside: [6, 0] };
/** At most nine numbers on either axis of a large plane. @type {Numbering} */
export const NINE = { least: (length) => length / 9, even: false, snap: Math.floor, below: 4, beside: [1, 1] };

/** A picture of the axes alone, drawn anew only for another view: points go through epochs in the same one. */
export class Axes {
  /** @param {Numbering} numbering */
  constructor(numbering) {
    this.canvas = document.createElement("canvas");
    this.numbering = numbering;
    /** what it shows @type {unknown[]} */
    this.drawn = [];
  }

  /** @param {Camera} camera @param {Theme} theme */
  draw(camera, theme) {
    const { scale, center, width, height, line, percent } = camera;
    const wanted = [theme, pixelRatio(), scale, ...center, width, height, line, percent];
    if (wanted.every((value, i) => value === this.drawn[i])) return;
    this.drawn = wanted;
    drawAxes(cleared(this.canvas, camera), camera, theme, this.numbering);
  }
}

/**
 * A canvas over plot area and margins, cleared and of the camera's size; to be drawn on in CSS pixels.
 * @param {HTMLCanvasElement} canvas @param {Camera} camera
 */
export function cleared(canvas, camera) {
  const ratio = pixelRatio();
  const [width, height] = [camera.width + MARGIN.l + MARGIN.r, camera.height + MARGIN.t + MARGIN.b];
  const [deviceWidth, deviceHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== deviceWidth || canvas.height !== deviceHeight) {
    [canvas.width, canvas.height] = [deviceWidth, deviceHeight];
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  }
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Camera} camera @param {Theme} theme @param {Numbering} numbering
 */
export function drawAxes(context, camera, theme, numbering) {
  const [across, up] = camera.ranges();
  context.font = `${theme.label}px ${theme.font}`;
  context.fillStyle = theme.text;
  context.lineWidth = 1;
  context.textAlign = "center";
  context.textBaseline = "top";
  const bottom = MARGIN.t + camera.height;
  // Lines end where the percentiles do.
  const [from, to, first, last] = camera.percent ? camera.percentBox() : [0, camera.width, 0, camera.height];
  const shorter = Math.min(camera.width, camera.height);
  const [wide, tall] = camera.percent ? [shorter, shorter] : [camera.width, camera.height];
  const middle = camera.percent ? 50 : 0; // where the prior's mean is
  for (const { value, text } of numbers(across, wide, camera, numbering)) {
    const x = numbering.snap(MARGIN.l + camera.toPixel([value, 0])[0]) + 0.5;
    line(context, value === middle ? theme.zero : theme.grid, [x, MARGIN.t + first], [x, MARGIN.t + last]);
    context.fillText(text, x, bottom + numbering.below);
  }
  if (camera.line) { // what is up has no numbers: it is there to be told apart
    const y = numbering.snap(MARGIN.t + camera.toPixel([0, 0])[1]) + 0.5;
    return line(context, theme.zero, [MARGIN.l + from, y], [MARGIN.l + to, y]);
  }
  const [aside, under] = numbering.beside;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const { value, text } of numbers(up, tall, camera, numbering)) {
    const y = numbering.snap(MARGIN.t + camera.toPixel([0, value])[1]) + 0.5;
    line(context, value === middle ? theme.zero : theme.grid, [MARGIN.l + from, y], [MARGIN.l + to, y]);
    context.fillText(text, MARGIN.l - aside, y + under);
  }
}

/**
 * @param {[number, number]} range @param {number} length pixels
 * @param {Camera} camera @param {Numbering} numbering
 */
function numbers([low, high], length, { scale, percent }, { least, even }) {
  const step = tickStep(least(length) / scale);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const [first, last] = percent ? [Math.max(low, 0), Math.min(high, 100)] : [low, high];
  return ticks(first, last, step).map((value) => {
    const text = value.toFixed(decimals);
    return { value, text: (even ? text : String(Number(text))).replace("-", "−") + (percent ? " %" : "") };
  });
}

/**
 * @param {CanvasRenderingContext2D} context @param {string} color
 * @param {[number, number]} from @param {[number, number]} to
 */
function line(context, color, from, to) {
  context.strokeStyle = color;
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}
