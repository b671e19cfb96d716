// A path between two codes relaxed until its images change least: a discrete geodesic of the decoder's surface.

import { distance } from "./paths.js";

/** @typedef {(z: ArrayLike<number>) => Float32Array} Decode  an image of its own each time */

const ROUNDS = 12;
const LEAST_GAIN = 2e-3; // share of the energy that a round must win
const SHIFT = 0.02; // along an axis, for a derivative: share of the way from node to node
const [FIRST_DAMPING, LEAST_DAMPING, MOST_DAMPING] = [1e-3, 1e-6, 1e3];

/**
 * Lower the sum of the squared distances between neighbouring images, by Gauss and Newton's steps with damping: where
 * it is least, the nodes lie evenly along a shortest path. The ends stay.
 * @param {ArrayLike<number>[]} start the nodes @param {Decode} decode
 * @returns {Generator<void, number[][]>} nodes of no more energy than at the start
 */
export function* relaxed(start, decode) {
  let nodes = start.map((z) => Array.from(z));
  const shift = (SHIFT * nodes.reduce((sum, z, i) => sum + (i > 0 ? distance(z, nodes[i - 1]) : 0), 0)) / nodes.length;
  if (!(shift > 0)) return nodes;
  /** @type {Float32Array[]} */
  let images = [];
  for (const z of nodes) {
    images.push(decode(z));
    yield;
  }
  let damping = FIRST_DAMPING;
  for (let round = 0; round < ROUNDS && nodes.length > 2; round++) {
    const before = energy(images);
    const system = yield* linearised(nodes, images, shift, decode);
    let gain = 0;
    while (damping <= MOST_DAMPING) {
      const steps = solved(system, damping);
      const next = nodes.map((z, i) => z.map((v, d) => v + (steps[i - 1]?.[d] ?? 0)));
      /** @type {Float32Array[]} */
      const seen = [images[0]];
      for (const z of next.slice(1, -1)) {
        seen.push(decode(z));
        yield;
      }
      seen.push(images[images.length - 1]);
      gain = before - energy(seen);
      if (gain > 0) {
        [nodes, images] = [next, seen];
        damping = Math.max(damping / 10, LEAST_DAMPING);
        break;
      }
      damping *= 10;
    }
    if (!(gain > LEAST_GAIN * before)) break;
  }
  return nodes;
}

/** @param {ArrayLike<number>[]} images */
function energy(images) {
  let sum = 0;
  for (let i = 1; i < images.length; i++) sum += distance(images[i - 1], images[i]) ** 2;
  return sum;
}

/**
 * The energy's second order in the inner nodes' steps: blocks 2 J^T J on the diagonal, -J^T J' beside it, and the right
 * side, the images' own pull.
 * @typedef {{diagonal: number[][][], beside: number[][][], pull: number[][]}} System
 */

/**
 * @param {number[][]} nodes @param {Float32Array[]} images @param {number} shift @param {Decode} decode
 * @returns {Generator<void, System>}
 */
function* linearised(nodes, images, shift, decode) {
  /** @type {System} */
  const system = { diagonal: [], beside: [], pull: [] };
  /** @type {Float32Array[]} */
  let last = [];
  for (let i = 1; i + 1 < nodes.length; i++) {
    const jacobian = nodes[i].map((_, d) => {
      const image = decode(nodes[i].map((v, axis) => (axis === d ? v + shift : v)));
      for (let k = 0; k < image.length; k++) image[k] = (image[k] - images[i][k]) / shift;
      return image;
    });
    const pull = Float32Array.from(images[i], (v, k) => images[i - 1][k] + images[i + 1][k] - 2 * v);
    system.diagonal.push(jacobian.map((a) => jacobian.map((b) => 2 * dot(a, b))));
    system.pull.push(jacobian.map((a) => dot(a, pull)));
    if (i > 1) system.beside.push(last.map((a) => jacobian.map((b) => -dot(a, b))));
    last = jacobian;
    yield;
  }
  return system;
}

/**
 * The steps of all inner nodes, by elimination block after block.
 * @param {System} system @param {number} damping share of each diagonal that is added to it
 */
function solved({ diagonal, beside, pull }, damping) {
  const count = diagonal.length;
  const scale = diagonal.reduce((sum, block) => sum + block.reduce((trace, row, d) => trace + row[d], 0), 0) /
    (count * diagonal[0].length);
  /** @type {{block: number[][], right: number[]}[]} */
  const rows = [];
  for (let i = 0; i < count; i++) {
    const block = diagonal[i].map((row, a) => row.map((v, b) => (a === b ? v * (1 + damping) + damping * scale : v)));
    const right = pull[i].slice();
    if (i > 0) {
      // Less U^T B^-1 U and U^T B^-1 r of the row above, U beside.
      const above = rows[i - 1];
      const upper = beside[i - 1];
      const inverse = eliminated(above.block, upper.map((row, a) => [...row, above.right[a]]));
      for (let a = 0; a < right.length; a++) {
        for (let k = 0; k < upper.length; k++) {
          for (let b = 0; b < right.length; b++) block[a][b] -= upper[k][a] * inverse[k][b];
          right[a] -= upper[k][a] * inverse[k][right.length];
        }
      }
    }
    rows.push({ block, right });
  }
  /** @type {number[][]} */
  const steps = new Array(count);
  for (let i = count - 1; i >= 0; i--) {
    const { block, right } = rows[i];
    const rest = right.map((v, a) => (i + 1 < count ? v - dot(beside[i][a], steps[i + 1]) : v));
    steps[i] = eliminated(block, rest.map((v) => [v])).map(([v]) => v);
  }
  return steps;
}

/** X with A X = B, by elimination with pivots. @param {number[][]} a square @param {number[][]} b */
function eliminated(a, b) {
  const size = a.length;
  const rows = a.map((row, i) => [...row, ...b[i]]);
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let i = column + 1; i < size; i++) if (Math.abs(rows[i][column]) > Math.abs(rows[pivot][column])) pivot = i;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    const top = rows[column];
    for (let i = 0; i < size; i++) {
      const factor = i === column ? 0 : rows[i][column] / top[column];
      if (factor) { for (let k = column; k < top.length; k++) rows[i][k] -= factor * top[k]; }
    }
  }
  return rows.map((row, i) => row.slice(size).map((v) => v / row[i]));
}

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
