"""What differs between runs' options, filters by it, and seeds as one row: true for ties, copies and collapsed runs."""

from __future__ import annotations

import csv
import io
import re
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from explorer.views import metrics_table
from explorer.views.beta_changes import turns_in_words
from explorer.views.metric_columns import BY_NAME, Row
from explorer.views.metrics_table import table, texts
from explorer.views.pages import METRICS
from explorer.views.parameters import written
from explorer.views.run_kind import RunKind, run_kind
from explorer.views.run_options import NO_VALUE, Options, differing, has_all, options_of, value_of, values_of
from explorer.views.runs import run_text
from explorer.views.seed_groups import has_siblings, together
from tests.recipes import DATA, MODEL, RECIPE
from training.checkpoint import load_config
from training.measure.definitions import ALL_DEFINITIONS


def _options(model: Mapping[str, Any] = {}, data: Mapping[str, Any] = {}, **training: Any) -> Options:
    return options_of({**RECIPE, **training}, {**MODEL, **model}, {**DATA, **data})


def _row(name: str, elbo: float | None, seed: int = 0, /, model: Mapping[str, Any] = {}, **training: Any) -> Row:
    recipe, full = {**RECIPE, "seed": seed, **training}, {**MODEL, **model}
    kind = run_kind(DATA, full["image_shape"], full["likelihood"], full["latent_dim"], full["posterior"], recipe)
    sizes = {"images": 10_000, "samples": 16, "seed": seed, "held_out_images": 5000, "prior_draws": 4096}
    kl = None if elbo is None else 7.0 + seed
    metrics = {**sizes, "elbo": elbo, "kl": kl, "reconstruction": None if elbo is None or kl is None else -elbo - kl}
    return Row(name, name, kind, metrics, options_of(recipe, full, DATA))


def _titles(*runs: Options) -> list[str]:
    return [option.title for option in differing(runs)]


def test_only_what_differs_has_a_column() -> None:
    assert _titles(_options(), _options()) == []
    assert _titles(_options()) == []
    assert _titles(_options(), _options(beta=4.0)) == ["β"]
    assert _titles(_options(seed=1), _options(seed=2, learning_rate=1e-4)) == ["Learning rate", "Seed"]
    assert _titles(_options(), _options({"latent_dim": 16, "hidden_dims": (64,)})) == ["D", "Network"]
    assert _titles(_options(), _options({"posterior": "full", "likelihood": "gaussian"})) == ["q(z|x)", "p(x|z)"]
    assert _titles(_options(), _options(condition="label")) == ["Given"]
    assert _titles(_options(), _options({}, {"split": {"train": "first 500"}})) == ["Trained on"]
    assert _titles(_options(), _options(warm_up=3)) == ["Warm up"], "an option of another version has its own name"


def test_what_a_loss_does_not_have_is_said_by_the_loss() -> None:
    kl = _options(objective="kl", beta=1.0)
    assert _titles(_options(beta=1.0), kl) == ["Loss"]
    assert _titles(_options(beta=1.0), _options(beta=4.0), kl) == ["Loss", "β"]
    assert kl.get("beta", NO_VALUE).text == "–"


def test_an_older_run_that_does_not_name_an_option_does_not_differ_by_null() -> None:
    older = {name: value for name, value in RECIPE.items() if name != "condition"}
    assert differing([options_of(older, MODEL, DATA), _options(condition=None)]) == []


def test_the_seed_of_an_imported_model_is_no_seed_of_training() -> None:
    imported = options_of(
        {"objective": "imported", "model": "a:B", "seed": 3}, {**MODEL, "architecture": "layers"}, DATA
    )
    assert "seed" not in imported
    assert imported["network"].text == "made elsewhere" and imported["model"].text == "a:B"


def test_every_shipped_run_has_options() -> None:
    for file in Path("checkpoints").glob("*/*/config.json"):
        config = load_config(file.parent)
        assert {"objective", "latent_dim", "seed"} <= set(
            options_of(config.training, vars(config.model), config.dataset)
        )


def test_values_are_in_natural_order() -> None:
    runs = [_options(beta=beta) for beta in (10.0, 0.5, 2.0)] + [_options(objective="kl")]
    assert [value.text for value in values_of(runs, "beta")] == ["0.5", "2", "10", "–"]
    names = ["set-10", "Set-2", "other", True, [3, 4], 1e-05, 10**400]
    texts = [value.text for value in sorted(map(value_of, names))]
    assert texts[:1] == ["1e-05"] and texts.index("Set-2") < texts.index("set-10")


def test_a_filter_takes_any_value_of_an_option_and_all_options() -> None:
    runs = {(beta, seed): _options(beta=beta, seed=seed) for beta in (1.0, 4.0) for seed in (1, 2, 3)}
    left = [key for key, options in runs.items() if has_all(options, ["beta:4", "seed:1", "seed:3"])]
    assert left == [(4.0, 1), (4.0, 3)]
    assert has_all(_options(objective="kl"), ["beta:–"])


@pytest.mark.parametrize("value", [[], ["beta:4"], ["images:a, b/c", "data:ujipen:1"]])
def test_filters_stand_in_the_address(value: list[str]) -> None:
    parameter = METRICS.parameters["only"]
    assert parameter.parse(written(parameter.kind, value), []) == value
    for nonsense in ("beta", "a:" + "b" * 200, ",".join(f"a:{n}" for n in range(21))):
        with pytest.raises(ValueError, match=re.escape(nonsense)):
            parameter.parse(nonsense, [])


FAMILY = [
    _row(f"b{beta}-s{seed}", -130 - beta - seed / 10, seed, beta=float(beta)) for beta in (1, 4) for seed in (1, 2, 3)
]


def test_seeds_are_one_row_with_mean_and_standard_deviation() -> None:
    assert has_siblings(FAMILY)
    first, second = together(FAMILY).rows
    elbos = [-131.1, -131.2, -131.3]
    assert first.metrics["elbo"] == pytest.approx(statistics.fmean(elbos))
    assert first.spread and first.spread.deviations["elbo"] == pytest.approx(statistics.stdev(elbos))
    assert first.spread.seeds == ("1", "2", "3") and first.spread.names == ("b1-s1", "b1-s2", "b1-s3")
    assert (first.title, second.title) == ("β 1", "β 4")
    assert BY_NAME["elbo"].shown(first) == "−131.20 ± 0.10"
    html = metrics_table.to_html(table(together(FAMILY).rows, "given", ALL_DEFINITIONS))
    assert "3 seeds" in html and "over the seeds 1, 2 and 3" in html
    assert ">Seed<" not in html, "all rows have the same seeds"


def test_the_sentence_says_over_how_many_seeds() -> None:
    found = texts(FAMILY[:-1], "mnist", "given", ALL_DEFINITIONS, True).headline
    assert found == (
        "β 1 has the highest mean ELBO (Eq. 9), −131.20 ± 0.10 nats. Each of 2 rows with ± is the mean and the "
        "standard deviation over the runs of 2 to 3 seeds, alike in all other options."
    )
    found = texts(FAMILY[:4], "mnist", "given", ALL_DEFINITIONS, True).headline
    assert "A row with ± is the mean" in found and "of 3 seeds" in found
    assert "1 run has no such sibling and stands by itself" in found


def test_a_single_seed_has_no_spread() -> None:
    rows = [FAMILY[0], FAMILY[3]]
    assert not has_siblings(rows)
    assert together(rows).rows == tuple(rows)
    assert "differ in their seed alone" in together(rows).sentence


def test_copies_are_no_seeds_and_neither_are_imported_runs() -> None:
    copies = [_row("a", -1.0, 1), _row("b", -1.0, 1), _row("c", -2.0, 2)]
    assert together(copies).rows == tuple(copies), "c alone is left of the seeds that differ"
    grouped = together([*copies, _row("d", -3.0, 3)])
    assert [row.name for row in grouped.rows] == ["a", "b", "c"]
    assert "2 runs share even their seed" in grouped.sentence
    imported = [_row(name, -1.0, seed, objective="imported") for seed, name in enumerate("ab")]
    assert not has_siblings(imported)


def test_a_figure_that_one_seed_lacks_has_no_mean() -> None:
    rows = [FAMILY[0], _row("b1-s9", None, 9, beta=1.0)]
    (row,) = together(rows).rows
    assert "elbo" not in row.metrics and BY_NAME["elbo"].shown(row) == "–"


def test_within_the_spread_no_row_is_better() -> None:
    near = [
        _row(f"b{beta}-s{seed}", -130 - beta / 10 - seed, seed, beta=float(beta)) for beta in (1, 4) for seed in (1, 2)
    ]
    far = [_row(f"b9-s{seed}", -400.0 - seed, seed, beta=9.0) for seed in (1, 2)]
    rows = together([*near, *far]).rows
    assert len(table(rows, "given", {}).best(BY_NAME["elbo"])) == 2, "means nearer than their spread are equally good"
    assert table(rows[:2], "given", {}).best(BY_NAME["elbo"]) == set()
    told = texts([*near, *far], "mnist", "given", ALL_DEFINITIONS, True).headline
    assert told.startswith("β 1 and β 4 have the highest ELBO (Eq. 9), within what the seeds make of it. ")


def _collapse(row: Row) -> Row:
    return Row(row.name, row.title, row.kind, {**row.metrics, "collapsed": True, "prior_coverage": 1.0}, row.options)


def test_a_group_with_a_collapsed_seed_is_never_best_at_covering_the_prior() -> None:
    partly = together([_collapse(FAMILY[0]), *FAMILY[1:3]]).rows[0]
    assert partly.spread and partly.spread.collapsed == 1 and not partly.metrics["collapsed"]
    assert BY_NAME["prior_coverage"].no_merit(partly)
    html = metrics_table.to_html(table([partly], "given", ALL_DEFINITIONS))
    assert "1 collapsed" in html
    wholly = together([_collapse(row) for row in FAMILY[:3]]).rows[0]
    assert wholly.metrics["collapsed"]


def test_rows_are_ordered_by_an_option_and_those_without_it_last() -> None:
    rows = [_row("k", -1.0, objective="kl"), *(_row(f"b{beta}", -1.0, beta=beta) for beta in (10.0, 0.5, 2.0))]
    assert [row.name for row in table(rows, "option:beta", {}).rows] == ["b0.5", "b2.0", "b10.0", "k"]


def _csv(rows: Sequence[Row], **options: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(texts(rows, "mnist", "given", ALL_DEFINITIONS, **options).csv)))


def test_the_csv_has_options_and_spreads() -> None:
    assert _csv(FAMILY)[3]["option:beta"] == "4" and _csv(FAMILY)[3]["option:seed"] == "1"
    row = _csv(FAMILY, seeds_together=True)[0]
    assert row["run"] == "b1-s1 + b1-s2 + b1-s3"
    assert float(row["elbo [nats] spread"]) == pytest.approx(0.1)


def test_text_of_a_checkpoint_is_text() -> None:
    rows = [_row("a", -1.0), _row("b", -1.0, architecture_note="<img src=x>|*bold*")]
    shown = table(rows, "given", ALL_DEFINITIONS)
    assert "&lt;img" in metrics_table.to_html(shown) and "<img" not in metrics_table.to_html(shown)
    assert r"\*bold\*" in metrics_table.to_markdown(shown, "mnist")


def test_kinds_stay_apart() -> None:
    rows = [_row("a", -1.0, 1), _row("b", -1.0, 2, model={"likelihood": "gaussian"})]
    assert isinstance(rows[0].kind, RunKind) and not has_siblings(rows)


def test_groups_are_named_by_what_tells_them_apart() -> None:
    def named(*recipes: dict[str, Any]) -> list[str]:
        rows = [
            _row(f"{place}-{seed}", -1.0, seed, **recipe) for place, recipe in enumerate(recipes) for seed in (1, 2)
        ]
        return [row.title for row in together(rows).rows]

    assert named({}) == ["All alike but for the seed"]
    assert named({"beta": 1.0, "epochs": 3}, {"beta": 4.0, "epochs": 9}) == ["β 1", "β 4"]
    assert named({"beta": 1.0}, {"beta": 4.0}, {"beta": 1.0, "schedule": "cosine"}) == [
        "β 1, one-cycle",
        "β 4, one-cycle",
        "β 1, cosine",
    ]


def test_a_run_whose_beta_was_turned_is_told_from_one_whose_beta_stayed() -> None:
    changes = [{"epoch": 0.0, "beta": 1.0}, {"epoch": 2.5, "beta": 0.0}, {"epoch": 7.0, "beta": "inf"}]
    stayed, turned = RECIPE, {**RECIPE, "beta_changes": changes}
    told = options_of(turned, MODEL, DATA)
    assert told["beta"].text == "1, 0 from epoch 2.5, KL only from epoch 7"
    assert [option.name for option in differing([options_of(stayed, MODEL, DATA), told])] == ["beta"]
    kinds = [
        run_kind(DATA, (1, 28, 28), "bernoulli", 2, "diagonal", {**RECIPE, "beta_changes": changes[:count]}).objective
        for count in (0, 2, 3)
    ]
    assert kinds == ["reconstruction + 1 KL", "reconstruction", "KL"]
    assert run_text("a", turned, "diagonal").sentence == (
        "Its beta was turned while it was trained: 1, 0 from epoch 2.5, KL only from epoch 7."
    )
    many = [{"epoch": float(epoch), "beta": float(epoch)} for epoch in range(9)]
    assert turns_in_words({"beta_changes": many}) == "0, 1 from epoch 1, 6 more, 8 from epoch 8"
    assert run_text("a", {**RECIPE, "objective": "kl", "beta_changes": changes}, "diagonal").sentence.startswith(
        "Its beta"
    )
