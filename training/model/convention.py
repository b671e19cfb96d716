"""What a person's `encode` and `decode` take and give, and their model as one that keeps to ours.

Ours: `encode(x)` of images in [0, 1] gives mu and log_var, each (N, D), or mu alone; `decode(z)` one tensor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor, distributions, nn

from training.errors import UserError
from training.model.own_module import method, with_type
from training.options import InputName, OrderName, ScaleName

# Names under which models give what they encode or decode, where they give an object or a dictionary.
MEANS = ("embedding", "mu", "mean", "loc", "z_mean")
SPREADS: dict[str, ScaleName] = {
    **dict.fromkeys(("log_covariance", "log_var", "logvar", "log_variance", "z_log_var"), "log-var"),
    **dict.fromkeys(("log_std", "log_sigma", "log_scale"), "log-std"),
    **dict.fromkeys(("std", "stddev", "sigma", "scale"), "std"),
    **dict.fromkeys(("variance", "var"), "var"),
}
DECODED = ("reconstruction", "sample", "recon_x", "x_hat", "logits")
QUANTISED = ("indices", "codes", "encoding_indices", "quantized_indices", "quantized", "vq_loss")


@dataclass(frozen=True)
class Convention:
    """What `encode` takes, which of its two values is the mean, and what the other one is; None: not said."""

    input: InputName | None = None
    order: OrderName | None = None
    scale: ScaleName | None = None


class Adapted(nn.Module):
    """A person's model, which keeps to our convention from here on."""

    def __init__(self, model: nn.Module, convention: Convention, classes: Tensor | None = None) -> None:
        """`classes` (N, K): of a conditional model, those of the held-out images, one-hot."""
        super().__init__()
        self.model, self.convention, self.classes = model, convention, classes

    def y(self, start: int, count: int) -> Tensor | None:
        """What a conditional model is given with `count` held-out images from number `start` on."""
        return None if self.classes is None else self.classes[start : start + count]

    def given(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """The mean, and the spread on its own scale or None, (N, D) each, of images (N, C, H, W) in [0, 1].

        Raises UserError for what is neither.
        """
        value = self._encoded(x, y)
        parts, _ = _parts_of(value)
        _expect_vectors(value, parts, len(x))
        return self._in_order(parts)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Any:
        """mu and log_var, or mu alone."""
        # Nothing here asks how many images there are: it is recorded for any number.
        mu, spread = self._in_order(_parts_of(self._encoded(x, y))[0])
        if spread is None:
            return mu
        return mu, {
            "log-var": lambda: spread,
            "log-std": lambda: 2 * spread,
            "std": lambda: 2 * spread.log(),
            "var": lambda: spread.log(),
        }[self.convention.scale or "log-var"]()

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """What the person's decoder gives, one tensor; raises UserError."""
        value = self._call("decode", z, y)
        if isinstance(value, distributions.Independent):
            value = value.base_dist
        if isinstance(value, distributions.Bernoulli | distributions.ContinuousBernoulli):
            return value.logits
        named = value if isinstance(value, Tensor) else _named(value, DECODED)
        if not isinstance(named, Tensor):
            raise UserError(f"decode gives a {type(value).__name__}, expected one tensor of logits or pixels")
        return named

    def with_scale_told(self, x: Tensor) -> Adapted:
        """The same, with the spread's scale where the name that the model gives it says which."""
        _, scale = _parts_of(self._encoded(x, self.y(0, len(x))))
        return self.by(replace(self.convention, scale=self.convention.scale or scale))

    def by(self, convention: Convention) -> Adapted:
        """The same model by another convention."""
        return Adapted(self.model, convention, self.classes)

    def _encoded(self, x: Tensor, y: Tensor | None) -> Any:
        return self._call("encode", 2 * x - 1 if self.convention.input == "tanh" else x, y)

    def _in_order(self, parts: list[Any]) -> tuple[Tensor, Tensor | None]:
        if len(parts) == 1:
            return parts[0], None
        mu, spread = reversed(parts) if self.convention.order == "mu-last" else parts
        return mu, spread

    def _call(self, name: str, x: Tensor, y: Tensor | None) -> Any:
        checked = distributions.Distribution._validate_args
        distributions.Distribution.set_default_validate_args(False)  # it looks at values: it could not be recorded
        try:
            return method(self.model, name)(*(x,) if y is None else (x, y))
        except Exception as error:
            takes = "x (N, C, H, W) in [0, 1]" if name == "encode" else "z (N, D)"
            takes += "" if y is None else f" and y (N, {y.shape[1]}), the class one-hot"
            raise UserError(
                f"{name} fails on a tensor of shape {tuple(x.shape)}: {with_type(error)}; it must take {takes}"
            ) from error
        finally:
            distributions.Distribution.set_default_validate_args(checked)


def _parts_of(value: Any) -> tuple[list[Any], ScaleName | None]:
    """What `encode` gives, one value after the other, and the scale of the second if its name tells it."""
    inner = _named(value, ("latent_dist",))
    value = value if inner is None else inner
    if isinstance(value, Tensor):
        return [value], None
    if type(value) in (tuple, list):
        return list(value), None
    if isinstance(value, distributions.Distribution):
        base = value.base_dist if isinstance(value, distributions.Independent) else value
        if not isinstance(base, distributions.Normal):
            raise UserError(f"encode gives a {type(value).__name__}; q(z|x) must be a Normal, independent in each z")
        return [base.loc, base.scale], "std"
    return _by_name(value)


def _by_name(value: Any) -> tuple[list[Any], ScaleName | None]:
    mean = _named(value, MEANS)
    for name, scale in SPREADS.items():
        if mean is not None and (spread := _named(value, (name,))) is not None:
            return [mean, spread], scale
    if mean is None:
        kind, names = type(value).__name__, ", ".join(MEANS)
        raise UserError(f"encode gives a {kind} with nothing named {names}; expected mu and log_var, each (N, D)")
    return [mean], None


def _expect_vectors(value: Any, parts: list[Any], count: int) -> None:
    shapes = [_shape(part) for part in parts]
    tensors = [part for part in parts if isinstance(part, Tensor)]
    if any(not part.is_floating_point() for part in tensors) or any(
        _named(value, (name,)) is not None for name in QUANTISED
    ):
        raise UserError("encode gives quantised latents, entries of a code book; the explorer shows latents that vary")
    if tensors and len(tensors) == len(parts) and all(part.dim() > 2 for part in tensors):
        raise UserError(
            f"encode gives {' and '.join(shapes)}: latents that are maps, a vector for each place, or quantised; the "
            "explorer shows one vector (N, D) for each image"
        )
    fits = tensors and tensors[0].dim() == 2 and len(tensors[0]) == count and len(parts) in (1, 2)
    if not fits or len(set(shapes)) != 1:
        raise UserError(
            f"encode gives {' and '.join(shapes) or 'nothing'} for {count} images, expected mu and log_var, each (N, D)"
        )


def _named(value: Any, names: tuple[str, ...]) -> Any:
    """The first of these names that an object or a dictionary has a tensor or a value for; None without one."""
    if isinstance(value, Tensor | tuple | list) and not hasattr(value, "_fields"):
        return None
    for name in names:
        found = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
        if found is not None:
            return found
    return None


def _shape(value: Any) -> str:
    return str(tuple(value.shape)) if isinstance(value, Tensor) else type(value).__name__
