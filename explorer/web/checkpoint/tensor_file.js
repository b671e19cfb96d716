// safetensors files as a checkpoint's reader meets them: refused where they break the format, as tensor_files.py does.

import { widened } from "../network/safetensors.js";
import { isObject } from "./fields.js";
import { counted, general, oneLine, Refusal } from "./refusal.js";

/** @typedef {Float32Array | Int32Array | Uint8Array | BigInt64Array} Numbers */
/**
 * A tensor; `kind` as NumPy calls it; of kinds that no run has, no numbers.
 * @typedef {{kind: string, shape: number[], data: Numbers | null}} Tensor
 */
/** @typedef {Map<string, Tensor>} Tensors */

const MAX_HEADER_BYTES = 1_000_000;
const LARGEST = 1e12;
/** Of each type of the format its size in bytes and NumPy's name; half precision is read as float32. */
const TYPES = /** @type {Record<string, [number, string]>} */ ({
  F64: [8, "float64"],
  F32: [4, "float32"],
  F16: [2, "float32"],
  BF16: [2, "float32"],
  I64: [8, "int64"],
  I32: [4, "int32"],
  I16: [2, "int16"],
  I8: [1, "int8"],
  U64: [8, "uint64"],
  U32: [4, "uint32"],
  U16: [2, "uint16"],
  U8: [1, "uint8"],
  BOOL: [1, "bool"],
});

/** @param {string} file @param {Uint8Array<ArrayBuffer>} bytes @returns {Tensors} */
export function parseTensors(file, bytes) {
  const broken = (/** @type {string} */ why) => new Refusal(`${file}: not a safetensors file (${why})`);
  if (bytes.length < 8) throw broken("it is too short for a header");
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES) {
    throw new Refusal(
      `${file}: header of ${counted(length)} bytes, expected at most ${counted(MAX_HEADER_BYTES)}`,
    );
  }
  if (8 + length > bytes.length) throw broken("it ends within its header");
  let header;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch (error) {
    throw broken(oneLine(error, 120));
  }
  if (!isObject(header)) throw broken("its header is no JSON object");
  const entries = Object.entries(header).filter(([name]) => name !== "__metadata__");
  for (const [name, entry] of entries) {
    if (!isEntry(entry)) throw broken(`its header does not describe a tensor '${name.slice(0, 40)}'`);
  }
  entries.sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);
  let end = 0;
  for (const [name, { dtype, shape, data_offsets: [from, to] }] of entries) {
    if (from !== end || to - from !== sizeOf(shape) * TYPES[dtype][0]) {
      throw broken(`the bytes of tensor '${name.slice(0, 40)}' are not where they belong`);
    }
    end = to;
  }
  if (8 + length + end !== bytes.length) throw broken(`${counted(bytes.length)} bytes, expected ${8 + length + end}`);
  const start = bytes.byteOffset + 8 + length;
  return new Map(entries.map(([name, { dtype, shape, data_offsets: [from, to] }]) => {
    const data = numbers(dtype, bytes.buffer.slice(start + from, start + to));
    return [name, { kind: TYPES[dtype][1], shape, data }];
  }));
}

/** @param {any} entry */
function isEntry(entry) {
  const isWhole = (/** @type {any} */ value) => Number.isSafeInteger(value) && value >= 0;
  return isObject(entry) && Object.hasOwn(TYPES, entry.dtype) && Array.isArray(entry.shape) &&
    entry.shape.every(isWhole) && Array.isArray(entry.data_offsets) && entry.data_offsets.length === 2 &&
    entry.data_offsets.every(isWhole);
}

/** @param {string} dtype @param {ArrayBuffer} buffer @returns {Numbers | null} */
function numbers(dtype, buffer) {
  if (dtype === "F32") return new Float32Array(buffer);
  if (dtype === "F16") return widened(new Uint16Array(buffer));
  if (dtype === "BF16") return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);
  if (dtype === "I64") return new BigInt64Array(buffer);
  if (dtype === "I32") return new Int32Array(buffer);
  return dtype === "U8" ? new Uint8Array(buffer) : null;
}

/** @param {ArrayLike<number>} shape */
export function sizeOf(shape) {
  return Array.from(shape).reduce((product, size) => product * size, 1);
}

/** A shape as NumPy writes it. @param {ArrayLike<number>} shape */
export function shapeText(shape) {
  return `(${Array.from(shape).join(", ")}${shape.length === 1 ? "," : ""})`;
}

/**
 * The tensor of a name; throws a Refusal where it is missing.
 * @param {string} file @param {Tensors} tensors @param {string} name
 */
export function required(file, tensors, name) {
  const found = tensors.get(name);
  if (!found) throw new Refusal(`${file}: tensor '${name}' is missing`);
  return found;
}

/**
 * Refuse a tensor of another kind or shape, and numbers that are not finite or beyond +-`largest`.
 * @param {string} file @param {string} name @param {Tensor} tensor @param {string} kind @param {number[]} shape
 * @param {number} [largest]
 */
export function expectTensor(file, name, tensor, kind, shape, largest = LARGEST) {
  const where = `${file}: tensor '${name}'`;
  if (tensor.kind !== kind) throw new Refusal(`${where} is ${tensor.kind}, expected ${kind}`);
  if (String(tensor.shape) !== String(shape)) {
    throw new Refusal(`${where} has shape ${shapeText(tensor.shape)}, expected ${shapeText(shape)}`);
  }
  if (tensor.data instanceof BigInt64Array) return;
  let most = 0;
  for (const value of /** @type {Float32Array} */ (tensor.data)) {
    if (!Number.isFinite(value)) throw new Refusal(`${where} holds a number that is not finite`);
    if (value > most || -value > most) most = Math.abs(value);
  }
  if (most > largest) {
    throw new Refusal(`${where} holds ${general(most, 3)}, expected numbers up to ${general(largest)}`);
  }
}

/**
 * A safetensors file for the pages, as the server would send it.
 * @param {Record<string, {shape: number[], data: Float32Array | Int32Array | Uint8Array}>} arrays
 * @param {Record<string, string>} [metadata] @returns {ArrayBuffer}
 */
export function formatTensors(arrays, metadata = {}) {
  const dtypes = { Float32Array: "F32", Int32Array: "I32", Uint8Array: "U8" };
  /** @type {Record<string, unknown>} */
  const header = { __metadata__: metadata };
  // The widest first, so that all lie at multiples of their size.
  const sorted = Object.entries(arrays).sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  let end = 0;
  for (const [name, { shape, data }] of sorted) {
    const dtype = dtypes[/** @type {keyof typeof dtypes} */ (data.constructor.name)];
    header[name] = { dtype, shape, data_offsets: [end, end += data.byteLength] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = Math.ceil(text.length / 8) * 8 + 8;
  const bytes = new Uint8Array(start + end).fill(32, 8, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(text, 8);
  let at = start;
  for (const [, { data }] of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes.buffer;
}
