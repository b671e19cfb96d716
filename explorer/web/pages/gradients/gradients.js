// The Gradients page's live part: one Gaussian, and two estimators of one gradient whose answer is known.

import { explained } from "../../dom/explained.js";
import { decimals, plain, rounded, significant } from "../../dom/format.js";
import { lightTogether } from "../../dom/lit_term.js";
import { PageFrame } from "../../dom/page_frame.js";
import { addShare } from "../../plane/share_page.js";
import { part } from "../../dom/parts.js";
import { Random } from "../../maths/normal.js";
import { estimate, gradient, variance } from "../../maths/two_gradients.js";
import { gradientsParts, HTML } from "./markup.js";
import { MeansPlot } from "./means_plot.js";
import { HIGH, LOW, ToyPlot } from "./toy_plot.js";

/** @typedef {import("../../maths/two_gradients.js").Estimator} Estimator */
/** @typedef {import("../../maths/two_gradients.js").Problem} Problem */
/**
 * @typedef {object} State  the part of GRADIENTS in explorer/views/pages.py that is set here
 * @property {number} mean  of q
 * @property {number} samples  S, as its logarithm to the base 2
 * @property {number} height  added to f
 * @property {Estimator} estimator  of the arrows
 * @property {"nothing" | "expected"} less  what the score function subtracts from f
 * @property {number} toy_seed  of the draws
 */
/** @typedef {{state: State}} Payload */

const SIGMA = 1;
const MOST = 256; // draws

export class Gradients {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("../../dom/page_frame.js").Host} host */
  constructor(parent, payload, host) {
    this.pageFrame = new PageFrame(parent, "gradients", HTML, host);
    const { root } = this.pageFrame;
    this.parts = gradientsParts(this.pageFrame);
    this.state = { ...payload.state };
    this.plot = new ToyPlot(part(root, "plot", SVGSVGElement), (mean) => this.drag(mean), () => this.commit());
    this.means = new MeansPlot(part(root, "means", SVGSVGElement));
    lightTogether(root);
    addShare(this.pageFrame, { file: () => "two-gradients", title: () => `Two gradients: ${this.words()}` });
    this.listen();
    this.drawNoise();
    this.resizing = new ResizeObserver(() => this.show());
    this.resizing.observe(this.plot.root);
    this.show();
    this.pageFrame.ready();
  }

  /** The switches beside it say nothing of what is shown here. */
  update() {
    this.show();
  }

  /** @param {Payload} payload */
  adopt({ state }) {
    this.state = { ...state };
    this.drawNoise();
    this.show();
  }

  listen() {
    const { parts } = this;
    for (const button of parts.estimators) {
      button.onclick = () => this.change({ estimator: /** @type {Estimator} */ (button.dataset.estimator) });
    }
    parts.draws.oninput = () => this.set({ samples: Number(parts.draws.value) });
    parts.height.oninput = () => this.set({ height: Number(parts.height.value) });
    parts.draws.onchange = parts.height.onchange = () => this.commit();
    parts.less.onclick = () => this.change({ less: this.state.less === "nothing" ? "expected" : "nothing" });
    parts.again.onclick = () => this.change({ toy_seed: (this.state.toy_seed + 1) % 10_000 });
  }

  /** The same noise for every mean: a drag moves the draws, and draws no new ones. */
  drawNoise() {
    const random = new Random(this.state.toy_seed);
    this.noise = Array.from({ length: MOST }, () => random.normal());
  }

  /** @param {number} mean */
  drag(mean) {
    this.set({ mean: Math.min(Math.max(rounded(mean), LOW), HIGH) });
  }

  /** @param {Partial<State>} state */
  set(state) {
    Object.assign(this.state, state);
    if ("toy_seed" in state) this.drawNoise();
    this.show();
  }

  /** @param {Partial<State>} state */
  change(state) {
    this.set(state);
    this.commit();
  }

  /** @returns {Problem} */
  get problem() {
    const { mean, height, less } = this.state;
    return { mean, sigma: SIGMA, height, less: less === "expected" };
  }

  show() {
    const { parts, problem, state: { samples, height, estimator, less } } = this;
    const count = 2 ** samples;
    const epsilons = /** @type {number[]} */ (this.noise).slice(0, count);
    for (const button of parts.estimators) {
      button.setAttribute("aria-pressed", String(button.dataset.estimator === estimator));
    }
    parts.draws.value = String(samples);
    parts.drawsValue.textContent = String(count);
    parts.draws.setAttribute("aria-valuetext", `${count} draws`);
    parts.height.value = String(height);
    parts.heightValue.textContent = plain(height);
    parts.less.setAttribute("aria-pressed", String(less === "expected"));
    parts.truth.textContent = decimals(gradient(problem));
    ["reparameterization", "score"].forEach((name, i) => {
      const kind = /** @type {Estimator} */ (name);
      const mean = epsilons.reduce((sum, epsilon) => sum + estimate(kind, epsilon, problem), 0) / count;
      parts.means[i].textContent = decimals(mean);
      parts.errors[i].textContent = ` ± ${significant(Math.sqrt(variance(kind, problem) / count))} over ${count}`;
    });
    const worth = variance("score", problem) / variance("reparameterization", problem);
    explained(
      parts.sentence,
      `Drag μ. Each arrow is what one draw says of the slope of E_q[f]; both estimators tend to the same, but one ` +
        `reparameterized draw (Eq. 27) is worth ${significant(worth)} of the score function's${
          less === "expected" ? " less E_q[f]" : ""
        } (Eq. 20).`,
    );
    this.plot.draw(problem, estimator, epsilons);
    this.means.draw(problem, epsilons, estimator);
    this.means.root.setAttribute("aria-label", this.words());
  }

  /** The running means in words. */
  words() {
    const [own, other] = this.parts.means.map(({ textContent }) => textContent);
    const truth = this.parts.truth.textContent;
    return `The true gradient is ${truth}; the mean by reparameterization ${own}, by the score function ${other}`;
  }

  commit() {
    this.pageFrame.report({ ...this.state });
  }

  destroy() {
    this.resizing.disconnect();
    this.pageFrame.destroy();
  }
}
