// Reads the safetensors format: one JSON header, then raw little-endian arrays.

/** @typedef {{shape: number[], data: Float32Array | Int32Array | Uint8Array}} Tensor */

const VIEWS = { F32: Float32Array, F16: Uint16Array, I32: Int32Array, U8: Uint8Array };
/** the number of every half-precision bit pattern, once one is read @type {Float32Array | undefined} */
let halves;

/**
 * @param {ArrayBuffer} buffer
 * @returns {{tensors: Record<string, Tensor>, metadata: Record<string, string>}}
 */
export function parseSafetensors(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const { __metadata__: metadata = {}, ...entries } = header;
  /** @type {Record<string, Tensor>} */
  const tensors = {};
  for (const [name, { dtype, shape, data_offsets: [begin, end] }] of Object.entries(entries)) {
    const View = VIEWS[/** @type {keyof typeof VIEWS} */ (dtype)];
    if (!View) throw new Error(`tensor ${name} has type ${dtype}, which the browser does not read`);
    const start = 8 + length + begin;
    const aligned = start % View.BYTES_PER_ELEMENT === 0;
    const data = aligned
      ? new View(buffer, start, (end - begin) / View.BYTES_PER_ELEMENT)
      : new View(buffer.slice(start, 8 + length + end));
    tensors[name] = { shape, data: data instanceof Uint16Array ? widened(data) : data };
  }
  return { tensors, metadata };
}

/** Half precision as single precision. @param {Uint16Array} bits */
export function widened(bits) {
  halves ??= Float32Array.from({ length: 65536 }, (_, pattern) => half(pattern));
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = halves[bits[i]];
  return out;
}

/** The number that 16 bits stand for: sign, 5 bits of exponent, 10 of mantissa. @param {number} bits */
function half(bits) {
  const [sign, exponent, mantissa] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return mantissa ? NaN : sign * Infinity;
  return sign * (exponent ? (1 + mantissa / 1024) * 2 ** (exponent - 15) : mantissa * 2 ** -24);
}

/** Hears "gone" when an address turns out to be of a version that the server no longer has. */
export const versions = new EventTarget();

/** Say that what is shown is no longer what there is. */
export function tellGone() {
  versions.dispatchEvent(new Event("gone"));
}

/** Where arrays come from, if not from the server. @type {((url: string) => Promise<Response>) | null} */
let source = null;

/** Have another source of arrays than the server. @param {(url: string) => Promise<Response>} other */
export function takeArraysFrom(other) {
  source = other;
}

/** The source that a worker has not, which then is given what lies there; null for the server. */
export function arraysHere() {
  return source;
}

/**
 * Fetch and parse; a refusal by the server becomes an Error with its one line.
 * @param {string} url @param {(url: string) => Promise<Response>} [fetchIt]
 */
export async function fetchSafetensors(url, fetchIt = source ?? fetch) {
  const response = await fetchIt(url);
  if (response.status === 404 || response.status === 410) tellGone();
  if (!response.ok) throw new Error(await response.text());
  return parseSafetensors(await response.arrayBuffer());
}
