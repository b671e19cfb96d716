"""Which images are held out: the plain shuffle where that serves every class, else as near to it as does."""

import numpy as np
import pytest

from training.data.image_data import MAX_GALLERY_BYTES, MAX_HELD_OUT
from training.data.partition import partition

UNDECIDED = ""


def test_the_shuffle_is_as_it_was_where_it_serves_every_class() -> None:
    number = np.arange(500) % 5
    parts = partition(number, [UNDECIDED] * 500, 784)
    order = np.random.default_rng(0).permutation(500)
    for part, expected in (("validation", order[:50]), ("test", order[50:100]), ("train", order[100:])):
        assert np.array_equal(parts[part], expected)


@pytest.mark.parametrize("sizes", [[2] * 200, [400, 2, 2, 3], [1] * 5 + [60], [1] * 100 + [10], [30, 2], [1] * 40])
def test_every_image_has_one_part_and_every_class_its_due(sizes: list[int]) -> None:
    number = np.repeat(np.arange(len(sizes)), sizes)
    parts = partition(number, [UNDECIDED] * len(number), 784)
    assert sorted(np.concatenate(list(parts.values())).tolist()) == list(range(len(number)))
    assert all(map(len, parts.values()))
    if max(sizes) == 1:
        return
    held = set(number[np.concatenate([parts["validation"], parts["test"]])].tolist())
    assert held == {label for label, size in enumerate(sizes) if size > 1 and label in held}
    assert held >= {label for label, size in enumerate(sizes) if size > 1}
    assert set(number[parts["train"]].tolist()) == set(range(len(sizes)))


def test_what_was_given_as_test_or_validation_is_never_trained_on() -> None:
    number, given = np.arange(90) % 3, np.array(["train", "test", "validation"]).repeat(30)
    for taken in ([0, 1, 2], [0, 1], [0, 2]):
        chosen = np.isin(np.arange(90) // 30, taken)
        where = np.flatnonzero(chosen)
        parts = partition(number[chosen], given[chosen].tolist(), 784)
        assert set(given[where[parts["train"]]]) == {"train"}
        for part in ("validation", "test"):
            assert set(given[where[parts[part]]]) == ({part} if part in given[chosen] else {"train"})


def test_few_fit_into_the_gallery_and_each_class_is_among_them() -> None:
    number = np.array([0] * 940 + [1, 1, 2, 2, 3, 3])
    most = 8
    parts = partition(number, [UNDECIDED] * len(number), MAX_GALLERY_BYTES // most)
    assert set(number[parts["validation"][:most]].tolist()) == {0, 1, 2, 3}
    given = ["train"] * 800 + ["validation"] * 146
    parts = partition(number, given, MAX_GALLERY_BYTES // most)
    assert set(number[parts["validation"][:most]].tolist()) == {0, 1, 2, 3}
    assert len(partition(np.zeros(20_000), ["train"] * 9_000 + ["test"] * 11_000, 1)["test"]) == MAX_HELD_OUT


def test_all_of_one_part_is_no_split() -> None:
    parts = partition(np.zeros(40, np.int64), ["test"] * 40, 784)
    assert tuple(map(len, parts.values())) == (32, 4, 4)
