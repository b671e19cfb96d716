// Marks instead of dots: as many as do not cover each other, the same ones wherever the view is.
/// <reference lib="deno.ns" />

import { apart, shortName } from "../../explorer/web/plane/marks.js";

const COUNT = 3000;
const xy = Float32Array.from({ length: 2 * COUNT }, (_, i) => Math.sin(12.9898 * (i + 1)) * 43758.5453 % 1 * 4);

/** @param {unknown} held @param {string} what */
function check(held, what) {
  if (!held) throw new Error(what);
}

Deno.test("marks keep a side's distance, and none that would fit is left out", () => {
  for (const scale of [20, 90, 400]) {
    const chosen = apart(xy, COUNT, [scale, scale], 30, () => true);
    const far = (/** @type {number} */ a, /** @type {number} */ b) =>
      Math.max(Math.abs(xy[2 * a] - xy[2 * b]), Math.abs(xy[2 * a + 1] - xy[2 * b + 1])) * scale;
    chosen.forEach((a, i) => check(chosen.slice(0, i).every((b) => far(a, b) >= 30), `${a} covers another`));
    const left = Array.from({ length: COUNT }, (_, i) => i).filter((i) => !chosen.includes(i));
    check(left.every((a) => chosen.some((b) => far(a, b) < 30)), "one that would fit is left out");
  }
});

Deno.test("closer to, there are more marks, and only of those wanted", () => {
  const near = apart(xy, COUNT, [400, 400], 30, (index) => index % 2 === 0);
  check(near.length > apart(xy, COUNT, [50, 50], 30, (index) => index % 2 === 0).length, "not more");
  check(near.every((index) => index % 2 === 0), "one that is not wanted");
});

Deno.test("a class is told by its name, or by what sets it apart", () => {
  const names = ["Trouser", "T-shirt", "Sandal", "Sadness", "7"];
  check(names.map((name) => shortName(name, names)).join() === "Tr,T-,San,Sad,7", "names");
});
