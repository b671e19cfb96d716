// What is said of the run: its title, what it optimises, and who decodes.

import { explained } from "../../dom/explained.js";

/** @typedef {import("./explore.js").Payload} Payload */

export class RunFacts {
  /** @param {import("../../dom/page_frame.js").PageFrame} pageFrame */
  constructor(pageFrame) {
    this.title = pageFrame.part("title");
    this.sentence = pageFrame.part("sentence");
    this.server = pageFrame.part("server");
    this.alone = pageFrame.part("alone");
    this.plane = pageFrame.part("plane");
    this.root = pageFrame.root;
  }

  /** @param {Payload} payload */
  show({ runs, state }) {
    const { title, sentence } = runs[state.run];
    this.title.textContent = title;
    explained(this.sentence, sentence);
  }

  /**
   * Say that there is no decoder, where there is none.
   * @param {import("../../run/latent_space.js").LatentSpace} space
   * @param {import("../../run/held_out.js").HeldOut} heldOut
   */
  showAlone({ decodes, decoder }, { gallery }) {
    const { classList } = this.root;
    classList.toggle("lx-latents-alone", !decodes);
    classList.toggle("lx-pictureless", !decodes && !gallery);
    this.alone.hidden = decodes;
    this.plane.setAttribute(
      "aria-label",
      `Latent plane: click or drag to ${decodes ? "decode a" : "find what is near a"} point`,
    );
    this.alone.textContent = `Latents alone: this run has no decoder. ${
      gallery
        ? "The picture is that of the nearest point."
        : decoder.pixels > 1
        ? "Its pictures are not here."
        : "It came without pictures."
    }`;
  }

  /**
   * Say that the server decodes, and what it then does not.
   * @param {string} why "" where the browser decodes itself @param {boolean} manifold is wanted
   */
  showServer(why, manifold) {
    this.server.hidden = !why;
    this.server.dataset.words = why;
    this.server.textContent = `decoded by the server${manifold ? ": no manifold" : ""}`;
  }
}
