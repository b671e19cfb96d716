// Latent dimensions by how much they say.

/**
 * Dimensions by what q(z|x) says in them: their KL, or, without noise, the variance of the codes.
 * @param {{mu: Float32Array, dim: number, count: number}} latents @param {number[] | null} kl nats
 */
export function dimensionOrder({ mu, dim, count }, kl) {
  const weight = kl?.length === dim ? kl : Array.from({ length: dim }, (_, d) => variance(mu, dim, count, d));
  return Array.from({ length: dim }, (_, d) => d).sort((a, b) => weight[b] - weight[a]);
}

/**
 * Of one coordinate of the codes.
 * @param {Float32Array} mu @param {number} dim @param {number} count @param {number} d
 */
export function variance(mu, dim, count, d) {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < count; i++) {
    sum += mu[i * dim + d];
    squares += mu[i * dim + d] ** 2;
  }
  return squares / count - (sum / count) ** 2;
}
