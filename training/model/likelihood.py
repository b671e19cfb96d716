"""The distribution p(x|z) of an image given the decoder's logits."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from training.model.spec import LikelihoodName


def negative_log_likelihood(name: LikelihoodName, logits: Tensor, x: Tensor, log_sigma: Tensor | None = None) -> Tensor:
    """-log p(x|z) in nats per image, shape (N,), for `logits` and `x` of shape (N, C, H, W), x in [0, 1].

    bernoulli: the cross-entropy, also for grey pixels; continuous-bernoulli: the same with its normaliser
    (Loaiza-Ganem and Cunningham, 2019); gaussian: mean sigmoid(logits), one standard deviation exp(log_sigma).
    """
    if name == "gaussian":
        assert log_sigma is not None
        scaled = (x - torch.sigmoid(logits)) * torch.exp(-log_sigma)
        pixel = 0.5 * scaled.square() + log_sigma + 0.5 * math.log(2 * math.pi)
        return pixel.flatten(1).sum(1)
    cross_entropy: Tensor = _CrossEntropy.apply(logits.flatten(1), x.flatten(1))
    if name == "bernoulli":
        return cross_entropy
    return cross_entropy - log_normaliser(logits).flatten(1).sum(1)


class _CrossEntropy(torch.autograd.Function):
    """-sum_i x_i log p_i + (1 - x_i) log(1 - p_i), (N,), of logits (N, P) whose sigmoid p is, and x (N, P).

    Its gradient by the logits is p - x: one sigmoid serves value and gradient, and the gradient is one pass. With l the
    logits, the value is the sum of max(l, 0) - x l - log max(p, 1 - p), which overflows for no l.
    """

    @staticmethod
    def forward(ctx: Any, logits: Tensor, x: Tensor) -> Tensor:
        p = torch.sigmoid(logits)
        value = torch.addcmul(F.relu(logits), x, logits, value=-1).sub_(torch.maximum(p, 1 - p).log_()).sum(1)
        ctx.save_for_backward(p.sub_(x))
        return value

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        (residual,) = ctx.saved_tensors
        return residual * grad.unsqueeze(1), None


def log_normaliser(logits: Tensor) -> Tensor:
    """log C(lambda) of the continuous Bernoulli at lambda = sigmoid(logits), any shape.

    With l the logits, C = l / tanh(l / 2), since 2 lambda - 1 = tanh(l / 2); near l = 0 its series is used.
    """
    near = logits.abs() < 0.1
    safe = torch.where(near, torch.ones_like(logits), logits)
    return torch.where(
        near, math.log(2) + logits.square() / 12 - 7 * logits**4 / 1440, torch.log(safe / torch.tanh(safe / 2))
    )


def pixel_mean(name: LikelihoodName, logits: Tensor) -> Tensor:
    """E[x|z], the image to show: values in [0, 1], the shape of `logits`."""
    p = torch.sigmoid(logits)
    if name != "continuous-bernoulli":
        return p
    near = logits.abs() < 0.1
    safe = torch.where(near, torch.ones_like(logits), logits)
    return torch.where(near, 0.5 + logits / 12 - logits**3 / 720, torch.sigmoid(safe) / torch.tanh(safe / 2) - 1 / safe)
