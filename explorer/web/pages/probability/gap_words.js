// How the gaps of a run's held-out images are spread, in words.

import { inNats, significant } from "../../dom/format.js";

/** @typedef {import("./held_out_table.js").Gaps} Gaps */
/** @typedef {import("./held_out_table.js").HeldOutMetrics} HeldOutMetrics */

/** The distribution, or why there is none. @param {HeldOutMetrics} metrics of a run */
export function gapWords({ gap, kl_per_dimension: kl, active_units: active }) {
  if (!gap) {
    if (!kl && active !== undefined) return "none: a code without noise";
    return kl && kl.length > 2 ? `none in ${kl.length} dimensions` : "not computed";
  }
  const shares = Object.keys(gap.quantiles).map(Number).sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => inNats(gap.quantiles[String(share)]);
  const [low, high] = [shares[0], shares[shares.length - 1]];
  return `median ${at(0.5)}, ${Math.round(100 * (high - low))} % from ${at(low)} to ${at(high)} nats ` +
    `(${gap.images.toLocaleString("en")} images)`;
}

/** A bar of the histogram: those at its ends count what lies beyond, too. @param {Gaps} gap @param {number} i */
export function barWords({ edges, counts }, i) {
  const [low, high] = [edges[i], edges[i + 1]].map(significant);
  const where = i === 0
    ? `below ${high} nats`
    : i === counts.length - 1
    ? `${low} nats or more`
    : `${low} to ${high} nats`;
  return `${where}: ${counts[i]} image${counts[i] === 1 ? "" : "s"}`;
}

/** The histogram. @param {Gaps} gap */
export function histogramWords({ edges, counts, images }) {
  const [low, high] = [edges[1], edges[edges.length - 2]].map(significant);
  return `Gaps of ${images} images, in ${counts.length} classes from below ${low} to above ${high} nats`;
}
