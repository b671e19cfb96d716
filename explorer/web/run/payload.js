// What every page is given to show; explorer/views/payload.py makes it.

/**
 * @typedef {object} RunInfo
 * @property {string} title
 * @property {string} sentence
 * @property {string} decoder  url
 * @property {string} encoder  url
 * @property {string} latents  url
 * @property {string | null} trajectory  url of the means through its training, null where it was not trained here
 * @property {Record<string, number | null>} metrics  of the test set, in nats per image
 * @property {import("./columns.js").ColumnInfo[]} columns  what else is known of each held-out image
 * @property {string} column  url of a column's values, to be ended by its place
 * @property {number[] | null} kl_per_dimension  in nats, where its metrics have it
 */
/**
 * What every page is given; a page names the fields of its own state S, and what only it needs besides.
 * @template {{dataset: string}} [S=any]
 * @typedef {object} Payload
 * @property {string} page
 * @property {string} assets  url prefix of these modules
 * @property {Record<string, RunInfo>} runs  of the data set
 * @property {string[]} classes
 * @property {string[]} class_colors
 * @property {string[]} value_colors
 * @property {string | null} gallery  url of the held-out images, if there are any
 * @property {string | null} classifier  url, if there is one
 * @property {Record<string, string>} definitions  of the metrics
 * @property {S} state  the page's parameters (explorer/views/pages.py); what the page itself changes counts when it
 *   opens, not after
 */

export {};
