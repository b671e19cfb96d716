"""Decodes z for runs that the browser cannot run itself, over a WebSocket, by torch in this server."""

from __future__ import annotations

import anyio
import numpy as np
from numpy.typing import NDArray
from starlette.websockets import WebSocket, WebSocketDisconnect

from explorer import loader, models
from explorer.routes.arrays import is_present
from explorer.routes.guard import is_token
from training.errors import UserError, one_line

GONE = 4410  # closes the socket of a version that is no longer there, as HTTP's 410
MOST = 8  # images of one request
_one_at_a_time = anyio.CapacityLimiter(1)  # torch takes all cores


class Refused(ValueError):
    """A request that is none, or a model that fails on it; the message is one line."""


async def decode(socket: WebSocket) -> None:
    """At a run's decoder: float32 z (K, D) comes, float32 E[x|z] (K, C, H, W) goes back; text is one line of error.

    The page's token is the protocol that it asks for: a socket takes no headers of one's own.
    Behind each z of a conditional run stands its class, one-hot.
    """
    names = socket.path_params
    run = loader.catalog().find(names["dataset"], names["run"])
    token = socket.headers.get("sec-websocket-protocol", "")
    if run is None or not is_token(token):
        await socket.close(1008)
        return
    await socket.accept(token)
    if not is_present(run, socket):
        await socket.close(GONE)
        return
    try:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            images = await anyio.to_thread.run_sync(_images, run, message.get("bytes") or b"", limiter=_one_at_a_time)
            await socket.send_bytes(images.tobytes())
    except loader.Replaced:
        await socket.close(GONE)
    except (Refused, UserError) as error:
        await socket.send_text(str(error))
        await socket.close(1011)
    except WebSocketDisconnect:
        return


def _images(run: loader.Run, request: bytes) -> NDArray[np.float32]:
    spec = run.config.model
    width = spec.latent_dim + spec.condition
    if not request or len(request) % (4 * width) or len(request) > MOST * 4 * width:
        raise Refused(f"expected 1 to {MOST} vectors of {width} float32 numbers")
    z = np.frombuffer(request, "<f4").reshape(-1, width)
    if not np.isfinite(z).all():
        raise Refused("z holds a number that is not finite")
    model = models.load_model(run.path, run.config.version)
    import torch

    try:
        with torch.no_grad():
            rows = torch.from_numpy(z.copy())
            y = rows[:, spec.latent_dim :] if spec.condition else None
            images = model.image(rows[:, : spec.latent_dim], y).numpy()
    except RuntimeError as error:
        raise Refused(f"{run.path}: its decoder fails: {one_line(error)}") from error
    if images.shape != (len(z), *run.config.model.image_shape):
        raise Refused(f"{run.path}: its decoder gives images of another shape than config.json says")
    return np.ascontiguousarray(images)
