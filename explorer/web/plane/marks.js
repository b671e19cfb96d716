// Marks instead of dots: images, or their classes' names, at their points, as many as fit without covering each other.

import { pixelRatio } from "../dom/canvas.js";
import { hide } from "../dom/sparing.js";
import { MANY } from "./density_picture.js";
import { drawingOrder } from "./points.js";

/** @typedef {"dots" | "images" | "labels"} MarkKind */
/** @typedef {import("../run/latent_space.js").LatentSpace} LatentSpace */
/**
 * What the marks are of.
 * @typedef {object} Marked
 * @property {() => MarkKind} kind
 * @property {(canvas: HTMLCanvasElement, index: number) => void} draw  an image
 * @property {(label: number) => string} name  of a class, as short as it can be told by
 */

export const SIDE = { images: 30, labels: 18 }; // CSS pixels that a mark takes
const BORDER = 2; // of an image, in its class's colour
const KEPT = 6000; // pictures

export class Marks {
  /** @param {import("./plane.js").Plane} plane @param {Marked} marked */
  constructor(plane, marked) {
    this.plane = plane;
    this.marked = marked;
    this.canvas = Object.assign(document.createElement("canvas"), { className: "lx-marks" });
    this.canvas.dataset.testid = "marks";
    plane.area.prepend(this.canvas);
    /** @type {Map<string | number, HTMLCanvasElement>} */
    this.pictures = new Map();
    /** what the choice that is shown was made for, and the choice @type {unknown[]} */
    this.made = [];
    this.chosen = /** @type {number[]} */ ([]);
  }

  /** Choose and draw anew: classes were switched, or the images are others. */
  forget() {
    this.pictures.clear();
    this.made = [];
    this.place();
  }

  /** Follow the camera. */
  place() {
    const { plane, canvas } = this;
    const { space, camera, coloring } = plane;
    const kind = this.marked.kind();
    const on = kind !== "dots" && space !== null && coloring !== null && space.count < MANY && !plane.travelling;
    hide(canvas, !on);
    plane.root.classList.toggle("lx-marked", on);
    if (!on) return;
    const ratio = pixelRatio();
    const [width, height] = [Math.round(camera.width * ratio), Math.round(camera.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, camera.width, camera.height);
    let seen = 0;
    for (const index of this.choice(space, SIDE[kind])) {
      const [x, y] = camera.toPixel([space.xy[2 * index], space.xy[2 * index + 1]]);
      const half = SIDE[kind] / 2;
      if (x < -half || y < -half || x > camera.width + half || y > camera.height + half) continue;
      seen++;
      const css = coloring.css(coloring.group(index));
      if (kind === "labels") this.drawLabel(context, this.marked.name(space.label[index]), css, [x, y], ratio);
      else this.drawImage(context, index, css, [x, y]);
    }
    canvas.dataset.marks = String(seen);
  }

  /** Those that are marked, the same ones wherever the view is. @param {LatentSpace} space @param {number} side */
  choice(space, side) {
    const { plane: { camera, mask, shown } } = this;
    const made = [space, space.xy, camera.scale, camera.up, side, mask];
    if (made.some((value, i) => value !== this.made[i])) {
      this.made = made;
      const isShown = (/** @type {number} */ index) => shown(space.label[index]) && (!mask || mask[index] === 1);
      this.chosen = apart(space.xy, space.count, [camera.scale, camera.up], side, isShown);
    }
    return this.chosen;
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {number} index @param {string} css
   * @param {import("../maths/types.js").Pair} pixel
   */
  drawImage(context, index, css, [x, y]) {
    let picture = this.pictures.get(index);
    if (!picture) {
      if (this.pictures.size > KEPT) this.pictures.clear();
      picture = document.createElement("canvas");
      this.marked.draw(picture, index);
      this.pictures.set(index, picture);
    }
    const side = SIDE.images;
    context.fillStyle = css;
    context.fillRect(x - side / 2, y - side / 2, side, side);
    context.drawImage(picture, x - side / 2 + BORDER, y - side / 2 + BORDER, side - 2 * BORDER, side - 2 * BORDER);
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {string} name @param {string} css
   * @param {import("../maths/types.js").Pair} pixel @param {number} ratio
   */
  drawLabel(context, name, css, [x, y], ratio) {
    const side = SIDE.labels;
    const key = `${name} ${css} ${ratio} ${this.plane.theme?.dark}`;
    let stamp = this.pictures.get(key);
    if (!stamp) {
      stamp = document.createElement("canvas");
      stamp.width = stamp.height = Math.ceil(side * ratio);
      const pen = /** @type {CanvasRenderingContext2D} */ (stamp.getContext("2d"));
      pen.scale(ratio, ratio);
      pen.font = `700 ${name.length > 2 ? 10 : name.length > 1 ? 13 : 16}px system-ui, sans-serif`;
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.lineWidth = 3;
      pen.lineJoin = "round";
      pen.strokeStyle = this.plane.theme?.dark ? "#10151d" : "#ffffff";
      pen.strokeText(name, side / 2, side / 2 + 1);
      pen.fillStyle = css;
      pen.fillText(name, side / 2, side / 2 + 1);
      this.pictures.set(key, stamp);
    }
    context.drawImage(stamp, x - side / 2, y - side / 2, side, side);
  }
}

/**
 * As many points as keep a side's distance across or up from each other, chosen one by one in a fixed order.
 * @param {ArrayLike<number>} xy @param {number} count @param {[number, number]} scale  pixels a unit, across and up
 * @param {number} side  pixels @param {(index: number) => boolean} wanted
 */
export function apart(xy, count, [across, up], side, wanted) {
  /** @type {Map<number, number[]>} those chosen, by the cell of a grid that they lie in */
  const cells = new Map();
  const chosen = [];
  for (const index of drawingOrder(count)) {
    if (!wanted(index)) continue;
    const [x, y] = [xy[2 * index] * across, xy[2 * index + 1] * up];
    const [column, row] = [Math.floor(x / side), Math.floor(y / side)];
    let free = true;
    for (let i = -1; i <= 1 && free; i++) {
      for (let j = -1; j <= 1 && free; j++) {
        for (const other of cells.get((column + i) * 1e6 + row + j) ?? []) {
          const [dx, dy] = [xy[2 * other] * across - x, xy[2 * other + 1] * up - y];
          if (Math.abs(dx) < side && Math.abs(dy) < side) free = false;
        }
      }
    }
    if (!free) continue;
    const key = column * 1e6 + row;
    const there = cells.get(key);
    if (there) there.push(index);
    else cells.set(key, [index]);
    chosen.push(index);
  }
  return chosen;
}

/** What a class is told by in a mark. @param {string} name @param {string[]} names of all */
export function shortName(name, names) {
  if ([...name].length <= 3) return name;
  const two = [...name].slice(0, 2).join("");
  return names.filter((other) => other.startsWith(two)).length > 1 ? [...name].slice(0, 3).join("") : two;
}
