// What |z| is along a path, and what a straight line does to it in many dimensions.

import { decimals, percent } from "../../dom/format.js";
import { chiShare } from "../../maths/chi.js";
import { norm } from "../../maths/paths.js";

export const MANY = 10; // dimensions, above which draws of N(0, I) all have about the same |z|

/**
 * |z|, and its percentile among draws of the prior if that is N(0, I): a code without noise has none, a learned one is
 * another.
 * @param {ArrayLike<number>} z @param {boolean} standard
 */
export function normWords(z, standard) {
  const length = `|z| = ${decimals(norm(z))}`;
  return standard ? `${length}: ${percent(chiShare(norm(z), z.length))} of draws of N(0, I) lie nearer to 0` : length;
}

/**
 * A sentence on the straight line from a to b; none in few dimensions, where 0 itself is where draws are densest and
 * most of them not far.
 * @param {ArrayLike<number>} a @param {ArrayLike<number>} b @param {boolean} standard as above
 */
export function straightWords(a, b, standard) {
  const dim = a.length;
  if (dim <= MANY) return "";
  const [t, least] = nearest(a, b);
  const [first, last] = [norm(a), norm(b)].map(decimals);
  const course = t > 0 && t < 1
    ? `falls from ${first} to ${decimals(least)} at t = ${decimals(t)} and rises to ${last}`
    : `goes from ${first} to ${last}`;
  const draws = standard ? `; draws of N(0, I) have about √${dim} = ${decimals(Math.sqrt(dim))}` : "";
  return ` Straight, |z| ${course}${draws}.`;
}

/**
 * Where the straight line is nearest to 0, from 0 to 1, and how near.
 * @param {ArrayLike<number>} a @param {ArrayLike<number>} b @returns {[number, number]}
 */
function nearest(a, b) {
  let [along, squared] = [0, 0];
  for (let d = 0; d < a.length; d++) {
    along -= a[d] * (b[d] - a[d]);
    squared += (b[d] - a[d]) ** 2;
  }
  const t = squared > 0 ? Math.min(Math.max(along / squared, 0), 1) : 0;
  return [t, norm(Array.from(a, (v, d) => (1 - t) * v + t * b[d]))];
}

/**
 * Whether a run's codes have percentiles among draws of N(0, I): one without noise has no prior.
 * @param {import("../../run/latent_space.js").LatentSpace} space
 */
export function hasPercentiles({ decoder, values }) {
  return decoder.prior.standard && values.kl !== null;
}
