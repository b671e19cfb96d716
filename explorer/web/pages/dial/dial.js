// The beta dial: one slider moves the points of a family of runs, and the decoded image, from beta to beta.

import { addEither, imageLinks, zLinks } from "../../dom/along.js";
import { explained } from "../../dom/explained.js";
import { nats, place as placeWords, rounded } from "../../dom/format.js";
import { clearImage, drawImage } from "../../dom/image.js";
import { LifeCycle } from "../../dom/life_cycle.js";
import { PageFrame } from "../../dom/page_frame.js";
import { Player } from "../../dom/player.js";
import { readTheme } from "../../dom/theme.js";
import { imageTowards } from "../../plane/arrow_step.js";
import { Coloring } from "../../plane/coloring.js";
import { legend } from "../../plane/legend.js";
import { Plane } from "../../plane/plane.js";
import { addShare, planesPicture } from "../../plane/share_page.js";
import { HeldOut } from "../../run/held_out.js";
import { imageWords } from "../../run/image_words.js";
import { loadGallery, loadSpace } from "../../run/loading.js";
import { BetaPlaces } from "./beta_places.js";
import { BlendedSpace } from "./blended_space.js";
import { dialParts, HTML } from "./markup.js";
import { RateDistortion } from "./rate_distortion.js";
import { activeWords, blendSentence, dialSentence, emptySentence } from "./sentences.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/**
 * As explorer/views/families.py has it.
 * @typedef {{name: string, runs: string[], betas: import("./beta_places.js").Beta[], warm: boolean,
 *   left_out: number, active: (number | null)[]}} Family  active: active units of each
 */
/**
 * @typedef {object} State  as DIAL in explorer/views/pages.py
 * @property {string} dataset
 * @property {string} family  its name; "": the first
 * @property {string} beta  where the dial stands, "inf" for the KL term alone
 * @property {"image" | "z"} link  what stays the same
 * @property {number | null} image
 * @property {number[] | null} z
 */
/** @typedef {import("../../run/payload.js").Payload<State> & {families: Family[], broken: string[]}} Payload */

export class Dial {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("../../dom/page_frame.js").Host} host */
  constructor(parent, payload, host) {
    this.pageFrame = new PageFrame(parent, "dial", HTML, host);
    this.life = new LifeCycle(this.pageFrame, payload, {
      wants: (given) => JSON.stringify([given.state.dataset, this.familyOf(given), given.broken]),
      load: (given) => this.load(given),
      show: (loaded) => this.show(loaded),
      restyle: () => this.restyle(),
      failure: "These runs cannot be shown",
    });
    this.parts = dialParts(this.pageFrame);
    const { parts } = this;
    /** @type {State["link"]} */
    this.link = payload.state.link;
    this.image = payload.state.image ?? -1;
    const { z } = payload.state;
    /** @type {Pair} */
    this.z = z?.length === 2 ? [z[0], z[1]] : [0, 0]; // another one is of a run of other dimensions
    this.name = payload.state.family;
    this.beta = payload.state.beta === "inf" ? Infinity : Number(payload.state.beta);
    this.dataset = payload.state.dataset;
    /** @type {Set<number>} classes switched off */
    this.hidden = new Set();
    this.isShown = (/** @type {number} */ label) => !this.hidden.has(label);
    this.places = new BetaPlaces([1]);
    /** @type {BlendedSpace | null} */
    this.space = null;
    /** @type {HeldOut | null} */
    this.heldOut = null;
    /** @type {Float32Array | undefined} */
    this.pixels = undefined;
    this.plane = new Plane(parts.plane, {
      move: (point) => this.move(point),
      release: () => this.report(),
      step: (by) => this.step(by),
      describe: () => this.words(),
    });
    this.player = new Player(parts.player, {
      move: (t) => this.goTo(this.places.caught(t)),
      rest: () => this.report(),
    }, (t) => this.places.words(this.places.caught(t)));
    this.curve = new RateDistortion(parts.curve, (index) => this.jump(index));
    this.takeAlong();
    this.listen();
    this.resizing = new ResizeObserver(() => {
      this.plane.resize();
      this.curve.draw();
    });
    this.resizing.observe(parts.plane);
    this.resizing.observe(parts.curve);
    this.life.begin();
  }

  get payload() {
    return this.life.payload;
  }

  /** @param {Payload} payload */
  update(payload) {
    return this.life.update(payload);
  }

  listen() {
    const { parts, plane } = this;
    for (const button of parts.links) {
      button.onclick = () => {
        this.link = /** @type {State["link"]} */ (button.dataset.link);
        this.showShared();
        this.report();
      };
    }
    parts.fit.onclick = () => plane.reset();
    parts.family.onchange = () => {
      this.name = parts.family.value;
      this.pageFrame.report({ family: this.name });
      return this.life.adopt(this.payload);
    };
    parts.player.addEventListener("keydown", (event) => {
      const by = { PageUp: 1, PageDown: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      const { place } = this;
      this.jump(Math.min(Math.max(by > 0 ? Math.floor(place) + 1 : Math.ceil(place) - 1, 0), this.places.last));
    });
  }

  /** What is shown goes along with the run that the dial stands nearest to. */
  takeAlong() {
    const { pageFrame, parts, plane } = this;
    const run = () => this.familyOf(this.payload)?.runs[Math.round(this.place)] ?? "";
    const image = imageLinks(() => ({ dataset: this.dataset, run: run(), image: this.image }));
    const z = zLinks(() => ({ dataset: this.dataset, run: run(), z: this.z }));
    this.showAlong = addEither(pageFrame, { image, z }, parts.along);
    const title = () => `${this.places.words(this.place)}, ${this.words()}`;
    addShare(pageFrame, {
      file: () => `${this.dataset}-beta-${this.places.text(this.place)}`,
      title,
    }, () => planesPicture([{ plane, title: title() }]));
  }

  /** @param {Payload} payload @returns {Family | null} */
  familyOf({ families, state }) {
    const name = this.name ?? state.family;
    return families.find((one) => one.name === name) ?? families[0] ?? null;
  }

  /** @param {Payload} payload */
  async load(payload) {
    if (payload.state.dataset !== this.dataset) {
      [this.dataset, this.name, this.image, this.z] = [payload.state.dataset, "", -1, [0, 0]];
      this.hidden.clear();
    }
    const family = this.familyOf(payload);
    const whole = family && !payload.broken.length ? family : null;
    const loading = (whole?.runs ?? []).map((run) => loadSpace(payload.runs[run], null));
    const [gallery, ...spaces] = await Promise.all([loadGallery(whole && payload.gallery), ...loading]);
    return { family: whole, gallery, spaces };
  }

  /** @param {{family: Family | null, gallery: Uint8Array | null, spaces: LatentSpace[]}} loaded */
  async show({ family, gallery, spaces }) {
    const { parts, payload, plane } = this;
    parts.loading.hidden = true;
    parts.broken.hidden = !payload.broken.length;
    parts.broken.textContent = payload.broken.join(" ");
    parts.shown.hidden = !family;
    explained(parts.sentence, family ? dialSentence(family) : payload.broken.length ? "" : emptySentence(this.dataset));
    if (!family) return;
    this.name = family.name;
    parts.family.replaceChildren(...payload.families.map(({ name }) => new Option(name, name)));
    parts.family.value = family.name;
    parts.familyBox.hidden = payload.families.length < 2;
    this.places = new BetaPlaces(family.betas);
    this.showStops(family);
    const space = new BlendedSpace(spaces);
    this.space = space;
    this.heldOut = HeldOut.of(space, gallery);
    if (this.image < 0 || this.image >= space.count) this.image = Math.floor(space.count / 2);
    this.curve.trades = family.runs.map((run, i) => {
      const { reconstruction, kl } = payload.runs[run].metrics;
      const known = typeof reconstruction === "number" && typeof kl === "number";
      return known ? { rate: kl, distortion: reconstruction, name: this.places.short(i) } : null;
    });
    this.parts.activeName.dataset.words = payload.definitions.active_units ?? "";
    const place = this.places.place(this.beta);
    space.goTo(0); // where the points lie widest apart, so that the view holds all others too, and stays
    const theme = readTheme(this.pageFrame.root);
    plane.shown = this.isShown;
    await plane.show(space, this.coloring(space, theme), theme);
    this.curve.theme = theme;
    this.player.set(place / this.places.last);
  }

  /** @param {BlendedSpace} space @param {import("../../dom/theme.js").Theme} theme */
  coloring(space, theme) {
    const { class_colors, value_colors, classes } = this.payload;
    const coloring = new Coloring(space, "label", class_colors, value_colors, theme.dark);
    legend(this.parts.legend, coloring, classes, this.hidden, () => this.plane.filter(this.isShown));
    return coloring;
  }

  /** A button under the slider for each run. @param {Family} family */
  showStops({ runs }) {
    const stops = runs.map((run, i) => {
      const stop = Object.assign(document.createElement("button"), {
        type: "button",
        textContent: this.places.short(i),
      });
      stop.style.left = `${100 * i / this.places.last}%`;
      stop.title = `${this.places.loss(i)}: ${run}`;
      stop.setAttribute("aria-label", stop.title);
      stop.onclick = () => this.jump(i);
      return stop;
    });
    this.parts.stops.replaceChildren(...stops);
  }

  /** Where the dial stands: 0 for the first run, 1 for the second. */
  get place() {
    return this.space?.at ?? 0;
  }

  /** @param {number} place */
  jump(place) {
    this.player.jump(place / this.places.last);
  }

  /** The live path. @param {number} place */
  goTo(place) {
    const { space, plane, curve, pageFrame: { root } } = this;
    if (!space) return;
    space.goTo(place);
    this.beta = this.places.beta(place);
    root.dataset.place = String(rounded(place));
    plane.pass(space, true);
    curve.place = place;
    curve.draw();
    this.showFigures();
    this.showShared();
  }

  showFigures() {
    const { parts, places, place, curve: { now }, payload } = this;
    const { active = [] } = this.familyOf(payload) ?? {};
    const around = [...new Set([Math.floor(place), Math.ceil(place)])];
    const about = around.length > 1 ? "about " : "";
    parts.blend.textContent = blendSentence(around.length > 1);
    parts.reconstruction.textContent = now ? `${about}${nats(now.distortion)}` : "not measured";
    parts.kl.textContent = now ? `${about}${nats(now.rate)}` : "not measured";
    parts.active.textContent = activeWords(around.map((index) => active[index]));
    parts.curve.setAttribute(
      "aria-label",
      `Rate-distortion curve: ${places.words(place)}, KL ${parts.kl.textContent}, reconstruction ` +
        parts.reconstruction.textContent,
    );
  }

  /** @param {Pair} point of the plane that is dragged to */
  move(point) {
    if (!this.space) return;
    if (this.link === "z") this.z = point;
    else {
      const { index } = this.space.nearest(point, this.isShown);
      if (index < 0) return;
      this.image = index;
    }
    this.showShared();
  }

  /** @param {Pair} by */
  step(by) {
    if (this.link === "z" || !this.space) return false;
    const next = imageTowards(this.space, this.image, by, this.isShown);
    if (next >= 0) {
      this.image = next;
      this.showShared();
      this.report();
    }
    return true;
  }

  /** What stays the same, and what the place makes of it. */
  showShared() {
    const { parts, space, plane, link, image, heldOut } = this;
    for (const button of parts.links) button.setAttribute("aria-pressed", String(button.dataset.link === link));
    this.showAlong?.(link);
    if (!space) return;
    const byImage = link === "image";
    parts.original.hidden = !byImage || !heldOut?.gallery;
    if (byImage && heldOut?.gallery) heldOut.draw(parts.original, space, image);
    else clearImage(parts.original);
    plane.selected = byImage ? image : -1;
    plane.moveTo(byImage ? space.point(image) : this.z, null);
    this.pixels = byImage ? space.reconstruct(image, this.pixels) : space.decode(this.z, this.pixels);
    drawImage(parts.decoded, this.pixels, space.decoder.imageShape);
    parts.what.textContent = this.words();
    parts.original.setAttribute("aria-label", `Held-out image ${image}`);
    parts.decoded.setAttribute("aria-label", byImage ? `Its reconstruction` : `Decoded at ${this.words()}`);
  }

  /** What stays the same, in words. */
  words() {
    const { space, image, z, payload: { classes } } = this;
    if (!space) return "";
    return this.link === "image" ? imageWords(image, space.label[image], classes) : placeWords(z, 2);
  }

  restyle() {
    const theme = readTheme(this.pageFrame.root);
    this.curve.theme = theme;
    this.curve.draw();
    this.plane.setTheme(theme);
    if (this.space) this.plane.recolor(this.coloring(this.space, theme));
  }

  /** Tell the host how the page stands, and speak it. */
  report() {
    const { link, image, z, places, place } = this;
    this.pageFrame.report({ link, image, z: z.map(rounded), beta: places.text(place), family: this.name });
    this.pageFrame.say(`${places.words(place)}; ${this.words()}`);
  }

  destroy() {
    this.resizing.disconnect();
    this.player.destroy();
    this.plane.destroy();
    this.life.destroy();
  }
}
