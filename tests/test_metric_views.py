"""The table of runs by metrics, its exports and its plots, as pure functions of metrics.json and history.jsonl."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from explorer.views import metric_plots, metrics_table
from explorer.views.factors import Followed, followed
from explorer.views.metric_columns import BY_NAME, Row
from explorer.views.metrics_table import table
from explorer.views.run_kind import RunKind
from training.measure.definitions import ALL_DEFINITIONS

SIZES = {"images": 10_000, "samples": 16, "held_out_images": 5000, "prior_draws": 4096, "neighbours": 10, "seed": 0}
SIZES |= {"bound_images": 1000, "bound_draws": 5000, "frechet_images": 10_000}
VAE = RunKind("mnist", "Bernoulli", 2, "diagonal", "reconstruction + 1 KL")
CODE = replace(VAE, posterior="deterministic", objective="reconstruction")


def _row(name: str, elbo: float | None, kl: float | None, kind: RunKind = VAE, **more: object) -> Row:
    return Row(name, name.title(), kind, {**SIZES, "elbo": elbo, "kl": kl, "reconstruction": 120.0, **more})


ROWS = (
    _row("a", -131.254, 7.5),
    _row("b", -309.5, 186.0),
    _row("c", None, None, CODE),
    _row("d", -543.3, 0.0, collapsed=True),
)


def _best(rows: Sequence[Row], column: str) -> set[str]:
    return table(rows, "given", ALL_DEFINITIONS).best(BY_NAME[column])


def test_every_column_has_a_definition() -> None:
    assert set(BY_NAME) <= set(ALL_DEFINITIONS)


def test_best_follows_the_arrow() -> None:
    assert _best(ROWS, "elbo") == {"a"}
    assert _best(ROWS, "reconstruction") == set(), "they read the same: nothing to choose"
    assert _best(ROWS[:1], "elbo") == set(), "one run is not the best of anything"


def test_nothing_is_best_where_less_or_more_is_no_merit() -> None:
    gap = {"images": 1000, "mean": 0.002}
    rows = [_row("a", -1, 7, gap={**gap, "mean": 5}, active_units=2, recognisable=0.9), _row("b", -2, 0, gap=gap)]
    rows[1] = replace(rows[1], metrics={**rows[1].metrics, "active_units": 1, "recognisable": 0.2})
    for column in ("kl", "gap", "active_units", "recognisable"):
        assert _best(rows, column) == set()
    html = metrics_table.to_html(table(rows, "given", ALL_DEFINITIONS))
    assert html.count("neither more nor less is better") == 4
    assert ">0.002</td>" in html, "a small gap is no zero"


def test_runs_that_read_the_same_are_equally_good() -> None:
    rows = [_row("a", -131.251, 1), _row("b", -131.249, 2), _row("c", -140, 3)]
    assert _best(rows, "elbo") == {"a", "b"}
    html = metrics_table.to_html(table(rows, "given", ALL_DEFINITIONS))
    assert html.count("−131.25<span") == 2


@pytest.mark.parametrize(
    "other",
    [
        replace(VAE, likelihood="Gaussian"),
        replace(VAE, data="fashion-mnist"),
    ],
)
def test_runs_of_other_likelihoods_and_images_are_never_ranked_together(other: RunKind) -> None:
    rows = [_row("a", -131, 7, prior_coverage=0.5), _row("b", 900, 9, other, prior_coverage=0.6), _row("c", -99, 8)]
    assert _best(rows, "elbo") == set()
    shown = table(rows, "elbo", ALL_DEFINITIONS)
    assert "".join(row.name for row in shown.rows) == "cab", "each in its own group"
    told = ["Gaussian likelihood", "Bernoulli likelihood"] if other.data == "mnist" else []
    assert all(tag in metrics_table.to_html(shown) and tag in metrics_table.to_markdown(shown, "x") for tag in told)
    # What is no density of x needs only the same images.
    assert _best(rows, "prior_coverage") == ({"b"} if other.data == "mnist" else set())


def test_figures_of_other_numbers_of_images_are_not_ranked() -> None:
    assert _best([_row("a", -131, 7), _row("b", -130, 7, images=250)], "elbo") == set()
    judges = [{"name": name, "accuracy": 0.9, "sha256": name * 64} for name in "ab"]
    rows = [
        _row(judge["sha256"][:1], -1, 1, feature_network=judge, frechet_samples=i) for i, judge in enumerate(judges)
    ]
    assert _best(rows, "frechet_samples") == set(), "two judges"


def test_a_run_without_a_prior_or_with_a_trivial_one_is_not_the_best_of_it() -> None:
    judge = {"name": "judge", "accuracy": 0.9, "sha256": "a" * 64}
    figures = [(300, "a", VAE), (200, "b", VAE), (9, "c", CODE)]
    rows = [_row(n, -1, 1, kind, feature_network=judge, frechet_samples=v) for v, n, kind in figures]
    assert _best(rows, "frechet_samples") == {"b"}
    assert ">no prior<" in metrics_table.to_html(table(rows, "given", {}))
    full = _row("d", -1, 0, prior_coverage=1.0, collapsed=True)
    assert _best(
        [full, _row("a", -1, 1, prior_coverage=0.5), _row("b", -1, 1, prior_coverage=0.6)], "prior_coverage"
    ) == {"b"}


def test_prior_coverage_is_judged_by_what_could_be_attained() -> None:
    def covering(name: str, coverage: float, ceiling: float | None, kind: RunKind = VAE, **more: object) -> Row:
        return _row(name, -1, 1, kind, prior_coverage=coverage, prior_coverage_ceiling=ceiling, **more)

    near, far = covering("near", 0.59, 0.67), covering("far", 0.60, 0.77)
    assert _best([near, far], "prior_coverage") == {"near"}, "88 % of what it could, not 78 %"
    shown = table([far, near], "prior_coverage", ALL_DEFINITIONS)
    assert [row.name for row in shown.rows] == ["near", "far"]
    assert "nearer to what can be attained is better" in metrics_table.to_html(shown)
    collapsed = covering("collapsed", 1.0, 1.0, collapsed=True)
    narrow = covering("narrow", 0.0057, 0.0057)
    deep = covering("deep", 0.5, 0.5, replace(VAE, latent_dim=16))
    code = _row("code", -1, None, CODE)
    for other in (collapsed, narrow, deep, code):
        assert _best([near, far, other], "prior_coverage") == {"near"}, other.name
        assert _best([near, other], "prior_coverage") == set(), "nothing else to be better than"
    assert _best([near, far, covering("older", 0.5, None)], "prior_coverage") == set(), "no ceiling to hold it against"
    assert _best([near, covering("same", 0.88, 1.0)], "prior_coverage") == set(), "equally good"


def test_log_evidence_is_best_only_where_no_bound_says_otherwise() -> None:
    known = [_row("a", -131, 7, log_evidence=-125.9), _row("b", -140, 7, log_evidence=-137.0)]
    assert _best(known, "log_evidence") == {"a"}
    deep = replace(VAE, latent_dim=16)
    above = _row("c", -97, 20, deep, log_evidence=None, importance_weighted_bound=-93.33)
    assert _best([*known, above], "log_evidence") == {"c"}
    assert '<td class="best">≥ −93.33' in metrics_table.to_html(table([*known, above], "given", {}))
    below = _row("c", -130, 20, deep, log_evidence=None, importance_weighted_bound=-128.0)
    assert _best([*known, below], "log_evidence") == set(), "it may lie above all"
    assert _best([*known, above, replace(above, name="d")], "log_evidence") == set(), "two that are only bounded"


@pytest.mark.parametrize(("sort", "order"), [("given", "abcd"), ("elbo", "abdc"), ("kl", "dabc")])
def test_order_is_best_first_and_runs_without_the_metric_last(sort: str, order: str) -> None:
    assert "".join(row.name for row in table(ROWS, sort, ALL_DEFINITIONS).rows) == order


@pytest.mark.parametrize(
    ("value", "text"), [(-0.0, "0"), (-3.8e-8, "0"), (0.0022, "0.002"), (-0.004, "−0.004"), (7.5, "7.50")]
)
def test_zero_is_zero(value: float, text: str) -> None:
    assert BY_NAME["kl"].text({"kl": value}) == text


def test_columns_that_no_run_has_are_left_out() -> None:
    assert [column.name for column in table(ROWS, "given", {}).columns] == ["elbo", "reconstruction", "kl"]


def test_scores_of_factors_say_which_factors() -> None:
    rows = [_row("a", -20.0, 3.0, factor_vae_score=0.78, factors=["shape", "x"]), _row("b", -30.0, 3.0)]
    shown = table(rows, "factor_vae_score", ALL_DEFINITIONS)
    column = BY_NAME["factor_vae_score"]
    assert column in shown.columns
    assert shown.sample(column) == "5,000 held-out images; the factors shape, x; seed 0"


def test_a_dimension_follows_the_factor_that_it_knows_most_of() -> None:
    metrics = {"factors": ["shape", "x"], "factor_information": [[0.1, 0.6], [0.01, 0.02], [0.2, 0.1]]}
    assert followed(metrics) == [Followed("x", 0.6), None, Followed("shape", 0.2)]
    assert followed({}) is None


def test_html_is_a_table_of_escaped_text_with_arrows_in_words() -> None:
    html = metrics_table.to_html(table([Row("x", "<b>&", VAE, ROWS[0].metrics), *ROWS], "given", ALL_DEFINITIONS))
    assert "<b>" not in html and "&lt;b&gt;&amp;" in html
    assert html.count('scope="row"') == 5
    assert "higher is better" in html and "lower is better" in html
    assert html.count(">collapsed<") == 1
    assert len(re.findall(r"<t[dh][ >]", html)) == 6 * 4
    assert "10,000 test images" in html, "which images a column is of"


def test_csv_holds_the_stored_numbers_and_the_sample_sizes() -> None:
    network = {"name": "classifier of mnist, 128 features", "accuracy": 0.99, "sha256": "ab" * 32}
    gap = {"images": 1000, "mean": 4.5, "quantiles": {}, "edges": [], "counts": []}
    rows = [*ROWS, _row("e", -1.0, 2.0, gap=gap, frechet_samples=3.25, feature_network=network, frechet_images=77)]
    read = list(csv.DictReader(io.StringIO(metrics_table.to_csv(table(rows, "elbo", ALL_DEFINITIONS), "mnist"))))
    by_run = {row["run"]: row for row in read}
    assert list(by_run) == ["e", "a", "b", "d", "c"]
    assert float(by_run["a"]["elbo [nats]"]) == -131.254
    assert by_run["c"]["elbo [nats]"] == ""
    assert by_run["d"]["collapsed"] == "True"
    assert {row["likelihood"] for row in read} == {"Bernoulli"}
    assert (by_run["e"]["gap [nats]"], by_run["e"]["frechet_samples"], by_run["e"]["frechet_images"]) == (
        "4.5",
        "3.25",
        "77",
    )
    assert by_run["e"]["feature_network_sha256"] == "ab" * 32
    assert {row["images"] for row in read} == {"10000"} and {row["seed"] for row in read} == {"0"}


def test_markdown_has_unit_sample_seed_and_definition_of_each_column() -> None:
    text = metrics_table.to_markdown(table(ROWS, "given", ALL_DEFINITIONS), "mnist")
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert lines[0] == "| Run | ELBO (nats) ↑ | Reconstruction (nats) ↓ | KL (nats) |"
    assert lines[2] == "| A | **−131.25** | 120.00 | 7.50 |"
    assert lines[5] == "| D (collapsed) | −543.30 | 120.00 | 0 |"
    assert "| KL | neither way | nats per image | 10,000 test images, 16 draws of z each; seed 0 | KL(q(z\\|x)" in text
    cells = [len(re.split(r"(?<!\\)\|", line)) for line in lines]
    assert set(cells[:6]) == {6} and set(cells[6:]) == {7}


def test_definitions_on_the_page_are_those_of_the_markdown_as_text() -> None:
    named = {**ALL_DEFINITIONS, "kl": "<b> of q & p (Eq. 30)"}
    text = metrics_table.texts(ROWS, "mnist", "given", named).definitions
    assert text.count("<tr>") == 4 and text.count("<td>") == 15
    assert (
        "<td>KL</td><td>neither way</td><td>nats per image</td><td>10,000 test images, 16 draws of z each; seed 0<"
        in text
    )
    assert "<td>&lt;b&gt; of q &amp; p (Eq. 30)</td>" in text


def test_samples_that_differ_are_both_told() -> None:
    rows = [ROWS[0], _row("b", -1.0, 1.0, images=250)]
    sample = table(rows, "given", {}).sample(BY_NAME["elbo"])
    assert "10,000 test images" in sample and "250 test images" in sample


@pytest.mark.parametrize(("classes", "told"), [(9, "9 classes"), (1, "1 class"), (0, "0 classes")])
def test_recognised_samples_stand_beside_real_images_and_the_classes_among_them(classes: int, told: str) -> None:
    row = _row("a", -1.0, 2.0, recognisable=0.5, recognisable_images=0.97, recognised_classes=classes)
    shown = table([row], "given", ALL_DEFINITIONS)
    assert f"<td>50.0 <small>real images 97.0, {told}</small></td>" in metrics_table.to_html(shown)
    assert f"| 50.0 (real images 97.0, {told}) |" in metrics_table.to_markdown(shown, "mnist")
    (read,) = csv.DictReader(io.StringIO(metrics_table.to_csv(shown, "mnist")))
    assert (read["recognisable_images"], read["recognised_classes"]) == ("0.97", str(classes))


def test_a_conditional_run_s_likelihood_is_named_beside_it() -> None:
    given = replace(VAE, likelihood="Bernoulli given the class")
    shown = table([_row("a", -1.0, 2.0), _row("b", -0.5, 1.0, given)], "given", ALL_DEFINITIONS)
    texts = [[text for text, _ in metrics_table.tags_of(row, shown)] for row in shown.rows]
    assert texts == [["Bernoulli likelihood"], ["Bernoulli likelihood given the class"]]


HISTORY = [
    {
        "epoch": 1,
        "train_reconstruction": 100.0,
        "train_kl": 2.0,
        "validation_reconstruction": 110.0,
        "validation_kl": 1.0,
    },
    {
        "epoch": 2,
        "train_reconstruction": 90.0,
        "train_kl": 3.0,
        "validation_reconstruction": 95.0,
        "validation_kl": 4.0,
    },
    {
        "epoch": 3,
        "train_reconstruction": 80.0,
        "train_kl": 3.0,
        "validation_reconstruction": 97.0,
        "validation_kl": 5.0,
    },
]
WITHOUT_KL = [{**record, "train_kl": None, "validation_kl": None, "validation_loss": 7.0} for record in HISTORY]


def test_curves_are_the_recorded_terms() -> None:
    histories = {"A": HISTORY, "Code": WITHOUT_KL}
    style_of = metric_plots.styles(list(histories))
    drawn = metric_plots.curves(histories, style_of, "elbo", "both", log=True)
    assert [(line.name, list(line.y)) for line in drawn.data] == [("A", [-102, -93, -83]), ("A", [-111, -99, -102])]
    assert drawn.layout.xaxis.type == "log"
    assert [line.showlegend for line in drawn.data] == [True, False]
    loss = metric_plots.curves(histories, style_of, "loss", "validation", log=False)
    assert [(line.name, list(line.y)) for line in loss.data] == [("Code", [7, 7, 7])]
    assert loss.data[0].line.color == style_of["Code"]["color"] != style_of["A"]["color"]


def test_a_collapsed_run_s_kl_is_drawn_at_0() -> None:
    drawn = metric_plots.term_of({"validation_kl": -3.8e-8}, "kl", "validation")
    assert str(drawn) == "0.0"


def test_many_runs_are_told_apart_by_colour_and_dash() -> None:
    style_of = metric_plots.styles([f"run {i}" for i in range(40)])
    assert len({tuple(style.items()) for style in style_of.values()}) == 40


def test_gaps_are_shares_of_their_images() -> None:
    gap = {"images": 200, "quantiles": {"0.5": 1.5}, "edges": [0.1, 1.0, 10.0, 100.0], "counts": [50, 140, 10]}
    drawn = metric_plots.gap_figure({"A": gap}, metric_plots.styles(["A"]))
    assert list(drawn.data[0].y) == [25, 70, 5]
    assert list(drawn.data[0].x) == pytest.approx([10**-0.5, 10**0.5, 10**1.5])
    assert list(drawn.data[0].customdata) == ["below 1 nats", "between 1 and 10 nats", "of 10 nats or more"]


def test_bars_are_the_kl_of_each_dimension() -> None:
    kl = {"A": [3.0, 2.5], "B": [4.0, 0.0]}
    drawn = metric_plots.kl_figure(kl, metric_plots.styles(list(kl)))
    assert [list(bar.y) for bar in drawn.data] == list(kl.values())
