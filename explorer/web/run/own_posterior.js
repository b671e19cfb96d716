// The true posterior p(z|x) of an image and log p(x), integrated in the page itself where no server does it.

import { NODES } from "../maths/blocks.js";
import { Random } from "../maths/normal.js";
import { fixedDraw } from "../maths/binarize.js";
import { systematic } from "./drawn_posterior.js";
import { GridPosterior } from "./grid_posterior.js";
import { PixelNodes, SeenImage } from "./pixel_nodes.js";
import { TruePosterior } from "./true_posterior.js";

/** @typedef {import("./latent_space.js").LatentSpace} LatentSpace */

const DRAWS = 50 * NODES; // for log p(x) once more
const SLICE_MS = 6; // of a frame

/** It has decoded what every image of its run needs. @type {GridPosterior | null} */
let last = null;

/**
 * @param {LatentSpace} space of one or two dimensions, given the image's class @param {number} index of the image
 * @param {ArrayLike<number>} x its pixels in [0, 1] @param {AbortSignal} signal after which it is not wanted any more
 */
export async function ownPosterior(space, index, x, signal) {
  const work = integrated(space, index, x);
  for (let slice = performance.now();;) {
    const { done, value } = work.next();
    if (done) return value;
    if (performance.now() - slice < SLICE_MS) continue;
    await new Promise((resolve) => setTimeout(resolve));
    signal.throwIfAborted();
    slice = performance.now();
  }
}

/**
 * In steps of a few decoded images.
 * @param {LatentSpace} space @param {number} index @param {ArrayLike<number>} x
 * @returns {Generator<void, TruePosterior>}
 */
function* integrated(space, index, x) {
  const { decoder, dim } = space;
  const known = last?.decoder === decoder ? last : null;
  const grid = known ?? new GridPosterior(decoder, new SeenImage(decoder), dim);
  grid.image.x = Float32Array.from(decoder.binarizes ? fixedDraw(x) : x);
  grid.image.seen = new Uint8Array(grid.image.places).fill(1);
  grid.hints = [{ mu: Array.from(space.code(index)), factor: factorOf(space, index) }];
  if (known) grid.recount();
  else yield* grid.begin();
  last = grid;
  yield* grid.prepare(); // a mode that the encoder knows nothing of may lie between the nodes of the widest grid
  yield* grid.refine();
  const { logEvidence, weights } = grid.summary();
  const { mean, error } = yield* weighted(grid, weights, logEvidence);
  const { columns, rows, values, box, levels } = grid.window();
  return new TruePosterior({ window_0: { shape: [rows, columns], data: values } }, {
    boxes: [box],
    levels,
    log_evidence: logEvidence,
    error: null, // a narrow mode between the nodes is not known of
    log_normaliser: logEvidence + Math.log(mean),
    normaliser_error: error / mean,
  });
}

/** L of the encoder's q; zeros where the code has no noise. @param {LatentSpace} space @param {number} index */
function factorOf({ cov, dim }, index) {
  const [xx, xy, yy] = cov ? cov.subarray(3 * index, 3 * index + 3) : [0, 0, 0];
  const first = Math.sqrt(xx);
  if (dim === 1) return [[first]];
  const below = first ? xy / first : 0;
  return [[first, 0], [below, Math.sqrt(Math.max(yy - below * below, 0))]];
}

/**
 * p(x) over its quadrature, by draws that are even within each node's cell, and the standard error.
 * @param {GridPosterior} grid @param {Float64Array} weights @param {number} logEvidence
 * @returns {Generator<void, {mean: number, error: number}>}
 */
function* weighted(grid, weights, logEvidence) {
  const { decoder, image, leaves } = grid;
  const random = new Random(1);
  const drawn = systematic(weights, DRAWS);
  let [sum, squares] = [0, 0];
  for (let start = 0; start < DRAWS; start += NODES) {
    const nodes = drawn.slice(start, start + NODES);
    const codes = nodes.map((node) => {
      const { codes: all, step } = leaves[Math.floor(node / NODES)].block;
      return all[node % NODES].map((v) => v + (random.uniform() - 0.5) * step);
    });
    const { logLikelihood } = new PixelNodes(codes, decoder, image);
    codes.forEach((z, i) => {
      const { logVolume } = leaves[Math.floor(nodes[i] / NODES)].block;
      const logJoint = logLikelihood[i] + decoder.prior.logDensity(z);
      const ratio = Math.exp(logJoint + logVolume - logEvidence) / weights[nodes[i]];
      sum += ratio;
      squares += ratio * ratio;
    });
    yield;
  }
  const mean = sum / DRAWS;
  return { mean, error: Math.sqrt(Math.max(squares / DRAWS - mean * mean, 0) / DRAWS) };
}
