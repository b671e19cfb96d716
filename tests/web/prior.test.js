// The mixture prior: its density integrates to 1, its draws are of it, and KL and ELBO ask it.

import assert from "node:assert/strict";

import { Gaussian } from "../../explorer/web/maths/gaussian.js";
import { terms } from "../../explorer/web/maths/elbo.js";
import { logDensity, Random } from "../../explorer/web/maths/normal.js";
import { Posterior } from "../../explorer/web/maths/posterior.js";
import { MixturePrior, priorOf } from "../../explorer/web/maths/prior.js";

const MIXTURE = { logits: [0.5, -1], mean: [[1, -0.5], [-2, 1]], log_var: [[-1, 0.3], [0.5, -2]] };

Deno.test("a mixture's density integrates to 1, and its draws have its mean", () => {
  const prior = new MixturePrior(MIXTURE, "mixture");
  let sum = 0;
  for (let x = -9; x < 9; x += 0.05) for (let y = -9; y < 9; y += 0.05) sum += Math.exp(prior.logDensity([x, y]));
  assert.ok(Math.abs(sum * 0.0025 - 1) < 1e-3);
  const random = new Random(3);
  const drawn = Array.from({ length: 20_000 }, () => prior.draw(random, 2));
  const weight = 1 / (1 + Math.exp(-1.5));
  const mean = drawn.reduce((total, [x]) => total + x, 0) / drawn.length;
  assert.ok(Math.abs(mean - (weight * 1 + (1 - weight) * -2)) < 0.05);
});

Deno.test("one component at N(0, I) is the standard prior, by the KL's sampled estimate too", () => {
  const one = { logits: [2], mean: [[0, 0]], log_var: [[0, 0]] };
  const prior = priorOf({ prior: JSON.stringify(one), prior_kind: "mixture" });
  assert.ok(Math.abs(prior.logDensity([0.3, 2]) - logDensity([0.3, 2])) < 1e-12);
  const encoded = { mu: [0.4, -1], sigma: [0.5, 0.8], factor: [[0.5], [0.1, 0.8]] };
  const exact = /** @type {number} */ (new Posterior(encoded, false).kl());
  const sampled = /** @type {number} */ (new Posterior(encoded, false, prior).kl());
  assert.ok(Math.abs(exact - sampled) < 0.35, `${exact} ${sampled}`);
  const likelihood = {
    at: () => 0,
    atEach: (/** @type {ArrayLike<number>[]} */ codes) => new Float64Array(codes.length),
  };
  const q = new Gaussian([0.4, -1], [0.5, 0.8], 0);
  const [closed, asked] = [terms(q, likelihood).kl, terms(q, { ...likelihood, prior }).kl];
  assert.ok(Math.abs(closed - asked) < 1e-9, `${closed} ${asked}`);
});
