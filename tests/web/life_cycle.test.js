// dom/life_cycle.js: loading, switches, themes, errors and the end of a page, by a page whose loads the test lets through.
/// <reference lib="deno.ns" />

import assert from "node:assert/strict";
import { LifeCycle } from "../../explorer/web/dom/life_cycle.js";
import { settled } from "./settled.js";

/** @typedef {{run: string, theme: string}} Payload */

/** A page that writes down what it does; `loads` are the loads under way, by run. @param {Payload} payload */
function page(payload) {
  /** @type {string[]} */
  const log = [];
  /** @type {Record<string, PromiseWithResolvers<string>>} */
  const loads = {};
  const frame = {
    fitHeight: () => {},
    ready: () => log.push("ready"),
    recovered: () => log.push("recovered"),
    /** @param {Error} error @param {string} what */
    fail: (error, what) => log.push(`${what}: ${error.message}`),
    destroy: () => log.push("destroyed"),
  };
  const pageFrame = /** @type {import("../../explorer/web/dom/page_frame.js").PageFrame} */ (
    /** @type {unknown} */ (frame)
  );
  /** @type {LifeCycle<Payload, string>} */
  const life = new LifeCycle(pageFrame, payload, {
    wants: ({ run }) => run,
    load: ({ run }) => {
      log.push(`load ${run}`);
      loads[run] = Promise.withResolvers();
      return loads[run].promise;
    },
    show: (loaded) => log.push(`show ${loaded} ${life.payload.theme}`),
    restyle: (before) => log.push(`restyle ${before.theme} to ${life.payload.theme}`),
  });
  return { life, log, loads };
}

Deno.test("what a payload names is loaded, shown and ready", async () => {
  const { life, log, loads } = page({ run: "elbo", theme: "light" });
  life.begin();
  assert.deepEqual(log, ["load elbo"]);
  loads.elbo.resolve("elbo");
  await settled();
  assert.deepEqual(log, ["load elbo", "show elbo light", "recovered", "ready"]);
});

Deno.test("the last run asked for is shown, and no other", async () => {
  const { life, log, loads } = page({ run: "elbo", theme: "light" });
  life.begin();
  life.update({ run: "kl", theme: "light" });
  loads.kl.resolve("kl");
  await settled();
  loads.elbo.resolve("elbo");
  await settled();
  assert.deepEqual(log, ["load elbo", "load kl", "show kl light", "recovered", "ready"]);
});

Deno.test("back to the first run while the second loads shows the first", async () => {
  const { life, log, loads } = page({ run: "elbo", theme: "light" });
  life.begin();
  loads.elbo.resolve("elbo");
  await settled();
  log.length = 0;
  life.update({ run: "kl", theme: "light" });
  life.update({ run: "elbo", theme: "light" });
  loads.elbo.resolve("elbo");
  loads.kl.resolve("kl");
  await settled();
  assert.deepEqual(log, ["load kl", "load elbo", "show elbo light", "recovered", "ready"]);
});

Deno.test("a theme that changes while a run loads is the one it is shown in", async () => {
  const { life, log, loads } = page({ run: "elbo", theme: "light" });
  life.begin();
  life.update({ run: "elbo", theme: "dark" });
  assert.deepEqual(log, ["load elbo"], "nothing is loaded twice, nothing restyled that is not there");
  loads.elbo.resolve("elbo");
  await settled();
  assert.deepEqual(log, ["load elbo", "show elbo dark", "recovered", "ready"]);
});

Deno.test("run and theme may change together while another run loads", async () => {
  const { life, log, loads } = page({ run: "elbo", theme: "light" });
  life.begin();
  life.update({ run: "kl", theme: "light" });
  life.update({ run: "kl", theme: "dark" });
  loads.elbo.resolve("elbo");
  loads.kl.resolve("kl");
  await settled();
  assert.deepEqual(log, ["load elbo", "load kl", "show kl dark", "recovered", "ready"]);
});

Deno.test("a theme that changes while the page draws is followed by a restyle", async () => {
  const { life, log, loads } = page({ run: "elbo", theme: "light" });
  const drawn = Promise.withResolvers();
  life.turns.show = (loaded) => {
    log.push(`show ${loaded} ${life.payload.theme}`);
    return drawn.promise;
  };
  life.begin();
  loads.elbo.resolve("elbo");
  await settled();
  life.update({ run: "elbo", theme: "dark" });
  drawn.resolve(undefined);
  await settled();
  assert.deepEqual(log, ["load elbo", "show elbo light", "recovered", "ready", "restyle light to dark"]);
});

Deno.test("what is shown is restyled, not loaded again", async () => {
  const { life, log, loads } = page({ run: "elbo", theme: "light" });
  life.begin();
  loads.elbo.resolve("elbo");
  await settled();
  log.length = 0;
  await life.update({ run: "elbo", theme: "dark" });
  assert.deepEqual(log, ["restyle light to dark"]);
});

Deno.test("an error is told, and the next update tries again", async () => {
  const { life, log, loads } = page({ run: "elbo", theme: "light" });
  life.begin();
  loads.elbo.reject(new Error("damaged"));
  await settled();
  assert.deepEqual(log, ["load elbo", "This run cannot be shown: damaged"]);
  log.length = 0;
  life.update({ run: "elbo", theme: "light" });
  loads.elbo.resolve("elbo");
  await settled();
  assert.deepEqual(log, ["load elbo", "show elbo light", "recovered", "ready"]);
});

Deno.test("an error while the page draws is told, and the next update tries again", async () => {
  const { life, log, loads } = page({ run: "elbo", theme: "light" });
  const { show } = life.turns;
  life.turns.show = () => {
    throw new Error("no room");
  };
  life.begin();
  loads.elbo.resolve("elbo");
  await settled();
  assert.deepEqual(log, ["load elbo", "This run cannot be shown: no room"]);
  log.length = 0;
  life.turns.show = show;
  life.update({ run: "elbo", theme: "dark" });
  loads.elbo.resolve("elbo");
  await settled();
  assert.deepEqual(log, ["load elbo", "show elbo dark", "recovered", "ready"]);
});

Deno.test("the error of a run that nobody waits for is not told", async () => {
  const { life, log, loads } = page({ run: "elbo", theme: "light" });
  life.begin();
  life.update({ run: "kl", theme: "light" });
  loads.elbo.reject(new Error("damaged"));
  loads.kl.resolve("kl");
  await settled();
  assert.deepEqual(log, ["load elbo", "load kl", "show kl light", "recovered", "ready"]);
});

Deno.test("a page that is gone shows nothing more", async () => {
  const { life, log, loads } = page({ run: "elbo", theme: "light" });
  life.begin();
  life.destroy();
  loads.elbo.resolve("elbo");
  await settled();
  assert.deepEqual(log, ["load elbo", "destroyed"]);
});
