"""Frames as a film, GIF or MP4 bytes, for the browser to download."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import imageio.v3 as imageio
import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE = 280  # pixels that the smaller side of small frames is blown up to, about


def scale_of(frames: NDArray[np.uint8]) -> int:
    """How many times frames (T, H, W, C) are blown up, so that the smaller side has about SIDE pixels."""
    return max(1, round(SIDE / int(min(frames.shape[1:3]))))


def enlarged(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Frames (T, H, W, C) with every pixel as a square of `scale_of` pixels.

    Both sides come out even, as MP4 needs: an odd one gets its last row or column twice.
    """
    scale = scale_of(frames)
    large = frames.repeat(scale, axis=1).repeat(scale, axis=2)
    return np.pad(large, [(0, 0), (0, large.shape[1] % 2), (0, large.shape[2] % 2), (0, 0)], mode="edge")


def encode_gif(frames: NDArray[np.uint8], fps: float) -> bytes:
    """Frames (T, H, W, C), C = 1 or 3, as a GIF that repeats for ever."""
    images = [Image.fromarray(frame[..., 0] if frame.shape[-1] == 1 else frame) for frame in frames]
    file = io.BytesIO()
    # GIF counts in hundredths of a second, and viewers slow down anything below two.
    duration = 10 * max(2, math.floor(100 / fps + 0.5))
    images[0].save(file, "GIF", save_all=True, append_images=images[1:], duration=duration, loop=0)
    return file.getvalue()


def encode_mp4(frames: NDArray[np.uint8], fps: float) -> bytes:
    """Frames (T, H, W, C), C = 1 or 3, H and W even, as H.264 in the form that every player shows."""
    rgb = np.broadcast_to(frames, (*frames.shape[:-1], 3))
    options: dict[str, Any] = {"fps": fps, "codec": "libx264", "macro_block_size": 2, "pixelformat": "yuv420p"}
    film: bytes = imageio.imwrite("<bytes>", rgb, extension=".mp4", plugin="FFMPEG", **options)
    return film
