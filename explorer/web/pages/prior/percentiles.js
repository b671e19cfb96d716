// A square grid of points at evenly spaced percentiles of the prior on both axes of the plane.

import { quantile } from "../../maths/normal.js";
import { significant } from "../../dom/format.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */

export class Percentiles {
  /**
   * @param {LatentSpace} space @param {number} side cells
   * @param {number} low the lowest percentile, in percent; the highest is 100 - low
   */
  constructor(space, side, low) {
    this.side = side;
    const step = (100 - 2 * low) / (side - 1);
    this.percent = Array.from({ length: side }, (_, i) => low + i * step);
    // Symmetric by construction: the middle of an odd grid is 0 itself.
    this.values = this.percent.map((percent, i) => {
      const mirrored = side - 1 - i;
      if (i === mirrored) return 0;
      return i < mirrored ? quantile(percent / 100) : -quantile(this.percent[mirrored] / 100);
    });
    // A cell reaches half a step to each side, in percentiles.
    this.edges = Array.from(
      { length: side + 1 },
      (_, i) => quantile(Math.min(Math.max((low + (i - 0.5) * step) / 100, 0), 1)),
    );
    this.center = space.priorCenter();
  }

  /** The point of a cell, counted row by row from the top left. @param {number} cell @returns {Pair} */
  point(cell) {
    const [x, y] = this.place(cell);
    return [this.center[0] + this.values[x], this.center[1] + this.values[y]];
  }

  /** Which percentile of each axis a cell has. @param {number} cell @returns {Pair} */
  place(cell) {
    return [cell % this.side, this.side - 1 - Math.floor(cell / this.side)];
  }

  /** A cell's percentiles, across and up, in words. @param {number} cell */
  words(cell) {
    return this.place(cell).map((place) => `${significant(this.percent[place])} %`).join(", ");
  }

  /** The cell that holds a point, or the nearest one at the rim. @param {Pair} point */
  cell(point) {
    const [x, y] = point.map((v, axis) => Math.min(Math.max(this.interval(v - this.center[axis]), 0), this.side - 1));
    return (this.side - 1 - y) * this.side + x;
  }

  /** -1 below the lowest cell, `side` above the highest. @param {number} value */
  interval(value) {
    return this.edges.findIndex((edge) => value < edge) < 0
      ? this.side
      : this.edges.findIndex((edge) => value < edge) - 1;
  }

  /** How many held-out images lie in each cell. @param {LatentSpace} space */
  counts(space) {
    const counts = new Int32Array(this.side ** 2);
    for (let i = 0; i < space.count; i++) {
      const [x, y] = space.point(i).map((v, axis) => this.interval(v - this.center[axis]));
      if (x >= 0 && x < this.side && y >= 0 && y < this.side) counts[(this.side - 1 - y) * this.side + x]++;
    }
    return counts;
  }
}
