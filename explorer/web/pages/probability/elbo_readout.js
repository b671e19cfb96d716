// Eq. 10 in numbers beside its bar: the evidence, the gap, the ELBO and its two terms, and what optimising q wins.

import { EvidenceBar } from "./evidence_bar.js";
import { decimals, hundredths, significant } from "../../dom/format.js";
import { readoutParts } from "./markup.js";

/** @typedef {import("../../maths/elbo.js").Terms} Terms */
/** @typedef {import("../../run/true_posterior.js").TruePosterior} TruePosterior */
/** @typedef {import("./elbo_ascent.js").Family} Family */

const WAIT = "…";
const [SMALL, LEAST] = [0.1, 0.001]; // nats: below these, more digits, and none that mean anything
const NARROWEST = 0.5; // nats: the smallest gap that the bar begins with

export class ElboReadout {
  /** @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
  constructor(pageFrame) {
    this.parts = readoutParts(pageFrame);
    this.bar = new EvidenceBar(pageFrame.root);
    /** @type {TruePosterior | null} */
    this.posterior = null;
    /** @type {Terms | null} of the q that is shown */
    this.terms = null;
  }

  /** Another image, whose evidence is not known yet. @param {boolean} integrating whether it will be */
  clear(integrating) {
    const { parts } = this;
    this.posterior = null;
    this.bar.start(null, 0);
    parts.residualNote.textContent = "nats, of Eq. 10";
    for (const cell of [parts.evidence, parts.gap, parts.residual]) cell.textContent = integrating ? WAIT : "none";
    parts.evidenceError.textContent = integrating ? "integrating Eq. 4" : "";
  }

  /** @param {TruePosterior} posterior @param {number} gap to begin with, about */
  showEvidence(posterior, gap) {
    this.posterior = posterior;
    this.parts.evidence.textContent = decimals(posterior.logEvidence);
    this.parts.evidenceError.textContent = `nats ± ${Math.max(posterior.error, LEAST).toFixed(3)}, estimated`;
    this.bar.start(posterior.logEvidence, Math.max(gap, NARROWEST));
  }

  /** @param {Terms} terms @param {number | null} gap by its own quadrature; null while q moves */
  showTerms(terms, gap) {
    const { parts, posterior } = this;
    const { elbo, reconstruction, kl } = terms;
    this.terms = terms;
    this.bar.draw({ elbo, gap });
    parts.elbo.textContent = decimals(elbo);
    parts.terms.textContent = `nats: −(reconstruction ${decimals(reconstruction)} + KL ${hundredths(kl)})`;
    if (!posterior) return;
    parts.gap.textContent = differenceText(gap ?? posterior.logEvidence - elbo);
    parts.residual.textContent = gap === null ? WAIT : residualText(posterior.logEvidence - gap - elbo);
    parts.residualNote.textContent = `nats, of Eq. 10; ± ${
      Math.max(posterior.normaliserError, LEAST).toFixed(3)
    } by chance`;
  }

  /**
   * Without a q to drag, the terms stored with the run.
   * @param {number} reconstruction @param {number | undefined} kl
   */
  showStored(reconstruction, kl) {
    const { parts } = this;
    parts.elbo.textContent = kl === undefined ? "none" : decimals(-reconstruction - kl);
    const klText = kl === undefined ? "no KL: a code without noise" : `KL ${hundredths(kl)}`;
    parts.terms.textContent = `nats: reconstruction ${decimals(reconstruction)}, ${klText}`;
    for (const cell of [parts.amortisation, parts.approximation]) cell.textContent = "none";
    parts.amortisationNote.textContent = "both need log p(x)";
    parts.approximationNote.textContent = "";
  }

  /**
   * What the encoder and the family each leave between the ELBO and the evidence.
   * @param {number | null} encoder ELBO of its q, null without noise
   * @param {import("./elbo_ascent.js").Best | null} best of the family, null for none yet
   * @param {Family} family of the best
   */
  showTwoGaps(encoder, best, family) {
    const { parts, posterior } = this;
    const known = posterior && best;
    parts.amortisation.textContent = encoder === null ? "none" : known ? differenceText(best.elbo - encoder) : WAIT;
    parts.approximation.textContent = known ? differenceText(posterior.logEvidence - best.elbo) : WAIT;
    parts.amortisationNote.textContent = encoder === null
      ? "no encoder gave a q"
      : known
      ? "nats, closed by optimising this q"
      : "“Optimise it” measures both";
    parts.approximationNote.textContent = known
      ? `nats, left by the best ${
        family === "full" ? "Gaussian" : "diagonal Gaussian"
      } found from ${best.starts} starts`
      : encoder === null
      ? "“Optimise it” measures it"
      : "";
    this.bar.split(known ? { encoder: encoder ?? best.elbo, best: best.elbo } : null);
  }
}

/** A difference of two log-probabilities: two decimals, four for a small one. @param {number} nats */
function differenceText(nats) {
  return Math.abs(nats) < SMALL ? (Math.round(1e4 * nats) / 1e4 + 0).toFixed(4).replace("-", "−") : decimals(nats);
}

/** @param {number} nats */
function residualText(nats) {
  return Math.abs(nats) < LEAST ? `< ${LEAST}` : significant(nats);
}
