// What the Train page asks the server: what jobs there are, what the watched one publishes, and what is to be done.

import { ask } from "../../network/ask.js";
import { parseSafetensors } from "../../network/safetensors.js";

/** @typedef {import("./jobs.js").Job} Job */
/** @typedef {import("../../network/safetensors.js").Tensor} Tensor */
/** @typedef {{number: number, tensors: Record<string, Tensor>, metadata: Record<string, string>}} Arrays */
/** @typedef {[number, number | null, number | null]} Point  epoch, reconstruction and kl in nats an image */
/** @typedef {{epoch: number, beta: import("./beta_scale.js").Beta}} Mark  beta was changed */
/** @typedef {{points: Point[], next: number, marks: Mark[]}} CurveNews */

/** What the server says no to, in one line. */
export class Refused extends Error {}

/** @param {string} what @param {string} job @param {Record<string, string | number>} [more] */
function address(what, job, more = {}) {
  const query = new URLSearchParams({ ...(job ? { job } : {}) });
  for (const [name, value] of Object.entries(more)) query.set(name, String(value));
  return `training/${what}?${query}`;
}

/** @param {string} url @param {AbortSignal} signal */
async function got(url, signal) {
  const response = await ask(url, { signal });
  if (response.status === 204) return null;
  if (!response.ok) throw new Refused((await response.text()).trim());
  return response;
}

/** @param {AbortSignal} signal @returns {Promise<Job[]>} */
export async function jobs(signal) {
  return (await (await got(address("jobs", ""), signal))?.json()).jobs;
}

/**
 * @param {"start" | "frame" | "step"} what @param {string} job @param {number} after  the number that is known
 * @param {AbortSignal} signal @param {number} [wait]  ms that the server is to wait for one
 * @returns {Promise<Arrays | null>}
 */
export async function arrays(what, job, after, signal, wait = 0) {
  const more = { ...(after < 0 ? {} : { after }), ...(wait ? { wait } : {}) };
  const response = await got(address(what, job, more), signal);
  if (!response) return null;
  return { number: Number(response.headers.get("X-Number")), ...parseSafetensors(await response.arrayBuffer()) };
}

/** @param {string} job @param {number} from byte of the file that comes next @param {AbortSignal} signal */
export async function curve(job, from, signal) {
  const response = await got(address("curve", job, { from }), signal);
  return /** @type {CurveNews} */ (await response?.json());
}

/**
 * Have something done; a refusal becomes an Error with its one line.
 * @param {"plan" | "start" | "control" | "resume" | "delete" | "restore" | "warm"} what @param {string} job
 * @param {Record<string, unknown>} [body]
 * @returns {Promise<any>}
 */
export async function tell(what, job, body = {}) {
  const content = new Blob([JSON.stringify(body)], { type: "application/octet-stream" });
  const response = await ask(address(what, job), { method: "POST", body: content });
  if (!response.ok) throw new Refused((await response.text()).trim());
  return response.json();
}
