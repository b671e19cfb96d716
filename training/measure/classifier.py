"""A small network that names the class of an image, or says that it shows none: `python -m training classifier`.

The explorer asks it whether what a decoder drew is an image of the data set at all, so it has one class more than the
data set, "none of them", trained on non-images made from real ones.
"""

from __future__ import annotations

import itertools
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from tqdm import tqdm

from training import atomic, classifier_folder
from training.aevb import schedule
from training.data.datasets import ImageData, load_dataset
from training.device import choose_device
from training.errors import UserError, one_line
from training.file_lock import held
from training.measure.definitions import RECOGNISED
from training.measure.evaluation import as_pixels, portion
from training.model.architectures import CLASSIFIER_CHANNELS, classifier_layers
from training.model.network import module
from training.options import ClassifierOptions, size_of
from training.regular_file import CheckpointError

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEFINITIONS = {
    "accuracy": "share of test images whose likeliest class, of the data set's, is their label",
    "accuracy_with_rejection": 'share of test images whose likeliest answer, "none of them" included, is their label',
    "recognised_images": f"share of test images in which it sees a class with {RECOGNISED:.0%} or more",
    "rejected_images": "share of test images taken for none of the classes",
    "rejected_non_images": "share of non-images, made from the test images, taken for none of the classes",
}
# How far half of the training images are turned (radians), stretched and shifted (shares of their size).
MAX_TURN, MAX_STRETCH, MAX_SHIFT = 0.12, 0.1, 0.08
IMAGES_TO_A_NON_IMAGE = 6  # in training
MOST_REFUSED = 0.005  # of the validation images
CANDIDATES = 8  # images of which the least alike is laid over another


class Classifier(nn.Module):
    """Images (N, C, H, W) in [0, 1] to logits (N, K + 1): K classes, then "none of them".

    `features` gives the (N, 128) activations before the last layer.
    """

    def __init__(
        self, image_shape: tuple[int, int, int], classes: int, channels: Sequence[int] = CLASSIFIER_CHANNELS
    ) -> None:
        super().__init__()
        self.layers = nn.Sequential(*map(module, classifier_layers(image_shape, classes, channels)))

    def features(self, x: Tensor) -> Tensor:
        """(N, 128), at least 0."""
        hidden: Tensor = self.layers[:-1](x)
        return hidden

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, K + 1)."""
        logits: Tensor = self.layers(x)
        return logits


def train_classifier(options: ClassifierOptions) -> dict[str, Any]:
    """Train on the training images, measure on the test images, write `options.out`; returns its record.

    Raises UserError, before it trains, for an --out that cannot be written or that holds what is not a classifier's.
    """
    with held(options.out):
        own = classifier_folder.FILES if classifier_folder.is_classifier(options.out) else ()
        atomic.refuse_foreign(options.out, own)
        return _train(options)


def _train(options: ClassifierOptions) -> dict[str, Any]:
    data = load_dataset(options.dataset, options.data_dir, size_of(options.image_size))
    labelled = data.labelled(data.train)
    if not len(labelled) or not len(data.labelled(data.test)):
        raise UserError(f"--dataset {data.name}: has no labelled images to train on, or none to test on")
    device = choose_device(options.device)
    torch.manual_seed(options.seed)
    model = Classifier(data.image_shape, len(data.classes))
    normed = _normed(model).to(device).to(memory_format=torch.channels_last)  # a third faster on a CPU
    optimizer = torch.optim.AdamW(normed.parameters(), lr=options.learning_rate, weight_decay=0.05)
    starts = [start for _ in range(options.epochs) for start in range(0, len(labelled), options.batch_size)]
    order = np.empty(0, np.int64)
    for step, start in enumerate(tqdm(starts, unit=" steps", mininterval=0.2)):
        if start == 0:
            order = labelled[torch.randperm(len(labelled)).numpy()]
        for group in optimizer.param_groups:
            group["lr"] = options.learning_rate * schedule("one-cycle", step / len(starts))
        chosen = order[start : start + options.batch_size]
        real = as_pixels(torch.from_numpy(data.train.take(chosen)).to(device))
        label = torch.from_numpy(data.train.labels[chosen]).to(device)
        few = slice(max(len(real) // IMAGES_TO_A_NON_IMAGE, 1))
        fakes = non_images(real[few], label[few])
        x = torch.cat([augment(real, options.mirror), fakes])
        none_of_them = torch.full((len(fakes),), len(data.classes), device=device)
        logits = normed(x.to(memory_format=torch.channels_last))
        loss = F.cross_entropy(logits, torch.cat([label, none_of_them]))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    _fold(normed.eval())
    _calibrate(model.eval(), torch.from_numpy(data.validation.images).to(device))
    return _finish(options, data, model)


def _normed(model: Classifier) -> nn.Sequential:
    """The model's own layers, with a batch normalisation after each convolution while it is trained."""
    layers: list[nn.Module] = []
    for layer in model.layers:
        layers.append(layer)
        if isinstance(layer, nn.Conv2d):
            layers.append(nn.BatchNorm2d(layer.out_channels))
    return nn.Sequential(*layers)


@torch.no_grad()
def _fold(normed: nn.Sequential) -> None:
    """Let each convolution do what the batch normalisation after it does, which then changes nothing."""
    for conv, norm in itertools.pairwise(normed):
        if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            assert conv.bias is not None
            assert norm.running_mean is not None
            assert norm.running_var is not None
            scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            conv.weight *= scale[:, None, None, None]
            conv.bias.copy_((conv.bias - norm.running_mean) * scale + norm.bias)


@torch.no_grad()
def _calibrate(model: Classifier, images: Tensor) -> None:
    """Make "none of them" less likely, for every image alike, until few of these real ones (N, C, H, W) are refused."""
    last = model.layers[-1]
    assert isinstance(last, nn.Linear)
    if len(images):
        logits = torch.cat([model(as_pixels(batch)) for batch in torch.split(images, portion(images.shape[1:]))])
        ahead = logits[:, -1] - logits[:, :-1].amax(1)
        last.bias[-1] -= torch.quantile(ahead, 1 - MOST_REFUSED).clamp(min=0)


def _finish(options: ClassifierOptions, data: ImageData, model: Classifier) -> dict[str, Any]:
    # Half the size, and measured so.
    weights = {name: value.cpu().half().contiguous() for name, value in model.state_dict().items()}
    model.load_state_dict(weights)
    torch.manual_seed(options.seed + 1)
    labelled = data.labelled(data.test)
    test = torch.from_numpy(data.test.images[labelled]).to(next(model.parameters()).device)
    truth = data.test.labels[labelled]
    size = portion(data.image_shape)
    label = torch.from_numpy(truth).to(test.device)
    batches = zip(torch.split(test, size), torch.split(label, size), strict=True)
    fakes = torch.cat([non_images(as_pixels(images), classes) for images, classes in batches])
    probabilities, none_of_them = classify(model, test), len(data.classes)
    record = {
        "dataset": data.name,
        "classes": list(data.classes),
        "image_shape": list(data.image_shape),
        **shares(probabilities, truth),
        "rejected_non_images": _share(classify(model, fakes).argmax(1) == none_of_them),
        "definitions": DEFINITIONS,
        "images": len(labelled),
        "split": data.split["test"],
        "source": data.source,
        "licence": data.licence,
        "epochs": options.epochs,
        "seed": options.seed,
        "versions": {"python": platform.python_version(), "torch": version("torch")},
    }
    return classifier_folder.write_classifier(
        options.out, {name: value.numpy() for name, value in weights.items()}, record
    )


def shares(probabilities: NDArray[np.float32], truth: NDArray[np.integer[Any]]) -> dict[str, float]:
    """What DEFINITIONS says of test images, from their probabilities (N, K + 1) and their labels (N,)."""
    none_of_them = probabilities.shape[1] - 1
    return {
        "accuracy": _share(probabilities[:, :none_of_them].argmax(1) == truth),
        "accuracy_with_rejection": _share(probabilities.argmax(1) == truth),
        "recognised_images": _share(probabilities[:, :none_of_them].max(1) >= RECOGNISED),
        "rejected_images": _share(probabilities.argmax(1) == none_of_them),
    }


def _share(hits: NDArray[np.bool_]) -> float:
    return round(float(hits.mean()), 4)


@torch.no_grad()
def classify(model: Classifier, images: Tensor) -> NDArray[np.float32]:
    """Probabilities (N, K + 1) for images (N, C, H, W), uint8 or float32 in [0, 1]; the last is "none of them"."""
    parts = [
        model(batch if batch.is_floating_point() else as_pixels(batch)).softmax(1)
        for batch in torch.split(images, portion(images.shape[1:]))
    ]
    return np.asarray(torch.cat(parts).cpu().numpy())


def load_classifier(path: Path) -> tuple[Classifier, dict[str, Any]]:
    """The network in evaluation mode and its record; raises CheckpointError."""
    record, weights = classifier_folder.load_classifier(path)
    channels, height, width = record["image_shape"]
    try:
        with torch.device("meta"):  # shapes only: they may be of any size until they are those of the weights
            model = Classifier((channels, height, width), len(record["classes"]), classifier_folder.channels(weights))
        model.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()}, assign=True)
    except RuntimeError as error:
        raise CheckpointError(f"{path / classifier_folder.WEIGHTS}: {one_line(error)}") from error
    return model.eval(), record


def augment(x: Tensor, mirror: bool = False) -> Tensor:
    """Images, half of them turned, scaled and shifted a little, half blurred as a decoder does: the class is as before.

    With `mirror`, half of them are mirrored left to right too.
    """
    count, device = len(x), x.device
    angle, scale, shift_x, shift_y = (2 * torch.rand(4, count, device=device) - 1) * torch.tensor(
        [[MAX_TURN], [MAX_STRETCH], [MAX_SHIFT], [MAX_SHIFT]], device=device
    )
    cos, sin = torch.cos(angle) * (1 + scale), torch.sin(angle) * (1 + scale)
    maps = torch.stack([torch.stack([cos, -sin, shift_x], 1), torch.stack([sin, cos, shift_y], 1)], 1)
    moved = F.grid_sample(x, F.affine_grid(maps, list(x.shape), align_corners=False), align_corners=False)
    x = torch.where(torch.rand(count, 1, 1, 1, device=device) < 0.5, moved, x)
    if mirror:
        x = torch.where(torch.rand(count, 1, 1, 1, device=device) < 0.5, x.flip(3), x)
    blurred = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    share = torch.rand(count, 1, 1, 1, device=device) * (torch.rand(count, 1, 1, 1, device=device) < 0.5)
    return torch.lerp(x, blurred, share)


def non_images(x: Tensor, label: Tensor) -> Tensor:
    """As many images (N, C, H, W) that show no class: means of several classes, shuffled blocks, noise, flat grey."""
    count = len(x)
    parts = [_means(x, label), _shuffled_blocks(x), _noise(x), torch.rand(count, 1, 1, 1, device=x.device).expand_as(x)]
    weights = torch.tensor([0.6, 0.2, 0.15, 0.05])
    kind = torch.multinomial(weights, count, replacement=True).to(x.device)
    return torch.stack(parts)[kind, torch.arange(count, device=x.device)]


def _means(x: Tensor, label: Tensor) -> Tensor:
    """Two images of different classes laid over each other, or the blur of many: what lies between clusters.

    The two are unlike each other: a shirt over a coat may still be a coat.
    """
    count = len(x)
    candidates = torch.randint(0, count, (count, CANDIDATES), device=x.device)
    apart = (x[candidates] - x[:, None]).abs().flatten(2).mean(2) * (label[candidates] != label[:, None])
    other = candidates[torch.arange(count, device=x.device), apart.argmax(1)]
    share = 0.4 + 0.2 * torch.rand(count, 1, 1, 1, device=x.device)
    pair = torch.lerp(x, x[other], share)
    pair = torch.where((label[other] == label)[:, None, None, None], x.mean(0, keepdim=True), pair)
    members = torch.randint(3, 17, (count,), device=x.device)
    table = torch.randint(0, count, (count, 16), device=x.device)
    weight = (torch.arange(16, device=x.device) < members[:, None]).float()
    many = torch.einsum("nk,nkchw->nchw", weight / weight.sum(1, keepdim=True), x[table])
    use_pair = torch.rand(count, 1, 1, 1, device=x.device) < 0.5
    return torch.where(use_pair, pair, many)


def _shuffled_blocks(x: Tensor) -> Tensor:
    """The four quarters in another order."""
    half = x.shape[2] // 2, x.shape[3] // 2
    return torch.roll(x, shifts=half, dims=(2, 3)).flip(3 if torch.rand(()) < 0.5 else 2)


def _noise(x: Tensor) -> Tensor:
    noise = torch.rand_like(x) ** (0.5 + 4 * torch.rand(len(x), 1, 1, 1, device=x.device))
    smooth = F.avg_pool2d(F.pad(noise, (2, 2, 2, 2), mode="replicate"), 5, stride=1)
    return torch.lerp(noise, smooth, torch.rand(len(x), 1, 1, 1, device=x.device))
