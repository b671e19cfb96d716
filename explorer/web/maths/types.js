// Types that the mathematics shares; all else is built on them.

/** @typedef {[number, number]} Pair  a point of a plane, or one number for each of its axes */
/**
 * log p(x|z) of one image x, in nats, summed over pixels; `prior`: the run's p(z), N(0, I) if not given.
 * @typedef {object} LogLikelihood
 * @property {(z: ArrayLike<number>) => number} at
 * @property {(codes: ArrayLike<number>[]) => Float64Array} atEach  the same at several codes, faster
 * @property {import("./prior.js").Prior} [prior]
 */
/**
 * q(z|x) = N(mu, L L^T) as an encoder gives it: `factor` holds the rows of L up to its diagonal, `sigma` the standard
 * deviation of each coordinate; both are 0 where the code is deterministic.
 * @typedef {{mu: number[], sigma: number[], factor: number[][]}} Encoded
 */
/**
 * Latents of N images in D dimensions; `covariance` gives an entry of an image's posterior covariance, null without
 * noise.
 * @typedef {object} Latents
 * @property {Float32Array} mu  (N, D), row by row
 * @property {number} count  N
 * @property {number} dim  D
 * @property {((index: number, a: number, b: number) => number) | null} covariance
 */

export {};
