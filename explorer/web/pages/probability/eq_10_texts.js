// The figures of Eq. 10 as texts that add up, wherever the page shows them: log p(x) = gap + ELBO.

import { addingUp } from "../../dom/format.js";

/** log p(x) is known to about a thousandth of a nat: all that it is the sum of has as many decimals. */
export const DECIMALS = 3;

/** A log-probability. @param {number} nats */
export function figure(nats) {
  return addingUp(nats, [], DECIMALS).whole;
}

/** What lies between two log-probabilities, as they are shown. @param {number} high @param {number} low in nats */
export function between(high, low) {
  return addingUp(high, [low], DECIMALS).rest;
}
