// Work that waits until an element is seen.

export class InView {
  /** @param {Element} element */
  constructor(element) {
    this.visible = false;
    /** @type {(() => void)[]} */
    this.waiting = [];
    this.observer = new IntersectionObserver((entries) => {
      this.visible = entries[entries.length - 1].isIntersecting;
      if (this.visible) { for (const go of this.waiting.splice(0)) go(); }
    });
    this.observer.observe(element);
  }

  /** @returns {Promise<void>} once it is in view */
  comes() {
    return new Promise((resolve) => (this.visible ? resolve() : this.waiting.push(resolve)));
  }

  destroy() {
    this.observer.disconnect();
  }
}
