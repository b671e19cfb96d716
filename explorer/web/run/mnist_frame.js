// Any image of a digit brought into the frame that MNIST's digits stand in.

import { border, quantile } from "./background_level.js";

/**
 * @typedef {object} Framed
 * @property {Float32Array} pixels  in [0, 1], channel by channel, row by row
 * @property {string[]} steps  what was done, in words
 */

const FILLED = 20 / 28; // MNIST: the digit's longer side takes 20 of the frame's 28 pixels
const INK = 0.05; // less is background
const NOISE_SHARE = 0.95; // the background's noise: this quantile of the border's distance from its level
const MOST_NOISE = 0.3;

/**
 * As MNIST was made: cut to the ink, shrunk to 20 of 28 pixels with its proportions kept, and moved by whole pixels
 * until its centre of mass is the frame's middle pixel; no ink is pushed out of the frame.
 * @param {ArrayLike<number>} ink in [0, 1], row by row, 0 where there is only background
 * @param {number} width @param {number} height @param {number[]} shape  [C, H, W] of the frame
 * @returns {Framed | null} null without ink
 */
export function frameInk(ink, width, height, [channels, tall, wide]) {
  const box = inkBox(ink, width, height);
  if (!box) return null;
  const fit = Math.round(FILLED * Math.min(tall, wide));
  const scale = fit / Math.max(box.width, box.height);
  const columns = Math.max(1, Math.round(box.width * scale));
  const rows = Math.max(1, Math.round(box.height * scale));
  const small = shrink(ink, width, box, columns, rows);
  const highest = small.reduce((a, b) => Math.max(a, b), 0);
  const [x, y] = centreOfMass(small, columns, rows);
  const left = clamp(Math.round(Math.floor(wide / 2) - x), 0, wide - columns);
  const top = clamp(Math.round(Math.floor(tall / 2) - y), 0, tall - rows);
  const pixels = new Float32Array(channels * tall * wide);
  for (let c = 0; c < channels; c++) {
    for (let r = 0; r < rows; r++) {
      for (let k = 0; k < columns; k++) {
        pixels[(c * tall + top + r) * wide + left + k] = Math.min(small[r * columns + k] / highest, 1);
      }
    }
  }
  const steps = [
    `cut to the ink, ${box.width} × ${box.height}`,
    `scaled to ${columns} × ${rows}`,
    `centre of mass on pixel (${Math.floor(wide / 2)}, ${Math.floor(tall / 2)}) of ${wide} × ${tall}`,
  ];
  return { pixels, steps };
}

/**
 * Whether an image's ink is darker than its background.
 * @param {ArrayLike<number>} grey 0..255, row by row @param {ArrayLike<number>} background its levels there
 */
export function isDarkOnLight(grey, background) {
  let sum = 0;
  for (let i = 0; i < grey.length; i++) sum += grey[i] - background[i];
  return sum < 0 || (sum === 0 && background[0] > 127);
}

/**
 * Ink in [0, 1]: distance from the background's level, less its noise, against the strongest there is.
 * @param {ArrayLike<number>} grey 0..255, row by row @param {ArrayLike<number>} background its levels there
 * @param {number} width @param {number} height @param {boolean} darkOnLight
 */
export function inkOf(grey, background, width, height, darkOnLight) {
  const sign = darkOnLight ? -1 : 1;
  const ink = Float32Array.from(grey, (v, i) => Math.max(sign * (v - background[i]), 0) / 255);
  const highest = ink.reduce((a, b) => Math.max(a, b), 0);
  if (highest < INK) return ink.fill(0); // one flat tone
  const noise = quantile(border(width, height).map((i) => ink[i] / highest), NOISE_SHARE);
  const floor = Math.min(noise, MOST_NOISE);
  return ink.map((v) => Math.max(v / highest - floor, 0) / (1 - floor));
}

/** @param {ArrayLike<number>} ink @param {number} width @param {number} height */
function inkBox(ink, width, height) {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (ink[y * width + x] <= INK) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/**
 * Each pixel of the result is the mean of the part of the image that it covers.
 * @param {ArrayLike<number>} ink @param {number} width
 * @param {{left: number, top: number, width: number, height: number}} box @param {number} columns @param {number} rows
 */
function shrink(ink, width, box, columns, rows) {
  const across = shares(box.width, columns);
  const down = shares(box.height, rows);
  const lines = new Float32Array(box.height * columns);
  across.forEach(([from, weights], k) => {
    for (let y = 0; y < box.height; y++) {
      const row = (box.top + y) * width + box.left + from;
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i] * ink[row + i];
      lines[y * columns + k] = sum;
    }
  });
  const small = new Float32Array(rows * columns);
  down.forEach(([from, weights], r) => {
    for (let k = 0; k < columns; k++) {
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i] * lines[(from + i) * columns + k];
      small[r * columns + k] = sum;
    }
  });
  return small;
}

/**
 * How `length` pixels are spread over `count`: for each of these the first pixel it covers and the weights from there.
 * @param {number} length @param {number} count @returns {[number, number[]][]}
 */
function shares(length, count) {
  const step = length / count;
  return Array.from({ length: count }, (_, k) => {
    const [from, to] = [k * step, (k + 1) * step];
    const first = Math.floor(from + 1e-9);
    const last = Math.min(Math.ceil(to - 1e-9), length);
    return [
      first,
      Array.from({ length: last - first }, (_, i) => (Math.min(first + i + 1, to) - Math.max(first + i, from)) / step),
    ];
  });
}

/** @param {Float32Array} pixels @param {number} columns @param {number} rows */
function centreOfMass(pixels, columns, rows) {
  let [mass, x, y] = [0, 0, 0];
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < columns; k++) {
      const value = pixels[r * columns + k];
      mass += value;
      x += value * k;
      y += value * r;
    }
  }
  return [x / mass, y / mass];
}

/** @param {number} value @param {number} low @param {number} high */
function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}
