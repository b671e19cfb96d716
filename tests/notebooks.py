"""The plane in real notebooks: `python -m tests.notebooks`.

It installs JupyterLab and marimo (tests/notebooks.txt) in an environment of its own, which borrows all else from the
one that it is run in, and works with two planes there by mouse and by cells. Installing takes a minute, so this is no
part of `make test`: .github/workflows/installed.yml does it, with the wheel.
"""

from __future__ import annotations

import json
import re
import subprocess
import sysconfig
import tomllib
import venv
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.chromium import launch
from tests.patience import PATIENCE_MS
from tests.server import ROOT, started

MNIST = (ROOT / "checkpoints" / "mnist").as_posix()
PLANE = f'plane = LatentPlane("{MNIST}/elbo", "{MNIST}/kl", height=760)'
OTHER = f'other = LatentPlane("{MNIST}/elbo", height=760)'
LINK = 'link((plane, "z"), (other, "z"))'
# Of JupyterLab; all are run at once, the last ones before a page is there.
CELLS = (
    f"from traitlets import link\nfrom explorer.widget import LatentPlane\n{PLANE}\nplane",
    f"{OTHER}\nother",
    f"{LINK};",
    "from IPython.display import Markdown, display\ntold = display(Markdown(''), display_id=True)\n"
    "plane.observe(lambda _: told.update(Markdown(f'Python: {plane.run} {plane.z}')), names=['run', 'z'])",
    "plane.z = [1.5, -0.5]",
    'plane.run = "kl"',
)
SET_Z, SET_RUN = 4, 5
CODE: dict[str, object] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
MARIMO = f"""\
import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    from traitlets import link
    from explorer.widget import LatentPlane
    return LatentPlane, link, mo


@app.cell
def _(LatentPlane, mo):
    {PLANE}
    shown = mo.ui.anywidget(plane)
    shown
    return plane, shown


@app.cell
def _(LatentPlane):
    {OTHER}
    other
    return (other,)


@app.cell
def _(link, other, plane):
    {LINK};
    return


@app.cell
def _(mo, plane):
    def move(_):
        plane.z = [1.5, -0.5]

    def switch(_):
        plane.run = "kl"

    set_z, set_run = mo.ui.button(label="Set z", on_click=move), mo.ui.button(label="Set run", on_click=switch)
    mo.hstack([set_z, set_run])
    return set_run, set_z


@app.cell
def _(mo, shown):
    mo.md(f"Python: {{shown.value['run']}} {{shown.value['z']}}")
    return
"""
# The kernel of the notebook in front can be asked; until then a cell that is run asks for a kernel.
CONNECTED = """() => {
  const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
  return kernel?.connectionStatus === "connected" && kernel.status === "idle";
}"""
# What Python has, told on a page by a cell of its own, is this run and z, but for what two decimals leave out.
HEARD = """([run, z]) => {
  const [told] = [...document.body.innerText.matchAll(/Python: (\\w+) \\[(.*?)\\]/g)];
  return told?.[1] === run && told[2].split(",").every((number, i) => Math.abs(number - z[i]) < 0.006);
}"""
# Remarks on images of marimo that were fetched early, and on scripts that nbconvert's HTML asks others for.
HARMLESS = re.compile(r"was preloaded using link preload|Failed to load resource: net::")


class Plane:
    """A plane that a page shows in one of its frames."""

    def __init__(self, page: Page, number: int = 0) -> None:
        self.page = page
        self.element = page.locator("iframe").nth(number)
        self.frame = self.element.content_frame
        self.handle = self.frame.get_by_test_id("handle")
        self.z = self.frame.get_by_text(re.compile(r"^z = \("))

    def ready(self) -> Plane:
        """The same, once it can be used."""
        expect(self.frame.locator(".lx")).to_have_attribute("data-ready", "true")
        expect(self.z).to_be_visible()
        return self

    def at(self, *z: float) -> None:
        """Its handle stands at z."""
        expect(self.z).to_have_text(f"z = ({z[0]:.2f}, {z[1]:.2f})".replace("-", "−"))

    def shows(self, run: str) -> None:
        """Its switch stands on the run of this title."""
        expect(self.frame.get_by_role("button", name=run)).to_have_attribute("aria-pressed", "true")

    def drag(self, dx: float, dy: float) -> tuple[float, ...]:
        """Drag the handle by pixels, see that it goes along and the image changes with it; returns z where it rests."""
        image = self.frame.get_by_test_id("decoded-image")
        before, words = image.evaluate("(canvas) => canvas.toDataURL()"), self.z.inner_text()
        self.element.scroll_into_view_if_needed()  # what a frame out of sight draws, a browser puts off
        x, y = _centre(self.handle)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + dx, y + dy, steps=8)
        self.page.mouse.up()
        expect(self.z).not_to_have_text(words)
        moved = _centre(self.handle)
        assert abs(moved[0] - x - dx) < 2 and abs(moved[1] - y - dy) < 2, (moved, x + dx, y + dy)
        assert image.evaluate("(canvas) => canvas.toDataURL()") != before, "the image is the one before the drag"
        return tuple(float(number) for number in re.findall(r"[-\d.]+", self.z.inner_text().replace("−", "-")))


@contextmanager
def opened(browser: Browser, address: str) -> Iterator[Page]:
    """A page at an address; its console stays clean."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000}, reduced_motion="reduce")
    page.set_default_timeout(PATIENCE_MS)
    remarks: list[str] = []
    page.on("console", lambda message: remarks.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: remarks.append(f"error: {error}"))
    page.goto(address)
    yield page
    page.close()
    found = [remark for remark in remarks if remark.startswith(("error", "warning")) and not HARMLESS.search(remark)]
    assert found == [], found


def alone(command: Sequence[str | Path], folder: Path) -> AbstractContextManager[str]:
    """What this command starts, which knows nothing of whoever runs it; its address."""
    variables = ["env", "-i", f"HOME={folder}", f"PATH={Path(command[0]).parent}:/usr/bin:/bin"]
    return started([*variables, *map(str, command)], folder)


def jupyterlab(bin_folder: Path, folder: Path) -> AbstractContextManager[str]:
    """It, in this folder."""
    options = ("--no-browser", "--allow-root", "--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True")
    return alone([bin_folder / "jupyter-lab", *options, "--port"], folder)


def run_cell(page: Page, number: int) -> None:
    """Run one of the notebook's cells, as a person does."""
    page.locator(".jp-Cell .jp-InputPrompt").nth(number).click()
    page.keyboard.press("Control+Enter")


def _centre(element: Locator) -> tuple[float, float]:
    box = element.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def main() -> None:
    """Raises what is wrong."""
    expect.set_options(timeout=PATIENCE_MS)
    with TemporaryDirectory() as scratch, sync_playwright() as playwright:
        folder = Path(scratch)
        bin_folder = environment(folder / "environment")
        browser = launch(playwright)
        saved = in_jupyterlab(browser, bin_folder, folder / "jupyterlab")
        without_its_kernel(browser, bin_folder, saved)
        in_marimo(browser, bin_folder, folder / "marimo")


def environment(folder: Path) -> Path:
    """An environment with the notebooks, which has all else from this one; returns the folder of its commands."""
    venv.create(folder, with_pip=True, upgrade_deps=True)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["optional-dependencies"]["notebook"]
    python = folder / "bin" / "python"
    notebooks = str(ROOT / "tests" / "notebooks.txt")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--requirement", notebooks, *wanted], check=True)
    (own,) = folder.glob("lib/python*/site-packages")
    # The explorer is an installed one where there is one, else this checkout.
    (own / "borrowed.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT}\n", encoding="utf-8")
    return python.parent


def in_jupyterlab(browser: Browser, bin_folder: Path, folder: Path) -> Path:
    """Two linked planes, by mouse and by cells; returns the notebook, saved."""
    folder.mkdir()
    notebook = folder / "planes.ipynb"
    cells = [{"id": f"cell-{number}", "source": source, **CODE} for number, source in enumerate(CELLS)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    notebook.write_text(json.dumps(made), encoding="utf-8")
    with jupyterlab(bin_folder, folder) as address, opened(browser, f"{address}/lab/tree/{notebook.name}") as page:
        page.wait_for_function(CONNECTED)
        page.keyboard.press("Escape")
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        plane, other = Plane(page, 0).ready(), Plane(page, 1).ready()
        plane.shows("KL only")
        for one in (plane, other):
            one.at(1.5, -0.5)
        print("JupyterLab: what cells set before the planes are there, they show")
        plane.frame.get_by_role("button", name="Full ELBO").click()
        z = plane.drag(-90, 50)
        other.at(*z)
        page.wait_for_function(HEARD, arg=["elbo", z])
        z = other.drag(60, 40)
        plane.at(*z)
        page.wait_for_function(HEARD, arg=["elbo", z])
        run_cell(page, SET_RUN)
        plane.shows("KL only")
        run_cell(page, SET_Z)
        for one in (plane, other):
            one.at(1.5, -0.5)
        print("JupyterLab: z and run both ways, two planes linked")
        page.keyboard.press("Control+s")
        expect(page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
    return notebook


def without_its_kernel(browser: Browser, bin_folder: Path, notebook: Path) -> None:
    """The saved notebook in a JupyterLab that has run none of it, and made into HTML: its planes drag."""
    tree = f"lab/tree/{notebook.name}"
    with jupyterlab(bin_folder, notebook.parent) as address, opened(browser, f"{address}/{tree}") as page:
        for number in (0, 1):
            Plane(page, number).ready().drag(-70, 30)
    subprocess.run([bin_folder / "jupyter", "nbconvert", "--to", "html", "--log-level", "ERROR", notebook], check=True)
    with opened(browser, notebook.with_suffix(".html").as_uri()) as page:
        for number in (0, 1):
            Plane(page, number).ready().drag(-70, 30)
    print("JupyterLab and nbconvert: a saved notebook's planes drag without the kernel that made them")


def in_marimo(browser: Browser, bin_folder: Path, folder: Path) -> None:
    """The same two planes in its editor."""
    folder.mkdir()
    (folder / "planes.py").write_text(MARIMO, encoding="utf-8")
    # Every cell is run when the notebook is opened.
    (folder / "pyproject.toml").write_text("[tool.marimo.runtime]\nauto_instantiate = true\n", encoding="utf-8")
    options = ("--headless", "--no-token", "--no-sandbox", "--port")
    with (
        alone([bin_folder / "marimo", "--yes", "edit", "planes.py", *options], folder) as address,
        opened(browser, address) as page,
    ):
        plane, other = Plane(page, 0).ready(), Plane(page, 1).ready()
        page.get_by_role("button", name="Set z").click()
        for one in (plane, other):
            one.at(1.5, -0.5)
        z = plane.drag(-90, 50)
        other.at(*z)
        page.wait_for_function(HEARD, arg=["elbo", z])
        page.get_by_role("button", name="Set run").click()
        plane.shows("KL only")
        plane.frame.get_by_role("button", name="Full ELBO").click()
        plane.shows("Full ELBO")
        z = other.drag(60, 40)
        plane.at(*z)
    print("marimo: z and run both ways, two planes linked")


if __name__ == "__main__":
    main()
