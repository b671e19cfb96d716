"""Frames as a film, GIF or MP4 bytes, for the browser to download."""

from __future__ import annotations

import io
import itertools
import math
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE = 280  # pixels that the smaller side of small frames is blown up to, about
Encode = Callable[[Iterable["NDArray[np.uint8]"], float], bytes]


def scale_of(height: int, width: int) -> int:
    """How many times a frame is blown up, so that its smaller side has about SIDE pixels."""
    return max(1, round(SIDE / min(height, width)))


def enlarged(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A frame (H, W, C) with every pixel as a square of `scale_of` pixels.

    Both sides come out even, as MP4 needs: an odd one gets its last row or column twice.
    """
    scale = scale_of(*frame.shape[:2])
    large = frame.repeat(scale, axis=0).repeat(scale, axis=1)
    return np.pad(large, [(0, large.shape[0] % 2), (0, large.shape[1] % 2), (0, 0)], mode="edge")


def encode_gif(frames: Iterable[NDArray[np.uint8]], fps: float) -> bytes:
    """Frames (H, W, C), C = 1 or 3, one after the other, as a GIF that repeats for ever."""
    images = (Image.fromarray(frame[..., 0] if frame.shape[-1] == 1 else frame) for frame in frames)
    file = io.BytesIO()
    # GIF counts in hundredths of a second, and viewers slow down anything below two.
    duration = 10 * max(2, math.floor(100 / fps + 0.5))
    next(images).save(file, "GIF", save_all=True, append_images=images, duration=duration, loop=0)
    return file.getvalue()


def encode_mp4(frames: Iterable[NDArray[np.uint8]], fps: float) -> bytes:
    """Frames (H, W, C), C = 1 or 3, H and W even, as H.264 in the form that every player shows.

    Raises ImportError where imageio-ffmpeg, a third of what showing runs takes on disk, is not installed.
    """
    import imageio_ffmpeg

    frames = iter(frames)
    first = next(frames)
    height, width = first.shape[:2]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "film.mp4"
        options = {"fps": fps, "codec": "libx264", "macro_block_size": 2, "ffmpeg_log_level": "error"}
        encoder = imageio_ffmpeg.write_frames(str(file), (width, height), **options)
        encoder.send(None)
        try:
            for frame in itertools.chain([first], frames):
                encoder.send(np.ascontiguousarray(np.broadcast_to(frame, (height, width, 3))))
        finally:
            encoder.close()
        return file.read_bytes()
