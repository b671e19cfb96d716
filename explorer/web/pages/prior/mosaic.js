// A mosaic of decoded images on one canvas, with a cursor for mouse, finger and keyboard.

import { fill } from "../../dom/image.js";
import { part } from "../../dom/parts.js";

/**
 * @typedef {object} MosaicEvents
 * @property {(cell: number, stays: boolean) => void} move  the cursor is on a cell; stays: by key or finger, not by
 *   hovering
 * @property {() => void} leave  hovering has ended
 * @property {(cell: number) => void} choose  clicked, or Enter pressed
 * @property {(cell: number) => string} describe
 */
/**
 * Gives the pixels of each of `cells`, in [0, 1].
 * @typedef {(cells: number[], take: (pixels: Float32Array, index: number) => void) => void} Decode
 */

const SLICE_MS = 12; // decoding at a stretch: input and painting come between
const BATCH = 4; // cells decoded at once: what the network is fastest at
const ARROWS = new Map([["ArrowLeft", [-1, 0]], ["ArrowRight", [1, 0]], ["ArrowUp", [0, -1]], ["ArrowDown", [0, 1]]]);

export class Mosaic {
  /**
   * @param {HTMLElement} element @param {string} label
   * @param {string} testid of the canvas @param {MosaicEvents} events
   */
  constructor(element, label, testid, events) {
    this.element = element;
    this.events = events;
    this.columns = 1;
    this.rows = 1;
    /** where the cursor stays, and where it is while it hovers */
    this.cell = 0;
    this.hovered = -1;
    element.classList.add("lx-mosaic");
    element.innerHTML = `
      <canvas data-part="images" data-testid="${testid}"></canvas><canvas class="lx-shade" data-part="shade"></canvas>
      <div class="lx-cursor" data-part="cursor" role="slider" tabindex="0" aria-label="${label}"></div>`;
    this.canvas = part(element, "images", HTMLCanvasElement);
    this.shade = part(element, "shade", HTMLCanvasElement);
    this.cursor = part(element, "cursor");
    /** @type {number[]} cells in the order of drawing, from the centre outwards */
    this.order = [];
    this.next = 0;
    this.left = 0;
    /** @type {(() => void)[]} */
    this.waiting = [];
    this.channel = new MessageChannel();
    this.channel.port1.onmessage = () => this.slice();
    this.listen();
  }

  /**
   * Draw all cells; on a mosaic of the same size the old images stay until the new ones are there.
   * @param {number} columns @param {number} rows @param {number[]} shape of a cell's image @param {Decode} decode
   */
  draw(columns, rows, shape, decode) {
    const [, height, width] = shape;
    const resized = this.canvas.width !== columns * width || this.canvas.height !== rows * height ||
      this.columns !== columns;
    if (resized) {
      [this.canvas.width, this.canvas.height] = [columns * width, rows * height];
      [this.columns, this.rows] = [columns, rows];
      this.element.style.aspectRatio = `${columns * width} / ${rows * height}`;
      this.element.style.setProperty("--lx-ratio", String((columns * width) / (rows * height)));
      const far = (/** @type {number} */ cell) =>
        Math.hypot((cell % columns) - (columns - 1) / 2, Math.floor(cell / columns) - (rows - 1) / 2);
      this.order = Array.from({ length: columns * rows }, (_, cell) => cell).sort((a, b) => far(a) - far(b));
      this.next = 0;
      this.cursor.setAttribute("aria-valuemax", String(columns * rows));
      this.cursor.setAttribute("aria-valuemin", "1");
      this.fit();
    }
    this.shape = shape;
    this.decode = decode;
    this.image = new ImageData(width, height);
    const work = this.left === 0;
    this.left = this.order.length; // while a slider moves, the round goes on where it is
    this.canvas.dataset.complete = "false";
    if (work) this.slice();
  }

  /** Images that are drawn large keep their pixels' edges. */
  fit() {
    this.canvas.style.imageRendering = this.element.clientWidth >= 2 * this.canvas.width ? "pixelated" : "auto";
  }

  slice() {
    const { image, shape, decode } = this;
    if (this.left === 0 || !image || !shape || !decode) return;
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    const until = performance.now() + SLICE_MS;
    do {
      const cells = this.order.slice(this.next, this.next + Math.min(BATCH, this.left));
      this.next = (this.next + cells.length) % this.order.length;
      this.left -= cells.length;
      decode(cells, (pixels, index) => {
        const cell = cells[index];
        fill(image.data, pixels, shape, 255);
        context.putImageData(
          image,
          (cell % this.columns) * image.width,
          Math.floor(cell / this.columns) * image.height,
        );
      });
    } while (this.left && performance.now() < until);
    if (this.left) {
      this.channel.port2.postMessage(null);
      return;
    }
    this.canvas.dataset.complete = "true";
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** Resolves when all cells are drawn. @returns {Promise<void>} */
  complete() {
    return new Promise((resolve) => (this.left ? this.waiting.push(resolve) : resolve()));
  }

  /** Lay a colour over some cells. @param {(cell: number) => boolean} tinted @param {string} color */
  tint(tinted, color) {
    [this.shade.width, this.shade.height] = [this.columns, this.rows];
    const context = /** @type {CanvasRenderingContext2D} */ (this.shade.getContext("2d"));
    context.fillStyle = color;
    for (const cell of this.order) {
      if (tinted(cell)) context.fillRect(cell % this.columns, Math.floor(cell / this.columns), 1, 1);
    }
  }

  /** Put the cursor on a cell. @param {number} cell */
  place(cell) {
    this.cell = Math.min(Math.max(cell, 0), this.columns * this.rows - 1);
    this.mark(this.cell);
  }

  /** @param {number} cell */
  mark(cell) {
    const { columns, rows, cursor } = this;
    Object.assign(cursor.style, {
      left: `${(100 * (cell % columns)) / columns}%`,
      top: `${(100 * Math.floor(cell / columns)) / rows}%`,
      width: `${100 / columns}%`,
      height: `${100 / rows}%`,
    });
    cursor.setAttribute("aria-valuenow", String(cell + 1));
    cursor.setAttribute("aria-valuetext", this.events.describe(cell));
  }

  /** @param {number} cell @param {boolean} stays */
  goTo(cell, stays) {
    if (stays) this.place(cell);
    else this.mark(cell);
    this.events.move(cell, stays);
  }

  listen() {
    const { element, cursor } = this;
    const at = (/** @type {MouseEvent} */ event) => {
      const box = element.getBoundingClientRect();
      const column = Math.floor(((event.clientX - box.left) / box.width) * this.columns);
      const row = Math.floor(((event.clientY - box.top) / box.height) * this.rows);
      return Math.min(Math.max(row, 0), this.rows - 1) * this.columns + Math.min(Math.max(column, 0), this.columns - 1);
    };
    let pointer = "";
    element.onpointerdown = (event) => (pointer = event.pointerType);
    element.onpointermove = (event) => {
      const cell = at(event);
      if (event.pointerType === "touch" || cell === this.hovered) return;
      this.hovered = cell;
      this.goTo(cell, false);
    };
    element.onpointerleave = () => {
      if (this.hovered < 0) return;
      this.hovered = -1;
      this.mark(this.cell);
      this.events.leave();
    };
    element.onclick = (event) => {
      cursor.focus({ preventScroll: true });
      this.goTo(at(event), true);
      if (pointer !== "touch") this.events.choose(this.cell); // a finger cannot hover: its tap is the look
    };
    cursor.onkeydown = (event) => {
      const arrow = ARROWS.get(event.key);
      if (event.key === "Enter") this.events.choose(this.cell);
      else if (arrow) {
        const column = Math.min(Math.max((this.cell % this.columns) + arrow[0], 0), this.columns - 1);
        const row = Math.min(Math.max(Math.floor(this.cell / this.columns) + arrow[1], 0), this.rows - 1);
        this.goTo(row * this.columns + column, true);
      } else return;
      event.preventDefault();
      event.stopPropagation();
    };
  }

  destroy() {
    this.left = 0;
    this.channel.port1.close();
  }
}
