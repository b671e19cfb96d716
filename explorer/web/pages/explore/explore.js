// The Explore page: the plane, the decoded image beside it, and what is known of both.

import { Selection } from "../../plane/selection.js";
import { Coloring } from "../../plane/coloring.js";
import { decimals, plain, significant, vector } from "../../dom/format.js";
import { clearImage, drawImage } from "../../dom/image.js";
import { legend } from "../../plane/legend.js";
import { loadGallery, loadPlotly, loadSpace } from "../../run/loading.js";
import { logDensity } from "../../maths/normal.js";
import { Plane } from "../../plane/plane.js";
import { PlaneBar } from "./plane_bar.js";
import { exploreParts, HTML } from "./markup.js";
import { PageFrame } from "../../dom/page_frame.js";
import { readTheme } from "../../dom/theme.js";
import { addToolbar } from "../../plane/toolbar.js";
import { PlaneLines } from "../../plane/plane_lines.js";
import { SelectionBar } from "./selection_bar.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../../run/payload.js").Payload} Payload */

const PREFETCHED_RUNS = 8;
const TIED = 8; // nearest latents that lines lead to

export class Explore {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("../../dom/page_frame.js").Host} host */
  constructor(parent, payload, host) {
    this.payload = payload;
    this.pageFrame = new PageFrame(parent, "explore", HTML, host);
    this.parts = exploreParts(this.pageFrame);
    /** the selected image, -1 for none */
    this.image = -1;
    /** the image drawn as the nearest, and the one in the tooltip */
    this.nearestDrawn = -1;
    this.hovered = -1;
    /** @type {LatentSpace | null} the run as its own plane shows it, and as the chosen projection does */
    this.space = null;
    this.view = /** @type {LatentSpace | null} */ (null);
    /** the latent vector that is decoded @type {ArrayLike<number>} */
    this.z = [0, 0];
    /** @type {Uint8Array | null} */
    this.gallery = null;
    /** @type {Set<number>} classes switched off */
    this.hidden = new Set();
    this.chosen = new Selection();
    this.bar = new PlaneBar(this.pageFrame, payload.state, {
      projected: () => this.reproject(),
      lined: () => this.relined(),
    });
    this.tray = new SelectionBar(this.pageFrame, {
      select: (index) => this.release([0, 0], index),
      selectShown: () => this.choose(this.shownImages(), false),
      clear: () => this.clear(),
      draw: (canvas, index) => this.drawHeldOut(canvas, index),
    });
    this.generation = 0;
    this.resizing = new ResizeObserver(() => this.resize());
    this.start().catch((error) => this.fail(error));
  }

  async start() {
    const { assets, runs, state: { run }, gallery } = this.payload;
    const [plotly] = await Promise.all([loadPlotly(assets), loadSpace(runs[run]), loadGallery(gallery)]);
    if (this.pageFrame.gone) return;
    this.plane = new Plane(this.parts.plane, {
      move: (point) => this.move(point),
      release: (point, index) => this.release(point, index),
      hover: (index, pixel) => this.hover(index, pixel),
      press: (key) => this.press(key),
      describe: (point) => this.describe(point),
      chosen: (indices, adds) => this.choose(indices, adds),
      placed: () => this.trails?.place(),
    }, { plotly });
    this.trails = new PlaneLines(this.plane);
    this.resizing.observe(this.parts.plane);
    addToolbar(this.parts.plane, this.plane);
    await this.show(true);
    this.prefetch();
  }

  /** Take a new payload or theme: only what differs is drawn again. @param {Payload} payload */
  async update(payload) {
    const [before, now] = [this.payload.state, payload.state];
    this.payload = payload;
    this.pageFrame.fitHeight();
    if (!this.plane) return; // start() will show the new payload
    const otherData = now.dataset !== before.dataset;
    try {
      if (otherData || now.run !== before.run) await this.show(otherData || !this.space);
      else await this.restyle(now.color_by !== before.color_by || now.background !== before.background);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Follow a change of theme or background, and draw the points again if their colours change. @param {boolean} recolor */
  async restyle(recolor) {
    const dark = this.theme?.dark;
    this.theme = readTheme(this.pageFrame.root);
    this.plane?.setTheme(this.theme);
    this.showBackground();
    if (!this.space || (!recolor && dark === this.theme.dark)) return;
    this.recolorLegend();
    await this.plane?.recolor(this.coloring());
  }

  /** Load and show the payload's run. @param {boolean} fresh nothing on screen is worth keeping */
  async show(fresh) {
    const generation = ++this.generation;
    const { payload, plane } = this;
    const [space, gallery] = await Promise.all([
      loadSpace(payload.runs[payload.state.run]),
      loadGallery(payload.gallery),
    ]);
    if (this.pageFrame.gone || generation !== this.generation || !plane) return;
    const point = this.arrive(space, fresh, plane.point);
    const view = /** @type {LatentSpace} */ (this.view);
    const changed = this.space !== space;
    this.space = space;
    this.pageFrame.recovered();
    this.gallery = gallery && gallery.length === space.count * space.decoder.pixels ? gallery : null;
    this.theme = readTheme(this.pageFrame.root);
    this.describeRun();
    this.recolorLegend();
    this.showBackground();
    this.bar.show(view);
    this.pageFrame.root.classList.toggle("lx-many", view.dim > 2);
    plane.shown = this.shown();
    plane.selected = this.image;
    plane.mask = this.chosen.mask(space.count);
    this.parts.plane.dataset.run = payload.state.run;
    this.parts.plane.dataset.dataset = payload.state.dataset;
    space.decoder.arrived = () => this.redraw();
    this.showSelected();
    this.nearestDrawn = -1;
    plane.nearest = this.decode(point, this.z);
    await plane.show(view, this.coloring(), this.theme, point);
    if (generation !== this.generation) return;
    this.pageFrame.ready();
    this.parts.plane.dataset.ready = "true";
    if (changed) this.commit();
  }

  /**
   * Set view and z for the next run; returns where its handle goes. What is selected stays selected; a handle that lay
   * on the selected image goes with it, any other keeps its z.
   * @param {LatentSpace} space @param {boolean} fresh @param {Pair} point the handle's place until now @returns {Pair}
   */
  arrive(space, fresh, point) {
    const { space: before, view: seen, payload: { state, runs } } = this;
    const { kl_per_dimension } = runs[state.run];
    const initial = before ? null : state;
    if (fresh) {
      this.hidden = new Set(initial?.hide ?? []);
      this.image = initial?.image ?? -1;
      this.chosen = new Selection(initial?.set ?? []);
      if (before) this.bar.reset();
    }
    const attached = fresh ? !initial?.z : seen !== null && this.image >= 0 && same(point, seen.point(this.image));
    if (this.image >= space.count) this.image = -1;
    this.chosen = this.chosen.below(space.count);
    const onImage = this.image >= 0 && attached;
    /** @type {ArrayLike<number>} */
    let z = space.latent(space.priorCenter());
    if (onImage) z = space.code(this.image);
    else if (!fresh && this.z.length === space.dim) z = this.z;
    else if (initial?.z) z = initial.z.length === space.dim ? initial.z : space.latent(initial.z);
    this.view = this.bar.seen(space, kl_per_dimension, z);
    const at = space.dim > 2 && this.bar.kind === "umap" ? initial?.at : null;
    const next = onImage ? this.view.point(this.image) : at ?? this.view.project(z);
    this.z = this.view.latent(next);
    return next;
  }

  /** Show the run on the plane of another projection; z stays, as far as that plane holds it. */
  async reproject() {
    const { space, view, plane, theme, payload: { runs, state } } = this;
    if (!space || !view || !plane || !theme) return;
    const onImage = this.image >= 0 && same(plane.point, view.point(this.image));
    const z = onImage ? space.code(this.image) : this.z;
    const next = (this.view = this.bar.seen(space, runs[state.run].kl_per_dimension, z));
    const point = onImage ? next.point(this.image) : next.project(z);
    this.bar.show(next);
    this.showBackground();
    this.nearestDrawn = -1;
    plane.nearest = this.decode(point, next.latent(point));
    await plane.show(next, this.coloring(), theme, point);
    this.commit();
  }

  /** The prior has no shape on a map without an inverse; the server decodes one image at a time, no manifold. */
  showBackground() {
    const { background } = this.payload.state;
    const { server = "" } = this.space?.decoder ?? {};
    this.parts.server.hidden = !server;
    this.parts.server.title = server;
    this.parts.server.textContent = `decoded by the server${background === "manifold" ? ": no manifold" : ""}`;
    this.plane?.setBackground(
      background === "prior" && this.view?.dim !== 2 && this.bar.kind === "umap" ? "nothing" : background,
    );
  }

  /** The lines over the plane were switched. */
  relined() {
    this.tie();
    this.rest();
    this.commit();
  }

  coloring() {
    const { state: { color_by, background }, class_colors, value_colors } = this.payload;
    const space = /** @type {LatentSpace} */ (this.space);
    const onDark = Boolean(this.theme?.dark) || background === "manifold";
    return new Coloring(space, color_by, class_colors, value_colors, onDark);
  }

  recolorLegend() {
    const { classes } = this.payload;
    legend(this.parts.legend, this.coloring(), classes, this.hidden, () => {
      this.plane?.filter(this.shown());
      this.commit();
    });
  }

  /** @returns {(label: number) => boolean} */
  shown() {
    return (label) => !this.hidden.has(label);
  }

  /** Indices of the images whose class is shown. */
  shownImages() {
    const { space, hidden } = this;
    return space ? Array.from(space.label.keys()).filter((index) => !hidden.has(space.label[index])) : [];
  }

  /** The live path: move the handle and show all that depends on its place. @param {Pair} point */
  move(point) {
    if (!this.view) return;
    const nearest = this.decode(point, this.view.latent(point));
    this.plane?.moveTo(point, nearest);
  }

  /** Draw the images again: the server has sent what was not here. */
  redraw() {
    const { space, plane, pageFrame } = this;
    if (!space || !plane || pageFrame.gone) return;
    if (space.decoder.problem) this.fail(space.decoder.problem);
    this.nearestDrawn = -1;
    this.decode(plane.point, this.z);
    this.showSelected();
  }

  /** Show what z decodes to, and what lies near it. @param {Pair} point its place on the plane @param {ArrayLike<number>} z @returns {Pair | null} the nearest image's point */
  decode(point, z) {
    const { view, parts } = this;
    if (!view) return null;
    this.z = z;
    this.pixels = view.decoder.decode(z, this.pixels?.length === view.decoder.pixels ? this.pixels : undefined);
    drawImage(parts.decoded, this.pixels, view.decoder.imageShape);
    parts.plane.dataset.z = point.map((v) => String(Number(v.toFixed(4)))).join(",");
    parts.z.textContent = vector(z);
    parts.logPrior.textContent = `${significant(logDensity(z))} nats`;
    const [{ index, distance }] = view.nearestCodes(z, 1);
    if (index !== this.nearestDrawn) {
      this.nearestDrawn = index;
      this.drawHeldOut(parts.nearest, index);
      parts.nearestLabel.textContent = this.payload.classes[view.label[index]];
    }
    parts.distance.textContent = significant(Math.round(1e6 * distance) / 1e6); // a mean of latents is one of them but for rounding
    this.tie(point);
    return view.point(index);
  }

  /** Lines to the nearest latents, if they are wanted. @param {Pair} [point] of z */
  tie(point = this.plane?.point ?? [0, 0]) {
    const { view, z, bar, trails } = this;
    if (!view || !trails) return;
    const wanted = bar.lines.has("neighbours");
    trails.tie(view, z, point, wanted ? view.nearestCodes(z, TIED).map(({ index }) => index) : []);
  }

  /** What follows the handle only where it comes to rest. */
  rest() {
    this.trails?.walk(this.bar.lines.has("walk") ? this.view : null, this.z, this.bar.walk);
  }

  /** @param {Pair} point @param {number | null} index of a clicked image, -1 for none, null after a drag */
  release(point, index) {
    const { plane, space } = this;
    if (index !== null && plane && space) {
      this.image = index;
      plane.select(index);
      if (index >= 0) this.goTo(index);
      this.showSelected();
    }
    this.commit();
  }

  /** Put the handle on an image. @param {number} index */
  goTo(index) {
    const { space, plane, payload: { runs, state } } = this;
    if (!space || !plane || !this.view) return;
    if (space.dim > 2 && this.bar.kind === "axes") {
      // The image brings its other coordinates along.
      this.view = this.bar.seen(space, runs[state.run].kl_per_dimension, space.code(index));
      plane.remap(this.view);
    }
    this.move(this.view.point(index));
  }

  /** Several images are selected together. @param {number[]} indices @param {boolean} adds to those selected before */
  choose(indices, adds) {
    if (!this.space || !this.plane) return;
    this.chosen = new Selection(adds ? [...this.chosen.indices, ...indices] : indices);
    this.image = -1;
    this.plane.select(-1);
    this.plane.standOut(this.chosen.mask(this.space.count));
    this.showSelected();
    this.commit();
    this.pageFrame.say(`${this.chosen.size || "no"} images selected`);
  }

  /** Select nothing. */
  clear() {
    this.choose([], false);
  }

  /** @param {"Escape" | "Enter"} key */
  press(key) {
    if (!this.plane) return;
    if (key === "Escape") this.clear();
    else this.release(this.plane.point, this.nearestDrawn);
  }

  /** Tell the host where the handle rests, and speak it. */
  commit() {
    const { plane, view, z, bar, image, hidden, chosen } = this;
    if (!plane || !view || this.pageFrame.gone) return;
    this.rest();
    this.pageFrame.report({
      ...bar.report(view),
      z: Array.from(z, plain).join(","),
      at: view.dim > 2 && bar.kind === "umap" ? plane.point.map(plain).join(",") : null,
      image: image >= 0 ? String(image) : null,
      set: chosen.text(),
      hide: hidden.size ? [...hidden].sort((a, b) => a - b).join(",") : null,
    });
    this.pageFrame.say(this.describe(plane.point));
  }

  /** @param {Pair} point */
  describe(point) {
    const label = this.space && this.nearestDrawn >= 0
      ? `; nearest held-out image shows ${this.payload.classes[this.space.label[this.nearestDrawn]]}`
      : "";
    return `z ${decimals(point[0])}, ${decimals(point[1])}${
      this.space && this.space.dim > 2 ? " on the plane" : ""
    }${label}`;
  }

  /** A held-out image, or, without a gallery, the run's own picture of it. @param {HTMLCanvasElement} canvas @param {number} index */
  drawHeldOut(canvas, index) {
    const { space, gallery } = this;
    if (!space) return;
    const { pixels, imageShape } = space.decoder;
    if (gallery) drawImage(canvas, gallery.subarray(index * pixels, (index + 1) * pixels), imageShape, 1);
    else drawImage(canvas, space.reconstruct(index), imageShape);
  }

  /** @param {number} index @param {Pair} pixel */
  hover(index, [x, y]) {
    const { tooltip, tooltipImage, tooltipReconstruction, tooltipText, plane } = this.parts;
    tooltip.hidden = index < 0;
    if (index < 0 || !this.space) return;
    if (index !== this.hovered) {
      this.drawHeldOut(tooltipImage, index);
      drawImage(tooltipReconstruction, this.space.reconstruct(index), this.space.decoder.imageShape);
      tooltipText.textContent = `Image ${index}, class ${this.payload.classes[this.space.label[index]]}`;
      this.hovered = index;
    }
    const right = x + tooltip.offsetWidth + 72 > plane.clientWidth;
    const below = y + tooltip.offsetHeight + 48 > plane.clientHeight;
    tooltip.style.left = `${x + 40 + (right ? -tooltip.offsetWidth - 16 : 16)}px`;
    tooltip.style.top = `${y + 8 + (below ? -tooltip.offsetHeight - 16 : 16)}px`;
  }

  showSelected() {
    const { space, image, parts } = this;
    this.hovered = -1;
    parts.selected.classList.toggle("lx-empty", image < 0 || !space);
    if (space) this.tray.show(space, this.gallery, this.payload.classes, image, this.chosen);
    if (image < 0 || !space) {
      clearImage(parts.selectedImage);
      clearImage(parts.selectedReconstruction);
      return;
    }
    this.drawHeldOut(parts.selectedImage, image);
    drawImage(parts.selectedReconstruction, space.reconstruct(image), space.decoder.imageShape);
    const { reconstruction, kl } = space.values;
    parts.selectedTitle.textContent = `Image ${image}, class ${this.payload.classes[space.label[image]]}`;
    parts.selectedTerms.textContent = `reconstruction ${significant(reconstruction[image])} nats, ` +
      (kl ? `KL ${significant(kl[image])} nats` : "no KL: a code without noise");
  }

  describeRun() {
    const { runs, state, definitions, gallery } = this.payload;
    const { title, sentence, metrics } = runs[state.run];
    const { parts } = this;
    parts.title.textContent = title;
    parts.sentence.textContent = sentence;
    for (const [name, cell] of Object.entries(parts.figures)) {
      const value = metrics[name];
      cell.textContent = value === null || value === undefined ? "none" : significant(value);
      cell.title = definitions[name] ?? "";
      if (cell.previousElementSibling instanceof HTMLElement) {
        cell.previousElementSibling.title = definitions[name] ?? "";
      }
    }
    parts.nearestTitle.textContent = gallery ? "Nearest held-out image" : "Nearest held-out image, as decoded";
  }

  resize() {
    this.plane?.resize();
    if (this.space) this.tray.show(this.space, this.gallery, this.payload.classes, this.image, this.chosen);
  }

  /** Have the other runs at hand, so that the switch is instant. */
  async prefetch() {
    const runs = Object.values(this.payload.runs);
    if (runs.length > PREFETCHED_RUNS) return;
    for (const urls of runs) {
      await new Promise((resolve) => (window.requestIdleCallback ?? setTimeout)(() => resolve(null)));
      if (this.pageFrame.gone) return;
      await loadSpace(urls).catch(() => {}); // an unreadable run is reported when it is chosen
    }
  }

  /** @param {unknown} error */
  fail(error) {
    this.pageFrame.fail(error, "This run cannot be shown");
  }

  destroy() {
    this.resizing.disconnect();
    this.plane?.destroy();
    this.pageFrame.destroy();
  }
}

/** @param {Pair} a @param {Pair} b */
function same(a, b) {
  return Math.hypot(a[0] - b[0], a[1] - b[1]) < 1e-3;
}
