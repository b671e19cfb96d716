// The Tour page: the other pages as scenes of a talk, moved through by keys, a clicker, or the buttons.

import { loadClassifier, loadEncoder, loadGallery, loadPlotly, loadSpace } from "../../run/loading.js";
import { PageFrame } from "../../dom/page_frame.js";

/** @typedef {import("../../run/payload.js").Payload} ScenePayload */
/** @typedef {{title: string, text: string, payload: ScenePayload | null, problem: string | null}} Scene */
/** @typedef {{assets: string, title: string, scenes: Scene[], state: {scene: number, present: "0" | "1", talk: string}}} Payload */

const HTML = `
<header class="lx-tour-bar">
  <p class="lx-tour-count"></p>
  <div class="lx-tour-words"><h1 data-testid="scene-title"></h1><p class="lx-tour-text"></p></div>
  <div class="lx-controls" role="toolbar" aria-label="Scenes">
    <button type="button" class="lx-button" data-testid="scene-previous" title="Previous scene (left arrow, Page Up)" aria-label="Previous scene">←</button>
    <button type="button" class="lx-button" data-testid="scene-next" title="Next scene (right arrow, Page Down, space)" aria-label="Next scene">→</button>
    <button type="button" class="lx-button" data-testid="scene-reset" title="Put this scene back as it was (R)">Reset</button>
    <button type="button" class="lx-button" data-testid="scene-present" title="Show the scene alone, larger (P; Escape leaves)" aria-pressed="false">Present</button>
  </div>
</header>
<div class="lx-scene"></div>
`;
const PRESENTING = "lx-presenting";
/** Elements that need the arrow keys for themselves. */
const OWNS_ARROWS = "input, select, textarea, [contenteditable]";
/** These only while a person got to them by keyboard: after a drag the arrows belong to the talk again. */
const OWNS_ARROWS_BY_KEYBOARD = "[role=slider], [tabindex]:not(button)";

export class Tour {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("../../dom/page_frame.js").Host} host */
  constructor(parent, payload, host) {
    this.payload = payload;
    this.pageFrame = new PageFrame(parent, "tour", HTML, host);
    this.place = /** @type {HTMLElement} */ (this.pageFrame.find(".lx-scene"));
    this.index = Math.min(payload.state.scene, payload.scenes.length) - 1;
    /** @type {import("../../dom/page_frame.js").Page | null} the page of the scene */
    this.page = null;
    /** @type {ScenePayload | null} what it shows */
    this.shown = null;
    this.turn = 0;
    this.abort = new AbortController();
    const button = (
      /** @type {string} */ name,
    ) => /** @type {HTMLButtonElement} */ (this.pageFrame.find(`[data-testid=scene-${name}]`));
    this.buttons = { previous: button("previous"), next: button("next"), present: button("present") };
    this.buttons.previous.onclick = () => this.go(this.index - 1);
    this.buttons.next.onclick = () => this.go(this.index + 1);
    button("reset").onclick = () => this.reset();
    this.buttons.present.onclick = () => this.present(!this.presenting);
    window.addEventListener("keydown", (event) => this.press(event), { signal: this.abort.signal, capture: true });
    this.present(payload.state.present === "1");
    this.show(true).then(() => this.prefetch(), (error) => this.fail(error));
  }

  /** Another theme, or another tour. @param {Payload} payload */
  update(payload) {
    const other = JSON.stringify(payload.scenes) !== JSON.stringify(this.payload.scenes);
    this.payload = payload;
    if (other) {
      this.index = 0;
      this.reset();
    } else if (this.shown) this.page?.update(this.shown); // its colours follow the theme
  }

  get presenting() {
    return document.documentElement.classList.contains(PRESENTING);
  }

  /** @param {boolean} on */
  present(on) {
    document.documentElement.classList.toggle(PRESENTING, on);
    this.buttons.present.setAttribute("aria-pressed", String(on));
    window.dispatchEvent(new Event("resize")); // the scene has more or less room now
    this.report();
  }

  report() {
    this.pageFrame.report({ scene: String(this.index + 1), present: this.presenting ? "1" : "0" });
  }

  /** @param {number} index */
  go(index) {
    if (index < 0 || index >= this.payload.scenes.length || index === this.index) return;
    this.index = index;
    this.report();
    this.show(false).catch((error) => this.fail(error));
  }

  /** The scene as it began, whatever was done to it. */
  reset() {
    this.show(true).catch((error) => this.fail(error));
  }

  /** @param {boolean} fresh nothing of what is on screen may stay */
  async show(fresh) {
    const turn = ++this.turn;
    const { scenes, assets, title } = this.payload;
    const scene = scenes[this.index];
    this.pageFrame.recovered();
    this.pageFrame.find(".lx-tour-count").textContent = `${this.index + 1} / ${scenes.length}`;
    this.pageFrame.find("h1").textContent = scene.title;
    this.pageFrame.find(".lx-tour-text").textContent = scene.text;
    this.buttons.previous.disabled = this.index === 0;
    this.buttons.next.disabled = this.index === scenes.length - 1;
    this.pageFrame.say(`${title}, scene ${this.index + 1} of ${scenes.length}: ${scene.title}. ${scene.text}`);
    const before = this.shown;
    this.shown = scene.payload;
    if (!scene.payload) return this.skip(scene.problem ?? "");
    if (!fresh && before && this.page && continues(before, scene.payload)) {
      this.page.update(scene.payload);
    } else {
      const Page = await this.pageFrame.host.loadPage(scene.payload.page, assets);
      if (turn !== this.turn || this.pageFrame.gone) return;
      this.page?.destroy();
      this.place.replaceChildren();
      this.page = new Page(this.place, scene.payload, {
        report: () => {},
        goto: (page, state) => this.pageFrame.goto(page, state),
        loadPage: this.pageFrame.host.loadPage,
      });
    }
    window.dispatchEvent(new Event("resize"));
    await this.settled();
    if (turn === this.turn) this.pageFrame.ready();
  }

  /** In place of a scene that cannot be shown, why; the talk goes on. @param {string} problem */
  skip(problem) {
    this.page?.destroy();
    this.page = null;
    const line = document.createElement("p");
    line.className = "lx-tour-problem";
    line.textContent = `This scene cannot be shown. ${problem}`;
    this.place.replaceChildren(line);
    this.pageFrame.say(line.textContent);
    this.pageFrame.ready();
  }

  /** Until the scene's page says that it can be used. */
  settled() {
    const isReady = () => this.place.querySelector(":scope > .lx[data-ready=true]");
    return new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
      if (isReady()) return resolve();
      const observer = new MutationObserver(() => {
        if (!isReady() && !this.pageFrame.gone) return;
        observer.disconnect();
        resolve();
      });
      observer.observe(this.place, {
        subtree: true,
        childList: true,
        attributes: true,
        attributeFilter: ["data-ready"],
      });
    });
  }

  /** Have at hand what the scenes need, so that a talk goes on when the network does not. */
  async prefetch() {
    const { scenes, assets } = this.payload;
    for (const { payload } of scenes) {
      if (!payload) continue;
      const names = payload.state.runs ?? [payload.state.run];
      const runs = payload.page === "interpolate"
        ? Object.values(payload.runs)
        : names.map((/** @type {string} */ name) => payload.runs[name]);
      /** @type {Promise<unknown>[]} */
      const wanted = [
        this.pageFrame.host.loadPage(payload.page, assets),
        loadGallery(payload.gallery),
        loadClassifier(payload.classifier),
      ];
      if (payload.page === "explore") wanted.push(loadPlotly(assets));
      for (const run of runs) {
        wanted.push(loadSpace(run), ...(payload.page === "reconstruct" ? [loadEncoder(run.encoder)] : []));
      }
      await Promise.allSettled(wanted); // what is broken is reported by its scene
      if (this.pageFrame.gone) return;
    }
    this.pageFrame.root.dataset.prefetched = "true";
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target instanceof Element ? event.target : document.body;
    const typing = target.matches("input:not([type=range]):not([type=checkbox]), textarea, [contenteditable]");
    const owned = target.matches(OWNS_ARROWS) ||
      (target.matches(OWNS_ARROWS_BY_KEYBOARD) && target.matches(":focus-visible"));
    const step = { PageDown: 1, PageUp: -1, ...(owned ? {} : { ArrowRight: 1, ArrowLeft: -1 }) }[event.key];
    if (step) this.go(this.index + step);
    else if (event.key === " " && !owned && !target.matches("button, a, summary")) this.go(this.index + 1);
    else if (event.key.toLowerCase() === "r" && !typing) this.reset();
    else if (event.key.toLowerCase() === "p" && !typing) this.present(!this.presenting);
    else if (event.key === "Escape" && this.presenting) this.present(false);
    else return;
    event.preventDefault();
    event.stopPropagation(); // these keys mean something to the page around us, too
  }

  /** @param {unknown} error */
  fail(error) {
    this.pageFrame.fail(error, "This scene cannot be shown");
  }

  destroy() {
    document.documentElement.classList.remove(PRESENTING);
    this.abort.abort();
    this.page?.destroy();
    this.pageFrame.destroy();
  }
}

/**
 * Whether a scene goes on from the one before it: on Explore the points then move from run to run.
 * @param {ScenePayload} before @param {ScenePayload} next
 */
function continues(before, next) {
  const same = (/** @type {string} */ name) => JSON.stringify(before.state[name]) === JSON.stringify(next.state[name]);
  return before.page === "explore" && next.page === "explore" && ["dataset", "z", "image"].every(same);
}
