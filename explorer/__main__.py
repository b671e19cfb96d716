"""The command `latent-explorer [FOLDER] [--port PORT] [--host HOST]`, from a checkout `python -m explorer`.

Streamlit finds its settings beside the script that it runs, explorer/.streamlit/config.toml, whatever folder the
command is started in.
"""

from __future__ import annotations

import argparse
import errno
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from explorer import loader, own_machine, training_rights
from explorer.nearby_runs import level_off
from training.errors import UserError, os_error

APP = Path(__file__).resolve().parent / "app.py"
PORTS = range(1, 65_536)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message} (see {self.prog} --help)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the explorer until it is interrupted; 2, with one line on the standard error, where it cannot be."""
    parser = _Parser(prog="latent-explorer", description="Open the latent-space explorer in the browser.")
    parser.add_argument(
        "folder",
        nargs="?",
        metavar="FOLDER",
        help="your runs, as FOLDER/<data set>/<run>/; else those that ship with it",
    )
    parser.add_argument("--port", default="8501", help="default: %(default)s")
    parser.add_argument(
        "--host", default="localhost", help="who may come: %(default)s, or 0.0.0.0 for whoever reaches it"
    )
    try:
        asked = parser.parse_args(arguments)
        port = _port(asked.port)
        _show(asked.folder)
        _check_free(asked.host, port)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    from streamlit.web.cli import main as streamlit

    options = [f"--server.address={asked.host}", f"--server.port={port}"]
    streamlit(["run", str(APP), *options], prog_name="streamlit")
    return 0


def _show(named: str | None) -> None:
    """Have the server open a folder, or what ships, which nobody is to change where it is installed."""
    if named is not None:
        folder = Path(named).absolute()  # trainers run elsewhere
        _check_folder(folder, named)
        os.environ[loader.VARIABLE] = str(folder)
    elif not os.environ.get(loader.VARIABLE) and loader.INSTALLED:
        os.environ[own_machine.CHANGES] = os.environ[training_rights.VARIABLE] = "off"
        print("The runs that ship with the explorer; latent-explorer FOLDER opens yours, and trains new ones into it.")


def _check_folder(folder: Path, named: str) -> None:
    if not folder.is_dir():
        why = "is a file" if folder.exists() else "no such folder"
        raise UserError(f"{named}: {why}; name the one that holds your runs, as <data set>/<run>/")
    if off := level_off(folder):
        raise UserError(f"{named}: the runs lie one level off; start it with {off}")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) in PORTS):
        raise UserError(f"--port {text}: expected a number from {PORTS[0]} to {PORTS[-1]}")
    return int(text)


def _check_free(host: str, port: int) -> None:
    """Raise UserError where the server, which binds in this way too, could not listen."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        if os.name != "nt":  # there it would let two listen
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                raise UserError(f"--host {host}: not an address of this machine; localhost and 0.0.0.0 are") from None
            if error.errno == errno.EADDRINUSE:
                raise UserError(f"--port {port}: taken by another program; name another one") from None
            raise UserError(f"--port {port}: {os_error(error)}; name one above 1023") from None


if __name__ == "__main__":
    sys.exit(main())
