// The evidence lower bound of a Gaussian q(z|x), its gap to the evidence, and gradient ascent on it.

import { eigen } from "./covariance.js";
import { Gaussian } from "./gaussian.js";
import { StandardPrior } from "./prior.js";
import { disc, gaussHermite } from "./quadrature.js";

/** @typedef {import("./types.js").LogLikelihood} LogLikelihood */
/** @typedef {import("./quadrature.js").Node} Node */
/**
 * Of a q, in nats; spread: standard deviation of log p(x, z) - log q.
 * @typedef {{elbo: number, reconstruction: number, kl: number, spread: number}} Terms
 */

const N01 = new StandardPrior();
const LIVE = gaussHermite(4);
const FINE = gaussHermite(12);
const ASCENT = gaussHermite(5);
const DISC = disc(0.5, 5.25);
const [NARROWEST, WIDEST] = [0.3, 4]; // by how much a step may shrink or grow a variance
const FARTHEST = 2; // standard deviations that a step may move the mean

/**
 * Both terms of the ELBO (Eqs. 9, 30), in a few milliseconds.
 * @param {Gaussian} q @param {LogLikelihood} likelihood @returns {Terms}
 */
export function terms(q, likelihood) {
  return /** @type {Terms} */ (termsOver(LIVE, q, likelihood).next().value);
}

/**
 * The same to more digits, in steps of a few decoded images.
 * @param {Gaussian} q @param {LogLikelihood} likelihood
 */
export function fineTerms(q, likelihood) {
  return termsOver(FINE, q, likelihood);
}

/** @param {Node[]} nodes @param {Gaussian} q @param {LogLikelihood} likelihood @returns {Generator<void, Terms>} */
function* termsOver(nodes, q, likelihood) {
  let [reconstruction, mean, squares, sampled] = [0, 0, 0, 0];
  const prior = likelihood.prior ?? N01;
  for (const { epsilon, weight, z, logLikelihood } of evaluated(nodes, q, likelihood)) {
    reconstruction -= weight * logLikelihood;
    const difference = q.logDensity(epsilon) - prior.logDensity(z);
    const logWeight = logLikelihood - difference;
    sampled += weight * difference;
    mean += weight * logWeight;
    squares += weight * logWeight * logWeight;
    if (nodes !== LIVE) yield;
  }
  const kl = prior.standard ? q.kl() : sampled;
  return { elbo: -reconstruction - kl, reconstruction, kl, spread: Math.sqrt(Math.max(squares - mean * mean, 0)) };
}

/**
 * The nodes with their codes z and log p(x|z), decoded four at a time.
 * @param {Node[]} nodes @param {Gaussian} q @param {LogLikelihood} likelihood
 */
function* evaluated(nodes, q, likelihood) {
  for (let i = 0; i < nodes.length; i += 4) {
    const some = nodes.slice(i, i + 4);
    const codes = some.map(({ epsilon }) => q.z(epsilon));
    const found = likelihood.atEach(codes);
    for (let j = 0; j < some.length; j++) yield { ...some[j], z: codes[j], logLikelihood: found[j] };
  }
}

/**
 * KL(q(z|x) || p(z|x)) in nats, by a rule of its own that shares nothing with the ELBO's.
 * @param {Gaussian} q @param {LogLikelihood} likelihood @param {number} logNormaliser of p(x, z) over z
 * @returns {Generator<void, number>}
 */
export function* gap(q, likelihood, logNormaliser) {
  let [sum, total] = [0, 0];
  const prior = likelihood.prior ?? N01;
  for (const { epsilon, weight, z, logLikelihood } of evaluated(DISC, q, likelihood)) {
    sum += weight * (q.logDensity(epsilon) - (logLikelihood + prior.logDensity(z) - logNormaliser));
    total += weight;
    yield;
  }
  return sum / total;
}

/**
 * Gradient ascent on the ELBO for one image, along the natural gradient. The gradients are those of Eqs. 18-20: only
 * values of f(z) = log p(x, z) are needed, here with nodes in the place of samples. Each step gives a higher ELBO.
 */
export class Ascent {
  /**
   * @param {Gaussian} q to start from @param {LogLikelihood} likelihood
   * @param {boolean} full whether the ellipse may turn
   */
  constructor(q, likelihood, full) {
    this.likelihood = likelihood;
    this.full = full;
    this.rate = 0.5;
    this.small = 0; // steps, one after the other, that hardly rose
    this.current = this.evaluate(q);
    this.done = false;
  }

  /** The ELBO of q, and the gradient and Hessian of E[f] in terms of epsilon. @param {Gaussian} q */
  evaluate(q) {
    const codes = ASCENT.map(({ epsilon }) => q.z(epsilon));
    const prior = this.likelihood.prior ?? N01;
    const values = this.likelihood.atEach(codes).map((value, i) => value + prior.logDensity(codes[i]));
    let [mean, gx, gy, hxx, hxy, hyy] = [0, 0, 0, 0, 0, 0];
    ASCENT.forEach(({ weight }, i) => {
      mean += weight * values[i];
    });
    ASCENT.forEach(({ epsilon: [x, y], weight }, i) => {
      const value = weight * (values[i] - mean);
      gx += value * x;
      gy += value * y;
      hxx += value * (x * x - 1);
      hxy += value * x * y;
      hyy += value * (y * y - 1);
    });
    return { q, elbo: mean + Math.log(q.radii[0] * q.radii[1]) + Math.log(2 * Math.PI) + 1, gx, gy, hxx, hxy, hyy };
  }

  /** One step; `done` once it hardly rises. @returns {Gaussian} */
  step() {
    while (!this.done) {
      const next = this.evaluate(this.propose());
      const rise = next.elbo - this.current.elbo;
      if (rise > 0) {
        this.current = next;
        this.rate = Math.min(1.3 * this.rate, 0.7);
        this.small = rise < 2e-4 ? this.small + 1 : 0;
        this.done = this.small >= 3;
        break;
      }
      this.rate /= 2;
      this.done = this.rate < 0.01;
    }
    return this.current.q;
  }

  /** The next q: its precision in terms of epsilon is (1 - rate) I - rate H, its mean goes along the gradient. */
  propose() {
    const { rate, current: { q, gx, gy, hxx, hxy, hyy } } = this;
    const precision = [1 - rate - rate * hxx, this.full ? -rate * hxy : 0, 1 - rate - rate * hyy];
    const { values, angle } = eigen(precision[0], precision[1], precision[2]);
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const directions = [[cos, sin], [-sin, cos]];
    const variances = values.map((value) => Math.min(Math.max(1 / Math.max(value, 1e-9), NARROWEST), WIDEST));
    let [mx, my] = [0, 0];
    /** @type {[number, number, number]} in terms of epsilon */
    const covariance = [0, 0, 0];
    directions.forEach(([dx, dy], i) => {
      const along = rate * variances[i] * (dx * gx + dy * gy);
      mx += along * dx;
      my += along * dy;
      covariance[0] += variances[i] * dx * dx;
      covariance[1] += variances[i] * dx * dy;
      covariance[2] += variances[i] * dy * dy;
    });
    const shorter = Math.min(1, FARTHEST / Math.hypot(mx, my));
    const mu = q.z([mx * shorter, my * shorter]);
    return this.full
      ? Gaussian.of(mu, turned(q, covariance))
      : new Gaussian(mu, [q.radii[0] * Math.sqrt(covariance[0]), q.radii[1] * Math.sqrt(covariance[2])], q.angle);
  }
}

/**
 * F C F^T for a covariance C in terms of epsilon.
 * @param {Gaussian} q @param {number[]} covariance @returns {[number, number, number]}
 */
function turned(q, [xx, xy, yy]) {
  const [cos, sin] = [Math.cos(q.angle), Math.sin(q.angle)];
  const [[a, b], [c, d]] = [[cos * q.radii[0], -sin * q.radii[1]], [sin * q.radii[0], cos * q.radii[1]]];
  return [
    a * a * xx + 2 * a * b * xy + b * b * yy,
    a * c * xx + (a * d + b * c) * xy + b * d * yy,
    c * c * xx + 2 * c * d * xy + d * d * yy,
  ];
}
