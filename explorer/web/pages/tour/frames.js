// Scenes that the server lays out: each a page of this server in a frame, which is there before its scene comes.

const READY = "[data-ready=true]";
const LARGE = "1.5"; // its smallest type then has 18 pixels

export class Frames {
  /** @param {HTMLElement} element that they fill @param {(event: KeyboardEvent) => void} press a key within one */
  constructor(element, press) {
    this.element = element;
    this.press = press;
    /** @type {Map<string, HTMLIFrameElement>} by address */
    this.frames = new Map();
    /** of the frames, if not the page's own: "light" or "dark" */
    this.theme = "";
    this.large = false;
    /** what is shown @type {[string, string] | null} */
    this.shown = null;
  }

  /** @param {HTMLIFrameElement} frame */
  enlarge(frame) {
    const page = frame.contentDocument?.documentElement;
    if (page) page.style.setProperty("zoom", this.large ? LARGE : "1");
  }

  /** Give them a theme, "" for the page's own, and large type. @param {string} theme @param {boolean} large */
  dress(theme, large) {
    if (large !== this.large) {
      this.large = large;
      for (const frame of this.frames.values()) this.enlarge(frame);
    }
    if (theme === this.theme) return;
    this.theme = theme;
    for (const address of [...this.frames.keys()]) this.drop(address);
    if (this.shown) this.show(...this.shown);
  }

  /** Load a page that will be wanted. @param {string} address @param {string} title */
  prepare(address, title) {
    const known = this.frames.get(address);
    if (known) return known;
    const frame = document.createElement("iframe");
    const src = this.theme ? `${address}&embed_options=${this.theme}_theme` : address;
    Object.assign(frame, { title, src, className: "lx-frame", inert: true });
    frame.onload = () => this.loaded(frame);
    this.frames.set(address, frame);
    this.element.append(frame);
    return frame;
  }

  /** @param {HTMLIFrameElement} frame */
  loaded(frame) {
    const inside = frame.contentDocument;
    if (!inside?.querySelector("#root")) {
      // The browser's own page of an error.
      frame.dataset.lost = "true";
      return;
    }
    inside.addEventListener("keydown", this.press, true); // a clicker works wherever the focus is
    this.enlarge(frame);
    const look = () => {
      if (!inside.querySelector(READY)) return;
      observer.disconnect();
      frame.dataset.ready = "true";
    };
    const observer = new MutationObserver(look);
    observer.observe(inside, { subtree: true, childList: true });
    look();
  }

  /** Show one of them alone. @param {string} address @param {string} title of the scene */
  show(address, title) {
    this.shown = [address, title];
    if (this.frames.get(address)?.dataset.lost) this.drop(address); // the server may be back
    const shown = this.prepare(address, title);
    for (const frame of this.frames.values()) frame.inert = frame !== shown;
    this.element.hidden = false;
  }

  hide() {
    this.shown = null;
    for (const frame of this.frames.values()) frame.inert = true;
    this.element.hidden = true;
  }

  /** As it began. @param {string} address */
  drop(address) {
    this.frames.get(address)?.remove();
    this.frames.delete(address);
  }
}
