// The cloud of held-out images as it forms: points glide from frame to frame, the newest decoder answers the handle.

import { Camera } from "../../plane/camera.js";
import { CanvasPoints, SMALL } from "../../plane/canvas_points.js";
import { Coloring } from "../../plane/coloring.js";
import { legend } from "../../plane/legend.js";
import { Plane } from "../../plane/plane.js";
import { reducedMotion } from "../../plane/run_transition.js";
import { lineDensity, underDensity } from "../../maths/line_density.js";
import { FlatPlane } from "../../maths/projection.js";
import { steadyPlane } from "../../maths/steady_plane.js";
import { Decoder } from "../../network/decoder.js";
import { LatentSpace } from "../../run/latent_space.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../dom/theme.js").Theme} Theme */
/** @typedef {import("./server.js").Arrays} Arrays */
/**
 * What does not change of a run while it is trained; `metadata` is its decoder's.
 * @typedef {{label: Int32Array, metadata: Record<string, string>, colors: string[], valueColors: string[],
 *   classes: string[]}} ShownRun
 */
/**
 * @typedef {object} CloudEvents
 * @property {() => void} moved  the handle, or what the decoder makes of where it is
 * @property {() => void} placed  the view has moved: what lies over the plane must follow
 * @property {(point: Pair) => string} describe
 */

const LOOK = { ...SMALL, size: (/** @type {number} */ count) => (count > 1000 ? 4 : 6) };
const GIVEN = 0; // the class that a conditional run is given
const [SHORTEST_MS, LONGEST_MS] = [100, 700]; // of a glide from a frame to the next
const STEPPING_MS = 150; // the longest while steps are shown one by one, which want the rest of the time
const [SMALLER, LARGER] = [0.8, 1.2]; // of the scale that would fit: between them the view stays
const FOLLOW = 0.12; // share of the way that the view goes in a frame of the screen
const STAGE = 0.25; // pixels that the farthest point of a glide goes before it is drawn again
const HAND_MS = 50; // after the handle has moved, for which it counts as moving: points do not glide, the view stays

export class Cloud {
  /** @param {HTMLElement} root @param {HTMLElement} legendRoot @param {CloudEvents} events */
  constructor(root, legendRoot, events) {
    this.root = root;
    this.legendRoot = legendRoot;
    this.events = events;
    /** @type {Set<number>} classes */
    this.hidden = new Set();
    this.plane = new Plane(root, {
      move: (point) => this.moveTo(point),
      release: () => {},
      describe: (point) => events.describe(point),
      placed: () => events.placed(),
    });
    /** @type {ShownRun | null} */
    this.run = null;
    /** @type {LatentSpace | null} */
    this.space = null;
    /** @type {Decoder | null} */
    this.decoder = null;
    /** @type {import("../../maths/steady_plane.js").SteadyPlane | null} */
    this.axes = null;
    /** @type {Theme | null} */
    this.theme = null;
    /** where the points are drawn, come from and go to; interleaved */
    this.seen = new Float32Array(0);
    this.from = new Float32Array(0);
    this.to = new Float32Array(0);
    this.begun = 0; // ms, of the glide
    this.lasts = SHORTEST_MS;
    this.reach = 0; // units of the plane, of the point that goes farthest
    this.stepping = false; // steps are shown one by one
    this.stage = -1; // of the glide, that was drawn last
    this.handled = -Infinity; // ms, when the handle moved
    /** the view that would fit @type {Camera | null} */
    this.goal = null;
    this.arrived = 0; // ms, of the newest frame
    this.animation = 0;
    /** the view follows the cloud, until the person moves it */
    this.follows = true;
    this.view = "";
  }

  /** Begin with another run. @param {Arrays} start @param {Theme} theme */
  begin(start, theme) {
    const { tensors, metadata } = start;
    const [decoder, classes, colors, valueColors] = ["decoder", "classes", "colors", "value_colors"]
      .map((name) => JSON.parse(metadata[name]));
    this.clear();
    this.run = {
      label: /** @type {Int32Array} */ (tensors.label.data),
      metadata: decoder,
      classes,
      colors,
      valueColors,
    };
    this.theme = theme;
  }

  clear() {
    cancelAnimationFrame(this.animation);
    Object.assign(this, { run: null, space: null, axes: null, decoder: null, animation: 0, follows: true });
    this.hidden.clear();
    this.plane.space = null;
    this.plane.drawer?.destroy();
    this.plane.drawer = null;
    this.plane.place();
    this.legendRoot.replaceChildren();
    this.root.dataset.frame = "-1";
  }

  /** Whether the browser decodes; if not, why not. */
  get why() {
    return this.run?.metadata.server ?? "";
  }

  /** Glide to a frame. @param {Arrays} frame */
  async take({ number, tensors, metadata }) {
    const { run, theme } = this;
    if (!run || !theme) return;
    const mu = /** @type {Float32Array} */ (tensors.mu.data);
    const dim = mu.length / run.label.length;
    const target = this.target(mu, dim);
    if (!run.metadata.server) {
      const { log_sigma = "0" } = metadata; // of a Gaussian likelihood
      this.decoder = new Decoder(weights(tensors), { ...run.metadata, log_sigma }, this.decoder ?? undefined);
    }
    const first = !this.space;
    if (first) this.seen = Float32Array.from(target);
    this.space = this.spaceOf(mu, dim);
    const now = performance.now();
    const since = now - this.arrived;
    this.arrived = now;
    this.from = this.seen.slice();
    this.to = Float32Array.from(target);
    this.begun = now;
    this.reach = farthest(this.from, this.to);
    this.stage = -1;
    this.goal = null;
    const longest = this.stepping ? STEPPING_MS : LONGEST_MS;
    this.lasts = first || reducedMotion() ? 0 : Math.min(Math.max(since, SHORTEST_MS), longest);
    if (first) await this.showFirst(this.space, theme);
    this.plane.space = this.space;
    this.root.dataset.frame = String(number);
    this.events.moved();
    this.animation ||= requestAnimationFrame(() => this.glide());
  }

  /** Where the codes belong on the plane. @param {Float32Array} mu @param {number} dim */
  target(mu, dim) {
    if (dim === 1) return underDensity(mu, lineDensity(mu));
    this.axes = steadyPlane(mu, dim, this.axes);
    return this.axes.xy;
  }

  /** @param {Float32Array} mu @param {number} dim */
  spaceOf(mu, dim) {
    const axes = this.axes ?? { origin: new Float32Array(1), basis: new Float32Array([1, 0]) };
    const data = this.run?.label ?? new Int32Array(0);
    const arrays = {
      label: { shape: [data.length], data },
      mu: { shape: [data.length, dim], data: mu },
    };
    const seen = new FlatPlane(this.seen, axes.origin, axes.basis, null);
    return new LatentSpace(arrays, /** @type {Decoder} */ (this.decoder), seen);
  }

  /** @param {LatentSpace} space @param {Theme} theme */
  async showFirst(space, theme) {
    const { run, plane } = this;
    if (!run) return;
    const coloring = new Coloring(space, "label", run.colors, run.valueColors, theme.dark);
    plane.shown = (label) => !this.hidden.has(label);
    if (coloring.by === "label") this.showLegend(coloring);
    await plane.show(space, coloring, theme, space.priorCenter());
    if (plane.drawer instanceof CanvasPoints) plane.drawer.look = LOOK;
    this.view = this.viewNow();
  }

  /** @param {Coloring} coloring */
  showLegend(coloring) {
    legend(this.legendRoot, coloring, this.run?.classes ?? [], this.hidden, () => {
      this.plane.redraw();
      this.showLegend(coloring);
    });
  }

  glide() {
    this.animation = 0;
    const { space, plane, from, to, seen } = this;
    if (!space || this.plane.abort.signal.aborted) return;
    const now = performance.now();
    const { inHand } = this;
    if (inHand) this.lasts = 0;
    const share = this.lasts ? Math.min((now - this.begun) / this.lasts, 1) : 1;
    const viewMoves = !inHand && this.followView();
    const { scale, up } = plane.camera;
    const stages = Math.max(Math.ceil(this.reach * Math.max(scale, up) / STAGE), 1);
    const stage = Math.floor(share * stages);
    if (viewMoves || stage !== this.stage) { // else nothing would be seen to move, and the frame is the handle's
      this.stage = stage;
      for (let i = 0; i < seen.length; i++) seen[i] = from[i] + share * (to[i] - from[i]);
      plane.redraw();
    }
    if (viewMoves) plane.place();
    if (share < 1 || viewMoves || inHand) this.animation = requestAnimationFrame(() => this.glide());
  }

  /** Let the view go a part of the way to where it would fit; whether it has still to go. */
  followView() {
    const { plane: { camera }, to, space } = this;
    if (this.view !== this.viewNow()) this.follows = false;
    if (!this.follows || !space) return false;
    if (this.goal?.width !== camera.width || this.goal.height !== camera.height) {
      this.goal = Object.assign(new Camera(), { width: camera.width, height: camera.height });
      this.goal.fit(to, space.line);
    }
    const { goal } = this;
    const grown = goal.scale / camera.scale;
    const away = Math.max(...[0, 1].map((k) => Math.abs(goal.center[k] - camera.center[k]))) * camera.scale;
    const wanders = away > 0.12 * Math.min(camera.width, camera.height);
    if (grown > SMALLER && grown < LARGER && !wanders) return false;
    camera.line = goal.line;
    camera.scale *= grown ** FOLLOW;
    const [x, y] = [0, 1].map((k) => camera.center[k] + FOLLOW * (goal.center[k] - camera.center[k]));
    camera.lookAt([x, y]);
    this.view = this.viewNow();
    return true;
  }

  viewNow() {
    const { scale, center, width, height } = this.plane.camera;
    return [scale, ...center, width, height].join();
  }

  /** Show all of it, and follow it again. */
  fit() {
    this.plane.reset();
    this.view = this.viewNow();
    this.follows = true;
  }

  /** Whether the handle is being moved. */
  get inHand() {
    return performance.now() - this.handled < HAND_MS;
  }

  /** @param {Pair} point */
  moveTo(point) {
    this.handled = performance.now();
    this.plane.moveTo(point, null);
    this.events.moved();
  }

  /** z at the handle and E[x|z] there; null before the first frame. */
  get decoded() {
    const { space, decoder, plane } = this;
    if (!space || !decoder) return null;
    const z = space.latent(plane.point);
    const given = decoder.classes ? this.run?.classes[GIVEN] : undefined;
    return { z, pixels: decoder.given(GIVEN).decode(z), shape: decoder.imageShape, given };
  }

  /** @param {Theme} theme */
  setTheme(theme) {
    this.theme = theme;
    this.plane.setTheme(theme);
  }

  resize() {
    const followed = this.view === this.viewNow();
    this.plane.resize();
    if (followed) this.view = this.viewNow();
  }

  destroy() {
    cancelAnimationFrame(this.animation);
    this.plane.destroy();
  }
}

/** The decoder's tensors by the names that a decoder takes. @param {Arrays["tensors"]} tensors */
function weights(tensors) {
  const own = Object.entries(tensors).filter(([name]) => name.startsWith("decoder."));
  return Object.fromEntries(own.map(([name, tensor]) => [name.slice("decoder.".length), tensor]));
}

/** How far the point goes that goes farthest, along one axis. @param {Float32Array} from @param {Float32Array} to */
function farthest(from, to) {
  let most = 0;
  for (let i = 0; i < to.length; i++) most = Math.max(most, Math.abs(to[i] - from[i]));
  return most;
}
