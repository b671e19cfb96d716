// A grid of decoded images over a run's plane, and the shortest path in image space over it.

import { Camera } from "../../plane/camera.js";
import { shortestPath } from "../../maths/shortest_path.js";
import { distance, linear, sample, through } from "../../maths/paths.js";
import { relaxed } from "../../maths/geodesic.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../../maths/paths.js").Path} Path */
/**
 * A polyline and its lengths in image space: of each piece, of all.
 * @typedef {{vectors: ArrayLike<number>[], lengths: number[], length: number}} Chain
 */
/**
 * @typedef {object} Graph
 * @property {number} count of nodes; the last ones lie on the line from a to b
 * @property {(node: number) => ArrayLike<number>} vector
 * @property {(node: number, each: (other: number, length: number) => void) => void} neighbours
 * @property {Chain} line
 */

const MOST_ACROSS = 48;
const MOST_NUMBERS = 8e6; // kept images: 32 MB
const ALONG = 64; // pieces in which the length of a path is measured
const SMOOTHINGS = 3;
const RELAXED = 24; // pieces of a path whose nodes are moved
// Half of the sixteen neighbours: the eight around a node and the eight knight's moves.
const STEPS = [[1, 0], [0, 1], [1, 1], [1, -1], [2, 1], [1, 2], [2, -1], [1, -2]];

export class ImageGrid {
  /** @param {LatentSpace} space */
  constructor(space) {
    this.space = space;
    const { pixels } = space.decoder;
    this.across = Math.max(8, Math.min(MOST_ACROSS, Math.floor(Math.sqrt(MOST_NUMBERS / pixels))));
    const camera = new Camera();
    camera.fit(space.xy, space.line);
    const [[left, right], [bottom]] = camera.ranges();
    this.left = left;
    this.bottom = bottom;
    this.step = (right - left) / (this.across - 1);
    this.count = this.across ** 2;
    /** decoded so far */
    this.done = 0;
    /** @type {(Float32Array | undefined)[]} */
    this.images = new Array(this.count);
    /** lengths of the edges from each node by STEPS; NaN: not there */
    this.edges = new Float32Array(this.count * STEPS.length).fill(NaN);
  }

  get complete() {
    return this.done === this.count;
  }

  /** @param {number} node @returns {Pair} */
  point(node) {
    return [this.left + (node % this.across) * this.step, this.bottom + Math.floor(node / this.across) * this.step];
  }

  /** The node at a column and a row, or -1. @param {number} column @param {number} row */
  node(column, row) {
    const inside = column >= 0 && row >= 0 && column < this.across && row < this.across;
    return inside ? row * this.across + column : -1;
  }

  /** Decode the whole grid, one image a turn, those around a point first. @param {Pair} near */
  *fill([x, y]) {
    const far = Float64Array.from(
      { length: this.count },
      (_, node) => Math.hypot(this.point(node)[0] - x, this.point(node)[1] - y),
    );
    const order = Int32Array.from(far, (_, node) => node).sort((a, b) => far[a] - far[b]);
    for (const node of order) {
      if (this.images[node]) continue;
      this.add(node);
      yield;
    }
  }

  /** @param {number} node */
  add(node) {
    const image = this.space.decode(this.point(node));
    this.images[node] = image;
    this.done += 1;
    const [column, row] = [node % this.across, Math.floor(node / this.across)];
    STEPS.forEach(([dx, dy], kind) => {
      const [after, before] = [this.node(column + dx, row + dy), this.node(column - dx, row - dy)];
      const [next, last] = [this.images[after], this.images[before]];
      if (next) this.edges[node * STEPS.length + kind] = distance(image, next);
      if (last) this.edges[before * STEPS.length + kind] = distance(image, last);
    });
  }

  /**
   * Each decoded neighbour of a node and its distance.
   * @param {number} node @param {(other: number, length: number) => void} each
   */
  neighbours(node, each) {
    if (!this.images[node]) return;
    const [column, row] = [node % this.across, Math.floor(node / this.across)];
    STEPS.forEach(([dx, dy], kind) => {
      const [after, before] = [this.node(column + dx, row + dy), this.node(column - dx, row - dy)];
      if (after >= 0 && this.images[after]) each(after, this.edges[node * STEPS.length + kind]);
      if (before >= 0 && this.images[before]) each(before, this.edges[before * STEPS.length + kind]);
    });
  }

  /**
   * The graph of the grid as decoded so far and of points on the straight line from a to b, which come after the
   * grid's nodes and have edges to the nodes around them: so the line itself is one of the paths.
   * @param {ArrayLike<number>} a @param {ArrayLike<number>} b
   * @returns {Generator<void, Graph>}
   */
  *graph(a, b) {
    const vectors = sample(linear(a, b), ALONG);
    /** @type {Float32Array[]} */
    const images = [];
    for (const z of vectors) {
      images.push(this.space.decoder.decode(z));
      yield;
    }
    const { count } = this;
    /** @type {Map<number, {other: number, length: number}[]>} */
    const edges = new Map();
    const join = (/** @type {number} */ one, /** @type {number} */ two, /** @type {number} */ length) => {
      for (const [from, other] of [[one, two], [two, one]]) {
        edges.set(from, [...(edges.get(from) ?? []), { other, length }]);
      }
    };
    const lengths = images.slice(1).map((image, i) => distance(images[i], image));
    lengths.forEach((length, i) => join(count + i, count + i + 1, length));
    vectors.forEach((z, i) => {
      const [x, y] = this.space.project(z);
      const [column, row] = [Math.floor((x - this.left) / this.step), Math.floor((y - this.bottom) / this.step)];
      for (const [dx, dy] of [[0, 0], [1, 0], [0, 1], [1, 1]]) {
        const node = this.node(column + dx, row + dy);
        const image = this.images[node];
        if (image) join(node, count + i, distance(image, images[i]));
      }
    });
    return {
      count: count + vectors.length,
      vector: (node) => (node < count ? this.space.latent(this.point(node)) : vectors[node - count]),
      neighbours: (node, each) => {
        if (node < count) this.neighbours(node, each);
        for (const { other, length } of edges.get(node) ?? []) each(other, length);
      },
      line: { vectors, lengths, length: lengths.reduce((sum, v) => sum + v, 0) },
    };
  }

  /**
   * The shortest path over the graph from a to b, with the lengths of its edges, and the straight line.
   * @param {ArrayLike<number>} a @param {ArrayLike<number>} b @returns {Generator<void, {rough: Chain, line: Chain}>}
   */
  *route(a, b) {
    const { count, vector, neighbours, line } = yield* this.graph(a, b);
    const found = shortestPath(count, this.count, count - 1, neighbours);
    if (!found) return { rough: line, line };
    const lengths = found.nodes.slice(1).map((node, i) => {
      let length = Infinity;
      neighbours(found.nodes[i], (other, far) => {
        if (other === node) length = far;
      });
      return length;
    });
    return { rough: { vectors: found.nodes.map(vector), lengths, length: found.length }, line };
  }

  /**
   * A route measured as finely as any path, at an even rate in image space, smoothed while that makes it shorter, and
   * relaxed in all latent dimensions, as is the shortest of the straight line and the other paths given; never longer
   * than these.
   * @param {{rough: Chain, line: Chain}} route @param {Path[]} others @returns {Generator<void, Chain>}
   */
  *refine({ rough, line }, others = []) {
    let best = yield* this.even(rough.vectors);
    for (let round = 0; round < SMOOTHINGS; round++) {
      const smoother = yield* this.even(smoothed(best.vectors));
      if (smoother.length >= best.length) break;
      best = smoother;
    }
    const rivals = [line];
    for (const path of others) rivals.push(yield* measure(path, this.space));
    const shortest = (/** @type {Chain[]} */ chains) =>
      chains.reduce((least, chain) => (chain.length <= least.length ? chain : least));
    const rival = shortest(rivals);
    const found = [best, rival];
    for (const chain of [best, rival]) found.push(yield* this.relax(chain));
    return shortest(found);
  }

  /** The chain with its nodes moved until the images along it change least. @param {Chain} chain */
  *relax(chain) {
    const { decoder } = this.space;
    const nodes = yield* relaxed(sample(evenly(chain), RELAXED), (z) => decoder.decode(z));
    return yield* this.even(nodes);
  }

  /**
   * A polyline at an even rate in image space.
   * @param {ArrayLike<number>[]} corners @returns {Generator<void, Chain>}
   */
  *even(corners) {
    /** @type {number[]} */
    const marks = [0];
    corners.forEach((z, i) => i > 0 && marks.push(marks[i - 1] + distance(z, corners[i - 1])));
    const rough = yield* measure(through(corners, marks), this.space);
    return yield* measure(evenly(rough), this.space);
  }
}

/**
 * The length of a path in image space: the sum of the distances between decoded images along it.
 * @param {Path} path @param {LatentSpace} space @returns {Generator<void, Chain>}
 */
export function* measure(path, space) {
  const vectors = sample(path, ALONG);
  let before = space.decoder.decode(vectors[0]);
  let now = space.decoder.decode(vectors[0]);
  const lengths = [];
  for (const z of vectors.slice(1)) {
    space.decoder.decode(z, now);
    lengths.push(distance(before, now));
    [before, now] = [now, before];
    yield;
  }
  return { vectors, lengths, length: lengths.reduce((sum, v) => sum + v, 0) };
}

/** A chain as a path whose t runs evenly in image space. @param {Chain} chain */
export function evenly({ vectors, lengths }) {
  /** @type {number[]} */
  const marks = [0];
  for (const piece of lengths) marks.push(marks[marks.length - 1] + piece);
  return through(vectors, marks);
}

/**
 * Every vector drawn to the middle of its neighbours, a few times over; the ends stay.
 * @param {ArrayLike<number>[]} vectors
 */
function smoothed(vectors) {
  let now = vectors.map((z) => Array.from(z));
  for (let pass = 0; pass < 6; pass++) {
    const before = now;
    const inner = before.slice(1, -1).map((z, i) =>
      z.map((v, d) => 0.5 * v + 0.25 * (before[i][d] + before[i + 2][d]))
    );
    now = [before[0], ...inner, before[before.length - 1]];
  }
  return now;
}
