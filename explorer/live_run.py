"""What a run in the making tells of itself and is told, for the server: training/live_files.py, and no errors.

A file that is damaged, or in the making of another version, counts as none: the next one follows within a second.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from training import live_files
from training.beta import beta_of
from training.checkpoint import CheckpointError
from training.live_files import Control
from training.live_files import newest_frame as newest_frame
from training.live_files import next_step as next_step

MOST_CURVE_BYTES = 1_000_000  # that one answer holds


def read_status(workplace: Path) -> dict[str, Any] | None:
    """What the trainer says of itself; None where there is nothing, or nothing that can be read."""
    with suppress(CheckpointError, OSError):
        return live_files.read_status(workplace)
    return None


def read_marks(workplace: Path) -> list[dict[str, Any]]:
    """The changes of beta so far, [{"epoch": 0, "beta": 1}, ...]; none where they cannot be read."""
    with suppress(CheckpointError, OSError):
        return live_files.read_marks(workplace)
    return []


def read_curve(workplace: Path, start: int) -> tuple[list[list[float | None]], int]:
    """Points of the loss curve (epoch, reconstruction, kl) from byte `start` on, and the byte after the last of them.

    A file that is shorter than `start` was begun anew: it is read from 0.
    """
    try:
        with (workplace / live_files.LIVE / live_files.CURVE).open("rb") as file:
            file.seek(start if start <= os.fstat(file.fileno()).st_size else 0)
            start = file.tell()
            text = file.read(MOST_CURVE_BYTES)
    except OSError:
        return [], 0
    whole = text[: text.rfind(b"\n") + 1]
    return live_files.curve_points(whole), start + len(whole)


def tell(workplace: Path, status: dict[str, Any], **wanted: Any) -> None:
    """Tell the trainer what is wanted: `do`, `beta`, `steps_per_second`; what is left out stays as it was.

    A step is one step: what is wanted later goes on from a pause. Raises OSError.
    """
    before = None
    with suppress(CheckpointError, OSError):
        before = live_files.read_control(workplace)
    if before is None:
        begun = Control(0, "pause" if status["state"] == "paused" else "run", beta_of(status["beta"]))
    else:
        begun = replace(before, do="pause" if before.do == "step" else before.do)
    control = Control(
        max(begun.number, status["control"]) + 1,
        wanted.get("do", begun.do),
        beta_of(wanted["beta"]) if "beta" in wanted else begun.beta,
        wanted.get("steps_per_second", begun.steps_per_second),
    )
    live_files.write_control(workplace, control)


def is_alive(pid: int) -> bool:
    """Whether a process of this machine runs, and as far as can be told is a trainer."""
    if not live_files.is_running(pid):
        return False
    with suppress(OSError):  # where there is /proc, which tells if the number is another program's by now
        return b"training" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return True


def is_dead(status: dict[str, Any]) -> bool:
    """Whether a run that calls itself under way has lost its trainer, whose number may be another program's by now."""
    if live_files.is_dead(status):
        return True
    here = status["host"] == os.uname().nodename if hasattr(os, "uname") else False
    return status["state"] not in live_files.ENDED and here and not is_alive(status["pid"])
