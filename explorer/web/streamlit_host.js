// The one file that knows Streamlit: it calls this function at mount and again whenever data or theme change.

/** @typedef {import("./stage.js").Payload} Payload */
/** @typedef {{update: (payload: any) => unknown, destroy: () => void}} Page */

/** Modules by page; each exports one class under its own name. @type {Record<string, () => Promise<Record<string, any>>>} */
const PAGES = {
  explore: () => import("./explore.js"),
  compare: () => import("./compare.js"),
  reconstruct: () => import("./reconstruct.js"),
  interpolate: () => import("./interpolate.js"),
  prior: () => import("./prior.js"),
};
const SHEETS = ["base"];

/** @type {WeakMap<HTMLElement, {page: Page | null, payload: Payload, gone: boolean}>} */
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
    const here = { page: /** @type {Page | null} */ (null), payload: data, gone: false };
    mounted.set(parentElement, here);
    const host = {
      report: (/** @type {Record<string, string | null>} */ state) => setStateValue("report", state),
      goto: (/** @type {string} */ page, /** @type {Record<string, string>} */ state) => setTriggerValue("goto", { page, state }),
    };
    Promise.all([PAGES[data.page](), ...SHEETS.concat(data.page).map((name) => styleSheet(`${data.assets}/${name}.css`))]).then(
      ([module]) => { if (!here.gone) here.page = new (Object.values(module)[0])(parentElement, here.payload, host); },
      () => { parentElement.textContent = "The page's modules did not load: reload the page."; },
    );
  }
  return () => {
    const here = mounted.get(parentElement);
    if (here) here.gone = true;
    here?.page?.destroy();
    mounted.delete(parentElement);
  };
}

/** @param {string} href */
function styleSheet(href) {
  const known = document.querySelector(`link[href="${href}"]`);
  if (known) return Promise.resolve();
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  document.head.append(link);
  return new Promise((resolve, reject) => Object.assign(link, { onload: resolve, onerror: reject }));
}
