// The first stop of the Tab key: past bar and switches, to the handle of the plane.

/** of the page that is shown @type {HTMLElement | null} */
let page = null;
/** @type {HTMLButtonElement | null} */
let button = null;

/** @returns {HTMLElement | null} */
const handle = () => page?.querySelector(".lx-plane [role=slider]") ?? null;

/** Offer the way to a page's plane, if it has one. @param {HTMLElement} element of the page */
export function offerSkip(element) {
  page = element;
  if (button) return;
  const made = button = Object.assign(document.createElement("button"), { type: "button", hidden: true });
  made.textContent = "To the plane";
  made.dataset.testid = "skip-to-plane";
  made.onclick = () => handle()?.focus();
  const nav = Object.assign(document.createElement("nav"), { className: "lx-skip" });
  nav.setAttribute("aria-label", "Skip");
  nav.append(made);
  document.body.prepend(nav);
  // Before the focus moves.
  addEventListener("keydown", () => (made.hidden = !handle()), { capture: true, passive: true });
}
