// The one file that knows Streamlit: it calls this function at mount and again whenever data or theme change.

import { loadPage } from "./pages.js";
import { versions } from "../network/safetensors.js";

/** @typedef {import("../run/payload.js").Payload} Payload */

/** @typedef {{page: import("./pages.js").Page | null, payload: Payload, gone: boolean, renew: () => void}} Mounted */
/** @type {WeakMap<HTMLElement, Mounted>} */
const mounted = new WeakMap();

/**
 * @param {{data: Payload, parentElement: HTMLElement, setStateValue: (name: string, value: unknown) => void,
 *   setTriggerValue: (name: string, value: unknown) => void}} component
 * @returns {() => void} cleanup at unmount
 */
export function show({ data, parentElement, setStateValue, setTriggerValue }) {
  const known = mounted.get(parentElement);
  if (known) {
    known.payload = data;
    known.page?.update(data);
  } else {
    let asked = "";
    const here = {
      page: /** @type {import("./pages.js").Page | null} */ (null),
      payload: data,
      gone: false,
      // The server's answer is a payload with the addresses of what there is now; if these are the same, that is all.
      renew: () => {
        const shown = JSON.stringify(here.payload);
        if (shown === asked) return;
        asked = shown;
        setTriggerValue("renew", true);
      },
    };
    versions.addEventListener("gone", here.renew);
    mounted.set(parentElement, here);
    const host = {
      report: (/** @type {Record<string, unknown>} */ state) =>
        setStateValue("report", { ...state, dataset: here.payload.state.dataset }),
      goto: (/** @type {string} */ page, /** @type {Record<string, unknown>} */ state) =>
        setTriggerValue("goto", { page, state }),
      loadPage,
    };
    loadPage(data.page, data.assets).then(
      (Page) => {
        if (!here.gone) here.page = new Page(parentElement, here.payload, host);
      },
      () => {
        parentElement.textContent = "The page's modules did not load: reload the page.";
      },
    );
  }
  return () => {
    const here = mounted.get(parentElement);
    if (here) {
      here.gone = true;
      versions.removeEventListener("gone", here.renew);
    }
    here?.page?.destroy();
    mounted.delete(parentElement);
  };
}
