// Numbers as people read them.

/** Two decimals, with a real minus sign. @param {number} value */
export function decimals(value) {
  return value.toFixed(2).replace("-", "−");
}

/** Three significant digits, with a real minus sign. @param {number} value */
export function significant(value) {
  const text = Math.abs(value) >= 1000 || value === 0 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();
  return (/e/.test(text) ? value.toExponential(1) : text).replace("-", "−");
}

/** A share as a percentage: whole above 10, one decimal below. @param {number} share in [0, 1] */
export function percent(share) {
  return `${(100 * share).toFixed(share < 0.0995 && share > 0 ? 1 : 0)} %`;
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
