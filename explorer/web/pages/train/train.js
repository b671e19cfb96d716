// The Train page: a run is begun, the cloud of its latent space forms, beta is turned, and each step can be looked at.

import { explained } from "../../dom/explained.js";
import { place, vector } from "../../dom/format.js";
import { clearImage, drawImage } from "../../dom/image.js";
import { write } from "../../dom/sparing.js";
import { LifeCycle } from "../../dom/life_cycle.js";
import { PageFrame } from "../../dom/page_frame.js";
import { readTheme } from "../../dom/theme.js";
import { Cloud } from "./cloud.js";
import { likelihoodWords } from "../../run/likelihood_words.js";
import { nowShown } from "../../dom/shown.js";
import { addShare } from "../../plane/share_page.js";
import { planePicture } from "../../plane/plane_picture.js";
import { Curve } from "./curve.js";
import { Form, words } from "./form.js";
import { JobBar } from "./job_bar.js";
import { JobList } from "./job_list.js";
import { isAtWork, stateWords } from "./jobs.js";
import { markup } from "./markup.js";
import { tell } from "./server.js";
import { StepView } from "./step_view.js";
import { Watch } from "./watch.js";

/** @typedef {import("./jobs.js").Job} Job */
/** @typedef {import("./server.js").Arrays} Arrays */
/**
 * @typedef {object} State  as TRAIN in explorer/views/pages.py
 * @property {string} dataset
 * @property {string} job  the run that is watched, "" for none
 */
/**
 * @typedef {{page: string, assets: string, state: State, why_not: string,
 *   datasets: import("./form.js").Choices["datasets"], networks: import("./form.js").Choices["networks"],
 *   limits: import("./form.js").Choices["limits"], runs: Record<string, string[]>,
 *   lines: Record<string, import("./step_view.js").SourceLine>}} Payload
 */

const WARM_MS = 240_000; // between two wishes for a trainer in reserve, while nothing is at work
const SENTENCE = "Press Start: points are held-out images, and the cloud forms from nothing as the VAE learns. " +
  "Turn β while it trains, and the latent space answers.";
const EMPTY = "Here the latent space of the new run will form: every point a held-out image, coloured by its class, " +
  "gliding to where the encoder puts it. The handle decodes with the newest weights.";

export class Train {
  /** @param {HTMLElement} parent @param {Payload} payload @param {import("../../dom/page_frame.js").Host} host */
  constructor(parent, payload, host) {
    this.may = !payload.why_not;
    this.pageFrame = new PageFrame(parent, "train", markup(payload, this.may), host);
    const { pageFrame } = this;
    this.life = new LifeCycle(pageFrame, payload, {
      wants: () => "jobs",
      load: () => this.listed,
      show: () => this.show(),
      restyle: () => this.restyle(),
      failure: "What is under way cannot be shown",
    });
    const part = (/** @type {string} */ name) => pageFrame.part(name);
    /** @type {Cloud} */
    this.cloud = new Cloud(part("plane"), part("legend"), {
      moved: () => this.drawDecoded(),
      placed: () => this.steps?.place(),
      describe: (point) => place(point, this.cloud.space?.dim ?? 2),
    });
    /** @type {StepView | null} */
    this.steps = new StepView(part("step-view"), payload.lines, this.cloud);
    this.curve = new Curve(pageFrame.part("curve", HTMLCanvasElement), pageFrame.root);
    this.decoded = pageFrame.part("decoded", HTMLCanvasElement);
    this.heldOut = pageFrame.parts("held-out", HTMLCanvasElement);
    this.rebuilt = pageFrame.parts("rebuilt", HTMLCanvasElement);
    this.z = part("z");
    this.empty = part("empty");
    this.form = this.may ? new Form(pageFrame.root, payload, (job) => this.watch(job)) : null;
    if (!this.form) part("why-not").textContent = payload.why_not;
    explained(part("sentence"), SENTENCE);
    this.bar = new JobBar(pageFrame.root, this.may, {
      control: (wanted) => this.control(wanted),
      tell: (what) => this.job && this.tell(what, this.job),
      explore: () => this.job && pageFrame.goto("explore", { dataset: this.job.folder, run: this.job.name }),
      compare: (other) =>
        this.job && pageFrame.goto("compare", { dataset: this.job.folder, runs: [other, this.job.name] }),
      another: () => this.watch(""),
    });
    this.list = new JobList(part("jobs"), this.may, {
      watch: ({ id }) => this.watch(id),
      tell: (what, job) => what === "stop" ? this.send("control", job.id, { do: "stop" }) : this.tell(what, job),
    });
    /** @type {Job[]} */
    this.jobs = [];
    /** the id of the watched one */
    this.watched = payload.state.job;
    /** as the server last told of it, also when it is no longer told of @type {Job | null} */
    this.job = null;
    this.warmed = -Infinity; // ms
    /** @type {(value: unknown) => void} */
    this.known = () => {};
    this.listed = new Promise((resolve) => (this.known = resolve));
    this.watching = new Watch({
      jobs: (jobs) => this.take(jobs),
      start: (_, start) => this.begin(start),
      frame: (frame) => this.takeFrame(frame),
      curve: (news) => this.curve.add(news, this.job?.epochs ?? 1),
      step: (step) => this.steps?.show(step),
      failed: (error) => pageFrame.fail(words(error), "It is tried again"),
      answered: () => pageFrame.recovered(),
      inHand: () => this.cloud.inHand,
    });
    const file = () => this.job ? `${this.job.folder}-${this.job.name}` : "training";
    const title = () => `Latent space of ${file()} while it is trained`;
    addShare(pageFrame, { file, title }, () => planePicture(this.cloud.plane, title()));
    part("fit").onclick = () => this.cloud.fit();
    this.resizing = new ResizeObserver(() => {
      this.cloud.resize();
      this.curve.draw();
    });
    this.resizing.observe(part("plane"));
    this.resizing.observe(this.curve.canvas);
    this.life.begin();
    this.restyle();
    this.watching.run();
  }

  get payload() {
    return this.life.payload;
  }

  /** @param {Payload} payload */
  update(payload) {
    return this.life.update(payload);
  }

  restyle() {
    const theme = readTheme(this.pageFrame.root);
    this.curve.theme = theme;
    this.curve.draw();
    this.cloud.setTheme(theme);
  }

  /** The jobs are known: what was asked for is watched, else what is at work. */
  show() {
    this.form?.plan();
    this.watch(this.watched || (this.jobs.find(isAtWork)?.id ?? ""));
  }

  /** Watch a run, or show the form of a new one (""). @param {string} id */
  watch(id) {
    this.watched = id;
    this.job = null;
    this.cloud.clear();
    this.curve.clear();
    this.steps?.clear();
    for (const canvas of [this.decoded, ...this.heldOut, ...this.rebuilt]) clearImage(canvas);
    this.z.textContent = "";
    this.watching.follow(id);
    this.pageFrame.report({ job: id || null });
    this.lay();
  }

  /** @param {Job[]} jobs */
  take(jobs) {
    const before = this.job;
    this.jobs = jobs;
    const found = jobs.find(({ id }) => id === this.watched);
    if (found) this.job = found;
    else if (before && isAtWork(before)) this.job = this.ended(before);
    if (found && before && (found.started !== before.started || (found.frame ?? 0) < this.watching.frame)) {
      this.watching.follow(this.watched); // it was resumed: its frames begin anew
    }
    if (this.job && before && before.state !== this.job.state) this.pageFrame.say(stateWords(this.job));
    this.lay();
    this.known(null);
    this.warm(jobs.some(isAtWork));
  }

  /** Have a trainer in reserve, so that a run begins at once. @param {boolean} isBusy  a run is at work */
  warm(isBusy) {
    if (isBusy) this.warmed = -Infinity; // one is wanted when it ends
    else if (this.may && performance.now() - this.warmed > WARM_MS) {
      this.warmed = performance.now();
      tell("warm", "").catch(() => {});
    }
  }

  /** A run that was at work and is no longer told of: it is finished. @param {Job} job @returns {Job} */
  ended(job) {
    return { ...job, state: "finished", opens: true, deletable: false, resumable: false, message: "" };
  }

  /** Show what there is, and hide what there is not. */
  lay() {
    const { job, watched, pageFrame, may } = this;
    pageFrame.root.classList.toggle("lx-watching", watched !== "");
    if (this.form) this.form.root.hidden = watched !== "";
    const others = (this.payload.runs[job?.folder ?? ""] ?? []).filter((name) => name !== job?.name);
    this.bar.show(job, others);
    this.list.show(this.jobs, watched);
    pageFrame.part("jobs-section").hidden = !this.jobs.length;
    const stepping = job !== null &&
      (job.state === "paused" || (job.state === "running" && this.bar.speed.value !== "0"));
    this.watching.stepping = this.cloud.stepping = stepping;
    const shown = stepping && this.steps?.step !== null;
    pageFrame.part("step-view").hidden = !shown;
    pageFrame.root.classList.toggle("lx-stepping", shown);
    if (!stepping && this.steps?.step) this.steps.clear();
    if (job) nowShown(pageFrame, { dataset: job.folder, run: job.name });
    this.empty.hidden = this.cloud.space !== null;
    this.empty.textContent = this.emptyWords(may);
  }

  /** @param {boolean} may */
  emptyWords(may) {
    const { job, watched } = this;
    if (watched && !job) return `There is no run ${watched} in the making: it may be finished, or deleted.`;
    if (job?.opens) return `${job.id} is finished. “Open in Explore” shows its latent space.`;
    if (job) return `${job.id}: ${stateWords(job)}`;
    return may ? EMPTY : "When a run is trained here, its latent space is seen to form.";
  }

  /** @param {Arrays} start */
  begin(start) {
    this.cloud.begin(start, readTheme(this.pageFrame.root));
    const { likelihood, cross_entropy } = JSON.parse(start.metadata.decoder);
    this.curve.what = likelihoodWords({ likelihood, crossEntropy: cross_entropy === "true" });
    this.curve.draw();
    const { shape, data } = start.tensors.images;
    this.drawRow(this.heldOut, data, shape);
  }

  /** @param {Arrays} frame */
  async takeFrame(frame) {
    const { reconstructions } = frame.tensors;
    if (reconstructions) this.drawRow(this.rebuilt, reconstructions.data, reconstructions.shape);
    await this.cloud.take(frame);
    this.empty.hidden = this.cloud.space !== null;
    this.steps?.place();
  }

  /**
   * @param {HTMLCanvasElement[]} canvases @param {import("./server.js").Tensor["data"]} data @param {number[]} shape
   */
  drawRow(canvases, data, [count, ...shape]) {
    const size = data.length / count;
    canvases.slice(0, count).forEach((canvas, i) =>
      drawImage(canvas, data.subarray(i * size, (i + 1) * size), shape, 1)
    );
  }

  drawDecoded() {
    const { decoded } = this.cloud;
    if (decoded) drawImage(this.decoded, decoded.pixels, decoded.shape);
    const why = this.cloud.why;
    const given = decoded?.given === undefined ? "" : `, given the class ${decoded.given}`;
    write(this.z, decoded ? `z = ${vector(decoded.z)}${given}` : why ? `Not decoded here: ${why}` : "");
  }

  /** @param {Record<string, unknown>} wanted */
  control(wanted) {
    if (this.watched) this.send("control", this.watched, wanted);
  }

  /** @param {"resume" | "delete"} what @param {Job} job */
  async tell(what, job) {
    if (what === "delete" && !(await this.confirmed(job))) return;
    const done = await this.send(what, job.id);
    if (done && what === "resume") this.watch(job.id);
    if (!done || what === "resume") return;
    if (this.watched === job.id) this.watch("");
    this.pageFrame.part("notice").hidden = false;
    this.pageFrame.part("notice-text").textContent = `${job.id} was ${
      job.state === "waiting" ? "taken off the queue" : "moved into the trash"
    }.`;
    this.pageFrame.part("undo").onclick = async () => {
      if (await this.send("restore", job.id)) this.pageFrame.part("notice").hidden = true;
    };
  }

  /** Whether a run is to be deleted. @param {Job} job @returns {Promise<boolean>} */
  confirmed(job) {
    const dialog = this.pageFrame.part("dialog", HTMLDialogElement);
    this.pageFrame.part("question").textContent = `Delete ${job.id}?`;
    dialog.returnValue = "no";
    dialog.showModal();
    return new Promise((resolve) =>
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true })
    );
  }

  /**
   * Ask for something, and say why it is not done; whether it is.
   * @param {"control" | "resume" | "delete" | "restore"} what @param {string} job
   * @param {Record<string, unknown>} [body]
   */
  async send(what, job, body) {
    try {
      await tell(what, job, body);
      this.pageFrame.recovered();
      this.watching.hurry();
      return true;
    } catch (error) {
      this.pageFrame.fail(words(error), "It is not done");
      return false;
    }
  }

  destroy() {
    this.watching.destroy();
    this.resizing.disconnect();
    this.form?.destroy();
    this.bar.destroy();
    this.cloud.destroy();
    this.life.destroy();
  }
}
