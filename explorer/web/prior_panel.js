// The Prior page's elements and small texts: built once, filled by prior.js.

const HOLE = "A cell of the grid into which the encoder's mean sends no held-out image: a hole of the aggregate posterior";

export const HTML = `
<header class="lx-head"><h1>Prior</h1><p class="lx-sentence"></p></header>
<div class="lx-controls">
  <label class="lx-slider">Cells a side<input type="range" min="5" max="40" step="1" data-testid="prior-side"><output class="lx-side-value"></output></label>
  <label class="lx-slider"><span class="lx-term" title="The share of the prior that lies below the first and the last column, and row">Percentiles</span><input type="range" min="0" max="100" step="1" data-testid="prior-range"><output class="lx-range-value"></output></label>
  <button type="button" class="lx-button" aria-pressed="false" data-testid="prior-holes" title="${HOLE}">Shade holes</button>
  <button type="button" class="lx-button" data-testid="prior-png" title="At least 3,000 pixels a side, each pixel kept sharp">Save PNG</button>
</div>
<div class="lx-percentiles">
  <div class="lx-ticks lx-ticks-y" aria-hidden="true"><span></span><span class="lx-axis">percentile of <span data-axis="1">z₂</span></span><span></span></div>
  <div class="lx-square"><div class="lx-grid"></div><p class="lx-loading">Decoding the prior</p></div>
  <div class="lx-ticks lx-ticks-x" aria-hidden="true"><span></span><span class="lx-axis">percentile of <span data-axis="0">z₁</span></span><span></span></div>
</div>
<section class="lx-cell" aria-label="The cell under the cursor">
  <canvas class="lx-image" width="28" height="28" role="img" aria-label="Image decoded at the cursor" data-testid="prior-cell"></canvas>
  <div>
    <dl>
      <dt>z</dt><dd class="lx-cell-z"></dd>
      <dt>percentiles</dt><dd class="lx-cell-percent"></dd>
      <dt><span class="lx-term" title="Log-density of the prior N(0, I) at z">log p(z)</span></dt><dd class="lx-cell-log"></dd>
      <dt><span class="lx-term" title="${HOLE}">held-out</span></dt><dd class="lx-cell-count"></dd>
    </dl>
    <button type="button" class="lx-button lx-open" title="Click a cell, or press Enter on it">Open in Explore</button>
  </div>
</section>
<section class="lx-samples" aria-label="Ancestral samples">
  <h2><span class="lx-term" title="First z from the prior p(z), then x from p(x|z): the order in which the model says images come about">Ancestral samples</span></h2>
  <p class="lx-note">z ~ p(z), then <span class="lx-drawn"></span> (Eq. 1).</p>
  <div class="lx-controls">
    <div class="lx-switch" role="group" aria-label="What is shown of x">
      <button type="button" data-draw="mean" title="The mean of p(x|z)">Mean</button><button type="button" data-draw="pixels" title="Every pixel drawn from p(x|z), by chance black or white">Pixels drawn</button>
    </div>
    <label class="lx-slider">Seed<input type="number" min="0" max="9999" step="1" data-testid="prior-seed"></label>
    <button type="button" class="lx-button" data-testid="prior-again">Draw again</button>
  </div>
  <div class="lx-sampled"></div>
</section>
`;

/** The elements that prior.js fills. @param {import("./stage.js").Stage} stage */
export function priorParts(stage) {
  const find = (/** @type {string} */ selector) => stage.find(selector);
  return {
    sentence: find(".lx-sentence"),
    side: /** @type {HTMLInputElement} */ (find("[data-testid=prior-side]")),
    sideValue: find(".lx-side-value"),
    range: /** @type {HTMLInputElement} */ (find("[data-testid=prior-range]")),
    rangeValue: find(".lx-range-value"),
    holes: find("[data-testid=prior-holes]"),
    png: find("[data-testid=prior-png]"),
    grid: find(".lx-grid"),
    ticks: stage.all(".lx-ticks > span:not(.lx-axis)"),
    axes: stage.all("[data-axis]"),
    cell: /** @type {HTMLCanvasElement} */ (find(".lx-cell canvas")),
    z: find(".lx-cell-z"),
    percent: find(".lx-cell-percent"),
    log: find(".lx-cell-log"),
    count: find(".lx-cell-count"),
    open: /** @type {HTMLButtonElement} */ (find(".lx-open")),
    drawn: find(".lx-drawn"),
    draws: /** @type {HTMLButtonElement[]} */ (stage.all("[data-draw]")),
    seed: /** @type {HTMLInputElement} */ (find("[data-testid=prior-seed]")),
    again: find("[data-testid=prior-again]"),
    sampled: find(".lx-sampled"),
  };
}
