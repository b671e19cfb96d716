"""The measurement of variance against latent dimension: whole, repeatable, and refused when it is not what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.contents import resealed
from tests.server import ROOT
from training.checkpoint import CheckpointError
from training.errors import UserError
from training.measure.variance_by_dimension import measure_variances
from training.measure.variance_files import DEFINITIONS, load_variances
from training.options import GradientVarianceOptions


@pytest.fixture(scope="module")
def measurement(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("variances") / "new" / "gradient-variance.json"
    measure_variances(GradientVarianceOptions(out=out, dataset="digits", latent_dims=(1, 3), seeds=2, epochs=1))
    return out


def test_every_dimension_and_seed_is_measured(measurement: Path) -> None:
    result = load_variances(measurement)
    assert [(point["latent_dim"], point["seed"]) for point in result["points"]] == [(1, 0), (1, 1), (3, 0), (3, 1)]
    assert result["training"]["dataset"] == "digits"
    assert "latent_dim" not in result["training"]
    for point in result["points"]:
        for name in DEFINITIONS:
            variances = point[name]
            assert variances["none"] > variances["mean"] > variances["expected"] > variances["reparameterization"] > 0


def test_what_is_not_such_a_measurement_is_refused(measurement: Path, tmp_path: Path) -> None:
    good = json.loads(measurement.read_text(encoding="utf-8"))
    file = tmp_path / "gradient-variance.json"
    nameless = [{name: value for name, value in good["points"][0].items() if name != "mean"}]
    for bad in ("{", "[]", {**good, "format_version": 3}, {**good, "points": []}, {**good, "points": nameless}):
        file.write_bytes(bad.encode() if isinstance(bad, str) else resealed(bad))
        with pytest.raises(CheckpointError, match=r"gradient-variance\.json: .*; make it anew: python"):
            load_variances(file)


def test_options_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="must be a whole number from 1"):
        GradientVarianceOptions(out=tmp_path / "a.json", latent_dims=(0,))
    with pytest.raises(UserError, match="is a folder"):
        GradientVarianceOptions(out=tmp_path)


def test_the_shipped_measurement_is_whole() -> None:
    result = load_variances(ROOT / "checkpoints" / "mnist" / "gradient-variance.json")
    assert {point["latent_dim"] for point in result["points"]} == {1, 2, 5, 10, 20, 50}
    assert result["definitions"] == DEFINITIONS
