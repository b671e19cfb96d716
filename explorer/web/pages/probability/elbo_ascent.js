// The ascent of the ELBO that a press of "Optimise it" starts, one step a few frames, and how high ascents have come.

import { Ascent } from "../../maths/elbo.js";

/** @typedef {import("../../maths/gaussian.js").Gaussian} Gaussian */

const STEP_MS = 50; // the least that a step is shown

export class ElboAscent {
  /** @param {HTMLButtonElement} button @param {{take: (q: Gaussian) => void, ended: () => void}} events */
  constructor(button, events) {
    this.button = button;
    this.events = events;
    /** the highest ELBO found for this image, by family @type {Map<string, number>} */
    this.best = new Map();
    /** @type {Ascent | null} */
    this.ascent = null;
    /** whether the present q is where an ascent ended */
    this.atTop = false;
  }

  get climbing() {
    return this.ascent !== null;
  }

  /** @param {Gaussian} q @param {import("../../network/log_likelihood.js").LogLikelihood} likelihood @param {boolean} full whether the ellipse may turn */
  start(q, likelihood, full) {
    const ascent = (this.ascent = new Ascent(q, likelihood, full));
    this.button.textContent = "Stop";
    let last = -Infinity;
    const frame = (/** @type {number} */ now) => {
      if (this.ascent !== ascent) return;
      if (now - last >= STEP_MS) {
        last = now;
        this.events.take(ascent.step());
      }
      if (!ascent.done) return requestAnimationFrame(frame);
      this.stop();
      this.atTop = true;
      this.events.ended();
    };
    requestAnimationFrame(frame);
  }

  stop() {
    this.ascent = null;
    this.atTop = false;
    this.button.textContent = "Optimise it";
  }

  /** An ELBO of the present q, which counts where an ascent ended. @param {string} family @param {number} elbo */
  credit(family, elbo) {
    if (this.atTop) this.best.set(family, Math.max(elbo, this.best.get(family) ?? -Infinity));
  }
}
