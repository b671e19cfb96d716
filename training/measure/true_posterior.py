"""The true posterior p(z|x) = p(x, z) / p(x) of one image (Eqs. 2-4), over a latent space of one or two dimensions.

Cells of the space are cut at their middle until what they hold is known or cannot matter. So it takes seconds where
`evidence.log_evidence`, made for many images at once, would first have to see the whole prior at one scale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from training.measure.cell_rule import CellRule, cell_rule
from training.measure.evidence import disagreement, log_likelihood
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
LINE_STEPS = (200, 800)  # the same in one dimension
ENCLOSED = (0.5, 0.9, 0.99)


@dataclass(frozen=True)
class Window:
    """log p(x, z) in nats, (rows, columns), at the centres of equal cells of the box [low, high]; row 0 is lowest.

    In one dimension it is a single row over z, 1 high.
    """

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

    Raises UserError for more than two latent dimensions.
    """
    cell_rule(model.spec.latent_dim)
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
    """M cells: `center` (M, D), `half` (M,) the side; log-integral by two rules; highest and lowest node."""

    center: Tensor
    half: Tensor
    value: Tensor
    check: Tensor
    high: Tensor
    low: Tensor

    @staticmethod
    def of(model: VAE, x: Tensor, center: Tensor, half: Tensor) -> _Cells:
        rule = cell_rule(center.shape[1])
        z = center[:, None] + rule.nodes * half[:, None, None]
        log_joint = _log_joint(model, x, z.flatten(0, 1)).view(len(center), -1)
        value, check = rule.integrate(log_joint, half)
        return _Cells(center, half, value, check, log_joint.amax(1), log_joint.amin(1))

    def where(self, chosen: Tensor) -> _Cells:
        return _Cells(*(part[chosen] for part in vars(self).values()))

    def plus(self, other: _Cells) -> _Cells:
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return _Cells(*(torch.cat(pair) for pair in pairs))

    @property
    def disagreement(self) -> Tensor:
        """log |value - check|, (M,)."""
        return disagreement(self.value, self.check)

    @property
    def rule(self) -> CellRule:
        return cell_rule(self.center.shape[1])


def _log_joint(model: VAE, x: Tensor, z: Tensor) -> Tensor:
    """log p(x, z) in nats at codes (M, D)."""
    return log_likelihood(model, x, z)[0].double() + model.log_prior(z)


def _refined(model: VAE, x: Tensor, mu: Tensor, sigma: Tensor) -> _Cells:
    cells = _roots(model, x, mu)
    children = cells.rule.children
    for _ in range(MAX_ROUNDS):
        whole = torch.logsumexp(cells.value, 0)
        # What a cell holds at most, if between its nodes the log-joint goes on about as it does from node to node.
        most = cells.high + 0.5 * (cells.high - cells.low) + cells.rule.log_volume(cells.half)
        rough = (most > whole - NEGLIGIBLE) & (cells.high - cells.low > FLAT)
        unsure = cells.disagreement > whole + math.log(TOLERANCE)
        at_q = ((mu - cells.center).abs() <= cells.half[:, None]).all(1) & (cells.half > sigma.min())
        cut = rough | unsure | (at_q & (most > whole - MARGIN))
        if not cut.any():
            break
        parents = cells.where(cut)
        center = (parents.center[:, None] + children * parents.half[:, None, None]).flatten(0, 1)
        halves = (parents.half / 2).repeat_interleave(len(children))
        cells = cells.where(~cut).plus(_Cells.of(model, x, center, halves))
    return cells


def _roots(model: VAE, x: Tensor, mu: Tensor) -> _Cells:
    """Cells on a lattice around the prior's mean, out to where even a far better code could not matter; and at mu."""
    own = (mu / (2 * ROOT_HALF)).floor()
    cells = _lattice_cells(model, x, own[None])
    inner = 0
    reach = 6
    while reach > inner:
        at = torch.arange(-reach, reach, dtype=torch.float64)
        place = cells.rule.lattice(at)
        ring = (place + 0.5).abs().amax(1) > inner
        cells = cells.plus(_lattice_cells(model, x, place[ring & (place != own).any(1)]))
        inner = reach
        likeliest = (cells.high - model.log_prior(cells.center)).max()
        needed = likeliest + MARGIN - torch.logsumexp(cells.value, 0)
        wanted = math.ceil(model.prior.reach(needed.item()) / (2 * ROOT_HALF))
        reach = min(max(reach, wanted), MAX_REACH)
    return cells


def _lattice_cells(model: VAE, x: Tensor, place: Tensor) -> _Cells:
    half = torch.full((len(place),), ROOT_HALF, dtype=torch.float64)
    return _Cells.of(model, x, (place + 0.5) * 2 * ROOT_HALF, half)


def _boxes(cells: _Cells, whole: Tensor) -> list[tuple[Tensor, float]]:
    """Disjoint boxes (2, D), their low and high corners, around the mass, heaviest first, with the step each needs."""
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
    if box.shape[1] == 1:
        return _row(model, x, box, step)
    (left, bottom), (right, top) = box.tolist()
    columns, rows = (min(max(math.ceil(side / step), STEPS[0]), STEPS[1]) for side in (right - left, top - bottom))
    across = left + (torch.arange(columns, dtype=torch.float64) + 0.5) * (right - left) / columns
    up = bottom + (torch.arange(rows, dtype=torch.float64) + 0.5) * (top - bottom) / rows
    z = torch.cartesian_prod(up, across).flip(1)
    return Window((left, bottom), (right, top), _log_joint(model, x, z).view(rows, columns))


def _row(model: VAE, x: Tensor, box: Tensor, step: float) -> Window:
    (left,), (right,) = box.tolist()
    columns = min(max(math.ceil((right - left) / step), LINE_STEPS[0]), LINE_STEPS[1])
    across = left + (torch.arange(columns, dtype=torch.float64) + 0.5) * (right - left) / columns
    return Window((left, 0.0), (right, 1.0), _log_joint(model, x, across[:, None]).view(1, columns))
