// A run is refused: the message is one line that names the file and what was expected, as training's CheckpointError.

export class Refusal extends Error {}

/** What an error says, on one line. @param {unknown} error @param {number} [most] characters */
export function oneLine(error, most = 160) {
  const words = error instanceof Error ? error.message || error.name : String(error);
  return words.split(/\s+/).filter(Boolean).join(" ").slice(0, most);
}

/** A number as Python writes it by the format "g". @param {number} value @param {number} [digits] */
export function general(value, digits = 6) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const power = Number(exponent);
  const short = (/** @type {string} */ text) => text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  if (power >= -4 && power < digits) return short(value.toFixed(digits - 1 - power));
  return `${short(mantissa)}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** A count with commas at the thousands. @param {number} value */
export const counted = (value) => value.toLocaleString("en-US");
