// Pictures that say what they show: run, data set, z and address, in a PNG's text chunks and an SVG's metadata.

import { shownState } from "./shown.js";

const SOFTWARE = "Latent-space explorer";
const SIGNATURE = 8; // bytes before a PNG's first chunk
const HEADER = 25; // bytes of that one, IHDR

/**
 * The same file with what it shows; one that is no picture as it is.
 * @param {Blob} blob @param {Record<string, string>} [facts] by key
 * @returns {Promise<Blob>}
 */
export async function told(blob, facts = factsOf(shownState(), location.href)) {
  if (blob.type === "image/png") return pngWith(blob, facts);
  if (blob.type !== "image/svg+xml") return blob;
  const words = JSON.stringify(facts).replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const svg = (await blob.text()).replace(/^<svg[^>]*>/, (start) => `${start}\n<metadata>${words}</metadata>`);
  return new Blob([svg], { type: blob.type });
}

/**
 * What there is to say of a page's state.
 * @param {Record<string, any>} state @param {string} address
 * @returns {Record<string, string>}
 */
export function factsOf({ dataset, run, runs, image, z }, address) {
  const { protocol, pathname, hash } = new URL(address);
  const file = decodeURIComponent(pathname.split("/").at(-1) ?? "") + hash; // without the folders that it lies in
  const all = {
    Software: SOFTWARE,
    Dataset: dataset,
    Run: runs?.join(", ") ?? run,
    Image: image === null || image === undefined ? "" : String(image),
    z: [z ?? []].flat().join(", "),
    Source: /^https?:$/.test(protocol) ? address : protocol === "file:" ? file : "",
  };
  return Object.fromEntries(Object.entries(all).filter(([, text]) => text));
}

/** With an iTXt chunk for each fact after the header. @param {Blob} png @param {Record<string, string>} facts */
function pngWith(png, facts) {
  const start = SIGNATURE + HEADER;
  const chunks = Object.entries(facts).map(([key, text]) => chunk(`iTXt${key}\0\0\0\0\0${text}`));
  return new Blob([png.slice(0, start), ...chunks, png.slice(start)], { type: png.type });
}

/** A PNG's chunk: its length, type and data as given, and their CRC. @param {string} content */
function chunk(content) {
  const bytes = new TextEncoder().encode(content);
  const whole = new Uint8Array(bytes.length + 8);
  const view = new DataView(whole.buffer);
  view.setUint32(0, bytes.length - 4);
  whole.set(bytes, 4);
  view.setUint32(whole.length - 4, crc(bytes));
  return whole;
}

/** CRC-32 as PNG has it. @param {Uint8Array} bytes */
function crc(bytes) {
  let rest = 0xffffffff;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  }
  return ~rest >>> 0;
}
