// The figures of Eq. 10 as texts that add up, wherever the page shows them: log p(x) = gap + ELBO.

import { addingUp } from "../../dom/format.js";

/** log p(x) is known to about a thousandth of a nat: all that it is the sum of has as many decimals. */
export const DECIMALS = 3;
export const LEAST = 0.001; // nats: what is below means nothing

/** A log-probability. @param {number} nats */
export function figure(nats) {
  return addingUp(nats, [], DECIMALS).whole;
}

/**
 * The gap and what Eq. 10 leaves, as they are shown beside log p(x) and the ELBO, to which they add up.
 * @param {number} evidence log p(x) @param {number} elbo @param {number | null} gap by itself; null while q moves
 * @returns {{gap: string, residual: string | null}} residual: null where it is too small to mean anything
 */
export function gapTexts(evidence, elbo, gap) {
  const residual = gap === null ? 0 : evidence - gap - elbo;
  if (Math.abs(residual) < LEAST) return { gap: between(evidence, elbo), residual: null };
  const { rest, parts } = addingUp(evidence, [elbo, residual], DECIMALS);
  return { gap: rest, residual: parts[1] };
}

/** What lies between two log-probabilities, as they are shown. @param {number} high @param {number} low in nats */
export function between(high, low) {
  return addingUp(high, [low], DECIMALS).rest;
}
