// The Probability page: a Gaussian q(z|x) to be dragged over the true posterior, and Eq. 10 that says what it costs.

import { ElboAscent } from "./elbo_ascent.js";
import { Coloring } from "../../plane/coloring.js";
import { fineTerms, gap, terms } from "../../maths/elbo.js";
import { decimals, significant } from "../../dom/format.js";
import { Gaussian } from "../../maths/gaussian.js";
import { BackgroundWork } from "../../dom/background_work.js";
import { drawImage } from "../../dom/image.js";
import { axisEnd, dragged, pressed } from "./axis_handles.js";
import { loadGallery, loadSpace } from "../../run/loading.js";
import { LogLikelihood } from "../../network/log_likelihood.js";
import { Random } from "../../maths/normal.js";
import { Plane } from "../../plane/plane.js";
import { STEPS_ACROSS } from "../../plane/plane_gestures.js";
import { PosteriorShapes } from "./posterior_shapes.js";
import { ProbabilityCards } from "./cards.js";
import { HTML, probabilityParts } from "./markup.js";
import { ElboReadout } from "./elbo_readout.js";
import { PageFrame } from "../../dom/page_frame.js";
import { readTheme } from "../../dom/theme.js";
import { addToolbar } from "../../plane/toolbar.js";
import { TruePosterior } from "../../run/true_posterior.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../../run/payload.js").Payload & {answers: Record<string, {posterior: string, bound: string}>, held_out: Record<string, any>}} Payload */

const OWN_WIDTH = 0.1; // of a q that no encoder gave
const ASK_MS = 200; // images that are only passed by are not asked for

export class Probability {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("../../dom/page_frame.js").Host} host */
  constructor(parent, payload, host) {
    this.payload = payload;
    this.pageFrame = new PageFrame(parent, "probability", HTML, host);
    this.parts = probabilityParts(this.pageFrame);
    this.readings = new ElboReadout(this.parts);
    this.cards = new ProbabilityCards(this.pageFrame, this.parts, payload);
    this.work = new BackgroundWork(["measure"]);
    const random = new Random(1);
    this.noise = this.parts.samples.map(() => [random.normal(), random.normal()]);
    this.image = -1;
    /** @type {Gaussian | null} null where there is none to drag */
    this.q = null;
    /** @type {Gaussian | null} null without noise */
    this.encoder = null;
    /** @type {LogLikelihood | null} */
    this.likelihood = null;
    /** @type {TruePosterior | null} */
    this.posterior = null;
    this.climb = new ElboAscent(this.parts.optimise, { take: (q) => this.take(q), ended: () => this.rest() });
    this.turn = 0; // of the samples: one is decoded each frame
    this.generation = 0;
    this.resizing = new ResizeObserver(() => {
      this.plane?.resize();
      this.cards.draw();
    });
    this.listen();
    this.show(true).catch((error) => this.pageFrame.fail(error, "This run cannot be shown"));
  }

  /** @param {Payload} payload */
  update(payload) {
    const before = this.payload.state;
    this.payload = payload;
    this.cards.payload = payload;
    this.pageFrame.fitHeight();
    const { run, dataset } = payload.state;
    if (run !== before.run || dataset !== before.dataset) {
      this.show(dataset !== before.dataset).catch((error) => this.pageFrame.fail(error, "This run cannot be shown"));
    } else {
      this.restyle();
    }
  }

  restyle() {
    const theme = readTheme(this.pageFrame.root);
    this.plane?.setTheme(theme);
    this.shapes?.show(this.posterior, theme.text);
    this.place();
    this.cards.draw();
  }

  /** Load and show the payload's run. @param {boolean} fresh another data set, or the first one */
  async show(fresh) {
    const generation = ++this.generation;
    const { payload, pageFrame, parts } = this;
    const { state } = payload;
    this.stop();
    const [space, gallery] = await Promise.all([loadSpace(payload.runs[state.run]), loadGallery(payload.gallery)]);
    if (pageFrame.gone || generation !== this.generation) return;
    const opening = !this.space;
    this.space = space;
    this.gallery = gallery && gallery.length === space.count * space.decoder.pixels ? gallery : null;
    this.own = space.cov?.some((v, i) => i % 3 === 1 && v !== 0) ? "full" : "diagonal";
    if (opening) this.family = state.q?.[4] ? "full" : state.family === "own" ? this.own : state.family;
    else if (fresh) this.family = this.own;
    pageFrame.recovered();
    const theme = readTheme(pageFrame.root);
    if (!this.plane) this.makePlane();
    const image = fresh && opening ? state.image ?? 0 : fresh ? 0 : this.image;
    const plane = /** @type {Plane} */ (this.plane);
    parts.plane.dataset.run = state.run;
    const link = opening && state.q
      ? new Gaussian([state.q[0], state.q[1]], [state.q[2], state.q[3]], state.q[4])
      : null;
    this.shapes?.show(null, theme.text);
    this.q = this.encoder = null;
    await plane.show(
      space,
      new Coloring(space, "label", payload.class_colors, payload.value_colors, theme.dark),
      theme,
      space.point(Math.min(image, space.count - 1)),
    );
    if (pageFrame.gone || generation !== this.generation) return;
    this.choose(Math.min(image, space.count - 1), link);
    pageFrame.ready();
  }

  makePlane() {
    const { parts } = this;
    this.plane = new Plane(parts.plane, {
      move: (point, which) => this.drag(point, which),
      release: (point, index, which) => this.release(index),
      step: (by, which) => this.step(by, which),
      describe: (point, which) => this.describe(which),
      placed: () => this.placeShapes(),
    }, { handles: ["μ", "a", "b"] });
    this.shapes = new PosteriorShapes(this.plane.overlay.svg);
    const [mu, ...axes] = this.plane.overlay.handles;
    mu.setAttribute("aria-label", "Mean μ of q(z|x); arrow keys move it, Shift moves it further");
    axes.forEach((handle, i) =>
      handle.setAttribute(
        "aria-label",
        `Axis ${
          "ab"[i]
        } of q(z|x); right and left make it longer and shorter, with a full covariance up and down turn it`,
      )
    );
    addToolbar(parts.plane, this.plane);
    for (const element of [parts.plane, parts.bound, parts.jensen]) this.resizing.observe(element);
  }

  /** Show a held-out image. @param {number} index @param {Gaussian | null} [q] to begin with, the encoder's if not given */
  choose(index, q = null) {
    const { space, gallery, parts, payload, plane } = this;
    if (!space || !plane) return;
    this.stop();
    this.image = index;
    parts.image.value = String(index);
    parts.image.max = String(space.count - 1);
    parts.plane.dataset.image = String(index);
    const { pixels, imageShape } = space.decoder;
    this.x = gallery ? Float32Array.from(gallery.subarray(index * pixels, (index + 1) * pixels), (v) => v / 255) : null;
    const usable = space.dim === 2 && this.x;
    this.likelihood = usable && this.x ? new LogLikelihood(space.decoder, this.x) : null;
    this.encoder = usable && space.cov
      ? Gaussian.of(space.point(index), space.cov.subarray(3 * index, 3 * index + 3))
      : null;
    this.encoderElbo = null;
    this.climb.best.clear();
    this.posterior = null;
    this.q = usable ? q ?? this.start() : null;
    parts.xName.textContent = this.x ? "x" : "x, as decoded";
    if (this.x) drawImage(parts.x, this.x, imageShape);
    else drawImage(parts.x, space.reconstruct(index), imageShape);
    this.readings.begin(Boolean(usable));
    this.shapes?.show(null, "");
    this.pageFrame.root.classList.toggle("lx-no-q", !usable);
    for (const button of [parts.optimise, parts.closeUp, ...parts.families]) button.disabled = !usable;
    parts.reset.textContent = this.encoder || !usable ? "Encoder's q" : "Start again";
    parts.reset.disabled = !usable;
    parts.sentence.textContent = this.sentence();
    this.showFamily();
    if (usable && this.encoder) {
      this.encoderElbo = terms(this.encoder, /** @type {LogLikelihood} */ (this.likelihood)).elbo;
    }
    this.closeUp();
    if (usable) this.settle();
    else this.readings.showStored(space.values.reconstruction[index], space.values.kl?.[index]);
    plane.select(usable ? -1 : index);
    if (!usable) this.showDraws(space, index);
    this.report();
    clearTimeout(this.asking);
    this.asking = setTimeout(() => this.ask(payload.state.run, index), ASK_MS);
  }

  /** What the encoder's q stands for where it cannot be dragged: its mean and draws from it, decoded. @param {LatentSpace} space @param {number} index */
  showDraws(space, index) {
    const { parts } = this;
    drawImage(parts.mean, space.reconstruct(index), space.decoder.imageShape);
    const random = new Random(1);
    for (const canvas of parts.samples) {
      const z = space.drawn(index, Array.from({ length: space.dim }, () => random.normal()));
      if (z) drawImage(canvas, space.decoder.decode(z), space.decoder.imageShape);
    }
  }

  /** The q that the page begins with. */
  start() {
    const { encoder, space, image } = this;
    return encoder ?? new Gaussian(/** @type {any} */ (space).point(image), [OWN_WIDTH, OWN_WIDTH], 0);
  }

  /** Have the server integrate. @param {string} run @param {number} image */
  async ask(run, image) {
    const { payload, pageFrame, space } = this;
    const current = () =>
      !pageFrame.gone && this.image === image && this.payload.state.run === run && this.space === space;
    const { posterior, bound } = payload.answers[run];
    try {
      if (this.likelihood) {
        const found = await TruePosterior.fetch(posterior + image);
        if (!current()) return;
        this.posterior = found;
        this.shapes?.show(found, readTheme(pageFrame.root).text);
        this.readings.arrive(found, found.logEvidence - (this.encoderElbo ?? found.logEvidence));
        if (!this.plane?.backdrop.busy && !this.inView(found)) this.closeUp();
        this.settle();
      }
      await this.cards.ask(
        run,
        image,
        this.x ?? null,
        this.x && space?.cov ? bound : null,
        this.posterior?.logEvidence ?? null,
        current,
      );
    } catch (error) {
      if (current()) pageFrame.fail(error, "log p(x) cannot be computed");
    }
  }

  /** Whether the contours are to be seen as they are: on the plane and large enough. @param {TruePosterior} posterior */
  inView(posterior) {
    const box = posterior.extent(posterior.levels[2]);
    if (!box || !this.plane) return true;
    const [[left, right], [bottom, top]] = this.plane.camera.ranges();
    const share = Math.max((box[2] - box[0]) / (right - left), (box[3] - box[1]) / (top - bottom));
    return box[0] > left && box[2] < right && box[1] > bottom && box[3] < top && share > 0.3;
  }

  /** Show posterior and ellipse as large as they fit. */
  closeUp() {
    const { q, plane, posterior } = this;
    if (!plane) return;
    if (!q) return plane.reset();
    const reach = 2.5 * Math.max(...q.radii);
    const around = [q.mu[0] - reach, q.mu[1] - reach, q.mu[0] + reach, q.mu[1] + reach];
    const other = posterior?.extent(posterior.levels[2]) ?? around;
    plane.camera.frame(
      [0, 1, 2, 3].map((i) => (i < 2 ? Math.min : Math.max)(around[i], other[i])),
      plane.camera.height < 450 ? 0.5 : 0.66,
    );
    plane.viewChanged();
    this.place();
  }

  /** A handle is dragged: all that hangs on q follows in this frame. @param {Pair} point @param {number} which */
  drag(point, which) {
    const { q, plane } = this;
    if (!q || !plane) return;
    this.stop();
    if (which === 0) this.take(new Gaussian(point, q.radii, q.angle));
    else this.take(dragged(q, which - 1, point, this.family === "full", plane.camera));
  }

  /** An arrow key on the handle of an axis. @param {Pair} by @param {number} which */
  step(by, which) {
    const { q, plane } = this;
    if (!q || !plane || which === 0) return false;
    const keys = by.map((v) => Math.round((v * plane.camera.scale * STEPS_ACROSS) / plane.camera.width));
    this.stop();
    this.take(pressed(q, which - 1, [keys[0], keys[1]], this.family === "full"));
    this.rest();
    return true;
  }

  /** Adopt a q and show what it costs. @param {Gaussian} q */
  take(q) {
    const { likelihood, space, parts } = this;
    if (!likelihood || !space) return;
    this.q = q;
    this.work.drop("measure");
    this.tell(terms(q, likelihood), null);
    this.pixels = space.decode(q.mu, this.pixels?.length === space.decoder.pixels ? this.pixels : undefined);
    drawImage(parts.mean, this.pixels, space.decoder.imageShape);
    this.turn = (this.turn + 1) % this.noise.length;
    this.drawSample(this.turn);
    this.place();
  }

  /** @param {number} which */
  drawSample(which) {
    const { q, space, parts, noise } = this;
    if (!q || !space) return;
    this.pixels = space.decode(q.z(noise[which]), this.pixels);
    drawImage(parts.samples[which], this.pixels, space.decoder.imageShape);
  }

  /** @param {import("../../maths/elbo.js").Terms} found @param {number | null} open the gap by itself; null while q moves */
  tell(found, open) {
    this.readings.show(found, open);
    this.cards.showSpread(found.spread);
  }

  place() {
    const { plane, q } = this;
    if (!plane) return;
    if (q) plane.handles[0] = q.mu;
    plane.place();
  }

  /** Let what lies over the plane follow q and the view: the handles of the axes keep their distance in pixels. */
  placeShapes() {
    const { plane, q, encoder } = this;
    if (!plane) return;
    this.shapes?.place(plane.camera, q, encoder);
    if (!q) return;
    for (const which of [1, 2]) {
      plane.handles[which] = axisEnd(q, which - 1, plane.camera);
      plane.overlay.placeHandle(plane.camera, which, plane.handles[which], this.describe(which));
    }
  }

  /** A person, or an ascent, is done with q for now. */
  rest() {
    this.settle();
    this.report();
  }

  /** q rests: decode all its samples, and compute both sides of Eq. 10 to more digits. */
  settle() {
    if (!this.q) return;
    this.take(this.q);
    for (let which = 0; which < this.noise.length; which++) this.drawSample(which);
    this.work.restart("measure", () => this.measure());
  }

  /** @returns {Generator<void, void>} */
  *measure() {
    const { q, likelihood, posterior } = this;
    if (!q || !likelihood) return;
    const fine = yield* fineTerms(q, likelihood);
    if (q === this.encoder) this.encoderElbo = fine.elbo;
    this.climb.credit(/** @type {string} */ (this.family), fine.elbo);
    const open = posterior ? yield* gap(q, likelihood, posterior.logNormaliser) : null;
    this.tell(fine, open);
    this.showLoss();
    this.pageFrame.say(this.describe(0));
    this.parts.plane.dataset.measured = q.text();
  }

  showLoss() {
    const family = /** @type {string} */ (this.family);
    this.readings.showLoss(this.encoderElbo ?? null, this.climb.best.get(family) ?? null, family === "full");
  }

  /** End an ascent. */
  stop() {
    this.climb.stop();
    this.work.drop("measure");
  }

  /** @param {number | null} index of the image whose point was clicked */
  release(index) {
    if (index !== null && index >= 0 && index !== this.image) return this.choose(index);
    this.rest();
  }

  report() {
    const { q, family, own, image, pageFrame } = this;
    const moved = q && q !== this.encoder && q.text() !== this.start().text();
    pageFrame.report({
      image: String(image),
      family: family === own ? null : family ?? null,
      q: moved ? q.text() : null,
    });
  }

  showFamily() {
    for (const button of this.parts.families) {
      button.setAttribute("aria-pressed", String(this.q !== null && button.dataset.family === this.family));
    }
  }

  sentence() {
    const { payload, space, image, x } = this;
    if (!space) return "";
    const name = `Image ${image}, class ${payload.classes[space.label[image]]}`;
    if (!x) {
      return `${name}. log p(x) needs the image itself, and this data set's held-out images are not here (train a run with --gallery always to have them): the figures stored with the run stand here, beside the image that it decodes.`;
    }
    if (space.dim !== 2) {
      return `${name}. log p(x) is integrated over two latent dimensions and this run has ${space.dim}: its ELBO stands here, draws of its q(z|x) beside the image, and the importance-weighted bound, which needs no integral, below.`;
    }
    if (!space.cov) {
      return `${name}. This run's code has no noise, so it has no q(z|x) and no ELBO of its own: drag a Gaussian of yours, begun at the code, onto the contours of p(z|x).`;
    }
    return `${name}. Drag μ and the axes a and b: the ellipse q(z|x) that best fills the contours of p(z|x) closes the gap, log p(x) = gap + ELBO (Eq. 10).`;
  }

  /** @param {number} which handle */
  describe(which) {
    const { q, readings: { shown } } = this;
    if (!q) return "";
    const cost = shown ? `; ELBO ${decimals(shown.elbo)} nats` : "";
    if (which === 0) return `mean ${decimals(q.mu[0])}, ${decimals(q.mu[1])}${cost}`;
    return `standard deviation ${significant(q.radii[which - 1])}${cost}`;
  }

  listen() {
    const { parts } = this;
    parts.image.onchange = () => {
      const last = (this.space?.count ?? 1) - 1;
      this.choose(Math.min(Math.max(Math.trunc(Number(parts.image.value)) || 0, 0), last));
    };
    parts.another.onclick = () => this.space && this.choose(Math.floor(Math.random() * this.space.count));
    parts.reset.onclick = () => {
      this.stop();
      this.family = this.own;
      this.q = this.start();
      this.changed();
    };
    parts.optimise.onclick = () => {
      const { q, likelihood, climb } = this;
      if (!climb.climbing && q && likelihood) return climb.start(q, likelihood, this.family === "full");
      this.stop();
      this.changed();
    };
    parts.closeUp.onclick = () => this.closeUp();
    for (const button of parts.families) {
      button.onclick = () => {
        this.stop();
        this.family = /** @type {string} */ (button.dataset.family);
        if (this.family === "diagonal" && this.q) this.q = this.q.angle === 0 ? this.q : this.q.diagonal();
        this.changed();
      };
    }
  }

  /** q or its family was set anew. */
  changed() {
    this.showFamily();
    this.showLoss();
    this.rest();
  }

  destroy() {
    clearTimeout(this.asking);
    this.stop();
    this.work.destroy();
    this.cards.destroy();
    this.resizing.disconnect();
    this.plane?.destroy();
    this.pageFrame.destroy();
  }
}
