// A plane whose axes are bent to the prior's percentiles: a point is where z lies in the prior, in percent.

import { drawnPoint } from "./drawn_points.js";
import { outline } from "./covariance.js";
import { lineDensity, underDensity } from "./line_density.js";
import { cumulative, quantile } from "./normal.js";

/** @typedef {import("./types.js").Pair} Pair */
/** @typedef {import("./projection.js").FlatPlane} FlatPlane */

const RIM = 0.001; // percent from an edge that a handle keeps: z there is 4.26 standard deviations out

/** u = 100 Φ(x - m) on each axis, with the prior's mean m on the plane: there the prior is even, from 0 to 100. */
export class PercentilePlane {
  /** @param {FlatPlane} flat @param {boolean} line  whether z has one dimension, and up is no axis */
  constructor(flat, line) {
    this.flat = flat;
    this.line = line;
    this.center = flat.project(new Float32Array(flat.dim));
    /** of each posterior in z, before it is bent */
    this.cov = flat.cov;
    this.xy = this.bend(flat.xy);
  }

  /** Points of the flat plane on this one. @param {Float32Array} xy interleaved */
  bend(xy) {
    const bent = xy.map((v, i) => this.line && i % 2 ? v : 100 * cumulative(v - this.center[i % 2]));
    if (!this.line) return bent;
    const across = bent.filter((_, i) => i % 2 === 0);
    return underDensity(across, lineDensity(across));
  }

  /** @param {Pair} point of the flat plane @returns {Pair} */
  bendOne([x, y]) {
    const [m, n] = this.center;
    return [100 * cumulative(x - m), this.line ? y : 100 * cumulative(y - n)];
  }

  /** Where a handle can be, which has a finite z. @param {Pair} point @returns {Pair} */
  reach([x, y]) {
    const within = (/** @type {number} */ v) => Math.min(Math.max(v, RIM), 100 - RIM);
    return [within(x), this.line ? 0 : within(y)];
  }

  /** @param {Pair} point */
  latent(point) {
    const [x, y] = this.reach(point);
    const [m, n] = this.center;
    return this.flat.latent([m + quantile(x / 100), this.line ? y : n + quantile(y / 100)]);
  }

  /** @param {ArrayLike<number>} z */
  project(z) {
    return this.bendOne(this.flat.project(z));
  }

  /** The z of the plane that is nearest to another one, however far out. @param {ArrayLike<number>} z */
  onto(z) {
    return this.flat.latent(this.flat.project(z));
  }

  /** An ellipse is none any more. @returns {null} */
  ellipseOf() {
    return null;
  }

  /**
   * What a posterior's ellipse becomes here: a closed curve.
   * @param {number} index @param {number} sigma standard deviations @returns {Pair[]}
   */
  outline(index, sigma) {
    return outline(this.mean(index), this.covariance(index), sigma).map((corner) => this.bendOne(corner));
  }

  /** A point's percentiles. @param {Pair} point */
  words([x, y]) {
    return `percentiles ${(this.line ? [x] : [x, y]).map((v) => `${v.toFixed(1)} %`).join(", ")} of the prior`;
  }

  /** A new draw of a posterior. @param {number} index @param {import("./normal.js").Random} random */
  drawn(index, random) {
    return this.bendOne(drawnPoint(this.mean(index), this.covariance(index), random));
  }

  /** @param {number} index @returns {Pair} */
  mean(index) {
    return [this.flat.xy[2 * index], (this.line ? this.xy : this.flat.xy)[2 * index + 1]];
  }

  /** @param {number} index */
  covariance(index) {
    return /** @type {Float32Array} */ (this.cov).subarray(3 * index, 3 * index + 3);
  }
}
