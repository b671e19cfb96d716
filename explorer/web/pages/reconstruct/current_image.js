// The current image: a held-out one or one's own, q(z|x) of it in every run, and the epsilon that leads to z.

import { rounded } from "../../dom/format.js";
import { Posterior } from "../../maths/posterior.js";

/** @typedef {import("./gallery_rows.js").Run} Run */
/** @typedef {"held-out" | "draw"} Source */

export class CurrentImage {
  /** As the address names it. @param {import("./reconstruct.js").State} state */
  constructor({ source, image, eps }) {
    /** @type {Source} */
    this.source = source;
    /** of a held-out image, -1 for none yet */
    this.index = image ?? -1;
    /** what is missing is 0 @type {number[]} */
    this.epsilon = eps ?? [];
    /** in [0, 1] @type {Float32Array | null} */
    this.pixels = null;
    /** its class, for conditional runs */
    this.label = -1;
    /** by run @type {Posterior[]} */
    this.posteriors = [];
  }

  /** Take a held-out image. @param {number} index */
  choose(index) {
    this.source = "held-out";
    this.index = index;
    this.epsilon = [];
  }

  /** @param {Float32Array} pixels @param {Run[]} runs @param {number} label  its class, for conditional runs */
  encode(pixels, runs, label) {
    this.pixels = pixels;
    this.label = label;
    this.posteriors = runs.map(({ encoder }) =>
      new Posterior(encoder.encode(pixels, label), encoder.deterministic, encoder.prior)
    );
  }

  /** z in each run. */
  latents() {
    return this.posteriors.map((posterior) => posterior.z(this.epsilon));
  }

  /** The parameters of the address that are chosen here. @param {number} dim of epsilon */
  report(dim) {
    const { epsilon } = this;
    const drawn = epsilon.some((v) => v !== 0);
    return {
      image: this.index,
      eps: drawn ? Array.from({ length: dim }, (_, d) => rounded(epsilon[d] ?? 0)) : null,
      source: this.source,
    };
  }
}
