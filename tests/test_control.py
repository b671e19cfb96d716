"""A run that is told things while it is made: beta, pauses, single steps, an end. And what of that is kept."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch
from safetensors import safe_open

from training import beta, checkpoint, live_files, watch
from training.aevb import Interrupted, Trainer, Watcher
from training.beta import Mark, with_mark
from training.data.datasets import ImageData, load_dataset
from training.errors import UserError
from training.live import Publisher
from training.live_files import Control, write_control
from training.options import FitOptions
from training.resume_state import read_state, write_state
from training.run import evaluate, fit
from training.watch import LiveWatcher, shown

CPU = torch.device("cpu")
STEPS = 7  # an epoch


@pytest.fixture(scope="module")
def digits() -> ImageData:
    return load_dataset("digits", Path("unused"))


@pytest.fixture(autouse=True)
def _look_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOK", 0.0)
    monkeypatch.setattr(watch, "NAP", 0.0)


def _options(out: Path, **changes: Any) -> FitOptions:
    return FitOptions(
        **{"out": out, "dataset": "digits", "hidden_dims": (16,), "batch_size": 200, "epochs": 3, **changes}
    )


def _told(
    options: FitOptions, data: ImageData, say: Callable[[Trainer, dict[str, Any]], Control | bool | None]
) -> Trainer:
    """Train while, before each step and at each moment of a pause, `say` hears the trainer and its status.

    It may tell a wish, which counts from the look after that on, or True, as Ctrl-C.
    """
    out = options.out
    out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(options, data, CPU)
    publisher = Publisher(out, trainer, data)

    def stop() -> bool:
        status = live_files.read_status(out)
        assert status
        said = say(trainer, status)
        if isinstance(said, Control):
            write_control(out, said)
        return said is True

    with shown(publisher):
        publisher.begin()
        trainer.run(lambda record: None, LiveWatcher(stop, publisher))
    return trainer


def _at(wishes: Mapping[int, Control]) -> Callable[[Trainer, dict[str, Any]], Control | None]:
    """Each wish is told after so many steps, and counts from the step after the next one on."""
    return lambda trainer, status: wishes.get(trainer.done)


class _Turning(Watcher):
    """Turns beta itself, after so many steps."""

    def __init__(self, turns: Mapping[int, float]) -> None:
        super().__init__()
        self.turns = turns

    def halts(self, trainer: Trainer) -> bool:
        if trainer.done in self.turns:
            trainer.turn_beta(self.turns[trainer.done])
        return False


def test_beta_counts_from_the_next_step_on_and_each_change_is_a_mark(tmp_path: Path, digits: ImageData) -> None:
    options = _options(tmp_path)
    told = _told(options, digits, _at({1: Control(1, "run", 4.0), 9: Control(2, "run", math.inf)}))
    plain = Trainer(options, digits, CPU)
    plain.run(lambda record: None, _Turning({2: 4.0, 10: math.inf}))
    assert [(round(mark.epoch * STEPS), mark.beta) for mark in told.marks] == [(0, 1), (2, 4), (10, math.inf)]
    assert all(torch.equal(told.model.state_dict()[name], value) for name, value in plain.model.state_dict().items())
    assert (told.objective.w_rec, told.objective.w_kl) == (0, 1)
    assert live_files.read_marks(tmp_path) == [mark.as_json() for mark in told.marks]
    assert told.history[0]["marks"] == [{"epoch": 2 / 7, "beta": 4.0}]
    assert told.history[1]["beta"] == "inf"
    assert "beta" not in told.history[2] and "marks" not in told.history[2]


def test_the_step_after_follows_the_other_objective(digits: ImageData) -> None:
    """The gradient of the decoder, and of the KL term's weight, by hand."""
    trainer = Trainer(_options(Path("x")), digits, CPU)
    trainer.turn_beta(math.inf)
    before = [value.clone() for value in trainer.model.decoder.parameters()]
    trainer.chosen = np.arange(20)
    trainer._train_step(torch.from_numpy(digits.train.images[:20]), None)
    assert all(torch.equal(old, new) for old, new in zip(before, trainer.model.decoder.parameters(), strict=True))
    trainer.turn_beta(0.0)
    assert trainer.objective.weights == {"reconstruction": 1}


def test_a_turned_run_resumes_with_its_marks_and_ends_in_the_same_bits(tmp_path: Path, digits: ImageData) -> None:
    options = _options(tmp_path / "a", dropout=0.1)
    whole = Trainer(options, digits, CPU)
    whole.run(lambda record: None, _Turning({3: 8.0, 11: 0.5}))
    first = Trainer(options, digits, CPU)

    class Halting(_Turning):
        def halts(self, trainer: Trainer) -> bool:
            return super().halts(trainer) or trainer.done == 12

    with pytest.raises(Interrupted):
        first.run(lambda record: None, Halting({3: 8.0, 11: 0.5}))
    write_state(tmp_path / "state", first)
    second = Trainer(options, digits, CPU)
    second.restore(*read_state(tmp_path / "state"))
    assert second.marks == first.marks
    assert second.objective.beta == 0.5
    second.run(lambda record: None)
    assert second.marks == whole.marks
    assert all(torch.equal(whole.best[name], second.best[name]) for name in whole.best)
    strip = [[{k: v for k, v in r.items() if k != "seconds"} for r in t.history] for t in (whole, second)]
    assert strip[0] == strip[1]


def test_a_turned_run_is_told_from_one_that_was_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, turned = tmp_path / "digits" / "plain", tmp_path / "digits" / "turned"
    fit(_options(plain))
    halts = LiveWatcher.halts

    def turning(watcher: LiveWatcher, trainer: Trainer) -> bool:
        if trainer.done == 4:
            trainer.turn_beta(20.0)
        return halts(watcher, trainer)

    monkeypatch.setattr(LiveWatcher, "halts", turning)
    fit(_options(turned))
    changes = [{"epoch": 0.0, "beta": 1.0}, {"epoch": 4 / 7, "beta": 20.0}]
    assert checkpoint.load_config(turned).training["beta_changes"] == changes
    assert "beta_changes" not in checkpoint.load_config(plain).training
    assert [record.get("marks") for record in checkpoint.load_history(turned)] == [changes[1:], None, None]
    words = "turned by hand while it was trained: 1 to epoch 0.571, then 20."
    for _ in range(2):
        assert words in (turned / "README.md").read_text()
        evaluate(turned, Path("unused"), save=True, quick=True)
    assert "turned by hand" not in (plain / "README.md").read_text()
    assert checkpoint.load_config(turned).training["beta_changes"] == changes
    assert {file.name for file in turned.iterdir()} == {file.name for file in plain.iterdir()}


@pytest.mark.parametrize("changes", [[{"epoch": 1}], [{"epoch": -1, "beta": 1}], "x", [{"epoch": 0, "beta": "nan"}]])
def test_changes_that_are_none_are_refused(checkpoints: Path, changes: Any) -> None:
    run = checkpoints / "digits" / "elbo"
    config = json.loads((run / "config.json").read_text())
    config["training"]["beta_changes"] = changes
    del config["seal"]
    from training.sealed_json import sealed

    (run / "config.json").write_bytes(sealed({k: v for k, v in config.items() if k != "format_version"}))
    with pytest.raises(UserError, match=r"'training\.beta_changes' is .* expected a list"):
        checkpoint.load_config(run)


def test_the_epoch_that_is_kept_is_the_best_since_the_last_change(digits: ImageData) -> None:
    trainer = Trainer(_options(Path("x"), epochs=5), digits, CPU)
    trainer.run(lambda record: None, _Turning({2 * STEPS + 3: 50.0}))  # in epoch 3; losses are larger from there on
    losses = [record["validation_loss"] for record in trainer.history]
    assert min(losses) == min(losses[:2])
    assert trainer.best_epoch == 3 + int(np.argmin(losses[2:]))
    assert trainer.best_loss == min(losses[2:])
    untrained = trainer.untrained
    assert trainer.untrained_loss == pytest.approx((untrained.reconstruction + 50 * untrained.kl).item())
    for record in trainer.history[2:]:
        expected = record["validation_reconstruction"] + 50 * record["validation_kl"]
        assert record["validation_loss"] == pytest.approx(expected, rel=1e-5)


def test_a_pause_makes_no_step_and_shows_where_the_run_is(tmp_path: Path, digits: ImageData) -> None:
    seen: list[tuple[int, str, int]] = []

    def say(trainer: Trainer, status: dict[str, Any]) -> Control | None:
        if trainer.done == 3:
            return Control(1, "pause", 1.0)
        if status["state"] == "paused":
            seen.append((trainer.done, status["state"], status["control"]))
            frame = live_files.newest_frame(tmp_path)
            assert frame
            assert status["remaining_seconds"] is None
            if len(seen) == 5:
                return Control(2, "run", 1.0)
        return None

    options = _options(tmp_path)
    paused = _told(options, digits, say)
    assert set(seen) == {(4, "paused", 1)}
    plain = Trainer(options, digits, CPU)
    plain.run(lambda record: None)
    assert all(torch.equal(plain.best[name], paused.best[name]) for name in plain.best)


@pytest.mark.parametrize("by", ["control", "ctrl-c"])
def test_a_paused_run_can_be_stopped(tmp_path: Path, digits: ImageData, by: str) -> None:
    def say(trainer: Trainer, status: dict[str, Any]) -> Control | bool | None:
        if trainer.done == 1:
            return Control(1, "pause", 1.0)
        if status["state"] == "paused":
            return Control(2, "stop", 1.0) if by == "control" else True
        return None

    with pytest.raises(Interrupted):
        _told(_options(tmp_path), digits, say)
    status = live_files.read_status(tmp_path)
    assert status
    assert (status["state"], status["epoch"], status["step"]) == ("stopped", 0, 2)


def test_single_steps_and_slow_motion_are_the_run_s_own_steps(tmp_path: Path, digits: ImageData) -> None:
    details: dict[int, int] = {}

    def say(trainer: Trainer, status: dict[str, Any]) -> Control | None:
        details[trainer.done] = status["detail"]
        if trainer.done == 1:
            return Control(1, "pause", 1.0)
        if status["state"] == "paused" and status["control"] < 4:  # three presses
            return Control(status["control"] + 1, "step", 1.0)
        if status["state"] == "paused":
            return Control(5, "run", 1.0, steps_per_second=1000)
        return Control(6, "run", 1.0) if trainer.done == 10 else None

    options = _options(tmp_path, dropout=0.1)
    stepped = _told(options, digits, say)
    # Steps 3, 4, 5 by presses, 6 to 11 in slow motion.
    assert [details[done] for done in (2, 3, 4, 5, 10, 11, 12, 20)] == [-1, 0, 1, 2, 7, 8, 8, 8]
    plain = Trainer(options, digits, CPU)
    plain.run(lambda record: None)
    assert all(torch.equal(plain.best[name], stepped.best[name]) for name in plain.best)


def test_slow_motion_shows_every_step_few_frames_and_where_it_stands_still(
    tmp_path: Path, digits: ImageData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "FRAME_GAP", 1e6)
    counts: dict[int, tuple[int, int]] = {}

    def say(trainer: Trainer, status: dict[str, Any]) -> Control | bool | None:
        if status["state"] == "paused" and status["control"] == 2:
            counts[trainer.done] = (status["detail"], status["frame"])
            return trainer.step == int(_place(tmp_path, status["frame"])["step"])
        if trainer.done >= 1:
            counts.setdefault(trainer.done, (status["detail"], status["frame"]))
        return {1: Control(1, "run", 1.0, steps_per_second=1000), 9: Control(2, "pause", 1.0)}.get(trainer.done)

    with pytest.raises(Interrupted):
        _told(_options(tmp_path), digits, say)
    (still,) = [done for done in counts if done == max(counts)]
    assert counts[still][0] - counts[3][0] == still - 3, "a detail for every step"
    assert counts[still][1] - counts[3][1] == 1, "one frame, where it stands still"


def test_slow_motion_keeps_its_pace_where_every_other_step_is_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock:
        now = 0.0

        def monotonic(self) -> float:
            return self.now

        def sleep(self, seconds: float) -> None:
            self.now += seconds

    clock = Clock()
    monkeypatch.setattr(watch, "time", clock)
    monkeypatch.setattr(watch, "NAP", 0.02)
    monkeypatch.setattr(LiveWatcher, "_show", lambda self, trainer: False)
    publisher: Any = SimpleNamespace(workplace=tmp_path, beat=lambda: None)
    watcher, nobody = LiveWatcher(lambda: False, publisher), cast("Trainer", None)
    watcher.told = Control(1, "run", 1.0, steps_per_second=10)
    made = []
    for k in range(41):
        clock.now += 0.145 if k % 2 else 0.05  # of work
        watcher._wait(nobody)
        made.append(clock.now)
    assert made[-1] - made[0] == pytest.approx(4.0, abs=0.05), "of the test's own clock"
    assert min(np.diff(made)) > 0.05, "what is late is not caught up at once"


def _place(workplace: Path, frame: int) -> dict[str, str]:
    """Where in the run a frame is."""
    with safe_open(workplace / live_files.LIVE / live_files.frame_name(frame), "numpy") as file:
        return dict(file.metadata())


def test_a_deterministic_code_keeps_its_beta_and_says_so(tmp_path: Path, digits: ImageData) -> None:
    said: list[str] = []

    def say(trainer: Trainer, status: dict[str, Any]) -> Control | None:
        said.append(status["message"])
        return Control(1, "run", 4.0) if trainer.done == 1 else None

    trainer = _told(_options(tmp_path, objective="autoencoder"), digits, say)
    assert len(trainer.marks) == 1
    assert "beta stays 0: a deterministic code has no KL term" in said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"number": 1, "do": "run"}',
        '{"number": 1, "do": "explode", "beta": 1}',
        '{"number": 1, "do": ["run"], "beta": 1}',
        '{"number": 0, "do": "run", "beta": 1}',
        '{"number": true, "do": "run", "beta": 1}',
        '{"number": 1, "do": "run", "beta": -1}',
        '{"number": 1, "do": "run", "beta": NaN}',
        '{"number": 1, "do": "run", "beta": "much"}',
        '{"number": 1, "do": "run", "beta": 1, "steps_per_second": -2}',
        '{"number": 1, "do": "run", "beta": 1e999}',
        "\N{SNOWMAN}" * 400_000,
    ],
    ids=lambda text: ascii(text[:60]),
)
def test_a_control_that_says_nothing_is_ignored_and_named(tmp_path: Path, digits: ImageData, text: str) -> None:
    said: list[str] = []

    def say(trainer: Trainer, status: dict[str, Any]) -> None:
        said.append(status["message"])
        if trainer.done == 1:
            (tmp_path / live_files.CONTROL).write_text(text)

    trainer = _told(_options(tmp_path, epochs=1), digits, say)
    assert trainer.epoch == 1
    assert len(trainer.marks) == 1
    line = said[-1]
    assert line.startswith(str(tmp_path / live_files.CONTROL)) and line.endswith("; it is ignored"), line


def test_an_old_control_is_not_heard(tmp_path: Path, digits: ImageData) -> None:
    write_control(tmp_path, Control(7, "stop", 1.0))
    _told(_options(tmp_path, epochs=1), digits, lambda trainer, status: None)
    assert live_files.read_control(tmp_path) is None
    told = _told(_options(tmp_path, epochs=1), digits, _at({1: Control(5, "run", 2.0), 3: Control(5, "run", 9.0)}))
    assert [mark.beta for mark in told.marks] == [1, 2], "a number counts once"


def test_a_run_holds_so_many_changes(tmp_path: Path, digits: ImageData, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "MOST_MARKS", 3)
    wishes = {step: Control(step, "run", float(step)) for step in range(2, 9)}
    said: list[str] = []

    def say(trainer: Trainer, status: dict[str, Any]) -> Control | None:
        said.append(status["message"])
        return wishes.get(trainer.done)

    assert len(_told(_options(tmp_path), digits, say).marks) == 3
    assert "beta stays: a run can hold 3 changes of it" in said


def test_a_change_that_no_step_followed_is_none() -> None:
    start = [Mark(0.0, 1.0)]
    assert with_mark(start, Mark(0.0, 4.0)) == [Mark(0.0, 1.0), Mark(0.0, 4.0)]
    assert with_mark([*start, Mark(2.0, 4.0)], Mark(2.0, 9.0)) == [*start, Mark(2.0, 9.0)]
    assert with_mark([*start, Mark(2.0, 4.0)], Mark(2.0, 1.0)) == start


def test_changes_are_told_in_words() -> None:
    marks = [Mark(0.0, 0.0), Mark(2.5, 4.0), Mark(7.25, math.inf)]
    assert beta.in_words(beta.changes_of(marks)) == "0 to epoch 2.5, then 4 to epoch 7.25, then the KL term alone"
    many = beta.changes_of([Mark(float(epoch), float(epoch)) for epoch in range(100)])
    words = beta.in_words(many)
    assert words.startswith("0 to epoch 1, then 1 to epoch 2, ") and words.endswith(", then 98 to epoch 99, then 99")
    assert ", then 88 more, then 98 to epoch 99" in words
    assert beta.changes_of([Mark(0.0, 1.0)]) == []


def test_controls_come_back_as_they_were_written(tmp_path: Path) -> None:
    for control in (Control(1, "step", math.inf), Control(2, "run", 0.25, 3.5)):
        write_control(tmp_path, control)
        assert live_files.read_control(tmp_path) == control
    assert dataclasses.asdict(control)["do"] == "run"
