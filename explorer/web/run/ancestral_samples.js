// Ancestral samples: z from the prior, then x, or its mean, from the decoder.

import { Random } from "../maths/normal.js";

export class AncestralSamples {
  /**
   * @param {import("./latent_space.js").LatentSpace} space @param {number} [columns] @param {number} [rows]
   * @param {import("./fitted_prior.js").Drawing} [prior] what z is drawn from: the run's own, if not given
   */
  constructor(space, columns = 10, rows = 5, prior = space.decoder.prior) {
    this.prior = prior;
    this.decoder = space.decoder;
    this.dim = space.dim;
    this.columns = columns;
    this.rows = rows;
    /** @type {number[][]} */
    this.z = [];
    this.canDrawPixels = this.decoder.likelihood === "bernoulli";
  }

  /** @param {number} seed @param {boolean} pixels whether x itself is drawn */
  draw(seed, pixels) {
    const random = new Random(seed);
    this.z = Array.from(
      { length: this.columns * this.rows },
      () => this.prior.draw(random, this.dim),
    );
    this.seed = seed;
    this.pixels = pixels;
  }

  /** @param {number[]} cells @param {(pixels: Float32Array, index: number) => void} take */
  decode(cells, take) {
    this.decoder.decodeEach(cells.map((cell) => this.z[cell]), (pixels, index) => {
      // Each sample has a stream of its own, so that it looks the same whenever it is drawn.
      const random = new Random((/** @type {number} */ (this.seed) + 1) * 65537 + cells[index]);
      if (this.pixels) { for (let i = 0; i < pixels.length; i++) pixels[i] = Number(random.uniform() < pixels[i]); }
      take(pixels, index);
    });
  }
}
