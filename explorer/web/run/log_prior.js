// The prior's log-density at a code, in words; a code without noise has no prior.

import { nats } from "../dom/format.js";
import { logDensity } from "../maths/normal.js";

/** @param {boolean} deterministic whether the run's code has no noise @param {ArrayLike<number>} z */
export function logPriorWords(deterministic, z) {
  return deterministic ? "none: no prior" : nats(logDensity(z));
}
