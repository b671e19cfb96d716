// Fades the edges beyond which an element can be scrolled: a sign that there is more.

const EDGES = ["left", "right", "top", "bottom"];

/** @type {WeakSet<HTMLElement>} */
const watched = new WeakSet();

/** Let an element show where there is more of its content, from now on. @param {HTMLElement} element */
export function signScrolling(element) {
  const look = () => {
    const { scrollLeft, scrollTop, scrollWidth, scrollHeight, clientWidth, clientHeight } = element;
    const more = [
      scrollLeft > 1,
      scrollLeft + clientWidth < scrollWidth - 1,
      scrollTop > 1,
      scrollTop + clientHeight <
        scrollHeight - 1,
    ];
    EDGES.forEach((edge, i) => element.classList.toggle(`lx-more-${edge}`, more[i]));
  };
  if (!watched.has(element)) {
    watched.add(element);
    element.classList.add("lx-scrolls");
    element.addEventListener("scroll", look, { passive: true });
    new ResizeObserver(look).observe(element);
  }
  look();
}
