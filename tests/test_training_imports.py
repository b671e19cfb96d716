"""What modules of training/ import when they are imported: no circles, and nothing heavy for who only reads."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import ROOT

MODULES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
    for file in (ROOT / "training").rglob("*.py")
}
HEAVY = ("torch", "torchvision", "training.data.celeba", "training.data.ujipen", "training.data.picture_cache")


@pytest.mark.parametrize(
    "module",
    ["training.checkpoint", "training.classifier_folder", "training.model.spec", "training.live_files"],
)
def test_reading_a_checkpoint_imports_neither_torch_nor_a_data_set(module: str) -> None:
    code = f"import sys, {module}; print(*(name for name in {HEAVY} if name in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert found.stdout.split() == []


def test_training_waits_for_neither_a_compiler_nor_a_library_it_hardly_uses(tmp_path: Path) -> None:
    slow = {"torch._dynamo", "sympy", "sklearn", "pandas", "umap"}
    code = (
        f"import atexit, runpy, sys; atexit.register(lambda: print('imported', *{slow} & sys.modules.keys())); "
        "runpy.run_module('training', run_name='__main__')"
    )
    fit = ["fit", "--dataset", "digits", "--epochs", "1", "--hidden-dims", "8", "--out", tmp_path / "run"]
    ran = subprocess.run([sys.executable, "-c", code, *fit], cwd=ROOT, check=True, capture_output=True)
    assert ran.stdout.splitlines()[-1] == b"imported"


def _imported(module: str) -> set[str]:
    """Modules of training/ that this one imports at its top level, where it is run."""
    names: set[str] = set()
    for node in ast.parse(MODULES[module].read_text()).body:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert not node.level, f"{module}: import absolutely"
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return names & set(MODULES) - {module}


def test_no_modules_import_each_other_in_a_circle() -> None:
    left = {module: _imported(module) for module in MODULES}
    assert len(left) > 40
    assert "training.model.spec" in left["training.options"]
    while free := {module for module, imported in left.items() if not imported}:
        left = {module: imported - free for module, imported in left.items() if module not in free}
    assert left == {}, "each of these waits for another"
