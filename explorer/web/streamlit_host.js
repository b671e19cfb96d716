// The one file that knows Streamlit: it calls this function at mount and again whenever data or theme change.

import { Explore } from "./explore.js";

/** @type {WeakMap<HTMLElement, Explore>} */
const pages = new WeakMap();

/**
 * @param {{data: import("./explore.js").Payload, parentElement: HTMLElement,
 *   setStateValue: (name: string, value: unknown) => void}} component
 * @returns {() => void} cleanup at unmount
 */
export function showExplore({ data, parentElement, setStateValue }) {
  const page = pages.get(parentElement);
  if (page) page.update(data);
  else {
    styleSheet(data.assets);
    pages.set(parentElement, new Explore(parentElement, data, (point) => setStateValue("point", point)));
  }
  return () => {
    pages.get(parentElement)?.destroy();
    pages.delete(parentElement);
  };
}

/** @param {string} assets */
function styleSheet(assets) {
  const href = `${assets}/explore.css`;
  if (document.querySelector(`link[href="${href}"]`)) return;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
}
