"""Images made black and white: one fixed draw, the same in Python and the browser, or drawn anew in training."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explorer import loader
from tests.interrupted import assert_resume_ends_in_the_same_bits
from tests.javascript import JavaScript
from training import checkpoint
from training.aevb import Trainer, Watcher
from training.data.binarize import as_modelled, fixed_draw
from training.data.datasets import ImageData, load_dataset
from training.errors import UserError
from training.options import FitOptions, with_defaults
from training.run import fit

CPU = torch.device("cpu")


def _options(**changes: Any) -> FitOptions:
    return FitOptions(**{"out": Path("x"), "dataset": "digits", "hidden_dims": (16,), "epochs": 2, **changes})


@pytest.fixture(scope="module")
def digits() -> ImageData:
    return load_dataset("digits", Path("unused"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A quickly trained run of binary pixels, its own data set's first."""
    out = tmp_path_factory.mktemp("binary") / "digits" / "binary"
    fit(_options(out=out, binarize="stochastic", frames=0))
    return out


class Looking(Watcher):
    """Keeps what each step is of: places among the training images, in order, and the images."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[np.ndarray, torch.Tensor]] = []

    def drawn(self, trainer: Trainer, x: torch.Tensor, noise: torch.Tensor, y: torch.Tensor | None) -> None:  # noqa: ARG002
        order = np.argsort(trainer.chosen)
        self.seen.append((trainer.chosen[order], x[order]))


def _mulberry32(seed: int) -> Any:
    """The generator as its author wrote it, number by number."""
    state = seed
    while True:
        state = (state + 0x6D2B79F5) % 2**32
        t = (state ^ (state >> 15)) * (state | 1) % 2**32
        t ^= (t + (t ^ (t >> 7)) * (t | 61) % 2**32) % 2**32
        yield ((t ^ (t >> 14)) % 2**32 + 0.5) / 2**32


def test_the_draw_is_by_the_grey_value_and_hangs_on_the_image_alone(digits: ImageData) -> None:
    images = digits.test.images
    drawn = fixed_draw(images)
    assert set(np.unique(drawn)) == {0, 255}
    seed = 2166136261
    for value in images[3].tobytes():
        seed = (seed ^ value) * 16777619 % 2**32
    uniform = _mulberry32(seed)
    expected = [255 if next(uniform) < value / 255 else 0 for value in images[3].tobytes()]
    assert drawn[3].flatten().tolist() == expected
    np.testing.assert_array_equal(fixed_draw(images[3:4])[0], drawn[3])
    grey = (images > 0) & (images < 255)
    error = math.sqrt((images[grey] / 255 * (1 - images[grey] / 255)).sum()) / 255 * 255
    assert abs(drawn[grey].sum() / 255 - images[grey].sum() / 255) < 4 * error


def test_the_browser_draws_the_same_image(javascript: JavaScript, digits: ImageData) -> None:
    images = digits.test.images[:20]
    found = javascript.evaluate(
        """async (images) => {
          const { fixedDraw } = await import("/assets/maths/binarize.js");
          return images.map((image) => Array.from(fixedDraw(image.map((v) => v / 255))));
        }""",
        images.reshape(20, -1).tolist(),
    )
    np.testing.assert_array_equal(np.array(found) * 255, fixed_draw(images).reshape(20, -1))


def test_a_run_is_evaluated_on_the_fixed_draw_and_trained_on_new_ones(digits: ImageData) -> None:
    trainer = Trainer(_options(binarize="stochastic"), digits, CPU)
    np.testing.assert_array_equal(trainer.validation_images.numpy(), fixed_draw(digits.validation.images))
    looking = Looking()
    trainer.run(lambda _: None, looking)
    first, again = [x[0] for chosen, x in looking.seen if chosen[0] == 0]
    assert set(first.unique().tolist()) <= {0.0, 1.0}
    assert not torch.equal(first, again)
    assert as_modelled(digits, "none") is digits


def test_fixed_training_sees_one_draw(digits: ImageData) -> None:
    few = dataclasses.replace(digits, train=dataclasses.replace(digits.train, images=digits.train.images[:8]))
    few = dataclasses.replace(few, train=dataclasses.replace(few.train, labels=few.train.labels[:8], columns={}))
    looking = Looking()
    Trainer(_options(binarize="fixed"), few, CPU).run(lambda _: None, looking)
    assert len(looking.seen) == 2
    for _, x in looking.seen:
        np.testing.assert_array_equal(x.numpy() * 255, fixed_draw(few.train.images))


def test_resume_goes_on_with_the_same_draws(digits: ImageData) -> None:
    assert_resume_ends_in_the_same_bits(_options(binarize="stochastic", batch_size=64), digits)


def test_terms_are_of_the_binary_images(run: Path, digits: ImageData) -> None:
    config, model = checkpoint.verify(run), checkpoint.load_model(run)
    assert config.binarize == "stochastic"
    assert len(checkpoint.load_trajectory(run)["epoch"]) == 2  # the untrained one, and the last
    x = torch.from_numpy(fixed_draw(digits.gallery.images)).float() / 255
    with torch.no_grad():
        mu, _ = model.encode(x)
    np.testing.assert_allclose(checkpoint.load_latents(run)["mu"], mu.numpy(), atol=1e-5)


def test_the_browser_encodes_and_weighs_the_binary_image(
    run: Path, digits: ImageData, javascript: JavaScript, run_file: Any
) -> None:
    image = digits.gallery.images[4]
    mu, log_p = javascript.evaluate(
        """async ([encoder, decoder, pixels]) => {
          const { Encoder } = await import("/assets/network/encoder.js");
          const { Decoder } = await import("/assets/network/decoder.js");
          const { LogLikelihood } = await import("/assets/network/log_likelihood.js");
          const { fetchSafetensors } = await import("/assets/network/safetensors.js");
          const { mu } = (await Encoder.fetch(encoder)).encode(pixels);
          const { tensors, metadata } = await fetchSafetensors(decoder);
          return [mu, new LogLikelihood(new Decoder(tensors, metadata), pixels).at(mu)];
        }""",
        [run_file(run, "encoder"), run_file(run, "decoder"), (image / 255).flatten().tolist()],
    )
    model, x = checkpoint.load_model(run), torch.from_numpy(fixed_draw(image[None])).float() / 255
    with torch.no_grad():
        expected, _ = model.encode(x)
        np.testing.assert_allclose(mu, expected[0].numpy(), atol=1e-5)
        assert log_p == pytest.approx(-model.reconstruction(x, expected).item(), abs=1e-3)


def test_grey_pixels_are_known_as_such(run: Path, trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def is_cross_entropy(path: Path) -> bool:
        monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(path.parent.parent))
        found = loader.catalog().find(path.parent.name, path.name)
        assert found
        return loader.is_cross_entropy(found)

    assert not is_cross_entropy(run)
    assert is_cross_entropy(trained / "digits" / "elbo")
    assert not is_cross_entropy(trained / "digits" / "conv")  # a continuous Bernoulli


def test_other_likelihoods_are_refused_and_old_recipes_are_read() -> None:
    with pytest.raises(UserError, match="--binarize fixed: pixels of 0 and 1 need --likelihood bernoulli"):
        _options(binarize="fixed", likelihood="gaussian")
    old = {name: value for name, value in _options().recipe().items() if name not in ("binarize", "frames")}
    assert FitOptions.from_recipe(Path("x"), old).binarize == "none"
    assert with_defaults(old)["binarize"] == "none"


def test_no_images_are_drawn_as_none() -> None:
    assert fixed_draw(np.zeros((0, 1, 8, 8), np.uint8)).shape == (0, 1, 8, 8)  # of the last minibatch, in two processes
