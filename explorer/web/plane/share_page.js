// What a person takes along from a place that is not one plane: its link, a picture of it, a scene of a talk.

import { pictureOf } from "../dom/picture.js";
import { planePicture } from "./plane_picture.js";
import { menuOf } from "./share_menu.js";

/** @typedef {import("./share_menu.js").Share} Share */

/**
 * A menu at the end of the page's head, which says beside itself what was done.
 * @param {import("../dom/page_frame.js").PageFrame} pageFrame @param {Share} share
 * @param {() => string} [picture] as SVG; without it of all that the page shows
 */
export function addShare(pageFrame, share, picture = () => pictureOf(pageFrame.root, share.title())) {
  const tools = document.createElement("div");
  tools.className = "lx-tools lx-head-tools";
  const said = Object.assign(document.createElement("span"), { className: "lx-note" });
  said.setAttribute("role", "status");
  said.dataset.testid = "share-said";
  tools.append(said, menuOf(share, picture, (words) => (said.textContent = words)));
  pageFrame.root.querySelector(".lx-head")?.append(tools);
}

/**
 * Several planes side by side, each under its title, as one picture.
 * @param {{plane: import("./plane.js").Plane, title: string}[]} planes
 */
export function planesPicture(planes) {
  const gap = 16;
  const line = 30;
  let [x, high] = [0, 0];
  const drawn = planes.map(({ plane, title }, i) => {
    const svg = planePicture(plane, title).replaceAll("plot", `plot-${i}`);
    const [width, height] = [1, 2].map((part) => Number(/width="([\d.]+)" height="([\d.]+)">/.exec(svg)?.[part]));
    const words = Object.assign(document.createElement("b"), { textContent: title }).innerHTML;
    const look = `font-family="sans-serif" font-size="17" font-weight="600" fill="${plane.theme?.text}"`;
    const placed = [
      `<text x="${x}" y="21" ${look}>${words}</text>`,
      svg.replace("<svg ", `<svg x="${x}" y="${line}" `),
    ].join("\n");
    x += width + gap;
    high = Math.max(high, height);
    return placed;
  });
  const [width, height] = [x - gap, high + line];
  const behind = getComputedStyle(planes[0].plane.chart.closest(".lx") ?? document.body);
  const ground = behind.getPropertyValue("--lx-background").trim();
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<rect width="100%" height="100%" fill="${ground}"/>
${drawn.join("\n")}
</svg>
`;
}
