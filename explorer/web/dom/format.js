// Numbers as people read them.

const ZERO = 5e-5; // nats: figures are stored with four decimals, what is smaller is rounding
const DECIMALS = [2, 3, 4]; // of figures in nats: where the smallest is at least 0.1, at least 0.01, smaller

/** Two decimals, with a real minus sign; never "-0.00". @param {number} value */
export function decimals(value) {
  return written(value, 2);
}

/** So many decimals, with a real minus sign, and none for zero. @param {number} value @param {number} digits */
function written(value, digits) {
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? (0).toFixed(digits) : text).replace("-", "−");
}

/**
 * How many decimals figures in nats that are added have, all of them the same: two, or what the smallest needs to be
 * seen, at most four. @param {number[]} values
 */
export function natDecimals(values) {
  const least = values.map(Math.abs).reduce((small, size) => size >= ZERO && size < small ? size : small, Infinity);
  return DECIMALS[least >= 0.1 ? 0 : least >= 0.01 ? 1 : 2];
}

/**
 * A whole, some of its parts and the rest, in nats, as texts with one number of decimals that add up as they are shown:
 * whole = parts + rest. The whole and the parts are true to half a unit of their last digit, as by themselves; the rest
 * takes up what rounding leaves, and is true to one unit of it for one part, and half a unit more for each further one.
 * What is 0 but for rounding is "0".
 * @param {number} whole @param {number[]} parts @param {number} [digits] decimals
 */
export function addingUp(whole, parts, digits) {
  const known = parts.map(nearZero);
  const sum = known.reduce((total, part) => total + part, 0);
  const rest = nearZero(whole - sum);
  const all = nearZero(rest === 0 ? sum : whole);
  const places = digits ?? natDecimals([all, rest, ...known]);
  const units = (/** @type {number} */ value) => Math.round(Number(value.toFixed(places)) * 10 ** places);
  const partUnits = known.map(units);
  const sumUnits = partUnits.reduce((total, part) => total + part, 0);
  const allUnits = rest === 0 ? sumUnits : units(all);
  const text = (/** @type {number} */ value, /** @type {number} */ count) =>
    value === 0 && count === 0 ? "0" : written(count / 10 ** places, places);
  return {
    whole: text(all, allUnits),
    parts: known.map((part, i) => text(part, partUnits[i])),
    rest: text(rest, allUnits - sumUnits),
  };
}

/** What is 0 but for rounding is 0. @param {number} nats */
function nearZero(nats) {
  return Math.abs(nats) < ZERO ? 0 : nats;
}

/** Three significant digits, with a real minus sign. @param {number} value */
export function significant(value) {
  const text = Math.abs(value) >= 1000 || value === 0 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();
  return (/e/.test(text) ? value.toExponential(1) : text).replaceAll("-", "−");
}

/** A figure in nats: what is 0 but for rounding is "0". @param {number} value */
export function inNats(value) {
  return nearZero(value) === 0 ? "0" : significant(Math.round(1e4 * value) / 1e4);
}

/** A term of a sum by itself, which reads as it does in the sum. @param {number} value in nats */
export function termInNats(value) {
  return addingUp(value, []).whole;
}

/** Terms of one sum with as many decimals each; what is 0 but for rounding is "0". @param {number[]} values */
export function termsInNats(values) {
  return values.map((value) => nearZero(value) === 0 ? "0" : decimals(value));
}

/** The same with its unit. @param {number} value */
export function nats(value) {
  return `${inNats(value)} nats`;
}

/** A share in percent: whole above 10, one decimal below; only none is 0, only all 100. @param {number} share */
export function percent(share) {
  if (share > 0 && share < 0.0005) return "< 0.1 %";
  if (share > 0.9995 && share < 1) return "> 99.9 %";
  const near = (share > 0 && share < 0.0995) || (share >= 0.995 && share < 1);
  return `${(100 * share).toFixed(near ? 1 : 0)} %`;
}

/**
 * A point of the plane in words: in two dimensions it is z itself, in more it has two coordinates of its own.
 * @param {ArrayLike<number>} point @param {number} dim of z
 */
export function place(point, dim) {
  const numbers = Array.from(point).slice(0, Math.min(dim, 2)).map(decimals).join(", ");
  return dim > 2 ? `point ${numbers} of the plane` : `z ${numbers}`;
}

/** A vector: its first four coordinates. @param {ArrayLike<number>} z */
export function vector(z) {
  return `(${Array.from(z).slice(0, 4).map(decimals).join(", ")}${z.length > 4 ? ", …" : ""})`;
}

const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";

/** A coordinate's name: z₁ is the first. @param {number} d from 0 on */
export function coordinate(d) {
  return `z${[...String(d + 1)].map((digit) => SUBSCRIPTS[Number(digit)]).join("")}`;
}

/** A number as it is kept in the address: at most four decimals. @param {number} value */
export function rounded(value) {
  return Number(value.toFixed(4));
}

/** The same as a text. @param {number} value */
export function plain(value) {
  return String(rounded(value));
}
