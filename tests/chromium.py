"""Find a Chromium for the browser tests: the system's, else Playwright's, else the distribution's package.

`python -m tests.chromium` makes sure that there is one, installing it where it must.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch(playwright: Playwright) -> Browser:
    """Start the browser that `find` names."""
    executable = find(playwright)
    assert executable, "no Chromium: run python -m tests.chromium"
    return playwright.chromium.launch(executable_path=executable, args=list(FLAGS))


def find(playwright: Playwright) -> str | None:
    """Path of a Chromium, or None."""
    system = next(filter(None, map(shutil.which, NAMES)), None)
    own = playwright.chromium.executable_path
    return system or (own if Path(own).exists() else None)


def apt_install(package: str) -> None:
    """Install a package of Debian or Ubuntu, if this is one and may be changed."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "install", "-y", "-qq", package], env=environment, check=False)


def main() -> int:
    """Install a Chromium if there is none; 1 if that cannot be done."""
    with sync_playwright() as playwright:
        if find(playwright):
            return 0
        subprocess.run([sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"], check=False)
        if not find(playwright):
            apt_install("chromium")
        if find(playwright):
            return 0
    print("No Chromium found and none could be installed: install one and run again.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
