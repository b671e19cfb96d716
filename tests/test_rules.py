"""The rules of the design: who imports whom, how long a file is, and that the README's tree is the real one."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.views.pages import PAGES
from tests.server import ROOT

PYTHON = sorted([*ROOT.glob("training/**/*.py"), *ROOT.glob("explorer/**/*.py"), *ROOT.glob("benchmarks/*.py")])
WEB = ROOT / "explorer" / "web"
SCRIPTS = sorted(WEB.rglob("*.js"))
TESTS = [*ROOT.glob("tests/*.py"), *ROOT.glob("tests/web/*.js")]
SOURCES = [*PYTHON, *SCRIPTS, *WEB.rglob("*.css"), *TESTS]
# The rooms of explorer/web, from the outside in: each may import from those after it; maths and dom know no other room.
ROOMS = ("hosts", "pages", "plane", "run", "checkpoint", "network", "maths", "dom")


def _imports(file: Path, everywhere: bool = True) -> set[str]:
    """Full names that a module imports; with `everywhere` off, only those at its top level."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
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
    # The loader and its two parts read checkpoints; the others compute with models, and know torch, or start trainers.
    names = ("loader.py", "run_folders.py", "shared_parts.py", "models.py", "estimators.py", "routes/answers.py")
    names += ("fitted_priors.py", "diagnoses.py")
    names += ("run_changes.py", "talk_changes.py")  # and these write
    names += ("live_run.py", "live_arrays.py", "jobs.py", "job_queue.py", "job_control.py", "training_choices.py")
    names += ("api.py",)  # for notebooks, where torch's model is what a person is after
    names += ("export/__main__.py",)  # a file is written whole in one way
    doors = {ROOT / "explorer" / name for name in names}
    for_all = ("training.checkpoint.CheckpointError", "training.measure.definitions", "training.errors")
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
        if file.name != "session.py":
            assert not re.search(r"\bst\.query_params", text), file
            assert "session_state[" not in text.replace('session_state["dataset"]', ""), file


def test_browser_modules_know_nothing_of_streamlit_but_the_host() -> None:
    assert SCRIPTS
    for file in SCRIPTS:
        if file != WEB / "hosts" / "streamlit.js":
            assert "streamlit" not in file.read_text().lower(), file


def forbidden(importer: str, imported: str) -> bool:
    """Whether a browser module may not import another one; both as paths under explorer/web."""
    here, there = (name.split("/") for name in (importer, imported))
    if here[0] == there[0]:
        return here[0] == "pages" and here[1] != there[1]
    outwards = ROOMS.index(there[0]) < ROOMS.index(here[0])
    return outwards or here[0] == "maths" or (here[0], there[0]) == ("network", "dom")


def test_browser_modules_import_one_way() -> None:
    assert forbidden("maths/elbo.js", "dom/canvas.js")
    assert forbidden("run/loading.js", "plane/camera.js")
    assert forbidden("pages/prior/prior.js", "pages/explore/markup.js")
    assert not forbidden("pages/prior/prior.js", "pages/prior/markup.js")
    found = 0
    for file in SCRIPTS:
        name = file.relative_to(WEB).as_posix()
        for path in re.findall(r"""["'](\.{1,2}/[\w/.]+\.js)["']""", file.read_text()):
            other = (file.parent / path).resolve()
            assert other.is_file(), f"{name} imports {path}, which is not there"
            assert not forbidden(name, other.relative_to(WEB).as_posix()), f"{name} imports {path}"
            found += 1
    assert found > 300


def test_pages_are_listed_once_in_python_and_once_in_javascript() -> None:
    listed = set(re.findall(r"import\(\"../pages/(\w+)/\1.js\"\)", (WEB / "hosts" / "pages.js").read_text()))
    assert listed == {name for name, page in PAGES.items() if page.in_browser or page.opens_live}
    assert {folder.name for folder in (WEB / "pages").iterdir()} == listed
    assert {file.stem for file in ROOT.glob("explorer/screens/*.py")} >= set(PAGES)
    for file in set(ROOT.glob("explorer/**/*.py")) - {ROOT / "explorer" / "views" / "pages.py"}:
        names = {name.removeprefix("explorer.screens.") for name in _imports(file)}
        names |= {node.value for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Constant)}
        assert len(names & set(PAGES)) < 4, f"{file} lists pages"


def test_pages_are_short() -> None:
    for file in ROOT.glob("explorer/screens/*.py"):
        assert len(file.read_text().splitlines()) <= 130, file


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_files_are_of_one_noun_s_length(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 480


@pytest.mark.parametrize("file", [*SCRIPTS, *WEB.rglob("*.css")], ids=lambda file: str(file.relative_to(ROOT)))
def test_lines_of_javascript_and_css_are_at_most_120_columns_wide(file: Path) -> None:
    # The formatter leaves comments and texts as they are.
    assert [line for line in file.read_text(encoding="utf-8").splitlines() if len(line) > 120] == []


def test_no_module_hides_a_standard_one() -> None:
    for file in ROOT.glob("explorer/*.py"):
        assert file.stem not in sys.stdlib_module_names


def test_nothing_is_ever_unpickled() -> None:
    for file in PYTHON:
        names = _imports(file)
        assert not any(_uses(names, package) for package in ("pickle", "joblib", "dill", "cloudpickle")), file
        # Of a person's own file, on their word, tensors alone: no code of it is run.
        is_door = file == ROOT / "training" / "model" / "weights.py"
        calls = re.findall(r"torch\.load\((.*)\)", file.read_text())
        told = "state = torch.load({file.name!r}, weights_only=True)"
        calls = [call for call in calls if not (is_door and call in told)]
        assert calls == (['file, map_location="cpu", weights_only=True'] if is_door else []), file


def test_the_readme_s_tree_is_the_real_tree() -> None:
    text = (ROOT / "README.md").read_text()
    tree = re.search(r"## Files\n.*?```\n(.*?)```", text, re.DOTALL)
    assert tree, "README.md has no tree under '## Files'"
    told: set[str] = set()
    parents: list[str] = []
    for line in tree.group(1).splitlines():
        name, _, what = line.partition("  # ")
        assert what.strip(), f"{name.strip()} has no sentence"
        depth = (len(name) - len(name.lstrip())) // 2
        parents = [*parents[:depth], name.strip()]
        told.add("".join(parents))
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in told if not any(file == name or file.startswith(name) for file in listed)] == []
    # Every folder down to the second level is named, and those inside explorer/web.
    folders = {parent.as_posix() + "/" for file in listed for parent in Path(file).parents if parent != Path()}
    wanted = {folder for folder in folders if not folder.startswith(".") and folder.count("/") < 3}
    wanted |= {folder for folder in folders if folder.startswith("explorer/web/") and folder.count("/") < 4}
    assert sorted(wanted - told) == []
