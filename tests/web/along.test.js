// What an image is taken along by, and how Compare asks why a reconstruction is of another class.
/// <reference lib="deno.ns" />

import assert from "node:assert/strict";
import { imageLinks, zLinks } from "../../explorer/web/dom/along.js";
import { withArticle } from "../../explorer/web/pages/compare/why_link.js";

Deno.test("an image goes along to every other place with its data set and run", () => {
  const shown = { dataset: "mnist", run: "elbo", image: 17 };
  const links = imageLinks(() => shown, ["interpolate"]);
  assert.deepEqual(links.map(({ page, state }) => [page, state()]), [
    ["explore", shown],
    ["reconstruct", { dataset: "mnist", runs: ["elbo"], detail: "elbo", image: 17 }],
    ["probability", shown],
    ["infer", shown],
  ]);
});

Deno.test("a z goes along to every place that shows one, to Compare as what the runs share", () => {
  const shown = { dataset: "mnist", run: "elbo", z: Float32Array.of(0.123456, -2) };
  const there = { dataset: "mnist", run: "elbo", z: [0.1235, -2] };
  const links = zLinks(() => shown);
  assert.deepEqual(links.map(({ page, state }) => [page, state()]), [
    ["explore", there],
    ["traverse", there],
    ["prior", there],
    ["compare", { dataset: "mnist", z: [0.1235, -2], link: "z" }],
  ]);
  assert.deepEqual(zLinks(() => shown, ["compare"]).map(({ page }) => page), ["explore", "traverse", "prior"]);
});

Deno.test("a class has its article", () => {
  assert.deepEqual(["8", "5", "Ankle boot", "Shirt"].map(withArticle), ["an 8", "a 5", "an Ankle boot", "a Shirt"]);
});
