// The worker that infers, so that the page never waits: it answers at once, then looks closer.

import { Classifier } from "../network/classifier.js";
import { Decoder } from "../network/decoder.js";
import { fetchSafetensors, takeArraysFrom } from "../network/safetensors.js";
import { Inference } from "./inference.js";

/** @typedef {import("./inference.js").Question} Question */
/**
 * `decoder` and `classifier` are addresses, which change with what lies there.
 * @typedef {{number: number, decoder: string, classifier: string | null, label: number, dim: number,
 *   question: Question | null}} Order
 */
/**
 * What is sent back: of which order, and as far as it is there; `settled`: nothing more will come of it; `grid`:
 * milliseconds that the grid took, once.
 * @typedef {{number: number, belief?: import("./inference.js").Belief, pictures?: import("./inference.js").Pictures,
 *   settled?: boolean, problem?: string, grid?: number}} News
 */

const SLICE_MS = 6;
const AGAIN_MS = 70; // between two looks at what is being refined
const KEPT = 2; // runs

/** By the addresses of their weights, the last used at the end. @type {Map<string, Promise<Inference>>} */
const runs = new Map();
/** @type {Order | null} the newest, until it is taken */
let next = null;
let working = false;
const { port1, port2 } = new MessageChannel();
/** @type {() => void} */
let resume = () => {};
port1.onmessage = () => resume();

/** Let messages in. @returns {Promise<void>} */
function pause() {
  return new Promise((resolve) => {
    resume = resolve;
    port2.postMessage(0);
  });
}

/** @param {Order} order */
function inferenceOf({ decoder, classifier, label, dim }) {
  const key = `${decoder} ${classifier} ${label}`;
  const known = runs.get(key) ?? made(decoder, classifier, label, dim);
  runs.delete(key);
  runs.set(key, known);
  known.catch(() => runs.delete(key));
  for (const oldest of runs.keys()) {
    if (runs.size <= KEPT) break;
    runs.delete(oldest);
  }
  return known;
}

/** @param {string} url @param {string | null} classifierUrl @param {number} label @param {number} dim */
async function made(url, classifierUrl, label, dim) {
  const [{ tensors, metadata }, classifier] = await Promise.all([
    fetchSafetensors(url),
    classifierUrl ? Classifier.fetch(classifierUrl) : null,
  ]);
  const inference = new Inference(new Decoder(tensors, metadata).given(label), classifier, dim);
  await through(inference.begin(), () => false);
  return inference;
}

/**
 * Go through some work in slices. @template T
 * @param {Generator<void, T>} work @param {() => boolean} gone whether nobody waits for it any more
 * @param {() => void} [look] called now and then
 * @returns {Promise<T | null>} null if it was given up
 */
async function through(work, gone, look = () => {}) {
  let [slice, looked] = [performance.now(), performance.now()];
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    const now = performance.now();
    if (now - slice < SLICE_MS) continue;
    await pause();
    if (gone()) return null;
    slice = performance.now();
    if (slice - looked < AGAIN_MS) continue;
    look();
    looked = performance.now();
  }
}

/** @param {News} news @param {Transferable[]} [transfer] */
function tell(news, transfer = []) {
  globalThis.postMessage(news, { transfer });
}

async function work() {
  working = true;
  while (next) {
    const order = next;
    next = null;
    await answer(order).catch((error) => {
      tell({ number: order.number, problem: error instanceof Error ? error.message : String(error) });
    });
  }
  working = false;
}

/** @param {Order} order */
async function answer(order) {
  const { number, question } = order;
  const start = performance.now();
  const inference = await inferenceOf(order);
  tell({ number, grid: performance.now() - start });
  if (next || !question) return;
  const gone = () => next !== null;
  inference.ask(question);
  const believe = () => {
    const belief = inference.belief();
    tell({ number, belief }, belief.window ? [belief.window.values.buffer] : []);
  };
  const show = async () => {
    const pictures = await through(inference.pictures(), gone);
    if (pictures) tell({ number, pictures });
  };
  believe();
  await pause();
  if (gone()) return;
  await show();
  if (gone()) return;
  await through(inference.refine(), gone, believe);
  if (gone()) return;
  believe();
  await show();
  if (gone()) return;
  tell({ number, settled: true });
  await through(inference.prepare(), gone);
}

/** What the page has itself, by address, where no server is to be asked. @type {Map<string, ArrayBuffer>} */
const given = new Map();

globalThis.onmessage = (/** @type {MessageEvent<Order | {url: string, arrays: ArrayBuffer}>} */ { data }) => {
  if ("arrays" in data) {
    given.set(data.url, data.arrays);
    takeArraysFrom((url) => Promise.resolve(new Response(given.get(url))));
    return;
  }
  next = data;
  if (!working) work();
};
