// The Explore page's elements and small texts: built once, filled by explore.js.

import { BAR_HTML } from "./plane_bar.js";
import { SELECTION_BAR_HTML } from "./selection_bar.js";

export const HTML = `
<header class="lx-head"><h1></h1><p class="lx-sentence"></p></header>
<div class="lx-legend" role="group" aria-label="Colours of the points"></div>
<div class="lx-plane" data-testid="latent-plane" data-ready="false" role="group" aria-label="Latent plane: click or drag to decode a point">
  <p class="lx-loading">Loading the latent space</p>
  <div class="lx-tooltip" hidden><canvas></canvas><canvas></canvas><span></span></div>
</div>
${BAR_HTML}${SELECTION_BAR_HTML}
<aside class="lx-side" aria-label="Decoded image">
  <figure class="lx-decoded">
    <canvas data-testid="decoded-image" width="28" height="28" role="img" aria-label="Image decoded at z"></canvas>
    <figcaption><span>z = <output class="lx-z"></output></span><span title="Log-density of the prior N(0, I) at z">log p(z) = <output class="lx-log-prior"></output></span><span class="lx-server lx-term" data-testid="decoded-by-server" hidden>decoded by the server</span></figcaption>
  </figure>
  <section class="lx-row lx-nearest">
    <canvas data-testid="nearest-image" width="28" height="28" role="img" aria-label="Nearest held-out image"></canvas>
    <div><h2></h2><p>class <b class="lx-nearest-label"></b>, <span title="Euclidean distance from z to the image's μ in the latent space"><b class="lx-distance"></b> from z</span></p></div>
  </section>
  <section class="lx-row lx-selected lx-empty">
    <canvas width="28" height="28" role="img" aria-label="Selected image"></canvas><canvas width="28" height="28" role="img" aria-label="Its reconstruction"></canvas>
    <div><h2></h2><p></p></div>
    <p class="lx-hint">Click a point to see its image, its reconstruction and its posterior q(z|x) at 1 and 2 σ.</p>
  </section>
  <dl class="lx-figures" aria-label="Test figures, nats per image">
    <div><dt>reconstruction</dt><dd data-figure="reconstruction"></dd></div>
    <div><dt>KL</dt><dd data-figure="kl"></dd></div>
    <div><dt>ELBO</dt><dd data-figure="elbo"></dd></div>
  </dl>
  <p class="lx-unit">nats per test image</p>
</aside>
`;

/** The elements that explore.js fills. @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
export function exploreParts(pageFrame) {
  const find = (/** @type {string} */ selector) => pageFrame.find(selector);
  const canvases = (
    /** @type {string} */ selector,
  ) => /** @type {HTMLCanvasElement[]} */ (pageFrame.all(`${selector} canvas`));
  const [selectedImage, selectedReconstruction] = canvases(".lx-selected");
  const [tooltipImage, tooltipReconstruction] = canvases(".lx-tooltip");
  return {
    title: find("h1"),
    sentence: find(".lx-sentence"),
    legend: find(".lx-legend"),
    plane: find(".lx-plane"),
    tooltip: find(".lx-tooltip"),
    tooltipText: find(".lx-tooltip span"),
    tooltipImage,
    tooltipReconstruction,
    decoded: canvases(".lx-decoded")[0],
    z: find(".lx-z"),
    logPrior: find(".lx-log-prior"),
    server: find(".lx-server"),
    nearest: canvases(".lx-nearest")[0],
    nearestTitle: find(".lx-nearest h2"),
    nearestLabel: find(".lx-nearest-label"),
    distance: find(".lx-distance"),
    selected: find(".lx-selected"),
    selectedImage,
    selectedReconstruction,
    selectedTitle: find(".lx-selected h2"),
    selectedTerms: find(".lx-selected div p"),
    figures: Object.fromEntries(["reconstruction", "kl", "elbo"].map((name) => [name, find(`[data-figure=${name}]`)])),
  };
}
