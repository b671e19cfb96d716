"""Who may train on the Train page: EXPLORER_TRAINING=off, local (only at the server's own machine), or anyone."""

from __future__ import annotations

import os
from collections.abc import Mapping

import streamlit as st
from starlette.requests import HTTPConnection

from explorer import models, own_machine

VARIABLE = "EXPLORER_TRAINING"
OFF = "Training is switched off on this server (EXPLORER_TRAINING=off)."
LOCAL = "Only at the server's own machine can runs be trained (EXPLORER_TRAINING=anyone lets every visitor)."


def why_not() -> str:
    """Why the person whose session this is may not train, in one line; "" if they may."""
    return _why_not(st.context.ip_address, {name.lower(): value for name, value in st.context.headers.items()})


def why_not_by(request: HTTPConnection) -> str:
    """The same of whoever sends a request."""
    return _why_not(request.client.host if request.client else None, dict(request.headers))


def _why_not(address: str | None, headers: Mapping[str, str]) -> str:
    """`address` of the connection's other end, None for this machine; `headers` by lower-case name."""
    said = os.environ.get(VARIABLE, "").strip().lower() or "local"
    if said == "anyone":
        return models.why_none()
    if said == "off":
        return OFF
    if said != "local":
        return f"{VARIABLE}={said}: expected off, local or anyone; nobody may train until the server is told"
    return models.why_none() if own_machine.is_own(address, headers) else LOCAL
