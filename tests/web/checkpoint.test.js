// What explorer/web/checkpoint reads: hashes without the browser's own, numbers in words.
/// <reference lib="deno.ns" />

import assert from "node:assert/strict";
import { general } from "../../explorer/web/checkpoint/refusal.js";
import { formatTensors, parseTensors } from "../../explorer/web/checkpoint/tensor_file.js";
import { sha256 } from "../../explorer/web/maths/sha256.js";

Deno.test("our own SHA-256 is the platform's, for every length around its blocks", async () => {
  for (const length of [0, 1, 3, 54, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 1000, 100_003]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 167 + (i >> 3)) & 255);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    assert.equal(sha256(bytes), Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""), `${length}`);
  }
  assert.equal(
    sha256(new TextEncoder().encode("abc")), // FIPS 180-2, B.1
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

Deno.test("numbers are written as Python writes them by the format g", () => {
  const told = [0, 4, 0.5, 1e-5, 123456, 1234567, 0.0001, 2.5e-7, -3, 100, 1e15, Infinity].map((one) => general(one));
  const expected = "0 4 0.5 1e-05 123456 1.23457e+06 0.0001 2.5e-07 -3 100 1e+15 inf";
  assert.equal(told.join(" "), expected);
  assert.equal(general(2.54321, 3), "2.54");
});

Deno.test("a file that was made is read as what it was made of", () => {
  const arrays = {
    images: { shape: [1, 3], data: Uint8Array.of(1, 2, 3) },
    mu: { shape: [2], data: Float32Array.of(0.1, -2) },
    none: { shape: [0, 2], data: new Float32Array(0) },
    label: { shape: [1], data: Int32Array.of(-7) },
  };
  const read = parseTensors("file", new Uint8Array(formatTensors(arrays, { layers: "[]" })));
  assert.deepEqual(Object.fromEntries([...read].map(([name, { shape, data }]) => [name, { shape, data }])), arrays);
});
