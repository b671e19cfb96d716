"""What Probability asks of a run's model: the true posterior of an image, and bounds on its evidence."""

from __future__ import annotations

import json
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal, get_args

from safetensors.numpy import save as format_safetensors
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from explorer import gc_freeze, loader
from explorer.models import load_images, load_model
from explorer.routes.arrays import NOT_KEPT, is_present, is_there, kept, replaced
from explorer.routes.turns import Busy, Gone, Turns, busy, gone
from explorer.views.posterior import posterior_arrays
from training import checkpoint
from training.errors import UserError

Question = Literal["posterior", "bound"]

_turns = Turns(16)  # an answer takes all cores for a second


async def answer(request: Request) -> Response:
    """GET .../{dataset}/{run}/{question}?image=17: a safetensors file, or one line on why there is none.

    The draws for a bound come in rounds: `&round=0`, 1, ..., each with other draws.
    """
    names = request.path_params
    run = loader.catalog().find(names["dataset"], names["run"])
    question: Question | None = next((q for q in get_args(Question) if q == names["question"]), None)
    image = request.query_params.get("image", "")
    number = request.query_params.get("round", "0")
    if run is None or question is None or not (_whole(image) and _whole(number)):
        return PlainTextResponse("no such run, question, image or round", status_code=404, headers=NOT_KEPT)
    if not is_present(run, request):
        return replaced()
    try:
        async with _turns.place():
            content = await _turns.run(request, partial(_answer_for, run, question, int(image), int(number)))
    except loader.Replaced:
        return replaced()
    except UserError as error:
        return PlainTextResponse(str(error), status_code=409, headers=NOT_KEPT) if is_there(run) else replaced()
    except Busy:
        return busy()
    except Gone:
        return gone()
    return Response(content, media_type="application/octet-stream", headers=kept(request))


def _whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _answer_for(run: loader.Run, question: Question, image: int, number: int) -> bytes:
    if problem := loader.gallery_problem(run):
        raise UserError(problem)
    if image >= loader.image_count(run):
        raise UserError(f"image={image}: this run has images 0 to {loader.image_count(run) - 1}")
    found = _answer(run.path, run.config.version, question, image, number)
    gc_freeze.settle_once(question)
    return found


@lru_cache(maxsize=256)
def _answer(path: Path, version: str, question: Question, image: int, number: int) -> bytes:
    model = load_model(path, version)
    import torch

    from training.measure.evaluation import as_pixels
    from training.measure.importance import importance_weights, weighted_evidence
    from training.measure.true_posterior import true_posterior

    label = int(checkpoint.load_latents(path)["label"][image])
    model = model.given(label)  # of a conditional run, log p(x|y) of the image's own class
    x = as_pixels(torch.from_numpy(load_images(path, version)[image : image + 1]))
    if question == "posterior":
        found = true_posterior(model, x)
        windows = [(window.low, window.high, window.log_joint.numpy()) for window in found.windows]
        levels = found.levels.tolist()
        again = weighted_evidence(model, x, found.windows)
        arrays, facts = posterior_arrays((found.log_evidence, found.error), again, windows, levels)
        return format_safetensors(arrays, {"facts": json.dumps(facts)})
    return format_safetensors({"log_weight": importance_weights(model, x, number).float().numpy()})
