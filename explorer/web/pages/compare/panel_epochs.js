// Compare's way back through the runs' epochs: the points of all panels as they lay after as many.

import { EpochTray } from "../../plane/epoch_tray.js";
import { reducedMotion } from "../../plane/run_transition.js";

const UNTRAINED = "None of these runs was trained here: where their points lay before is not known.";

export class PanelEpochs {
  /** @param {import("./compare.js").Compare} compare */
  constructor(compare) {
    this.compare = compare;
    /** what is wanted: an epoch, or null for the end, with the drawer closed @type {number | null} */
    this.epoch = null;
    this.tray = new EpochTray(compare.pageFrame, {
      toggle: () => compare.life.tried(() => this.toggle()),
      show: (epoch) => this.show(epoch),
      rest: () => compare.report(),
    });
  }

  async toggle() {
    this.epoch = this.epoch === null ? 0 : null;
    await this.follow();
    if (this.epoch !== null && !reducedMotion()) this.tray.player.play();
    this.compare.report();
  }

  /** Go to the epoch that is wanted, with the runs that are shown now. */
  async follow() {
    const { compare } = this;
    const { panels } = compare;
    this.tray.close();
    this.tray.offer(panels.some(({ info }) => info.trajectory) ? "" : UNTRAINED);
    if (this.epoch === null) return this.showAll(Infinity);
    const lasts = await Promise.all(panels.map((panel) => panel.loadEpochs()));
    if (panels !== compare.panels || this.epoch === null) return;
    const last = Math.max(...lasts);
    if (!last) return this.tray.offer(UNTRAINED);
    const note = `The runs were kept after ${lasts.join(", ")} epochs. Images are decoded by the decoder of the end.`;
    this.tray.open(last, this.epoch, note);
    compare.size();
  }

  /** The live path. @param {number} epoch */
  show(epoch) {
    this.epoch = epoch;
    this.showAll(epoch);
  }

  /** @param {number} epoch */
  showAll(epoch) {
    const { compare } = this;
    for (const panel of compare.panels) panel.goTo(epoch);
    compare.pageFrame.root.dataset.epoch = Number.isFinite(epoch) ? String(epoch) : "";
    compare.showShared();
  }

  destroy() {
    this.tray.destroy();
  }
}
