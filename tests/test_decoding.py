"""Runs that only torch can decode: the server does, over a WebSocket, and the pages say so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, expect
from safetensors.torch import save_file
from torch import nn

from tests.asker import token_of
from tests.opener import opener, patient_page, pixels_of, wait_until_ready
from tests.server import serve
from training import checkpoint
from training.model.imported import import_model
from training.options import ImportOptions

ASK = """
async ({ address, requests, token }) => {
  const socket = new WebSocket(address.replace("http", "ws"), token ? [token] : []);
  socket.binaryType = "arraybuffer";
  await new Promise((resolve) => { socket.onopen = socket.onclose = resolve; });
  const answers = [];
  for (const request of requests) {
    if (socket.readyState !== WebSocket.OPEN) break;
    const answer = new Promise((resolve) => {
      socket.onmessage = ({ data }) => resolve(data);
      socket.onclose = () => resolve(null);
    });
    socket.send(typeof request === "string" ? request : new Float32Array(request));
    const data = await answer;
    if (data === null) break;
    answers.push(typeof data === "string" ? data : Array.from(new Float32Array(data)));
  }
  return answers;
}
"""


class Normed(nn.Module):
    """A decoder with a layer that the browser does not know."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(64, 4))
        self.decoder = nn.Sequential(nn.Linear(2, 32), nn.LayerNorm(32), nn.SiLU(), nn.Linear(32, 64))

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return self.encoder(x).chunk(2, dim=1)

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        return 4 * self.decoder(z)


@pytest.fixture(scope="module")
def runs(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("checkpoints")
    (root / "digits").mkdir()
    shutil.copy(trained / "digits" / "gallery.safetensors", root / "digits")
    shutil.copytree(trained / "digits" / "elbo", root / "digits" / "elbo")
    torch.manual_seed(3)
    save_file(Normed().state_dict(), root / "normed.safetensors")
    out = root / "digits" / "normed"
    weights = root / "normed.safetensors"
    import_model(ImportOptions(model=f"{__name__}:Normed", weights=weights, out=out, dataset="digits", output="logits"))
    return root


@pytest.fixture(scope="module")
def address(runs: Path) -> Iterator[str]:
    with serve(runs) as found:
        yield found


def _expected(runs: Path, z: list[list[float]]) -> np.ndarray:
    with torch.no_grad():
        images = checkpoint.load_model(runs / "digits" / "normed").image(torch.tensor(z))
    return images.flatten(1).numpy()


def test_the_server_decodes_as_torch_does_and_refuses_what_is_no_request(
    runs: Path, address: str, browser: Browser
) -> None:
    page = patient_page(browser)
    page.goto(f"{address}/assets/dom/icon.svg")
    where = f"{address}/runs/digits/normed/decoder"
    z = [[0.0, 0.0], [1.5, -2.0], [-3.0, 0.25]]
    asked = {"address": where, "token": token_of(address)}
    one, three = page.evaluate(ASK, {**asked, "requests": [z[1], [v for code in z for v in code]]})
    np.testing.assert_allclose(np.reshape(one, (1, 64)), _expected(runs, z[1:2]), atol=1e-6)
    np.testing.assert_allclose(np.reshape(three, (3, 64)), _expected(runs, z), atol=1e-6)
    for bad in ([], [1.0], [0.0] * 18, "decode"):
        (answer,) = page.evaluate(ASK, {**asked, "requests": [bad]})
        assert answer == "expected 1 to 8 vectors of 2 float32 numbers"
    page.close()


def test_a_page_of_another_site_and_an_unknown_run_get_nothing(address: str, browser: Browser) -> None:
    page = patient_page(browser)
    page.goto(f"{address}/assets/dom/icon.svg")
    request = {"address": f"{address}/runs/digits/absent/decoder", "requests": [[0.0, 0.0]]}
    assert page.evaluate(ASK, {**request, "token": token_of(address)}) == []
    request["address"] = f"{address}/runs/digits/normed/decoder"
    assert page.evaluate(ASK, {**request, "token": "guessed"}) == []
    assert page.evaluate(ASK, request) == []
    page.goto("about:blank")
    assert page.evaluate(ASK, {**request, "token": token_of(address)}) == []
    page.close()


def test_explore_decodes_in_the_server_and_says_so(runs: Path, address: str, browser: Browser) -> None:
    with opener(browser, address) as open_page:
        page = open_page("?dataset=digits&run=normed&z=1.5,-2&background=manifold")
        badge = page.get_by_test_id("decoded-by-server")
        expect(badge).to_have_text("decoded by the server: no manifold")
        assert "layer_norm" in str(badge.get_attribute("data-words"))

        def shows(z: list[float]) -> None:
            grey = np.round(255 * _expected(runs, [z])[0])
            page.wait_for_function(
                """([id, expected]) => {
                  const canvas = document.querySelector(`[data-testid=${id}]`);
                  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                  return data.length === 4 * expected.length && expected.every((v, i) => Math.abs(v - data[4 * i]) < 2);
                }""",
                arg=["decoded-image", grey.tolist()],
            )

        shows([1.5, -2.0])
        page.get_by_test_id("handle").press("Shift+ArrowRight")
        z = [float(v) for v in str(page.get_by_test_id("latent-plane").get_attribute("data-z")).split(",")]
        assert z[0] > 1.5
        shows(z)
        page.get_by_role("radio", name="Full ELBO").click()
        expect(badge).to_be_hidden()


def test_compare_shows_runs_of_the_server_beside_those_of_the_browser(
    runs: Path, address: str, browser: Browser
) -> None:
    mu = checkpoint.load_latents(runs / "digits" / "normed")["mu"][7]
    expected = _expected(runs, [mu.tolist()])[0]
    with opener(browser, address) as open_page:
        page = open_page("compare?dataset=digits&runs=elbo,normed&image=7")
        expect(page.get_by_test_id("compare-panel-normed").get_by_text("decoded by the server")).to_be_visible()
        expect(page.get_by_test_id("compare-panel-elbo").get_by_text("decoded by the server")).to_be_hidden()
        for _ in range(100):
            shown = pixels_of(page, "compare-image-normed").astype(float)
            if shown.shape == expected.shape and np.abs(shown - 255 * expected).max() <= 1:
                break
            page.wait_for_timeout(100)
        np.testing.assert_allclose(shown, 255 * expected, atol=1)


@pytest.mark.parametrize("place", ["traverse", "interpolate", "prior", "probability"])
def test_pages_that_decode_many_images_say_that_they_do_not(place: str, address: str, browser: Browser) -> None:
    with opener(browser, address) as open_page:
        page = open_page(f"{place}?dataset=digits&run=elbo")
        said = page.get_by_text("is decoded by the server, one image at a time")
        page.get_by_role("radio", name="normed").click()
        expect(said).to_be_visible()
        page.get_by_role("radio", name="Full ELBO").click()
        expect(said).to_have_count(0)
        wait_until_ready(page)


def test_reconstruct_says_that_it_does_not(address: str, browser: Browser) -> None:
    with opener(browser, address) as open_page:
        page = open_page("reconstruct?dataset=digits&runs=elbo")
        page.goto(f"{address}/reconstruct?dataset=digits&runs=normed")
        expect(page.get_by_text("is decoded by the server, one image at a time")).to_be_visible()


def test_a_tour_shows_it_where_its_page_does_and_says_why_where_not(
    runs: Path, browser: Browser, tmp_path: Path
) -> None:
    scenes = (
        "/explore?dataset=digits&run=normed",
        "/compare?dataset=digits&runs=normed,elbo",
        "/prior?dataset=digits&run=normed",
    )
    lines = [f'[[scene]]\ntitle = "{place[1:4]}"\ntext = "See."\nshow = "{place}"\n' for place in scenes]
    (tmp_path / "mine.toml").write_text('title = "Mine"\n\n' + "\n".join(lines))
    with (
        serve(runs, environment={"EXPLORER_TOURS": str(tmp_path)}) as found,
        opener(browser, found) as open_page,
    ):
        page = open_page("tour?talk=mine")
        for inside in (".lx-explore", ".lx-compare"):
            expect(page.locator(f".lx-scene > {inside}")).to_have_attribute("data-ready", "true")
            expect(page.locator(".lx-error:visible")).to_have_count(0)
            page.keyboard.press("PageDown")
        line = page.locator(".lx-tour-problem")
        expect(line).to_contain_text("is decoded by the server, one image at a time")
        page.keyboard.press("PageUp")
        expect(line).to_have_count(0)
