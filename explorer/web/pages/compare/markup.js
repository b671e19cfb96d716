// The Compare page's elements and small texts, and those of each run's panel: built once, filled by the code.

import { part, parts } from "../../dom/parts.js";
import { EPOCHS_BUTTON_HTML, epochsHtml } from "../../plane/epoch_tray.js";
import { DRAWING_HTML } from "./drawing.js";
import { COLOR_SELECT_HTML } from "../../plane/color_select.js";
import { MARK_SELECT_HTML } from "../../plane/mark_select.js";
import { PANEL_SUM_HTML } from "./panel_sum.js";
import { PULL_WORDS_HTML } from "../../plane/pulled_kl.js";

const ORIGINAL = `<canvas class="lx-image" width="28" height="28" role="img" data-part="original"
  data-testid="compare-original"></canvas>`;

export const HTML = `
<div class="lx-shared">
  ${ORIGINAL}
  <p><b data-part="shared-title"></b><span data-part="shared-text"></span></p>
  ${DRAWING_HTML}
</div>
<header class="lx-head"><h1>Compare</h1><p class="lx-sentence" data-part="sentence"></p></header>
<div class="lx-controls">
  <div class="lx-switch" role="group" aria-label="What the runs share">
    <button type="button" data-part="link" data-link="image">Same image</button>
    <button type="button" data-part="link" data-link="z">Same z</button>
    <button type="button" data-part="link" data-link="draw" data-testid="link-draw"
      title="Draw a digit: it lands in every plane at once">Draw</button>
  </div>
  <label><span>Colour by</span> ${COLOR_SELECT_HTML}</label>
  ${MARK_SELECT_HTML}
  <button type="button" class="lx-button" data-part="draws" data-testid="points-draws" aria-pressed="false"
    title="Each point is one draw of its image's q(z|x), not its mean">Draws</button>
  ${EPOCHS_BUTTON_HTML}
  <button type="button" class="lx-button lx-clear" data-part="clear" data-testid="clear-selection" hidden></button>
  <button type="button" class="lx-button" data-part="more">Figures</button>
</div>
<div class="lx-legend" role="group" aria-label="Colours of the points" data-part="legend"></div>
<div class="lx-panels" data-part="panels"></div>
${epochsHtml(false)}
<p class="lx-note lx-missing" data-part="missing" hidden></p>
`;

/** The elements that compare.js fills. @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
export function compareParts(pageFrame) {
  return {
    original: pageFrame.part("original", HTMLCanvasElement),
    sharedTitle: pageFrame.part("shared-title"),
    sharedText: pageFrame.part("shared-text"),
    sentence: pageFrame.part("sentence"),
    links: pageFrame.parts("link", HTMLButtonElement),
    color: pageFrame.part("color", HTMLSelectElement),
    draws: pageFrame.part("draws", HTMLButtonElement),
    clear: pageFrame.part("clear", HTMLButtonElement),
    more: pageFrame.part("more", HTMLButtonElement),
    legend: pageFrame.part("legend"),
    panels: pageFrame.part("panels"),
    missing: pageFrame.part("missing"),
  };
}

const METRIC_TITLES = {
  reconstruction: "reconstruction",
  prior_coverage: "prior coverage",
  kl: "KL",
  neighbour_accuracy: "k-NN accuracy",
  elbo: "ELBO",
  recognisable: "recognisable",
};
const METRICS = Object.entries(METRIC_TITLES).map(([name, title]) =>
  `<div><dt><button type="button" class="lx-term" data-part="metric-name">${title}</button></dt
    ><dd data-part="metric" data-metric="${name}"></dd></div>`
);
const AWAY = `<p class="lx-away" data-part="away" hidden>z is outside this view</p>`;

export const PANEL_HTML = `
<h2>
  <span data-part="title"></span>
  <small><button type="button" class="lx-term" data-part="drawn" data-words="Each point is one draw of its image's
q(z|x): the means lie so near to each other that they tell nothing." hidden>one draw each</button>
  <button type="button" class="lx-server lx-term" data-part="server" hidden>decoded by the server</button></small>
</h2>
<button type="button" class="lx-fit" data-part="fit" title="Fit the view to the points (Home)">⤢</button>
<div class="lx-plane" role="group" data-part="plane"><p class="lx-loading">Loading</p>${AWAY}</div>
<figure class="lx-decoded-image">
  <canvas class="lx-image" width="28" height="28" role="img" data-part="image"></canvas>
  <figcaption aria-live="off" data-part="caption"><div data-part="lines"></div>${PANEL_SUM_HTML}</figcaption>
  <p class="lx-verdict" data-part="verdict"></p>
  <p class="lx-pull-words">${PULL_WORDS_HTML}</p>
</figure>
<figure class="lx-marginals">
  <div><canvas role="img" data-part="marginal"></canvas><canvas role="img" data-part="marginal"></canvas></div>
  <figcaption>
    <span><i class="lx-q"></i><button type="button" class="lx-term" data-part="curve"></button></span>
    <span><i class="lx-p"></i><button type="button" class="lx-term" data-part="curve"></button></span>
    <span class="lx-axes" data-part="axes"></span>
  </figcaption>
</figure>
<dl class="lx-numbers">${METRICS.join("")}</dl>
`;

/** The elements of a panel. @param {HTMLElement} root */
export function panelParts(root) {
  return {
    title: part(root, "title"),
    drawn: part(root, "drawn"),
    server: part(root, "server"),
    fit: part(root, "fit", HTMLButtonElement),
    plane: part(root, "plane"),
    away: part(root, "away"),
    image: part(root, "image", HTMLCanvasElement),
    lines: part(root, "lines"),
    marginals: parts(root, "marginal", HTMLCanvasElement),
    curves: parts(root, "curve"),
    axes: part(root, "axes"),
    metricNames: parts(root, "metric-name"),
    metrics: parts(root, "metric"),
    verdict: part(root, "verdict"),
  };
}
