// The held-out images' points as a plotly scatter, at rest.

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("../maths/types.js").Pair} Pair */
/** @typedef {import("./coloring.js").Coloring} Coloring */
/** @typedef {import("../run/latent_space.js").LatentSpace} LatentSpace */
/** @typedef {import("../dom/theme.js").Theme} Theme */

/** Room for the axes' numbers around the plot area, in CSS pixels. */
export const MARGIN = { l: 40, r: 8, t: 8, b: 26 };
export const OPACITY = 0.8;
export const FAINT = 0.16; // of points that others stand out from
const CONFIG = { staticPlot: true, displayModeBar: false, responsive: false };

export class PlotlyPoints {
  /** @param {any} plotly @param {HTMLElement} element */
  constructor(plotly, element) {
    this.plotly = plotly;
    this.element = element;
    this.order = new Int32Array(0);
  }

  /**
   * Draw all points whose class is shown.
   * @param {LatentSpace} space @param {Coloring} coloring @param {(label: number) => boolean} shown
   * @param {Camera} camera @param {Theme} theme @param {Uint8Array | null} mask 1 where a point stands out
   */
  async draw(space, coloring, shown, camera, theme, mask) {
    if (this.order.length !== space.count) this.order = drawingOrder(space.count);
    const drawn = this.order.filter((index) => shown(space.label[index]));
    const trace = (/** @type {Int32Array} */ points, /** @type {number} */ opacity) => ({
      type: "scattergl",
      mode: "markers",
      x: Float32Array.from(points, (index) => space.xy[2 * index]),
      y: Float32Array.from(points, (index) => space.xy[2 * index + 1]),
      marker: { ...coloring.marker(points), size: space.count > 20000 ? 3 : 5, opacity },
    });
    const traces = mask
      ? [trace(drawn.filter((index) => !mask[index]), FAINT), trace(drawn.filter((index) => mask[index]), 1)]
      : [trace(drawn, OPACITY)];
    await this.plotly.react(this.element, traces, layout(camera, theme), CONFIG);
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

  destroy() {
    this.plotly.purge(this.element);
  }
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

/** A fixed shuffle of 0..count-1, so that no class lies on top. @param {number} count */
export function drawingOrder(count) {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  let state = 1;
  for (let i = count - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = state % (i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
