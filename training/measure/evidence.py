"""The evidence log p(x), Eq. 4, by numerical integration over a latent space of one or two dimensions.

A posterior can be far narrower than any grid over the whole prior. So the space is cut into cells: a global grid of
them, whose codes are decoded once for all images, and, for each image, smaller cells where its posterior lies: around
its q(z|x), and wherever two quadrature rules do not yet agree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from training.measure.cell_rule import cell_rule
from training.model.likelihood import log_normaliser
from training.model.vae import VAE

CELLS_PER_UNIT = 8
MAX_SIDE = 256  # global cells along each axis
TOLERANCE = 3e-3  # nats
WORTH_CUTTING = 2e-5  # share of the integral by which the rules disagree on one cell
MAX_ROUNDS = 24
CHUNK = 16_384  # points decoded at once
BLOCK = 1000  # images at once


@dataclass(frozen=True)
class Evidence:
    """`log_evidence` (N,) and its estimated `error` (N,), both in nats."""

    log_evidence: Tensor
    error: Tensor


@torch.no_grad()
def log_evidence(model: VAE, x: Tensor, mu: Tensor, sigma: Tensor) -> Evidence:
    """log p(x) = log of the integral of p(x|z) p(z) dz (Eq. 4) for images x (N, C, H, W) in [0, 1].

    `mu`, `sigma` (N, D), D 1 or 2: mean and standard deviations of each image's q(z|x), which say where to look
    closely. Raises UserError for more latent dimensions.
    """
    cell_rule(model.spec.latent_dim)
    reach = max(model.prior.reach(), mu.abs().max().item() + 0.5)
    found, error = [], []
    for block in torch.split(torch.arange(len(x)), BLOCK):
        cells = _Cells(x[block], mu[block].double(), sigma[block].double())
        cells.cover(model, reach)
        cells.refine(model)
        found.append(cells.log_integral)
        error.append(torch.exp(cells.log_error - cells.log_integral))
    return Evidence(torch.cat(found), torch.cat(error))


class _Cells:
    """The cells of B images, squares or pieces of the line that together cover the space for each of them.

    Those that may still have to be cut are kept, in one flat list for all images: `image` (P,), `center` (P, D),
    `half` side (P,), and `value` and `error` (P,), the logs of the integral over the cell and of the difference between
    two rules for it. All the others are only in the sums `done_value` and `done_error` (B,).
    """

    def __init__(self, x: Tensor, mu: Tensor, sigma: Tensor) -> None:
        self.x, self.mu, self.sigma = x, mu, sigma
        self.rule = cell_rule(mu.shape[1])
        self.done_value, self.done_error = (torch.full((len(x),), -torch.inf, dtype=torch.float64) for _ in range(2))
        self.image = torch.empty(0, dtype=torch.long)
        self.center = torch.empty(0, mu.shape[1], dtype=torch.float64)
        self.half, self.value, self.error = torch.empty(3, 0, dtype=torch.float64)

    @property
    def log_integral(self) -> Tensor:
        """(B,)"""
        return _log_sum(self.value, self.image, self.done_value)

    @property
    def log_error(self) -> Tensor:
        """log of the summed differences, (B,): as a share of the integral about the error in nats."""
        return _log_sum(self.error, self.image, self.done_error)

    def cover(self, model: VAE, reach: float) -> None:
        """Lay the global grid over [-reach, reach]^D, decoded once for all images."""
        nodes = self.rule.nodes
        side = min(math.ceil(2 * reach * CELLS_PER_UNIT), MAX_SIDE)
        half = reach / side
        self.threshold = math.log(TOLERANCE / (4 * side ** nodes.shape[1]))
        middle = torch.linspace(-reach + half, reach - half, side, dtype=torch.float64)
        for center in torch.split(self.rule.lattice(middle), CHUNK // len(nodes)):
            z = (center[:, None] + nodes * half).flatten(0, 1)
            log_joint = log_likelihood(model, self.x, z) + model.log_prior(z).to(self.x.dtype)
            value, check = self.rule.integrate(log_joint.view(len(self.x), -1, len(nodes)), half)
            error = disagreement(value, check)
            total = torch.logaddexp(self.log_integral, torch.logsumexp(value, 1))
            coarse = ((self.mu[:, None] - center).abs() <= half).all(-1) & (half > self.sigma.amin(1, keepdim=True))
            keep = coarse | (error > total[:, None] + self.threshold)
            self.done_value = torch.logaddexp(self.done_value, value.masked_fill(keep, -torch.inf).logsumexp(1))
            self.done_error = torch.logaddexp(self.done_error, error.masked_fill(keep, -torch.inf).logsumexp(1))
            image, cell = keep.nonzero().T
            self._add(image, center[cell], torch.full((len(image),), half).double(), value[keep], error[keep])

    def refine(self, model: VAE) -> None:
        """Cut cells at their middle until the two rules agree and q(z|x) is seen at its own scale."""
        for _ in range(MAX_ROUNDS):
            total, log_error = self.log_integral, self.log_error
            unsure = log_error > total + math.log(TOLERANCE)
            share = torch.exp(self.error - total[self.image])
            count = torch.zeros_like(total).index_add_(0, self.image, torch.ones_like(share)).clamp(min=1)
            mean = torch.zeros_like(total).index_add_(0, self.image, share) / count
            # At least one cell of an unsure image is not below the mean.
            urgent = unsure[self.image] & (share >= mean.clamp(max=WORTH_CUTTING)[self.image])
            urgent |= self._coarse(self.image, self.center, self.half)
            if not urgent.any():
                return
            self._cut(model, urgent)

    def _coarse(self, image: Tensor, center: Tensor, half: Tensor) -> Tensor:
        """Whether cells hold an image's mu and are wider than its q(z|x)."""
        around = ((self.mu[image] - center).abs() <= half[:, None]).all(1)
        return around & (half > self.sigma[image].amin(1))

    def _cut(self, model: VAE, chosen: Tensor) -> None:
        nodes, children = self.rule.nodes, self.rule.children
        image = self.image[chosen].repeat_interleave(len(children))
        half = self.half[chosen].repeat_interleave(len(children)) / 2
        center = (self.center[chosen][:, None] + children * self.half[chosen][:, None, None]).flatten(0, 1)
        parts = []
        for part in torch.split(torch.arange(len(image)), CHUNK // len(nodes)):
            z = center[part][:, None] + nodes * half[part][:, None, None]
            log_joint = own_log_likelihood(model, self.x[image[part]], z) + model.log_prior(z).to(self.x.dtype)
            parts.append(self.rule.integrate(log_joint, half[part]))
        value, check = (torch.cat(tensors) for tensors in zip(*parts, strict=True))
        self._keep(~chosen)
        self._add(image, center, half, value, disagreement(value, check))
        open_cells = self.error > self.log_integral[self.image] + self.threshold
        open_cells |= self._coarse(self.image, self.center, self.half)
        self.done_value, self.done_error = (
            _log_sum(log, self.image.masked_fill(open_cells, len(self.x)), done)
            for log, done in ((self.value, self.done_value), (self.error, self.done_error))
        )
        self._keep(open_cells)

    def _keep(self, chosen: Tensor) -> None:
        for name in ("image", "center", "half", "value", "error"):
            setattr(self, name, getattr(self, name)[chosen])

    def _add(self, image: Tensor, center: Tensor, half: Tensor, value: Tensor, error: Tensor) -> None:
        self.image, self.center = torch.cat([self.image, image]), torch.cat([self.center, center])
        self.half = torch.cat([self.half, half])
        self.value, self.error = torch.cat([self.value, value]), torch.cat([self.error, error])


def _log_sum(log: Tensor, image: Tensor, start: Tensor) -> Tensor:
    """log of the sum by image of exp(log) (P,) and of exp(start) (B,); an index B counts for no image."""
    log, image = torch.cat([start, log]), torch.cat([torch.arange(len(start)), image])
    highest = torch.full((len(start) + 1,), -torch.inf, dtype=log.dtype).scatter_reduce_(0, image, log, "amax")
    highest = highest.clamp(min=-1e300)
    total = torch.zeros_like(highest).index_add_(0, image, torch.exp(log - highest[image]))
    return (highest + total.log())[:-1]


def disagreement(value: Tensor, check: Tensor) -> Tensor:
    """log |exp(value) - exp(check)| of two rules' log-integrals, any shape."""
    high, low = torch.maximum(value, check), torch.minimum(value, check)
    return high + torch.log(-torch.expm1((low - high).clamp(max=-1e-12)))


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
