// What the seen pixels of an image say of z: the posterior, images drawn from it, and their classes.

import { NODES } from "../maths/blocks.js";
import { logDensity } from "../maths/normal.js";
import { gaussHermite } from "../maths/quadrature.js";
import { DrawnPosterior, systematic } from "./drawn_posterior.js";
import { GridPosterior } from "./grid_posterior.js";
import { PixelNodes, SeenImage } from "./pixel_nodes.js";

/** @typedef {import("../network/decoder.js").Decoder} Decoder */
/** @typedef {import("../network/classifier.js").Classifier} Classifier */
/** @typedef {import("./grid_posterior.js").Hint} Hint */
/** @typedef {ReturnType<GridPosterior["window"]>} LiveWindow */
/**
 * What is to be inferred from: an image's pixels in [0, 1], one byte for each place that says whether it is seen, and
 * the encoder's q of the seen pixels, hidden ones being 0, and others that say where to look.
 * @typedef {{x: Float32Array, seen: Uint8Array, hints: Hint[]}} Question
 */
/**
 * In nats; `window`: p(z | seen pixels), of one or two dimensions; `codes`: draws of it.
 * @typedef {object} Belief
 * @property {number} logEvidence  log p(seen pixels)
 * @property {number} entropy  of z
 * @property {number} priorEntropy  the same with nothing seen
 * @property {number | null} effective  how many draws the weighted ones are worth, where there are draws
 * @property {LiveWindow | null} window
 * @property {number[]} likeliest  code of all that were decoded
 * @property {number[][]} codes
 */
/**
 * `images`: the first draws decoded, one after the other; `classes`: probabilities, the last of none of them; `gap`:
 * KL(q || p(z | seen pixels)) in nats, null where there is none.
 * @typedef {{images: Float32Array, mean: Float32Array, spread: Float32Array, classes: number[] | null,
 *   gap: number | null}} Pictures
 */

const DRAWS = 120;
export const SHOWN = 12; // of them, as images
const MANY_CHANGED = 0.5; // of all places, from which on counting anew is as quick

export class Inference {
  /** @param {Decoder} decoder @param {Classifier | null} classifier @param {number} dim of z */
  constructor(decoder, classifier, dim) {
    this.decoder = decoder;
    this.classifier = classifier;
    this.dim = dim;
    this.image = new SeenImage(decoder);
    this.posterior = dim <= 2
      ? new GridPosterior(decoder, this.image, dim)
      : new DrawnPosterior(decoder, this.image, dim);
    /** q of the seen pixels @type {Hint | null} */
    this.q = null;
    this.nodes = gaussHermite(4);
    /** nodes that the last belief drew @type {number[]} */
    this.drawn = [];
    this.logEvidence = 0;
    this.nothing = true; // is seen
    /** of z with nothing seen, in nats: of a standard normal, else measured */
    this.priorEntropy = (dim / 2) * (1 + Math.log(2 * Math.PI));
  }

  /** Decode what every image needs at once. @returns {Generator<void>} */
  *begin() {
    yield* this.posterior.begin();
    if (this.decoder.prior.standard) return;
    yield* this.posterior.refine();
    this.priorEntropy = this.posterior.summary().entropy;
  }

  /** Take over what is seen now. @param {Question} question */
  ask({ x, seen, hints }) {
    const { image, posterior } = this;
    posterior.hints = hints.slice();
    this.q = hints[0] ?? null;
    const [shown, hidden] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
    for (let i = 0; i < seen.length; i++) {
      const changed = seen[i] !== image.seen[i] || (seen[i] && image.differs(x, i));
      if (changed && image.seen[i]) hidden.push(i);
      if (changed && seen[i]) shown.push(i);
    }
    const anew = shown.length + hidden.length > MANY_CHANGED * seen.length;
    if (!anew && hidden.length) posterior.count(hidden, -1);
    image.x = x;
    image.seen = seen;
    const nothing = !seen.some(Boolean);
    // The prior is smooth: even blocks sum it up to more digits than ones that an image has left.
    if (posterior instanceof GridPosterior && (nothing || this.nothing)) posterior.arrange(nothing ? 0 : Infinity);
    this.nothing = nothing;
    if (anew) posterior.recount();
    else if (shown.length) posterior.count(shown, 1);
  }

  /** Look closer where that matters; a few decoded images a step. */
  refine() {
    return this.posterior.refine();
  }

  /** Decode what any image may need. */
  prepare() {
    return this.posterior.prepare();
  }

  /** @returns {Belief} */
  belief() {
    const { posterior } = this;
    const { logEvidence, entropy, effective, weights } = posterior.summary();
    this.drawn = systematic(weights, DRAWS);
    this.logEvidence = logEvidence;
    return {
      logEvidence,
      entropy,
      priorEntropy: this.priorEntropy,
      effective,
      window: posterior instanceof GridPosterior ? posterior.window() : null,
      likeliest: posterior.likeliest(),
      codes: this.drawn.map((node) => Array.from(this.at(node).nodes.codes[node % NODES])),
    };
  }

  /** @param {number} node */
  at(node) {
    return { nodes: this.posterior.nodes(Math.floor(node / NODES)), place: node % NODES };
  }

  /**
   * What the draws of the last belief decode to, pixel by pixel; a few of them a step.
   * @returns {Generator<void, Pictures>}
   */
  *pictures() {
    const { x } = this.image;
    const { drawn } = this;
    const counts = new Map();
    for (const node of drawn) counts.set(node, (counts.get(node) ?? 0) + 1);
    const shown = Array.from({ length: SHOWN }, (_, k) => drawn[Math.floor(((k + 0.5) * drawn.length) / SHOWN)]);
    const [mean, spread] = [new Float32Array(x.length), new Float32Array(x.length)];
    const images = new Float32Array(SHOWN * x.length);
    const pixels = new Float32Array(x.length);
    for (const [node, count] of counts) {
      this.decoded(node, pixels);
      for (let i = 0; i < pixels.length; i++) {
        mean[i] += (count * pixels[i]) / drawn.length;
        spread[i] += (count * pixels[i] * pixels[i]) / drawn.length;
      }
      shown.forEach((one, k) => one === node && images.set(pixels, k * x.length));
    }
    for (let i = 0; i < pixels.length; i++) spread[i] = Math.sqrt(Math.max(spread[i] - mean[i] ** 2, 0));
    yield;
    const gap = this.gap();
    yield;
    /** @type {number[] | null} */
    let classes = null;
    if (this.classifier) {
      for (const [node, count] of counts) {
        const { nodes, place } = this.at(node);
        if (!nodes.classes[place]) {
          nodes.classes[place] = this.classifier.probabilities(this.decoded(node, pixels));
          yield;
        }
        const found = /** @type {number[]} */ (nodes.classes[place]);
        /** @type {number[]} */
        const before = classes ?? found.map(() => 0);
        classes = before.map((v, k) => v + (count * found[k]) / drawn.length);
      }
    }
    return { images, mean, spread, classes, gap };
  }

  /** E[x|z] at a node. @param {number} node @param {Float32Array} pixels to fill */
  decoded(node, pixels) {
    const { nodes, place } = this.at(node);
    const { mean } = this.image.terms;
    nodes.read(place, pixels);
    for (let i = 0; i < pixels.length; i++) pixels[i] = mean(pixels[i]);
    return pixels;
  }

  /** KL(q || p(z | seen pixels)) of the encoder's q, in nats; null where it has none or cannot be integrated. */
  gap() {
    const { q, dim } = this;
    if (!q || dim > 2 || q.factor.some((row, d) => !(row[d] > 0))) return null;
    const line = dim === 1 ? this.nodes.filter(({ epsilon }) => epsilon[1] === this.nodes[0].epsilon[1]) : this.nodes;
    const total = line.reduce((sum, { weight }) => sum + weight, 0);
    const codes = line.map(({ epsilon }) =>
      q.mu.map((mu, d) => q.factor[d].reduce((sum, v, e) => sum + v * epsilon[e], mu))
    );
    const found = new PixelNodes(codes, this.decoder, this.image).logLikelihood;
    const logVolume = q.factor.reduce((sum, row, d) => sum + Math.log(row[d]), 0);
    return line.reduce((sum, { epsilon, weight }, i) => {
      const logQ = logDensity(epsilon.slice(0, dim)) - logVolume;
      return sum + (weight / total) * (logQ - found[i] - this.decoder.prior.logDensity(codes[i]) + this.logEvidence);
    }, 0);
  }
}
