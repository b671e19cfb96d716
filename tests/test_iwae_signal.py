"""The signal-to-noise ratio of the importance-weighted bound's gradient, and the sentence on it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from explorer.views.iwae_signal import Ratios, ratio_figure, sentence
from training import checkpoint
from training.measure.iwae_signal import gradients, signals, slope
from training.model.spec import ModelSpec
from training.model.vae import VAE


def test_one_estimate_is_the_gradient_of_the_bound_by_the_last_bias_and_by_the_outputs(trained: Path) -> None:
    """Against differentiating `VAE.weighted_terms`, whose K draws get the same noise, by the parameters."""
    model = checkpoint.load_model(trained / "digits" / "elbo").eval()
    x = torch.rand(3, *model.spec.image_shape, generator=torch.Generator().manual_seed(1))
    encoder, decoder = gradients(model, x, 4, 1, seed=5)
    noise = torch.randn(3, 4, model.spec.latent_dim, generator=torch.Generator().manual_seed(5))
    last = {name: [p for n, p in net.named_parameters() if n.endswith("bias")][-1] for name, net in _nets(model)}
    bound = model.weighted_terms(x, noise).bound
    assert bound is not None
    by_encoder, by_decoder = torch.autograd.grad(bound.sum(), [last["encoder"], last["decoder"]])
    torch.testing.assert_close(encoder[0].sum(0), by_encoder, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(decoder[0].sum(0), by_decoder, rtol=1e-3, atol=1e-4)


def _nets(model: VAE) -> list[tuple[str, torch.nn.Module]]:
    return [("encoder", model.encoder), ("decoder", model.decoder)]


def test_for_weights_that_vary_little_the_slopes_are_a_half_and_minus_a_half() -> None:
    """Rainforth et al. (2018), Theorem 1, where K = 4 is large already: q is near the posterior.

    Within 0.1, of 40,000 estimates for each K.
    """
    torch.manual_seed(0)
    model = VAE(ModelSpec((1, 2, 2), 1, "mlp", (4,), (4,), "silu", 0.0, "diagonal", "bernoulli"))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(0.3)
        head = [p for n, p in model.encoder.named_parameters() if n.endswith("bias")][-1]
        head.copy_(torch.tensor([0.5, 0.0]))
    found = list(signals(model, torch.rand(1, 1, 2, 2), (4, 8, 16, 32), estimates=40_000))
    counts = [one.count for one in found]
    assert slope(counts, [one.decoder for one in found]) == pytest.approx(0.5, abs=0.1)
    assert slope(counts, [one.encoder for one in found]) == pytest.approx(-0.5, abs=0.1)


def test_the_sentence_says_what_was_measured() -> None:
    counts = (1, 8, 64)
    falling = Ratios(counts, (1.0, 0.5, 0.2), (2.0, 3.0, 4.0), (-0.39, 0.17))
    assert sentence(falling) == (
        "From K = 1 to 64 by the decoder the signal-to-noise ratio of the gradient rises from 2.00 to 4.00 (slope "
        "+0.17), by the encoder it falls from 1.00 to 0.200 (slope \u22120.39): a step of this encoder is noisier for "
        "its length, though the bound is tighter."
    )
    rising = sentence(Ratios(counts, (1.0, 2.0, 2.5), (2.0, 2.0, 2.01), (0.2, None)))
    assert "by the encoder it rises from 1.00 to 2.50" in rising
    assert "up to K = 64 the encoder's is not below where it began" in rising
    assert "hardly changes from 2.00 to 2.01" in rising
    assert [len(trace.x) for trace in ratio_figure(falling).data] == [3, 3, 3, 3]
