// Films as files: an image of the strips, a table of z, a GIF or MP4 made by the server.

import { download } from "../../dom/download.js";
import { fill } from "../../dom/image.js";
import { sample } from "../../maths/paths.js";
import { filmOf } from "../../network/film.js";

/** @typedef {import("./film_row.js").Film} Film */
/**
 * @typedef {object} Order
 * @property {Film[]} films
 * @property {number} count  steps of the strips
 * @property {boolean} back  films run to B and back
 * @property {string} name  of the file, without its ending
 */

const WIDE = Math.ceil(17 / 2.54 * 300); // pixels that the strips are wide at least: 17 cm in print, at 300 dpi
const GAP = 0.07; // of a step
const FRAMES = 48;
const FPS = 24;

/** @typedef {"png" | "csv" | "gif" | "mp4"} Kind */
/** @type {Record<Kind, (order: Order, kind: Kind) => Blob | Promise<Blob>>} */
const MAKERS = { png: strips, csv: table, gif: film, mp4: film };

/** @param {Kind} kind @param {Order} order */
export async function save(kind, order) {
  if (order.films.length) await download(await MAKERS[kind](order, kind), `${order.name}.${kind}`);
}

/**
 * The name of a file of films, without its ending.
 * @param {string} dataset @param {Film[]} films @param {string[]} ends in words
 */
export function fileName(dataset, films, ends) {
  const runs = new Set(films.map((film) => film.run));
  const paths = new Set(films.map((film) => film.pathName));
  const names = ends.map((name) => name.replace(/^an? /, "")).join("-to-");
  return [dataset, ...runs, ...paths, names].join("-").replace(/[^\p{L}\p{N}.,=+_-]+/gu, "-");
}

/** Every z of the strips, as exact as the decoder sees it. @param {Order} order */
export function table({ films, count, name }) {
  const dim = films[0].path(0).length;
  const quoted = (/** @type {string} */ text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = films.flatMap((film) =>
    sample(film.path, count - 1).map((z, i) =>
      [quoted(film.run), film.pathName, i / (count - 1), ...z.map((v) => Math.fround(v))].join(",")
    )
  );
  const head = ["run", "path", "t", ...Array.from({ length: dim }, (_, d) => `z${d}`)].join(",");
  return new Blob([`# ${name}\n${head}\n${lines.join("\n")}\n`], { type: "text/csv" });
}

/** @param {Order} order @returns {Promise<Blob>} */
function strips({ films, count, name }) {
  const [, height, width] = films[0].space.decoder.imageShape;
  const scale = Math.max(1, Math.ceil(WIDE / (width * (count + GAP * (count + 1)))));
  const [w, h] = [width * scale, height * scale];
  const gap = Math.max(2, Math.round(GAP * w));
  const size = Math.round(WIDE / 65); // of type, on 17 cm some 7 points
  const line = Math.round(1.5 * size);
  const canvas = document.createElement("canvas");
  canvas.width = count * (w + gap) + gap;
  canvas.height = films.length * (h + line + gap) + line + gap;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#1c2430";
  context.font = `${size}px system-ui, sans-serif`;
  context.fillText(name, gap, size);
  context.imageSmoothingEnabled = false;
  films.forEach((film, row) => {
    const top = line + row * (h + line + gap);
    context.fillText(film.title, gap, top + size);
    sample(film.path, count - 1).forEach((z, i) => {
      context.drawImage(drawn(film, z), gap + i * (w + gap), top + line, w, h);
    });
  });
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the picture is too large; take fewer steps"))))
  );
}

/**
 * The films side by side, as raw frames for the server to encode.
 * @param {Order} order @param {Kind} kind @returns {Promise<Blob>}
 */
async function film({ films, back }, kind) {
  const [channels, height, width] = films[0].space.decoder.imageShape;
  const wide = films.length * (width + 1) - 1;
  const there = Array.from({ length: FRAMES }, (_, i) => i / (FRAMES - 1));
  const times = back ? [...there, ...there.slice(1, -1).reverse()] : there;
  const size = height * wide * channels;
  const frames = new Uint8Array(times.length * size);
  for (const [n, t] of times.entries()) {
    films.forEach(({ space, path }, place) => {
      const pixels = space.decoder.decode(path(t));
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          for (let c = 0; c < channels; c++) {
            frames[n * size + (y * wide + place * (width + 1) + x) * channels + c] = Math.round(
              255 * pixels[(c * height + y) * width + x],
            );
          }
        }
      }
    });
    if (n % 8 === 0) await new Promise((resolve) => setTimeout(resolve)); // the page stays live
  }
  return filmOf(frames, { frames: times.length, height, width: wide, channels, fps: FPS }, kind);
}

/** The image at z on a canvas of its own. @param {Film} film @param {number[]} z */
function drawn({ space }, z) {
  const [, height, width] = space.decoder.imageShape;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(width, height);
  fill(image.data, space.decoder.decode(z), space.decoder.imageShape, 255);
  context.putImageData(image, 0, 0);
  return canvas;
}
