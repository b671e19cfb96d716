// One standard deviation to each side of an image's posterior mean, along the axes of its ellipse on the plane.

import { eigen } from "../maths/covariance.js";

/** @typedef {import("../maths/types.js").Pair} Pair */
/** @typedef {import("./latent_space.js").LatentSpace} LatentSpace */
/** @typedef {{name: string, z: number[]}} SigmaPoint */

/**
 * mu - sigma and mu + sigma along the ellipse's long axis, then along its short one; one pair in one dimension, and
 * none where there is no noise or no shape.
 * @param {LatentSpace} space @param {number} index @returns {SigmaPoint[]}
 */
export function sigmaPoints(space, index) {
  const { cov, line } = space;
  if (!cov) return [];
  const plane = space.percentiles?.flat ?? space.projection;
  const { values, angle } = eigen(cov[3 * index], cov[3 * index + 1], cov[3 * index + 2]);
  const origin = plane.latent([0, 0]);
  const mean = space.code(index);
  return (line ? [0] : [0, 1]).flatMap((axis) => {
    const sigma = Math.sqrt(Math.max(values[axis], 0));
    const turn = angle + (axis * Math.PI) / 2;
    const step = plane.latent([sigma * Math.cos(turn), sigma * Math.sin(turn)]).map((v, d) => v - origin[d]);
    return [-1, 1].map((sign) => ({
      name: `μ ${sign < 0 ? "−" : "+"} σ${line ? "" : "₁₂"[axis]}`,
      z: step.map((v, d) => mean[d] + sign * v),
    }));
  });
}
