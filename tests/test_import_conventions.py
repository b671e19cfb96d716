"""Models that give pixels for logits, or deviations for log_var: seen in the values, and put right."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import distributions, nn

from tests.own_models import Components, digits, options_of
from training import checkpoint
from training.errors import UserError
from training.model.imported import import_model
from training.model.network import Network
from training.model.pixels import as_logits, squashing, without_exponentials
from training.model.tracing import trace


def _pixel(model: Any, z: Any) -> Any:
    """Pixels within 0 and 1, before a sigmoid."""
    return 8 * (Components.decode(model, z) - 0.5)


DECODERS: dict[str, Any] = {
    "logits": _pixel,
    "linear": lambda model, z: Components.decode(model, z),
    "relu": lambda model, z: Components.decode(model, z).relu(),
    "hardtanh": lambda model, z: nn.functional.hardtanh(Components.decode(model, z), 0, 1),
    "sigmoid": lambda model, z: _pixel(model, z).sigmoid(),
    "sigmoid, view": lambda model, z: _pixel(model, z).sigmoid().flatten(1),
    "sigmoid, clamp": lambda model, z: _pixel(model, z).sigmoid().clamp(1e-4, 1 - 1e-4),
    "1 - sigmoid": lambda model, z: 1 - (-_pixel(model, z)).sigmoid(),
    "(tanh + 1) / 2": lambda model, z: ((_pixel(model, z) / 2).tanh() + 1) / 2,
    "tanh": lambda model, z: (_pixel(model, z) / 2).tanh(),
    "2 sigmoid - 1": lambda model, z: 2 * _pixel(model, z).sigmoid() - 1,
    "softsign": lambda model, z: nn.functional.softsign(_pixel(model, z)),
    "bytes": lambda model, z: 255 * _pixel(model, z).sigmoid(),
    "normal": lambda model, z: Components.decode(model, z) * 2 - 1,
}


class Decoder(Components):
    """`decode` by its name in the table."""

    kind = "logits"

    def decode(self, z: Any) -> Any:
        return DECODERS[self.kind](self, z)


def _imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, **changes: Any) -> Any:
    monkeypatch.setattr(Decoder, "kind", kind)
    built = Decoder()
    options = options_of(tmp_path, f"{__name__}:Decoder", built, **changes)
    import_model(options)
    return options.out, built.eval()


@pytest.mark.parametrize(
    ("kind", "output", "exact"),
    [
        ("logits", None, True),
        ("sigmoid", None, True),
        ("sigmoid, view", None, True),
        ("sigmoid, clamp", None, True),
        ("1 - sigmoid", None, True),
        ("(tanh + 1) / 2", "pixels", True),
        ("tanh", "tanh", True),
        ("2 sigmoid - 1", "tanh", True),
        ("relu", "pixels", False),
        ("hardtanh", "pixels", False),
        ("linear", "pixels", False),
        ("softsign", "tanh", False),
    ],
)
def test_the_checkpoint_decodes_the_pixels_that_the_model_does(
    kind: str, output: Any, exact: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, theirs = _imported(tmp_path, monkeypatch, kind, output=output, likelihood="gaussian", sigma=0.25)
    ours = checkpoint.load_model(out)
    with torch.no_grad():
        mu, _ = theirs.encode(digits())
        given = theirs.decode(mu).reshape(-1, 1, 8, 8)
        pixels = {"tanh": (given + 1) / 2, "pixels": given}.get(output, given.sigmoid() if kind == "logits" else given)
        torch.testing.assert_close(ours.image(mu), pixels.clamp(0, 1), atol=2e-6, rtol=0)
        if exact and kind != "sigmoid, clamp":
            torch.testing.assert_close(ours.decode(mu), _pixel(theirs, mu), atol=1e-5, rtol=1e-5)
    kinds = [layer["kind"] for layer in checkpoint.load_config(out).model.decoder_layers]
    assert ("log" in kinds) != exact
    assert not {"sigmoid", *(["aten"] if kind != "softsign" else [])} & set(kinds), "the browser runs it"


@pytest.mark.parametrize(
    ("kind", "output", "message"),
    [
        ("hardtanh", None, r"from 0 to (1|0\.\d+) for all held-out images, so pixels and not logits: say --output pix"),
        ("tanh", None, r"from -0.\d+ to 0.\d+ for all held-out images, so pixels and .* --output tanh if -1 is black"),
        ("softsign", None, "say --output tanh if -1 is black, --output pixels if 0 is, or --output logits"),
        ("relu", None, "decode gives values from 0 to .*: say --output pixels, .*or --output logits"),
        ("linear", None, "further from the held-out ones than their mean image is: say --output pixels, which brings"),
        ("normal", None, "say --output tanh, which brings them near"),
        ("bytes", None, "decode gives values from .* to 2.., and taken for logits .*further"),
        ("bytes", "pixels", r"--output pixels: decode gives values from .* to 2.*, expected 0 to 1"),
        ("logits", "pixels", r"--output pixels: decode gives values from -\d.*say --output logits"),
        (
            "hardtanh",
            "tanh",
            "--output tanh: decode gives values from 0 to .*, none of them negative; say --output pix",
        ),
        ("sigmoid", "logits", "--output logits: decode ends in a sigmoid, so it gives pixels; say --output pixels"),
    ],
)
def test_pixels_taken_for_logits_are_refused_with_the_way_out(
    kind: str, output: Any, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UserError, match=message) as caught:
        _imported(tmp_path, monkeypatch, kind, output=output)
    assert "\n" not in str(caught.value)


def test_what_is_clamped_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, theirs = _imported(tmp_path, monkeypatch, "linear", output="pixels")
    with torch.no_grad():
        given = theirs.decode(theirs.encode(digits())[0])
    share = float(((given < -1e-5) | (given > 1 + 1e-5)).float().mean())
    assert f"{share:.2%} of the decoded values lie outside 0 to 1" in capsys.readouterr().err


@pytest.mark.parametrize("shared", [False, True])
def test_a_sigmoid_that_other_layers_take_stays(shared: bool) -> None:
    class Ends(nn.Module):
        def decode(self, z: Any) -> Any:
            p = torch.sigmoid(3 * z)
            return p * 0.5 + p * 0.5 if shared else p[:, 1:3].clamp(0.1, 0.8)

    layers, tensors = trace(Ends(), "decode", torch.randn(2, 4))
    assert (squashing(layers, "pixels") is None) == shared
    rewritten, _ = as_logits(layers, tensors, "pixels")
    z = torch.randn(50, 4)
    torch.testing.assert_close(Network(rewritten)(z).sigmoid(), Ends().decode(z), atol=1e-6, rtol=1e-5)


def test_layers_that_go_take_no_tensors_of_others_with_them() -> None:
    class Ends(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 3)

        def decode(self, z: Any) -> Any:
            h = self.first(z).exp().log() + z
            return (self.second(h).tanh() + 1) / 2

    model = Ends()
    layers, tensors = without_exponentials(*as_logits(*trace(model, "decode", torch.randn(2, 4)), "pixels"))
    assert [layer["kind"] for layer in layers] == ["linear", "add", "linear", "affine"]
    network = Network(layers)
    network.load_state_dict(tensors)
    z = torch.randn(9, 4)
    torch.testing.assert_close(network(z).sigmoid(), model.decode(z))


# ---- what encode takes and gives


class Centred(Components):
    """Trained on values from -1 to 1, as its decoder gives them."""

    def encode(self, x: Any) -> Any:
        mu, log_var = Components.encode(self, (x + 1) / 2)
        return mu + (x.flatten(1).mean(1, keepdim=True) + 0.39), log_var

    def decode(self, z: Any) -> Any:
        return (_pixel(self, z) / 2).tanh()


def test_an_encoder_of_values_from_minus_1_is_noticed(tmp_path: Path) -> None:
    model = f"{__name__}:Centred"
    with pytest.raises(UserError, match=r"images come back \d\.\d times nearer .* say --input tanh, or --input pixels"):
        import_model(options_of(tmp_path, model, Centred(), output="tanh"))
    options = options_of(tmp_path, model, Centred(), output="tanh", input="tanh")
    import_model(options)
    ours, theirs = checkpoint.load_model(options.out), Centred()
    torch.testing.assert_close(ours.encode(digits())[0], theirs.encode(2 * digits() - 1)[0], atol=1e-5, rtol=1e-5)


ENCODERS: dict[str, Any] = {
    "pair": lambda mu, log_var: [mu, log_var],
    "std": lambda mu, log_var: (mu, (0.5 * log_var).exp()),
    "var": lambda mu, log_var: (mu, log_var.exp()),
    "softplus": lambda mu, log_var: (mu, nn.functional.softplus(log_var)),
    "log-std": lambda mu, log_var: (mu, 0.5 * log_var),
    "log_var first": lambda mu, log_var: (log_var, mu),
    "std first": lambda mu, log_var: ((0.5 * log_var).exp(), mu),
    "dictionary": lambda mu, log_var: {"log_var": log_var, "mu": mu},
    "named": lambda mu, log_var: SimpleNamespace(embedding=mu, log_covariance=log_var),
    "normal": lambda mu, log_var: distributions.Normal(mu, (0.5 * log_var).exp()),
    "independent": lambda mu, log_var: distributions.Independent(distributions.Normal(mu, (0.5 * log_var).exp()), 1),
    "wide": lambda mu, log_var: (mu, 30 * log_var),
    "none": lambda mu, log_var: (mu, 0 * log_var),
    "laplace": lambda mu, log_var: distributions.Laplace(mu, log_var.exp()),
    "maps": lambda mu, log_var: (mu[:, :, None, None], log_var[:, :, None, None]),
    "map": lambda mu, log_var: [mu[:, :, None, None]],
    "quantised": lambda mu, log_var: SimpleNamespace(mu=mu, indices=mu.long()),
    "whole": lambda mu, log_var: mu.long(),
    "three": lambda mu, log_var: (mu, mu, log_var),
    "nothing": lambda mu, log_var: None,
}


class Encoder(Components):
    """`encode` by its name in the table."""

    kind = "pair"

    def encode(self, x: Any) -> Any:
        return ENCODERS[self.kind](*Components.encode(self, x))

    def decode(self, z: Any) -> Any:
        return _pixel(self, z)


def _encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, **changes: Any) -> Any:
    monkeypatch.setattr(Encoder, "kind", kind)
    options = options_of(tmp_path, f"{__name__}:Encoder", Encoder(), **changes)
    return options.out, import_model(options)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("pair", {}),
        ("std", {"posterior_scale": "std"}),
        ("var", {"posterior_scale": "var"}),
        ("softplus", {"posterior_scale": "std"}),
        ("log-std", {"posterior_scale": "log-std"}),
        ("log_var first", {"posterior_order": "mu-last"}),
        ("std first", {"posterior_order": "mu-last", "posterior_scale": "std"}),
        ("dictionary", {}),
        ("named", {}),
        ("normal", {}),
        ("independent", {}),
        ("none", {}),
    ],
)
def test_the_posterior_is_the_model_s_however_it_is_given(
    kind: str, changes: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, metrics = _encoder(tmp_path, monkeypatch, kind, **changes)
    ours = checkpoint.load_model(out)
    with torch.no_grad():
        mu, log_var = Components().encode(digits())
        if kind == "softplus":
            log_var = 2 * nn.functional.softplus(log_var).log()
        if kind == "none":
            log_var = 0 * log_var
        torch.testing.assert_close(ours.encode(digits())[0], mu, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(ours.encode(digits())[1], log_var, atol=1e-5, rtol=1e-5)
    latents = checkpoint.load_latents(out)
    q = distributions.Normal(mu, (0.5 * log_var).exp())
    kl = distributions.kl_divergence(q, distributions.Normal(0, 1)).sum(1)
    torch.testing.assert_close(torch.from_numpy(latents["kl"]), kl, atol=1e-4, rtol=1e-4)
    assert metrics["kl"] is not None
    kinds = {layer["kind"] for layer in checkpoint.load_config(out).model.encoder_layers}
    assert "aten" not in kinds, "the browser runs it"
    assert ("log" in kinds) == (kind == "softplus")


@pytest.mark.parametrize(
    ("kind", "changes", "message"),
    [
        (
            "std",
            {},
            r"spread is never negative \(0\.\d+ to 0\.\d+\), .* say --posterior-scale std if .*, var .*, log-var",
        ),
        ("var", {}, "never negative"),
        ("softplus", {}, "never negative"),
        ("pair", {"posterior_scale": "std"}, "--posterior-scale std: encode's spread goes down to -.*never negative"),
        ("pair", {"posterior_scale": "var"}, "a variance is never negative; say log-var"),
        ("log_var first", {}, "first value is below 0, as a log_var is, .* say --posterior-order mu-last, or mu-first"),
        ("std first", {}, "first value is never below 0, as a standard deviation is, .* --posterior-order mu-last"),
        ("laplace", {}, r"encode gives a Laplace; q\(z\|x\) must be a Normal"),
        ("maps", {}, r"encode gives \(2, 2, 1, 1\) and \(2, 2, 1, 1\): latents that are maps.* one vector \(N, D\)"),
        ("map", {}, r"encode gives \(2, 2, 1, 1\): latents that are maps, .* or quantised"),
        ("quantised", {}, "quantised latents, entries of a code book"),
        ("whole", {}, "quantised latents"),
        ("three", {}, r"encode gives \(2, 2\) and \(2, 2\) and \(2, 2\) for 2 images, expected mu and log_var"),
        ("nothing", {}, "encode gives a NoneType with nothing named embedding, mu"),
    ],
)
def test_what_is_no_mu_and_log_var_is_asked_for_or_refused(
    kind: str, changes: dict[str, Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UserError, match=message) as caught:
        _encoder(tmp_path, monkeypatch, kind, **changes)
    assert "\n" not in str(caught.value)


def test_a_log_var_out_of_range_is_clamped_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out, metrics = _encoder(tmp_path, monkeypatch, "wide")
    with torch.no_grad():
        _, log_var = Components().encode(digits())
    beyond = int((30 * log_var < -20).sum())
    assert (
        f"note: {beyond:,} of {log_var.numel():,} log_var of the held-out images lie outside -20 to 20, and are "
        in (capsys.readouterr().err)
    )
    assert checkpoint.load_latents(out)["log_var"].min() == -20
    assert metrics["kl"] > 15
