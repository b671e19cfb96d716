"""A short queue: one job at a time, a few wait, and whoever goes away is forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import anyio
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

T = TypeVar("T")


class Busy(Exception):
    """So many wait already that one more would wait in vain."""


class Gone(Exception):
    """The asker has gone away."""


class Turns:
    """Up to `most` askers at once, of whom one has its job done and the others wait."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._askers = 0
        self._one = anyio.CapacityLimiter(1)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place in the queue, also while a body is read; raises Busy."""
        if self._askers >= self._most:
            raise Busy
        self._askers += 1
        try:
            yield
        finally:
            self._askers -= 1

    async def run(self, request: Request, job: Callable[[], T]) -> T:
        """What `job` gives, in a thread, once it is this one's turn; raises what it raises, and Gone.

        All of the request's body must have been read. A job that has begun may end early by itself: when the asker goes
        away, `anyio.from_thread.check_cancelled` raises in its thread.
        """
        given: list[T] = []
        failed: list[Exception] = []

        def kept() -> None:
            try:
                given.append(job())
            except Exception as error:  # handed to the asker below; a group of tasks would wrap it
                failed.append(error)

        async with anyio.create_task_group() as group:

            async def watch() -> None:
                while (await request.receive())["type"] != "http.disconnect":
                    pass
                group.cancel_scope.cancel()

            group.start_soon(watch)
            await anyio.to_thread.run_sync(kept, limiter=self._one)
            group.cancel_scope.cancel()
        if failed:
            raise failed[0]
        if not given:
            raise Gone
        return given[0]


def busy() -> Response:
    """The answer to one too many."""
    line = "The server is busy with what others asked for: try again in a moment."
    return PlainTextResponse(line, status_code=503, headers={"Retry-After": "5"})


def gone() -> Response:
    """The answer that nobody hears."""
    return PlainTextResponse("the asker has gone away", status_code=499)
