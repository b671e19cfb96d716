// The arrays that an exported file has inside, as answers to their addresses.

/** @typedef {(element: Element) => Promise<ArrayBuffer>} Unpack */

/** the elements that the file has its arrays in, by address @type {Map<string, Element>} */
const elements = new Map();
/** @type {Unpack} */
let unpack;

/** Take the elements out of the page. @param {ParentNode} page @param {Unpack} unpacked  of one of them */
export function takeArrays(page, unpacked) {
  unpack = unpacked;
  for (const element of page.querySelectorAll("script[data-arrays]")) {
    elements.set(element.getAttribute("data-arrays") ?? "", element);
    element.remove();
  }
}

/** What the server would answer. @param {string} url @returns {Promise<Response>} */
export async function arraysAt(url) {
  const element = elements.get(url);
  if (!element) return new Response("this is not in the file", { status: 409 });
  return new Response(restored(await unpack(element)));
}

/** The safetensors file of which explorer/export/arrays.py made this. @param {ArrayBuffer} buffer */
export function restored(buffer) {
  const start = 8 + Number(new DataView(buffer).getBigUint64(0, true));
  const { __metadata__: _, ...entries } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, start - 8)));
  /** where arrays begin that are done: two may be the same one @type {Set<number>} */
  const done = new Set();
  for (const { shape, data_offsets: [begin, end], steps } of Object.values(entries)) {
    if (done.has(begin) || begin === end) continue;
    done.add(begin);
    const whole = new Uint8Array(buffer, start + begin, end - begin);
    const count = shape.reduce((/** @type {number} */ product, /** @type {number} */ size) => product * size, 1);
    const array = interleaved(whole, count);
    if (steps) summed(new Uint16Array(array.buffer), count / shape[0]);
    whole.set(array);
  }
  return buffer;
}

/** All lowest bytes, then all next ones, as numbers. @param {Uint8Array} planes @param {number} count of numbers */
function interleaved(planes, count) {
  const size = planes.length / count;
  const array = new Uint8Array(planes.length);
  for (let byte = 0, from = 0; byte < size; byte++) {
    for (let to = byte; to < array.length; to += size) array[to] = planes[from++];
  }
  return array;
}

/** Each row of what were differences from the row before, in place. @param {Uint16Array} bits @param {number} row */
function summed(bits, row) {
  for (let i = row; i < bits.length; i++) bits[i] += bits[i - row];
}
