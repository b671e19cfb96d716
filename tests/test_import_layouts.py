"""Plain VAEs of Pythae and of PyTorch-VAE, by modules laid out as theirs and by their state dicts alone."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from tests.own_models import components, digits, options_of
from training import checkpoint
from training.errors import UserError
from training.model.imported import import_model
from training.model.known_layouts import known_layout


class Output(OrderedDict[str, Any]):
    """A dictionary whose values are attributes too."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


class MlpEncoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Sequential(nn.Linear(64, 128), nn.ReLU())])
        self.embedding, self.log_var = nn.Linear(128, 2), nn.Linear(128, 2)

    def forward(self, x: Tensor) -> Output:
        h = self.layers[0](x.reshape(-1, 64))
        return Output(embedding=self.embedding(h), log_covariance=self.log_var(h))


class MlpDecoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            [nn.Sequential(nn.Linear(2, 32), nn.ReLU()), nn.Sequential(nn.Linear(32, 64), nn.Sigmoid())]
        )

    def forward(self, z: Tensor) -> Output:
        for layer in self.layers:
            z = layer(z)
        return Output(reconstruction=z.reshape((z.shape[0], 1, 8, 8)))


class Halves(nn.Module):
    """Encoder and decoder, and no methods `encode` and `decode`."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.encoder, self.decoder = MlpEncoder(), MlpDecoder()


def _up(come: int, go: int) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(come, go, 3, stride=2, padding=1, output_padding=1)


class Vanilla(nn.Module):
    """Convolutions; `encode` gives a list."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        down = [nn.Sequential(nn.Conv2d(a, b, 3, 2, 1), nn.BatchNorm2d(b), nn.LeakyReLU()) for a, b in ((1, 4), (4, 8))]
        self.encoder = nn.Sequential(*down)
        self.fc_mu, self.fc_var = nn.Linear(32, 2), nn.Linear(32, 2)
        self.decoder_input = nn.Linear(2, 32)
        self.decoder = nn.Sequential(nn.Sequential(_up(8, 4), nn.BatchNorm2d(4), nn.LeakyReLU()))
        self.final_layer = nn.Sequential(
            _up(4, 4), nn.BatchNorm2d(4), nn.LeakyReLU(), nn.Conv2d(4, 1, 3, padding=1), nn.Tanh()
        )

    def encode(self, x: Tensor) -> list[Tensor]:
        result = torch.flatten(self.encoder(x), start_dim=1)
        return [self.fc_mu(result), self.fc_var(result)]

    def decode(self, z: Tensor) -> Tensor:
        result: Tensor = self.final_layer(self.decoder(self.decoder_input(z).view(-1, 8, 2, 2)))
        return result

    def forward(self, x: Tensor) -> list[Tensor]:
        mu, log_var = self.encode(x)
        return [self.decode(mu), x, mu, log_var]


@pytest.mark.parametrize("by_name", [False, True])
def test_pythae_s_plain_vae(by_name: bool, tmp_path: Path) -> None:
    model = Halves()
    name = "pythae" if by_name else f"{__name__}:Halves"
    options = options_of(tmp_path, name, model)
    if by_name:  # as its own model.pt is
        torch.save({"model_state_dict": model.state_dict()}, tmp_path / "model.pt")
        options = options_of(tmp_path, name, model, weights=tmp_path / "model.pt", trust=True)
    import_model(options)
    ours = checkpoint.load_model(options.out)
    with torch.no_grad():
        theirs = model.encoder(digits())
        torch.testing.assert_close(ours.encode(digits())[0], theirs.embedding)
        torch.testing.assert_close(ours.encode(digits())[1], theirs.log_covariance)
        torch.testing.assert_close(ours.image(theirs.embedding), model.decoder(theirs.embedding).reconstruction)
    kinds = {layer["kind"] for layer in checkpoint.load_config(options.out).model.decoder_layers}
    assert kinds == {"linear", "relu", "reshape"}


@pytest.mark.parametrize("by_name", [False, True])
def test_the_vanilla_vae(by_name: bool, tmp_path: Path) -> None:
    model = Vanilla().eval()
    nn.init.constant_(model.final_layer[3].bias, -1.0)  # dark, as digits are
    name = "antixk" if by_name else f"{__name__}:Vanilla"
    with pytest.raises(UserError, match=r"never|pixels and not logits: say --output tanh if -1 is black"):
        import_model(options_of(tmp_path, name, model))
    options = options_of(tmp_path, name, model, output="tanh", input="pixels", posterior_scale="log-var")
    import_model(options)
    ours = checkpoint.load_model(options.out)
    with torch.no_grad():
        mu, log_var = model.encode(digits())
        torch.testing.assert_close(ours.encode(digits())[0], mu)
        torch.testing.assert_close(ours.encode(digits())[1], log_var)
        torch.testing.assert_close(ours.image(mu), (model.decode(mu) + 1) / 2)
    kinds = [layer["kind"] for layer in checkpoint.load_config(options.out).model.decoder_layers]
    assert not {"tanh", "log", "aten"} & set(kinds)
    assert kinds[-1] == "affine", "2 a of tanh a"


@pytest.mark.parametrize("prefix", ["", "model."])
def test_sizes_are_read_from_the_tensors(prefix: str) -> None:
    state = {f"{prefix}{name}": tensor for name, tensor in Vanilla().state_dict().items()}
    built = known_layout("antixk", state)
    built.load_state_dict(Vanilla().state_dict())
    assert tuple(built.decode(torch.zeros(3, 2)).shape) == (3, 1, 8, 8)  # type: ignore[operator]


@pytest.mark.parametrize("name", ["pythae", "antixk"])
def test_weights_of_another_model_are_not_taken_for_a_plain_vae(name: str, tmp_path: Path) -> None:
    save_file({"code.weight": components()[1].contiguous()}, tmp_path / "other.safetensors")
    options = options_of(tmp_path, name, nn.Linear(2, 2))
    with pytest.raises(
        UserError, match=f"{name}: the weights are not those of its plain VAE .*module:object"
    ) as caught:
        import_model(options)
    assert "\n" not in str(caught.value)
