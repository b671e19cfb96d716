// The Explore page's elements and small texts: built once, filled by the modules beside this one.

import { APPEARANCE_HTML } from "./appearance.js";
import { epochsHtml } from "../../plane/epoch_tray.js";
import { FIRST_SIGHT_HTML } from "./first_sight.js";
import { term } from "../../dom/glossary.js";
import { LOSS_SUM_HTML } from "./loss_sum.js";
import { PLANE_BAR_HTML } from "./plane_bar.js";
import { TRAYS_HTML } from "./trays.js";

const PLANE = `
<div class="lx-plane" data-part="plane" data-testid="latent-plane" data-ready="false" role="group"
  aria-label="Latent plane: click or drag to decode a point">
  <p class="lx-loading">Loading the latent space</p>
  <div class="lx-tooltip" data-part="tooltip" hidden
  ><canvas data-part="tooltip-image"></canvas><canvas data-part="tooltip-image"></canvas
  ><span data-part="tooltip-text"></span></div>
</div>`;

const DECODED = `
  <figure class="lx-decoded">
    <canvas data-part="decoded" data-testid="decoded-image" width="28" height="28" role="img"
      aria-label="Image decoded at z"></canvas>
    <figcaption><span>z = <output data-part="z"></output></span
      ><span>${term("log-prior", "log p(z)")} = <output data-part="log-prior"></output></span
      ><button type="button" class="lx-server lx-term" data-part="server" data-testid="decoded-by-server" hidden
      >decoded by the server</button></figcaption>
  </figure>
  <p class="lx-alone" data-part="alone" data-testid="latents-alone" hidden></p>
  <section class="lx-row lx-nearest">
    <canvas data-part="nearest" data-testid="nearest-image" width="28" height="28" role="img"
      aria-label="Nearest held-out image"></canvas>
    <div><h2 data-part="nearest-title"></h2><p><span data-part="nearest-class">class <b
      data-part="nearest-label"></b>, </span><b
      data-part="distance"></b> ${term("distance-from-z", "from z")}</p></div>
  </section>`;

const SELECTED = `
  <section class="lx-row lx-selected lx-empty" data-part="selected">
    <canvas data-part="selected-image" width="28" height="28" role="img" aria-label="Selected image"></canvas
    ><canvas data-part="selected-image" data-term="reconstruction" width="28" height="28" role="img"
      aria-label="Its reconstruction"></canvas>
    <div><h2 data-part="selected-title"></h2><p data-part="selected-terms"></p>
    <button type="button" class="lx-button" data-part="draw-z" data-testid="draw-z" hidden
      title="Put the handle on a new draw of this image's posterior: z = μ + L ε"
    >Draw z from q(z|x)</button></div>
    <p class="lx-hint" data-part="selected-hint"></p>
    <div class="lx-ghosts" data-part="ghosts" role="group"
      title="Decoded one standard deviation of q(z|x) from its mean, along the axes of its ellipse: σ₁ the longer"
      aria-label="Decoded one standard deviation from the mean of q(z|x)"></div>
  </section>`;

export const HTML = `
<div class="lx-bar" data-part="bar">${APPEARANCE_HTML}
<div class="lx-legend" data-part="legend" role="group" aria-label="Colours of the points"></div>
</div>
<header class="lx-head"><h1 data-part="title"></h1><p class="lx-sentence" data-part="sentence"></p></header>
<div class="lx-tools-place" data-part="tools"></div>
${FIRST_SIGHT_HTML}${epochsHtml(true)}${PLANE}${PLANE_BAR_HTML}${TRAYS_HTML}
<aside class="lx-side" aria-label="Decoded image">${DECODED}${SELECTED}${LOSS_SUM_HTML}
</aside>
`;
