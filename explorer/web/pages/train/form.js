// The form that begins a run: what it asks for, the command line that does the same, and what is wrong with it.

import { copyLine } from "../../dom/copy_line.js";
import { part } from "../../dom/parts.js";
import { Latest } from "../../dom/latest.js";
import { betaMarkup, BetaSlider } from "./beta_slider.js";
import { Refused, tell } from "./server.js";

/**
 * What there is to choose.
 * @typedef {object} Choices
 * @property {{name: string, title: string, note: string}[]} datasets
 * @property {{name: string, title: string}[]} networks
 * @property {{epochs: number, dimensions: number, weights: number, waiting: number}} limits
 */

const PAUSE_MS = 150;
const LAST_SEED = 4294967295;
const number = (/** @type {string} */ name, /** @type {string} */ title, /** @type {string} */ rest) =>
  `<label>${title}<input type="number" data-part="${name}" data-testid="train-${name}" ${rest}></label>`;

/** @param {number} value */
const count = (value) => value.toLocaleString("en").replace(/,000,000$/, " million");

/** @param {Choices} choices */
export function formMarkup({ limits }) {
  return `
<form class="lx-train-form" data-part="form" data-testid="train-form" autocomplete="off">
  <label>Images<select data-part="dataset" data-testid="train-dataset"></select></label>
  ${betaMarkup("train-start-beta", "β")}
  ${number("latent-dim", "Dimensions", `min="1" max="${limits.dimensions}" value="2"`)}
  <label>Network<select data-part="network" data-testid="train-network"></select></label>
  ${number("epochs", "Epochs", `min="1" max="${limits.epochs}" value="${Math.min(limits.epochs, 30)}"`)}
  ${number("seed", "Seed", `min="0" max="${LAST_SEED}" value="0"`)}
  <label>Name<input type="text" maxlength="40" spellcheck="false" data-part="name" data-testid="train-name"></label>
  <button type="submit" class="lx-button lx-start" data-part="start" data-testid="train-start">Start</button>
  <p class="lx-command"><code tabindex="0" data-part="command" data-testid="train-command"></code><button type="button"
    class="lx-link" data-part="copy" data-testid="train-copy">Copy</button><span class="lx-note lx-limits">At most
    ${limits.epochs} epochs, ${limits.dimensions} dimensions, ${
    count(limits.weights)
  } weights, ${limits.waiting} waiting
    runs</span></p>
  <p class="lx-wrong" role="alert" data-part="wrong" data-testid="train-wrong" hidden></p>
</form>`;
}

export class Form {
  /** @param {HTMLElement} root that holds the markup @param {Choices} choices @param {(job: string) => void} started */
  constructor(root, choices, started) {
    this.root = part(root, "form", HTMLFormElement);
    this.started = started;
    this.latest = new Latest();
    /** @type {ReturnType<typeof setTimeout> | 0} */
    this.timer = 0;
    const { root: form } = this;
    this.dataset = part(form, "dataset", HTMLSelectElement);
    this.network = part(form, "network", HTMLSelectElement);
    this.name = part(form, "name", HTMLInputElement);
    this.start = part(form, "start", HTMLButtonElement);
    this.wrong = part(form, "wrong");
    this.command = part(form, "command");
    this.beta = new BetaSlider(form, () => this.changed());
    this.dataset.append(...choices.datasets.map(({ name, title, note }) => new Option(`${title} (${note})`, name)));
    this.network.append(...choices.networks.map(({ name, title }) => new Option(title, name)));
    form.addEventListener("input", () => this.changed());
    form.onsubmit = (event) => {
      event.preventDefault();
      this.submit();
    };
    this.copied = part(form, "copy");
    this.copied.onclick = () => copyLine(this.copied, this.command);
  }

  /** What is chosen, as the server takes it. */
  get choice() {
    const whole = (/** @type {string} */ name) => Number(part(this.root, name, HTMLInputElement).value || NaN);
    return {
      dataset: this.dataset.value,
      beta: this.beta.beta,
      latent_dim: whole("latent-dim"),
      network: this.network.value,
      epochs: whole("epochs"),
      seed: whole("seed"),
      name: this.name.value.trim(),
    };
  }

  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.plan(), PAUSE_MS);
  }

  /** Show the command line of what is chosen. */
  async plan() {
    try {
      const { command, name } = await this.latest.of(tell("plan", "", this.choice));
      this.command.textContent = command;
      this.copied.hidden = false;
      this.name.placeholder = name;
      this.say("");
    } catch (error) {
      this.command.textContent = "";
      this.copied.hidden = true;
      this.say(words(error));
    }
  }

  async submit() {
    this.start.disabled = true;
    try {
      const { job } = await tell("start", "", this.choice);
      this.name.value = "";
      this.say("");
      this.started(job);
    } catch (error) {
      this.say(words(error));
    }
    this.start.disabled = false;
    this.changed();
  }

  /** @param {string} problem "" for none */
  say(problem) {
    this.wrong.textContent = problem;
    this.wrong.hidden = !problem;
  }

  destroy() {
    clearTimeout(this.timer);
    this.latest.cancel();
  }
}

/** @param {unknown} error */
export function words(error) {
  return error instanceof Refused
    ? error.message
    : `The server does not answer: ${error instanceof Error ? error.message : error}`;
}
