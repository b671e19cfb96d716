// What a person takes along from a plane: a link, a picture for a slide, and what its page adds.

import { download } from "../dom/download.js";
import { addScene } from "./scene_dialog.js";
import { planePicture, rasterised } from "./plane_picture.js";

/** @typedef {import("./plane.js").Plane} Plane */
/**
 * Another thing to take along; `make` says afterwards what was done.
 * @typedef {{name: string, words: string, needsServer?: boolean, make: () => string | Promise<string>}} Offer
 */
/**
 * @typedef {object} Share
 * @property {() => string} file  name of a picture's file, without its ending
 * @property {() => string} title  of a picture, for those who have it read out
 * @property {Offer[]} [offers]
 */

/** A button with a menu, for a toolbar. @param {Plane} plane @param {Share} share */
export function shareMenu(plane, share) {
  return menuOf(share, () => planePicture(plane, share.title()), (words) => plane.overlay.hint(words));
}

/**
 * The same of any picture.
 * @param {Share} share @param {() => string} picture as SVG @param {(words: string) => void} say what was done
 */
export function menuOf({ file, title, offers = [] }, picture, say) {
  /** @type {Offer[]} */
  const all = [
    { name: "link", words: "Copy the link", make: () => copied(location.href, "The link is copied") },
    {
      name: "png",
      words: "Picture, PNG at twice the size",
      make: async () => saved(await rasterised(picture(), 2), `${file()}.png`),
    },
    {
      name: "svg",
      words: "Picture for slides, SVG",
      make: () => saved(new Blob([picture()], { type: "image/svg+xml" }), `${file()}.svg`),
    },
    ...offers,
    { name: "scene", words: "Add this view to my talk", needsServer: true, make: () => addScene(title()) },
  ];
  const menu = document.createElement("details");
  menu.className = "lx-share";
  menu.dataset.testid = "share";
  menu.innerHTML = `
    <summary role="button" title="Share: link, pictures, data" aria-label="Share">
    <svg viewBox="0 0 20 20" aria-hidden="true"><path d="M10 12V3m-3 3 3-3 3 3M5 10v7h10v-7"/></svg></summary>
    <div>${
    all.map(({ name, words, needsServer }) => {
      const needs = needsServer ? ' data-needs="server"' : "";
      return `<button type="button" data-testid="share-${name}"${needs}>${words}</button>`;
    }).join("")
  }</div>`;
  menu.querySelectorAll("button").forEach((button, i) => {
    button.onclick = async () => {
      menu.open = false;
      try {
        say(await all[i].make());
      } catch (error) {
        say(`${all[i].words}: ${error instanceof Error ? error.message : error}`);
      }
    };
  });
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && menu.contains(relatedTarget))) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation();
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
  return menu;
}

/**
 * Put text on the clipboard; returns `words`.
 * @param {string} text @param {string} words what was done
 */
export async function copied(text, words) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // only pages of this machine, or by https, may write there; the older way needs a selection
    const field = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (!done) throw new Error("this browser does not let the page copy");
  }
  return words;
}

/** @param {Blob} blob @param {string} name of its file */
export async function saved(blob, name) {
  await download(blob, name);
  return `${name} is saved`;
}
