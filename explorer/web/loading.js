// What has been fetched once is kept: runs, held-out images, plotly.

import { LatentSpace } from "./latent_space.js";
import { fetchSafetensors } from "./safetensors.js";

const KEPT_RUNS = 12;

/** @type {Map<string, Promise<LatentSpace>>} by url, the last used at the end */
const spaces = new Map();
/** @type {Map<string, Promise<Uint8Array>>} */
const galleries = new Map();
/** @type {Promise<any> | undefined} */
let plotlyLoading;

/** A run, from memory if it was shown of late. @param {import("./latent_space.js").RunUrls} urls */
export function loadSpace(urls) {
  const key = `${urls.latents} ${urls.decoder}`;
  const known = spaces.get(key) ?? LatentSpace.fetch(urls);
  spaces.delete(key);
  spaces.set(key, known);
  known.catch(() => spaces.delete(key));
  for (const oldest of spaces.keys()) {
    if (spaces.size <= KEPT_RUNS) break;
    spaces.delete(oldest);
  }
  return known;
}

/** The held-out images, one after the other. @param {string | null} url @returns {Promise<Uint8Array | null>} */
export function loadGallery(url) {
  if (!url) return Promise.resolve(null);
  const known = galleries.get(url)
    ?? fetchSafetensors(url).then(({ tensors }) => /** @type {Uint8Array} */ (tensors.images.data));
  galleries.set(url, known);
  known.catch(() => galleries.delete(url));
  return known;
}

/** plotly.js comes as a plain script, from the installed plotly package. @param {string} assets */
export function loadPlotly(assets) {
  plotlyLoading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${assets}/plotly/plotly.min.js`;
    script.onload = () => resolve(/** @type {any} */ (window).Plotly);
    script.onerror = () => {
      plotlyLoading = undefined;
      script.remove();
      reject(new Error("plotly.js did not load; reload the page"));
    };
    document.head.append(script);
  });
  return plotlyLoading;
}
