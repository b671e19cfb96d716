// A digit drawn on Compare: encoded by every run while the pen moves, it lands in all planes at once.

import { loadEncoder } from "../../run/loading.js";
import { frameInk } from "../../run/mnist_frame.js";
import { DrawingPad } from "../../run/drawing_pad.js";
import { Posterior } from "../../maths/posterior.js";
import { reducedMotion } from "../../plane/run_transition.js";

/** @typedef {import("./run_panel.js").RunPanel} RunPanel */
/** @typedef {import("../../network/encoder.js").Encoder} Encoder */

const FLIGHT_MS = 650;

export const DRAWING_HTML = `
<div class="lx-drawing" data-part="drawing" hidden>
  <canvas data-part="pad" data-testid="drawing-pad" role="img"
    aria-label="Drawing pad: draw with mouse, finger or pen"></canvas>
  <p data-part="pad-hint" aria-hidden="true">Draw here</p>
  <div><button type="button" class="lx-button" data-part="pad-undo">Undo</button
  ><button type="button" class="lx-button" data-part="pad-clear">Clear</button></div>
</div>`;

export class Drawing {
  /**
   * @param {import("../../dom/page_frame.js").PageFrame} pageFrame
   * @param {{panels: () => RunPanel[], classes: () => string[]}} page  what there is to land in
   */
  constructor(pageFrame, page) {
    this.pageFrame = pageFrame;
    this.page = page;
    this.root = pageFrame.part("drawing");
    this.hint = pageFrame.part("pad-hint");
    this.undo = pageFrame.part("pad-undo", HTMLButtonElement);
    this.clear = pageFrame.part("pad-clear", HTMLButtonElement);
    this.canvas = pageFrame.part("pad", HTMLCanvasElement);
    this.pad = new DrawingPad(this.canvas, () => this.show());
    this.undo.onclick = () => this.pad.undo();
    this.clear.onclick = () => this.begin();
    /** of the runs whose encoder the browser can run @type {Map<string, Encoder>} */
    this.encoders = new Map();
    this.canvas.addEventListener("pointerdown", () => this.pad.empty && this.forget(), { capture: true });
    this.canvas.addEventListener("pointerup", () => requestAnimationFrame(() => this.land()));
  }

  /** Whether any of the runs can be given a drawing. */
  get possible() {
    return this.page.panels().some(({ space }) => space?.decodes);
  }

  /** Have the encoders at hand, and what has been drawn so far in every plane. */
  async open() {
    this.root.hidden = false;
    for (const panel of this.page.panels()) {
      if (!panel.space?.decodes) continue;
      const encoder = await loadEncoder(panel.info.encoder).catch(() => null);
      if (encoder) this.encoders.set(panel.info.encoder, encoder);
    }
    if (!this.root.hidden) this.show();
  }

  close() {
    this.root.hidden = true;
    this.forget();
  }

  /** An empty pad. */
  begin() {
    this.forget();
    this.pad.clear();
  }

  forget() {
    for (const panel of this.page.panels()) panel.mark?.clear();
  }

  /** What every run makes of the drawing as it is. */
  show() {
    if (this.root.hidden) return;
    this.hint.hidden = !this.pad.empty;
    this.undo.disabled = this.clear.disabled = this.pad.empty;
    const { ink, width, height } = this.pad.ink();
    for (const panel of this.page.panels()) {
      const encoder = this.encoders.get(panel.info.encoder);
      const pixels = panel.space?.decodes && frameInk(ink, width, height, panel.space.decoder.imageShape)?.pixels;
      const label = panel.given ?? 0; // of a conditional run
      const posterior = pixels && encoder
        ? new Posterior(encoder.encode(pixels, label), encoder.deterministic, encoder.prior)
        : null;
      panel.showDrawn(pixels || null, posterior, label, this.page.classes());
    }
  }

  /** Let the drawing fly to where it has come to lie in every plane. */
  land() {
    if (this.root.hidden || this.pad.empty || reducedMotion()) return;
    const from = this.canvas.getBoundingClientRect();
    for (const { plane } of this.page.panels()) {
      if (!plane) continue;
      const [x, y] = plane.camera.toPixel(plane.point);
      if (x < 0 || y < 0 || x > plane.camera.width || y > plane.camera.height) continue;
      const area = plane.area.getBoundingClientRect();
      const copy = document.createElement("canvas");
      [copy.width, copy.height, copy.className] = [this.canvas.width, this.canvas.height, "lx-flying"];
      copy.getContext("2d")?.drawImage(this.canvas, 0, 0);
      Object.assign(copy.style, { left: `${from.left}px`, top: `${from.top}px`, width: `${from.width}px` });
      this.pageFrame.root.append(copy);
      const [dx, dy] = [area.left + x - from.left - from.width / 2, area.top + y - from.top - from.height / 2];
      const flight = copy.animate(
        [{ transform: "none", opacity: 0.9 }, { transform: `translate(${dx}px, ${dy}px) scale(0.08)`, opacity: 0.5 }],
        { duration: FLIGHT_MS, easing: "cubic-bezier(0.5, 0, 0.2, 1)" },
      );
      flight.onfinish = flight.oncancel = () => copy.remove();
    }
  }

  destroy() {
    this.pad.destroy();
  }
}
