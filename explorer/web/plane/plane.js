// The latent plane: points, backdrop, handles and gestures, drawn through one camera.

import { pixelRatio } from "../dom/canvas.js";
import { Backdrop } from "./backdrop.js";
import { Camera } from "./camera.js";
import { DensityPicture, MANY } from "./density_picture.js";
import { CanvasPoints } from "./canvas_points.js";
import { listen } from "./gestures.js";
import { pixels, RunTransition } from "./run_transition.js";
import { Overlay } from "./overlay.js";
import { MARGIN, PlotlyPoints } from "./plotly_points.js";
import { Region } from "./region.js";

/** @typedef {import("./backdrop.js").Background} Background */
/** @typedef {import("../maths/types.js").Pair} Pair */
/** @typedef {import("./coloring.js").Coloring} Coloring */
/** @typedef {import("../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../dom/theme.js").Theme} Theme */

/**
 * `which` is a handle's place in the list given to the plane.
 * @typedef {object} PlaneEvents
 * @property {(point: Pair, which: number) => void} move  a handle is wanted at a point; called at most once a frame
 * @property {(point: Pair, index: number | null, which: number) => void} release  let go at a point; index: an image was clicked, -1: empty plane was, null: dragged
 * @property {(index: number, pixel: Pair) => void} [hover]  over an image's point (index -1: over none)
 * @property {(key: "Escape" | "Enter") => void} [press]
 * @property {(by: Pair, which: number) => boolean} [step]  an arrow key asks for this step; true: it was taken, false: the handle goes
 * @property {(point: Pair, which: number) => string} describe  a handle's place in words
 * @property {(indices: number[], adds: boolean) => void} [chosen]  a region was drawn round these images; adds: to those chosen before
 * @property {() => void} [placed]  handles or view have moved: what a page drew over the plane itself must follow
 */

const CLICK_RADIUS = 6; // pixels from a point that count as on it
const MOVE_MS = 600;
export const STEPS_ACROSS = 100; // arrow-key steps over the visible width

export class Plane {
  /**
   * @param {HTMLElement} root @param {PlaneEvents} events
   * @param {{plotly?: any, handles?: string[]}} [options] plotly: draw the points with it, else on a canvas; names of
   *   the handles, "z" alone if not given, and none without any
   */
  constructor(root, events, { plotly = null, handles = ["z"] } = {}) {
    this.root = root;
    this.events = events;
    this.camera = new Camera();
    /** where each handle is @type {Pair[]} */
    this.handles = handles.map(() => [0, 0]);
    this.panning = false;
    /** what a drag draws, instead of moving a handle @type {import("./region.js").RegionKind | null} */
    this.tool = null;
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
    this.selected = -1;
    /** @type {Pair | null} the nearest image's point */
    this.nearest = null;
    this.shown = (/** @type {number} */ _label) => true;
    this.abort = new AbortController();

    this.plotly = plotly;
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
    this.motionCanvas = document.createElement("canvas");
    this.area.append(this.motionCanvas);
    this.backdrop = new Backdrop(backdropCanvas);
    /** @type {PlotlyPoints | CanvasPoints | null} how the images' points are drawn */
    this.cloud = null;
    this.overlay = new Overlay(this.area, handles);
    this.listen();
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
    for (const canvas of [this.backdrop.canvas, this.motionCanvas]) {
      [canvas.width, canvas.height] = [Math.round(width * this.ratio()), Math.round(height * this.ratio())];
      Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    }
    return true;
  }

  ratio() {
    return pixelRatio();
  }

  /**
   * Show a run. With a run of the same images before it, every point moves from its old place to its new one.
   * @param {LatentSpace} space @param {Coloring} coloring @param {Theme} theme @param {Pair} [point] where the handle ends
   */
  async show(space, coloring, theme, point = this.point) {
    const before = this.space;
    const travels = before?.count === space.count && space.count < MANY && before !== space && !reducedMotion();
    const from = travels && before ? pixels(before, this.camera) : null;
    const handleFrom = this.camera.toPixel(this.point);
    Object.assign(this, { coloring, theme });
    if (this.handles.length) this.handles[0] = point;
    if (before !== space) {
      if (before === null || before.count < MANY !== space.count < MANY) this.cloud = this.newCloud(space.count);
      this.space = space;
      this.camera.fit(space.xy);
    }
    this.root.classList.toggle("lx-standing-out", this.mask !== null);
    if (from) this.root.classList.add("lx-moving");
    await this.cloud?.draw(space, coloring, this.shown, this.camera, theme, this.mask);
    if (from && this.space === space) await this.travel(from, space, handleFrom);
    if (this.space !== space) return; // the next run is on its way already
    this.root.classList.remove("lx-moving");
    this.drawBackdrop();
    this.place();
  }

  /** @param {number} count of images @returns {PlotlyPoints | CanvasPoints} */
  newCloud(count) {
    this.cloud?.destroy();
    if (count >= MANY) return new DensityPicture(this.chart);
    return this.plotly && hasWebgl() ? new PlotlyPoints(this.plotly, this.chart) : new CanvasPoints(this.chart);
  }

  /** @param {Float32Array} from pixels @param {LatentSpace} space @param {Pair} handleFrom pixels */
  travel(from, space, handleFrom) {
    const to = pixels(space, this.camera);
    const start = performance.now();
    const handleTo = this.camera.toPixel(this.point);
    if (!this.coloring) return Promise.resolve();
    const motion = new RunTransition(this.motionCanvas, from, to, space, this.coloring, this.shown);
    this.overlay.placeSelection(this.camera, null, null);
    this.overlay.placeTether(this.camera, this.point, null);
    return new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
      const step = () => {
        if (this.abort.signal.aborted || this.space !== space) return resolve();
        const share = Math.min((performance.now() - start) / MOVE_MS, 1);
        const eased = share * share * (3 - 2 * share);
        motion.draw(eased, this.ratio());
        this.overlay.placeHandleAt(
          handleFrom[0] + eased * (handleTo[0] - handleFrom[0]),
          handleFrom[1] + eased * (handleTo[1] - handleFrom[1]),
        );
        if (share < 1) requestAnimationFrame(step);
        else resolve();
      };
      step();
    });
  }

  /** @param {(label: number) => boolean} shown */
  async filter(shown) {
    this.shown = shown;
    await this.redraw();
  }

  /** Draw the points again, as after a change of colours or of shown classes. */
  async redraw() {
    const { space, coloring, theme } = this;
    if (space && coloring && theme) await this.cloud?.draw(space, coloring, this.shown, this.camera, theme, this.mask);
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
    if (this.space) this.cloud?.restyle(this.camera, theme);
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

  /**
   * @param {Pair} point @param {Pair | null} [nearest] the nearest image's point, to be tied to the first handle
   * @param {number} [which] handle
   */
  moveTo(point, nearest = this.nearest, which = 0) {
    this.handles[which] = point;
    this.nearest = nearest;
    this.place();
  }

  resize() {
    if (!this.fitSize() || !this.theme || !this.space) return;
    this.cloud?.restyle(this.camera, this.theme);
    this.drawBackdrop();
    this.place();
  }

  reset() {
    if (!this.space) return;
    this.camera.fit(this.space.xy);
    this.viewChanged();
  }

  /** @param {number} factor above 1 zooms in @param {Pair} [pixel] */
  zoom(factor, pixel = [this.camera.width / 2, this.camera.height / 2]) {
    this.camera.zoom(pixel, factor);
    this.viewChanged();
  }

  viewChanged() {
    this.place();
    if (this.viewFrame) return;
    this.viewFrame = requestAnimationFrame(() => {
      this.viewFrame = 0;
      if (this.abort.signal.aborted) return;
      this.cloud?.move(this.camera);
      this.drawBackdrop();
    });
  }

  drawBackdrop() {
    const { space, theme } = this;
    if (space && theme) this.backdrop.draw(space, this.camera, theme, this.ratio());
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
    );
    this.events.placed?.();
  }

  /** The image whose point is within reach of a pixel, or -1. @param {Pair} pixel */
  hit(pixel) {
    if (!this.space) return -1;
    const { index, distance } = this.space.nearest(this.camera.toPoint(pixel), this.shown);
    return distance * this.camera.scale <= CLICK_RADIUS ? index : -1;
  }

  listen() {
    let which = 0;
    /** @type {Pair} */
    let before = this.point;
    /** @type {Pair | null} */
    let next = null;
    const follow = () => {
      if (!next) return;
      const point = next;
      next = null;
      this.events.move(point, which);
    };
    const stop = () => {
      this.backdrop.busy = false;
      follow();
    };
    listen(this.area, {
      grab: (pixel) => {
        which = this.nearestHandle(pixel);
        before = this.handles[which];
        return this.overlay.handles[which];
      },
      moveTo: (pixel) => {
        if (which < 0) return;
        this.backdrop.busy = true;
        // Pointer events come once a frame or oftener: only the last of a frame is decoded, in that same frame.
        if (!next) requestAnimationFrame(follow);
        next = this.camera.toPoint(pixel);
      },
      release: (pixel, clicked) => {
        stop();
        const index = clicked ? this.hit(pixel) : null;
        this.events.release(which < 0 ? this.camera.toPoint(pixel) : this.handles[which], index, which);
      },
      cancel: () => {
        if (which >= 0) next = before;
        stop();
      },
      hover: (pixel) => this.events.hover?.(pixel ? this.hit(pixel) : -1, pixel ?? [0, 0]),
      pan: (dx, dy) => {
        this.camera.pan(dx, dy);
        this.viewChanged();
      },
      zoom: (pixel, factor) => this.zoom(factor, pixel),
      nudge: (dx, dy) => {
        const active = this.overlay.handles.findIndex((handle) => handle === document.activeElement);
        if (active < 0) return;
        const step = this.camera.width / this.camera.scale / STEPS_ACROSS;
        if (this.events.step?.([dx * step, dy * step], active)) return;
        const [x, y] = this.handles[active];
        this.events.move([x + dx * step, y + dy * step], active);
        this.events.release(this.handles[active], null, active);
      },
      press: (key) => (key === "Home" ? this.reset() : this.events.press?.(key)),
      panning: () => this.panning,
      drawing: () => this.tool !== null,
      draw: (pixel, first) => {
        if (first && this.tool) this.region = new Region(this.tool, pixel);
        else this.region?.extend(pixel);
        this.overlay.placeRegion(this.region);
      },
      drawn: (adds) => {
        const inside = this.inside();
        this.endRegion();
        this.events.chosen?.(inside, adds);
      },
      undrawn: () => this.endRegion(),
    }, this.abort.signal);
  }

  /** The shown images whose points lie in the region. @returns {number[]} */
  inside() {
    const { region, space, camera } = this;
    if (!region || !space) return [];
    const found = [];
    for (let i = 0; i < space.count; i++) {
      if (this.shown(space.label[i]) && region.holds(camera.toPixel(space.point(i)))) found.push(i);
    }
    return found;
  }

  endRegion() {
    this.region = null;
    this.overlay.placeRegion(null);
  }

  /** @param {Pair} pixel @returns {number} -1 without handles */
  nearestHandle([x, y]) {
    const far = this.handles.map((point) => {
      const [hx, hy] = this.camera.toPixel(point);
      return Math.hypot(hx - x, hy - y);
    });
    return far.indexOf(Math.min(...far));
  }

  destroy() {
    this.abort.abort();
    this.backdrop.destroy();
    this.cloud?.destroy();
  }
}

function hasWebgl() {
  return Boolean(document.createElement("canvas").getContext("webgl"));
}

function reducedMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** @param {HTMLElement} parent @param {string} name */
function element(parent, name) {
  const child = document.createElement("div");
  child.className = name;
  parent.append(child);
  return child;
}
