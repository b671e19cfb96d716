// Eq. 10 as a bar that closes: log p(x) = gap + ELBO, and below it what the encoder and the family each leave open.

import { decimals, significant } from "../../dom/format.js";

/** @typedef {{elbo: number, reconstruction: number, kl: number, gap: number | null}} Reading  of a q; gap: computed by itself, null until it is */

const SPANS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 1e4, 1e5, 1e6];
const BEYOND = 0.06; // share of the bar to the right of log p(x)

export const BAR_HTML = `
<div class="lx-bar" data-testid="evidence-bar" role="img">
  <div class="lx-track"><span class="lx-fill"></span><span class="lx-gap"></span><i class="lx-evidence-line"></i></div>
  <div class="lx-track lx-split" hidden><span class="lx-fill"></span><span class="lx-amortisation"></span><span class="lx-approximation"></span><i class="lx-evidence-line"></i></div>
  <div class="lx-bar-ends" aria-hidden="true"><span></span><span>log p(x)</span></div>
</div>`;

export class EvidenceBar {
  /** @param {HTMLElement} root with BAR_HTML in it */
  constructor(root) {
    const find = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (root.querySelector(selector));
    this.bar = find(".lx-bar");
    const [fill, gap] = [find(".lx-fill"), find(".lx-gap")];
    this.now = { fill, gap };
    this.splitTrack = find(".lx-split");
    this.parts = {
      fill: find(".lx-split .lx-fill"),
      amortisation: find(".lx-amortisation"),
      approximation: find(".lx-approximation"),
    };
    this.low = find(".lx-bar-ends span");
    this.span = SPANS[0];
    /** @type {number | null} log p(x) */
    this.evidence = null;
  }

  /** Another image or run. @param {number | null} evidence log p(x) in nats @param {number} gap the widest to start with */
  begin(evidence, gap) {
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
    return 100 * (1 - BEYOND) * Math.min(Math.max(1 - below / this.span, 0), 1);
  }

  /** @param {Reading} reading @param {boolean} resting the scale may become finer only when nothing is dragged */
  draw({ elbo, gap }, resting) {
    const { evidence, now, bar } = this;
    bar.dataset.elbo = String(elbo);
    bar.dataset.gap = gap === null ? "" : String(gap);
    if (evidence === null) return;
    const open = evidence - elbo;
    const fitting = SPANS.find((span) => span >= 1.15 * open) ?? SPANS[SPANS.length - 1];
    if (fitting > this.span || (resting && fitting < this.span / 10)) this.span = fitting;
    now.fill.style.width = `${this.place(elbo)}%`;
    now.gap.style.left = `${this.place(elbo)}%`;
    now.gap.style.width = `${this.place(evidence) - this.place(elbo)}%`;
    now.gap.textContent = this.place(evidence) - this.place(elbo) > 24 ? `gap ${significant(open)}` : "";
    now.fill.textContent = this.place(elbo) > 24 ? "ELBO" : "";
    bar.dataset.evidence = String(evidence);
    bar.dataset.residual = gap === null ? "" : String(evidence - gap - elbo);
    this.low.textContent = `${decimals(evidence - this.span)} nats`;
    bar.setAttribute(
      "aria-label",
      `log p(x) ${decimals(evidence)} nats is the ELBO ${decimals(elbo)} plus a gap of ${significant(open)}`,
    );
    this.drawSplit();
  }

  /** Show what is lost between the encoder's q, the best of its family, and the evidence. @param {{encoder: number, best: number} | null} elbos */
  split(elbos) {
    this.elbos = elbos;
    this.splitTrack.hidden = !elbos;
    this.drawSplit();
  }

  drawSplit() {
    const { elbos, evidence, parts } = this;
    if (!elbos || evidence === null) return;
    const [encoder, best, end] = [elbos.encoder, elbos.best, evidence].map((value) => this.place(value));
    parts.fill.style.width = `${encoder}%`;
    Object.assign(parts.amortisation.style, { left: `${encoder}%`, width: `${best - encoder}%` });
    Object.assign(parts.approximation.style, { left: `${best}%`, width: `${end - best}%` });
  }
}
