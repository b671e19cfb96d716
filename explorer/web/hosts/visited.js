// How the pages of this tab were left, and what goes along from one to the next; a reload forgets nothing.

/** @typedef {import("./address.js").Params} Params */

/** What goes along from page to page, where the next page has it. */
const SHARED = ["dataset", "run", "given", "z", "image", "set", "color_by"];
const KEY = "latent-space-explorer";

/** @type {{left: Record<string, Params>, shared: Params}} */
let memory = { left: {}, shared: {} };
try {
  memory = JSON.parse(sessionStorage.getItem(KEY) ?? "") ?? memory;
} catch {
  // Nothing was kept, or the browser keeps nothing.
}

/**
 * @param {string} page @param {Params} params of its address
 * @param {string[]} names of all its parameters: one that is not in the address stands at its default
 */
export function remember(page, params, names) {
  memory.left[page] = params;
  for (const name of SHARED) {
    if (name in params) memory.shared[name] = params[name];
    else if (names.includes(name)) delete memory.shared[name];
  }
  try {
    sessionStorage.setItem(KEY, JSON.stringify(memory));
  } catch {
    // Without it, this lasts until a reload.
  }
}

/** The parameters to open a page with. @param {string} page @returns {Params} */
export function recalled(page) {
  return { ...memory.left[page], ...memory.shared };
}
