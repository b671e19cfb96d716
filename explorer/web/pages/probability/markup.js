// The Probability page's elements and small texts: built once, filled by the code.

import { EQUATIONS, math } from "../../dom/equations.js";
import { term } from "../../dom/glossary.js";
import { BAR_HTML } from "./evidence_bar.js";

/** @typedef {import("../../dom/page_frame.js").PageFrame} PageFrame */

const ANOTHER = "Another held-out image, by chance; a click on a point of the plane selects its own";
const DIAGONAL = "Both axes of the ellipse stay level: no correlation between z₁ and z₂";
const FULL = "The ellipse may turn: any covariance";
const CLOSE_UP = "Show p(z|x) and q(z|x) as large as they fit";
const OPTIMISE =
  "Gradient ascent on the ELBO for this one image: from this q, the encoder's and the modes of p(z|x); " +
  "the climb that ends highest is shown";
const SAMPLES = 4;

/** A canvas for one image. @param {string} label @param {string} attributes */
function picture(label, attributes) {
  return `<canvas class="lx-image" width="28" height="28" role="img" aria-label="${label}" ${attributes}></canvas>`;
}

const SAMPLE = picture("Image decoded at a draw from q", 'data-part="sample"');

const CONTROLS = `
<label class="lx-slider">Image<input type="number" min="0" step="1" data-part="image"
  data-testid="probability-image"></label>
<button type="button" class="lx-button" data-part="another" data-testid="another-image"
  title="${ANOTHER}">Another</button>
<div class="lx-switch" role="group" aria-label="Family of q(z|x)">
  <button type="button" data-part="family" data-family="diagonal" title="${DIAGONAL}">Diagonal</button>
  <button type="button" data-part="family" data-family="full" title="${FULL}">Full</button>
</div>
<button type="button" class="lx-button" data-part="reset" data-testid="reset-posterior"
  title="q(z|x) as the encoder gives it">Encoder's q</button>
<button type="button" class="lx-button" data-part="optimise" data-testid="optimise-posterior"
  title="${OPTIMISE}">Optimise it</button>
<span class="lx-along-z" data-part="along">μ:</span>
<button type="button" class="lx-button" data-part="close-up" title="${CLOSE_UP}">Close-up</button>
`;

const IMAGES = `
<figure>${picture("The held-out image x", 'data-part="x"')}<figcaption data-part="x-name">x</figcaption></figure>
<figure>
  ${picture("Image decoded at mu", 'data-part="mean" data-testid="decoded-image"')}<figcaption>at μ</figcaption>
</figure>
${SAMPLE.repeat(SAMPLES)}
<span class="lx-note lx-samples-note">decoded at draws z ~ q(z|x)</span>
`;

const SUM = `
<dt>${term("evidence", "log p(x)")}</dt>
<dd data-part="evidence">…</dd><dd class="lx-note" data-part="evidence-error"></dd>
<dt>= ${term("gap", "gap")}</dt><dd data-part="gap">…</dd><dd class="lx-note">${
  term("nats", "nats")
}: KL(q(z|x) || p(z|x))</dd>
<dt>+ ${term("elbo", "ELBO")}</dt><dd class="lx-elbo" data-part="elbo">…</dd><dd class="lx-note" data-part="terms"></dd>
<dt>${
  term("residual", "residual")
}</dt><dd data-part="residual">…</dd><dd class="lx-note" data-part="residual-note"></dd>
`;

const TWO_GAPS = `
<dt><i class="lx-swatch lx-swatch-amortisation"></i>${term("amortisation", "amortisation gap")}</dt>
<dd data-part="amortisation">…</dd><dd class="lx-note" data-part="amortisation-note">“Optimise it” measures both</dd>
<dt><i class="lx-swatch lx-swatch-approximation"></i>${term("approximation", "approximation gap")}</dt>
<dd data-part="approximation">…</dd><dd class="lx-note" data-part="approximation-note"></dd>
`;

const LEGEND = `
<li><i class="lx-line-true"></i>${
  term("true-posterior", "p(z|x)")
}<span class="lx-legend-plane">: contours enclose 50, 90 and 99 %</span
  ><span class="lx-legend-line">: the area; shades hold 50, 90 and 99 % of it</span></li>
<li><i class="lx-line-q"></i>${
  term("posterior", "q(z|x)")
}, yours<span class="lx-legend-plane">: one and two (dashed) standard deviations,
  which enclose 39 and 86 %</span><span class="lx-legend-line">: its density</span></li>
<li><i class="lx-line-encoder"></i>q(z|x), the encoder's<span class="lx-legend-plane">: one standard deviation,
  39 %</span><span class="lx-legend-line">: its density</span></li>
`;

const CARDS = `
<section class="lx-topic" aria-labelledby="lx-bound-title">
  <h2 id="lx-bound-title">Bounds: more draws, a tighter bound</h2>
  <canvas class="lx-plot" role="img" data-part="bound" data-testid="bound-plot"
    aria-label="The importance-weighted bound is being computed"></canvas>
  <p class="lx-note lx-bound-text" data-part="bound-text">The ${term("bound", "importance-weighted bound")}
    is being computed.</p>
</section>
<section class="lx-topic" aria-labelledby="lx-jensen-title">
  <h2 id="lx-jensen-title">Jensen's inequality</h2>
  <canvas class="lx-plot" role="img" data-part="jensen"></canvas>
  <label class="lx-slider">Spread of w<input type="range" min="0" max="0.99" step="0.01" data-part="spread"
    data-testid="jensen-slider"><output data-part="spread-value"></output></label>
  <p class="lx-note" data-part="jensen-text"></p>
</section>
<section class="lx-topic" aria-labelledby="lx-runs-title">
  <h2 id="lx-runs-title">This image in each run</h2>
  <div class="lx-multiples" data-part="multiples"></div>
  <p class="lx-note">Contours enclose 50, 90 and 99 % of p(z|x);
    the ellipse is the encoder's q(z|x) at 1 and 2 standard deviations, which enclose 39 and 86 %.</p>
</section>
<section class="lx-topic lx-all-images" aria-labelledby="lx-held-out-title" data-part="held-out">
  <h2 id="lx-held-out-title">All held-out images</h2>
  <div class="lx-held-out-table" role="group" tabindex="0" aria-labelledby="lx-held-out-title"
    data-part="held-out-table"></div>
</section>
`;

export const HTML = `
<header class="lx-head"><h1>Probability</h1><p class="lx-sentence" data-part="sentence"></p></header>
<div class="lx-controls">${CONTROLS}</div>
<div class="lx-plane" data-part="plane" data-testid="probability-plane"><p class="lx-loading">Loading the run</p></div>
<section class="lx-readout" aria-label="Eq. 10 for this image">
  <div class="lx-images">${IMAGES}</div>
  <div class="lx-set" data-testid="eq-10">${math(EQUATIONS[10].math)}</div>
  ${BAR_HTML}
  <dl class="lx-sum">${SUM}</dl>
  <p class="lx-note" data-part="likelihood-note" data-testid="likelihood-note"></p>
  <dl class="lx-sum lx-two-gaps">${TWO_GAPS}</dl>
  <ul class="lx-legend-lines lx-note">${LEGEND}</ul>
</section>
${CARDS}
`;

/** The elements that probability.js fills. @param {PageFrame} pageFrame */
export function probabilityParts(pageFrame) {
  return { sentence: pageFrame.part("sentence"), plane: pageFrame.part("plane"), along: pageFrame.part("along") };
}

/** Those of controls.js. @param {PageFrame} pageFrame */
export function controlParts(pageFrame) {
  return {
    image: pageFrame.part("image", HTMLInputElement),
    another: pageFrame.part("another", HTMLButtonElement),
    families: pageFrame.parts("family", HTMLButtonElement),
    reset: pageFrame.part("reset", HTMLButtonElement),
    optimise: pageFrame.part("optimise", HTMLButtonElement),
    closeUp: pageFrame.part("close-up", HTMLButtonElement),
  };
}

/** Those of decoded_images.js. @param {PageFrame} pageFrame */
export function imageParts(pageFrame) {
  return {
    x: pageFrame.part("x", HTMLCanvasElement),
    xName: pageFrame.part("x-name"),
    mean: pageFrame.part("mean", HTMLCanvasElement),
    samples: pageFrame.parts("sample", HTMLCanvasElement),
  };
}

/** Those of elbo_readout.js. @param {PageFrame} pageFrame */
export function readoutParts(pageFrame) {
  return {
    evidence: pageFrame.part("evidence"),
    evidenceError: pageFrame.part("evidence-error"),
    gap: pageFrame.part("gap"),
    elbo: pageFrame.part("elbo"),
    terms: pageFrame.part("terms"),
    residual: pageFrame.part("residual"),
    residualNote: pageFrame.part("residual-note"),
    likelihoodNote: pageFrame.part("likelihood-note"),
    amortisation: pageFrame.part("amortisation"),
    amortisationNote: pageFrame.part("amortisation-note"),
    approximation: pageFrame.part("approximation"),
    approximationNote: pageFrame.part("approximation-note"),
  };
}

/** Those of cards.js. @param {PageFrame} pageFrame */
export function cardParts(pageFrame) {
  return {
    bound: pageFrame.part("bound", HTMLCanvasElement),
    boundText: pageFrame.part("bound-text"),
    jensen: pageFrame.part("jensen", HTMLCanvasElement),
    jensenText: pageFrame.part("jensen-text"),
    spread: pageFrame.part("spread", HTMLInputElement),
    spreadValue: pageFrame.part("spread-value"),
    multiples: pageFrame.part("multiples"),
    heldOut: pageFrame.part("held-out"),
    heldOutTable: pageFrame.part("held-out-table"),
  };
}
