// Squares of the latent plane, or pieces of a line, with 16 nodes each; cut at their middle they are smaller ones.

/** @typedef {import("./types.js").Pair} Pair */

export const NODES = 16; // of a block, evenly over it
const SIDE = 1.5; // of a block of level 0; of level l it is 2^-l of that
const ACROSS = 4; // blocks from the middle to the edge of a level's grid

/** Where a block of a level is: its low corner in units of its side. @typedef {number[]} Place */

export class Block {
  /** @param {number} level @param {Place} place one number for each dimension, one or two of them */
  constructor(level, place) {
    this.level = level;
    this.place = place;
    this.dim = place.length;
    this.side = SIDE * 2 ** -level;
    /** nodes along a side */
    this.across = Math.round(NODES ** (1 / this.dim));
    /** between nodes */
    this.step = this.side / this.across;
    this.key = `${level}:${place}`;
    /** that take its place once they are there @type {Block[]} */
    this.children = [];
    this.logVolume = this.dim * Math.log(this.step); // of a node's cell
    /** the codes of its nodes, the first coordinate going fastest */
    this.codes = Array.from({ length: NODES }, (_, i) => this.code(i));
  }

  /** @param {number} node */
  code(node) {
    return this.place.map((low, d) =>
      low * this.side + this.step * ((d === 0 ? node % this.across : Math.floor(node / this.across)) + 0.5)
    );
  }

  /** Its pieces, as yet without anything in them. */
  pieces() {
    const doubled = this.place.map((v) => 2 * v);
    const corners = this.dim === 1 ? [[0], [1]] : [[0, 0], [1, 0], [0, 1], [1, 1]];
    return corners.map((corner) => new Block(this.level + 1, doubled.map((v, d) => v + corner[d])));
  }

  /** @param {ArrayLike<number>} z */
  holds(z) {
    return this.place.every((low, d) => z[d] >= low * this.side && z[d] < (low + 1) * this.side);
  }

  /** How far its middle lies from the prior's mean on each axis. */
  get away() {
    return this.place.map((low) => Math.abs(low + 0.5) * this.side);
  }
}

/** How far a level's grid reaches from the prior's mean on each axis. @param {number} level */
export function reach(level) {
  return ACROSS * SIDE * 2 ** -level;
}

/**
 * All blocks of a level's grid. @param {number} dim 1 or 2 @param {number} level
 */
export function grid(dim, level) {
  const line = Array.from({ length: 2 * ACROSS }, (_, i) => i - ACROSS);
  const places = dim === 1 ? line.map((x) => [x]) : line.flatMap((y) => line.map((x) => [x, y]));
  return places.map((place) => new Block(level, place));
}

/**
 * By how much the log-joint bends from node to node where the block is likely, and what it may hold at most.
 * @param {Block} block @param {ArrayLike<number>} values at its nodes, in nats
 */
export function shape(block, values) {
  const { across, dim } = block;
  let top = 0;
  for (let i = 1; i < NODES; i++) if (values[i] > values[top]) top = i;
  let [bend, rise] = [0, 0];
  for (let d = 0; d < dim; d++) {
    const stride = d === 0 ? 1 : across;
    const at = Math.floor(top / stride) % across;
    const beside = [at > 0 ? top - stride : -1, at < across - 1 ? top + stride : -1].filter((i) => i >= 0);
    rise += 0.5 * Math.max(...beside.map((i) => Math.abs(values[top] - values[i])));
    for (let i = 0; i < NODES; i++) {
      const place = Math.floor(i / stride) % across;
      if (place === 0 || place === across - 1) continue;
      const [before, here, after] = [values[i - stride], values[i], values[i + stride]];
      if (Math.max(before, here, after) < values[top] - NEAR) continue;
      bend = Math.max(bend, Math.abs(before - 2 * here + after));
    }
  }
  return { bend, most: values[top] + rise + block.logVolume };
}

const NEAR = 6; // nats below the block's highest node
