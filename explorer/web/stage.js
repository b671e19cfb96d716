// The ground a page stands on: its root element, its height, its error line and its spoken line.

/** @typedef {import("./camera.js").Pair} Pair */
/** @typedef {Record<string, any>} State  a page's parameters, see explorer/views/pages.py */
/**
 * @typedef {object} RunInfo
 * @property {string} title
 * @property {string} sentence
 * @property {string} decoder  url
 * @property {string} encoder  url
 * @property {string} latents  url
 * @property {Record<string, number | null>} figures  test figures in nats per image
 * @property {number[] | null} kl_per_dimension  in nats, where its metrics have it
 */
/**
 * What a page shows; made by explorer/views/payload.py, with what only one page needs added to it.
 * @typedef {object} Payload
 * @property {string} page
 * @property {string} assets  url prefix of these modules
 * @property {Record<string, RunInfo>} runs  of the data set
 * @property {string[]} classes
 * @property {string[]} class_colors
 * @property {string[]} value_colors
 * @property {string | null} gallery  url of the held-out images, if there are any
 * @property {string | null} classifier  url, if there is one
 * @property {Record<string, string>} definitions  of the figures
 * @property {State} state  what the page itself changes counts when it opens, not after
 */
/**
 * @typedef {object} Host
 * @property {(state: Record<string, string | null>) => void} report  parameters as texts, as they stand in the address; null for the default
 * @property {(page: string, state: Record<string, string>) => void} goto  show another page
 */

const PAUSE_MS = 200; // quick changes, as from the keyboard, are gathered before they are reported

export class Stage {
  /** @param {HTMLElement} parent @param {string} name of the page @param {string} html @param {Host} host */
  constructor(parent, name, html, host) {
    this.host = host;
    this.root = document.createElement("div");
    this.root.className = `lx lx-${name}`;
    this.root.innerHTML = `${html}<p class="lx-error" role="alert" hidden></p><p class="lx-live" aria-live="polite"></p>`;
    parent.append(this.root);
    this.gone = false;
    this.left = false; // for another page, which takes a moment to come
    /** @type {Record<string, string | null>} */
    this.reported = {};
    this.pause = 0; // timer of a report to come, 0 for none
    this.fitHeight = this.fitHeight.bind(this);
    window.addEventListener("resize", this.fitHeight);
    this.fitHeight();
  }

  /** @param {string} selector @returns {any} an element that is there */
  find(selector) {
    return this.root.querySelector(selector);
  }

  /** @param {string} selector @returns {any[]} */
  all(selector) {
    return [...this.root.querySelectorAll(selector)];
  }

  /** Fill the window from here down where that is enough; the style sheet does the rest. */
  fitHeight() {
    const top = this.root.getBoundingClientRect().top + window.scrollY;
    this.root.style.setProperty("--lx-height", `${Math.max(window.innerHeight - top - 12, 420)}px`);
  }

  /** Tell the host how the page stands, once it has stood so for a moment. @param {Record<string, string | null>} state */
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
   * @param {string} page @param {Record<string, string>} state
   */
  goto(page, state) {
    if (this.pause) this.host.report(this.reported);
    clearTimeout(this.pause);
    this.left = true;
    this.host.goto(page, state);
  }

  /** Speak to screen readers. @param {string} words */
  say(words) {
    const live = this.find(":scope > .lx-live");
    if (live.textContent !== words) live.textContent = words;
  }

  /** Mark the page as usable: tests and scripts wait for it. */
  ready() {
    this.root.classList.add("lx-ready");
    this.root.dataset.ready = "true";
  }

  /** @param {unknown} error @param {string} [what] could not be done */
  fail(error, what = "This cannot be shown") {
    if (this.gone) return;
    const line = this.find(":scope > .lx-error");
    line.textContent = `${what}: ${error instanceof Error ? error.message : error}`;
    line.hidden = false;
  }

  /** Take the error line away. */
  recovered() {
    this.find(":scope > .lx-error").hidden = true;
  }

  destroy() {
    this.gone = true;
    clearTimeout(this.pause);
    window.removeEventListener("resize", this.fitHeight);
    this.root.remove();
  }
}
