"""The sentences of the table, for every kind of run: tied, collapsed, without noise, alone, of other images."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from explorer.views.metric_columns import Row
from explorer.views.metric_sentences import headline, lacking, missing
from explorer.views.plot_sentences import curves_text, gap_text, kl_text
from explorer.views.run_kind import RunKind, run_kind

VAE = RunKind("mnist", "Bernoulli", 2, "diagonal", "reconstruction + 1 KL")
CODE = replace(VAE, posterior="deterministic", objective="reconstruction")
GAUSSIAN = replace(VAE, likelihood="Gaussian")
FASHION = replace(VAE, data="fashion-mnist")


def _row(name: str, kind: RunKind = VAE, **metrics: Any) -> Row:
    return Row(name, name.title(), kind, {"images": 10_000, **metrics})


A, B = _row("a", elbo=-131.254), _row("b", elbo=-309.5)
NONE = _row("c", CODE, elbo=None)
COLLAPSED = _row("d", elbo=-543.3, collapsed=True)


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([A, B, NONE], "A has the highest ELBO (Eq. 9), −131.25 nats."),
        (
            [A, B, COLLAPSED],
            "A has the highest ELBO (Eq. 9), −131.25 nats; D has collapsed: q(z|x) ignores the image.",
        ),
        ([A, _row("e", elbo=-131.251), B], "A and E have the highest ELBO (Eq. 9), −131.25 nats."),
        ([A, _row("e", elbo=-131.251)], "A and E have the same ELBO (Eq. 9), −131.25 nats."),
        ([A, NONE], "A has an ELBO of −131.25 nats (Eq. 9)."),
        ([NONE], "The figures of a run, each with its definition."),
        (
            [A, _row("e", GAUSSIAN, elbo=900.0)],
            "The ELBOs of these runs (Eq. 9) are not comparable: their likelihoods differ (Bernoulli, Gaussian).",
        ),
        (
            [A, _row("e", FASHION, elbo=-99.0)],
            "The ELBOs of these runs (Eq. 9) are not comparable: their images differ (data set, split or size).",
        ),
        (
            [A, _row("e", elbo=-99.0, images=250)],
            "The ELBOs of these runs (Eq. 9) are not comparable: they are of different numbers of test images.",
        ),
        (
            [_row("c", CODE, elbo=None, collapsed=True)],
            "C has collapsed: the code ignores the image.",
        ),
    ],
)
def test_headline_is_true_of_the_runs(rows: list[Row], text: str) -> None:
    assert headline(rows) == text


def test_missing_counts_the_runs() -> None:
    done = _row("e", importance_weighted_bound=None)  # evaluated: a deterministic code has none
    assert missing([done]) == ""
    assert missing([done, A]).startswith("1 run of 2 lacks") and lacking([done, A]) == ["a"]
    assert missing([done, A, B]).startswith("2 runs of 3 lack")


def _history(*terms: tuple[float, float | None], loss: float = 7.0) -> list[dict[str, Any]]:
    return [
        {
            "epoch": epoch,
            "train_reconstruction": reconstruction - 10,
            "train_kl": kl,
            "validation_reconstruction": reconstruction,
            "validation_kl": kl,
            "validation_loss": loss,
        }
        for epoch, (reconstruction, kl) in enumerate(terms, start=1)
    ]


LEARNED = _history((110, 1), (95, 4), (97, 5))
WORSE = _history((120, 1), (105, 4), (107, 6))
SAMPLED = _history((90, None), (80, None))
KL_ONLY = _history((500, 1e-9), (500, -1e-9), loss=-1e-9)


@pytest.mark.parametrize(
    ("histories", "term", "text"),
    [
        ([(A, LEARNED), (B, WORSE)], "elbo", "Best on validation images: A, −99.00 nats after epoch 2."),
        ([(A, LEARNED), (B, LEARNED)], "elbo", "Best on validation images: A and B, −99.00 nats."),
        ([(A, LEARNED)], "elbo", "A is best after epoch 2: −99.00 nats on validation images."),
        (
            [(A, LEARNED), (NONE, SAMPLED)],
            "elbo",
            "A is best after epoch 2: −99.00 nats on validation images. Not drawn: C, a code without noise has no KL.",
        ),
        ([(NONE, SAMPLED)], "kl", "None of these runs has a KL to draw: a code without noise has no KL."),
        (
            [(A, LEARNED), (_row("e", GAUSSIAN), LEARNED)],
            "reconstruction",
            "The curves show how each run learns, not which is best: their likelihoods differ (Bernoulli, Gaussian).",
        ),
        (
            [(A, LEARNED), (_row("k", replace(VAE, objective="KL")), KL_ONLY)],
            "loss",
            "The curves show how each run learns, not which is best: "
            "they minimise different things (reconstruction + 1 KL, KL).",
        ),
        (
            [(A, LEARNED), (COLLAPSED, KL_ONLY)],
            "kl",
            "KL after the last epoch, on validation images: from 0 nats (D) to 5.00 (A); by itself neither is better.",
        ),
        ([(COLLAPSED, KL_ONLY)], "kl", "KL after the last epoch, on validation images: 0 nats (D)."),
        (
            [(A, [])],
            "kl",
            "None of these runs has a KL to draw: trained elsewhere and imported, without epochs.",
        ),
    ],
)
def test_learning_is_told_as_far_as_it_can_be_compared(
    histories: list[tuple[Row, list[dict[str, Any]]]], term: str, text: str
) -> None:
    assert curves_text(histories, term, "validation") == text


def test_learning_on_training_images() -> None:
    assert curves_text([(A, LEARNED)], "reconstruction", "train").startswith(
        "A is best after epoch 2: 85.00 nats on tr"
    )
    assert "validation images only" in curves_text([(A, LEARNED)], "loss", "train")


def _gap(median: float) -> dict[str, Any]:
    return {"gap": {"images": 1000, "quantiles": {"0.5": median}}}


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (
            [_row("a", **_gap(0.817)), _row("b", **_gap(12.3))],
            "Half of 1,000 held-out images lie within 0.817 nats (A) to 12.3 nats (B) of log p(x) (Eq. 10).",
        ),
        (
            [_row("a", **_gap(0.817)), _row("d", collapsed=True, **_gap(0.0021))],
            "Half of 1,000 held-out images lie within 0.00210 nats (D) to 0.817 nats (A) of log p(x) (Eq. 10); "
            "D has collapsed: a small gap is no merit where q(z|x) ignores the image.",
        ),
        ([_row("a", **_gap(1.5))], "Half of 1,000 held-out images of A lie within 1.50 nats of log p(x) (Eq. 10)."),
        (
            [_row("a", **_gap(1.5)), _row("b", **_gap(1.5))],
            "Half of 1,000 held-out images lie within 1.50 nats of log p(x) in each run (Eq. 10).",
        ),
        ([_row("a")], "No run shown has gaps: they take minutes and are not computed yet."),
        ([NONE], "No run shown has gaps: a code without noise has no q(z|x)."),
        (
            [_row("a", replace(VAE, latent_dim=16), gap=None), NONE],
            "No run shown has gaps: log p(x) is not integrated over 16 latent dimensions; "
            "a code without noise has no q(z|x).",
        ),
    ],
)
def test_gaps_are_told_without_praise(rows: list[Row], text: str) -> None:
    assert gap_text(rows) == text


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([NONE], "No run shown has a KL of each dimension: a code without noise has none."),
        ([A], "No run shown has a KL of each dimension."),
        (
            [_row("a", kl_per_dimension=[3.0, 2.5])],
            "Which latent dimensions are active is not known of these runs.",
        ),
        (
            [_row("a", kl_per_dimension=[3.0, 2.5], active_units=2)],
            "Every latent dimension of A is active: the variance of its posterior means is above 0.01.",
        ),
        (
            [_row("a", kl_per_dimension=[3.0], active_units=1), _row("b", kl_per_dimension=[4.0, 0.0], active_units=1)],
            "Some latent dimensions carry nothing of the image, their posterior means hardly vary: B (1 of 2 active).",
        ),
    ],
)
def test_idle_dimensions_are_named(rows: list[Row], text: str) -> None:
    assert kl_text(rows) == text


def test_a_kind_is_read_from_the_configuration() -> None:
    dataset = {"name": "mnist", "split": {"test": "all"}}
    elbo = run_kind(dataset, [1, 28, 28], "gaussian", 2, "diagonal", {"objective": "elbo", "beta": 4})
    assert (elbo.likelihood, elbo.objective, elbo.deterministic) == ("Gaussian", "reconstruction + 4 KL", False)
    small = run_kind(dataset, [1, 14, 14], "gaussian", 2, "deterministic", {"objective": "autoencoder"})
    assert small.deterministic and small.data != elbo.data
    other = run_kind({**dataset, "split": {"test": "half"}}, [1, 28, 28], "gaussian", 2, "diagonal", {})
    assert other.data != elbo.data and other.objective == ""
