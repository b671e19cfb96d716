"""Mistakes on the command line, Ctrl-C and broken inputs: one line that names the input, never a traceback."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
from pathlib import Path
from urllib.error import URLError

import pytest

from explorer.views.tour import TourError, parse_tour
from tests.server import ROOT
from training import checkpoint
from training.commands import main
from training.errors import UserError, os_error
from training.options import FitOptions

HUGE = "99999999999999999999"


def _fails(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    """Run a command that must fail; returns its only line."""
    monkeypatch.setattr(sys, "argv", ["python -m training", *words])
    before = signal.getsignal(signal.SIGINT)
    try:
        assert main() in (1, 2)
    finally:
        signal.signal(signal.SIGINT, before)
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("error: ")
    return lines[0]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        (option, value)
        for option, values in {
            "seed": (-1, int(HUGE)),
            "latent_dim": (0, -1, int(HUGE)),
            "hidden_dims": ((0,), (16, -1), (99_999_999_999,)),
            "decoder_hidden_dims": ((0,), (int(HUGE),)),
            "epochs": (0, -1, int(HUGE)),
            "batch_size": (0, -1, int(HUGE)),
            "learning_rate": (0.0, -1.0, float("nan"), float("inf")),
            "weight_decay": (-1.0, float("nan"), float("inf")),
            "dropout": (-1.0, 1.0, float("nan"), float("inf")),
            "beta": (-1.0, float("nan"), float("inf")),
        }.items()
        for value in values
    ],
)
def test_every_number_of_fit_has_its_range(option: str, value: object) -> None:
    with pytest.raises(UserError, match=f"^--{option.replace('_', '-')}") as caught:
        FitOptions(out=Path("x"), dataset="digits", **{option: value})  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_a_seed_and_a_width_are_refused_before_anything_is_loaded(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fit = ("fit", "--dataset", "digits", "--out", str(tmp_path / "run"))
    assert f"--seed {HUGE}" in _fails(capsys, monkeypatch, *fit, "--seed", HUGE)
    assert "--hidden-dims 99999999999" in _fails(capsys, monkeypatch, *fit, "--hidden-dims", "99999999999")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--hidden-dims", "1048576", "1048576"], "--hidden-dims"),
        (["--latent-dim", "1048576", "--hidden-dims", "4"], "--latent-dim 1048576"),
        (["--latent-dim", "1024", "--posterior", "full", "--hidden-dims", "4"], "--posterior diagonal"),
    ],
)
def test_a_run_that_its_reader_would_refuse_is_not_begun(
    words: list[str],
    named: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    fit = ("fit", "--dataset", "mnist5k", "--out", str(tmp_path / "run"))
    assert named in _fails(capsys, monkeypatch, *fit, *words)
    assert list(tmp_path.iterdir()) == []


def test_missing_and_unfit_paths_are_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    for path in (tmp_path / "none", file, tmp_path):
        assert str(path) in _fails(capsys, monkeypatch, "evaluate", str(path))
    for path in (file, file / "run"):
        assert str(file) in _fails(capsys, monkeypatch, "fit", "--dataset", "digits", "--out", str(path))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (OSError(errno.EXDEV, "Invalid cross-device link", "a", None, "b"), "a to b: Invalid cross-device link"),
        (PermissionError(errno.EACCES, "Permission denied", "x"), "x: Permission denied"),
        (OSError("gdown: too many\nusers"), "gdown: too many users"),
        (OSError(), "OSError"),
        (URLError(TimeoutError("timed out")), "<urlopen error timed out>"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_an_error_of_the_system_says_what_is_wrong(error: OSError, words: str) -> None:
    assert os_error(error) == words


def test_a_tour_nested_a_thousand_deep_is_refused() -> None:
    with pytest.raises(TourError, match=r"^deep\.toml: "):
        parse_tour(f"title = {'[' * 5000}{']' * 5000}", "deep.toml")


STARTER = """
import runpy, signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
sys.argv = ["python -m training", *{words!r}]
runpy.run_module("training", run_name="__main__")
"""


@pytest.mark.parametrize("module", ["tyro", "torch", "torch.nn", "training.model.vae"])
def test_ctrl_c_while_starting_is_one_line(module: str, tmp_path: Path) -> None:
    words = ["fit", "--dataset", "digits", "--out", str(tmp_path / "run")]
    program = STARTER.format(module=module, words=words)
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (found.stderr, found.returncode) == ("interrupted\n", 130)


def test_ctrl_c_while_measuring_leaves_the_run_and_says_what_measures_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from training.measure import metrics

    def interrupt(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    out = tmp_path / "digits" / "run"
    words = [
        "fit",
        "--dataset",
        "digits",
        "--epochs",
        "2",
        "--latent-dim",
        "3",
        "--hidden-dims",
        "16",
        "--out",
        str(out),
    ]
    with monkeypatch.context() as patched:
        patched.setattr(metrics, "prior_coverage", interrupt)
        patched.setattr(sys, "argv", ["python -m training", *words])
        assert main() == 130
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert line.startswith(f"interrupted: {out}: the run is there")
    checkpoint.verify(out)
    assert checkpoint.load_metrics(out)["prior_coverage"] is None
    assert "umap" not in checkpoint.load_latents(out)
    told = line.split("python -m training ")[1].removesuffix(" computes them")
    monkeypatch.setattr(sys, "argv", ["python -m training", *told.split()])
    assert main() == 0
    checkpoint.verify(out)
    assert checkpoint.load_metrics(out)["prior_coverage"] > 0
    assert checkpoint.load_latents(out)["umap"].shape == (len(checkpoint.load_latents(out)["label"]), 2)
