// The loss of the shared image under one run: the terms of Eq. 30 over their numbers, small enough for a panel.

import { LOSS, math } from "../../dom/equations.js";
import { term } from "../../dom/glossary.js";
import { part, parts } from "../../dom/parts.js";
import { hide } from "../../dom/sparing.js";
import { PULL_HTML, PulledKl } from "../../plane/pulled_kl.js";
import { lossTexts } from "../../run/loss_terms.js";

/**
 * @param {"reconstruction" | "kl" | "elbo"} name @param {string} words where there is no room for symbols
 * @param {string} [pull] its thumb
 */
const addend = (name, words, pull = "") => `
<div data-term="${name}"><dt>${term(name, words)}${
  math(LOSS[name])
}</dt><dd><span data-part="addend-value"></span>${pull}</dd></div>`;

export const PANEL_SUM_HTML = `
<dl class="lx-panel-sum" data-part="sum" hidden>${addend("reconstruction", "reconstruction")}${
  addend("kl", "KL", PULL_HTML)
}${addend("elbo", "−ELBO")}</dl>`;

export class PanelSum {
  /** @param {import("./run_panel.js").RunPanel} panel with PANEL_SUM_HTML and PULL_WORDS_HTML in it */
  constructor(panel) {
    const { root, parts: { image } } = panel;
    this.panel = panel;
    this.root = part(root, "sum");
    this.values = parts(root, "addend-value");
    /** the image that it is of, -1 for none */
    this.image = -1;
    const thumb = part(root, "pull");
    thumb.setAttribute("aria-label", `${panel.info.title}: ${thumb.getAttribute("aria-label")}`);
    this.pulled = new PulledKl(root, image, {
      begin: () => {
        const { space, heldOut, plane } = panel;
        return space && heldOut && plane && this.image >= 0 ? { space, heldOut, plane, image: this.image } : null;
      },
      show: ({ reconstruction, kl }) => this.showTerms(reconstruction, kl),
      end: () => this.showOwn(),
    });
  }

  /** @param {number} image of the panel's run */
  show(image) {
    const { space, heldOut } = this.panel;
    this.image = image;
    this.pulled.follow(space, heldOut);
    this.showOwn();
    hide(this.root, false);
  }

  /** The terms and the image as the encoder's q has them. */
  showOwn() {
    const { image, panel: { space, redraw } } = this;
    if (!space || image < 0) return;
    const { reconstruction, kl } = space.values;
    this.showTerms(reconstruction[image], kl?.[image]);
    redraw();
  }

  /** @param {number} reconstruction @param {number | null | undefined} kl in nats; none: a code without noise */
  showTerms(reconstruction, kl) {
    const texts = lossTexts(reconstruction, kl);
    const [first, second, third] = this.values;
    const nats = `<small> nats</small>`;
    first.innerHTML = texts.loss === null ? texts.reconstruction + nats : texts.reconstruction;
    second.innerHTML = texts.kl ?? "<small>no KL: a code without noise</small>";
    third.innerHTML = (texts.loss ?? "") + nats;
    this.root.classList.toggle("lx-no-kl", texts.loss === null);
  }

  hide() {
    this.image = -1;
    this.pulled.follow(null, null);
    hide(this.root, true);
  }
}
