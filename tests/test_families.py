"""Families of runs over beta: which runs make one, how they are kept out of lists, how a run begins with another."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from explorer import loader
from explorer.screens import dial
from explorer.views.families import MOST, About, families
from explorer.views.page_address import parse_address
from explorer.views.pages import DIAL
from tests.server import ROOT
from training import checkpoint
from training.aevb import Trainer
from training.data.datasets import ImageData, load_dataset
from training.errors import UserError
from training.options import FitOptions
from training.run import fit

MODEL = {"latent_dim": 2, "hidden_dims": [8], "posterior": "diagonal"}


def _about(model: dict[str, Any] = MODEL, **training: Any) -> About:
    return About({"objective": "elbo", "beta": 1.0, "seed": 1, **training}, model, {"name": "mnist"})


def test_runs_that_differ_by_beta_alone_are_a_family_by_their_beta() -> None:
    runs = {
        "sweep-beta-4": _about(beta=4.0),
        "sweep-beta-0.5": _about(beta=0.5),
        "kl": _about(objective="kl", epochs=10),
        "reconstruction": _about(objective="reconstruction"),
        "turned": _about(beta=2.0, beta_changes=[{"epoch": 0, "beta": 1}, {"epoch": 1, "beta": 2}]),
        "autoencoder": _about(objective="autoencoder"),
    }
    (family,) = families(runs)
    assert family.runs == ("reconstruction", "sweep-beta-0.5", "sweep-beta-4", "kl")
    assert family.betas == (0.0, 0.5, 4.0, "inf")
    assert not family.warm
    newer = {**runs, "later": _about(beta=8.0, binarize="none", prior="standard", frames=None)}
    assert families(newer)[0].betas == (0.0, 0.5, 4.0, 8.0, "inf"), "what an older version did not name yet"


@pytest.mark.parametrize("other", [{"seed": 2}, {"weight_decay": 0.1}, {"model": {**MODEL, "hidden_dims": [9]}}])
def test_another_seed_option_or_network_is_another_family(other: dict[str, Any]) -> None:
    runs = {f"a-beta-{beta}": _about(beta=beta) for beta in (1.0, 2.0, 3.0)}
    apart = {f"b-beta-{beta}": _about(beta=beta, **other) for beta in (1.0, 2.0, 3.0)}
    assert [family.name for family in families({**runs, **apart})] == ["a", "b"]
    assert families({**dict(list(runs.items())[:2]), "c": _about(beta=3.0, **other)}) == []


def test_a_plane_is_needed_and_two_runs_are_no_family() -> None:
    assert families({f"beta-{beta}": _about({**MODEL, "latent_dim": 3}, beta=beta) for beta in (1.0, 2.0, 3.0)}) == []
    assert families({f"beta-{beta}": _about(beta=beta) for beta in (1.0, 2.0)}) == []
    notes = {name: _about(objective=name) for name in ("reconstruction", "kl", "elbo")}
    assert families(notes) == [], "the notes' three are no sweep over beta"


def test_of_too_many_both_ends_are_shown_and_the_rest_is_counted() -> None:
    (family,) = families({f"beta-{n}": _about(beta=float(n), start_from="mnist/elbo") for n in range(60)})
    assert len(family.runs) == MOST and family.left_out == 60 - MOST
    assert (family.betas[0], family.betas[-1]) == (0.0, 59.0)
    assert family.warm


@pytest.fixture(scope="module")
def digits() -> ImageData:
    return load_dataset("digits", Path("unused"))


def _options(out: Path, **changes: Any) -> FitOptions:
    return FitOptions(**{"out": out, "dataset": "digits", "hidden_dims": (16,), "epochs": 1, **changes})


@pytest.fixture(scope="module")
def family(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoints folder with an ordinary run and three of a family, each begun with the one before."""
    root = tmp_path_factory.mktemp("family")
    folder = root / "digits"
    fit(_options(folder / "plain"))
    before = folder / "plain"
    for beta in (1, 2, 4):
        out = folder / f"dial-beta-{beta}"
        fit(_options(out, beta=float(beta), family="dial", precision="float16", start_from=before))
        before = out
    return root


def test_a_run_begins_with_the_weights_of_another_and_says_so(family: Path, digits: ImageData) -> None:
    start = family / "digits" / "dial-beta-1"
    options = _options(Path("x"), start_from=start)
    begun = Trainer(options, digits, torch.device("cpu")).model.state_dict()
    for name, array in checkpoint.load_weights(start).items():
        assert np.array_equal(begun[name].numpy(), array), name
    made = family / "digits" / "dial-beta-2"
    assert checkpoint.load_config(made).training["start_from"] == "digits/dial-beta-1"
    assert "It began with the weights of `digits/dial-beta-1`." in (made / "README.md").read_text()
    assert "began with" not in (family / "digits" / "plain" / "README.md").read_text()
    assert FitOptions.from_recipe(made, checkpoint.load_config(made).training).recipe()["start_from"] == (
        "digits/dial-beta-1"
    )


@pytest.mark.parametrize(
    ("start", "changes", "line"),
    [
        ("nowhere", {}, "nowhere: no finished run lies there"),
        ("plain", {"hidden_dims": (8,)}, "its network is another one (hidden_dims = 16, here 8)"),
        ("plain", {"latent_dim": 3}, "its network is another one (latent_dim = 2, here 3)"),
        ("plain", {"family": "a/b"}, "--family: expected a name of up to 40 letters"),
    ],
)
def test_what_cannot_be_begun_with_is_refused_in_one_line(
    family: Path, start: str, changes: dict[str, Any], line: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError) as refused:
        fit(_options(tmp_path / "out", start_from=family / "digits" / start, **changes))
    assert line in str(refused.value) and "\n" not in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_a_resumed_run_needs_the_other_no_longer(family: Path, digits: ImageData) -> None:
    gone = family / "digits" / "gone"
    assert Trainer(_options(Path("x"), start_from=gone, resume=True), digits, torch.device("cpu")).model
    with pytest.raises(UserError, match="no finished run"):
        Trainer(_options(Path("x"), start_from=gone), digits, torch.device("cpu"))


def test_runs_of_a_family_are_small_and_what_they_hold_is_read_as_ever(family: Path) -> None:
    path = family / "digits" / "dial-beta-4"
    stored, read = load_file(path / "latents.safetensors"), checkpoint.load_latents(path)
    assert {name: str(array.dtype) for name, array in stored.items()} == {
        "mu": "float16",
        "log_var": "float16",
        "reconstruction": "float16",
        "kl": "float16",
        "label": "uint8",
    }
    assert {str(array.dtype) for name, array in read.items() if name != "label"} == {"float32"}
    assert read["label"].dtype == np.int64
    assert len(checkpoint.load_trajectory(path)["epoch"]) == 0
    checkpoint.verify(path)


def test_the_dial_alone_offers_a_family(family: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(family))
    catalog = loader.catalog()
    assert list(catalog.datasets["digits"]) == ["plain"]
    assert catalog.find("digits", "dial-beta-2"), "its arrays can be fetched"
    state, notes = parse_address({"dataset": "digits", "beta": "inf"}, DIAL, catalog.names)
    assert (state["beta"], notes) == ("inf", [])
    payload = dial.payload(state)
    (found,) = payload["families"]
    assert found["name"] == "dial" and found["warm"] and found["betas"] == (1.0, 2.0, 4.0)
    assert set(payload["runs"]) == {"dial-beta-1", "dial-beta-2", "dial-beta-4"} and payload["broken"] == []
    json.dumps(payload)


def test_a_damaged_member_is_named(family: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "copy"
    shutil.copytree(family, root)
    (root / "digits" / "dial-beta-2" / "latents.safetensors").write_bytes(b"x")
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(root))
    state, _ = parse_address({}, DIAL, loader.catalog().names)
    (line,) = dial.payload(state)["broken"]
    assert "dial-beta-2/latents.safetensors: damaged" in line


@pytest.mark.parametrize("text", ["-1", "nan", "x", "1e9"])
def test_a_beta_that_is_none_is_named(text: str) -> None:
    state, (note,) = parse_address({"beta": text}, DIAL, {"mnist": ["elbo"]})
    assert state["beta"] == "1"
    assert "expected a number from 0, or inf" in note


def test_the_shipped_family_is_whole_and_stays_in_place() -> None:
    catalog = loader.catalog()
    runs = catalog.families["mnist"]
    (found,) = families(
        {name: About(r.config.training, asdict(r.config.model), r.config.dataset) for name, r in runs.items()}
    )
    assert found.warm and len(found.runs) == 8
    assert (found.betas[0], found.betas[-2], found.betas[-1]) == (0.0, 20.0, "inf")
    metrics = [checkpoint.load_metrics(runs[name].path) for name in found.runs]
    kl, reconstruction = ([one[name] for one in metrics] for name in ("kl", "reconstruction"))
    assert kl == sorted(kl, reverse=True), "the more beta weighs, the less KL is paid"
    assert reconstruction == sorted(reconstruction), "and the worse images come back"
    assert max(one["elbo"] for one in metrics) == metrics[found.betas.index(1.0)]["elbo"], "the ELBO's own run is best"
    mu = [checkpoint.load_latents(runs[name].path)["mu"] for name in found.runs]
    spread = mu[found.betas.index(1.0)].std()
    for one, other in pairwise(mu[:-2]):
        assert np.linalg.norm(one - other, axis=1).mean() < 0.5 * spread
    assert ROOT.joinpath("checkpoints", "mnist", found.runs[0]).is_dir()
