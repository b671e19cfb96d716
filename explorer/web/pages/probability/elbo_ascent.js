// The ascent of the ELBO that a press of "Optimise it" starts, one step a few frames, and how high ascents have come.

import { Ascent } from "../../maths/elbo.js";

/** @typedef {import("../../maths/gaussian.js").Gaussian} Gaussian */
/** @typedef {import("../../network/log_likelihood.js").LogLikelihood} LogLikelihood */
/** @typedef {"diagonal" | "full"} Family  of q(z|x): whether the ellipse may turn */

const STEP_MS = 50; // the least that a step is shown

export class ElboAscent {
  /**
   * @param {HTMLButtonElement} button
   * @param {{step: (q: Gaussian) => void, end: () => void}} events step: to this q; end: no step rises any more
   */
  constructor(button, events) {
    this.button = button;
    this.events = events;
    /** the highest ELBO found for this image, by family @type {Map<Family, number>} */
    this.best = new Map();
    /** @type {Ascent | null} under way */
    this.ascent = null;
    /** whether the present q is where an ascent ended */
    this.converged = false;
  }

  get running() {
    return this.ascent !== null;
  }

  /** @param {Gaussian} q @param {LogLikelihood} likelihood @param {Family} family */
  start(q, likelihood, family) {
    const ascent = (this.ascent = new Ascent(q, likelihood, family === "full"));
    this.button.textContent = "Stop";
    let last = -Infinity;
    const frame = (/** @type {number} */ now) => {
      if (this.ascent !== ascent) return;
      if (now - last >= STEP_MS) {
        last = now;
        this.events.step(ascent.step());
      }
      if (!ascent.done) return requestAnimationFrame(frame);
      this.stop();
      this.converged = true;
      this.events.end();
    };
    requestAnimationFrame(frame);
  }

  stop() {
    this.ascent = null;
    this.converged = false;
    this.button.textContent = "Optimise it";
  }

  /**
   * The measured ELBO of the present q, which counts where an ascent ended.
   * @param {Family} family @param {number} elbo
   */
  record(family, elbo) {
    if (this.converged) this.best.set(family, Math.max(elbo, this.best.get(family) ?? -Infinity));
  }
}
