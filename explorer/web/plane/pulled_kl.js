// The KL term of Eq. 30, pulled: q(z|x) of an image grows wider or narrower than the encoder's, its ellipse and its
// image follow, and so do the terms, until it is let go.

import { drawImage } from "../dom/image.js";
import { part } from "../dom/parts.js";
import { hide, setAttribute } from "../dom/sparing.js";
import { Pull } from "../dom/pull.js";
import { lossTexts } from "../run/loss_terms.js";
import { canScale, DRAWS, ScaledPosterior } from "../run/scaled_posterior.js";

/** @typedef {import("../run/held_out.js").HeldOut} HeldOut */
/** @typedef {import("../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../run/scaled_posterior.js").ScaledTerms} ScaledTerms */
/** @typedef {{space: LatentSpace, heldOut: HeldOut, plane: import("./plane.js").Plane, image: number}} Pulled */
/**
 * @typedef {object} PulledKlEvents
 * @property {() => Pulled | null} begin  the image whose q is to be pulled, shown as selected on its plane
 * @property {(terms: ScaledTerms, name: string, pulled: Pulled) => void} show  name: what the terms are of
 * @property {() => void} end  the encoder's q is to be shown again
 */

const MEAN = `Mean of the images that ${DRAWS} draws of the pulled q decode to`;

/** Stands in the term that is pulled, which has a `data-term`. */
export const PULL_HTML = `<span class="lx-pull-thumb" data-part="pull" data-testid="pull-kl" role="slider" tabindex="0"
  aria-label="Pull KL: the width of q(z|x), its mean kept" title="Pull: q(z|x) widens to the right, narrows to the left"
  hidden></span>`;

/** Seen while it is pulled. */
export const PULL_WORDS_HTML = `<span data-part="pull-words" data-testid="pull-words"></span
  ><button type="button" class="lx-link" data-part="pull-reset" data-testid="pull-reset">encoder’s q</button>`;

export class PulledKl {
  /**
   * @param {HTMLElement} root with PULL_HTML and PULL_WORDS_HTML in it; `lx-pulled` while it is so
   * @param {HTMLCanvasElement} canvas of the image's reconstruction
   * @param {PulledKlEvents} events
   */
  constructor(root, canvas, events) {
    this.root = root;
    this.canvas = canvas;
    this.events = events;
    this.thumb = part(root, "pull");
    this.words = part(root, "pull-words");
    const area = /** @type {HTMLElement} */ (this.thumb.closest("[data-term]"));
    this.pull = new Pull(area, this.thumb, part(root, "pull-reset"), {
      begin: () => this.begin(),
      pull: (scale) => this.show(scale),
      end: () => this.end(),
    });
    /** @type {Pulled | null} */
    this.pulled = null;
    /** @type {ScaledPosterior | null} */
    this.posterior = null;
    this.label = "";
  }

  /**
   * Another image or run: the encoder's q is shown again.
   * @param {LatentSpace | null} space @param {HeldOut | null} heldOut
   */
  follow(space, heldOut) {
    this.pull.end();
    this.posterior = null;
    hide(this.thumb, !space || !heldOut || !canScale(space, heldOut));
    this.tell("σ as the encoder gave it");
  }

  begin() {
    const pulled = this.thumb.hidden ? null : this.events.begin();
    if (!pulled) return false;
    const { space, heldOut, image } = this.pulled = pulled;
    this.posterior ??= new ScaledPosterior(space, image, /** @type {Float32Array} */ (heldOut.x(image)));
    return true;
  }

  /** @param {number} scale of q's standard deviations */
  show(scale) {
    const { canvas, pulled, posterior } = this;
    if (!pulled || !posterior) return;
    const terms = posterior.at(scale);
    const times = `σ × ${scale.toPrecision(3)}`;
    if (!this.root.classList.contains("lx-pulled")) this.label = canvas.getAttribute("aria-label") ?? "";
    canvas.setAttribute("aria-label", MEAN);
    drawImage(canvas, terms.image, posterior.decoder.imageShape);
    pulled.plane.widen(scale);
    this.root.classList.add("lx-pulled");
    this.words.textContent = `Not the encoder’s q: ${times}, over ${DRAWS} draws`;
    const texts = lossTexts(terms.reconstruction, terms.kl);
    this.tell(
      `${times} of the encoder’s: reconstruction ${texts.reconstruction}, KL ${texts.kl}, loss ${texts.loss}`,
    );
    this.events.show(terms, `Image ${pulled.image} with a q of ${times}`, pulled);
  }

  /** @param {string} words */
  tell(words) {
    setAttribute(this.thumb, "aria-valuetext", words);
  }

  end() {
    this.root.classList.remove("lx-pulled");
    this.canvas.setAttribute("aria-label", this.label);
    this.pulled?.plane.widen(1);
    this.events.end();
  }
}
