// The sentences of the beta dial, chosen by the family that is shown.

/** @typedef {{runs: string[], warm: boolean, left_out: number}} Shown  as Family in explorer/views/families.py */

const COMMAND = "python -m training sweep --beta 0 0.5 1 4 20 --start-from RUN --family NAME";

/** What the page shows. @param {Shown} family */
export function dialSentence({ runs, warm, left_out }) {
  const count = left_out ? `${runs.length} of ${runs.length + left_out}` : runs.length;
  const how = warm
    ? "each begun with its neighbour's weights: the picture stays in place"
    : "each trained by itself: between two of them points may go far";
  return `${count} runs that differ by β alone (Eq. 30), ${how}.`;
}

/** Why there is no dial. @param {string} dataset */
export function emptySentence(dataset) {
  return `${dataset} has no runs that differ by β alone, three at least, in two latent dimensions. ` +
    `This makes some: ${COMMAND}, with --dataset and --out.`;
}

/** What is seen between two runs, and at one. @param {boolean} between */
export function blendSentence(between) {
  return between ? "Between two runs: points and images of both, blended." : "A run as it was trained.";
}

/** How many dimensions are in use. @param {(number | null)[]} active of the runs around the place */
export function activeWords(active) {
  const known = [...new Set(active.filter((count) => typeof count === "number"))];
  return known.length ? `${known.join(" to ")} of 2` : "not measured";
}
