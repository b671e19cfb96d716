// Explore's way back through a run's epochs: its points as they lay then, and one image's path.

import { FlatPlane } from "../../maths/projection.js";
import { EpochTray } from "../../plane/epoch_tray.js";
import { epochFilm } from "../../plane/epoch_film.js";
import { loadTrajectory } from "../../run/loading.js";
import { reducedMotion } from "../../plane/run_transition.js";
import { PastSpace } from "../../run/trajectory.js";

/** @typedef {import("./explore.js").Explore} Explore */
/** @typedef {import("../../run/latent_space.js").LatentSpace} LatentSpace */

const UNTRAINED = "This run was not trained here: where its points lay before is not known.";
const UNFITTED = "UMAP's map was fitted to the end of the training: choose another projection.";
const UNMOVED = "The weights that were kept are those before the first epoch: there is no way to them.";

export class RunEpochs {
  /** @param {Explore} explore */
  constructor(explore) {
    this.explore = explore;
    /** what is wanted: an epoch, or null for the end, with the drawer closed @type {number | null} */
    this.epoch = null;
    /** the run as it ended, on the plane that is chosen @type {LatentSpace | null} */
    this.end = null;
    /** the same at an epoch @type {PastSpace | null} */
    this.past = null;
    this.path = explore.plane.overlay.shape("path", "lx-trail lx-trail-epochs");
    this.path.dataset.testid = "trail-epochs";
    this.tray = new EpochTray(explore.pageFrame, {
      toggle: () => explore.life.tried(() => this.toggle()),
      show: (epoch) => this.show(epoch),
      rest: () => this.rest(),
      film: (kind) => this.film(kind),
      file: () => `${explore.payload.state.dataset}-${explore.payload.state.run}-epochs`,
    });
  }

  /** Stand as a state says. @param {number | null} epoch */
  begin(epoch) {
    this.epoch = epoch;
    if (epoch === null) this.tray.close();
  }

  async toggle() {
    this.epoch = this.epoch === null ? 0 : null;
    if (this.epoch === null) return this.leave();
    await this.follow();
    if (!reducedMotion()) this.tray.player.play();
  }

  /** Show the end again. */
  leave() {
    this.tray.close();
    if (this.end) this.showSpace(this.end, false);
    this.past = null;
    this.rest();
  }

  /** Go to the epoch that is wanted in what is shown now: another run, another plane. */
  async follow() {
    const { view, payload: { runs, state } } = this.explore;
    this.past = null;
    this.end = view;
    this.place();
    if (!view) return;
    const { trajectory: url } = runs[state.run];
    const flat = view.percentiles !== null || view.projection instanceof FlatPlane;
    this.tray.offer(!url ? UNTRAINED : flat ? "" : UNFITTED);
    if (this.epoch === null || !url || !flat) return this.tray.close();
    const trajectory = await loadTrajectory(url);
    if (this.end !== view || this.explore.view !== view || this.epoch === null) return;
    if (!trajectory.moves) return this.tray.offer(UNMOVED);
    this.past = new PastSpace(view, trajectory);
    this.tray.open(trajectory.last, this.epoch, this.words(trajectory.last));
  }

  /** @param {number} last epoch */
  words(last) {
    return `Points are means, on straight ways between saved epochs; images and figures are of epoch ${last}, the end.`;
  }

  /** The live path. @param {number} epoch */
  show(epoch) {
    const { past, end } = this;
    if (!past || !end) return;
    this.epoch = epoch;
    past.goTo(epoch);
    const ended = epoch >= past.trajectory.last;
    this.showSpace(ended ? end : past, !ended);
  }

  /** @param {LatentSpace} space @param {boolean} passing */
  showSpace(space, passing) {
    const { explore } = this;
    const before = explore.view;
    if (before === space && !passing) return;
    explore.view = space;
    if (before !== space) explore.images.show();
    explore.root.dataset.epoch = passing ? String(this.epoch) : "";
    explore.plane.nearest = explore.decode(explore.plane.point, explore.z);
    explore.plane.pass(space, passing);
  }

  /** Follow camera and selection: the path of the selected image. */
  place() {
    const { past, explore: { plane, image } } = this;
    const seen = past && image >= 0 && image < past.count;
    plane.overlay.placePath(this.path, plane.camera, seen ? past.path(image) : []);
  }

  rest() {
    this.explore.commit();
  }

  /** @param {"gif" | "mp4"} kind */
  film(kind) {
    const { past, explore } = this;
    if (!past) throw new Error("nothing is shown yet");
    const { plane, theme } = explore;
    const { coloring, shown, mask, camera } = plane;
    if (!coloring) throw new Error("nothing is shown yet");
    const points = { space: new PastSpace(past, past.trajectory), coloring, shown, mask };
    return epochFilm(points, { camera, theme, image: explore.image, kind });
  }

  destroy() {
    this.tray.destroy();
  }
}
