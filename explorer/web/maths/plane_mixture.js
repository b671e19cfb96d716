// A mixture of Gaussians as it is seen on the plane: of more than two dimensions, what the others leave when they are
// integrated out.

import { levels } from "./log_lattice.js";

/** @typedef {import("./types.js").Pair} Pair */
/** @typedef {[number, number, number, number]} Box  x low, y low, x high, y high */

const REACH = 7; // standard deviations, beyond which a Gaussian adds next to nothing
const LOWEST = -24; // nats below the peak: what lies lower is next to nothing
const MOST = 6e6; // evaluations: wide Gaussians, of which there may be very many, need no small cells
const COARSEST = 24; // cells along each axis
const LEAST = 1e-12; // variance across a plane on which the codes of a run lie on a line

/**
 * One for each Gaussian: log of its weight, where its mean is on the plane, and xx, xy, yy of its covariance there.
 * @typedef {{logWeight: ArrayLike<number>, mean: ArrayLike<number>, cov: ArrayLike<number>}} Parts
 */

export class PlaneMixture {
  /** @param {Parts} parts @param {boolean} [line] of one dimension: what lies up the plane is nothing */
  constructor({ logWeight, mean, cov }, line = false) {
    this.count = logWeight.length;
    this.logWeight = logWeight;
    this.line = line;
    this.mean = mean;
    this.cov = cov;
    /** log of each one's weight and height */
    this.height = Float64Array.from(logWeight, (weight, k) => {
      const [xx, xy, yy] = this.covariance(k);
      return weight -
        (line ? 0.5 * Math.log(2 * Math.PI * xx) : Math.log(2 * Math.PI) + 0.5 * Math.log(xx * yy - xy * xy));
    });
  }

  /** @param {number} k */
  covariance(k) {
    const { cov } = this;
    return [Math.max(cov[3 * k], LEAST), cov[3 * k + 1], Math.max(cov[3 * k + 2], LEAST)];
  }

  /**
   * Half the squared distance of a point from a Gaussian's mean, in its own standard deviations.
   * @param {number} k @param {number} x @param {number} y
   */
  halfSquare(k, x, y) {
    const [xx, xy, yy] = this.covariance(k);
    const [dx, dy] = [x - this.mean[2 * k], y - this.mean[2 * k + 1]];
    if (this.line) return (0.5 * dx * dx) / xx;
    return (0.5 * (yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy)) / (xx * yy - xy * xy);
  }

  /** The log-density at a point of the plane, in nats. @param {Pair} point */
  logDensity([x, y]) {
    let [highest, sum] = [-Infinity, 0];
    for (let k = 0; k < this.count; k++) {
      const log = this.height[k] - this.halfSquare(k, x, y);
      if (log > highest) [highest, sum] = [log, sum * Math.exp(highest - log) + 1];
      else sum += Math.exp(log - highest);
    }
    return highest + Math.log(sum);
  }

  /**
   * The log-density, less its peak, of a box's cells, row 0 lowest, with the levels whose contours hold 50, 90 and 99 %
   * of what the box holds. Of a line there is one row. It is the density's mean over each cell, so that a Gaussian
   * narrower than a cell is not missed.
   * @param {Box} box @param {number} most cells along each axis: fewer where very many Gaussians reach very many cells
   */
  over(box, most) {
    const [left, bottom, right, top] = box;
    const share = this.shareReached(box);
    let side = most;
    while (side > COARSEST && share * side * (this.line ? 1 : side) > MOST) side = Math.max(side >> 1, COARSEST);
    const rows = this.line ? 1 : side;
    const [wide, tall] = [(right - left) / side, (top - bottom) / rows];
    // The mean over a cell is nearly a Gaussian again, wider by the variance of a place in the cell.
    const within = [wide ** 2 / 12, 0, tall ** 2 / 12];
    const cov = Float64Array.from(this.cov, (value, i) => value + within[i % 3]);
    return new PlaneMixture({ ...this, cov }, this.line).atCenters(box, side, rows, wide, tall);
  }

  /** How many boxes full of cells are evaluated: the sum of what each Gaussian reaches of the box. @param {Box} box */
  shareReached([left, bottom, right, top]) {
    const part = (
      /** @type {number} */ low,
      /** @type {number} */ high,
      /** @type {number} */ at,
      /** @type {number} */ variance,
    ) => {
      const reach = REACH * Math.sqrt(variance);
      return Math.max(Math.min(at + reach, high) - Math.max(at - reach, low), 0) / (high - low);
    };
    let sum = 0;
    for (let k = 0; k < this.count; k++) {
      const [xx, , yy] = this.covariance(k);
      const across = part(left, right, this.mean[2 * k], xx);
      sum += across * (this.line ? 1 : part(bottom, top, this.mean[2 * k + 1], yy));
    }
    return sum;
  }

  /** @param {Box} box @param {number} side @param {number} rows @param {number} wide @param {number} tall of a cell */
  atCenters(box, side, rows, wide, tall) {
    const [left, bottom] = box;
    const values = new Float64Array(side * rows);
    const highest = this.height.reduce((most, height) => Math.max(most, height), -Infinity);
    for (let k = 0; k < this.count; k++) {
      const [xx, , yy] = this.covariance(k);
      const [x, y] = [this.mean[2 * k], this.mean[2 * k + 1]];
      const [first, last] = cells((x - left) / wide, (REACH * Math.sqrt(xx)) / wide, side);
      const [low, high] = this.line ? [0, 1] : cells((y - bottom) / tall, (REACH * Math.sqrt(yy)) / tall, side);
      const height = this.height[k] - highest;
      for (let row = low; row < high; row++) {
        for (let column = first; column < last; column++) {
          const half = this.halfSquare(k, left + (column + 0.5) * wide, bottom + (row + 0.5) * tall);
          values[row * side + column] += Math.exp(height - half);
        }
      }
    }
    const peak = values.reduce((most, value) => Math.max(most, value), 0);
    for (let i = 0; i < values.length; i++) values[i] = Math.max(Math.log(values[i] / peak), LOWEST);
    return { columns: side, rows, values: Float32Array.from(values), box, levels: levels(values).levels };
  }
}

/**
 * From the first cell that a Gaussian reaches to the one after the last.
 * @param {number} center in cells @param {number} reach in cells @param {number} count @returns {Pair}
 */
function cells(center, reach, count) {
  return [Math.max(Math.floor(center - reach), 0), Math.min(Math.ceil(center + reach), count)];
}
