"""Finds a statement in this project's source, so that Reconstruct can show the line that computes it."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True)
class SourceLine:
    """A statement, the file it is in and the line it begins on."""

    file: str
    number: int
    code: str


@dataclass(frozen=True)
class Statement:
    """Where to look: a function by its dotted name, and the `nth` of its statements that assign or call a name, or
    "return"."""

    file: str
    function: str
    target: str
    nth: int = 0


# The reparameterized pass from image to image, step by step; after a hyphen, what some runs do instead.
STEPS = {
    "pixels": Statement("training/measure/evaluation.py", "as_pixels", "return"),
    "encoder": Statement("training/model/vae.py", "VAE.encode", "return"),
    "posterior": Statement("training/model/vae.py", "VAE.posterior", "mu, log_var"),
    "posterior-deterministic": Statement("training/model/vae.py", "VAE.posterior", "return"),
    "posterior-full": Statement("training/model/vae.py", "VAE.posterior", "return", 1),
    "epsilon": Statement("training/aevb.py", "Trainer._train_step", "noise"),
    "z": Statement("training/model/posterior.py", "sample", "return"),
    "z-full": Statement("training/model/posterior.py", "sample", "return", 1),
    "decoder": Statement("training/model/vae.py", "VAE.decode", "logits"),
    "image": Statement("training/model/likelihood.py", "pixel_mean", "p"),
    "image-continuous-bernoulli": Statement("training/model/likelihood.py", "pixel_mean", "return", 1),
}


# One step of training, line by line of AEVB.
TRAINING_STEPS = {
    "minibatch": Statement("training/aevb.py", "Trainer._train_step", "x"),
    "encode": Statement("training/model/vae.py", "VAE.posterior", "mu, log_var"),
    "epsilon": STEPS["epsilon"],
    "z": STEPS["z"],
    "decode": STEPS["decoder"],
    "kl": Statement("training/model/posterior.py", "kl_to_prior", "return"),
    "loss": Statement("training/objective.py", "Objective.loss", "return"),
    "update": Statement("training/aevb.py", "Trainer._descend", "self.optimizer.step"),
}


def find_line(source: str, where: Statement) -> SourceLine:
    """The statement looked for; raises ValueError if there is none."""
    body: list[ast.stmt] = ast.parse(source).body
    for name in where.function.split("."):
        scopes = [node for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name]
        if not scopes:
            raise ValueError(f"{where.file} has no {where.function}")
        body = scopes[0].body
    nodes = [node for statement in body for node in ast.walk(statement) if isinstance(node, ast.stmt)]
    found = sorted((node for node in nodes if _sets(node) == where.target), key=lambda node: node.lineno)
    if where.nth >= len(found):
        raise ValueError(f"{where.function} in {where.file} has no {where.target} number {where.nth}")
    node = found[where.nth]
    code = ast.get_source_segment(source, node) or ""
    return SourceLine(where.file, node.lineno, " ".join(code.split()))


def _sets(node: ast.stmt) -> str | None:
    """The name that a statement assigns, or that it calls and leaves at that, or "return"."""
    if isinstance(node, ast.Return):
        return "return"
    if isinstance(node, ast.Assign):
        target = node.targets[0]
        return ", ".join(map(ast.unparse, target.elts)) if isinstance(target, ast.Tuple) else ast.unparse(target)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return ast.unparse(node.value.func)
    return ast.unparse(node.target) if isinstance(node, ast.AnnAssign) else None
