"""UJI Pen Characters, versions 1 and 2: strokes of a pen on a tablet, read, drawn and split by writer."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from training import atomic
from training.data.download import expect, fetch, one_line_errors
from training.data.image_data import ImageData, Listing, Split
from training.data.strokes import box_side, draw, normalised, plain_hand, random_hand
from training.errors import UserError

if TYPE_CHECKING:
    from training.data.strokes import Stroke

ARCHIVE = "https://archive.ics.uci.edu/static/public/{}"
FIRST_ARCHIVE = ARCHIVE.format("160/uji+pen+characters.zip")
FIRST_SHA256 = "ee350e1ab0f91aae6686a78210c135ee141d52de6fcf44c5d1b3b974cfdc80ee"  # of its files, one after another
FIRST_FILES = "UJIpenchars-w*"  # one a writer
FIRST_FOLDER = "version-1"  # where they are put, all at once
SECOND_ARCHIVE = ARCHIVE.format("177/uji+pen+characters+version+2.zip")
SECOND_SHA256 = "0881b522911b99d9922820289441b50fd3d307f71cd7f9cc70e86872424a5f90"  # of the archive
SECOND_FILE = "ujipenchars2.txt"
SOURCE = "UJI Pen Characters, D. Llorens, F. Prat, A. Marzal, J. M. Vilar, M. J. Castro, UCI, version {}"
LICENCE = "cc-by-4.0"
# A box below this share of the writer's median one is that of a dot or a comma.
LEAST_SIDE = 0.2
TRAINING_IMAGES = 16_000  # about how many: each training character is drawn several times
SEED = 0


@dataclass(frozen=True)
class Character:
    """One character by one writer; strokes in the tablet's units, y downwards."""

    label: str
    writer: str
    strokes: list[Stroke]


# ---- reading


def read_first(text: str, writer: str) -> list[Character]:
    """Characters of a version-1 file (UNIPEN-like); raises ValueError for a text that is not one.

    A `.SEGMENT CHARACTER` names its strokes by number, from 0, as in 3, 9-10 or 4,6-7.
    """
    strokes: list[list[tuple[float, float]]] = []
    segments: list[tuple[str, str]] = []
    down = False
    for line in text.splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] == ".SEGMENT":
            found = re.fullmatch(r'\.SEGMENT\s+CHARACTER\s+([\d,-]+)\s+\S+\s+"(.+)"\s*', line)
            if not found:
                raise ValueError(f"{line.strip()!r} is not a segment")
            segments.append((found[1], found[2]))
        elif words[0] == ".PEN_DOWN":
            strokes.append([])
            down = True
        elif words[0] == ".PEN_UP":
            down = False
        elif down and not words[0].startswith("."):
            x, y = map(float, words)
            strokes[-1].append((x, y))
    if down:
        raise ValueError("it ends within a stroke")
    characters = []
    for numbers, label in segments:
        chosen = list(_numbers(numbers))
        if any(number >= len(strokes) for number in chosen):
            raise ValueError(f"{label!r} has strokes {numbers}, but there are {len(strokes)}")
        characters.append(Character(label, writer, _arrays(strokes[number] for number in chosen)))
    return characters


def _numbers(ranges: str) -> Iterable[int]:
    """0, 1 and 2 of '0-2', and so on."""
    for part in ranges.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def read_second(text: str) -> list[Character]:
    """Characters of version 2's file; raises ValueError for a text that is not one.

    Each is `WORD a trn_UJI_W01-01` (writer and repetition), `NUMSTROKES 2`, and `POINTS 3 # x y x y x y` a stroke.
    """
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("//")]
    characters = []
    at = 0
    while at < len(lines):
        word = re.fullmatch(r"WORD\s+(\S+)\s+(\S+)-\d+", lines[at])
        count = re.fullmatch(r"NUMSTROKES\s+(\d+)", lines[at + 1]) if word and at + 1 < len(lines) else None
        if not word or not count:
            raise ValueError(f"{lines[at][:60]!r} is not a WORD with its NUMSTROKES")
        at += 2 + int(count[1])
        strokes = [_points(line) for line in lines[at - int(count[1]) : at]]
        if at > len(lines):
            raise ValueError(f"it ends within {word[0]!r}")
        characters.append(Character(word[1], word[2], _arrays(strokes)))
    return characters


def _points(line: str) -> list[tuple[float, float]]:
    found = re.fullmatch(r"POINTS\s+(\d+)\s+#\s*([-\d\s]*)", line)
    numbers = list(map(float, found[2].split())) if found else []
    if not found or len(numbers) != 2 * int(found[1]):
        raise ValueError(f"{line[:60]!r} are not as many points as it says")
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _arrays(strokes: Iterable[list[tuple[float, float]]]) -> list[Stroke]:
    arrays = [np.array(stroke) for stroke in strokes if stroke]
    if not arrays:
        raise ValueError("a character has no points")
    return arrays


# ---- loading


def load_ujipen(data_dir: Path) -> ImageData:
    """Version 2 if `data_dir`/ujipen has it, else version 1 if it has that, else version 2 anew; raises UserError."""
    return load_first(data_dir) if not _has_second(data_dir) and _first_files(data_dir) else load_second(data_dir)


def load_first(data_dir: Path) -> ImageData:
    """Version 1: 62 classes. Raises UserError."""
    if not _first_files(data_dir):
        folder = data_dir / "ujipen"
        files = _download(folder, FIRST_FILES, FIRST_ARCHIVE)
        expect(b"".join(files[name] for name in sorted(files)), FIRST_SHA256, FIRST_ARCHIVE)
        atomic.write_folder(folder / FIRST_FOLDER, files)
    characters = []
    for file in _first_files(data_dir):
        characters += _read(file, partial(read_first, writer=file.name.rpartition("-")[2]))
    return _image_data(characters, version=1)


def load_second(data_dir: Path) -> ImageData:
    """Version 2: 97 classes, those of version 1 among them. Raises UserError."""
    file = data_dir / "ujipen" / SECOND_FILE
    if not file.exists():
        atomic.write_file(file, _download(file.parent, SECOND_FILE, SECOND_ARCHIVE, SECOND_SHA256)[SECOND_FILE])
    return _image_data(_read(file, read_second), version=2)


def _first_files(data_dir: Path) -> list[Path]:
    folder = data_dir / "ujipen"
    return sorted(folder.glob(FIRST_FILES)) or sorted((folder / FIRST_FOLDER).glob(FIRST_FILES))


def _has_second(data_dir: Path) -> bool:
    return (data_dir / "ujipen" / SECOND_FILE).exists()


def _download(folder: Path, wanted: str, url: str, sha256: str | None = None) -> dict[str, bytes]:
    """The files of the archive at `url` that are named as `wanted`."""
    hint = f"put {wanted} in {folder}, or use --dataset mnist5k, which needs no network"
    with one_line_errors(f"UJI Pen Characters are not in {folder}", hint):
        data = fetch(url)
    if sha256:
        expect(data, sha256, url)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        names = [name for name in archive.namelist() if Path(name).match(wanted)]
        return {Path(name).name: archive.read(name) for name in names}
    except zipfile.BadZipFile as error:
        raise UserError(f"{url}: not a zip archive; {hint}") from error


def _read(file: Path, parse: Callable[[str], list[Character]]) -> list[Character]:
    try:
        return parse(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{file}: not a file of UJI Pen Characters: {error}; delete it and run again") from error


def _image_data(characters: list[Character], version: int) -> ImageData:
    parts = _by_writer(characters)
    classes = tuple(sorted({character.label for character in characters}))
    side: dict[str, list[float]] = {}
    for character in characters:
        side.setdefault(character.writer, []).append(box_side(character.strokes))
    least = {writer: max(LEAST_SIDE * float(np.median(sides)), 1.0) for writer, sides in side.items()}

    def split(part: str, variants: int = 1) -> Split:
        """Each character drawn plainly, and `variants` - 1 times by a random hand."""
        generator = np.random.default_rng(SEED)
        images, labels = [], []
        for character in parts[part]:
            strokes = normalised(character.strokes, least[character.writer])
            hands = [plain_hand(), *(random_hand(generator) for _ in range(variants - 1))]
            images += [draw(strokes, hand) for hand in hands]
            labels += [classes.index(character.label)] * variants
        return Split(np.stack(images)[:, None], np.array(labels))

    def in_words(part: str) -> str:
        writers = sorted({character.writer for character in parts[part]})
        plural = "s" if len(writers) > 1 else ""
        return f"{len(parts[part]):,} characters by {len(writers)} writer{plural} ({', '.join(writers)})"

    variants = max(2, round(TRAINING_IMAGES / len(parts["train"])))
    validation, test = split("validation"), split("test")
    return ImageData(
        name=f"ujipen:{version}",
        classes=classes,
        source=SOURCE.format(version),
        licence=LICENCE,
        split={
            "train": f"{in_words('train')}, drawn {variants} times each: plainly, and changed a little",
            "validation": in_words("validation"),
            "test": in_words("test"),
            "gallery": "validation and test characters",
        },
        train=split("train", variants),
        validation=validation,
        test=test,
        gallery=Split(
            np.concatenate([validation.images, test.images]), np.concatenate([validation.labels, test.labels])
        ),
        shareable=False,
    )


def _by_writer(characters: list[Character]) -> dict[str, list[Character]]:
    """Test: the writers that version 2 sets apart (tst), or every fifth; validation: every ninth in ten of the rest."""
    writers = sorted({character.writer for character in characters})
    test = [writer for writer in writers if writer.startswith("tst")] or writers[4::5] or writers[-1:]
    rest = [writer for writer in writers if writer not in test]
    if len(rest) < 2:
        raise UserError(f"UJI Pen Characters of the writers {', '.join(writers)} cannot be split by writer: too few")
    validation = rest[8::10] or rest[-1:]
    part = dict.fromkeys(rest, "train") | dict.fromkeys(validation, "validation") | dict.fromkeys(test, "test")
    parts: dict[str, list[Character]] = {"train": [], "validation": [], "test": []}
    for character in characters:
        parts[part[character.writer]].append(character)
    return parts


SETS = (
    Listing(
        "ujipen",
        "version 2, or version 1 where only that is there",
        SOURCE.format("1 or 2"),
        LICENCE,
        lambda data_dir: _has_second(data_dir) or bool(_first_files(data_dir)),
        load_ujipen,
    ),
    Listing(
        "ujipen:1",
        "1,364 characters, 28x28, 62 classes, 11 writers",
        SOURCE.format(1),
        LICENCE,
        lambda data_dir: bool(_first_files(data_dir)),
        load_first,
    ),
    Listing(
        "ujipen:2",
        "11,640 characters, 28x28, 97 classes, 60 writers",
        SOURCE.format(2),
        LICENCE,
        _has_second,
        load_second,
    ),
)
