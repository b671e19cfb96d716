// Canvases at the resolution of the device.

/** Device pixels a CSS pixel. */
export function pixelRatio() {
  return globalThis.devicePixelRatio || 1;
}

/** The canvas at the size it is shown, cleared; to be drawn on in CSS pixels. @param {HTMLCanvasElement} canvas */
export function fitted(canvas) {
  const ratio = pixelRatio();
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(ratio, ratio);
  return { context, width, height };
}
