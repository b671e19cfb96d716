// The latent plane: points, backdrop, handles and gestures, drawn through one camera.

import { pixelRatio } from "../dom/canvas.js";
import { MARGIN } from "./axes.js";
import { Backdrop } from "./backdrop.js";
import { Camera } from "./camera.js";
import { CanvasPoints } from "./canvas_points.js";
import { DensityPicture, MANY } from "./density_picture.js";
import { Overlay } from "./overlay.js";
import { followGestures } from "./plane_gestures.js";
import { PlotlyTakeover } from "./plotly_takeover.js";
import { pixels, reducedMotion, RunTransition } from "./run_transition.js";

/** @typedef {import("./backdrop.js").Background} Background */
/** @typedef {import("../maths/types.js").Pair} Pair */
/** @typedef {import("./coloring.js").Coloring} Coloring */
/** @typedef {import("../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("./region.js").Region} Region */
/** @typedef {import("./region.js").RegionKind} RegionKind */
/** @typedef {import("../dom/theme.js").Theme} Theme */

/**
 * `which` is a handle's place in the list given to the plane.
 * @typedef {object} PlaneEvents
 * @property {(point: Pair, which: number) => void} move  a handle is wanted at a point; called at most once a frame
 * @property {(point: Pair, index: number | null, which: number) => void} release  let go at a point; index: an image
 *   was clicked, -1: empty plane was, null: dragged
 * @property {(index: number, pixel: Pair) => void} [hover]  over an image's point (index -1: over none)
 * @property {(key: "Escape" | "Enter") => void} [press]
 * @property {(by: Pair, which: number) => boolean} [step]  an arrow key asks for this step; true: it was taken, false:
 *   the handle goes
 * @property {(point: Pair, which: number) => string} describe  a handle's place in words
 * @property {(indices: number[], adds: boolean) => void} [select]  a region was drawn round these images; adds: to
 *   those selected before
 * @property {() => void} [placed]  handles or view have moved: what a page drew over the plane itself must follow
 */

const CLICK_RADIUS = 6; // pixels from a point that count as on it

export class Plane {
  /**
   * @param {HTMLElement} root @param {PlaneEvents} events
   * @param {{loadPlotly?: (() => Promise<import("../run/loading.js").Plotly>) | null, handles?: string[]}} [options]
   *   loadPlotly: draw the points with it in the end, else on a canvas; names of the handles, "z" alone if not given,
   *   and none without any
   */
  constructor(root, events, { loadPlotly = null, handles = ["z"] } = {}) {
    this.root = root;
    this.events = events;
    this.camera = new Camera();
    /** where each handle is @type {Pair[]} */
    this.handles = handles.map(() => [0, 0]);
    this.panning = false;
    /** what a drag draws, instead of moving a handle @type {RegionKind | null} */
    this.tool = null;
    /** hears of another tool */
    this.toolTaken = () => {};
    /** @type {Region | null} being drawn */
    this.region = null;
    /** one byte an image: 1 where it stands out; null: all alike @type {Uint8Array | null} */
    this.mask = null;
    /** @type {LatentSpace | null} */
    this.space = null;
    /** @type {Coloring | null} */
    this.coloring = null;
    /** @type {Theme | null} */
    this.theme = null;
    this.viewFrame = 0;
    /** whether the view is fitted to the points, and nobody has zoomed or moved it since */
    this.fitted = true;
    /** hears of another view */
    this.viewed = () => {};
    this.travelling = false; // the points are, from one run's plane to the next's
    this.passing = false; // what is shown changes its points by itself, through a run's epochs
    this.selected = -1;
    /** of the selected image's standard deviations, 1: as the encoder gave them */
    this.width = 1;
    /** @type {Pair | null} the nearest image's point */
    this.nearest = null;
    this.shown = (/** @type {number} */ _label) => true;
    this.abort = new AbortController();

    this.loadPlotly = loadPlotly;
    const chart = (this.chart = element(root, "lx-chart"));
    this.area = element(root, "lx-area");
    Object.assign(this.area.style, {
      left: `${MARGIN.l}px`,
      top: `${MARGIN.t}px`,
      right: `${MARGIN.r}px`,
      bottom: `${MARGIN.b}px`,
    });
    const backdropCanvas = document.createElement("canvas");
    backdropCanvas.className = "lx-backdrop";
    Object.assign(backdropCanvas.style, { left: `${MARGIN.l}px`, top: `${MARGIN.t}px` });
    chart.before(backdropCanvas);
    this.transitionCanvas = document.createElement("canvas");
    this.area.append(this.transitionCanvas);
    this.backdrop = new Backdrop(backdropCanvas);
    /** what draws the images' points @type {PlotlyTakeover | CanvasPoints | null} */
    this.drawer = null;
    this.overlay = new Overlay(this.area, handles);
    followGestures(this);
    this.fitSize();
  }

  /** The first handle's place. */
  get point() {
    return this.handles[0] ?? [0, 0];
  }

  /** Adopt the element's size; true if it changed. */
  fitSize() {
    const [width, height] = [this.area.clientWidth, this.area.clientHeight];
    if (width < 2 || height < 2 || (width === this.camera.width && height === this.camera.height)) return false;
    const grown = Math.min(width / this.camera.width, height / this.camera.height);
    if (this.camera.width > 1) this.camera.scale *= grown;
    [this.camera.width, this.camera.height] = [width, height];
    for (const canvas of [this.backdrop.canvas, this.transitionCanvas]) {
      [canvas.width, canvas.height] = [Math.round(width * pixelRatio()), Math.round(height * pixelRatio())];
      Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    }
    return true;
  }

  /**
   * Show a run. With a run of the same images before it, every point moves from its old place to its new one.
   * @param {LatentSpace} space @param {Coloring} coloring @param {Theme} theme
   * @param {Pair} [point] where the handle ends
   * @param {number[] | null} [box] x from, x to, y from, y to: the part to be seen; null: all of it; as it is, if not
   *   given, for the run that is shown already
   */
  async show(space, coloring, theme, point = this.point, box) {
    const before = this.space;
    const travels = before?.count === space.count && space.count < MANY && before !== space && !reducedMotion();
    const from = travels && before ? pixels(before, this.camera) : null;
    const handleFrom = this.camera.toPixel(this.point);
    Object.assign(this, { coloring, theme });
    if (this.handles.length) this.handles[0] = space.reach(point);
    if (before !== space) {
      this.passing = false;
      if (before === null || before.count < MANY !== space.count < MANY) this.drawer = this.newDrawer(space.count);
      this.space = space;
      this.fitSize();
      this.camera.fitTo(space);
      this.fitted = true;
      this.root.classList.toggle("lx-line", space.line);
    }
    if (box !== undefined) this.lookAt(space, box);
    this.root.classList.toggle("lx-standing-out", this.mask !== null);
    if (from) this.setTravelling(true);
    await this.redraw();
    if (from && this.space === space) await this.travel(from, handleFrom);
    if (this.space !== space) return; // the next run is on its way already
    this.setTravelling(false);
    this.drawBackdrop();
    this.place();
  }

  /** @param {number} count of images */
  newDrawer(count) {
    this.drawer?.destroy();
    if (count >= MANY) return new DensityPicture(this.chart);
    if (!this.loadPlotly) return new CanvasPoints(this.chart);
    return new PlotlyTakeover(this.chart, this.loadPlotly, () => this.backdrop.busy || this.travelling);
  }

  /** @param {boolean} travelling */
  setTravelling(travelling) {
    this.travelling = travelling;
    this.root.classList.toggle("lx-moving", travelling);
  }

  /**
   * Let points and handle go to where they now belong.
   * @param {Float32Array} from pixels @param {Pair} handleFrom pixels
   */
  async travel(from, [x, y]) {
    const { points, space, camera, overlay } = this;
    if (!points || !space) return;
    const [toX, toY] = camera.toPixel(this.point);
    overlay.placeSelection(camera, null, null);
    overlay.placeOutlines(camera, null, -1);
    overlay.placeTether(camera, this.point, null);
    const transition = new RunTransition(this.transitionCanvas, from, pixels(space, camera), points);
    await transition.play(
      (share) => overlay.placeHandleAt(x + share * (toX - x), y + share * (toY - y)),
      () => !this.abort.signal.aborted && this.space === space,
    );
  }

  /** What there is to draw. @returns {import("./points.js").Points | null} */
  get points() {
    const { space, coloring, shown, mask } = this;
    return space && coloring && { space, coloring, shown, mask };
  }

  /** @param {(label: number) => boolean} shown */
  async filter(shown) {
    this.shown = shown;
    await this.redraw();
  }

  /** Draw the points again, as after a change of colours or of shown classes. */
  async redraw() {
    const { points, theme, drawer } = this;
    if (!points || !theme) return;
    if (this.passing && drawer instanceof PlotlyTakeover) drawer.drawMoving(points, this.camera, theme);
    else await drawer?.draw(points, this.camera, theme);
  }

  /**
   * Show the same run's points where they are now, in the same view.
   * @param {LatentSpace} space @param {boolean} passing  they go on moving, so that the next frame has others
   */
  pass(space, passing) {
    this.passing = passing;
    this.space = space;
    this.redraw();
    this.place();
  }

  /** Let some images' points stand out. @param {Uint8Array | null} mask one byte an image */
  async standOut(mask) {
    if (mask === this.mask) return;
    this.mask = mask;
    this.root.classList.toggle("lx-standing-out", mask !== null);
    await this.redraw();
  }

  /** Put another map behind the same points: what they decode to is all that changes. @param {LatentSpace} space */
  remap(space) {
    this.space = space;
    this.drawBackdrop();
    this.place();
  }

  /** @param {Coloring} coloring */
  async recolor(coloring) {
    this.coloring = coloring;
    await this.redraw();
  }

  /** @param {Theme} theme */
  setTheme(theme) {
    this.theme = theme;
    if (this.space) this.drawer?.restyle(this.camera, theme);
    this.drawBackdrop();
  }

  /** @param {Background} background */
  setBackground(background) {
    this.backdrop.background = background;
    this.root.classList.toggle("lx-over-images", background === "manifold");
    this.drawBackdrop();
  }

  /** @param {number} index of the selected image, -1 for none */
  select(index) {
    this.selected = index;
    this.place();
  }

  /** Show the selected image's posterior wider or narrower. @param {number} width times its standard deviations */
  widen(width) {
    this.width = width;
    this.place();
  }

  /**
   * @param {Pair} point @param {Pair | null} [nearest] the nearest image's point, to be tied to the first handle
   * @param {number} [which] handle
   */
  moveTo(point, nearest = this.nearest, which = 0) {
    this.handles[which] = point;
    this.nearest = nearest;
    this.place();
  }

  /** @param {RegionKind | "pan" | null} tool  a plain drag draws a region, moves the view or, null, moves a handle */
  take(tool) {
    this.panning = tool === "pan";
    this.tool = tool === "pan" ? null : tool;
    this.toolTaken();
  }

  resize() {
    if (!this.fitSize() || !this.theme || !this.space) return;
    this.drawer?.restyle(this.camera, this.theme);
    this.drawBackdrop();
    this.place();
  }

  reset() {
    if (!this.space) return;
    this.camera.fitTo(this.space);
    this.viewChanged(true);
  }

  /** @param {LatentSpace} space @param {number[] | null} box x from, x to, y from, y to; null: all of it */
  lookAt(space, box) {
    this.camera.fitTo(space);
    this.fitted = box === null;
    if (box) this.camera.frame([box[0], box[2], box[1], box[3]], 1);
  }

  /** @param {number} factor above 1 zooms in @param {Pair} [pixel] */
  zoom(factor, pixel = [this.camera.width / 2, this.camera.height / 2]) {
    this.camera.zoom(pixel, factor);
    this.viewChanged();
  }

  /** @param {boolean} [fitted] to the points */
  viewChanged(fitted = false) {
    this.fitted = fitted;
    this.viewed();
    this.place();
    if (this.viewFrame) return;
    this.viewFrame = requestAnimationFrame(() => {
      this.viewFrame = 0;
      if (this.abort.signal.aborted) return;
      this.drawer?.move(this.camera);
      this.drawBackdrop();
    });
  }

  drawBackdrop() {
    const { space, theme } = this;
    if (space && theme) this.backdrop.draw(space, this.camera, theme);
  }

  place() {
    this.handles.forEach((point, which) => {
      this.overlay.placeHandle(this.camera, which, point, this.events.describe(point, which));
    });
    this.overlay.placeTether(this.camera, this.point, this.nearest);
    const selected = this.space && this.selected >= 0 ? this.space : null;
    this.overlay.placeSelection(
      this.camera,
      selected ? selected.point(this.selected) : null,
      selected ? selected.ellipse(this.selected) : null,
      this.width,
    );
    this.overlay.placeOutlines(this.camera, selected?.percentiles ? selected : null, this.selected, this.width);
    this.events.placed?.();
  }

  /** The image whose point is within reach of a pixel, or -1. @param {Pair} pixel */
  hit(pixel) {
    if (!this.space) return -1;
    const { camera } = this;
    const { index, distance } = this.space.nearest(camera.toPoint(pixel), this.shown, camera.up / camera.scale);
    return distance * camera.scale <= CLICK_RADIUS ? index : -1;
  }

  destroy() {
    this.abort.abort();
    this.backdrop.destroy();
    this.drawer?.destroy();
  }
}

/** @param {HTMLElement} parent @param {string} name */
function element(parent, name) {
  const child = document.createElement("div");
  child.className = name;
  parent.append(child);
  return child;
}
