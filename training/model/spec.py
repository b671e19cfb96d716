"""What a model is: the description from which its networks are built, as `config.json` holds it. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from training.model.layers import Layer, check_layers, takes_class

PosteriorName = Literal["deterministic", "diagonal", "full"]
LikelihoodName = Literal["bernoulli", "gaussian", "continuous-bernoulli"]
PriorName = Literal["standard", "mixture", "vamp"]
NetworkName = Literal["mlp", "conv", "layers", "none"]
ActivationName = Literal["silu", "relu", "tanh"]

MOST_COMPONENTS = 1000  # of a prior

_CHOICES = {
    "architecture": NetworkName,
    "activation": ActivationName,
    "posterior": PosteriorName,
    "likelihood": LikelihoodName,
    "prior": PriorName,
}


@dataclass(frozen=True)
class ModelSpec:
    """Everything needed to build the network of a run; stored in `config.json`.

    `image_shape` is (C, H, W). For `mlp` and `conv`, `hidden_dims` are the encoder's layer widths from the image
    inwards (for `conv`: channels of stride-2 convolutions), `decoder_hidden_dims` the decoder's from the latent
    outwards. For `layers`, a network made elsewhere, these are listed one by one (training/model/layers.py). `none`: no
    network, latents alone, whose `image_shape` is that of their images, or (1, 1, 1) without any. With `condition`, the
    number of classes, the model is conditional: encoder and decoder take the image's class, one-hot. `prior`: N(0, I),
    or a learned mixture of `prior_components` Gaussians (training/model/prior.py).
    """

    image_shape: tuple[int, int, int]
    latent_dim: int
    architecture: NetworkName
    hidden_dims: tuple[int, ...]
    decoder_hidden_dims: tuple[int, ...]
    activation: ActivationName
    dropout: float
    posterior: PosteriorName
    likelihood: LikelihoodName
    encoder_layers: tuple[Layer, ...] = ()
    decoder_layers: tuple[Layer, ...] = ()
    condition: int = 0
    prior: PriorName = "standard"
    prior_components: int = 0

    @property
    def has_decoder(self) -> bool:
        """Whether there is a network, or latents alone."""
        return self.architecture != "none"

    @property
    def posterior_parameters(self) -> int:
        """Numbers that the encoder gives an image: mu, and log_var or the Cholesky factor's lower triangle."""
        dim = self.latent_dim
        return dim + {"deterministic": 0, "diagonal": dim, "full": dim * (dim + 1) // 2}[self.posterior]

    @staticmethod
    def from_json(value: dict[str, Any]) -> ModelSpec:
        """Build from a `config.json` object; raises KeyError, TypeError or ValueError for a bad field."""
        lists = {name: tuple(value[name]) for name in ("image_shape", "hidden_dims", "decoder_hidden_dims")}
        own = value["architecture"] == "layers"
        layers = {part: check_layers(value[part]) if own else () for part in ("encoder_layers", "decoder_layers")}
        spec = ModelSpec(**{**value, **lists, **layers})
        for name, numbers in {**lists, "latent_dim": (spec.latent_dim,)}.items():
            if not all(type(number) is int and 0 < number < 2**31 for number in numbers):
                raise ValueError(f"{name} must hold positive whole numbers")
        if len(spec.image_shape) != 3:
            raise ValueError("image_shape must be (C, H, W)")
        if not isinstance(spec.dropout, int | float) or not 0 <= spec.dropout < 1:
            raise ValueError("dropout must be in [0, 1)")
        if type(spec.condition) is not int or not 0 <= spec.condition < 2**31:
            raise ValueError("condition must be the number of classes that are given, or 0")
        if type(spec.prior_components) is not int or (spec.prior_components > 0) != (spec.prior != "standard"):
            raise ValueError("prior_components must be how many a learned prior has, 0 for the standard one")
        if not 0 <= spec.prior_components <= MOST_COMPONENTS:
            raise ValueError(f"prior_components must be at most {MOST_COMPONENTS:,}")
        if not spec.condition and (takes_class(spec.encoder_layers) or takes_class(spec.decoder_layers)):
            raise ValueError("a layer takes the class, but condition is 0")
        for name, names in _CHOICES.items():
            if getattr(spec, name) not in get_args(names):
                raise ValueError(f"{name} must be one of {', '.join(get_args(names))}")
        return spec
