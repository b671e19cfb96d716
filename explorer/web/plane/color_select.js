// The drop-down for what colours the points.

import { byColumn } from "../run/columns.js";

/** @typedef {import("../run/latent_space.js").ColorBy} ColorBy */

const TITLES = {
  label: "Class",
  reconstruction: "Reconstruction",
  kl: "KL",
  width: "Posterior width",
  density: "Density",
};
const OPTIONS = Object.entries(TITLES).map(([by, title]) => `<option value="${by}">${title}</option>`);

export const COLOR_SELECT_HTML = `<select data-part="color">${OPTIONS.join("")}<optgroup label="Columns"
  ></optgroup></select>`;

/**
 * Offer columns, and of the rest what is there; what is wanted is offered even so.
 * @param {HTMLSelectElement} select @param {Iterable<string>} columns  their names
 * @param {(by: ColorBy) => boolean} there @param {ColorBy} wanted
 */
export function offerColors(select, columns, there, wanted) {
  const [group] = select.getElementsByTagName("optgroup");
  const names = new Set(columns);
  if (wanted.startsWith(byColumn(""))) names.add(wanted.slice(byColumn("").length));
  group.replaceChildren(...[...names].map((name) => new Option(name, byColumn(name))));
  group.hidden = !names.size;
  for (const option of select.options) {
    const by = /** @type {ColorBy} */ (option.value);
    option.hidden = option.disabled = by in TITLES && by !== wanted && !there(by);
  }
  select.value = wanted;
}
