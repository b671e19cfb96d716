// What was done on a page, to be taken back and done again: by Ctrl+Z and Ctrl+Shift+Z, or two buttons.

import { same } from "./address.js";

/** @typedef {import("./address.js").State} State */

const MOST = 200;
const ACTS = ["pointerdown", "keydown", "wheel", "input", "change"];
const ARROWS = {
  undo: "M7 4 3 8l4 4M3 8h8a5 5 0 0 1 0 10H8",
  redo: "m13 4 4 4-4 4m4-4H9a5 5 0 0 0 0 10h3",
};

export class Undo {
  /** @param {(state: State) => void} show  an earlier state, or a later one */
  constructor(show) {
    this.show = show;
    this.page = "";
    /** @type {State | null} */
    this.now = null;
    /** states before the present one, the oldest first @type {State[]} */
    this.past = [];
    /** states that were taken back, the one to come first at the end @type {State[]} */
    this.future = [];
    /** whether the person has done anything since the last state: what a page says by itself belongs to that one */
    this.acted = false;
    /** the two buttons, once a page is there @type {HTMLElement | null} */
    this.bar = null;
    for (const act of ACTS) addEventListener(act, () => (this.acted = true), { capture: true, passive: true });
    addEventListener("keydown", (event) => this.pressed(event));
  }

  /** The buttons stand in the page that is shown. @param {HTMLElement} parent */
  place(parent) {
    const bar = this.bar ?? this.makeBar();
    if (bar.parentElement !== parent) parent.append(bar);
  }

  makeBar() {
    const bar = this.bar = document.createElement("div");
    bar.className = "lx-undo";
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", "What was done last");
    bar.append(
      button("undo", "Undo (Ctrl+Z)", () => this.undo()),
      button("redo", "Redo (Ctrl+Shift+Z)", () => this.redo()),
    );
    this.showButtons();
    return bar;
  }

  /** How the page stands now. @param {string} page @param {State} state */
  record(page, state) {
    if (page !== this.page) Object.assign(this, { page, now: null, past: [], future: [] });
    if (this.now && this.acted && !same(this.now, state)) {
      this.past = [...this.past, this.now].slice(-MOST);
      this.future = [];
    }
    this.now = state;
    this.acted = false;
    this.showButtons();
  }

  showButtons() {
    const [back, again] = this.bar?.querySelectorAll("button") ?? [];
    if (back) back.disabled = !this.past.length;
    if (again) again.disabled = !this.future.length;
  }

  undo() {
    this.move(this.past, this.future);
  }

  redo() {
    this.move(this.future, this.past);
  }

  /** @param {State[]} from @param {State[]} to */
  move(from, to) {
    const next = from.pop();
    if (!next || !this.now) return;
    to.push(this.now);
    this.now = next;
    this.acted = false;
    this.showButtons();
    this.show(next);
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const { key, ctrlKey, metaKey, shiftKey, altKey, target } = event;
    if (!(ctrlKey || metaKey) || altKey) return;
    if (target instanceof HTMLElement && target.closest("input:not([type=range]), textarea, [contenteditable=true]")) {
      return; // which has its own
    }
    const back = key.toLowerCase() === "z" && !shiftKey;
    const again = key.toLowerCase() === "y" || (key.toLowerCase() === "z" && shiftKey);
    if (!back && !again) return;
    event.preventDefault();
    if (back) this.undo();
    else this.redo();
  }
}

/** @param {"undo" | "redo"} name @param {string} title @param {() => void} onclick */
function button(name, title, onclick) {
  const made = Object.assign(document.createElement("button"), { type: "button", title, onclick });
  made.dataset.testid = name;
  made.setAttribute("aria-label", title);
  made.innerHTML = `<svg viewBox="0 0 20 20" aria-hidden="true"><path d="${ARROWS[name]}"/></svg>`;
  return made;
}
