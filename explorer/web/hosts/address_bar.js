// The browser's address: kept in step with the page that is shown, and followed when Back and Forward change it.
//
// The address is the browser's own: letting a handle go costs the server nothing. A drag replaces the entry of the
// browser's history, another run, data set or page pushes one. The server reads the address when a page is opened and
// when it hears of a step through the history; in between its widgets count.

import { paramsIn, paramsOf, queryOf, same, written } from "./address.js";
import { Undo } from "./undo.js";
import { recalled, remember } from "./visited.js";

/** @typedef {import("./address.js").State} State */
/** @typedef {import("./address.js").Params} Params */
/** @typedef {import("./address.js").Parameter} Parameter */
/**
 * What the server says of a page's address.
 * @typedef {object} Address
 * @property {string} opening  another one each time that the page is opened from an address
 * @property {number} [heard]  the last of what the page told before it was left
 * @property {Params} asked  the address that it was opened from
 * @property {Record<string, Parameter>} parameters  of the page, but for the data set
 */

const HOME = "explore"; // the page at the app's root
const PLACES = ["dataset", "run", "runs"]; // another one of these is another place, to which Back returns
const PAUSE_MS = 200; // browsers take no more than 100 changes of the address in ten seconds

/** The page at a path: all lie side by side. @param {string} path */
function pageAt(path) {
  return path.slice(new URL(".", location.href).pathname.length) || HOME;
}

class AddressBar {
  constructor() {
    this.page = "";
    this.path = "";
    this.opening = "";
    /** @type {Record<string, Parameter>} */
    this.parameters = {};
    /** what the server says @type {State} */
    this.given = {};
    /** what the page has said since @type {State} */
    this.reported = {};
    /** the address has changed, perhaps to another page's, and the server's answer is not there yet */
    this.waiting = false;
    /** the query that the server was told of, since it had answered an older one */
    this.told = "";
    this.telling = false;
    /** the server's last answer to an older address @type {{opening: string, state: State} | null} */
    this.refused = null;
    /** the person has done something outside the page, as with a switch, which the server may not have answered */
    this.touched = false;
    /** the place that was asked for meanwhile @type {{page: string, number: number} | null} */
    this.wish = null;
    /** has the server answer with this number when it has answered all before @type {(number: number) => void} */
    this.ask = () => {};
    this.written = -Infinity; // ms
    /** of what is still to be written, 0 for nothing @type {ReturnType<typeof setTimeout> | 0} */
    this.pause = 0;
    /** called when a step through the history gave the page another state */
    this.adopt = () => {};
    this.undo = new Undo((state) => this.restore(state));
    addEventListener("popstate", (event) => this.stepped(event), { capture: true });
    addEventListener("click", (event) => this.clicked(event), { capture: true });
    addEventListener("keydown", ({ target, key }) => key !== "Tab" && this.touch(target), { capture: true });
  }

  /** How the page stands: the server's word on its widgets, its own on the rest. @returns {State} */
  get state() {
    return { ...this.given, ...this.reported };
  }

  /**
   * Take the server's word on the page that is to be shown.
   * @param {string} page @param {Address} address @param {State} state
   * @returns {"opened" | "followed" | "outdated"} opened: the page is to take the state over whole; outdated: the
   *   address has changed since, and the server will answer again
   */
  take(page, { opening, asked, parameters, heard }, state) {
    if (this.page && !this.isAt(page)) return "outdated"; // late: the server has heard of the page at the address
    const opened = opening !== this.opening;
    // An answer that was refused may be given again before the next one is there.
    if (opening === this.refused?.opening && same(state, this.refused.state)) return "outdated";
    // Another session went on with the page that is here, as after a restart of the server.
    const resumed = opened && page === this.page && !this.waiting;
    if (resumed ? !this.hasWidgets(state) : opened ? this.isOutdated(asked) : this.waiting) {
      this.refused = { opening, state };
      this.tell();
      return "outdated";
    }
    this.refused = null;
    const before = this.state;
    if (resumed) this.opening = opening;
    else if (opened) {
      this.forget();
      Object.assign(this, { page, opening, path: location.pathname, reported: {}, told: "" });
      this.waiting = false;
    } else if (state.dataset !== this.given.dataset) {
      this.reported = this.some(this.reported, ({ kept }) => kept);
    }
    Object.assign(this, { parameters, given: state });
    this.write(!opened && PLACES.some((name) => !same(before[name], state[name])));
    this.touched = false;
    const { wish } = this;
    if (opened) this.wish = null;
    else if (wish && heard === wish.number) this.travel(wish.page, recalled(wish.page));
    return opened && !resumed ? "opened" : "followed";
  }

  /** Whether the address is a page's: a path of no page shows the first one. @param {string} page */
  isAt(page) {
    return location.pathname === this.path ? page === this.page : page === pageAt(location.pathname);
  }

  /** Whether a state has what the widgets say now. @param {State} state */
  hasWidgets(state) {
    const widgets = ["dataset", ...Object.keys(this.some(this.parameters, ({ widget }) => widget))];
    return widgets.every((name) => same(state[name], this.given[name]));
  }

  /** Whether the address is no longer the one that the server read. @param {Params} asked */
  isOutdated(asked) {
    const there = paramsIn(location.search);
    const names = new Set([...Object.keys(asked), ...Object.keys(there)]);
    // It is told once; what it then makes of the address counts.
    return Object.keys(there).length > 0 && location.search !== this.told &&
      [...names].some((name) => asked[name] !== there[name]);
  }

  /** Have the server read the address, as after Back and Forward. */
  tell() {
    this.told = location.search;
    this.waiting = this.telling = true;
    dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
    this.telling = false;
  }

  /** @param {State} state @param {(parameter: Parameter) => boolean} wanted */
  some(state, wanted) {
    const { parameters } = this;
    return Object.fromEntries(Object.entries(state).filter(([name]) => name in parameters && wanted(parameters[name])));
  }

  /** The page says how it stands. @param {string} page @param {State} state  null for a parameter's default */
  report(page, state) {
    if (page !== this.page || this.waiting) return;
    for (const [name, value] of Object.entries(this.some(state, ({ widget }) => !widget))) {
      this.reported[name] = value ?? this.parameters[name].default;
    }
    const wait = this.written + PAUSE_MS - performance.now();
    if (wait <= 0) this.write();
    else this.pause ||= setTimeout(() => this.write(), wait);
  }

  /** Nothing is to be written any more. */
  forget() {
    clearTimeout(this.pause);
    this.pause = 0;
  }

  /** Write the state into the address. @param {boolean} [moved] to another place, which is an entry of its own */
  write(moved = false) {
    this.forget();
    if (this.waiting || location.pathname !== this.path) return;
    const { page, state, parameters } = this;
    const params = paramsOf(state, parameters);
    remember(page, params, Object.keys(parameters));
    const url = `${this.path}${queryOf(params)}${location.hash}`;
    const entry = { page, state };
    if (moved) history.pushState(entry, "", url);
    else if (!same(history.state, entry) || location.search !== new URL(url, location.href).search) {
      history.replaceState(entry, "", url);
    }
    this.written = performance.now();
    this.undo.record(page, state);
  }

  /** Have the page take over a state whose widgets stand as they do now. @param {State} state */
  goOnFrom(state) {
    this.reported = this.some(state, ({ widget }) => !widget);
    this.adopt();
  }

  /** Show a state that the page had before. @param {State} state */
  restore(state) {
    this.forget();
    if (this.hasWidgets(state)) {
      this.goOnFrom(state);
      this.write();
    } else {
      const url = `${this.path}${queryOf(paramsOf(state, this.parameters))}`;
      history.replaceState({ page: this.page, state }, "", url);
      this.tell();
    }
  }

  /** A step through the history, or what is told to the server like one. @param {PopStateEvent} event */
  stepped(event) {
    if (this.telling) return;
    this.forget(); // of the entry that is left
    const entry = history.state;
    const here = !this.waiting && location.pathname === this.path;
    if (here && entry?.page === this.page && this.hasWidgets(entry.state)) {
      event.stopImmediatePropagation(); // the server need not hear of it
      this.goOnFrom(entry.state);
    } else if (here && location.search === queryOf(paramsOf(this.state, this.parameters))) {
      event.stopImmediatePropagation(); // to an anchor on the same page
      this.write();
    } else this.waiting = true; // the page around us tells the server, or opens the other page
  }

  /** Show another page. @param {string} page @param {State} state  null for a parameter's default */
  goto(page, state) {
    /** @type {Params} */
    const params = {};
    for (const [name, value] of Object.entries(state)) {
      if (value !== null && value !== undefined) params[name] = written(this.parameters[name]?.kind, value);
    }
    this.travel(page, params);
  }

  /** @param {string} page @param {Params} params */
  travel(page, params) {
    if (this.pause) this.write();
    const { pathname } = new URL(page === HOME ? "." : page, location.href);
    history.pushState(null, "", pathname + queryOf(params));
    dispatchEvent(new PopStateEvent("popstate", { state: null }));
  }

  /** @param {EventTarget | null} target */
  touch(target) {
    this.touched ||= target instanceof Element && !target.closest(".lx, a");
  }

  /** A link to another page, as in the top bar, leads to where that page was left. @param {MouseEvent} event */
  clicked(event) {
    const { target, button, ctrlKey, metaKey, shiftKey, altKey } = event;
    this.touch(target);
    const link = target instanceof Element ? target.closest("a[href]") : null;
    if (!(link instanceof HTMLAnchorElement) || button || ctrlKey || metaKey || shiftKey || altKey) return;
    const there = new URL(link.getAttribute("href") || ".", location.href); // the first page's link is empty
    const name = pageAt(there.pathname);
    if (
      there.search || !there.href.startsWith(new URL(".", location.href).href) || name === pageAt(location.pathname)
    ) {
      return;
    }
    if (this.touched && !this.wish) { // the page around us would forget what has just been chosen
      event.preventDefault();
      event.stopImmediatePropagation();
      this.wish = { page: name, number: performance.now() };
      this.ask(this.wish.number);
      return;
    }
    if (this.pause) this.write();
    // After the page around us has followed the link by itself, without loading anew.
    setTimeout(() => event.defaultPrevented && this.travel(name, recalled(name)));
  }
}

/** There is one address, and one page at a time. */
export const addressBar = new AddressBar();
