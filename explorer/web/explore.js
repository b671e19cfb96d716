// The Explore page: the plane, the decoded image beside it, and what is known of both.

import { COLORINGS, Coloring } from "./coloring.js";
import { decimals, plain, significant } from "./format.js";
import { clearImage, drawImage } from "./image.js";
import { legend } from "./legend.js";
import { loadGallery, loadPlotly, loadSpace } from "./loading.js";
import { Plane } from "./plane.js";
import { HTML, panelParts } from "./panel.js";
import { Stage } from "./stage.js";
import { readTheme } from "./theme.js";
import { addToolbar } from "./toolbar.js";

/** @typedef {import("./camera.js").Pair} Pair */
/** @typedef {import("./latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("./stage.js").Payload} Payload */

const PREFETCHED_RUNS = 6;

export class Explore {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("./stage.js").Host} host */
  constructor(parent, payload, host) {
    this.payload = payload;
    this.stage = new Stage(parent, "explore", HTML, host);
    this.parts = panelParts(this.stage);
    /** the selected image, -1 for none */
    this.image = -1;
    /** the image drawn as the nearest, and the one in the tooltip */
    this.nearestDrawn = -1;
    this.hovered = -1;
    /** @type {LatentSpace | null} */
    this.space = null;
    /** @type {Uint8Array | null} */
    this.gallery = null;
    /** @type {Set<number>} classes switched off */
    this.hidden = new Set();
    this.generation = 0;
    this.resizing = new ResizeObserver(() => this.plane?.resize());
    this.start().catch((error) => this.fail(error));
  }

  async start() {
    const { assets, runs, state: { run }, gallery } = this.payload;
    const [plotly] = await Promise.all([loadPlotly(assets), loadSpace(runs[run]), loadGallery(gallery)]);
    if (this.stage.gone) return;
    this.plane = new Plane(this.parts.plane, {
      move: (point) => this.move(point),
      release: (point, index) => this.release(point, index),
      hover: (index, pixel) => this.hover(index, pixel),
      press: (key) => this.press(key),
      describe: (point) => this.describe(point),
    }, { plotly });
    this.resizing.observe(this.parts.plane);
    addToolbar(this.parts.plane, this.plane);
    await this.show(true);
    this.prefetch();
  }

  /** Take a new payload or theme: only what differs is drawn again. @param {Payload} payload */
  async update(payload) {
    const [before, now] = [this.payload.state, payload.state];
    this.payload = payload;
    this.stage.fitHeight();
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
    this.theme = readTheme(this.stage.root);
    this.plane?.setTheme(this.theme);
    this.plane?.setBackground(this.payload.state.background);
    if (!this.space || (!recolor && dark === this.theme.dark)) return;
    this.recolorLegend();
    await this.plane?.recolor(this.coloring());
  }

  /** Load and show the payload's run. @param {boolean} fresh nothing on screen is worth keeping */
  async show(fresh) {
    const generation = ++this.generation;
    const { payload, plane } = this;
    const [space, gallery] = await Promise.all([loadSpace(payload.runs[payload.state.run]), loadGallery(payload.gallery)]);
    if (this.stage.gone || generation !== this.generation || !plane) return;
    const point = this.arrive(space, fresh, plane.point);
    const changed = this.space !== space;
    this.space = space;
    this.stage.recovered();
    this.gallery = gallery && gallery.length === space.count * space.decoder.pixels ? gallery : null;
    this.theme = readTheme(this.stage.root);
    this.describeRun();
    this.recolorLegend();
    plane.setBackground(payload.state.background);
    plane.shown = this.shown();
    plane.selected = this.image;
    this.parts.plane.dataset.run = payload.state.run;
    this.parts.plane.dataset.dataset = payload.state.dataset;
    this.showSelected();
    this.nearestDrawn = -1;
    plane.nearest = this.decode(point);
    await plane.show(space, this.coloring(), this.theme, point);
    if (generation !== this.generation) return;
    this.stage.ready();
    this.parts.plane.dataset.ready = "true";
    if (changed) this.commit();
  }

  /**
   * Where the handle goes in the next run, and which image stays selected: a handle that lay on the selected image
   * goes with it, any other keeps its z.
   * @param {LatentSpace} space @param {boolean} fresh @param {Pair} point the handle's place until now @returns {Pair}
   */
  arrive(space, fresh, point) {
    const { space: before, payload: { state: initial } } = this;
    if (fresh) {
      this.hidden.clear();
      this.image = (before ? null : initial.image) ?? -1;
    }
    const attached = fresh ? before !== null || !initial.z : before !== null && this.image >= 0 && same(point, before.point(this.image));
    if (this.image >= space.count) this.image = -1;
    if (this.image >= 0 && attached) return space.point(this.image);
    if (!fresh) return point;
    return (before ? null : initial.z) ?? [0, 0];
  }

  coloring() {
    const { state: { color_by, background }, class_colors, value_colors } = this.payload;
    const space = /** @type {LatentSpace} */ (this.space);
    const onDark = Boolean(this.theme?.dark) || background === "manifold";
    return new Coloring(space, color_by, class_colors, value_colors, onDark);
  }

  recolorLegend() {
    const { classes, state } = this.payload;
    legend(this.parts.legend, this.coloring(), COLORINGS[/** @type {import("./coloring.js").ColorBy} */ (state.color_by)], classes, this.hidden, () => {
      this.plane?.filter(this.shown());
    });
  }

  /** @returns {(label: number) => boolean} */
  shown() {
    return (label) => !this.hidden.has(label);
  }

  /** The live path: move the handle and show all that depends on its place. @param {Pair} point */
  move(point) {
    const nearest = this.decode(point);
    this.plane?.moveTo(point, nearest);
  }

  /** Decode a point into the panel. @param {Pair} point @returns {Pair | null} the nearest image's point */
  decode(point) {
    const { space, parts } = this;
    if (!space) return null;
    this.pixels = space.decode(point, this.pixels?.length === space.decoder.pixels ? this.pixels : undefined);
    drawImage(parts.decoded, this.pixels, space.decoder.imageShape);
    parts.plane.dataset.z = point.map((v) => String(Number(v.toFixed(4)))).join(",");
    parts.z.textContent = `(${point.map((v) => decimals(v)).join(", ")})`;
    parts.logPrior.textContent = `${significant(space.logPrior(point))} nats`;
    const { index, distance } = space.nearest(point);
    if (index !== this.nearestDrawn) {
      this.nearestDrawn = index;
      this.drawHeldOut(parts.nearest, index);
      parts.nearestLabel.textContent = this.payload.classes[space.label[index]];
    }
    parts.distance.textContent = significant(distance);
    return space.point(index);
  }

  /** @param {Pair} point @param {number | null} index of a clicked image, -1 for none, null after a drag */
  release(point, index) {
    if (index !== null && this.plane && this.space) {
      this.image = index;
      this.plane.select(index);
      if (index >= 0) {
        this.move(this.space.point(index));
      }
      this.showSelected();
    }
    this.commit();
  }

  /** @param {"Escape" | "Enter"} key */
  press(key) {
    if (this.plane) this.release(this.plane.point, key === "Enter" ? this.nearestDrawn : -1);
  }

  /** Tell the host where the handle rests, and speak it. */
  commit() {
    if (!this.plane || this.stage.gone) return;
    this.stage.report({ z: this.plane.point.map(plain).join(","), image: this.image >= 0 ? String(this.image) : null });
    this.stage.say(this.describe(this.plane.point));
  }

  /** @param {Pair} point */
  describe(point) {
    const label = this.space && this.nearestDrawn >= 0
      ? `; nearest held-out image shows ${this.payload.classes[this.space.label[this.nearestDrawn]]}`
      : "";
    return `z ${decimals(point[0])}, ${decimals(point[1])}${label}`;
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
    if (image < 0 || !space) {
      clearImage(parts.selectedImage);
      clearImage(parts.selectedReconstruction);
      return;
    }
    this.drawHeldOut(parts.selectedImage, image);
    drawImage(parts.selectedReconstruction, space.reconstruct(image), space.decoder.imageShape);
    const { reconstruction, kl } = space.values;
    parts.selectedTitle.textContent = `Image ${image}, class ${this.payload.classes[space.label[image]]}`;
    parts.selectedTerms.textContent =
      `reconstruction ${significant(reconstruction[image])} nats, ` + (kl ? `KL ${significant(kl[image])} nats` : "no KL: a code without noise");
  }

  describeRun() {
    const { runs, state, definitions, gallery } = this.payload;
    const { title, sentence, figures } = runs[state.run];
    const { parts } = this;
    parts.title.textContent = title;
    parts.sentence.textContent = sentence;
    for (const [name, cell] of Object.entries(parts.figures)) {
      const value = figures[name];
      cell.textContent = value === null || value === undefined ? "none" : significant(value);
      cell.title = definitions[name] ?? "";
      if (cell.previousElementSibling instanceof HTMLElement) cell.previousElementSibling.title = definitions[name] ?? "";
    }
    parts.nearestTitle.textContent = gallery ? "Nearest held-out image" : "Nearest held-out image, as decoded";
  }

  /** Have the other runs at hand, so that the switch is instant. */
  async prefetch() {
    const runs = Object.values(this.payload.runs);
    if (runs.length > PREFETCHED_RUNS) return;
    for (const urls of runs) {
      await new Promise((resolve) => (window.requestIdleCallback ?? setTimeout)(() => resolve(null)));
      if (this.stage.gone) return;
      await loadSpace(urls).catch(() => {}); // an unreadable run is reported when it is chosen
    }
  }

  /** @param {unknown} error */
  fail(error) {
    this.stage.fail(error, "This run cannot be shown");
  }

  destroy() {
    this.resizing.disconnect();
    this.plane?.destroy();
    this.stage.destroy();
  }
}

/** @param {Pair} a @param {Pair} b */
function same(a, b) {
  return Math.hypot(a[0] - b[0], a[1] - b[1]) < 1e-3;
}
