// The address of an exported file: what its page shows stands after the #, as it would in the explorer's own address.

import { paramsOf, queryOf, written } from "./address.js";
import { read } from "./read_address.js";
import { recalled, remember } from "./visited.js";

/** @typedef {import("./address.js").State} State */
/** @typedef {import("./address.js").Params} Params */
/** @typedef {import("./address.js").Parameter} Parameter */
/**
 * A data set's part of a page; explorer/export/contents.py makes it.
 * @typedef {object} PageSet
 * @property {Record<string, Parameter>} parameters
 * @property {State} defaults
 * @property {string[]} runs  their names
 * @property {Record<string, {dim: number, count: number, classes: string[], conditional: boolean}>} shapes  of the runs
 * @property {Record<string, unknown>} payload  of the first choice of runs
 * @property {Record<string, Record<string, unknown>>} others  where another choice of runs has other fields
 */
/**
 * @typedef {object} FilePage
 * @property {Record<string, import("./read_address.js").Rule>} rules
 * @property {Record<string, string>} expected  words, where a value makes no sense
 * @property {Record<string, PageSet>} sets  by data set
 */

const PAUSE_MS = 200; // browsers take no more than 100 changes of the address in ten seconds

/** The page and the parameters that an address names. @param {string} hash @returns {{page: string, params: Params}} */
export function pageAndParams(hash) {
  const [page, query = ""] = hash.replace(/^#/, "").split("?", 2);
  return { page, params: Object.fromEntries(new URLSearchParams(query)) };
}

/**
 * A page's state from parameters, and one note for each that makes no sense.
 * @param {FilePage} page @param {Params} params @returns {{state: State, notes: string[]}}
 */
export function stateOf({ rules, expected, sets }, params) {
  /** @type {string[]} */
  const notes = [];
  const known = params.dataset in sets;
  if (!known && "dataset" in params) notes.push(`dataset=${shortened(params.dataset)}: it is not in this file`);
  const set = sets[known ? params.dataset : Object.keys(sets)[0]];
  const state = { ...set.defaults };
  for (const [name, { kind }] of Object.entries(set.parameters)) {
    if (!(name in params)) continue;
    const value = read(kind, rules[name], params[name], set.runs);
    const problem = value === undefined
      ? expected[name] || `there is no such ${name.replaceAll("_", " ")} in this file; showing the default`
      : outOfRange(name, value, set, state);
    if (problem) notes.push(`${name}=${shortened(params[name])}: ${problem}`);
    else state[name] = value;
  }
  return { state, notes };
}

/**
 * Why what makes sense does not for the runs shown, as explorer/views/out_of_range.py; "" where it does.
 * @param {string} name @param {any} value @param {PageSet} set @param {State} state  with its runs
 */
function outOfRange(name, value, { shapes, runs }, state) {
  const shown = runsIn(state).map((run) => shapes[run] ?? shapes[runs[0]]);
  const dims = shown.map(({ dim }) => dim);
  const count = Math.min(...shown.map((shape) => shape.count));
  const classes = shown[0].classes.length;
  if (/^image(_[ab])?$/.test(name)) return value >= count ? `there are images 0 to ${count - 1}; none is selected` : "";
  if (name === "set") return value.at(-1) >= count ? `there are images 0 to ${count - 1}; none are selected` : "";
  if (name === "z" || name === "eps") {
    return [2, ...dims].includes(value.length) ? "" : `this run has ${dims[0]} latent dimensions; showing the default`;
  }
  if (name === "axes") return Math.max(...value) > Math.min(...dims) ? `the run has ${dims[0]} latent dimensions` : "";
  if (name === "hide") return Math.max(...value) >= classes ? `there are classes 0 to ${classes - 1}; showing all` : "";
  if (name === "given") return value >= classes ? `there are classes 0 to ${classes - 1}; showing the first` : "";
  return "";
}

/** The names of the runs that a state shows. @param {State} state */
export function runsIn(state) {
  return /** @type {string[]} */ (Array.isArray(state.runs) ? state.runs : [state.run]);
}

/** @param {string} text */
function shortened(text) {
  const clean = text.replace(/[^\p{L}\p{N} .,+_-]/gu, "?");
  return clean.length <= 40 ? clean : `${clean.slice(0, 40)}...`;
}

/** Writes what a page shows into the address, and hears of other addresses. */
export class FileAddress {
  /** @param {() => void} followed  a link, Back or Forward leads elsewhere */
  constructor(followed) {
    this.shown = location.hash;
    this.wroteAt = -Infinity; // ms
    this.also = ""; // at its end, beside what the page says
    /** @type {ReturnType<typeof setTimeout> | 0} */
    this.pause = 0;
    /** what is still to be written */
    this.write = () => {};
    const look = () => {
      if (location.hash === this.shown) return;
      this.forget();
      this.shown = location.hash;
      followed();
    };
    addEventListener("popstate", look);
    addEventListener("hashchange", look);
  }

  forget() {
    clearTimeout(this.pause);
    this.pause = 0;
  }

  /**
   * @param {string} page @param {State} state @param {Record<string, Parameter>} parameters
   * @param {boolean} moved  to another place, which is an entry of its own in the browser's history
   */
  show(page, state, parameters, moved) {
    this.forget();
    this.write = () => {
      this.forget();
      const params = paramsOf(state, parameters);
      remember(page, params, Object.keys(parameters));
      this.put(hashOf(page, params) + this.also, moved);
    };
    const wait = this.wroteAt + PAUSE_MS - performance.now();
    if (moved || wait <= 0) this.write();
    else this.pause = setTimeout(this.write, wait);
  }

  /** @param {string} hash @param {boolean} moved */
  put(hash, moved) {
    if (hash === this.shown) return;
    this.shown = hash;
    this.wroteAt = performance.now();
    try {
      history[moved ? "pushState" : "replaceState"](null, "", location.href.split("#")[0] + hash);
    } catch {
      this.shown = location.hash; // a frame without an address of its own: it opens as it was made
    }
  }
}

/** @param {string} page @param {Params} params */
export function hashOf(page, params) {
  return `#${page}${queryOf(params)}`;
}

/**
 * The parameters to show a page with: those given, and else as it was left, with what goes along from page to page.
 * @param {string} page @param {State | null} state  null for the page as it was left
 * @param {Record<string, Parameter>} parameters @returns {Params}
 */
export function paramsFor(page, state, parameters) {
  if (!state) return recalled(page);
  const given = Object.entries(state).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, written(parameters[name]?.kind, value)]));
}
