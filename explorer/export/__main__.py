"""The command: `python -m explorer.export checkpoints/mnist/elbo --out demo.html`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from errno import ENOENT
from pathlib import Path

from explorer.export.contents import contents
from explorer.export.document import document
from explorer.export.places import OFFERED, Unknown, chosen_pages
from explorer.export.runs import runs_in
from explorer.export.talk import talk_in
from explorer.views.tour import TourError
from training.atomic import write_file
from training.checkpoint import CheckpointError
from training.errors import one_line


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the file; 1, with one line on the standard error, where it cannot be."""
    parser = argparse.ArgumentParser(
        prog="python -m explorer.export",
        description="Write runs into one HTML file that needs neither server nor network.",
    )
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="a run's folder, as checkpoints/mnist/elbo")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="the file to write, as demo.html")
    parser.add_argument("--pages", nargs="+", metavar="PAGE", help=f"some of {' '.join(OFFERED)}; else all of them")
    parser.add_argument("--no-images", action="store_true", help="leave the held-out images out, as private ones")
    parser.add_argument("--talk", type=Path, metavar="FILE", help="the talk that Learn shows; else the project's own")
    asked = parser.parse_args(arguments)
    try:
        pages = chosen_pages(asked.pages)
        inside = contents(runs_in(asked.runs), pages, images=not asked.no_images, talk=talk_in(asked.talk))
        content = document(inside)
        _write(asked.out, content)
    except (CheckpointError, TourError, Unknown) as error:
        print(one_line(error), file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{asked.out}: cannot be written ({error.strerror or error})", file=sys.stderr)
        return 1
    print(f"{asked.out}: {len(content) / 1e6:.2f} MB, {', '.join(inside.titles)}")
    return 0


def _write(file: Path, content: bytes) -> None:
    """All of it or nothing, and into no folder that is not there yet: its name may be mistyped."""
    if not file.parent.is_dir():
        raise FileNotFoundError(ENOENT, f"there is no folder {file.parent}")
    write_file(file, content)


if __name__ == "__main__":
    sys.exit(main())
