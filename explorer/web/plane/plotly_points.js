// The held-out images' points as a plotly scatter, whose WebGL draws many of them faster than a canvas does.

import { MARGIN } from "./axes.js";
import { drawingOrder, FAINT, OPACITY } from "./points.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./points.js").Points} Points */
/** @typedef {import("../run/loading.js").Plotly} Plotly */

const CONFIG = { staticPlot: true, displayModeBar: false, responsive: false };

export class PlotlyPoints {
  /** @param {Plotly} plotly @param {HTMLElement} element which covers plot area and margins */
  constructor(plotly, element) {
    this.plotly = plotly;
    this.element = document.createElement("div");
    this.element.className = "lx-plotly";
    element.append(this.element);
    this.order = new Int32Array(0);
  }

  /**
   * Draw all points whose class is shown; the axes are drawn elsewhere.
   * @param {Points} points @param {Camera} camera
   */
  async draw({ space, coloring, shown, mask }, camera) {
    if (this.order.length !== space.count) this.order = drawingOrder(space.count);
    const drawn = this.order.filter((index) => shown(space.label[index]));
    const trace = (/** @type {Int32Array} */ points, /** @type {number} */ opacity) => ({
      type: "scattergl",
      mode: "markers",
      x: Float32Array.from(points, (index) => space.xy[2 * index]),
      y: Float32Array.from(points, (index) => space.xy[2 * index + 1]),
      marker: { ...coloring.marker(points), size: space.count > 20_000 ? 3 : 5, opacity },
    });
    const traces = mask
      ? [trace(drawn.filter((index) => !mask[index]), FAINT), trace(drawn.filter((index) => mask[index]), 1)]
      : [trace(drawn, OPACITY)];
    await this.plotly.react(this.element, traces, layout(camera), CONFIG);
  }

  /** Follow the camera. @param {Camera} camera */
  move(camera) {
    const [x, y] = camera.ranges();
    this.plotly.relayout(this.element, { "xaxis.range": x, "yaxis.range": y });
  }

  /** Take the plane's size. @param {Camera} camera */
  restyle(camera) {
    this.plotly.relayout(this.element, layout(camera));
  }

  destroy() {
    this.plotly.purge(this.element);
    this.element.remove();
  }
}

/** @param {Camera} camera */
function layout(camera) {
  const [x, y] = camera.ranges();
  const axis = { visible: false, fixedrange: true };
  return {
    width: camera.width + MARGIN.l + MARGIN.r,
    height: camera.height + MARGIN.t + MARGIN.b,
    margin: { ...MARGIN, pad: 0 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    showlegend: false,
    hovermode: false,
    dragmode: false,
    xaxis: { ...axis, range: x },
    yaxis: { ...axis, range: y },
  };
}

export function hasWebgl() {
  return Boolean(document.createElement("canvas").getContext("webgl"));
}
