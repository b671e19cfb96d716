// The one file that knows Streamlit: it calls this function at mount and again whenever data or theme change.

import { loadPage } from "./pages.js";

/** @typedef {import("../run/payload.js").Payload} Payload */

/** @type {WeakMap<HTMLElement, {page: import("./pages.js").Page | null, payload: Payload, gone: boolean}>} */
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
    const here = { page: /** @type {import("./pages.js").Page | null} */ (null), payload: data, gone: false };
    mounted.set(parentElement, here);
    const host = {
      report: (/** @type {Record<string, unknown>} */ state) => setStateValue("report", state),
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
    if (here) here.gone = true;
    here?.page?.destroy();
    mounted.delete(parentElement);
  };
}
