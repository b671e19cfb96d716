// A popover that says what a term means: by tap, by hover and by focus; Escape or a tap elsewhere closes it.

import { EQUATIONS, math } from "./equations.js";
import { TERMS } from "./glossary.js";

const [COMES_MS, GOES_MS] = [120, 250]; // so that a pointer that passes by opens nothing, and can reach what it opened
const ROOTS = ".lx, .native, .figures, .definitions"; // pages, and what the server lays out (hosts/native_terms.js)
const MARGIN = 8; // pixels to the window's edge, and to the term

let count = 0; // of popovers, for their ids

export class TermPopover {
  /** @param {HTMLElement} root of a page @param {(words: string) => void} say speaks to screen readers */
  constructor(root, say) {
    this.root = root;
    this.say = say;
    /** made when it is first wanted @type {HTMLElement | null} */
    this.box = null;
    /** whose meaning is shown @type {HTMLElement | null} */
    this.term = null;
    /** until it opens or closes @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    root.addEventListener("pointerover", (event) => this.hover(event));
    root.addEventListener("pointerleave", (event) => this.hover(event));
    root.addEventListener("focusin", ({ target }) => {
      const term = this.termAt(target);
      if (term?.matches(":focus-visible")) this.open(term);
    });
    root.addEventListener("focusout", () => this.close());
    root.addEventListener("click", ({ target }) => {
      const term = this.termAt(target);
      if (!term) return;
      this.open(term);
      this.say(this.box?.textContent ?? "");
    });
    this.key = this.key.bind(this);
    this.close = this.close.bind(this);
    this.follow = this.follow.bind(this);
  }

  /**
   * The term of this page that an event is about; a page within this one has its own popover.
   * @param {unknown} target
   */
  termAt(target) {
    const element = target instanceof Element ? target.closest(".lx-term") : null;
    return element instanceof HTMLElement && element.closest(ROOTS) === this.root ? element : null;
  }

  /** @param {PointerEvent} event */
  hover({ type, target, pointerType }) {
    if (pointerType !== "mouse") return;
    const term = type === "pointerleave" ? null : this.termAt(target);
    const inside = target instanceof Node && this.box?.contains(target);
    const kept = inside || (this.term !== null && this.term === document.activeElement);
    clearTimeout(this.timer);
    if (term && term !== this.term) this.timer = setTimeout(() => this.open(term), COMES_MS);
    else if (!term && !kept) this.timer = setTimeout(this.close, GOES_MS);
  }

  /** @param {HTMLElement} term */
  open(term) {
    clearTimeout(this.timer);
    if (!term.isConnected || (term === this.term && this.box?.matches(":popover-open"))) return;
    this.close();
    const box = (this.box ??= this.makeBox());
    box.replaceChildren(...contents(term));
    this.term = term;
    term.setAttribute("aria-describedby", box.id);
    box.showPopover();
    this.place(box, term);
    document.addEventListener("keydown", this.key, true);
    document.addEventListener("scroll", this.follow, true);
  }

  close() {
    clearTimeout(this.timer);
    if (this.box?.matches(":popover-open")) this.box.hidePopover();
  }

  makeBox() {
    const box = document.createElement("div");
    box.className = "lx-meaning";
    box.id = `lx-meaning-${++count}`;
    box.popover = "auto";
    box.setAttribute("role", "tooltip");
    box.addEventListener("beforetoggle", (event) => {
      if (/** @type {ToggleEvent} */ (event).newState === "open") return;
      this.term?.removeAttribute("aria-describedby");
      this.term = null;
      document.removeEventListener("keydown", this.key, true);
      document.removeEventListener("scroll", this.follow, true);
    });
    this.root.append(box);
    return box;
  }

  /** The page was scrolled, as it is when a term out of sight is focused. */
  follow() {
    const { box, term } = this;
    if (!box || !term) return;
    const { top, bottom } = term.getBoundingClientRect();
    if (bottom < 0 || top > innerHeight) this.close();
    else this.place(box, term);
  }

  /** Escape is for the popover alone while it is open. @param {KeyboardEvent} event */
  key(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    this.close();
  }

  /**
   * Below the term, or above it where there is more room, and within the window.
   * @param {HTMLElement} box @param {HTMLElement} term
   */
  place(box, term) {
    const { left, top, bottom } = term.getBoundingClientRect();
    const { width, height } = box.getBoundingClientRect();
    const below = bottom + MARGIN + height <= innerHeight || top < innerHeight - bottom;
    const x = Math.min(left, innerWidth - width - MARGIN);
    const y = below ? bottom + MARGIN : top - MARGIN - height;
    box.style.left = `${Math.max(x, MARGIN)}px`;
    box.style.top = `${Math.max(Math.min(y, innerHeight - height - MARGIN), MARGIN)}px`;
  }

  destroy() {
    this.close();
    clearTimeout(this.timer);
  }
}

/** What is known of an equation, of a term, or the words that the button carries. @param {HTMLElement} button */
function contents({ dataset: { equation = "", term = "", words = "" } }) {
  if (equation) {
    const { words: said, slip } = EQUATIONS[equation];
    return [...equationSet(equation), ...line("p", said), ...line("small", slip)];
  }
  if (words) return [...line("p", words), ...cited(words).flatMap(equationSet)];
  const { title, words: said, symbols } = /** @type {Record<string, import("./glossary.js").Meaning>} */ (TERMS)[term];
  return [...line("b", title), ...line("p", said), ...line("code", symbols)];
}

/** The equations that words cite, each once. @param {string} words */
export function cited(words) {
  const numbers = Array.from(words.matchAll(/\bEqs?\. (\d+)/g), ([, number]) => number);
  return [...new Set(numbers)].filter((number) => number in EQUATIONS);
}

/** An equation as it is set, under its name. @param {string} number @returns {Element[]} */
function equationSet(number) {
  const { title, math: content } = EQUATIONS[number];
  const set = Object.assign(document.createElement("div"), { className: "lx-set", innerHTML: math(content) });
  return [...line("b", `Eq. ${number}: ${title}`), set];
}

/** @param {string} kind @param {string | undefined} textContent @returns {Element[]} */
function line(kind, textContent) {
  return textContent ? [Object.assign(document.createElement(kind), { textContent })] : [];
}
