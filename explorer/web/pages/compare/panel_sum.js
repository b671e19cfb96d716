// The loss of the shared image under one run: the terms of Eq. 30 over their numbers, small enough for a panel.

import { LOSS, math } from "../../dom/equations.js";
import { term } from "../../dom/glossary.js";
import { part, parts } from "../../dom/parts.js";
import { lossTexts } from "../../run/loss_terms.js";

/** @param {"reconstruction" | "kl" | "elbo"} name @param {string} words where there is no room for symbols */
const addend = (name, words) => `
<div data-term="${name}" data-part="addend"><dt>${term(name, words)}${
  math(LOSS[name])
}</dt><dd data-part="addend-value"></dd></div>`;

export const PANEL_SUM_HTML = `
<dl class="lx-panel-sum" data-part="sum" hidden>${addend("reconstruction", "reconstruction")}${addend("kl", "KL")}${
  addend("elbo", "−ELBO")
}</dl>`;

export class PanelSum {
  /** @param {HTMLElement} root with PANEL_SUM_HTML in it */
  constructor(root) {
    this.root = part(root, "sum");
    this.addends = parts(root, "addend");
    this.values = parts(root, "addend-value");
  }

  /** @param {number} reconstruction @param {number | null | undefined} kl in nats; none: a code without noise */
  show(reconstruction, kl) {
    const texts = lossTexts(reconstruction, kl);
    const [first, second, third] = this.values;
    const nats = `<small> nats</small>`;
    first.innerHTML = texts.loss === null ? texts.reconstruction + nats : texts.reconstruction;
    second.innerHTML = texts.kl ?? "<small>no KL: a code without noise</small>";
    third.innerHTML = (texts.loss ?? "") + nats;
    this.root.classList.toggle("lx-no-kl", texts.loss === null);
    this.root.hidden = false;
  }

  hide() {
    this.root.hidden = true;
  }
}
