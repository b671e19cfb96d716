// The one file that knows Streamlit: it calls this function at mount and again whenever data or theme change.

import { addressBar } from "./address_bar.js";
import { ColumnOrder } from "./column_order.js";
import { NativeTerms } from "./native_terms.js";
import { loadBase, loadPage } from "./pages.js";
import { offerSkip } from "./skip_link.js";
import { versions } from "../network/safetensors.js";

/** @typedef {import("../dom/page_frame.js").Page} Page */
/** @typedef {import("../dom/page_frame.js").PageClass} PageClass */
/**
 * What explorer/component.py gives: a page's payload, or only its name and state where it shows nothing here.
 * `laid_out`: Streamlit lays out the page, but for what it opens with.
 * @typedef {import("../run/payload.js").Payload
 *   & {shows: boolean, laid_out: boolean, address: import("./address_bar.js").Address}} Data
 */
/** @type {WeakMap<HTMLElement, Mounted>} */
const mounted = new WeakMap();

/** A page in its place. */
class Mounted {
  /** @param {HTMLElement} element @param {(name: string, value: unknown) => void} setTriggerValue */
  constructor(element, setTriggerValue) {
    this.element = element;
    this.setTriggerValue = setTriggerValue;
    /** @type {Data | null} */
    this.data = null;
    /** @type {PageClass | null} once it is loaded */
    this.Page = null;
    /** @type {Page | null} */
    this.page = null;
    this.loading = false;
    this.gone = false;
    this.asked = "";
    this.renew = () => this.askAgain();
    versions.addEventListener("gone", this.renew);
    this.order = new ColumnOrder((name) => setTriggerValue("order", name));
    /** of a page that Streamlit lays out @type {NativeTerms | null} */
    this.terms = null;
  }

  /** The data, with the state as the page itself has changed it. */
  get payload() {
    return { .../** @type {Data} */ (this.data), state: addressBar.state };
  }

  /** @param {Data} data */
  show(data) {
    const news = addressBar.take(data.page, data.address, data.state);
    if (news === "outdated") return;
    addressBar.adopt = () => this.adopt();
    addressBar.ask = (number) => this.setTriggerValue("leave", number);
    loadBase(data.assets).then(() => this.styled(data), () => {});
    this.data = data;
    if (!data.shows) this.close();
    else if (!this.page) this.open(data);
    else if (news === "opened") this.adopt();
    else this.page.update(this.payload);
  }

  /** What stands on every page has its style, and takes no other room any more. @param {Data} data */
  styled(data) {
    if (this.gone) return;
    addressBar.undo.place(this.element);
    if (data.laid_out) this.terms ??= new NativeTerms();
  }

  /** @param {Data} data */
  async open({ page, assets }) {
    if (this.loading) return;
    this.loading = true;
    this.Page = await loadPage(page, assets).catch(() => null);
    this.loading = false;
    if (!this.Page) this.element.textContent = "The page's modules did not load: reload the page.";
    else if (!this.gone && this.data?.shows) this.create(this.Page);
  }

  /** @param {PageClass} Page */
  create(Page) {
    const { data, element } = this;
    if (!data) return;
    offerSkip(element);
    this.page = new Page(element, this.payload, {
      report: (state) => addressBar.report(data.page, state),
      goto: (page, state) => addressBar.goto(page, state),
      loadPage,
    });
  }

  /** Have the page take over its state whole; one that cannot begins anew. */
  adopt() {
    if (!this.page || !this.Page) return;
    if (this.page.adopt) this.page.adopt(this.payload);
    else {
      this.close();
      this.create(this.Page);
    }
  }

  /** The server's answer is data with the addresses of what there is now; if these are the same, that is all. */
  askAgain() {
    const shown = JSON.stringify(this.data);
    if (shown === this.asked) return;
    this.asked = shown;
    this.setTriggerValue("renew", true);
  }

  close() {
    this.page?.destroy();
    this.page = null;
  }

  destroy() {
    this.gone = true;
    versions.removeEventListener("gone", this.renew);
    this.order.destroy();
    this.terms?.destroy();
    this.close();
  }
}

/**
 * @param {{data: Data, parentElement: HTMLElement, setTriggerValue: (name: string, value: unknown) => void}} component
 * @returns {() => void} cleanup at unmount
 */
export function show({ data, parentElement, setTriggerValue }) {
  const here = mounted.get(parentElement) ?? new Mounted(parentElement, setTriggerValue);
  mounted.set(parentElement, here);
  here.show(data);
  return () => {
    here.destroy();
    mounted.delete(parentElement);
  };
}
