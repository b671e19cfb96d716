// The Probability page: a Gaussian q(z|x) to be dragged over the true posterior, and Eq. 10 that says what it costs.

import { addAlong, imageLinks, zLinks } from "../../dom/along.js";
import { Controls } from "./controls.js";
import { DecodedImages } from "./decoded_images.js";
import { ElboAscent } from "./elbo_ascent.js";
import { figure } from "./eq_10_texts.js";
import { explained } from "../../dom/explained.js";
import { decimals, significant } from "../../dom/format.js";
import { Gaussian } from "../../maths/gaussian.js";
import { lineGaussian } from "../../maths/idle_dimension.js";
import { HeldOut } from "../../run/held_out.js";
import { Latest } from "../../dom/latest.js";
import { lightTogether } from "../../dom/lit_term.js";
import { LifeCycle } from "../../dom/life_cycle.js";
import { loadGallery, loadSpace, wanted } from "../../run/loading.js";
import { HTML, probabilityParts } from "./markup.js";
import { Measurement } from "./measurement.js";
import { PageFrame } from "../../dom/page_frame.js";
import { posteriorOf } from "./posterior_of.js";
import { PosteriorPlane } from "./posterior_plane.js";
import { ProbabilityCards } from "./cards.js";
import { readTheme } from "../../dom/theme.js";
import { ShownImage } from "./shown_image.js";

/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("./elbo_ascent.js").Family} Family */
/** @typedef {import("./held_out_table.js").HeldOutMetrics} HeldOutMetrics */
/**
 * @typedef {object} State  as PROBABILITY in explorer/views/pages.py
 * @property {string} dataset
 * @property {string} run
 * @property {number | null} image
 * @property {Family | "own"} family  own: the one that the run was trained with
 * @property {number[] | null} q  mean, standard deviations along its axes, angle of the first
 * @property {number} spread  of the weights on Jensen's curve
 */
/**
 * @typedef {import("../../run/payload.js").Payload<State> & {
 *   answers: Record<string, {posterior: string, bound: string}>,
 *   held_out: Record<string, HeldOutMetrics>,
 * }} Payload  answers: where the server's are had for each run, but for the image's index
 */
/** @typedef {{space: LatentSpace, gallery: Uint8Array | null}} Loaded */

const MODES = 6; // of p(z|x) that an ascent starts from
const ASK_MS = 200; // images that are only passed by are not asked for

export class Probability {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("../../dom/page_frame.js").Host} host */
  constructor(parent, payload, host) {
    this.pageFrame = new PageFrame(parent, "probability", HTML, host);
    lightTogether(this.pageFrame.root);
    this.life = new LifeCycle(this.pageFrame, payload, {
      wants: ({ state, runs, gallery }) => wanted({ runs, gallery }, [state.run]),
      load: (given) => this.load(given),
      show: (loaded) => this.show(loaded),
      restyle: () => this.restyle(),
    });
    this.parts = probabilityParts(this.pageFrame);
    this.images = new DecodedImages(this.pageFrame);
    this.cards = new ProbabilityCards(this.pageFrame, payload);
    this.plane = new PosteriorPlane(this.parts.plane, {
      move: (q) => this.move(q),
      step: () => this.rest(),
      release: (index) => this.release(index),
      describe: (which) => this.describe(which),
    }, {
      file: () => `${this.payload.state.dataset}-${this.payload.state.run}-posterior`,
      title: () => `q(z|x) and p(z|x) of image ${this.image?.index ?? 0}, ${this.payload.state.run}`,
    });
    const shown = () => ({
      dataset: this.payload.state.dataset,
      run: this.payload.state.run,
      image: this.image?.index ?? this.index,
    });
    addAlong(this.pageFrame, imageLinks(shown, ["probability"]));
    addAlong(this.pageFrame, zLinks(() => ({ ...shown(), z: this.z })), this.parts.along);
    this.controls = new Controls(this.pageFrame, {
      choose: (index) => this.choose(index),
      family: (family) => this.chooseFamily(family),
      reset: () => this.begin(this.image?.start ?? null, this.own),
      optimise: () => this.optimise(),
      closeUp: () => this.plane.closeUp(),
    });
    this.ascent = new ElboAscent(this.controls.parts.optimise, { step: (q) => this.take(q), end: () => this.rest() });
    this.measurement = new Measurement(this.pageFrame, this.ascent, {
      terms: ({ spread }, gap) => this.cards.showWeights(spread, gap),
      done: (q) => this.showMeasured(q),
    });
    /** what the server answers of the image that is shown */
    this.answers = new Latest();
    /** @type {ReturnType<typeof setTimeout> | 0} until it is asked */
    this.asking = 0;
    /** @type {string | null} that image and family belong to */
    this.dataset = null;
    /** @type {HeldOut | null} */
    this.heldOut = null;
    this.index = 0; // of the image that is shown, or about to be
    /** @type {ShownImage | null} */
    this.image = null;
    /** @type {Family} the run's own */
    this.own = "diagonal";
    /** @type {Family} */
    this.family = "diagonal";
    this.resizing = new ResizeObserver(() => {
      this.plane.resize();
      this.cards.draw();
    });
    const { plane, bound, jensen } = { ...this.parts, ...this.cards.parts };
    for (const element of [plane, bound, jensen]) this.resizing.observe(element);
    this.life.begin();
  }

  get payload() {
    return this.life.payload;
  }

  /** The q that is dragged; null where there is none. @returns {Gaussian | null} */
  get q() {
    return this.plane.q;
  }

  /** The mean of the q that is dragged; the encoder's, where there is none. */
  get z() {
    const { q, image } = this;
    if (!q) return image?.space.code(image.index) ?? [0, 0];
    return image?.space.line ? [q.mu[0]] : q.mu;
  }

  /** @param {Payload} payload */
  update(payload) {
    return this.life.update(payload);
  }

  restyle() {
    this.plane.setTheme(readTheme(this.pageFrame.root));
    this.cards.draw();
  }

  /** @param {Payload} payload @returns {Promise<Loaded>} */
  async load({ runs, state, gallery: url }) {
    this.ascent.stop();
    this.forgetAnswers();
    const [space, gallery] = await Promise.all([loadSpace(runs[state.run]), loadGallery(url)]);
    return { space, gallery };
  }

  /**
   * Show a run: the address's image and q at first, then the same image in each run of a data set.
   * @param {Loaded} loaded
   */
  async show({ space, gallery }) {
    const { payload, payload: { state }, parts } = this;
    const opening = this.dataset === null;
    const another = state.dataset !== this.dataset;
    this.own = space.cov?.some((v, i) => i % 3 === 1 && v !== 0) ? "full" : "diagonal";
    if (another) this.family = opening && state.family !== "own" ? state.family : this.own;
    if (another) this.index = opening ? state.image ?? 0 : 0;
    const [x, y, a, b, angle] = (opening && state.q) || [];
    if (angle) this.family = "full";
    if (space.line) this.family = "diagonal";
    this.pageFrame.root.classList.toggle("lx-one-dimension", space.line);
    this.dataset = state.dataset;
    this.index = Math.min(this.index, space.count - 1);
    this.image = null;
    const heldOut = (this.heldOut = HeldOut.of(space, gallery));
    parts.plane.dataset.run = state.run;
    await this.plane.show(space, payload, readTheme(this.pageFrame.root), this.index);
    if (this.heldOut !== heldOut) return; // the next run is on its way already
    this.showImage(
      space,
      heldOut,
      this.index,
      a ? (space.line ? lineGaussian(x, a) : new Gaussian([x, y], [a, b], angle)) : null,
    );
  }

  /**
   * Show a held-out image.
   * @param {LatentSpace} space @param {HeldOut} heldOut @param {number} index
   * @param {Gaussian | null} q to begin with, the encoder's if not given
   */
  showImage(space, heldOut, index, q = null) {
    const { parts, plane, images, measurement } = this;
    this.ascent.stop();
    this.index = index;
    space = space.given(space.label[index]); // a conditional run's log p(x|z, y) is of the image's own class
    const image = (this.image = new ShownImage(space, heldOut, index));
    const usable = image.start !== null;
    parts.plane.dataset.image = String(index);
    explained(parts.sentence, image.sentence(this.payload.classes));
    this.controls.showImage(image);
    this.pageFrame.root.classList.toggle("lx-no-q", !usable);
    images.showImage(space, heldOut, index);
    measurement.clear(image);
    plane.showPosterior(null, "");
    plane.encoder = image.encoder;
    plane.q = usable ? q ?? image.start : null;
    this.showFamily();
    plane.closeUp();
    if (usable) {
      this.settle();
    } else {
      measurement.readout.showStored(space.values.reconstruction[index], space.values.kl?.[index]);
      images.showStored(space, index);
    }
    plane.select(usable ? -1 : index);
    this.report();
    this.forgetAnswers();
    this.asking = setTimeout(() => this.ask(image), ASK_MS);
  }

  /** What the server was asked for, or was to be, nobody waits for any more. */
  forgetAnswers() {
    clearTimeout(this.asking);
    this.answers.cancel();
    this.cards.stop();
  }

  /** Have the server integrate. @param {ShownImage} image */
  async ask(image) {
    const { payload, plane, pageFrame, answers } = this;
    try {
      if (image.likelihood) {
        const url = payload.answers[payload.state.run].posterior;
        const posterior = await answers.of(posteriorOf(image.space, image.index, image.x, url, answers.signal));
        plane.showPosterior(posterior, readTheme(pageFrame.root).text);
        this.measurement.showEvidence(posterior);
        if (!plane.busy && !plane.inView) plane.closeUp();
        this.settle();
      }
      await this.cards.show(payload, image, plane.posterior?.logEvidence ?? null, answers);
    } catch (error) {
      pageFrame.fail(error, "log p(x) cannot be computed");
    }
  }

  /** A handle is dragged: all that hangs on q follows in this frame. @param {Gaussian} q */
  move(q) {
    this.stop();
    this.take(q);
  }

  /** Adopt a q and show what it costs. @param {Gaussian} q */
  take(q) {
    const { image, plane } = this;
    if (!image?.likelihood) return;
    plane.q = q;
    this.measurement.follow(q, image.likelihood);
    this.images.follow(image.space, q);
    plane.place();
  }

  /** A person, or an ascent, is done with q for now. */
  rest() {
    this.settle();
    this.report();
  }

  /** q rests: decode all its samples, and compute both sides of Eq. 10 to more digits. */
  settle() {
    const { q, image } = this;
    if (!q || !image?.likelihood) return;
    this.take(q);
    this.images.drawSamples(image.space, q);
    this.measurement.start(q, image.likelihood, this.family);
  }

  /** Both sides of Eq. 10 are there. @param {Gaussian} q that they are of */
  showMeasured(q) {
    this.pageFrame.say(this.describe(0));
    this.parts.plane.dataset.measured = String(q.parameters());
  }

  /** End an ascent, and what measures its q. */
  stop() {
    this.ascent.stop();
    this.measurement.stop();
  }

  /** @param {number | null} index of the image whose point was clicked */
  release(index) {
    if (index !== null && index >= 0 && index !== this.index) this.choose(index);
    else this.rest();
  }

  /** Another image of the run. @param {number} index */
  choose(index) {
    const { image, heldOut } = this;
    if (image && heldOut) this.showImage(image.space, heldOut, Math.min(Math.max(index, 0), image.space.count - 1));
  }

  report() {
    const { q, image, index, family, own, pageFrame } = this;
    const moved = q && image?.start && String(q.parameters()) !== String(image.start.parameters());
    /** @type {{[name in keyof State]?: State[name] | null}} */
    const state = { image: index, family: family === own ? null : family, q: moved ? q.parameters() : null };
    pageFrame.report(state);
  }

  /** Let the controls and the handles follow the family. */
  showFamily() {
    this.plane.turns = this.family === "full";
    this.controls.showFamily(this.q && this.family);
  }

  /** @param {number} which handle @returns {string} */
  describe(which) {
    const { q, measurement: { readout } } = this;
    if (!q) return "";
    if (which > 0) return `standard deviation ${significant(q.radii[which - 1])}`;
    const cost = readout.terms ? `; ELBO ${figure(readout.terms.elbo)} nats` : "";
    const mean = this.image?.space.line ? decimals(q.mu[0]) : q.mu.map(decimals).join(", ");
    return `mean ${mean}${cost}`;
  }

  /** Look for the best q of the family, from the present one, the encoder's and p(z|x)'s modes; or end that. */
  optimise() {
    const { q, image, ascent, family } = this;
    if (ascent.running) this.begin(q, family);
    else if (q && image?.likelihood) {
      const { posterior } = this.plane;
      const starts = [q, ...(image.encoder && q !== image.encoder ? [image.encoder] : [])];
      const modes = posterior?.modes(family === "full", MODES) ?? [];
      ascent.start(
        [...starts.map((start) => family === "full" ? start : start.diagonal()), ...modes],
        posterior !== null,
        image.likelihood,
        family,
      );
    }
  }

  /** @param {Family} family */
  chooseFamily(family) {
    const { q } = this;
    this.begin(q && family === "diagonal" && q.angle !== 0 ? q.diagonal() : q, family);
  }

  /** Go on from a q of a family. @param {Gaussian | null} q @param {Family} family */
  begin(q, family) {
    this.stop();
    this.plane.q = q;
    this.family = family;
    this.showFamily();
    this.measurement.showTwoGaps(family);
    this.rest();
  }

  destroy() {
    this.forgetAnswers();
    this.ascent.destroy();
    this.measurement.destroy();
    this.cards.destroy();
    this.resizing.disconnect();
    this.plane.destroy();
    this.life.destroy();
  }
}
