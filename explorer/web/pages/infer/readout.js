// The figures of the Infer page: Bayes' rule with what each factor is now, what strokes taught, and the classes.

import { decimals, nats, percent } from "../../dom/format.js";
import { part, parts } from "../../dom/parts.js";

/** @typedef {import("../../run/inference.js").Belief} Belief */
/**
 * A stroke's name, and the entropy of z after it, once it is known.
 * @typedef {{key: string, entropy: number | null}} Stroke
 */

const UNDER_WAY = ""; // the key of a stroke that has not ended
const SHOWN = 14; // strokes
const LISTED = 0.03; // the least probability that is put into words

export class Readout {
  /** @param {HTMLElement} root */
  constructor(root) {
    const [posterior, prior, likelihood] = parts(root, "factor");
    this.parts = {
      posterior,
      prior,
      likelihood,
      entropy: part(root, "entropy"),
      taught: part(root, "taught"),
      evidence: part(root, "evidence"),
      draws: part(root, "effective"),
      strokes: part(root, "strokes"),
      strokesText: part(root, "strokes-text"),
      classes: part(root, "classes"),
      classesText: part(root, "classes-text"),
      gap: part(root, "gap"),
    };
    /** since the image was taken @type {Stroke[]} */
    this.strokes = [];
  }

  /** Another image or run: no stroke was made. */
  forget() {
    this.strokes = [];
  }

  /** A stroke begins: what is told from now on is its own. */
  begin() {
    this.strokes.push({ key: UNDER_WAY, entropy: null });
  }

  /** A stroke has ended, or was taken back: `key` is what is seen now. @param {string} key */
  stroke(key) {
    const own = this.strokes.at(-1)?.key === UNDER_WAY ? this.strokes.pop() : null;
    const before = this.strokes.findIndex((stroke) => stroke.key === key);
    if (before >= 0) this.strokes.length = before + 1;
    else this.strokes.push({ key, entropy: own?.entropy ?? null });
  }

  /**
   * @param {Belief} belief @param {{seen: number, places: number, painted: boolean}} of
   */
  show({ entropy, priorEntropy: prior, logEvidence, effective }, { seen, places, painted }) {
    const { parts } = this;
    const last = this.strokes.at(-1);
    if (last) last.entropy = entropy;
    parts.entropy.textContent = nats(entropy);
    parts.taught.textContent = nats(prior - entropy);
    parts.evidence.textContent = nats(logEvidence);
    parts.posterior.textContent = `${decimals(entropy)} nats`;
    parts.prior.textContent = `${decimals(prior)} nats`;
    parts.likelihood.textContent = `${seen} of ${places} pixels${painted ? ", painted" : ""}`;
    parts.draws.hidden = effective === null;
    if (effective !== null) {
      const few = effective < 30;
      parts.draws.textContent = few
        ? `Rough: the weighted draws are worth ${Math.max(Math.round(effective), 1)} only`
        : `By weighted draws, worth ${Math.round(effective)}`;
      parts.draws.classList.toggle("lx-warning", few);
    }
    this.showStrokes(prior);
  }

  /** @param {number} prior entropy of z in nats */
  showStrokes(prior) {
    const known = this.strokes.filter(({ entropy }) => entropy !== null);
    const taught = known.map(({ entropy }, i) => (known[i - 1]?.entropy ?? prior) - Number(entropy));
    const most = Math.max(...taught.map(Math.abs), 0.1);
    this.parts.strokes.replaceChildren(
      ...taught.slice(-SHOWN).map((gain) => {
        const bar = document.createElement("i");
        bar.style.height = `${Math.max((100 * Math.abs(gain)) / most, 3)}%`;
        bar.className = gain < 0 ? "lx-less" : "";
        bar.title = nats(gain);
        return bar;
      }),
    );
    const whole = taught.reduce((sum, gain) => sum + gain, 0);
    const last = taught.at(-1) ?? 0;
    this.parts.strokesText.textContent = taught.length < 2
      ? `What is seen at first taught ${nats(whole)} of z.`
      : `The last stroke ${last < 0 ? "made z less certain by" : "taught"} ${nats(Math.abs(last))}; ` +
        `all together ${nats(whole)}.`;
  }

  /**
   * @param {number[] | null} found probabilities, the last of none of them
   * @param {string[]} classes @param {string[]} colors
   */
  showClasses(found, classes, colors) {
    const { parts } = this;
    parts.classes.hidden = !found;
    if (!found) {
      parts.classesText.textContent = "No classifier comes with this data set.";
      return;
    }
    const named = found.map((share, k) => ({ share, name: classes[k] ?? "none", color: colors[k] ?? "" }));
    parts.classes.replaceChildren(...named.map(({ share, name, color }) => {
      const column = document.createElement("div");
      const bar = document.createElement("i");
      bar.style.height = `${Math.max(100 * share, 1)}%`;
      if (color) bar.style.background = color;
      const label = Object.assign(document.createElement("span"), {
        textContent: name.length > 4 ? name.slice(0, 3) : name,
      });
      column.title = `${name}: ${percent(share)}`;
      column.append(bar, label);
      return column;
    }));
    const likely = named.filter(({ share }) => share >= LISTED).sort((a, b) => b.share - a.share).slice(0, 4);
    parts.classesText.textContent = likely.map(({ name, share }) => `${name}: ${percent(share)}`).join(", ");
  }

  /** @param {number | null} gap KL(q || p(z | seen)) in nats @param {boolean} all whether every pixel is seen */
  showGap(gap, all) {
    const { gap: text } = this.parts;
    text.textContent = gap === null
      ? ""
      : all
      ? `Given the whole image, the encoder's q(z|x) is ${nats(Math.max(gap, 0))} from the true posterior.`
      : `Given zeros for what is hidden, the encoder is ${nats(Math.max(gap, 0))} off: it was never trained for that.`;
  }
}
