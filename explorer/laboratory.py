"""The explorer's door to what needs the model itself: the true posterior of an image, and bounds on its evidence.

torch is imported by the first question, and by nothing before it.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import anyio
from safetensors.numpy import save as format_safetensors
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from explorer import loader, memory
from explorer.views.posterior import bound_arrays, posterior_arrays
from training import checkpoint
from training.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.model import VAE

Question = Literal["posterior", "bound"]

_one_at_a_time = anyio.CapacityLimiter(1)  # an answer takes all cores for a second


async def answer(request: Request) -> Response:
    """GET .../{dataset}/{run}/{question}?image=17: a safetensors file, or one line on why there is none."""
    names = request.path_params
    run = loader.catalog().find(names["dataset"], names["run"])
    question: Question | None = next((q for q in get_args(Question) if q == names["question"]), None)
    image = request.query_params.get("image", "")
    if run is None or question is None or not (image.isascii() and image.isdigit() and len(image) < 10):
        return PlainTextResponse("no such run, question or image", status_code=404)
    try:
        content = await anyio.to_thread.run_sync(_answer_for, run, question, int(image), limiter=_one_at_a_time)
    except (UserError, checkpoint.CheckpointError) as error:
        return PlainTextResponse(str(error), status_code=409)
    headers = {"Cache-Control": "private, max-age=31536000, immutable"}
    return Response(content, media_type="application/octet-stream", headers=headers)


def version(run: loader.Run) -> str:
    """Changes with what the answers hang on: the run's weights and its data set's images."""
    return f"{run.config.files['model.safetensors'][:12]}{str(run.config.dataset['gallery_sha256'])[:12]}"


def _answer_for(run: loader.Run, question: Question, image: int) -> bytes:
    if problem := loader.gallery_problem(run):
        raise UserError(problem)
    if image >= loader.image_count(run):
        raise UserError(f"image={image}: this run has images 0 to {loader.image_count(run) - 1}")
    return _answer(run.path, version(run), question, image)


@lru_cache(maxsize=256)
def _answer(path: Path, version: str, question: Question, image: int) -> bytes:
    import torch

    from training.evaluation import as_pixels
    from training.importance import importance_bound
    from training.true_posterior import true_posterior

    model = load_model(path, version)
    x = as_pixels(torch.from_numpy(load_images(path, version)[image : image + 1]))
    if question == "posterior":
        found = true_posterior(model, x)
        windows = [(window.low, window.high, window.log_joint.numpy()) for window in found.windows]
        levels = found.levels.tolist()
        arrays, facts = posterior_arrays(found.log_evidence, found.error, found.log_normaliser, windows, levels)
        return format_safetensors(arrays, {"facts": json.dumps(facts)})
    bound = importance_bound(model, x)
    return format_safetensors(bound_arrays(*(part.numpy() for part in vars(bound).values())))


@lru_cache(maxsize=6)
def load_model(path: Path, version: str) -> VAE:
    """A run's model; `version` is the run's."""
    model = checkpoint.load_model(path)
    memory.settle()
    return model


@lru_cache(maxsize=4)
def load_images(path: Path, version: str) -> NDArray[Any]:
    """The held-out images of a run's data set, (N, C, H, W) uint8."""
    return checkpoint.load_gallery(path.parent / checkpoint.GALLERY)["images"]
