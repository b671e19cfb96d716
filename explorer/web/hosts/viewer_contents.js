// What a file that opens runs shows of those it was given: for each page the payload that Python would give it.

import { alone, followed, runText, sharedClasses, shortcomings, verdict } from "../checkpoint/run_words.js";

/** @typedef {import("../checkpoint/run_parts.js").Run} Run */
/** @typedef {import("./file_address.js").PageSet} PageSet */
/** @typedef {import("./file_address.js").FilePage} FilePage */
/** @typedef {import("./file.js").Contents} Contents */
/**
 * A page without runs.
 * @typedef {object} PageTemplate
 * @property {FilePage["rules"]} rules @property {FilePage["expected"]} expected
 * @property {PageSet["parameters"]} parameters @property {PageSet["defaults"]} defaults
 * @property {boolean} decodes  it shows no run without a decoder
 * @property {Record<string, unknown>} fields  of its payload, beside those of all pages
 */
/**
 * What explorer/export/viewer.py makes.
 * @typedef {object} Template
 * @property {import("./file_bar.js").Place[]} places @property {string[]} absent
 * @property {Record<string, PageTemplate>} pages
 * @property {import("../checkpoint/run_words.js").Words} words
 * @property {string[]} objectives  of runs that were trained here
 * @property {string[]} notes_runs  which are compared first
 * @property {[string, string]} without_label  classes of images that have none: the only one, the last
 * @property {string[]} class_colors @property {string[]} value_colors
 * @property {Record<string, string>} definitions @property {string[]} metrics  that pages are told
 */
/**
 * A run, where it stands among the others.
 * @typedef {Run & {dataset: string, text: {title: string, sentence: string}}} Shown
 */

const NO_FITS =
  "Priors that were fitted to a run afterwards lie beside its folder; only the explorer itself shows them";

export class ViewerContents {
  /** @param {Template} template */
  constructor(template) {
    this.template = template;
    /** by data set and name @type {Map<string, Map<string, Shown>>} */
    this.datasets = new Map();
    /** safetensors files by address @type {Map<string, ArrayBuffer>} */
    this.arrays = new Map();
  }

  /** Take a run in, in place of one that is the same; returns it as it is shown. @param {Run} run */
  add(run) {
    const dataset = String(run.config.dataset.name);
    const there = this.datasets.get(dataset) ?? new Map();
    let name = run.name;
    for (let n = 2; there.has(name) && there.get(name)?.config.version !== run.config.version; n++) {
      name = `${run.name}-${n}`;
    }
    const text = runText(name, run.config.training, run.config.model.posterior, this.template.words);
    const sentence = [...shortcomings(run.metrics), text.sentence].join(" ");
    const shown = { ...run, name, dataset, text: { title: run.notes.name || text.title, sentence } };
    there.set(name, shown);
    this.datasets.set(dataset, new Map(this.inOrder([...there.values()]).map((one) => [one.name, one])));
    this.keep(shown);
    return shown;
  }

  /**
   * The notes' runs first; those that the explorer does not offer, or the beta dial alone, last.
   * @param {Shown[]} runs
   */
  inOrder(runs) {
    const order = Object.keys(this.template.words.titles);
    const place = (/** @type {Shown} */ { name }) => (order.indexOf(name) + 1) || order.length + 1;
    const last = (/** @type {Shown} */ { notes, config }) => config.training.family ? 2 : notes.hidden ? 1 : 0;
    runs.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
    return runs.sort((a, b) => last(a) - last(b) || place(a) - place(b));
  }

  /** @param {Shown} run */
  keep(run) {
    const view = this.view(run);
    for (const part of /** @type {const} */ (["decoder", "encoder", "latents", "trajectory"])) {
      if (view[part]) this.arrays.set(view[part], run.files[part]);
    }
    run.columns.forEach((file, place) => this.arrays.set(`${view.column}${place}`, file));
    const [gallery, classifier] = [galleryOf(run), classifierOf(run)];
    if (run.gallery && gallery) this.arrays.set(gallery, run.gallery.file);
    if (run.classifier && classifier) this.arrays.set(classifier, run.classifier.file);
  }

  /** A run as the pages know it. @param {Shown} run */
  view({ name, dataset, text, config, metrics, notes }) {
    const of = (/** @type {string} */ part) => addressOf([dataset, name], part, config.version);
    const { title } = text;
    const shared = [...this.datasets.get(dataset)?.values() ?? []].filter((other) =>
      other.text.title.toLowerCase() === title.toLowerCase()
    );
    const trained = this.template.objectives.includes(config.training.objective) && !config.training.family;
    return {
      title: shared.length > 1 ? `${title} (${name})` : notes.name || title,
      sentence: text.sentence,
      decoder: of("decoder"),
      encoder: of("encoder"),
      latents: of("latents"),
      trajectory: trained ? of("trajectory") : null,
      metrics: Object.fromEntries(this.template.metrics.map((metric) => [metric, metrics[metric] ?? null])),
      columns: config.columns.map(({ name: column, categories }) => ({
        name: column,
        categories,
        colors: this.colors(categories?.length ?? 0),
      })),
      column: `${of("columns")}&place=`,
      kl_per_dimension: metrics.kl_per_dimension ?? null,
    };
  }

  /** @param {number} count of classes */
  colors(count) {
    const { class_colors: colors } = this.template;
    return Array.from({ length: count }, (_, i) => colors[i % colors.length]);
  }

  /** All that the host shows, of the runs there are. @returns {Contents} */
  get contents() {
    const { places, pages, absent } = this.template;
    const filled = Object.entries(pages).map(([name, page]) => /** @type {const} */ ([name, this.page(name, page)]));
    const shown = filled.filter(([, { sets }]) => Object.keys(sets).length);
    const there = Object.fromEntries(shown);
    const bar = places.map((place) => ({ ...place, views: place.views.filter(({ page }) => page in there) }));
    const lost = Object.keys(pages).filter((name) => !(name in there));
    return { places: bar.filter(({ views }) => views.length), pages: there, absent: [...absent, ...lost] };
  }

  /** @param {string} name @param {PageTemplate} template */
  page(name, { rules, expected, parameters, defaults, decodes }) {
    /** @type {Record<string, PageSet>} */
    const sets = {};
    for (const [dataset, all] of this.datasets) {
      const runs = [...all.values()].filter(({ config }) => !decodes || config.model.architecture !== "none");
      const names = runs.map((run) => run.name);
      if (!names.length) continue;
      const usual = Object.entries(rules).filter(([, rule]) => rule.runs).map((
        [parameter, { runs: count }],
      ) => /** @type {const} */ ([parameter, this.usual(names, count ?? [1, 1])]));
      const own = usual.filter(([parameter]) => parameter !== "run" && parameter !== "runs");
      sets[dataset] = {
        parameters: {
          ...parameters,
          ...Object.fromEntries(
            own.map(([parameter, value]) => [parameter, { ...parameters[parameter], default: value }]),
          ),
        },
        defaults: { ...defaults, dataset, ...Object.fromEntries(usual) },
        runs: names,
        shapes: Object.fromEntries(runs.map(({ name: run, config, count }) => [run, {
          dim: config.model.latent_dim,
          count,
          classes: config.dataset.classes,
          conditional: Boolean(config.model.condition),
        }])),
        payload: this.payload(name, dataset, this.firstChoice(rules, names)),
        others: {},
      };
    }
    return { rules, expected, sets };
  }

  /** What a page opens with. @param {string[]} names @param {[number, number]} count */
  usual(names, [, most]) {
    if (most === 1) return names.includes("elbo") ? "elbo" : names[0];
    const notes = this.template.notes_runs;
    return notes.every((name) => names.includes(name)) ? notes : names.slice(0, Math.min(3, most));
  }

  /** @param {FilePage["rules"]} rules @param {string[]} names */
  firstChoice(rules, names) {
    return names.slice(0, Math.min(rules.runs?.runs?.[0] ?? 1, names.length));
  }

  /**
   * What Python would give a page for some runs, but for its state.
   * @param {string} page @param {string} dataset @param {string[]} names  in the order of all
   */
  payload(page, dataset, names) {
    const all = [.../** @type {Map<string, Shown>} */ (this.datasets.get(dataset)).values()];
    const shown = names.map((name) => /** @type {Shown} */ (this.datasets.get(dataset)?.get(name)));
    const { decodes, fields } = this.template.pages[page];
    const runs = all.filter(({ config, name }) =>
      names.includes(name) || !decodes || config.model.architecture !== "none"
    );
    const [{ config }] = shown;
    const judge = all.find(({ classifier }) => classifier);
    const judges = judge?.classifier &&
      String(judge.classifier.record.image_shape) === String(config.model.image_shape);
    const common = {
      page,
      assets: "",
      runs: Object.fromEntries(runs.map((run) => [run.name, this.view(run)])),
      classes: config.dataset.classes,
      class_colors: this.colors(config.dataset.classes.length),
      value_colors: this.template.value_colors,
      gallery: galleryOf(shown[0]),
      classifier: judge && judges ? classifierOf(judge) : null,
      definitions: this.template.definitions,
    };
    return { ...common, ...fields, ...this.ofPage(page, shown, runs) };
  }

  /** @param {string} page @param {Shown[]} shown @param {Shown[]} runs  that the page may show */
  ofPage(page, shown, runs) {
    if (page === "compare") return this.compared(shown, runs);
    if (page === "traverse") return { followed: followed(shown[0].metrics) };
    if (page === "prior") {
      const none = { priors: null, conclusions: [], images: 0, judged: 0, draws: 0, command: null };
      return { fitted: { ...none, why: NO_FITS } };
    }
    if (page !== "probability") return {};
    const names = ["gap", "kl_per_dimension", "active_units", "collapsed"];
    return {
      answers: Object.fromEntries(runs.map(({ name }) => [name, { posterior: "", bound: "" }])),
      held_out: Object.fromEntries(runs.map(({ name, metrics }) => [
        name,
        Object.fromEntries(names.filter((one) => (metrics[one] ?? null) !== null).map((one) => [one, metrics[one]])),
      ])),
    };
  }

  /** What Compare has besides. @param {Shown[]} shown @param {Shown[]} runs */
  compared(shown, runs) {
    const own = Object.fromEntries(shown.map((run) => [run.name, this.classesOf(run)]));
    const { classes, numbers } = sharedClasses(own, shown[0].config.dataset.classes);
    const decodes = (/** @type {Shown} */ { config }) => config.model.architecture !== "none";
    const gallery = galleryOf(shown.find((run) => decodes(run) || galleryOf(run)) ?? shown[0]);
    return {
      gallery,
      pictured: shown.filter((run) => gallery && galleryOf(run) === gallery).map(({ name }) => name),
      classes,
      class_colors: this.colors(classes.length),
      class_numbers: numbers,
      verdicts: Object.fromEntries(runs.map((run) => {
        const { name, config: { model } } = run;
        if (!decodes(run)) return [name, alone(this.classesOf(run), classes)];
        const { metrics } = this.view(run);
        return [name, verdict(metrics, this.classesOf(run).length, model.latent_dim, Boolean(model.condition))];
      })),
      missing: "", // it says what to type in a terminal, beside the folder that was opened here
    };
  }

  /**
   * A run's classes, null in place of the one of images without a label.
   * @param {Shown} run @returns {(string | null)[]}
   */
  classesOf({ config }) {
    const [only, last] = this.template.without_label;
    const { classes } = config.dataset;
    if (classes.length === 1 && classes[0] === only) return [null];
    return classes.map((/** @type {string} */ name) => (name === last ? null : name));
  }
}

/** As explorer/addresses.py writes them. @param {string[]} folders @param {string} part @param {string} version */
function addressOf(folders, part, version) {
  return `runs/${folders.map(encodeURIComponent).join("/")}/${part}?v=${version.slice(0, 16)}`;
}

/** @param {Shown} run */
function galleryOf({ dataset, gallery }) {
  return gallery && addressOf([dataset], "gallery", gallery.sha256);
}

/** @param {Shown} run */
function classifierOf({ dataset, classifier }) {
  return classifier && addressOf([dataset], "classifier", String(classifier.record.sha256));
}
