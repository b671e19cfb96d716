"""What Compare says of figures that are missing: the commands that give them, quoted as a shell needs it."""

from __future__ import annotations

from explorer.views.commands import Place
from explorer.views.compare import missing


def test_what_is_missing_is_named_for_the_shown_runs_only() -> None:
    whole, old = {"neighbour_accuracy": 0.9, "recognisable": 0.5}, {"elbo": -131.5}
    a, b = Place("checkpoints/mnist/a", "mnist"), Place("/my runs/pens/b", "ujipen:1")
    assert missing({"a": whole, "b": old}, {"a": a}, True, 10) == ""
    assert missing({"a": whole, "b": old}, {"a": a, "b": b}, True, 10).endswith(
        "python -m training evaluate '/my runs/pens/b' --save"
    )
    assert missing({"b": old}, {"b": b}, False, 10).endswith(
        "python -m training classifier --dataset ujipen:1 --out '/my runs/pens/classifier' && "
        "python -m training evaluate '/my runs/pens/b' --save"
    )
    assert missing({"b": old}, {"b": b}, False, 1) == "", "images without labels have neither figure"
