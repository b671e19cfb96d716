// What has been fetched once is kept: runs, encoders, held-out images, the classifier, plotly.

import { Classifier } from "../network/classifier.js";
import { Encoder } from "../network/encoder.js";
import { LatentSpace } from "./latent_space.js";
import { fetchSafetensors } from "../network/safetensors.js";
import { Trajectory } from "./trajectory.js";

/**
 * As much of plotly.js as is used here.
 * @typedef {object} Plotly
 * @property {(element: HTMLElement, traces: object[], layout: object, config: object) => Promise<unknown>} react
 * @property {(element: HTMLElement, layout: object) => Promise<unknown>} relayout
 * @property {(element: HTMLElement) => void} purge
 */

const KEPT_RUNS = 12;
const PREFETCHED_RUNS = 12;

/** @typedef {import("./payload.js").Payload} Payload */

/** @type {Map<string, Promise<LatentSpace>>} by url, the last used at the end */
const spaces = new Map();
/** What else there is, by url. @type {Map<string, Promise<any>>} */
const others = new Map();
/** @type {Promise<Plotly> | undefined} */
let plotlyLoading;

/**
 * A run, from memory if it was shown of late.
 * @param {import("./latent_space.js").RunUrls} urls @param {number | null} [given]  the class that a conditional run is
 *   given
 */
export function loadSpace(urls, given) {
  const key = `${urls.latents} ${urls.decoder}`;
  const known = spaces.get(key) ?? LatentSpace.fetch(urls);
  spaces.delete(key);
  spaces.set(key, known);
  known.catch(() => spaces.delete(key));
  for (const oldest of spaces.keys()) {
    if (spaces.size <= KEPT_RUNS) break;
    spaces.delete(oldest);
  }
  return given === undefined ? known : known.then((space) => space.given(given ?? 0));
}

/**
 * Have some runs at hand, where they are few, so that the switch to one is instant.
 * @param {import("./latent_space.js").RunUrls[]} runs @param {() => boolean} gone  whether nobody waits any more
 */
export async function prefetchSpaces(runs, gone) {
  if (runs.length > PREFETCHED_RUNS) return;
  for (const urls of runs) {
    await new Promise((resolve) => (globalThis.requestIdleCallback ?? setTimeout)(resolve));
    if (gone()) return;
    await loadSpace(urls).catch(() => {}); // an unreadable run is reported when it is selected
  }
}

/**
 * What a page must load to show some of its runs, as one text: their addresses, which change with their content.
 * @param {Pick<Payload, "runs"> & Partial<Payload>} payload without what the page does not load
 * @param {string[]} names of the runs @param {number | null} [given]  the class that conditional runs are given
 */
export function wanted({ runs, gallery = null, classifier = null }, names, given = null) {
  const parts = names.flatMap((name) => [name, runs[name].latents, runs[name].decoder, runs[name].encoder]);
  return [...parts, gallery, classifier, given].join(" ");
}

/** @template T @param {string} url @param {() => Promise<T>} fetchIt @returns {Promise<T>} */
function once(url, fetchIt) {
  const known = others.get(url) ?? fetchIt();
  others.set(url, known);
  known.catch(() => others.delete(url));
  return known;
}

/** The held-out images, one after the other. @param {string | null} url @returns {Promise<Uint8Array | null>} */
export function loadGallery(url) {
  if (!url) return Promise.resolve(null);
  return once(url, async () => /** @type {Uint8Array} */ ((await fetchSafetensors(url)).tensors.images.data));
}

/** A run's means through its training. @param {string} url */
export function loadTrajectory(url) {
  return once(url, async () => new Trajectory((await fetchSafetensors(url)).tensors));
}

/** @param {string} url */
export function loadEncoder(url) {
  return once(url, () => Encoder.fetch(url));
}

/** @param {string | null} url @returns {Promise<Classifier | null>} */
export function loadClassifier(url) {
  return url ? once(url, () => Classifier.fetch(url)) : Promise.resolve(null);
}

/**
 * plotly.js comes as a plain script, from the installed plotly package; not where there is no server.
 * @param {string} assets @returns {Promise<Plotly>}
 */
export function loadPlotly(assets) {
  if (!assets) return Promise.reject(new Error("plotly.js is not in this file"));
  plotlyLoading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${assets}/plotly/plotly.min.js`;
    script.onload = () => resolve(/** @type {{Plotly: Plotly}} */ (/** @type {unknown} */ (globalThis)).Plotly);
    script.onerror = () => {
      plotlyLoading = undefined;
      script.remove();
      reject(new Error("plotly.js did not load; reload the page"));
    };
    document.head.append(script);
  });
  return plotlyLoading;
}
