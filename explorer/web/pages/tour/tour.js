// The Tour page: the other pages as scenes of a talk, moved through by keys, a clicker, or the buttons.

import { LifeCycle } from "../../dom/life_cycle.js";
import { PageFrame } from "../../dom/page_frame.js";
import { server } from "../../network/ask.js";
import { Caption } from "./caption.js";
import { Frames } from "./frames.js";
import { HTML, tourParts } from "./markup.js";
import { prefetch } from "./prefetch.js";
import { Presenting } from "./presenting.js";
import { QrCode } from "./qr_code.js";
import { Question } from "./question.js";

/** @typedef {import("../../dom/page_frame.js").Page} Page */
/** @typedef {import("../../dom/page_frame.js").PageClass} PageClass */
/**
 * What the tour itself reads of a scene's state.
 * @typedef {{dataset: string, run?: string, runs?: string[], given?: number | null, z?: number[] | null,
 *   image?: number | null, how?: "open" | "closed"}} SceneState
 */
/** @typedef {import("../../run/payload.js").Payload<SceneState>} ScenePayload */
/**
 * @typedef {object} Scene
 * @property {string} title
 * @property {string} text  a sentence or two in words
 * @property {string} symbols  and one in symbols
 * @property {ScenePayload | null} payload  of a page that is shown here
 * @property {string | null} frame  address of a page that the server lays out
 * @property {import("./question.js").Ask | null} ask  what is asked before it is shown
 * @property {string} topic  the part of the page that is shown alone; "" for all of it
 * @property {string | null} problem  why there is nothing to show
 */
/**
 * @typedef {object} State  as TOUR in explorer/views/pages.py
 * @property {string} dataset
 * @property {string} talk
 * @property {number} scene  from 1 on
 * @property {"0" | "1"} present
 */
/**
 * @typedef {{page: string, assets: string, state: State, title: string, opened: boolean, missing: string,
 *   left_out: string, scenes: Scene[]}} Payload  opened: from a file of the person's own; missing: what the talk needs
 *   and is not there; left_out: which of its scenes an exported file has not
 */

/** Elements that need the arrow keys for themselves. */
const OWNS_ARROWS = "input, select, textarea, [contenteditable]";
/** These only while a person got to them by keyboard: after a drag the arrows belong to the talk again. */
const OWNS_ARROWS_BY_KEYBOARD = "[role=slider], [tabindex]:not(button)";

export class Tour {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("../../dom/page_frame.js").Host} host */
  constructor(parent, payload, host) {
    this.pageFrame = new PageFrame(parent, "tour", HTML, host);
    this.life = new LifeCycle(this.pageFrame, payload, {
      wants: ({ scenes }) => `${this.index} ${JSON.stringify(scenes)}`,
      load: ({ scenes, assets }) => {
        const { payload: scene } = scenes[this.index];
        return scene ? host.loadPage(scene.page, assets) : Promise.resolve(null);
      },
      show: (Page) => this.show(Page),
      restyle: () => this.page && this.shown && this.page.update(this.shown), // its colours follow the theme
      failure: "This scene cannot be shown",
    });
    this.parts = tourParts(this.pageFrame);
    this.caption = new Caption(this.parts);
    this.question = new Question(this.pageFrame, this.parts);
    this.press = this.press.bind(this);
    this.frames = new Frames(this.parts.frames, this.press);
    this.index = Math.min(payload.state.scene, payload.scenes.length) - 1;
    /** the page of the scene @type {Page | null} */
    this.page = null;
    /** what it shows @type {ScenePayload | null} */
    this.shown = null;
    /** nothing of what is on screen may stay */
    this.fresh = true;
    /** the scene that stands, by its index; before it comes, what stands is the one that is left */
    this.standing = -1;
    /** the answer was asked for before the scene stood */
    this.awaited = false;
    /** @type {Promise<void> | null} */
    this.prefetching = null;
    this.abort = new AbortController();
    this.qr = new QrCode(this.parts);
    this.presenting = new Presenting(this.parts.theme, () => this.staged());
    this.listen();
    this.presenting.set(payload.state.present === "1");
    this.open();
  }

  get payload() {
    return this.life.payload;
  }

  /** Another theme, or another tour. @param {Payload} payload */
  update(payload) {
    const other = JSON.stringify(payload.scenes) !== JSON.stringify(this.payload.scenes);
    if (other) [this.index, this.fresh] = [0, true];
    const updated = this.life.update(payload);
    if (other) this.showWords();
    return updated;
  }

  listen() {
    const { parts, abort: { signal } } = this;
    parts.previous.onclick = () => this.go(this.index - 1);
    parts.next.onclick = () => this.next();
    parts.reveal.onclick = () => this.reveal();
    parts.reset.onclick = () => this.reset();
    parts.present.onclick = () => this.presenting.set(!this.presenting.on, true);
    parts.code.onclick = () => this.showCode();
    globalThis.addEventListener("keydown", this.press, { signal, capture: true });
  }

  showCode() {
    return this.qr.show(this.index + 1, this.payload.opened);
  }

  /** The scene has more or less room now, and maybe other colours. */
  staged() {
    this.parts.present.setAttribute("aria-pressed", String(this.presenting.on));
    globalThis.dispatchEvent(new Event("resize"));
    if (this.page && this.shown) this.page.update(this.shown); // its type and colours follow
    this.frames.dress(document.documentElement.dataset.stage ?? "", this.presenting.on);
    this.report();
  }

  report() {
    this.pageFrame.report({ scene: this.index + 1, present: this.presenting.on ? "1" : "0" });
  }

  /** What comes next: the answer to a question, where there is or will be a scene to show it on, else a scene. */
  next() {
    const { question, life, page, standing, index } = this;
    if (question.ask && (life.loading || (page && standing === index))) this.reveal();
    else this.go(index + 1);
  }

  /** Show what was asked for, as soon as there is a scene to show it on. */
  reveal() {
    this.awaited = this.standing !== this.index;
    const { payload } = this.payload.scenes[this.index];
    if (this.awaited || !payload || !this.page) return;
    this.shown = { ...payload, state: { ...payload.state, z: this.question.z ?? payload.state.z } };
    this.page.adopt?.(this.shown);
    this.parts.next.disabled = this.index === this.payload.scenes.length - 1;
    return this.life.tried(() => this.question.answer(payload));
  }

  /** @param {number} index */
  go(index) {
    if (index < 0 || index >= this.payload.scenes.length || index === this.index) return;
    this.index = index;
    this.report();
    this.open();
  }

  /** The scene as it began, whatever was done to it. */
  reset() {
    this.fresh = true;
    this.open();
  }

  /** Show the scene's words at once, its page when it is there. */
  open() {
    this.standing = -1;
    this.awaited = false;
    this.showWords();
    this.life.load();
  }

  showWords() {
    const { parts, index, payload: { scenes, title, left_out } } = this;
    const scene = scenes[index];
    this.pageFrame.recovered();
    this.caption.show(scene, index + 1, scenes.length);
    parts.previous.disabled = index === 0;
    parts.leftOut.textContent = left_out;
    parts.leftOut.hidden = index > 0 || !left_out;
    parts.next.disabled = index === scenes.length - 1 && !scene.ask;
    this.question.begin(scene.ask, scene.payload?.state.z ?? null);
    const words = scene.ask?.words ?? `${scene.text} ${scene.symbols}`;
    this.pageFrame.say(`${title}, scene ${index + 1} of ${scenes.length}: ${scene.title}. ${words}`);
  }

  /** @param {PageClass | null} Page of the scene */
  async show(Page) {
    const { host } = this.pageFrame;
    const { scenes } = this.payload;
    const { title, problem, frame, topic, ask, payload: whole } = scenes[this.index];
    const payload = whole && ask ? Question.veiled(whole) : whole;
    const [before, fresh] = [this.shown, this.fresh || ask];
    this.shown = payload;
    this.fresh = false;
    Object.assign(this.parts.scene.dataset, { topic, how: payload?.state.how ?? "" });
    if (frame) {
      this.clear();
      if (fresh) this.frames.drop(frame);
      this.frames.show(frame, title);
    } else this.frames.hide();
    if (problem) this.skip(problem);
    else if (Page && payload && !fresh && before && this.page && continues(before, payload)) this.page.update(payload);
    else if (Page && payload) {
      this.clear();
      this.page = new Page(this.parts.scene, payload, {
        report: (state) => this.question.heard(state),
        goto: (page, state) => this.pageFrame.goto(page, state),
        loadPage: host.loadPage,
      });
    }
    this.standing = this.index;
    globalThis.dispatchEvent(new Event("resize"));
    if (this.page) await this.settled();
    if (this.awaited) this.reveal();
    const next = scenes[this.index + 1];
    if (next?.frame) this.frames.prepare(next.frame, next.title);
    this.prefetching ??= prefetch(scenes, this.payload.assets, this.pageFrame);
  }

  /** Take the scene's page away. */
  clear() {
    this.page?.destroy();
    this.page = null;
    this.parts.scene.replaceChildren();
  }

  /** In place of a scene that cannot be shown, why; the talk goes on. @param {string} problem */
  skip(problem) {
    this.clear();
    const line = document.createElement("p");
    line.className = "lx-tour-problem";
    line.textContent = `This scene cannot be shown. ${problem}`;
    this.parts.scene.replaceChildren(line);
    if (this.payload.missing) {
      const more = Object.assign(document.createElement("p"), { className: "lx-tour-missing" });
      more.textContent = this.payload.missing;
      this.parts.scene.append(more);
    }
    this.pageFrame.say(line.textContent);
  }

  /** Until the scene's page says that it can be used. */
  settled() {
    const isReady = () => this.parts.scene.querySelector(":scope > .lx[data-ready=true]");
    return new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
      if (isReady()) return resolve();
      const observer = new MutationObserver(() => {
        if (!isReady() && !this.pageFrame.gone) return;
        observer.disconnect();
        resolve();
      });
      observer.observe(this.parts.scene, {
        subtree: true,
        childList: true,
        attributes: true,
        attributeFilter: ["data-ready"],
      });
    });
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.qr.open) {
      if (event.key.toLowerCase() === "q") this.qr.close();
      return; // Escape closes it, too
    }
    // Within a frame, an element is of that frame's class.
    const target = /** @type {Element | null} */ (event.target)?.matches
      ? /** @type {Element} */ (event.target)
      : document.body;
    const typing = target.matches("input:not([type=range]):not([type=checkbox]), textarea, [contenteditable]");
    const owned = target.matches(OWNS_ARROWS) ||
      (target.matches(OWNS_ARROWS_BY_KEYBOARD) && target.matches(":focus-visible"));
    const step = { PageDown: 1, PageUp: -1, ...(owned ? {} : { ArrowRight: 1, ArrowLeft: -1 }) }[event.key];
    const free = !target.matches("button, a, summary");
    if (step) step > 0 ? this.next() : this.go(this.index - 1);
    else if (event.key === " " && !owned && free) this.next();
    else if (event.key === "Enter" && this.question.ask && free && !typing) this.reveal();
    else if (event.key.toLowerCase() === "r" && !typing) this.reset();
    else if (event.key.toLowerCase() === "p" && !typing) this.presenting.set(!this.presenting.on, true);
    else if (event.key.toLowerCase() === "q" && !typing && server.present) this.showCode();
    else if (event.key.toLowerCase() === "t" && !typing && this.presenting.on) this.presenting.turn();
    else if (event.key === "Escape" && this.presenting.on) this.presenting.set(false);
    else return;
    event.preventDefault();
    event.stopPropagation(); // these keys mean something to the page around us, too
  }

  destroy() {
    this.presenting.destroy();
    this.abort.abort();
    this.page?.destroy();
    this.life.destroy();
  }
}

/**
 * Whether a scene goes on from the one before it: on Explore the points then move from run to run.
 * @param {ScenePayload} before @param {ScenePayload} next
 */
function continues(before, next) {
  const same = (/** @type {keyof SceneState} */ name) =>
    JSON.stringify(before.state[name]) === JSON.stringify(next.state[name]);
  return before.page === "explore" && next.page === "explore" && same("dataset") && same("z") && same("image");
}
