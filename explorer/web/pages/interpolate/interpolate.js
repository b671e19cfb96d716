// The Interpolate page: ways from one image to another through the latent space, as films.

import { Coloring } from "../../plane/coloring.js";
import { EndControls } from "./end_controls.js";
import { PathEnds } from "./path_ends.js";
import { FilmRow } from "./film_row.js";
import { save } from "./film_export.js";
import { decimals, plain, significant } from "../../dom/format.js";
import { HeldOut } from "../../run/held_out.js";
import { BackgroundWork } from "../../dom/background_work.js";
import { HTML } from "./markup.js";
import { loadGallery, loadSpace } from "../../run/loading.js";
import { Plane } from "../../plane/plane.js";
import { Player } from "./player.js";
import { RunFilms } from "./run_films.js";
import { PageFrame } from "../../dom/page_frame.js";
import { readTheme } from "../../dom/theme.js";
import { addToolbar } from "../../plane/toolbar.js";
import { PATH_NAMES, PATHS, ThreePaths } from "./three_paths.js";
import { PathLines } from "./path_lines.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("./film_row.js").Film} Film */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../../run/payload.js").Payload} Payload */

export class Interpolate {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("../../dom/page_frame.js").Host} host */
  constructor(parent, payload, host) {
    this.payload = payload;
    this.pageFrame = new PageFrame(parent, "interpolate", HTML, host);
    const { state } = payload;
    this.view = state.view;
    this.paths = new Set(state.paths.length ? state.paths : ["linear"]);
    /** @type {FilmRow[]} */
    this.rows = [];
    this.generation = 0;
    this.work = new BackgroundWork(["steps", "shortest", "lengths", "scores", "imageGrid"]);
    this.ways = new ThreePaths(this.work, { found: () => this.bend(), measured: () => this.noteLengths() });
    this.player = new Player(this.pageFrame.find(".lx-player"), {
      move: (t) => this.showT(t),
      rest: () => this.commit(),
    });
    this.runFilms = new RunFilms(this);
    this.countInput = /** @type {HTMLInputElement} */ (this.pageFrame.find(".lx-count input"));
    this.countInput.value = String(state.steps);
    this.listen();
    this.resizing = new ResizeObserver(() => this.plane?.resize());
    this.start().catch((error) => this.fail(error));
  }

  get count() {
    const count = Math.round(Number(this.countInput.value));
    return Number.isFinite(count) ? Math.min(Math.max(count, 3), 25) : 9;
  }

  listen() {
    for (const button of this.pageFrame.all("[data-view]")) button.onclick = () => this.setView(button.dataset.view);
    for (const button of this.pageFrame.all("[data-path]")) {
      button.onclick = () => {
        const { path } = button.dataset;
        if (!this.paths.delete(path)) this.paths.add(path);
        if (!this.paths.size) this.paths.add(path); // one path at least
        this.layFilms();
        this.commit();
      };
    }
    this.countInput.onchange = () => {
      this.countInput.value = String(this.count);
      this.layFilms();
      this.commit();
    };
    for (const button of this.pageFrame.all("[data-save]")) {
      button.onclick = () => {
        this.pageFrame.recovered();
        const films = this.rows.map((row) => row.film);
        save(button.dataset.save, {
          films,
          count: this.count,
          back: this.player.returns,
          assets: this.payload.assets,
          name: this.fileName(),
        })
          .catch((/** @type {unknown} */ error) => this.pageFrame.fail(error, "This film cannot be saved"));
      };
    }
  }

  async start() {
    const element = this.pageFrame.find(".lx-plane");
    this.plane = new Plane(element, {
      move: (point, which) => this.drag(point, which),
      release: (point, index, which) => this.release(index, which),
      hover: (index, pixel) => this.peek(index, pixel),
      describe: (point, which) => `${"AB"[which]} at ${decimals(point[0])}, ${decimals(point[1])}`,
      placed: () => this.lines?.place(),
    }, { handles: ["A", "B"] });
    this.lines = new PathLines(this.plane, PATH_NAMES);
    this.resizing.observe(element);
    addToolbar(element, this.plane);
    await this.show(true);
  }

  /** Take a new payload or theme. @param {Payload} payload */
  async update(payload) {
    const before = this.payload.state;
    this.payload = payload;
    this.pageFrame.fitHeight();
    const otherData = payload.state.dataset !== before.dataset;
    try {
      if (otherData || payload.state.run !== before.run) await this.show(otherData || !this.space);
      else if (this.space) {
        this.plane?.setTheme(readTheme(this.pageFrame.root));
        await this.plane?.recolor(this.coloring(this.space));
      }
    } catch (error) {
      this.fail(error);
    }
  }

  /** Load and show the payload's run. @param {boolean} fresh other images than before */
  async show(fresh) {
    const generation = ++this.generation;
    const { payload, plane } = this;
    const [space, gallery] = await Promise.all([
      loadSpace(payload.runs[payload.state.run]),
      loadGallery(payload.gallery),
    ]);
    if (this.pageFrame.gone || generation !== this.generation || !plane) return;
    const first = !this.space;
    this.space = space;
    this.pageFrame.recovered();
    this.ways.open(space);
    this.rows = [];
    if (fresh) this.openEnds(space, gallery, first);
    this.joinEnds();
    if (first) this.player.set(payload.state.t);
    this.layFilms();
    const [a, b] = this.endPoints();
    plane.moveTo(b, null, 1);
    const shown = plane.show(space, this.coloring(space), readTheme(this.pageFrame.root), a);
    if (first) await shown;
    this.pageFrame.ready();
    this.pageFrame.find(".lx-plane").dataset.run = payload.state.run;
    await shown;
    if (generation !== this.generation) return;
    this.ways.fill();
    this.commit();
  }

  /** PathEnds as the address names them, or the notes' 2 and 6. @param {LatentSpace} space @param {Uint8Array | null} gallery @param {boolean} first */
  openEnds(space, gallery, first) {
    const { state, classes } = this.payload;
    const whole = gallery && gallery.length === space.count * space.decoder.pixels ? gallery : null;
    this.heldOut = new HeldOut(space.label, whole, classes.length);
    this.ends = new PathEnds(this.heldOut);
    this.endControls = new EndControls(this, first ? state.mode : (this.endControls?.mode ?? state.mode));
    for (const [which, name] of /** @type {[number, "a" | "b"][]} */ ([[0, "a"], [1, "b"]])) {
      const image = first ? state[`image_${name}`] : null;
      const point = first ? state[name] : null;
      if (image !== null && image < space.count) this.ends.setImage(which, image);
      else if (point) this.ends.setPoint(which, point);
      else {
        const typical = this.heldOut.typical(this.endControls.classes[which]);
        const taken = which === 1 && this.ends.images[0] === typical; // where there is but one class
        this.ends.setImage(which, taken ? this.heldOut.next(typical, 1) : typical);
      }
    }
    this.endControls.open(!first || (state.image_b === null && state.b === null));
  }

  /** @param {LatentSpace} space */
  coloring(space) {
    return new Coloring(space, "label", this.payload.class_colors, this.payload.value_colors, false);
  }

  /** Where both handles belong. @returns {Pair[]} */
  endPoints() {
    if (!this.space || !this.ends) return [[0, 0], [0, 0]];
    const { space } = this;
    return this.ends.latents(space).map((z) => space.project(z));
  }

  /** The live path of a handle. @param {Pair} point @param {number} which */
  drag(point, which) {
    if (!this.ends || !this.endControls) return;
    this.work.slowDown();
    if (which === 1 && this.ends.arithmetic) this.endControls.pull(point);
    else this.ends.setPoint(which, point);
    this.endsChanged();
  }

  /** @param {number | null} index of a clicked image @param {number} which */
  release(index, which) {
    if (index !== null && index >= 0 && !(which === 1 && this.ends?.arithmetic)) this.ends?.setImage(which, index);
    this.endsChanged();
    this.commit();
  }

  /** Show what hangs on the ends: at once what is light, the rest when there is time. */
  endsChanged() {
    const { plane, space, ends } = this;
    if (!plane || !space || !ends) return;
    this.endPoints().forEach((point, which) => {
      plane.handles[which] = point;
    });
    this.joinEnds();
    if (this.view === "runs") this.runFilms.bend();
    this.bend();
    plane.place();
    this.endControls?.show();
  }

  joinEnds() {
    if (this.space && this.ends) this.ways.join(this.ends.latents(this.space));
  }

  /** @returns {Film[]} */
  pathFilms() {
    const { space, ways, payload: { state: { run } } } = this;
    if (!space) return [];
    return PATH_NAMES.filter((name) => this.paths.has(name)).map((name) => ({
      run,
      way: name,
      name,
      title: PATHS[name].title,
      definition: ways.definition(name),
      space,
      path: ways.path(name),
    }));
  }

  /** @param {string} view */
  setView(view) {
    this.view = view;
    this.layFilms();
    this.commit();
  }

  /** Build the rows of films anew. */
  layFilms() {
    const { pageFrame } = this;
    pageFrame.root.dataset.view = this.view;
    for (const button of pageFrame.all("[data-view]")) {
      button.setAttribute("aria-pressed", String(button.dataset.view === this.view));
    }
    for (const button of pageFrame.all("[data-path]")) {
      button.setAttribute("aria-pressed", String(this.paths.has(button.dataset.path)));
    }
    const rows = pageFrame.find(".lx-rows");
    rows.replaceChildren();
    this.rows = [];
    this.runFilms.stop();
    if (this.view === "runs") this.runFilms.lay(rows);
    else {
      this.rows = this.pathFilms().map((film) => this.addRow(rows, film));
      this.bend();
    }
    pageFrame.find(".lx-remark").textContent = this.view === "runs" ? this.runFilms.remark() : "";
    this.endControls?.show();
  }

  /** @param {HTMLElement} parent @param {Film} film */
  addRow(parent, film) {
    const row = new FilmRow(parent, film, (t) => this.player.jump(t));
    row.setCount(this.count);
    if (parent.children.length === 1) row.live.dataset.testid = "decoded-image";
    parent.dataset.rows = String(parent.children.length);
    return row;
  }

  /** Give the rows and the plane their paths between the present ends. */
  bend() {
    const films = this.pathFilms();
    this.lines?.show(films);
    if (this.view === "paths") {
      for (const row of this.rows) row.film = films.find(({ name }) => name === row.film.name) ?? row.film;
      this.noteLengths();
    }
    this.showRows();
  }

  showRows() {
    for (const row of this.rows) row.show(this.player.t);
    this.work.follow("steps", () => this.drawSteps());
  }

  *drawSteps() {
    for (const row of this.rows) yield* row.draw();
  }

  /** How much the image changes along each path, as far as it is known. */
  noteLengths() {
    this.describe();
    if (this.view === "runs") return;
    for (const { film, note, element } of this.rows) {
      const length = this.ways.lengths.get(film.name);
      const filling = film.name === "shortest" && this.ways.progress < 1;
      element.dataset.length = length === undefined ? "" : String(length);
      note.title = "Sum of the L2 distances between images decoded at 64 steps along the path; pixels from 0 to 1";
      note.textContent = (length === undefined ? "" : `changes the image by ${significant(length)}`) +
        (filling ? ` (grid ${Math.floor(100 * this.ways.progress)} %)` : "");
    }
  }

  /** The live path of t. @param {number} t */
  showT(t) {
    this.work.slowDown(this.player?.playing ? undefined : 0); // a film may play for long: the grid goes on meanwhile
    for (const row of this.rows) row.show(t);
    this.lines?.move(t);
  }

  /** The page's sentence. */
  describe() {
    const names = this.endControls?.names() ?? ["A", "B"];
    const [line, way] = [this.ways.lengths.get("linear"), this.ways.lengths.get("shortest")];
    let words = `From ${names[0]} to ${names[1]}: move t and watch what lies between.`;
    if (this.view === "runs") words = this.runFilms.sentence();
    else if (line !== undefined && way !== undefined && this.ways.progress === 1) {
      const less = line > 0 ? 1 - way / line : 0;
      words =
        `From ${names[0]} to ${names[1]} the straight line changes the image by ${
          significant(line)
        } in all (L2 over pixels); ` +
        (less < 0.005
          ? "no way that was found changes it less."
          : `the shortest way by ${significant(way)}, ${Math.round(100 * less)} % less.`);
    }
    this.pageFrame.find(".lx-sentence").textContent = words;
  }

  /** Tell the host how the page stands, and speak it. */
  commit() {
    if (!this.ends || !this.endControls || this.pageFrame.gone) return;
    const { images, points } = this.ends;
    const at = (/** @type {number} */ which) => (images[which] < 0 ? points[which].map(plain).join(",") : null);
    const image = (/** @type {number} */ which) => (images[which] < 0 ? null : String(images[which]));
    this.pageFrame.report({
      ...this.endControls.report(),
      a: at(0),
      b: at(1),
      image_a: image(0),
      image_b: image(1),
      view: this.view,
      paths: PATH_NAMES.filter((name) => this.paths.has(name)).join(","),
      steps: String(this.count),
      t: plain(this.player.t),
    });
    this.describe();
    this.pageFrame.say(`t ${decimals(this.player.t)} from ${this.endControls.names().join(" to ")}`);
  }

  /** The name of a file of these films, without its ending. */
  fileName() {
    const { state } = this.payload;
    const run = this.view === "runs" ? this.rows.map((row) => row.film.name).join("-") : state.run;
    const way = this.view === "runs" ? "linear" : this.rows.map((row) => row.film.name).join("-");
    const names = this.endControls?.names().map((/** @type {string} */ name) => name.replace(/^an? /, "")) ?? [];
    return [state.dataset, run, way, names.join("-to-")].join("-").replace(/[^\p{L}\p{N}.,=+_-]+/gu, "-");
  }

  /** An image under the pointer. @param {number} index @param {Pair} pixel */
  peek(index, [x, y]) {
    const box = this.pageFrame.find(".lx-peek");
    box.hidden = index < 0;
    if (index < 0 || !this.space) return;
    this.heldOut?.draw(box.querySelector("canvas"), this.space, index);
    box.querySelector("span").textContent = `Image ${index}, ${this.payload.classes[this.space.label[index]]}`;
    const { clientWidth, clientHeight } = this.pageFrame.find(".lx-plane");
    box.style.left = `${x + 56 + box.offsetWidth > clientWidth ? x + 24 - box.offsetWidth : x + 56}px`;
    box.style.top = `${Math.min(y + 16, clientHeight - box.offsetHeight - 8)}px`;
  }

  /** @param {unknown} error */
  fail(error) {
    this.pageFrame.fail(error, "This run cannot be shown");
  }

  destroy() {
    this.resizing.disconnect();
    this.player.destroy();
    this.work.destroy();
    this.plane?.destroy();
    this.pageFrame.destroy();
  }
}
