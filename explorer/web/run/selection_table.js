// Images selected together as a CSV file: what a person takes along to a notebook or a spreadsheet.

/** @typedef {import("./latent_space.js").LatentSpace} LatentSpace */

/**
 * One row an image: its number, its class, its code and its terms, in nats, where the run has them.
 * @param {LatentSpace} space @param {ArrayLike<number>} indices @param {string[]} classes
 */
export function selectionTable(space, indices, classes) {
  const terms = /** @type {("reconstruction" | "kl")[]} */ (["reconstruction", "kl"]).filter((name) =>
    space.value(name)
  );
  const columns = [...space.columns.values()];
  const head = [
    "index",
    "label",
    ...Array.from({ length: space.dim }, (_, d) => `z${d + 1}`),
    ...terms,
    ...columns.map(({ name }) => field(name)),
  ];
  const rows = Array.from(indices, (index) => [
    index,
    field(classes[space.label[index]] ?? ""),
    ...space.code(index),
    ...terms.map((name) => /** @type {Float32Array} */ (space.value(name))[index]),
    ...columns.map(({ categories, values }) =>
      categories ? field(categories[values[index]] ?? "") : Number.isNaN(values[index]) ? "" : values[index]
    ),
  ]);
  return [head, ...rows].map((row) => `${row.join(",")}\r\n`).join("");
}

/** A text; one that a spreadsheet would take for a formula has an apostrophe before it. @param {string} text */
function field(text) {
  const safe = /^[\t\r]|^\s*[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
