// Every page by its name: its module and its style sheets, loaded when first wanted.

/** @typedef {import("../dom/page_frame.js").Page} Page */

/** Each module exports one class. @type {Record<string, () => Promise<Record<string, any>>>} */
const MODULES = {
  explore: () => import("../pages/explore/explore.js"),
  compare: () => import("../pages/compare/compare.js"),
  reconstruct: () => import("../pages/reconstruct/reconstruct.js"),
  traverse: () => import("../pages/traverse/traverse.js"),
  interpolate: () => import("../pages/interpolate/interpolate.js"),
  prior: () => import("../pages/prior/prior.js"),
  probability: () => import("../pages/probability/probability.js"),
  tour: () => import("../pages/tour/tour.js"),
};

/**
 * Load a page's code and style.
 * @param {string} name @param {string} assets url prefix
 * @returns {Promise<import("../dom/page_frame.js").PageClass>}
 */
export async function loadPage(name, assets) {
  const [module] = await Promise.all([
    MODULES[name](),
    ...["dom/base", "plane/plane", `pages/${name}/${name}`].map((sheet) => styleSheet(`${assets}/${sheet}.css`)),
  ]);
  return Object.values(module)[0];
}

/** The style of what stands on every page. @param {string} assets */
export async function loadBase(assets) {
  await styleSheet(`${assets}/dom/base.css`);
}

/** @param {string} href */
function styleSheet(href) {
  if (document.querySelector(`link[rel=stylesheet][href="${href}"]`)) return Promise.resolve();
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  document.head.append(link);
  return new Promise((resolve, reject) => Object.assign(link, { onload: resolve, onerror: reject }));
}
