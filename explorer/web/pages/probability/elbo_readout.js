// Eq. 10 in numbers beside its bar: the evidence, the gap, the ELBO and its two terms, and what optimising q wins.

import { EvidenceBar } from "./evidence_bar.js";
import { explained } from "../../dom/explained.js";
import { likelihoodWords } from "../../run/likelihood_words.js";
import { lossTexts } from "../../run/loss_terms.js";
import { between, DECIMALS, figure, gapTexts, LEAST } from "./eq_10_texts.js";
import { readoutParts } from "./markup.js";

/** @typedef {import("../../maths/elbo.js").Terms} Terms */
/** @typedef {import("../../run/true_posterior.js").TruePosterior} TruePosterior */
/** @typedef {import("./elbo_ascent.js").Family} Family */

const WAIT = "…";
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

  /**
   * Another image, whose evidence is not known yet.
   * @param {boolean} integrating whether it will be @param {import("../../run/likelihood_words.js").Likelihood} decoder
   */
  clear(integrating, decoder) {
    const { parts } = this;
    const words = likelihoodWords(decoder);
    parts.likelihoodNote.textContent = words && `log p(x) and ELBO, ${words}`;
    this.posterior = null;
    this.bar.start(null, 0);
    explained(parts.residualNote, "nats, of Eq. 10");
    for (const cell of [parts.evidence, parts.gap, parts.residual]) cell.textContent = integrating ? WAIT : "none";
    explained(parts.evidenceError, integrating ? "integrating Eq. 4" : "");
  }

  /** @param {TruePosterior} posterior @param {number} gap to begin with, about */
  showEvidence(posterior, gap) {
    this.posterior = posterior;
    this.parts.evidence.textContent = figure(posterior.logEvidence);
    this.parts.evidenceError.textContent = posterior.error === null
      ? "nats, by a grid of this page, which may miss a narrow mode"
      : `nats ± ${Math.max(posterior.error, LEAST).toFixed(3)}, estimated`;
    this.bar.start(posterior.logEvidence, Math.max(gap, NARROWEST));
  }

  /** @param {Terms} terms @param {number | null} gap by its own quadrature; null while q moves */
  showTerms(terms, gap) {
    const { parts, posterior } = this;
    const { elbo, reconstruction, kl } = terms;
    this.terms = terms;
    const texts = posterior ? gapTexts(posterior.logEvidence, elbo, gap) : { gap: "", residual: null };
    this.bar.draw({ elbo, gap }, texts);
    const loss = lossTexts(reconstruction, kl, DECIMALS);
    parts.elbo.textContent = loss.elbo;
    parts.terms.textContent = `nats: −(reconstruction ${loss.reconstruction} + KL ${loss.kl})`;
    if (!posterior) return;
    parts.gap.textContent = texts.gap;
    parts.residual.textContent = gap === null ? WAIT : texts.residual ?? `< ${LEAST}`;
    const chance = Math.max(posterior.normaliserError, LEAST).toFixed(3);
    explained(parts.residualNote, `nats, of Eq. 10; ± ${chance} by chance`);
  }

  /**
   * Without a q to drag, the terms stored with the run.
   * @param {number} reconstruction @param {number | undefined} kl
   */
  showStored(reconstruction, kl) {
    const { parts } = this;
    const loss = lossTexts(reconstruction, kl, DECIMALS);
    parts.elbo.textContent = loss.elbo ?? "none";
    const klText = loss.kl === null ? "no KL: a code without noise" : `KL ${loss.kl}`;
    parts.terms.textContent = `nats: reconstruction ${loss.reconstruction}, ${klText}`;
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
    parts.amortisation.textContent = encoder === null ? "none" : known ? between(best.elbo, encoder) : WAIT;
    parts.approximation.textContent = known ? between(posterior.logEvidence, best.elbo) : WAIT;
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
