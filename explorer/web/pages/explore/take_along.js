// What a person takes along from Explore beside its link and its pictures: the images' table, the lines of Python.

import { copied, saved } from "../../plane/share_menu.js";
import { sendBytes } from "../../network/ask.js";
import { oneFile } from "../../plane/one_file.js";
import { rounded } from "../../dom/format.js";
import { selectionTable } from "../../run/selection_table.js";

/** @typedef {import("./explore.js").Explore} Explore */

/** @param {Explore} explore @returns {import("../../plane/share_menu.js").Share} */
export function takeAlong(explore) {
  const file = () => `${explore.payload.state.dataset}-${explore.payload.state.run}`;
  return {
    file,
    title: () => `Latent space of ${file()}, at z = ${Array.from(explore.z, rounded).join(", ")}`,
    offers: [
      { name: "csv", words: "Selected images, else all shown, CSV", make: () => table(explore, `${file()}.csv`) },
      {
        name: "parquet",
        words: "The same as Parquet",
        needsServer: true,
        make: () => parquet(explore, `${file()}.parquet`),
      },
      {
        name: "python",
        words: "Copy the Python for this z",
        make: () => copied(pythonFor(explore), "The lines of Python are copied"),
      },
      oneFile("This run as one HTML file", () => {
        const { dataset, run } = explore.payload.state;
        return { dataset, runs: [run] };
      }),
    ],
  };
}

/** @param {Explore} explore @param {string} name of the file */
function table(explore, name) {
  const { space, payload: { classes } } = explore;
  if (!space) throw new Error("nothing is shown yet");
  return saved(new Blob([selectionTable(space, chosen(explore), classes)], { type: "text/csv" }), name);
}

/** @param {Explore} explore @param {string} name of the file */
async function parquet(explore, name) {
  const { dataset, run } = explore.payload.state;
  const address = `selections/${encodeURIComponent(dataset)}/${encodeURIComponent(run)}`;
  const response = await sendBytes(address, Int32Array.from(chosen(explore)));
  if (!response.ok) throw new Error(await response.text());
  return saved(await response.blob(), name);
}

/** The images selected together, else the one that is selected, else all shown. @param {Explore} explore */
function chosen(explore) {
  const { image, selection } = explore;
  return selection.size ? selection.indices : image >= 0 ? [image] : explore.shownImages();
}

/** Lines that give the same arrays. @param {Explore} explore */
export function pythonFor({ payload: { state: { dataset, run, given } }, space, z }) {
  const folder = JSON.stringify(`checkpoints/${dataset}/${run}`);
  const latents = `latents = checkpoint.load_latents(${folder})  # "mu" and the rest by name, one row an image`;
  if (!space?.decodes) return `from training import checkpoint\n\n${latents}\n`;
  return `import torch
from training import checkpoint

model = checkpoint.load_model(${folder})${given === null ? "" : `.given(${given})`}
z = torch.tensor([[${Array.from(z, (v) => String(Number(v.toPrecision(9)))).join(", ")}]])
image = model.image(z)  # ${JSON.stringify([1, ...space.decoder.imageShape])}, from 0 to 1
${latents}
`;
}
