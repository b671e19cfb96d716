// The elements of the Prior page's laboratory: a fitted prior beside the run's own.

const row = (/** @type {string} */ name, /** @type {string} */ head) =>
  `<tr><th scope="row">${head}</th><td data-part="own-figure" data-figure="${name}"></td>
  <td data-part="fitted-figure" data-figure="${name}"></td></tr>`;
const sample = (/** @type {string} */ name, /** @type {string} */ words) =>
  `<figure><div class="lx-drawn" data-part="${name}-samples"></div><figcaption data-part="${name}-words">${words}
  </figcaption></figure>`;

export const LABORATORY_HTML = `
<section class="lx-lab" aria-label="A fitted prior" data-part="lab" data-testid="prior-lab" hidden>
  <div class="lx-unfitted" data-part="unfitted" hidden>
    <p data-part="unfitted-words" data-testid="prior-unfitted"></p>
    <p class="lx-command" data-part="command-line"><code tabindex="0" data-part="command" data-testid="prior-command"
      ></code><button type="button" class="lx-link" data-part="copy">Copy</button></p>
  </div>
  <div class="lx-plane" data-part="lab-plane" data-testid="prior-plane"></div>
  <div class="lx-compared" data-part="compared">
    <div class="lx-rise">
      <h2>log p(x) of held-out images, by the prior</h2>
      <svg class="lx-rise-chart" data-part="chart" data-testid="prior-rise" role="img"></svg>
      <label class="lx-slider">Gaussians K<input type="range" min="0" step="1" data-part="fit"
        data-testid="prior-fit"><output data-part="fit-value" data-testid="prior-fit-value"></output></label>
      <p class="lx-note" data-part="conclusions" data-testid="prior-conclusions"></p>
    </div>
    <table class="lx-priors" data-testid="prior-figures">
      <thead><tr><td></td><th scope="col" data-part="own-name"></th><th scope="col" data-part="fitted-name"></th></tr>
      </thead>
      <tbody>${row("log_evidence", "log p(x)")}${row("coverage", "covered by q(z)")}${
  row("recognisable", "samples recognised")
}${row("density", "log density at the handle")}</tbody>
    </table>
    <div class="lx-two">${sample("own", "")}${sample("fitted", "")}</div>
    <div class="lx-controls"><button type="button" class="lx-button" data-part="lab-again"
      data-testid="prior-lab-again">Draw again</button><p class="lx-note" data-part="basis"></p></div>
  </div>
</section>`;

/** @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
export function laboratoryParts(pageFrame) {
  return {
    lab: pageFrame.part("lab"),
    unfitted: pageFrame.part("unfitted"),
    unfittedWords: pageFrame.part("unfitted-words"),
    commandLine: pageFrame.part("command-line"),
    command: pageFrame.part("command"),
    copy: pageFrame.part("copy", HTMLButtonElement),
    plane: pageFrame.part("lab-plane"),
    compared: pageFrame.part("compared"),
    chart: /** @type {SVGSVGElement} */ (pageFrame.root.querySelector('[data-part="chart"]')),
    fit: pageFrame.part("fit", HTMLInputElement),
    fitValue: pageFrame.part("fit-value"),
    conclusions: pageFrame.part("conclusions"),
    ownName: pageFrame.part("own-name"),
    fittedName: pageFrame.part("fitted-name"),
    ownFigures: pageFrame.parts("own-figure"),
    fittedFigures: pageFrame.parts("fitted-figure"),
    ownSamples: pageFrame.part("own-samples"),
    fittedSamples: pageFrame.part("fitted-samples"),
    ownWords: pageFrame.part("own-words"),
    fittedWords: pageFrame.part("fitted-words"),
    again: pageFrame.part("lab-again"),
    basis: pageFrame.part("basis"),
  };
}
