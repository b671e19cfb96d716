"""The Frechet distance of decoded images from real ones (Eq. 31), as a feature network sees them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from training.measure.classifier import Classifier
from training.measure.evaluation import as_pixels, portion
from training.model.architectures import CLASSIFIER_FEATURES

if TYPE_CHECKING:
    from torchmetrics.image.fid import FrechetInceptionDistance

INCEPTION_WEIGHTS = "weights-inception-2015-12-05-6726825d.pth"  # as torch-fidelity names the file it downloads


class _Features(nn.Module):
    """A classifier as torchmetrics wants a feature network."""

    num_features = CLASSIFIER_FEATURES

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.classifier = classifier.eval()

    def forward(self, x: Tensor) -> Tensor:
        """(N, 128) of images (N, C, H, W) in [0, 1]."""
        return self.classifier.features(x)


def classifier_distance(classifier: Classifier, real: Tensor, decoded: Tensor) -> float:
    """|m - m'|^2 + tr(S + S' - 2 (S S')^(1/2)) of the classifier's 128 features, their means m and covariances S.

    `real` (N, C, H, W), `decoded` (M, C, H, W): uint8, or float32 in [0, 1]; at least 2 each. Not comparable with the
    usual FID, which is that of Inception.
    """
    return _distance(_metric(_Features(classifier)), real, decoded)


def inception_distance(weights: Path, real: Tensor, decoded: Tensor) -> float:
    """The same of Inception's 2,048 features: the usual FID, for colour images."""
    return _distance(_metric(2048, feature_extractor_weights_path=str(weights)), real, decoded)


def inception_weights(channels: int) -> Path | None:
    """Inception's weights if the images are in colour and the file is there already; nothing is downloaded."""
    file = Path(torch.hub.get_dir()) / "checkpoints" / INCEPTION_WEIGHTS
    return file if channels == 3 and find_spec("torch_fidelity") and file.exists() else None


def _metric(features: int | nn.Module, **options: Any) -> FrechetInceptionDistance:
    from torchmetrics.image.fid import FrechetInceptionDistance  # takes seconds to import, a compiler along with it

    return FrechetInceptionDistance(features, normalize=True, **options)


@torch.no_grad()
def _distance(metric: FrechetInceptionDistance, real: Tensor, decoded: Tensor) -> float:
    metric = metric.to(real.device)
    for images, is_real in ((real, True), (decoded, False)):
        for batch in torch.split(images, portion(images.shape[1:])):
            metric.update(batch if batch.is_floating_point() else as_pixels(batch), real=is_real)
    return max(0.0, float(metric.compute()))
