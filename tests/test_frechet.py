"""Frechet distances against the closed form of Gaussians, and the gate of Inception."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from torch import Tensor

from training.measure import frechet
from training.measure.classifier import Classifier
from training.measure.frechet import classifier_distance, inception_weights

Array = np.ndarray


def _distance(mean: Array, covariance: Array, other_mean: Array, other_covariance: Array) -> float:
    """Eq. 31, as it is written."""
    root = sqrtm(covariance @ other_covariance)
    return float(((mean - other_mean) ** 2).sum() + np.trace(covariance + other_covariance - 2 * root.real))


class _Given(Classifier):
    """Its features are numbers that the pixels hold: 128 of them."""

    def __init__(self) -> None:
        super().__init__((1, 8, 16), 2)

    def features(self, x: Tensor) -> Tensor:
        return x.flatten(1)


def _sample(mean: Array, factor: Array, count: int, seed: int) -> Tensor:
    """Points whose sample mean and covariance are exactly these."""
    white = np.random.default_rng(seed).standard_normal((count, len(mean)))
    white -= white.mean(0)
    white = np.linalg.solve(np.linalg.cholesky(np.cov(white.T)), white.T).T
    return torch.from_numpy(mean + white @ factor.T).float().view(count, 1, 8, 16)


def test_gaussians_have_the_closed_form() -> None:
    rng = np.random.default_rng(0)
    means, factors = rng.normal(size=(2, 128)), rng.normal(size=(2, 128, 128)) / np.sqrt(128)
    real, decoded = (_sample(means[i], factors[i], 2500, i) for i in range(2))
    expected = _distance(means[0], factors[0] @ factors[0].T, means[1], factors[1] @ factors[1].T)
    assert classifier_distance(_Given(), real, decoded) == pytest.approx(expected, rel=1e-3)


def test_commuting_gaussians_need_no_matrix_root() -> None:
    # For S = s^2 I and S' = t^2 I the distance is |m - m'|^2 + 128 (s - t)^2.
    real = _sample(np.zeros(128), 0.5 * np.eye(128), 600, 0)
    decoded = _sample(np.full(128, 0.1), 0.2 * np.eye(128), 600, 1)
    assert classifier_distance(_Given(), real, decoded) == pytest.approx(128 * (0.01 + 0.09), rel=1e-3)


def test_equal_images_are_at_distance_zero_whatever_their_type() -> None:
    torch.manual_seed(0)
    judge = Classifier((1, 8, 8), 10)
    images = torch.randint(0, 256, (700, 1, 8, 8), dtype=torch.uint8)
    assert classifier_distance(judge, images, images.float() / 255) == pytest.approx(0, abs=1e-4)


def test_real_features_agree_with_the_formula_and_with_torchmetrics() -> None:
    from torchmetrics.image.fid import FrechetInceptionDistance  # not in each worker that collects this

    torch.manual_seed(1)
    judge = Classifier((1, 8, 8), 10).train()  # dropout must be off for the measurement
    real, decoded = torch.rand(800, 1, 8, 8), torch.rand(900, 1, 8, 8) ** 2
    found = classifier_distance(judge, real, decoded)
    with torch.no_grad():
        features = [judge.eval().features(x).double().numpy() for x in (real, decoded)]
    moments = [part for f in features for part in (f.mean(0), np.cov(f.T) + 1e-10 * np.eye(f.shape[1]))]
    assert found == pytest.approx(_distance(*moments), rel=1e-2)

    class Network(torch.nn.Module):
        num_features = 128

        def forward(self, x: Tensor) -> Tensor:
            return judge.features(x)

    metric = FrechetInceptionDistance(Network(), normalize=True)
    with torch.no_grad():
        metric.update(real, real=True)
        metric.update(decoded, real=False)
    assert found == pytest.approx(metric.compute().item(), rel=1e-4)


def test_inception_is_for_colour_images_and_weights_that_are_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(frechet, "find_spec", lambda name: object())
    assert inception_weights(3) is None
    file = frechet.Path(str(tmp_path)) / "checkpoints" / frechet.INCEPTION_WEIGHTS
    file.parent.mkdir()
    file.touch()
    assert inception_weights(3) == file
    assert inception_weights(1) is None
    monkeypatch.setattr(frechet, "find_spec", lambda name: None)
    assert inception_weights(3) is None
