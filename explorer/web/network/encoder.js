// The encoder: an image in, the parameters of q(z|x) out.

import { fixedDraw } from "../maths/binarize.js";
import { priorOf } from "../maths/prior.js";
import { Network } from "./network.js";
import { fetchSafetensors } from "./safetensors.js";

const MAX_LOG_VAR = 20; // as in training/model/vae.py

export class Encoder {
  /**
   * @param {Record<string, import("./safetensors.js").Tensor>} tensors
   * @param {Record<string, string>} metadata  layers, posterior, image_shape, classes of a conditional run, binarize
   *   of one whose images are made black and white (explorer/loader.py)
   */
  constructor(tensors, metadata) {
    /** how many there are of which a conditional run is given one; 0 for any other run */
    this.classes = Number(metadata.classes ?? 0);
    const shape = /** @type {number[]} */ (JSON.parse(metadata.image_shape));
    const inputs = shape.reduce((size, side) => size * side, 1);
    this.network = new Network(tensors, JSON.parse(metadata.layers), { inputs, classes: this.classes });
    this.posterior = metadata.posterior;
    this.prior = priorOf(metadata);
    this.binarizes = metadata.binarize === "true";
    this.deterministic = metadata.posterior === "deterministic";
  }

  /** @param {string} url */
  static async fetch(url) {
    const { tensors, metadata } = await fetchSafetensors(url);
    return new Encoder(tensors, metadata);
  }

  /**
   * q(z|x) = N(mu, L L^T), with the rows of L up to its diagonal: sigma alone on it without correlations, 0 for a
   * deterministic code. `sigma` are the coordinates' standard deviations.
   * @param {ArrayLike<number>} pixels in [0, 1], channel by channel, row by row
   * @param {number} [label]  the class that a conditional run is given: q(z|x, y)
   * @returns {{mu: number[], sigma: number[], factor: number[][]}}
   */
  encode(pixels, label = -1) {
    this.network.give(label);
    const head = Array.from(this.network.run(this.binarizes ? fixedDraw(pixels) : pixels));
    const full = this.posterior === "full";
    const dim = this.deterministic ? head.length : full ? (Math.sqrt(9 + 8 * head.length) - 3) / 2 : head.length / 2;
    const mu = head.slice(0, dim);
    const clamp = (/** @type {number} */ v) => Math.min(Math.max(v, -MAX_LOG_VAR / 2), MAX_LOG_VAR / 2);
    const diagonal = mu.map((
      _,
      d,
    ) => (this.deterministic ? 0 : Math.exp(clamp(full ? head[dim + d] : 0.5 * head[dim + d]))));
    // The entries below the diagonal follow row by row.
    const below = (
      /** @type {number} */ row,
      /** @type {number} */ column,
    ) => (full ? head[2 * dim + (row * (row - 1)) / 2 + column] : 0);
    const factor = diagonal.map((v, row) =>
      Array.from({ length: row + 1 }, (_, column) => (column === row ? v : below(row, column)))
    );
    return { mu, sigma: factor.map((row) => Math.hypot(...row)), factor };
  }
}
