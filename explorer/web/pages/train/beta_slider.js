// A slider of beta with its marked stops.

import { part } from "../../dom/parts.js";
import { betaAt, betaText, betaWords, placeOf, STOPS } from "./beta_scale.js";

/** @typedef {import("./beta_scale.js").Beta} Beta */

const stops = STOPS.map(({ place, text }) => `<i style="left: ${place}%">${text}</i>`).join("");
const places = STOPS.map(({ place }) => `<option value="${place}"></option>`).join("");

/** @param {string} testid @param {string} label */
export function betaMarkup(testid, label) {
  return `<div class="lx-beta" data-part="beta-box"><span>${label} <output data-part="beta-value"></output></span>
    <div><input type="range" min="0" max="100" step="0.5" list="${testid}-stops" data-part="beta"
      data-testid="${testid}" aria-label="Weight of the KL term, beta"
      ><datalist id="${testid}-stops">${places}</datalist>
      <span class="lx-stops" aria-hidden="true">${stops}</span></div></div>`;
}

export class BetaSlider {
  /** @param {HTMLElement} root @param {(beta: Beta) => void} onInput */
  constructor(root, onInput) {
    this.input = part(root, "beta", HTMLInputElement);
    this.output = part(root, "beta-value");
    /** @type {Beta} */
    this.beta = 1;
    this.input.oninput = () => {
      this.beta = betaAt(Number(this.input.value));
      this.describe();
      onInput(this.beta);
    };
    this.set(1);
  }

  /** @param {Beta} beta */
  set(beta) {
    this.beta = beta;
    this.input.value = String(placeOf(beta));
    this.describe();
  }

  describe() {
    this.output.textContent = `${betaText(this.beta)}, ${betaWords(this.beta)}`;
    this.input.setAttribute("aria-valuetext", `beta ${this.beta}: ${betaWords(this.beta)}`);
  }
}
