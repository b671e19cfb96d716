"""The rules of the design: who imports whom, how long a file is, and that the README's tree is the real one."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import ROOT

PYTHON = sorted([*ROOT.glob("training/**/*.py"), *ROOT.glob("explorer/**/*.py"), *ROOT.glob("benchmarks/*.py")])
SOURCES = [*PYTHON, *ROOT.glob("explorer/web/*.js"), *ROOT.glob("explorer/web/*.css"), *ROOT.glob("tests/*.py")]


def _imports(file: Path, everywhere: bool = True) -> set[str]:
    """Full names that a module imports; with `everywhere` off, only those at its top level."""
    tree = ast.parse(file.read_text())
    names: set[str] = set()
    for node in ast.walk(tree) if everywhere else tree.body:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _uses(names: set[str], package: str) -> bool:
    return any(name == package or name.startswith(package + ".") for name in names)


def test_training_never_imports_the_explorer() -> None:
    for file in ROOT.glob("training/**/*.py"):
        assert not _uses(_imports(file), "explorer"), file
        assert not _uses(_imports(file), "streamlit"), file


def test_only_the_doors_reach_into_training() -> None:
    # The loader reads checkpoints; the laboratory and the estimators compute with models, and know torch.
    doors = {ROOT / "explorer" / name for name in ("loader.py", "laboratory.py", "estimators.py")}
    for_all = ("training.checkpoint.CheckpointError", "training.definitions", "training.errors")
    for file in set(ROOT.glob("explorer/**/*.py")) - doors:
        names = {name for name in _imports(file) if _uses({name}, "training")}
        of_packages = {name for name in names if any(other.startswith(name + ".") for other in names)}
        assert all(name.startswith(for_all) for name in names - of_packages), file


def test_views_import_neither_streamlit_nor_torch() -> None:
    for file in ROOT.glob("explorer/views/*.py"):
        assert not any(_uses(_imports(file), package) for package in ("streamlit", "torch", "training")), file


def test_the_explorer_imports_no_torch_at_the_top() -> None:
    for file in ROOT.glob("explorer/**/*.py"):
        assert not any(_uses(_imports(file, everywhere=False), package) for package in ("torch", "umap", "sklearn")), (
            file
        )


def test_session_state_and_query_parameters_are_touched_in_one_module() -> None:
    for file in ROOT.glob("explorer/**/*.py"):
        text = file.read_text()
        if file.name != "state.py":
            assert not re.search(r"\bst\.query_params", text), file
            assert "session_state[" not in text.replace('session_state["dataset"]', ""), file


def test_browser_modules_know_nothing_of_streamlit_but_the_host() -> None:
    for file in ROOT.glob("explorer/web/*.js"):
        if file.name != "streamlit_host.js":
            assert "streamlit" not in file.read_text().lower(), file


def test_pages_are_short() -> None:
    for file in ROOT.glob("explorer/rooms/*.py"):
        assert len(file.read_text().splitlines()) <= 130, file


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_files_are_of_one_noun_s_length(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= 480


def test_no_module_hides_a_standard_one() -> None:
    for file in ROOT.glob("explorer/*.py"):
        assert file.stem not in sys.stdlib_module_names


def test_nothing_is_ever_unpickled() -> None:
    for file in PYTHON:
        names = _imports(file)
        assert not any(_uses(names, package) for package in ("pickle", "joblib", "dill", "cloudpickle")), file
        assert "torch.load(" not in file.read_text(), file


def test_the_readme_s_tree_is_the_real_tree() -> None:
    text = (ROOT / "README.md").read_text()
    tree = re.search(r"## Files\n.*?```\n(.*?)```", text, re.DOTALL)
    assert tree, "README.md has no tree under '## Files'"
    told: set[str] = set()
    parents: list[str] = []
    for line in tree.group(1).splitlines():
        name = line.split("  #")[0].rstrip()
        depth = (len(name) - len(name.lstrip())) // 2
        parents = [*parents[:depth], name.strip()]
        told |= {"".join(parents[:-1]) + entry for entry in parents[-1].split(", ")}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    real = set(listed)
    folders = {name for name in told if name.endswith("/")}
    files = told - folders
    assert sorted(files - real) == []
    assert [folder for folder in folders if not any(name.startswith(folder) for name in real)] == []
    # Every file of the project is named, or lies in a folder that is named without its contents.
    closed = {folder for folder in folders if not any(name != folder and name.startswith(folder) for name in told)}
    missing = [
        name for name in real - files if not name.startswith(tuple(closed)) and not Path(name).name.startswith(".")
    ]
    assert sorted(name for name in missing if not name.endswith("__init__.py") and not name.startswith(".")) == []
