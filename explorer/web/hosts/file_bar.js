// The bar over an exported file: its places, and the views of the one that is shown.

/** @typedef {{name: string, views: {page: string, label: string}[]}} Place */

export class FileBar {
  /** @param {HTMLElement} parent @param {(page: string) => void} go */
  constructor(parent, go) {
    /** @type {Place[]} */
    this.places = [];
    this.root = document.createElement("header");
    this.root.className = "file-bar";
    this.top = nav("Places", go);
    this.views = nav("Views", go);
    this.views.className = "file-views";
    this.root.append(this.top, this.views);
    parent.append(this.root);
  }

  /** @param {string} page that is shown */
  show(page) {
    const here = this.places.find(({ views }) => views.some((view) => view.page === page));
    this.top.replaceChildren(...this.places.map((place) => link(place.views[0].page, place.name, place === here)));
    const views = here && here.views.length > 1 ? here.views : [];
    this.views.hidden = !views.length;
    this.views.replaceChildren(...views.map((view) => link(view.page, view.label, view.page === page)));
  }
}

/** @param {string} label @param {(page: string) => void} go */
function nav(label, go) {
  const made = document.createElement("nav");
  made.setAttribute("aria-label", label);
  made.onclick = (event) => {
    const { target, button, ctrlKey, metaKey, shiftKey } = event;
    const chosen = target instanceof Element ? target.closest("a") : null;
    if (!chosen || button || ctrlKey || metaKey || shiftKey) return;
    event.preventDefault(); // which in a frame without an address would lead out of it
    go(chosen.hash.slice(1));
  };
  return made;
}

/** @param {string} page @param {string} words @param {boolean} here */
function link(page, words, here) {
  const made = Object.assign(document.createElement("a"), { href: `#${page}`, textContent: words });
  made.dataset.testid = `to-${page}`;
  if (here) made.setAttribute("aria-current", "page");
  return made;
}
