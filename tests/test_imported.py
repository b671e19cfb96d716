"""People's own models: the checkpoint computes what their module does without its code, and bad ones are refused."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

from explorer.views.network import NotInBrowser, arrays_of, browser_layers
from tests.server import ROOT
from training import checkpoint, run
from training.data.datasets import load_dataset
from training.errors import UserError
from training.measure.evaluation import as_pixels
from training.model.imported import import_model
from training.model.network import Network
from training.model.tracing import trace
from training.options import ImportOptions


class Small(nn.Module):
    """Layers that the browser knows."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Sequential(
            nn.Flatten(), nn.Linear(64, 16), nn.BatchNorm1d(16), nn.ReLU(inplace=True), nn.Dropout()
        )
        self.heads = nn.Linear(16, 4)
        self.body = nn.Sequential(nn.Linear(2, 32), nn.ELU(), nn.Unflatten(1, (8, 2, 2)), nn.Upsample(scale_factor=2))
        self.pixels = nn.ConvTranspose2d(8, 1, 3, stride=2, padding=1, output_padding=1)

    def encode(self, x: Any) -> Any:
        mu, log_var = self.heads(self.hidden(2 * x - 1)).chunk(2, dim=1)
        return mu, log_var.clamp(-6, 6)

    def decode(self, z: Any) -> Any:
        h = self.body(z)
        return self.pixels(h + torch.tanh(h)).flatten(1)


class OnlyTorch(Small):
    """Attention, norms and pooling."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.norm = nn.GroupNorm(2, 8)
        self.pixels = nn.Sequential(
            nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=4), nn.AvgPool2d(1), nn.PixelShuffle(2),
            nn.utils.parametrizations.weight_norm(nn.Conv2d(2, 1, 3, padding="same")),
        )  # fmt: skip

    def decode(self, z: Any) -> Any:
        rows = self.norm(self.body(z)).flatten(2).transpose(1, 2)
        rows = rows + self.attention(rows, rows, rows, need_weights=False)[0]
        return self.pixels(rows.transpose(1, 2).reshape(z.size(0), 8, 4, 4))


class Code(Small):
    """No noise."""

    def encode(self, x: Any) -> Any:
        return super().encode(x)[0]


def _options(tmp_path: Path, kind: str, **changes: Any) -> ImportOptions:
    torch.manual_seed(0)
    built = globals()[kind]()
    for name, buffer in built.named_buffers():
        if "running" in name:
            buffer.uniform_(0.5, 2)
    weights = tmp_path / f"{kind}.safetensors"
    save_file(built.state_dict(), weights)
    what = {"model": f"{__name__}:{kind}", "weights": weights, "out": tmp_path / "digits" / "own", "dataset": "digits"}
    changes = {"output": "logits", **changes}  # untrained, they look like no logits
    return ImportOptions(**{**what, **changes})


def _theirs(options: ImportOptions) -> Any:
    from safetensors.torch import load_file

    model = globals()[options.model.split(":")[1]]()
    model.load_state_dict(load_file(options.weights))
    return model.eval()


@pytest.mark.parametrize("model", ["Small", "OnlyTorch", "Code"])
def test_an_imported_model_gives_what_its_owner_s_does(model: str, tmp_path: Path) -> None:
    options = _options(tmp_path, model)
    metrics = import_model(options)
    checkpoint.verify(options.out)
    theirs, ours = _theirs(options), checkpoint.load_model(options.out)
    data = load_dataset("digits", Path("data"))
    x = as_pixels(torch.from_numpy(data.gallery.images))
    with torch.no_grad():
        encoded = theirs.encode(x)
        mu = encoded if model == "Code" else encoded[0]
        torch.testing.assert_close(ours.encode(x)[0], mu, atol=1e-6, rtol=1e-5)
        torch.testing.assert_close(ours.decode(mu), theirs.decode(mu).reshape(x.shape), atol=1e-5, rtol=1e-5)
        test = as_pixels(torch.from_numpy(data.test.images))
        if model == "Code":
            assert metrics["kl"] is None
        else:
            torch.testing.assert_close(ours.encode(x)[1], encoded[1], atol=1e-6, rtol=1e-5)
            mu, log_var = theirs.encode(test)
            kl = torch.distributions.kl_divergence(
                torch.distributions.Normal(mu, (0.5 * log_var).exp()), torch.distributions.Normal(0, 1)
            )
            assert metrics["kl"] == pytest.approx(float(kl.sum(1).mean()), abs=1e-3)
    latents = checkpoint.load_latents(options.out)
    np.testing.assert_allclose(latents["mu"], ours.encode(x)[0].detach().numpy(), atol=1e-5)
    assert checkpoint.load_history(options.out) == []
    assert f"`{__name__}:{model}`" in (options.out / "README.md").read_text()


@pytest.mark.parametrize(("model", "known"), [("Small", True), ("OnlyTorch", False)])
def test_layers_that_the_browser_runs_are_told_to_it(model: str, known: bool, tmp_path: Path) -> None:
    options = _options(tmp_path, model)
    import_model(options)
    spec, weights = checkpoint.load_config(options.out).model, checkpoint.load_weights(options.out)
    assert all(layer["kind"] != "aten" for layer in spec.encoder_layers)
    browser_layers(spec.encoder_layers, arrays_of(weights, "encoder"), "encoder", (1, 8, 8), (4,))
    if known:
        browser_layers(spec.decoder_layers, arrays_of(weights, "decoder"), "decoder", (2,), (1, 8, 8))
    else:
        with pytest.raises(NotInBrowser, match=r"group_norm"):
            browser_layers(spec.decoder_layers, arrays_of(weights, "decoder"), "decoder", (2,), (1, 8, 8))


def test_a_checkpoint_opens_without_its_owner_s_code(tmp_path: Path) -> None:
    options = _options(tmp_path, "OnlyTorch")
    import_model(options)
    code = (
        "import sys, torch; from training.checkpoint import load_model; "
        f"model = load_model({str(options.out)!r}); print(tuple(model.image(torch.zeros(2, 2)).shape)); "
        f"sys.exit({__name__!r} in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert shown.stdout == "(2, 1, 8, 8)\n"


def test_metrics_of_an_imported_model_can_be_computed_anew(tmp_path: Path) -> None:
    options = _options(tmp_path, "Small", likelihood="gaussian", sigma=0.25)
    metrics = import_model(options)
    assert run.evaluate(options.out, Path("data"), save=True, quick=True) == metrics
    checkpoint.verify(options.out)
    assert checkpoint.load_weights(options.out)["log_sigma"] == pytest.approx(np.log(0.25))


class Wrong(Small):
    """Something is wrong with a method, by its name."""

    wrong = ""

    def encode(self, x: Any) -> Any:
        mu, log_var = super().encode(x)
        return {
            "flat": lambda: super(Wrong, self).encode(x.view(28, 28)),
            "unequal": lambda: (mu, log_var[:, :1]),
            "nan": lambda: (mu / 0 * 0, log_var),
            "random": lambda: (mu + torch.randn_like(mu), log_var),
            "dropout": lambda: (F.dropout(mu), log_var),
            "fft": lambda: (torch.fft.rfft(mu).real, log_var),
            "branch": lambda: (mu, log_var) if mu.sum() > 0 else (log_var, mu),
            "loop": lambda: (torch.stack([row + len(x) for row in mu]), log_var),
            "batch": lambda: (F.batch_norm(mu, None, None, training=True), log_var),
        }.get(self.wrong, lambda: (mu, log_var))()

    def decode(self, z: Any) -> Any:
        logits = super().decode(z)
        return {
            "pixels": lambda: torch.sigmoid(logits),
            "size": lambda: logits[:, :60],
            "infinite": lambda: logits / torch.zeros(64),
        }.get(self.wrong, lambda: logits)()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("flat", r"encode fails on a tensor of shape \(2, 1, 8, 8\): RuntimeError: .*; it must take x \(N"),
        ("unequal", r"encode gives \(2, 2\) and \(2, 1\) for 2 images, expected mu and log_var"),
        ("nan", "encode gives a number that is not finite for held-out image 0"),
        ("random", "encode uses randn_like, which is random"),
        ("dropout", "encode uses dropout, which is random"),
        ("fft", "encode uses fft_rfft, which is none that a checkpoint can hold"),
        ("branch", "encode cannot be recorded: .*without looking at their values"),
        ("loop", "encode cannot be recorded: .*any number of images"),
        ("batch", "encode uses batch_norm, which mixes the images of a batch"),
        ("pixels", "--output logits: decode ends in a sigmoid, so it gives pixels; say --output pixels"),
        ("size", r"decode gives \(2, 60\) for z of shape \(2, 2\), expected logits \(2, 1, 8, 8\)"),
        ("infinite", "decode gives a number that is not finite for held-out image 0"),
    ],
)
def test_models_that_cannot_be_imported_are_told_why(
    wrong: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Wrong, "wrong", wrong)
    options = _options(tmp_path, "Wrong")
    with pytest.raises(UserError, match=message) as caught:
        import_model(options)
    assert "\n" not in str(caught.value)
    assert not options.out.exists()


def _text(tmp_path: Path) -> Path:
    file = tmp_path / "weights.safetensors"
    file.write_text("not tensors")
    return file


def _pickle(tmp_path: Path) -> Path:
    torch.save(Small().state_dict(), tmp_path / "weights.pt")
    return tmp_path / "weights.pt"


def _changed(tmp_path: Path, name: str, tensor: torch.Tensor | None) -> Path:
    state = {**Small().state_dict(), name: tensor}
    save_file({key: value for key, value in state.items() if value is not None}, tmp_path / "weights.safetensors")
    return tmp_path / "weights.safetensors"


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (lambda folder: folder / "none.safetensors", "none.safetensors: cannot be read .*name a safetensors file"),
        (_text, "weights.safetensors: not a safetensors file"),
        (_pickle, "weights.pt: a file of torch.save, which can run code .*safetensors.torch.save_file"),
        (lambda folder: _changed(folder, "heads.bias", None), "tensor 'heads.bias' is missing"),
        (
            lambda folder: _changed(folder, "heads.bias", torch.zeros(6)),
            r"'heads.bias' has shape \(6,\), expected \(4,\)",
        ),
        (lambda folder: _changed(folder, "extra", torch.zeros(4)), "'extra' does not belong to this model"),
        (
            lambda folder: _changed(folder, "heads.bias", torch.full((4,), torch.nan)),
            "holds a number that is not finite",
        ),
    ],
)
def test_weights_that_do_not_fit_are_named(weights: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message) as caught:
        import_model(_options(tmp_path, "Small", weights=weights(tmp_path)))
    assert "\n" not in str(caught.value)


NOT_A_MODEL = 3


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("my_vae", "name your model as module:object"),
        ("no_such_module:VAE", "no module no_such_module in this folder or installed"),
        (f"{__name__}:Absent", "has no Absent"),
        (f"{__name__}:_changed", r"_changed\(\) fails: TypeError"),
        (f"{__name__}:NOT_A_MODEL", r"NOT_A_MODEL\(\) fails: TypeError"),
        ("torch.nn:Identity", "Identity has no method encode"),
    ],
)
def test_objects_that_are_no_model_are_named(name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message) as caught:
        import_model(_options(tmp_path, "Small", model=name))
    assert "\n" not in str(caught.value)


def test_a_data_set_of_other_images_and_a_finished_checkpoint_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        UserError,
        match=r"encode fails on a tensor of shape \(2, 1, 28, 28\): RuntimeError: .*shapes",
    ):
        import_model(_options(tmp_path, "Small", dataset="mnist5k"))
    with pytest.raises(UserError, match="--dataset cats: not one of"):
        _options(tmp_path, "Small", dataset="cats")
    options = _options(tmp_path, "Small")
    import_model(options)
    with pytest.raises(UserError, match="holds a finished checkpoint"):
        import_model(options)


def test_values_changed_in_place_are_the_changed_ones() -> None:
    class Twice(nn.Module):
        def encode(self, x: Any) -> Any:
            h = 3 * x
            return F.relu(h, inplace=True) + h

    layers, _ = trace(Twice(), "encode", torch.randn(2, 4))
    x = torch.randn(5, 4)
    torch.testing.assert_close(Network(layers)(x), 2 * F.relu(3 * x))


def test_the_documented_example_runs(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "own-models.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (commands,) = re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
    (tmp_path / "my_vae.py").write_text(code)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    ran = [line.split() for line in commands.splitlines() if line.startswith("python")]
    assert len(ran) == 2
    for _, *arguments in ran:
        subprocess.run([sys.executable, *arguments], cwd=tmp_path, env=environment, check=True, capture_output=True)
    config = checkpoint.verify(tmp_path / "checkpoints" / "mnist5k" / "my-vae")
    assert config.training["model"] == "my_vae:VAE"
    metrics = json.loads((tmp_path / "checkpoints" / "mnist5k" / "my-vae" / "metrics.json").read_text())
    assert metrics["elbo"] > -250, "it has learned something"
