"""Fetching a data set's files, failing in one line within seconds where there is no network."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from training.errors import UserError, one_line

CONNECT_SECONDS = 2.0


@contextmanager
def one_line_errors(what: str, hint: str) -> Iterator[None]:
    """Connections made inside give up after `CONNECT_SECONDS`; that `what` is out of reach becomes a UserError."""
    import socket

    timeout = socket.getdefaulttimeout()
    socket.setdefaulttimeout(CONNECT_SECONDS)
    try:
        yield
    except UserError:
        raise
    except Exception as error:  # each package that downloads has errors of its own, with no type in common
        reason = one_line(error, 120)
        raise UserError(f"{what} and could not be downloaded ({reason}); {hint}") from error
    finally:
        socket.setdefaulttimeout(timeout)


def fetch(url: str) -> bytes:
    """The file at `url`; raises URLError and its like."""
    from urllib.request import urlopen

    with urlopen(url) as answer:  # noqa: S310 (addresses are constants of this project)
        data: bytes = answer.read()
    return data


def expect(data: bytes, sha256: str, url: str) -> None:
    """Raise UserError unless what came from `url` has this SHA-256."""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise UserError(f"{url}: no longer the file that it was (SHA-256 differs); fetch it from elsewhere")
