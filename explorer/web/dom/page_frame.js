// The ground a page stands on: its root element, its height, its error line and its spoken line.

import { noLongerShown, nowShown } from "./shown.js";
import { parts } from "./parts.js";
import { TermPopover } from "./term_popover.js";

/**
 * @typedef {object} Host
 * @property {(state: Record<string, unknown>) => void} report  values of the page's parameters; null for the default
 * @property {(page: string, state: Record<string, unknown>) => void} goto  show another page, in a state
 * @property {(name: string, assets: string) => Promise<PageClass>} loadPage  a page's code and style, for what shows
 *   pages itself
 */
/**
 * `adopt`: take over the payload's state whole, also what the page itself has changed; a page without it begins anew.
 * @typedef {{update: (payload: any) => unknown, adopt?: (payload: any) => unknown, destroy: () => void}} Page
 */
/** @typedef {new (parent: HTMLElement, payload: any, host: Host) => Page} PageClass */

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
    nowShown(this, {});
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
    let { top } = this.root.getBoundingClientRect();
    for (let around = this.root.parentElement; around; around = around.parentElement) top += around.scrollTop;
    this.root.style.setProperty("--lx-height", `${Math.max(window.innerHeight - top - 12, 420)}px`);
  }

  /** Tell the host how the page stands. @param {Record<string, unknown>} state */
  report(state) {
    if (this.gone) return;
    nowShown(this, state);
    this.host.report(state);
  }

  /** Show another page. @param {string} page @param {Record<string, unknown>} state */
  goto(page, state) {
    this.host.goto(page, state);
  }

  /** Speak to screen readers. @param {string} words */
  say(words) {
    if (this.speech.textContent !== words) this.speech.textContent = words;
  }

  /** Mark the page as usable: tests and scripts wait for it. */
  ready() {
    this.fitHeight(); // what is above, as a talk's words, may have come to stand elsewhere without another size
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
    noLongerShown(this);
    window.removeEventListener("resize", this.fitHeight);
    this.above.disconnect();
    this.meaning.destroy();
    this.root.remove();
  }
}
