// Share on a page that the server lays out: its link and a scene of a talk, at the end of its first heading.

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
  tools.append(said, menuOf(share, null, (words) => (said.textContent = words)));
  head.append(tools);
}
