// The prior's log-density at a code, in words; a code without noise has no prior.

import { nats } from "../dom/format.js";

/**
 * @param {{values: {kl: ArrayLike<number> | null}, decoder: {prior: import("../maths/prior.js").Prior}}} space
 * @param {ArrayLike<number>} z
 */
export function logPriorWords({ values, decoder }, z) {
  return values.kl === null ? "none: no prior" : nats(decoder.prior.logDensity(z));
}
