// A table's columns are ordered by the buttons in its head: the server lays the table out anew, the focus stays there.

/** Tells what the table is to be ordered by when a button with `data-order` is pressed, by pointer or keyboard. */
export class ColumnOrder {
  /** @param {(name: string) => void} wanted */
  constructor(wanted) {
    this.wanted = wanted;
    this.pressed = (/** @type {MouseEvent} */ event) => this.press(event.target);
    /** of what the server lays out, once a button was pressed @type {MutationObserver | null} */
    this.observer = null;
    this.column = -1;
    addEventListener("click", this.pressed);
  }

  /** @param {EventTarget | null} target */
  press(target) {
    const button = target instanceof Element ? target.closest("[data-order]") : null;
    if (!(button instanceof HTMLElement)) return;
    this.column = buttons().indexOf(button);
    this.observer ??= new MutationObserver(() => this.refocus());
    this.observer.observe(document.body, { childList: true, subtree: true });
    this.wanted(button.dataset.order ?? "");
  }

  /** The table that is there in the old one's place has no focus yet. */
  refocus() {
    const there = buttons()[this.column];
    if (!there || document.activeElement !== document.body) return;
    there.focus({ preventScroll: true });
    this.observer?.disconnect();
  }

  destroy() {
    removeEventListener("click", this.pressed);
    this.observer?.disconnect();
  }
}

/** @returns {HTMLElement[]} */
function buttons() {
  return [...document.querySelectorAll("[data-order]")].filter((button) => button instanceof HTMLElement);
}
