"""QR codes: they hold the address, and only the explorer's own pages get one."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest
import segno
from starlette.testclient import TestClient

from explorer import app
from explorer.routes import guard
from tests.javascript import JavaScript

ADDRESS = "http://192.168.1.20:8501/tour?talk=notes&scene=12"


def test_the_picture_is_the_code_of_the_address() -> None:
    client = TestClient(app.app, base_url="http://localhost:8501")
    answer = client.get("/qr", params={"text": ADDRESS}, headers={guard.HEADER: client.get("/token").text})
    assert answer.headers["content-type"] == "image/svg+xml"
    root = ET.fromstring(answer.text)  # noqa: S314 (our own)
    modules = np.array(list(segno.make_qr(ADDRESS, error="m").matrix))
    side = len(modules) + 8
    assert root.get("viewBox") == f"0 0 {side} {side}"
    assert client.get("/qr", params={"text": ADDRESS}).status_code == 403


@pytest.mark.parametrize("text", ["", "x" * 1001])
def test_no_text_and_too_much_are_refused(text: str) -> None:
    client = TestClient(app.app, base_url="http://localhost:8501")
    answer = client.get("/qr", params={"text": text}, headers={guard.HEADER: client.get("/token").text})
    assert answer.status_code == 400
    assert "1 to 1000 characters" in answer.text


@pytest.mark.parametrize(
    ("host", "alone"),
    [("localhost", True), ("127.0.0.1", True), ("[::1]", True), ("192.168.1.20", False), ("127.example.org", False)],
)
def test_which_addresses_only_this_machine_reaches(javascript: JavaScript, host: str, alone: bool) -> None:
    is_loopback = "async (host) => (await import('/assets/pages/tour/qr_code.js')).isLoopback(host)"
    assert javascript.evaluate(is_loopback, host) is alone


def test_the_address_is_the_scene_s_without_what_is_the_lecturer_s(javascript: JavaScript) -> None:
    address = "async (here) => (await import('/assets/pages/tour/qr_code.js')).sceneAddress(here, 4).href"
    here = "https://hub.example.org/vae/tour?dataset=mnist&talk=mine&scene=3&present=1&embed=true#x"
    expected = "https://hub.example.org/vae/tour?dataset=mnist&talk=mine&scene=4"
    assert javascript.evaluate(address, here) == expected
