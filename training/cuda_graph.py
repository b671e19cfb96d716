"""Work on a GPU, recorded once as a CUDA graph and replayed: one launch, where a step of training takes a hundred.

Those take the CPU longer than the kernels take the GPU (benchmarks/gpu.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor


class CudaGraph:
    """`work` on tensors of the shapes of `inputs`, to be called with others; it must not read a number from the GPU.

    What work makes anew each time (gradients) and what it changes (weights, moments) are at the same place ever after.
    To be made and called within `own_stream`.
    """

    def __init__(self, work: Callable[..., Tensor], inputs: Sequence[Tensor | None]) -> None:
        self.inputs = [None if one is None else one.clone() for one in inputs]
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph, stream=torch.cuda.current_stream()):
            self.output = work(*self.inputs)

    def __call__(self, *inputs: Tensor | None) -> Tensor:
        """What `work` returns for `inputs`."""
        for own, given in zip(self.inputs, inputs, strict=True):
            if own is not None and given is not None:
                own.copy_(given)
        self.graph.replay()
        return self.output.clone()


@contextmanager
def own_stream(device: torch.device) -> Iterator[None]:
    """On CUDA, what is done within goes through a stream other than the default one, on which nothing is recorded."""
    if device.type != "cuda":
        yield
        return
    around = torch.cuda.current_stream(device)
    stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    stream.wait_stream(around)
    try:
        with torch.cuda.stream(stream):
            yield
    finally:
        around.wait_stream(stream)
