// The notebook's end of explorer/widget.py: pages in frames, wherever a notebook has them, and the widget's traits,
// which are their state.

/**
 * The part of a widget's model that is used: https://anywidget.dev/en/afm
 * @typedef {object} Model
 * @property {(name: string) => any} get
 * @property {(name: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(message: unknown) => void} send
 * @property {(event: string, callback: () => void) => void} on
 * @property {(event: string, callback: () => void) => void} off
 */

const TRAITS = ["run", "z", "image", "selection"];

/** A page in a frame that knows the traits. */
class Link {
  /** @param {Model} model @param {Window} page */
  constructor(model, page) {
    this.model = model;
    /** as the page was last told, or said, of each trait @type {Record<string, string>} */
    this.known = {};
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    port1.onmessage = ({ data }) => this.said(data);
    page.postMessage(this.news(), "*", [port2]);
  }

  /** The traits that are others than the page knows, which it is told. */
  news() {
    const news = TRAITS.map((name) => [name, this.model.get(name)]).filter(([name, value]) =>
      this.known[name] !== JSON.stringify(value)
    );
    for (const [name, value] of news) this.known[name] = JSON.stringify(value);
    return Object.fromEntries(news);
  }

  tell() {
    const news = this.news();
    if (Object.keys(news).length) this.port.postMessage(news);
  }

  /** @param {Record<string, unknown>} traits */
  said(traits) {
    for (const [name, value] of Object.entries(traits)) {
      this.known[name] = JSON.stringify(value);
      if (JSON.stringify(this.model.get(name)) === this.known[name]) continue;
      // Where a page begins is nobody's wish: a z that Python sets meanwhile counts, which Python alone knows.
      if (name === "z" && this.model.get("z") === null) this.model.send({ run: traits.run, z: value });
      else this.model.set(name, value);
    }
    this.model.save_changes();
  }
}

/** Link a widget with the pages that name it, those that are there and those to come. @param {{model: Model}} widget */
function initialize({ model }) {
  const id = model.get("_id");
  /** @type {Map<MessageEventSource, Link>} */
  const links = new Map();
  const link = (/** @type {Window} */ page) => {
    for (const [other, { port }] of links) {
      if (other !== page && !(/** @type {Window} */ (other).closed)) continue;
      port.close();
      links.delete(other);
    }
    links.set(page, new Link(model, page));
  };
  // A page asks when it is there, and anew when the notebook has moved its frame.
  const asked = (/** @type {MessageEvent} */ { source, data }) => {
    if (source && data?.latentPlane === id) link(/** @type {Window} */ (source));
  };
  const tell = () => links.forEach((one) => one.tell());
  addEventListener("message", asked);
  for (const name of TRAITS) model.on(`change:${name}`, tell);
  for (const { name, contentWindow } of document.querySelectorAll("iframe")) {
    if (contentWindow && name.includes(id)) link(contentWindow);
  }
  return () => {
    removeEventListener("message", asked);
    for (const name of TRAITS) model.off(`change:${name}`, tell);
    links.forEach(({ port }) => port.close());
  };
}

/** Show a page of its own. @param {{model: Model, el: HTMLElement}} view @returns {() => void} cleanup */
function render({ model, el }) {
  const fill = () => {
    el.innerHTML = model.get("_frame");
  };
  model.on("change:_frame", fill);
  if (model.get("_frame")) fill();
  else model.send("frame"); // megabytes, which a notebook need not keep besides those that its output has
  return () => {
    model.off("change:_frame", fill);
    el.replaceChildren();
  };
}

export default { initialize, render };
