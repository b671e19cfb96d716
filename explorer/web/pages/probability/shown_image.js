// A held-out image in a run: its pixels, its log p(x|z) and the q(z|x) to begin with, as far as each is there.

import { Gaussian } from "../../maths/gaussian.js";
import { lineGaussian, withIdleDimension } from "../../maths/idle_dimension.js";
import { LogLikelihood } from "../../network/log_likelihood.js";
import { imageWords } from "../../run/image_words.js";

/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */

const OWN_WIDTH = 0.1; // of a q that no encoder gave

export class ShownImage {
  /**
   * @param {LatentSpace} space
   * @param {import("../../run/held_out.js").HeldOut} heldOut @param {number} index
   */
  constructor(space, heldOut, index) {
    this.space = space;
    this.index = index;
    /** pixels in [0, 1]; null where they are not here */
    this.x = heldOut.x(index);
    /** null where Eq. 10 cannot be measured, so that there is no q to drag */
    this.likelihood = space.dim <= 2 && this.x ? likelihoodOf(space, this.x) : null;
    /** the encoder's q; null without noise */
    this.encoder = this.likelihood && space.gaussian(index);
    /** the q to begin with */
    this.start = this.likelihood ? this.encoder ?? ownGaussian(space, index) : null;
  }

  /** What the page shows of it. @param {string[]} classes */
  sentence(classes) {
    const { space, index, x } = this;
    const name = imageWords(index, space.label[index], classes);
    if (!x) {
      return `${name}. log p(x) needs the image itself, and this data set's held-out images are not here ` +
        "(train a run with --gallery always to have them): " +
        "the figures stored with the run stand here, beside the image that it decodes.";
    }
    if (space.dim > 2) {
      return `${name}. log p(x) is integrated over one or two latent dimensions and this run has ${space.dim}: ` +
        (space.values.kl
          ? "its ELBO stands here, draws of its q(z|x) beside the image, " +
            "and the importance-weighted bound, which needs no integral, below."
          : "its code has no noise, so there is no q(z|x), no ELBO and no prior that it was trained to: " +
            "its reconstruction stands here.");
    }
    if (!space.cov) {
      return `${name}. This run's code has no noise, so it has no q(z|x), no ELBO and no prior of its own: ` +
        "log p(x) and p(z|x) are those of its decoder with N(0, I) for a prior, which it was not trained to. " +
        `Drag a Gaussian of yours, begun at the code, onto ${space.line ? "the area of p(z|x)" : "the contours"}.`;
    }
    if (space.line) {
      return `${name}. Drag μ and the width a: the curve q(z|x) that lies best over the area of p(z|x) ` +
        "closes the gap, log p(x) = gap + ELBO (Eq. 10).";
    }
    const given = space.decoder.classes ? "This run is given the class y, so every figure is of log p(x|y). " : "";
    return `${name}. ${given}Drag μ and the axes a and b: the ellipse q(z|x) that best fills the contours of p(z|x) ` +
      "closes the gap, log p(x) = gap + ELBO (Eq. 10).";
  }
}

/** log p(x|z) of an image at points of the plane. @param {LatentSpace} space @param {Float32Array} x */
export function likelihoodOf(space, x) {
  const likelihood = new LogLikelihood(space.decoder, x);
  return space.line ? withIdleDimension(likelihood) : likelihood;
}

/** A q that no encoder gave. @param {LatentSpace} space @param {number} index */
function ownGaussian(space, index) {
  return space.line
    ? lineGaussian(space.mu[index], OWN_WIDTH)
    : new Gaussian(space.point(index), [OWN_WIDTH, OWN_WIDTH], 0);
}
