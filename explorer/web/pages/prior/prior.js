// The Prior page: the decoder's images at percentiles of the prior, and samples from it.

import { explained } from "../../dom/explained.js";
import { download } from "../../dom/download.js";
import { place, plain, rounded, significant, vector } from "../../dom/format.js";
import { drawImage } from "../../dom/image.js";
import { LifeCycle } from "../../dom/life_cycle.js";
import { lightTogether } from "../../dom/lit_term.js";
import { loadSpace, wanted } from "../../run/loading.js";
import { Mosaic } from "./mosaic.js";
import { Laboratory } from "./laboratory.js";
import { LivingModel } from "./living_model.js";
import { LinePercentiles } from "./line_percentiles.js";
import { logPriorWords } from "../../run/log_prior.js";
import { Percentiles } from "./percentiles.js";
import { HTML, priorParts } from "./markup.js";
import { AncestralSamples } from "../../run/ancestral_samples.js";
import { PageFrame } from "../../dom/page_frame.js";
import { gridSentence, laboratorySentence, samplesSentence } from "./sentences.js";
import { pictureOf } from "../../dom/picture.js";
import { addShare } from "../../plane/share_page.js";
import { readTheme } from "../../dom/theme.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/**
 * @typedef {object} State  as PRIOR in explorer/views/pages.py
 * @property {string} dataset
 * @property {string} run
 * @property {number | null} given  class that a conditional run is given; null: the first
 * @property {number} side  cells
 * @property {number} low  percent of the prior below the first column
 * @property {"on" | "off"} holes  whether they are shaded
 * @property {number[] | null} z  where the cursor is
 * @property {number} seed  of the samples
 * @property {"mean" | "pixels"} draw
 * @property {"percentiles" | "fitted"} view
 * @property {string} fit  which of the fitted priors, "" for the best mixture
 */
/** @typedef {import("../../run/payload.js").Payload<State> & {fitted: import("./fitted.js").Fitted}} Payload */
/**
 * What the page's controls choose.
 * @typedef {Pick<State, "side" | "low" | "seed" | "draw" | "view" | "fit"> & {holes: boolean}} Options
 */

const PRINT_PIXELS = 3000;
const [LOWEST, HIGHEST] = [0.1, 45]; // percent: the widest and the narrowest range

export class Prior {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("../../dom/page_frame.js").Host} host */
  constructor(parent, payload, host) {
    this.pageFrame = new PageFrame(parent, "prior", HTML, host);
    this.life = new LifeCycle(this.pageFrame, payload, {
      wants: ({ state, runs }) => wanted({ runs }, [state.run], state.given),
      load: ({ state, runs }) => loadSpace(runs[state.run], state.given),
      show: (space) => this.show(space),
      restyle: (before) => this.restyle(before),
    });
    this.parts = priorParts(this.pageFrame);
    const file = () => `${this.payload.state.dataset}-${this.payload.state.run}-prior`;
    const share = { file, title: () => `The prior of ${this.payload.state.run}, decoded at its percentiles` };
    const grid = /** @type {HTMLElement} */ (this.parts.grid.closest(".lx-percentiles"));
    addShare(this.pageFrame, share, () => pictureOf(grid, share.title()));
    this.model = new LivingModel(this.pageFrame.root);
    lightTogether(this.pageFrame.root);
    /** @type {LatentSpace | null} */
    this.space = null;
    /** @type {Pair | null} that the grid's cursor stays on */
    this.point = null;
    /** @type {number[] | null} the point, or the whole z, that another page would show */
    this.target = null;
    const { side, low, holes, seed, draw, view, fit } = payload.state;
    /** @type {Options} */
    this.options = { side, low, holes: holes === "on", seed, draw, view, fit };
    this.laboratory = new Laboratory(this.pageFrame, {
      choose: (fit) => this.change({ fit }),
      again: () => this.change({ seed: (this.options.seed + 1) % 10000 }),
    });
    this.grid = new Mosaic(this.parts.grid, "Cell of the grid", "prior-grid", {
      move: (cell, stays) => this.showCell(cell, stays),
      leave: () => this.showStaying(),
      choose: () => this.open(),
      describe: (cell) => this.describe(cell),
    });
    this.sampled = new Mosaic(this.parts.sampled, "Sample", "prior-samples", {
      move: (cell, stays) => this.showSample(cell, stays),
      leave: () => this.showStaying(),
      choose: () => this.open(),
      describe: (cell) => `sample ${cell + 1}`,
    });
    /** which of the two the cursor stays on */
    this.active = this.grid;
    this.resizing = new ResizeObserver(() => [this.grid, this.sampled].forEach((mosaic) => mosaic.fit()));
    this.resizing.observe(this.parts.grid);
    this.resizing.observe(this.parts.sampled);
    this.listen();
    this.life.begin();
  }

  get payload() {
    return this.life.payload;
  }

  /** @param {Payload} payload */
  update(payload) {
    return this.life.update(payload);
  }

  /** Show a run. @param {LatentSpace} space */
  async show(space) {
    const { state } = this.payload;
    const asked = !this.space && state.z ? space.place(state.z) : this.point;
    this.space = space;
    this.samples = new AncestralSamples(space);
    this.drawGrid(asked ?? space.priorCenter());
    this.drawSamples();
    this.parts.grid.dataset.run = state.run;
    await this.showView();
  }

  /** The percentiles, or the laboratory, which is filled when it is seen. */
  async showView() {
    const { parts, space, laboratory, options: { view, fit, seed, side, low } } = this;
    this.pageFrame.root.dataset.view = view;
    for (const button of parts.views) button.setAttribute("aria-pressed", String(button.dataset.view === view));
    laboratory.parts.lab.hidden = view !== "fitted";
    if (!space) return;
    const empty = this.counts?.reduce((sum, count) => sum + Number(count === 0), 0) ?? 0;
    explained(
      parts.sentence,
      view === "fitted" ? laboratorySentence(space.dim) : gridSentence(shown(space), low, empty, side ** 2),
    );
    if (view === "fitted") await laboratory.show(space, this.payload, fit, seed);
  }

  /** After another theme, or another payload of the same run. @param {Payload} before */
  async restyle(before) {
    this.shade();
    if (this.options.view !== "fitted") return;
    this.laboratory.restyle();
    if (before.fitted !== this.payload.fitted) await this.showView();
  }

  /** Decode the grid. @param {Pair} point that the cursor is to keep to */
  drawGrid(point) {
    const { space, parts, options: { side, low } } = this;
    if (!space) return;
    const cells = (this.cells = space.line ? new LinePercentiles(side, low) : new Percentiles(space, side, low));
    this.counts = cells.counts(space);
    this.point = point;
    this.grid.draw(
      side,
      side,
      space.decoder.imageShape,
      (some, take) => space.decoder.decodeEach(some.map((cell) => space.latent(cells.point(cell))), take),
    );
    this.grid.place(cells.cell(point));
    this.active = this.grid;
    this.showStaying();
    this.shade();
    const empty = this.counts.reduce((sum, count) => sum + Number(count === 0), 0);
    const flat = space.dim === 2;
    this.pageFrame.root.classList.toggle("lx-one-dimension", space.line);
    this.pageFrame.root.classList.toggle("lx-many-dimensions", space.dim > 2);
    for (const axis of parts.axes) {
      const number = Number(axis.dataset.axis);
      axis.textContent = flat ? ["z₁", "z₂"][number] : `principal axis ${number + 1}`;
    }
    this.model.showGrid(shown(space), { side, low }, this.payload.state.given !== null);
    if (this.options.view === "percentiles") {
      explained(parts.sentence, gridSentence(shown(space), low, empty, side ** 2));
    }
    parts.side.value = String(side);
    parts.sideValue.textContent = `${side} × ${side}`;
    parts.range.value = String(Math.round((100 * Math.log(HIGHEST / low)) / Math.log(HIGHEST / LOWEST)));
    parts.rangeValue.textContent = this.rangeText();
    parts.range.setAttribute("aria-valuetext", this.rangeText());
    const [lowest, highest] = [`${low} %`, `${plain(100 - low)} %`];
    [highest, lowest, lowest, highest].forEach((text, i) => (parts.ticks[i].textContent = text));
  }

  rangeText() {
    const { low } = this.options;
    return `${low} % to ${plain(100 - low)} %`;
  }

  shade() {
    const { counts, options: { holes }, parts } = this;
    parts.holes.setAttribute("aria-pressed", String(holes));
    this.grid.tint((cell) => holes && counts?.[cell] === 0, readTheme(this.pageFrame.root).accent);
  }

  drawSamples() {
    const { samples, parts, space, options: { seed, draw } } = this;
    if (!samples || !space) return;
    const drawn = samples.canDrawPixels ? draw : "mean";
    for (const button of parts.draws) {
      button.setAttribute("aria-pressed", String(button.dataset.draw === drawn));
      if (button.dataset.draw !== "pixels") continue;
      button.disabled = !samples.canDrawPixels;
      if (button.disabled) {
        button.title =
          `Only a Bernoulli likelihood has black and white pixels; this run's is ${space.decoder.likelihood}`;
      }
    }
    explained(parts.drawn, samplesSentence(shown(space), drawn === "pixels", space.decoder));
    parts.seed.value = String(seed);
    samples.draw(seed, drawn === "pixels");
    this.sampled.draw(
      samples.columns,
      samples.rows,
      space.decoder.imageShape,
      (cells, take) => samples.decode(cells, take),
    );
    this.sampled.place(this.sampled.cell);
    this.showStaying();
  }

  /** Show a cell of the grid enlarged, with what is known of it. @param {number} cell @param {boolean} stays */
  showCell(cell, stays) {
    const { space, cells, counts, parts } = this;
    if (!space || !cells || !counts) return;
    const point = cells.point(cell);
    this.target = point;
    parts.percent.textContent = cells.words(cell);
    parts.count.textContent = counts[cell] ? `${counts[cell]} image${counts[cell] > 1 ? "s" : ""}` : "none: a hole";
    this.showLarge(space.latent(point), space.decode(point), "its mean");
    parts.open.disabled = false;
    this.nameOpen();
    if (!stays) return;
    this.active = this.grid;
    this.point = point;
    this.pageFrame.report({ z: this.named(point) });
    this.pageFrame.say(this.describe(cell));
  }

  /** What hovering showed gives way to the cell that the cursor stays on. */
  showStaying() {
    if (this.active === this.grid) this.showCell(this.grid.cell, false);
    else this.showSample(this.sampled.cell, false);
  }

  /** @param {number} cell @param {boolean} stays */
  showSample(cell, stays) {
    const { space, samples, parts } = this;
    if (!space || !samples) return;
    if (stays) this.active = this.sampled;
    const z = samples.z[cell];
    this.target = z;
    parts.open.disabled = false;
    this.nameOpen();
    parts.percent.textContent = `sample ${cell + 1}`;
    parts.count.textContent = `nearest: ${significant(space.nearestCodes(z, 1)[0].distance)}`;
    const whole = samples.pixels ? "its pixels drawn" : "its mean";
    samples.decode([cell], (pixels) => this.showLarge(z, pixels, whole));
  }

  /** @param {number[]} z @param {Float32Array} pixels @param {string} of  what of x they are */
  showLarge(z, pixels, of) {
    const { space, parts } = this;
    if (!space) return;
    drawImage(parts.cell, pixels, space.decoder.imageShape);
    parts.z.textContent = vector(z);
    this.model.showCode(z, of);
    parts.log.textContent = logPriorWords(space, z);
  }

  /** A cell of the grid in words. @param {number} cell */
  describe(cell) {
    const { cells, counts } = this;
    if (!cells || !counts) return "";
    return `${place(cells.point(cell), this.space?.dim ?? 2)}, percentiles ${cells.words(cell)}, ${
      counts[cell] || "no"
    } held-out images`;
  }

  /** A point as the address names it: a line's has one number. @param {Pair} point @returns {number[]} */
  named(point) {
    return point.slice(0, this.space?.line ? 1 : 2).map(rounded);
  }

  /** A point of the plane is for Explore; a sample of more dimensions lies on no plane, but Traverse has all of it. */
  get page() {
    return this.target && this.target.length > 2 ? "traverse" : "explore";
  }

  nameOpen() {
    this.parts.open.dataset.to = this.page;
    this.parts.open.textContent = this.page === "explore" ? "Open in Explore" : "Open in Traverse";
  }

  /** Show what is under the cursor on another page. */
  open() {
    const { dataset, run } = this.payload.state;
    if (this.target) this.pageFrame.goto(this.page, { dataset, run, z: this.target.map(rounded) });
  }

  /** Change some options, draw what they change, and report them. @param {Partial<Options>} options */
  change(options) {
    Object.assign(this.options, options);
    if ("side" in options || "low" in options) this.drawGrid(this.point ?? [0, 0]);
    if ("seed" in options || "draw" in options) this.drawSamples();
    if ("holes" in options) this.shade();
    const { side, low, holes, seed, draw, view, fit } = this.options;
    if ("view" in options) this.showView();
    else if (view === "fitted") this.laboratory.choose(fit, seed);
    this.pageFrame.report({ side, low, holes: holes ? "on" : "off", seed, draw, view, fit });
  }

  listen() {
    const { parts } = this;
    parts.side.oninput = () => this.change({ side: Number(parts.side.value) });
    parts.range.oninput = () => {
      // Evenly on a logarithmic scale, so that the tails have as much of the slider as the middle.
      const low = HIGHEST * (LOWEST / HIGHEST) ** (Number(parts.range.value) / 100);
      this.change({ low: Number(low.toPrecision(2)) });
    };
    parts.holes.onclick = () => this.change({ holes: !this.options.holes });
    parts.png.onclick = () => this.savePng();
    for (const button of parts.views) {
      button.onclick = () => this.change({ view: /** @type {State["view"]} */ (button.dataset.view) });
    }
    parts.open.onclick = () => this.open();
    for (const button of parts.draws) {
      button.onclick = () => this.change({ draw: /** @type {State["draw"]} */ (button.dataset.draw) });
    }
    parts.seed.onchange = () => {
      const seed = Math.min(Math.max(Math.trunc(Number(parts.seed.value)) || 0, 0), 9999);
      this.change({ seed });
    };
    parts.again.onclick = () => this.change({ seed: (this.options.seed + 1) % 10000 });
  }

  /** Save the grid, enlarged by a whole factor. */
  async savePng() {
    const { canvas } = this.grid;
    await this.grid.complete();
    const factor = Math.ceil(PRINT_PIXELS / Math.min(canvas.width, canvas.height));
    const print = Object.assign(document.createElement("canvas"), {
      width: canvas.width * factor,
      height: canvas.height * factor,
    });
    const context = /** @type {CanvasRenderingContext2D} */ (print.getContext("2d"));
    context.imageSmoothingEnabled = false;
    context.drawImage(canvas, 0, 0, print.width, print.height);
    const { side } = this.options;
    const { dataset, run } = this.payload.state;
    print.toBlob((blob) => {
      if (blob) download(blob, `${dataset}-${run}-prior-${side}x${side}.png`);
      else this.pageFrame.fail("the browser has no memory for it; choose fewer cells", "The PNG cannot be made");
    });
  }

  destroy() {
    this.resizing.disconnect();
    this.grid.destroy();
    this.sampled.destroy();
    this.laboratory.destroy();
    this.life.destroy();
  }
}

/** A run, as far as the sentences depend on it. @param {LatentSpace} space */
function shown({ dim, values, decoder }) {
  return { dim, deterministic: values.kl === null, learned: decoder.prior.standard ? "" : decoder.prior.words };
}
