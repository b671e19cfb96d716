"""What collections pass over that Streamlit makes after each run, and what torch may take of the machine."""

from __future__ import annotations

import gc
import weakref

import pytest
import torch

from explorer import gc_freeze, models, spare_trainer


class Ring:
    """Garbage that only a collection finds."""

    def __init__(self) -> None:
        self.itself = self


def test_a_collection_looks_at_nothing_while_much_is_imported_and_at_all_that_comes_after_it() -> None:
    try:
        with gc_freeze.passed_over():
            passed = weakref.ref(Ring())
            gc.collect()
            assert passed()
        later = weakref.ref(Ring())
        gc.collect()
        assert not later()
    finally:
        gc.unfreeze()


def test_a_failed_import_leaves_collections_as_they_were() -> None:
    try:
        with pytest.raises(ImportError), gc_freeze.passed_over():
            raise ImportError
        later = weakref.ref(Ring())
        gc.collect()
        assert not later()
    finally:
        gc.unfreeze()


@pytest.mark.parametrize(("cores", "allowed", "threads"), [(8, 8, 7), (2, 2, 1), (1, 1, 1), (8, 3, 3)])
def test_torch_leaves_a_core_to_the_pages(
    monkeypatch: pytest.MonkeyPatch, cores: int, allowed: int, threads: int
) -> None:
    taken: list[int] = []
    monkeypatch.setattr(spare_trainer.os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
    monkeypatch.setattr(torch, "get_num_threads", lambda: allowed)
    monkeypatch.setattr(torch, "set_num_threads", taken.append)
    monkeypatch.setattr(gc_freeze, "settle", lambda: None)
    models._import_torch.cache_clear()
    models.need_torch()
    models.need_torch()
    assert taken == [threads]
