// The beta dial: where each beta stands, and what lies between two runs, against calculations of their own.
/// <reference lib="deno.ns" />

import assert from "node:assert/strict";
import { BetaPlaces } from "../../explorer/web/pages/dial/beta_places.js";
import { BlendedSpace } from "../../explorer/web/pages/dial/blended_space.js";
import { RateDistortion } from "../../explorer/web/pages/dial/rate_distortion.js";
import { activeWords, dialSentence } from "../../explorer/web/pages/dial/sentences.js";
import { LatentSpace } from "../../explorer/web/run/latent_space.js";

const near = (/** @type {number} */ a, /** @type {number} */ b) => assert.ok(Math.abs(a - b) < 1e-5, `${a}, not ${b}`);

Deno.test("every beta has its place, and every place its beta", () => {
  const places = new BetaPlaces([0, 0.5, 2, 20, "inf"]);
  [0, 0.5, 2, 20, Infinity].forEach((beta, i) => {
    assert.equal(places.place(beta), i);
    assert.equal(places.beta(i), beta);
  });
  for (const place of [0.25, 0.5, 1.3, 2.75, 3.01, 3.9]) near(places.place(places.beta(place)), place);
  near(places.beta(1.5), 1); // halfway between 0.5 and 2, by the logarithm
  near(places.place(Number(places.text(2.4))), 2.4);
  assert.equal(places.text(4), "inf");
  assert.deepEqual([0, 0.2525, 0.26, 1].map((t) => places.caught(t)), [0, 1, 1.04, 4]); // near a run it is on it
  assert.equal(new BetaPlaces([0.5, 1, 4]).place(Infinity), 2);
  assert.equal(new BetaPlaces([0.5, 1, 4]).place(0), 0);
});

Deno.test("the ends are named, and what lies between two runs says so", () => {
  const places = new BetaPlaces([0, 1, "inf"]);
  assert.deepEqual([0, 1, 2].map((place) => places.words(place)), [
    "reconstruction only",
    "β = 1, the ELBO",
    "KL only",
  ]);
  assert.equal(places.words(1.2), "between β = 1, the ELBO and KL only");
  assert.equal(activeWords([2, 1]), "2 to 1 of 2");
  assert.equal(activeWords([2, 2]), "2 of 2");
  assert.match(dialSentence({ runs: ["a", "b", "c"], warm: false, left_out: 4 }), /^3 of 7 runs .* trained by itself/);
});

/** A run of two images whose decoder gives 4 pixels. @param {number[]} mu @param {number[]} pixels */
function run(mu, pixels) {
  const float = (/** @type {number[]} */ data, /** @type {number[]} */ shape) => ({
    data: Float32Array.from(data),
    shape,
  });
  const decoder = {
    pixels: 4,
    imageShape: [1, 2, 2],
    given: () => decoder,
    decode: (/** @type {number[]} */ z, out = new Float32Array(4)) => {
      pixels.forEach((value, i) => (out[i] = value * (1 + z[0])));
      return out;
    },
  };
  const arrays = {
    mu: float(mu, [2, 2]),
    xy: float(mu, [2, 2]),
    label: { data: Int32Array.from([0, 1]), shape: [2] },
    origin: float([0, 0], [2]),
    basis: float([1, 0, 0, 1], [2, 2]),
    cov: float(mu.concat(mu.slice(0, 2)).map((value) => value * value), [2, 3]),
  };
  return new LatentSpace(/** @type {any} */ (arrays), /** @type {any} */ (decoder));
}

Deno.test("between two runs points, posteriors and images are blended; on a run they are its own", () => {
  const [a, b] = [run([0, 0, 1, 2], [0.1, 0.2, 0.3, 0.4]), run([4, 0, 3, -2], [0.5, 0.1, 0, 1])];
  const space = new BlendedSpace([a, b, a]);
  assert.deepEqual([...space.means], [0, 0, 1, 2]);
  space.goTo(0.25);
  assert.deepEqual([...space.means], [1, 0, 1.5, 1]);
  assert.deepEqual([...space.mu], [1, 0, 1.5, 1]);
  near(/** @type {Float32Array} */ (space.cov)[3], 0.75 * 4 + 0.25 * 4);
  // Each decoder reconstructs from its own code; both decode the same z.
  [...space.reconstruct(1)].forEach((value, i) =>
    near(value, 0.75 * [0.1, 0.2, 0.3, 0.4][i] * 2 + 0.25 * [0.5, 0.1, 0, 1][i] * 4)
  );
  near(space.decode([0.5, 0])[0], 1.5 * (0.75 * 0.1 + 0.25 * 0.5));
  space.goTo(1);
  assert.deepEqual([...space.means], [4, 0, 3, -2]);
  near(space.reconstruct(0)[3], 5);
  space.goTo(2);
  assert.deepEqual([...space.means], [0, 0, 1, 2]);
});

Deno.test("the dial's place on the curve is on the straight way between the runs beside it", () => {
  const curve = new RateDistortion(/** @type {any} */ ({}), () => {});
  curve.trades = [{ rate: 10, distortion: 100, name: "a" }, { rate: 4, distortion: 120, name: "b" }, null];
  curve.place = 0.5;
  assert.deepEqual(curve.now, { rate: 7, distortion: 110 });
  curve.place = 1.5; // of a run without figures
  assert.equal(curve.now, null);
});
