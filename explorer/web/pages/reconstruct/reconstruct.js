// The Reconstruct page: held-out, drawn and uploaded images over what each run makes of them, and how it is made.

import { Selection } from "../../plane/selection.js";
import { Coloring } from "../../plane/coloring.js";
import { decimals, plain, significant } from "../../dom/format.js";
import { GalleryRows, pick } from "./gallery_rows.js";
import { loadEncoder, loadGallery, loadSpace } from "../../run/loading.js";
import { Random } from "../../maths/normal.js";
import { OwnPicture } from "./own_picture.js";
import { HowItWorks } from "./how_it_works.js";
import { Plane } from "../../plane/plane.js";
import { Posterior } from "../../maths/posterior.js";
import { ReconstructionCards } from "./reconstruction_cards.js";
import { HTML, reconstructParts } from "./markup.js";
import { PageFrame } from "../../dom/page_frame.js";
import { readTheme } from "../../dom/theme.js";
import { addToolbar } from "../../plane/toolbar.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("./gallery_rows.js").Run} Run */
/** @typedef {import("../../run/payload.js").Payload & {upload: string, lines: Record<string, import("./how_it_works.js").SourceLine>}} Payload */

const MAX_SEED = 9999;
const ZOOMED = 10; // standard deviations across the plane

export class Reconstruct {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("../../dom/page_frame.js").Host} host */
  constructor(parent, payload, host) {
    this.payload = payload;
    this.pageFrame = new PageFrame(parent, "reconstruct", HTML, host);
    this.parts = reconstructParts(this.pageFrame);
    /** @type {Run[]} */
    this.runs = [];
    /** @type {Posterior[]} of the image at hand, by run */
    this.posteriors = [];
    this.generation = 0;
    this.random = new Random(Math.floor(Math.random() * 2 ** 32));
    this.adopt(payload.state);
    this.rows = new GalleryRows(this.parts.sheet, (index) => this.choose(index));
    this.cards = new ReconstructionCards(this.parts.cards);
    this.own = new OwnPicture(this.parts.own, payload.upload, () => this.takeImage());
    this.pipeline = new HowItWorks(this.parts.steps, payload.lines, (epsilon) => this.dragEpsilon(epsilon));
    this.plane = new Plane(this.parts.plane, {
      move: (point) => this.moveTo(point),
      release: (_, index) => (index !== null && index >= 0 ? this.choose(index) : this.commit()),
      press: () => this.setEpsilon([]),
      describe: (point) => `z ${decimals(point[0])}, ${decimals(point[1])}`,
      placed: () => this.placeEllipse(),
    });
    addToolbar(this.parts.plane, this.plane);
    this.listen();
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(this.parts.plane);
    this.resizing.observe(this.parts.sheet);
    this.show();
  }

  /** Begin where the address says. @param {Record<string, any>} state */
  adopt(state) {
    this.source = state.source;
    this.image = state.image ?? -1;
    this.detailName = state.detail;
    /** @type {number[]} what is missing is 0 */
    this.epsilon = state.eps ?? [];
    this.open = state.how === "open";
    const known = state.class === null || state.class < this.payload.classes.length;
    /** @type {import("./gallery_rows.js").Choice} */
    this.choice = {
      class: known ? state.class : null,
      order: "random",
      chosen: new Selection(state.set ?? []),
      seed: state.seed,
      noise: state.noise,
      difference: state.difference === "on",
    };
    const chosenOnly = state.order === "selection" && !this.choice.chosen.size;
    this.choice.order = state.order === "auto" || chosenOnly ? this.usualOrder : state.order;
  }

  /** What the rows show unless something else was asked for. */
  get usualOrder() {
    return this.choice.chosen.size ? "selection" : "random";
  }

  listen() {
    const { parts, choice } = this;
    for (const button of parts.sources) button.onclick = () => this.setSource(button.dataset.source ?? "");
    for (const button of parts.orders) button.onclick = () => this.choosePicks({ order: button.dataset.order });
    parts.class.onchange = () =>
      this.choosePicks({ class: parts.class.value === "" ? null : Number(parts.class.value) });
    parts.seed.onchange = () => {
      const seed = Number(parts.seed.value);
      if (Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED) this.choosePicks({ seed });
      else parts.seed.value = String(this.choice.seed);
    };
    parts.resample.onclick = () => this.choosePicks({ seed: (this.choice.seed + 1) % (MAX_SEED + 1) });
    parts.difference.onclick = () => {
      this.choosePicks({ difference: !this.choice.difference });
      this.cards.setRuns(this.runs, this.choice.difference);
      this.place();
    };
    parts.noise.value = String(choice.noise);
    parts.noise.oninput = () => {
      this.choice.noise = Number(parts.noise.value);
      this.rows.setNoise(this.choice.noise);
      this.showChoice();
    };
    parts.noise.onchange = () => this.commit();
    parts.image.onchange = () => {
      const index = Number(parts.image.value);
      if (Number.isInteger(index) && index >= 0 && index < (this.detail?.space.count ?? 0)) this.choose(index);
      else parts.image.value = String(this.image);
    };
    parts.unselect.onclick = () => {
      const order = this.choice.order === "selection" ? "random" : this.choice.order;
      this.choosePicks({ chosen: new Selection(), order });
    };
    parts.zoom.onclick = () => this.zoom();
    parts.unfold.onclick = () => {
      this.open = !this.open;
      this.showOpen();
      this.commit();
      if (this.open) parts.how.scrollIntoView({ block: "nearest" });
    };
  }

  /** @param {Payload} payload */
  update(payload) {
    const before = this.payload.state;
    this.payload = payload;
    this.pageFrame.fitHeight();
    if (payload.state.dataset !== before.dataset) this.adopt(payload.state);
    if (payload.state.dataset !== before.dataset || String(payload.state.runs) !== String(before.runs)) {
      this.show();
      return;
    }
    this.theme = readTheme(this.pageFrame.root);
    if (this.runs.length) {
      this.plane.setTheme(this.theme);
      this.plane.recolor(this.coloring());
    }
  }

  /** The run on the plane. */
  get detail() {
    return this.runs.find(({ name }) => name === this.detailName) ?? this.runs[this.runs.length - 1];
  }

  /** Load and show the payload's runs. */
  async show() {
    const generation = ++this.generation;
    const { runs, state, gallery, classes } = this.payload;
    try {
      const [images, ...loaded] = await Promise.all([
        loadGallery(gallery),
        ...state.runs.map(async (/** @type {string} */ name) => {
          const [space, encoder] = await Promise.all([loadSpace(runs[name]), loadEncoder(runs[name].encoder)]);
          return { name, title: runs[name].title, space, encoder };
        }),
      ]);
      if (this.pageFrame.gone || generation !== this.generation) return;
      this.runs = loaded;
      const { space } = this.detail;
      this.gallery = images?.length === space.count * space.decoder.pixels ? images : null;
    } catch (error) {
      this.pageFrame.fail(error, "These runs cannot be shown");
      return;
    }
    this.pageFrame.recovered();
    this.theme = readTheme(this.pageFrame.root);
    this.parts.class.replaceChildren(
      new Option("All classes", ""),
      ...classes.map((name, i) => new Option(name, String(i))),
    );
    this.parts.image.max = String(this.detail.space.count - 1);
    this.own.setShape(this.detail.space.decoder.imageShape);
    this.cards.setRuns(this.runs, this.choice.difference);
    this.parts.detail.replaceChildren(...this.runs.map(({ name, title }) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: title });
      button.dataset.run = name;
      button.onclick = () => this.setDetail(name);
      return button;
    }));
    this.showOpen();
    this.showRows();
    this.setSource(this.source, false);
    await this.showDetail();
    if (generation === this.generation) this.pageFrame.ready();
  }

  coloring() {
    const { class_colors, value_colors } = this.payload;
    return new Coloring(this.detail.space, "label", class_colors, value_colors, Boolean(this.theme?.dark));
  }

  /** @param {string} name */
  setDetail(name) {
    this.detailName = name;
    this.showDetail();
    if (["worst", "best"].includes(this.choice.order)) this.showRows();
    this.commit();
  }

  async showDetail() {
    const { detail, theme } = this;
    for (const button of this.parts.detail.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.run === detail.name));
    }
    this.parts.plane.dataset.run = detail.name;
    this.pipeline.setRun(detail);
    this.parts.sentence.textContent =
      `Each image, and what every run rebuilds from the ${detail.space.dim} numbers of its z = μ + σ ⊙ ε (Eq. 26).`;
    this.parts.zoom.disabled = detail.encoder.deterministic;
    this.place();
    if (theme) await this.plane.show(detail.space, this.coloring(), theme, this.zPoint());
  }

  /** @param {Partial<import("./gallery_rows.js").Choice>} changes */
  choosePicks(changes) {
    Object.assign(this.choice, changes);
    this.showRows();
    this.commit();
  }

  showChoice() {
    const { parts, choice } = this;
    parts.class.value = choice.class === null ? "" : String(choice.class);
    parts.seed.value = String(choice.seed);
    parts.noiseValue.textContent = `${choice.noise.toFixed(2)} σ`;
    parts.noise.setAttribute("aria-valuetext", `${choice.noise} standard deviations`);
    parts.difference.setAttribute("aria-pressed", String(choice.difference));
    choice.chosen.label(parts.unselect);
    for (const button of parts.orders) {
      button.setAttribute("aria-pressed", String(button.dataset.order === choice.order));
      if (button.dataset.order === "selection") button.hidden = !choice.chosen.size;
      else if (button.dataset.order !== "random") {
        button.title = `${button.textContent} reconstruction term for ${this.detail?.title ?? ""}`;
      }
    }
  }

  showRows() {
    this.choice.chosen = this.choice.chosen.below(this.detail.space.count);
    this.showChoice();
    const picked = pick(this.detail.space, this.choice);
    if (this.image >= this.detail.space.count) this.image = -1;
    if (this.image < 0) this.image = picked[0] ?? 0;
    this.rows.show(
      this.runs,
      picked,
      this.choice,
      (index) => this.heldOut(index),
      (index) => this.describe(index),
      this.gallery ? "Held-out" : "As decoded",
    );
    this.rows.mark(this.image);
  }

  /** A held-out image, or, where none are shipped, the run's own picture of it. @param {number} index */
  heldOut(index) {
    const { space } = this.detail;
    const { pixels } = space.decoder;
    if (!this.gallery) return space.reconstruct(index);
    return Float32Array.from(this.gallery.subarray(index * pixels, (index + 1) * pixels), (v) => v / 255);
  }

  /** @param {number} index */
  describe(index) {
    return `Image ${index}, class ${this.payload.classes[this.detail.space.label[index]]}`;
  }

  /** Make a held-out image the image at hand. @param {number} index */
  choose(index) {
    this.image = index;
    this.epsilon = [];
    this.setSource("held-out");
    this.rows.mark(index);
    this.pageFrame.say(this.describe(index));
  }

  /** @param {string} source @param {boolean} [told] whether the host is to hear of it */
  setSource(source, told = true) {
    this.source = source;
    const { parts } = this;
    for (const button of parts.sources) button.setAttribute("aria-pressed", String(button.dataset.source === source));
    parts.heldOut.hidden = parts.number.hidden = source !== "held-out";
    parts.own.hidden = source !== "draw";
    this.takeImage();
    if (told) this.commit();
  }

  /** Encode the image at hand by every run: the picture of one's own while there is one, else the held-out image. */
  takeImage() {
    const { runs, own, parts } = this;
    if (!runs.length) return;
    const mine = this.source === "draw" ? own.pixels : null;
    this.pixels = mine ?? this.heldOut(this.image);
    const standIn = !mine && !this.gallery ? ", as decoded" : "";
    parts.title.textContent = mine
      ? (own.uploaded ? "Your upload" : "Your drawing")
      : this.describe(this.image) + standIn;
    parts.image.value = String(this.image);
    const pixels = this.pixels;
    this.posteriors = runs.map(({ encoder }) => new Posterior(encoder.encode(pixels), encoder.deterministic));
    this.place();
  }

  /** Show all that depends on z. */
  place() {
    const { runs, pixels, posteriors, epsilon } = this;
    if (!pixels || posteriors.length !== runs.length) return;
    const at = runs.indexOf(this.detail);
    this.cards.update(pixels, posteriors, posteriors.map((posterior) => posterior.z(epsilon)));
    const { mu, deterministic } = posteriors[at];
    const full = mu.map((_, d) => epsilon[d] ?? 0);
    this.pipeline.update(pixels, posteriors[at], full, this.cards.rebuilt[at], this.detail.space.decoder.imageShape);
    const point = this.zPoint();
    this.plane.moveTo(point, deterministic ? null : this.detail.space.project(mu));
    this.parts.plane.dataset.z = point.map(plain).join(",");
    this.parts.planeNote.textContent = deterministic
      ? "This run's code is a point: no σ, no ε, nothing to draw."
      : `Ellipses: q(z|x) at 1 and 2 σ, to scale. Drag z: |ε| = ${significant(Math.hypot(...full))}${
        mu.length === 2 ? `, ${inside(full)} of all draws lie nearer to μ` : ""
      }.`;
  }

  /** The point of z on the plane. @returns {Pair} */
  zPoint() {
    const posterior = this.posteriors[this.runs.indexOf(this.detail)];
    return posterior ? this.detail.space.project(posterior.z(this.epsilon)) : [0, 0];
  }

  placeEllipse() {
    const posterior = this.posteriors[this.runs.indexOf(this.detail)];
    if (!posterior || this.plane.space !== this.detail.space) return;
    const { space } = this.detail;
    this.plane.overlay.placeSelection(
      this.plane.camera,
      space.project(posterior.mu),
      posterior.deterministic ? null : space.ellipseOf(posterior.factor),
    );
  }

  /** z is dragged to a point: what lies off the plane stays as it is. @param {Pair} point */
  moveTo(point) {
    const posterior = this.posteriors[this.runs.indexOf(this.detail)];
    if (!posterior || posterior.deterministic) return;
    const { space } = this.detail;
    const z = posterior.z(this.epsilon);
    const [from, to] = [space.latent(space.project(z)), space.latent(point)];
    this.epsilon = posterior.epsilon(z.map((v, d) => v + to[d] - from[d]));
    this.place();
  }

  /** @param {number[] | null} epsilon null: to be drawn */
  dragEpsilon(epsilon) {
    const drawn = epsilon ?? this.posteriors[this.runs.indexOf(this.detail)].mu.map(() => this.random.normal());
    this.setEpsilon(drawn);
  }

  /** @param {number[]} epsilon */
  setEpsilon(epsilon) {
    this.epsilon = epsilon;
    this.place();
    this.commit();
  }

  /** Show the plane around the posterior, to tell it from a point. */
  zoom() {
    const posterior = this.posteriors[this.runs.indexOf(this.detail)];
    const { space } = this.detail;
    const { camera } = this.plane;
    camera.center = space.project(posterior.mu);
    camera.scale = Math.min(camera.width, camera.height) /
      (ZOOMED * Math.max(space.ellipseOf(posterior.factor)?.rx ?? 0, 1e-6));
    this.plane.viewChanged();
  }

  showOpen() {
    this.parts.how.hidden = !this.open;
    this.parts.unfold.setAttribute("aria-expanded", String(this.open));
  }

  resize() {
    this.plane.resize();
    if (this.runs.length && this.source === "held-out" && this.rows.capacity() !== this.rows.shown.length) {
      this.showRows();
    }
  }

  /** Tell the host how the page stands. */
  commit() {
    const { choice, epsilon } = this;
    const { dim = 2 } = this.detail?.space ?? {};
    this.pageFrame.report({
      detail: this.detail?.name ?? null,
      image: String(this.image),
      eps: epsilon.some((v) => v !== 0)
        ? Array.from({ length: dim }, (_, d) => plain(epsilon[d] ?? 0)).join(",")
        : null,
      source: this.source,
      class: choice.class === null ? null : String(choice.class),
      set: choice.chosen.text(),
      order: choice.order === this.usualOrder ? "auto" : choice.order,
      seed: String(choice.seed),
      noise: plain(choice.noise),
      difference: choice.difference ? "on" : "off",
      how: this.open ? "open" : "closed",
    });
  }

  destroy() {
    this.resizing.disconnect();
    this.rows.destroy();
    this.own.destroy();
    this.plane.destroy();
    this.pageFrame.destroy();
  }
}

/** The share of draws from N(0, I) in two dimensions that lie nearer to 0. @param {number[]} epsilon */
function inside([x, y]) {
  return `${Math.round(100 * (1 - Math.exp(-0.5 * (x * x + y * y))))} %`;
}
