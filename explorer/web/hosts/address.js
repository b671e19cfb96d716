// How a page's state is written into its address; explorer/views/parameters.py reads it, by the same kinds.

/**
 * @typedef {object} Parameter  one value of a page's state, as explorer/views/page_address.py describes it
 * @property {"text" | "texts" | "number" | "numbers" | "images"} kind
 * @property {unknown} default  which is left out
 * @property {boolean} kept  whether it outlives a change of the data set
 * @property {boolean} widget  whether it is set beside the browser's part
 */
/** @typedef {Record<string, unknown>} State */
/** Of an address: texts by parameter. @typedef {Record<string, string>} Params */

/** Parameters of the page around us, which stay as they are. */
const EMBEDDING = ["embed", "embed_options"];

/** A value as it stands in the address. @param {Parameter["kind"] | undefined} kind @param {unknown} value */
export function written(kind, value) {
  if (kind === "images" && Array.isArray(value)) {
    // The first index and the steps to the next ones, in base 36.
    return value.map((index, i) => (i ? index - value[i - 1] : index).toString(36)).join(".");
  }
  // A comma within a name has a slash before it.
  if (kind === "texts" && Array.isArray(value)) return value.map((name) => name.replace(/[/,]/g, "/$&")).join(",");
  return Array.isArray(value) ? value.map(String).join(",") : String(value);
}

/** @param {unknown} a @param {unknown} b  values, or whole states whose fields have one order */
export function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What stands for a state in the address. @param {State} state @param {Record<string, Parameter>} parameters */
export function paramsOf(state, parameters) {
  /** @type {Params} */
  const params = { dataset: String(state.dataset) };
  for (const [name, { kind, default: usual }] of Object.entries(parameters)) {
    if (!same(state[name] ?? null, usual)) params[name] = written(kind, state[name]);
  }
  return params;
}

/** The query for some parameters, with what the present one says of the page around us. @param {Params} params */
export function queryOf(params) {
  const query = new URLSearchParams(params);
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (EMBEDDING.includes(name.toLowerCase())) query.append(name, value);
  }
  const text = query.toString().replaceAll("%2C", ",");
  return text && `?${text}`;
}

/** The parameters in a query. @param {string} query @returns {Params} */
export function paramsIn(query) {
  const found = [...new URLSearchParams(query)].filter(([name]) => !EMBEDDING.includes(name.toLowerCase()));
  return Object.fromEntries(found);
}
