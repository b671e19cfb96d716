// Presenting: the scene alone on the whole screen, with larger type and, if wanted, another theme than the page's.

const CLASS = "lx-presenting";
const THEMES = /** @type {const} */ (["", "light", "dark"]);
const NAMES = { "": "Theme: the page's", light: "Theme: light", dark: "Theme: dark" };

export class Presenting {
  /** @param {HTMLButtonElement} button of the theme @param {() => void} changed */
  constructor(button, changed) {
    this.root = document.documentElement;
    this.button = button;
    this.changed = changed;
    /** @type {(typeof THEMES)[number]} */
    this.theme = "";
    this.left = this.left.bind(this);
    document.addEventListener("fullscreenchange", this.left);
    button.onclick = () => this.turn();
    this.name();
  }

  get on() {
    return this.root.classList.contains(CLASS);
  }

  /** @param {boolean} on @param {boolean} [byHand]  a browser gives the whole screen to a person's wish alone */
  set(on, byHand = false) {
    this.root.classList.toggle(CLASS, on);
    this.paint();
    this.changed();
    if (on && byHand) this.root.requestFullscreen?.().catch(() => {}); // a window will do
    else if (!on && document.fullscreenElement) document.exitFullscreen().catch(() => {});
  }

  /** The browser itself was told to leave the whole screen. */
  left() {
    if (!document.fullscreenElement && this.on) this.set(false);
  }

  /** The next theme. */
  turn() {
    this.theme = THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length];
    this.name();
    this.paint();
    this.changed();
  }

  name() {
    this.button.textContent = NAMES[this.theme];
  }

  /** A theme of its own is for presenting alone. */
  paint() {
    if (this.on && this.theme) this.root.dataset.stage = this.theme;
    else delete this.root.dataset.stage;
  }

  destroy() {
    document.removeEventListener("fullscreenchange", this.left);
    this.root.classList.remove(CLASS);
    delete this.root.dataset.stage;
    if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  }
}
