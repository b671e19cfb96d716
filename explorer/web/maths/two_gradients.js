// Two estimators of one gradient, where the answer is known: q(z) = N(mu, sigma^2) and f(z) = z^2 / 2 + height.
//
// E_q[f] = (mu^2 + sigma^2) / 2 + height, so its gradient by mu is mu, whatever the height. By reparameterization a
// draw z = mu + sigma epsilon tells f'(z) (Eq. 27), by the score function f(z) (z - mu) / sigma^2 (Eq. 20).

/** @typedef {"reparameterization" | "score"} Estimator */
/**
 * @typedef {object} Problem
 * @property {number} mean  mu of q
 * @property {number} sigma  of q
 * @property {number} height  added to f, which changes no gradient
 * @property {boolean} less  whether E_q[f] is subtracted from f in the score function's estimate
 */

/** f(z). @param {number} z @param {Problem} problem */
export function f(z, { height }) {
  return z * z / 2 + height;
}

/** E_q[f]. @param {Problem} problem */
export function expectation({ mean, sigma, height }) {
  return (mean * mean + sigma * sigma) / 2 + height;
}

/** The gradient of E_q[f] by mu. @param {Problem} problem */
export function gradient({ mean }) {
  return mean;
}

/** What one draw says of the gradient. @param {Estimator} estimator @param {number} epsilon @param {Problem} problem */
export function estimate(estimator, epsilon, problem) {
  const { mean, sigma, less } = problem;
  const z = mean + sigma * epsilon;
  if (estimator === "reparameterization") return z;
  return (f(z, problem) - (less ? expectation(problem) : 0)) * epsilon / sigma;
}

/**
 * The variance of one draw's estimate, exactly.
 *
 * With f(mu + sigma e) = A + B e + C e^2 the score function's second moment is E[(A + B e + C e^2)^2 e^2] / sigma^2,
 * and the normal's moments E[e^2], E[e^4], E[e^6] are 1, 3, 15.
 * @param {Estimator} estimator @param {Problem} problem
 */
export function variance(estimator, problem) {
  const { mean, sigma, less } = problem;
  if (estimator === "reparameterization") return sigma * sigma;
  const c = sigma * sigma / 2;
  const a = f(mean, problem) - (less ? expectation(problem) : 0);
  const b = mean * sigma;
  return (a * a + 3 * (2 * a * c + b * b) + 15 * c * c) / (sigma * sigma) - mean * mean;
}

/** The mean of the first 1, 2, ... of some estimates. @param {number[]} estimates */
export function runningMeans(estimates) {
  let sum = 0;
  return estimates.map((value, i) => (sum += value) / (i + 1));
}
