"""A run from its options to its checkpoint folder, interrupted or not."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from training import atomic, checkpoint
from training.aevb import Diverged, Interrupted, Trainer, Watcher, interruptible
from training.beta import CHANGES, changes_of
from training.checkpoint import HISTORY, RESUME
from training.data.binarize import as_modelled
from training.data.datasets import ImageData, load_dataset
from training.device import choose_device
from training.errors import UserError
from training.file_lock import held
from training.live import Publisher
from training.live_files import CONTROL, LIVE, stranger
from training.measure.disentanglement import disentanglement, factors_of
from training.measure.evaluation import gallery_latents, umap_of
from training.measure.metrics import final_metrics, unmeasured
from training.model.vae import VAE
from training.model_card import model_card
from training.options import FitOptions, ImportOptions, size_of
from training.ranks import Ranks, joined
from training.resume_state import StateFile, read_state, state_of_leader
from training.shortcomings import shortcomings
from training.tensor_files import MAX_FILE_BYTES
from training.watch import LiveWatcher, shown

MOST_WEIGHTS = "TRAINING_MOST_WEIGHTS"  # of the environment: a lower limit than what a file can hold
NARROWED = ("mu", "log_var", "scale_tril", "reconstruction", "kl")  # of the latents of a run of a family


class Unmeasured(Exception):
    """Ctrl-C while a finished run was measured; the message says which command gives its figures."""

    def __init__(self, options: FitOptions | ImportOptions) -> None:
        elsewhere = "" if options.data_dir == Path("data") else f" --data-dir {options.data_dir}"
        command = f"python -m training evaluate {options.out}{elsewhere} --save --quick"
        super().__init__(f"{options.out}: the run is there, without its figures; {command} computes them")


def fit(options: FitOptions) -> dict[str, Any]:
    """Train the run and write its checkpoint to `options.out`; returns its test metrics.

    Of several processes that train it, all but the first return nothing.

    Raises UserError for options or data that cannot be used, Busy while another command writes there, Diverged and
    Interrupted as the loop does.
    """
    device = choose_device(options.device)
    ranks = joined(device)
    try:
        if not ranks.leads:
            return _follow(options, ranks, device)
        with held(options.out):
            return _fit(options, ranks, device)
    finally:
        ranks.leave()


def _follow(options: FitOptions, ranks: Ranks, device: torch.device) -> dict[str, Any]:
    """Train along with the process that leads, which writes and says all that there is to be; returns nothing."""
    ranks.wait()  # it may have to fetch the data first, and refuses what is wrong
    data = load_dataset(options.dataset, options.data_dir, size_of(options.image_size))
    trainer = Trainer(options, data, ranks.device(device), ranks)
    if options.resume:
        trainer.restore(*state_of_leader(ranks))
    ranks.wait()
    with suppress(Interrupted, Diverged), interruptible(launched=True) as stop:
        trainer.run(lambda _: None, Watcher(stop))
    return {}


def _fit(options: FitOptions, ranks: Ranks, device: torch.device) -> dict[str, Any]:
    workplace = workplace_of(options)
    data = load_dataset(options.dataset, options.data_dir, size_of(options.image_size))
    _check_size(options, data)
    ranks.wait()
    trainer = Trainer(options, data, ranks.device(device), ranks)
    if options.resume:
        trainer.restore(*state_of_leader(ranks, read_state(workplace / RESUME)))
        _write_history(workplace, trainer)
    else:
        workplace.mkdir(parents=True, exist_ok=True)
        (workplace / HISTORY).write_bytes(b"")
    ranks.wait()

    kept = StateFile(workplace / RESUME, trainer.epoch)

    def on_epoch(record: dict[str, Any]) -> None:
        with (workplace / HISTORY).open("a", encoding="utf-8") as file:
            file.write(checkpoint.json_line(record))
        kept.epoch_finished(trainer)

    publisher = Publisher(workplace, trainer, data)
    with shown(publisher):
        with interruptible(ranks.count > 1) as stop:
            publisher.begin()
            try:
                trainer.run(on_epoch, LiveWatcher(stop, publisher))
            except Interrupted:
                kept.write(trainer)
                raise
            except Diverged as error:
                before = f"epoch {kept.epoch} is kept in {kept.path}" if kept.epoch else "no epoch was finished"
                raise Diverged(f"{error}; {before}") from error
        ranks.leave()
        publisher.measuring()
        return _finish(options, data, trainer, workplace)


def _finish(options: FitOptions, data: ImageData, trainer: Trainer, workplace: Path) -> dict[str, Any]:
    """Write what was trained, and measure it."""
    best, trajectory = trainer.best_model(), trainer.trajectory()

    def judge(metrics: dict[str, Any]) -> list[str]:
        return shortcomings(
            options, trainer.best_loss, trainer.untrained_loss, trainer.best_epoch, metrics, trainer.objective
        )

    changes = changes_of(trainer.marks)
    try:
        metrics = write_run(options, data, best, trainer.history, trajectory, trainer.best_epoch, judge, changes)
    except Unmeasured:
        _clear(workplace, options)
        raise
    except KeyboardInterrupt as error:  # before anything was written
        raise Interrupted from error
    _clear(workplace, options)
    return metrics


def _check_size(options: FitOptions, data: ImageData) -> None:
    """Raise UserError for a run that its own reader would refuse: a file of it would be too large."""
    spec = options.model_spec(data.image_shape, len(data.classes))
    with torch.device("meta"):  # shapes only
        weights = sum(value.numel() for value in VAE(spec).state_dict().values())
    most = MAX_FILE_BYTES // 4
    said = os.environ.get(MOST_WEIGHTS, "")
    allowed = min(int(said), most) if said.isascii() and said.isdigit() else most
    if weights > allowed:
        raise UserError(
            f"--latent-dim, --hidden-dims, --decoder-hidden-dims: {weights:,} weights together; at most {allowed:,} "
            f"are taken{'' if allowed == most else ' here'}"
        )
    numbers = len(data.gallery) * max(spec.posterior_parameters, spec.latent_dim**2 if spec.posterior == "full" else 0)
    if numbers > most:
        smaller = ", or --posterior diagonal" if spec.posterior == "full" else ""
        raise UserError(
            f"--latent-dim {spec.latent_dim}: {numbers:,} numbers for the posteriors of {len(data.gallery):,} held-out "
            f"images; at most {most:,} are taken: choose fewer dimensions{smaller}"
        )


def _clear(workplace: Path, options: FitOptions) -> None:
    """Take the workplace away: its run is written."""
    if workplace != options.out:
        shutil.rmtree(workplace)


def evaluate(path: Path, data_dir: Path, save: bool = False, quick: bool = False) -> dict[str, Any]:
    """Metrics of a finished checkpoint, computed anew; `save` writes them and their model card into it.

    `quick`: only those that `fit` computes too; others stay as they are stored. Raises UserError; to save, Busy too.
    """
    checkpoint.load_config(path)  # before a lock is laid beside what is no checkpoint
    with held(path) if save else nullcontext():
        return _evaluate(path, data_dir, save, quick)


def _evaluate(path: Path, data_dir: Path, save: bool, quick: bool) -> dict[str, Any]:
    config = checkpoint.load_config(path)
    name, asked = config.dataset["name"], config.training.get("image_size")
    data = load_dataset(name, data_dir, size_of(tuple(asked)) if asked else None)
    stored = checkpoint.load_metrics(path, config)
    model, latents = checkpoint.load_model(path, config), checkpoint.load_latents(path, config)
    _, sha256 = checkpoint.format_gallery(data.gallery.images, data.gallery.labels)
    if sha256 != (config.dataset["gallery_sha256"] or sha256):
        raise UserError(f"{path}: {data.name} in {data_dir} holds other images than those that the run was trained on")
    seen = as_modelled(data, config.binarize)
    new = final_metrics(model, data, latents, _classifier(path), progress=True, seen=seen.test.images)
    new |= disentanglement(latents["mu"], factors_of(data.gallery.columns))
    if not quick:
        from training.measure.slow_metrics import slow_metrics  # torchmetrics takes a second to import

        new |= slow_metrics(
            model,
            torch.from_numpy(seen.test.images),
            torch.from_numpy(seen.gallery.images),
            _classifier(path),
            data.test.labels,
            data.gallery.labels,
            torch.from_numpy(data.test.images),
        )
    metrics = {**new, **{name: value for name, value in stored.items() if name not in new}}
    if save:
        kind = ImportOptions if config.training.get("objective") == "imported" else FitOptions
        options = kind.from_recipe(path, config.training)
        umap = {} if config.model.latent_dim <= 2 or "umap" in latents else umap_of(latents["mu"], options.seed)
        card = model_card(options, data, config.model, metrics, config.training.get(CHANGES, ()))
        checkpoint.rewrite_metrics(path, metrics, card, config, umap)
    return metrics


def workplace_of(options: FitOptions | ImportOptions) -> Path:
    """Where history and resume state grow: --out itself, or a hidden folder beside a checkpoint to be replaced.

    Raises UserError for an --out that holds what is not a checkpoint's, which would be lost.
    """
    out = options.out
    atomic.recover(out)
    checkpoint.refuse_taken(out, options.overwrite, (RESUME, LIVE, CONTROL))
    if other := stranger(out):
        raise UserError(f"--out {out}: holds {other}, which would be lost; name a folder of its own")
    return out.with_name(f".{out.name}.partial") if checkpoint.is_finished(out) else out


def write_run(
    options: FitOptions | ImportOptions,
    data: ImageData,
    model: VAE,
    history: list[dict[str, Any]],
    trajectory: dict[str, NDArray[Any]] | None = None,
    best_epoch: int = 0,
    judge: Callable[[dict[str, Any]], list[str]] = lambda _: [],
    beta_changes: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Write a trained model's checkpoint to `options.out`, then measure it; returns its test metrics.

    Without a `trajectory`, that is the held-out images' means alone. `judge` gives what the run falls short in, by its
    metrics. `beta_changes`: of config.json. Raises Unmeasured where Ctrl-C ends the measuring: the checkpoint is there
    then, without figures.
    """
    seen = as_modelled(data, options.binarize)
    latents = _kept(gallery_latents(model, seen.gallery, options.seed), options)
    metrics = {**unmeasured(latents, len(data.test)), "best_epoch": best_epoch}
    contents = _contents(options, data, model, history, latents, trajectory, metrics, beta_changes)
    workplace_of(options)  # which may have changed meanwhile, by hand
    checkpoint.write_checkpoint(options.out, contents)
    try:
        metrics |= final_metrics(model, data, latents, _classifier(options.out), progress=True, seen=seen.test.images)
        metrics |= disentanglement(latents["mu"], factors_of(data.gallery.columns))
        if model.spec.latent_dim > 2:
            latents |= umap_of(latents["mu"], options.seed)
    except KeyboardInterrupt as error:
        raise Unmeasured(options) from error
    if found := judge(metrics):
        metrics["shortcomings"] = found
    card = model_card(options, data, model.spec, metrics, beta_changes)
    contents = replace(contents, latents=_narrowed(latents, options), metrics=metrics, card=card)
    checkpoint.write_checkpoint(options.out, contents)
    for line in found:
        print(f"warning: {options.out}: {line}", file=sys.stderr)
    return metrics


def _contents(
    options: FitOptions | ImportOptions,
    data: ImageData,
    model: VAE,
    history: list[dict[str, Any]],
    latents: dict[str, NDArray[Any]],
    trajectory: dict[str, NDArray[Any]] | None,
    metrics: dict[str, Any],
    beta_changes: Sequence[dict[str, Any]],
) -> checkpoint.Contents:
    dataset = {
        "name": data.name,
        "classes": list(data.classes),
        "source": data.source,
        "licence": data.licence,
        "split": data.split,
        "gallery_sha256": _write_gallery(data, options),
    }
    packages = ("torch", "numpy", "safetensors")
    versions = {"python": platform.python_version(), **{name: version(name) for name in packages}}
    trajectory = trajectory or {"epoch": np.array([metrics["best_epoch"]]), "mu": latents["mu"][None]}
    precision = "float32" if isinstance(options, ImportOptions) else options.precision
    return checkpoint.Contents(
        dataset=dataset,
        model=model.spec,
        training={**options.recipe(), **({CHANGES: list(beta_changes)} if beta_changes else {})},
        versions=versions,
        weights={name: _stored(value.cpu().numpy(), precision) for name, value in model.state_dict().items()},
        latents=_narrowed(latents, options),
        trajectory={**trajectory, "mu": _stored(trajectory["mu"], precision)},
        history=history,
        metrics=metrics,
        card=model_card(options, data, model.spec, metrics, beta_changes),
        columns=data.gallery.columns,
    )


def _stored(array: NDArray[Any], precision: str) -> NDArray[Any]:
    narrowed = array.astype(precision)
    if not np.isfinite(narrowed).all():
        raise UserError(f"--precision {precision}: a weight or mean is too large for it; use float32")
    return narrowed


def _narrowed(latents: dict[str, NDArray[Any]], options: FitOptions | ImportOptions) -> dict[str, NDArray[Any]]:
    """Latents as a run stores them: one of a family, of which there are many, in half the room."""
    if isinstance(options, ImportOptions) or not options.family:
        return latents
    narrow = {name: _stored(latents[name], options.precision) for name in NARROWED if name in latents}
    few = latents["label"].max() < 256
    return {**latents, **narrow, "label": latents["label"].astype(np.uint8) if few else latents["label"]}


def _kept(latents: dict[str, NDArray[Any]], options: FitOptions | ImportOptions) -> dict[str, NDArray[Any]]:
    """The same numbers, as whoever reads them finds them: what is measured is of these."""
    return checkpoint.widened_latents(_narrowed(latents, options))


def _classifier(path: Path) -> Path:
    """Where the classifier of a run's data set is, if there is one."""
    return path.resolve().parent / "classifier"


def _write_gallery(data: ImageData, options: FitOptions | ImportOptions) -> str:
    """Write the held-out images if the options want them beside the run; returns their file's SHA-256 either way."""
    images, sha256 = checkpoint.format_gallery(data.gallery.images, data.gallery.labels)
    file = options.out.parent / checkpoint.GALLERY
    if options.gallery == "always" or (options.gallery == "auto" and data.shareable):
        if not checkpoint.write_gallery(file, images):
            print(f"note: {file} holds other images than {data.name}'s and is left as it is", file=sys.stderr)
    elif options.gallery == "auto" and not file.exists():
        print(
            f"note: {data.name}'s images are not written beside the run, lest they be given on with it; "
            "--gallery always writes them",
            file=sys.stderr,
        )
    return sha256


def _write_history(workplace: Path, trainer: Trainer) -> None:
    atomic.write_file(workplace / HISTORY, "".join(map(checkpoint.json_line, trainer.history)).encode())
