// Every page by its name: its module and its style sheet, loaded when first wanted.

/** @typedef {import("./stage.js").Payload} Payload */
/** @typedef {import("./stage.js").Host} Host */
/** @typedef {{update: (payload: any) => unknown, destroy: () => void}} Page */

/** Each module exports one class. @type {Record<string, () => Promise<Record<string, any>>>} */
const MODULES = {
  explore: () => import("./explore.js"),
  compare: () => import("./compare.js"),
  reconstruct: () => import("./reconstruct.js"),
  traverse: () => import("./traverse.js"),
  interpolate: () => import("./interpolate.js"),
  prior: () => import("./prior.js"),
  probability: () => import("./probability.js"),
  tour: () => import("./tour.js"),
};

/**
 * Load a page's code and style.
 * @param {string} name @param {string} assets url prefix
 * @returns {Promise<new (parent: HTMLElement, payload: any, host: Host) => Page>}
 */
export async function loadPage(name, assets) {
  const [module] = await Promise.all([MODULES[name](), ...["base", name].map((sheet) => styleSheet(`${assets}/${sheet}.css`))]);
  return Object.values(module)[0];
}

/** @param {string} href */
function styleSheet(href) {
  if (document.querySelector(`link[href="${href}"]`)) return Promise.resolve();
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  document.head.append(link);
  return new Promise((resolve, reject) => Object.assign(link, { onload: resolve, onerror: reject }));
}
