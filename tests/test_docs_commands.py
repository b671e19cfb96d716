"""Every command, option, variable and address that the documents give is one that the project takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from explorer import __main__ as explorer_command
from explorer.export import __main__ as export_command
from explorer.views.page_address import parse_address
from explorer.views.pages import PAGES
from tests.server import ROOT
from tests.test_docs import DOCUMENTS
from training.command_line import options_of, what_is_wrong
from training.commands import COMMANDS

_FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_END = re.compile(r"\s+#|[;|]|&&|$")  # a remark, or what the shell does next, is no part of a command
OTHERS = {"--server.address", "--server.port", "--server.baseUrlPath", "--server.headless", "--index-url"}
OTHERS |= {"--multi_gpu", "--num_processes", "--nnodes", "--nproc_per_node", "--rdzv_endpoint"}  # of the launchers
OTHERS |= {"--node_rank", "--num_machines", "--machine_rank"}
OTHERS |= {"--file", "--target", "--tag", "--read-only", "--tmpfs", "--publish", "--volume", "--scale"}  # of Docker


def code_in(text: str) -> list[str]:
    """Lines of code blocks, and the code in lines of text, each as one line."""
    fenced = [line for block in _FENCED.findall(text) for line in block.splitlines()]
    rest = _FENCED.sub("", text)
    indented = re.findall(r"^    (.+)$", rest, re.MULTILINE)
    return [*fenced, *indented, *(" ".join(code.split()) for code in re.findall(r"`([^`]+)`", rest))]


def commands_in(text: str, start: str) -> list[list[str]]:
    """The words after `start` in each command of a document."""
    found = []
    for line in code_in(text):
        for place in re.finditer(rf"(?<![\w./-]){re.escape(start)}(?![\w./])", line):
            end = _END.search(line, place.end())
            assert end
            rest = line[place.end() : end.start()]
            found.append(shlex.split(re.sub(r"<[^>]*>", "x", rest)))
    return found


def wrong_with(words: Sequence[str]) -> str | None:
    """Why `python -m training` would not take these words; of a mere mention, what is wrong with its first."""
    if not words or "--help" in words:
        return None if not words or words[0] in COMMANDS else f"{words[0]}: no such command"
    if len(words) == 1 or "..." in words:
        return None if words[0] in COMMANDS else f"{words[0]}: no such command"
    return what_is_wrong(words, COMMANDS)


def options_in_help(main: Callable[[Sequence[str]], int], capsys: pytest.CaptureFixture[str]) -> set[str]:
    with pytest.raises(SystemExit):
        main(["--help"])
    return set(re.findall(r"--[a-z][\w-]*", capsys.readouterr().out))


def undefined(text: str, known: set[str]) -> list[str]:
    """Options in the code of a document that nothing takes."""
    code = " ".join(code_in(text))
    return [name for name in re.findall(r"(?<![\w-])--[a-z][\w.-]*", code) if name not in known | OTHERS]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_commands_are_taken(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = document.read_text(encoding="utf-8")
    trained = commands_in(text, "python -m training")
    assert [(words, why) for words in trained if (why := wrong_with(words))] == []
    known = {option.name for kind in COMMANDS.values() for option in options_of(kind)} | {"--help"}
    for start, main in (("latent-explorer", explorer_command.main), ("python -m explorer.export", export_command.main)):
        options = options_in_help(main, capsys)
        given = [word for words in commands_in(text, start) for word in words if word.startswith("--")]
        assert set(given) - options == set(), start
        known |= options
    assert undefined(text, known) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_targets_and_variables_are_there(document: Path) -> None:
    text, makefile = document.read_text(encoding="utf-8"), (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^(\w+):", makefile, re.MULTILINE))
    for words in commands_in(text, "make"):
        if words and words[0].isalpha():
            assert words[0] in targets
            assert all(re.search(rf"^{name}\b|\$\({name}\)", makefile, re.MULTILINE) for name in _set_in(words[1:]))
    code = "".join(file.read_text(encoding="utf-8") for file in ROOT.glob("explorer/**/*.py"))
    for name in re.findall(r"EXPLORER_[A-Z_]+", text):
        assert f'"{name}"' in code, name


def _set_in(words: Sequence[str]) -> list[str]:
    return [word.partition("=")[0] for word in words if re.match(r"[A-Z]+=", word)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_addresses_lead_to_pages_in_a_state_that_is_there(document: Path) -> None:
    shipped = {folder.name: sorted(run.name for run in folder.iterdir()) for folder in (ROOT / "checkpoints").iterdir()}
    for address in re.findall(r"`(/[a-z]+\?[^`\s]+)`", document.read_text(encoding="utf-8")):
        parts = urlsplit(address)
        state, notes = parse_address(dict(parse_qsl(parts.query)), PAGES[parts.path[1:]], shipped)
        assert notes == [], address
        assert state


def test_what_is_wrong_is_found() -> None:
    text = "Say `python -m training\nfit --bata 4 --out x`, or\n\n    python -m training fits a   # not\n"
    wrong = [wrong_with(words) for words in commands_in(text, "python -m training")]
    assert [str(why).split(":")[0] for why in wrong] == ["fits", "--bata"]
    assert undefined("give `--colour red` and `--seed 3`", {"--seed"}) == ["--colour"]


def test_commands_are_found_wherever_they_stand() -> None:
    text = "`make explore PORT=9`\n    A=b make soak # x\n    for run in a; do make bench; done\nto make sense"
    assert commands_in(text, "make") == [["soak"], ["bench"], ["explore", "PORT=9"]]
    documents = [file.read_text(encoding="utf-8") for file in DOCUMENTS]
    assert sum(len(commands_in(text, "python -m training")) for text in documents) > 40
