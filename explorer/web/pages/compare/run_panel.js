// One run on the Compare page: its plane, what it makes of the image or z that all runs share, and its metrics.

import { describeMarginal, drawMarginal, marginal } from "./marginals.js";
import { nats, percent, place, significant } from "../../dom/format.js";
import { clearImage, drawImage } from "../../dom/image.js";
import { hide, setAttribute, write } from "../../dom/sparing.js";
import { HeldOut } from "../../run/held_out.js";
import { classWords, imageWords } from "../../run/image_words.js";
import { loadSpace, loadTrajectory } from "../../run/loading.js";
import { LastDecoded } from "../../run/last_decoded.js";
import { lossTexts } from "../../run/loss_terms.js";
import { LogLikelihood } from "../../network/log_likelihood.js";
import { DrawnMark } from "./drawn_mark.js";
import { Lens } from "../../plane/lens.js";
import { PANEL_HTML, panelParts } from "./markup.js";
import { Marks } from "../../plane/marks.js";
import { Plane } from "../../plane/plane.js";
import { PanelSum } from "./panel_sum.js";
import { ViewBox } from "../../plane/view_box.js";
import { PastSpace } from "../../run/trajectory.js";
import { curveWords } from "./sentences.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../plane/coloring.js").Coloring} Coloring */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../../run/payload.js").RunInfo} RunInfo */
/** @typedef {import("../../dom/theme.js").Theme} Theme */
/**
 * What a panel tells the page.
 * @typedef {object} PanelEvents
 * @property {(panel: RunPanel, point: Pair) => void} move  a point of its plane is wanted, at most once a frame
 * @property {() => void} release
 * @property {(panel: RunPanel, by: Pair) => boolean} step  an arrow key; true: taken
 * @property {() => void} viewed  a zoom or a pan has come to rest
 * @property {(panel: RunPanel) => import("../../plane/marks.js").Marked} marked  what marks its images
 */

const SHARES = new Set(["prior_coverage", "neighbour_accuracy", "recognisable"]);
/** @type {Record<string, {metric: string, words: string}>} */
const AGAINST = {
  prior_coverage: { metric: "prior_coverage_ceiling", words: "at best" },
  recognisable: { metric: "recognisable_images", words: "real images" },
};
const NARROW = 300; // pixels: less does not hold two columns of metrics

export class RunPanel {
  /** @param {HTMLElement} parent @param {string} run @param {RunInfo} info @param {PanelEvents} events */
  constructor(parent, run, info, events) {
    this.run = run;
    this.info = info;
    this.events = events;
    this.root = document.createElement("section");
    this.root.className = "lx-panel";
    this.root.dataset.testid = `compare-panel-${run}`;
    this.root.setAttribute("aria-label", info.title);
    this.root.innerHTML = PANEL_HTML;
    parent.append(this.root);
    this.parts = panelParts(this.root);
    this.parts.title.textContent = info.title;
    this.parts.fit.setAttribute("aria-label", `Fit the view of ${info.title} to its points`);
    this.parts.plane.dataset.testid = `compare-plane-${run}`;
    this.parts.plane.setAttribute("aria-label", `Latent plane of ${info.title}`);
    this.parts.image.dataset.testid = `compare-image-${run}`;
    /** @type {LatentSpace | null} */
    this.space = null;
    /** the run as it ended, and at an epoch @type {LatentSpace | null} */
    this.end = null;
    this.past = /** @type {PastSpace | null} */ (null);
    /** @type {Plane | null} */
    this.plane = null;
    this.viewBox = /** @type {ViewBox | null} */ (null);
    /** @type {Theme | null} */
    this.theme = null;
    /** the class that a conditional run is given @type {number | null} */
    this.given = null;
    /** the numbers that its classes have among those of all runs, if they are others @type {number[] | null} */
    this.classNumbers = null;
    /** the pictures of its images, if they are here @type {Uint8Array | null} */
    this.gallery = null;
    /** @type {HeldOut | null} */
    this.heldOut = null;
    /** of the image that all runs share @type {Lens | null} */
    this.lens = null;
    /** a drawing on its plane @type {DrawnMark | null} */
    this.mark = null;
    /** of its images @type {Marks | null} */
    this.marks = null;
    /** where the handle is, in words */
    this.words = "";
    /** @type {Float32Array | undefined} of the image that is shown */
    this.pixels = undefined;
    this.decoded = new LastDecoded();
    /** Draws the image again. */
    this.redraw = () => {};
    /** @type {import("./marginals.js").Marginal[] | null} */
    this.marginals = null;
    this.resizing = new ResizeObserver(() => this.resize());
    this.sum = new PanelSum(this);
  }

  /** Fetch the run and prepare its plane. @param {import("../../run/latent_space.js").PointKind} points */
  async load(points) {
    const own = await loadSpace(this.info, this.given);
    this.past = null;
    const space =
      (this.space = this.end = (this.classNumbers ? own.relabelled(this.classNumbers) : own).withPoints(points));
    if (!this.plane && this.root.isConnected) this.plane = this.makePlane();
    return space;
  }

  makePlane() {
    const { parts, events } = this;
    const plane = new Plane(parts.plane, {
      move: (point) => events.move(this, point),
      release: () => events.release(),
      step: (by) => events.step(this, by),
      describe: () => this.words,
      placed: () => {
        this.mark?.place();
        this.marks?.place();
        this.showLens();
        this.showAway();
      },
    });
    this.lens = new Lens(plane);
    this.mark = new DrawnMark(plane);
    this.marks = new Marks(plane, events.marked(this));
    this.viewBox = new ViewBox(plane, events.viewed);
    parts.fit.onclick = () => plane.reset();
    this.resizing.observe(parts.plane);
    this.resizing.observe(parts.marginals[0]); // shown late on a phone
    return plane;
  }

  /**
   * @param {Coloring} coloring @param {Theme} theme @param {(label: number) => boolean} shown
   * @param {import("../../plane/selection.js").Selection} selection images that stand out
   * @param {number[] | null} [box] the part of the plane to be seen, null for all of it, none: as it is
   */
  async show(coloring, theme, shown, selection, box) {
    if (!this.space || !this.plane) return;
    this.theme = theme;
    const heldOut = (this.heldOut = HeldOut.of(this.space, this.gallery));
    this.root.classList.toggle("lx-latents-alone", !this.space.decodes);
    this.root.classList.toggle("lx-pictureless", heldOut.kind(this.space) === "point");
    this.plane.shown = shown;
    this.plane.mask = selection.mask(this.space.count);
    const { decoder } = this.space;
    this.parts.drawn.hidden = !this.space.draws;
    this.parts.server.hidden = !decoder.server;
    this.parts.server.dataset.words = decoder.server;
    decoder.arrived = () => {
      if (decoder.problem) this.showCaption([decoder.problem], "No image");
      else this.redraw();
    };
    await this.plane.show(this.space, coloring, theme, undefined, box);
    this.drawMarginals();
  }

  /** Have the run's epochs at hand; returns the last one, or 0 without any. */
  async loadEpochs() {
    const { info: { trajectory: url }, end } = this;
    if (!url || !end) return 0;
    const trajectory = await loadTrajectory(url);
    if (end !== this.end || !trajectory.moves) return 0;
    if (!this.past) this.past = new PastSpace(end, trajectory);
    return trajectory.last;
  }

  /** Show the points as they lay at an epoch; at the end, if the run had fewer. @param {number} epoch */
  goTo(epoch) {
    const { past, end, plane } = this;
    if (!end || !plane) return;
    const passing = past !== null && epoch < past.trajectory.last;
    past?.goTo(Math.min(epoch, past.trajectory.last));
    const before = this.space;
    this.space = passing ? past : end;
    hide(this.parts.drawn, passing || !end.draws);
    if (passing || before !== end) plane.pass(/** @type {LatentSpace} */ (this.space), passing);
  }

  /** @param {string} verdict @param {Record<string, string>} definitions */
  showMetrics(verdict, definitions) {
    this.parts.verdict.textContent = verdict;
    for (const [i, cell] of this.parts.metrics.entries()) {
      const name = cell.dataset.metric ?? "";
      cell.textContent = metricText(name, this.info.metrics);
      this.parts.metricNames[i].dataset.words = definitions[name] ?? "";
    }
  }

  /** What the handle is called for those who cannot see what it stands on. @param {string} words */
  nameHandle(words) {
    this.plane?.overlay.handles[0].setAttribute("aria-label", `${this.info.title}: ${words}`);
  }

  /**
   * Show a held-out image: its point, its posterior and its reconstruction.
   * @param {number} index @param {string[]} classes
   */
  showImage(index, classes) {
    const { space, plane, parts, heldOut } = this;
    if (!space || !plane || !heldOut) return;
    this.decoded.forget();
    const kind = heldOut.kind(space);
    if (index >= space.count) {
      plane.select(-1);
      this.redraw = () => {};
      clearImage(parts.image);
      this.showCaption([`no ${kind} ${index} in this run`], "No image");
      return;
    }
    const words =
      (this.words = imageWords(index, space.label[index], classes, kind).replace(/^./, (c) => c.toLowerCase()));
    plane.selected = index;
    plane.moveTo(space.reach(space.point(index)), null);
    if (!space.decodes) {
      this.showAlone([words], index);
      return;
    }
    this.redraw = () => this.draw(space.reconstruct(index, this.pixels), space);
    if (space === this.past) {
      this.redraw();
      this.showCaption([words, "the final decoder, at its mean of then"], `Decoded at the mean of then of ${words}`);
      return;
    }
    this.showCaption([], `Reconstruction of ${words}`);
    this.sum.show(index);
  }

  /**
   * Show a point of the plane: what it decodes to, and the held-out image nearest to that z, in all its dimensions.
   * @param {Pair} point @param {string[]} classes
   */
  showPoint(point, classes) {
    const { space, plane, heldOut } = this;
    if (!space || !plane || !heldOut) return;
    const z = space.latent(point);
    const [{ index, distance }] = space.nearestCodes(z, 1);
    const nearest = `nearest ${heldOut.kind(space)}: ${classWords(space.label[index], classes) || index}`;
    this.words = `${place(point, space.dim)}; ${nearest}`;
    plane.selected = -1;
    plane.moveTo(space.reach(point), space.point(index));
    if (!space.decodes) {
      this.showAlone([nearest, `${significant(distance)} away`], index);
      return;
    }
    this.redraw = () => this.draw(space.decoder.decode(z, this.pixels), space);
    if (this.decoded.differs(space.decoder, z)) this.redraw();
    this.showCaption([nearest, `${significant(distance)} away`], `Decoded at ${this.words}`);
  }

  /**
   * Show a drawing: where q(z|x) of it lies, and what comes back.
   * @param {Float32Array | null} pixels in the frame of the run's images; null: nothing is drawn yet
   * @param {import("../../maths/posterior.js").Posterior | null} posterior  null where no encoder is at hand
   * @param {number} label that a conditional run is given @param {string[]} classes
   */
  showDrawn(pixels, posterior, label, classes) {
    const { space, plane, mark, parts } = this;
    if (!space || !plane || !mark) return;
    plane.selected = -1;
    this.redraw = () => {};
    this.decoded.forget();
    if (!pixels || !posterior) {
      mark.clear();
      plane.moveTo(plane.point, null);
      clearImage(parts.image);
      const alone = space.decodes ? "no encoder that the browser can run" : "latents alone: no encoder";
      const why = !space.decodes || pixels ? alone : "nothing is drawn yet";
      this.words = why;
      this.showCaption([why], "No image");
      return;
    }
    const { mu } = posterior;
    const [{ index }] = space.nearestCodes(mu, 1);
    const nearest = `nearest code: ${classWords(space.label[index], classes) || `image ${index}`}`;
    this.words = `the drawing at ${place(space.project(mu), space.dim)}; ${nearest}`;
    mark.goTo(space.project(mu), posterior.deterministic ? null : space.ellipseOf(posterior.factor));
    plane.moveTo(space.reach(space.project(mu)), null);
    const decoder = space.decoder.given(label);
    this.redraw = () => this.draw(decoder.decode(mu, this.pixels), space);
    this.redraw();
    const kl = posterior.kl();
    const terms = decoder.server ? null : lossTexts(-new LogLikelihood(decoder, pixels).at(mu), kl);
    this.showCaption([
      nearest,
      terms ? `−log p(x|μ) ${terms.reconstruction} nats` : "",
      terms?.kl ? `KL ${terms.kl} nats` : kl === null ? "no KL: a code without noise" : "",
    ], `Reconstruction of ${this.words}`);
  }

  /**
   * What is shown of latents alone: the picture of a point, if there is one.
   * @param {string[]} lines @param {number} index
   */
  showAlone(lines, index) {
    const { space, heldOut, parts } = this;
    this.redraw = () => {};
    if (space && heldOut?.gallery) heldOut.draw(parts.image, space, index);
    this.showCaption([...lines, "latents alone: no decoder"], `Picture of point ${index}`);
  }

  /** @param {Float32Array} pixels @param {LatentSpace} space */
  draw(pixels, space) {
    this.pixels = pixels;
    drawImage(this.parts.image, pixels, space.decoder.imageShape);
  }

  /** @param {string[]} lines beside the image @param {string} label of the image */
  showCaption(lines, label) {
    const { lines: caption, image } = this.parts;
    this.sum.hide();
    while (caption.children.length < lines.length) caption.append(document.createElement("span"));
    Array.from(caption.children).forEach((child, i) => {
      write(child, lines[i] ?? "");
    });
    setAttribute(image, "aria-label", label);
  }

  /** Magnify the posterior of the shared image, where it is smaller than the handle. */
  showLens() {
    const { lens, plane } = this;
    if (!lens || !plane) return;
    lens.on = !plane.travelling;
    lens.show(plane.selected, this.words);
  }

  /** Say so when the handle has left the view: in another run the same z may lie far off. */
  showAway() {
    if (!this.plane) return;
    const { camera, point } = this.plane;
    const [x, y] = camera.toPixel(point);
    hide(this.parts.away, x >= 0 && y >= 0 && x <= camera.width && y <= camera.height);
  }

  /** @param {Theme} theme */
  setTheme(theme) {
    this.theme = theme;
    this.plane?.setTheme(theme);
    this.drawMarginals();
  }

  drawMarginals() {
    const { space, theme, parts } = this;
    if (!space || !theme) return;
    this.marginals ??= space.line ? [marginal(space, 0)] : [marginal(space, 0), marginal(space, 1)];
    parts.marginals[1].hidden = space.line;
    const names = space.line ? ["z"] : space.dim === 2 ? ["z₁", "z₂"] : ["principal axis 1", "principal axis 2"];
    const kind = this.heldOut?.kind(space) ?? "image";
    const curves = curveWords({
      deterministic: !space.values.kl,
      decodes: space.decodes,
      prior: space.decoder.prior.words,
    }, kind);
    [curves.posterior, curves.prior].forEach((curve, i) => {
      const term = parts.curves[i];
      if (term.parentElement) term.parentElement.hidden = !curve;
      [term.textContent, term.dataset.words] = curve ?? ["", ""];
    });
    this.marginals.forEach((densities, axis) => {
      drawMarginal(parts.marginals[axis], densities, theme);
      parts.marginals[axis].setAttribute("aria-label", describeMarginal(densities, names[axis], curves));
    });
    parts.axes.textContent = space.line
      ? "along z"
      : space.dim === 2
      ? "along z₁ and z₂"
      : `along 2 principal axes of ${space.dim}`;
  }

  resize() {
    this.root.classList.toggle("lx-narrow", this.root.clientWidth < NARROW);
    this.plane?.resize();
    this.drawMarginals();
  }

  destroy() {
    this.resizing.disconnect();
    this.viewBox?.destroy();
    this.plane?.destroy();
    this.root.remove();
  }
}

/** A metric, and what it is to be held against. @param {string} name @param {RunInfo["metrics"]} metrics */
function metricText(name, metrics) {
  const value = metrics[name] ?? null;
  if (value === null) return "none";
  if (!SHARES.has(name)) return termText(name, metrics) ?? nats(value);
  const against = AGAINST[name] && metrics[AGAINST[name].metric];
  return `${percent(value)}${against ? `; ${AGAINST[name].words} ${percent(against)}` : ""}`;
}

/**
 * A term of the loss, or the ELBO, as it adds up with the others.
 * @param {string} name @param {RunInfo["metrics"]} metrics
 */
function termText(name, { reconstruction, kl }) {
  if (typeof reconstruction !== "number") return null;
  const text = /** @type {Record<string, string | null>} */ ({ ...lossTexts(reconstruction, kl) })[name];
  return text ? `${text} nats` : null;
}
