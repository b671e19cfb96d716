// The Traverse page: one live slider and one row of decoded images for each latent dimension, by KL.

import { plain, significant, vector } from "../../dom/format.js";
import { BackgroundWork } from "../../dom/background_work.js";
import { drawImage, fill } from "../../dom/image.js";
import { loadGallery, loadSpace } from "../../run/loading.js";
import { logDensity } from "../../maths/normal.js";
import { dimensionOrder, variance } from "../../maths/latent_dimensions.js";
import { PageFrame } from "../../dom/page_frame.js";
import { addRow, HTML, traverseParts } from "./markup.js";

/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../../run/payload.js").Payload & {active_variance: number}} Payload */
/** @typedef {import("./markup.js").Row} Row */

const REACH = 3; // standard deviations of the prior that every row spans
const OUTER = 0.005; // share of the codes at each end that may lie outside
const BATCH = 4; // images decoded at once: what the network is fastest at

export class Traverse {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("../../dom/page_frame.js").Host} host */
  constructor(parent, payload, host) {
    this.payload = payload;
    this.pageFrame = new PageFrame(parent, "traverse", HTML, host);
    this.parts = traverseParts(this.pageFrame);
    /** @type {LatentSpace | null} */
    this.space = null;
    /** @type {number[]} */
    this.z = [];
    /** the image that z began at, -1 for none */
    this.image = -1;
    this.steps = payload.state.steps;
    /** @type {Row[]} */
    this.rows = [];
    this.work = new BackgroundWork(["rows"]);
    this.listen();
    this.show(true);
  }

  /** @param {Payload} payload */
  update(payload) {
    const { run, dataset } = this.payload.state;
    this.payload = payload;
    this.pageFrame.fitHeight();
    if (payload.state.run !== run || payload.state.dataset !== dataset) this.show(payload.state.dataset !== dataset);
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
      this.steps = Number.isFinite(steps) ? Math.min(Math.max(steps, 5), 21) : this.steps;
      this.lay();
      this.commit();
    };
    parts.open.onclick = () => {
      const { dataset, run } = this.payload.state;
      this.pageFrame.goto("explore", {
        dataset,
        run,
        z: this.z.map(plain).join(","),
        ...(this.image >= 0 ? { image: String(this.image) } : {}),
      });
    };
  }

  /** Load and show the payload's run. @param {boolean} fresh other images than before */
  async show(fresh) {
    const { payload, pageFrame } = this;
    const { state, runs } = payload;
    try {
      const [space, gallery] = await Promise.all([loadSpace(runs[state.run]), loadGallery(payload.gallery)]);
      if (pageFrame.gone || this.payload !== payload) return;
      const before = this.space;
      const initial = before ? null : state;
      this.gallery = gallery && gallery.length === space.count * space.decoder.pixels ? gallery : null;
      this.space = space;
      pageFrame.recovered();
      if (fresh) this.image = initial?.image ?? -1;
      if (this.image >= space.count) this.image = -1;
      const own = this.image >= 0 ? Array.from(space.code(this.image)) : new Array(space.dim).fill(0);
      const attached = before && !fresh && this.image >= 0 &&
        this.z.every((v, d) => Math.abs(v - before.code(this.image)[d]) < 1e-3);
      if (initial?.z) this.z = initial.z.length === space.dim ? [...initial.z] : space.latent(initial.z);
      else if (fresh || attached || this.z.length !== space.dim) this.z = own;
      this.parts.image.max = String(space.count - 1);
      this.lay();
      pageFrame.root.dataset.run = state.run;
      pageFrame.ready();
      if (before) this.commit();
    } catch (error) {
      pageFrame.fail(error, "This run cannot be shown");
    }
  }

  /** Begin at an image's code, or at the prior's mean. @param {number} image -1 for none */
  begin(image) {
    const { space } = this;
    if (!space) return;
    this.image = image;
    this.z = image >= 0 ? Array.from(space.code(image)) : new Array(space.dim).fill(0);
    this.lay();
    this.commit();
  }

  /** Build the rows: the dimension that says most about the image comes first. */
  lay() {
    const { space, parts, payload: { runs, state, active_variance } } = this;
    if (!space) return;
    const kl = runs[state.run].kl_per_dimension;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.testid;
    parts.rows.replaceChildren();
    this.rows = dimensionOrder(space, kl).map((d) => {
      const active = variance(space.mu, space.dim, space.count, d) > active_variance;
      const worth = kl?.length === space.dim ? `${significant(kl[d])} nats` : "";
      const [low, high] = this.reach(d);
      const row = addRow(parts.rows, {
        d,
        low,
        high,
        active,
        worth,
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
    const idle = this.rows.filter(({ active }) => !active).length;
    const ordered = kl
      ? "by the KL of the dimension"
      : "by the variance of the code (this run has no KL of a dimension)";
    parts.sentence.textContent =
      `One latent dimension changes in each row, the others stay: ${space.dim} rows ${ordered}` +
      (idle
        ? `; ${idle} ${idle === 1 ? "is" : "are"} inactive, greyed: the encoder leaves them to the prior.`
        : ", all of them active.");
    parts.steps.value = String(this.steps);
    parts.image.value = this.image >= 0 ? String(this.image) : "";
    if (focused) /** @type {HTMLElement | null} */ (parts.rows.querySelector(`[data-testid="${focused}"]`))?.focus();
    this.place();
  }

  /** What the slider of a dimension spans: the prior's bulk, the codes, and z. @param {number} d @returns {[number, number]} */
  reach(d) {
    const { mu, dim, count } = /** @type {LatentSpace} */ (this.space);
    const sorted = Float32Array.from({ length: count }, (_, i) => mu[i * dim + d]).sort();
    const outer = Math.floor(OUTER * (count - 1));
    return [Math.min(-REACH, sorted[outer], this.z[d]), Math.max(REACH, sorted[count - 1 - outer], this.z[d])];
  }

  /** z of the row's dimension at one of its images. @param {Row} row @param {number} step */
  value({ low, high }, step) {
    return low + (step * (high - low)) / (this.steps - 1);
  }

  /** The live path: one coordinate of z is another. @param {Row} row @param {number} value */
  slide(row, value) {
    this.work.yieldFrames();
    this.z[row.d] = value;
    this.place();
  }

  /** Show all that depends on z: the large image at once, the rows as fast as the frames allow. */
  place() {
    const { space, parts, z, payload: { classes } } = this;
    if (!space) return;
    this.pixels = space.decoder.decode(z, this.pixels?.length === space.decoder.pixels ? this.pixels : undefined);
    drawImage(parts.decoded, this.pixels, space.decoder.imageShape);
    parts.z.textContent = vector(z);
    parts.log.textContent = `${significant(logDensity(z))} nats`;
    const [{ index, distance }] = space.nearestCodes(z, 1);
    const { pixels, imageShape } = space.decoder;
    if (this.gallery) {
      drawImage(parts.nearest, this.gallery.subarray(index * pixels, (index + 1) * pixels), imageShape, 1);
    } else drawImage(parts.nearest, space.reconstruct(index), imageShape);
    parts.nearestTitle.textContent = this.gallery ? "Nearest held-out image" : "Nearest held-out image, as decoded";
    parts.nearestWords.textContent = `class ${classes[space.label[index]]}, ${
      significant(Math.round(1e6 * distance) / 1e6)
    } from z`;
    for (const row of this.rows) row.place(z[row.d]);
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
      z: this.z.map(plain).join(","),
      image: this.image >= 0 ? String(this.image) : null,
      steps: String(this.steps),
    });
    this.pageFrame.say(`${this.parts.nearestTitle.textContent}: ${this.parts.nearestWords.textContent}`);
  }

  destroy() {
    this.work.destroy();
    this.pageFrame.destroy();
  }
}
