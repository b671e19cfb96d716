"""The end of the server, soon after it is told to end.

uvicorn then waits, without end, for connections to close: for one that nobody reads, and for one that was accepted
while it listed those that it asks to close, on which a page may go on to ask. Streamlit waits for its scripts, too.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from functools import partial
from types import FrameType
from typing import Any

GRACE_S = 5.0  # for answers on their way, and for the trainer in reserve to end


def see_to_it() -> None:
    """End this process GRACE_S after SIGINT or SIGTERM, if it is still there; call it once a server handles these."""
    if threading.current_thread() is not threading.main_thread():
        return  # none but the main thread hears signals
    told = threading.Lock()  # unlike an event, it may be let go of while a signal interrupts whatever else is held
    told.acquire()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, partial(_hear, told, signal.getsignal(number)))
    threading.Thread(target=_wait, args=(told,), daemon=True, name="sees the server end").start()


def _hear(told: threading.Lock, handle: Any, number: int, frame: FrameType | None) -> None:
    if told.locked():
        told.release()
    if callable(handle):
        handle(number, frame)


def _wait(told: threading.Lock) -> None:
    told.acquire()
    time.sleep(GRACE_S)
    os._exit(0)
