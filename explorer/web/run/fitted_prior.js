// A prior of a run as the Prior page compares it: what draws codes of it, and its density on the plane.

import { MixturePrior } from "../maths/prior.js";
import { PlaneMixture } from "../maths/plane_mixture.js";

/** @typedef {import("./latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../maths/normal.js").Random} Random */
/** @typedef {{draw: (random: Random, dim: number) => number[]}} Drawing */
/** @typedef {{drawing: Drawing, plane: PlaneMixture}} Compared */

/** The run's own prior. @param {LatentSpace} space @returns {Compared} */
export function ownPrior(space) {
  const { prior } = space.decoder;
  return { drawing: prior, plane: prior instanceof MixturePrior ? seen(space, prior) : standard(space) };
}

/**
 * A fitted mixture.
 * @param {LatentSpace} space @param {import("../maths/prior.js").Mixture} gaussians @returns {Compared}
 */
export function fittedMixture(space, gaussians) {
  const prior = new MixturePrior(gaussians, "fitted");
  return { drawing: prior, plane: seen(space, prior) };
}

/**
 * The aggregate posterior, the mean of q(z|x) over all held-out images.
 * @param {LatentSpace} space @returns {Compared}
 */
export function aggregatePosterior(space) {
  const { count, means } = space;
  const cov = /** @type {Float32Array} */ (space.cov);
  const logWeight = new Float64Array(count).fill(-Math.log(count));
  return {
    drawing: { draw: (random) => drawOfOne(space, Math.floor(random.uniform() * count), random) },
    plane: new PlaneMixture({ logWeight, mean: means, cov }, space.line),
  };
}

/**
 * A draw of q(z|x) of an image in all dimensions (Eq. 26).
 * @param {LatentSpace} space @param {number} index @param {Random} random
 */
function drawOfOne(space, index, random) {
  const { dim } = space;
  if (dim <= 2) return Array.from(space.latent(space.drawnOn(index, random)));
  return /** @type {number[]} */ (space.drawn(index, Array.from({ length: dim }, () => random.normal())));
}

/** N(0, I) on the plane, whose axes are orthonormal. @param {LatentSpace} space */
function standard(space) {
  return new PlaneMixture({ logWeight: [0], mean: space.priorCenter(), cov: [1, 0, 1] }, space.line);
}

/** A mixture on the plane. @param {LatentSpace} space @param {MixturePrior} prior */
function seen(space, { logWeight, mean, sigma }) {
  const { basis, dim } = /** @type {import("../maths/projection.js").FlatPlane} */ (space.projection);
  const along = (/** @type {number[]} */ deviations, /** @type {number} */ a, /** @type {number} */ b) =>
    deviations.reduce((sum, s, d) => sum + basis[a * dim + d] * basis[b * dim + d] * s * s, 0);
  return new PlaneMixture({
    logWeight,
    mean: mean.flatMap((row) => space.project(row)),
    cov: sigma.flatMap((row) => [along(row, 0, 0), along(row, 0, 1), along(row, 1, 1)]),
  }, space.line);
}
