// The held-out image x beside what its q(z|x) decodes to: at the mean, and at draws that stay the same while q moves.

import { clearImage, drawImage } from "../../dom/image.js";
import { imageParts } from "./markup.js";
import { Random } from "../../maths/normal.js";

/** @typedef {import("../../maths/gaussian.js").Gaussian} Gaussian */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */

const SEED = 1;

export class DecodedImages {
  /** @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
  constructor(pageFrame) {
    this.parts = imageParts(pageFrame);
    const random = new Random(SEED);
    this.noise = this.parts.samples.map(() => [random.normal(), random.normal()]);
    this.next = 0; // of the samples: one is decoded each frame
    /** @type {Float32Array | undefined} */
    this.pixels = undefined;
  }

  /** @param {LatentSpace} space @param {import("../../run/held_out.js").HeldOut} heldOut @param {number} index */
  showImage(space, heldOut, index) {
    this.parts.xName.textContent = heldOut.gallery ? "x" : "x, as decoded";
    heldOut.draw(this.parts.x, space, index);
  }

  /** The mean of a q that moves, and one of the draws. @param {LatentSpace} space @param {Gaussian} q */
  follow(space, q) {
    this.decode(this.parts.mean, space, space.latent(q.mu));
    this.next = (this.next + 1) % this.noise.length;
    this.drawSample(space, q, this.next);
  }

  /** All draws from a q that rests. @param {LatentSpace} space @param {Gaussian} q */
  drawSamples(space, q) {
    for (let which = 0; which < this.noise.length; which++) this.drawSample(space, q, which);
  }

  /** @param {LatentSpace} space @param {Gaussian} q @param {number} which */
  drawSample(space, q, which) {
    this.decode(this.parts.samples[which], space, space.latent(q.z(this.noise[which])));
  }

  /**
   * Where there is no q to drag: the image's own mean, and draws from its posterior.
   * @param {LatentSpace} space @param {number} index
   */
  showStored(space, index) {
    this.decode(this.parts.mean, space, space.code(index));
    const random = new Random(SEED);
    for (const canvas of this.parts.samples) {
      const z = space.drawn(index, Array.from({ length: space.dim }, () => random.normal()));
      if (z) this.decode(canvas, space, z);
      else clearImage(canvas);
    }
  }

  /** @param {HTMLCanvasElement} canvas @param {LatentSpace} space @param {ArrayLike<number>} z */
  decode(canvas, { decoder }, z) {
    this.pixels = decoder.decode(z, this.pixels?.length === decoder.pixels ? this.pixels : undefined);
    drawImage(canvas, this.pixels, decoder.imageShape);
  }
}
