// Films as files: a picture of the strips, a table of z, a GIF or MP4 made by the server.

import { fill } from "../../dom/image.js";
import { sample } from "../../maths/paths.js";

/** @typedef {import("./film_row.js").Film} Film */
/** @typedef {{films: Film[], count: number, back: boolean, assets: string, name: string}} Order  count: steps of the strips; back: films run to B and back */

const SIDE = 112; // pixels of an image in the picture, about
const GAP = 8;
const FRAMES = 48;
const FPS = 24;

/** @param {string} kind png, csv, gif or mp4 @param {Order} order */
export async function save(kind, order) {
  const make = { png: strips, csv: table, gif: film, mp4: film }[kind];
  if (!make || !order.films.length) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await make(order, kind));
  link.download = `${order.name}.${kind}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Every z of the strips, as exact as the decoder sees it. @param {Order} order */
export function table({ films, count, name }) {
  const dim = films[0].path(0).length;
  const quoted = (/** @type {string} */ text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = films.flatMap((film) =>
    sample(film.path, count - 1).map((z, i) =>
      [quoted(film.run), film.way, i / (count - 1), ...z.map((v) => Math.fround(v))].join(",")
    )
  );
  const head = ["run", "path", "t", ...Array.from({ length: dim }, (_, d) => `z${d}`)].join(",");
  return new Blob([`# ${name}\n${head}\n${lines.join("\n")}\n`], { type: "text/csv" });
}

/** @param {Order} order @returns {Promise<Blob>} */
function strips({ films, count, name }) {
  const [, height, width] = films[0].space.decoder.imageShape;
  const scale = Math.max(1, Math.round(SIDE / Math.max(height, width)));
  const [w, h, line] = [width * scale, height * scale, 24];
  const canvas = document.createElement("canvas");
  canvas.width = count * (w + GAP) + GAP;
  canvas.height = films.length * (h + line + GAP) + line + GAP;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#1c2430";
  context.font = "16px system-ui, sans-serif";
  context.fillText(name, GAP, 20);
  context.imageSmoothingEnabled = false;
  films.forEach((film, row) => {
    const top = line + row * (h + line + GAP);
    context.fillText(film.title, GAP, top + 18);
    sample(film.path, count - 1).forEach((z, i) => {
      context.drawImage(picture(film, z), GAP + i * (w + GAP), top + line, w, h);
    });
  });
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the picture is too large; take fewer steps"))))
  );
}

/** The films side by side, as raw frames for the server to encode. @param {Order} order @param {string} kind @returns {Promise<Blob>} */
async function film({ films, back, assets }, kind) {
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
  const query = new URLSearchParams(
    Object.entries({ frames: times.length, height, width: wide, channels, fps: FPS }).map((
      [key, value],
    ) => [key, String(value)]),
  );
  const url = new URL(`${assets.replace(/\/assets$/, "")}/films/${kind}?${query}`, document.baseURI);
  const response = await fetch(url, { method: "POST", body: frames });
  if (!response.ok) throw new Error(await response.text());
  return response.blob();
}

/** @param {Film} film @param {number[]} z */
function picture({ space }, z) {
  const [, height, width] = space.decoder.imageShape;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(width, height);
  fill(image.data, space.decoder.decode(z), space.decoder.imageShape, 255);
  context.putImageData(image, 0, 0);
  return canvas;
}
