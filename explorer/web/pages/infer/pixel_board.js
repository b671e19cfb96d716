// The image whose pixels a person hides, shows or paints: by mouse, finger or pen, and with a cursor by keys.

import { borders, boxed, brushed } from "../../maths/pixel_mask.js";
import { fill } from "../../dom/image.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../maths/pixel_mask.js").Mask} Mask */
/**
 * `touch`: places under the brush, at most once a frame; `first` with a new stroke; `end`: the stroke has ended; `say`:
 * where the cursor is, in pixels from the image's corner.
 * @typedef {{touch: (places: number[], first: boolean) => void, end: () => void, say: (x: number, y: number) => void}}
 *   BoardEvents
 */

const SCALE = 12; // pixels of the canvas to one of the image
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class PixelBoard {
  /** @param {HTMLCanvasElement} canvas @param {BoardEvents} events */
  constructor(canvas, events) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.events = events;
    /** [C, H, W] */
    this.shape = [1, 28, 28];
    /** of the brush, in pixels; 0: a rectangle is drawn out */
    this.wide = 3;
    /** @type {Pair} */
    this.cursor = [14, 14];
    this.small = document.createElement("canvas");
    /** places not told yet @type {Set<number>} */
    this.pending = new Set();
    this.first = false;
    this.frame = 0;
    this.listen();
  }

  /** @param {number[]} shape [C, H, W] */
  setShape(shape) {
    this.shape = shape;
    const { width, height } = this.size;
    [this.canvas.width, this.canvas.height] = [width * SCALE, height * SCALE];
    [this.small.width, this.small.height] = [width, height];
    this.cursor = [Math.min(this.cursor[0], width - 1), Math.min(this.cursor[1], height - 1)];
  }

  get size() {
    return { width: this.shape[2], height: this.shape[1] };
  }

  listen() {
    const { canvas } = this;
    let pointer = -1;
    /** @type {Pair} */
    let start = [0, 0];
    let last = start;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || pointer >= 0) return;
      event.preventDefault();
      canvas.focus({ preventScroll: true });
      canvas.setPointerCapture(event.pointerId);
      pointer = event.pointerId;
      start = last = this.place(event);
      this.touch(this.wide ? brushed(last, last, this.wide, this.size) : boxed(start, last, this.size), true);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId !== pointer) return;
      const between = event.getCoalescedEvents?.() ?? [];
      for (const one of between.length ? between : [event]) {
        const next = this.place(one);
        // A rectangle grows from where it was begun: what it held before it holds again.
        this.touch(this.wide ? brushed(last, next, this.wide, this.size) : boxed(start, next, this.size), !this.wide);
        last = next;
      }
    });
    const end = (/** @type {PointerEvent} */ event) => {
      if (event.pointerId !== pointer) return;
      pointer = -1;
      this.flush();
      this.events.end();
    };
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
    canvas.addEventListener("keydown", (event) => this.press(event));
    for (const name of ["focus", "blur"]) canvas.addEventListener(name, () => this.shown && this.draw(...this.shown));
  }

  /** @param {PointerEvent} event @returns {Pair} */
  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const { width, height } = this.size;
    return [((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height];
  }

  /** @param {number[]} places @param {boolean} anew  as the first of a stroke, what came before is forgotten */
  touch(places, anew) {
    if (anew) {
      this.pending.clear();
      this.first = true;
    }
    for (const place of places) this.pending.add(place);
    this.frame ||= requestAnimationFrame(() => this.flush());
  }

  flush() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (!this.pending.size && !this.first) return;
    const places = [...this.pending];
    const { first } = this;
    this.pending.clear();
    this.first = false;
    this.events.touch(places, first);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const step = STEPS[/** @type {keyof typeof STEPS} */ (event.key)];
    const brushes = event.key === " " || event.key === "Enter" || (step && event.shiftKey);
    if (!step && !brushes) return;
    event.preventDefault();
    const { width, height } = this.size;
    /** @type {Pair} */
    const before = [this.cursor[0] + 0.5, this.cursor[1] + 0.5];
    if (step) {
      this.cursor = [
        Math.min(Math.max(this.cursor[0] + step[0], 0), width - 1),
        Math.min(Math.max(this.cursor[1] + step[1], 0), height - 1),
      ];
    }
    if (brushes) {
      /** @type {Pair} */
      const here = [this.cursor[0] + 0.5, this.cursor[1] + 0.5];
      this.touch(brushed(before, here, this.wide || 1, this.size), true);
      this.flush();
      this.events.end();
    } else if (this.shown) this.draw(...this.shown);
    this.events.say(...this.cursor);
  }

  /**
   * @param {ArrayLike<number>} pixels in [0, 1] @param {Mask} mask
   * @param {"hatched" | "outlined"} how  hidden pixels are hatched, or the seen ones only outlined
   * @param {{surface: string, text: string, accent: string}} theme
   */
  draw(pixels, mask, how, theme) {
    this.shown = /** @type {const} */ ([pixels, mask, how, theme]);
    const { context, canvas, small, size } = this;
    const copy = /** @type {CanvasRenderingContext2D} */ (small.getContext("2d"));
    const image = copy.createImageData(size.width, size.height);
    fill(image.data, pixels, this.shape, 255);
    if (how === "hatched") mask.forEach((seen, i) => !seen && (image.data[4 * i + 3] = 0));
    copy.putImageData(image, 0, 0);
    context.fillStyle = theme.surface;
    context.fillRect(0, 0, canvas.width, canvas.height);
    if (how === "hatched") this.hatch(theme.text);
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, canvas.width, canvas.height);
    outline(context, mask, size, SCALE, theme.accent, 2);
    if (document.activeElement !== canvas) return;
    context.strokeStyle = theme.accent;
    context.lineWidth = 3;
    context.strokeRect(this.cursor[0] * SCALE - 1, this.cursor[1] * SCALE - 1, SCALE + 2, SCALE + 2);
  }

  /** @param {string} color */
  hatch(color) {
    const { context, canvas } = this;
    context.save();
    context.globalAlpha = 0.22;
    context.strokeStyle = color;
    context.lineWidth = 1.5;
    context.beginPath();
    for (let x = -canvas.height; x < canvas.width; x += SCALE) {
      context.moveTo(x, canvas.height);
      context.lineTo(x + canvas.height, 0);
    }
    context.stroke();
    context.restore();
  }

  destroy() {
    cancelAnimationFrame(this.frame);
  }
}

/**
 * The border of what is seen.
 * @param {CanvasRenderingContext2D} context @param {Mask} mask @param {{width: number, height: number}} size
 * @param {number} scale @param {string} color @param {number} thick
 */
export function outline(context, mask, size, scale, color, thick) {
  context.strokeStyle = color;
  context.lineWidth = thick;
  context.beginPath();
  for (const [x0, y0, x1, y1] of borders(mask, size)) {
    context.moveTo(x0 * scale, y0 * scale);
    context.lineTo(x1 * scale, y1 * scale);
  }
  context.stroke();
}
