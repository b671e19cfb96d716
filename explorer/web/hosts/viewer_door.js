// Where runs come into a file that opens them: dropped anywhere on it, chosen by a button, or named by their address.

import { chosenFiles, droppedFiles } from "./dropped_files.js";

/** @typedef {Promise<Map<string, File>>} Files */

const HTML = `
  <h1>Open a run</h1>
  <p>Drop a checkpoint folder here, or a zip of one: <code>checkpoints/mnist/elbo</code>, or with its images all of
    <code>checkpoints/mnist</code>. Nothing leaves this browser.</p>
  <div class="viewer-ways">
    <button type="button" data-testid="choose-folder">Choose a folder</button>
    <button type="button" data-testid="choose-zip">Choose a zip</button>
    <input type="file" webkitdirectory data-testid="folder" aria-label="A checkpoint folder" tabindex="-1" hidden>
    <input type="file" accept=".zip,application/zip" multiple data-testid="zip" aria-label="Zips of runs" tabindex="-1"
      hidden>
  </div>
  <form>
    <label for="viewer-address">Or its address, or a Hugging Face repository</label>
    <div class="viewer-ways">
      <input id="viewer-address" data-testid="run-address" autocomplete="off" spellcheck="false" inputmode="url"
        placeholder="https://example.org/mnist/elbo or user/name" required>
      <button type="submit" data-testid="open-address">Open</button>
    </div>
  </form>`;

export class ViewerDoor {
  /**
   * @param {HTMLElement} parent
   * @param {(files: Files) => void} given  files that were dropped or chosen
   * @param {(place: string) => void} named  an address, or a repository
   */
  constructor(parent, given, named) {
    this.root = document.createElement("section");
    this.root.className = "viewer-door";
    this.root.setAttribute("aria-label", "Open a run");
    this.root.innerHTML = HTML;
    const find = (
      /** @type {string} */ id,
    ) => /** @type {HTMLElement} */ (this.root.querySelector(`[data-testid=${id}]`));
    for (const kind of ["folder", "zip"]) {
      const input = /** @type {HTMLInputElement} */ (find(kind));
      find(`choose-${kind}`).onclick = () => input.click();
      input.onchange = () => {
        const files = chosenFiles(input.files ?? []);
        input.value = ""; // so that the same can be chosen again
        if (files.size) given(Promise.resolve(files));
      };
    }
    const address = /** @type {HTMLInputElement} */ (find("run-address"));
    /** @type {HTMLFormElement} */ (this.root.querySelector("form")).onsubmit = (event) => {
      event.preventDefault();
      const place = address.value.trim();
      address.value = "";
      if (place) named(place);
    };
    /** what is being read */
    this.status = told("viewer-status", "status");
    /** why something was not opened */
    this.problems = told("viewer-problems", "alert");
    parent.append(this.root, this.status, this.problems);
    listenForDrops(given);
  }

  /** @param {string} words "" for none */
  say(words) {
    this.status.textContent = words;
    this.status.hidden = !words;
  }

  /** @param {string[]} lines */
  warn(lines) {
    const close = Object.assign(document.createElement("button"), { type: "button", textContent: "Close" });
    close.onclick = () => this.warn([]);
    const items = lines.map((line) => Object.assign(document.createElement("p"), { textContent: line }));
    this.problems.replaceChildren(...items, close);
    this.problems.hidden = !lines.length;
  }
}

/** @param {string} testid @param {string} role */
function told(testid, role) {
  const made = Object.assign(document.createElement("div"), { className: "file-note", hidden: true });
  made.setAttribute("role", role);
  made.dataset.testid = testid;
  return made;
}

/**
 * Before the pages hear of it, whose own ways to take a picture need a server.
 * @param {(files: Files) => void} given
 */
function listenForDrops(given) {
  const { classList } = document.documentElement;
  const over = (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer?.types.includes("Files")) return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  addEventListener("dragover", (event) => over(event) && classList.add("viewer-over"), { capture: true });
  addEventListener("dragleave", ({ relatedTarget }) => relatedTarget || classList.remove("viewer-over"));
  addEventListener("drop", (event) => {
    if (over(event) && event.dataTransfer) given(droppedFiles(event.dataTransfer));
    classList.remove("viewer-over");
  }, { capture: true });
}
