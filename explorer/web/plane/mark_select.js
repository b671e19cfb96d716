// The drop-down for what marks an image on a plane: a dot, itself or its class.

/** @typedef {import("./marks.js").MarkKind} MarkKind */

const MARKS = { dots: "Dots", images: "Images", labels: "Labels" };
const OPTIONS = Object.entries(MARKS).map(([kind, title]) => `<option value="${kind}">${title}</option>`).join("");
const COLOURS = 10; // of classes: more than these are told by their names, too

export const MARK_SELECT_HTML = `<select data-part="marks" data-testid="marks-select" aria-label="Marks of the images"
  title="What marks an image: a dot, or itself or its class, as many as do not cover each other; zoom in for more"
  >${OPTIONS}</select>`;

/**
 * What marks an image: as a person chose, or by how many classes there are.
 * @param {"auto" | MarkKind} marks @param {number} classes @returns {MarkKind}
 */
export function markKind(marks, classes) {
  if (marks !== "auto") return marks;
  return classes > COLOURS ? "labels" : "dots";
}
