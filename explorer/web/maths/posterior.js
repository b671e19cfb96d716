// q(z|x) of one image in one run: a Gaussian, or a point without noise.

export class Posterior {
  /** @param {import("./types.js").Encoded} encoded @param {boolean} deterministic */
  constructor({ mu, sigma, factor }, deterministic) {
    this.mu = mu;
    /** standard deviation of each coordinate */
    this.sigma = sigma;
    /** L of the covariance L L^T: its rows, up to the diagonal */
    this.factor = factor;
    this.deterministic = deterministic;
  }

  /** z = mu + L epsilon (Eq. 26). @param {ArrayLike<number>} epsilon of any length; what is missing is 0 */
  z(epsilon) {
    return this.mu.map((mu, d) => this.factor[d].reduce((sum, v, i) => sum + v * (epsilon[i] ?? 0), mu));
  }

  /** The epsilon that leads to z. @param {ArrayLike<number>} z */
  epsilon(z) {
    /** @type {number[]} */
    const epsilon = [];
    for (const [d, row] of this.factor.entries()) {
      const rest = epsilon.reduce((left, v, i) => left - row[i] * v, z[d] - this.mu[d]);
      epsilon.push(rest / row[d]);
    }
    return epsilon;
  }

  /** KL(q(z|x) || N(0, I)) in nats; null for a point. */
  kl() {
    if (this.deterministic) return null;
    return this.factor.reduce((sum, row, d) => {
      const squares = row.reduce((total, v) => total + v * v, 0);
      return sum + 0.5 * (squares + this.mu[d] ** 2 - 1) - Math.log(row[d]);
    }, 0);
  }
}
