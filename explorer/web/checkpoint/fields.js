// Fields of a JSON object from a file: each of a kind and in a range, as training/fields.py has them.

import { general, Refusal } from "./refusal.js";

/**
 * What a value may be: `words` say it after "expected".
 * @typedef {{words: string, fits: (value: any) => boolean}} Kind
 */
/** @typedef {Record<string, Kind>} Kinds */

const LARGEST = 1e15;
const DEEPEST = 8;
const SHOWN = 40;

/** A finite number in a range. @param {number} [low] @param {number} [high] @returns {Kind} */
export function number(low = -LARGEST, high = LARGEST) {
  const all = low === -LARGEST && high === LARGEST;
  const words = all ? "a number" : `a number from ${general(low)} to ${general(high)}`;
  return { words, fits: (value) => typeof value === "number" && low <= value && value <= high };
}

/** A whole number from `low` to `high`. @param {number} low @param {number} [high] @returns {Kind} */
export function whole(low, high = 2 ** 63) {
  const fits = (/** @type {any} */ value) => Number.isInteger(value) && low <= value && value <= high;
  return { words: `a whole number from ${low} up`, fits };
}

/** @param {Kind} kind @returns {Kind} */
export function nullOr({ words, fits }) {
  return { words: `${words} or null`, fits: (value) => value === null || fits(value) };
}

/** @param {Kind} kind @param {number} [least] how many @returns {Kind} */
export function listOf({ words, fits }, least = 0) {
  const all = (/** @type {any} */ value) => Array.isArray(value) && value.length >= least && value.every(fits);
  return { words: `a list of which each is ${words}`, fits: all };
}

/** An object whose values are all of one kind. @param {Kind} kind @param {string[]} [needed] names @returns {Kind} */
export function byName({ words, fits }, needed = []) {
  return {
    words: `an object of which each value is ${words}`,
    fits: (value) =>
      isObject(value) && Object.keys(value).every(TEXT.fits) && Object.values(value).every(fits) &&
      needed.every((name) => Object.hasOwn(value, name)),
  };
}

/** An object with these fields, and maybe others. @param {Kinds} kinds @returns {Kind} */
export function record(kinds) {
  const names = Object.keys(kinds);
  return {
    words: `an object with ${names.join(", ")}`,
    fits: (value) =>
      isObject(value) && names.every((name) => Object.hasOwn(value, name) && kinds[name].fits(value[name])),
  };
}

/** @param {any} value @returns {value is Record<string, any>} */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {any} value @param {number} [depth] @returns {boolean} */
function isPlain(value, depth = 0) {
  if (typeof value === "object" && value !== null) {
    const items = Array.isArray(value) ? value : Object.entries(value).flat();
    return depth < DEEPEST && items.every((item) => isPlain(item, depth + 1));
  }
  return typeof value === "number" ? Number.isFinite(value) : typeof value !== "string" || TEXT.fits(value);
}

/** @type {Kind} */
export const TEXT = { words: "a text", fits: (value) => typeof value === "string" && !/\p{Cs}/u.test(value) };
/** @type {Kind} */
export const FLAG = { words: "true or false", fits: (value) => typeof value === "boolean" };
/** @type {Kind} */
export const SHA256 = {
  words: "a SHA-256",
  fits: (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value),
};
export const NUMBER = number();
export const SHARE = number(0, 1);
export const COUNT = whole(0, 10 ** 15);
/** What nobody here looks at. @type {Kind} */
const PLAIN = { words: "finite numbers and texts", fits: isPlain };

/**
 * The object `value` of a file, of which every field is of its kind; throws a Refusal for the first other.
 * @param {string} file @param {any} value @param {Kinds} kinds @param {string[]} [needed]  all, if not given
 * @param {string} [where]  the object's own name in its file
 */
export function check(file, value, kinds, needed = Object.keys(kinds), where = "") {
  const prefix = where && `${where}.`;
  if (!isObject(value)) throw new Refusal(`${file}: ${where ? `${where} is not` : "expected"} a JSON object`);
  for (const name of needed) {
    if (!Object.hasOwn(value, name)) {
      throw new Refusal(`${file}: '${prefix}${name}' is missing, expected ${kinds[name].words}`);
    }
  }
  for (const [name, item] of Object.entries(value)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : PLAIN;
    if (!kind.fits(item)) {
      throw new Refusal(`${file}: '${ascii(prefix + name)}' is ${shown(item)}, expected ${kind.words}`);
    }
  }
  return value;
}

/** A value in few letters, none of which a terminal or a page could take for more. @param {any} value */
export function shown(value) {
  const text = ascii(JSON.stringify(value) ?? String(value));
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}...`;
}

/** @param {string} text */
function ascii(text) {
  return text.replace(/[^ -~]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
