// run/trajectory.js and the scale of epochs: means between saved epochs, against a calculation of their own.
/// <reference lib="deno.ns" />

import assert from "node:assert/strict";
import { EpochScale } from "../../explorer/web/plane/epoch_tray.js";
import { Trajectory } from "../../explorer/web/run/trajectory.js";

const EPOCHS = [0, 1, 5, 24];
// two images, two dimensions, after each of the epochs
const MU = [[0, 0, 0, 0], [1, 2, 3, 4], [5, -2, 3, 8], [9, 9, 9, 9]];

const trajectory = () =>
  new Trajectory({
    epoch: { shape: [4], data: Int32Array.from(EPOCHS) },
    mu: { shape: [4, 2, 2], data: Float32Array.from(MU.flat()) },
  });

Deno.test("after a saved epoch the means are the saved ones, before the first and after the last too", () => {
  const all = trajectory();
  EPOCHS.forEach((epoch, t) => assert.deepEqual([...all.at(epoch, new Float32Array(4))], MU[t]));
  assert.deepEqual([...all.at(-3, new Float32Array(4))], MU[0]);
  assert.deepEqual([...all.at(1000, new Float32Array(4))], MU[3]);
  assert.equal(all.last, 24);
});

Deno.test("between two saved epochs they lie on the straight way, by the logarithm of the epoch", () => {
  const share = Math.log(4 / 2) / Math.log(6 / 2); // epoch 3 between 1 and 5
  const found = trajectory().at(3, new Float32Array(4));
  MU[1].forEach((from, i) => assert.ok(Math.abs(found[i] - ((1 - share) * from + share * MU[2][i])) < 1e-5));
});

Deno.test("an image's path has its means in order", () => {
  assert.deepEqual(trajectory().path(1, 2).map((z) => [...z]), [[0, 0], [3, 4], [3, 8], [9, 9]]);
});

Deno.test("the slider's ends are the first and the last epoch, and its place is found again", () => {
  const scale = new EpochScale(113);
  assert.equal(scale.epoch(0), 0);
  assert.equal(scale.epoch(1), 113);
  for (const epoch of [0, 1, 7.5, 60, 113]) assert.ok(Math.abs(scale.epoch(scale.place(epoch)) - epoch) < 1e-9);
  assert.equal(scale.place(500), 1); // of a run that had more
});
