// The page's elements and small texts: built once, filled by explore.js.

/** @typedef {import("./coloring.js").Coloring} Coloring */

const HTML = `
<header class="lx-head"><h1></h1><p class="lx-sentence"></p></header>
<div class="lx-legend" role="group" aria-label="Colours of the points"></div>
<div class="lx-plane" data-testid="latent-plane" data-ready="false" role="group" aria-label="Latent plane: click or drag to decode a point">
  <p class="lx-loading">Loading the latent space</p>
  <div class="lx-tools" role="toolbar" aria-label="View">
    <button type="button" data-tool="pan" aria-pressed="false" title="Drag moves the view (or hold Shift)" aria-label="Drag moves the view">✥</button>
    <button type="button" data-tool="zoomIn" title="Zoom in (wheel, +)" aria-label="Zoom in">+</button>
    <button type="button" data-tool="zoomOut" title="Zoom out (wheel, -)" aria-label="Zoom out">−</button>
    <button type="button" data-tool="reset" title="Fit the view to the points (Home)" aria-label="Fit the view to the points">⤢</button>
  </div>
  <div class="lx-tooltip" hidden><canvas></canvas><canvas></canvas><span></span></div>
</div>
<aside class="lx-side" aria-label="Decoded image">
  <figure class="lx-decoded">
    <canvas data-testid="decoded-image" width="28" height="28" role="img" aria-label="Image decoded at z"></canvas>
    <figcaption><span>z = <output class="lx-z"></output></span><span title="Log-density of the prior N(0, I) at z">log p(z) = <output class="lx-log-prior"></output></span></figcaption>
  </figure>
  <section class="lx-row lx-nearest">
    <canvas data-testid="nearest-image" width="28" height="28" role="img" aria-label="Nearest held-out image"></canvas>
    <div><h2></h2><p>class <b class="lx-nearest-label"></b>, <span title="Euclidean distance from z to the image's point on the plane"><b class="lx-distance"></b> from z</span></p></div>
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
<p class="lx-error" role="alert" hidden></p>
<p class="lx-live" aria-live="polite"></p>
`;

/** Build the page's elements under `parent`. @param {HTMLElement} parent */
export function panel(parent) {
  const root = document.createElement("div");
  root.className = "lx-explore";
  root.innerHTML = HTML;
  parent.append(root);
  const find = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (root.querySelector(selector));
  const canvases = (/** @type {string} */ selector) =>
    /** @type {HTMLCanvasElement[]} */ ([...root.querySelectorAll(`${selector} canvas`)]);
  const [selectedImage, selectedReconstruction] = canvases(".lx-selected");
  const [tooltipImage, tooltipReconstruction] = canvases(".lx-tooltip");
  const tool = (/** @type {string} */ name) => /** @type {HTMLButtonElement} */ (find(`[data-tool=${name}]`));
  return {
    root,
    title: find("h1"),
    sentence: find(".lx-sentence"),
    legend: find(".lx-legend"),
    plane: find(".lx-plane"),
    tools: { pan: tool("pan"), zoomIn: tool("zoomIn"), zoomOut: tool("zoomOut"), reset: tool("reset") },
    tooltip: find(".lx-tooltip"),
    tooltipText: find(".lx-tooltip span"),
    tooltipImage,
    tooltipReconstruction,
    decoded: canvases(".lx-decoded")[0],
    z: find(".lx-z"),
    logPrior: find(".lx-log-prior"),
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
    error: find(".lx-error"),
    live: find(".lx-live"),
  };
}

/**
 * Switches for the classes, or the scale of the values that points are coloured by.
 * @param {HTMLElement} parent @param {Coloring} coloring @param {{title: string, unit: string}} what
 * @param {string[]} classes @param {Set<number>} hidden changed by the switches @param {() => void} onChange
 */
export function legend(parent, coloring, what, classes, hidden, onChange) {
  if (coloring.missing) {
    parent.replaceChildren(Object.assign(document.createElement("span"), {
      className: "lx-scale",
      textContent: `${what.title}: none, the code of this run has no noise`,
    }));
    return;
  }
  if (coloring.values) {
    const bar = document.createElement("i");
    bar.style.background = `linear-gradient(to right, ${coloring.valueColors.join(", ")})`;
    const scale = document.createElement("span");
    scale.className = "lx-scale";
    scale.append(what.title, ` ${significant(coloring.low)}`, bar, `${significant(coloring.high)} ${what.unit}`);
    parent.replaceChildren(scale);
    return;
  }
  const buttons = classes.map((name, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.title = "Click: show or hide; double click: show this class alone, or all again";
    const dot = document.createElement("i");
    dot.style.background = coloring.classColors[index];
    button.append(dot, name);
    button.onclick = () => {
      if (!hidden.delete(index)) hidden.add(index);
      changed();
    };
    button.ondblclick = () => {
      const alone = hidden.size === classes.length - 1 && !hidden.has(index);
      hidden.clear();
      if (!alone) classes.forEach((_, other) => other !== index && hidden.add(other));
      changed();
    };
    return button;
  });
  const changed = () => {
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(!hidden.has(index))));
    onChange();
  };
  buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(!hidden.has(index))));
  parent.replaceChildren(...buttons);
}

/** Colours and font of the page, for what is drawn on canvases. @param {HTMLElement} root */
export function readTheme(root) {
  const style = getComputedStyle(root);
  const value = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return {
    text: value("--lx-text"),
    grid: value("--lx-grid"),
    zero: value("--lx-zero"),
    font: style.fontFamily,
    // The text's own colour tells a dark theme from a light one in every notation a host may use.
    dark: /** @type {number[]} */ (style.color.match(/[\d.]+/g)?.map(Number) ?? [0])[0] > 128,
  };
}

/** Two decimals, with a real minus sign. @param {number} value */
export function decimals(value) {
  return value.toFixed(2).replace("-", "−");
}

/** Three significant digits, with a real minus sign. @param {number} value */
export function significant(value) {
  const text = Math.abs(value) >= 1000 || value === 0 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();
  return (/e/.test(text) ? value.toExponential(1) : text).replace("-", "−");
}
