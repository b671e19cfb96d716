"""The evidence log p(x), Eq. 4, by numerical integration over a two-dimensional latent space.

A posterior can be far narrower than any grid over the whole prior. So the plane is cut into cells: a global grid of
them, whose codes are decoded once for all images, and, for each image, smaller cells where its posterior lies: around
its q(z|x), and wherever two quadrature rules do not yet agree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from training.errors import UserError
from training.likelihood import log_normaliser
from training.model import VAE

REACH = 6.0  # the prior's standard deviations; outside lies 4e-9 of its mass. Codes that lie further out widen it
CELLS_PER_UNIT = 8
MAX_SIDE = 256  # global cells along each axis
SPLIT_CELLS = 12  # cells of an image that are cut into four at once
TOLERANCE = 2e-3  # nats
MAX_ROUNDS = 24
CHUNK = 16_384  # points decoded at once

# 3 x 3 Gauss-Legendre on [-1, 1]^2, exact to degree 5, and on five of its nodes a rule exact to degree 3.
_NODE = math.sqrt(0.6)
_AXIS = torch.tensor([-_NODE, 0.0, _NODE], dtype=torch.float64)
_AXIS_WEIGHTS = torch.tensor([5 / 9, 8 / 9, 5 / 9], dtype=torch.float64)
NODES = torch.cartesian_prod(_AXIS, _AXIS)
WEIGHTS = torch.outer(_AXIS_WEIGHTS, _AXIS_WEIGHTS).flatten() / 4
CHECK_WEIGHTS = torch.tensor([5, 0, 5, 0, 16, 0, 5, 0, 5], dtype=torch.float64) / 36
QUARTERS = torch.tensor([[-1, -1], [-1, 1], [1, -1], [1, 1]], dtype=torch.float64) / 2


@dataclass(frozen=True)
class Evidence:
    """`log_evidence` (N,) and its estimated `error` (N,), both in nats."""

    log_evidence: Tensor
    error: Tensor


@torch.no_grad()
def log_evidence(model: VAE, x: Tensor, mu: Tensor, sigma: Tensor) -> Evidence:
    """log p(x) = log of the integral of p(x|z) p(z) dz (Eq. 4) for images x (N, C, H, W) in [0, 1].

    `mu`, `sigma` (N, 2): mean and standard deviations of each image's q(z|x), which say where to look closely. Raises
    UserError for other latent dimensions.
    """
    if model.spec.latent_dim != 2:
        raise UserError(f"log p(x) is integrated over 2 latent dimensions; this run has {model.spec.latent_dim}")
    reach = max(REACH, mu.abs().max().item() + 0.5)
    side = min(math.ceil(2 * reach * CELLS_PER_UNIT), MAX_SIDE)
    half = reach / side
    middle = torch.linspace(-reach + half, reach - half, side, dtype=torch.float64)
    centers = torch.cartesian_prod(middle, middle)
    values, checks = _global_cells(model, x, centers, half)
    found, error = [], []
    for start in range(0, len(x), 50):
        part = slice(start, start + 50)
        cells = _Cells(centers, half, values[part], checks[part])
        cells.refine(model, x[part], mu[part].double(), sigma[part].double())
        found.append(cells.log_integral)
        error.append(cells.log_error.exp())
    return Evidence(torch.cat(found), torch.cat(error))


class _Cells:
    """The cells of B images: `center` (B, M, 2), `half` (B, M) side, log-integral by two rules, `value` and `check`.

    A cell that has been cut, or is not in use, has value and check -inf.
    """

    def __init__(self, centers: Tensor, half: float, value: Tensor, check: Tensor) -> None:
        count = len(value)
        self.center = centers.expand(count, -1, -1)
        self.half = torch.full(value.shape, half, dtype=torch.float64)
        self.value, self.check = value, check

    @property
    def log_integral(self) -> Tensor:
        """(B,)"""
        return torch.logsumexp(self.value, 1)

    @property
    def disagreement(self) -> Tensor:
        """log |value - check|, (B, M)."""
        high, low = torch.maximum(self.value, self.check), torch.minimum(self.value, self.check)
        return torch.where(high.isinf(), high, high + torch.log(-torch.expm1((low - high).clamp(max=-1e-12))))

    @property
    def log_error(self) -> Tensor:
        """log of the summed disagreement as a share of the integral, (B,): about the error in nats."""
        return torch.logsumexp(self.disagreement, 1) - self.log_integral

    def refine(self, model: VAE, x: Tensor, mu: Tensor, sigma: Tensor) -> None:
        """Cut cells until the two rules agree and q(z|x) is seen at its own scale."""
        for _ in range(MAX_ROUNDS):
            around = ((mu[:, None] - self.center).abs() <= self.half[..., None]).all(-1) & self.value.isfinite()
            coarse = around & (self.half > sigma.amin(1, keepdim=True))
            urgent = self.disagreement.masked_fill(coarse, torch.inf)
            unsure = (self.log_error > math.log(TOLERANCE)) | coarse.any(1)
            if not unsure.any():
                return
            _, chosen = urgent.topk(SPLIT_CELLS, dim=1)
            self._split(model, x, chosen, unsure)

    def _split(self, model: VAE, x: Tensor, chosen: Tensor, unsure: Tensor) -> None:
        rows = unsure.nonzero()[:, 0]
        chosen = chosen[rows]
        parent = self.center[rows[:, None], chosen]
        half = self.half[rows[:, None], chosen] / 2
        center = (parent[:, :, None] + QUARTERS * 2 * half[..., None, None]).flatten(1, 2)
        half = half.repeat_interleave(4, 1)
        z = center[:, :, None] + NODES * half[..., None, None]
        log_joint = own_log_likelihood(model, x[rows], z.flatten(1, 2)).double().view(z.shape[:3]) + _log_prior(z)
        value, check = _integrate(log_joint, half)
        everyone = torch.full((len(x), half.shape[1]), -torch.inf, dtype=torch.float64)
        place = torch.zeros(len(x), half.shape[1], 2, dtype=torch.float64)
        size = torch.ones_like(everyone)
        new_value, new_check = everyone.clone(), everyone
        new_value[rows], new_check[rows], place[rows], size[rows] = value, check, center, half
        self.value[rows[:, None], chosen] = self.check[rows[:, None], chosen] = -torch.inf
        self.center = torch.cat([self.center, place], 1)
        self.half = torch.cat([self.half, size], 1)
        self.value = torch.cat([self.value, new_value], 1)
        self.check = torch.cat([self.check, new_check], 1)


def _integrate(log_joint: Tensor, half: Tensor | float) -> tuple[Tensor, Tensor]:
    """log-integrals (..., ) over cells by both rules, from log-values (..., 9) at their nodes."""
    area = torch.log(4 * torch.as_tensor(half, dtype=torch.float64).square())
    return (
        torch.logsumexp(log_joint + WEIGHTS.log(), -1) + area,
        torch.logsumexp(log_joint + CHECK_WEIGHTS.log(), -1) + area,
    )


def _global_cells(model: VAE, x: Tensor, centers: Tensor, half: float) -> tuple[Tensor, Tensor]:
    """Both rules' log-integrals (N, cells) over the global cells."""
    value = torch.empty(len(x), len(centers), dtype=torch.float64)
    check = torch.empty_like(value)
    cells = CHUNK // len(NODES)
    for start in range(0, len(centers), cells):
        part = slice(start, start + cells)
        z = (centers[part, None] + NODES * half).flatten(0, 1)
        log_joint = (log_likelihood(model, x, z).double() + _log_prior(z)).view(len(x), -1, len(NODES))
        value[:, part], check[:, part] = _integrate(log_joint, half)
    return value, check


@torch.no_grad()
def log_likelihood(model: VAE, x: Tensor, z: Tensor) -> Tensor:
    """log p(x|z) in nats of each of N images under each of M codes z (M, D): (N, M), as one matrix product.

    Every likelihood here is x . a(z) + b(z) + c(x): a, b by the decoder, once for all images.
    """
    parts = []
    flat = x.flatten(1)
    for chunk in torch.split(z.to(x.dtype), CHUNK):
        a, b = _affine(model, chunk)
        parts.append(flat @ a.T + b)
    return torch.cat(parts, dim=1) + _constant(model, x)[:, None]


@torch.no_grad()
def own_log_likelihood(model: VAE, x: Tensor, z: Tensor) -> Tensor:
    """log p(x|z) in nats of each of N images under M codes of its own, z (N, M, D): (N, M)."""
    flat, (count, points, dim) = x.flatten(1), z.shape
    out = torch.empty(count, points, dtype=x.dtype)
    for start in range(0, count, max(1, CHUNK // points)):
        part = slice(start, start + max(1, CHUNK // points))
        a, b = _affine(model, z[part].reshape(-1, dim).to(x.dtype))
        out[part] = torch.einsum("np,nmp->nm", flat[part], a.view(-1, points, a.shape[1])) + b.view(-1, points)
    return out + _constant(model, x)[:, None]


def _affine(model: VAE, z: Tensor) -> tuple[Tensor, Tensor]:
    """a (M, P) and b (M,) with log p(x|z) = x . a + b + c(x)."""
    logits = model.decode(z).flatten(1)
    if model.spec.likelihood == "gaussian":
        mean, precision = torch.sigmoid(logits), torch.exp(-2 * model.log_sigma)
        return mean * precision, -0.5 * precision * mean.square().sum(1)
    b = -F.softplus(logits).sum(1)
    return logits, b + log_normaliser(logits).sum(1) if model.spec.likelihood == "continuous-bernoulli" else b


def _constant(model: VAE, x: Tensor) -> Tensor:
    if model.spec.likelihood != "gaussian":
        return torch.zeros(len(x), dtype=x.dtype)
    flat = x.flatten(1)
    log_sigma = model.log_sigma
    scaled = -0.5 * torch.exp(-2 * log_sigma) * flat.square().sum(1)
    return scaled - flat.shape[1] * (log_sigma + 0.5 * math.log(2 * math.pi))


def _log_prior(z: Tensor) -> Tensor:
    return -0.5 * z.square().sum(-1) - math.log(2 * math.pi)
