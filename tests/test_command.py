"""The command `latent-explorer`, from a wheel in an environment of its own, and what it says where it cannot start."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from explorer import loader
from explorer.__main__ import main
from tests.opener import opener, turn
from tests.server import ROOT, started

PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, made with what is installed here."""
    folder = tmp_path_factory.mktemp("wheel")
    make = ["wheel", "--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run([*PIP, *make], check=True)
    (file,) = folder.iterdir()
    return file


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, which finds everything else in the one that the tests run in."""
    folder = tmp_path_factory.mktemp("installed") / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    own = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    (Path(own) / "others.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    install = ["--python", str(python), "install", "--no-deps", "--no-index", "--no-compile", str(wheel)]
    subprocess.run([*PIP, *install], check=True)
    return folder


@pytest.fixture(scope="module")
def installed_app(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The command's explorer, started in a folder with nothing in it."""
    command = [str(environment / "bin" / "latent-explorer"), "--host", "127.0.0.1", "--port"]
    with started(command, tmp_path_factory.mktemp("elsewhere")) as address:
        yield address


def test_the_wheel_holds_all_that_the_explorer_needs(wheel: Path) -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    wanted = {name for name in tracked if name.startswith(("explorer/", "training/"))}
    wanted |= {f"explorer/{name}" for name in tracked if name.startswith("checkpoints/")}
    with zipfile.ZipFile(wheel) as file:
        there = set(file.namelist())
    assert wanted - there == set()
    assert {name.split("/")[0] for name in there if "dist-info" not in name} == {"explorer", "training"}


def test_the_wheel_needs_what_the_requirements_name(wheel: Path) -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    named = {found[0] for line in lines if (found := re.match(r"[\w-]+", line))}
    with zipfile.ZipFile(wheel) as file:
        (metadata,) = (name for name in file.namelist() if name.endswith("dist-info/METADATA"))
        text = file.read(metadata).decode()
    needed = re.findall(r"^Requires-Dist: ([\w-]+)(?!.*; extra ==)", text, re.MULTILINE)
    assert {name.replace("_", "-") for name in needed} == {name.replace("_", "-") for name in named}


def test_what_builds_the_wheel_and_the_extra_are_among_the_requirements_of_the_tests() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()
    wanted = {*project["build-system"]["requires"], *project["project"]["optional-dependencies"]["notebook"]}
    assert wanted <= {line.partition("  #")[0] for line in lines}


def test_the_installed_explorer_opens_what_ships_with_its_own_theme(browser: Browser, installed_app: str) -> None:
    with opener(browser, installed_app) as open_page:
        page = open_page()
        turn(page, "dark")  # of the settings that came with it
        page.goto(f"{installed_app}/compare?runs=elbo,kl")
        expect(page.locator(".lx").first).to_have_attribute("data-ready", "true")


def test_nobody_trains_into_an_installed_package(browser: Browser, installed_app: str) -> None:
    with opener(browser, installed_app) as open_page:
        page = open_page("train")
        expect(page.locator(".lx").first).to_contain_text("Training is switched off on this server")


def test_the_installed_command_refuses_in_one_line(environment: Path, tmp_path: Path) -> None:
    command = [environment / "bin" / "latent-explorer", "nowhere"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert re.fullmatch(r"error: nowhere: no such folder; .+\n", ended.stderr)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["nowhere"], "nowhere: no such folder; name the one that holds your runs, as <data set>/<run>/"),
        (["file"], "file: is a file; name the one that holds your runs, as <data set>/<run>/"),
        (["--port", "65536"], "--port 65536: expected a number from 1 to 65535"),
        (["--port", "0"], "--port 0: expected a number from 1 to 65535"),
        (["--port", "-1"], "--port -1: expected a number from 1 to 65535"),
        (["--port", "eight"], "--port eight: expected a number from 1 to 65535"),
        (["--host", "192.0.2.1"], "--host 192.0.2.1: not an address of this machine; localhost and 0.0.0.0 are"),
        (["--host", "no such name"], "--host no such name: not an address of this machine; localhost and 0.0.0.0 are"),
        (["--colour", "red"], "unrecognized arguments: --colour (see latent-explorer --help)"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    words: list[str], line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    assert main(words) == 2
    assert capsys.readouterr() == ("", f"error: {line}\n")


def test_a_port_that_is_taken_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert main(["--host", "127.0.0.1", "--port", str(port)]) == 2
    assert capsys.readouterr().err == f"error: --port {port}: taken by another program; name another one\n"


def test_a_folder_one_level_off_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(ROOT / "checkpoints" / "mnist" / "elbo")]) == 2
    assert capsys.readouterr().err.endswith(f"start it with {ROOT / 'checkpoints'}\n")


def test_the_folder_is_what_the_server_opens_from_anywhere(checkpoints: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(loader.VARIABLE, "")
    monkeypatch.chdir(checkpoints.parent)
    begun: list[list[str]] = []
    monkeypatch.setattr("streamlit.web.cli.main", lambda words, prog_name: begun.append(words))
    with socket.create_server(("127.0.0.1", 0)) as other:
        free = other.getsockname()[1]
    assert main([checkpoints.name, "--host", "127.0.0.1", "--port", str(free)]) == 0
    assert begun == [["run", str(ROOT / "explorer" / "app.py"), "--server.address=127.0.0.1", f"--server.port={free}"]]
    assert os.environ[loader.VARIABLE] == str(checkpoints)
