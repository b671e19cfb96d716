// The page's side of the worker that infers: questions go there, the newest answers come back.

import { arraysHere } from "../network/safetensors.js";

/** @typedef {import("./inference_worker.js").News} News */
/** @typedef {import("./inference_worker.js").Order} Order */

/** It outlives the page, so that a run's grid is there when the person comes back. @type {Worker | null} */
let worker = null;
let number = 0; // of the newest order

/** Addresses of what the worker was given, as it cannot ask for it itself @type {Set<string>} */
let given = new Set();

export class InferenceClient {
  /** @param {(news: News) => void} hear of the newest order */
  constructor(hear) {
    worker ??= new Worker(new URL("./inference_worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => data.number === number && hear(data);
    worker.onerror = ({ message }) => {
      worker = null;
      given = new Set();
      hear({ number, problem: message || "the worker did not start; reload the page" });
    };
  }

  /** @param {Omit<Order, "number">} order */
  ask({ decoder, classifier, ...order }) {
    const own = ++number;
    const here = arraysHere();
    // The worker's own addresses begin elsewhere.
    const there = (/** @type {string} */ url) => here ? url : new URL(url, document.baseURI).href;
    const send = () =>
      worker?.postMessage({
        ...order,
        number: own,
        decoder: there(decoder),
        classifier: classifier && there(classifier),
      });
    if (!here) return send();
    const missing = [decoder, classifier].filter((url) => url !== null && !given.has(url));
    if (!missing.length) return send();
    Promise.all(missing.map((url) => this.give(/** @type {string} */ (url), here))).then(() =>
      own === number && send()
    );
  }

  /** @param {string} url @param {(url: string) => Promise<Response>} here */
  async give(url, here) {
    const arrays = await (await here(url)).arrayBuffer();
    if (given.has(url)) return;
    given.add(url);
    worker?.postMessage({ url, arrays }, [arrays]);
  }

  destroy() {
    number++;
  }
}
