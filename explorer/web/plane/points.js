// What every way to draw the held-out images' points has in common.

/**
 * The points to be drawn.
 * @typedef {object} Points
 * @property {import("../run/latent_space.js").LatentSpace} space
 * @property {import("./coloring.js").Coloring} coloring
 * @property {(label: number) => boolean} shown  whether a class is
 * @property {Uint8Array | null} mask  1 where a point stands out; null: all are alike
 */

export const OPACITY = 0.8;
export const FAINT = 0.16; // of points that others stand out from

/** A fixed shuffle of 0..count-1, so that no class lies on top. @param {number} count */
export function drawingOrder(count) {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  let state = 1;
  for (let i = count - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = state % (i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
