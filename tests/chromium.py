"""Find a Chromium for the browser tests, one without a window of its own if there is one.

That one, the headless shell, opens a page in a third of the CPU time that the whole browser takes.
`python -m tests.chromium` makes sure that there is one, installing it where it must.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

SHELL = "chromium-headless-shell"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # WebGL is drawn in software here, which a busy machine may take for hung, and then refuse to all pages for minutes.
    "--disable-gpu-watchdog",
    "--disable-domain-blocking-for-3d-apis",
    "--disable-gpu-process-crash-limit",
)


def launch(playwright: Playwright) -> Browser:
    """Start the browser that `find` names."""
    executable = find(playwright)
    assert executable, "no Chromium: run python -m tests.chromium"
    return playwright.chromium.launch(executable_path=executable, args=list(FLAGS))


def find(playwright: Playwright) -> str | None:
    """Path of a Chromium, or None."""
    return find_shell(playwright) or find_whole(playwright)


def find_shell(playwright: Playwright) -> str | None:
    """Path of a headless shell: the system's, else the one beside Playwright's Chromium."""
    browsers = Path(playwright.chromium.executable_path).parents[2]
    own = (path for path in browsers.glob("chromium_headless_shell-*/*/*headless*shell*") if os.access(path, os.X_OK))
    return shutil.which(SHELL) or next(map(str, sorted(own, reverse=True)), None)


def find_whole(playwright: Playwright) -> str | None:
    """Path of a whole browser: the system's, else Playwright's."""
    own = playwright.chromium.executable_path
    return next(filter(None, map(shutil.which, NAMES)), None) or (own if Path(own).exists() else None)


def apt_install(package: str) -> None:
    """Install a package of Debian or Ubuntu, if this is one and may be changed."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "install", "-y", "-qq", package], env=environment, check=False)


def main() -> int:
    """Install a Chromium if there is no headless shell; 1 if there is none at all then."""
    with sync_playwright() as playwright:
        if not find_shell(playwright):
            apt_install(SHELL)
        if not find_shell(playwright):
            install = ("install", "--with-deps", "--only-shell", "chromium")
            subprocess.run([sys.executable, "-m", "playwright", *install], check=False)
        if not find(playwright):
            apt_install("chromium")
        if find(playwright):
            return 0
    print("No Chromium found and none could be installed: install one and run again.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
