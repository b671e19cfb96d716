// What stands in a decoder's place in a run that is latents alone: no more than the shape of its pictures.

import { StandardPrior } from "../maths/prior.js";

export class NoDecoder {
  /** @param {Record<string, string>} metadata  image_shape (explorer/loader.py) */
  constructor(metadata) {
    /** [C, H, W], of the pictures that came with the latents; one pixel without any */
    this.imageShape = /** @type {number[]} */ (JSON.parse(metadata.image_shape));
    const [channels, height, width] = this.imageShape;
    this.pixels = channels * height * width;
    this.likelihood = "";
    this.prior = new StandardPrior();
    this.server = "";
    this.problem = "";
    this.arrived = () => {};
    this.classes = 0;
  }

  /** It takes no class. */
  given() {
    return this;
  }
}
