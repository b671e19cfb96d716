"""A server that is told to end, ends."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

from tests.server import restartable

LARGE = b"GET /assets/plotly/plotly.min.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"  # 4 MB, more than is sent ahead


def test_a_server_ends_also_while_somebody_does_not_read_its_answer(checkpoints: Path) -> None:
    with restartable(checkpoints) as (address, restart), socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect(("127.0.0.1", urlsplit(address).port))
        reader.sendall(LARGE)
        assert reader.recv(12) == b"HTTP/1.1 200"
        restart()  # raises TimeoutExpired where the first one does not end
