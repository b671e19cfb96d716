"""What a run in the making shows of itself in its folder, and is told there: names of files, what they hold. No torch.

`live/` is written by training/live.py and goes when the run is finished; `control.json` is written by who watches.
Both are described in docs/checkpoint-format.md.
"""

from __future__ import annotations

import json
import os
import platform
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from training import atomic
from training.beta import BETA, beta_json, beta_of
from training.beta import MARKS as MARKS_KIND
from training.fields import COUNT, NUMBER, TEXT, Kind, check, list_of, null_or, number, record, whole
from training.regular_file import CheckpointError, read_file
from training.tensor_files import json_bytes, parse_json

LIVE = "live"
CONTROL = "control.json"
STATUS = "status.json"
START = "start.safetensors"
MARKS = "marks.json"
CURVE = "curve.jsonl"
FORMAT = 1
FRAMES_KEPT = 4  # the newest of frames, and of steps
MOST_BYTES = 1_000_000  # of a JSON file here
MOST_FRAME_BYTES = 200_000_000
QUIET_SECONDS = 60.0  # without a word, after which a trainer that cannot be looked for counts as gone
_OWN = re.compile(
    r"(status\.json|start\.safetensors|marks\.json|curve\.jsonl|(frame|step)-\d{6,}\.safetensors|\..*\.tmp)"
)

State = Literal["starting", "running", "paused", "measuring", "stopped", "failed", "finished"]
Wish = Literal["run", "pause", "step", "stop"]
ENDED: tuple[State, ...] = ("stopped", "failed", "finished")
MOST_STEPS_PER_SECOND = 1000.0


def frame_name(number: int) -> str:
    """Of the frame of this number, from 0."""
    return f"frame-{number:06d}.safetensors"


def step_name(number: int) -> str:
    """Of the step of this number that is shown in detail, from 0."""
    return f"step-{number:06d}.safetensors"


# ---- what the trainer is told


@dataclass(frozen=True)
class Control:
    """What who watches wants: `number` rises with each wish; `beta` from 0 to infinity is the one wanted now.

    `steps_per_second`: of slow motion, while it runs; 0 is full speed.
    """

    number: int
    do: Wish
    beta: float
    steps_per_second: float = 0.0


_CONTROL = {
    "number": whole(1),
    "do": Kind("one of run, pause, step, stop", lambda value: value in get_args(Wish)),
    "beta": BETA,
    "steps_per_second": number(0, MOST_STEPS_PER_SECOND),
}


def write_control(workplace: Path, control: Control) -> None:
    """Tell the trainer that works in the folder `workplace`; raises OSError."""
    told = {**asdict(control), "beta": beta_json(control.beta)}
    atomic.write_file(workplace / CONTROL, json_bytes(told), lasting=False)


def read_control(workplace: Path) -> Control | None:
    """What the trainer is told, None where nothing is; raises CheckpointError for what is no control."""
    file = workplace / CONTROL
    data = _read(file)
    if data is None:
        return None
    value = check(file, parse_json(file, data), _CONTROL, ("number", "do", "beta"))
    return Control(value["number"], value["do"], beta_of(value["beta"]), value.get("steps_per_second", 0.0))


# ---- what the trainer shows

_STATUS = {
    "format": Kind(f"{FORMAT}", lambda value: value == FORMAT),
    "pid": whole(1),
    "host": TEXT,
    "started": number(0),
    "updated": number(0),
    "state": Kind(f"one of {', '.join(get_args(State))}", lambda value: value in get_args(State)),
    "message": TEXT,
    "command": TEXT,
    "recipe": Kind("an object", lambda value: isinstance(value, dict)),
    "dataset": record({"name": TEXT, "classes": list_of(TEXT), "image_shape": list_of(whole(1))}),
    **dict.fromkeys(("epoch", "step", "epochs", "steps_per_epoch", "control"), COUNT),
    "weights": record({"reconstruction": NUMBER, "kl": NUMBER}),
    "beta": BETA,
    "images_per_second": number(0),
    "remaining_seconds": null_or(number(0)),
    **dict.fromkeys(("frame", "detail"), whole(-1)),
}


def read_status(workplace: Path) -> dict[str, Any] | None:
    """status.json of the run that is made in the folder `workplace`, None where there is none.

    Raises CheckpointError for one that is damaged.
    """
    file = workplace / LIVE / STATUS
    data = _read(file)
    return None if data is None else check(file, parse_json(file, data), _STATUS)


def is_dead(status: dict[str, Any]) -> bool:
    """Whether a run that calls itself under way has lost its trainer, as one that was killed."""
    if status["state"] in ENDED:
        return False
    if status["host"] != platform.node() or sys.platform == "win32":  # another machine's process, seen on a shared disk
        return time.time() - float(status["updated"]) > QUIET_SECONDS
    return not is_running(status["pid"])


def is_running(pid: int) -> bool:
    """Whether a process of this machine runs; one that has ended, and whose parent has not looked yet, does not."""
    if pid <= 0:  # which would be whole groups of processes
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # somebody else's, but there
        pass
    with suppress(OSError, IndexError):  # where there is /proc
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return stat.rpartition(")")[2].split()[0] != "Z"
    return True


def read_marks(workplace: Path) -> list[dict[str, Any]]:
    """The changes of beta so far, the start first; none where there is no such file. Raises CheckpointError."""
    file = workplace / LIVE / MARKS
    data = _read(file)
    marks = [] if data is None else parse_json(file, data)
    if not MARKS_KIND.fits(marks):
        raise CheckpointError(f"{file}: expected {MARKS_KIND.words}")
    return list(marks)


def read_curve(workplace: Path) -> list[list[float | None]]:
    """Points (epoch, reconstruction, kl) of the loss curve so far, kl None for a deterministic code.

    Lines that are no points, as one that is half written, are left out.
    """
    with suppress(CheckpointError):
        return curve_points(read_file(workplace / LIVE / CURVE, 16 * MOST_BYTES))
    return []


def curve_points(text: bytes) -> list[list[float | None]]:
    """The points among lines of the curve's file."""
    points: list[list[float | None]] = []
    for line in text.splitlines():
        with suppress(ValueError):
            point = json.loads(line)
            if isinstance(point, list) and len(point) == 3 and all(null_or(NUMBER).fits(value) for value in point):
                points.append(point)
    return points


def newest_frame(workplace: Path, after: int = -1) -> tuple[int, bytes] | None:
    """Number and bytes of the newest frame if it is newer than `after`."""
    return _found(workplace, "frame", after, max)


def next_step(workplace: Path, after: int = -1) -> tuple[int, bytes] | None:
    """Number and bytes of the step shown in detail that follows `after`, of those kept; without it, of the newest."""
    return _found(workplace, "step", after, max if after < 0 else min)


def _found(workplace: Path, kind: str, after: int, choose: Callable[[list[int]], int]) -> tuple[int, bytes] | None:
    """A frame may go while it is read: then a newer one is there."""
    for _ in range(FRAMES_KEPT):
        newer = [number for number in numbers_of(workplace / LIVE, kind) if number > after]
        if not newer:
            return None
        with suppress(CheckpointError):
            found = choose(newer)
            return found, read_file(workplace / LIVE / f"{kind}-{found:06d}.safetensors", MOST_FRAME_BYTES)
    return None


def _read(file: Path) -> bytes | None:
    """A small file, or None where it is not there, which may change at any time."""
    try:
        return read_file(file, MOST_BYTES)
    except CheckpointError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return None
        raise


def numbers_of(folder: Path, kind: str) -> list[int]:
    """Of the frames or steps that lie in a folder."""
    numbers = []
    with suppress(OSError):
        for name in os.listdir(folder):  # noqa: PTH208
            if found := re.fullmatch(kind + r"-(\d{6,})\.safetensors", name):
                numbers.append(int(found[1]))
    return numbers


def stranger(workplace: Path) -> str | None:
    """The name of something in `live/` that no trainer writes, and that would be lost with it."""
    try:
        names = os.listdir(workplace / LIVE)  # noqa: PTH208
    except NotADirectoryError:
        return LIVE
    except OSError:
        return None
    return min((f"{LIVE}/{name}" for name in names if not _OWN.fullmatch(name)), default=None)
