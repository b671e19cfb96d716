// The Interpolate page: paths from one image to another through the latent space, as films.

import { addAlong, imageLinks, zLinks } from "../../dom/along.js";
import { explained } from "../../dom/explained.js";
import { BackgroundWork } from "../../dom/background_work.js";
import { decimals, rounded } from "../../dom/format.js";
import { LifeCycle } from "../../dom/life_cycle.js";
import { PageFrame } from "../../dom/page_frame.js";
import { readTheme } from "../../dom/theme.js";
import { Coloring } from "../../plane/coloring.js";
import { Plane } from "../../plane/plane.js";
import { addToolbar } from "../../plane/toolbar.js";
import { HeldOut } from "../../run/held_out.js";
import { imageWords } from "../../run/image_words.js";
import { loadGallery, loadSpace, wanted } from "../../run/loading.js";
import { EndControls } from "./end_controls.js";
import { fileName, save } from "./film_export.js";
import { FilmRows } from "./film_rows.js";
import { HTML, interpolateParts } from "./markup.js";
import { MANY } from "./norm_words.js";
import { PathEnds } from "./path_ends.js";
import { PathFilms } from "./path_films.js";
import { PathLines } from "./path_lines.js";
import { Player } from "../../dom/player.js";
import { RunFilms } from "./run_films.js";
import { PATH_NAMES, ThreePaths } from "./three_paths.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("./three_paths.js").PathName} PathName */
/** @typedef {"paths" | "runs"} View */
/**
 * @typedef {object} State  as INTERPOLATE in explorer/views/pages.py
 * @property {string} dataset
 * @property {string} run
 * @property {number | null} given  class that a conditional run is given; null: the first
 * @property {import("./end_controls.js").Mode} mode
 * @property {number | null} image_a @property {number | null} image_b
 * @property {Pair | null} a @property {Pair | null} b  points, where no images are given
 * @property {number} class_a @property {number} class_b  of the arithmetic, and of the ends where none are given
 * @property {number} strength  of the arithmetic
 * @property {View} view
 * @property {PathName[]} paths
 * @property {number} steps  of the strips
 * @property {number} t
 */
/** @typedef {import("../../run/payload.js").Payload<State>} Payload */

export class Interpolate {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("../../dom/page_frame.js").Host} host */
  constructor(parent, payload, host) {
    this.pageFrame = new PageFrame(parent, "interpolate", HTML, host);
    this.life = new LifeCycle(this.pageFrame, payload, {
      wants: ({ state, runs, gallery }) => wanted({ runs, gallery }, [state.run], state.given),
      load: ({ state, runs, gallery }) => Promise.all([loadSpace(runs[state.run], state.given), loadGallery(gallery)]),
      show: ([space, gallery]) => this.show(space, gallery),
      restyle: () => this.restyle(),
    });
    this.parts = interpolateParts(this.pageFrame);
    const { state } = payload;
    this.view = state.view;
    /** @type {LatentSpace | null} */
    this.space = null;
    /** of the run that is shown @type {string | null} */
    this.dataset = null;
    /** @type {PathEnds | null} */
    this.ends = null;
    this.work = new BackgroundWork(["steps", "shortest", "lengths", "scores", "imageGrid"]);
    this.paths = new ThreePaths(this.work, { found: () => this.showPaths(), measured: () => this.showLengths() });
    this.rows = new FilmRows(this.parts.rows, this.work, (t) => this.player.jump(t));
    this.pathFilms = new PathFilms(this.rows, this.paths, state.paths);
    this.runFilms = new RunFilms(this.rows, this.work, {
      scored: () => this.describe(),
      failed: (error) => this.pageFrame.fail(error, "This run cannot be shown"),
    });
    this.player = new Player(
      this.parts.player,
      { move: (t) => this.showT(t), rest: () => this.commit() },
      (t) => `t = ${decimals(t)}`,
    );
    this.endControls = new EndControls(this.pageFrame, state.mode, {
      change: () => this.showEnds(),
      drag: () => this.work.slowDown(),
      rest: () => this.commit(),
    });
    /** @type {PathLines | null} */
    this.lines = null;
    this.plane = new Plane(this.parts.plane, {
      move: (point, which) => this.drag(point, which),
      release: (_, index, which) => this.release(index, which),
      hover: (index, pixel) => this.showTooltip(index, pixel),
      describe: ([x, y], which) => `${"AB"[which]} at ${decimals(x)}, ${decimals(y)}`,
      placed: () => this.lines?.place(),
    }, { handles: ["A", "B"] });
    this.lines = new PathLines(this.plane, PATH_NAMES);
    const first = () => ({
      dataset: this.payload.state.dataset,
      run: this.payload.state.run,
      image: this.ends?.nearestImages()[0] ?? 0,
    });
    const links = imageLinks(first, ["interpolate"]).map((link) => ({
      ...link,
      words: `A: ${link.words.toLowerCase()}`,
    }));
    addAlong(this.pageFrame, links);
    addAlong(this.pageFrame, zLinks(() => ({ ...first(), ...this.rows.at(this.player.t) })), this.parts.along);
    const file = () => `${this.payload.state.dataset}-${this.payload.state.run}-interpolation`;
    addToolbar(this.parts.plane, this.plane, { file, title: () => `Paths through the latent space of ${file()}` });
    this.parts.count.value = String(state.steps);
    this.listen();
    this.resizing = new ResizeObserver(() => this.plane.resize());
    this.resizing.observe(this.parts.plane);
    this.life.begin();
  }

  /** @returns {Payload} */
  get payload() {
    return this.life.payload;
  }

  /** @param {Payload} payload */
  update(payload) {
    return this.life.update(payload);
  }

  /** Steps of the strips. */
  get count() {
    const count = Math.round(Number(this.parts.count.value));
    return Number.isFinite(count) ? Math.min(Math.max(count, 3), 25) : 9;
  }

  listen() {
    const { parts } = this;
    for (const button of parts.views) {
      button.onclick = () => {
        this.view = /** @type {View} */ (button.dataset.view);
        this.buildRows();
        this.commit();
      };
    }
    for (const button of parts.paths) {
      button.onclick = () => {
        this.pathFilms.toggle(/** @type {PathName} */ (button.dataset.path));
        this.buildRows();
        this.commit();
      };
    }
    parts.count.onchange = () => {
      parts.count.value = String(this.count);
      this.buildRows();
      this.commit();
    };
    for (const button of parts.files) {
      button.onclick = () => this.save(/** @type {import("./film_export.js").Kind} */ (button.dataset.save));
    }
  }

  /** @param {LatentSpace} space @param {Uint8Array | null} gallery */
  async show(space, gallery) {
    const { plane, payload: { state, classes } } = this;
    const first = !this.space;
    this.space = space;
    this.paths.open(state.run, space);
    this.pageFrame.root.dataset.dimensions = space.dim > MANY ? "many" : "few";
    if (this.ends) this.ends.home = space;
    if (!this.ends || state.dataset !== this.dataset) {
      this.dataset = state.dataset;
      this.ends = new PathEnds(HeldOut.of(space, gallery, classes.length), space);
      this.endControls.begin(this.ends, classes, state, first);
    }
    this.paths.join(this.ends.latents());
    if (first) this.player.set(state.t);
    this.buildRows();
    const [a, b] = this.endPoints(this.ends);
    plane.moveTo(b, null, 1);
    const shown = plane.show(space, this.coloring(space), readTheme(this.pageFrame.root), a);
    this.parts.plane.dataset.run = state.run;
    await shown;
    if (this.space !== space || this.pageFrame.gone) return;
    this.paths.fill();
    this.commit();
  }

  async restyle() {
    if (!this.space) return;
    this.plane.setTheme(readTheme(this.pageFrame.root));
    await this.plane.recolor(this.coloring(this.space));
  }

  /** @param {LatentSpace} space */
  coloring(space) {
    return new Coloring(space, "label", this.payload.class_colors, this.payload.value_colors, false);
  }

  /** Where both handles belong. @param {PathEnds} ends @returns {Pair[]} */
  endPoints(ends) {
    return ends.latents().map((z) => ends.home.project(z));
  }

  /** The live path of a handle. @param {Pair} point @param {number} which */
  drag(point, which) {
    const { ends } = this;
    if (!ends) return;
    this.work.slowDown();
    if (ends.derived(which)) this.endControls.pull(point);
    else ends.setPoint(which, point);
    this.showEnds();
  }

  /** @param {number | null} index of a clicked image @param {number} which */
  release(index, which) {
    const { ends } = this;
    if (!ends) return;
    if (index !== null && index >= 0 && !ends.derived(which)) ends.setImage(which, index);
    this.showEnds();
    this.commit();
  }

  /** Show what hangs on the ends: at once what is light, the rest when there is time. */
  showEnds() {
    const { plane, ends } = this;
    if (!ends) return;
    this.endPoints(ends).forEach((point, which) => {
      plane.handles[which] = point;
    });
    this.paths.join(ends.latents());
    if (this.view === "runs") this.runFilms.update(ends);
    this.showPaths();
    plane.place();
    this.endControls.show();
  }

  /** Build the rows of films anew. */
  buildRows() {
    const { pageFrame, parts, view, rows, ends, payload } = this;
    pageFrame.root.dataset.view = view;
    for (const button of parts.views) button.setAttribute("aria-pressed", String(button.dataset.view === view));
    const shown = /** @type {string[]} */ (this.pathFilms.names);
    for (const button of parts.paths) {
      button.setAttribute("aria-pressed", String(shown.includes(button.dataset.path ?? "")));
    }
    rows.clear();
    rows.count = this.count;
    this.runFilms.stop();
    if (ends && view === "runs") this.runFilms.show(payload, ends);
    else this.pathFilms.show();
    this.showPaths();
    parts.remark.textContent = ends && view === "runs" ? this.runFilms.remark(payload, ends) : "";
    this.endControls.show();
  }

  /** Show the paths between the present ends on the plane, and the films. */
  showPaths() {
    const films = this.pathFilms.films();
    this.lines?.show(films);
    if (this.view === "paths") this.pathFilms.update(films);
    this.describe();
    this.rows.redraw();
  }

  showLengths() {
    if (this.view === "paths") this.pathFilms.showLengths();
    this.describe();
  }

  /** The live path of t. @param {number} t */
  showT(t) {
    // A film may play for long: the grid goes on meanwhile.
    this.work.slowDown(this.player.playing ? undefined : 0);
    this.rows.showT(t);
    this.lines?.move(t);
  }

  /** The page's sentence. */
  describe() {
    const films = this.view === "runs" ? this.runFilms : this.pathFilms;
    explained(this.parts.sentence, films.sentence(this.endControls.words()) + this.given());
  }

  /** What a conditional run decodes is of one class, whatever images its path leads between. */
  given() {
    if (!this.rows.rows.some(({ film }) => film.space.decoder.classes)) return "";
    const { classes, state } = this.payload;
    return ` Class ${classes[state.given ?? 0]} is given all the way${
      this.view === "runs" ? " where a run takes one" : ""
    }.`;
  }

  /** Tell the host how the page stands, and speak it. */
  commit() {
    if (!this.ends || this.pageFrame.gone) return;
    this.pageFrame.report({
      ...this.endControls.report(),
      view: this.view,
      paths: this.pathFilms.names,
      steps: this.count,
      t: rounded(this.player.t),
    });
    this.describe();
    this.pageFrame.say(`t ${decimals(this.player.t)} from ${this.endControls.words().join(" to ")}`);
  }

  /** @param {import("./film_export.js").Kind} kind of file */
  async save(kind) {
    const { pageFrame, rows: { films }, payload: { state } } = this;
    pageFrame.recovered();
    const name = fileName(state.dataset, films, this.endControls.words());
    try {
      await save(kind, { films, count: this.count, back: this.player.returns, name });
    } catch (error) {
      pageFrame.fail(error, "This film cannot be saved");
    }
  }

  /** An image under the pointer. @param {number} index @param {Pair} pixel */
  showTooltip(index, [x, y]) {
    const { ends, parts: { plane, tooltip, tooltipImage, tooltipWords } } = this;
    tooltip.hidden = index < 0;
    if (index < 0 || !ends) return;
    ends.heldOut.draw(tooltipImage, ends.home, index);
    tooltipWords.textContent = imageWords(index, ends.heldOut.label[index], this.payload.classes);
    const { clientWidth, clientHeight } = plane;
    tooltip.style.left = `${x + 56 + tooltip.offsetWidth > clientWidth ? x + 24 - tooltip.offsetWidth : x + 56}px`;
    tooltip.style.top = `${Math.min(y + 16, clientHeight - tooltip.offsetHeight - 8)}px`;
  }

  destroy() {
    this.resizing.disconnect();
    this.runFilms.stop();
    this.player.destroy();
    this.work.destroy();
    this.plane.destroy();
    this.life.destroy();
  }
}
