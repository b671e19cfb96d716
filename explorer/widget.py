"""The Explore page in a notebook, its state as traits: `pip install .[notebook]`.

    from explorer.widget import LatentPlane
    plane = LatentPlane("checkpoints/mnist/elbo")

Where a drag ends, Python observes; what Python sets, the page shows. It runs in a frame of its own, from the
modules of explorer/web alone: dragging needs no kernel. A notebook keeps that frame in its output, so the plane drags
in a saved one too: opened again without a kernel, or made into HTML.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any
from uuid import uuid4

import anywidget
import numpy as np
from traitlets import Any as AnyTrait
from traitlets import Bunch, TraitError, Unicode, observe, validate

from explorer.export.contents import contents
from explorer.export.document import framed
from explorer.export.places import chosen_pages
from explorer.export.runs import runs_in
from explorer.modules import WEB
from training.checkpoint import CheckpointError

HOST = "hosts/widget.js"
TRAITS = ("run", "z", "image", "selection")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
FRAME = """\
<iframe title="Latent plane" name="{name}" sandbox="allow-scripts allow-downloads" allow="clipboard-write"
  style="width: 100%; height: {height}px; border: 0; display: block" srcdoc="{page}">\
{title}: trust this notebook (jupyter trust FILE), and the plane is shown here.</iframe>"""  # read where frames are not


class LatentPlane(anywidget.AnyWidget):
    """The latent plane of one run, or of several of a data set, among which `run` chooses.

    Each trait can be set and observed; one that makes no sense is a TraitError of one line.
    """

    _esm = WEB / "hosts" / "notebook.js"
    _id = Unicode().tag(sync=True)
    _frame = Unicode(help="HTML, megabytes of it: once a view asks for it").tag(sync=True)

    run = Unicode(help="the name of the run that is shown").tag(sync=True)
    z = AnyTrait(None, help="the code that is decoded, D numbers; None until the page is there").tag(sync=True)
    image = AnyTrait(None, help="number of the held-out image that is chosen, or None").tag(sync=True)
    selection = AnyTrait([], help="numbers of the held-out images that are selected together").tag(sync=True)

    def __init__(self, *folders: str | Path, images: bool = True, height: int = 900, saved: bool = True) -> None:
        """`folders` of runs, the first of which is shown at first; without the held-out `images` if these are private.

        `height` in pixels of the page. Not `saved`, a notebook keeps no page in its output, and shows none later.
        Raises CheckpointError for a run that cannot be shown without a server.
        """
        if not folders:
            raise CheckpointError("no run: name a folder, as checkpoints/mnist/elbo")
        found = runs_in([Path(folder) for folder in folders])
        if len(found.datasets) > 1:
            raise CheckpointError(f"runs of {' and '.join(found.datasets)}: a plane shows those of one data set")
        inside = contents(found, chosen_pages(["explore"]), images=images)
        (self._offered,) = inside.data["pages"]["explore"]["sets"].values()
        self._page, self._height, self._saved = framed(inside, HOST), height, saved
        self._title = ", ".join(inside.titles)
        super().__init__(_id=uuid4().hex, run=Path(folders[0]).absolute().name)
        self.on_msg(self._told)

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """What a notebook's output keeps: the frame, which the widget is linked with as long as there is a kernel.

        JupyterLab shows a widget's view rather than HTML, and later says only that its model is not found: so there is
        no view beside. Colab and VS Code link no page but a view's.
        """
        found = super()._repr_mimebundle_(**options)
        if found and self._saved:
            found[0]["text/html"] = self._framed()
            if not ("google.colab" in sys.modules or "VSCODE_PID" in os.environ):
                del found[0][WIDGET_VIEW]
        return found

    def _told(self, _widget: Any, message: Any, _buffers: Any) -> None:
        """A view asks for its frame, or a page says at which z of which run it has begun."""
        if message == "frame":
            self._frame = self._framed()
        elif self.z is None and message["run"] == self.run:
            self.z = message["z"]

    def _framed(self) -> str:
        """The page as the traits are now."""
        traits = {name: getattr(self, name) for name in TRAITS}
        name = json.dumps({"latentPlane": self._id, "traits": traits})
        return FRAME.format(name=escape(name), height=self._height, page=escape(self._page), title=escape(self._title))

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
