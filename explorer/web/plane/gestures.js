// Pointer, wheel, touch and keys on the plane, turned into what the person means.
//
// Neither wheel nor finger is caught where the page could be scrolled: the wheel zooms with Ctrl, or once the plane has
// the focus; one finger moves a handle that it touches, two move and zoom the view, and a tap is a click.

/** @typedef {import("../maths/types.js").Pair} Pair */

/**
 * Pixels are relative to the plot area.
 * @typedef {object} Intents
 * @property {(pixel: Pair) => HTMLElement | undefined} grab  the pointer is down: which handle will follow, to be
 *   focused
 * @property {(pixel: Pair) => void} moveTo  the handle follows the pointer
 * @property {(pixel: Pair, clicked: boolean) => void} release  the pointer is up; clicked: it hardly moved
 * @property {() => void} cancel  a second finger made it a pinch: the handle goes back
 * @property {() => void} scrolled  the wheel was left to the page, which it scrolls
 * @property {(pixel: Pair | null) => void} hover
 * @property {(dx: number, dy: number) => void} pan
 * @property {(pixel: Pair, factor: number) => void} zoom
 * @property {(dx: number, dy: number) => void} nudge  steps right and up, from the keyboard
 * @property {(key: "Escape" | "Enter" | "Home") => void} press
 * @property {() => boolean} panning  whether a plain drag pans
 * @property {() => boolean} drawing  whether a plain drag draws a region
 * @property {(pixel: Pair, first: boolean) => void} draw  the region goes on to here
 * @property {(adds: boolean) => void} drawn  the region is closed; adds: Ctrl or Command was held
 * @property {() => void} undrawn  the region is given up
 */

const CLICK_PIXELS = 4;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** @param {HTMLElement} area @param {Intents} on @param {AbortSignal} signal ends all listening */
export function listen(area, on, signal) {
  /** @type {Map<number, Pair>} pointers that are down */
  const down = new Map();
  /** @type {"drag" | "draw" | "pan" | "pinch" | "tap" | null} */
  let mode = null;
  /** @type {Pair} */
  let start = [0, 0];
  let moved = false;

  /** @param {MouseEvent} event @returns {Pair} */
  const pixel = (event) => {
    const box = area.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const options = { signal };

  /** What a first pointer that goes down begins. @param {PointerEvent} event */
  const begun = ({ button, shiftKey, pointerType, target }) => {
    if (button === 1 || shiftKey || on.panning()) return "pan";
    if (on.drawing()) return "draw";
    const held = target instanceof Element && target.closest("[role=slider]");
    return pointerType === "touch" && !held ? "tap" : "drag";
  };

  area.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return;
    event.preventDefault();
    area.setPointerCapture(event.pointerId);
    const at = pixel(event);
    const begins = begun(event);
    if (down.size === 0 && begins !== "tap") on.grab(at)?.focus({ preventScroll: true });
    down.set(event.pointerId, at);
    on.hover(null);
    if (down.size === 2) {
      if (mode === "drag") on.cancel();
      if (mode === "draw") on.undrawn();
      mode = "pinch";
    } else if (down.size === 1) {
      [start, moved] = [at, false];
      mode = begins;
      if (mode === "drag") on.moveTo(at);
      if (mode === "draw") on.draw(at, true);
    }
  }, options);

  area.addEventListener("pointermove", (event) => {
    const at = pixel(event);
    const before = down.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse") on.hover(at);
      return;
    }
    moved ||= Math.hypot(at[0] - start[0], at[1] - start[1]) >= CLICK_PIXELS;
    if (mode === "drag") on.moveTo(at);
    if (mode === "draw") on.draw(at, false);
    if (mode === "pan") on.pan(at[0] - before[0], at[1] - before[1]);
    if (mode === "pinch") {
      const other = [...down].find(([id]) => id !== event.pointerId)?.[1] ?? at;
      const stretch = Math.hypot(at[0] - other[0], at[1] - other[1]) /
        Math.hypot(before[0] - other[0], before[1] - other[1]);
      on.pan((at[0] - before[0]) / 2, (at[1] - before[1]) / 2);
      if (Number.isFinite(stretch) && stretch > 0) on.zoom([(at[0] + other[0]) / 2, (at[1] + other[1]) / 2], stretch);
    }
    down.set(event.pointerId, at);
  }, options);

  const up = (/** @type {PointerEvent} */ event) => {
    if (!down.delete(event.pointerId)) return;
    const canceled = event.type === "pointercancel";
    if (mode === "drag") {
      if (canceled) on.cancel();
      else on.release(pixel(event), !moved);
    }
    if (mode === "tap" && !canceled && !moved) {
      on.grab(pixel(event))?.focus({ preventScroll: true });
      on.moveTo(pixel(event));
      on.release(pixel(event), true);
    }
    if (mode === "draw") {
      if (canceled) on.undrawn();
      else on.drawn(event.ctrlKey || event.metaKey);
    }
    if (down.size === 0) mode = null;
  };
  area.addEventListener("pointerup", up, options);
  area.addEventListener("pointercancel", up, options);
  area.addEventListener("pointerleave", () => on.hover(null), options);

  // Two fingers are the plane's: the browser is not to scroll with them.
  const two = (/** @type {TouchEvent} */ event) => {
    if (event.touches.length > 1 && event.cancelable) event.preventDefault();
  };
  area.addEventListener("touchstart", two, { signal, passive: false });
  area.addEventListener("touchmove", two, { signal, passive: false });

  area.addEventListener("wheel", (event) => {
    const wanted = event.ctrlKey || event.metaKey || area.contains(document.activeElement);
    if (!wanted && scrolls(area)) {
      on.scrolled();
      return;
    }
    event.preventDefault();
    // One notch is 100 pixels or 3 lines; a pinch on a touchpad arrives as small steps with ctrl.
    const notches = event.deltaY / (event.deltaMode === 1 ? 3 : event.ctrlKey ? 25 : 100);
    on.zoom(pixel(event), 1.2 ** -notches);
  }, { signal, passive: false });

  area.addEventListener("keydown", (event) => {
    const arrow = ARROWS[/** @type {keyof typeof ARROWS} */ (event.key)];
    const steps = event.shiftKey ? 10 : 1;
    if (arrow) on.nudge(arrow[0] * steps, arrow[1] * steps);
    else if (event.key === "Escape" || event.key === "Enter" || event.key === "Home") on.press(event.key);
    else if (event.key === "+" || event.key === "-") {
      on.zoom([area.clientWidth / 2, area.clientHeight / 2], event.key === "+" ? 1.25 : 0.8);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }, options);
}

/** Whether something around an element can be scrolled up or down. @param {HTMLElement} element */
function scrolls(element) {
  for (let around = element.parentElement; around; around = around.parentElement) {
    const { scrollHeight, clientHeight } = around;
    const may = around === document.scrollingElement || /auto|scroll/.test(getComputedStyle(around).overflowY);
    if (may && scrollHeight > clientHeight + 1) return true;
  }
  return false;
}
