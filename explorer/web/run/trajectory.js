// Where a run's held-out images lay through its training.

import { lineDensity, underDensity } from "../maths/line_density.js";
import { FlatPlane } from "../maths/projection.js";
import { PercentilePlane } from "../maths/percentile_plane.js";
import { LatentSpace } from "./latent_space.js";

/** @typedef {import("../maths/types.js").Pair} Pair */

export class Trajectory {
  /**
   * @param {Record<string, import("../network/safetensors.js").Tensor>} arrays  epoch (T,), rising from 0 on; mu
   *   (T, N, D), the posterior means after those epochs
   */
  constructor({ epoch, mu }) {
    this.epochs = Array.from(epoch.data);
    this.mu = /** @type {Float32Array} */ (mu.data);
    this.size = this.mu.length / this.epochs.length;
  }

  /** The epoch whose weights were kept. */
  get last() {
    return this.epochs[this.epochs.length - 1];
  }

  /** Whether there is more than the end. */
  get moves() {
    return this.epochs.length > 1;
  }

  /**
   * The saved epochs around one, and the share of the way between them on a scale of logarithms, as epochs are saved.
   * @param {number} epoch @returns {[number, number, number]}
   */
  between(epoch) {
    const { epochs } = this;
    const after = epochs.findIndex((saved) => saved >= epoch);
    if (after <= 0) return after ? [epochs.length - 1, epochs.length - 1, 0] : [0, 0, 0];
    const [from, at, to] = [epochs[after - 1], epoch, epochs[after]].map(Math.log1p);
    return [after - 1, after, (at - from) / (to - from)];
  }

  /**
   * The means at an epoch; between two saved ones on the straight way from one to the other.
   * @param {number} epoch @param {Float32Array} out (N D,)
   */
  at(epoch, out) {
    const { mu, size } = this;
    const [before, after, share] = this.between(epoch);
    for (let i = 0; i < size; i++) {
      const from = mu[before * size + i];
      out[i] = from + share * (mu[after * size + i] - from);
    }
    return out;
  }

  /** Where an image was after each saved epoch. @param {number} index @param {number} dim @returns {Float32Array[]} */
  path(index, dim) {
    return this.epochs.map((_, t) => this.mu.subarray(t * this.size + index * dim, t * this.size + (index + 1) * dim));
  }
}

/** A run as it was at an epoch: its means of then; its decoder is that of the end. */
export class PastSpace extends LatentSpace {
  /**
   * @param {LatentSpace} space  on a flat plane, bent to percentiles or not; of any other projection, on PCA's
   * @param {Trajectory} trajectory of the same run
   */
  constructor(space, trajectory) {
    const { arrays, decoder, projection, percentiles, line } = space;
    const { origin, basis } = percentiles?.flat ?? (projection instanceof FlatPlane ? projection : {
      origin: arrays.origin.data,
      basis: arrays.basis.data,
    });
    const mu = new Float32Array(trajectory.size);
    const flat = new FlatPlane(new Float32Array(2 * space.count), origin, basis, null);
    const then = { ...arrays, mu: { ...arrays.mu, data: mu } };
    super(then, decoder, percentiles ? new PercentilePlane(flat, line) : flat);
    this.trajectory = trajectory;
    this.flat = flat;
    this.columns = space.columns;
    this.label = space.label;
    this.epoch = NaN;
    this.goTo(trajectory.last);
  }

  /** The nearest is looked for among all: cells would have to be made anew in every frame. @override */
  get grid() {
    return null;
  }

  /** @param {number} epoch */
  goTo(epoch) {
    const { mu, means, flat, percentiles } = this;
    if (epoch === this.epoch) return;
    this.epoch = epoch;
    this.trajectory.at(epoch, mu);
    flat.showMeans(mu);
    if (percentiles) means.set(percentiles.bend(flat.xy));
    else if (this.line) means.set(underDensity(mu, this.crowds = lineDensity(mu)));
  }

  /** Where an image's mean went on the plane. @param {number} index @returns {Pair[]} */
  path(index) {
    return this.trajectory.path(index, this.dim).map((mu) => this.project(mu));
  }
}
