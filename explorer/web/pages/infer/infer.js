// The Infer page: pixels of an image are hidden, shown or painted, and the posterior over z follows.

import { addEither, imageLinks, zLinks } from "../../dom/along.js";
import { explained } from "../../dom/explained.js";
import { place, rounded } from "../../dom/format.js";
import { drawImage } from "../../dom/image.js";
import { LifeCycle } from "../../dom/life_cycle.js";
import { lightTogether } from "../../dom/lit_term.js";
import { PageFrame } from "../../dom/page_frame.js";
import { readTheme } from "../../dom/theme.js";
import { Random } from "../../maths/normal.js";
import { maskIn, maskOf, textOf } from "../../maths/pixel_mask.js";
import { pixelTerms } from "../../network/log_likelihood.js";
import { ModeSearch } from "../../network/mode_search.js";
import { HeldOut } from "../../run/held_out.js";
import { InferenceClient } from "../../run/inference_client.js";
import { likelihoodWords } from "../../run/likelihood_words.js";
import { loadEncoder, loadGallery, loadSpace, wanted } from "../../run/loading.js";
import { OwnImage } from "../../run/own_image.js";
import { BeliefPlane } from "./belief_plane.js";
import { Completions } from "./completions.js";
import { HTML, inferParts } from "./markup.js";
import { PixelBoard } from "./pixel_board.js";
import { Readout } from "./readout.js";
import { inferSentence } from "./sentences.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../maths/pixel_mask.js").Mask} Mask */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../../network/encoder.js").Encoder} Encoder */
/**
 * @typedef {object} State  as INFER in explorer/views/pages.py
 * @property {string} dataset
 * @property {string} run
 * @property {number | null} given  class that a conditional run is given for an image of one's own; null: the first
 * @property {number | null} image
 * @property {"held-out" | "draw"} source  of the image
 * @property {"part" | "paint"} mode
 * @property {string | null} seen  which pixels are, null: the upper half
 * @property {string | null} bright  which are painted so
 * @property {string | null} dark
 * @property {number} brush  pixels across; 0: a rectangle
 */
/** @typedef {import("../../run/payload.js").Payload<State> & {upload: string}} Payload */
/**
 * @typedef {{space: LatentSpace, gallery: Uint8Array | null, encoder: Encoder}} Loaded
 */
/** @typedef {"hide" | "show" | "bright" | "dark" | "erase"} Tool */

const FIRST_CLASS = 3; // whose plainest image is shown at first
const PAINT_STEPS = 4; // of the way up, a frame

export class Infer {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("../../dom/page_frame.js").Host} host */
  constructor(parent, payload, host) {
    this.pageFrame = new PageFrame(parent, "infer", HTML, host);
    lightTogether(this.pageFrame.root);
    const { mode, source } = payload.state;
    Object.assign(this.pageFrame.root.dataset, { mode, source }); // what is of another mode takes no place at first
    this.life = new LifeCycle(this.pageFrame, payload, {
      wants: ({ state, runs, gallery }) => wanted({ runs, gallery }, [state.run], state.given),
      load: (given) => this.load(given),
      show: (loaded) => this.show(loaded),
      restyle: () => this.restyle(),
    });
    this.parts = inferParts(this.pageFrame);
    this.client = new InferenceClient((news) => this.hear(news));
    this.plane = new BeliefPlane(this.parts.plane, {
      move: (point) => this.moveTo(point),
      release: (index) => index !== null && index >= 0 && this.state.mode === "part" && this.choose(index),
      describe: () => this.space ? place(this.space.project(this.z), this.space.dim) : "",
    }, {
      file: () => `${this.payload.state.dataset}-${this.payload.state.run}-infer`,
      title: () => `p(z | seen pixels), ${this.payload.state.run}`,
    });
    this.board = new PixelBoard(this.parts.board, {
      touch: (places, first) => this.touch(places, first),
      end: () => this.end(),
      say: (x, y) => this.sayPixel(x, y),
    });
    this.completions = new Completions({
      images: this.parts.completions,
      mean: this.parts.mean,
      spread: this.parts.spread,
      largest: this.parts.largest,
    });
    this.readout = new Readout(this.pageFrame.root);
    const from = () => ({ dataset: this.payload.state.dataset, run: this.payload.state.run });
    this.showAlong = addEither(this.pageFrame, {
      image: imageLinks(() => ({ ...from(), image: this.index }), ["infer"]),
      z: zLinks(() => ({ ...from(), z: this.z })),
    }, this.parts.along);
    this.own = new OwnImage(this.parts.own, payload.upload, () => this.ask());
    /** @type {LatentSpace | null} */
    this.space = null;
    /** @type {HeldOut | null} */
    this.heldOut = null;
    /** @type {Encoder | null} */
    this.encoder = null;
    this.index = 0;
    /** where the handle is @type {number[]} */
    this.z = [0, 0];
    /** @type {Tool} */
    this.tool = "hide";
    this.state = payload.state;
    /** one byte for each place @type {Record<"seen" | "bright" | "dark", Mask>} */
    this.masks = { seen: new Uint8Array(784), bright: new Uint8Array(784), dark: new Uint8Array(784) };
    /** as they were when the stroke began */
    this.before = this.masks;
    /** performance.now() of a stroke that waits for its posterior, for measurements */
    this.asked = 0;
    this.stroking = false;
    /** whether the view is to go to the next posterior: it is another image's */
    this.seeks = true;
    this.listen();
    this.resizing = new ResizeObserver(() => this.plane.resize());
    this.resizing.observe(this.parts.plane);
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

  /** @param {Payload} payload */
  adopt(payload) {
    return this.life.adopt(payload);
  }

  get theme() {
    return readTheme(this.pageFrame.root);
  }

  /** @param {Payload} payload @returns {Promise<Loaded>} */
  async load({ runs, state, gallery: url }) {
    const [space, gallery, encoder] = await Promise.all([
      loadSpace(runs[state.run]),
      loadGallery(url),
      loadEncoder(runs[state.run].encoder),
    ]);
    return { space, gallery, encoder };
  }

  /** Show a run, as the address says. @param {Loaded} loaded */
  async show({ space, gallery, encoder }) {
    const { payload, parts } = this;
    const { state, classes } = payload;
    const another = this.space?.decoder.network !== space.decoder.network;
    this.state = { ...state };
    this.heldOut = HeldOut.of(space, gallery, classes.length);
    this.encoder = encoder;
    if (another || this.index !== (state.image ?? this.index)) this.readout.forget();
    this.index = Math.min(
      state.image ?? this.heldOut.typical(classes.length > FIRST_CLASS ? FIRST_CLASS : 0),
      space.count - 1,
    );
    this.space = space;
    this.board.setShape(space.decoder.imageShape);
    this.own.setShape(space.decoder.imageShape);
    const { size } = this.board;
    const count = size.width * size.height;
    this.masks = {
      seen: state.seen === null ? maskOf("upper", size, () => 0) : maskIn(state.seen, count),
      bright: maskIn(state.bright ?? "", count),
      dark: maskIn(state.dark ?? "", count),
    };
    parts.plane.dataset.run = state.run;
    parts.likelihood.textContent = likelihoodWords(space.decoder);
    parts.image.max = String(space.count - 1);
    explained(parts.sentence, inferSentence(space, state.mode));
    this.showControls();
    if (another) {
      this.plane.believe(null);
      this.seeks = true;
      this.z = Array(space.dim).fill(0);
      await this.plane.show(space, payload, this.theme);
      if (this.space !== space) return; // the next run is on its way already
    }
    this.readout.stroke(this.key);
    this.ask();
  }

  restyle() {
    this.plane.setTheme(this.theme);
    this.draw();
  }

  showControls() {
    const { parts, state, board } = this;
    Object.assign(this.pageFrame.root.dataset, { mode: state.mode, source: state.source });
    const tools = state.mode === "part" ? ["hide", "show"] : ["bright", "dark", "erase"];
    if (!tools.includes(this.tool)) this.tool = /** @type {Tool} */ (tools[0]);
    for (const button of parts.modes) button.setAttribute("aria-pressed", String(button.dataset.mode === state.mode));
    for (const button of parts.tools) {
      button.hidden = !tools.includes(button.dataset.tool ?? "");
      button.setAttribute("aria-pressed", String(button.dataset.tool === this.tool));
    }
    for (const button of parts.sources) {
      button.setAttribute("aria-pressed", String(button.dataset.source === state.source));
    }
    parts.own.hidden = state.source !== "draw" || state.mode === "paint";
    parts.number.hidden = parts.another.hidden = state.source === "draw";
    this.showAlong(state.source === "draw" || state.mode === "paint" ? "z" : "image");
    parts.image.value = String(this.index);
    board.wide = state.brush;
    parts.brush.value = String(state.brush);
    parts.brushValue.textContent = state.brush ? `${state.brush} px` : "box";
    parts.brush.setAttribute("aria-valuetext", state.brush ? `${state.brush} pixels` : "a rectangle");
  }

  /** What is inferred from, as one text. */
  get key() {
    const { seen, bright, dark } = this.masks;
    return this.state.mode === "part" ? textOf(seen) : `${textOf(bright)}.${textOf(dark)}`;
  }

  /** The image that is shown; one's own is empty at first. */
  get x() {
    const { space, state, own, heldOut, index } = this;
    if (!space) return new Float32Array(0);
    if (state.source === "draw") return own.pixels ?? new Float32Array(space.decoder.pixels);
    return heldOut?.x(index) ?? space.reconstruct(index);
  }

  /** The class that a conditional run is given. */
  get label() {
    const { state, space, index } = this;
    return state.source === "draw" || state.mode === "paint" ? this.payload.state.given ?? 0 : space?.label[index] ?? 0;
  }

  /** Pixels that count, and their values. @returns {{x: Float32Array, seen: Mask}} */
  get question() {
    const { seen, bright, dark } = this.masks;
    if (this.state.mode === "part") return { x: this.x, seen };
    const pixels = this.space?.decoder.pixels ?? 0;
    const x = Float32Array.from({ length: pixels }, (_, i) => bright[i % bright.length]);
    return { x, seen: bright.map((v, i) => v | dark[i]) };
  }

  /** Ask the worker what is known of z now. */
  ask() {
    const { space, encoder, payload, state } = this;
    if (!space || !encoder) return;
    const { x, seen } = this.question;
    const visible = x.map((v, i) => v * seen[i % seen.length]);
    const q = encoder.encode(visible, this.label);
    const whole = encoder.encode(x, this.label);
    const painting = state.mode === "paint";
    this.plane.showEncoder(painting || encoder.deterministic ? null : q);
    this.asked = performance.now();
    this.parts.plane.dataset.settled = "false";
    this.client.ask({
      decoder: payload.runs[state.run].decoder,
      classifier: payload.classifier,
      label: this.label,
      dim: space.dim,
      question: { x, seen, hints: painting ? [] : [q, whole] },
    });
    this.draw();
  }

  /** @param {import("../../run/inference_worker.js").News} news */
  hear({ belief, pictures, settled, problem, grid }) {
    const { space, parts, masks, state, payload } = this;
    if (problem) this.pageFrame.fail(problem, "The posterior cannot be computed");
    if (!space) return;
    const { seen } = this.question;
    const count = seen.reduce((sum, v) => sum + v, 0);
    if (grid !== undefined) parts.plane.dataset.firstGrid ??= String(grid);
    if (belief) {
      this.plane.believe(belief);
      if (this.seeks) this.plane.findIt();
      this.seeks = false;
      if (state.mode === "part") this.showZ(belief.likeliest);
      else if (space.dim <= 2) this.follow([this.z, belief.likeliest]);
      this.readout.show(belief, { seen: count, places: seen.length, painted: state.mode === "paint" });
      if (this.asked) parts.plane.dataset.lag = String(performance.now() - this.asked);
      this.asked = 0;
      parts.plane.dataset.entropy = String(belief.entropy);
      parts.plane.dataset.evidence = String(belief.logEvidence);
    }
    if (pictures) {
      const mask = state.mode === "part" ? masks.seen : seen;
      this.completions.show(pictures, mask, space.decoder.imageShape, this.theme.accent);
      this.readout.showClasses(pictures.classes, payload.classes, payload.class_colors);
      this.readout.showGap(state.mode === "part" ? pictures.gap : null, count === seen.length);
    }
    if (settled) parts.plane.dataset.settled = "true";
  }

  /** @param {number[]} z to be shown under the handle */
  showZ(z) {
    const { space, parts } = this;
    if (!space) return;
    this.z = z;
    const pixels = space.given(this.label).decoder.decode(z);
    drawImage(parts.atZ, pixels, space.decoder.imageShape);
    this.plane.moveTo(space.project(z));
    parts.atZ.dataset.z = z.map(rounded).join();
    if (this.state.mode === "paint") this.draw(pixels);
  }

  /** @param {Pair} point that the handle is dragged to */
  moveTo(point) {
    if (this.space) this.showZ(Array.from(this.space.latent(point)));
  }

  /** Climb to the z that agrees best with what is painted, from the best of some. @param {number[][]} starts */
  follow(starts) {
    const { space } = this;
    if (!space) return;
    const { x, seen } = this.question;
    /** @type {number[]} */
    const pixels = [];
    for (let i = 0; i < x.length; i++) if (seen[i % seen.length]) pixels.push(i);
    const { decoder } = space.given(this.label);
    const found = starts.map((z) =>
      new ModeSearch(decoder, { pixels, x, terms: pixelTerms(decoder) }, z).run(PAINT_STEPS)
    );
    this.showZ(found.reduce((best, mode) => mode.value > best.value ? mode : best).z);
  }

  /** The image with its mask; while painting, what z decodes to. @param {ArrayLike<number>} [decoded] */
  draw(decoded) {
    const { space, state, board, masks, theme } = this;
    if (!space) return;
    if (state.mode === "part") board.draw(this.x, masks.seen, "hatched", theme);
    else board.draw(decoded ?? space.given(this.label).decoder.decode(this.z), this.question.seen, "outlined", theme);
  }

  /** The brush is over some places. @param {number[]} places @param {boolean} first */
  touch(places, first) {
    if (this.stroking && first) this.masks = copies(this.before); // a rectangle grows anew
    else if (!this.stroking) {
      this.before = copies(this.masks);
      this.readout.begin();
    }
    this.stroking = true;
    const { seen, bright, dark } = this.masks;
    for (const at of places) {
      if (this.state.mode === "part") seen[at] = this.tool === "show" ? 1 : 0;
      else [bright[at], dark[at]] = [Number(this.tool === "bright"), Number(this.tool === "dark")];
    }
    if (this.state.mode === "paint") this.follow([this.z]);
    this.ask();
  }

  /** A stroke has ended. */
  end() {
    this.stroking = false;
    this.parts.way.value = "";
    this.readout.stroke(this.key);
    this.report();
  }

  /** Tell the host how the page stands. */
  report() {
    const { masks, state, index, board } = this;
    const half = textOf(maskOf("upper", board.size, () => 0));
    const named = (/** @type {Mask} */ mask) => mask.some(Boolean) ? textOf(mask) : null;
    const seen = textOf(masks.seen);
    this.pageFrame.report({
      image: index,
      source: state.source,
      mode: state.mode,
      seen: seen === half ? null : seen,
      bright: named(masks.bright),
      dark: named(masks.dark),
      brush: state.brush,
    });
  }

  /** @param {Partial<State>} change of what is not a stroke */
  change(change) {
    Object.assign(this.state, change);
    this.readout.forget();
    this.showControls();
    if (this.space) explained(this.parts.sentence, inferSentence(this.space, this.state.mode));
    this.readout.stroke(this.key);
    this.ask();
    this.report();
  }

  /** @param {number} index of a held-out image; there may be none */
  choose(index) {
    const { space } = this;
    if (!space) return;
    this.index = Math.min(Math.max(Math.trunc(index) || 0, 0), space.count - 1);
    this.seeks = true;
    this.change({ source: "held-out" });
  }

  listen() {
    const { parts } = this;
    for (const button of parts.modes) {
      button.onclick = () => this.change({ mode: /** @type {State["mode"]} */ (button.dataset.mode) });
    }
    for (const button of parts.sources) {
      button.onclick = () => this.change({ source: /** @type {State["source"]} */ (button.dataset.source) });
    }
    for (const button of parts.tools) {
      button.onclick = () => {
        this.tool = /** @type {Tool} */ (button.dataset.tool);
        this.showControls();
      };
    }
    parts.image.onchange = () => this.choose(Number(parts.image.value));
    parts.another.onclick = () => this.choose(Math.floor(Math.random() * (this.space?.count ?? 1)));
    parts.closeUp.onclick = () => this.plane.closeUp();
    parts.brush.oninput = () => {
      this.state.brush = Number(parts.brush.value);
      this.showControls();
    };
    parts.brush.onchange = () => this.report();
    parts.way.onchange = () => {
      const way = parts.way.value;
      if (!way) return;
      const random = new Random(this.index);
      this.masks.seen = maskOf(way, this.board.size, () => random.uniform());
      if (way === "nothing") this.tool = "show";
      if (way === "everything") this.tool = "hide";
      this.showControls();
      this.ask();
      this.readout.stroke(this.key);
      this.report();
    };
    parts.clear.onclick = () => {
      this.masks.bright.fill(0);
      this.masks.dark.fill(0);
      this.change({});
    };
  }

  /** @param {number} x @param {number} y  of the cursor */
  sayPixel(x, y) {
    const at = y * this.board.size.width + x;
    const { seen, bright, dark } = this.masks;
    const words = this.state.mode === "part"
      ? (seen[at] ? "seen" : "hidden")
      : bright[at]
      ? "painted bright"
      : dark[at]
      ? "painted dark"
      : "not painted";
    this.pageFrame.say(`Row ${y + 1}, column ${x + 1}: ${words}`);
  }

  destroy() {
    this.client.destroy();
    this.resizing.disconnect();
    this.board.destroy();
    this.own.destroy();
    this.plane.destroy();
    this.life.destroy();
  }
}

/** @param {Infer["masks"]} masks @returns {Infer["masks"]} */
function copies({ seen, bright, dark }) {
  return { seen: seen.slice(), bright: bright.slice(), dark: dark.slice() };
}
