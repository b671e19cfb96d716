// The paths between the ends in the run that is shown, as films.

import { explained } from "../../dom/explained.js";
import { significant } from "../../dom/format.js";
import { hasPercentiles, straightWords } from "./norm_words.js";
import { PATH_NAMES, PATHS } from "./three_paths.js";

/** @typedef {import("./film_row.js").Film} Film */
/** @typedef {import("./three_paths.js").PathName} PathName */

export class PathFilms {
  /**
   * @param {import("./film_rows.js").FilmRows} rows @param {import("./three_paths.js").ThreePaths} paths
   * @param {PathName[]} names of the paths that are shown
   */
  constructor(rows, paths, names) {
    this.rows = rows;
    this.paths = paths;
    this.shown = new Set(names.length ? names : [PATH_NAMES[0]]);
  }

  /** Show a path or not; one at least. @param {PathName} name */
  toggle(name) {
    if (!this.shown.delete(name)) this.shown.add(name);
    if (!this.shown.size) this.shown.add(name);
  }

  /** In their own order. */
  get names() {
    return PATH_NAMES.filter((name) => this.shown.has(name));
  }

  /** @returns {Film[]} */
  films() {
    const { paths } = this;
    const { space, run } = paths;
    if (!space) return [];
    return this.names.map((name) => ({
      run,
      pathName: name,
      name,
      title: PATHS[name].title,
      definition: paths.definition(name),
      space,
      path: paths.path(name),
    }));
  }

  /** Give each path a row. */
  show() {
    for (const film of this.films()) this.rows.add(film).addNorm();
  }

  /** The ends or a path are others. @param {Film[]} films */
  update(films) {
    for (const row of this.rows.rows) row.film = films.find(({ name }) => name === row.film.name) ?? row.film;
    this.showLengths();
  }

  /** How much the image changes along each path, as far as it is known. */
  showLengths() {
    const { lengths, progress } = this.paths;
    for (const { film, note, element } of this.rows.rows) {
      const length = lengths.get(film.name);
      const filling = film.name === "shortest" && progress < 1;
      element.dataset.length = length === undefined ? "" : String(length);
      const changes = length === undefined ? "" : `changes the image by ${significant(length)}`;
      explained(note, changes + (filling ? ` (grid ${Math.floor(100 * progress)} %)` : ""));
    }
  }

  /** What is true of the paths, in many dimensions also of |z|. @param {string[]} ends in words */
  sentence(ends) {
    const { space, ends: codes } = this.paths;
    return this.lengthsInWords(ends) + (space ? straightWords(...codes, hasPercentiles(space)) : "");
  }

  /** @param {string[]} ends in words */
  lengthsInWords([a, b]) {
    const { lengths, progress } = this.paths;
    const [line, shortest] = [lengths.get("linear"), lengths.get("shortest")];
    if (line === undefined || shortest === undefined || progress < 1) {
      return `From ${a} to ${b}: move t and watch what lies between.`;
    }
    if (this.paths.space?.line) {
      return `From ${a} to ${b} there is one way in one dimension: it changes the image by ${significant(line)} ` +
        "in all (L2 over pixels).";
    }
    const less = line > 0 ? 1 - shortest / line : 0;
    const start = `From ${a} to ${b} the straight line changes the image by ${
      significant(line)
    } in all (L2 over pixels)`;
    if (less < 0.005) return `${start}; no way that was found changes it less.`;
    return `${start}; the shortest way by ${significant(shortest)}, ${Math.round(100 * less)} % less.`;
  }
}
