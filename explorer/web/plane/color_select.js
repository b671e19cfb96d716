// The drop-down for what colours the points.

import { byColumn, byRank, columnName, unranked } from "../run/columns.js";

/** @typedef {import("../run/latent_space.js").ColorBy} ColorBy */
/** @typedef {import("../run/columns.js").ColumnInfo} ColumnInfo */

const TITLES = {
  label: "Class",
  reconstruction: "Reconstruction",
  kl: "KL",
  width: "Posterior width",
  density: "Density",
};
const RANKED = /** @type {const} */ (["reconstruction", "kl", "width"]);
const OPTIONS = Object.entries(TITLES).map(([by, title]) => `<option value="${by}">${title}</option>`);

export const COLOR_SELECT_HTML = `<select data-part="color">${OPTIONS.join("")}<optgroup label="Columns"
  ></optgroup><optgroup label="By rank"></optgroup></select>`;

/** A choice as it stands by itself, too, once it is made. @param {string} name */
const ranked = (name) => `${name}, by rank`;

/**
 * Offer columns, and of the rest what is there; what is wanted is offered even so. Numbers are offered by rank, too.
 * @param {HTMLSelectElement} select @param {Pick<ColumnInfo, "name" | "categories">[]} columns
 * @param {(by: ColorBy) => boolean} there @param {ColorBy} wanted
 */
export function offerColors(select, columns, there, wanted) {
  const [group, ranks] = select.getElementsByTagName("optgroup");
  const [names, numbers] = [columns, columns.filter(({ categories }) => !categories)].map((some) =>
    new Set(some.map(({ name }) => name))
  );
  const own = columnName(wanted);
  if (own) (wanted === unranked(wanted) ? names : numbers).add(own);
  group.replaceChildren(...[...names].map((name) => new Option(name, byColumn(name))));
  ranks.replaceChildren(
    ...RANKED.map((by) => new Option(ranked(TITLES[by]), byRank(by))),
    ...[...numbers].map((name) => new Option(ranked(name), byRank(byColumn(name)))),
  );
  for (const option of select.options) {
    const by = /** @type {ColorBy} */ (option.value);
    option.hidden = option.disabled = unranked(by) in TITLES && by !== wanted && !there(unranked(by));
  }
  group.hidden = !names.size;
  ranks.hidden = [...ranks.children].every((option) => option instanceof HTMLOptionElement && option.hidden);
  select.value = wanted;
}
