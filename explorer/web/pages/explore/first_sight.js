// What a newcomer is shown on the plane: what it is, a handle that glides by itself, and where to go from there.

import { reducedMotion } from "../../plane/run_transition.js";

/** @typedef {import("../../maths/types.js").Pair} Pair */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */
/**
 * @typedef {object} FirstSightEvents
 * @property {(point: Pair) => void} move  the handle
 * @property {(page: string, state: Record<string, unknown>) => void} goto
 */

const STORED = "lx-introduced"; // in the browser, once it was put away
const RUNS = { reconstruction: "Only reconstruct", kl: "Only KL", elbo: "Both" };
const LEG_MS = 3200;
const DIGITS = [2, 6]; // classes between which the handle glides: the notes' pair
const ACTS = ["pointerdown", "keydown", "wheel"];
const KEYS = {
  "←↑↓→": "move the handle, with Shift further",
  Enter: "select the nearest image",
  Esc: "select nothing",
  "+ −": "zoom",
  Home: "fit the view",
  "Ctrl Z": "undo",
  "?": "this card",
};

export const FIRST_SIGHT_HTML = `
<section class="lx-first-sight" data-part="first-sight" data-testid="first-sight" aria-label="What this is" hidden>
  <button type="button" class="lx-button" data-part="first-sight-close" aria-label="Put this away" title="Put this away"
  >×</button>
  <h2>Every point of this plane is a picture</h2>
  <p>Drag the handle. The decoder draws what z it stands on.</p>
  <div data-part="first-sight-runs" role="group" aria-label="Trained to">${
  Object.entries(RUNS).map(([run, title]) =>
    `<button type="button" class="lx-button" data-part="first-sight-run" data-run="${run}">${title}</button>`
  ).join("")
}</div>
  <p><button type="button" class="lx-link" data-to="tour" data-part="first-sight-learn">Learn in ten minutes</button>
  <button type="button" class="lx-link" data-to="reconstruct" data-part="first-sight-draw"
    >Draw your own digit</button></p>
  <details><summary>Keys</summary><dl>${
  Object.entries(KEYS).map(([key, does]) => `<div><dt>${key}</dt><dd>${does}</dd></div>`).join("")
}</dl></details>
</section>`;

export class FirstSight {
  /**
   * @param {import("../../dom/page_frame.js").PageFrame} pageFrame @param {FirstSightEvents} events
   * @param {import("./explore.js").State} state that the page opens with
   */
  constructor(pageFrame, events, state) {
    this.events = events;
    this.card = pageFrame.part("first-sight");
    this.group = pageFrame.part("first-sight-runs");
    this.runs = pageFrame.parts("first-sight-run", HTMLButtonElement);
    this.dataset = "";
    this.abort = new AbortController();
    const { signal } = this.abort;
    /** what is gliding, null once it was touched @type {LatentSpace | null} */
    this.gliding = null;
    this.wanted = !stored();
    pageFrame.part("first-sight-close").onclick = () => this.putAway();
    for (const button of this.runs) {
      button.onclick = () => events.goto("explore", { dataset: this.dataset, run: button.dataset.run });
    }
    pageFrame.part("first-sight-learn").onclick = () => events.goto("tour", {});
    pageFrame.part("first-sight-draw").onclick = () => {
      events.goto("reconstruct", { dataset: this.dataset, source: "draw" });
    };
    for (const act of ACTS) {
      addEventListener(act, () => (this.gliding = null), { capture: true, passive: true, signal });
    }
    addEventListener("keydown", ({ key, target }) => {
      if (key !== "?" || (target instanceof HTMLElement && target.closest("input, textarea, select"))) return;
      if (this.card.hidden) this.open();
      else this.putAway();
    }, { signal });
    if (this.isWanted(state)) this.open(); // before the run is there, which it would push down
  }

  /**
   * By who is here for the first time, and not to be shown a certain place.
   * @param {import("./explore.js").State} state
   */
  isWanted({ z, image, set }) {
    return this.wanted && !z && image === null && !set;
  }

  /**
   * Show it, where it is wanted, with the runs that there are.
   * @param {LatentSpace} view @param {import("../../run/held_out.js").HeldOut} heldOut
   * @param {import("./explore.js").State} state @param {string[]} runs that there are
   */
  begin(view, heldOut, state, runs) {
    const { dataset, run: shown } = state;
    this.dataset = dataset;
    for (const button of this.runs) {
      button.hidden = !runs.includes(button.dataset.run ?? "");
      button.setAttribute("aria-pressed", String(button.dataset.run === shown));
    }
    this.group.hidden = this.runs.every(({ hidden }) => hidden);
    const wanted = this.isWanted(state);
    this.wanted = false;
    if (!wanted) return;
    this.open();
    if (!reducedMotion() && view.decodes && !view.decoder.server) this.glide(view, heldOut);
  }

  open() {
    this.card.hidden = false;
  }

  putAway() {
    this.card.hidden = true;
    this.gliding = null;
    try {
      localStorage.setItem(STORED, "yes");
    } catch {
      // a browser that keeps nothing shows it again
    }
  }

  /**
   * Let the handle go to and fro until it is touched.
   * @param {LatentSpace} view @param {import("../../run/held_out.js").HeldOut} heldOut
   */
  glide(view, heldOut) {
    const ends = DIGITS.flatMap((label) => {
      const mean = heldOut.mean(view, label);
      const near = mean ? view.nearestCodes(mean, 1, (index) => view.label[index] === label) : [];
      return near.map(({ index }) => view.point(index));
    });
    if (ends.length < 2) return;
    this.gliding = view;
    let [from, leg, start] = [view.priorCenter(), 0, performance.now()];
    const step = (/** @type {number} */ now) => {
      if (this.gliding !== view || this.abort.signal.aborted) return;
      const to = ends[leg % 2];
      const share = Math.min(Math.max((now - start) / LEG_MS, 0), 1);
      const eased = (1 - Math.cos(Math.PI * share)) / 2;
      this.events.move([from[0] + eased * (to[0] - from[0]), from[1] + eased * (to[1] - from[1])]);
      if (share === 1) [from, leg, start] = [to, leg + 1, now];
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  destroy() {
    this.abort.abort();
  }
}

function stored() {
  try {
    return localStorage.getItem(STORED) !== null;
  } catch {
    return false;
  }
}
