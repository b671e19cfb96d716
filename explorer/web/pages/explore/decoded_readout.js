// The decoded image beside the plane: its z, the prior's density there, and the held-out image nearest to it.

import { explained } from "../../dom/explained.js";
import { significant, vector } from "../../dom/format.js";
import { drawImage } from "../../dom/image.js";
import { hide, setAttribute, write } from "../../dom/sparing.js";
import { classWords } from "../../run/image_words.js";
import { LastDecoded } from "../../run/last_decoded.js";
import { logPriorWords } from "../../run/log_prior.js";

/** @typedef {import("../../run/held_out.js").HeldOut} HeldOut */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */

const CORNER = 150; // pixels from two edges of the plane

export class DecodedReadout {
  /** @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
  constructor(pageFrame) {
    this.image = pageFrame.part("decoded", HTMLCanvasElement);
    this.z = pageFrame.part("z");
    this.logPrior = pageFrame.part("log-prior");
    this.nearestImage = pageFrame.part("nearest", HTMLCanvasElement);
    this.nearestTitle = pageFrame.part("nearest-title");
    this.nearestClass = pageFrame.part("nearest-class");
    this.nearestLabel = pageFrame.part("nearest-label");
    this.distance = pageFrame.part("distance");
    /** the nearest image that is drawn, -1 for none */
    this.nearest = -1;
    this.decoded = new LastDecoded();
    /** @type {Float32Array | undefined} */
    this.pixels = undefined;
  }

  /**
   * Keep the image off the handle, where it floats over the plane's corner, on a phone.
   * @param {import("../../plane/plane.js").Plane} plane
   */
  stepAside({ camera, point }) {
    const [x, y] = camera.toPixel(point);
    this.image.parentElement?.classList.toggle("lx-aside", x > camera.width - CORNER && y > camera.height - CORNER);
  }

  /** Draw even what is drawn already: it is of another run. */
  forget() {
    this.nearest = -1;
    this.decoded.forget();
  }

  /**
   * Show what z decodes to and the image nearest to it; returns the point of that image.
   * @param {LatentSpace} space @param {HeldOut} heldOut @param {string[]} classes @param {ArrayLike<number>} z
   */
  show(space, heldOut, classes, z) {
    const { decoder, label, decodes } = space;
    if (decodes && this.decoded.differs(decoder, z)) {
      this.pixels = decoder.decode(z, this.pixels?.length === decoder.pixels ? this.pixels : undefined);
      drawImage(this.image, this.pixels, decoder.imageShape);
    }
    write(this.z, vector(z));
    write(this.logPrior, logPriorWords(space, z));
    const [{ index, distance }] = space.nearestCodes(z, 1);
    if (index !== this.nearest) {
      this.nearest = index;
      heldOut.draw(decodes ? this.nearestImage : this.image, space, index);
      setAttribute(this.image, "aria-label", decodes ? "Image decoded at z" : `Picture of point ${index}`);
      const title = `Nearest held-out image${heldOut.gallery ? "" : ", as decoded"}`;
      explained(this.nearestTitle, decodes ? title : `Nearest point: ${index}`);
      write(this.nearestLabel, classes[label[index]] ?? "");
      hide(this.nearestClass, !classWords(label[index], classes));
    }
    // A mean of latents is one of them but for rounding.
    write(this.distance, significant(Math.round(1e6 * distance) / 1e6));
    return space.point(index);
  }
}
