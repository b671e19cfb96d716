// A film from raw frames, which the server encodes.

import { sendBytes } from "./ask.js";

/**
 * @param {Uint8Array<ArrayBuffer>} pixels  all frames, row by row, channels last
 * @param {{frames: number, height: number, width: number, channels: number, fps: number}} sizes
 * @param {string} kind  gif or mp4
 * @returns {Promise<Blob>}
 */
export async function filmOf(pixels, sizes, kind) {
  const query = new URLSearchParams(Object.entries(sizes).map(([key, value]) => [key, String(value)]));
  const response = await sendBytes(`films/${kind}?${query}`, pixels);
  if (!response.ok) throw new Error(await response.text());
  return response.blob();
}
