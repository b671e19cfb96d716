// The cards below the plane: bounds, Jensen's inequality, the same image in each run, and all held-out images.

import { drawBound } from "./bound_plot.js";
import { explained } from "../../dom/explained.js";
import { decimals, inNats, nats, rounded } from "../../dom/format.js";
import { heldOutTable } from "./held_out_table.js";
import { drawJensen, jensenGap } from "./jensen.js";
import { cardParts } from "./markup.js";
import { RunMultiples } from "./run_multiples.js";
import { fetchAnswer, server } from "../../network/ask.js";
import { ImportanceBound } from "../../maths/importance_bound.js";
import { InView } from "../../dom/in_view.js";
import { Latest } from "../../dom/latest.js";
import { readTheme } from "../../dom/theme.js";
import { weightSentence } from "./weight_sentence.js";

const ROUNDS = 15; // of 20,000 draws each: 60 estimates of the largest K

/** @typedef {import("./probability.js").Payload} Payload */
/** @typedef {import("./shown_image.js").ShownImage} ShownImage */

export class ProbabilityCards {
  /** @param {import("../../dom/page_frame.js").PageFrame} pageFrame @param {Payload} payload */
  constructor(pageFrame, payload) {
    this.pageFrame = pageFrame;
    const parts = (this.parts = cardParts(pageFrame));
    this.spread = payload.state.spread;
    /** @type {{bound: import("../../maths/importance_bound.js").Bound, evidence: number | null} | null} */
    this.shown = null;
    /** further draws for the bound */
    this.rounds = new Latest();
    this.boundInView = new InView(parts.bound);
    this.multiples = new RunMultiples(parts.multiples, pageFrame);
    parts.spread.value = String(this.spread);
    parts.spread.oninput = () => {
      this.spread = Number(parts.spread.value);
      this.drawJensen();
      pageFrame.report({ spread: rounded(this.spread) });
    };
    this.showWeights(null, null);
    this.drawJensen();
    this.showHeldOut(payload);
  }

  /**
   * Have the server draw for the bound, and then, once they are in view, integrate for the other runs.
   * @param {Payload} payload @param {ShownImage} image @param {number | null} evidence log p(x)
   * @param {Latest} latest that forgets answers which nobody waits for any more
   */
  async show(payload, image, evidence, latest) {
    const { parts } = this;
    this.showHeldOut(payload);
    if (!server.present) parts.boundText.textContent = "Its draws take the explorer's server, which a file has not.";
    else if (image.x && image.space.cov) {
      const url = payload.answers[payload.state.run].bound + image.index;
      const bound = new ImportanceBound();
      await this.drawMore(url, 0, bound, evidence, latest);
      this.refine(url, bound, evidence).catch((error) => this.pageFrame.fail(error, "The bound has no further draws"));
    } else {
      this.shown = null;
      parts.boundText.textContent = image.x
        ? "A code without noise has no importance weights."
        : "Importance weights need the image itself, which is not here.";
    }
    this.drawBound();
    await this.multiples.show(payload, image, latest);
  }

  /**
   * One more round of draws for the bound.
   * @param {string} url @param {number} round @param {ImportanceBound} bound @param {number | null} evidence
   * @param {Latest} latest
   */
  async drawMore(url, round, bound, evidence, latest) {
    const { tensors } = await latest.of(fetchAnswer(`${url}&round=${round}`, latest.signal));
    bound.add(tensors.log_weight.data);
    this.shown = { bound: bound.read(), evidence };
    this.describeBound();
    this.drawBound();
  }

  /**
   * More rounds, once the card is seen: their estimates share no draw.
   * @param {string} url @param {ImportanceBound} bound @param {number | null} evidence
   */
  async refine(url, bound, evidence) {
    const { rounds } = this;
    await rounds.of(this.boundInView.comes());
    for (let round = 1; round < ROUNDS; round++) await this.drawMore(url, round, bound, evidence, rounds);
  }

  /** No more draws are wanted. */
  stop() {
    this.rounds.cancel();
  }

  describeBound() {
    if (!this.shown) return;
    const { bound: { counts, mean, error, low, high, estimates }, evidence } = this.shown;
    const last = counts.length - 1;
    const most = counts[last].toLocaleString("en");
    const missed = evidence !== null && evidence - mean[last] > 0.1
      ? ": this q hardly ever draws some codes that p(z|x) holds likely."
      : ".";
    const band = Number.isNaN(low[last])
      ? ""
      : `, nine in ten between ${decimals(low[last])} and ${decimals(high[last])}`;
    const words = `K = 1: ${decimals(mean[0])} nats, the ELBO of the encoder's q, but for chance; ` +
      `K = ${most}: ${decimals(mean[last])} ± ${decimals(error[last])} nats, ` +
      `the mean of ${estimates[last]} estimates that share no draw${band}` +
      (evidence === null ? "." : `; log p(x) is ${decimals(evidence)}${missed}`);
    this.parts.boundText.textContent = words;
    this.parts.bound.setAttribute(
      "aria-label",
      `The importance-weighted bound rises with the number of draws. ${words}`,
    );
    Object.assign(this.parts.bound.dataset, { last: mean[last], estimates: estimates[last] });
  }

  drawBound() {
    const { bound } = this.parts;
    if (this.shown) drawBound(bound, this.shown.bound, this.shown.evidence, readTheme(this.pageFrame.root));
    else bound.getContext("2d")?.clearRect(0, 0, bound.width, bound.height);
  }

  /**
   * What the weights have to do with the gap.
   * @param {number | null} spread of log w in nats, under the q that is shown
   * @param {number | null} gap of that q, where it is known
   */
  showWeights(spread, gap) {
    explained(this.parts.jensenText, weightSentence(spread, gap));
  }

  drawJensen() {
    const { parts, spread } = this;
    const gap = jensenGap(spread);
    drawJensen(parts.jensen, spread, readTheme(this.pageFrame.root));
    parts.spreadValue.textContent = `${decimals(spread)}: gap ${nats(gap)}`;
    parts.spread.setAttribute("aria-valuetext", `${decimals(spread)}, gap ${nats(gap)}`);
    const [low, high] = [1 - spread, 1 + spread].map(decimals);
    parts.jensen.setAttribute(
      "aria-label",
      `w is ${low} or ${high}: log of the mean 0, mean of the logs ${inNats(-gap)} nats`,
    );
  }

  /** Draw again, as after a change of size or theme. */
  draw() {
    this.drawBound();
    this.drawJensen();
    this.multiples.draw();
  }

  /** What is known of each run over all held-out images. @param {Payload} payload */
  showHeldOut({ held_out, runs }) {
    const table = heldOutTable(held_out, runs);
    this.parts.heldOut.hidden = !table;
    this.parts.heldOutTable.replaceChildren(...(table ? [table] : []));
  }

  destroy() {
    this.stop();
    this.boundInView.destroy();
    this.multiples.destroy();
  }
}
