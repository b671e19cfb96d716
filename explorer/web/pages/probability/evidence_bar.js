// Eq. 10 as a bar that closes: log p(x) = gap + ELBO, and below it what the encoder and the family each leave open.

import { part } from "../../dom/parts.js";
import { figure } from "./eq_10_texts.js";

/** @typedef {{elbo: number, gap: number | null}} Measured  of a q, in nats; gap by itself, null until it is computed */

const SPANS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 1e4, 1e5, 1e6];
const MARGIN = 0.06; // share of the bar to the right of log p(x)

const EVIDENCE_LINE = `<i class="lx-evidence-line"></i>`;
const ENDS = `<span data-part="bar-low"></span><span>log p(x)</span>`;
const SPLIT = `
<span class="lx-fill" data-part="bar-encoder"></span>
<span class="lx-amortisation" data-part="bar-amortisation"></span>
<span class="lx-approximation" data-part="bar-approximation"></span>${EVIDENCE_LINE}`;

export const BAR_HTML = `
<div class="lx-bar" data-part="bar" data-testid="evidence-bar" role="img">
  <div class="lx-track">
    <span class="lx-fill" data-part="bar-elbo" data-term="elbo"></span
    ><span class="lx-gap" data-part="bar-gap" data-term="gap"></span>${EVIDENCE_LINE}
  </div>
  <div class="lx-track lx-split" data-part="bar-split" hidden>${SPLIT}</div>
  <div class="lx-bar-ends" aria-hidden="true">${ENDS}</div>
</div>`;

export class EvidenceBar {
  /** @param {HTMLElement} root with BAR_HTML in it */
  constructor(root) {
    this.bar = part(root, "bar");
    this.parts = {
      elbo: part(root, "bar-elbo"),
      gap: part(root, "bar-gap"),
      split: part(root, "bar-split"),
      encoder: part(root, "bar-encoder"),
      amortisation: part(root, "bar-amortisation"),
      approximation: part(root, "bar-approximation"),
      low: part(root, "bar-low"),
    };
    /** @type {{encoder: number, best: number} | null} ELBOs of the encoder's q and of the best of its family */
    this.elbos = null;
    this.span = SPANS[0];
    /** @type {number | null} log p(x) */
    this.evidence = null;
  }

  /**
   * Another image or run.
   * @param {number | null} evidence log p(x) in nats @param {number} gap the widest to start with
   */
  start(evidence, gap) {
    this.evidence = evidence;
    this.span = SPANS.find((span) => span >= 1.3 * gap) ?? SPANS[SPANS.length - 1];
    this.bar.classList.toggle("lx-waiting", evidence === null);
    this.bar.dataset.evidence = this.bar.dataset.residual = "";
    this.bar.setAttribute("aria-label", "log p(x) is not known");
    this.split(null);
  }

  /** Where a value stands, in percent. @param {number} value */
  place(value) {
    const below = /** @type {number} */ (this.evidence) - value;
    return 100 * (1 - MARGIN) * Math.min(Math.max(1 - below / this.span, 0), 1);
  }

  /**
   * @param {Measured} measured of a q; while it is dragged its gap is null, and the scale never becomes finer
   * @param {{gap: string, residual: string | null}} texts of Eq. 10
   */
  draw({ elbo, gap }, texts) {
    const { evidence, parts, bar } = this;
    bar.dataset.elbo = String(elbo);
    bar.dataset.gap = gap === null ? "" : String(gap);
    if (evidence === null) return;
    const difference = evidence - elbo;
    const fitting = SPANS.find((span) => span >= 1.15 * difference) ?? SPANS[SPANS.length - 1];
    if (fitting > this.span || (gap !== null && fitting < this.span / 10)) this.span = fitting;
    parts.elbo.style.width = `${this.place(elbo)}%`;
    parts.gap.style.left = `${this.place(elbo)}%`;
    parts.gap.style.width = `${this.place(evidence) - this.place(elbo)}%`;
    parts.gap.textContent = this.place(evidence) - this.place(elbo) > 24 ? `gap ${texts.gap}` : "";
    parts.elbo.textContent = this.place(elbo) > 24 ? "ELBO" : "";
    bar.dataset.evidence = String(evidence);
    bar.dataset.residual = gap === null ? "" : String(evidence - gap - elbo);
    parts.low.textContent = `${figure(evidence - this.span)} nats`;
    bar.setAttribute(
      "aria-label",
      `log p(x) ${figure(evidence)} nats is the ELBO ${figure(elbo)} plus a gap of ${texts.gap}${
        texts.residual ? ` and a residual of ${texts.residual}` : ""
      }`,
    );
    this.drawSplit();
  }

  /**
   * Show what is lost between the encoder's q, the best of its family, and the evidence.
   * @param {{encoder: number, best: number} | null} elbos
   */
  split(elbos) {
    this.elbos = elbos;
    this.parts.split.hidden = !elbos;
    this.drawSplit();
  }

  drawSplit() {
    const { elbos, evidence, parts } = this;
    if (!elbos || evidence === null) return;
    const [encoder, best, end] = [elbos.encoder, elbos.best, evidence].map((value) => this.place(value));
    parts.encoder.style.width = `${encoder}%`;
    Object.assign(parts.amortisation.style, { left: `${encoder}%`, width: `${best - encoder}%` });
    Object.assign(parts.approximation.style, { left: `${best}%`, width: `${end - best}%` });
  }
}
