// What is known of each held-out image beside its label: numbers or categories, fetched when they are first asked for.

import { fetchSafetensors } from "../network/safetensors.js";

/** @typedef {import("./latent_space.js").ColorBy} ColorBy */
/** @typedef {import("./latent_space.js").LatentSpace} LatentSpace */
/**
 * @typedef {object} ColumnInfo
 * @property {string} name
 * @property {string[] | null} categories  null: numbers
 * @property {string[]} colors  of the categories
 */
/**
 * Of each image a number, NaN where there is none; or the place of its category, -1 where there is none.
 * @typedef {ColumnInfo & {values: Float32Array | Int32Array}} Column
 */

const PREFIX = "column:";
const RANK = "rank:";

/** The name of the column that points are coloured by, "" if by something else. @param {ColorBy} by */
export function columnName(by) {
  const plain = unranked(by);
  return plain.startsWith(PREFIX) ? plain.slice(PREFIX.length) : "";
}

/** What colours points by the rank of a value. @param {ColorBy} by @returns {ColorBy} */
export function byRank(by) {
  return `rank:${by}`;
}

/** What colours points, whether by its rank or not. @param {ColorBy} by */
export function unranked(by) {
  return /** @type {ColorBy} */ (by.startsWith(RANK) ? by.slice(RANK.length) : by);
}

/** What colours points by a column. @param {string} name @returns {ColorBy} */
export function byColumn(name) {
  return `column:${name}`;
}

/**
 * Have the column at hand that points are coloured by, if the run carries it.
 * @param {LatentSpace} space @param {import("./payload.js").RunInfo} run @param {ColorBy} by
 */
export async function loadColumn(space, { columns, column }, by) {
  const place = columns.findIndex(({ name }) => byColumn(name) === unranked(by));
  if (place < 0 || space.columns.has(columns[place].name)) return;
  const { values } = (await fetchSafetensors(`${column}${place}`)).tensors;
  const numbers = /** @type {Float32Array | Int32Array} */ (values.data);
  space.columns.set(columns[place].name, { ...columns[place], values: numbers });
}

/** An image's value in words. @param {Column} column @param {number} index @param {(v: number) => string} written */
export function columnWords({ name, categories, values }, index, written) {
  const value = values[index];
  const known = categories ? value >= 0 : !Number.isNaN(value);
  return `${name}: ${known ? categories?.[value] ?? written(value) : "no value"}`;
}
