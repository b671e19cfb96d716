// A Gaussian on the plane, by its mean and the ellipse of one standard deviation: the q(z|x) that a person drags.

import { eigen } from "./covariance.js";

/** @typedef {import("./types.js").Pair} Pair */

export class Gaussian {
  /**
   * @param {Pair} mu @param {Pair} radii standard deviations along its two axes
   * @param {number} angle of the first, counter-clockwise
   */
  constructor(mu, radii, angle) {
    this.mu = mu;
    this.radii = radii;
    this.angle = angle;
  }

  /** @param {Pair} mu @param {ArrayLike<number>} covariance xx, xy, yy */
  static of(mu, { 0: xx, 1: xy, 2: yy }) {
    // Without a correlation the axes are the plane's own, in their order.
    if (xy === 0) return new Gaussian(mu, [Math.sqrt(xx), Math.sqrt(yy)], 0);
    const { values, angle } = eigen(xx, xy, yy);
    return new Gaussian(mu, [Math.sqrt(values[0]), Math.sqrt(values[1])], angle);
  }

  /** z = mu + F epsilon, with F F^T the covariance. @param {ArrayLike<number>} epsilon @returns {Pair} */
  z({ 0: first, 1: second }) {
    const [cos, sin] = [Math.cos(this.angle), Math.sin(this.angle)];
    const [a, b] = [this.radii[0] * first, this.radii[1] * second];
    return [this.mu[0] + cos * a - sin * b, this.mu[1] + sin * a + cos * b];
  }

  /** log q in nats at the point that epsilon leads to. @param {ArrayLike<number>} epsilon */
  logDensity({ 0: first, 1: second }) {
    return -0.5 * (first * first + second * second) - Math.log(this.radii[0] * this.radii[1]) - Math.log(2 * Math.PI);
  }

  /** KL(q || N(0, I)) in nats. */
  kl() {
    const [[a, b], [x, y]] = [this.radii, this.mu];
    return 0.5 * (a * a + b * b + x * x + y * y - 2) - Math.log(a * b);
  }

  /** xx, xy, yy. @returns {[number, number, number]} */
  covariance() {
    const [cos, sin] = [Math.cos(this.angle), Math.sin(this.angle)];
    const [a, b] = this.radii.map((radius) => radius * radius);
    return [cos * cos * a + sin * sin * b, cos * sin * (a - b), sin * sin * a + cos * cos * b];
  }

  /**
   * The nearest to it without a correlation, in KL from the one to the other: its widths where the other axis is fixed.
   */
  diagonal() {
    const [xx, xy, yy] = this.covariance();
    if (xy === 0) return new Gaussian(this.mu, [Math.sqrt(xx), Math.sqrt(yy)], 0);
    const determinant = (this.radii[0] * this.radii[1]) ** 2;
    return new Gaussian(this.mu, [Math.sqrt(determinant / yy), Math.sqrt(determinant / xx)], 0);
  }

  /** Mean, standard deviations and angle to six digits, as the address has them. */
  parameters() {
    return [...this.mu, ...this.radii, this.angle].map((v) => Number(v.toPrecision(6)));
  }
}
