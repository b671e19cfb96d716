// The loss of one image, alive: reconstruction + KL = -ELBO (Eq. 30) as an equation over its numbers, and as a bar.

import { LOSS, math } from "../../dom/equations.js";
import { term } from "../../dom/glossary.js";
import { hide, setAttribute, write } from "../../dom/sparing.js";
import { PULL_HTML, PULL_WORDS_HTML } from "../../plane/pulled_kl.js";
import { likelihoodWords } from "../../run/likelihood_words.js";
import { lossTexts } from "../../run/loss_terms.js";

/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../../run/payload.js").RunInfo} RunInfo */

const ROOM = 1.5; // the bar is so many times as long as the test mean, and longer only for an image that needs it
const NO_KL = "no KL: a code without noise";

/** @param {"reconstruction" | "kl" | "elbo"} name @param {string} words @param {string} [pull] its thumb */
const addend = (name, words, pull = "") => `
    <div class="lx-addend" data-term="${name}"><dt>${term(name, words)}${
  math(LOSS[name])
}</dt><dd><span data-part="addend"></span>${pull}</dd></div>`;

export const LOSS_SUM_HTML = `
<section class="lx-loss" data-part="loss" data-testid="loss-sum" aria-label="The loss of one image, in nats">
  <dl class="lx-addends">${addend("reconstruction", "reconstruction")}${addend("kl", "KL", PULL_HTML)}${
  addend("elbo", "loss")
}
  </dl>
  <div class="lx-loss-bar" data-part="loss-bar" data-testid="loss-bar" role="img"
  ><i data-part="loss-segment" data-term="reconstruction"></i><i data-part="loss-segment" data-term="kl"></i
  ><i class="lx-loss-mean" data-part="loss-mean"></i></div>
  <p class="lx-loss-words"><span><span data-part="loss-image"></span>, ${
  term("nats", "nats")
}</span><span class="lx-loss-key"><button type="button" class="lx-term" data-part="mean-name">test mean</button> <b
    data-part="metric" data-figure="reconstruction"></b><span data-part="mean-sum"> + <b data-part="metric"
    data-figure="kl"></b> = <b data-part="metric" data-figure="loss"></b></span></span></p>
  <p class="lx-loss-words lx-pull-words">${PULL_WORDS_HTML}</p>
  <p class="lx-note lx-likelihood-note" data-part="loss-likelihood" data-testid="loss-likelihood"></p>
</section>`;

export class LossSum {
  /** @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
  constructor(pageFrame) {
    this.meanName = pageFrame.part("mean-name");
    this.addends = pageFrame.parts("addend");
    this.bar = pageFrame.part("loss-bar");
    this.segments = pageFrame.parts("loss-segment");
    this.tick = pageFrame.part("loss-mean");
    this.words = pageFrame.part("loss-image");
    this.likelihood = pageFrame.part("loss-likelihood");
    this.metrics = pageFrame.parts("metric");
    this.meanSum = pageFrame.part("mean-sum");
    /** what is shown: the run and the image */
    this.shown = { space: /** @type {LatentSpace | null} */ (null), index: -1, name: "" };
    /** the test mean of reconstruction and of KL, in nats @type {{reconstruction: number | null, kl: number | null}} */
    this.mean = { reconstruction: null, kl: null };
  }

  /** The run's test mean. @param {RunInfo["metrics"]} metrics @param {Record<string, string>} definitions */
  showMean({ reconstruction = null, kl = null }, definitions) {
    this.mean = { reconstruction, kl };
    this.shown.space = null;
    const texts = reconstruction === null ? null : lossTexts(reconstruction, kl);
    for (const cell of this.metrics) {
      const name = /** @type {"reconstruction" | "kl" | "loss"} */ (cell.dataset.figure);
      cell.textContent = texts?.[name] ?? "none";
    }
    this.meanSum.hidden = !texts?.loss;
    const known = Object.entries({ reconstruction, kl }).filter(([, value]) => value !== null);
    this.meanName.dataset.words = `Over the test images. ${known.map(([name]) => definitions[name]).join(". ")}.`;
  }

  /**
   * An image of the run, which is called so.
   * @param {LatentSpace} space @param {number} index @param {string} name
   */
  show(space, index, name) {
    const { shown } = this;
    if (!space.decodes || (shown.space === space && shown.index === index && shown.name === name)) return;
    this.shown = { space, index, name };
    const reconstruction = space.values.reconstruction[index];
    const kl = space.values.kl?.[index] ?? null;
    write(this.words, name);
    write(this.likelihood, likelihoodWords(space.decoder));
    this.showTerms(reconstruction, kl, name);
  }

  /** Show the image again, whatever is shown of it. */
  forget() {
    this.shown.space = null;
  }

  /** @param {number} reconstruction @param {number | null} kl in nats @param {string} name of what they are of */
  showTerms(reconstruction, kl, name) {
    const texts = lossTexts(reconstruction, kl);
    [texts.reconstruction, texts.kl, texts.loss].forEach((text, i) => {
      write(this.addends[i], text ?? "none");
    });
    this.draw(reconstruction, kl);
    const sum = texts.loss ? `reconstruction ${texts.reconstruction} + KL ${texts.kl} = −ELBO ${texts.loss}` : "";
    const mean = this.meanText();
    setAttribute(
      this.bar,
      "aria-label",
      `${name}: ${sum || `reconstruction ${texts.reconstruction}, ${NO_KL}`}, in nats${mean && `; test mean ${mean}`}`,
    );
  }

  meanText() {
    const { reconstruction, kl } = this.mean;
    if (reconstruction === null) return "";
    const { reconstruction: text, loss } = lossTexts(reconstruction, kl);
    return loss ?? text;
  }

  /**
   * The terms one after the other from 0, and a tick at the mean.
   * @param {number} reconstruction @param {number | null} kl in nats
   */
  draw(reconstruction, kl) {
    const { bar, segments, tick, mean } = this;
    const total = reconstruction + (kl ?? 0);
    const average = mean.reconstruction === null ? null : mean.reconstruction + (kl === null ? 0 : mean.kl ?? 0);
    // A density's -log p(x|z) may be below 0.
    const low = Math.min(reconstruction, ROOM * (average ?? 0), 0);
    const high = Math.max(total, ROOM * (average ?? 0), 0);
    const at = (/** @type {number} */ nats) => 100 * (nats - low) / (high - low || 1);
    const ends = [[Math.min(0, reconstruction), Math.max(0, reconstruction)], [reconstruction, total]];
    ends.forEach(([from, to], i) => {
      segments[i].style.left = `${at(from)}%`;
      segments[i].style.width = `${at(to) - at(from)}%`;
    });
    bar.classList.toggle("lx-below", reconstruction < 0);
    hide(tick, average === null);
    if (average !== null) tick.style.left = `${at(average)}%`;
  }
}
