// Which held-out images the rows show, with how much noise, and the controls that choose it.

import { rounded } from "../../dom/format.js";
import { part, parts } from "../../dom/parts.js";
import { comparable, mostUnlikeFirst, NEIGHBOURS } from "../../run/odd_images.js";
import { Random } from "../../maths/normal.js";
import { Selection } from "../../plane/selection.js";

/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {"random" | "worst" | "best" | "odd" | "selection"} Order */
/**
 * @typedef {object} Options
 * @property {number | null} class  null: all
 * @property {Order} order
 * @property {Selection} selection
 * @property {number} seed  of the order and of epsilon
 * @property {number} noise  times sigma epsilon
 * @property {boolean} difference  whether it is shown, too
 */

const MAX_SEED = 9999;

export class ImageChoice {
  /**
   * @param {HTMLElement} root that holds the controls @param {import("./reconstruct.js").State} state
   * @param {string[]} classes
   * @param {{images: () => void, difference: () => void, noise: () => void, rest: () => void}} events
   *   what was changed; rest: the noise slider was let go
   */
  constructor(root, state, classes, events) {
    this.events = events;
    this.parts = {
      class: part(root, "class", HTMLSelectElement),
      orders: parts(root, "order", HTMLButtonElement),
      unselect: part(root, "unselect", HTMLButtonElement),
      seed: part(root, "seed", HTMLInputElement),
      resample: part(root, "resample"),
      difference: part(root, "difference"),
      noise: part(root, "noise", HTMLInputElement),
      noiseValue: part(root, "noise-value"),
    };
    this.options = this.begin(state, classes);
    this.listen();
  }

  /** Begin where the address says. @param {import("./reconstruct.js").State} state @param {string[]} classes */
  begin(state, classes) {
    const selection = new Selection(state.set ?? []);
    const known = state.class !== null && state.class < classes.length;
    /** @type {Options} */
    const options = {
      class: known ? state.class : null,
      order: state.order === "auto" || (state.order === "selection" && !selection.size)
        ? usualOrder(selection)
        : state.order,
      selection,
      seed: state.seed,
      noise: state.noise,
      difference: state.difference === "on",
    };
    this.options = options;
    this.parts.noise.value = String(state.noise);
    this.parts.class.replaceChildren(
      new Option("All classes", ""),
      ...classes.map((name, i) => new Option(name, String(i))),
    );
    return options;
  }

  listen() {
    const { parts } = this;
    for (const button of parts.orders) {
      button.onclick = () => this.change({ order: /** @type {Order} */ (button.dataset.order) });
    }
    parts.class.onchange = () => this.change({ class: parts.class.value === "" ? null : Number(parts.class.value) });
    parts.seed.onchange = () => {
      const seed = Number(parts.seed.value);
      if (Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED) this.change({ seed });
      else parts.seed.value = String(this.options.seed);
    };
    parts.resample.onclick = () => this.change({ seed: (this.options.seed + 1) % (MAX_SEED + 1) });
    parts.difference.onclick = () => {
      this.change({ difference: !this.options.difference });
      this.events.difference();
    };
    parts.noise.oninput = () => {
      this.options.noise = Number(parts.noise.value);
      this.events.noise();
    };
    parts.noise.onchange = () => this.events.rest();
    parts.unselect.onclick = () => {
      const order = this.options.order === "selection" ? "random" : this.options.order;
      this.change({ selection: new Selection(), order });
    };
  }

  /** @param {Partial<Options>} options */
  change(options) {
    Object.assign(this.options, options);
    this.events.images();
  }

  /** Let go of selected images that the data set does not have. @param {LatentSpace} space */
  limit(space) {
    this.options.selection = this.options.selection.below(space.count);
  }

  /** Show how the controls stand. @param {{title: string, space: LatentSpace}} run that orders */
  show({ title, space }) {
    const { parts, options } = this;
    parts.class.value = options.class === null ? "" : String(options.class);
    parts.seed.value = String(options.seed);
    parts.noiseValue.textContent = `${options.noise.toFixed(2)} σ`;
    parts.noise.setAttribute("aria-valuetext", `${options.noise} standard deviations`);
    parts.difference.setAttribute("aria-pressed", String(options.difference));
    options.selection.label(parts.unselect);
    for (const button of parts.orders) {
      const { order } = button.dataset;
      button.setAttribute("aria-pressed", String(order === options.order));
      if (order === "selection") button.hidden = !options.selection.size;
      else if (order === "odd") {
        button.hidden = !comparable(space) || this.parts.class.length < 3; // "all", and two classes
        button.title = `Of another class than most of their ${NEIGHBOURS} nearest neighbours in ${title}, by how many`;
      } else if (order !== "random") button.title = `${button.textContent} reconstruction term for ${title}`;
    }
  }

  /**
   * Indices of the chosen images: of one class or all, shuffled by the seed, or by their reconstruction term or their
   * unlikeness in a run; or those that are selected.
   * @param {LatentSpace} space of the run
   */
  indices(space) {
    const { options } = this;
    const among = (/** @type {number} */ i) => options.class === null || space.label[i] === options.class;
    if (options.order === "selection") return options.selection.indices.filter(among);
    const order = shuffled(space.count, new Random(options.seed)).filter(among);
    if (options.order === "random") return order;
    if (options.order === "odd") return comparable(space) ? mostUnlikeFirst(space, order) : order;
    const sign = options.order === "worst" ? -1 : 1;
    const { reconstruction } = space.values;
    return order.sort((a, b) => sign * (reconstruction[a] - reconstruction[b]) || a - b);
  }

  /** The parameters of the address that are chosen here. */
  report() {
    const { class: label, order, selection, seed, noise, difference } = this.options;
    return {
      class: label,
      set: selection.size && selection.fitsAddress ? [...selection.indices] : null,
      order: order === usualOrder(selection) ? "auto" : order,
      seed,
      noise: rounded(noise),
      difference: difference ? "on" : "off",
    };
  }
}

/** What the rows show unless something else is asked for. @param {Selection} selection @returns {Order} */
function usualOrder(selection) {
  return selection.size ? "selection" : "random";
}

/** The whole numbers below `count` in random order. @param {number} count @param {Random} random */
function shuffled(count, random) {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
