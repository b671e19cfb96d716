// p(z | seen pixels) of more than two latent dimensions: draws of the prior, of q and around modes, each weighed.

import { NODES } from "../maths/blocks.js";
import { factorOf, forward, logDeterminant } from "../maths/cholesky.js";
import { logDensity, Random } from "../maths/normal.js";
import { ModeSearch } from "../network/mode_search.js";
import { PixelNodes } from "./pixel_nodes.js";

/** @typedef {import("../network/decoder.js").Decoder} Decoder */
/** @typedef {import("./pixel_nodes.js").SeenImage} SeenImage */
/** Where draws come from: a Gaussian N(mu, L L^T). @typedef {{mu: number[], factor: number[][]}} Source */
/** Draws of one source, or null, the prior. @typedef {{source: Source | null, blocks: PixelNodes[]}} Generation */

const PRIOR_BLOCKS = 40;
const BLOCKS = 16; // of any other source
const MOST_SOURCES = 12; // beside the prior
const STARTS = 3; // codes from which a mode is looked for
const STEPS = 12;
const WIDER = 1.3; // a mode's Gaussian is taken wider than it is, so that no weight is without bound
export const FEW = 30; // effective draws, below which the figures are rough
const ENOUGH = 200; // effective draws, from which on no more are looked for
const ROUNDS = 4;

export class DrawnPosterior {
  /** @param {Decoder} decoder @param {SeenImage} image @param {number} dim */
  constructor(decoder, image, dim) {
    this.decoder = decoder;
    this.image = image;
    this.dim = dim;
    this.random = new Random(1);
    /** @type {Generation[]} */
    this.generations = [];
    /** all draws, one after the other @type {PixelNodes[]} */
    this.blocks = [];
    /** log p(z) less the log-density of what they were drawn from @type {Float64Array[]} */
    this.bases = [];
    /** where the encoder says that the image is @type {Source[]} */
    this.hints = [];
    this.rounds = 0;
  }

  /** @returns {Generator<void>} */
  *begin() {
    yield* this.draw(null, PRIOR_BLOCKS);
  }

  /** @param {Source | null} source @param {number} count of blocks @returns {Generator<void>} */
  *draw(source, count) {
    const blocks = [];
    for (let b = 0; b < count; b++) {
      const codes = Array.from({ length: NODES }, () => {
        if (!source) return this.decoder.prior.draw(this.random, this.dim);
        const epsilon = source.mu.map(() => this.random.normal());
        return source.mu.map((mu, d) => source.factor[d].reduce((sum, v, e) => sum + v * epsilon[e], mu));
      });
      blocks.push(new PixelNodes(codes, this.decoder, this.image));
      yield;
    }
    this.generations.push({ source, blocks });
    if (this.generations.length > 1 + MOST_SOURCES) this.generations.splice(1, 1);
    this.weigh();
  }

  /** log p(z) less the log-density of the mixture that all draws are from, of each draw. */
  weigh() {
    const counts = this.generations.map(({ blocks }) => NODES * blocks.length);
    const whole = counts.reduce((sum, count) => sum + count, 0);
    const { prior } = this.decoder;
    const densities = this.generations.map(({ source }) =>
      source ? densityOf(source) : (/** @type {ArrayLike<number>} */ z) => prior.logDensity(z)
    );
    this.blocks = this.generations.flatMap(({ blocks }) => blocks);
    this.bases = this.blocks.map(({ codes }) =>
      Float64Array.from(codes, (z) => {
        const logs = densities.map((density, g) => density(z) + Math.log(counts[g] / whole));
        const highest = Math.max(...logs);
        return prior.logDensity(z) - highest - Math.log(logs.reduce((sum, v) => sum + Math.exp(v - highest), 0));
      })
    );
  }

  /** @param {number[]} places @param {1 | -1} sign */
  count(places, sign) {
    const { x, terms } = this.image;
    const pixels = this.image.pixelsOf(places);
    for (const nodes of this.blocks) nodes.count(x, pixels, sign, terms.constant);
    this.rounds = 0;
  }

  /** Another image: only the prior's draws go on. */
  recount() {
    this.generations.length = Math.min(this.generations.length, 1);
    this.rounds = 0;
    this.weigh();
    for (const nodes of this.blocks) nodes.recount(this.image);
  }

  /** The draws of a block. @param {number} at */
  nodes(at) {
    return this.blocks[at];
  }

  /** @returns {import("./grid_posterior.js").Summary} */
  summary() {
    const { blocks, bases } = this;
    const weights = new Float64Array(NODES * blocks.length);
    blocks.forEach(({ logLikelihood }, b) => {
      for (let i = 0; i < NODES; i++) weights[b * NODES + i] = logLikelihood[i] + bases[b][i];
    });
    const highest = weights.reduce((a, b) => Math.max(a, b), -Infinity);
    let [whole, squares, joint] = [0, 0, 0];
    blocks.forEach(({ codes, logLikelihood }, b) => {
      for (let i = 0; i < NODES; i++) {
        const weight = weights[b * NODES + i] = Math.exp(weights[b * NODES + i] - highest);
        whole += weight;
        squares += weight * weight;
        if (weight > 1e-30) joint += weight * (logLikelihood[i] + this.decoder.prior.logDensity(codes[i]));
      }
    });
    for (let i = 0; i < weights.length; i++) weights[i] /= whole;
    const logEvidence = highest + Math.log(whole / weights.length);
    return { logEvidence, entropy: logEvidence - joint / whole, weights, effective: whole ** 2 / squares };
  }

  /** The code of the highest log-joint. @returns {number[]} */
  likeliest() {
    let [highest, code] = [-Infinity, this.blocks[0].codes[0]];
    for (const { codes, logLikelihood } of this.blocks) {
      for (let i = 0; i < NODES; i++) {
        const joint = logLikelihood[i] + this.decoder.prior.logDensity(codes[i]);
        if (joint > highest) [highest, code] = [joint, codes[i]];
      }
    }
    return Array.from(code);
  }

  /** Draw where the mass is, until enough draws count. @returns {Generator<void>} */
  *refine() {
    for (const source of this.hints.splice(0)) yield* this.draw(source, BLOCKS);
    while (this.rounds < ROUNDS && Number(this.summary().effective) < ENOUGH) {
      this.rounds++;
      yield* this.aroundModes();
    }
  }

  *prepare() {}

  /** Draws around the modes that the likeliest draws lead to. @returns {Generator<void>} */
  *aroundModes() {
    const { weights } = this.summary();
    const order = Array.from(weights.keys()).sort((a, b) => weights[b] - weights[a]);
    const pixels = {
      pixels: this.image.pixelsOf(this.image.seenPlaces()),
      x: this.image.x,
      terms: this.image.terms,
    };
    // The likeliest draw, and others by chance among those that count.
    const starts = [order[0], ...systematic(weights, STARTS - 1)];
    /** @type {import("../network/mode_search.js").Mode[]} */
    const modes = [];
    for (const node of starts) {
      const search = new ModeSearch(this.decoder, pixels, this.code(node));
      for (let i = 0; i < STEPS && !search.done; i++) {
        search.step();
        yield;
      }
      const mode = search.here;
      if (!modes.some(({ z }) => Math.hypot(...z.map((v, d) => v - mode.z[d])) < 0.05)) modes.push(mode);
    }
    for (const { z, precision } of modes) {
      const factor = factorOf(precision);
      if (factor) yield* this.draw({ mu: z, factor: inverseFactor(factor, WIDER) }, BLOCKS);
    }
  }

  /** @param {number} node */
  code(node) {
    return this.blocks[Math.floor(node / NODES)].codes[node % NODES];
  }
}

/** The log-density of a source in nats. @param {Source} source */
function densityOf({ mu, factor }) {
  const logVolume = logDeterminant(factor);
  return (/** @type {ArrayLike<number>} */ z) => logDensity(forward(factor, mu.map((v, d) => z[d] - v))) - logVolume;
}

/** The Cholesky factor of scale^2 (L L^T)^-1. @param {number[][]} factor L @param {number} scale */
function inverseFactor(factor, scale) {
  const dim = factor.length;
  // Columns of L^-1; the inverse is their sum of squares.
  const columns = factor.map((_, d) => forward(factor, Array.from({ length: dim }, (_, e) => (e === d ? scale : 0))));
  const inverse = columns.map((a) => columns.map((b) => a.reduce((sum, v, k) => sum + v * b[k], 0)));
  return /** @type {number[][]} */ (factorOf(inverse));
}

/**
 * Evenly spread draws of weighted things, in their order: neighbours stay neighbours as the weights change.
 * @param {ArrayLike<number>} weights that sum to 1 @param {number} count @returns {number[]}
 */
export function systematic(weights, count) {
  const found = [];
  for (let i = 0, sum = 0, k = 0; i < weights.length && k < count; i++) {
    sum += weights[i];
    while (k < count && (k + 0.5) / count < sum) {
      found.push(i);
      k++;
    }
  }
  while (found.length < count) found.push(found.at(-1) ?? 0);
  return found;
}
