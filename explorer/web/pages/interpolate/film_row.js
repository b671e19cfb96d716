// One path as a film: the image at t, its steps in a row, and curves along it.

import { drawImage } from "../../dom/image.js";
import { part } from "../../dom/parts.js";
import { write } from "../../dom/sparing.js";
import { hasPercentiles, normWords } from "./norm_words.js";

/** @typedef {import("./path_scores.js").PathScore} PathScore */
/**
 * @typedef {object} Film
 * @property {string} run
 * @property {string} pathName  linear, spherical or shortest
 * @property {string} name  what tells it from the other films on show
 * @property {string} title
 * @property {string} definition  shown on hover
 * @property {import("../../run/latent_space.js").LatentSpace} space
 * @property {import("../../maths/paths.js").Path} path
 */

const KEYS = new Map([["ArrowLeft", -1], ["ArrowRight", 1]]);
const HEIGHT = 30; // of the curves, in units of their own
const CURVES = `
<svg viewBox="0 0 100 ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Curves along the way"
  data-part="curves">
  <path class="lx-curve-frame" d="M0 0H100M0 ${HEIGHT}H100"/><path class="lx-curve-distance" data-part="distance"/>
  <path class="lx-curve-confidence" data-part="confidence"/>
  <path class="lx-needle" data-part="needle" d="M0 0V${HEIGHT}"/>
</svg>`;

export class FilmRow {
  /** @param {HTMLElement} parent @param {Film} film @param {(t: number) => void} onChoose a step was */
  constructor(parent, film, onChoose) {
    this.film = film;
    this.onChoose = onChoose;
    this.element = document.createElement("article");
    this.element.className = `lx-film lx-film-${film.name}`;
    this.element.dataset.film = film.name;
    this.element.innerHTML = `
      <canvas class="lx-image lx-film-live" role="img" data-part="live"></canvas>
      <div class="lx-film-body">
        <header><svg class="lx-swatch" viewBox="0 0 28 8" aria-hidden="true"><path class="lx-path" d="M2 4H26"/></svg>
          <h2><button type="button" class="lx-term" data-part="title"></button></h2>
          <p class="lx-note" data-part="note"></p></header>
        <div class="lx-film-steps" role="group" data-part="steps"></div>
      </div>`;
    this.live = part(this.element, "live", HTMLCanvasElement);
    this.note = part(this.element, "note");
    this.steps = part(this.element, "steps");
    /** @type {Record<"distance" | "confidence" | "needle", SVGElement> | null} */
    this.curves = null;
    /** says |z| at t @type {HTMLElement | null} */
    this.norm = null;
    const title = part(this.element, "title");
    title.textContent = film.title;
    title.dataset.words = film.definition;
    this.live.setAttribute("aria-label", `${film.title}: image decoded at t`);
    this.steps.setAttribute("aria-label", `${film.title}: steps from A to B`);
    /** @type {HTMLCanvasElement[]} */
    this.canvases = [];
    this.now = -1; // step nearest to t
    this.pixels = new Float32Array(film.space.decoder.pixels);
    parent.append(this.element);
  }

  /** @param {number} count of steps, both ends among them */
  setCount(count) {
    if (this.canvases.length === count) return;
    const buttons = Array.from({ length: count }, (_, i) => {
      const button = document.createElement("button");
      button.type = "button";
      button.tabIndex = -1; // one step of a row can be reached by the Tab key, from there arrow keys lead on
      button.setAttribute("aria-label", `t = ${(i / (count - 1)).toFixed(2)}`);
      button.onclick = () => this.onChoose(i / (count - 1));
      button.onkeydown = (event) => this.press(event, i);
      const canvas = document.createElement("canvas");
      canvas.className = "lx-image";
      button.append(canvas);
      return button;
    });
    this.canvases = buttons.map((button) => /** @type {HTMLCanvasElement} */ (button.firstChild));
    this.element.style.setProperty("--count", String(count));
    this.steps.replaceChildren(...buttons);
    this.now = -1;
  }

  /** @param {number} step */
  button(step) {
    return /** @type {HTMLButtonElement | undefined} */ (this.steps.children[step]);
  }

  /** @param {KeyboardEvent} event @param {number} step that has the focus */
  press(event, step) {
    const places = KEYS.get(event.key);
    const button = places && this.button(step + places);
    if (!button) return;
    event.preventDefault();
    button.focus();
    button.click();
  }

  /** The live path: decode and show the image at t. @param {number} t */
  show(t) {
    const { space, path } = this.film;
    const z = path(t);
    drawImage(this.live, space.decoder.decode(z, this.pixels), space.decoder.imageShape);
    if (this.norm) write(this.norm, normWords(z, hasPercentiles(space)));
    this.mark(Math.round(t * (this.canvases.length - 1)));
    this.curves?.needle.setAttribute("transform", `translate(${100 * t} 0)`);
  }

  /** @param {number} now step nearest to t */
  mark(now) {
    if (now === this.now) return;
    for (const [step, on] of /** @type {[number, boolean][]} */ ([[this.now, false], [now, true]])) {
      const button = this.button(step);
      button?.classList.toggle("lx-now", on);
      button?.setAttribute("tabindex", on ? "0" : "-1");
      if (on) button?.setAttribute("aria-current", "true");
      else button?.removeAttribute("aria-current");
    }
    this.now = now;
  }

  /** Decode all steps, one a turn. */
  *draw() {
    for (const [i, canvas] of this.canvases.entries()) {
      const { space, path } = this.film;
      drawImage(canvas, space.decoder.decode(path(i / (this.canvases.length - 1))), space.decoder.imageShape);
      yield;
    }
  }

  /** Make room for |z| at t. */
  addNorm() {
    this.norm = document.createElement("p");
    this.norm.className = "lx-note lx-norm";
    this.norm.dataset.testid = `norm-${this.film.name}`;
    this.steps.after(this.norm);
  }

  /** Make room for curves and what is said of them. */
  addCurves() {
    const figure = document.createElement("figure");
    figure.className = "lx-curves";
    figure.innerHTML = CURVES;
    this.curves = {
      distance: part(figure, "distance", SVGElement),
      confidence: part(figure, "confidence", SVGElement),
      needle: part(figure, "needle", SVGElement),
    };
    this.steps.after(figure);
  }

  /**
   * @param {PathScore[]} scores so far, evenly from t = 0 @param {number} count when all are
   * @param {number} farthest distance, at the top of the frame
   */
  drawCurves(scores, count, farthest) {
    const line = (/** @type {(score: PathScore) => number | null} */ share) => {
      const places = scores.map((score, i) => {
        const y = share(score);
        return y === null ? "" : `${((100 * i) / (count - 1)).toFixed(2)} ${((1 - y) * (HEIGHT - 3) + 1.5).toFixed(2)}`;
      }).filter(Boolean);
      return places.length > 1 ? `M${places.join("L")}` : "";
    };
    this.curves?.confidence.setAttribute("d", line(({ confidence }) => confidence));
    this.curves?.distance.setAttribute("d", line(({ distance }) => distance === null ? null : distance / farthest));
  }
}
