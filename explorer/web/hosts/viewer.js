// Shows the pages of runs that a person opens here, in a file that has none inside, and without a server.

import { oneLine, Refusal } from "../checkpoint/refusal.js";
import { readRun } from "../checkpoint/run_parts.js";
import { server } from "../network/ask.js";
import { takeArraysFrom } from "../network/safetensors.js";
import { runsAmong } from "./dropped_files.js";
import { fetchedFolder, sourcesOf, sourcesText } from "./fetched_folder.js";
import { FileHost } from "./file.js";
import { pageAndParams } from "./file_address.js";
import { ViewerContents } from "./viewer_contents.js";
import { ViewerDoor } from "./viewer_door.js";

/** @typedef {import("../checkpoint/run_files.js").Folder} Folder */
/** @typedef {import("./viewer_contents.js").Shown} Shown */

const LOST = "The run of this address was opened from a folder or zip, which a page cannot keep: open it again";

class ViewerHost extends FileHost {
  /** @param {ViewerContents} runs */
  constructor(runs) {
    super(runs.contents);
    this.runs = runs;
    /** where those runs are that an address can name @type {Set<string>} */
    this.places = new Set();
    this.hub = "";
    /** opens one after the other */
    this.queue = Promise.resolve();
    this.door = new ViewerDoor(
      document.body,
      (files) => this.openRuns(async () => await runsAmong(await files)),
      (place) => this.openPlaces([place], sourcesOf(location.hash).hub),
    );
    this.button = Object.assign(document.createElement("button"), { type: "button", textContent: "Open a run" });
    this.button.className = "viewer-open";
    this.button.dataset.testid = "open-run";
    this.button.onclick = () => this.showDoor(Boolean(this.door.root.hidden));
    this.bar.root.prepend(this.button);
    this.switches.root.before(this.door.root, this.door.status, this.door.problems);
    this.showDoor(true);
  }

  /** @param {string[]} names @override */
  given(names) {
    return this.runs.payload(this.name, String(this.state.dataset), names);
  }

  /** @param {boolean} open */
  showDoor(open) {
    const empty = !this.runs.datasets.size;
    this.door.root.hidden = !open && !empty;
    this.bar.root.hidden = empty;
    this.button.setAttribute("aria-expanded", String(!this.door.root.hidden));
  }

  /** Show what the address names, once its runs are there. @override */
  follow() {
    const { places, hub, direct } = sourcesOf(location.hash);
    const news = places.filter((place) => !this.places.has(place));
    if (news.length) return this.openPlaces(news, hub);
    if (!this.runs.datasets.size) return this.door.warn(location.hash.length > 1 ? [LOST] : []);
    if (direct) this.show(this.first, {}, false);
    else super.follow();
  }

  /** @param {string[]} places @param {string} hub */
  openPlaces(places, hub) {
    this.openRuns(() => {
      this.hub = hub;
      return places.map((place) => ({ ...fetchedFolder(place, hub, location.href), place }));
    });
  }

  /** Read runs and show them. @param {() => (Folder & {place?: string})[] | Promise<Folder[]>} find */
  openRuns(find) {
    this.queue = this.queue.then(() => this.read(find)).catch((error) => {
      this.door.say("");
      this.door.warn([oneLine(error, 300)]);
    });
  }

  /** @param {() => (Folder & {place?: string})[] | Promise<Folder[]>} find */
  async read(find) {
    const first = !this.runs.datasets.size;
    this.door.warn([]);
    this.door.say("Reading …");
    /** @type {(Folder & {place?: string})[]} */
    const folders = await find();
    /** @type {Shown[]} */
    const opened = [];
    /** @type {string[]} */
    const problems = [];
    for (const [number, folder] of folders.entries()) {
      this.door.say(`Reading ${folder.path} …${folders.length > 1 ? ` ${number + 1} of ${folders.length}` : ""}`);
      await new Promise((resolve) => setTimeout(resolve)); // so that it is seen
      try {
        const run = await readRun(folder);
        opened.push(this.runs.add(run));
        problems.push(...run.problems);
        if (folder.place) this.places.add(folder.place);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        problems.push(error.message);
      }
    }
    this.door.say("");
    this.door.warn([...new Set(problems)]);
    if (opened.length) this.showOpened(opened, first);
  }

  /** @param {Shown[]} opened @param {boolean} first */
  showOpened(opened, first) {
    this.hold(this.runs.contents);
    Object.assign(this.address, { also: sourcesText([...this.places], this.hub) });
    this.showDoor(false);
    // A page keeps what it has loaded of the runs that were there.
    this.page?.destroy();
    this.page = null;
    const { page } = pageAndParams(location.hash);
    if (first && page in this.pages) return super.follow();
    const [{ dataset, name }] = opened;
    const there = this.name in this.pages && dataset in this.pages[this.name].sets ? this.name : this.first;
    this.show(there, { dataset, run: name }, !first);
  }
}

/** Show the file. @param {import("./viewer_contents.js").Template} template */
export function start(template) {
  server.present = false;
  const runs = new ViewerContents(template);
  takeArraysFrom((url) => {
    const file = runs.arrays.get(url);
    return Promise.resolve(file ? new Response(file) : new Response("this is not among the runs", { status: 409 }));
  });
  document.documentElement.classList.add("file", "viewer");
  new ViewerHost(runs).follow();
}
