// Shows the pages in a file of its own, without a server: what Python would give them lies in the file.

import { FileAddress, pageAndParams, paramsFor, runsIn, stateOf } from "./file_address.js";
import { arraysAt, takeArrays } from "./file_arrays.js";
import { FileBar } from "./file_bar.js";
import { FileSwitches } from "./file_switches.js";
import { server } from "../network/ask.js";
import { takeArraysFrom } from "../network/safetensors.js";
import { pageClass } from "./pages.js";
import { same } from "./address.js";
import { Undo } from "./undo.js";

/** @typedef {import("./address.js").State} State */
/** @typedef {import("./address.js").Params} Params */
/** @typedef {import("./file_address.js").FilePage} FilePage */
/**
 * What explorer/export/contents.py makes; `absent`: names of the pages that the file has not.
 * @typedef {{places: import("./file_bar.js").Place[], pages: Record<string, FilePage>, absent: string[]}} Contents
 */

const PLACES = ["dataset", "run", "runs"]; // another one of these is another place, to which Back returns

export class FileHost {
  /** @param {Contents} contents */
  constructor(contents) {
    /** @type {Record<string, FilePage>} */
    this.pages = {};
    this.first = ""; // of them
    this.hidden = document.head.appendChild(document.createElement("style"));
    this.name = "";
    /** @type {State} */
    this.state = {};
    /** @type {import("../dom/page_frame.js").Page | null} */
    this.page = null;
    this.opened = 0; // pages so far
    this.bar = new FileBar(document.body, (page) => this.goto(page, null));
    this.switches = new FileSwitches(document.body, (change) => this.change(change));
    this.note = Object.assign(document.createElement("p"), { className: "file-note", hidden: true });
    this.note.setAttribute("role", "status");
    this.place = document.createElement("main");
    document.body.append(this.note, this.place);
    /** @type {Pick<FileAddress, "show">} */
    this.address = new FileAddress(() => this.follow());
    this.undo = new Undo((state) => this.restore(state));
    this.undo.place(this.bar.root);
    this.hold(contents);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.page?.update(this.payload));
  }

  /** Have these pages to show. @param {Contents} contents */
  hold({ places, pages, absent }) {
    this.pages = pages;
    this.first = places[0]?.views[0].page ?? "";
    this.bar.places = places;
    this.hidden.textContent = `:is(${
      absent.map((page) => `[data-to="${page}"]`).join()
    }) { display: none !important; }`;
  }

  get set() {
    return this.pages[this.name].sets[String(this.state.dataset)];
  }

  /** What Python gives a page for the runs that are chosen. */
  get payload() {
    const chosen = runsIn(this.state);
    return { ...this.given(this.set.runs.filter((name) => chosen.includes(name))), state: this.state };
  }

  /** The same but for the state. @param {string[]} runs  chosen, in the order of all */
  given(runs) {
    const { payload, others } = this.set;
    return { ...payload, ...others[runs.join()] };
  }

  /** Show what the address names. */
  follow() {
    const { page, params } = pageAndParams(location.hash);
    const known = page in this.pages;
    this.show(known ? page : this.first, known ? params : {}, false);
    if (page && !known) this.say([`${page.slice(0, 40)}: this file has no such page`]);
  }

  /** @param {string} page @param {State | null} state  null for the page as it was left */
  goto(page, state) {
    const there = this.pages[page];
    if (!there) return this.say([`${page}: this file has no such page; the explorer itself has`]);
    const { parameters } = Object.values(there.sets)[0];
    this.show(page, paramsFor(page, state, parameters), true);
  }

  /** @param {string} name @param {Params} params @param {boolean} moved  by a link, not by the browser's history */
  async show(name, params, moved) {
    const { state, notes } = stateOf(this.pages[name], params);
    this.say(notes);
    const stays = name === this.name && this.page;
    Object.assign(this, { name, state });
    this.lay(moved);
    if (stays && this.page?.adopt) return this.page.adopt(this.payload);
    await this.open();
  }

  /** Open the page that is named, from its beginning. */
  async open() {
    const { name } = this;
    const opened = ++this.opened;
    this.page?.destroy();
    this.page = null;
    const Page = await pageClass(name);
    if (opened !== this.opened) return;
    scrollTo(0, 0);
    this.page = new Page(this.place, this.payload, {
      report: (state) => this.report(opened, state),
      goto: (page, state) => this.goto(page, state),
      loadPage: pageClass,
    });
  }

  /** Bar, switches and address as the page now stands. @param {boolean} moved */
  lay(moved) {
    const { name, state, set } = this;
    this.bar.show(name);
    this.switches.show(this.pages[name], set, state);
    this.address.show(name, state, set.parameters, moved);
    this.undo.record(name, state);
  }

  /** A switch was used. @param {State} change */
  change(change) {
    const moved = PLACES.some((name) => name in change);
    if (change.dataset) {
      const { parameters } = this.set;
      const next = this.pages[this.name].sets[String(change.dataset)];
      const kept = Object.entries(this.state).filter(([name, value]) =>
        name in parameters && parameters[name].kept &&
        (!PLACES.includes(name) || [value].flat().every((run) => next.runs.includes(String(run))))
      );
      this.state = { ...next.defaults, ...Object.fromEntries(kept), ...change };
    } else this.state = { ...this.state, ...change };
    this.say([]);
    this.lay(moved);
    this.page?.update(this.payload);
  }

  /** The page says how it stands. @param {number} opened  which page @param {State} state */
  report(opened, state) {
    if (opened !== this.opened) return;
    const { parameters, defaults } = this.set;
    const said = Object.entries(state).filter(([name]) => name in parameters && !parameters[name].widget);
    const next = { ...this.state, ...Object.fromEntries(said.map(([name, v]) => [name, v ?? defaults[name]])) };
    if (same(next, this.state)) return;
    this.state = next;
    this.address.show(this.name, next, parameters, false);
    this.undo.record(this.name, next);
  }

  /** Show a state that the page had before. @param {State} state */
  restore(state) {
    this.state = state;
    this.lay(false);
    if (this.page?.adopt) this.page.adopt(this.payload);
    else this.open();
  }

  /** @param {string[]} notes */
  say(notes) {
    this.note.textContent = notes.join(" · ");
    this.note.hidden = !notes.length;
  }
}

/**
 * Show the file.
 * @param {Contents} contents @param {import("./file_arrays.js").Unpack} unpack  an element with arrays
 */
export function start(contents, unpack) {
  server.present = false;
  takeArrays(document, unpack);
  takeArraysFrom(arraysAt);
  document.documentElement.classList.add("file");
  new FileHost(contents).follow();
}
