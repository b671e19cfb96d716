// Several held-out images selected together: as a set, and in words.

import { classWords, counted } from "../run/image_words.js";

const MOST_IN_ADDRESS = 2000; // images; explorer/views/page_address.py takes no more
const CLASSES_NAMED = 4;

export class Selection {
  /** @param {Iterable<number>} indices of images */
  constructor(indices = []) {
    this.indices = Int32Array.from(new Set(indices)).sort();
  }

  get size() {
    return this.indices.length;
  }

  /** Those below a number of images. @param {number} count */
  below(count) {
    return new Selection(this.indices.filter((index) => index < count));
  }

  /** One byte an image, 1 where it is selected; null when none is. @param {number} count of images */
  mask(count) {
    if (!this.size) return null;
    const mask = new Uint8Array(count);
    for (const index of this.indices) mask[index] = 1;
    return mask;
  }

  /** To be reported; null for none, and for more than the address holds. @returns {number[] | null} */
  values() {
    return this.size && this.fitsAddress ? [...this.indices] : null;
  }

  get fitsAddress() {
    return this.size <= MOST_IN_ADDRESS;
  }

  /**
   * A button that lets go of them: its words, and whether it is there at all.
   * @param {HTMLButtonElement} button @param {import("../run/image_words.js").Kind} [kind]
   */
  label(button, kind = "image") {
    button.hidden = !this.size;
    button.textContent = `${this.size.toLocaleString("en")} selected ✕`;
    button.title = "Clear the selection";
    button.setAttribute("aria-label", `Clear the selection of ${counted(this.size, kind)}`);
  }

  /** At most so many of them, evenly spread. @param {number} most */
  some(most) {
    const step = Math.max(this.size / most, 1);
    return Array.from({ length: Math.min(most, this.size) }, (_, i) => this.indices[Math.floor(i * step)]);
  }

  /**
   * How many there are of each class, the commonest first; empty where there is but one class, which tells nothing.
   * @param {Int32Array} label @param {string[]} classes
   */
  words(label, classes) {
    if (classes.length < 2) return "";
    const counts = new Array(classes.length).fill(0);
    for (const index of this.indices) if (label[index] >= 0) counts[label[index]]++;
    const order = counts.map((_, i) => i).filter((i) => counts[i]).sort((a, b) => counts[b] - counts[a]);
    const more = order.length - CLASSES_NAMED;
    const named = order.slice(0, CLASSES_NAMED).map((i) =>
      `${counts[i]} ${classWords(i, classes) ? "of" : "with"} ${classes[i]}`
    );
    return named.join(", ") + (more > 0 ? `, ${more} more class${more > 1 ? "es" : ""}` : "");
  }
}
