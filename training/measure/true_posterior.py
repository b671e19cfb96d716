"""The true posterior p(z|x) = p(x, z) / p(x) of one image (Eqs. 2-4), over a two-dimensional latent space.

Cells of the plane are cut into four until what they hold is known or cannot matter. So it takes seconds where
`evidence.log_evidence`, made for many images at once, would first have to see the whole prior at one scale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from training.errors import UserError
from training.measure.evidence import NODES, QUARTERS, integrate, log_likelihood, log_prior
from training.model.posterior import standard_deviations
from training.model.vae import VAE

ROOT_HALF = 0.5  # half the side of the largest cells, in the prior's standard deviations
MARGIN = 25.0  # nats by which codes farther out may suit the image better than any code seen
MAX_REACH = 30  # standard deviations of the prior
NEGLIGIBLE = 10.0  # nats below the whole: cells that cannot hold more are left as they are
FLAT = 1.5  # nats between a cell's highest and lowest node: below that it hides nothing
TOLERANCE = 2e-5  # share of the whole by which the two rules may disagree on one cell
MAX_ROUNDS = 16
SHOWN = 0.9998  # share of the mass that the windows are laid around
MAX_WINDOWS = 4
STEPS = (40, 96)  # cells along a window's side, at least and at most
ENCLOSED = (0.5, 0.9, 0.99)


@dataclass(frozen=True)
class Window:
    """log p(x, z) in nats, (rows, columns), at the centres of equal cells of the box [low, high]; row 0 is lowest."""

    low: tuple[float, float]
    high: tuple[float, float]
    log_joint: Tensor

    @property
    def log_cell(self) -> float:
        """log of a cell's area."""
        rows, columns = self.log_joint.shape
        return math.log((self.high[0] - self.low[0]) / columns * (self.high[1] - self.low[1]) / rows)


@dataclass(frozen=True)
class TruePosterior:
    """p(z|x) of an image, in nats.

    `log_evidence` is log p(x) from the cells, `error` its estimate; `windows` lie where p(z|x) has its mass.
    `log_normaliser` is log p(x) once more, summed over the windows alone; `levels` (3,) are the log-joints whose
    contours enclose 50, 90 and 99 % of p(z|x).
    """

    log_evidence: float
    error: float
    windows: tuple[Window, ...]
    log_normaliser: float
    levels: Tensor


@torch.no_grad()
def true_posterior(model: VAE, x: Tensor) -> TruePosterior:
    """p(z|x) of an image x (1, C, H, W) in [0, 1]; its q(z|x) is taken as a hint where to look closely.

    Raises UserError for other latent dimensions than two.
    """
    if model.spec.latent_dim != 2:
        raise UserError(f"log p(x) is integrated over 2 latent dimensions; this run has {model.spec.latent_dim}")
    model.eval()
    mu, spread = model.encode(x)
    cells = _refined(model, x, mu[0].double(), standard_deviations(mu, spread)[0].double())
    whole = torch.logsumexp(cells.value, 0)
    error = torch.logsumexp(cells.disagreement - whole, 0).exp()
    windows = tuple(_window(model, x, box, step) for box, step in _boxes(cells, whole))
    mass = torch.cat([window.log_joint.flatten() + window.log_cell for window in windows])
    joint = torch.cat([window.log_joint.flatten() for window in windows]).sort(descending=True)
    normaliser = torch.logsumexp(mass, 0)
    enclosed = torch.exp(mass[joint.indices] - normaliser).cumsum(0)
    places = torch.searchsorted(enclosed, torch.tensor(ENCLOSED, dtype=torch.float64)).clamp(max=len(enclosed) - 1)
    return TruePosterior(whole.item(), error.item(), windows, normaliser.item(), joint.values[places])


@dataclass(frozen=True)
class _Cells:
    """M cells: `center` (M, 2), `half` (M,) the side; log-integral by two rules; highest and lowest node."""

    center: Tensor
    half: Tensor
    value: Tensor
    check: Tensor
    high: Tensor
    low: Tensor

    @staticmethod
    def of(model: VAE, x: Tensor, center: Tensor, half: Tensor) -> _Cells:
        z = center[:, None] + NODES * half[:, None, None]
        log_joint = _log_joint(model, x, z.flatten(0, 1)).view(len(center), -1)
        value, check = integrate(log_joint, half)
        return _Cells(center, half, value, check, log_joint.amax(1), log_joint.amin(1))

    def where(self, chosen: Tensor) -> _Cells:
        return _Cells(*(part[chosen] for part in vars(self).values()))

    def plus(self, other: _Cells) -> _Cells:
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return _Cells(*(torch.cat(pair) for pair in pairs))

    @property
    def disagreement(self) -> Tensor:
        """log |value - check|, (M,)."""
        high, low = torch.maximum(self.value, self.check), torch.minimum(self.value, self.check)
        return high + torch.log(-torch.expm1((low - high).clamp(max=-1e-12)))


def _log_joint(model: VAE, x: Tensor, z: Tensor) -> Tensor:
    """log p(x, z) in nats at codes (M, 2)."""
    return log_likelihood(model, x, z)[0].double() + log_prior(z)


def _refined(model: VAE, x: Tensor, mu: Tensor, sigma: Tensor) -> _Cells:
    cells = _roots(model, x, mu)
    for _ in range(MAX_ROUNDS):
        whole = torch.logsumexp(cells.value, 0)
        # What a cell holds at most, if between its nodes the log-joint goes on about as it does from node to node.
        most = cells.high + 0.5 * (cells.high - cells.low) + torch.log(4 * cells.half.square())
        rough = (most > whole - NEGLIGIBLE) & (cells.high - cells.low > FLAT)
        unsure = cells.disagreement > whole + math.log(TOLERANCE)
        at_q = ((mu - cells.center).abs() <= cells.half[:, None]).all(1) & (cells.half > sigma.min())
        cut = rough | unsure | (at_q & (most > whole - MARGIN))
        if not cut.any():
            break
        parents = cells.where(cut)
        center = (parents.center[:, None] + QUARTERS * 2 * (parents.half / 2)[:, None, None]).flatten(0, 1)
        children = _Cells.of(model, x, center, (parents.half / 2).repeat_interleave(4))
        cells = cells.where(~cut).plus(children)
    return cells


def _roots(model: VAE, x: Tensor, mu: Tensor) -> _Cells:
    """Cells on a lattice around the prior's mean, out to where even a far better code could not matter; and at mu."""
    own = (mu / (2 * ROOT_HALF)).floor()
    cells = _lattice_cells(model, x, own[None])
    inner = 0
    reach = 6
    while reach > inner:
        at = torch.arange(-reach, reach, dtype=torch.float64)
        place = torch.cartesian_prod(at, at)
        ring = (place + 0.5).abs().amax(1) > inner
        cells = cells.plus(_lattice_cells(model, x, place[ring & (place != own).any(1)]))
        inner = reach
        likeliest = (cells.high - log_prior(cells.center)).max()
        needed = 2 * (likeliest + MARGIN - torch.logsumexp(cells.value, 0))
        wanted = math.ceil(math.sqrt(max(needed.item(), 0)) / (2 * ROOT_HALF))
        reach = min(max(reach, wanted), MAX_REACH)
    return cells


def _lattice_cells(model: VAE, x: Tensor, place: Tensor) -> _Cells:
    half = torch.full((len(place),), ROOT_HALF, dtype=torch.float64)
    return _Cells.of(model, x, (place + 0.5) * 2 * ROOT_HALF, half)


def _boxes(cells: _Cells, whole: Tensor) -> list[tuple[Tensor, float]]:
    """Disjoint boxes [[x low, y low], [x high, y high]] around the mass, heaviest first, with the step each needs."""
    order = cells.value.argsort(descending=True)
    share = torch.exp(cells.value[order] - whole).cumsum(0)
    heavy = cells.where(order[: int(torch.searchsorted(share, SHOWN)) + 1])
    side = heavy.half[:, None]
    box = torch.stack([heavy.center - 2 * side, heavy.center + 2 * side], 1)
    group = torch.arange(len(box))
    while True:
        touching = ((box[:, None, 0] < box[None, :, 1]) & (box[None, :, 0] < box[:, None, 1])).all(2)
        count, labels = connected_components(touching.numpy(), directed=False)
        joined = torch.from_numpy(labels).long()
        group = joined[group]
        box = torch.stack([torch.stack([b[:, 0].amin(0), b[:, 1].amax(0)]) for b in _split(box, joined, count)])
        if count == len(joined):
            break
    mass = torch.stack([torch.logsumexp(value, 0) for value in _split(heavy.value, group, count)])
    step = torch.stack([1.2 * half.min() for half in _split(heavy.half, group, count)])
    return [(box[i], step[i].item()) for i in mass.argsort(descending=True)[:MAX_WINDOWS]]


def _split(values: Tensor, group: Tensor, count: int) -> list[Tensor]:
    return [values[group == i] for i in range(count)]


def _window(model: VAE, x: Tensor, box: Tensor, step: float) -> Window:
    (left, bottom), (right, top) = box.tolist()
    columns, rows = (min(max(math.ceil(side / step), STEPS[0]), STEPS[1]) for side in (right - left, top - bottom))
    across = left + (torch.arange(columns, dtype=torch.float64) + 0.5) * (right - left) / columns
    up = bottom + (torch.arange(rows, dtype=torch.float64) + 0.5) * (top - bottom) / rows
    z = torch.cartesian_prod(up, across).flip(1)
    return Window((left, bottom), (right, top), _log_joint(model, x, z).view(rows, columns))
