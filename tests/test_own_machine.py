"""Who may change runs: only a person at the server's own machine, and nobody whom a proxy there speaks for."""

from __future__ import annotations

import pytest

from explorer.own_machine import is_own

HERE = {"host": "localhost:8501", "origin": "http://localhost:8501"}


@pytest.mark.parametrize("address", [None, "127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501"])
def test_this_machine(address: str | None, host: str) -> None:
    assert is_own(address, {"host": host, "origin": f"http://{host}"})


@pytest.mark.parametrize("address", ["10.1.2.3", "192.168.1.5", "fe80::1", "::ffff:10.1.2.3", "nonsense", ""])
def test_another_machine(address: str) -> None:
    assert not is_own(address, HERE)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"host": "localhost:8501"},
        {"host": "hub.example.org", "origin": "https://hub.example.org"},
        {"host": "127.0.0.1:8501", "origin": "https://hub.example.org"},
        {"host": "localhost.evil.example", "origin": "http://localhost:8501"},
        {"host": "localhost:8501", "origin": "null"},
        {"host": "localhost:8501", "origin": "http://[bad"},
        *(
            {**HERE, name: "127.0.0.1"}
            for name in ("x-forwarded-for", "x-forwarded-host", "forwarded", "via", "x-real-ip")
        ),
    ],
)
def test_whom_a_proxy_on_this_machine_speaks_for(headers: dict[str, str]) -> None:
    assert not is_own(None, headers)


@pytest.mark.parametrize(("variable", "value"), [("EXPLORER_HOSTS", "hub.example.org"), ("EXPLORER_CHANGES", "off")])
def test_what_the_server_was_told(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    assert is_own(None, HERE)
    monkeypatch.setenv(variable, value)
    assert not is_own(None, HERE)
