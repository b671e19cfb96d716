"""The Explore page in a notebook, its state as traits: `pip install .[notebook]`.

    from explorer.widget import LatentPlane
    plane = LatentPlane("checkpoints/mnist/elbo")

Where a drag ends, Python observes; what Python sets, the page shows. It runs in a frame of its own, from the
modules of explorer/web alone: dragging needs no kernel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
from traitlets import Any as AnyTrait
from traitlets import Bunch, Dict, Int, TraitError, Unicode, observe, validate

from explorer.export.contents import contents
from explorer.export.document import document
from explorer.export.places import chosen_pages
from explorer.export.runs import runs_in
from explorer.modules import WEB
from training.checkpoint import CheckpointError

HOST = "hosts/widget.js"


class LatentPlane(anywidget.AnyWidget):
    """The latent plane of one run, or of several of a data set, among which `run` chooses.

    Each trait can be set and observed; one that makes no sense is a TraitError of one line.
    """

    _esm = WEB / "hosts" / "notebook.js"
    _document = Unicode().tag(sync=True)
    _arrays = Dict().tag(sync=True)
    _height = Int().tag(sync=True)

    run = Unicode(help="the name of the run that is shown").tag(sync=True)
    z = AnyTrait(None, help="the code that is decoded, D numbers; None until the page is there").tag(sync=True)
    image = AnyTrait(None, help="number of the held-out image that is chosen, or None").tag(sync=True)
    selection = AnyTrait([], help="numbers of the held-out images that are selected together").tag(sync=True)

    def __init__(self, *folders: str | Path, images: bool = True, height: int = 900) -> None:
        """`folders` of runs, the first of which is shown at first; without the held-out `images` if these are private.

        `height` in pixels of the page. Raises CheckpointError for a run that cannot be shown without a server.
        """
        if not folders:
            raise CheckpointError("no run: name a folder, as checkpoints/mnist/elbo")
        found = runs_in([Path(folder) for folder in folders])
        if len(found.datasets) > 1:
            raise CheckpointError(f"runs of {' and '.join(found.datasets)}: a plane shows those of one data set")
        inside = contents(found, chosen_pages(["explore"]), images=images)
        (self._offered,) = inside.data["pages"]["explore"]["sets"].values()
        super().__init__(
            _document=document(replace(inside, arrays={}), HOST).decode("utf-16"),
            _arrays=inside.arrays,
            _height=height,
            run=Path(folders[0]).absolute().name,
        )

    @validate("run")
    def _valid_run(self, proposal: Bunch) -> str:
        run: str = proposal.value
        if run not in self._offered["runs"]:
            raise TraitError(f"run={run!r}: expected one of {', '.join(self._offered['runs'])}")
        return run

    @validate("z")
    def _valid_z(self, proposal: Bunch) -> list[float] | None:
        if proposal.value is None:
            return None
        z, dim = np.asarray(proposal.value), self._shape["dim"]
        if z.shape != (dim,) or z.dtype.kind not in "iuf" or not np.isfinite(z).all():
            raise TraitError(f"z: expected {dim} finite numbers, or None")
        return [float(value) for value in z]

    @validate("image")
    def _valid_image(self, proposal: Bunch) -> int | None:
        return None if proposal.value is None else self._numbers("image", [proposal.value])[0]

    @validate("selection")
    def _valid_selection(self, proposal: Bunch) -> list[int]:
        return sorted(set(self._numbers("selection", proposal.value)))

    @observe("run")
    def _other_run(self, _change: Bunch) -> None:
        if self.z is not None and len(self.z) != self._shape["dim"]:
            self.z = None

    @property
    def _shape(self) -> dict[str, Any]:
        """`dim` and `count`, the number of held-out images, of the run that is shown."""
        shape: dict[str, Any] = self._offered["shapes"][self.run]
        return shape

    def _numbers(self, name: str, images: Sequence[int]) -> list[int]:
        last = self._shape["count"] - 1
        found = np.asarray(images)
        if found.size == 0:
            return []
        if found.ndim != 1 or found.dtype.kind not in "iu" or found.min() < 0 or found.max() > last:
            raise TraitError(f"{name}: expected numbers of held-out images, 0 to {last}")
        return [int(number) for number in found]
