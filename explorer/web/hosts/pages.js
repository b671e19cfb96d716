// Every page by its name: its module and its style sheets, loaded when first wanted.

/** @typedef {import("../dom/page_frame.js").Page} Page */

/** Each module exports one class. @type {Record<string, () => Promise<Record<string, any>>>} */
const MODULES = {
  explore: () => import("../pages/explore/explore.js"),
  compare: () => import("../pages/compare/compare.js"),
  dial: () => import("../pages/dial/dial.js"),
  reconstruct: () => import("../pages/reconstruct/reconstruct.js"),
  traverse: () => import("../pages/traverse/traverse.js"),
  interpolate: () => import("../pages/interpolate/interpolate.js"),
  prior: () => import("../pages/prior/prior.js"),
  probability: () => import("../pages/probability/probability.js"),
  train: () => import("../pages/train/train.js"),
  infer: () => import("../pages/infer/infer.js"),
  gradients: () => import("../pages/gradients/gradients.js"),
  tour: () => import("../pages/tour/tour.js"),
};

const SHARED = ["dom/base", "plane/plane", "plane/taking_along"]; // style sheets of all pages

/** Their style sheets beside the one that has the page's name. @type {Record<string, string[]>} */
const SHEETS = { explore: ["trays"], compare: ["drawing", "panel_sum"], reconstruct: ["steps"], prior: ["laboratory"] };

/**
 * A page's class.
 * @param {string} name @returns {Promise<import("../dom/page_frame.js").PageClass>}
 */
export async function pageClass(name) {
  return Object.values(await MODULES[name]())[0];
}

/**
 * Load a page's code and style.
 * @param {string} name @param {string} assets url prefix
 * @returns {Promise<import("../dom/page_frame.js").PageClass>}
 */
export async function loadPage(name, assets) {
  const own = [name, ...SHEETS[name] ?? []].map((sheet) => `pages/${name}/${sheet}`);
  const [Page] = await Promise.all([
    pageClass(name),
    ...[...SHARED, ...own].map((sheet) => styleSheet(`${assets}/${sheet}.css`)),
  ]);
  return Page;
}

/** The style of what stands on every page, and of its menus. @param {string} assets */
export async function loadBase(assets) {
  await Promise.all(SHARED.map((sheet) => styleSheet(`${assets}/${sheet}.css`)));
}

/** @param {string} href */
function styleSheet(href) {
  if (document.querySelector(`link[rel=stylesheet][href="${href}"]`)) return Promise.resolve();
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  document.head.append(link);
  return new Promise((resolve, reject) => Object.assign(link, { onload: resolve, onerror: reject }));
}
