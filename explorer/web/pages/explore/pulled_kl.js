// The KL term of Eq. 30, pulled: q(z|x) of the selected image grows wider or narrower than the encoder's, and its image
// blurs, until it is let go.

import { drawImage } from "../../dom/image.js";
import { Pull } from "../../dom/pull.js";
import { lossTexts } from "../../run/loss_terms.js";
import { canScale, DRAWS, ScaledPosterior } from "../../run/scaled_posterior.js";

/** @typedef {import("./explore.js").Explore} Explore */

const ITS = "Its reconstruction";
const MEAN = `Mean of the images that ${DRAWS} draws of the pulled q decode to`;

export class PulledKl {
  /** @param {Explore} explore */
  constructor(explore) {
    const { pageFrame } = explore;
    this.explore = explore;
    this.root = pageFrame.part("loss");
    this.thumb = pageFrame.part("pull");
    this.words = pageFrame.part("pull-words");
    const area = /** @type {HTMLElement} */ (this.thumb.closest(".lx-addend"));
    this.pull = new Pull(area, this.thumb, pageFrame.part("pull-reset"), {
      begin: () => this.begin(),
      pull: (scale) => this.show(scale),
      end: () => this.end(),
    });
    /** @type {ScaledPosterior | null} */
    this.posterior = null;
  }

  /** Another image or run: the encoder's q is shown again. */
  follow() {
    const { space, heldOut } = this.explore;
    this.pull.end();
    this.posterior = null;
    this.thumb.hidden = !space || !heldOut || !canScale(space, heldOut);
    this.tell("σ as the encoder gave it");
  }

  /** Of the selected image; of none, the nearest one is selected. */
  begin() {
    const { explore, thumb } = this;
    if (thumb.hidden) return false;
    if (explore.image < 0) explore.release([0, 0], explore.decoded.nearest);
    const { space, heldOut, image } = explore;
    if (!space || image < 0) return false;
    this.posterior ??= new ScaledPosterior(space, image, /** @type {Float32Array} */ (heldOut?.x(image)));
    return true;
  }

  /** @param {number} scale of q's standard deviations */
  show(scale) {
    const { explore, explore: { images, plane, decoded, view }, posterior } = this;
    if (!posterior || !view) return;
    const { reconstruction, kl, image } = posterior.at(scale);
    const { imageShape } = posterior.decoder;
    const times = `σ × ${scale.toPrecision(3)}`;
    const name = `Image ${posterior.index} with a q of ${times}`;
    images.loss.showTerms(reconstruction, kl, name);
    images.selected.reconstruction.setAttribute("aria-label", MEAN);
    drawImage(images.selected.reconstruction, image, imageShape);
    if (explore.isOnImage(view)) drawImage(decoded.image, image, imageShape);
    plane.widen(scale);
    this.root.classList.add("lx-pulled");
    this.words.textContent = `Not the encoder’s q: ${times}, over ${DRAWS} draws`;
    const texts = lossTexts(reconstruction, kl);
    const sum = `reconstruction ${texts.reconstruction}, KL ${texts.kl}, loss ${texts.loss}`;
    this.tell(`${times} of the encoder’s: ${sum}`);
  }

  /** @param {string} words */
  tell(words) {
    this.thumb.setAttribute("aria-valuetext", words);
  }

  end() {
    const { explore } = this;
    this.root.classList.remove("lx-pulled");
    explore.images.selected.reconstruction.setAttribute("aria-label", ITS);
    explore.images.loss.forget();
    explore.plane.widen(1);
    explore.redraw();
  }
}
