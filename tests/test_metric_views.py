"""The table of runs by metrics, its exports and its plots, as pure functions of metrics.json and history.jsonl."""

from __future__ import annotations

import csv
import io
import re

import pytest

from explorer.views import metric_plots, metrics_table
from explorer.views.metrics_table import Row, table
from training.measure.definitions import ALL_DEFINITIONS

SIZES = {"images": 10_000, "samples": 16, "held_out_images": 5000, "prior_draws": 4096, "neighbours": 10, "seed": 0}


def _row(name: str, elbo: float | None, kl: float | None, **more: object) -> Row:
    return Row(name, name.title(), {**SIZES, "elbo": elbo, "kl": kl, "reconstruction": 120.0, **more})


ROWS = (
    _row("a", -131.254, 7.5),
    _row("b", -309.5, 186.0),
    _row("c", None, None),
    _row("d", -543.3, 0.0, collapsed=True),
)


def test_every_column_has_a_definition() -> None:
    assert set(metrics_table.BY_NAME) <= set(ALL_DEFINITIONS)


def test_best_follows_the_arrow() -> None:
    shown = table(ROWS, "given", ALL_DEFINITIONS)
    assert shown.best(metrics_table.BY_NAME["elbo"]) == {"−131.25"}
    assert shown.best(metrics_table.BY_NAME["kl"]) == {"0.00"}
    assert shown.best(metrics_table.BY_NAME["reconstruction"]) == set(), "they read the same: nothing to choose"


def test_runs_that_read_the_same_are_equally_good() -> None:
    shown = table([_row("a", -131.251, 1), _row("b", -131.249, 2), _row("c", -140, 3)], "given", ALL_DEFINITIONS)
    html = metrics_table.to_html(shown)
    assert html.count("−131.25<span") == 2


@pytest.mark.parametrize(("sort", "order"), [("given", "abcd"), ("elbo", "abdc"), ("kl", "dabc")])
def test_order_is_best_first_and_runs_without_the_metric_last(sort: str, order: str) -> None:
    assert "".join(row.name for row in table(ROWS, sort, ALL_DEFINITIONS).rows) == order


def test_columns_that_no_run_has_are_left_out() -> None:
    assert [column.name for column in table(ROWS, "given", {}).columns] == ["elbo", "reconstruction", "kl"]


def test_html_is_a_table_of_escaped_text_with_arrows_in_words() -> None:
    html = metrics_table.to_html(table([Row("x", "<b>&", ROWS[0].metrics), *ROWS], "given", ALL_DEFINITIONS))
    assert "<b>" not in html and "&lt;b&gt;&amp;" in html
    assert html.count('scope="row"') == 5
    assert "higher is better" in html and "lower is better" in html
    assert html.count(">collapsed<") == 1
    assert len(re.findall(r"<t[dh][ >]", html)) == 6 * 4


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
    assert lines[0] == "| Run | ELBO (nats) ↑ | Reconstruction (nats) ↓ | KL (nats) ↓ |"
    assert lines[2] == "| A | **−131.25** | 120.00 | 7.50 |"
    assert lines[5] == "| D (collapsed) | −543.30 | 120.00 | **0.00** |"
    assert "| KL | ↓ lower | nats per image | 10,000 test images, 16 draws of z each; seed 0 | KL(q(z\\|x)" in text
    cells = [len(re.split(r"(?<!\\)\|", line)) for line in lines]
    assert set(cells[:6]) == {6} and set(cells[6:]) == {7}


def test_samples_that_differ_are_both_told() -> None:
    rows = [ROWS[0], _row("b", -1.0, 1.0, images=250)]
    sample = table(rows, "given", {}).sample(metrics_table.BY_NAME["elbo"])
    assert "10,000 test images" in sample and "250 test images" in sample


def test_headline_is_true_of_the_runs() -> None:
    text = metrics_table.headline(table(ROWS, "given", {}))
    assert text == "A has the highest ELBO (Eq. 9), −131.3 nats; D has collapsed: q(z|x) ignores the image."
    dashed = metrics_table.headline(table([ROWS[1], _row("elbo-16d", -97.2, 21.8)], "given", {}))
    assert dashed == "Elbo-16D has the highest ELBO (Eq. 9), −97.2 nats."
    assert metrics_table.headline(table(ROWS[2:3], "given", {})) == "The figures of a run, each with its definition."


def test_missing_names_a_run_and_the_command() -> None:
    done = _row("e", 1.0, 1.0, importance_weighted_bound=None)  # evaluated: a deterministic code has none
    assert metrics_table.missing([done], "mnist") == ""
    text = metrics_table.missing([done, ROWS[0], ROWS[1]], "mnist")
    assert text.startswith("2 runs of 3 lack")
    assert "python -m training evaluate checkpoints/mnist/a --save" in text


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
CODE = [{**record, "train_kl": None, "validation_kl": None, "validation_loss": 7.0} for record in HISTORY]


def test_curves_are_the_recorded_terms() -> None:
    histories = {"A": HISTORY, "Code": CODE}
    style_of = metric_plots.styles(list(histories))
    drawn = metric_plots.curves(histories, style_of, "elbo", "both", log=True)
    assert [(line.name, list(line.y)) for line in drawn.data] == [("A", [-102, -93, -83]), ("A", [-111, -99, -102])]
    assert drawn.layout.xaxis.type == "log"
    assert [line.showlegend for line in drawn.data] == [True, False]
    loss = metric_plots.curves(histories, style_of, "loss", "validation", log=False)
    assert [(line.name, list(line.y)) for line in loss.data] == [("Code", [7, 7, 7])]
    assert loss.data[0].line.color == style_of["Code"]["color"] != style_of["A"]["color"]


def test_curves_text_names_the_best_epoch_and_who_has_no_curve() -> None:
    text = metric_plots.curves_text({"A-1": HISTORY, "Code": CODE}, "elbo", "validation")
    assert text == (
        "Best on validation images: A-1, −99.0 nats at epoch 2. Not drawn: Code, a code without noise has no KL."
    )
    text = metric_plots.curves_text({"A": HISTORY, "Code": CODE, "Own": []}, "elbo", "validation")
    assert text.endswith("Not drawn: Code, Own, a code without noise has no KL, an imported run no epochs.")
    assert metric_plots.curves_text({"Own": []}, "kl", "train").endswith("to draw: trained elsewhere and imported.")
    text = metric_plots.curves_text({"A": HISTORY}, "reconstruction", "train")
    assert text == "Best on training images: A, 80.0 nats at epoch 3."
    assert "validation images only" in metric_plots.curves_text({"A": HISTORY}, "loss", "train")


def test_many_runs_are_told_apart_by_colour_and_dash() -> None:
    style_of = metric_plots.styles([f"run {i}" for i in range(40)])
    assert len({tuple(style.items()) for style in style_of.values()}) == 40


def test_gaps_are_shares_of_their_images() -> None:
    gap = {"images": 200, "quantiles": {"0.5": 1.5}, "edges": [0.1, 1.0, 10.0, 100.0], "counts": [50, 140, 10]}
    other = {**gap, "quantiles": {"0.5": 0.5}}
    drawn = metric_plots.gap_figure({"A": gap}, metric_plots.styles(["A"]))
    assert list(drawn.data[0].y) == [25, 70, 5]
    assert list(drawn.data[0].x) == pytest.approx([10**-0.5, 10**0.5, 10**1.5])
    assert metric_plots.gap_text({"A": gap, "B": other}).startswith("Half of the images of B lie within 0.5 nats")


def test_idle_dimensions_are_named() -> None:
    kl = {"A": [3.0, 2.5], "B": [4.0, 0.0]}
    drawn = metric_plots.kl_figure(kl, metric_plots.styles(list(kl)))
    assert [list(bar.y) for bar in drawn.data] == list(kl.values())
    assert "B (1 of 2 active)" in metric_plots.kl_text(kl, {"A": 2, "B": 1})
    assert metric_plots.kl_text(kl, {"A": 2, "B": 2}).startswith("Every latent dimension")
