"""The command: `python -m explorer.export checkpoints/mnist/elbo --out demo.html`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from errno import ENOENT
from pathlib import Path

from explorer.export.contents import contents
from explorer.export.document import HOST, document
from explorer.export.places import OFFERED, Unknown, chosen_pages
from explorer.export.runs import runs_in
from explorer.export.talk import talk_in
from explorer.export.viewer import HOST as VIEWER
from explorer.export.viewer import viewer
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
    parser.add_argument("runs", nargs="*", type=Path, metavar="RUN", help="a run's folder, as checkpoints/mnist/elbo")
    parser.add_argument("--viewer", action="store_true", help="hold no run, but open any that is dropped on the page")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="the file to write, as demo.html")
    parser.add_argument("--pages", nargs="+", metavar="PAGE", help=f"some of {' '.join(OFFERED)}; else all of them")
    parser.add_argument("--no-images", action="store_true", help="leave the held-out images out, as private ones")
    parser.add_argument("--talk", type=Path, metavar="FILE", help="the talk that Learn shows; else the project's own")
    asked = parser.parse_args(arguments)
    if asked.viewer and (asked.runs or asked.no_images or asked.talk):
        parser.error("--viewer holds no run: leave out RUN, --no-images and --talk")
    if not asked.viewer and not asked.runs:
        parser.error("name a run's folder, as checkpoints/mnist/elbo, or --viewer for a page that opens any")
    try:
        pages = chosen_pages(asked.pages)
        if asked.viewer:
            inside, host = viewer(pages), VIEWER
        else:
            inside = contents(runs_in(asked.runs), pages, images=not asked.no_images, talk=talk_in(asked.talk))
            host = HOST
        content = document(inside, host)
        _write(asked.out, content)
    except (CheckpointError, TourError, Unknown) as error:
        print(one_line(error), file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{asked.out}: cannot be written ({error.strerror or error})", file=sys.stderr)
        return 1
    print(f"{asked.out}: {len(content) / 1e6:.2f} MB, {', '.join(inside.titles) or 'opens any run'}")
    return 0


def _write(file: Path, content: bytes) -> None:
    """All of it or nothing, and into no folder that is not there yet: its name may be mistyped."""
    if not file.parent.is_dir():
        raise FileNotFoundError(ENOENT, f"there is no folder {file.parent}")
    write_file(file, content)


if __name__ == "__main__":
    sys.exit(main())
