"""Mistakes on the command line, Ctrl-C and broken inputs: one line that names the input, never a traceback."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from urllib.error import URLError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.views.tour import TourError, parse_tour
from tests.server import ROOT
from training import checkpoint
from training.command_line import in_one_line, what_is_wrong
from training.commands import COMMANDS, main
from training.errors import UserError, os_error
from training.options import FitOptions
from training.program import ended

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


FIT = ("fit", "--out", "x")
MENTIONED = (
    "fit, sweep, import, latents, datasets, evaluate, diagnose, unlikely, fit-prior, seal, push, pull, classifier, "
    "gradient-variance, gradient-noise"
)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ((), f"no command: expected one of {MENTIONED}, as in python -m training fit --help"),
        (("fitt",), f"fitt: no such command; expected one of {MENTIONED}"),
        (("--seed", "1"), f"--seed: no such command; expected one of {MENTIONED}"),
        ((*FIT, "--seed", "abc"), "--seed abc: expected a whole number"),
        ((*FIT, "--seed=1.5"), "--seed 1.5: expected a whole number"),
        ((*FIT, "--epochs", "x"), "--epochs x: expected a whole number"),
        ((*FIT, "--learning-rate", "fast", "--epochs", "3"), "--learning-rate fast: expected a number"),
        ((*FIT, "--hidden-dims", "1", "b"), "--hidden-dims 1 b: expected whole numbers"),
        ((*FIT, "--decoder_hidden_dims", "x", "--seed", "1"), "--decoder-hidden-dims x: expected whole numbers"),
        ((*FIT, "--image-size", "32x32"), "--image-size 32x32: expected whole numbers"),
        ((*FIT, "--objective", "vae"), "--objective vae: expected one of autoencoder, reconstruction, kl, elbo, iwae"),
        ((*FIT, "--condition", "class"), "--condition class: expected one of label"),
        ((*FIT, "--seed"), "--seed: no value given; expected a whole number"),
        ((*FIT, "--seed", "--resume"), "--seed: no value given; expected a whole number"),
        (("fit", "--seed", "3"), "fit: --out (a path) must be given; see python -m training fit --help"),
        (
            (*FIT, "--epoch", "3"),
            "--epoch: fit has no such option, did you mean --epochs? (python -m training fit --help lists them)",
        ),
        ((*FIT, "--xyz"), "--xyz: fit has no such option (python -m training fit --help lists them)"),
        ((*FIT, "--overwrite=yes"), "--overwrite yes: a switch, which takes no value"),
        (
            (*FIT, "--overwrite", "yes"),
            "yes: fit has no place for it; name the option that it belongs to (python -m training fit --help)",
        ),
        (("import", "--seed", "x", "a:B"), "--seed x: expected a whole number"),
        (
            ("import", "--weights", "w", "--out", "x"),
            "import: MODEL (a text) must be given; see python -m training import --help",
        ),
        (
            ("import", "a:B"),
            "import: --out (a path), --weights (a path) must be given; see python -m training import --help",
        ),
        (("latents", "a.npy", "--out", "x", "--seed", "1e3"), "--seed 1e3: expected a whole number"),
        (("latents", "--out", "x"), "latents: FILE (a path) must be given; see python -m training latents --help"),
        (
            ("evaluate", "a", "b"),
            "b: evaluate has no place for it; name the option that it belongs to (python -m training evaluate --help)",
        ),
        (("evaluate",), "evaluate: PATH (a path) must be given; see python -m training evaluate --help"),
        (("seal",), "seal: name at least one folder or file, as in checkpoints/mnist/elbo"),
        (
            ("seal", "a", "b", "--all"),
            "--all: seal has no such option (python -m training seal --help lists them)",
        ),
        (
            ("classifier", "--out", "x", "--device", "gpu"),
            "--device gpu: expected one of auto, cuda, mps, cpu",
        ),
        (("gradient-variance", "--out", "x", "--latent-dims", "1,2"), "--latent-dims 1,2: expected whole numbers"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_read_is_named_on_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], line: str
) -> None:
    assert _fails(capsys, monkeypatch, *words) == f"error: {line}"


@given(st.lists(st.sampled_from(["fit", "seal", "import", "--out", "x", "--seed", "--beta=b", "-1", "--", "-h x"])))
def test_whatever_is_typed_the_diagnosis_is_one_line_or_none(words: list[str]) -> None:
    told = what_is_wrong(words, COMMANDS)
    assert told is None or (told and "\n" not in told)


def test_what_only_the_parser_finds_wrong_is_told_in_its_first_paragraph() -> None:
    box = "╭─ Value error ──╮\n│ Cannot parse │\n│ this. │\n│ ──────────── │\n│ Helptext │\n╰────────────────╯\n"
    assert in_one_line(box) == "Cannot parse this."
    assert in_one_line("plain\ntext") == "plain text"


def test_help_is_help(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["python -m training", "fit", "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    assert (ended.value.code or 0, told.err) == (0, "")
    assert "--hidden-dims" in told.out


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

    def interrupt(*_: object, **__: object) -> None:
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


@pytest.mark.parametrize(
    ("program", "words", "said"),
    [
        (
            "benchmarks.__main__",
            ("--nope",),
            "--nope: python -m benchmarks has no such option (python -m benchmarks --help lists",
        ),
        (
            "benchmarks.__main__",
            ("--only", "drag"),
            "--only drag: expected one of all, training, live, folder, evidence, explorer",
        ),
        ("benchmarks.__main__", ("all",), "all: python -m benchmarks has no place for it"),
        ("benchmarks.soak", ("--damages", "x"), "--damages x: expected a whole number"),
        ("benchmarks.soak", ("--session=3",), "--session: python -m benchmarks.soak has no such option, did you mean"),
        ("benchmarks.soak", ("--sessions", "0"), "--sessions 0: must be a whole number from 1"),
        ("benchmarks.soak", ("--seconds", "nan"), "--seconds nan: must be a finite number above 0"),
    ],
)
def test_benchmarks_say_on_one_line_what_they_cannot_read(
    program: str, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [program, *words])
    assert ended(import_module(program).main) == 2
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert line.startswith(f"error: {said}")
