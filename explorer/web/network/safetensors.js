// Reads the safetensors format: one JSON header, then raw little-endian arrays.

/** @typedef {{shape: number[], data: Float32Array | Int32Array | Uint8Array}} Tensor */

const VIEWS = { F32: Float32Array, I32: Int32Array, U8: Uint8Array };

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
    tensors[name] = {
      shape,
      data: aligned
        ? new View(buffer, start, (end - begin) / View.BYTES_PER_ELEMENT)
        : new View(buffer.slice(start, 8 + length + end)),
    };
  }
  return { tensors, metadata };
}

/** Hears "gone" when an address turns out to be of a version that the server no longer has. */
export const versions = new EventTarget();

/** Say that what is shown is no longer what there is. */
export function tellGone() {
  versions.dispatchEvent(new Event("gone"));
}

/**
 * Fetch and parse; a refusal by the server becomes an Error with its one line.
 * @param {string} url @param {(url: string) => Promise<Response>} [fetchIt]
 */
export async function fetchSafetensors(url, fetchIt = fetch) {
  const response = await fetchIt(url);
  if (response.status === 404 || response.status === 410) tellGone();
  if (!response.ok) throw new Error(await response.text());
  return parseSafetensors(await response.arrayBuffer());
}
