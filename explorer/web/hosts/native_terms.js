// The terms and equations in what the server lays out: its sentences and its table explain themselves, as pages do.

import { explain } from "../dom/explained.js";
import { addNativeShare } from "./native_share.js";
import { TermPopover } from "../dom/term_popover.js";

// explorer/screens/plotly_page.py writes the sentences, explorer/views/metrics_table.py what each figure is.
const SENTENCES = ".native p, .definitions td";
const ROOTS = ".native, .figures, .definitions";

/** Explains what is there and what comes in its place. */
export class NativeTerms {
  constructor() {
    /** @type {Map<Element, TermPopover>} */
    this.popovers = new Map();
    this.observer = new MutationObserver(() => this.look());
    this.observer.observe(document.body, { childList: true, subtree: true });
    this.look();
  }

  look() {
    addNativeShare();
    for (const [root, popover] of this.popovers) {
      if (root.isConnected) continue;
      popover.destroy();
      this.popovers.delete(root);
    }
    for (const root of document.querySelectorAll(ROOTS)) {
      if (this.popovers.has(root) || !(root instanceof HTMLElement)) continue;
      for (const line of root.querySelectorAll(SENTENCES)) {
        if (line instanceof HTMLElement) explain(line, true);
      }
      const speech = Object.assign(document.createElement("p"), { className: "lx-live" });
      speech.setAttribute("aria-live", "polite");
      root.append(speech);
      this.popovers.set(root, new TermPopover(root, (words) => (speech.textContent = words)));
    }
  }

  destroy() {
    this.observer.disconnect();
    for (const popover of this.popovers.values()) popover.destroy();
  }
}
