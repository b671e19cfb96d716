// The model and the evidence, alive: Eqs. 1 and 4 over what they are at the cell or sample that is shown.

import { EVIDENCE, math, MODEL } from "../../dom/equations.js";
import { significant, vector } from "../../dom/format.js";
import { part, parts } from "../../dom/parts.js";

/** @param {string} name @param {string} set MathML */
const factor = (name, set) =>
  `<div${name && ` data-term="${name}"`}><dt>${math(set)}</dt><dd data-part="factor"></dd></div>`;
const chip = (/** @type {number} */ number) =>
  `<button type="button" class="lx-term lx-chip" data-equation="${number}">Eq. ${number}</button>`;

export const LIVING_MODEL_HTML = `
<div class="lx-living" data-part="living" data-testid="living-model">
  <div class="lx-line"><dl>${factor("prior", MODEL.prior)}${factor("likelihood", MODEL.likelihood)}</dl>${chip(1)}</div>
  <div class="lx-line"><dl>${factor("", EVIDENCE.evidence)}${factor("likelihood", EVIDENCE.likelihood)}${
  factor("prior", EVIDENCE.prior)
}</dl>${chip(4)}</div>
</div>`;

export class LivingModel {
  /** @param {HTMLElement} root with LIVING_MODEL_HTML in it */
  constructor(root) {
    this.root = part(root, "living");
    const [z, x, , everywhere, share] = parts(root, "factor");
    this.parts = { z, x, everywhere, share };
  }

  /**
   * The run: one without noise has no such model.
   * @param {{dim: number, deterministic: boolean}} run @param {{side: number, low: number}} grid low: percent
   * @param {boolean} given  whether a class is given, on which all of it depends
   */
  showGrid({ dim, deterministic }, { side, low }, given) {
    this.root.hidden = deterministic;
    const { everywhere, share } = this.parts;
    everywhere.textContent = (dim > 2 ? "every code" : `${side ** 2} cells`) + (given ? ", given y" : "");
    share.textContent = dim > 2 ? `${dim} dimensions` : `${significant(100 * shareOfCell(dim, side, low))} % a cell`;
  }

  /** @param {ArrayLike<number>} z @param {string} shown of x */
  showCode(z, shown) {
    this.parts.z.textContent = vector(z);
    this.parts.x.textContent = shown;
  }
}

/**
 * The share of the prior that a cell stands for: from percentile to percentile in each dimension.
 * @param {number} dim 1 or 2 @param {number} side cells a side @param {number} low percent below the first
 */
export function shareOfCell(dim, side, low) {
  const span = 1 - low / 50;
  return dim === 1 ? span / (side ** 2 - 1) : (span / (side - 1)) ** 2;
}
