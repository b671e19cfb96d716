// The jobs as the server tells of them, in words.

/** @typedef {import("./beta_scale.js").Beta} Beta */
/**
 * A run that is being made, waits, or has ended; explorer/views/job.py makes it.
 * @typedef {object} Job
 * @property {string} id
 * @property {string} folder  of the data set's runs
 * @property {string} name
 * @property {"waiting" | "starting" | "running" | "paused" | "measuring" | "stopped" | "failed" | "killed" |
 *   "finished"} state
 * @property {string} message  what went wrong and what to do, in one line
 * @property {string} command
 * @property {string} data  name of the data set
 * @property {number | null} epoch  finished ones
 * @property {number | null} epochs
 * @property {number | null} step  of the epoch under way
 * @property {number | null} steps_per_epoch
 * @property {Beta | null} beta
 * @property {number | null} images_per_second
 * @property {number | null} remaining_seconds
 * @property {number | null} frame
 * @property {number | null} started  when, in seconds
 * @property {boolean} resumable
 * @property {boolean} deletable
 * @property {boolean} opens  it is finished, and Explore shows it
 */

/** Whether it has a process. @param {Job} job */
export function isAtWork({ state }) {
  return ["starting", "running", "paused", "measuring"].includes(state);
}

/** Share of its training that is done, in [0, 1]. @param {Job} job */
export function shareDone({ state, epoch, step, epochs, steps_per_epoch }) {
  if (state === "finished" || state === "measuring") return 1;
  if (!epochs) return 0;
  return Math.min(((epoch ?? 0) + (steps_per_epoch ? (step ?? 0) / steps_per_epoch : 0)) / epochs, 1);
}

/** @param {Job} job */
export function stateWords(job) {
  const { state, epoch, epochs, remaining_seconds: left, message } = job;
  const place = epochs ? `epoch ${Math.min((epoch ?? 0) + 1, epochs)} of ${epochs}` : "";
  if (state === "running" || state === "paused") {
    const rest = state === "running" && left !== null ? `, ${durationWords(left)} left` : "";
    return `${state}, ${place}${rest}`;
  }
  if (state === "measuring") {
    return left ? `measuring its figures, ${durationWords(left)} left` : "measuring its figures";
  }
  if (state === "waiting") return "waits for its turn";
  if (state === "starting") return "starting: PyTorch and the images are loaded";
  if (state === "finished") return "finished";
  if (state === "stopped") return `stopped after ${epoch ?? 0} of ${epochs ?? "?"} epochs`;
  return message ? `${state}: ${message}` : state;
}

/** @param {number} seconds */
export function durationWords(seconds) {
  if (seconds < 90) return `${Math.max(Math.round(seconds), 1)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
