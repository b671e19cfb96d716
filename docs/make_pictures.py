"""Make docs/pictures, one for each task's page: `python -m docs.make_pictures`.

Each is a picture of the running explorer, in a state that an address holds.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect, sync_playwright

from tests import chromium
from tests.opener import PATIENCE_MS, patient_page, wait_until_ready, wait_until_still
from tests.server import ROOT, serve

FOLDER = Path(__file__).parent / "pictures"
SIZE = {"width": 1200, "height": 750}
SHOWN = (960, 600)
PICTURES = {
    "own-data": "?dataset=fashion-mnist&run=elbo&marks=images&z=-2.4,-0.6",
    "talk": "tour?scene=19&present=1",
    "class": "infer?dataset=mnist&run=elbo&image=1234",
    "paper-figures": "prior?dataset=mnist&run=elbo&side=20",
    "beta-and-dimension": "dial?dataset=mnist&beta=2",
}


def main() -> None:
    """Open each address, and write its picture."""
    expect.set_options(timeout=PATIENCE_MS)
    with serve(ROOT / "checkpoints") as address, sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        for name, place in PICTURES.items():
            page = patient_page(browser, viewport=SIZE)
            page.goto(f"{address}/{place}")
            wait_until_ready(page)
            page.wait_for_load_state("networkidle")
            page.wait_for_function("!document.querySelector('[data-settled=false]')")  # Infer's posterior
            wait_until_still(page)
            seen = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            seen.resize(SHOWN, Image.Resampling.LANCZOS).save(FOLDER / f"{name}.webp", quality=80, method=6)
            page.close()


if __name__ == "__main__":
    main()
