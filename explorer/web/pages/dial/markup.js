// The beta dial's elements: built once, filled by the code.

import { playerHtml } from "../../dom/player.js";

const DIAL = {
  play: "beta-play",
  slider: "beta-dial",
  label: "Beta, the weight of the KL term",
  ends: /** @type {[string, string]} */ (["reconstruction only", "KL only"]),
  returns: true,
};

export const HTML = `
<header class="lx-head"><h1>Beta dial</h1><p class="lx-sentence" data-part="sentence" data-testid="dial-sentence"></p>
</header>
<p class="lx-note lx-dial-broken" data-part="broken" data-testid="dial-broken" hidden></p>
<div class="lx-dial-shown" data-part="shown">
<div class="lx-slider lx-dial-slider" data-part="player">${playerHtml(DIAL)}<div class="lx-dial-stops" data-part="stops"
></div></div>
<div class="lx-controls">
  <div class="lx-switch" role="group" aria-label="What stays the same">
    <button type="button" data-part="link" data-link="image">Same image</button>
    <button type="button" data-part="link" data-link="z">Same z</button>
  </div>
  <label data-part="family-box"><span>Runs</span> <select data-part="family" data-testid="dial-family"></select></label>
  <div class="lx-legend" role="group" aria-label="Colours of the points" data-part="legend"></div>
</div>
<div class="lx-dial-main">
  <div class="lx-plane" role="group" aria-label="Latent plane of the family" data-part="plane" data-testid="dial-plane">
    <p class="lx-loading" data-part="loading">Loading</p>
    <div class="lx-tools"><button type="button" aria-label="Fit the view" title="Fit the view to the points (Home)"
      data-part="fit">⤢</button></div>
  </div>
  <aside class="lx-dial-aside">
    <figure class="lx-dial-images">
      <canvas class="lx-image" role="img" data-part="original" data-testid="dial-original"></canvas>
      <canvas class="lx-image" role="img" data-part="decoded" data-testid="dial-decoded"></canvas>
      <figcaption><b data-part="what"></b>
        <span data-part="blend" data-testid="dial-blend"></span><span data-part="along"></span></figcaption>
    </figure>
    <dl class="lx-dial-figures">
      <div><dt>reconstruction</dt><dd data-part="reconstruction" data-testid="dial-reconstruction"></dd></div>
      <div><dt>KL</dt><dd data-part="kl" data-testid="dial-kl"></dd></div>
      <div><dt><button type="button" class="lx-term" data-part="active-name">active units</button></dt
        ><dd data-part="active" data-testid="dial-active"></dd></div>
    </dl>
    <canvas class="lx-dial-curve" role="img" data-part="curve" data-testid="dial-curve"></canvas>
    <p class="lx-note">Figures are of the test images. Click a run.</p>
  </aside>
</div>
</div>
`;

/** The elements that dial.js fills. @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
export function dialParts(pageFrame) {
  return {
    sentence: pageFrame.part("sentence"),
    broken: pageFrame.part("broken"),
    shown: pageFrame.part("shown"),
    player: pageFrame.part("player"),
    stops: pageFrame.part("stops"),
    links: pageFrame.parts("link", HTMLButtonElement),
    familyBox: pageFrame.part("family-box"),
    family: pageFrame.part("family", HTMLSelectElement),
    legend: pageFrame.part("legend"),
    plane: pageFrame.part("plane"),
    loading: pageFrame.part("loading"),
    fit: pageFrame.part("fit"),
    original: pageFrame.part("original", HTMLCanvasElement),
    decoded: pageFrame.part("decoded", HTMLCanvasElement),
    what: pageFrame.part("what"),
    along: pageFrame.part("along"),
    blend: pageFrame.part("blend"),
    reconstruction: pageFrame.part("reconstruction"),
    kl: pageFrame.part("kl"),
    activeName: pageFrame.part("active-name"),
    active: pageFrame.part("active"),
    curve: pageFrame.part("curve", HTMLCanvasElement),
  };
}
