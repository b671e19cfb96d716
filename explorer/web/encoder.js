// The encoder: an image in, the parameters of q(z|x) out.

import { Network } from "./network.js";
import { fetchSafetensors } from "./safetensors.js";

const MAX_LOG_VAR = 20; // as in training/model.py

export class Encoder {
  /**
   * @param {Record<string, import("./safetensors.js").Tensor>} tensors
   * @param {Record<string, string>} metadata  layers, posterior (explorer/loader.py)
   */
  constructor(tensors, metadata) {
    this.network = new Network(tensors, JSON.parse(metadata.layers));
    this.deterministic = metadata.posterior === "deterministic";
  }

  /** @param {string} url */
  static async fetch(url) {
    const { tensors, metadata } = await fetchSafetensors(url);
    return new Encoder(tensors, metadata);
  }

  /**
   * q(z|x) = N(mu, diag sigma^2); sigma is 0 for a deterministic code.
   * @param {ArrayLike<number>} pixels in [0, 1], channel by channel, row by row
   * @returns {{mu: number[], sigma: number[]}}
   */
  encode(pixels) {
    const head = Array.from(this.network.run(pixels));
    if (this.deterministic) return { mu: head, sigma: head.map(() => 0) };
    const dim = head.length / 2;
    const clamp = (/** @type {number} */ v) => Math.min(Math.max(v, -MAX_LOG_VAR), MAX_LOG_VAR);
    return { mu: head.slice(0, dim), sigma: head.slice(dim).map((v) => Math.exp(0.5 * clamp(v))) };
  }
}
