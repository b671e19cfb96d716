// A scene that asks before it shows: a person puts the handle somewhere, and then sees what lies there.

import { classAnswer, holeAnswer } from "./answer.js";
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
    /** @type {Ask | null} that is open */
    this.ask = null;
    /** where the handle is @type {number[] | null} */
    this.z = null;
  }

  /** Begin a scene, with or without a question. @param {Ask | null} ask @param {number[] | null} z */
  begin(ask, z) {
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

  /** End the question with its answer, of the latents as they are. @param {ScenePayload} payload of the scene */
  async answer(payload) {
    const { ask, z } = this;
    this.ask = null;
    const { runs, classes, classifier, state } = payload;
    const [space, judge] = await Promise.all([
      loadSpace(runs[state.run ?? ""], state.given),
      loadClassifier(classifier),
    ]);
    if (ask && z && this.ask === null) {
      this.parts.answer.textContent = ask.label === null
        ? holeAnswer(space, z, judge, classes)
        : classAnswer(space, z, ask.label, classes);
    }
    this.show();
    this.pageFrame.say(this.parts.answer.textContent ?? "");
  }
}
