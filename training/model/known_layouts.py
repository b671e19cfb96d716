"""Plain VAEs of two libraries, built anew from the sizes of their tensors: a state dict is all that is needed.

Pythae: fully connected, Linear and ReLU, a sigmoid last; `encoder.layers`, `encoder.embedding`, `encoder.log_var`,
`decoder.layers`. AntixK's PyTorch-VAE: convolutions of stride 2 with batch normalisation, a tanh last; `encoder`,
`fc_mu`, `fc_var`, `decoder_input`, `decoder`, `final_layer`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor, nn

from training.errors import UserError, one_line

State = Mapping[str, Tensor]


class Pythae(nn.Module):
    """Images are flattened on their way in, and come out flat."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self.encoder, self.decoder = nn.Module(), nn.Module()
        blocks = _blocks(state, "encoder.layers")
        self.encoder.layers = nn.ModuleList(nn.Sequential(_linear(state, f"{at}.0"), nn.ReLU()) for at in blocks)
        self.encoder.embedding, self.encoder.log_var = (
            _linear(state, f"encoder.{head}") for head in ("embedding", "log_var")
        )
        *hidden, last = _blocks(state, "decoder.layers")
        self.decoder.layers = nn.ModuleList(
            [
                *(nn.Sequential(_linear(state, f"{at}.0"), nn.ReLU()) for at in hidden),
                nn.Sequential(_linear(state, f"{last}.0"), nn.Sigmoid()),
            ]
        )

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """mu and log_var, (N, D) each, of images (N, C, H, W)."""
        h = x.flatten(1)
        for block in self.encoder.layers:  # type: ignore[union-attr]
            h = block(h)
        return self.encoder.embedding(h), self.encoder.log_var(h)  # type: ignore[operator]

    def decode(self, z: Tensor) -> Tensor:
        """Pixels (N, C H W)."""
        for block in self.decoder.layers:  # type: ignore[union-attr]
            z = block(z)
        return z


class AntixK(nn.Module):
    """Pixels from -1 to 1."""

    def __init__(self, state: State) -> None:
        super().__init__()
        widths = [(len(state[f"{at}.0.weight"]), state[f"{at}.0.weight"].shape[1]) for at in _blocks(state, "encoder")]
        self.encoder = nn.Sequential(*(_block(nn.Conv2d(come, go, 3, 2, 1), go) for go, come in widths))
        self.fc_mu, self.fc_var = _linear(state, "fc_mu"), _linear(state, "fc_var")
        self.decoder_input = _linear(state, "decoder_input")
        sizes = [state[f"{at}.0.weight"].shape[:2] for at in _blocks(state, "decoder")]
        self.decoder = nn.Sequential(
            *(_block(nn.ConvTranspose2d(come, go, 3, 2, 1, output_padding=1), go) for come, go in sizes)
        )
        come, go = state["final_layer.0.weight"].shape[:2]
        last = nn.Conv2d(go, len(state["final_layer.3.weight"]), 3, padding=1)
        up = nn.ConvTranspose2d(come, go, 3, 2, 1, output_padding=1)
        self.final_layer = nn.Sequential(up, nn.BatchNorm2d(go), nn.LeakyReLU(), last, nn.Tanh())
        self.channels = widths[-1][0]
        self.side = math.isqrt(self.fc_mu.in_features // self.channels)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """mu and log_var, (N, D) each, of images (N, C, H, W)."""
        h = self.encoder(x).flatten(1)
        return self.fc_mu(h), self.fc_var(h)

    def decode(self, z: Tensor) -> Tensor:
        """Pixels (N, C, H, W)."""
        h = self.decoder_input(z).view(-1, self.channels, self.side, self.side)
        result: Tensor = self.final_layer(self.decoder(h))
        return result


LAYOUTS: dict[str, Callable[[State], nn.Module]] = {"pythae": Pythae, "antixk": AntixK}
# What the tensors of each are called, to tell a file that has none of them.
MARKS = {"pythae": "encoder.embedding.weight", "antixk": "fc_mu.weight"}


def known_layout(name: str, state: State) -> nn.Module:
    """The plain VAE `name`, with fresh weights of the sizes in `state`; raises UserError where they are another's."""
    end = MARKS[name]
    prefix = next((key.removesuffix(end) for key in state if key == end or key.endswith(f".{end}")), "")
    own = {key.removeprefix(prefix): tensor for key, tensor in state.items() if key.startswith(prefix)}
    try:
        return LAYOUTS[name](own)
    except (KeyError, ValueError, IndexError, RuntimeError, ZeroDivisionError) as error:
        raise UserError(
            f"{name}: the weights are not those of its plain VAE ({one_line(error, 120)}): name your "
            "model as module:object instead"
        ) from error


def _blocks(state: State, prefix: str) -> list[str]:
    """Names of the numbered parts under a prefix, in order."""
    rest = {key.removeprefix(f"{prefix}.").partition(".")[0] for key in state if key.startswith(f"{prefix}.")}
    return [f"{prefix}.{number}" for number in sorted(int(part) for part in rest if part.isdecimal())]


def _linear(state: State, name: str) -> nn.Linear:
    outputs, inputs = state[f"{name}.weight"].shape
    return nn.Linear(inputs, outputs)


def _block(convolution: Any, channels: int) -> nn.Sequential:
    return nn.Sequential(convolution, nn.BatchNorm2d(channels), nn.LeakyReLU())
