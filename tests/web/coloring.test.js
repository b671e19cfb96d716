// plane/coloring.js and run/columns.js: categories and ramps by type, and points without a value.
/// <reference lib="deno.ns" />

import assert from "node:assert/strict";
import { Coloring } from "../../explorer/web/plane/coloring.js";
import { percentiles } from "../../explorer/web/maths/ranks.js";
import { byColumn, byRank, columnName, columnWords, unranked } from "../../explorer/web/run/columns.js";

const NUMBERS = {
  name: "size",
  categories: null,
  colors: [],
  values: Float32Array.of(0, 50, NaN, 100),
};
const KINDS = {
  name: "kind: a",
  categories: ["square", "heart"],
  colors: ["#111111", "#222222"],
  values: Int32Array.of(1, -1, 0, 1),
};
const RAMP = ["#000000", "#101010", "#202020", "#303030", "#404040", "#505050", "#606060"];

/** @param {Record<string, any>} [columns] @returns {any} a run with four images */
function space(columns = { size: NUMBERS, "kind: a": KINDS }) {
  return {
    label: Int32Array.of(0, 1, 0, 1),
    columns: new Map(Object.entries(columns)),
    value: () => null,
  };
}

/** @param {string} by @param {any} [run] */
function coloring(by, run = space()) {
  return new Coloring(run, /** @type {any} */ (by), ["#aaaaaa", "#bbbbbb"], RAMP, false);
}

/** @param {Coloring} one @returns {string[]} */
const colors = (one) => [0, 1, 2, 3].map((index) => one.css(one.group(index)));

Deno.test("a column's name may hold anything", () => {
  assert.equal(columnName(byColumn("column: a/ü")), "column: a/ü");
  assert.equal(columnName("label"), "");
});

Deno.test("categories have their own colours, and images of none are grey", () => {
  const one = coloring("column:kind: a");
  assert.deepEqual(colors(one), ["#222222", "#7f7f7f", "#111111", "#222222"]);
  assert.deepEqual(one.categories, ["square", "heart"]);
  assert.equal(one.unknown, 1);
  assert.equal(one.what.title, "kind: a");
});

Deno.test("numbers are on a ramp from the lowest to the highest, and images without one are grey", () => {
  const one = coloring("column:size");
  assert.deepEqual(colors(one), ["#000000", "#202020", "#7f7f7f", "#404040"]);
  assert.deepEqual([one.low, one.high, one.unknown, one.logarithmic], [0, 100, 1, false]);
});

Deno.test("what plotly draws has the same colours", () => {
  for (const by of ["column:size", "column:kind: a", "label"]) {
    const one = coloring(by);
    const { color, colorscale, cmin, cmax } = one.marker([0, 1, 2, 3]);
    const seen = Array.from(color, (value) => {
      const share = (value - cmin) / (cmax - cmin);
      return colorscale.filter(([start]) => start <= share).at(-1)?.[1];
    });
    assert.deepEqual(seen, colors(one), by);
  }
});

Deno.test("only a column most of whose values are low is logarithmic", () => {
  const values = Float32Array.from({ length: 1000 }, (_, i) => Math.exp(i / 100));
  assert.ok(coloring("column:size", space({ size: { ...NUMBERS, values } })).logarithmic);
  const even = Float32Array.from({ length: 1000 }, (_, i) => 100 * i);
  assert.ok(!coloring("column:size", space({ size: { ...NUMBERS, values: even } })).logarithmic);
});

Deno.test("a run without the column is grey and says so", () => {
  const one = coloring("column:size", space({}));
  assert.deepEqual(colors(one), Array(4).fill("#7f7f7f"));
  assert.equal(one.missing, "this run has no such column");
  assert.equal(coloring("label").missing, "");
});

Deno.test("a value in words", () => {
  assert.equal(columnWords(KINDS, 0, String), "kind: a: heart");
  assert.equal(columnWords(KINDS, 1, String), "kind: a: no value");
  assert.equal(columnWords(NUMBERS, 1, (v) => v.toFixed(1)), "size: 50.0");
  assert.equal(columnWords(NUMBERS, 2, String), "size: no value");
});

Deno.test("equal values share their percentile, and no distance counts", () => {
  assert.deepEqual([...percentiles([3, 1, NaN, 2, 2, 1e9])], [75, 0, NaN, 37.5, 37.5, 100]);
  assert.deepEqual([...percentiles([5])], [50]);
  assert.deepEqual([...percentiles([])], []);
});

Deno.test("by rank an outlier does not flatten the others, and images without a value stay grey", () => {
  const values = Float32Array.of(1, 2, NaN, 1e6);
  const run = space({ size: { ...NUMBERS, values } });
  const one = coloring("rank:column:size", run);
  assert.deepEqual(colors(one), ["#000000", "#202020", "#7f7f7f", "#404040"]);
  assert.notEqual(colors(coloring("column:size", run))[1], "#202020", "by its value it is not in the middle");
  assert.deepEqual([one.by, one.low, one.high, one.logarithmic, one.unknown], ["column:size", 0, 100, false, 1]);
  assert.equal(one.what.title, "size, by rank");
});

Deno.test("rounding in a collapsed run's KL is not ranked", () => {
  const run = { ...space(), value: () => Float32Array.of(1e-8, 0, 2e-7, 0) };
  assert.equal(new Set(colors(coloring("rank:kl", run))).size, 1);
});

Deno.test("categories have no rank, and a ranked column is the same column", () => {
  assert.equal(columnName(byRank(byColumn("rank:a"))), "rank:a");
  assert.deepEqual([unranked("rank:kl"), unranked("column:rank:a")], ["kl", "column:rank:a"]);
  const one = coloring("rank:column:kind: a");
  assert.deepEqual([one.ranked, one.what.title], [false, "kind: a"]);
});
