"""Images that were selected, as a Parquet file with the columns of the CSV file that the page makes itself."""

from __future__ import annotations

import io

import numpy as np
from anyio import to_thread
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from explorer import loader
from explorer.routes.body import NotArrived, TooLarge, read_body
from training.checkpoint import CheckpointError

MOST_BYTES = 4 * 2_000_000  # of as many images


async def selection(request: Request) -> Response:
    """POST /selections/DATASET/RUN with numbers of images, int32; 400, 404, 408, 409 or 413 and one line else."""
    run = loader.catalog().find(request.path_params["dataset"], request.path_params["run"])
    if run is None:
        return PlainTextResponse("no such run", status_code=404)
    try:
        body = await read_body(request, MOST_BYTES)
        images = np.frombuffer(body, "<i4")
        return Response(await to_thread.run_sync(_parquet, run, images), media_type="application/vnd.apache.parquet")
    except TooLarge:
        return PlainTextResponse(f"a table has at most {MOST_BYTES // 4:,} images", status_code=413)
    except NotArrived:
        return PlainTextResponse("the numbers of the images did not arrive: save again", status_code=408)
    except CheckpointError as error:
        return PlainTextResponse(str(error), status_code=409)
    except (ValueError, IndexError):
        return PlainTextResponse(f"{run.name} has no such images", status_code=400)


def _parquet(run: loader.Run, images: NDArray[np.int32]) -> bytes:
    """Raises CheckpointError for a run that is damaged, IndexError for images that it has not."""
    from explorer.api import open_run

    frame = open_run(run.path).frame()
    if images.size and images.min() < 0:
        raise IndexError(images.min())
    chosen = frame.iloc[images].reset_index()
    chosen.attrs = {"dataset": run.path.parent.name, "run": run.name}
    file = io.BytesIO()
    chosen.to_parquet(file, index=False)
    return file.getvalue()
