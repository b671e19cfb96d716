// The Explore page: the plane, the decoded image beside it, and what is known of both.

import { Appearance } from "./appearance.js";
import { Coloring } from "../../plane/coloring.js";
import { loadColumn } from "../../run/columns.js";
import { DecodedReadout } from "./decoded_readout.js";
import { place, plain, rounded } from "../../dom/format.js";
import { classWords, counted } from "../../run/image_words.js";
import { FirstSight } from "./first_sight.js";
import { HandleLines } from "./handle_lines.js";
import { HeldOut } from "../../run/held_out.js";
import { ImageMarks } from "./image_marks.js";
import { ImageReadouts } from "./image_readouts.js";
import { HTML } from "./markup.js";
import { lightTogether } from "../../dom/lit_term.js";
import { legend } from "../../plane/legend.js";
import { LifeCycle } from "../../dom/life_cycle.js";
import { loadGallery, loadPlotly, loadSpace, prefetchSpaces, wanted } from "../../run/loading.js";
import { PageFrame } from "../../dom/page_frame.js";
import { Plane } from "../../plane/plane.js";
import { PlaneBar } from "./plane_bar.js";
import { readTheme } from "../../dom/theme.js";
import { RunEpochs } from "./run_epochs.js";
import { RunFacts } from "./run_facts.js";
import { Selection } from "../../plane/selection.js";
import { setAttribute } from "../../dom/sparing.js";
import { takeAlong } from "./take_along.js";
import { addToolbar } from "../../plane/toolbar.js";
import { Trays } from "./trays.js";
import { ViewBox } from "../../plane/view_box.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/**
 * @typedef {object} State  as EXPLORE in explorer/views/pages.py
 * @property {string} dataset
 * @property {string} run
 * @property {number | null} given  class that a conditional run is given; null: the first
 * @property {number[] | null} z
 * @property {"pca" | "umap" | "axes"} projection
 * @property {Pair | null} axes  the numbers of two latent dimensions, from 1
 * @property {import("../../run/latent_space.js").PointKind} points
 * @property {Pair | null} at  the handle's point on a map without an inverse
 * @property {number | null} image  the selected one
 * @property {number[] | null} set  images selected together
 * @property {number[] | null} hide  classes switched off
 * @property {import("../../plane/plane_lines.js").LineName[]} lines
 * @property {number} walk  seed of the random walk
 * @property {number | null} epoch  to show the points of, by the epochs' slider; null: the end
 * @property {number[] | null} view  the part of the plane that is seen: x from, x to, y from, y to; null: all
 * @property {import("./trays.js").Tray} tray  under the plane
 * @property {number} draws  seed of the prior's samples
 * @property {"auto" | import("../../plane/marks.js").MarkKind} marks
 * @property {"on" | "off"} lens  a magnifier where a posterior is smaller than the handle
 * @property {import("../../run/latent_space.js").ColorBy} color_by
 * @property {import("./appearance.js").Behind} background
 */
/** @typedef {import("../../run/payload.js").Payload<State>} Payload */

export class Explore {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("../../dom/page_frame.js").Host} host */
  constructor(parent, payload, host) {
    this.pageFrame = new PageFrame(parent, "explore", HTML, host);
    this.life = new LifeCycle(this.pageFrame, payload, {
      wants: ({ state, runs, gallery }) =>
        `${wanted({ runs, gallery }, [state.run], state.given)} ${runs[state.run].column}`,
      load: (given) => this.load(given),
      show: (loaded) => this.show(...loaded),
      restyle: () => this.restyle(),
    });
    this.legend = this.pageFrame.part("legend");
    this.facts = new RunFacts(this.pageFrame);
    this.decoded = new DecodedReadout(this.pageFrame);
    /** the selected image, -1 for none */
    this.image = -1;
    /** images selected together */
    this.selection = new Selection();
    /** classes switched off @type {Set<number>} */
    this.hidden = new Set();
    this.isShown = (/** @type {number} */ label) => !this.hidden.has(label);
    /** the data set that is shown */
    this.dataset = "";
    /** the run as its own plane shows it, and as the chosen projection does @type {LatentSpace | null} */
    this.space = null;
    this.view = /** @type {LatentSpace | null} */ (null);
    /** @type {HeldOut | null} */
    this.heldOut = null;
    this.opening = true; // the whole state is still to be taken from the payload
    /** the latent vector that is decoded @type {ArrayLike<number>} */
    this.z = [0, 0];
    this.theme = readTheme(this.pageFrame.root);
    this.bar = new PlaneBar(this.pageFrame, {
      projectionChanged: () => this.showProjection(),
      linesChanged: () => this.showLines(),
      lensChanged: () => this.images.showLens(),
      marksChanged: () => this.marks.forget(),
    });
    this.images = new ImageReadouts(this, {
      select: (index) => this.release([0, 0], index),
      selectShown: () => this.select(this.shownImages(), false),
      selectAmong: (pick) => this.select(pick(this.shownImages()), false),
      clear: () => this.clear(),
    });
    this.appearance = new Appearance(this.pageFrame, {
      colored: () => this.life.tried(() => this.recolor()),
      laid: () => this.life.tried(() => this.showBehind()),
    });
    this.root = this.pageFrame.part("plane");
    this.plane = new Plane(this.root, {
      move: (point) => this.move(point),
      release: (point, index) => this.release(point, index),
      hover: (index, pixel) => this.images.hover(index, pixel),
      press: (key) => this.press(key),
      describe: (point) => this.describe(point),
      select: (indices, adds) => this.select(indices, adds),
      placed: () => {
        this.lines?.place();
        this.epochs?.place();
        this.images.showLens();
        this.trays?.samples.place();
        this.marks?.place();
        this.decoded.stepAside(this.plane);
      },
    }, { loadPlotly: () => loadPlotly(payload.assets) });
    this.viewBox = new ViewBox(this.plane, () => this.pageFrame.report({ view: this.viewBox.values }));
    this.firstSight = new FirstSight(this.pageFrame, {
      move: (point) => this.move(point),
      goto: (page, state) => this.pageFrame.goto(page, state),
    }, payload.state);
    this.lines = new HandleLines(this.plane, this.bar);
    this.epochs = new RunEpochs(this);
    this.trays = new Trays(this);
    this.marks = new ImageMarks(this);
    const { ellipses, outlines } = this.plane.overlay;
    for (const ellipse of [...ellipses, ...outlines]) ellipse.dataset.term = "kl"; // the prior and q(z|x) differ by it
    lightTogether(this.pageFrame.root);
    addToolbar(this.root, this.plane, takeAlong(this), this.pageFrame.part("tools"));
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(this.root);
    this.life.begin().then(() => prefetchSpaces(Object.values(this.payload.runs), () => this.pageFrame.gone));
  }

  get payload() {
    return this.life.payload;
  }

  /** @param {Payload} payload */
  update(payload) {
    return this.life.update(payload);
  }

  /** @param {Payload} payload */
  adopt(payload) {
    this.opening = true;
    return this.life.adopt(payload);
  }

  /** @param {Payload} payload @returns {Promise<[LatentSpace, Uint8Array | null]>} */
  async load({ state, runs, gallery }) {
    this.appearance.begin(state);
    const [space, images] = await Promise.all([loadSpace(runs[state.run], state.given), loadGallery(gallery)]);
    await loadColumn(space, runs[state.run], state.color_by);
    return [space, images];
  }

  /** Follow another theme. */
  async restyle() {
    const { dark } = this.theme;
    this.theme = readTheme(this.pageFrame.root);
    this.plane.setTheme(this.theme);
    if (dark !== this.theme.dark) await this.recolor();
  }

  /** Show what is wanted behind the points, which go to where other axes have them. */
  async showBehind() {
    if (this.view && (this.view.percentiles !== null) !== this.appearance.bends) await this.showProjection();
    else await this.recolor();
  }

  /** Show background and colours as they are wanted now. */
  async recolor() {
    const { space, appearance, payload: { runs, state } } = this;
    if (!space) return;
    this.showBackground();
    await loadColumn(space, runs[state.run], appearance.colorBy);
    this.showLegend();
    await this.plane.recolor(this.coloring());
  }

  /** Show a run. @param {LatentSpace} space @param {Uint8Array | null} gallery */
  async show(space, gallery) {
    const { payload, plane, root } = this;
    const { dataset, run } = payload.state;
    const changed = this.opening || this.space !== space;
    const box = this.opening ? payload.state.view : undefined;
    const point = this.carryOver(space, this.opening || dataset !== this.dataset);
    const view = /** @type {LatentSpace} */ (this.view);
    this.dataset = dataset;
    this.space = space;
    this.heldOut = HeldOut.of(space, gallery, payload.classes.length);
    this.theme = readTheme(this.pageFrame.root);
    this.facts.show(payload);
    this.appearance.show(payload.runs[run], space.decodes);
    this.images.loss.showMean(payload.runs[run].metrics, payload.definitions);
    this.showLegend();
    this.showBackground();
    this.bar.show(view);
    this.pageFrame.root.classList.toggle("lx-many", view.dim > 2);
    this.facts.showAlone(space, this.heldOut);
    plane.shown = this.isShown;
    plane.selected = this.image;
    plane.mask = this.selection.mask(space.count);
    Object.assign(root.dataset, { run, dataset });
    space.decoder.arrived = () => this.redraw();
    this.images.show();
    await this.showView(view, point, this.z, box);
    if (this.space !== space) return;
    root.dataset.ready = "true";
    if (changed) this.commit();
    this.firstSight.begin(view, this.heldOut, payload.state, Object.keys(payload.runs));
  }

  /** What the points of the run are. */
  get kind() {
    return this.space && this.heldOut ? this.heldOut.kind(this.space) : "image";
  }

  /**
   * Show the run on the plane of a projection.
   * @param {LatentSpace} view @param {Pair} point of the handle @param {ArrayLike<number>} z its own
   * @param {number[] | null} [box] the part of the plane to be seen
   */
  async showView(view, point, z, box) {
    this.decoded.forget();
    this.plane.nearest = this.decode(point, z);
    await this.plane.show(view, this.coloring(), this.theme, point, box);
    if (this.view === view) await this.epochs.follow();
  }

  /**
   * Set view and z for the next run; returns where its handle goes. What is selected stays selected; a handle that lay
   * on the selected image goes with it, any other keeps its z.
   * @param {LatentSpace} space @param {boolean} fresh nothing on screen is worth keeping @returns {Pair}
   */
  carryOver(space, fresh) {
    const { view, payload: { state } } = this;
    const initial = this.opening ? state : null;
    this.opening = false;
    if (fresh) {
      this.hidden = new Set(initial?.hide ?? []);
      this.image = initial?.image ?? -1;
      this.selection = new Selection(initial?.set ?? []);
      this.bar.begin(initial);
      if (initial) this.trays.begin(initial);
      this.epochs.begin(initial?.epoch ?? null);
    }
    const attached = fresh ? !initial?.z : view !== null && this.isOnImage(view);
    if (this.image >= space.count) this.image = -1;
    this.selection = this.selection.below(space.count);
    const onImage = this.image >= 0 && attached;
    /** @type {ArrayLike<number>} */
    let z = space.latent(space.priorCenter());
    if (onImage) z = space.code(this.image);
    else if (!fresh && this.z.length === space.dim) z = this.z;
    else if (initial?.z) z = initial.z.length === space.dim ? initial.z : space.latent(space.place(initial.z));
    const next = this.viewOf(space, z);
    const at = space.dim > 2 && this.bar.kind === "umap" ? initial?.at : null;
    const point = next.reach(onImage ? next.point(this.image) : at ?? next.project(z));
    const given = !onImage && !at && initial?.z?.length === space.dim && !space.line; // also off the plane
    this.z = given ? z : next.percentiles ? next.onto(z) : next.latent(point);
    return point;
  }

  /** A run as it is wanted, from now on. @param {LatentSpace} space @param {ArrayLike<number>} z the present one */
  viewOf(space, z) {
    const { payload: { runs, state }, appearance, bar } = this;
    return this.view = bar.viewOf(space, runs[state.run].kl_per_dimension, z, appearance.bends);
  }

  /** Whether the handle lies on the selected image. @param {LatentSpace} view */
  isOnImage(view) {
    if (this.image < 0) return false;
    const [[x, y], [imageX, imageY]] = [this.plane.point, view.reach(view.point(this.image))];
    return Math.hypot(x - imageX, y - imageY) < 1e-3;
  }

  /** Show the run by another projection; z stays, as far as its plane holds it. */
  async showProjection() {
    const { space, view } = this;
    if (!space || !view) return;
    const onImage = this.isOnImage(view);
    const z = onImage ? space.code(this.image) : this.z;
    const next = this.viewOf(space, z);
    const point = next.reach(onImage ? next.point(this.image) : next.project(z));
    this.bar.show(next);
    this.showBackground();
    this.showLegend();
    this.images.show();
    await this.showView(next, point, next.percentiles ? next.onto(z) : next.latent(point));
    this.commit();
  }

  /** The prior has no shape on a map without an inverse; the server decodes one image at a time, no manifold. */
  showBackground() {
    const { appearance, space } = this;
    const shapeless = (space?.dim ?? 2) > 2 && this.bar.kind === "umap";
    appearance.offer(shapeless);
    this.facts.showServer(space?.decoder.server ?? "", appearance.layer === "manifold");
    this.plane.setBackground(shapeless && appearance.layer === "prior" ? "nothing" : appearance.layer);
  }

  coloring() {
    const { appearance: { colorBy, layer }, payload: { class_colors, value_colors } } = this;
    const space = /** @type {LatentSpace} */ (this.view?.draws ? this.view : this.space);
    return new Coloring(space, colorBy, class_colors, value_colors, this.theme.dark || layer === "manifold");
  }

  showLegend() {
    legend(this.legend, this.coloring(), this.payload.classes, this.hidden, () => {
      this.plane.filter(this.isShown);
      this.marks.forget();
      this.commit();
    });
  }

  /** Indices of the images whose class is shown. */
  shownImages() {
    const { space, hidden } = this;
    return space ? Array.from(space.label.keys()).filter((index) => !hidden.has(space.label[index])) : [];
  }

  /**
   * The live path: move the handle and show all that depends on its place.
   * @param {Pair} point @param {ArrayLike<number>} [z] its own
   */
  move(point, z = this.view?.latent(point)) {
    if (z) this.plane.moveTo(point, this.decode(point, z));
  }

  /** Draw the images again: the server has sent what was not here. */
  redraw() {
    const { space, plane, pageFrame } = this;
    if (!space || pageFrame.gone) return;
    if (space.decoder.problem) pageFrame.fail(space.decoder.problem, "This run cannot be shown");
    else pageFrame.recovered();
    this.decoded.forget();
    this.decode(plane.point, this.z);
    this.images.show();
  }

  /**
   * Show what z decodes to, and what lies near it.
   * @param {Pair} point its place on the plane @param {ArrayLike<number>} z
   * @returns {Pair | null} the nearest image's point
   */
  decode(point, z) {
    const { view, heldOut, payload: { classes } } = this;
    if (!view || !heldOut) return null;
    this.z = z;
    setAttribute(this.root, "data-z", (view.percentiles?.flat.project(z) ?? point).map(plain).join(","));
    const nearest = this.decoded.show(view, heldOut, classes, z);
    this.images.showLoss();
    this.lines.connect(view, point, z);
    this.trays.sliders.showZ(z);
    this.trays.samples.showChosen(z);
    return nearest;
  }

  /** The lines over the plane were switched. */
  showLines() {
    if (this.view) this.lines.connect(this.view, this.plane.point, this.z);
    this.commit();
  }

  /** @param {Pair} _point @param {number | null} index of a clicked image, -1 for none, null after a drag */
  release(_point, index) {
    if (index !== null && this.space) {
      this.image = index;
      this.plane.select(index);
      if (index >= 0) this.goTo(index);
      this.images.show();
    }
    this.commit();
  }

  /** Put the handle on a draw of the selected image's posterior. */
  drawZ() {
    const { view, image } = this;
    if (!view?.cov || image < 0) return;
    this.move(this.images.selected.drawn(view, image));
    this.commit();
  }

  /** Put the handle where a z is seen, whether its plane holds it or not. @param {ArrayLike<number>} z */
  goToZ(z) {
    const { space, plane } = this;
    if (!space || !this.view) return;
    if (space.dim > 2 && this.bar.kind === "axes") plane.remap(this.viewOf(space, z));
    this.move(this.view.reach(this.view.project(z)), z);
  }

  /** Put the handle on an image. @param {number} index */
  goTo(index) {
    const { space, plane } = this;
    if (!space || !this.view) return;
    // The image brings its other coordinates along.
    if (space.dim > 2 && this.bar.kind === "axes") plane.remap(this.viewOf(space, space.code(index)));
    const { view } = this;
    const point = view.reach(view.point(index));
    this.move(point, view.percentiles ? view.onto(space.code(index)) : view.latent(point));
  }

  /** Several images are selected together. @param {number[]} indices @param {boolean} adds to those selected before */
  select(indices, adds) {
    if (!this.space) return;
    this.selection = new Selection(adds ? [...this.selection.indices, ...indices] : indices);
    this.image = -1;
    this.plane.select(-1);
    this.plane.standOut(this.selection.mask(this.space.count));
    this.images.show();
    this.commit();
    this.pageFrame.say(
      this.selection.size ? `${counted(this.selection.size, this.kind)} selected` : "nothing selected",
    );
  }

  /** Select nothing. */
  clear() {
    this.select([], false);
  }

  /** @param {"Escape" | "Enter"} key */
  press(key) {
    if (key === "Escape") this.clear();
    else this.release(this.plane.point, this.decoded.nearest);
  }

  /** Tell the host where the handle rests, and speak it. */
  commit() {
    const { plane, view, z, bar, image, hidden, selection } = this;
    if (!view || this.pageFrame.gone) return;
    this.lines.walk(view, z);
    this.pageFrame.report({
      ...bar.report(view),
      ...this.trays.report(),
      view: this.viewBox.values,
      z: Array.from(z, rounded),
      at: view.dim > 2 && bar.kind === "umap" ? plane.point.map(rounded) : null,
      image: image >= 0 ? image : null,
      set: selection.values(),
      epoch: this.epochs.epoch === null ? null : rounded(this.epochs.epoch),
      hide: hidden.size ? [...hidden].sort((a, b) => a - b) : null,
    });
    this.pageFrame.say(this.describe(plane.point));
  }

  /** @param {Pair} point */
  describe(point) {
    const { space, payload: { classes }, decoded: { nearest } } = this;
    const shows = space && nearest >= 0 ? classWords(space.label[nearest], classes) : "";
    const what = space?.decodes ? "held-out image" : this.kind;
    const where = this.view?.percentiles?.words(point) ?? place(point, space?.dim ?? 2);
    return where + (shows ? `; nearest ${what}: ${shows}` : "");
  }

  resize() {
    this.plane.resize();
    this.pageFrame.root.style.setProperty("--lx-bar", `${this.appearance.height}px`);
    this.images.showBar();
  }

  destroy() {
    this.resizing.disconnect();
    this.firstSight.destroy();
    this.viewBox.destroy();
    this.epochs.destroy();
    this.plane.destroy();
    this.life.destroy();
  }
}
