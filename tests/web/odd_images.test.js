// run/odd_images.js: images unlike their neighbours, and the worst by a term, where values tie, too.
/// <reference lib="deno.ns" />

import assert from "node:assert/strict";
import {
  comparable,
  countsByClass,
  mostUnlikeFirst,
  NEIGHBOURS,
  unlikeNeighbours,
  WORST,
  worstBy,
} from "../../explorer/web/run/odd_images.js";
import { nearestRows } from "../../explorer/web/maths/projection.js";

/**
 * A run whose images lie on a line, each at its number.
 * @param {number[]} labels @param {Record<string, number[]>} [terms] @returns {any}
 */
function run(labels, terms = {}) {
  const mu = Float32Array.from(labels, (_, index) => index);
  return {
    count: labels.length,
    dim: 1,
    grid: null,
    label: Int32Array.from(labels),
    code: (/** @type {number} */ index) => [mu[index]],
    value: (/** @type {string} */ name) => (terms[name] ? Float32Array.from(terms[name]) : null),
    nearestCodes: (
      /** @type {ArrayLike<number>} */ z,
      /** @type {number} */ count,
      /** @type {(index: number) => boolean} */ allowed,
    ) => nearestRows(mu, 1, z, count, allowed).rows.map((index) => ({ index })),
  };
}

const all = (/** @type {any} */ { count }) => Array.from({ length: count }, (_, index) => index);
const zeros = (/** @type {number} */ count) => new Array(count).fill(0);

Deno.test("an image among others of another class is found, and none of these", () => {
  const labels = zeros(30);
  labels[15] = 1;
  const found = unlikeNeighbours(run(labels), all(run(labels)));
  assert.deepEqual(found.images, [15]);
  assert.match(found.words, /^Of another class than most of their 10/);
});

Deno.test("the most unlike come first, and what is alike keeps its order", () => {
  const labels = zeros(40);
  labels[15] =
    labels[33] =
    labels[34] =
    labels[35] =
      1; // 15 is alone; three of the others keep each other company
  labels[3] = -1;
  assert.deepEqual(mostUnlikeFirst(run(labels), [39, 3, 34, 2, 15]).slice(0, 2), [15, 34]);
  assert.deepEqual(mostUnlikeFirst(run(labels), [3, 2, 1]), [3, 2, 1]);
});

Deno.test("half of the neighbours is not most of them, and an image without a label is not unlike", () => {
  const labels = [...zeros(6), ...zeros(5).map(() => 1)]; // all are each other's neighbours
  assert.deepEqual(unlikeNeighbours(run(labels), all(run(labels))).images, [6, 7, 8, 9, 10]);
  const unlabelled = zeros(30);
  unlabelled[3] = -1;
  const found = unlikeNeighbours(run(unlabelled), all(run(unlabelled)));
  assert.deepEqual(found.images, []);
  assert.match(found.words, /^None is of another class/);
});

Deno.test("too few and too many images have no neighbours to compare with", () => {
  assert.equal(comparable(run(zeros(NEIGHBOURS))), false);
  assert.equal(comparable(run(zeros(NEIGHBOURS + 1))), true);
  assert.equal(comparable({ ...run([]), count: 100_000 }), false);
  assert.equal(comparable({ ...run([]), count: 100_000, dim: 2, grid: {} }), true);
});

Deno.test("the worst are those above all others, of the images that are shown", () => {
  const kl = Array.from({ length: 50 }, (_, index) => index);
  const one = run(zeros(50), { kl });
  assert.deepEqual(worstBy(one, "kl", all(one)).images, kl.slice(-WORST).reverse());
  assert.deepEqual(worstBy(one, "kl", [3, 1, 2]).images, [3, 2, 1]);
  assert.deepEqual(worstBy(one, "reconstruction", all(one)).images, []);
});

Deno.test("of many that tie none is worst", () => {
  const one = run(zeros(50), { kl: zeros(50), reconstruction: [9, 8, ...zeros(48)] });
  assert.deepEqual(worstBy(one, "kl", all(one)), {
    images: [],
    words: "None stands out: too many share the highest KL.",
  });
  assert.deepEqual(worstBy(one, "reconstruction", all(one)).images, [0, 1]);
});

Deno.test("classes are counted", () => {
  const one = run([0, 2, 2, -1]);
  assert.deepEqual([...countsByClass(one, all(one))], [[0, 1], [2, 2], [-1, 1]]);
});
