// |z| along a path: its share among draws of N(0, I), against scipy.stats.chi.cdf, and what is said of it.

import assert from "node:assert/strict";

import { chiShare } from "../../explorer/web/maths/chi.js";
import { normWords, straightWords } from "../../explorer/web/pages/interpolate/norm_words.js";

/** |z|, D, and chi.cdf(|z|, D) of scipy 1.17 */
const SCIPY = [
  [0.3, 1, 0.2358228444],
  [1, 1, 0.6826894921],
  [2.7, 1, 0.9930660524],
  [0.4243, 2, 0.0860827475],
  [1.414, 2, 0.6320094425],
  [3.114, 2, 0.9921598554],
  [0.5196, 3, 0.03442887588],
  [1.732, 3, 0.6083476872],
  [3.432, 3, 0.9918187153],
  [0.9487, 10, 0.0001059220327],
  [3.162, 10, 0.5593526411],
  [0.995, 11, 4.788628317e-5],
  [3.317, 11, 0.5569452194],
  [5.017, 11, 0.9913925558],
  [1.2, 16, 9.469817507e-7],
  [4, 16, 0.5470391905],
  [5.7, 16, 0.9913716308],
  [2.4, 64, 1.172636125e-22],
  [8, 64, 0.5235116945],
  [9.7, 64, 0.9914931311],
  [16.03, 257, 0.5110439255],
  [17.73, 257, 0.9916144932],
];

Deno.test("the share of draws of N(0, I) that lie nearer to 0 is scipy's", () => {
  for (const [radius, dim, share] of SCIPY) {
    assert.ok(Math.abs(chiShare(radius, dim) - share) < 2e-7, `${radius} ${dim}: ${chiShare(radius, dim)}`);
  }
  for (const dim of [1, 2, 3, 16, 2001]) {
    assert.equal(chiShare(0, dim), 0);
    assert.equal(chiShare(1e3, dim), 1);
  }
});

Deno.test("|z| has a percentile where the prior is N(0, I), and none else", () => {
  assert.equal(normWords([0, 1.414], true), "|z| = 1.41: 63 % of draws of N(0, I) lie nearer to 0");
  assert.equal(normWords([0, 1.414], false), "|z| = 1.41");
  assert.equal(normWords([0, 0], true), "|z| = 0.00: 0 % of draws of N(0, I) lie nearer to 0");
});

Deno.test("what a straight line does to |z| is said above ten dimensions only", () => {
  const axis = (/** @type {number} */ dim, /** @type {number} */ d, size = 4) =>
    Array.from({ length: dim }, (_, i) => i === d ? size : 0);
  for (const dim of [1, 2, 10]) assert.equal(straightWords(axis(dim, 0), axis(dim, dim - 1), true), "");
  assert.equal(
    straightWords(axis(16, 0), axis(16, 1), true),
    " Straight, |z| falls from 4.00 to 2.83 at t = 0.50 and rises to 4.00; draws of N(0, I) have about √16 = 4.00.",
  );
  assert.equal(straightWords(axis(16, 0), axis(16, 0, 5), false), " Straight, |z| goes from 4.00 to 5.00.");
  assert.equal(straightWords(axis(16, 0), axis(16, 0), false), " Straight, |z| goes from 4.00 to 4.00.");
});
