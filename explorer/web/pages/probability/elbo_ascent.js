// What a press of "Optimise it" does: ascents of the ELBO from several q, then the steps of the one that came highest.

import { BackgroundWork } from "../../dom/background_work.js";
import { Ascent, fineTerms } from "../../maths/elbo.js";

/** @typedef {import("../../maths/gaussian.js").Gaussian} Gaussian */
/** @typedef {import("../../maths/types.js").LogLikelihood} LogLikelihood */
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
    this.work = new BackgroundWork(["search"]);
    /** the highest ELBO found for this image, and of how many starts, by family @type {Map<Family, Best>} */
    this.best = new Map();
    /** of the search under way, or the last one */
    this.starts = 0;
    this.running = false;
    /** whether the present q is where a search of all starts ended */
    this.converged = false;
  }

  /**
   * @param {Gaussian[]} starts @param {boolean} all whether the modes of p(z|x) are among them: the family's best
   *   is known only then
   * @param {LogLikelihood} likelihood @param {Family} family
   */
  start(starts, all, likelihood, family) {
    this.running = true;
    this.starts = starts.length;
    this.button.textContent = "Stop";
    this.work.restart("search", () => this.search(starts, all, likelihood, family));
  }

  /** @param {Gaussian[]} starts @param {boolean} all @param {LogLikelihood} likelihood @param {Family} family */
  *search(starts, all, likelihood, family) {
    const climb = yield* highestClimb(starts, likelihood, family === "full");
    this.play(climb, all);
  }

  /** Show one step after the other. @param {Gaussian[]} climb @param {boolean} all */
  play(climb, all) {
    let [last, step] = [-Infinity, 0];
    const frame = (/** @type {number} */ now) => {
      if (!this.running || this.climb !== climb) return;
      if (now - last >= STEP_MS) {
        last = now;
        this.events.step(climb[step]);
        step += 1;
      }
      if (step < climb.length) return requestAnimationFrame(frame);
      this.stop();
      this.converged = all;
      this.events.end();
    };
    this.climb = climb;
    requestAnimationFrame(frame);
  }

  stop() {
    this.work.drop("search");
    this.running = this.converged = false;
    this.button.textContent = "Optimise it";
  }

  /**
   * The measured ELBO of the present q, which counts where a search ended.
   * @param {Family} family @param {number} elbo
   */
  record(family, elbo) {
    if (!this.converged) return;
    this.best.set(family, { elbo: Math.max(elbo, this.best.get(family)?.elbo ?? -Infinity), starts: this.starts });
  }

  destroy() {
    this.stop();
    this.work.destroy();
  }
}

/** @typedef {{elbo: number, starts: number}} Best  nats */

/**
 * The steps of the ascent that ends highest, in small slices of work.
 * @param {Gaussian[]} starts @param {LogLikelihood} likelihood @param {boolean} full whether the ellipse may turn
 * @returns {Generator<void, Gaussian[]>}
 */
export function* highestClimb(starts, likelihood, full) {
  let [best, highest] = [/** @type {Gaussian[]} */ ([]), -Infinity];
  for (const start of starts) {
    const ascent = new Ascent(start, likelihood, full);
    const climb = [start];
    yield;
    while (!ascent.done) {
      const q = ascent.step();
      if (q !== climb[climb.length - 1]) climb.push(q);
      yield;
    }
    const { elbo } = yield* fineTerms(climb[climb.length - 1], likelihood);
    if (elbo > highest) [best, highest] = [climb, elbo];
  }
  return best;
}
