// The tray under the plane: the selected image's neighbours in latent space and in pixels, or the images chosen together.

import { drawImage } from "../../dom/image.js";
import { nearestRows } from "../../maths/projection.js";

/** @typedef {import("../../plane/selection.js").Selection} Selection */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/**
 * @typedef {object} SelectionBarEvents
 * @property {(index: number) => void} select  an image is wanted, -1 for none
 * @property {() => void} selectShown  all images whose class is shown are
 * @property {() => void} clear  no selection is
 * @property {(canvas: HTMLCanvasElement, index: number) => void} draw  a held-out image
 */

const MOST = 8;
const THUMB = 48; // pixels that an image and its gap take
const CONTROLS = 216; // pixels that the controls beside them take
const HINT =
  "Click a point to see its neighbours; a box or a lasso, or “Select shown” after switching classes off in the legend, selects several images.";

export const SELECTION_BAR_HTML = `
<section class="lx-tray" aria-label="Selection">
  <div class="lx-tray-controls">
    <label>Image <input type="number" min="0" step="1" data-testid="image-index" title="Select a held-out image by its index"></label>
    <button type="button" class="lx-button" data-testid="select-shown" title="Select all images whose class the legend shows">Select shown</button>
    <button type="button" class="lx-button" data-testid="clear-selection" title="Select nothing (Escape)">Clear</button>
  </div>
  <p class="lx-note lx-tray-hint">${HINT}</p>
  <figure class="lx-thumbs" data-testid="latent-neighbours"><figcaption></figcaption><div></div></figure>
  <figure class="lx-thumbs" data-testid="pixel-neighbours"><figcaption></figcaption><div></div></figure>
</section>`;

export class SelectionBar {
  /** @param {import("../../dom/page_frame.js").PageFrame} pageFrame @param {SelectionBarEvents} events */
  constructor(pageFrame, events) {
    this.events = events;
    this.root = pageFrame.find(".lx-tray");
    const find = (/** @type {string} */ selector) => this.root.querySelector(selector);
    this.input = /** @type {HTMLInputElement} */ (find("input"));
    this.clear = /** @type {HTMLButtonElement} */ (find("[data-testid=clear-selection]"));
    this.hint = /** @type {HTMLElement} */ (find(".lx-tray-hint"));
    const [first, second] = /** @type {HTMLElement[]} */ ([...this.root.querySelectorAll(".lx-thumbs")]);
    this.first = first;
    this.second = second;
    this.input.onchange = () => {
      const index = Number(this.input.value);
      if (this.input.value !== "" && Number.isInteger(index) && index >= 0 && index <= Number(this.input.max)) {
        events.select(index);
      } else {
        this.input.value = this.shown >= 0 ? String(this.shown) : "";
        pageFrame.say(`No such image: they run from 0 to ${this.input.max}`);
      }
    };
    find("[data-testid=select-shown]").onclick = () => events.selectShown();
    this.clear.onclick = () => events.clear();
    this.shown = -1;
  }

  /** How many images fit a group. */
  capacity() {
    const stacked = matchMedia("(max-width: 760px)").matches; // as in explore.css
    const width = stacked ? this.root.clientWidth : (this.root.clientWidth - CONTROLS) / 2;
    return Math.min(Math.max(Math.floor(width / THUMB), 3), MOST);
  }

  /**
   * @param {LatentSpace} space @param {Uint8Array | null} gallery @param {string[]} classes
   * @param {number} image the selected one, -1 for none @param {Selection} chosen
   */
  show(space, gallery, classes, image, chosen) {
    this.shown = image;
    this.input.max = String(space.count - 1);
    this.input.value = image >= 0 ? String(image) : "";
    this.clear.disabled = image < 0 && !chosen.size;
    this.clear.textContent = chosen.size ? `Clear ${chosen.size.toLocaleString("en")}` : "Clear";
    this.hint.hidden = image >= 0 || chosen.size > 0;
    this.first.hidden = this.second.hidden = !this.hint.hidden;
    if (!this.hint.hidden) return;
    if (image >= 0) this.showNeighbours(space, gallery, classes, image);
    else this.showChosen(space, classes, chosen);
  }

  /** @param {LatentSpace} space @param {Uint8Array | null} gallery @param {string[]} classes @param {number} image */
  showNeighbours(space, gallery, classes, image) {
    const count = this.capacity();
    const others = (/** @type {number} */ index) => index !== image;
    const near = space.nearestCodes(space.code(image), count, others).map(({ index }) => index);
    this.fill(
      this.first,
      `Nearest in latent space${space.dim > 2 ? `, all ${space.dim} dimensions` : ""}`,
      near,
      space,
      classes,
    );
    const { pixels } = space.decoder;
    const alike = gallery
      ? nearestRows(gallery, pixels, gallery.subarray(image * pixels, (image + 1) * pixels), count, others).rows
      : [];
    this.fill(
      this.second,
      gallery ? "Nearest in pixels (L2)" : "Nearest in pixels: none, this data set ships no images",
      alike,
      space,
      classes,
    );
  }

  /** @param {LatentSpace} space @param {string[]} classes @param {Selection} chosen */
  showChosen(space, classes, chosen) {
    const size = `${chosen.size.toLocaleString("en")} image${chosen.size > 1 ? "s" : ""}`;
    const kept = chosen.fitsAddress ? "" : " (too many for the address)";
    this.fill(
      this.first,
      `${size}${kept}: ${chosen.words(space.label, classes)}`,
      chosen.some(this.capacity()),
      space,
      classes,
    );
    this.fill(this.second, "Their mean in latent space, decoded", [], space, classes);
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", "Image decoded at the mean of the selected images' codes");
    drawImage(canvas, space.decoder.decode(space.meanCode(chosen.indices)), space.decoder.imageShape);
    this.second.lastElementChild?.append(canvas);
  }

  /** @param {HTMLElement} group @param {string} title @param {number[]} indices @param {LatentSpace} space @param {string[]} classes */
  fill(group, title, indices, space, classes) {
    const [caption, row] = /** @type {HTMLElement[]} */ ([...group.children]);
    caption.textContent = caption.title = title;
    const focused = row.contains(document.activeElement);
    row.replaceChildren(...indices.map((index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.index = String(index);
      button.title = `Image ${index}, class ${classes[space.label[index]]}`;
      button.setAttribute("aria-label", button.title);
      const canvas = document.createElement("canvas");
      this.events.draw(canvas, index);
      button.append(canvas);
      button.onclick = () => this.events.select(index);
      return button;
    }));
    if (focused) /** @type {HTMLElement | null} */ (row.firstElementChild)?.focus();
  }
}
