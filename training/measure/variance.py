"""What the gradient estimators differ in: their variance with respect to the encoder's parameters phi.

A draw's gradient is sum_i J_i^T h_i / N: h_i, the estimate for the few numbers that the encoder gives image i, is all
that differs between draws; J_i, the derivative of those numbers by phi, stays. So the Gram matrix K of the rows of J
is computed once, and a draw of all N images costs one decode an image, not a pass through the encoder: with K = R R^T
the vector h R / N has the length, and the inner products, of the whole gradient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.errors import UserError
from training.gradient import mean_of_others
from training.model.posterior import kl_to_prior, log_density, sample
from training.model.vae import LOG_VAR_RANGE, VAE

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS = 8192  # decoded at once
WHOLE = ("whole", "whole_expected")
PILOT = 256  # draws from which E_q[-log p(x|z)] of each image is known beforehand


class GradientDraws:
    """Draws of the ELBO's gradient by every estimator, for one model and batch x (N, C, H, W) in [0, 1].

    Estimators: `reparameterization` (Eq. 26), and the score function (Eqs. 18-20) of f = -log p(x|z), with the exact
    gradient of the KL, less a baseline: `none`, `mean` (of the batch's other images; not for a batch of one),
    `expected` (the image's own E_q[f], which a learned baseline tends to). `whole` and `whole_expected` are those of
    Eq. 20 as it is written, f = log q(z|x) - log p(x, z), whose draws hold the KL too. The same part is the same draws,
    and the same noise for all estimators.
    """

    def __init__(self, model: VAE, x: Tensor, seed: int) -> None:
        """Raises UserError for a model without a density q(z|x)."""
        if model.spec.posterior == "deterministic":
            raise UserError("a deterministic code has no distribution q(z|x), and so no gradient to estimate by draws")
        self.model, self.x, self.seed = model.eval(), x, seed
        with torch.no_grad():
            self.head = model.encoder(x)
        self.expected = self._expected()
        self.factor = _square_root(gram(model.encoder, x)) / len(x)
        head = self.head.clone().requires_grad_()
        kl_of_each = kl_to_prior(*model.posterior(head))
        self.expected_whole = self.expected + kl_of_each.detach()
        (kl,) = torch.autograd.grad(kl_of_each.sum(), head)
        self.kl = kl.flatten().double() @ self.factor

    def draw(self, part: int, count: int) -> dict[str, NDArray[np.float32]]:
        """`count` draws of the gradient of the batch's mean ELBO by phi, (count, N P), P being numbers an image.

        In nats per unit of phi, as coordinates in an orthonormal basis of the directions that a draw can take.
        """
        found = self.output_draws(part, count)
        exact_kl = {name: 0 if name in WHOLE else self.kl for name in found}
        return {
            name: -(exact_kl[name] + h.flatten(1).double() @ self.factor).float().numpy() for name, h in found.items()
        }

    def output_draws(self, part: int, count: int) -> dict[str, Tensor]:
        """`count` draws of the gradient of each image's E_q[-log p(x|z)] by its P encoder outputs, (count, N, P).

        Of its negative ELBO for `whole` and `whole_expected`. The first D outputs are mu.
        """
        generator = self._generator(1 + part)
        found = [self._draw(size, generator) for size in self._sizes(count)]
        return {name: torch.cat([draws[name] for draws in found]) for name in found[0]}

    def _draw(self, draws: int, generator: torch.Generator) -> dict[str, Tensor]:
        shape = (draws, *self.head.shape)
        head = self.head.repeat(draws, 1).requires_grad_()
        mu, spread = self.model.posterior(head)
        z = sample(mu, spread, torch.randn(mu.shape, generator=generator))
        f = self.model.reconstruction(self.x.repeat(draws, 1, 1, 1), z)
        (through,) = torch.autograd.grad(f.sum(), head, retain_graph=True)
        z = z.detach()
        log_q = log_density(mu, spread, z)
        (score,) = torch.autograd.grad(log_q.sum(), head)
        log_prior = log_density(torch.zeros_like(z), torch.zeros_like(z), z)
        f, score = f.detach().view(shape[:2]), score.view(shape)
        whole = f + (log_q.detach() - log_prior).view(shape[:2])
        weights = {
            "none": f,
            "mean": f - mean_of_others(f),
            "expected": f - self.expected,
            "whole": whole,
            "whole_expected": whole - self.expected_whole,
        }
        if len(self.x) == 1:
            del weights["mean"]
        by_score = {name: weight[..., None] * score for name, weight in weights.items()}
        return {"reparameterization": through.view(shape), **by_score}

    @property
    def clamped(self) -> float:
        """Share of the posterior's log-variances that lie at the lower end of their range, -20."""
        dim = self.model.spec.latent_dim
        least = LOG_VAR_RANGE[0] * (0.5 if self.model.spec.posterior == "full" else 1)
        return float((self.head[:, dim : 2 * dim] <= least).float().mean())

    @torch.no_grad()
    def _expected(self) -> Tensor:
        """E_q[-log p(x|z)] (N,) from draws of its own."""
        mu, spread = self.model.posterior(self.head)
        generator = self._generator(0)
        total = torch.zeros(len(self.x))
        for draws in self._sizes(PILOT):
            noise = torch.randn(draws, *mu.shape, generator=generator)
            z = sample(mu.expand_as(noise), spread.expand(draws, *spread.shape), noise)
            f = self.model.reconstruction(self.x.repeat(draws, 1, 1, 1), z.flatten(0, 1))
            total += f.view(draws, -1).sum(0)
        return total / PILOT

    def _sizes(self, draws: int) -> list[int]:
        """`draws` in portions that fit in memory."""
        most = max(1, ROWS // len(self.x))
        return [min(most, draws - start) for start in range(0, draws, most)]

    def _generator(self, stream: int) -> torch.Generator:
        return torch.Generator().manual_seed(self.seed * 1_000_003 + stream)


def gram(encoder: nn.Module, x: Tensor) -> Tensor:
    """K (N P, N P) = J J^T, float64: J has a row for each of the P outputs of each of N images, and a column for each
    of the encoder's parameters.

    By layers. A linear layer's row is the outer product of what comes in and what is asked of its output, so that its
    inner products are those of the factors.
    """
    seen: list[tuple[nn.Module, Tensor, Tensor]] = []

    def note(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        seen.append((layer, inputs[0].detach(), output))

    layers = [layer for layer in encoder.modules() if any(True for _ in layer.parameters(recurse=False))]
    for layer in layers:
        simple = isinstance(layer, nn.Linear) or (isinstance(layer, nn.Conv2d) and layer.groups == 1)
        if not simple or layer.bias is None:
            raise UserError(
                f"this run's encoder has a layer of kind {type(layer).__name__} that the gradient is not measured for; "
                "choose a run of linear layers and convolutions with biases"
            )
    hooks = [layer.register_forward_hook(note) for layer in layers]
    head = encoder(x)
    for hook in hooks:
        hook.remove()
    outputs = [output for _, _, output in seen]
    # Images do not meet in the encoder: the gradient of a sum over them is each one's own.
    asked = [torch.autograd.grad(head[:, p].sum(), outputs, retain_graph=True) for p in range(head.shape[1])]
    size = head.numel()
    total = torch.zeros(size, size, dtype=torch.float64)
    for index, (layer, inputs, _) in enumerate(seen):
        delta = torch.stack([row[index] for row in asked], dim=1).double()  # (N, P, ...) of the layer's output
        total += _layer_gram(layer, inputs.double(), delta)
    return total


def _layer_gram(layer: nn.Module, inputs: Tensor, delta: Tensor) -> Tensor:
    outputs = delta.shape[1]
    if isinstance(layer, nn.Linear):
        rows = delta.flatten(0, 1)
        weight = (inputs @ inputs.T).repeat_interleave(outputs, 0).repeat_interleave(outputs, 1)
        return rows @ rows.mT * (weight + 1)
    assert isinstance(layer, nn.Conv2d)
    patches = F.unfold(inputs, layer.kernel_size, layer.dilation, layer.padding, layer.stride)  # type: ignore[arg-type]
    weight = torch.einsum("npol,nkl->npok", delta.flatten(3), patches)
    rows = torch.cat([weight.flatten(2), delta.flatten(3).sum(-1)], dim=2).flatten(0, 1)
    return rows @ rows.mT


def _square_root(matrix: Tensor) -> Tensor:
    """R with R R^T = matrix, which is symmetric and has no negative eigenvalue but for rounding."""
    values, vectors = torch.linalg.eigh(matrix)
    root: Tensor = vectors * values.clamp(min=0).sqrt()
    return root
