"""Decodes an MP4 in a process that leaves nothing open, for tests."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np


def decode_mp4(data: bytes, folder: Path) -> np.ndarray:
    """Frames (T, H, W, 3) of a film, uint8."""
    file = folder / "film.mp4"
    file.write_bytes(data)
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(file)]
    told = subprocess.run(ffmpeg, capture_output=True, text=True).stderr
    size = re.search(r"Video: .*?, (\d+)x(\d+)", told)
    assert size, told
    width, height = int(size[1]), int(size[2])
    raw = subprocess.run([*ffmpeg, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)
