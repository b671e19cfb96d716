// Numbers as people read them.

const ZERO = 5e-5; // nats: figures are stored with four decimals, what is smaller is rounding

/** Two decimals, with a real minus sign; never "-0.00". @param {number} value */
export function decimals(value) {
  const text = value.toFixed(2);
  return (Number(text) === 0 ? "0.00" : text).replace("-", "−");
}

/** Two decimals of a figure in nats; what is 0 but for rounding is "0". @param {number} value */
export function hundredths(value) {
  return Math.abs(value) < ZERO ? "0" : decimals(value);
}

/** Three significant digits, with a real minus sign. @param {number} value */
export function significant(value) {
  const text = Math.abs(value) >= 1000 || value === 0 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();
  return (/e/.test(text) ? value.toExponential(1) : text).replaceAll("-", "−");
}

/** A figure in nats: what is 0 but for rounding is "0". @param {number} value */
export function inNats(value) {
  return Math.abs(value) < ZERO ? "0" : significant(Math.round(1e4 * value) / 1e4);
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
