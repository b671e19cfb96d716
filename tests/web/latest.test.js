// dom/latest.js: of several tasks only the one that was asked for last gives anything.
/// <reference lib="deno.ns" />

import assert from "node:assert/strict";
import { Latest } from "../../explorer/web/dom/latest.js";
import { settled } from "./settled.js";

Deno.test("the latest task wins, whichever ends first", async () => {
  const latest = new Latest();
  const [slow, quick] = [Promise.withResolvers(), Promise.withResolvers()];
  /** @type {unknown[]} */
  const heard = [];
  latest.of(slow.promise).then((value) => heard.push(value));
  latest.of(quick.promise).then((value) => heard.push(value));
  quick.resolve("second");
  await settled();
  slow.resolve("first");
  await settled();
  assert.deepEqual(heard, ["second"]);
});

Deno.test("an error counts only if nothing was asked for since", async () => {
  const latest = new Latest();
  const [first, second] = [Promise.withResolvers(), Promise.withResolvers()];
  /** @type {string[]} */
  const heard = [];
  latest.of(first.promise).catch((error) => heard.push(error.message));
  latest.of(second.promise).catch((error) => heard.push(error.message));
  first.reject(new Error("old"));
  second.reject(new Error("new"));
  await settled();
  assert.deepEqual(heard, ["new"]);
});

Deno.test("what is cancelled never settles", async () => {
  const latest = new Latest();
  const task = Promise.withResolvers();
  let heard = false;
  latest.of(task.promise).finally(() => (heard = true));
  latest.cancel();
  task.resolve("late");
  await settled();
  assert.equal(heard, false);
});
