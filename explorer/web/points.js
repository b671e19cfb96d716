// The held-out images' points: a plotly scatter at rest, a plain canvas while they move.

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./camera.js").Pair} Pair */
/** @typedef {import("./coloring.js").Coloring} Coloring */
/** @typedef {import("./latent_space.js").LatentSpace} LatentSpace */
/** @typedef {{text: string, grid: string, zero: string, font: string, dark: boolean}} Theme */

/** Room for the axes' numbers around the plot area, in CSS pixels. */
export const MARGIN = { l: 40, r: 8, t: 8, b: 26 };
const CONFIG = { staticPlot: true, displayModeBar: false, responsive: false };

export class Points {
  /** @param {any} plotly @param {HTMLElement} element @param {HTMLCanvasElement} canvas over the plot area */
  constructor(plotly, element, canvas) {
    this.plotly = plotly;
    this.element = element;
    this.canvas = canvas;
    this.webgl = hasWebgl();
    /** Indices in drawing order: shuffled, so that no class lies on top. */
    this.order = new Int32Array(0);
    this.drawn = new Int32Array(0);
    /** The drawn indices sorted by colour, and what that order was made for. */
    this.byGroup = this.drawn;
    /** @type {Coloring | null} */
    this.groupedFor = null;
    this.groupedDrawn = this.drawn;
    this.size = 5;
    this.opacity = 0.8;
  }

  /**
   * Draw all points whose class is shown.
   * @param {LatentSpace} space @param {Coloring} coloring @param {(label: number) => boolean} shown
   * @param {Camera} camera @param {Theme} theme
   */
  async draw(space, coloring, shown, camera, theme) {
    if (this.order.length !== space.count) this.order = shuffled(space.count);
    this.drawn = this.order.filter((index) => shown(space.label[index]));
    this.size = space.count > 20000 ? 3 : 5;
    const trace = {
      type: this.webgl ? "scattergl" : "scatter",
      mode: "markers",
      x: Float32Array.from(this.drawn, (index) => space.xy[2 * index]),
      y: Float32Array.from(this.drawn, (index) => space.xy[2 * index + 1]),
      marker: { ...coloring.marker(this.drawn), size: this.size, opacity: this.opacity },
    };
    await this.plotly.react(this.element, [trace], layout(camera, theme), CONFIG);
  }

  /** Follow the camera. @param {Camera} camera */
  move(camera) {
    const [x, y] = camera.ranges();
    this.plotly.relayout(this.element, { "xaxis.range": x, "yaxis.range": y });
  }

  /** @param {Camera} camera @param {Theme} theme */
  restyle(camera, theme) {
    this.plotly.relayout(this.element, layout(camera, theme));
  }

  /**
   * Points on their way from one place on the screen to another.
   * @param {Float32Array} from pixels, interleaved @param {Float32Array} to @param {number} share in [0, 1]
   * @param {Coloring} coloring @param {number} ratio device pixels a CSS pixel
   */
  drawMoving(from, to, share, coloring, ratio) {
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.globalAlpha = this.opacity;
    const radius = this.size / 2;
    let group = -1;
    for (const index of this.grouped(coloring)) {
      const next = coloring.group(index);
      if (next !== group) context.fillStyle = coloring.css((group = next));
      const x = from[2 * index] + share * (to[2 * index] - from[2 * index]);
      const y = from[2 * index + 1] + share * (to[2 * index + 1] - from[2 * index + 1]);
      context.fillRect(x - radius, y - radius, this.size, this.size);
    }
  }

  /** @param {Coloring} coloring */
  grouped(coloring) {
    if (this.groupedFor !== coloring || this.groupedDrawn !== this.drawn) {
      this.groupedFor = coloring;
      this.groupedDrawn = this.drawn;
      this.byGroup = this.drawn.slice().sort((a, b) => coloring.group(a) - coloring.group(b));
    }
    return this.byGroup;
  }

  destroy() {
    this.plotly.purge(this.element);
  }
}

/** Where every point is on the screen. @param {LatentSpace} space @param {Camera} camera */
export function pixels(space, camera) {
  const out = new Float32Array(space.xy.length);
  for (let i = 0; i < out.length; i += 2) [out[i], out[i + 1]] = camera.toPixel([space.xy[i], space.xy[i + 1]]);
  return out;
}

/** @param {Camera} camera @param {Theme} theme */
function layout(camera, theme) {
  const [x, y] = camera.ranges();
  const axis = {
    gridcolor: theme.grid,
    zerolinecolor: theme.zero,
    zerolinewidth: 1,
    tickfont: { size: 11, color: theme.text },
    fixedrange: true,
    automargin: false,
    nticks: 9,
  };
  return {
    width: camera.width + MARGIN.l + MARGIN.r,
    height: camera.height + MARGIN.t + MARGIN.b,
    margin: { ...MARGIN, pad: 0 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: theme.font },
    showlegend: false,
    hovermode: false,
    dragmode: false,
    xaxis: { ...axis, range: x },
    yaxis: { ...axis, range: y },
  };
}

/** A fixed shuffle of 0..count-1. @param {number} count */
function shuffled(count) {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  let state = 1;
  for (let i = count - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = state % (i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

function hasWebgl() {
  const canvas = document.createElement("canvas");
  return Boolean(canvas.getContext("webgl"));
}
