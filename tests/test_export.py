"""Films: what is encoded comes back, and what is too much or makes no sense is refused in one line."""

from __future__ import annotations

import io
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
import pytest
from PIL import Image, ImageSequence

from explorer.views.film import encode_gif, encode_mp4, enlarged
from tests.asker import headers_of
from tests.film import decode_mp4
from tests.patience import PATIENCE_S
from tests.server import serve


def _frames(count: int = 6, height: int = 28, width: int = 28, channels: int = 1) -> np.ndarray:
    """A bright square that moves to the right."""
    frames = np.zeros((count, height, width, channels), np.uint8)
    for n in range(count):
        frames[n, 8:20, 2 + 3 * n : 10 + 3 * n] = 240
    return frames


@pytest.mark.parametrize(("height", "width"), [(28, 28), (28, 86), (8, 8), (33, 35), (300, 400)])
def test_pixels_become_squares_and_both_sides_are_even(height: int, width: int) -> None:
    frame = np.random.default_rng(0).integers(0, 256, (height, width, 1), np.uint8)
    large = enlarged(frame)
    assert large.shape[0] % 2 == large.shape[1] % 2 == 0
    assert min(large.shape[:2]) == pytest.approx(max(280, min(height, width)), rel=0.1)
    scale = large.shape[0] // height
    np.testing.assert_array_equal(large[: scale * height : scale, : scale * width : scale], frame)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_gif_has_the_frames_it_was_given(channels: int) -> None:
    frames = _frames(channels=channels)
    image = Image.open(io.BytesIO(encode_gif(frames, 25)))
    assert image.n_frames == len(frames)
    assert image.info["loop"] == 0 and image.info["duration"] == 40
    for frame, ours in zip(ImageSequence.Iterator(image), frames, strict=True):
        np.testing.assert_allclose(np.array(frame.convert("L")).astype(int), ours[..., 0].astype(int), atol=2)


@pytest.mark.parametrize("channels", [1, 3])
def test_an_mp4_has_the_frames_it_was_given(channels: int, tmp_path: Path) -> None:
    frames = np.stack([enlarged(frame) for frame in _frames(channels=channels)])
    seen = decode_mp4(encode_mp4(frames, 24), tmp_path)
    assert seen.shape == (*frames.shape[:-1], 3)
    assert np.abs(seen[..., 0].astype(int) - frames[..., 0].astype(int)).mean() < 6


@pytest.fixture(scope="module")
def host(trained: Path) -> Iterator[str]:
    with serve(trained) as address:
        yield address


def _post(host: str, path: str, body: bytes) -> tuple[int, bytes, str]:
    connection = HTTPConnection(host.removeprefix("http://"), timeout=PATIENCE_S)
    connection.request("POST", path, body, headers_of(host))
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, content, response.getheader("content-type") or ""


@pytest.mark.parametrize(("kind", "media"), [("gif", "image/gif"), ("mp4", "video/mp4")])
def test_the_server_makes_a_film_of_raw_frames(host: str, tmp_path: Path, kind: str, media: str) -> None:
    frames = _frames(width=57)
    path = f"/films/{kind}?frames=6&height=28&width=57&channels=1&fps=24"
    status, content, told = _post(host, path, frames.tobytes())
    assert (status, told) == (200, media)
    seen = decode_mp4(content, tmp_path) if kind == "mp4" else imageio.imread(content, extension=".gif", index=None)
    assert seen.shape[:3] == (6, 280, 570)


@pytest.mark.parametrize(
    ("query", "body", "status", "words"),
    [
        ("frames=6&height=28&width=28&channels=1", b"", 400, "whole numbers for frames, height"),
        ("frames=6&height=28&width=x&channels=1&fps=24", b"", 400, "whole numbers"),
        ("frames=0&height=28&width=28&channels=1&fps=24", b"", 413, "frames 0: a film has 1 to 480"),
        ("frames=1&height=-1&width=28&channels=1&fps=24", b"", 413, "height -1"),
        ("frames=1&height=28&width=99999&channels=1&fps=24", b"", 413, "width 99999"),
        ("frames=1&height=2&width=2&channels=2&fps=24", b"12345678", 400, "channels 2"),
        ("frames=480&height=512&width=4096&channels=3&fps=24", b"", 413, "too large"),
        ("frames=480&height=1&width=4096&channels=1&fps=24", bytes(480 * 4096), 413, "too large once"),
        ("frames=1&height=2&width=2&channels=1&fps=24", b"123", 400, "do not have the 4 bytes"),
        ("frames=1&height=2&width=2&channels=1&fps=24", b"12345", 400, "do not have the 4 bytes"),
    ],
)
def test_what_is_too_much_or_makes_no_sense_is_refused(
    host: str, query: str, body: bytes, status: int, words: str
) -> None:
    told, content, _ = _post(host, f"/films/gif?{query}", body)
    assert told == status
    assert words in content.decode() and "\n" not in content.decode()


def test_other_kinds_of_films_there_are_none(host: str) -> None:
    assert _post(host, "/films/exe?frames=1&height=1&width=1&channels=1&fps=1", b"1")[0] == 404
