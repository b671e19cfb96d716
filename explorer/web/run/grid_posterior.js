// p(z | seen pixels) of one or two latent dimensions: blocks of decoded codes, smaller where the mass is.

import { grid, NODES, reach, shape } from "../maths/blocks.js";
import { doubled, levels } from "../maths/log_lattice.js";
import { PixelNodes } from "./pixel_nodes.js";

/** @typedef {import("../maths/blocks.js").Block} Block */
/** @typedef {import("../network/decoder.js").Decoder} Decoder */
/** @typedef {import("./pixel_nodes.js").SeenImage} SeenImage */
/**
 * A block, its nodes, and log p(z) of each in nats.
 * @typedef {{block: Block, nodes: PixelNodes, logPrior: Float64Array}} Leaf
 */
/**
 * In nats. `weights`: the share of each node, in their order; `effective`: what weighted draws are worth, if they are
 * draws.
 * @typedef {{logEvidence: number, entropy: number, weights: Float64Array, effective: number | null}} Summary
 */
/** Where the encoder says that the image is: N(mu, L L^T). @typedef {{mu: number[], factor: number[][]}} Hint */

const BENT = 1; // nats by which the log-joint may bend from node to node: the step is then a standard deviation
const NEGLIGIBLE = 9; // nats below the whole: blocks that cannot hold more are left as they are
const MARGIN = 25; // nats by which codes not seen yet may suit the image better than any seen
const DEEPEST = 12; // level
const FARTHEST = -3; // level: its grid reaches to 48 standard deviations of the prior
const BYTES = 40e6; // that the blocks which every image needs may take
const KEPT = 90e6; // that all may take
const [FEWEST, MOST] = [72, 200]; // points along a window's side
const NARROWEST = 2e-3; // a code without noise is looked for as closely as this
const FEW = 2e-3; // share of a node, from which on there are few
const SEEN = 8; // nats below the peak that a window shows

/** The least of the standard deviations along the axes of L. @param {number[][]} factor */
const narrowest = (factor) => Math.min(...factor.map((row, d) => row[d]));

export class GridPosterior {
  /** @param {Decoder} decoder @param {SeenImage} image @param {number} dim 1 or 2 */
  constructor(decoder, image, dim) {
    this.decoder = decoder;
    this.image = image;
    this.dim = dim;
    const bytes = 8 * NODES * image.x.length; // of a block
    /** the level that every image needs all over the prior */
    this.base = bytes * 300 < BYTES ? 1 : bytes * 110 < BYTES ? 0 : -1;
    this.most = Math.max(Math.floor(KEPT / bytes), 100);
    /** @type {Map<string, Leaf>} all blocks with their nodes, those that are cut too */
    this.known = new Map();
    /** @type {Leaf[]} that together cover the plane, neighbours near each other */
    this.leaves = [];
    /** @type {Hint[]} */
    this.hints = [];
    this.farthest = -1; // level of the widest grid
  }

  /** Decode the widest grid; one step a block. @returns {Generator<void>} */
  *begin() {
    for (const block of grid(this.dim, this.farthest)) {
      this.leaves.push(this.add(block));
      yield;
    }
    // The middle of a grid is cut always: the next grid lies there.
    for (const leaf of [...this.leaves]) if (this.inNext(leaf.block)) yield* this.cut(leaf);
  }

  /** Whether the grid of the next level covers a block. @param {Block} block */
  inNext(block) {
    return block.level < 0 && Math.max(...block.away) < reach(block.level + 1);
  }

  /** @param {Block} block @returns {Leaf} */
  add(block) {
    const leaf = {
      block,
      nodes: new PixelNodes(block.codes, this.decoder, this.image),
      logPrior: Float64Array.from(block.codes, (z) => this.decoder.prior.logDensity(z)),
    };
    this.known.set(block.key, leaf);
    return leaf;
  }

  /** @param {Leaf} leaf @returns {Generator<void>} */
  *cut(leaf) {
    const { block } = leaf;
    const pieces = block.pieces();
    for (const piece of pieces) {
      if (this.known.has(piece.key)) continue;
      this.add(piece);
      yield;
    }
    const at = this.leaves.indexOf(leaf);
    if (at < 0) return;
    this.leaves.splice(at, 1, ...pieces.map(({ key }) => /** @type {Leaf} */ (this.known.get(key))));
    block.children = pieces;
  }

  /** Pixels have come to be seen, or have been hidden. @param {number[]} places @param {1 | -1} sign */
  count(places, sign) {
    const { x, terms } = this.image;
    const pixels = this.image.pixelsOf(places);
    for (const { nodes } of this.known.values()) nodes.count(x, pixels, sign, terms.constant);
  }

  /** Another image, or so many pixels changed that all are counted anew. */
  recount() {
    if (this.known.size > this.most) this.forget();
    for (const { nodes } of this.known.values()) nodes.recount(this.image);
  }

  /** Keep only what every image needs. */
  forget() {
    for (const [key, { block }] of this.known) if (block.level > this.base) this.known.delete(key);
    this.arrange(DEEPEST);
  }

  /** Cover the plane with the smallest blocks that are known, none smaller than of a level. @param {number} finest */
  arrange(finest) {
    /** @type {(block: Block) => Leaf[]} */
    const covering = (block) => {
      const pieces = block.level < finest ? block.pieces() : [];
      if (pieces.length && pieces.every(({ key }) => this.known.has(key))) return pieces.flatMap(covering);
      return [/** @type {Leaf} */ (this.known.get(block.key))];
    };
    this.leaves = grid(this.dim, this.farthest).flatMap(covering);
  }

  /** The nodes of the leaf at a place in their order. @param {number} at */
  nodes(at) {
    return this.leaves[at].nodes;
  }

  /** @returns {Summary} */
  summary() {
    const { leaves } = this;
    const weights = new Float64Array(NODES * leaves.length);
    let highest = -Infinity;
    leaves.forEach(({ block: { logVolume }, nodes: { logLikelihood }, logPrior }, at) => {
      for (let i = 0; i < NODES; i++) {
        const value = weights[at * NODES + i] = logLikelihood[i] + logPrior[i] + logVolume;
        if (value > highest) highest = value;
      }
    });
    let [whole, joint] = [0, 0];
    leaves.forEach(({ block: { logVolume } }, at) => {
      for (let i = at * NODES; i < (at + 1) * NODES; i++) {
        const value = weights[i];
        const weight = value > highest - 60 ? Math.exp(value - highest) : 0;
        weights[i] = weight;
        whole += weight;
        if (weight) joint += weight * (value - logVolume);
      }
    });
    for (let i = 0; i < weights.length; i++) weights[i] /= whole;
    const logEvidence = highest + Math.log(whole);
    return { logEvidence, entropy: logEvidence - joint / whole, weights, effective: null };
  }

  /** The code of the highest log-joint. */
  likeliest() {
    let [highest, code] = [-Infinity, this.leaves[0].block.codes[0]];
    for (const { block: { codes }, nodes: { logLikelihood }, logPrior } of this.leaves) {
      for (let i = 0; i < NODES; i++) {
        if (logLikelihood[i] + logPrior[i] <= highest) continue;
        [highest, code] = [logLikelihood[i] + logPrior[i], codes[i]];
      }
    }
    return code;
  }

  /** Look closer where that matters, a block a step; ends when nothing does. @returns {Generator<void>} */
  *refine() {
    for (;;) {
      const { logEvidence } = this.summary();
      if (this.farthest > FARTHEST && this.wanted(logEvidence) > reach(this.farthest)) {
        yield* this.widen();
        continue;
      }
      const leaf = this.urgent(logEvidence);
      if (!leaf) return;
      yield* this.cut(leaf);
    }
  }

  /** Decode what every image needs, by the prior's mass. @returns {Generator<void>} */
  *prepare() {
    const far = 5.8; // outside lie 5e-8 of the prior
    for (;;) {
      const leaf = this.leaves.find(({ block }) => block.level < this.base && Math.hypot(...block.away) < far);
      if (!leaf) return;
      yield* this.cut(leaf);
    }
  }

  /** How far out codes may matter, even if they suit the image better than all. @param {number} logEvidence */
  wanted(logEvidence) {
    let likeliest = -Infinity;
    for (const { nodes } of this.leaves) {
      for (const value of nodes.logLikelihood) if (value > likeliest) likeliest = value;
    }
    const { prior } = this.decoder;
    const far = Math.sqrt(Math.max(2 * (likeliest + MARGIN - logEvidence), 0));
    if (prior.standard) return far;
    // A learned prior lies around its components.
    const { mean, sigma } = /** @type {import("../maths/prior.js").MixturePrior} */ (prior);
    return Math.max(...mean.map((row, k) => Math.max(...row.map((v, d) => Math.abs(v) + 6 * sigma[k][d]))));
  }

  /** A grid of twice the width around the widest. @returns {Generator<void>} */
  *widen() {
    const level = this.farthest - 1;
    for (const block of grid(this.dim, level)) {
      const leaf = this.known.get(block.key) ?? this.add(block);
      if (!this.inNext(block)) this.leaves.push(leaf);
      yield;
    }
    this.farthest = level;
  }

  /** The leaf to be cut first; null when all are fine enough. @param {number} logEvidence */
  urgent(logEvidence) {
    let [first, highest] = [/** @type {Leaf | null} */ (null), -Infinity];
    const values = new Float64Array(NODES);
    for (const leaf of this.leaves) {
      const { block, nodes: { logLikelihood }, logPrior } = leaf;
      if (block.level >= DEEPEST) continue;
      for (let i = 0; i < NODES; i++) values[i] = logLikelihood[i] + logPrior[i];
      const { bend, most } = shape(block, values);
      if (most < highest) continue;
      const hinted = this.hints.some(({ mu, factor }) =>
        most > logEvidence - MARGIN && block.holds(mu) && block.step > Math.max(narrowest(factor), NARROWEST)
      );
      if (bend > BENT && (hinted || most > logEvidence - NEGLIGIBLE)) [first, highest] = [leaf, most];
    }
    return first;
  }

  /**
   * The posterior where it has its mass, as log-densities less the peak's on a lattice, row 0 lowest, and the levels
   * that enclose 50, 90 and 99 %.
   */
  window() {
    const { peak, low, high, finest: deepest, coarsest } = this.extent();
    let finest = deepest;
    const step = (/** @type {number} */ level) => this.leaves[0].block.step * 2 ** (this.leaves[0].block.level - level);
    const longest = Math.max(...high.map((v, d) => v - low[d]));
    while (finest > coarsest && longest / step(finest) > MOST) finest--;
    let level = Math.max(coarsest - 1, this.farthest);
    const side = step(level);
    // Two points of room, so that the interpolation's edge stays outside.
    const from = low.map((v) => Math.floor(v / side) - 2);
    const counts = high.map((v, d) => Math.ceil(v / side) + 2 - from[d]);
    /** @type {import("../maths/log_lattice.js").Lattice} */
    let lattice = { columns: counts[0], rows: counts[1] ?? 1, values: new Float64Array(counts[0] * (counts[1] ?? 1)) };
    lattice.values.fill(peak - 200);
    let corner = from;
    this.lay(lattice, corner, level);
    while (level < finest || Math.max(lattice.columns, lattice.rows) < FEWEST) {
      lattice = doubled(lattice);
      corner = corner.map((v) => 2 * v);
      level++;
      if (level <= finest) this.lay(lattice, corner, level);
    }
    const { peak: top, levels: found } = this.levels(lattice.values);
    const ends = corner.map((v, d) => (v + (d ? lattice.rows : lattice.columns)) * step(level));
    const [left, bottom, right, above] = [
      corner[0] * step(level),
      this.dim === 2 ? corner[1] * step(level) : 0,
      ends[0],
      this.dim === 2 ? ends[1] : 1,
    ];
    return {
      columns: lattice.columns,
      rows: lattice.rows,
      values: Float32Array.from(lattice.values, (v) => v - top),
      box: /** @type {[number, number, number, number]} */ ([left, bottom, right, above]),
      levels: found,
      peak: top,
    };
  }

  /** The peak, and the levels that enclose 50, 90 and 99 %. @param {Float64Array} lattice the values of a window */
  levels(lattice) {
    const { weights } = this.summary();
    // Many nodes tell them better than a window, which may be coarser; few are interpolated.
    if (weights.some((weight) => weight > FEW)) return levels(lattice);
    const values = new Float64Array(weights.length);
    this.leaves.forEach(({ nodes: { logLikelihood }, logPrior }, at) => {
      for (let i = 0; i < NODES; i++) values[at * NODES + i] = logLikelihood[i] + logPrior[i];
    });
    return levels(values, weights);
  }

  /** The peak of the log-joint, the box around what is at most SEEN below it, and the levels of the leaves there. */
  extent() {
    let peak = -Infinity;
    for (const { nodes: { logLikelihood }, logPrior } of this.leaves) {
      for (let i = 0; i < NODES; i++) peak = Math.max(peak, logLikelihood[i] + logPrior[i]);
    }
    const [low, high] = [Array(this.dim).fill(Infinity), Array(this.dim).fill(-Infinity)];
    let [finest, coarsest] = [FARTHEST, DEEPEST];
    for (const { block: { level, step, codes }, nodes: { logLikelihood }, logPrior } of this.leaves) {
      for (let i = 0; i < NODES; i++) {
        if (logLikelihood[i] + logPrior[i] < peak - SEEN) continue;
        [finest, coarsest] = [Math.max(finest, level), Math.min(coarsest, level)];
        for (let d = 0; d < this.dim; d++) {
          low[d] = Math.min(low[d], codes[i][d] - 1.5 * step);
          high[d] = Math.max(high[d], codes[i][d] + 1.5 * step);
        }
      }
    }
    return { peak, low, high, finest, coarsest };
  }

  /**
   * Write the values of a level's nodes into a lattice of its step.
   * @param {import("../maths/log_lattice.js").Lattice} lattice @param {number[]} corner in steps @param {number} level
   */
  lay({ columns, rows, values }, corner, level) {
    for (const { block, nodes, logPrior } of this.known.values()) {
      if (block.level !== level) continue;
      const { across, place } = block;
      const [x0, y0] = [place[0] * across - corner[0], this.dim === 2 ? place[1] * across - corner[1] : 0];
      if (x0 + across <= 0 || x0 >= columns || y0 + across <= 0 || y0 >= rows) continue;
      for (let i = 0; i < NODES; i++) {
        const [x, y] = [x0 + (i % across), y0 + Math.floor(i / across)];
        if (x >= 0 && x < columns && y >= 0 && y < rows) {
          values[y * columns + x] = nodes.logLikelihood[i] + logPrior[i];
        }
      }
    }
  }
}
