// The selected image: itself, its reconstruction, and its two terms of the loss.

import { nats } from "../../dom/format.js";
import { clearImage, drawImage } from "../../dom/image.js";
import { imageWords } from "../../run/image_words.js";

/** @typedef {import("../../run/held_out.js").HeldOut} HeldOut */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */

export class SelectedReadout {
  /** @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
  constructor(pageFrame) {
    this.root = pageFrame.part("selected");
    const [image, reconstruction] = pageFrame.parts("selected-image", HTMLCanvasElement);
    this.image = image;
    this.reconstruction = reconstruction;
    this.title = pageFrame.part("selected-title");
    this.terms = pageFrame.part("selected-terms");
  }

  /** @param {LatentSpace} space @param {HeldOut} heldOut @param {string[]} classes @param {number} index -1 for none */
  show(space, heldOut, classes, index) {
    this.root.classList.toggle("lx-empty", index < 0);
    if (index < 0) {
      clearImage(this.image);
      clearImage(this.reconstruction);
      return;
    }
    heldOut.draw(this.image, space, index);
    drawImage(this.reconstruction, space.reconstruct(index), space.decoder.imageShape);
    const { reconstruction, kl } = space.values;
    this.title.textContent = imageWords(index, space.label[index], classes);
    this.terms.textContent = `reconstruction ${nats(reconstruction[index])}, ` +
      (kl ? `KL ${nats(kl[index])}` : "no KL: a code without noise");
  }
}
