// The sentences of the Prior page, chosen by the run and the grid that are shown.

import { percent } from "../../dom/format.js";
import { drawnPixelsWords } from "../../run/likelihood_words.js";

/**
 * The run; learned: its prior in words, where that is not N(0, I).
 * @typedef {{dim: number, deterministic: boolean, learned?: string}} Shown
 */

/**
 * What the grid shows.
 * @param {Shown} run @param {number} low percent of the prior below the first column
 * @param {number} empty cells without a held-out image @param {number} cells
 */
export function gridSentence({ dim, deterministic, learned }, low, empty, cells) {
  const whose = deterministic
    ? "N(0, I), which is no prior of this run: its codes without noise were never drawn to it"
    : learned
    ? `N(0, I), not of this run's prior, ${learned}, which has no such percentiles: its samples are below`
    : "the prior N(0, I) (Eq. 29)";
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

/**
 * How the samples come about.
 * @param {Shown} run @param {boolean} pixels whether x itself is drawn
 * @param {import("../../run/likelihood_words.js").Likelihood} decoder
 */
export function samplesSentence({ deterministic }, pixels, decoder) {
  const drawn = pixels ? "x ~ p(x|z)" : "the mean of p(x|z)";
  const why = pixels ? drawnPixelsWords(decoder) : "";
  return deterministic
    ? `This run has no prior to draw from: z ~ N(0, I) all the same, then ${drawn}.${why}`
    : `z ~ p(z), then ${drawn} (Eq. 1).${why}`;
}

/** What the laboratory shows. @param {number} dim of z */
export function laboratorySentence(dim) {
  const where = dim > 2 ? `, as the plane shows ${dim} dimensions` : "";
  return `Shaded: the log density of a prior fitted to the run's codes${where}, to 10 nats below its peak. ` +
    "Its contours hold 50, 90 and 99 %, as do those of the run's own prior, in orange.";
}
