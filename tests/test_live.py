"""A run in the making shows itself in its folder, and leaves nothing of that behind."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load

from explorer import live_arrays
from tests.server import ROOT
from training import atomic, checkpoint, live, live_files
from training.aevb import Diverged, Interrupted, Trainer
from training.data.datasets import ImageData, load_dataset
from training.errors import UserError
from training.live import Publisher, evenly
from training.measure.evaluation import encode_all
from training.options import FitOptions
from training.pace import Pace
from training.run import fit
from training.watch import LiveWatcher, shown

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def digits() -> ImageData:
    return load_dataset("digits", Path("unused"))


def _options(out: Path, **changes: Any) -> FitOptions:
    return FitOptions(
        **{"out": out, "dataset": "digits", "hidden_dims": (16,), "batch_size": 200, "epochs": 2, **changes}
    )


def _stopped(out: Path, **changes: Any) -> dict[str, Any]:
    """A run that is told to stop before its first step; what it says of itself."""

    def tell(publisher: Publisher) -> None:
        live_files.write_control(out, live_files.Control(1, "stop", 1.0))

    with pytest.MonkeyPatch.context() as patch:
        _after_first_frame(patch, tell)
        with pytest.raises(Interrupted):
            fit(_options(out, **changes))
    status = live_files.read_status(out)
    assert status
    return status


def _after_first_frame(patch: pytest.MonkeyPatch, act: Callable[[Publisher], None]) -> None:
    begin = Publisher.begin

    def then(publisher: Publisher) -> None:
        begin(publisher)
        act(publisher)

    patch.setattr(Publisher, "begin", then)


def _tensors(file: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    with safe_open(file, "np") as archive:
        return load(file.read_bytes()), archive.metadata()


def test_a_finished_run_has_the_files_of_any_other(tmp_path: Path) -> None:
    fit(_options(tmp_path / "a"))
    assert {file.name for file in (tmp_path / "a").iterdir()} == {checkpoint.CONFIG, *checkpoint.HASHED_FILES}
    fit(_options(tmp_path / "a", overwrite=True, epochs=1))
    assert {file.name for file in (tmp_path / "a").iterdir()} == {checkpoint.CONFIG, *checkpoint.HASHED_FILES}
    assert {file.name for file in tmp_path.iterdir()} == {"a", checkpoint.GALLERY}


def test_showing_a_run_changes_no_bit_of_it(tmp_path: Path, digits: ImageData, monkeypatch: pytest.MonkeyPatch) -> None:
    options = _options(tmp_path / "run", dropout=0.1)
    plain = Trainer(options, digits, CPU)
    plain.run(lambda record: None)
    monkeypatch.setattr(Pace, "due", lambda pace: True)  # a frame before every step
    watched = Trainer(options, digits, CPU)
    (tmp_path / "run").mkdir()
    publisher = Publisher(tmp_path / "run", watched, digits)
    with shown(publisher):
        publisher.begin()
        watched.run(lambda record: None, LiveWatcher(lambda: False, publisher))
    assert publisher.frame == 14
    assert all(torch.equal(plain.best[name], watched.best[name]) for name in plain.best)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"posterior": "full", "latent_dim": 3},
        {"objective": "autoencoder"},
        {"condition": "label", "likelihood": "gaussian"},
        {"architecture": "conv", "hidden_dims": (4,)},
    ],
)
def test_a_frame_is_the_model_as_it_is(tmp_path: Path, digits: ImageData, changes: dict[str, Any]) -> None:
    options = _options(tmp_path, **changes)
    trainer = Trainer(options, digits, CPU)
    publisher = Publisher(tmp_path, trainer, digits)
    publisher.begin()
    trainer.model.train()
    publisher.publish_frame()
    assert trainer.model.training
    start, known = _tensors(tmp_path / "live" / live_files.START)
    frame, said = _tensors(tmp_path / "live" / live_files.frame_name(1))
    index = torch.from_numpy(start["index"]).long()
    assert np.array_equal(start["label"], digits.gallery.labels[start["index"]])
    assert np.array_equal(start["images"], digits.gallery.images[start["image_index"]])
    mu, spread = encode_all(trainer.model, trainer.gallery_images[index], trainer.model.classes_of(start["label"]))
    np.testing.assert_allclose(frame["mu"], mu, atol=2e-3)
    sigma = {
        "deterministic": None,
        "diagonal": spread,
        "full": (spread @ spread.mT).diagonal(dim1=1, dim2=2).log() if spread.dim() == 3 else None,
    }[trainer.model.spec.posterior]
    assert ("log_var" in frame) == (sigma is not None)
    if sigma is not None:
        np.testing.assert_allclose(frame["log_var"], sigma, atol=4e-3)
    weights = {name: value for name, value in trainer.model.state_dict().items() if name.startswith("decoder.")}
    assert weights.keys() == {name for name in frame if name.startswith("decoder.")}
    for name, value in weights.items():
        np.testing.assert_allclose(frame[name], value, rtol=1e-3, atol=1e-6)
    pictures = torch.from_numpy(start["images"])
    y = trainer.model.classes_of(digits.gallery.labels[start["image_index"]])
    decoded = trainer.model.eval().image(encode_all(trainer.model, pictures, y)[0], y)
    np.testing.assert_allclose(frame["reconstructions"] / 255, decoded.detach(), atol=0.003)
    assert (said["frame"], said["epoch"], said["step"]) == ("1", "0", "0")
    assert ("log_sigma" in said) == (options.likelihood == "gaussian")
    if "log_sigma" in said:
        assert float(said["log_sigma"]) == trainer.model.state_dict()["log_sigma"].item()
    assert json.loads(known["spec"])["latent_dim"] == options.latent_dim
    assert [layer["kind"] for layer in json.loads(known["layers"])]
    begun = live_arrays.beginning(tmp_path)
    assert begun
    of_decoder = json.loads(load_metadata(begun)["decoder"])
    bernoulli = trainer.model.spec.likelihood == "bernoulli"
    assert (of_decoder.get("cross_entropy") == "true") == bernoulli  # digits are grey


def test_points_are_of_all_classes_and_always_the_same() -> None:
    labels = np.repeat([0, 1, 2], [50, 5, 100])
    chosen = evenly(labels, 30)
    assert np.bincount(labels[chosen]).tolist() == [13, 5, 12] or np.bincount(labels[chosen]).tolist() == [12, 5, 13]
    assert np.array_equal(chosen, evenly(labels, 30))
    assert np.array_equal(chosen, np.unique(chosen))
    assert len(evenly(labels, 1000)) == 155


def test_what_a_stopped_run_says_of_itself(tmp_path: Path) -> None:
    status = _stopped(tmp_path / "my run", seed=3)
    assert status["state"] == "stopped"
    assert status["message"] == "interrupted: state saved; go on with the same command and --resume"
    assert status["command"] == (
        f"python -m training fit --out '{tmp_path / 'my run'}' --dataset digits --hidden-dims 16 --epochs 2 "
        "--batch-size 200 --seed 3"
    )
    assert status["recipe"]["seed"] == 3
    assert status["dataset"]["image_shape"] == [1, 8, 8]
    assert (status["epoch"], status["step"], status["control"], status["frame"]) == (0, 0, 1, 0)
    assert live_files.read_marks(tmp_path / "my run") == [{"epoch": 0.0, "beta": 1.0}]
    assert not live_files.is_dead(status)


def test_the_step_that_follows_is_given_so_that_each_is_seen_and_the_newest_to_who_comes(tmp_path: Path) -> None:
    (tmp_path / live_files.LIVE).mkdir()
    for number in range(3, 7):
        (tmp_path / live_files.LIVE / live_files.step_name(number)).write_bytes(bytes([number]))
    found = [live_files.next_step(tmp_path, after) for after in (-1, 0, 3, 4, 5, 6)]
    assert found == [(6, b"\6"), (3, b"\3"), (4, b"\4"), (5, b"\5"), (6, b"\6"), None]


def test_the_ring_keeps_the_newest_and_the_curve_has_every_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: dict[str, Any] = {}

    def look(publisher: Publisher) -> None:
        kept["frames"] = sorted(live_files.numbers_of(publisher.folder, "frame"))
        kept["curve"] = live_files.read_curve(publisher.workplace)
        kept["newest"] = live_files.newest_frame(publisher.workplace)
        kept["none"] = live_files.newest_frame(publisher.workplace, after=15)

    monkeypatch.setattr(Pace, "due", lambda pace: True)
    measuring = Publisher.measuring

    def then(publisher: Publisher) -> None:
        measuring(publisher)
        look(publisher)

    monkeypatch.setattr(Publisher, "measuring", then)
    fit(_options(tmp_path / "a"))
    assert kept["frames"] == [12, 13, 14, 15]
    assert kept["newest"][0] == 15
    assert kept["none"] is None
    assert [point[0] for point in kept["curve"]] == pytest.approx([step / 7 for step in range(1, 15)], abs=1e-5)
    said = json.loads(load_metadata(kept["newest"][1])["curve"])
    assert said == [kept["curve"][-1]]


def load_metadata(data: bytes) -> dict[str, str]:
    header = int.from_bytes(data[:8], "little")
    found: dict[str, str] = json.loads(data[8 : 8 + header])["__metadata__"]
    return found


def test_a_resumed_run_keeps_its_curve_and_numbers_frames_anew(tmp_path: Path) -> None:
    out = tmp_path / "a"

    with pytest.MonkeyPatch.context() as patch:
        halts = LiveWatcher.halts
        patch.setattr(LiveWatcher, "halts", lambda watcher, trainer: halts(watcher, trainer) or trainer.done == 9)
        with pytest.raises(Interrupted):
            fit(_options(out))
    before = live_files.read_curve(out)
    assert len(before) == 9
    seen: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        _after_first_frame(patch, lambda publisher: seen.append(live_files.read_curve(out)))
        fit(_options(out, resume=True))
    assert seen == [before]


def test_how_a_run_failed_is_said_in_the_line_of_the_command(tmp_path: Path) -> None:
    out = tmp_path / "a"
    with pytest.raises(Diverged) as caught:
        fit(_options(out, learning_rate=1e6, hidden_dims=(512, 256, 128)))
    status = live_files.read_status(out)
    assert status
    assert (status["state"], status["message"]) == ("failed", str(caught.value))


def test_a_full_disk_ends_the_showing_and_not_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write = atomic.write_file

    def full(path: Path, data: bytes, lasting: bool = True) -> None:
        if path.name == live_files.frame_name(2):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        write(path, data, lasting)

    seen: list[Any] = []
    measuring = Publisher.measuring

    def then(publisher: Publisher) -> None:
        measuring(publisher)
        seen.extend([live_files.read_status(publisher.workplace), live_files.numbers_of(publisher.folder, "frame")])

    monkeypatch.setattr(Pace, "due", lambda pace: True)
    monkeypatch.setattr(Publisher, "measuring", then)
    monkeypatch.setattr(live.atomic, "write_file", full)
    fit(_options(tmp_path / "a"))
    checkpoint.verify(tmp_path / "a")
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("note: ")]
    assert len(told) == 1
    assert "No space left on device; the run goes on and is no longer shown" in told[0]
    status, frames = seen
    assert told[0] == f"note: {status['message']}"
    assert frames == []


def test_a_stranger_in_live_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "a" / "live").mkdir(parents=True)
    (tmp_path / "a" / "live" / "concert.mp4").touch()
    with pytest.raises(UserError, match=r"holds live/concert\.mp4, which would be lost"):
        fit(_options(tmp_path / "a"))
    assert (tmp_path / "a" / "live" / "concert.mp4").exists()


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_a_killed_trainer_is_told_from_a_busy_one(tmp_path: Path) -> None:
    out = tmp_path / "a"
    words = [
        "fit",
        "--dataset",
        "digits",
        "--hidden-dims",
        "16",
        "--batch-size",
        "2",
        "--epochs",
        "50",
        "--out",
        str(out),
    ]
    with subprocess.Popen([sys.executable, "-m", "training", *words], cwd=ROOT, stderr=subprocess.PIPE) as process:
        assert process.stderr
        while (live_files.read_status(out) or {"epoch": 0})["epoch"] < 1:
            assert process.poll() is None
            process.stderr.read1(100)
        status = live_files.read_status(out)
        assert status and not live_files.is_dead(status)
        process.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and its parent has not looked yet
        assert live_files.is_dead(status)
    status = live_files.read_status(out)
    assert status and status["state"] == "running" and live_files.is_dead(status)
    assert live_files.newest_frame(out)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"{", "not valid JSON"),
        (b"[]", "expected a JSON object"),
        (b'{"format": 2}', "'format' is 2"),
        (b"\xff\xfe", "not valid JSON"),
    ],
)
def test_a_damaged_status_is_named(tmp_path: Path, text: bytes, words: str) -> None:
    assert live_files.read_status(tmp_path) is None
    (tmp_path / "live").mkdir()
    (tmp_path / "live" / live_files.STATUS).write_bytes(text)
    with pytest.raises(UserError, match=r"status\.json: ") as caught:
        live_files.read_status(tmp_path)
    assert words in str(caught.value) or "is missing" in str(caught.value)


def _frames(pace: Pace, now: list[float], steps: int, seconds: float, cost: float, look: int) -> list[float]:
    """When frames are shown by a clock by which each takes `cost`, each step `seconds`; a look every so many steps."""
    at: list[float] = []
    for step in range(steps):
        pace.passed(step)
        if step % look == 0:
            pace.look()
        if pace.due():
            at.append(now[0])
            now[0] += cost
            pace.spent += cost
            pace.framed(cost)
        now[0] += seconds
    return at


def test_frames_take_their_share_of_the_time_and_come_soon_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of a run whose every step takes 25 ms and every frame 12 ms."""
    now = [0.0]
    monkeypatch.setattr("training.pace.time.perf_counter", lambda: now[0])
    pace = Pace(0, 4000)
    at = _frames(pace, now, 4000, 0.025, 0.012, 20)
    assert sum(moment <= 3 for moment in at) >= 10
    assert pace.spent <= 0.04 * now[0]
    gaps = np.diff(at)
    assert gaps[-1] > 3 * gaps[:5].max()


def test_a_dear_beginning_does_not_hold_back_the_frames_of_a_long_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine: two seconds until the first frame is shown, a third of one for each after it, a step a second."""
    now = [0.0]
    monkeypatch.setattr("training.pace.time.perf_counter", lambda: now[0])
    pace = Pace(0, 3000)
    now[0] = pace.spent = 2.0
    pace.framed(2.0)
    assert len(_frames(pace, now, 20, 1.0, 0.3, 1)) >= 10


def test_waiting_is_nobody_s_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("training.pace.time.perf_counter", lambda: now[0])
    pace = Pace(0, 100)
    now[0] = 2.0
    pace.passed(10)
    with pace.wait():
        now[0] = 50.0
        pace.spent += 1
        assert pace.time == 2
    assert (pace.time, pace.spent, pace.seconds_a_step, pace.left) == (2, 0, 0.2, 18)
