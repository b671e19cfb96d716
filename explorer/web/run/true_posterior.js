// The true posterior p(z|x) of an image: computed by the server, drawn here as contours.

import { modes } from "../maths/modes.js";
import { fetchAnswer } from "../network/ask.js";

/** @typedef {import("../network/safetensors.js").Tensor} Tensor */
/** @typedef {[number, number, number, number]} Box  x low, y low, x high, y high */
/**
 * Log-densities, less the peak's, row 0 lowest.
 * @typedef {{columns: number, rows: number, values: Float32Array, box: Box}} Window
 */
/**
 * As explorer/views/posterior.py makes them; log-probabilities in nats.
 * @typedef {object} Facts
 * @property {Box[]} boxes  of the windows
 * @property {number[]} levels
 * @property {number} log_evidence
 * @property {number | null} error  of log_evidence, estimated; null where it is not
 * @property {number} log_normaliser  log_evidence once more, by importance sampling
 * @property {number} normaliser_error  its standard error
 */

export class TruePosterior {
  /** @param {Record<string, Tensor>} tensors @param {Facts} facts */
  constructor(tensors, facts) {
    /** log p(x) in nats by quadrature, its estimated error; and once more by weighted draws, with its standard error */
    this.logEvidence = facts.log_evidence;
    this.error = facts.error;
    this.logNormaliser = facts.log_normaliser;
    this.normaliserError = facts.normaliser_error;
    /** log-densities, less the peak's, whose contours enclose 50, 90 and 99 % */
    this.levels = facts.levels;
    /** @type {Window[]} the heaviest first */
    this.windows = facts.boxes.map((box, i) => {
      const { shape: [rows, columns], data } = tensors[`window_${i}`];
      return { rows, columns, values: /** @type {Float32Array} */ (data), box };
    });
  }

  /** @param {string} url @param {AbortSignal} signal after which it is not wanted any more */
  static async fetch(url, signal) {
    const { tensors, metadata } = await fetchAnswer(url, signal);
    return new TruePosterior(tensors, JSON.parse(metadata.facts));
  }

  /** Gaussians at its modes, at most so many. @param {boolean} full whether they may turn @param {number} most */
  modes(full, most) {
    return modes(this.windows, full, most);
  }

  /** The box around all that lies above a level; null if nothing does. @param {number} level @returns {Box | null} */
  extent(level) {
    /** @type {Box} */
    const all = [Infinity, Infinity, -Infinity, -Infinity];
    for (const { rows, columns, values, box: [left, bottom, right, top] } of this.windows) {
      values.forEach((value, at) => {
        if (value < level) return;
        const x = left + (((at % columns) + 0.5) / columns) * (right - left);
        const y = bottom + ((Math.floor(at / columns) + 0.5) / rows) * (top - bottom);
        all[0] = Math.min(all[0], x);
        all[1] = Math.min(all[1], y);
        all[2] = Math.max(all[2], x);
        all[3] = Math.max(all[3], y);
      });
    }
    return all[0] <= all[2] ? all : null;
  }
}

/**
 * The contour of a window at a level, as an SVG path in units of its box: x and y from 0 to 1, y upwards.
 * @param {Window} window @param {number} level
 */
export function contour({ rows, columns, values }, level) {
  const parts = [];
  /** @type {[number, number][]} */
  const crossings = [];
  const at = (/** @type {number} */ row, /** @type {number} */ column) => values[row * columns + column] - level;
  const cross = (
    /** @type {number} */ a,
    /** @type {number} */ b,
    /** @type {number} */ x1,
    /** @type {number} */ y1,
    /** @type {number} */ x2,
    /** @type {number} */ y2,
  ) => {
    if (a >= 0 === b >= 0) return;
    const share = a / (a - b);
    crossings.push([x1 + share * (x2 - x1), y1 + share * (y2 - y1)]);
  };
  const place = ([x, y] = crossings[0]) => `${((x + 0.5) / columns).toFixed(5)} ${((y + 0.5) / rows).toFixed(5)}`;
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const [a, b, c, d] = [at(row, column), at(row, column + 1), at(row + 1, column + 1), at(row + 1, column)];
      crossings.length = 0;
      cross(a, b, column, row, column + 1, row);
      cross(b, c, column + 1, row, column + 1, row + 1);
      cross(d, c, column, row + 1, column + 1, row + 1);
      cross(a, d, column, row, column, row + 1);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        parts.push(`M${place(crossings[i])}L${place(crossings[i + 1])}`);
      }
    }
  }
  return parts.join("");
}

/**
 * p(z|x) of one latent dimension where it lies above a level: points (z, density) of each stretch.
 * @param {Pick<TruePosterior, "windows">} posterior @param {number} level
 * @returns {import("../maths/types.js").Pair[][]}
 */
export function density({ windows }, level) {
  const widths = windows.map(({ columns, box: [left, , right] }) => (right - left) / columns);
  const whole = windows.reduce(
    (sum, { values }, i) => sum + widths[i] * values.reduce((total, value) => total + Math.exp(value), 0),
    0,
  );
  /** @type {import("../maths/types.js").Pair[][]} */
  const stretches = [];
  windows.forEach(({ values, box: [left] }, i) => {
    let open = false;
    values.forEach((value, column) => {
      if (value < level) return void (open = false);
      if (!open) stretches.push([]);
      open = true;
      stretches[stretches.length - 1].push([left + (column + 0.5) * widths[i], Math.exp(value) / whole]);
    });
  });
  return stretches;
}
