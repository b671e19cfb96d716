"""The Compare page: several runs, linked by the same image or the same z."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Locator, Page, expect
from scipy.stats import norm
from streamlit.testing.v1 import AppTest

from explorer.views.compare import verdict
from tests.app_address import app_address, payload_of
from tests.opener import Open, address_of, next_frame, opener, patient_page, pixels_of, wait_for_address
from tests.patience import PATIENCE_S
from tests.server import ROOT, serve
from training import checkpoint

SHIPPED = ROOT / "checkpoints"
RUNS = ("reconstruction", "kl", "elbo")
ALL = "runs=autoencoder,reconstruction,kl,elbo"


def _latents(run: str) -> dict[str, np.ndarray]:
    return checkpoint.load_latents(SHIPPED / "mnist" / run)


def _decoded_by_torch(run: Path, z: np.ndarray | tuple[float, float]) -> np.ndarray:
    model = checkpoint.load_model(run)
    with torch.no_grad():
        return (model.image(torch.tensor(np.array([z], dtype=np.float32))).flatten().numpy() * 255).round()


def _handle(page: Page, run: str) -> Locator:
    return page.get_by_test_id(f"compare-plane-{run}").get_by_test_id("handle")


def _center(where: Locator) -> tuple[float, float]:
    box = where.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _selected(page: Page) -> int:
    return int(page.locator("[data-part=shared-title]").inner_text().split()[1])


def _shows(page: Page, run: str, z: np.ndarray | tuple[float, float], dataset: Path = SHIPPED / "mnist") -> None:
    shown = pixels_of(page, f"compare-image-{run}").astype(float)
    np.testing.assert_allclose(shown, _decoded_by_torch(dataset / run, z), atol=1.5, err_msg=run)


# ---- as Streamlit runs it


def _script() -> None:
    from explorer.screens import compare

    compare.page()


def _run(monkeypatch: pytest.MonkeyPatch, checkpoints: Path, **params: str) -> AppTest:
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(checkpoints))
    app = AppTest.from_function(_script, default_timeout=PATIENCE_S)
    for name, value in params.items():
        app.query_params[name] = value
    return app.run()


def test_opens_on_the_notes_three_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _run(monkeypatch, SHIPPED)
    assert not app.exception
    assert not app.toast
    payload = payload_of(app)
    assert payload["state"]["runs"] == list(RUNS)
    assert set(payload["verdicts"]) == set(payload["runs"])
    assert payload["missing"] == ""
    assert app_address(app) == {"dataset": "mnist", "runs": "reconstruction,kl,elbo"}


def test_a_link_restores_its_state(monkeypatch: pytest.MonkeyPatch) -> None:
    link = {"dataset": "mnist", "runs": "elbo,kl", "link": "z", "z": "1,-0.5", "image": "17", "set": "h.3"}
    link["color_by"] = "kl"
    app = _run(monkeypatch, SHIPPED, **link)
    assert not app.exception
    assert not app.toast
    state = {"dataset": "mnist", "runs": ["elbo", "kl"], "link": "z", "z": [1, -0.5], "image": 17}
    state |= {
        "set": [17, 20],
        "color_by": "kl",
        "given": None,
        "points": "auto",
        "marks": "auto",
        "epoch": None,
        "views": [],
        "figures": "closed",
    }
    assert payload_of(app)["state"] == state
    assert app_address(app) == link


@pytest.mark.parametrize("left", [[], ["elbo"]])
def test_too_few_runs_are_not_taken_and_the_page_says_so(monkeypatch: pytest.MonkeyPatch, left: list[str]) -> None:
    app = _run(monkeypatch, SHIPPED, runs="kl,elbo")
    app.multiselect(key="runs").set_value(left).run()
    assert not app.exception
    assert "add another one" in app.toast[0].value
    assert payload_of(app)["state"]["runs"] == ["kl", "elbo"]
    assert app.multiselect(key="runs").value == ["kl", "elbo"]
    assert app_address(app)["runs"] == "kl,elbo"


@pytest.mark.parametrize("runs", ["elbo", "elbo,elbo", "elbo,nothing", "kl,elbo,reconstruction,autoencoder,kl", ""])
def test_nonsense_for_runs_gives_a_note_and_the_default(monkeypatch: pytest.MonkeyPatch, runs: str) -> None:
    app = _run(monkeypatch, SHIPPED, runs=runs)
    assert not app.exception
    assert app.toast[0].value.startswith("runs=")
    assert payload_of(app)["state"]["runs"] == list(RUNS)


def test_runs_without_the_new_figures_open_and_say_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch, checkpoints: Path
) -> None:
    for run in ("kl", "elbo"):
        path = checkpoints / "digits" / run
        old = {name: checkpoint.load_metrics(path)[name] for name in ("reconstruction", "kl", "elbo")}
        checkpoint.rewrite_metrics(path, old, "")
    app = _run(monkeypatch, checkpoints, runs="kl,elbo")
    assert not app.exception
    payload = payload_of(app)
    assert payload["verdicts"]["elbo"] == "This run was written without figures of its latent space."
    assert f"python -m training classifier --dataset digits --out {checkpoints}/digits/classifier" in payload["missing"]
    assert f"python -m training evaluate {checkpoints}/digits/kl --save" in payload["missing"]


# ---- the words


FULL = {"reconstruction": 124.0, "kl": 7.5, "elbo": -131.5}


@pytest.mark.parametrize(
    ("coverage", "words"), [(0.9, "Fills the prior"), (0.5, "Covers part of the prior"), (0.1, "Misses most of")]
)
def test_the_verdict_follows_the_coverage(coverage: float, words: str) -> None:
    """As a share of what as many images can cover; in more dimensions they tell nothing."""
    metrics = {**FULL, "prior_coverage": 0.6 * coverage, "prior_coverage_ceiling": 0.6}
    assert verdict(metrics, 10).startswith(words)
    assert "prior" not in verdict({**metrics, "neighbour_accuracy": 0.9}, 10, latent_dim=16)
    narrow = {**FULL, "prior_coverage": 0.004 * coverage, "prior_coverage_ceiling": 0.004}
    assert "too narrow to tell" in verdict(narrow, 10)


@pytest.mark.parametrize(
    ("accuracy", "classes", "words"),
    [
        (0.9, 10, "Classes lie apart"),
        (0.5, 10, "Classes overlap"),
        (0.13, 10, "Classes cannot be told apart"),
        (0.55, 2, "Classes cannot be told apart"),  # one in two is right by guessing
        (0.25, 62, "Classes overlap"),  # fifteen times what guessing reaches
    ],
)
def test_the_verdict_weighs_the_accuracy_against_guessing(accuracy: float, classes: int, words: str) -> None:
    assert verdict({**FULL, "neighbour_accuracy": accuracy}, classes).startswith(words)


def test_the_verdict_asks_no_classes_of_a_code_that_is_given_them() -> None:
    known = {**FULL, "neighbour_accuracy": 0.13}
    assert verdict(known, 10, given=True).startswith("Classes share the space, as each is given with z")
    assert verdict({**FULL, "neighbour_accuracy": 0.9}, 10, given=True).startswith("Classes lie apart")


@pytest.mark.parametrize(
    ("share", "words"), [(0.9, "Most prior"), (0.5, "Some prior"), (0.05, "Few prior"), (0.0, "No prior sample")]
)
def test_the_verdict_follows_the_recognisable_share(share: float, words: str) -> None:
    known = {**FULL, "recognisable": share, "recognised_classes": 9}
    assert verdict(known, 10).startswith(words)
    assert ("(9 of 10 classes)" in verdict(known, 10)) == (share > 0)
    assert ("(10 of 10 classes)" in verdict({**known, "recognised_classes": 10}, 10)) == (share > 0)


def test_a_deterministic_code_is_called_one_and_an_old_run_is_not() -> None:
    assert verdict({"reconstruction": 1.0, "kl": None, "neighbour_accuracy": 0.9}, 10).startswith(
        "A code without noise"
    )
    assert "without figures" in verdict(FULL, 10)


# ---- the densities


MARGINALS = """
async ({ xy, cov, center }) => {
  const { marginal } = await import("/assets/pages/compare/marginals.js");
  const { StandardPrior } = await import("/assets/maths/prior.js");
  const arrays = { xy: Float32Array.from(xy), cov: cov && Float32Array.from(cov) };
  const shape = { dim: 2, decodes: true, count: xy.length / 2, priorCenter: () => center };
  const space = { ...arrays, ...shape, decoder: { prior: new StandardPrior() } };
  const plain = (m) => ({ ...m, posterior: [...m.posterior], prior: [...m.prior] });
  return [0, 1].map((axis) => plain(marginal(space, axis)));
}
"""


@pytest.mark.parametrize("noise", ["wide", "narrow", "none"])
def test_densities_are_those_of_the_mixture_and_the_prior(shipped_app: str, browser: Browser, noise: str) -> None:
    rng = np.random.default_rng(3)
    mu = rng.normal(0.4, 1.1, (400, 2)).astype(np.float32)
    center = [0.3, -0.2]
    scale = {"wide": 0.5, "narrow": 1e-3, "none": 0.0}[noise] * rng.uniform(0.5, 1.5, (400, 2))
    cov = None if noise == "none" else np.stack([scale[:, 0] ** 2, 0 * scale[:, 0], scale[:, 1] ** 2], 1).astype("f4")
    page = patient_page(browser)
    page.goto(f"{shipped_app}/assets/dom/icon.svg")
    what = {"xy": mu.ravel().tolist(), "cov": None if cov is None else cov.ravel().tolist(), "center": center}
    for axis, ours in enumerate(page.evaluate(MARGINALS, what)):
        edges = np.linspace(ours["low"], ours["high"], len(ours["prior"]) + 1)
        width = edges[1] - edges[0]
        prior = np.diff(norm.cdf(edges, loc=center[axis])) / width
        np.testing.assert_allclose(ours["prior"], prior, atol=1e-5)
        if noise == "none":
            inside = mu[:, axis][mu[:, axis] < ours["high"]]
            bins = np.floor((inside - edges[0]) / width)
            posterior = (bins == np.arange(len(edges) - 1)[:, None]).sum(1) / (400 * width)
        else:
            sigma = np.maximum(scale[:, axis], 1e-12)
            posterior = np.diff(norm.cdf(edges[:, None], mu[:, axis], sigma), axis=0).mean(1) / width
        np.testing.assert_allclose(ours["posterior"], posterior, atol=0.003)
        assert ours["mean"] == pytest.approx(mu[:, axis].mean(), abs=1e-4)
        assert ours["deviation"] == pytest.approx(np.sqrt(mu[:, axis].var() + (scale[:, axis] ** 2).mean()), rel=1e-3)
    page.close()


# ---- in the browser


def test_dragging_picks_the_nearest_image_and_every_run_shows_it(open_page: Open) -> None:
    page = open_page(f"compare?{ALL}&image=17")
    latents = {run: _latents(run) for run in ("autoencoder", *RUNS)}
    x, y = _center(page.get_by_test_id("compare-plane-elbo"))
    seen = set()
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 16):
        page.mouse.move(x + 5 * step, y - 3 * step)
        next_frame(page)
        seen.add(_selected(page))
    page.mouse.up()
    assert len(seen) > 5
    image = _selected(page)
    gallery = checkpoint.load_gallery(SHIPPED / "mnist" / "gallery.safetensors")
    np.testing.assert_array_equal(pixels_of(page, "compare-original"), gallery["images"][image].ravel())
    for run, arrays in latents.items():
        _shows(page, run, arrays["mu"][image])
        values = page.get_by_test_id(f"compare-panel-{run}").locator("[data-part=addend-value]")
        found = [re.match(r"[\d.]*", text) for text in values.all_inner_texts()]
        numbers = [float(one[0]) for one in found if one and one[0]]
        assert numbers[0] == pytest.approx(arrays["reconstruction"][image], rel=0.006)
        if "kl" in arrays:
            assert numbers[1] == pytest.approx(arrays["kl"][image], rel=0.006, abs=1e-3)
            assert numbers[0] + numbers[1] == pytest.approx(numbers[2], abs=1e-9), "they add up as they are shown"
        else:
            expect(values.nth(1)).to_have_text("no KL: a code without noise")
    wait_for_address(page, image=str(image))


def test_the_image_picked_is_the_nearest_to_the_pointer(open_page: Open) -> None:
    page = open_page("compare?runs=kl,elbo&image=17")
    mu = _latents("elbo")["mu"]
    plane = page.get_by_test_id("compare-plane-elbo")
    marks = []
    for image in (17, int(np.argmax(mu[:, 0]))):  # two known points give the plane's scale
        page.goto(page.url.split("?")[0] + f"?runs=kl,elbo&image={image}")
        expect(page.locator(".lx")).to_have_attribute("data-ready", "true")
        marks.append(_center(plane.locator(".lx-mark")))
    scale = (marks[1][0] - marks[0][0]) / (mu[:, 0].max() - mu[17, 0])
    wanted = np.array([0.8, -0.9])
    page.mouse.click(marks[0][0] + (wanted[0] - mu[17, 0]) * scale, marks[0][1] - (wanted[1] - mu[17, 1]) * scale)
    picked = mu[_selected(page)]
    assert np.hypot(*(picked - wanted)) <= np.hypot(*(mu - wanted).T).min() + 3 / scale


def test_one_handle_moves_in_all_and_each_run_decodes_it(open_page: Open) -> None:
    page = open_page(f"compare?{ALL}&link=z&z=0,0")
    page.get_by_test_id("compare-plane-elbo").scroll_into_view_if_needed()
    x, y = _center(_handle(page, "elbo"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y - 20, steps=6)
    page.mouse.up()
    page.wait_for_function("!['0,0', null].includes(new URL(location).searchParams.get('z'))")
    z = tuple(float(v) for v in address_of(page)["z"].split(","))
    assert z[0] > 0.1 and z[1] > 0.1
    for run in ("autoencoder", *RUNS):
        _shows(page, run, z)
        near = np.hypot(*(_latents(run)["mu"] - np.array(z)).T)
        label = _latents(run)["label"][near.argmin()]
        expect(page.get_by_test_id(f"compare-panel-{run}")).to_contain_text(f"nearest image: class {label}")


def test_in_more_dimensions_the_nearest_image_is_so_in_all_of_them(open_page: Open) -> None:
    """Not on the plane, where others lie over the point."""
    page = open_page("compare?dataset=mnist&runs=elbo,elbo-16d&link=z&z=1,1")
    latents = _latents("elbo-16d")
    z = latents["pca_mean"] + latents["pca_components"].sum(0)
    far = np.linalg.norm(latents["mu"] - z, axis=1)
    assert np.hypot(*(latents["pca"] - 1).T).argmin() != far.argmin()
    panel = page.get_by_test_id("compare-panel-elbo-16d")
    expect(panel).to_contain_text(f"nearest image: class {latents['label'][far.argmin()]}")
    expect(panel).to_contain_text(f"{far.min():.2f} away")


def test_all_images_change_in_the_same_frame(open_page: Open) -> None:
    page = open_page(f"compare?{ALL}&link=z&z=0,0")
    page.evaluate(
        """() => {
      window.frames_seen = [];
      const pixels = (c) => c.getContext('2d').getImageData(0, 0, 28, 28).data;
      const hash = (c) => pixels(c).reduce((a, v, i) => (a * 31 + v * (i % 7)) | 0, 0);
      const canvases = [...document.querySelectorAll('[data-part=image]')];
      let before = canvases.map(hash);
      const look = () => {
        const now = canvases.map(hash);
        window.frames_seen.push(now.map((v, i) => v !== before[i]));
        before = now;
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    }"""
    )
    x, y = _center(_handle(page, "elbo"))
    page.mouse.move(x, y)
    page.mouse.down()
    next_frame(page)
    page.evaluate("window.frames_seen.length = 0")  # pressing it may shift it by less than a pixel
    for step in range(1, 9):
        page.mouse.move(x + 12 * step, y)
        next_frame(page)
    page.mouse.up()
    changed = [frame for frame in page.evaluate("window.frames_seen") if any(frame)]
    assert len(changed) == 8
    # The KL run's decoder makes nearly the same grey of every z: the others must always change together.
    assert all(frame[0] == frame[1] == frame[3] for frame in changed), changed


def test_arrow_keys_walk_from_image_to_image_and_move_z(open_page: Open) -> None:
    page = open_page("compare?runs=kl,elbo&image=17")
    mu = _latents("elbo")["mu"]
    handle = _handle(page, "elbo")
    handle.focus()
    page.keyboard.press("ArrowRight")
    first = _selected(page)
    assert mu[first, 0] > mu[17, 0]
    page.keyboard.press("Shift+ArrowUp")
    second = _selected(page)
    assert mu[second, 1] - mu[first, 1] > 3 * (mu[first, 0] - mu[17, 0])
    wait_for_address(page, image=str(second))
    expect(page.locator(".lx-live")).to_have_text(re.compile(rf"^Image {second}, class \d$"))
    assert re.search("selected image", handle.get_attribute("aria-label") or "")
    assert handle.get_attribute("aria-valuetext") == f"image {second}, class {_latents('elbo')['label'][second]}"
    page.get_by_role("button", name="Same z").click()
    handle.focus()
    page.keyboard.press("ArrowUp")
    wait_for_address(page, link="z")
    page.wait_for_function("new URL(location).searchParams.get('z')?.startsWith('0,0.')")
    page.get_by_role("button", name="Same image").click()
    assert _selected(page) == second


def test_the_legend_and_the_colours_are_shared(open_page: Open) -> None:
    page = open_page("compare?runs=reconstruction,elbo&image=17")
    dots = (
        "[...document.querySelectorAll('.lx-chart canvas')].map(c => "
        "c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 === 3 && v > 190).length)"
    )
    before = page.evaluate(dots)
    page.locator(".lx-legend button").nth(0).dblclick()
    page.wait_for_function(f"{dots}.every((n, i) => n < 0.5 * {json.dumps(before)}[i])")
    x, y = _center(page.get_by_test_id("compare-plane-elbo"))
    page.mouse.click(x, y)
    expect(page.locator("[data-part=shared-text]")).to_have_text("class 0")
    page.get_by_role("combobox", name="Colour").select_option("reconstruction")
    expect(page.locator(".lx-legend")).to_contain_text("nats")
    wait_for_address(page, color_by="reconstruction")


def test_figures_and_definitions_are_the_stored_ones(open_page: Open) -> None:
    page = open_page(f"compare?{ALL}&figures=open")
    for run in ("autoencoder", *RUNS):
        metrics = checkpoint.load_metrics(SHIPPED / "mnist" / run)
        for name in ("reconstruction", "kl", "elbo", "prior_coverage", "neighbour_accuracy", "recognisable"):
            cell = page.get_by_test_id(f"compare-panel-{run}").locator(f"[data-metric={name}]")
            text = cell.inner_text()
            if metrics[name] is None:
                assert text == "none"
            elif "%" in text:
                assert ("at best" in text) == (name == "prior_coverage")
                assert ("real images" in text) == (name == "recognisable")
                assert float(text.split()[0]) / 100 == pytest.approx(metrics[name], abs=0.0051)
            else:
                assert text.endswith(" nats")
                assert float(text.split()[0].replace("−", "-")) == pytest.approx(metrics[name], rel=0.006)
            name_of = cell.locator("xpath=preceding-sibling::dt").get_by_role("button")
            assert name_of.get_attribute("data-words") == metrics["definitions"][name]


def test_the_page_says_so_when_a_handle_is_out_of_view(open_page: Open) -> None:
    page = open_page("compare?runs=reconstruction,elbo&link=z&z=20,-5")
    expect(page.get_by_test_id("compare-plane-elbo").get_by_text("outside this view")).to_be_visible()
    expect(page.get_by_test_id("compare-plane-reconstruction").get_by_text("outside this view")).to_be_hidden()


def test_runs_come_and_go_and_the_image_stays(open_page: Open) -> None:
    page = open_page("compare?runs=kl,elbo&image=17")
    page.get_by_role("combobox", name="Runs").click()
    page.get_by_role("option", name="Autoencoder").click()
    expect(page.get_by_test_id("compare-panel-autoencoder")).to_be_visible()
    expect(page.get_by_test_id("compare-panel-autoencoder").locator("[data-part=caption]")).to_contain_text("nats")
    _shows(page, "autoencoder", _latents("autoencoder")["mu"][17])
    wait_for_address(page, runs="kl,elbo,autoencoder", image="17")
    order = [panel.get_attribute("data-testid") for panel in page.locator(".lx-panel").all()]
    assert order == ["compare-panel-kl", "compare-panel-elbo", "compare-panel-autoencoder"]


def test_touch_on_a_phone_selects_and_does_not_scroll(open_page: Open) -> None:
    page = open_page("compare?runs=reconstruction,elbo&image=17", size="phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    x, y = _center(page.get_by_test_id("compare-plane-reconstruction").get_by_test_id("handle"))
    client = page.context.new_cdp_session(page)
    client.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 9):
        client.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y + 6 * step}]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function("new URL(location).searchParams.get('image') !== '17'")
    image = _selected(page)
    assert image != 17
    _shows(page, "elbo", _latents("elbo")["mu"][image])
    assert page.evaluate("document.querySelector('.stMain').scrollTop + window.scrollY") == 0
    page.get_by_test_id("compare-panel-elbo").locator(".lx-verdict").scroll_into_view_if_needed()
    expect(page.locator("[data-part=original]")).to_be_in_viewport()  # the original stays in sight
    page.get_by_role("button", name="Figures").click()
    expect(page.get_by_test_id("compare-panel-elbo").locator(".lx-numbers")).to_be_visible()


def test_odd_data_opens(browser: Browser, checkpoints: Path) -> None:
    (checkpoints / "digits" / "gallery.safetensors").unlink()
    with serve(checkpoints) as address, opener(browser, address) as open_it:
        page = open_it("compare?runs=autoencoder,conv&image=5")
        expect(page.get_by_test_id("compare-original")).to_be_hidden()
        expect(page.locator(".lx-missing")).to_contain_text("python -m training classifier --dataset digits")
        digits = checkpoints / "digits"
        _shows(page, "conv", checkpoint.load_latents(digits / "conv")["mu"][5], digits)
        expect(page.get_by_test_id("compare-panel-conv").locator(".lx-axes")).to_have_text(
            "along 2 principal axes of 3"
        )
        page.get_by_role("button", name="Same z").click()
        expect(page.locator(".lx-sentence")).to_contain_text("first two principal components")


def test_another_data_set_starts_afresh(browser: Browser, checkpoints: Path) -> None:
    for run in ("kl", "elbo"):
        shutil.copytree(SHIPPED / "mnist" / run, checkpoints / "mnist" / run)
    with serve(checkpoints) as address, opener(browser, address) as open_it:
        page = open_it("compare?dataset=digits&runs=kl,elbo&image=5")
        page.get_by_role("combobox", name="Data set").click()
        page.get_by_role("option", name="mnist").click()
        expect(page.locator("[data-part=shared-title]")).to_have_text("Image 2500")
        assert page.get_by_test_id("compare-image-elbo").evaluate("c => c.width") == 28
        wait_for_address(page, dataset="mnist", runs="kl,elbo")
