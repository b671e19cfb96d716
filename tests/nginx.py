"""A real nginx before the explorer, for tests; `python -m tests.nginx` installs one where that can be done."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.chromium import apt_install

_CONFIG = """
daemon off;
{user}
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/bodies; proxy_temp_path {folder}/proxied; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {servers}
}}
"""
_SERVER = """
map $http_upgrade $upgrade_or_close {{ default upgrade; '' close; }}
server {{
  listen 127.0.0.1:{port};
  location {prefix} {{
    proxy_pass {target};
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $upgrade_or_close;
    {more}
  }}
}}
"""


def find() -> str | None:
    """Path of nginx, or None."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def proxied(prefix: str, target: str, folder: Path, more: str = "") -> Iterator[str]:
    """An nginx that leads `prefix`, "/of/it/", to `target`; as nginx has it, a target with a path replaces the prefix.

    `folder` holds its files, `more` is further configuration; yields the address of the prefix.
    """
    port = free_port()
    with serving(_SERVER.format(port=port, prefix=prefix, target=target, more=more), port, folder):
        yield f"http://127.0.0.1:{port}{prefix.rstrip('/')}"


def free_port() -> int:
    """One of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(servers: str, port: int, folder: Path) -> Iterator[None]:
    """An nginx with the `servers`, what stands within http {}; one listens on `port`, `folder` has its files."""
    nginx = find()
    assert nginx, "no nginx"
    config = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""  # else root's workers could not write into the folder
    config.write_text(_CONFIG.format(user=user, folder=folder, servers=servers), encoding="utf-8")
    process = subprocess.Popen([nginx, "-e", str(folder / "error.log"), "-c", str(config)])
    try:
        _wait(port, process)
        yield
    finally:
        process.terminate()
        process.wait()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=2).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("nginx has ended")


if __name__ == "__main__" and not find():
    apt_install("nginx-light")
