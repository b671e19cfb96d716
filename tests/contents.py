"""What a finished run holds, as it would be written anew."""

from __future__ import annotations

from pathlib import Path

from training import checkpoint
from training.checkpoint import Contents


def contents_of(path: Path, note: str = "") -> Contents:
    """The contents of the run at `path`, its model card followed by a `note`."""
    config = checkpoint.load_config(path)
    return Contents(
        dataset=config.dataset,
        model=config.model,
        training=config.training,
        versions=config.versions,
        weights=checkpoint.load_weights(path),
        latents=checkpoint.load_latents(path),
        trajectory=checkpoint.load_trajectory(path),
        history=checkpoint.load_history(path),
        metrics=checkpoint.load_metrics(path),
        card=(path / "README.md").read_text() + note,
        columns=checkpoint.load_columns(path),
    )
