// The Compare page: runs side by side, their latent spaces linked.

import { Selection } from "../../plane/selection.js";
import { Coloring } from "../../plane/coloring.js";
import { RunPanel } from "./run_panel.js";
import { decimals, plain } from "../../dom/format.js";
import { drawImage } from "../../dom/image.js";
import { legend } from "../../plane/legend.js";
import { loadGallery } from "../../run/loading.js";
import { PageFrame } from "../../dom/page_frame.js";
import { imageTowards } from "../../plane/arrow_step.js";
import { readTheme } from "../../dom/theme.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/latent_space.js").ColorBy} ColorBy */
/** @typedef {import("../../run/payload.js").Payload & {verdicts: Record<string, string>, missing: string}} Payload */

const SENTENCES = {
  image: "One held-out image in every latent space, with q(z|x) at 1 and 2 σ, over each run's reconstruction (Eq. 30).",
  z: "One z in every latent space, over what each run decodes it to (Eq. 30).",
  plane:
    "One point of every plane, over what each run decodes it to; above two dimensions, the plane is that of the first two principal components.",
};
const HANDLES = {
  image: "the selected image; arrow keys go to the next image that way, Shift further",
  z: "latent position z; arrow keys move it, Shift moves it further",
};
const COLOR_TITLES = {
  label: "Class",
  reconstruction: "Reconstruction",
  kl: "KL",
  width: "Posterior width",
  density: "Density",
};
const HTML = `
<div class="lx-asked"><canvas class="lx-image" data-testid="compare-original" width="28" height="28" role="img"></canvas><p><b></b><span></span></p></div>
<header class="lx-head"><h1>Compare</h1><p class="lx-sentence"></p></header>
<div class="lx-controls">
  <div class="lx-switch" role="group" aria-label="What the runs share"><button type="button" data-link="image">Same image</button><button type="button" data-link="z">Same z</button></div>
  <label><span>Colour</span> <select>${
  Object.entries(COLOR_TITLES).map(([name, title]) => `<option value="${name}">${title}</option>`).join("")
}</select></label>
  <button type="button" class="lx-button lx-clear" data-testid="clear-selection" hidden></button>
  <button type="button" class="lx-button lx-more" aria-pressed="false">Figures</button>
</div>
<div class="lx-legend" role="group" aria-label="Colours of the points"></div>
<div class="lx-panels"></div>
<p class="lx-note lx-missing" hidden></p>
`;

export class Compare {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("../../dom/page_frame.js").Host} host */
  constructor(parent, payload, host) {
    this.payload = payload;
    this.pageFrame = new PageFrame(parent, "compare", HTML, host);
    const find = (/** @type {string} */ selector) => this.pageFrame.find(selector);
    this.parts = {
      asked: find(".lx-asked"),
      original: find(".lx-asked canvas"),
      askedTitle: find(".lx-asked b"),
      askedWords: find(".lx-asked span"),
      sentence: find(".lx-sentence"),
      links: /** @type {HTMLButtonElement[]} */ (this.pageFrame.all("[data-link]")),
      color: find("select"),
      clear: find(".lx-clear"),
      more: find(".lx-more"),
      legend: find(".lx-legend"),
      panels: find(".lx-panels"),
      missing: find(".lx-missing"),
    };
    /** @type {RunPanel[]} */
    this.panels = [];
    /** @type {Uint8Array | null} */
    this.gallery = null;
    /** @type {Set<number>} classes switched off */
    this.hidden = new Set();
    this.chosen = new Selection(); // images that stand out
    this.generation = 0;
    this.adopt();
    this.listen();
    this.show();
  }

  /** Take over what the page itself changes from then on. */
  adopt() {
    const { link, z, image, set, color_by } = this.payload.state;
    this.chosen = new Selection(set ?? []);
    /** @type {"image" | "z"} */
    this.link = link;
    /** @type {Pair} a point of the planes */
    this.z = z?.length === 2 ? z : [0, 0];
    /** @type {number[] | null} a latent vector that the address gives, for the plane of a run of as many dimensions */
    this.vector = z?.length > 2 ? z : null;
    /** @type {number} */
    this.image = image ?? -1;
    /** @type {ColorBy} */
    this.colorBy = color_by;
    this.hidden.clear();
  }

  listen() {
    const { links, color, clear, more } = this.parts;
    for (const button of links) {
      button.onclick = () => {
        this.link = /** @type {"image" | "z"} */ (button.dataset.link);
        this.ask();
        this.commit();
      };
    }
    color.onchange = () => {
      this.colorBy = color.value;
      this.recolor();
      this.pageFrame.report({ color_by: this.colorBy });
    };
    clear.onclick = () => {
      this.chosen = new Selection();
      this.chosen.label(clear);
      for (const panel of this.panels) panel.plane?.standOut(null);
      this.commit();
    };
    more.onclick = () => {
      const open = this.pageFrame.root.classList.toggle("lx-open");
      more.setAttribute("aria-pressed", String(open));
    };
  }

  /** Take a new payload or theme: runs that stay keep their panels. @param {Payload} payload */
  async update(payload) {
    const before = this.payload.state;
    const { dataset, runs } = payload.state;
    this.payload = payload;
    this.pageFrame.fitHeight();
    if (dataset !== before.dataset) {
      for (const panel of this.panels.splice(0)) panel.destroy();
      this.adopt();
      await this.show();
    } else if (runs.join() !== before.runs.join()) {
      await this.show();
    } else {
      this.restyle();
    }
  }

  /** Show the payload's runs. */
  async show() {
    const generation = ++this.generation;
    const { payload, parts } = this;
    try {
      this.arrange();
      const [gallery] = await Promise.all([loadGallery(payload.gallery), ...this.panels.map((panel) => panel.load())]);
      if (this.pageFrame.gone || generation !== this.generation) return;
      const spaces = this.spaces();
      this.gallery = gallery && gallery.length === spaces[0].count * spaces[0].decoder.pixels ? gallery : null;
      if (this.vector) {
        this.z = spaces.find((space) => space.dim === this.vector?.length)?.project(this.vector) ?? this.z;
      }
      this.vector = null;
      const fewest = Math.min(...spaces.map((space) => space.count));
      if (this.image < 0 || this.image >= fewest) this.image = Math.floor(fewest / 2); // one in the middle, so that there is something to see
      this.chosen = this.chosen.below(fewest);
      this.chosen.label(parts.clear);
      this.theme = readTheme(this.pageFrame.root);
      const colorings = this.colorings();
      parts.color.value = this.colorBy;
      this.showLegend(colorings);
      await Promise.all(
        this.panels.map((panel, i) =>
          panel.show(
            colorings[i],
            /** @type {import("../../dom/theme.js").Theme} */ (this.theme),
            this.shown(),
            this.chosen,
          )
        ),
      );
      if (this.pageFrame.gone || generation !== this.generation) return;
      this.pageFrame.recovered();
      this.ask();
      this.pageFrame.ready();
    } catch (error) {
      this.pageFrame.fail(error, "These runs cannot be shown");
    }
  }

  /** One panel a run, in the payload's order. */
  arrange() {
    const { payload: { runs, state, verdicts, definitions, missing }, parts } = this;
    const known = new Map(this.panels.map((panel) => [panel.run, panel]));
    this.panels = state.runs.map((/** @type {string} */ run) => {
      const old = known.get(run);
      known.delete(run);
      if (old?.info.latents === runs[run].latents && old.info.decoder === runs[run].decoder) return old;
      old?.destroy();
      return new RunPanel(parts.panels, run, runs[run], {
        move: (panel, point) => this.move(panel, point),
        release: () => this.commit(),
        step: (panel, by) => this.step(panel, by),
      });
    });
    for (const panel of known.values()) panel.destroy();
    for (const panel of this.panels) {
      if (parts.panels.children[this.panels.indexOf(panel)] !== panel.root) parts.panels.append(panel.root);
      panel.describe(verdicts[panel.run], definitions);
    }
    parts.panels.style.setProperty("--lx-count", String(this.panels.length));
    parts.missing.hidden = !missing;
    parts.missing.textContent = missing;
  }

  spaces() {
    return this.panels.map((panel) => /** @type {import("../../run/latent_space.js").LatentSpace} */ (panel.space));
  }

  /** One for each panel, on one scale, so that a colour means the same everywhere. */
  colorings() {
    const { class_colors, value_colors } = this.payload;
    const colorings = this.spaces().map((space) =>
      new Coloring(space, this.colorBy, class_colors, value_colors, Boolean(this.theme?.dark))
    );
    const valued = colorings.filter((coloring) => coloring.values);
    // Rounding leaves a collapsed run's KL a hair off 0.
    const low = Math.round(1e4 * Math.min(...valued.map((one) => one.low))) / 1e4;
    const high = Math.max(...valued.map((one) => one.high));
    for (const coloring of valued) Object.assign(coloring, { low, high });
    return colorings;
  }

  /** @param {Coloring[]} colorings */
  showLegend(colorings) {
    const shared = colorings.find((coloring) => !coloring.missing) ?? colorings[0];
    legend(this.parts.legend, shared, this.payload.classes, this.hidden, () => {
      for (const panel of this.panels) panel.plane?.filter(this.shown());
    });
  }

  recolor() {
    const colorings = this.colorings();
    this.showLegend(colorings);
    this.panels.forEach((panel, i) => panel.plane?.recolor(colorings[i]));
  }

  /** Follow a change of theme. */
  restyle() {
    const theme = readTheme(this.pageFrame.root);
    this.theme = theme;
    if (!this.panels.every((panel) => panel.plane)) return;
    for (const panel of this.panels) panel.setTheme(theme);
    this.recolor();
  }

  /** @returns {(label: number) => boolean} */
  shown() {
    return (label) => !this.hidden.has(label);
  }

  /** The live path: a point of one plane changes all panels in the same frame. @param {RunPanel} panel @param {Pair} point */
  move(panel, point) {
    if (this.link === "z") {
      this.z = point;
    } else {
      const { index } = /** @type {import("../../run/latent_space.js").LatentSpace} */ (panel.space).nearest(
        point,
        this.shown(),
      );
      if (index < 0 || index === this.image) return;
      this.image = index;
    }
    this.answer();
  }

  /** @param {RunPanel} panel @param {Pair} by */
  step(panel, by) {
    if (this.link === "z" || !panel.space) return false;
    const next = imageTowards(panel.space, this.image, by, this.shown());
    if (next >= 0) {
      this.image = next;
      this.answer();
      this.commit();
    }
    return true;
  }

  /** Set up what the runs are asked, and answer it. */
  ask() {
    const { parts, link } = this;
    this.pageFrame.root.dataset.link = link;
    const flat = this.spaces().every((space) => space.dim === 2);
    parts.sentence.textContent = SENTENCES[link === "z" && !flat ? "plane" : link];
    for (const button of parts.links) button.setAttribute("aria-pressed", String(button.dataset.link === link));
    for (const panel of this.panels) panel.nameHandle(HANDLES[link]);
    this.answer();
  }

  /** What all runs make of the image or of z. */
  answer() {
    const { panels, parts, payload: { classes } } = this;
    if (this.link === "z") {
      parts.askedTitle.textContent = `z = (${this.z.map((v) => decimals(v)).join(", ")})`;
      parts.askedWords.textContent = "in every run";
      for (const panel of panels) panel.decode(this.z, classes);
      return;
    }
    const [space] = this.spaces();
    const words = `image ${this.image}, class ${classes[space.label[this.image]]}`;
    this.drawOriginal();
    parts.askedTitle.textContent = `Image ${this.image}`;
    parts.askedWords.textContent = `class ${classes[space.label[this.image]]}`;
    for (const panel of panels) panel.select(this.image, words);
  }

  drawOriginal() {
    const { gallery, image, parts: { original } } = this;
    const { pixels, imageShape } = this.spaces()[0].decoder;
    original.hidden = !gallery;
    original.setAttribute("aria-label", `Held-out image ${image}`);
    if (gallery) drawImage(original, gallery.subarray(image * pixels, (image + 1) * pixels), imageShape, 1);
  }

  /** Tell the host how the page stands, and speak it. */
  commit() {
    this.pageFrame.report({
      link: this.link,
      image: String(this.image),
      set: this.chosen.text(),
      z: this.z.map(plain).join(","),
    });
    this.pageFrame.say(
      this.link === "image" ? `Image ${this.image}, ${this.parts.askedWords.textContent}` : this.panels[0]?.place ?? "",
    );
  }

  destroy() {
    for (const panel of this.panels) panel.destroy();
    this.pageFrame.destroy();
  }
}
