"""Whether a person sits at the server's own machine, who alone may change runs: names, notes, what is deleted.

A proxy on this machine speaks for others and looks like this machine itself, so that nothing may point to one: no
header that a proxy adds, no name of another machine in Host or in the page's own address, none that the server was told
of. A proxy that hides all of this cannot be told apart: EXPLORER_CHANGES=off is for there.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

import streamlit as st

from explorer.allowed_hosts import LOOPBACK, VARIABLE

CHANGES = "EXPLORER_CHANGES"
_OF_PROXIES = ("forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip")


def may_change() -> bool:
    """Whether the person whose session this is may change runs."""
    return is_own(st.context.ip_address, {name.lower(): value for name, value in st.context.headers.items()})


def is_own(address: str | None, headers: Mapping[str, str]) -> bool:
    """The same of a connection: `address` of its other end, None for this machine; `headers` by lower-case name."""
    if os.environ.get(CHANGES, "").strip().lower() == "off" or os.environ.get(VARIABLE, "").strip():
        return False
    if not _is_loopback(address) or any(name in _OF_PROXIES or name.startswith("x-forwarded") for name in headers):
        return False
    return all(_name(text) in LOOPBACK for text in (f"//{headers.get('host', '')}", headers.get("origin", "//")))


def _is_loopback(address: str | None) -> bool:
    if address is None:
        return True
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return found.is_loopback or (mapped is not None and mapped.is_loopback)


def _name(address: str) -> str | None:
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return None
