// The sentences of the Prior page, chosen by the run and the grid that are shown.

import { percent } from "../../dom/format.js";

/** @typedef {{dim: number, deterministic: boolean}} Shown  the run */

/**
 * What the grid shows.
 * @param {Shown} run @param {number} low percent of the prior below the first column
 * @param {number} empty cells without a held-out image @param {number} cells
 */
export function gridSentence({ dim, deterministic }, low, empty, cells) {
  const whose = deterministic
    ? "N(0, I), which is no prior of this run: its codes without noise were never drawn to it"
    : "the prior N(0, I)";
  const where = {
    1: " of its one dimension, line by line from the lowest",
    2: " on both axes",
  }[dim] ?? `. Percentiles of all ${dim} dimensions fill no grid: this is the plane of the first two principal ` +
      `components, the ancestral samples draw all ${dim}`;
  const share = percent((1 - low / 50) ** Math.min(dim, 2));
  const across = dim > 2 ? "on this plane" : "of it";
  return `Images decoded at evenly spaced percentiles of ${whose}${where}. They span ${share} ${across}; ` +
    `${empty} of ${cells} cells (${percent(empty / cells)}) hold no held-out image.`;
}

/** How the samples come about. @param {Shown} run @param {boolean} pixels whether x itself is drawn */
export function samplesSentence({ deterministic }, pixels) {
  const drawn = pixels ? "x ~ p(x|z)" : "the mean of p(x|z)";
  return deterministic
    ? `This run has no prior to draw from: z ~ N(0, I) all the same, then ${drawn}.`
    : `z ~ p(z), then ${drawn} (Eq. 1).`;
}
