// Which beta stands where on the dial: the runs of a family at equal steps, and what lies between them.

import { significant } from "../../dom/format.js";

/** The KL term's weight; "inf": that term only. @typedef {number | "inf"} Beta */

const CATCH = 0.02; // of the way to the next run: so near to a run the dial is on it

export class BetaPlaces {
  /** @param {Beta[]} betas rising */
  constructor(betas) {
    this.betas = betas.map((beta) => beta === "inf" ? Infinity : beta);
    this.last = betas.length - 1;
  }

  /** The place of a beta, 0 for the first run's. @param {number} beta */
  place(beta) {
    const { betas, last } = this;
    const after = betas.findIndex((one) => one >= beta);
    if (after <= 0) return after < 0 ? last : 0;
    return after - 1 + shareOf(beta, betas[after - 1], betas[after]);
  }

  /** The place that a slider from 0 to 1 stands on. @param {number} t */
  caught(t) {
    const [place, nearest] = [t * this.last, Math.round(t * this.last)];
    return Math.abs(place - nearest) < CATCH ? nearest : place;
  }

  /**
   * The beta at a place, for the address: between two positive ones on a scale of logarithms, from 0 on evenly, and
   * towards infinity so that its inverse falls evenly.
   * @param {number} place
   */
  beta(place) {
    const before = Math.floor(place);
    const [low, high, share] = [this.betas[before], this.betas[Math.ceil(place)], place - before];
    if (!share) return low;
    if (high === Infinity) return low / (1 - share);
    return low ? low * (high / low) ** share : high * share;
  }

  /** The same as it stands in the address. @param {number} place */
  text(place) {
    const beta = this.beta(place);
    return beta === Infinity ? "inf" : String(Number(beta.toPrecision(6)));
  }

  /** A member's name in few letters. @param {number} index */
  short(index) {
    const beta = this.betas[index];
    return beta === Infinity ? "∞" : significant(beta);
  }

  /** What a member minimised. @param {number} index */
  loss(index) {
    const beta = this.betas[index];
    if (beta === Infinity) return "KL only";
    if (beta === 0) return "reconstruction only";
    return beta === 1 ? "β = 1, the ELBO" : `β = ${significant(beta)}`;
  }

  /** Where a place is, in words. @param {number} place */
  words(place) {
    const [before, after] = [Math.floor(place), Math.ceil(place)];
    if (before === after) return this.loss(before);
    return `between ${this.loss(before)} and ${this.loss(after)}`;
  }
}

/** The inverse of what `beta` does between two runs. @param {number} beta @param {number} low @param {number} high */
function shareOf(beta, low, high) {
  if (beta === high) return 1;
  if (high === Infinity) return low ? 1 - low / beta : 0;
  return low ? Math.log(beta / low) / Math.log(high / low) : beta / high;
}
