"""A figure of the runs against one of their options: what is joined, what is a spread, and what is no comparison."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explorer.views.metric_columns import BY_NAME, Row
from explorer.views.option_chart import chart, options_to_choose
from explorer.views.plot import Figure
from explorer.views.run_kind import run_kind
from explorer.views.run_options import option, options_of
from tests.app_address import app_address
from tests.patience import PATIENCE_S
from tests.recipes import DATA, MODEL, RECIPE
from tests.server import ROOT


def _row(name: str, metrics: Mapping[str, Any], model: Mapping[str, Any] = {}, **training: Any) -> Row:
    recipe, full = {**RECIPE, **training}, {**MODEL, **model}
    kind = run_kind(DATA, full["image_shape"], full["likelihood"], full["latent_dim"], full["posterior"], recipe)
    return Row(name, name, kind, {"bound_images": 1000, **metrics}, options_of(recipe, full, DATA))


def _sweep(beta: float, dim: int, seed: int, elbo: float) -> Row:
    return _row(f"b{beta:g}-d{dim}-s{seed}", {"elbo": elbo}, {"latent_dim": dim}, beta=beta, seed=seed)


SWEEP = [
    _sweep(beta, dim, seed, -150 + 10 * dim - 3 * beta - seed / 2)
    for beta in (1, 4)
    for dim in (2, 8)
    for seed in (0, 1)
]


def _drawn(found: tuple[str, Figure | None]) -> list[Any]:
    assert found[1] is not None
    return list(found[1].data)


def test_seeds_are_a_point_with_its_spread_and_runs_alike_but_for_the_option_are_joined() -> None:
    sentence, figure = chart(SWEEP, BY_NAME["elbo"], option("latent_dim"))
    lines = _drawn((sentence, figure))
    assert [line.name for line in lines] == ["β 1", "β 4"]
    assert [place for line in lines for place in line.x] == pytest.approx([2, 8, 2, 8], abs=0.1)
    assert lines[0].x[0] < lines[1].x[0], "none of them hides another"
    assert lines[0].y[1] == statistics.fmean([-73.0, -73.5])
    assert lines[0].error_y.array[1] == pytest.approx(statistics.stdev([-73.0, -73.5]))
    assert sentence.startswith("ELBO is highest at D 8: ") and "−73.25 ± 0.35 nats" in sentence
    assert "standard deviation over the seeds" in sentence


def test_against_the_other_option_the_lines_change_places() -> None:
    lines = _drawn(chart(SWEEP, BY_NAME["elbo"], option("beta")))
    assert [line.name for line in lines] == ["D 2", "D 8"]
    assert [line.customdata[1] for line in lines] == [
        "β 4, D 2: −142.25 ± 0.35 nats, 2 seeds",
        "β 4, D 8: −82.25 ± 0.35 nats, 2 seeds",
    ]


def test_other_likelihoods_have_other_marks_and_it_is_said() -> None:
    rows = [
        *(_row(f"b{d}", {"elbo": -100.0 + d}, {"latent_dim": d}) for d in (2, 4)),
        *(_row(f"g{d}", {"elbo": 300.0 + d}, {"latent_dim": d, "likelihood": "gaussian"}) for d in (2, 4, 8)),
    ]
    sentence, figure = chart(rows, BY_NAME["elbo"], option("latent_dim"))
    bernoulli, gaussian = _drawn((sentence, figure))
    assert set(bernoulli.marker.symbol).isdisjoint(gaussian.marker.symbol)
    assert "(Gaussian likelihood)" in gaussian.name and "(Bernoulli likelihood)" in bernoulli.name
    assert "cannot be held against each other: their likelihoods differ (Bernoulli, Gaussian)" in sentence
    assert "Of the 3 alike, ELBO is highest at D 8" in sentence


def test_where_the_evidence_cannot_be_integrated_its_bound_is_drawn_as_one() -> None:
    rows = [
        _row("two", {"log_evidence": -120.0, "importance_weighted_bound": -120.1}),
        _row("many", {"importance_weighted_bound": -90.0}, {"latent_dim": 16}),
    ]
    sentence, figure = chart(rows, BY_NAME["log_evidence"], option("latent_dim"))
    (both,) = _drawn((sentence, figure))
    assert list(both.y) == [-120.0, -90.0]
    assert list(both.marker.symbol) == ["circle", "triangle-up"]
    assert both.customdata[1] == "many, D 16: ≥ −90.00 nats"
    assert "A triangle is a bound" in sentence and "highest at D 16" in sentence


def test_a_collapsed_run_is_hollow_and_one_without_the_option_is_named() -> None:
    rows = [
        _row("b1", {"elbo": -130.0}, beta=1.0),
        _row("b9", {"elbo": -200.0, "collapsed": True}, beta=9.0),
        _row("k", {"elbo": -540.0}, objective="kl"),
    ]
    sentence, figure = chart(rows, BY_NAME["elbo"], option("beta"))
    assert list(_drawn((sentence, figure))[0].marker.symbol) == ["circle", "circle-open"]
    assert "Not drawn: k, which has no β." in sentence and "Hollow: collapsed" in sentence


def test_a_collapsed_run_does_not_press_the_others_together() -> None:
    rows = [_row(f"b{beta}", {"elbo": -130.0 - beta}, beta=float(beta)) for beta in (1, 2, 4)]
    rows.append(_row("b9", {"elbo": -540.0, "collapsed": True}, beta=9.0))
    sentence, figure = chart(rows, BY_NAME["elbo"], option("beta"))
    assert figure is not None and -140 < figure.layout.yaxis.range[0] < -134
    assert "Out of sight, as it collapsed: b9 (−540.00 nats)." in sentence
    assert chart(rows[:3], BY_NAME["elbo"], option("beta"))[1].layout.yaxis.range is None  # type: ignore[union-attr]


def test_words_have_an_axis_of_words_and_none_is_one_of_them() -> None:
    rows = [_row("a", {"elbo": -1.0}), _row("<b>", {"elbo": -2.0}, objective="kl")]
    figure = chart(rows, BY_NAME["elbo"], option("gradient"))[1]
    assert figure is not None
    assert list(figure.layout.xaxis.ticktext) == ["reparameterization", "–"]
    assert list(figure.layout.xaxis.tickvals) == [0, 1]
    assert figure.data[1].customdata[0].startswith("&lt;b&gt;, Gradient –"), "plotly reads markup"


def test_no_figure_is_said() -> None:
    sentence, figure = chart(SWEEP, BY_NAME["frechet_samples"], option("beta"))
    assert figure is None and sentence == "No run shown has Fréchet, samples and β: there is nothing to draw."


def test_d_and_beta_come_first_and_the_seed_never() -> None:
    assert [found.name for found in options_to_choose([row.options for row in SWEEP])] == ["latent_dim", "beta"]
    mixed = [_row("a", {}).options, _row("b", {}, {"posterior": "full"}, learning_rate=1e-4, seed=3).options]
    assert [found.name for found in options_to_choose(mixed)] == ["learning_rate", "posterior"]


SCRIPT = "from explorer.screens import metrics\nmetrics.page()\n"


def test_both_selects_stand_in_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(ROOT / "checkpoints"))
    app = AppTest.from_string(SCRIPT, default_timeout=PATIENCE_S)
    link = {"dataset": "mnist", "figure": "elbo", "against": "option:objective"}
    for name, value in link.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception and not app.toast
    assert app_address(app).items() >= link.items()
    assert app.selectbox(key="figure").value == "elbo"
    app.selectbox(key="against").select("option:posterior").run()
    assert not app.exception and app_address(app)["against"] == "option:posterior"
    fresh = AppTest.from_string(SCRIPT, default_timeout=PATIENCE_S)
    fresh.query_params["against"] = "option:nonsense"
    fresh.run()
    assert "do not differ in it; drawn against D" in fresh.toast[0].value and not fresh.exception
