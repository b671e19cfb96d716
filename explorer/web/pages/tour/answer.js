// The answer to a scene's question: what lies near the place where a person has put the handle.

import { percent, significant } from "../../dom/format.js";
import { classWords } from "../../run/image_words.js";

/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */

const NEAR = 20; // images that count as near
const SAMPLE = 200; // images whose nearest neighbour is looked up

/**
 * How many of the images near z are of a class, and how far its nearest one is.
 * @param {LatentSpace} space @param {ArrayLike<number>} z @param {number} label @param {string[]} classes
 */
export function classAnswer(space, z, label, classes) {
  const near = space.nearestCodes(z, NEAR);
  const nearest = space.nearestCodes(z, 1, (index) => space.label[index] === label)[0];
  const name = classWords(label, classes);
  if (!nearest) return `No image of ${name} is shown here.`;
  const labels = near.map(({ index }) => space.label[index]);
  const count = (/** @type {number} */ one) => labels.filter((other) => other === one).length;
  const found = count(label);
  const most = labels.reduce((best, one) => count(one) > count(best) ? one : best, label);
  const verdict = found >= near.length / 2 ? "There they are" : found ? "Some are there" : "There are none";
  const others = most === label ? "" : `, ${count(most)} ${classWords(most, classes) || "without a label"}`;
  const share = space.label.reduce((sum, one) => sum + Number(one === label), 0) / space.count;
  const here = `of the ${near.length} images whose means are nearest to your handle ${found} are ${name}${others}`;
  const away = significant(nearest.distance);
  return `${verdict}: ${here}; of all, ${percent(share)}. The nearest of ${name} is ${away} away.`;
}

/**
 * How far z is from the data, beside how far the images lie from each other, and what a classifier sees there.
 * @param {LatentSpace} space @param {ArrayLike<number>} z
 * @param {import("../../network/classifier.js").Classifier | null} classifier @param {string[]} classes
 */
export function holeAnswer(space, z, classifier, classes) {
  const [{ distance }] = space.nearestCodes(z, 1);
  const usual = usualDistance(space);
  const times = distance / usual;
  const verdict = times >= 10 ? "A hole" : times >= 3 ? "The data is thin there" : "Among the data";
  const further = space.dim === 2
    ? `; ${percent(Math.exp(-(z[0] ** 2 + z[1] ** 2) / 2))} of the prior lie further out`
    : "";
  const seen = classifier && space.decodes ? ` ${judged(classifier, space.decoder.decode(z), classes)}` : "";
  return `${verdict}: the nearest image is ${significant(distance)} away, ${
    significant(times)
  } times as far as images are from each other (median ${significant(usual)})${further}.${seen}`;
}

/** The median distance from an image to the nearest other one. @param {LatentSpace} space */
export function usualDistance(space) {
  const step = Math.max(1, Math.floor(space.count / SAMPLE));
  const distances = [];
  for (let index = 0; index < space.count; index += step) {
    const [nearest] = space.nearestCodes(space.code(index), 1, (other) => other !== index);
    if (nearest) distances.push(nearest.distance);
  }
  return distances.sort((a, b) => a - b)[Math.floor(distances.length / 2)];
}

/**
 * @param {import("../../network/classifier.js").Classifier} classifier @param {Float32Array} pixels
 * @param {string[]} classes
 */
function judged(classifier, pixels, classes) {
  const { label, confidence } = classifier.best(pixels);
  return `The classifier takes what is decoded there for ${classWords(label, classes)}, with ${percent(confidence)}.`;
}
