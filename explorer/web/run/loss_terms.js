// The two terms of the loss and their sum as texts that add up: reconstruction + KL = -ELBO (Eq. 30).

import { addingUp, termInNats } from "../dom/format.js";

/**
 * @typedef {object} LossTexts  in nats
 * @property {string} reconstruction
 * @property {string | null} kl  null: a code without noise has none
 * @property {string | null} loss  -ELBO
 * @property {string | null} elbo
 */

/**
 * KL and -ELBO are rounded as by themselves, the reconstruction term takes up what rounding leaves: it is the largest.
 * @param {number} reconstruction in nats @param {number | null | undefined} kl none: a code without noise
 * @param {number} [digits] decimals @returns {LossTexts}
 */
export function lossTexts(reconstruction, kl, digits) {
  if (kl === null || kl === undefined) {
    return { reconstruction: termInNats(reconstruction), kl: null, loss: null, elbo: null };
  }
  const { whole, parts: [part], rest } = addingUp(reconstruction + kl, [kl], digits);
  return { reconstruction: rest, kl: part, loss: whole, elbo: negated(whole) };
}

/** The text of a number with the other sign. @param {string} text */
function negated(text) {
  if (text.startsWith("−")) return text.slice(1);
  return Number(text) === 0 ? text : `−${text}`;
}
