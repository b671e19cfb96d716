"""Lines of text on a page that may quote a file, an address or a name: shown as they are, never read as Markdown."""

from __future__ import annotations

import streamlit as st

from explorer.views.plain_text import as_text


def warning(line: str) -> None:
    """What is wrong, while the page goes on."""
    st.warning(as_text(line), icon=":material/report:")


def error(line: str) -> None:
    """Why there is nothing to show."""
    st.error(as_text(line), icon=":material/error:")


def info(line: str) -> None:
    """Why a run is shown elsewhere."""
    st.info(as_text(line), icon=":material/dns:")


def toast(line: str) -> None:
    """A note that goes away by itself."""
    st.toast(as_text(line), icon=":material/info:", duration="long")


def caption(line: str) -> None:
    """A line under a figure or a switch."""
    st.caption(as_text(line))
