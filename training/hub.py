"""Runs on the Hugging Face Hub: one is pushed as a model repository, one is pulled, and both are checked as any other.

Images stay here: what is sent are the files of the run's folder, and the gallery is none of them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import tyro

from training import atomic, checkpoint
from training.errors import UserError, one_line
from training.file_lock import held
from training.run_notes import NOTES
from training.tensor_files import MAX_FILE_BYTES

SENT = tuple(name for name in checkpoint.FILES if name != NOTES)  # notes are of the person, not of the run
LOGIN = "log in with `hf auth login`, or set HF_TOKEN to a token that may write there"


@dataclass(frozen=True)
class PushOptions:
    """Send a finished run to the Hugging Face Hub as a model repository: its files with the model card, no images."""

    path: tyro.conf.Positional[Path]
    """Checkpoint folder."""
    repo: tyro.conf.Positional[str]
    """Repository, as user/name; it is made if it is not there."""
    private: bool = False
    """Make a new repository one that others cannot see."""


@dataclass(frozen=True)
class PullOptions:
    """Fetch a run from the Hugging Face Hub into a checkpoint folder; it is checked before it takes its place."""

    repo: tyro.conf.Positional[str]
    """Repository, as user/name."""
    out: Path
    """Checkpoint folder to write, e.g. checkpoints/mnist/theirs."""
    revision: str | None = None
    """Branch, tag or commit, if not the newest."""
    overwrite: bool = False
    """Replace a finished checkpoint in --out."""


def push(options: PushOptions) -> str:
    """Send a run; returns its address. Raises UserError, CheckpointError for a run that is damaged."""
    from huggingface_hub import CommitOperationAdd, HfApi

    with held(options.path):
        checkpoint.verify(options.path)
        folder = atomic.resolve(options.path)
        changes = [CommitOperationAdd(name, data) for name, data in _files(folder).items()]
    with _one_line_errors(options.repo):
        api = HfApi()
        repo = api.create_repo(options.repo, private=options.private or None, exist_ok=True).repo_id
        api.create_commit(repo, changes, commit_message=f"{folder.parent.name}/{folder.name}, a trained run")
        return f"{api.endpoint}/{repo}"


def pull(options: PullOptions) -> str:
    """Fetch a run; returns a line on it. Raises UserError, CheckpointError for one that no reader would take."""
    out = options.out
    with held(out):
        checkpoint.refuse_taken(out, options.overwrite)
        with TemporaryDirectory() as temporary:
            commit = _download(options, Path(temporary))
            try:
                config = checkpoint.verify(temporary)
            except checkpoint.CheckpointError as error:
                raise UserError(f"{options.repo}: {str(error).removeprefix(temporary).lstrip('/')}") from error
            files = _files(Path(temporary))
        atomic.write_folder(out, files)
    return f"{out}: {options.repo} as of {commit[:7]}, a run on {config.dataset['name']}"


def _files(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in SENT if (folder / name).exists()}


def _download(options: PullOptions, folder: Path) -> str:
    """Fetch a run's files into `folder`; returns the commit that they are of."""
    from huggingface_hub import HfApi, hf_hub_download

    with _one_line_errors(options.repo):
        found = HfApi().model_info(options.repo, revision=options.revision, files_metadata=True)
        sizes = {file.rfilename: file.size or 0 for file in found.siblings or []}
        if checkpoint.CONFIG not in sizes or checkpoint.HASHED_FILES[0] not in sizes:
            raise UserError(f"{options.repo}: holds no run of this project; push one with `python -m training push`")
        for name in SENT:
            if (size := sizes.get(name, 0)) > MAX_FILE_BYTES:
                raise UserError(f"{options.repo}: {name} has {size:,} bytes; at most {MAX_FILE_BYTES:,} are read")
            if name in sizes:
                hf_hub_download(options.repo, name, revision=found.sha, local_dir=folder)
        return str(found.sha)


@contextmanager
def _one_line_errors(repo: str) -> Iterator[None]:
    """What the Hub or the way to it refuses becomes a UserError that names the repository."""
    from huggingface_hub import errors
    from huggingface_hub.utils.tqdm import disable_progress_bars

    if not sys.stderr.isatty():
        disable_progress_bars()
    try:
        yield
    except UserError:
        raise
    except errors.HFValidationError as error:
        raise UserError(f"{repo}: no name of a repository, as user/name is; {one_line(error)}") from error
    except errors.LocalTokenNotFoundError as error:
        raise UserError(f"{repo}: nobody is logged in at the Hub; {LOGIN}") from error
    except errors.GatedRepoError as error:
        raise UserError(f"{repo}: its owner lets in only who asked; ask on its page, then {LOGIN}") from error
    except errors.RevisionNotFoundError as error:
        raise UserError(f"{repo}: has no such revision; name a branch, tag or commit of it") from error
    except errors.RepositoryNotFoundError as error:
        raise UserError(f"{repo}: not on the Hub, or private; look at its name, or {LOGIN}") from error
    except errors.HfHubHTTPError as error:
        raise UserError(f"{repo}: {_refusal(error)}") from error
    except Exception as error:
        # The HTTP client's own, of a type that differs from version to version.
        reason = one_line(error.__cause__ or error, 120)
        raise UserError(f"{repo}: the Hub cannot be reached, or fails ({reason}); nothing here was changed") from error


def _refusal(error: Any) -> str:
    status = error.response.status_code
    if status in (401, 403):
        return f"the Hub does not let you ({status}); {LOGIN}"
    return f"the Hub answered {status} ({one_line(error, 120)}); try again later"
