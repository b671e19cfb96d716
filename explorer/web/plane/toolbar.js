// The buttons over a plane that move its view.

import { shareMenu } from "./share_menu.js";

/** @typedef {import("./plane.js").Plane} Plane */

/** @typedef {import("./region.js").RegionKind} RegionKind */

const SHAPES = {
  box: `<rect x="3" y="5" width="14" height="10" />`,
  lasso: `<path d="M8 14C2 13 2 4 10 4s9 8 2 10c-5 1-7-3-4-4s4 4 1 7" />`,
};
const REGIONS = Object.entries(SHAPES).map(([kind, shape]) => `
  <button type="button" data-region="${kind}" data-testid="tool-${kind}" aria-pressed="false"
    title="Draw a ${kind}: the images inside are selected (Ctrl adds)" aria-label="Select by ${kind}"
  ><svg viewBox="0 0 20 20" aria-hidden="true">${shape}</svg></button>`).join("");
const HTML = `
  <button type="button" data-tool="pan" aria-pressed="false" title="Drag moves the view (or hold Shift)"
    aria-label="Drag moves the view">✥</button>
  <button type="button" data-tool="zoomIn" title="Zoom in (Ctrl + wheel, +)" aria-label="Zoom in">+</button>
  <button type="button" data-tool="zoomOut" title="Zoom out (Ctrl + wheel, -)" aria-label="Zoom out">−</button>
  <button type="button" data-tool="reset" title="Fit the view to the points (Home)"
    aria-label="Fit the view to the points">⤢</button>
`;

/**
 * @param {HTMLElement} element the plane's @param {Plane} plane @param {import("./share_menu.js").Share} [share]
 * @param {HTMLElement} [place] where the buttons are, if not over the plane
 */
export function addToolbar(element, plane, share, place = element) {
  const bar = document.createElement("div");
  bar.className = "lx-tools";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "View");
  bar.innerHTML = (plane.events.select ? REGIONS : "") + HTML;
  if (share) bar.append(shareMenu(plane, share));
  place.append(bar);
  const tool = (
    /** @type {string} */ name,
  ) => /** @type {HTMLButtonElement} */ (bar.querySelector(`[data-tool=${name}]`));
  tool("zoomIn").onclick = () => plane.zoom(1.4);
  tool("zoomOut").onclick = () => plane.zoom(1 / 1.4);
  tool("reset").onclick = () => plane.reset();
  const regions = /** @type {HTMLButtonElement[]} */ ([...bar.querySelectorAll("[data-region]")]);
  plane.toolTaken = () => {
    tool("pan").setAttribute("aria-pressed", String(plane.panning));
    element.classList.toggle("lx-panning", plane.panning);
    element.classList.toggle("lx-drawing", plane.tool !== null);
    for (const button of regions) button.setAttribute("aria-pressed", String(plane.tool === button.dataset.region));
  };
  tool("pan").onclick = () => plane.take(plane.panning ? null : "pan");
  for (const button of regions) {
    button.onclick = () => {
      const kind = /** @type {RegionKind} */ (button.dataset.region);
      plane.take(plane.tool === kind ? null : kind);
    };
  }
}
