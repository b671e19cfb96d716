// The page's side of the worker that infers: questions go there, the newest answers come back.

/** @typedef {import("./inference_worker.js").News} News */
/** @typedef {import("./inference_worker.js").Order} Order */

/** It outlives the page, so that a run's grid is there when the person comes back. @type {Worker | null} */
let worker = null;
let number = 0; // of the newest order

export class InferenceClient {
  /** @param {(news: News) => void} hear of the newest order */
  constructor(hear) {
    worker ??= new Worker(new URL("./inference_worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => data.number === number && hear(data);
    worker.onerror = ({ message }) => {
      worker = null;
      hear({ number, problem: message || "the worker did not start; reload the page" });
    };
  }

  /** @param {Omit<Order, "number">} order */
  ask({ decoder, classifier, ...order }) {
    // The worker's own addresses begin elsewhere.
    const absolute = (/** @type {string} */ url) => new URL(url, document.baseURI).href;
    worker?.postMessage({
      ...order,
      number: ++number,
      decoder: absolute(decoder),
      classifier: classifier && absolute(classifier),
    });
  }

  destroy() {
    number++;
  }
}
