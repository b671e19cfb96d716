// Images on canvases of their own pixel size; CSS scales them without smoothing.

/**
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} pixels  channel by channel, row by row
 * @param {number[]} shape  [C, H, W]
 * @param {number} [scale]  255 for pixels in [0, 1], 1 for pixels in 0..255
 */
export function drawImage(canvas, pixels, shape, scale = 255) {
  const [, height, width] = shape;
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(width, height);
  fill(image.data, pixels, shape, scale);
  context.putImageData(image, 0, 0);
}

/**
 * @param {Uint8ClampedArray} rgba @param {ArrayLike<number>} pixels @param {number[]} shape @param {number} scale
 */
export function fill(rgba, pixels, [channels, height, width], scale) {
  const count = height * width;
  const [green, blue] = channels === 3 ? [count, 2 * count] : [0, 0];
  for (let i = 0; i < count; i++) {
    rgba[4 * i] = pixels[i] * scale;
    rgba[4 * i + 1] = pixels[i + green] * scale;
    rgba[4 * i + 2] = pixels[i + blue] * scale;
    rgba[4 * i + 3] = 255;
  }
}

/** @param {HTMLCanvasElement} canvas */
export function clearImage(canvas) {
  canvas.getContext("2d")?.clearRect(0, 0, canvas.width, canvas.height);
}
