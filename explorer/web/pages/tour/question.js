// A scene that asks before it shows: a person puts the handle somewhere, and then sees what lies there.

import { classAnswer, holeAnswer } from "./answer.js";
import { Latest } from "../../dom/latest.js";
import { loadClassifier, loadSpace } from "../../run/loading.js";

/** @typedef {import("./tour.js").ScenePayload} ScenePayload */
/**
 * @typedef {object} Ask
 * @property {string} words
 * @property {number | null} label  class that is asked for; null: where no image lies
 */

const ASKING = "lx-asking"; // the tour's root, while what would tell the answer is out of sight

export class Question {
  /**
   * @param {import("../../dom/page_frame.js").PageFrame} pageFrame
   * @param {ReturnType<import("./markup.js").tourParts>} parts
   */
  constructor(pageFrame, parts) {
    this.pageFrame = pageFrame;
    this.parts = parts;
    this.latest = new Latest();
    /** @type {Ask | null} that is open */
    this.ask = null;
    /** where the handle is @type {number[] | null} */
    this.z = null;
  }

  /** Begin a scene, with or without a question. @param {Ask | null} ask @param {number[] | null} z */
  begin(ask, z) {
    this.latest.cancel();
    this.ask = ask;
    this.z = z;
    this.parts.answer.textContent = "";
    this.parts.question.textContent = ask?.words ?? "";
    this.show();
  }

  show() {
    const { ask, parts } = this;
    const answered = parts.answer.textContent !== "";
    this.pageFrame.root.classList.toggle(ASKING, ask !== null);
    parts.ask.hidden = ask === null;
    parts.text.hidden = ask !== null;
    parts.notation.hidden = ask !== null;
    parts.answer.hidden = !answered;
  }

  /** What the page tells of the handle. @param {Record<string, unknown>} state */
  heard({ z }) {
    if (Array.isArray(z)) this.z = z;
  }

  /** The scene without what would tell the answer. @param {ScenePayload} payload @returns {ScenePayload} */
  static veiled(payload) {
    const state = { ...payload.state, color_by: "density", background: "nothing", image: null, set: null, hide: null };
    return { ...payload, state };
  }

  /**
   * End the question with its answer, of the latents as they are; where these do not load, without one. A scene that
   * comes meanwhile takes its place.
   * @param {ScenePayload} payload of the scene
   */
  async answer({ runs, classes, classifier, state }) {
    const { ask, z, parts } = this;
    const needed = Promise.all([loadSpace(runs[state.run ?? ""], state.given), loadClassifier(classifier)]);
    const [space, judge] = await this.latest.of(needed).catch((error) => {
      this.end();
      throw error;
    });
    if (ask && z) {
      parts.answer.textContent = ask.label === null
        ? holeAnswer(space, z, judge, classes)
        : classAnswer(space, z, ask.label, classes);
    }
    this.end();
  }

  end() {
    this.ask = null;
    this.show();
    this.pageFrame.say(this.parts.answer.textContent ?? "");
  }
}
