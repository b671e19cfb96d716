// Links that take what is shown along to another place: how it comes about, its true posterior, a path from it.

import { rounded } from "./format.js";

/**
 * `state` of the other page, asked for when the link is taken; `what` goes along, if it is no image.
 * @typedef {{page: string, words: string, title: string, what?: string,
 *   state: () => Record<string, unknown>}} AlongLink
 */

/**
 * @param {import("./page_frame.js").PageFrame} pageFrame @param {AlongLink[]} links
 * @param {Element | null} [place] of the links; at the end of the page's head, if not given
 */
export function addAlong(pageFrame, links, place = pageFrame.root.querySelector(".lx-head")) {
  const nav = document.createElement("nav");
  nav.className = "lx-along-links";
  nav.setAttribute("aria-label", links[0]?.what ? `Take this ${links[0].what} along` : "Take this image along");
  nav.append(...links.map(({ page, words, title, what, state }) => {
    const button = Object.assign(document.createElement("button"), {
      type: "button",
      className: "lx-link",
      textContent: words,
      title,
      onclick: () => pageFrame.goto(page, state()),
    });
    Object.assign(button.dataset, { testid: what ? `along-${what}-${page}` : `along-${page}`, to: page });
    return button;
  }));
  place?.append(nav);
  return nav;
}

/**
 * The links for a z, which no image goes along with.
 * @param {() => {dataset: string, run: string, z: ArrayLike<number>}} shown
 * @param {string[]} [but]  pages that it is on
 * @returns {AlongLink[]}
 */
export function zLinks(shown, but = []) {
  const state = () => {
    const { dataset, run, z } = shown();
    return { dataset, run, z: Array.from(z, rounded) };
  };
  /** @type {AlongLink[]} */
  const links = [
    { page: "explore", words: "Plane", title: "This z on Explore's plane", state },
    { page: "traverse", words: "Traverse", title: "One slider for each dimension of this z", state },
    { page: "prior", words: "Prior", title: "The percentiles of the prior around this z", state },
    {
      page: "compare",
      words: "Compare",
      title: "What each run decodes this z to",
      state: () => {
        const { dataset, z } = state();
        return { dataset, z, link: "z" };
      },
    },
  ];
  return links.filter(({ page }) => !but.includes(page)).map((link) => ({ ...link, what: "z" }));
}

/**
 * Links for an image and for a z at one place, of which either are there.
 * @param {import("./page_frame.js").PageFrame} pageFrame @param {{image: AlongLink[], z: AlongLink[]}} links
 * @param {Element | null} [place] @returns {(what: "image" | "z") => void} shows those of what is shown
 */
export function addEither(pageFrame, { image, z }, place) {
  const navs = { image: addAlong(pageFrame, image, place), z: addAlong(pageFrame, z, place) };
  navs.z.prepend(Object.assign(document.createElement("span"), { textContent: "This z:" }));
  return (what) => {
    navs.image.hidden = what === "z";
    navs.z.hidden = what === "image";
  };
}

/**
 * The links for a held-out image.
 * @param {() => {dataset: string, run: string, image: number}} shown @param {string[]} [but]  pages that it is on
 * @returns {AlongLink[]}
 */
export function imageLinks(shown, but = []) {
  /** @type {AlongLink[]} */
  const links = [
    { page: "explore", words: "On the plane", title: "The image on Explore's plane", state: shown },
    {
      page: "reconstruct",
      words: "Step by step",
      title: "How its reconstruction comes about",
      state: () => {
        const { dataset, run, image } = shown();
        return { dataset, runs: [run], detail: run, image };
      },
    },
    {
      page: "probability",
      words: "True posterior",
      title: "p(z|x) of this image beside q(z|x), log p(x) and the gap",
      state: shown,
    },
    {
      page: "infer",
      words: "Hide pixels",
      title: "Infer: hide pixels of this image, and see what the rest says of z",
      state: shown,
    },
    {
      page: "interpolate",
      words: "Interpolate",
      title: "Paths from this image to another",
      state: () => {
        const { dataset, run, image } = shown();
        return { dataset, run, image_a: image };
      },
    },
  ];
  return links.filter(({ page }) => !but.includes(page));
}
