"""The Probability page: its readout, the ellipse under the hand, the ascent, its addresses, odd data, and access."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page, expect
from streamlit.testing.v1 import AppTest

from explorer.views.posterior import held_out_metrics, posterior_arrays
from tests.app_address import payload_of
from tests.asker import headers_of
from tests.eq_10 import gap_and_elbo, log_evidence
from tests.opener import Open, address_of, next_frame, opener, pixels_of, wait_for_address
from tests.patience import PATIENCE_S
from tests.server import ROOT, serve
from training import checkpoint
from training.measure.true_posterior import true_posterior

SHIPPED = ROOT / "checkpoints"
IMAGE = "probability?dataset=mnist&run=elbo&image=17"


def _run(monkeypatch: pytest.MonkeyPatch, checkpoints: Path, **params: str) -> AppTest:
    """The page alone, as Streamlit runs it."""

    def script() -> None:
        from explorer.screens import probability

        probability.page()

    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(checkpoints))
    app = AppTest.from_function(script, default_timeout=PATIENCE_S)
    for name, value in params.items():
        app.query_params[name] = value
    return app.run()


def _wait_measured(page: Page) -> dict[str, float]:
    """Both sides of Eq. 10, once q rests and has been measured."""
    bar = page.get_by_test_id("evidence-bar")
    page.wait_for_function("Boolean(document.querySelector('[data-testid=evidence-bar]').dataset.residual)")
    return {name: float(bar.get_attribute(f"data-{name}") or "nan") for name in ("evidence", "elbo", "gap", "residual")}


def _drag(page: Page, handle: str, dx: float, dy: float) -> None:
    box = page.get_by_test_id(f"handle-{handle}").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(x + dx * step / 5, y + dy * step / 5)
        next_frame(page)
    page.mouse.up()


def _is_eq_10(page: Page, q: list[float]) -> dict[str, float]:
    """Measured values, once log p(x), gap and ELBO are each what torch finds for image 17 and `q`, and so shown."""
    found = _wait_measured(page)
    model = checkpoint.load_model(SHIPPED / "mnist" / "elbo")
    x = torch.from_numpy(_image(17)).float() / 255
    evidence = log_evidence(model, x, _encoder_q(17))
    gap, elbo = gap_and_elbo(model, x, q, evidence)
    assert found["evidence"] == pytest.approx(evidence, abs=0.05)
    assert found["elbo"] == pytest.approx(elbo, abs=0.05)
    assert found["gap"] == pytest.approx(gap, abs=0.05 + 0.01 * gap)
    shown = {name: _number(page.locator(f"[data-part={name}]").inner_text()) for name in ("evidence", "gap", "elbo")}
    for name, value in shown.items():
        assert value == pytest.approx(found[name], abs=0.006), name
    left = 0 if "<" in page.locator("[data-part=residual]").inner_text() else found["residual"]
    assert shown["evidence"] - shown["gap"] - shown["elbo"] == pytest.approx(left, abs=6e-4), (
        "it adds up as it is shown"
    )
    told = str(page.get_by_test_id("evidence-bar").get_attribute("aria-label"))
    assert f"plus a gap of {page.locator('[data-part=gap]').inner_text()}" in told, "one gap, one number"
    residual = page.locator("[data-part=residual]").inner_text()
    assert _number(residual.removeprefix("< ")) == pytest.approx(evidence - gap - elbo, abs=0.05 + 0.01 * gap)
    return found


def _number(text: str) -> float:
    return float(text.replace("\u2212", "-"))


def _image(index: int) -> np.ndarray:
    images: np.ndarray = checkpoint.load_gallery(SHIPPED / "mnist" / "gallery.safetensors")["images"]
    return images[index : index + 1]


def _encoder_q(index: int) -> list[float]:
    latents = checkpoint.load_latents(SHIPPED / "mnist" / "elbo")
    return [*latents["mu"][index].tolist(), *np.exp(0.5 * latents["log_var"][index]).tolist(), 0.0]


def _q(page: Page) -> list[float]:
    return [float(v) for v in address_of(page)["q"].split(",")]


def test_opens_and_says_where_the_answers_are(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _run(monkeypatch, SHIPPED)
    assert not app.exception
    assert not app.toast
    payload = payload_of(app)
    assert payload["state"]["run"] == "elbo"
    assert set(payload["answers"]) == set(payload["held_out"]) == set(payload["runs"])
    for run, answers in payload["answers"].items():
        for question in ("posterior", "bound"):
            assert answers[question].startswith(f"answers/mnist/{run}/{question}?v=")
            assert answers[question].endswith("&image=")


def test_a_link_restores_its_state(monkeypatch: pytest.MonkeyPatch) -> None:
    link = {"run": "kl", "image": "17", "family": "full", "q": "0.5,-1.2,0.1,0.2,0.3", "spread": "0.25"}
    app = _run(monkeypatch, SHIPPED, dataset="mnist", **link)
    assert not app.exception
    assert not app.toast
    state = payload_of(app)["state"]
    assert state["q"] == [0.5, -1.2, 0.1, 0.2, 0.3]
    assert (state["run"], state["image"], state["family"], state["spread"]) == ("kl", 17, "full", 0.25)


@pytest.mark.parametrize("q", ["1,2", "0,0,0,1,0", "0,0,-1,1,0", "a,b,c,d,e", "nan,0,1,1,0", "0,0,1,1,99"])
def test_an_ellipse_that_makes_no_sense_gives_a_note(monkeypatch: pytest.MonkeyPatch, q: str) -> None:
    app = _run(monkeypatch, SHIPPED, dataset="mnist", run="elbo", q=q)
    assert not app.exception
    assert "expected five numbers" in app.toast[0].value
    assert payload_of(app)["state"]["q"] is None


def test_windows_are_sent_less_their_common_peak() -> None:
    far = np.full((2, 3), -500.0)
    arrays, facts = posterior_arrays(
        (-100.0, 1e-3), (-100.1, 1e-2), [((0, 1), (2, 3), far + 480), ((5, 5), (6, 6), far)], [-21, -22]
    )
    assert arrays["window_0"].dtype == arrays["window_1"].dtype == np.float32
    assert arrays["window_0"].max() == 0
    assert arrays["window_1"].max() == -60, "what is never drawn is cut off"
    assert facts["levels"] == [-1, -2]
    assert facts["boxes"] == [[0, 1, 2, 3], [5, 5, 6, 6]]
    assert (facts["log_evidence"], facts["error"]) == (-100.0, 1e-3)
    assert (facts["log_normaliser"], facts["normaliser_error"]) == (-100.1, 1e-2)


def test_only_figures_that_a_run_has_are_shown() -> None:
    assert held_out_metrics({"elbo": -1.0, "gap": None, "active_units": 0, "collapsed": False}) == {
        "active_units": 0,
        "collapsed": False,
    }


# ---- in the browser


def test_evidence_gap_and_elbo_are_torch_s_and_close_eq_10(open_page: Open) -> None:
    page = open_page(IMAGE)
    found = _is_eq_10(page, _encoder_q(17))
    assert abs(found["residual"]) <= 0.05
    x = torch.from_numpy(_image(17)).float() / 255
    expected = true_posterior(checkpoint.load_model(SHIPPED / "mnist" / "elbo"), x)
    assert found["evidence"] == pytest.approx(expected.log_evidence, abs=1e-3)
    latents = checkpoint.load_latents(SHIPPED / "mnist" / "elbo")
    stored = -(latents["reconstruction"][17] + latents["kl"][17])
    assert found["elbo"] == pytest.approx(stored, abs=1.5)  # the stored one is estimated, from 16 draws
    expect(page.locator("[data-part=evidence-error]")).to_contain_text("nats")
    expect(page.locator(".lx-contour")).to_have_count(3 * len(expected.windows))
    assert len(page.locator(".lx-contour").first.get_attribute("d") or "") > 100
    with torch.no_grad():
        decoded = checkpoint.load_model(SHIPPED / "mnist" / "elbo").image(torch.tensor([_encoder_q(17)[:2]]))
    np.testing.assert_allclose(pixels_of(page, "decoded-image"), 255 * decoded.flatten(), atol=1.5)
    bound = page.get_by_test_id("bound-plot")
    page.wait_for_function("document.querySelector('[data-testid=bound-plot]').dataset.last")
    assert float(bound.get_attribute("data-last") or "nan") == pytest.approx(expected.log_evidence, abs=0.2)
    bound.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('[data-testid=bound-plot]').dataset.estimates >= 20")
    expect(page.locator("[data-part=bound-text]")).to_contain_text("nine in ten between")


def test_dragging_an_axis_opens_the_gap_reset_closes_it_and_optimising_shows_both_parts(open_page: Open) -> None:
    page = open_page(IMAGE)
    before = _wait_measured(page)
    image = pixels_of(page, "decoded-image")
    _drag(page, "a", 120, 60)
    page.wait_for_function("new URL(location).searchParams.has('q')")
    moved = _q(page)
    after = _is_eq_10(page, moved)
    assert after["evidence"] == before["evidence"]
    assert after["elbo"] < before["elbo"] - 0.5
    x, y, first, second, _ = _encoder_q(17)
    assert moved[:2] == pytest.approx([x, y], abs=1e-5)
    assert moved[2] > 2 * first
    assert moved[3] == pytest.approx(second, rel=1e-4)
    assert moved[4] == 0, "a diagonal covariance does not turn"
    _drag(page, "\u03bc", 60, 0)
    assert (pixels_of(page, "decoded-image") != image).any()
    page.get_by_test_id("reset-posterior").click()
    page.wait_for_function("!new URL(location).searchParams.has('q')")
    assert _wait_measured(page)["elbo"] == pytest.approx(before["elbo"], abs=1e-6)
    page.get_by_test_id("optimise-posterior").click()
    expect(page.get_by_test_id("optimise-posterior")).to_have_text("Optimise it")
    expect(page.locator("[data-part=bar-split]")).to_be_visible()
    after = _wait_measured(page)
    assert after["elbo"] >= before["elbo"] - 1e-3
    amortisation, approximation = (
        _number(page.locator(f"[data-part={name}]").inner_text()) for name in ("amortisation", "approximation")
    )
    assert amortisation >= -0.005 and approximation >= -0.05
    assert amortisation + approximation == pytest.approx(before["evidence"] - before["elbo"], abs=0.02)


def test_a_full_covariance_turns_under_the_hand(open_page: Open) -> None:
    page = open_page(f"{IMAGE}&family=full")
    _wait_measured(page)
    _drag(page, "a", 0, -120)
    page.wait_for_function("new URL(location).searchParams.has('q')")
    assert _q(page)[4] > 0.2
    page.locator("[data-family=diagonal]").click()
    page.wait_for_function("(new URL(location).searchParams.get('q') ?? '').endsWith(',0')")
    assert "family" not in address_of(page)


def test_keys_move_stretch_and_turn_the_ellipse(open_page: Open) -> None:
    page = open_page(f"{IMAGE}&family=full")
    before = _wait_measured(page)
    sigma = _encoder_q(17)[2:4]
    page.get_by_test_id("handle-a").focus()
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_function("new URL(location).searchParams.has('q')")
    assert _q(page)[2] == pytest.approx(1.03**10 * sigma[0], rel=1e-3)
    page.keyboard.press("Shift+ArrowUp")
    page.wait_for_function("!(new URL(location).searchParams.get('q') ?? '').endsWith(',0')")
    assert _q(page)[4] == pytest.approx(10 * 3.14159265 / 90, rel=1e-3)
    assert "standard deviation" in (page.get_by_test_id("handle-a").get_attribute("aria-valuetext") or "")
    assert _wait_measured(page)["elbo"] != before["elbo"]
    slider = page.get_by_test_id("jensen-slider")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator("[data-part=spread-value]")).to_contain_text("gap 0 nats")
    wait_for_address(page, spread="0")


def test_a_link_shows_its_ellipse_and_a_click_another_image(open_page: Open) -> None:
    page = open_page(f"{IMAGE}&q=0.1,-1.3,0.02,0.05,0.3")
    _wait_measured(page)
    expect(page.locator("[data-family=full]")).to_have_attribute("aria-pressed", "true")
    assert (page.get_by_test_id("probability-plane").get_attribute("data-measured") or "").endswith(",0.3")
    page.get_by_test_id("probability-image").fill("450")
    page.keyboard.press("Enter")
    wait_for_address(page, image="450")
    assert "q" not in address_of(page)
    assert abs(_wait_measured(page)["residual"]) <= 0.1


def test_touch_stretches_an_axis_and_does_not_scroll(open_page: Open) -> None:
    page = open_page(IMAGE, size="phone")
    before = _wait_measured(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = page.get_by_test_id("handle-b").bounding_box()
    assert box and box["width"] >= 40
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    client = page.context.new_cdp_session(page)
    client.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 6):
        client.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y - 12 * step}]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function("new URL(location).searchParams.has('q')")
    assert _wait_measured(page)["elbo"] < before["elbo"]
    assert page.evaluate("document.querySelector('.stMain').scrollTop + window.scrollY") == 0


def test_odd_runs_say_what_there_is(browser: Browser, checkpoints: Path) -> None:
    with serve(checkpoints) as address, opener(browser, address) as open_it:
        page = open_it("probability?dataset=digits&run=autoencoder&image=5")
        expect(page.locator(".lx-sentence")).to_contain_text("no q(z|x)")
        assert abs(_wait_measured(page)["residual"]) <= 0.1, "a Gaussian of the person's own"
        page.get_by_text("conv", exact=False).first.click()
        expect(page.locator(".lx-sentence")).to_contain_text("this run has 3")
        expect(page.get_by_test_id("optimise-posterior")).to_be_disabled()
        expect(page.get_by_test_id("handle-a")).to_be_hidden()
        page.wait_for_function("document.querySelector('[data-testid=bound-plot]').dataset.last")


def test_without_a_gallery_there_is_no_evidence_and_the_page_says_so(browser: Browser, checkpoints: Path) -> None:
    (checkpoints / "digits" / "gallery.safetensors").unlink()
    with serve(checkpoints) as address, opener(browser, address) as open_it:
        page = open_it("probability?dataset=digits&run=elbo&image=5")
        expect(page.locator(".lx-sentence")).to_contain_text("needs the image itself")
        expect(page.get_by_test_id("optimise-posterior")).to_be_disabled()
        headers = headers_of(address)
        answer = page.request.get(f"{address}/answers/digits/elbo/posterior?image=5", headers=headers)
        assert answer.status == 409 and "gallery.safetensors" in answer.text()
        for place in ("digits/none/posterior?image=5", "digits/elbo/none?image=5", "digits/elbo/posterior?image=-1"):
            assert page.request.get(f"{address}/answers/{place}", headers=headers).status == 404
