// A film from raw frames, which the server encodes.

import { sendBytes } from "./ask.js";

/**
 * @param {Uint8Array<ArrayBuffer>} pixels  all frames, row by row, channels last
 * @param {{frames: number, height: number, width: number, channels: number, fps: number}} sizes
 * @param {string} kind  gif or mp4 @param {string} assets  url prefix
 * @returns {Promise<Blob>}
 */
export async function filmOf(pixels, sizes, kind, assets) {
  const query = new URLSearchParams(Object.entries(sizes).map(([key, value]) => [key, String(value)]));
  const response = await sendBytes(new URL(`${assets}/../films/${kind}?${query}`, document.baseURI), pixels);
  if (!response.ok) throw new Error(await response.text());
  return response.blob();
}
