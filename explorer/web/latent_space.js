// A run in the browser: its held-out images' points on the plane, and its decoder.

import { Decoder } from "./decoder.js";
import { logDensity } from "./normal.js";
import { fetchSafetensors } from "./safetensors.js";

/** @typedef {import("./camera.js").Pair} Pair */
/** @typedef {{decoder: string, latents: string}} RunUrls */

export class LatentSpace {
  /**
   * @param {Record<string, import("./safetensors.js").Tensor>} arrays  as explorer/views/latents.py makes them
   * @param {Decoder} decoder
   */
  constructor(arrays, decoder) {
    this.decoder = decoder;
    /** interleaved x, y of each point */
    this.xy = /** @type {Float32Array} */ (arrays.xy.data);
    this.label = /** @type {Int32Array} */ (arrays.label.data);
    this.mu = /** @type {Float32Array} */ (arrays.mu.data);
    this.count = this.label.length;
    this.dim = this.mu.length / this.count;
    this.origin = arrays.origin.data;
    this.basis = arrays.basis.data;
    this.cov = arrays.cov?.data ?? null;
    /** Per-image values that points can be coloured by; null where a deterministic code has none. */
    this.values = {
      reconstruction: /** @type {Float32Array} */ (arrays.reconstruction.data),
      kl: /** @type {Float32Array | null} */ (arrays.kl?.data ?? null),
      width: /** @type {Float32Array | null} */ (arrays.width?.data ?? null),
    };
  }

  /** @param {RunUrls} urls */
  static async fetch(urls) {
    const [latents, decoder] = await Promise.all([fetchSafetensors(urls.latents), fetchSafetensors(urls.decoder)]);
    return new LatentSpace(latents.tensors, new Decoder(decoder.tensors, decoder.metadata));
  }

  /** @param {number} index @returns {Pair} */
  point(index) {
    return [this.xy[2 * index], this.xy[2 * index + 1]];
  }

  /** z of a point on the plane. @param {Pair} point */
  latent([x, y]) {
    return Array.from({ length: this.dim }, (_, d) => this.origin[d] + x * this.basis[d] + y * this.basis[this.dim + d]);
  }

  /** The point of the plane under a latent vector. @param {ArrayLike<number>} z @returns {Pair} */
  project(z) {
    const along = (/** @type {number} */ row) =>
      Array.from(z).reduce((sum, v, d) => sum + (v - this.origin[d]) * this.basis[row * this.dim + d], 0);
    return [along(0), along(1)];
  }

  /** log N(z; 0, I) in nats at a point on the plane. @param {Pair} point */
  logPrior(point) {
    return logDensity(this.latent(point));
  }

  /** The plane's point that is nearest to the prior's mean, z = 0. @returns {Pair} */
  priorCenter() {
    const along = (/** @type {number} */ row) => Array.from(this.origin).reduce((sum, v, d) => sum - v * this.basis[row * this.dim + d], 0);
    return [along(0), along(1)];
  }

  /** E[x|z] at a point on the plane. @param {Pair} point @param {Float32Array} [out] */
  decode(point, out) {
    return this.decoder.decode(this.latent(point), out);
  }

  /** The reconstruction of a held-out image: E[x|z = mu]. @param {number} index @param {Float32Array} [out] */
  reconstruct(index, out) {
    return this.decoder.decode(this.mu.subarray(index * this.dim, (index + 1) * this.dim), out);
  }

  /**
   * The nearest held-out image's point on the plane, among those whose class is shown.
   * @param {Pair} point @param {(label: number) => boolean} [shown]
   * @returns {{index: number, distance: number}} index -1 when none is shown
   */
  nearest([x, y], shown = () => true) {
    const { xy, label } = this;
    let [index, best] = [-1, Infinity];
    for (let i = 0; i < this.count; i++) {
      const [dx, dy] = [xy[2 * i] - x, xy[2 * i + 1] - y];
      const squared = dx * dx + dy * dy;
      if (squared < best && shown(label[i])) [index, best] = [i, squared];
    }
    return { index, distance: Math.sqrt(best) };
  }

  /**
   * The posterior q(z|x) of an image as an ellipse of one standard deviation, in units of the axes.
   * @param {number} index
   * @returns {{rx: number, ry: number, angle: number} | null} angle in radians, counter-clockwise; null without noise
   */
  ellipse(index) {
    if (!this.cov) return null;
    const [xx, xy, yy] = this.cov.subarray(3 * index, 3 * index + 3);
    return ellipseOf(xx, xy, yy);
  }

  /** The same for a covariance L L^T. @param {number[][]} factor the rows of L, up to the diagonal */
  ellipseOf(factor) {
    const { basis, dim } = this;
    // The two axes of the plane in terms of epsilon: basis times L.
    const axes = [0, 1].map((axis) => factor.map((_, i) => factor.reduce((sum, row, d) => sum + basis[axis * dim + d] * (row[i] ?? 0), 0)));
    const along = (/** @type {number} */ a, /** @type {number} */ b) => axes[a].reduce((sum, v, i) => sum + v * axes[b][i], 0);
    return ellipseOf(along(0, 0), along(0, 1), along(1, 1));
  }
}

/** One standard deviation of a covariance. @param {number} xx @param {number} xy @param {number} yy */
function ellipseOf(xx, xy, yy) {
  const mean = (xx + yy) / 2;
  const spread = Math.hypot((xx - yy) / 2, xy);
  return {
    rx: Math.sqrt(mean + spread),
    ry: Math.sqrt(Math.max(mean - spread, 0)),
    angle: 0.5 * Math.atan2(2 * xy, xx - yy),
  };
}
