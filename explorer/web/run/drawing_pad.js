// A canvas to draw on, white on black as the digits are, by mouse, finger or pen.

/** @typedef {import("../maths/types.js").Pair} Pair */

const SIDE = 280; // pixels of the pad's own
const PEN = 22; // MNIST's strokes are about two of 28 pixels wide

export class DrawingPad {
  /** @param {HTMLCanvasElement} canvas @param {() => void} onChange  called at most once a frame */
  constructor(canvas, onChange) {
    this.canvas = canvas;
    [canvas.width, canvas.height] = [SIDE, SIDE];
    canvas.classList.add("lx-drawing-pad");
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
    this.onChange = onChange;
    /** @type {Pair[][]} */
    this.strokes = [];
    this.frame = 0;
    let drawing = -1;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || drawing >= 0) return;
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      drawing = event.pointerId;
      this.strokes.push([this.place(event)]);
      this.changed();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId !== drawing) return;
      const between = event.getCoalescedEvents?.() ?? [];
      this.strokes[this.strokes.length - 1].push(...(between.length ? between : [event]).map((one) => this.place(one)));
      this.changed();
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (drawing = -1));
    this.draw();
  }

  /** @param {PointerEvent} event @returns {Pair} */
  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
  }

  changed() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
      this.onChange();
    });
  }

  draw() {
    const { context } = this;
    context.fillStyle = "#000";
    context.fillRect(0, 0, SIDE, SIDE);
    context.strokeStyle = "#fff";
    context.lineWidth = PEN;
    context.lineCap = context.lineJoin = "round";
    for (const [first, ...rest] of this.strokes) {
      context.beginPath();
      context.moveTo(...first);
      context.lineTo(...first);
      for (const point of rest) context.lineTo(...point);
      context.stroke();
    }
  }

  /** An image in place of strokes. @param {CanvasImageSource} image @param {number} width @param {number} height */
  show(image, width, height) {
    this.strokes = [];
    this.draw();
    const scale = SIDE / Math.max(width, height);
    const [w, h] = [width * scale, height * scale];
    this.context.drawImage(image, (SIDE - w) / 2, (SIDE - h) / 2, w, h);
  }

  get empty() {
    return this.strokes.length === 0;
  }

  undo() {
    this.strokes.pop();
    this.changed();
  }

  clear() {
    this.strokes = [];
    this.changed();
  }

  /** The strokes in [0, 1], row by row. @returns {{ink: Float32Array, width: number, height: number}} */
  ink() {
    const { data } = this.context.getImageData(0, 0, SIDE, SIDE);
    return { ink: Float32Array.from({ length: SIDE * SIDE }, (_, i) => data[4 * i] / 255), width: SIDE, height: SIDE };
  }

  destroy() {
    cancelAnimationFrame(this.frame);
  }
}
