// The Traverse page: one live slider and one row of decoded images for each latent dimension, by KL.

import { explained } from "../../dom/explained.js";
import { BackgroundWork } from "../../dom/background_work.js";
import { plain, rounded, significant, termsInNats, vector } from "../../dom/format.js";
import { drawImage, fill } from "../../dom/image.js";
import { pictureOf } from "../../dom/picture.js";
import { addShare } from "../../plane/share_page.js";
import { LifeCycle } from "../../dom/life_cycle.js";
import { PageFrame } from "../../dom/page_frame.js";
import { dimensionOrder, variance } from "../../maths/latent_dimensions.js";
import { HeldOut } from "../../run/held_out.js";
import { classWords } from "../../run/image_words.js";
import { logPriorWords } from "../../run/log_prior.js";
import { loadGallery, loadSpace, wanted } from "../../run/loading.js";
import { addRow, HTML, NO_FACTOR, traverseParts } from "./markup.js";
import { traverseSentence } from "./sentences.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("./markup.js").Row} Row */
/**
 * @typedef {object} State  as TRAVERSE in explorer/views/pages.py
 * @property {string} dataset
 * @property {string} run
 * @property {number | null} given  class that a conditional run is given; null: the first
 * @property {number[] | null} z  a latent vector, or a point of the plane
 * @property {number | null} image  that z begins at
 * @property {number | null} steps  images a row; null: as many as the run's dimensions leave room for
 */
/**
 * `active_variance`: of a dimension's posterior means, above which it is active. `followed`: the factor that each
 * dimension follows, if the data has factors.
 * @typedef {import("../../run/payload.js").Payload<State>
 *   & {active_variance: number, followed: (import("./markup.js").Followed | null)[] | null}} Payload
 */

const SPAN = 3; // standard deviations of the prior to each side that every row spans
const OUTER = 0.005; // share of the codes at each end that may lie outside
const FEW = 3; // dimensions, for each of which there is room for a wide strip below its slider
const LARGE = 7; // images a row of one dimension or two, as tall as the room is: a step is a standard deviation or more
const SMALL = 11; // images a row of more dimensions
const BATCH = 4; // images decoded at once: what the network is fastest at

export class Traverse {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("../../dom/page_frame.js").Host} host */
  constructor(parent, payload, host) {
    this.pageFrame = new PageFrame(parent, "traverse", HTML, host);
    this.life = new LifeCycle(this.pageFrame, payload, {
      wants: ({ state, runs, gallery }) => wanted({ runs, gallery }, [state.run], state.given),
      load: ({ state, runs, gallery }) => Promise.all([loadSpace(runs[state.run], state.given), loadGallery(gallery)]),
      show: ([space, gallery]) => this.show(space, gallery),
      restyle: () => {}, // all colours are the style sheet's
    });
    this.parts = traverseParts(this.pageFrame);
    const file = () => `${this.payload.state.dataset}-${this.payload.state.run}-traverse`;
    const share = { file, title: () => `Each latent dimension of ${this.payload.state.run} by itself` };
    addShare(this.pageFrame, share, () => pictureOf(this.parts.rows, share.title()));
    /** @type {LatentSpace | null} */
    this.space = null;
    /** of the run that is shown @type {string | null} */
    this.dataset = null;
    /** @type {HeldOut | null} */
    this.heldOut = null;
    /** of each dimension, in nats, if the run has it @type {number[] | null} */
    this.kl = null;
    /** @type {number[]} */
    this.z = [];
    /** the image that z began at, -1 for none */
    this.image = -1;
    /** images a row, if they have been chosen @type {number | null} */
    this.chosenSteps = payload.state.steps;
    /** @type {Row[]} */
    this.rows = [];
    this.work = new BackgroundWork(["rows"]);
    this.listen();
    this.life.begin();
  }

  get payload() {
    return this.life.payload;
  }

  /** Images a row. */
  get steps() {
    return this.chosenSteps ?? ((this.space?.dim ?? 0) <= 2 ? LARGE : SMALL);
  }

  /** @param {Payload} payload */
  update(payload) {
    return this.life.update(payload);
  }

  listen() {
    const { parts } = this;
    parts.image.onchange = () => {
      const index = Number(parts.image.value);
      if (parts.image.value !== "" && Number.isInteger(index) && index >= 0 && index < (this.space?.count ?? 0)) {
        this.begin(index);
      } else parts.image.value = this.image >= 0 ? String(this.image) : "";
    };
    parts.center.onclick = () => this.begin(-1);
    parts.steps.onchange = () => {
      const steps = Math.round(Number(parts.steps.value));
      if (parts.steps.value !== "") this.chosenSteps = Math.min(Math.max(steps, 5), 21);
      this.buildRows();
      this.commit();
    };
    parts.open.onclick = () => {
      const { dataset, run } = this.payload.state;
      this.pageFrame.goto("explore", {
        dataset,
        run,
        z: this.z.map(rounded),
        image: this.image >= 0 ? this.image : null,
      });
    };
  }

  /**
   * Show a run. At first the address says where to begin; a run of the same images keeps the image, or z.
   * @param {LatentSpace} space @param {Uint8Array | null} gallery
   */
  show(space, gallery) {
    const { state, runs, classes } = this.payload;
    const before = this.space;
    const sameImages = state.dataset === this.dataset;
    const atCode = before && sameImages && this.image >= 0 &&
      this.z.every((v, d) => Math.abs(v - before.code(this.image)[d]) < 1e-3);
    this.space = space;
    this.dataset = state.dataset;
    this.heldOut = HeldOut.of(space, gallery, classes.length);
    this.kl = runs[state.run].kl_per_dimension;
    if (!sameImages) this.image = before ? -1 : (state.image ?? -1);
    if (this.image >= space.count) this.image = -1;
    if (!before && state.z) {
      this.z = state.z.length === space.dim ? [...state.z] : space.latent(/** @type {Pair} */ (state.z));
    } else if (!sameImages || atCode || this.z.length !== space.dim) this.z = this.start(space);
    this.parts.image.max = String(space.count - 1);
    this.buildRows();
    this.pageFrame.root.dataset.run = state.run;
    if (before) this.commit();
  }

  /** The code of the image to begin at, or else the prior's mean. @param {LatentSpace} space @returns {number[]} */
  start(space) {
    return this.image >= 0 ? Array.from(space.code(this.image)) : new Array(space.dim).fill(0);
  }

  /** Begin at an image's code, or at the prior's mean. @param {number} image -1 for none */
  begin(image) {
    if (!this.space) return;
    this.image = image;
    this.z = this.start(this.space);
    this.buildRows();
    this.commit();
  }

  /** Build the rows: the dimension that says most about the image comes first. */
  buildRows() {
    const { space, parts, kl, payload: { active_variance, followed } } = this;
    if (!space) return;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.testid;
    parts.rows.replaceChildren();
    parts.rows.classList.toggle("lx-few", space.dim <= FEW);
    const klTexts = kl?.length === space.dim ? termsInNats(kl) : null;
    this.rows = dimensionOrder(space, kl).map((d) => {
      const active = variance(space.mu, space.dim, space.count, d) > active_variance;
      const [low, high] = this.range(d);
      const row = addRow(parts.rows, {
        d,
        low,
        high,
        active,
        kl: klTexts ? `${klTexts[d]} nats` : "",
        factor: followed && ((active ? followed[d] : null) ?? NO_FACTOR),
        steps: this.steps,
        shape: space.decoder.imageShape,
      });
      row.slider.oninput = () => this.slide(row, Number(row.slider.value));
      row.slider.onchange = () => this.commit();
      row.canvas.onclick = (event) => {
        const box = row.canvas.getBoundingClientRect();
        const step = Math.min(
          Math.max(Math.floor(((event.clientX - box.left) / box.width) * this.steps), 0),
          this.steps - 1,
        );
        this.slide(row, this.value(row, step));
        this.commit();
      };
      return row;
    });
    const inactive = this.rows.filter(({ active }) => !active).length;
    explained(parts.sentence, traverseSentence(space.dim, inactive, Boolean(kl), Boolean(followed)));
    parts.steps.value = String(this.steps);
    parts.image.value = this.image >= 0 ? String(this.image) : "";
    if (focused) /** @type {HTMLElement | null} */ (parts.rows.querySelector(`[data-testid="${focused}"]`))?.focus();
    this.showZ();
  }

  /**
   * What the slider of a dimension spans: the prior's bulk, the codes, and z.
   * @param {number} d @returns {[number, number]}
   */
  range(d) {
    const { mu, dim, count } = /** @type {LatentSpace} */ (this.space);
    const sorted = Float32Array.from({ length: count }, (_, i) => mu[i * dim + d]).sort();
    const outer = Math.floor(OUTER * (count - 1));
    return [Math.min(-SPAN, sorted[outer], this.z[d]), Math.max(SPAN, sorted[count - 1 - outer], this.z[d])];
  }

  /** z of the row's dimension at one of its images. @param {Row} row @param {number} step */
  value({ low, high }, step) {
    return low + (step * (high - low)) / (this.steps - 1);
  }

  /** The live path: one coordinate of z is another. @param {Row} row @param {number} value */
  slide(row, value) {
    this.work.slowDown();
    this.z[row.d] = value;
    this.showZ();
  }

  /** Show all that depends on z: the large image at once, the rows as fast as the frames allow. */
  showZ() {
    const { space, heldOut, parts, z, payload: { classes } } = this;
    if (!space || !heldOut) return;
    this.pixels = space.decoder.decode(z, this.pixels?.length === space.decoder.pixels ? this.pixels : undefined);
    drawImage(parts.decoded, this.pixels, space.decoder.imageShape);
    parts.z.textContent = vector(z);
    parts.logDensity.textContent = logPriorWords(space, z);
    const [{ index, distance }] = space.nearestCodes(z, 1);
    heldOut.draw(parts.nearest, space, index);
    parts.nearestTitle.textContent = heldOut.gallery ? "Nearest held-out image" : "Nearest held-out image, as decoded";
    const away = `${significant(Math.round(1e6 * distance) / 1e6)} from z`;
    parts.nearestWords.textContent = [classWords(space.label[index], classes), away].filter(Boolean).join(", ");
    for (const row of this.rows) row.mark(z[row.d]);
    this.pageFrame.root.dataset.z = z.map(plain).join(",");
    this.pageFrame.root.dataset.complete = "false";
    this.work.follow("rows", () => this.decodeRows());
  }

  /** @returns {Generator<void, void>} */
  *decodeRows() {
    const { space, rows, steps } = this;
    if (!space) return;
    const shape = space.decoder.imageShape;
    const image = new ImageData(shape[2], shape[1]);
    for (const row of rows) {
      for (let step = 0; step < steps; step += BATCH) {
        const codes = Array.from(
          { length: Math.min(BATCH, steps - step) },
          (_, i) => this.z.map((v, d) => (d === row.d ? this.value(row, step + i) : v)),
        );
        space.decoder.decodeEach(codes, (pixels, i) => {
          fill(image.data, pixels, shape, 255);
          row.context.putImageData(image, (step + i) * shape[2], 0);
        });
        yield;
      }
    }
    if (!this.work.waiting.has("rows")) this.pageFrame.root.dataset.complete = "true";
  }

  /** Tell the host how the page stands, and speak it. */
  commit() {
    this.pageFrame.report({
      z: this.z.map(rounded),
      image: this.image >= 0 ? this.image : null,
      steps: this.chosenSteps,
    });
    this.pageFrame.say(`${this.parts.nearestTitle.textContent}: ${this.parts.nearestWords.textContent}`);
  }

  destroy() {
    this.work.destroy();
    this.life.destroy();
  }
}
