"""Sessions of the explorer without a browser: what Streamlit's front end sends and gets over its WebSocket."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

PAUSE_SECONDS = 2.0
PATIENCE_SECONDS = 60.0


@dataclass
class Times:
    """Seconds that reruns took, and how many ended in an error or not at all."""

    seconds: list[float] = field(default_factory=list)
    errors: int = 0


async def run_once(socket: ClientConnection, query: str, times: Times) -> None:
    """Have the script run once, as each switch beside a page does."""
    message: Any = BackMsg()
    message.rerun_script.query_string = query
    began = time.monotonic()
    await socket.send(message.SerializeToString())
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for data in socket:
                told: Any = ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())
                if told.WhichOneof("type") == "script_finished":
                    break
                times.errors += told.WhichOneof("type") == "delta" and told.delta.new_element.HasField("exception")
    except TimeoutError:
        times.errors += 1
        return
    times.seconds.append(time.monotonic() - began)


def open_session(address: str) -> Any:
    """A connection to the explorer at "http://..." as its own page makes it."""
    stream = address.replace("http", "ws", 1) + "/_stcore/stream"
    return connect(stream, subprotocols=["streamlit"], origin=address, max_size=None)  # type: ignore[list-item, arg-type]


async def many(address: str, count: int, seconds: float, query: str) -> Times:
    """`count` sessions for some seconds, an event each 2 s; the first run of each is not counted."""
    times, first = Times(), Times()

    async def live(place: int) -> None:
        async with open_session(address) as socket:
            await run_once(socket, query, first)
            await asyncio.sleep(PAUSE_SECONDS * place / count)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                began = time.monotonic()
                await run_once(socket, query, times)
                await asyncio.sleep(max(0.0, PAUSE_SECONDS - (time.monotonic() - began)))

    await asyncio.gather(*(live(place) for place in range(count)))
    times.errors += first.errors
    return times


async def one_after_the_other(address: str, count: int, query: str) -> Times:
    """`count` times: connect, run, close."""
    times = Times()
    for _ in range(count):
        async with open_session(address) as socket:
            await run_once(socket, query, times)
    return times
