// The ground a page stands on: its root element, its height, its error line and its spoken line.

import { parts } from "./parts.js";
import { TermPopover } from "./term_popover.js";

/**
 * @typedef {object} Host
 * @property {(state: Record<string, unknown>) => void} report  values of the page's parameters; null for the default
 * @property {(page: string, state: Record<string, unknown>) => void} goto  show another page, in a state
 * @property {(name: string, assets: string) => Promise<PageClass>} loadPage  a page's code and style, for what shows
 *   pages itself
 */
/** @typedef {{update: (payload: any) => unknown, destroy: () => void}} Page */
/** @typedef {new (parent: HTMLElement, payload: any, host: Host) => Page} PageClass */

const PAUSE_MS = 200; // quick changes, as from the keyboard, are gathered before they are reported

export class PageFrame {
  /** @param {HTMLElement} parent @param {string} name of the page @param {string} html @param {Host} host */
  constructor(parent, name, html, host) {
    this.host = host;
    this.root = document.createElement("div");
    this.root.className = `lx lx-${name}`;
    this.root.innerHTML =
      `${html}<p class="lx-error" role="alert" hidden></p><p class="lx-live" aria-live="polite"></p>`;
    parent.append(this.root);
    // A page within this one, as the tour's scenes are, comes before these two and has its own.
    this.error = /** @type {HTMLElement} */ (this.root.lastElementChild?.previousElementSibling);
    this.speech = /** @type {HTMLElement} */ (this.root.lastElementChild);
    this.meaning = new TermPopover(this.root, (words) => this.say(words));
    this.gone = false;
    this.left = false; // for another page, which takes a moment to come
    /** @type {Record<string, unknown>} */
    this.reported = {};
    /** of a report to come, 0 for none @type {ReturnType<typeof setTimeout> | 0} */
    this.pause = 0;
    this.fitHeight = this.fitHeight.bind(this);
    window.addEventListener("resize", this.fitHeight);
    // What comes above later, as a second row of switches, makes one of the elements around grow.
    this.above = new ResizeObserver(this.fitHeight);
    for (let around = this.root.parentElement; around; around = around.parentElement) this.above.observe(around);
    this.fitHeight();
  }

  /**
   * The element that the page's markup marks as `data-part="name"`.
   * @template {HTMLElement} [T=HTMLElement]
   * @param {string} name @param {new () => T} [kind] its class
   * @returns {T}
   */
  part(name, kind) {
    return this.parts(name, kind)[0];
  }

  /**
   * All elements so marked, in their order; it is an error if there is none, or one of another class.
   * @template {HTMLElement} [T=HTMLElement]
   * @param {string} name @param {new () => T} [kind]
   * @returns {T[]}
   */
  parts(name, kind) {
    return parts(this.root, name, kind);
  }

  /** Fill the window from here down where that is enough; the style sheet does the rest. */
  fitHeight() {
    const top = this.root.getBoundingClientRect().top + window.scrollY;
    this.root.style.setProperty("--lx-height", `${Math.max(window.innerHeight - top - 12, 420)}px`);
  }

  /** Tell the host how the page stands, once it has stood so for a moment. @param {Record<string, unknown>} state */
  report(state) {
    this.reported = { ...this.reported, ...state };
    clearTimeout(this.pause);
    this.pause = setTimeout(() => {
      this.pause = 0;
      if (!this.gone && !this.left) this.host.report(this.reported);
    }, PAUSE_MS);
  }

  /**
   * Show another page. What is still to be reported goes first: a later word would call this page back.
   * @param {string} page @param {Record<string, unknown>} state
   */
  goto(page, state) {
    if (this.pause) this.host.report(this.reported);
    clearTimeout(this.pause);
    this.left = true;
    this.host.goto(page, state);
  }

  /** Speak to screen readers. @param {string} words */
  say(words) {
    if (this.speech.textContent !== words) this.speech.textContent = words;
  }

  /** Mark the page as usable: tests and scripts wait for it. */
  ready() {
    this.root.classList.add("lx-ready");
    this.root.dataset.ready = "true";
  }

  /** @param {unknown} error @param {string} [what] could not be done */
  fail(error, what = "This cannot be shown") {
    if (this.gone) return;
    this.error.textContent = `${what}: ${error instanceof Error ? error.message : error}`;
    this.error.hidden = false;
  }

  /** Take the error line away. */
  recovered() {
    this.error.hidden = true;
  }

  destroy() {
    this.gone = true;
    clearTimeout(this.pause);
    window.removeEventListener("resize", this.fitHeight);
    this.above.disconnect();
    this.meaning.destroy();
    this.root.remove();
  }
}
