// A factor that is pulled: right for more, left for less, by as much for each pixel; let go, it is 1 again.

const PIXELS = 70; // that a pull takes for a factor of e
const [LEAST, MOST] = [1 / 16, 16];
const STEP = 1.1; // of an arrow key
const LEAP = 2; // of Page Up and Page Down
/** @type {Record<string, number>} */
const KEYS = {
  ArrowRight: STEP,
  ArrowUp: STEP,
  ArrowLeft: 1 / STEP,
  ArrowDown: 1 / STEP,
  PageUp: LEAP,
  PageDown: 1 / LEAP,
};

/**
 * begin: whether there is anything to pull; pull: by this factor; end: let go, by Escape, Ctrl+Z or leaving it, too.
 * @typedef {{begin: () => boolean, pull: (factor: number) => void, end: () => void}} PullEvents
 */

export class Pull {
  /**
   * @param {HTMLElement} area where a pointer may pull, but for its buttons
   * @param {HTMLElement} thumb a slider within it, for keys @param {HTMLElement} reset lets go, and may have the focus
   * @param {PullEvents} events
   */
  constructor(area, thumb, reset, events) {
    this.area = area;
    this.thumb = thumb;
    this.events = events;
    this.factor = 1;
    this.wanted = 1;
    this.frame = 0;
    area.classList.add("lx-pullable");
    thumb.setAttribute("aria-valuemin", String(LEAST));
    thumb.setAttribute("aria-valuemax", String(MOST));
    thumb.setAttribute("aria-valuenow", "1");
    area.addEventListener("pointerdown", (event) => this.press(event));
    thumb.addEventListener("keydown", (event) => this.key(event));
    for (const element of [thumb, reset]) {
      element.addEventListener("blur", ({ relatedTarget }) => {
        if (relatedTarget !== reset && relatedTarget !== thumb) this.end();
      });
    }
    reset.addEventListener("click", () => {
      this.thumb.focus();
      this.end();
    });
  }

  /** @param {PointerEvent} event */
  press(event) {
    const { area, events } = this;
    if (event.button || (event.target instanceof Element && event.target.closest("button")) || !events.begin()) return;
    const from = event.clientX - PIXELS * Math.log(this.wanted);
    const over = new AbortController();
    const follow = (/** @type {PointerEvent} */ { clientX }) => this.want(Math.exp((clientX - from) / PIXELS));
    const release = () => {
      over.abort();
      this.end();
    };
    area.setPointerCapture(event.pointerId);
    area.addEventListener("pointermove", follow, { signal: over.signal });
    area.addEventListener("lostpointercapture", release, { signal: over.signal });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { key } = event;
    const back = key === "Escape" || key === "Home" || ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "z");
    if (back && this.wanted === 1) return; // that is not for this one
    if (!back && !(KEYS[key] && this.events.begin())) return;
    event.preventDefault();
    event.stopPropagation();
    if (back) this.end();
    else this.want(this.wanted * KEYS[key]);
  }

  /** At most once a frame. @param {number} factor */
  want(factor) {
    this.wanted = Math.min(Math.max(factor, LEAST), MOST);
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.factor = this.wanted;
      this.thumb.setAttribute("aria-valuenow", this.factor.toPrecision(3));
      this.events.pull(this.factor);
    });
  }

  /** Let go. */
  end() {
    cancelAnimationFrame(this.frame);
    const pulled = this.factor !== 1;
    this.frame = 0;
    this.factor = this.wanted = 1;
    this.thumb.setAttribute("aria-valuenow", "1");
    if (pulled) this.events.end();
  }
}
