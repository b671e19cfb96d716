// Of one latent dimension: points at evenly spaced percentiles of the prior, line by line as one reads.

import { quantile } from "../../maths/normal.js";
import { significant } from "../../dom/format.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */

export class LinePercentiles {
  /**
   * @param {number} side cells of a row, and rows
   * @param {number} low the lowest percentile, in percent; the highest is 100 - low
   */
  constructor(side, low) {
    this.side = side;
    this.low = low;
    this.total = side * side;
    this.step = (100 - 2 * low) / (this.total - 1);
  }

  /** @param {number} cell counted from the top left, row by row @returns {Pair} */
  point(cell) {
    const middle = (this.total - 1) / 2;
    // Symmetric by construction: the middle of an odd count is 0 itself.
    if (cell > middle) return [-this.point(this.total - 1 - cell)[0], 0];
    return [cell === middle ? 0 : quantile((this.low + cell * this.step) / 100), 0];
  }

  /** The cell that holds a point, or the nearest one at an end. @param {Pair} point */
  cell([x]) {
    return Math.min(Math.max(this.nearest(x), 0), this.total - 1);
  }

  /** How many held-out images lie in each cell, which reaches half a step to each side. @param {LatentSpace} space */
  counts(space) {
    const counts = new Int32Array(this.total);
    for (let i = 0; i < space.count; i++) {
      const cell = this.nearest(space.mu[i]);
      if (cell >= 0 && cell < this.total) counts[cell]++;
    }
    return counts;
  }

  /** A cell's percentile in words. @param {number} cell */
  words(cell) {
    return `${significant(this.low + cell * this.step)} %`;
  }

  /** Of no cell below the lowest and above the highest. @param {number} x */
  nearest(x) {
    const half = this.step / 200;
    const edge = (/** @type {number} */ cell) => {
      const share = (this.low + cell * this.step) / 100 - half;
      return share <= 0 ? -Infinity : share >= 1 ? Infinity : quantile(share);
    };
    let [low, high] = [-1, this.total];
    // The last cell whose lower edge is not above x.
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (edge(middle) <= x) low = middle;
      else high = middle;
    }
    return low === this.total - 1 && x >= edge(this.total) ? this.total : low;
  }
}
