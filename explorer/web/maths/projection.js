// Ways to see latents of D dimensions on a plane, and to come back from a point of the plane to a latent vector.

import { ellipse } from "./covariance.js";

/** @typedef {import("./types.js").Pair} Pair */
/** @typedef {import("./covariance.js").Ellipse} Ellipse */
/**
 * What a plane is to the rest of the explorer. `latent` gives the z that a point stands for, `project` the point of a
 * z.
 * @typedef {object} Projection
 * @property {Float32Array} xy  interleaved points of the held-out images
 * @property {Float32Array | null} cov  xx, xy, yy of each posterior on the plane; null where it has no such shape
 * @property {(point: Pair) => number[]} latent
 * @property {(z: ArrayLike<number>) => Pair} project
 * @property {(factor: number[][]) => Ellipse | null} ellipseOf  of a covariance L L^T, given the rows of L up to the
 *   diagonal
 */

const NEAREST = 10; // latents that a point of a map without an inverse is the mean of

/** A flat plane z = origin + x * basis[0] + y * basis[1]: two dimensions themselves, PCA, or two raw axes. */
export class FlatPlane {
  /**
   * @param {Float32Array} xy @param {ArrayLike<number>} origin (D,)
   * @param {ArrayLike<number>} basis (2, D), orthonormal rows @param {Float32Array | null} cov
   */
  constructor(xy, origin, basis, cov) {
    this.xy = xy;
    this.origin = origin;
    this.basis = basis;
    this.cov = cov;
    this.dim = origin.length;
  }

  /** @param {Pair} point */
  latent([x, y]) {
    const { origin, basis, dim } = this;
    return Array.from({ length: dim }, (_, d) => origin[d] + x * basis[d] + y * basis[dim + d]);
  }

  /** @param {ArrayLike<number>} z @returns {Pair} */
  project(z) {
    const { origin, basis, dim } = this;
    let [x, y] = [0, 0];
    for (let d = 0; d < dim; d++) {
      x += (z[d] - origin[d]) * basis[d];
      y += (z[d] - origin[d]) * basis[dim + d];
    }
    return [x, y];
  }

  /** Let the points be those of other latents, without a pair for each. @param {Float32Array} mu (N, D) */
  showMeans(mu) {
    const { xy, origin, basis, dim } = this;
    for (let i = 0; 2 * i < xy.length; i++) {
      let [x, y] = [0, 0];
      for (let d = 0; d < dim; d++) {
        const off = mu[i * dim + d] - origin[d];
        x += off * basis[d];
        y += off * basis[dim + d];
      }
      [xy[2 * i], xy[2 * i + 1]] = [x, y];
    }
  }

  /** @param {number[][]} factor */
  ellipseOf(factor) {
    const { basis, dim } = this;
    // The two axes of the plane in terms of epsilon: basis times L.
    const axes = [0, 1].map((axis) =>
      factor.map((_, i) => factor.reduce((sum, row, d) => sum + basis[axis * dim + d] * (row[i] ?? 0), 0))
    );
    const along = (/** @type {number} */ a, /** @type {number} */ b) =>
      axes[a].reduce((sum, v, i) => sum + v * axes[b][i], 0);
    return ellipse(along(0, 0), along(0, 1), along(1, 1));
  }
}

/** A map without an inverse (UMAP): both ways go by the nearest held-out images and a mean weighted by distance. */
export class Embedding {
  /** @param {Float32Array} xy @param {Float32Array} mu (N, D) */
  constructor(xy, mu) {
    this.xy = xy;
    this.mu = mu;
    /** @type {Float32Array | null} */
    this.cov = null;
    this.dim = (2 * mu.length) / xy.length;
  }

  /** The mean of the latents nearest to a point on the plane. @param {Pair} point */
  latent(point) {
    return weightedMean(this.xy, 2, point, this.mu, this.dim);
  }

  /** The mean of the points nearest to z in the latent space. @param {ArrayLike<number>} z @returns {Pair} */
  project(z) {
    return /** @type {Pair} */ (weightedMean(this.mu, this.dim, z, this.xy, 2));
  }

  /** A posterior has no shape on such a map. @returns {null} */
  ellipseOf() {
    return null;
  }
}

/**
 * The plane of two raw axes through z: its other coordinates stay.
 * @param {import("./types.js").Latents} latents @param {Pair} axes @param {ArrayLike<number>} z
 */
export function rawAxes({ mu, count, dim, covariance }, axes, z) {
  const xy = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) for (const k of [0, 1]) xy[2 * i + k] = mu[i * dim + axes[k]];
  const basis = new Float32Array(2 * dim);
  axes.forEach((axis, k) => (basis[k * dim + axis] = 1));
  let cov = null;
  if (covariance) {
    cov = new Float32Array(3 * count);
    const entries = [[0, 0], [0, 1], [1, 1]];
    for (let i = 0; i < count; i++) {
      entries.forEach(([a, b], k) => (cov[3 * i + k] = covariance(i, axes[a], axes[b])));
    }
  }
  return new FlatPlane(xy, Float64Array.from(z, (v, d) => (axes.includes(d) ? 0 : v)), basis, cov);
}

/**
 * Of the rows of `keys` the ten nearest to `at`; the mean of the same rows of `values`, weighted by
 * ((R - d) / (R d))^2 with the eleventh's distance R (Franke and Little, 1980): exact on a row, and without a jump
 * where
 * a row leaves the ten.
 * @param {Float32Array} keys @param {number} width of a row @param {ArrayLike<number>} at
 * @param {Float32Array} values @param {number} size of a row of values
 */
function weightedMean(keys, width, at, values, size) {
  const { rows, squared } = nearestRows(keys, width, at, NEAREST + 1);
  const reach = rows.length > NEAREST ? Math.sqrt(squared[NEAREST]) : Infinity;
  const out = new Array(size).fill(0);
  let total = 0;
  rows.slice(0, NEAREST).forEach((row, place) => {
    const distance = Math.max(Math.sqrt(squared[place]), 1e-9);
    const weight = Math.max(1 / distance - 1 / reach, 1e-30) ** 2;
    total += weight;
    for (let d = 0; d < size; d++) out[d] += weight * values[row * size + d];
  });
  return out.map((v) => v / total);
}

/**
 * The rows nearest to a vector, nearest first, with their squared distances.
 * @param {Float32Array | Uint8Array} keys @param {number} width of a row @param {ArrayLike<number>} at @param {number}
 *   count
 * @param {(row: number) => boolean} [allowed]
 */
export function nearestRows(keys, width, at, count, allowed = () => true) {
  /** @type {number[]} */
  const rows = [];
  /** @type {number[]} */
  const squared = [];
  const total = keys.length / width;
  let worst = Infinity;
  for (let row = 0, start = 0; row < total; row++, start += width) {
    let sum = 0;
    for (let d = 0; d < width && sum < worst; d++) {
      const difference = keys[start + d] - at[d];
      sum += difference * difference;
    }
    if (sum >= worst || !allowed(row)) continue;
    let place = rows.length < count ? rows.length : count - 1;
    for (; place > 0 && squared[place - 1] > sum; place--) {
      [rows[place], squared[place]] = [rows[place - 1], squared[place - 1]];
    }
    [rows[place], squared[place]] = [row, sum];
    if (rows.length === count) worst = squared[count - 1];
  }
  return { rows, squared };
}
