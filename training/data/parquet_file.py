"""`parquet:FILE`: a table of pictures, as Hugging Face keeps image sets, or of pixels, as a data set."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from training.columns import Column, category_column, take_columns
from training.data.image_arrays import IMAGES, WHOLE, Header, LabelArrays, tell_unused
from training.data.image_columns import read_columns
from training.data.image_data import ImageData, Split
from training.data.labels import NONE
from training.data.natural_order import natural_key
from training.data.own_images import LEAST, expanded, own_data, own_path, usable
from training.data.partition import partition
from training.data.picture_cache import PictureSet, load_pictures
from training.data.split_name import part_of_folder
from training.data.table import columns_of, headers_of, load_columns, readable
from training.errors import UserError

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    Index = NDArray[np.int64]

MAX_BYTES = 8_000_000_000  # of columns that are read whole
ROWS = 64  # whose pictures are read at once


def load_parquet(place: str, data_dir: Path, size: tuple[int, int] | None) -> ImageData:
    """Rows that hold a picture file each, {bytes, path} or bytes, or pixels in columns; raises UserError.

    Pictures are made `size` (H, W) and kept in `data_dir`/folders, as those of a folder are. `place` may be a folder of
    such files; those named train-..., test-... are the split. Classes have the names that Hugging Face's `datasets`
    notes in the file.
    """
    name, paths = f"parquet:{place}", _paths(place)
    with readable(paths[0].parent if len(paths) > 1 else paths[0], "Parquet file"):
        import pyarrow as pa
        import pyarrow.parquet as pq

        files = [pq.ParquetFile(path) for path in paths]
        schema = files[0].schema_arrow
        column = _picture_column(schema)
        plain = [field.name for field in schema if field.name != column and not pa.types.is_nested(field.type)]
        rows = [file.metadata.num_rows for file in files]
        batches = list(_bounded(name, (batch for file in files for batch in file.iter_batches(columns=plain))))
        columns = columns_of(pa.Table.from_batches(batches)) if plain and batches else {}
    given = [part for path, count in zip(paths, rows, strict=True) for part in [_part(path)] * count]
    if column is None:
        return load_columns(name, columns, given)
    if len(given) < LEAST:
        raise UserError(f"{name}: {len(given)} pictures in it, at least {LEAST} are needed")
    headers = {column: Header((len(given),), None), **headers_of(columns)}
    chosen = LabelArrays.find(headers, {WHOLE: column})
    labels, used = chosen.labels(name, columns, {WHOLE: len(given)}, _class_names(schema, chosen.of_part.get(WHOLE)))
    beside, kept = read_columns(
        name, headers, lambda wanted: {one: columns[one] for one in wanted}, [column, *used], {WHOLE: len(given)}
    )
    beside |= {one: _named(columns[one], names) for one in beside if (names := _class_names(schema, one))}
    tell_unused(name, headers, [column, *used, *kept])

    def divide(readable: Index, image_bytes: int) -> dict[str, Index]:
        if len(readable) < LEAST:
            raise UserError(f"{name}: {len(readable)} pictures can be read, at least {LEAST} are needed")
        parts = partition(labels.number[readable], [given[row] for row in readable.tolist()], image_bytes)
        return {part: readable[chosen] for part, chosen in parts.items()}

    labels = usable(name, labels)
    pictures = _pictures(paths, column, rows)
    key = hashlib.sha256(f"{[str(path.resolve()) for path in paths]} {size}".encode()).hexdigest()[:12]
    _, cached = load_pictures(data_dir / "folders" / f"{paths[0].stem}-{key}", pictures, size, divide)
    splits = {
        part: Split(found.images, labels.number[found.index], take_columns(beside, found.index))
        for part, found in cached.items()
    }
    return own_data(name, splits, labels, given, "pictures", f"the file {Path(place).name}")


def read_columns_of_parquet(path: Path) -> dict[str, NDArray[Any]]:
    """Each column (N,), as `columns_of` gives it, or (N, K) where each row holds K numbers; raises UserError."""
    with readable(path, "Parquet file"):
        import pyarrow as pa
        import pyarrow.parquet as pq

        file = pq.ParquetFile(path)
        batches = list(_bounded(str(path), file.iter_batches()))
        table = pa.Table.from_batches(batches, file.schema_arrow)
        columns = columns_of(table)
        for name, column in zip(table.column_names, table.combine_chunks().columns, strict=True):
            if pa.types.is_list(column.type) or pa.types.is_fixed_size_list(column.type):
                rows = column.to_pylist()
                lengths = {len(row) if row is not None else None for row in rows}
                if len(lengths) == 1 and all(isinstance(one, int | float) for one in rows[0] or [None]):
                    columns[name] = np.array(rows, np.float32)
    return columns


def _bounded(name: str, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """`batches`, counted: what a file says of its size may be false."""
    size = 0
    for batch in batches:
        size += batch.nbytes
        if size > MAX_BYTES:
            raise UserError(f"{name}: more than {MAX_BYTES:,} bytes when unpacked")
        yield batch


def _paths(place: str) -> list[Path]:
    is_folder = expanded(Path(place)).is_dir()
    path = own_path(place, is_folder)
    paths = sorted(path.rglob("*.parquet"), key=lambda found: natural_key(str(found))) if is_folder else [path]
    if not paths:
        raise UserError(f"parquet:{place}: no file *.parquet in it")
    return paths


def _part(path: Path) -> str:
    """The part that a file is of: train-00000-of-00001.parquet, test.parquet, or train/0000.parquet."""
    return part_of_folder(path.stem.split("-")[0]) or part_of_folder(path.parent.name)


def _picture_column(schema: pa.Schema) -> str | None:
    """A column of bytes, or of {bytes, ...}: one with a usual name, else the first."""
    import pyarrow as pa

    def holds_bytes(kind: pa.DataType) -> bool:
        if pa.types.is_struct(kind):
            return any(field.name == "bytes" and holds_bytes(field.type) for field in kind)
        return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))

    found = [field.name for field in schema if holds_bytes(field.type)]
    return next((name for name in found if name.lower() in IMAGES), next(iter(found), None))


def _class_names(schema: pa.Schema, column: str | None) -> list[str]:
    """What Hugging Face's `datasets` notes of a column of labels; nothing if it notes nothing that fits."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        names = features[column]["names"]
    except (KeyError, TypeError, ValueError):
        return []
    return names if isinstance(names, list) and all(isinstance(name, str) and name for name in names) else []


def _named(number: NDArray[Any], names: list[str]) -> Column:
    """Numbers of names, in their order; what has no name has no value."""
    known = np.isfinite(number) & (number >= 0) & (number < len(names))
    return category_column(np.where(known, number, NONE), names)


def _pictures(paths: list[Path], column: str, rows: list[int]) -> PictureSet:
    stats = [[str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in paths]
    names = [f"{path.name}, row {row:,}" for path, count in zip(paths, rows, strict=True) for row in range(count)]

    def opened() -> Iterator[io.BytesIO]:
        import pyarrow.parquet as pq

        for path in paths:
            with readable(path, "Parquet file"):
                for batch in pq.ParquetFile(path).iter_batches(batch_size=ROWS, columns=[column]):
                    for value in batch.column(0):
                        yield io.BytesIO(_bytes(value.as_py()))

    return PictureSet(names, hashlib.sha256(json.dumps([stats, column]).encode()).hexdigest(), opened)


def _bytes(value: Any) -> bytes:
    """The picture file in a cell; nothing where that only names a file elsewhere."""
    content = value.get("bytes") if isinstance(value, dict) else value
    return content or b""
