"""A conditional VAE: encoder and decoder are given the class; its terms against torch written on its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.distributions import Bernoulli, Independent, MultivariateNormal, Normal, kl_divergence

from explorer import loader
from tests.arrays import compute
from tests.javascript import JavaScript
from training import checkpoint
from training.errors import UserError
from training.gradient import GradientEstimator
from training.measure.bounds import importance_weighted_bounds
from training.measure.evaluation import by_class, encode_all, terms_of
from training.measure.slow_metrics import slow_metrics
from training.model.imported import import_model
from training.model.spec import ModelSpec
from training.model.vae import VAE
from training.options import FitOptions, ImportOptions
from training.run import fit

CLASSES = 3
MLP = FitOptions(out=Path("x"), hidden_dims=(7, 5), decoder_hidden_dims=(6,), condition="label", activation="relu")
CONV = FitOptions(out=Path("x"), architecture="conv", hidden_dims=(3, 4), latent_dim=3, condition="label")


def _model(options: FitOptions, shape: tuple[int, int, int] = (1, 4, 4)) -> VAE:
    torch.manual_seed(0)
    return VAE(options.model_spec(shape, CLASSES)).eval()


def _batch(shape: tuple[int, int, int] = (1, 4, 4), count: int = 5) -> tuple[Tensor, np.ndarray, Tensor]:
    generator = torch.Generator().manual_seed(1)
    labels = np.array([0, 2, 1, 2, 0])[:count]
    return torch.rand(count, *shape, generator=generator), labels, F.one_hot(torch.from_numpy(labels), CLASSES).float()


def _linear(model: nn.Module, number: int, values: Tensor) -> Tensor:
    state = model.state_dict()
    return values @ state[f"{number}.weight"].T + state[f"{number}.bias"]


def test_its_elbo_is_that_of_torch_s_own_distributions() -> None:
    model, (x, labels, y) = _model(MLP), _batch()
    # Layers: 0 reshape, 1 concat, 2 and 4 hidden, 6 mu and log_var; of the decoder 0 concat, 1 hidden, 3 logits.
    hidden = torch.cat([x.flatten(1), y], dim=1)
    for number in (2, 4):
        hidden = _linear(model.encoder, number, hidden).relu()
    mu, log_var = _linear(model.encoder, 6, hidden).chunk(2, dim=1)
    posterior = Independent(Normal(mu, (0.5 * log_var).exp()), 1)
    noise = torch.randn(5, 2, generator=torch.Generator().manual_seed(2))
    z = mu + posterior.stddev * noise
    logits = _linear(model.decoder, 3, _linear(model.decoder, 1, torch.cat([z, y], dim=1)).relu())
    log_likelihood = Independent(Bernoulli(logits=logits, validate_args=False), 1).log_prob(x.flatten(1))
    kl = kl_divergence(posterior, Independent(Normal(torch.zeros(5, 2), torch.ones(5, 2)), 1))
    terms = model.terms(x, noise, model.classes_of(labels))
    torch.testing.assert_close(terms.reconstruction, -log_likelihood)
    torch.testing.assert_close(terms.kl, kl)
    torch.testing.assert_close(terms.elbo, log_likelihood - kl)


@pytest.mark.parametrize(("options", "shape"), [(MLP, (1, 4, 4)), (CONV, (2, 8, 8))], ids=["mlp", "conv"])
def test_a_fixed_class_is_that_class_given(options: FitOptions, shape: tuple[int, int, int]) -> None:
    model, (x, labels, y) = _model(options, shape), _batch(shape)
    mu, _ = model.encode(x, y)
    for i, label in enumerate(labels):
        given = model.given(int(label))
        torch.testing.assert_close(given.encode(x[i : i + 1])[0], mu[i : i + 1])
        torch.testing.assert_close(given.image(mu[i : i + 1]), model.image(mu, y)[i : i + 1])
    assert not torch.allclose(model.given(0).decode(mu), model.given(1).decode(mu)), "the class matters"
    torch.testing.assert_close(model.given(-1).decode(mu), model.decode(mu, torch.zeros_like(y)))


def test_a_class_is_asked_for_where_it_is_needed_and_nowhere_else() -> None:
    model, (x, _, y) = _model(MLP), _batch()
    with pytest.raises(ValueError, match="class"):
        model.encode(x)
    plain = VAE(FitOptions(out=Path("x"), hidden_dims=(4,)).model_spec((1, 4, 4), CLASSES))
    with pytest.raises(ValueError, match="class"):
        plain.encode(x, y)
    assert plain.classes_of(np.array([1])) is None and plain.given(1) is plain
    with pytest.raises(UserError, match="--condition"):
        MLP.model_spec((1, 4, 4), 1)


def test_the_score_function_follows_the_class_too() -> None:
    model, (x, _, y) = _model(MLP), _batch()
    estimator = GradientEstimator("score-function", "none", (1, 4, 4))
    noise = torch.zeros(5, 2)
    torch.testing.assert_close(estimator.terms(model, x, noise, y).elbo, model.terms(x, noise, y).elbo)


def test_measures_are_of_each_image_s_own_class() -> None:
    model, (x, labels, y) = _model(MLP), _batch()
    images = (255 * x).to(torch.uint8)
    pixels = images.float() / 255
    mu, _ = encode_all(model, images, y)
    torch.testing.assert_close(mu, model.encode(pixels, y)[0])
    terms = terms_of(model, images, y, samples=2000)
    exact = model.encode(pixels, y)
    draws = exact[0] + (0.5 * exact[1]).exp() * torch.randn(2000, 5, 2, generator=torch.Generator().manual_seed(3))
    again = torch.stack([model.reconstruction(pixels, z, y) for z in draws]).mean(0)
    torch.testing.assert_close(terms.reconstruction, again, atol=0.05, rtol=0.01)
    bounds = by_class(model, y, pixels, lambda given, some: importance_weighted_bounds(given, some, 4000, 0))
    prior = MultivariateNormal(torch.zeros(2), torch.eye(2))
    z = prior.sample((40_000,))
    for i, label in enumerate(labels):  # log p(x|y) by plain draws of the prior
        each = y[i].expand(len(z), -1)
        log_p = -model.reconstruction(pixels[i : i + 1].expand(len(z), -1, -1, -1), z, each)
        assert bounds[i].item() == pytest.approx(torch.logsumexp(log_p, 0).item() - np.log(len(z)), abs=0.05), label


def test_an_old_description_is_of_no_condition_and_a_wrong_one_is_refused() -> None:
    plain = {**vars(FitOptions(out=Path("x")).model_spec((1, 4, 4)))}
    del plain["condition"]
    assert ModelSpec.from_json(plain).condition == 0
    with pytest.raises(ValueError, match="condition"):
        ModelSpec.from_json({**plain, "condition": -1})
    layers = ({"kind": "concat", "from": [-1, -2]}, {"kind": "relu"})
    with pytest.raises(ValueError, match="takes the class"):
        ModelSpec.from_json({**plain, "architecture": "layers", "encoder_layers": layers, "decoder_layers": layers})


class Own(nn.Module):
    """A person's conditional VAE, which puts the class first here and makes a scale of it there."""

    def __init__(self) -> None:
        super().__init__()
        self.heads, self.scale, self.pixels = nn.Linear(10 + 64, 4), nn.Linear(10, 12), nn.Linear(2, 12)
        self.last = nn.Linear(12 + 10, 64)

    def encode(self, x: Any, y: Any) -> Any:
        mu, log_var = self.heads(torch.cat([y, x.flatten(1)], dim=1)).chunk(2, dim=1)
        return mu, log_var - 3

    def decode(self, z: Any, y: Any) -> Any:
        hidden = torch.relu(self.pixels(z) + torch.relu(self.scale(y)))
        return self.last(torch.cat([y, hidden], dim=1)).view(-1, 1, 8, 8)


@torch.no_grad()
def test_a_person_s_own_conditional_model_is_imported_and_runs_in_the_browser(
    tmp_path: Path, javascript: JavaScript, run_file: Callable[[Path, loader.Part], str]
) -> None:
    torch.manual_seed(4)
    own, out = Own().eval(), tmp_path / "digits" / "own"
    save_file(own.state_dict(), tmp_path / "own.safetensors")
    options = ImportOptions(
        model=f"{__file__}:Own",
        weights=tmp_path / "own.safetensors",
        dataset="digits",
        out=out,
        condition="label",
        output="logits",
    )
    import_model(options)
    assert checkpoint.verify(out).model.condition == 10
    _expect_the_browser_to_agree(out, javascript, run_file)
    gallery, latents = checkpoint.load_gallery(out.parent / "gallery.safetensors"), checkpoint.load_latents(out)
    y = F.one_hot(torch.from_numpy(gallery["label"]), 10).float()
    mu, log_var = own.encode(torch.from_numpy(gallery["images"]).float() / 255, y)
    np.testing.assert_allclose(latents["mu"], mu, atol=1e-5)
    np.testing.assert_allclose(latents["log_var"], log_var, atol=1e-5)
    with pytest.raises(UserError, match="encode fails"):
        import_model(replace(options, condition=None, out=tmp_path / "digits" / "other"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A conditional run on small digits."""
    out = tmp_path_factory.mktemp("runs") / "digits" / "conditional"
    options = {"dataset": "digits", "condition": "label", "hidden_dims": (32,), "epochs": 40, "learning_rate": 5e-3}
    fit(FitOptions(out=out, precision="float16", **options))
    return out


def test_a_trained_run_uses_the_class_and_is_read_again(run: Path) -> None:
    config = checkpoint.verify(run)
    assert config.model.condition == 10 and config.training["condition"] == "label"
    model, gallery = checkpoint.load_model(run), checkpoint.load_gallery(run.parent / "gallery.safetensors")
    images, labels = torch.from_numpy(gallery["images"]), gallery["label"]
    own = terms_of(model, images, model.classes_of(labels)).mean()
    other = terms_of(model, images, model.classes_of((labels + 1) % 10)).mean()
    assert own.elbo > other.elbo + 1
    assert own.elbo.item() == pytest.approx(
        -(checkpoint.load_latents(run)["reconstruction"] + checkpoint.load_latents(run)["kl"]).mean(), abs=1e-3
    )


def test_its_slow_metrics_are_bounded_as_they_must_be(run: Path) -> None:
    model, gallery = checkpoint.load_model(run), checkpoint.load_gallery(run.parent / "gallery.safetensors")
    images, labels = torch.from_numpy(gallery["images"][:12]), gallery["label"][:12]
    found = slow_metrics(model, images, images, run.parent / "classifier", labels, labels)
    assert found["bound_elbo"] <= found["importance_weighted_bound"] + 0.05
    assert found["importance_weighted_bound"] == pytest.approx(found["log_evidence"], abs=0.1)
    assert found["gap"]["mean"] > 0


DECODE = """
async ({ decoderUrl, encoderUrl, points, labels, dim, images }) => {
  const { fetchSafetensors } = await import("/assets/network/safetensors.js");
  const { Decoder } = await import("/assets/network/decoder.js");
  const { Encoder } = await import("/assets/network/encoder.js");
  const { LogLikelihood } = await import("/assets/network/log_likelihood.js");
  const { tensors, metadata } = await fetchSafetensors(decoderUrl);
  const decoder = new Decoder(tensors, metadata);
  const encoder = await Encoder.fetch(encoderUrl);
  const size = images.length / labels.length;
  const found = { images: [], each: [], codes: [], logs: [] };
  labels.forEach((label, i) => {
    const z = points.slice(i * dim, (i + 1) * dim);
    const pixels = Float32Array.from(images.slice(i * size, (i + 1) * size), (v) => v / 255);
    const given = decoder.given(label);
    found.images.push(...given.decode(z));
    given.decodeEach([z, z, z, z, z], (pixels, k) => { if (k === 4) found.each.push(...pixels); });
    found.logs.push(new LogLikelihood(given, pixels).at(z));
    const { mu, sigma } = encoder.encode(pixels, label);
    found.codes.push(...mu, ...sigma);
  });
  return Object.fromEntries(Object.entries(found).map(([name, values]) => [name, Float32Array.from(values)]));
}
"""


def test_the_browser_s_networks_give_what_torch_s_give_for_every_class(
    run: Path, javascript: JavaScript, run_file: Callable[[Path, loader.Part], str]
) -> None:
    _expect_the_browser_to_agree(run, javascript, run_file)


@torch.no_grad()
def _expect_the_browser_to_agree(
    run: Path, javascript: JavaScript, run_file: Callable[[Path, loader.Part], str]
) -> None:
    model, gallery = checkpoint.load_model(run), checkpoint.load_gallery(run.parent / "gallery.safetensors")
    labels = np.array([*range(10), -1])
    images = gallery["images"][: len(labels)]
    z = np.random.default_rng(3).normal(size=(len(labels), 2)).astype(np.float32)
    found = compute(
        javascript,
        DECODE,
        decoderUrl=run_file(run, "decoder"),
        encoderUrl=run_file(run, "encoder"),
        points=z,
        labels=labels.tolist(),
        dim=2,
        images=images,
    )
    y, x = model.classes_of(labels), torch.from_numpy(images).float() / 255
    expected = model.image(torch.from_numpy(z), y).flatten(1).numpy()
    for name in ("images", "each"):
        np.testing.assert_allclose(found[name].reshape(expected.shape), expected, atol=1e-5)
    mu, log_var = model.encode(x, y)
    codes = torch.cat([mu, (0.5 * log_var).exp()], dim=1).numpy()
    np.testing.assert_allclose(found["codes"].reshape(codes.shape), codes, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(found["logs"], -model.reconstruction(x, torch.from_numpy(z), y), rtol=1e-4)
