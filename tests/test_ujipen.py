"""UJI Pen Characters: both versions' files, strokes drawn as images, splits by writer, downloads that are verified."""

import hashlib
import io
import socket
import urllib.request
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.server import ROOT
from training.data import ujipen
from training.data.datasets import load_dataset
from training.data.strokes import BOX, SIDE, draw, normalised, plain_hand, random_hand
from training.data.ujipen import read_first, read_second
from training.errors import UserError

FIRST = """.VERSION 1.0
.LEXICON "a" "j" "i"
.HIERARCHY CHARACTER

.SEGMENT CHARACTER 0 ? "a"
.COMMENT Class [A]

.PEN_DOWN
  10   20
  10   20
  30   25
.PEN_UP
.DT 100

.SEGMENT CHARACTER 1-2 ? "j"
.PEN_DOWN
 5 5
 6 60
.PEN_UP
.DT 100
.PEN_DOWN
 5 1
.PEN_UP
.DT 100
.SEGMENT CHARACTER 3,4 ? "i"
.PEN_DOWN
 1 10
 1 40
.PEN_UP
.PEN_DOWN
 1 2
 2 3
.PEN_UP
"""
SECOND = """// UJI: 100 units per millimetre
// ASCII char: a
WORD a trn_UJI_W01-01
  NUMSTROKES 2
  POINTS 3 # 1 2 3 4 3 4
  POINTS 1 # -5 6
// Non-ASCII char: ntilde
WORD ñ tst_UPV_W18-02
  NUMSTROKES 1
  POINTS 2 # 7 8 9 10
"""


@pytest.fixture(autouse=True)
def few_variants(monkeypatch: pytest.MonkeyPatch) -> None:
    """16,000 training images take seconds to draw."""
    monkeypatch.setattr(ujipen, "TRAINING_IMAGES", 200)


def test_version_1_is_read_with_ranges_of_strokes() -> None:
    characters = read_first(FIRST, "w01")
    assert [(c.label, c.writer, len(c.strokes)) for c in characters] == [
        ("a", "w01", 1),
        ("j", "w01", 2),
        ("i", "w01", 2),
    ]
    assert characters[0].strokes[0].tolist() == [[10, 20], [10, 20], [30, 25]]
    assert [stroke.tolist() for stroke in characters[1].strokes] == [[[5, 5], [6, 60]], [[5, 1]]]
    assert [stroke.tolist() for stroke in characters[2].strokes] == [[[1, 10], [1, 40]], [[1, 2], [2, 3]]]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_version_2_is_read_with_its_writers(newline: str) -> None:
    characters = read_second(SECOND.replace("\n", newline))
    assert [(c.label, c.writer) for c in characters] == [("a", "trn_UJI_W01"), ("ñ", "tst_UPV_W18")]
    assert [stroke.tolist() for stroke in characters[0].strokes] == [[[1, 2], [3, 4], [3, 4]], [[-5, 6]]]


@pytest.mark.parametrize(
    ("version", "text", "message"),
    [
        (1, FIRST[: FIRST.index("10   20") + 20], "ends within a stroke"),
        (1, FIRST.replace("1-2", "1-9"), "has strokes 1-9, but there are 5"),
        (1, FIRST.replace("CHARACTER 0", "CHARACTER x"), "is not a segment"),
        (1, FIRST.replace("10   20", "10"), "not enough values"),
        (1, FIRST.replace("10   20", "ten  20"), "could not convert"),
        (2, SECOND.replace("POINTS 2", "POINTS 3"), "not as many points as it says"),
        (2, SECOND.replace("NUMSTROKES 1", "NUMSTROKES 2"), "ends within"),
        (2, SECOND.replace("NUMSTROKES 1", ""), "is not a WORD"),
        (2, SECOND.replace("POINTS 1 # -5 6", ""), "points"),
        (2, "\x00\x01", "is not a WORD"),
    ],
)
def test_damaged_files_are_refused_in_one_line(tmp_path: Path, version: int, text: str, message: str) -> None:
    (tmp_path / "ujipen").mkdir()
    file = tmp_path / "ujipen" / ("UJIpenchars-w01" if version == 1 else "ujipenchars2.txt")
    file.write_text(text)
    with pytest.raises(UserError, match=message) as refused:
        load_dataset("ujipen", tmp_path)
    assert str(file) in str(refused.value)
    assert "\n" not in str(refused.value)


def _supersampled(line: list[tuple[float, float]], width: float, scale: int = 32) -> np.ndarray:
    """The same polyline by Pillow: drawn large in black and white, then averaged."""
    large = Image.new("L", (SIDE * scale, SIDE * scale))
    pen = ImageDraw.Draw(large)
    corners = [(x * scale, y * scale) for x, y in line]
    pen.line(corners, 255, round(width * scale))
    for x, y in corners:
        pen.circle((x, y), width * scale / 2, 255)
    return np.asarray(large.resize((SIDE, SIDE), Image.Resampling.BOX), float)


def test_strokes_are_drawn_where_they_are_as_wide_as_the_pen() -> None:
    line = [(6.3, 5.1), (20.2, 9.7), (11.0, 22.4)]
    for width in (1.5, 2.0, 3.0):
        drawn = draw([np.array(line) - SIDE / 2], plain_hand(width)).astype(float)
        reference = _supersampled(line, width)
        assert drawn.max() == 255
        assert np.abs(drawn - reference).mean() < 1.5
        assert drawn.sum() == pytest.approx(reference.sum(), rel=0.03)
    dot = draw([np.zeros((1, 2))], plain_hand(2.0))
    assert dot.sum() / 255 == pytest.approx(np.pi, rel=0.1)
    assert np.array_equal(dot, draw([np.zeros((3, 2))], plain_hand(2.0)))  # repeated points change nothing


def test_a_character_fills_its_box_at_any_scale_and_a_dot_stays_one() -> None:
    strokes = [np.array([[100.0, 50], [140, 130]]), np.array([[120.0, 90]])]
    small = normalised(strokes, 1.0)
    points = np.concatenate(small)
    np.testing.assert_allclose(points.min(0), [-BOX / 4, -BOX / 2])
    np.testing.assert_allclose(points.max(0), [BOX / 4, BOX / 2])
    for one, other in zip(small, normalised([7 * s - 300 for s in strokes], 1.0), strict=True):
        np.testing.assert_allclose(one, other)
    dot = normalised([np.array([[3.0, 4], [5, 4]])], 20.0)[0]
    assert np.ptp(dot[:, 0]) == pytest.approx(2 / 20 * BOX)


def test_variants_differ_but_stay_on_the_image() -> None:
    generator = np.random.default_rng(0)
    square = [np.array([[-10.0, -10], [10, -10], [10, 10], [-10, 10], [-10, -10]])]
    images = [draw(square, random_hand(generator)) for _ in range(50)]
    assert len({image.tobytes() for image in images}) == 50
    assert all(np.count_nonzero(image.max(axis)) > 10 for image in images for axis in (0, 1))


def _first_version(folder: Path, writers: int) -> None:
    folder.mkdir(parents=True)
    for writer in range(1, writers + 1):
        (folder / f"UJIpenchars-w{writer:02}").write_text(FIRST)


def _second_version(folder: Path) -> None:
    folder.mkdir(parents=True)
    generator = np.random.default_rng(0)
    lines = []
    for writer in [f"trn_UJI_W{i:02}" for i in range(1, 11)] + [f"tst_UPV_W{i:02}" for i in range(11, 14)]:
        scale = 1 if "UJI" in writer else 4
        for label in ("a", "@"):
            points = generator.integers(0, 500, (4, 2)) * scale
            numbers = " ".join(map(str, points.ravel()))
            lines.append(f"WORD {label} {writer}-01\n  NUMSTROKES 1\n  POINTS 4 # {numbers}")
    (folder / "ujipenchars2.txt").write_text("\n".join(lines))


def test_version_1_is_split_by_writer_and_only_training_is_changed(tmp_path: Path) -> None:
    _first_version(tmp_path / "ujipen", 11)
    data = load_dataset("ujipen", tmp_path)
    assert data.name == "ujipen:1"
    assert data.classes == ("a", "i", "j")
    assert "2 writers (w05, w10)" in data.split["test"]
    assert "(w11)" in data.split["validation"]
    assert "8 writers (w01, w02, w03, w04, w06, w07, w08, w09)" in data.split["train"]
    assert (len(data.validation), len(data.test), len(data.gallery)) == (3, 6, 9)
    assert np.array_equal(data.gallery.images, np.concatenate([data.validation.images, data.test.images]))
    plain = {image.tobytes() for image in data.test.images}
    assert len(plain) == 3  # all writers of these files write alike, and nothing held out is changed
    variants = len(data.train) // 24
    assert {image.tobytes() for image in data.train.images[::variants]} == plain
    assert len({image.tobytes() for image in data.train.images}) == len(data.train) - 24 + 3  # the others all differ
    assert np.array_equal(data.train.images, load_dataset("ujipen", tmp_path).train.images)
    assert not data.shareable


def test_version_2_keeps_its_test_writers_and_goes_before_version_1(tmp_path: Path) -> None:
    _second_version(tmp_path / "ujipen")
    (tmp_path / "ujipen" / "UJIpenchars-w01").write_text(FIRST)
    data = load_dataset("ujipen", tmp_path)
    assert data.name == "ujipen:2"
    assert data.classes == ("@", "a")
    assert "3 writers (tst_UPV_W11, tst_UPV_W12, tst_UPV_W13)" in data.split["test"]
    assert "(trn_UJI_W09)" in data.split["validation"]
    ink = [(image > 0).any(axis=1).sum() for image in (*data.test.images[:, 0], *data.validation.images[:, 0])]
    assert max(ink) <= BOX + 4  # the second site's larger scale is gone
    with pytest.raises(UserError, match=r"of the writers w01 cannot be split by writer"):
        load_dataset("ujipen:1", tmp_path)


@pytest.mark.skipif(not (ROOT / "data" / "ujipen" / "UJIpenchars-w01").exists(), reason="needs version 1 in data/")
def test_the_real_version_1_has_its_characters() -> None:
    files = sorted((ROOT / "data" / "ujipen").glob("UJIpenchars-w*"))
    characters = [c for file in files for c in read_first(file.read_text(), file.name)]
    assert len(files) == 11
    assert len(characters) == 1364
    labels, counts = np.unique([c.label for c in characters], return_counts=True)
    assert len(labels) == 62
    assert set(counts) == {22}
    assert sum(len(stroke) for c in characters for stroke in c.strokes) == 74_592


def _archive(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def test_downloads_are_verified_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _second_version(tmp_path / "made")
    second = _archive({"ujipenchars2.txt": (tmp_path / "made" / "ujipenchars2.txt").read_text(), "../evil": "x"})
    first = _archive({f"old/UJIpenchars-w{i:02}": FIRST for i in range(1, 12)})
    monkeypatch.setattr(
        urllib.request, "urlopen", lambda url: io.BytesIO(first if url == ujipen.FIRST_ARCHIVE else second)
    )
    for name in ("ujipen", "ujipen:1", "ujipen:2"):
        with pytest.raises(UserError, match=r"no longer the file that it was \(SHA-256 differs\)") as refused:
            load_dataset(name, tmp_path / "data")
        assert "\n" not in str(refused.value)
    assert not (tmp_path / "data").exists()
    monkeypatch.setattr(ujipen, "SECOND_SHA256", hashlib.sha256(second).hexdigest())
    monkeypatch.setattr(ujipen, "FIRST_SHA256", hashlib.sha256(11 * FIRST.encode()).hexdigest())
    assert load_dataset("ujipen:1", tmp_path / "data").name == "ujipen:1"
    assert load_dataset("ujipen:2", tmp_path / "data").name == "ujipen:2"
    monkeypatch.delattr(urllib.request, "urlopen")
    assert load_dataset("ujipen:1", tmp_path / "data").name == "ujipen:1"
    assert load_dataset("ujipen", tmp_path / "data").name == "ujipen:2"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["data", "made"]


def test_without_network_the_message_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*args: object, **kwargs: object) -> None:
        raise OSError("network is unreachable")

    monkeypatch.setattr(socket, "create_connection", unreachable)
    monkeypatch.setattr(socket, "getaddrinfo", unreachable)
    with pytest.raises(
        UserError, match=r"could not be downloaded .* put ujipenchars2.txt in .*ujipen, or use"
    ) as refused:
        load_dataset("ujipen", tmp_path)
    assert "\n" not in str(refused.value)
