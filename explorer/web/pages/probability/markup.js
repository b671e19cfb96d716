// The Probability page's elements and small texts: built once, filled by probability.js.

import { BAR_HTML } from "./evidence_bar.js";

const TERMS = {
  evidence:
    "log p(x): how likely the whole model makes this image, all codes z together; the integral of Eq. 4, by quadrature",
  gap: "KL(q(z|x) || p(z|x)): how far q is from the true posterior, computed by a quadrature of its own",
  elbo: "Evidence lower bound E_q[log p(x|z)] − KL(q(z|x) || p(z)) (Eqs. 9, 30)",
  residual: "log p(x) − gap − ELBO, which Eq. 10 says is 0: what the three computations disagree by",
  reconstruction: "E_q[−log p(x|z)], over draws of z from q",
  kl: "KL(q(z|x) || p(z)), from the prior",
  amortisation:
    "ELBO of the best q of the family − ELBO of the encoder's: what one encoder for all images costs this one",
  approximation: "log p(x) − ELBO of the best q of the family: what a Gaussian of this family can never close",
};

export const HTML = `
<header class="lx-head"><h1>Probability</h1><p class="lx-sentence"></p></header>
<div class="lx-controls">
  <label class="lx-slider">Image<input type="number" min="0" step="1" data-testid="probability-image"></label>
  <button type="button" class="lx-button" data-testid="another-image" title="Another held-out image, by chance; a click on a point of the plane selects its own">Another</button>
  <div class="lx-switch" role="group" aria-label="Family of q(z|x)">
    <button type="button" data-family="diagonal" title="Both axes of the ellipse stay level: no correlation between z₁ and z₂">Diagonal</button><button type="button" data-family="full" title="The ellipse may turn: any covariance (Eq. 22)">Full</button>
  </div>
  <button type="button" class="lx-button" data-testid="reset-posterior" title="q(z|x) as the encoder gives it">Encoder's q</button>
  <button type="button" class="lx-button" data-testid="optimise-posterior" title="Gradient ascent on the ELBO for this one image">Optimise it</button>
  <button type="button" class="lx-button lx-close-up" title="Show p(z|x) and q(z|x) as large as they fit">Close-up</button>
</div>
<div class="lx-plane" data-testid="probability-plane"><p class="lx-loading">Loading the run</p></div>
<section class="lx-readings" aria-label="Eq. 10 for this image">
  <div class="lx-images">
    <figure><canvas class="lx-image lx-x" width="28" height="28" role="img" aria-label="The held-out image x"></canvas><figcaption class="lx-x-name">x</figcaption></figure>
    <figure><canvas class="lx-image lx-mean" width="28" height="28" role="img" aria-label="Image decoded at mu" data-testid="decoded-image"></canvas><figcaption>at μ</figcaption></figure>
    ${
  '<canvas class="lx-image lx-sample" width="28" height="28" role="img" aria-label="Image decoded at a draw from q"></canvas>'
    .repeat(4)
}
    <span class="lx-note lx-samples-note">decoded at draws z ~ q(z|x)</span>
  </div>
  ${BAR_HTML}
  <dl class="lx-sum">
    <dt><span class="lx-term" title="${TERMS.evidence}">log p(x)</span></dt><dd class="lx-evidence">…</dd><dd class="lx-note lx-error-estimate"></dd>
    <dt>= <span class="lx-term" title="${TERMS.gap}">gap</span></dt><dd class="lx-gap-value">…</dd><dd class="lx-note">nats: KL(q(z|x) || p(z|x))</dd>
    <dt>+ <span class="lx-term" title="${TERMS.elbo}">ELBO</span></dt><dd class="lx-elbo">…</dd><dd class="lx-note lx-terms"></dd>
    <dt><span class="lx-term" title="${TERMS.residual}">residual</span></dt><dd class="lx-residual">…</dd><dd class="lx-note">nats, of Eq. 10</dd>
  </dl>
  <dl class="lx-sum lx-loss">
    <dt><i class="lx-key lx-key-amortisation"></i><span class="lx-term" title="${TERMS.amortisation}">amortisation gap</span></dt><dd class="lx-amortisation-value">…</dd><dd class="lx-note lx-amortisation-note">“Optimise it” measures both</dd>
    <dt><i class="lx-key lx-key-approximation"></i><span class="lx-term" title="${TERMS.approximation}">approximation gap</span></dt><dd class="lx-approximation-value">…</dd><dd class="lx-note lx-approximation-note"></dd>
  </dl>
  <ul class="lx-legend-lines lx-note">
    <li><i class="lx-line-true"></i>p(z|x): contours enclose 50, 90 and 99 %</li>
    <li><i class="lx-line-q"></i>q(z|x), yours: one and two (dashed) standard deviations</li>
    <li class="lx-of-encoder"><i class="lx-line-encoder"></i>q(z|x), the encoder's: one standard deviation</li>
  </ul>
</section>
<section class="lx-card" aria-labelledby="lx-bound-title">
  <h2 id="lx-bound-title">Bounds: more draws, a tighter bound</h2>
  <canvas class="lx-plot" role="img" data-testid="bound-plot" aria-label="The importance-weighted bound is being computed"></canvas>
  <p class="lx-note lx-bound-text">The <span class="lx-term" title="log of the mean of K weights p(x, z) / q(z|x) with z drawn from the encoder's q (Burda et al., 2016)">importance-weighted bound</span> is being computed.</p>
</section>
<section class="lx-card" aria-labelledby="lx-jensen-title">
  <h2 id="lx-jensen-title">Jensen's inequality</h2>
  <canvas class="lx-plot" role="img"></canvas>
  <label class="lx-slider">Spread of w<input type="range" min="0" max="0.99" step="0.01" data-testid="jensen-slider"><output class="lx-spread-value"></output></label>
  <p class="lx-note lx-jensen-text"></p>
</section>
<section class="lx-card lx-runs" aria-labelledby="lx-runs-title">
  <h2 id="lx-runs-title">This image in each run</h2>
  <div class="lx-multiples"></div>
  <p class="lx-note">Contours enclose 50, 90 and 99 % of p(z|x); the ellipse is the encoder's q(z|x) at 1 and 2 standard deviations.</p>
</section>
<section class="lx-card lx-held-out" aria-labelledby="lx-held-out-title">
  <h2 id="lx-held-out-title">All held-out images</h2>
  <div class="lx-held-out-table" role="group" tabindex="0" aria-labelledby="lx-held-out-title"></div>
</section>
`;

/** The elements that probability.js fills. @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
export function probabilityParts(pageFrame) {
  const find = (/** @type {string} */ selector) => pageFrame.find(selector);
  return {
    sentence: find(".lx-sentence"),
    plane: /** @type {HTMLElement} */ (find(".lx-plane")),
    image: /** @type {HTMLInputElement} */ (find("[data-testid=probability-image]")),
    another: find("[data-testid=another-image]"),
    families: /** @type {HTMLButtonElement[]} */ (pageFrame.all("[data-family]")),
    reset: /** @type {HTMLButtonElement} */ (find("[data-testid=reset-posterior]")),
    optimise: /** @type {HTMLButtonElement} */ (find("[data-testid=optimise-posterior]")),
    closeUp: /** @type {HTMLButtonElement} */ (find(".lx-close-up")),
    readings: /** @type {HTMLElement} */ (find(".lx-readings")),
    x: /** @type {HTMLCanvasElement} */ (find(".lx-x")),
    xName: find(".lx-x-name"),
    mean: /** @type {HTMLCanvasElement} */ (find(".lx-mean")),
    samples: /** @type {HTMLCanvasElement[]} */ (pageFrame.all(".lx-sample")),
    evidence: find(".lx-evidence"),
    error: find(".lx-error-estimate"),
    gap: find(".lx-gap-value"),
    elbo: find(".lx-elbo"),
    terms: find(".lx-terms"),
    residual: find(".lx-residual"),
    amortisation: find(".lx-amortisation-value"),
    amortisationNote: find(".lx-amortisation-note"),
    approximation: find(".lx-approximation-value"),
    approximationNote: find(".lx-approximation-note"),
    bound: /** @type {HTMLCanvasElement} */ (find("[data-testid=bound-plot]")),
    boundText: find(".lx-bound-text"),
    jensen: /** @type {HTMLCanvasElement} */ (find(".lx-card .lx-plot:not([data-testid])")),
    spread: /** @type {HTMLInputElement} */ (find("[data-testid=jensen-slider]")),
    spreadValue: find(".lx-spread-value"),
    jensenText: find(".lx-jensen-text"),
    runs: /** @type {HTMLElement} */ (find(".lx-multiples")),
    heldOut: /** @type {HTMLElement} */ (find(".lx-held-out")),
    heldOutTable: /** @type {HTMLElement} */ (find(".lx-held-out-table")),
  };
}
