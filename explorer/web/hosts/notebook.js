// The notebook's end of explorer/widget.py: a frame with the page in it, whose state is that of the widget's traits.

/**
 * The part of a widget's model that is used: https://anywidget.dev/en/afm
 * @typedef {object} Model
 * @property {(name: string) => any} get
 * @property {(name: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, callback: () => void) => void} on
 * @property {(event: string, callback: () => void) => void} off
 */

const TRAITS = ["run", "z", "image", "selection"];

/** @param {{model: Model, el: HTMLElement}} view @returns {() => void} cleanup */
function render({ model, el }) {
  const frame = document.createElement("iframe");
  frame.title = "Latent plane";
  frame.style.cssText = `width: 100%; height: ${Number(model.get("_height"))}px; border: 0; display: block`;
  frame.srcdoc = model.get("_document");
  /** to the page, once it is there @type {MessagePort | null} */
  let port = null;
  /** as the page was last told, or said, of each trait @type {Record<string, string>} */
  let known = {};

  /** A page asks for its run: the first one, and each that a notebook makes of it by moving the frame. */
  const opened = (/** @type {MessageEvent} */ event) => {
    if (event.source !== frame.contentWindow || event.data !== "latent-plane") return;
    port?.close();
    const channel = new MessageChannel();
    port = channel.port1;
    port.onmessage = ({ data }) => said(data);
    known = {};
    frame.contentWindow?.postMessage({ arrays: model.get("_arrays"), traits: changed() }, "*", [channel.port2]);
  };

  /** The traits that are others than the page knows. */
  const changed = () => {
    const news = TRAITS.map((name) => [name, model.get(name)]).filter(([name, value]) =>
      known[name] !== JSON.stringify(value)
    );
    for (const [name, value] of news) known[name] = JSON.stringify(value);
    return Object.fromEntries(news);
  };

  /** @param {Record<string, unknown>} traits */
  const said = (traits) => {
    for (const [name, value] of Object.entries(traits)) {
      known[name] = JSON.stringify(value);
      if (JSON.stringify(model.get(name)) !== known[name]) model.set(name, value);
    }
    model.save_changes();
  };

  const tell = () => {
    if (!port) return;
    const news = changed();
    if (Object.keys(news).length) port.postMessage(news);
  };

  addEventListener("message", opened);
  for (const name of TRAITS) model.on(`change:${name}`, tell);
  el.append(frame);
  return () => {
    removeEventListener("message", opened);
    for (const name of TRAITS) model.off(`change:${name}`, tell);
    port?.close();
    frame.remove();
  };
}

export default { render };
