// Eq. 10 for the present q: at once while it moves, and once it rests to more digits, with a gap by itself.

import { BackgroundWork } from "../../dom/background_work.js";
import { ElboReadout } from "./elbo_readout.js";
import { fineTerms, gap, terms } from "../../maths/elbo.js";

/** @typedef {import("../../maths/elbo.js").Terms} Terms */
/** @typedef {import("../../maths/gaussian.js").Gaussian} Gaussian */
/** @typedef {import("../../maths/types.js").LogLikelihood} LogLikelihood */
/** @typedef {import("../../run/true_posterior.js").TruePosterior} TruePosterior */
/** @typedef {import("./elbo_ascent.js").ElboAscent} ElboAscent */
/** @typedef {import("./elbo_ascent.js").Family} Family */
/** @typedef {import("./shown_image.js").ShownImage} ShownImage */

export class Measurement {
  /**
   * @param {import("../../dom/page_frame.js").PageFrame} pageFrame @param {ElboAscent} ascent
   * @param {{terms: (terms: Terms, gap: number | null) => void, done: (q: Gaussian) => void}} events terms: of the
   *   present q, anew, with its gap where log p(x) is known
   */
  constructor(pageFrame, ascent, events) {
    this.readout = new ElboReadout(pageFrame);
    this.ascent = ascent;
    this.events = events;
    this.work = new BackgroundWork(["measure"]);
    /** @type {ShownImage | null} */
    this.image = null;
    /** @type {number | null} ELBO of the encoder's q; null without noise */
    this.encoderElbo = null;
  }

  /** Another image, whose evidence is not known yet. @param {ShownImage} image */
  clear(image) {
    const { likelihood, encoder } = image;
    this.stop();
    this.image = image;
    this.encoderElbo = likelihood && encoder ? terms(encoder, likelihood).elbo : null;
    this.ascent.best.clear();
    this.readout.clear(likelihood !== null, image.space.decoder);
    this.readout.showTwoGaps(this.encoderElbo, null, "diagonal");
  }

  /** @param {TruePosterior} posterior */
  showEvidence(posterior) {
    this.readout.showEvidence(posterior, posterior.logEvidence - (this.encoderElbo ?? posterior.logEvidence));
  }

  /** A q that moves. @param {Gaussian} q @param {LogLikelihood} likelihood */
  follow(q, likelihood) {
    this.stop();
    this.show(terms(q, likelihood), null);
  }

  /** A q that rests. @param {Gaussian} q @param {LogLikelihood} likelihood @param {Family} family */
  start(q, likelihood, family) {
    this.work.restart("measure", () => this.measure(q, likelihood, family));
  }

  stop() {
    this.work.drop("measure");
  }

  /** @param {Gaussian} q @param {LogLikelihood} likelihood @param {Family} family @returns {Generator<void, void>} */
  *measure(q, likelihood, family) {
    const { posterior } = this.readout;
    const fine = yield* fineTerms(q, likelihood);
    if (q === this.image?.encoder) this.encoderElbo = fine.elbo;
    this.ascent.record(family, fine.elbo);
    this.show(fine, posterior ? yield* gap(q, likelihood, posterior.logNormaliser) : null);
    this.showTwoGaps(family);
    this.events.done(q);
  }

  /** @param {Terms} found @param {number | null} gap by itself; null while q moves */
  show(found, gap) {
    this.readout.showTerms(found, gap);
    const { posterior } = this.readout;
    this.events.terms(found, posterior ? posterior.logEvidence - found.elbo : null);
  }

  /** @param {Family} family */
  showTwoGaps(family) {
    this.readout.showTwoGaps(this.encoderElbo, this.ascent.best.get(family) ?? null, family);
  }

  destroy() {
    this.work.destroy();
  }
}
