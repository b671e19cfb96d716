// The state of the page that is shown, for what is taken along from it.

/** @typedef {Record<string, unknown>} State */

/** states by page, the innermost, as a talk's scene is, last @type {Map<object, State>} */
const shown = new Map();

/** A page is laid out, or says what it now shows. @param {object} page @param {State} state  what is new of it */
export function nowShown(page, state) {
  shown.set(page, { ...shown.get(page), ...state });
}

/** @param {object} page */
export function noLongerShown(page) {
  shown.delete(page);
}

/** @returns {State} */
export function shownState() {
  return [...shown.values()].at(-1) ?? {};
}
