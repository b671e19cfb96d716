// The QR code of a scene: with it the audience opens the same scene on their own screens.

import { ask } from "../../network/ask.js";

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether only this machine reaches a host. @param {string} hostname */
export function isLoopback(hostname) {
  return LOOPBACK.test(hostname);
}

/** The address of a scene, as others open it. @param {string} here @param {number} scene from 1 on */
export function sceneAddress(here, scene) {
  const url = new URL(here);
  for (const name of [...url.searchParams.keys()]) {
    if (name === "present" || /^embed(_options)?$/i.test(name)) url.searchParams.delete(name);
  }
  url.searchParams.set("scene", String(scene));
  url.hash = "";
  return url;
}

export class QrCode {
  /** @param {ReturnType<import("./markup.js").tourParts>} parts */
  constructor({ qr, qrImage, qrAddress, qrNote, qrClose }) {
    this.dialog = qr;
    this.image = qrImage;
    this.address = qrAddress;
    this.note = qrNote;
    qrClose.onclick = () => qr.close();
    qr.onclick = ({ target }) => target === qr && qr.close(); // a click beside it
  }

  get open() {
    return this.dialog.open;
  }

  /** @param {number} scene from 1 on @param {boolean} opened from a file, which others do not have */
  async show(scene, opened) {
    const url = sceneAddress(location.href, scene);
    this.image.replaceChildren();
    this.address.textContent = opened ? "" : url.href;
    this.note.textContent = opened
      ? "This talk was opened from a file of yours: no address leads others to it. Put the file into the folder that " +
        "EXPLORER_TOURS names."
      : isLoopback(url.hostname)
      ? "Only this machine reaches this address. Start the explorer with make explore HOST=0.0.0.0, and open it by " +
        "this machine's name or number, as the audience would."
      : "";
    this.dialog.showModal();
    if (opened) return;
    try {
      const response = await ask(`qr?text=${encodeURIComponent(url.href)}`);
      if (!response.ok) throw new Error(await response.text());
      this.image.innerHTML = await response.text();
    } catch (error) {
      this.note.textContent = `The code cannot be drawn: ${error instanceof Error ? error.message : error}`;
    }
  }

  close() {
    this.dialog.close();
  }
}
