"""`zip:FILE`: pictures in a zip archive as a data set, as those in a folder: unpacked once, within limits."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path, PurePosixPath

from training.data.image_data import ImageData
from training.data.image_folder import load_folder
from training.data.own_images import own_path
from training.errors import UserError, one_line

MOST_FILES = 200_000
MOST_BYTES = 8_000_000_000  # of all of them, unpacked


def load_zip(file: str, data_dir: Path, size: tuple[int, int] | None) -> ImageData:
    """The pictures in the zip archive `file`, made `size` (H, W), its folders as `load_folder` reads them.

    They are unpacked into `data_dir`/zips once. Raises UserError for what is no archive, is damaged, locked by a
    password or too large, and for names that lead out of it.
    """
    path = own_path(file)
    stat = path.stat()
    key = hashlib.sha256(os.fsencode(f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns}")).hexdigest()[:12]
    folder = data_dir / "zips" / f"{path.stem}-{key}"
    if not folder.is_dir():
        _unpack(path, folder)
    try:
        data = load_folder(str(folder), data_dir, size)
    except UserError as error:
        raise UserError(str(error).replace(f"folder:{folder}", f"zip:{file}")) from error
    return replace(data, name=f"zip:{file}", source=f"the file {path.name}")


def _unpack(path: Path, folder: Path) -> None:
    """Unpack an archive: all of it at `folder`, or nothing."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if _is_wanted(entry)]
            _check(path, entries)
            folder.parent.mkdir(parents=True, exist_ok=True)
            making = Path(tempfile.mkdtemp(prefix=".", dir=folder.parent))
            try:
                for entry in entries:
                    archive.extract(entry, making)
                making.rename(folder)
            except BaseException:
                shutil.rmtree(making, ignore_errors=True)
                raise
    except UserError:
        raise
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError) as error:
        raise UserError(f"zip:{path}: not a zip archive that can be read ({one_line(error, 120)})") from error
    except RuntimeError as error:  # which zipfile raises where a password is needed
        raise UserError(f"zip:{path}: {one_line(error, 120)}; unpack it and name the folder") from error


def _is_wanted(entry: zipfile.ZipInfo) -> bool:
    """Whether it is a file; not what programs leave in archives, whose names begin with a point or two underscores."""
    parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
    return not entry.is_dir() and not any(part.startswith((".", "__")) and part != ".." for part in parts)


def _check(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    for entry in entries:
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
            raise UserError(f"zip:{path}: {entry.filename[:90]!r} leads out of the archive; it is not unpacked")
    if len(entries) > MOST_FILES:
        raise UserError(f"zip:{path}: {len(entries):,} files in it, at most {MOST_FILES:,} are taken")
    if (whole := sum(entry.file_size for entry in entries)) > MOST_BYTES:
        raise UserError(f"zip:{path}: {whole / 1e9:.1f} GB when unpacked, at most {MOST_BYTES / 1e9:.0f} GB are taken")
