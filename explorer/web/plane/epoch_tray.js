// A drawer with a run's epochs: a slider through its training, play, and the film of it.

import { download } from "../dom/download.js";
import { Player, playerHtml } from "../dom/player.js";

/**
 * @typedef {object} EpochEvents
 * @property {() => void} toggle  the drawer is wanted, or no longer
 * @property {(epoch: number) => void} show  whole or not, at most once a frame
 * @property {() => void} rest  the slider was let go, or has come to its end
 * @property {((kind: "gif" | "mp4") => Promise<Blob>)} [film]
 * @property {() => string} [file]  name of the film's file, without its ending
 */

const TITLE = "Where the points lay through the run's training";
const FILMS = { gif: "GIF", mp4: "MP4" };
const SLIDER = {
  play: "epoch-play",
  slider: "epoch-slider",
  label: "Epoch",
  ends: /** @type {[string, string]} */ (["the first epoch", "the last"]),
  returns: false,
};

export const EPOCHS_BUTTON_HTML = `<button type="button" class="lx-button" data-part="epochs-toggle"
  data-testid="epochs-toggle" aria-expanded="false" title="${TITLE}"
>Epochs</button>`;

/** @param {boolean} films  whether the page makes any */
export const epochsHtml = (films) => `
<div class="lx-epochs" data-part="epochs" data-testid="epochs" role="group" aria-label="Epochs of training" hidden>
  <div class="lx-slider" data-part="epochs-player">${playerHtml(SLIDER)}</div>
  <p class="lx-note" data-part="epochs-note" data-testid="epochs-note"></p>${
  films
    ? `<div class="lx-lines" role="group" aria-label="Save a film of the training" data-needs="server">${
      Object.entries(FILMS).map(([kind, title]) =>
        `<button type="button" class="lx-button" data-part="epochs-film" data-kind="${kind}"
          data-testid="epochs-${kind}" title="Save the training as a film">${title}</button>`
      ).join("")
    }</div>`
    : ""
}
</div>`;

/** Of the slider's place, 0 to 1, on which epochs stand by their logarithm, as they are saved. */
export class EpochScale {
  /** @param {number} last epoch */
  constructor(last) {
    this.last = last;
  }

  /** @param {number} t */
  epoch(t) {
    return t === 1 ? this.last : Math.expm1(t * Math.log1p(this.last));
  }

  /** @param {number} epoch */
  place(epoch) {
    return this.last ? Math.min(Math.log1p(epoch) / Math.log1p(this.last), 1) : 1;
  }
}

export class EpochTray {
  /** @param {import("../dom/page_frame.js").PageFrame} pageFrame @param {EpochEvents} events */
  constructor(pageFrame, events) {
    this.events = events;
    this.button = pageFrame.part("epochs-toggle", HTMLButtonElement);
    this.root = pageFrame.part("epochs");
    this.note = pageFrame.part("epochs-note");
    this.scale = new EpochScale(1);
    this.player = new Player(pageFrame.part("epochs-player"), {
      move: (t) => events.show(this.scale.epoch(t)),
      rest: () => events.rest(),
    }, (t) => `epoch ${Math.round(this.scale.epoch(t))}`);
    this.button.onclick = () => events.toggle();
    if (!events.film) return;
    for (const button of pageFrame.parts("epochs-film", HTMLButtonElement)) {
      button.onclick = () => this.save(button, /** @type {"gif" | "mp4"} */ (button.dataset.kind));
    }
  }

  /** Where the slider is. */
  get epoch() {
    return this.scale.epoch(this.player.t);
  }

  /** @param {number} last epoch that there is @param {number} epoch to stand at @param {string} note */
  open(last, epoch, note) {
    this.scale = new EpochScale(last);
    this.root.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.note.textContent = note;
    this.player.set(this.scale.place(epoch));
  }

  /** Offer the drawer. @param {string} why  it cannot be opened; "": it can */
  offer(why) {
    this.button.disabled = why !== "";
    this.button.title = why || TITLE;
    if (why) this.close();
  }

  close() {
    this.player.pause();
    this.root.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
  }

  /** @param {HTMLButtonElement} button @param {"gif" | "mp4"} kind */
  async save(button, kind) {
    const { film, file } = this.events;
    if (!film || !file) return;
    this.player.pause();
    button.disabled = true;
    const note = this.note.textContent;
    try {
      await download(await film(kind), `${file()}.${kind}`);
    } catch (error) {
      this.note.textContent = error instanceof Error ? error.message : String(error);
      return;
    } finally {
      button.disabled = false;
    }
    this.note.textContent = note;
  }

  destroy() {
    this.player.destroy();
  }
}
