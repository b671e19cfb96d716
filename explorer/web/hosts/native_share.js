// Share on a page that the server lays out: its link, a picture of its charts and a scene of a talk, at the end of its
// first heading.

import { picturesOf } from "../dom/picture.js";
import { menuOf } from "../plane/share_menu.js";

/** Add the menu to the page's own heading, if it is there and has none. */
export function addNativeShare() {
  const head = document.querySelector("h1")?.closest(".native");
  const title = head?.querySelector("h1")?.textContent ?? "";
  if (!head || !title || head.querySelector(".lx-share")) return;
  const tools = Object.assign(document.createElement("div"), { className: "lx-tools lx-head-tools" });
  const said = Object.assign(document.createElement("span"), { className: "lx-note" });
  said.setAttribute("role", "status");
  said.dataset.testid = "share-said";
  const share = { file: () => title.toLowerCase(), title: () => `${title} of ${document.title}` };
  tools.append(said, menuOf(share, () => chartsOf(share.title()), (words) => (said.textContent = words)));
  head.append(tools);
}

/** All charts, each under the heading before it. @param {string} title */
function chartsOf(title) {
  let heading = "";
  /** @type {{root: HTMLElement, heading: string}[]} */
  const parts = [];
  for (const element of document.querySelectorAll(".stMain :is(h2, h3, .js-plotly-plot)")) {
    if (!(element instanceof HTMLElement)) continue;
    if (!element.matches(".js-plotly-plot")) heading = element.textContent ?? "";
    else if (element.checkVisibility()) {
      parts.push({ root: element, heading });
      heading = "";
    }
  }
  if (!parts.length) throw new Error("no chart is drawn yet");
  return picturesOf(parts, title);
}
