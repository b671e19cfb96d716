// What can be said of the images along a path: how sure a classifier is of them, how far they are from real ones.

import { decimals, percent, significant } from "../../dom/format.js";

/** @typedef {import("../../network/classifier.js").Classifier} Classifier */
/** @typedef {import("../../run/held_out.js").HeldOut} HeldOut */
/**
 * @typedef {object} PathScore
 * @property {number} t
 * @property {number | null} confidence  of the classifier in the likeliest class, if there is a classifier
 * @property {number} label  that class, or -1
 * @property {number | null} distance  to the nearest held-out image, if there are any
 */

export const SCORED_PLACES = 41; // along a path

/**
 * @param {import("./film_row.js").Film} film @param {HeldOut} heldOut @param {Classifier | null} classifier
 * @returns {Generator<PathScore, void>}
 */
export function* scorePath({ space, path }, heldOut, classifier) {
  let guess = 0;
  for (let i = 0; i < SCORED_PLACES; i++) {
    const t = i / (SCORED_PLACES - 1);
    const pixels = space.decoder.decode(path(t));
    const best = classifier?.best(pixels) ?? null;
    const nearest = heldOut.gallery ? heldOut.nearest(pixels, guess) : null;
    guess = nearest?.index ?? 0;
    yield { t, confidence: best?.confidence ?? null, label: best?.label ?? -1, distance: nearest?.distance ?? null };
  }
}

/** The least confident place. @param {PathScore[]} scores */
export function leastSure(scores) {
  return scores.reduce((worst, one) => ((one.confidence ?? 1) < (worst.confidence ?? 1) ? one : worst));
}

/** One sentence on a whole path. @param {PathScore[]} scores @param {string[]} classes */
export function verdict(scores, classes) {
  const parts = [];
  const unsure = leastSure(scores);
  if (unsure.confidence !== null) {
    parts.push(`least sure at t = ${decimals(unsure.t)}: ${percent(unsure.confidence)} for ${classes[unsure.label]}`);
  }
  const far = scores.reduce((most, one) => ((one.distance ?? 0) > (most.distance ?? 0) ? one : most));
  if (far.distance !== null) {
    parts.push(`farthest from a real image at t = ${decimals(far.t)}: ${significant(far.distance)}`);
  }
  return parts.join("; ");
}
