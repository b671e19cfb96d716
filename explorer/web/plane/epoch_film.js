// A run's training as a film of its plane, frame by frame, which the server encodes.

import { Camera } from "./camera.js";
import { CanvasPoints, SMALL } from "./canvas_points.js";
import { EpochScale } from "./epoch_tray.js";
import { filmOf } from "../network/film.js";
import { MARGIN } from "./axes.js";

/** @typedef {import("../run/trajectory.js").PastSpace} PastSpace */
/**
 * @typedef {object} Order
 * @property {Camera} camera  of the plane that is shown
 * @property {import("../dom/theme.js").Theme} theme
 * @property {number} image  whose path is drawn, -1 for none
 * @property {"gif" | "mp4"} kind
 */

const FRAMES = 60;
const HELD = 12; // frames that the end stays
const FPS = 12;
const [WIDE, TALL] = [440, 330]; // pixels

/**
 * @param {import("./points.js").Points & {space: PastSpace}} points @param {Order} order
 * @returns {Promise<Blob>}
 */
export async function epochFilm(points, { camera, theme, image, kind }) {
  const { space } = points;
  const view = sameView(camera, WIDE - MARGIN.l - MARGIN.r, TALL - MARGIN.t - MARGIN.b);
  const drawer = new CanvasPoints(document.createElement("div"), SMALL);
  const canvas = Object.assign(document.createElement("canvas"), { width: WIDE, height: TALL });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  const scale = new EpochScale(space.trajectory.last);
  const size = WIDE * TALL * 3;
  const frames = new Uint8Array((FRAMES + HELD) * size);
  const path = image >= 0 ? space.path(image) : [];
  for (let n = 0; n < FRAMES; n++) {
    const epoch = scale.epoch(n / (FRAMES - 1));
    space.goTo(epoch);
    drawer.draw(points, view, theme);
    context.fillStyle = theme.surface;
    context.fillRect(0, 0, WIDE, TALL);
    context.drawImage(drawer.chart, 0, 0, WIDE, TALL);
    drawPath(context, path.map((at) => view.toPixel(at)), theme.text);
    context.font = `600 15px ${theme.font}`;
    context.fillStyle = theme.text;
    context.textAlign = "left";
    context.textBaseline = "top";
    context.fillText(`epoch ${Math.round(epoch)}`, MARGIN.l + 8, MARGIN.t + 6);
    const { data } = context.getImageData(0, 0, WIDE, TALL);
    for (let from = 0, to = n * size; from < data.length; from += 4) {
      for (let c = 0; c < 3; c++) frames[to++] = data[from + c];
    }
    if (n % 4 === 0) await new Promise((resolve) => setTimeout(resolve)); // the page stays live
  }
  for (let n = FRAMES; n < FRAMES + HELD; n++) frames.copyWithin(n * size, (FRAMES - 1) * size, FRAMES * size);
  return filmOf(frames, { frames: FRAMES + HELD, height: TALL, width: WIDE, channels: 3, fps: FPS }, kind);
}

/** The same part of the plane in another size. @param {Camera} camera @param {number} width @param {number} height */
function sameView(camera, width, height) {
  const scale = camera.scale * Math.min(width / camera.width, height / camera.height);
  return Object.assign(new Camera(), camera, { width, height, scale });
}

/**
 * @param {CanvasRenderingContext2D} context @param {import("../maths/types.js").Pair[]} points in pixels
 * @param {string} color
 */
function drawPath(context, points, color) {
  if (!points.length) return;
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.beginPath();
  for (const [x, y] of points) context.lineTo(MARGIN.l + x, MARGIN.t + y);
  context.stroke();
}
