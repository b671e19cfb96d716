// The same image's p(z|x) and q(z|x) in each run of the data set, side by side; integrated once they are in view.

import { fitted } from "../../dom/canvas.js";
import { terms } from "../../maths/elbo.js";
import { significant } from "../../dom/format.js";
import { between, figure } from "./eq_10_texts.js";
import { loadSpace } from "../../run/loading.js";
import { InView } from "../../dom/in_view.js";
import { readTheme } from "../../dom/theme.js";
import { posteriorOf } from "./posterior_of.js";
import { density } from "../../run/true_posterior.js";
import { likelihoodOf } from "./shown_image.js";

/** @typedef {import("../../maths/gaussian.js").Gaussian} Gaussian */
/** @typedef {import("../../run/true_posterior.js").TruePosterior} TruePosterior */
/** @typedef {{canvas: HTMLCanvasElement, posterior: TruePosterior, q: Gaussian | null, line: boolean}} Multiple */

const MOST = 6;
const SPECK = 4; // pixels

export class RunMultiples {
  /** @param {HTMLElement} root @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
  constructor(root, pageFrame) {
    this.root = root;
    this.pageFrame = pageFrame;
    /** @type {Multiple[]} */
    this.drawn = [];
    this.inView = new InView(root);
  }

  /**
   * @param {import("./probability.js").Payload} payload @param {import("./shown_image.js").ShownImage} image
   * @param {import("../../dom/latest.js").Latest} latest that forgets answers which nobody waits for any more
   */
  async show(payload, { index, x }, latest) {
    this.drawn = [];
    if (!x) return this.root.replaceChildren("log p(x) needs the image itself.");
    const figures = Object.entries(payload.runs).slice(0, MOST).map(([run, info]) => runFigure(run, info.title));
    this.root.replaceChildren(...figures.map(({ figure }) => figure));
    await latest.of(this.inView.comes());
    for (const { run, title, canvas, line } of figures) {
      try {
        const loaded = await latest.of(loadSpace(payload.runs[run]));
        const space = loaded.given(loaded.label[index]);
        if (space.dim > 2) throw new Error(`${space.dim} latent dimensions`);
        const url = payload.answers[run].posterior;
        const posterior = await latest.of(posteriorOf(space, index, x, url, latest.signal));
        const q = space.gaussian(index);
        line.textContent = `log p(x) ${evidenceAndGap(posterior, q && terms(q, likelihoodOf(space, x)).elbo)}`;
        canvas.setAttribute("aria-label", `${title}: ${line.textContent}`);
        const multiple = { canvas, posterior, q, line: space.line };
        this.drawn.push(multiple);
        this.paint(multiple);
      } catch (error) {
        line.textContent = `none: ${error instanceof Error ? error.message : error}`;
      }
    }
  }

  draw() {
    for (const multiple of this.drawn) this.paint(multiple);
  }

  /** @param {Multiple} multiple */
  paint({ canvas, posterior, q, line }) {
    const theme = readTheme(this.pageFrame.root);
    const { context, width, height } = fitted(canvas);
    if (line) return paintLine({ context, width, height }, posterior, q, theme);
    const extent = posterior.extent(posterior.levels[2]) ?? [-1, -1, 1, 1];
    const reach = q ? 2.2 * Math.max(...q.radii) : 0;
    const box = q
      ? [
        Math.min(extent[0], q.mu[0] - reach),
        Math.min(extent[1], q.mu[1] - reach),
        Math.max(extent[2], q.mu[0] + reach),
        Math.max(extent[3], q.mu[1] + reach),
      ]
      : extent;
    const scale = 0.9 * Math.min(width / (box[2] - box[0]), height / (box[3] - box[1]));
    const at = (
      /** @type {number} */ x,
      /** @type {number} */ y,
    ) => [width / 2 + (x - (box[0] + box[2]) / 2) * scale, height / 2 - (y - (box[1] + box[3]) / 2) * scale];
    context.fillStyle = theme.text;
    for (const window of posterior.windows) {
      const [left, top] = at(window.box[0], window.box[3]);
      // Far from q it may be smaller than a pixel.
      if ((window.box[2] - window.box[0]) * scale < SPECK) {
        context.fillRect(left - SPECK / 2, top - SPECK / 2, SPECK, SPECK);
      }
      context.drawImage(
        bands(window, posterior.levels, theme.text),
        left,
        top,
        (window.box[2] - window.box[0]) * scale,
        (window.box[3] - window.box[1]) * scale,
      );
    }
    if (q) {
      const [x, y] = at(...q.mu);
      context.strokeStyle = theme.accent;
      for (const sigma of [1, 2]) {
        context.lineWidth = sigma === 1 ? 2 : 1.2;
        context.setLineDash(sigma === 1 ? [] : [4, 3]);
        context.beginPath();
        context.ellipse(
          x,
          y,
          Math.max(sigma * q.radii[0] * scale, 1),
          Math.max(sigma * q.radii[1] * scale, 1),
          -q.angle,
          0,
          2 * Math.PI,
        );
        context.stroke();
      }
      context.setLineDash([]);
    }
    drawScale(context, [width, height], scale, theme);
  }

  destroy() {
    this.inView.destroy();
  }
}

/** @param {TruePosterior} posterior @param {number | null} elbo null: there is no q */
function evidenceAndGap({ logEvidence }, elbo) {
  const gap = elbo === null ? "no q, and N(0, I) is no prior of its own" : `gap ${between(logEvidence, elbo)} nats`;
  return `${figure(logEvidence)} nats, ${gap}`;
}

/** A canvas over a line of numbers, which are yet to come. @param {string} run @param {string} title */
function runFigure(run, title) {
  const figure = document.createElement("figure");
  const canvas = Object.assign(document.createElement("canvas"), { className: "lx-multiple" });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${title}: not yet integrated`);
  const line = Object.assign(document.createElement("span"), { textContent: "…" });
  const caption = document.createElement("figcaption");
  caption.append(Object.assign(document.createElement("b"), { textContent: title }), line);
  figure.append(canvas, caption);
  return { run, title, figure, canvas, line };
}

/**
 * The regions of 50, 90 and 99 % as shades.
 * @param {import("../../run/true_posterior.js").Window} window @param {number[]} levels @param {string} color
 */
function bands({ rows, columns, values }, levels, color) {
  const canvas = Object.assign(document.createElement("canvas"), { width: columns, height: rows });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillStyle = color;
  context.fillRect(0, 0, columns, rows);
  const image = context.getImageData(0, 0, columns, rows);
  values.forEach((value, at) => {
    const inside = levels.filter((level) => value >= level).length;
    const row = rows - 1 - Math.floor(at / columns);
    image.data[4 * (row * columns + (at % columns)) + 3] = 55 * inside;
  });
  context.putImageData(image, 0, 0);
  return canvas;
}

/**
 * A bar that says how large all is: the scales differ from run to run.
 * @param {CanvasRenderingContext2D} context @param {number[]} size width and height @param {number} scale pixels a unit
 * @param {import("../../dom/theme.js").Theme} theme
 */
function drawScale(context, [width, height], scale, theme) {
  const unit = 10 ** Math.floor(Math.log10((0.6 * width) / scale));
  context.fillStyle = theme.text;
  context.fillRect(6, height - 8, unit * scale, 2);
  context.font = `${theme.label}px ${theme.font}`;
  context.fillText(significant(unit), 6, height - 12);
}

/**
 * Of one latent dimension: p(z|x) as an area, q(z|x) as a curve.
 * @param {{context: CanvasRenderingContext2D, width: number, height: number}} fittedCanvas
 * @param {TruePosterior} posterior @param {Gaussian | null} q @param {import("../../dom/theme.js").Theme} theme
 */
function paintLine({ context, width, height }, posterior, q, theme) {
  const curves = density(posterior, -Infinity);
  const extent = posterior.extent(posterior.levels[2]) ?? [-1, 0, 1, 0];
  const reach = q ? 3 * q.radii[0] : 0;
  const [low, high] = q
    ? [Math.min(extent[0], q.mu[0] - reach), Math.max(extent[2], q.mu[0] + reach)]
    : [extent[0], extent[2]];
  const scale = (0.9 * width) / (high - low);
  const peak = curves.flat().reduce((most, [, value]) => Math.max(most, value), 0);
  const floor = height - 28;
  const at = (/** @type {number} */ z, /** @type {number} */ value) => /** @type {const} */ ([
    width / 2 + (z - (low + high) / 2) * scale,
    floor * (1 - Math.min((0.85 * value) / peak, 1)),
  ]);
  context.fillStyle = theme.text;
  context.globalAlpha = 0.4;
  for (const curve of curves) {
    context.beginPath();
    context.moveTo(...at(curve[0][0], 0));
    for (const [z, value] of curve) context.lineTo(...at(z, value));
    context.lineTo(...at(curve[curve.length - 1][0], 0));
    context.fill();
  }
  context.globalAlpha = 1;
  if (q) {
    context.strokeStyle = theme.accent;
    context.lineWidth = 2;
    context.beginPath();
    for (let i = -48; i <= 48; i++) {
      const epsilon = i / 12;
      const value = Math.exp(-0.5 * epsilon * epsilon) / (q.radii[0] * Math.sqrt(2 * Math.PI));
      context.lineTo(...at(q.mu[0] + epsilon * q.radii[0], value));
    }
    context.stroke();
  }
  drawScale(context, [width, height], scale, theme);
}
