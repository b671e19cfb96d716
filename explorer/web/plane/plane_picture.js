// The plane as an SVG picture for slides: axes, points and what lies over them as vectors.

import { drawAxes, MARGIN, NINE } from "./axes.js";
import { CanvasPoints, LARGE } from "./canvas_points.js";
import { DensityPicture, MANY } from "./density_picture.js";
import { drawingOrder, FAINT, OPACITY } from "./points.js";

/** @typedef {import("../maths/types.js").Pair} Pair */
/** @typedef {import("./plane.js").Plane} Plane */

const MOST_DOTS = 20_000; // more would take a slide's program minutes: they become one picture
const LOOKS = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "opacity"];

/**
 * An SVG document that shows what the plane shows, at its size in CSS pixels.
 * @param {Plane} plane that shows a run @param {string} title read out for the picture
 */
export function planePicture(plane, title) {
  const { camera, theme, points, backdrop, chart } = plane;
  if (!theme || !points) throw new Error("nothing is shown yet");
  const [width, height] = [camera.width + MARGIN.l + MARGIN.r, camera.height + MARGIN.t + MARGIN.b];
  const axes = new SvgPen();
  drawAxes(/** @type {any} */ (axes), camera, theme, NINE);
  const behind = backdrop.background === "nothing" ? "" : imageTag(backdrop.canvas, camera.width, camera.height);
  const background = getComputedStyle(chart.closest(".lx-plane") ?? chart).backgroundColor;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>${text(title)}</title>
<rect width="100%" height="100%" fill="${background}"/>
<clipPath id="plot"><rect width="${camera.width}" height="${camera.height}"/></clipPath>
<g transform="translate(${MARGIN.l} ${MARGIN.t})" clip-path="url(#plot)">${behind}</g>
<g font-family="${text(theme.font)}" font-size="11">${axes.marks.join("")}</g>
${pointMarks(plane)}
<g transform="translate(${MARGIN.l} ${MARGIN.t})" clip-path="url(#plot)">${overlayMarks(plane)}</g>
</svg>
`;
}

/** The picture as a PNG file's bytes, `scale` device pixels a CSS pixel. @param {string} svg @param {number} scale */
export async function rasterised(svg, scale) {
  const image = new Image();
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width * scale, image.height * scale];
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    if (!(blob instanceof Blob)) throw new Error("the browser made no picture of it");
    return blob;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** @param {Plane} plane */
function pointMarks(plane) {
  const { camera, points, theme, chart } = plane;
  if (!points || !theme) return "";
  const { space: { xy, label, count }, coloring, shown, mask } = points;
  const [width, height] = [camera.width + MARGIN.l + MARGIN.r, camera.height + MARGIN.t + MARGIN.b];
  if (count > MOST_DOTS) {
    const aside = document.createElement("div");
    const drawer = count >= MANY ? new DensityPicture(aside) : new CanvasPoints(aside, LARGE);
    drawer.look = LARGE;
    drawer.draw(points, camera, theme);
    return imageTag(drawer.chart, width, height);
  }
  const radius = LARGE.size(count, camera.width) / 2;
  const faded = chart.closest(".lx-over-images:not(.lx-standing-out)") ? 0.55 : 1; // as plane.css has it
  const dots = [0, 1].map((out) =>
    Array.from(drawingOrder(count)).filter((index) => shown(label[index]) && (mask ? mask[index] === out : out === 1))
      .map((index) => ({ at: camera.toPixel([xy[2 * index], xy[2 * index + 1]]), index }))
      .filter(({ at: [x, y] }) => x > -radius && y > -radius && x < camera.width + radius && y < camera.height + radius)
      .map(({ at: [x, y], index }) =>
        `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius}" fill="${
          coloring.css(coloring.group(index))
        }"/>`
      ).join("")
  );
  const [under, over] = mask ? [FAINT, 1] : [1, OPACITY];
  return `<g transform="translate(${MARGIN.l} ${MARGIN.t})" clip-path="url(#plot)"><g opacity="${faded}"
  ><g fill-opacity="${under}">${dots[0]}</g><g fill-opacity="${over}">${dots[1]}</g></g></g>`;
}

/** Ellipses, lines, marks and handles. @param {Plane} plane */
function overlayMarks({ overlay, handles, camera, theme }) {
  const marks = [...overlay.svg.children].map((child) => {
    const style = getComputedStyle(child);
    if (style.display === "none") return "";
    const copy = /** @type {Element} */ (child.cloneNode());
    for (const name of ["class", "style", "data-testid"]) copy.removeAttribute(name);
    for (const name of LOOKS) copy.setAttribute(name, style.getPropertyValue(name));
    return new XMLSerializer().serializeToString(copy);
  });
  const held = overlay.handles.map((handle, which) => {
    if (getComputedStyle(handle).visibility === "hidden" || handle.hidden) return "";
    const [x, y] = camera.toPixel(handles[which]).map((v) => v.toFixed(1));
    const ring = (/** @type {string} */ look) => `<circle cx="${x}" cy="${y}" ${look}/>`;
    if (!handle.textContent) {
      return ring(`r="9" fill="none" stroke="#fff" stroke-width="7"`) +
        ring(`r="9" fill="none" stroke="${theme?.accent}" stroke-width="3.5"`) +
        ring(`r="2.5" fill="${theme?.accent}" stroke="none"`);
    }
    return `${ring(`r="9.5" fill="${theme?.accent}" stroke="#fff" stroke-width="3"`)}<text x="${x}" y="${y}" ` +
      `dy="0.35em" fill="#fff" font-size="13" font-weight="700" text-anchor="middle">${
        text(handle.textContent)
      }</text>`;
  });
  return [...marks, ...held].join("");
}

/** @param {HTMLCanvasElement} canvas @param {number} width @param {number} height */
function imageTag(canvas, width, height) {
  return `<image width="${width}" height="${height}" href="${canvas.toDataURL()}"/>`;
}

/** @param {string} words */
function text(words) {
  return words.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Takes what `drawAxes` asks of a canvas, and has it as SVG elements. */
class SvgPen {
  constructor() {
    /** @type {string[]} */
    this.marks = [];
    this.font = "";
    this.fillStyle = this.strokeStyle = "";
    this.lineWidth = 1;
    this.textAlign = "center";
    this.textBaseline = "top";
    this.path = "";
  }

  beginPath() {
    this.path = "";
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.path += `M${x} ${y}`;
  }

  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    this.path += `L${x} ${y}`;
  }

  stroke() {
    this.marks.push(`<path d="${this.path}" stroke="${this.strokeStyle}" stroke-width="${this.lineWidth}"/>`);
  }

  /** @param {string} words @param {number} x @param {number} y */
  fillText(words, x, y) {
    const anchor = this.textAlign === "right" ? "end" : "middle";
    const down = this.textBaseline === "top" ? "0.8em" : "0.35em";
    this.marks.push(
      `<text x="${x}" y="${y}" dy="${down}" text-anchor="${anchor}" fill="${this.fillStyle}">${text(words)}</text>`,
    );
  }
}
