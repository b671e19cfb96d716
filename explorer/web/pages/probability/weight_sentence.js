// What the importance weights have to do with the gap, in words that are true of the q that is shown.

import { nats } from "../../dom/format.js";

const [UNSEEN, SLIGHT] = [2, 0.5]; // times the gap that log-normal weights of this variation have; nats

/**
 * @param {number | null} spread standard deviation of log w under q, in nats; null: no q is shown
 * @param {number | null} gap log p(x) - ELBO in nats; null: not known
 */
export function weightSentence(spread, gap) {
  const start = "With w = p(x, z) / q(z|x): log E[w] = log p(x) and E[log w] is the ELBO (Eq. 9). " +
    "The gap is 0 only where w is the same for every z, as it is where q is p(z|x).";
  if (spread === null) return start;
  const varies = `Under the q above, log w varies by ${nats(spread)}`;
  if (gap === null) return `${start} ${varies}.`;
  // Normal logarithms of this variation would make a gap of half its square (Eq. 16 for a Gaussian log w).
  const explained = 0.5 * spread * spread;
  if (gap > UNSEEN * explained + SLIGHT) {
    return `${start} ${varies}, and yet the gap is ${nats(gap)}: where w is largest, q hardly ever draws z, ` +
      "and what it does not draw does not show in this variation.";
  }
  return `${start} ${varies}, and the gap is ${nats(gap)}.`;
}
