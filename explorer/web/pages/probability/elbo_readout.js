// Eq. 10 in numbers beside its bar: the evidence, the gap, the ELBO and its two terms, and what optimising q wins.

import { EvidenceBar } from "./evidence_bar.js";
import { decimals, significant } from "../../dom/format.js";

/** @typedef {import("../../maths/elbo.js").Terms} Terms */
/** @typedef {import("../../run/true_posterior.js").TruePosterior} TruePosterior */
/** @typedef {ReturnType<typeof import("./markup.js").probabilityParts>} Parts */

const WAIT = "…";
const [SMALL, LEAST] = [0.1, 0.001]; // nats: below these, more digits, and none that mean anything

export class ElboReadout {
  /** @param {Parts} parts */
  constructor(parts) {
    this.parts = parts;
    this.bar = new EvidenceBar(parts.readings);
    /** @type {TruePosterior | null} */
    this.posterior = null;
    /** @type {(Terms & {gap: number | null}) | null} what is shown */
    this.shown = null;
  }

  /** Another image, whose evidence is not known yet. @param {boolean} integrating whether it will be */
  begin(integrating) {
    const { parts } = this;
    this.posterior = null;
    this.bar.begin(null, 0);
    for (const cell of [parts.evidence, parts.gap, parts.residual]) cell.textContent = integrating ? WAIT : "none";
    parts.error.textContent = integrating ? "integrating Eq. 4" : "";
    this.showLoss(null, null, false, "");
  }

  /** @param {TruePosterior} posterior @param {number} open the gap to begin with, about */
  arrive(posterior, open) {
    this.posterior = posterior;
    this.parts.evidence.textContent = decimals(posterior.logEvidence);
    this.parts.error.textContent = `nats ± ${Math.max(posterior.error, LEAST).toFixed(3)}, estimated`;
    this.bar.begin(posterior.logEvidence, Math.max(open, 0.5));
  }

  /** @param {Terms} found @param {number | null} gap by its own quadrature; null while q moves */
  show(found, gap) {
    const { parts, posterior } = this;
    this.shown = { ...found, gap };
    this.bar.draw(this.shown, gap !== null);
    parts.elbo.textContent = decimals(found.elbo);
    parts.terms.textContent = `nats: −(reconstruction ${decimals(found.reconstruction)} + KL ${decimals(found.kl)})`;
    if (!posterior) return;
    const residual = gap === null ? null : posterior.logEvidence - gap - found.elbo;
    parts.gap.textContent = difference(gap ?? posterior.logEvidence - found.elbo);
    parts.residual.textContent = residual === null
      ? WAIT
      : Math.abs(residual) < LEAST
      ? `< ${LEAST}`
      : significant(residual);
  }

  /** Without a q to drag, the terms stored with the run. @param {number} reconstruction @param {number | undefined} kl */
  showStored(reconstruction, kl) {
    const { parts } = this;
    parts.elbo.textContent = kl === undefined ? "none" : decimals(-reconstruction - kl);
    parts.terms.textContent = `nats: reconstruction ${decimals(reconstruction)}, ${
      kl === undefined ? "no KL: a code without noise" : `KL ${decimals(kl)}`
    }`;
    for (const cell of [parts.amortisation, parts.approximation]) cell.textContent = "none";
    parts.amortisationNote.textContent = "both need log p(x)";
    for (const canvas of [parts.mean, ...parts.samples]) {
      canvas.getContext("2d")?.clearRect(0, 0, canvas.width, canvas.height);
    }
  }

  /**
   * What the encoder and the family each leave open.
   * @param {number | null} encoder ELBO of its q, null without noise @param {number | null} best the highest found, null for none yet
   * @param {boolean} full whether the family is that of all Gaussians @param {string} [why] there is no amortisation gap
   */
  showLoss(encoder, best, full, why = "none: no encoder gave a q") {
    const { parts, posterior } = this;
    const known = posterior && best !== null;
    parts.amortisation.textContent = known && encoder !== null ? difference(best - encoder) : WAIT;
    parts.approximation.textContent = known ? difference(posterior.logEvidence - best) : WAIT;
    parts.amortisationNote.textContent = !known
      ? "“Optimise it” measures both"
      : encoder === null
      ? why
      : "nats, closed by optimising this q";
    parts.approximationNote.textContent = known
      ? `nats, left by the best ${full ? "Gaussian" : "diagonal Gaussian"} found`
      : "";
    this.bar.split(known ? { encoder: encoder ?? best, best } : null);
  }
}

/** A difference of two log-probabilities: two decimals, four for a small one. @param {number} nats */
function difference(nats) {
  return Math.abs(nats) < SMALL ? (Math.round(1e4 * nats) / 1e4 + 0).toFixed(4).replace("-", "−") : decimals(nats);
}
