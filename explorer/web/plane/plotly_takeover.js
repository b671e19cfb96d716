// Points on a canvas at once, and by plotly once it is there: neither the page nor a drag waits for it.

import { Axes, NINE } from "./axes.js";
import { CanvasPoints, LARGE } from "./canvas_points.js";
import { hasWebgl, PlotlyPoints } from "./plotly_points.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./points.js").Points} Points */
/** @typedef {import("../dom/theme.js").Theme} Theme */

// plotly holds the page for a moment when it comes: that is to be one in which the person does nothing.
const QUIET_MS = 700;
const LOOK_AGAIN_MS = 100;
const ACTS = ["pointermove", "pointerdown", "keydown", "wheel"];

export class PlotlyTakeover {
  /**
   * @param {HTMLElement} element which covers plot area and margins
   * @param {() => Promise<import("../run/loading.js").Plotly>} load
   * @param {() => boolean} busy  with what must not wait
   */
  constructor(element, load, busy) {
    this.element = element;
    this.load = load;
    this.busy = busy;
    this.axes = new Axes(NINE);
    element.append(this.axes.canvas);
    /** what draws the points now @type {CanvasPoints | PlotlyPoints} */
    this.drawer = new CanvasPoints(element, LARGE);
    this.drawer.chart.className = "lx-first-points";
    /** what draws them while they move by themselves @type {CanvasPoints | null} */
    this.moving = null;
    /** @type {Points | null} */
    this.points = null;
    /** @type {Theme | null} */
    this.theme = null;
    this.abort = new AbortController();
    /** when the person last did anything, or the first points were drawn */
    this.acted = performance.now();
    for (const act of ACTS) {
      globalThis.addEventListener(act, () => (this.acted = performance.now()), {
        capture: true,
        passive: true,
        signal: this.abort.signal,
      });
    }
  }

  get gone() {
    return this.abort.signal.aborted;
  }

  /** @param {Points} points @param {Camera} camera @param {Theme} theme */
  async draw(points, camera, theme) {
    const first = !this.points;
    Object.assign(this, { points, theme });
    this.axes.draw(camera, theme);
    await this.drawer.draw(points, camera, theme);
    this.standStill();
    if (first) this.takeOver(camera).catch(() => {}); // without plotly the canvas goes on
  }

  /**
   * Draw points whose places have changed, as often as frames are: for plotly that is too often.
   * @param {Points} points @param {Camera} camera @param {Theme} theme
   */
  drawMoving(points, camera, theme) {
    if (!this.moving) {
      this.moving = new CanvasPoints(this.element, LARGE);
      this.moving.chart.className = "lx-moving-points";
    }
    Object.assign(this, { points, theme });
    this.moving.draw(points, camera, theme);
  }

  standStill() {
    this.moving?.destroy();
    this.moving = null;
  }

  /** Let plotly draw the points as they are by then. @param {Camera} camera */
  async takeOver(camera) {
    await this.rest();
    if (this.gone || !hasWebgl()) return;
    const plotly = await this.load();
    await this.rest();
    if (this.gone) return;
    const next = new PlotlyPoints(plotly, this.element);
    next.element.style.visibility = "hidden";
    for (let drawn = null; drawn !== this.points && !this.gone;) {
      drawn = this.points;
      if (drawn) await next.draw(drawn, camera);
    }
    if (this.gone) return next.destroy();
    next.restyle(camera);
    next.element.style.visibility = "";
    this.drawer.destroy();
    this.drawer = next;
  }

  /** Until nothing is under way that must not wait. */
  async rest() {
    do {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      await new Promise((resolve) => (globalThis.requestIdleCallback ?? setTimeout)(resolve));
    } while (!this.gone && (this.moving || this.busy() || performance.now() - this.acted < QUIET_MS));
  }

  /** Follow the camera. @param {Camera} camera */
  move(camera) {
    if (this.theme) this.axes.draw(camera, this.theme);
    (this.moving ?? this.drawer).move(camera);
  }

  /** @param {Camera} camera @param {Theme} theme */
  restyle(camera, theme) {
    this.theme = theme;
    this.axes.draw(camera, theme);
    (this.moving ?? this.drawer).restyle(camera, theme);
  }

  destroy() {
    this.abort.abort();
    this.axes.canvas.remove();
    this.standStill();
    this.drawer.destroy();
  }
}
