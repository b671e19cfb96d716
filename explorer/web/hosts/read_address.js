// Reads an address where no Python does, as explorer/views/parameters.py would: by the rule of each parameter.

/** @typedef {import("./address.js").State} State */
/** @typedef {import("./address.js").Params} Params */
/** @typedef {import("./address.js").Parameter} Parameter */
/**
 * @typedef {object} Rule  what makes sense
 * @property {[number, number]} [runs]  how many names of runs there are to be
 * @property {string[]} [among]
 * @property {string[]} [prefixes]  of which one may stand before any text
 * @property {string} [letters]  a character class
 * @property {number} [longest]
 * @property {[number, number]} [count]  of numbers
 * @property {[number, number][]} [ranges]  of each, the last also of those after it
 * @property {boolean} [whole]
 * @property {boolean} [different]
 * @property {boolean} [box]  x from, x to, y from, y to
 */

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const WHOLE = /^-*\d{1,10}$/;
const IMAGES = /^[0-9a-z]{1,6}(\.[0-9a-z]{1,6})*$/;

/**
 * A value from its text; undefined where it makes no sense.
 * @param {Parameter["kind"]} kind @param {Rule} rule @param {string} text @param {string[]} runs that there are
 * @returns {unknown}
 */
export function read(kind, rule, text, runs) {
  switch (kind) {
    case "text":
      return isText(rule, text, runs) ? text : undefined;
    case "texts":
      return rule.among ? someOf(rule.among, text) : rule.runs ? names(rule.runs, text, runs) : boxes(rule, text, runs);
    case "number":
      return number(rule, text, 0);
    case "numbers":
      return numbers(rule, text.split(","));
    case "images":
      return images(text, rule.longest ?? 0);
  }
}

/** @param {Rule} rule @param {string} text @param {string[]} runs */
function isText({ runs: named, among, prefixes = [], letters, longest = 0, ranges }, text, runs) {
  if (named) return runs.includes(text);
  if (among?.includes(text)) return true;
  const long = [...text].length;
  if (prefixes.some((prefix) => text.startsWith(prefix))) return long <= longest;
  if (letters) return long > 0 && long <= longest && new RegExp(`^${letters}*$`, "u").test(text);
  return ranges !== undefined && number({ ranges }, text, 0) !== undefined;
}

/** @param {string[]} among @param {string} text */
function someOf(among, text) {
  const chosen = text ? text.split(",") : [];
  return chosen.every((name) => among.includes(name)) ? among.filter((name) => chosen.includes(name)) : undefined;
}

/** The names that commas part; a comma or slash within one has a slash before it. @param {string} text */
function split(text) {
  const found = [""];
  const letters = [...text];
  for (let i = 0; i < letters.length; i++) {
    if (letters[i] === ",") found.push("");
    else found[found.length - 1] += letters[i] === "/" ? letters[++i] ?? "/" : letters[i];
  }
  return found;
}

/** @param {[number, number]} count @param {string} text @param {string[]} runs */
function names([least, most], text, runs) {
  const chosen = split(text);
  const fits = chosen.length >= Math.min(least, runs.length) && chosen.length <= most;
  return fits && new Set(chosen).size === chosen.length && chosen.every((name) => runs.includes(name))
    ? chosen
    : undefined;
}

/** @param {Rule} rule @param {string} text @param {string[]} runs */
function boxes(rule, text, runs) {
  const found = text ? [...new Set(split(text))] : [];
  const fits = found.every((part) => {
    const colon = part.lastIndexOf(":");
    return runs.includes(part.slice(0, Math.max(colon, 0))) && numbers(rule, part.slice(colon + 1).split(" "), 4);
  });
  return fits ? found : undefined;
}

/** @param {Rule} rule @param {string} text @param {number} place */
function number({ ranges = [], whole }, text, place) {
  if (!(whole ? WHOLE : NUMBER).test(text)) return undefined;
  const value = Number(text);
  const [low, high] = ranges[Math.min(place, ranges.length - 1)];
  return low <= value && value <= high ? value : undefined;
}

/** @param {Rule} rule @param {string[]} parts @param {number} [exactly] how many */
function numbers(rule, parts, exactly) {
  const [least, most] = rule.count ?? [exactly ?? 1, exactly ?? Infinity];
  const values = parts.map((part, place) => number(rule, part, place));
  if (parts.length < least || parts.length > most || values.includes(undefined)) return undefined;
  if (rule.different && new Set(values).size < values.length) return undefined;
  const [left, right, bottom, top] = /** @type {number[]} */ (values);
  return rule.box && !(left < right && bottom < top) ? undefined : values;
}

/** @param {string} text @param {number} longest */
function images(text, longest) {
  if (!IMAGES.test(text)) return undefined;
  const steps = text.split(".").map((part) => parseInt(part, 36));
  if (steps.length > longest || steps.slice(1).includes(0)) return undefined;
  let sum = 0;
  return steps.map((step) => (sum += step));
}
