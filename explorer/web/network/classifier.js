// The classifier: which class an image shows, or that it shows none.

import { Network } from "./network.js";
import { fetchSafetensors } from "./safetensors.js";

export class Classifier {
  /** @param {Record<string, import("./safetensors.js").Tensor>} tensors @param {Record<string, string>} metadata */
  constructor(tensors, metadata) {
    this.network = new Network(tensors, JSON.parse(metadata.layers));
  }

  /** @param {string} url */
  static async fetch(url) {
    const { tensors, metadata } = await fetchSafetensors(url);
    return new Classifier(tensors, metadata);
  }

  /**
   * Probabilities of the data set's classes, then of "none of them".
   * @param {ArrayLike<number>} pixels in [0, 1]
   */
  probabilities(pixels) {
    const logits = Array.from(this.network.run(pixels));
    const highest = Math.max(...logits);
    const exponentials = logits.map((v) => Math.exp(v - highest));
    const sum = exponentials.reduce((a, b) => a + b, 0);
    return exponentials.map((v) => v / sum);
  }

  /**
   * The likeliest class of the data set and its probability; "none of them" only lowers it.
   * @param {ArrayLike<number>} pixels in [0, 1]
   */
  best(pixels) {
    const classes = this.probabilities(pixels).slice(0, -1);
    const confidence = Math.max(...classes);
    return { label: classes.indexOf(confidence), confidence };
  }
}
