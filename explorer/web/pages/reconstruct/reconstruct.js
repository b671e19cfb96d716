// The Reconstruct page: held-out, drawn and uploaded images over what each run makes of them, and how it is made.

import { addAlong, imageLinks } from "../../dom/along.js";
import { explained } from "../../dom/explained.js";
import { LifeCycle } from "../../dom/life_cycle.js";
import { lightTogether } from "../../dom/lit_term.js";
import { PageFrame } from "../../dom/page_frame.js";
import { readTheme } from "../../dom/theme.js";
import { Random } from "../../maths/normal.js";
import { Coloring } from "../../plane/coloring.js";
import { HeldOut } from "../../run/held_out.js";
import { imageWords } from "../../run/image_words.js";
import { loadEncoder, loadGallery, loadSpace, wanted } from "../../run/loading.js";
import { sharedLikelihoodWords } from "../../run/likelihood_words.js";
import { CurrentImage } from "./current_image.js";
import { GalleryRows } from "./gallery_rows.js";
import { HowItWorks } from "./how_it_works.js";
import { ImageChoice } from "./image_choice.js";
import { HTML, reconstructParts } from "./markup.js";
import { OwnImage } from "../../run/own_image.js";
import { PosteriorPlane } from "./posterior_plane.js";
import { ReconstructionCards } from "./reconstruction_cards.js";
import { rebuildSentence } from "./sentences.js";

/** @typedef {import("./gallery_rows.js").Run} Run */
/** @typedef {import("./current_image.js").Source} Source */
/**
 * @typedef {object} State  as RECONSTRUCT in explorer/views/pages.py
 * @property {string} dataset
 * @property {string[]} runs
 * @property {number | null} given  class that a conditional run is given; null: the first
 * @property {string} detail  the run on the plane
 * @property {number | null} image
 * @property {number[] | null} set  the selected images
 * @property {number[] | null} eps  epsilon of the current image
 * @property {Source} source  of the current image
 * @property {number | null} class
 * @property {"auto" | import("./image_choice.js").Order} order  of the rows' images
 * @property {number} seed
 * @property {number} noise
 * @property {"on" | "off"} difference  whether it is shown
 * @property {"open" | "closed"} how  it works
 */
/**
 * `upload`: the address that takes images; `lines`: of the project's code, by step.
 * @typedef {import("../../run/payload.js").Payload<State>
 *   & {upload: string, lines: Record<string, import("./how_it_works.js").SourceLine>}} Payload
 */

export class Reconstruct {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("../../dom/page_frame.js").Host} host */
  constructor(parent, payload, host) {
    this.pageFrame = new PageFrame(parent, "reconstruct", HTML, host);
    this.life = new LifeCycle(this.pageFrame, payload, {
      wants: ({ state, runs, gallery }) => wanted({ runs, gallery }, state.runs, state.given),
      load: ({ state, runs, gallery }) =>
        Promise.all([loadGallery(gallery), Promise.all(state.runs.map((name) => loadRun(name, runs[name])))]),
      show: ([gallery, runs]) => this.show(gallery, runs),
      restyle: () => this.plane.restyle(this.coloring(), this.theme),
      failure: "These runs cannot be shown",
    });
    this.parts = reconstructParts(this.pageFrame);
    /** @type {Run[]} */
    this.runs = [];
    /** of the data set that is shown @type {string[]} */
    this.classes = [];
    /** @type {HeldOut | null} */
    this.heldOut = null;
    const { state, classes } = payload;
    this.dataset = state.dataset;
    this.current = new CurrentImage(state);
    this.detailName = state.detail;
    this.open = state.how === "open";
    this.showOpen();
    this.random = new Random(Math.floor(Math.random() * 2 ** 32));
    this.choice = new ImageChoice(this.parts.heldOut, state, classes, {
      images: () => {
        this.drawRows();
        this.commit();
      },
      difference: () => {
        this.cards.setRuns(this.runs, this.choice.options.difference);
        this.showZ();
      },
      noise: () => {
        this.rows.setNoise(this.choice.options.noise);
        if (this.detail) this.choice.show(this.detail);
      },
      rest: () => this.commit(),
    });
    this.rows = new GalleryRows(this.parts.rows, (index) => this.choose(index));
    this.cards = new ReconstructionCards(this.parts.cards);
    this.ownImage = new OwnImage(this.parts.own, payload.upload, () => this.takeImage());
    this.howItWorks = new HowItWorks(this.parts.steps, payload.lines, (epsilon) => this.setEpsilon(epsilon));
    this.plane = new PosteriorPlane(this.parts.plane, this.parts.planeNote, {
      drag: (epsilon) => this.showEpsilon(epsilon),
      rest: () => this.commit(),
      choose: (index) => this.choose(index),
      center: () => this.setEpsilon([]),
    }, {
      file: () => `${this.payload.state.dataset}-${this.detail.name}-posterior`,
      title: () => `q(z|x) of ${this.parts.title.textContent} by ${this.detail.title}, and z`,
    });
    lightTogether(this.pageFrame.root);
    this.showOpen();
    this.showSource();
    this.listen();
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(this.parts.plane);
    this.resizing.observe(this.parts.rows);
    this.life.begin();
  }

  /** @returns {Payload} */
  get payload() {
    return this.life.payload;
  }

  /** @param {Payload} payload */
  update(payload) {
    return this.life.update(payload);
  }

  listen() {
    const { parts } = this;
    for (const button of parts.sources) {
      button.onclick = () => {
        this.setSource(/** @type {Source} */ (button.dataset.source));
        this.commit();
      };
    }
    parts.image.onchange = () => {
      const index = Number(parts.image.value);
      if (Number.isInteger(index) && index >= 0 && index < (this.heldOut?.label.length ?? 0)) this.choose(index);
      else parts.image.value = String(this.current.index);
    };
    parts.zoom.onclick = () => this.plane.zoom();
    const shown = () => ({
      dataset: this.payload.state.dataset,
      run: this.detail.name,
      image: this.current.index,
    });
    addAlong(this.pageFrame, imageLinks(shown, ["reconstruct"]), parts.along);
    parts.unfold.onclick = () => {
      this.open = !this.open;
      this.showOpen();
      this.commit();
      this.plane.resize();
    };
  }

  /** The run on the plane. */
  get detail() {
    return this.runs.find(({ name }) => name === this.detailName) ?? this.runs[this.runs.length - 1];
  }

  get theme() {
    return readTheme(this.pageFrame.root);
  }

  /** @param {Uint8Array | null} gallery @param {Run[]} runs */
  async show(gallery, runs) {
    const { state, classes } = this.payload;
    if (state.dataset !== this.dataset) { // begin as the address says
      this.dataset = state.dataset;
      this.current = new CurrentImage(state);
      this.detailName = state.detail;
      this.open = state.how === "open";
      this.choice.begin(state, classes);
    }
    this.classes = classes;
    this.runs = runs;
    const { space } = this.detail;
    this.heldOut = HeldOut.of(space, gallery, classes.length);
    this.parts.image.max = String(space.count - 1);
    this.ownImage.setShape(space.decoder.imageShape);
    this.cards.setRuns(runs, this.choice.options.difference);
    this.parts.detail.replaceChildren(...runs.map(({ name, title }) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: title });
      button.dataset.run = name;
      button.onclick = () => this.setDetail(name);
      return button;
    }));
    this.showOpen();
    this.drawRows();
    this.setSource(this.current.source);
    await this.showDetail();
  }

  coloring() {
    const { class_colors, value_colors } = this.payload;
    return new Coloring(this.detail.space, "label", class_colors, value_colors, this.theme.dark);
  }

  /** @param {string} name */
  setDetail(name) {
    this.detailName = name;
    this.showDetail();
    if (["worst", "best", "odd"].includes(this.choice.options.order)) this.drawRows();
    this.commit();
  }

  showDetail() {
    const { detail, parts } = this;
    for (const button of parts.detail.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.run === detail.name));
    }
    parts.plane.dataset.run = detail.name;
    this.howItWorks.setRun(detail);
    parts.zoom.disabled = detail.encoder.deterministic;
    this.showZ();
    return this.plane.show(detail.space, this.coloring(), this.theme);
  }

  drawRows() {
    const { detail, choice, heldOut, current } = this;
    if (!detail || !heldOut) return;
    choice.limit(detail.space);
    choice.show(detail);
    const indices = choice.indices(detail.space);
    if (current.index < 0 || current.index >= detail.space.count) current.index = indices[0] ?? 0;
    this.rows.show(
      this.runs,
      choice.options,
      indices,
      (index) => this.x(index),
      (index) => this.describe(index),
      heldOut.gallery ? "Held-out" : "As decoded",
    );
    this.rows.mark(current.index);
  }

  /** A held-out image, or, where none are shipped, the run's own reconstruction of it. @param {number} index */
  x(index) {
    return this.heldOut?.x(index) ?? this.detail.space.reconstruct(index);
  }

  /** @param {number} index */
  describe(index) {
    return imageWords(index, this.detail.space.label[index], this.classes);
  }

  /** Make a held-out image the current one. @param {number} index */
  choose(index) {
    this.current.choose(index);
    this.setSource("held-out");
    this.commit();
    this.rows.mark(index);
    this.pageFrame.say(this.describe(index));
  }

  /** @param {Source} source */
  setSource(source) {
    this.current.source = source;
    this.showSource();
    this.takeImage();
  }

  /** Lay out the page for where the image comes from. */
  showSource() {
    const { parts, current: { source } } = this;
    this.pageFrame.root.dataset.source = source;
    for (const button of parts.sources) button.setAttribute("aria-pressed", String(button.dataset.source === source));
    parts.heldOut.hidden = parts.number.hidden = parts.along.hidden = source !== "held-out";
    parts.own.hidden = source !== "draw";
  }

  /** Encode the current image by every run: one's own while there is one, else the held-out image. */
  takeImage() {
    const { runs, ownImage, current, parts } = this;
    if (!runs.length) return;
    const own = current.source === "draw" ? ownImage.pixels : null;
    const standIn = !own && !this.heldOut?.gallery ? ", as decoded" : "";
    const ownTitle = ownImage.uploaded ? "Your upload" : "Your drawing";
    parts.title.textContent = own ? ownTitle : this.describe(current.index) + standIn;
    parts.image.value = String(current.index);
    // A conditional run is given the class of a held-out image; of one's own the one that is chosen.
    const label = own ? this.payload.state.given ?? 0 : this.detail.space.label[current.index];
    current.encode(own ?? this.x(current.index), runs, label);
    const shown = runs.map(({ space: { dim }, encoder }) => (
      { dim, posterior: encoder.posterior, conditional: encoder.classes > 0 }
    ));
    const likelihood = sharedLikelihoodWords(runs.map(({ space }) => space.decoder));
    const rebuilt = rebuildSentence(shown, this.classes[label] ?? "");
    explained(parts.sentence, rebuilt + (likelihood && ` Figures: ${likelihood}.`));
    this.showZ();
  }

  /** Show all that depends on z. */
  showZ() {
    const { runs, detail, current: { pixels, posteriors, epsilon } } = this;
    if (!pixels || posteriors.length !== runs.length) return;
    const at = runs.indexOf(detail);
    this.cards.update(pixels, posteriors, this.current.latents(), this.current.label);
    const all = posteriors[at].mu.map((_, d) => epsilon[d] ?? 0);
    this.howItWorks.update(pixels, posteriors[at], all, this.cards.rebuilt[at], detail.space.decoder.imageShape);
    this.plane.update(detail.space, posteriors[at], epsilon);
  }

  /** The live path of z. @param {number[]} epsilon */
  showEpsilon(epsilon) {
    this.current.epsilon = epsilon;
    this.showZ();
  }

  /** @param {number[] | null} epsilon null: to be drawn */
  setEpsilon(epsilon) {
    const dim = this.detail?.space.dim ?? 0;
    this.showEpsilon(epsilon ?? Array.from({ length: dim }, () => this.random.normal()));
    this.commit();
  }

  showOpen() {
    this.parts.how.hidden = !this.open;
    this.pageFrame.root.dataset.how = this.open ? "open" : "closed";
    this.parts.unfold.setAttribute("aria-expanded", String(this.open));
  }

  resize() {
    this.plane.resize();
    if (this.runs.length && this.current.source === "held-out" && this.rows.capacity() !== this.rows.shown.length) {
      this.drawRows();
    }
  }

  /** Tell the host how the page stands. */
  commit() {
    const { detail } = this;
    this.pageFrame.report({
      detail: detail?.name ?? null,
      how: this.open ? "open" : "closed",
      ...this.current.report(detail?.space.dim ?? 2),
      ...this.choice.report(),
    });
  }

  destroy() {
    this.resizing.disconnect();
    this.rows.destroy();
    this.ownImage.destroy();
    this.plane.destroy();
    this.life.destroy();
  }
}

/** @param {string} name @param {import("../../run/payload.js").RunInfo} run @returns {Promise<Run>} */
async function loadRun(name, run) {
  const [space, encoder] = await Promise.all([loadSpace(run), loadEncoder(run.encoder)]);
  return { name, title: run.title, space, encoder };
}
