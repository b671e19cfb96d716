"""Why a finished run has no prior p(z) over all its images, nor a log p(x) under it: one wording. No torch."""

from __future__ import annotations

from pathlib import Path

from training.errors import UserError
from training.model.spec import ModelSpec


def why_no_prior(model: ModelSpec) -> str | None:
    """What a run lacks, as the end of a line; None of one that has such a prior."""
    if not model.has_decoder:
        return "latents alone, without a model: no prior, nor a log p(x)"
    if model.posterior == "deterministic":
        return "a code without noise: no prior, nor a log p(x)"
    if model.condition:
        return "given the class, each class has codes of its own: take an unconditional run"
    return None


def needs_prior(path: Path, model: ModelSpec) -> None:
    """Raises UserError, in one line, for a run without one."""
    if why := why_no_prior(model):
        raise UserError(f"{path}: {why}")
