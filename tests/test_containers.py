"""The containers of deploy/: what they copy, name and ask for is there."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest
import yaml

from explorer import loader
from explorer.__main__ import main
from tests.server import ROOT

DEPLOY = ROOT / "deploy"
HEALTH = "http://127.0.0.1:8501/_stcore/health"


@pytest.fixture(name="steps", scope="module")
def _steps() -> list[tuple[str, str]]:
    """Each instruction of the Dockerfile with its words."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    return [(words[0], words[1]) for line in lines if (words := line.split(None, 1))]


def _of(steps: list[tuple[str, str]], name: str) -> list[str]:
    return [words for instruction, words in steps if instruction == name]


def test_what_is_copied_is_there_and_is_sent(steps: list[tuple[str, str]]) -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert ignored[0] == "*", "nothing is sent but what is named"
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    sources = [name for words in _of(steps, "COPY") if "--from=" not in words for name in words.split()[:-1]]
    assert len(sources) == 7
    for name in sources:
        assert f"!{name}" in ignored
        assert any(file == name or file.startswith(f"{name}/") for file in listed), name


def test_stages_are_those_that_are_named(steps: list[tuple[str, str]]) -> None:
    stages: list[str] = []
    for instruction, words in steps:
        if instruction == "FROM":
            image, _, stage = words.partition(" AS ")
            assert image == "python:${PYTHON}-slim" or image in stages
            stages.append(stage)
        elif named := re.search(r"--from=(\S+)", words):
            assert named[1] in stages
    assert stages[-1] == "compute", "the one that is built where none is named"
    assert _compose()["services"]["explorer"]["build"]["target"] in stages


def test_to_show_only_what_the_documents_name_is_installed(steps: list[tuple[str, str]]) -> None:
    text = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
    named = re.search(r"^    python -m pip install (.+)$", text, re.MULTILINE)
    assert named
    assert any(re.search(rf"--no-compile +{named[1]} +&&", words) for words in _of(steps, "RUN"))


def test_the_command_is_taken_and_its_health_is_asked_where_it_listens(
    steps: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(loader.VARIABLE, "")  # which the command sets
    (entry,) = _of(steps, "ENTRYPOINT")
    command, *options = json.loads(entry)
    begun: list[list[str]] = []
    monkeypatch.setattr("streamlit.web.cli.main", lambda words, prog_name: begun.append(words))
    monkeypatch.setattr("explorer.__main__._check_free", lambda host, port: None)
    assert (command, main([*options, str(ROOT / "checkpoints")])) == ("latent-explorer", 0)
    assert begun[0][2:] == ["--server.address=0.0.0.0", "--server.port=8501"]
    assert _of(steps, "EXPOSE") == ["8501"]
    assert HEALTH in _of(steps, "HEALTHCHECK")[0]
    assert "server explorer:8501;" in (DEPLOY / "nginx.conf").read_text(encoding="utf-8")


def test_nobody_has_rights_in_them(steps: list[tuple[str, str]]) -> None:
    assert _of(steps, "USER") == ["10001:10001"]
    service = _compose()["services"]["explorer"]
    assert service["read_only"] is True
    assert (service["tmpfs"], service["cap_drop"]) == (["/tmp"], ["ALL"])  # noqa: S108


def test_compose_names_files_that_are_there() -> None:
    services = _compose()["services"]
    build = services["explorer"]["build"]
    context = (DEPLOY / build["context"]).resolve()
    assert context == ROOT
    assert (context / build["dockerfile"]).is_file()
    (mounted,) = services["proxy"]["volumes"]
    assert (DEPLOY / mounted.split(":")[0]).is_file()
    assert services["proxy"]["depends_on"] == {"explorer": {"condition": "service_healthy"}}
    assert services["proxy"]["ports"][0].endswith(":80")


def _compose() -> Any:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
