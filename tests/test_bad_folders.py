"""One bad folder among many: a line that names it, and every other run as before. Nothing hangs, nothing raises."""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer import loader
from explorer.views import compare, metric_plots, metrics_table, plot_sentences
from explorer.views.estimators import same_but_gradient
from explorer.views.metric_columns import Row
from explorer.views.posterior import held_out_metrics
from tests.contents import (
    WRONG,
    changed_config,
    places,
    replace_config,
    replace_file,
    replace_tensors,
    resealed,
    with_value,
)
from tests.patience import PATIENCE_S
from tests.server import ROOT
from training import checkpoint
from training.checkpoint import CheckpointError
from training.measure.definitions import ALL_DEFINITIONS, DEFINITIONS
from training.measure.variance_files import load_variances

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes, modes and links are POSIX")
RUN = "kl"
Damage = Callable[[Path], object]


def _socket(file: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="s") as short, socket.socket(socket.AF_UNIX) as bound:  # names are short
        bound.bind(f"{short}/s")
        os.rename(f"{short}/s", file)  # noqa: PTH104


def _in_place_of(name: str, make: Damage) -> Damage:
    def damage(run: Path) -> None:
        (run / name).unlink()
        make(run / name)

    return damage


def _huge(name: str) -> Damage:
    def damage(run: Path) -> None:
        with (run / name).open("r+b") as file:
            file.truncate(300_000_000)  # takes no room on the disk

    return damage


def _metrics(change: Callable[[dict[str, Any]], object]) -> Damage:
    def damage(run: Path) -> None:
        metrics = json.loads((run / "metrics.json").read_bytes())
        change(metrics)
        replace_file(run, "metrics.json", json.dumps(metrics).encode())

    return damage


def _tensors(name: str, change: Callable[[dict[str, np.ndarray]], object]) -> Damage:
    return lambda run: replace_tensors(run, f"{name}.safetensors", change)


def _link_to_itself(run: Path) -> None:
    run.rename(run.with_name(".away"))
    run.symlink_to(run)


def _not_text(run: Path) -> None:
    run.rename(os.fsdecode(os.fsencode(run) + b"\xff"))


DAMAGES: dict[str, Damage] = {
    "link to itself": _link_to_itself,
    "name of bytes": _not_text,
    "config a pipe": _in_place_of("config.json", os.mkfifo),
    "metrics a pipe": _in_place_of("metrics.json", os.mkfifo),
    "latents a pipe": _in_place_of("latents.safetensors", os.mkfifo),
    "weights a socket": _in_place_of("model.safetensors", _socket),
    "config a device": _in_place_of("config.json", lambda file: file.symlink_to("/dev/zero")),
    "weights a device": _in_place_of("model.safetensors", lambda file: file.symlink_to("/dev/zero")),
    "weights a folder": _in_place_of("model.safetensors", Path.mkdir),
    "config a link to itself": _in_place_of("config.json", lambda file: file.symlink_to(file)),
    "huge config": _huge("config.json"),
    "huge metrics": _huge("metrics.json"),
    "latent_dim a text": changed_config(lambda c: c["training"].update(latent_dim="2")),
    "latent_dim of the model a text": changed_config(lambda c: c["model"].update(latent_dim="2")),
    "beta null": changed_config(lambda c: c["training"].update(beta=None)),
    "class a number": changed_config(lambda c: c["dataset"]["classes"].append(7)),
    "half a surrogate": changed_config(lambda c: c["dataset"].update(source="\ud800")),
    "not a hash": changed_config(lambda c: c["files"].update({"model.safetensors": "0"})),
    "gaussian without log_sigma": changed_config(lambda c: c["model"].update(likelihood="gaussian")),
    "metric a text": _metrics(lambda m: m.update(elbo="-130")),
    "metric not finite": _metrics(lambda m: m.update(elbo=float("inf"))),
    "null among metrics": _metrics(lambda m: m.update(kl_per_dimension=[None, 1.0])),
    "too many dimensions": _metrics(lambda m: m.update(kl_per_dimension=[1.0, 1.0, 1.0])),
    "share above 1": _metrics(lambda m: m.update(neighbour_accuracy=1.5)),
    "gap a number": _metrics(lambda m: m.update(gap=3)),
    "scalar mu": _tensors("latents", lambda a: a.update(mu=np.array(1, np.float32))),
    "scalar label": _tensors("latents", lambda a: a.update(label=np.array(1))),
    "log_var of 1000": _tensors("latents", lambda a: a["log_var"].__setitem__((0, 0), 1000)),
    "weight of 1e38": _tensors("model", lambda a: a["decoder.0.weight"].__setitem__((0, 0), 1e38)),
}


def _look(root: Path, monkeypatch: pytest.MonkeyPatch) -> loader.Catalog:
    """What a second visitor finds after every run was shown once."""
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(root))
    for runs in loader.catalog().datasets.values():
        for run in runs.values():
            try:
                loader.check(run)
            except CheckpointError:
                continue
    return loader.catalog()


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_bad_run_is_one_line_and_the_others_are_as_before(
    checkpoints: Path, monkeypatch: pytest.MonkeyPatch, damage: Damage
) -> None:
    before = _look(checkpoints, monkeypatch)
    assert not before.problems
    damage(checkpoints / "digits" / RUN)
    after = _look(checkpoints, monkeypatch)
    assert after.datasets["digits"] == {name: run for name, run in before.datasets["digits"].items() if name != RUN}
    assert len(after.problems) == 1
    assert f"digits/{RUN}" in after.problems[0]
    assert "\n" not in after.problems[0]
    after.problems[0].encode()


@pytest.mark.parametrize("name", ["history.jsonl", "latents.safetensors"])
def test_a_huge_file_is_not_read(checkpoints: Path, name: str) -> None:
    _huge(name)(checkpoints / "digits" / RUN)
    if name == "history.jsonl":
        with pytest.raises(CheckpointError, match="300,000,000 bytes, expected at most"):
            checkpoint.load_history(checkpoints / "digits" / RUN)
    else:
        with pytest.raises(CheckpointError, match="SHA-256 differs"):
            checkpoint.load_latents(checkpoints / "digits" / RUN)


@pytest.fixture
def stranger() -> Iterator[Callable[[], None]]:
    """Become a user who may read only what everybody may."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can become another user")
    yield lambda: os.seteuid(65534)
    os.seteuid(0)


@pytest.mark.parametrize("closed", ["run", "file", "data set"])
def test_what_may_not_be_read_is_one_line(
    trained: Path, monkeypatch: pytest.MonkeyPatch, stranger: Callable[[], None], closed: str
) -> None:
    import shutil

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        root = Path(shutil.copytree(trained, Path(folder) / "checkpoints"))
        shutil.copytree(root / "digits", root / "other")
        place = {"run": f"digits/{RUN}", "file": f"digits/{RUN}/metrics.json", "data set": "other"}[closed]
        (root / place).chmod(0o700 if closed != "file" else 0o600)
        stranger()
        after = _look(root, monkeypatch)
        os.seteuid(0)
    assert len(after.problems) == 1
    assert place in after.problems[0]
    assert "Permission denied" in after.problems[0]
    assert "elbo" in after.datasets["digits"]


@pytest.mark.parametrize("page", ["explore", "compare", "probability", "metrics"])
def test_a_page_names_a_run_that_turns_out_to_be_broken_and_shows_others(
    checkpoints: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    replace_tensors(checkpoints / "digits" / RUN, "model.safetensors", lambda a: a.pop("decoder.0.bias"))
    if page == "metrics":
        replace_file(checkpoints / "digits" / RUN, "history.jsonl", b'{"epoch": "one"}')
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(checkpoints))
    app = AppTest.from_string(
        f"from explorer.screens import screen\nscreen({page!r}).page()", default_timeout=PATIENCE_S
    )
    app.query_params["run"], app.query_params["runs"] = RUN, f"elbo,{RUN}"
    app.run()
    assert not app.exception
    assert len(app.warning) == 1
    assert f"digits/{RUN}" in app.warning[0].value
    # The table stands without a history; elsewhere another run is shown.
    assert ["showing" in toast.value for toast in app.toast] == ([] if page == "metrics" else [True])


def test_a_bad_classifier_is_one_line(checkpoints: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    folder = Path(shutil.copytree(ROOT / "checkpoints" / "mnist" / "classifier", checkpoints / "digits" / "classifier"))
    assert "digits" in _look(checkpoints, monkeypatch).classifiers
    record = json.loads((folder / "classifier.json").read_text())
    (folder / "classifier.json").write_bytes(resealed({**record, "image_shape": [1, 9, 9]}))
    after = _look(checkpoints, monkeypatch)
    assert "digits" not in after.classifiers
    assert [str(folder) in line for line in after.problems] == [True]


# ---- every field with every wrong value


def _show(run: Path) -> None:
    """All that is made of a run's JSON files, without its tensors."""
    config = checkpoint.load_config(run)
    metrics, history = checkpoint.load_metrics(run, config), checkpoint.load_history(run, config)
    shown = loader.Run(run.name, run, (), config, metrics)
    rows = [Row(name, shown.words.title, shown.kind, metrics) for name in ("a", "b")]
    for sort in ("given", "gap"):
        metrics_table.texts(rows, "digits", sort, ALL_DEFINITIONS)
    styles = metric_plots.styles(["a"])
    for term in metric_plots.TERMS:
        metric_plots.curves({"a": history}, styles, term, "both", False)
        plot_sentences.curves_text([(rows[0], history)], term, "validation")
    if gap := metrics.get("gap"):
        metric_plots.gap_figure({"a": gap}, styles)
    if kl := metrics.get("kl_per_dimension"):
        metric_plots.kl_figure({"a": kl}, styles)
    plot_sentences.gap_text(rows)
    plot_sentences.kl_text(rows)
    compare.verdict({name: metrics.get(name) for name in DEFINITIONS}, len(config.dataset["classes"]))
    json.dumps(held_out_metrics(metrics), allow_nan=False).encode()
    same_but_gradient("a", {"a": config.training, "b": config.training})


@pytest.mark.parametrize("name", ["config.json", "metrics.json", "history.jsonl"])
def test_no_wrong_value_in_a_field_of_a_run_does_more_than_refuse_it(checkpoints: Path, name: str) -> None:
    run = checkpoints / "digits" / RUN
    shipped = ROOT / "checkpoints" / "mnist" / "elbo" / "metrics.json"  # has the slow metrics too
    data = (shipped if name == "metrics.json" else run / name).read_bytes()
    good = json.loads(data.splitlines()[0] if name == "history.jsonl" else data)
    refused = tried = 0
    for path in places(good):
        for wrong in WRONG:
            bad = with_value(good, path, wrong)
            tried += 1
            if name == "config.json":
                replace_config(run, bad)
            else:
                replace_file(run, name, json.dumps(bad).encode())
            try:
                _show(run)
            except CheckpointError as error:
                refused += 1
                assert "\n" not in str(error)
                assert str(run) in str(error)
            except Exception as error:
                raise AssertionError(f"{path} = {wrong!r}") from error
            if name == "config.json":
                replace_config(run, good)
    assert tried > 100
    assert refused > tried / 2


def test_no_wrong_value_in_a_measurement_does_more_than_refuse_it(tmp_path: Path) -> None:
    from explorer.views import estimators

    good = json.loads((ROOT / "checkpoints" / "mnist" / "gradient-variance.json").read_bytes())
    file = tmp_path / "gradient-variance.json"
    for path in places(good):
        for wrong in WRONG:
            file.write_bytes(resealed(with_value(good, path, wrong)))
            try:
                stored = load_variances(file)
            except CheckpointError:
                continue
            estimators.by_dimension_text(estimators.by_dimension(stored, "mean"), "mnist")
            estimators.by_dimension_caption(stored, "mean")
