// The Compare page: runs side by side, their latent spaces linked.

import { addShare, planesPicture } from "../../plane/share_page.js";
import { oneFile } from "../../plane/one_file.js";
import { Selection } from "../../plane/selection.js";
import { offerColors } from "../../plane/color_select.js";
import { Coloring } from "../../plane/coloring.js";
import { columnName, loadColumn, unranked } from "../../run/columns.js";
import { compareParts, HTML } from "./markup.js";
import { PanelEpochs } from "./panel_epochs.js";
import { addEither, imageLinks, zLinks } from "../../dom/along.js";
import { hide, setAttribute, write } from "../../dom/sparing.js";
import { WhyLink } from "./why_link.js";
import { PanelMarks } from "./panel_marks.js";
import { PanelViews } from "./panel_views.js";
import { Drawing } from "./drawing.js";
import { RunPanel } from "./run_panel.js";
import { explained } from "../../dom/explained.js";
import { place, rounded } from "../../dom/format.js";
import { HeldOut } from "../../run/held_out.js";
import { capital, classWords } from "../../run/image_words.js";
import { legend } from "../../plane/legend.js";
import { lightTogether } from "../../dom/lit_term.js";
import { LifeCycle } from "../../dom/life_cycle.js";
import { sharedLikelihoodWords } from "../../run/likelihood_words.js";
import { loadGallery, wanted } from "../../run/loading.js";
import { PageFrame } from "../../dom/page_frame.js";
import { imageTowards } from "../../plane/arrow_step.js";
import { readTheme } from "../../dom/theme.js";
import { handleWords, sharedSentence } from "./sentences.js";
import { roomBelow, squares } from "./squares.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/latent_space.js").ColorBy} ColorBy */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/**
 * @typedef {object} State  as COMPARE in explorer/views/pages.py
 * @property {string} dataset
 * @property {string[]} runs
 * @property {number | null} given  class that a conditional run is given; null: the first
 * @property {"image" | "z" | "draw"} link  what the runs share
 * @property {number[] | null} z
 * @property {number | null} image
 * @property {number[] | null} set  images that stand out
 * @property {ColorBy} color_by
 * @property {import("../../run/latent_space.js").PointKind} points
 * @property {"auto" | import("../../plane/marks.js").MarkKind} marks
 * @property {number | null} epoch  to show the points of, by the epochs' slider; null: the end
 * @property {string[]} views  the parts of the planes that are seen, see panel_views.js
 * @property {"closed" | "open"} figures  those of each run, below its plane
 */
/**
 * @typedef {import("../../run/payload.js").Payload<State> & {
 *   verdicts: Record<string, string>,
 *   missing: string,
 *   pictured: string[],
 *   class_numbers: Record<string, number[] | null>,
 * }} Payload  verdicts: a sentence on each run's metrics; missing: how to get those that are not there; pictured: the
 *   runs whose images the gallery holds; class_numbers: of a run whose classes are others than the page's, the page's
 *   number of each of them, -1 for none
 */
/** @typedef {{spaces: LatentSpace[], gallery: Uint8Array | null}} Loaded */

export class Compare {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("../../dom/page_frame.js").Host} host */
  constructor(parent, payload, host) {
    this.pageFrame = new PageFrame(parent, "compare", HTML, host);
    this.life = new LifeCycle(this.pageFrame, payload, {
      wants: ({ state, runs, gallery }) => wanted({ runs, gallery }, state.runs, state.given),
      load: (given) => this.load(given),
      show: (loaded) => this.show(loaded),
      restyle: () => this.restyle(),
      failure: "These runs cannot be shown",
    });
    this.parts = compareParts(this.pageFrame);
    /** @type {RunPanel[]} */
    this.panels = [];
    /** @type {LatentSpace[]} of the panels, once they are loaded */
    this.spaces = [];
    /** the run whose image is shown for all, and its images @type {LatentSpace | null} */
    this.reference = null;
    this.heldOut = /** @type {HeldOut | null} */ (null);
    /** what the rows of the runs' latents are @type {import("../../run/image_words.js").Kind} */
    this.kind = "image";
    /** @type {Set<number>} classes switched off */
    this.hidden = new Set();
    this.isShown = (/** @type {number} */ label) => !this.hidden.has(label);
    this.selection = new Selection(); // images that stand out
    this.theme = readTheme(this.pageFrame.root);
    /** @type {string | null} the data set that what follows belongs to */
    this.dataset = null;
    /** @type {State["link"]} what the runs share */
    this.link = "image";
    /** @type {number} */
    this.image = -1;
    /** @type {Pair} a point of the planes */
    this.z = [0, 0];
    /** @type {number[] | null} a latent vector that the address gives, for the plane of a run of as many dimensions */
    this.vector = null;
    /** @type {ColorBy} */
    this.colorBy = "label";
    /** @type {State["points"]} */
    this.points = "auto";
    lightTogether(this.pageFrame.root);
    const from = () => ({ dataset: this.payload.state.dataset, run: this.alongPanel?.run ?? "" });
    this.showAlong = addEither(this.pageFrame, {
      image: imageLinks(() => ({ ...from(), image: this.image })),
      z: zLinks(() => ({ ...from(), z: this.alongPanel?.space?.latent(this.z) ?? this.z }), ["compare"]),
    });
    this.why = new WhyLink(this);
    const runs = () => this.payload.state.runs;
    addShare(this.pageFrame, {
      file: () => `${this.payload.state.dataset}-${runs().join("-")}`,
      title: () => `${runs().join(", ")} side by side`,
      offers: [oneFile("These runs as one HTML file", () => ({ dataset: this.payload.state.dataset, runs: runs() }))],
    }, () => planesPicture(this.panels.flatMap(({ plane, info }) => plane ? [{ plane, title: info.title }] : [])));
    this.epochs = new PanelEpochs(this);
    this.views = new PanelViews(() => this.panels);
    this.marks = new PanelMarks(this);
    this.drawing = new Drawing(this.pageFrame, {
      panels: () => this.panels,
      classes: () => this.payload.classes,
    });
    this.listen();
    this.resizing = new ResizeObserver(() => this.size());
    this.resizing.observe(this.pageFrame.root);
    this.life.begin();
  }

  get payload() {
    return this.life.payload;
  }

  /** The panel whose run an image is taken along with: the last that decodes, as the full ELBO stands. */
  get alongPanel() {
    return this.panels.findLast(({ space }) => space?.decodes) ?? this.panels.at(-1);
  }

  /** @param {Payload} payload */
  update(payload) {
    return this.life.update(payload);
  }

  /** @param {Payload} payload */
  adopt(payload) {
    this.dataset = null; // so that nothing of what is shown stays
    return this.life.adopt(payload);
  }

  /** Take over what the page itself changes from then on. @param {State} state */
  begin({ dataset, link, z, image, set, color_by, points, marks, epoch, views, figures }) {
    this.dataset = dataset;
    this.points = points;
    this.marks.marks = marks;
    this.epochs.epoch = epoch;
    this.views.begin(views);
    this.showFigures(figures);
    this.selection = new Selection(set ?? []);
    this.link = link;
    this.z = z?.length === 2 ? [z[0], z[1]] : [0, 0];
    this.vector = z && z.length > 2 ? z : null;
    this.image = image ?? -1;
    this.colorBy = color_by;
    this.hidden.clear();
    this.pageFrame.root.dataset.link = link; // so that the pad has its place before there are planes to land in
    this.drawing.root.hidden = link !== "draw";
  }

  listen() {
    const { links, color, draws, clear, more } = this.parts;
    for (const button of links) {
      button.onclick = () => {
        this.link = /** @type {State["link"]} */ (button.dataset.link);
        this.showLink();
        this.report();
      };
    }
    color.onchange = () => {
      this.colorBy = /** @type {ColorBy} */ (color.value);
      this.pageFrame.report({ color_by: this.colorBy });
      return this.life.tried(async () => {
        await this.loadColumns();
        this.recolor();
      });
    };
    draws.onclick = () => {
      this.points = this.points === "draws" ? "auto" : "draws";
      this.pageFrame.report({ points: this.points });
      return this.life.tried(() => this.showPoints());
    };
    clear.onclick = () => {
      this.selection = new Selection();
      this.selection.label(clear, this.kind);
      for (const panel of this.panels) panel.plane?.standOut(null);
      this.report();
    };
    more.onclick = () => {
      const figures = this.pageFrame.root.classList.contains("lx-open") ? "closed" : "open";
      this.showFigures(figures);
      this.pageFrame.report({ figures });
    };
  }

  /** @param {State["figures"]} figures */
  showFigures(figures) {
    const open = this.pageFrame.root.classList.toggle("lx-open", figures === "open");
    this.parts.more.setAttribute("aria-expanded", String(open));
  }

  /** The payload's runs: each has its panel before it is there. @param {Payload} payload @returns {Promise<Loaded>} */
  async load(payload) {
    if (payload.state.dataset !== this.dataset) this.begin(payload.state);
    this.arrange(payload);
    const loading = this.panels.map((panel) => panel.load(this.points));
    const [gallery, ...spaces] = await Promise.all([loadGallery(payload.gallery), ...loading]);
    await this.loadColumns();
    return { gallery, spaces };
  }

  /** Have at hand what the points of the panels are coloured by. */
  loadColumns() {
    return Promise.all(this.panels.map(({ space, info }) => space && loadColumn(space, info, this.colorBy)));
  }

  /** @param {Loaded} loaded */
  async show({ spaces, gallery }) {
    const { parts } = this;
    this.spaces = spaces;
    const { pictured } = this.payload;
    const first = this.panels.findIndex(({ run, space }) => space?.decodes || pictured.includes(run));
    const reference = spaces[Math.max(first, 0)];
    this.reference = reference;
    this.heldOut = HeldOut.of(reference, first >= 0 ? gallery : null);
    this.kind = this.heldOut.kind(reference);
    const { vector } = this;
    if (vector) this.z = spaces.find((space) => space.dim === vector.length)?.project(vector) ?? this.z;
    this.vector = null;
    const fewest = Math.min(...spaces.map((space) => space.count));
    // One in the middle, so that there is something to see.
    if (this.image < 0 || this.image >= fewest) this.image = Math.floor(fewest / 2);
    this.selection = this.selection.below(fewest);
    this.selection.label(parts.clear, this.kind);
    this.offerColors();
    this.panels.forEach((panel) => (panel.gallery = pictured.includes(panel.run) ? gallery : null));
    await this.showSpaces();
  }

  /** The runs' points, and what all make of the image or of z. */
  async showSpaces() {
    const theme = (this.theme = readTheme(this.pageFrame.root));
    const colorings = this.colorings();
    this.showLegend(colorings);
    this.parts.draws.setAttribute("aria-pressed", String(this.points === "draws"));
    this.parts.draws.hidden = !this.spaces.some(({ cov }) => cov);
    const box = (/** @type {RunPanel} */ { run }) => this.views.of(run);
    await Promise.all(
      this.panels.map((panel, i) => panel.show(colorings[i], theme, this.isShown, this.selection, box(panel))),
    );
    this.views.shown();
    this.marks.show();
    this.why.show();
    this.showLink();
    await this.epochs.follow();
  }

  /** Show other points for the images, in the same view. */
  async showPoints() {
    this.views.begin(this.views.values);
    this.spaces = await Promise.all(this.panels.map((panel) => panel.load(this.points)));
    await this.showSpaces();
  }

  /** One panel a run, in the payload's order; runs that stay keep theirs. @param {Payload} payload */
  arrange({ runs, state, verdicts, definitions, missing, class_numbers }) {
    const { parts } = this;
    const known = new Map(this.panels.map((panel) => [panel.run, panel]));
    this.panels = state.runs.map((run) => {
      const old = known.get(run);
      if (old?.info.latents === runs[run].latents && old.info.decoder === runs[run].decoder) {
        known.delete(run);
        return old;
      }
      return new RunPanel(parts.panels, run, runs[run], {
        move: (panel, point) => this.move(panel, point),
        release: () => this.report(),
        step: (panel, by) => this.step(panel, by),
        viewed: () => this.pageFrame.report({ views: this.views.values }),
        marked: (panel) => this.marks.of(panel),
      });
    });
    for (const panel of known.values()) panel.destroy();
    this.panels.forEach((panel, i) => {
      panel.given = state.given;
      panel.classNumbers = class_numbers[panel.run];
      if (parts.panels.children[i] !== panel.root) parts.panels.append(panel.root);
      panel.showMetrics(verdicts[panel.run], definitions);
    });
    this.size();
    parts.missing.hidden = !missing;
    parts.missing.textContent = missing;
  }

  /** Make the planes squares, as large as the window allows, with what is decoded below them or beside. */
  size() {
    const { panels, parts, pageFrame: { root } } = this;
    const { side, image, beside } = squares(panels.length, parts.panels.clientWidth, roomBelow(root, parts.panels));
    parts.panels.style.setProperty("--lx-count", String(panels.length));
    parts.panels.style.setProperty("--lx-side", `${side}px`);
    parts.panels.style.setProperty("--lx-image", `${image}px`);
    parts.panels.classList.toggle("lx-beside", beside);
  }

  /** Offer to colour by what one of the runs has at least; by class, if what was wanted is not there. */
  offerColors() {
    const columns = this.panels.flatMap(({ info }) => info.columns);
    const there = (/** @type {ColorBy} */ by) =>
      by === "label" || by === "density" || columns.some(({ name }) => name === columnName(by)) ||
      this.spaces.some((space) => space.value(/** @type {any} */ (by)));
    if (!there(unranked(this.colorBy))) this.colorBy = "label";
    offerColors(this.parts.color, columns, there, this.colorBy);
  }

  /** One for each panel, on one scale, so that a colour means the same everywhere. */
  colorings() {
    const { class_colors, value_colors } = this.payload;
    const colorings = this.spaces.map((space) =>
      new Coloring(space, this.colorBy, class_colors, value_colors, this.theme.dark)
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
    const told = colorings.filter((coloring) => !coloring.missing);
    // of the runs that have something to tell, the one that leaves the fewest points without
    const shared = told.reduce((best, one) => one.unknown < best.unknown ? one : best, told[0] ?? colorings[0]);
    legend(this.parts.legend, shared, this.payload.classes, this.hidden, () => {
      for (const panel of this.panels) panel.plane?.filter(this.isShown);
      this.marks.show();
    });
  }

  recolor() {
    const colorings = this.colorings();
    this.showLegend(colorings);
    this.panels.forEach((panel, i) => panel.plane?.recolor(colorings[i]));
    this.marks.show();
  }

  /** Follow a change of theme. */
  restyle() {
    this.theme = readTheme(this.pageFrame.root);
    for (const panel of this.panels) panel.setTheme(this.theme);
    this.recolor();
  }

  /**
   * The live path: a point of one plane changes all panels in the same frame.
   * @param {RunPanel} panel @param {Pair} point
   */
  move(panel, point) {
    if (!panel.space || this.link === "draw") return;
    if (this.link === "z") {
      this.z = point;
    } else {
      const { index } = panel.space.nearest(point, this.isShown);
      if (index < 0 || index === this.image) return;
      this.image = index;
    }
    this.showShared();
  }

  /** @param {RunPanel} panel @param {Pair} by */
  step(panel, by) {
    if (this.link === "z" || !panel.space) return false;
    if (this.link === "draw") return true;
    const next = imageTowards(panel.space, this.image, by, this.isShown);
    if (next >= 0) {
      this.image = next;
      this.showShared();
      this.report();
    }
    return true;
  }

  /** Show what the runs share: whether an image or z, and which. */
  showLink() {
    const { parts, drawing } = this;
    if (this.link === "draw" && !drawing.possible) this.link = "image";
    const { link } = this;
    this.pageFrame.root.dataset.link = link;
    this.showAlong(link === "z" ? "z" : "image");
    if (link === "draw") drawing.open();
    else drawing.close();
    this.size(); // the pad takes a column of its own
    const shown = this.spaces.map(({ dim, values, decodes }) => ({ dim, deterministic: values.kl === null, decodes }));
    const likelihood = sharedLikelihoodWords(this.spaces.map(({ decoder }) => decoder));
    explained(parts.sentence, sharedSentence(link, shown, this.kind) + (likelihood && ` Figures: ${likelihood}.`));
    for (const button of parts.links) {
      if (button.dataset.link === "image") button.textContent = `Same ${this.kind}`;
      if (button.dataset.link === "draw") button.hidden = !drawing.possible;
      button.setAttribute("aria-pressed", String(button.dataset.link === link));
    }
    for (const panel of this.panels) panel.nameHandle(handleWords(link, this.kind));
    this.showShared();
  }

  /** What all runs make of the image or of z. */
  showShared() {
    const { panels, parts, image, reference, payload: { classes } } = this;
    if (!reference) return;
    if (this.link === "draw") {
      parts.sharedTitle.textContent = "Your drawing";
      parts.sharedText.textContent = "in every run";
      this.drawing.show();
      return;
    }
    if (this.link === "z") {
      const deepest = Math.max(...this.spaces.map(({ dim }) => dim));
      write(parts.sharedTitle, place(this.z, deepest));
      write(parts.sharedText, "in every run");
      for (const panel of panels) panel.showPoint(this.z, classes);
      return;
    }
    const ofClass = classWords(reference.label[image], classes);
    hide(parts.original, !this.heldOut?.gallery);
    setAttribute(
      parts.original,
      "aria-label",
      reference.decodes ? `Held-out image ${image}` : `Picture of point ${image}`,
    );
    if (this.heldOut?.gallery) this.heldOut.draw(parts.original, reference, image);
    write(parts.sharedTitle, `${capital(this.kind)} ${image}`);
    write(parts.sharedText, ofClass);
    for (const panel of panels) panel.showImage(image, classes);
  }

  /** Tell the host how the page stands, and speak it. */
  report() {
    const { link, image, z, selection, panels: [panel] } = this;
    /** @type {Partial<State>} */
    const state = {
      link,
      image,
      z: z.map(rounded),
      set: selection.values(),
      epoch: this.epochs.epoch === null ? null : rounded(this.epochs.epoch),
    };
    this.pageFrame.report(state);
    this.why.show();
    this.pageFrame.say(link === "image" ? panel.words.replace(/^./, (first) => first.toUpperCase()) : panel.words);
  }

  destroy() {
    this.resizing.disconnect();
    this.epochs.destroy();
    this.drawing.destroy();
    for (const panel of this.panels) panel.destroy();
    this.life.destroy();
  }
}
