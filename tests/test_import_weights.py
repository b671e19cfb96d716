"""Weights as people have them: in any format, under names with a prefix, tied, and a module in any folder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save, save_file
from torch import Tensor, nn

from tests.own_models import Components, options_of
from tests.test_import_conventions import Encoder
from training.errors import UserError
from training.model.imported import import_model
from training.model.own_module import own_module
from training.model.weights import load_weights, read_weights
from training.tensor_files import parse_tensors

MODEL = Components().state_dict()
State = dict[str, Tensor]


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))


def _loads(state: State, file: Path, model: nn.Module | None = None) -> None:
    """The file holds a model's weights whatever their names and type."""
    model = model or _blank()
    load_weights(model, read_weights(file, trust=True), file)
    for name, tensor in model.state_dict().items():
        torch.testing.assert_close(tensor.float(), state[name].float(), atol=1e-2, rtol=1e-2)


def _blank() -> nn.Module:
    model = Components()
    for parameter in model.parameters():
        nn.init.constant_(parameter, 7.0)
    return model


def _refused(tmp_path: Path, state: State, model: nn.Module | None = None) -> str:
    file = tmp_path / "weights.safetensors"
    save_file({name: tensor.clone() for name, tensor in state.items()}, file)
    with pytest.raises(UserError) as caught:
        load_weights(model or _blank(), read_weights(file), file)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# ---- formats


@pytest.mark.parametrize("size", [640, 768, 896, 1024, 1152])
def test_a_header_of_any_length_is_read(size: int, tmp_path: Path) -> None:
    # 896 is 0x380: its first byte is that of a pickle.
    base = save(MODEL, {"x": ""})
    header = int.from_bytes(base[:8], "little")
    padded = base[8 : 8 + header].rstrip() + b" " * size
    data = size.to_bytes(8, "little") + padded[:size] + base[8 + header :]
    file = tmp_path / "own.safetensors"
    file.write_bytes(data)
    _loads(MODEL, file)
    file.write_bytes(data[:-4])
    with pytest.raises(UserError, match="not a safetensors file") as caught:
        read_weights(file, trust=True)
    assert "torch.save" not in str(caught.value)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64, torch.float8_e5m2])
def test_floats_of_any_width_are_read(dtype: torch.dtype, tmp_path: Path) -> None:
    state = {name: tensor.to(dtype) for name, tensor in MODEL.items()}
    save_file(state, tmp_path / "own.safetensors")
    _loads(state, tmp_path / "own.safetensors")
    assert {tensor.dtype for tensor in read_weights(tmp_path / "own.safetensors").values()} == {torch.float32}


def test_a_run_s_weights_are_read_as_bfloat16(tmp_path: Path) -> None:
    mixed = {"wide": torch.randn(3, 4), "narrow": torch.randn(2, 5).bfloat16(), "label": torch.arange(4)}
    arrays = parse_tensors(tmp_path / "model.safetensors", save(mixed))
    for name, tensor in mixed.items():
        expected = tensor.float() if tensor.dtype == torch.bfloat16 else tensor
        torch.testing.assert_close(torch.from_numpy(arrays[name].copy()), expected, atol=0, rtol=0)


@pytest.mark.parametrize("legacy", [False, True])
def test_a_file_of_torch_save_is_read_on_trust_alone(legacy: bool, tmp_path: Path) -> None:
    file = tmp_path / "own.pt"
    torch.save(MODEL, file, _use_new_zipfile_serialization=not legacy)
    with pytest.raises(
        UserError, match=r"a file of torch.save, which can run code .*; --trust reads its tensors"
    ) as no:
        read_weights(file)
    assert "\n" not in str(no.value)
    _loads(MODEL, file)
    # The two lines that the refusal gives do what they say.
    first, second = str(no.value).split("`")[1::2]
    code = f"import torch, safetensors.torch\n{first}\n{second}"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True)
    _loads(MODEL, tmp_path / "own.safetensors")


class Harmful:
    """Unpickled, it would write a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> Any:
        return Path.touch, (self.file,)


def test_trust_runs_no_code(tmp_path: Path) -> None:
    torch.save({**MODEL, "hyper_parameters": Harmful(tmp_path / "harm")}, tmp_path / "own.ckpt")
    with pytest.raises(
        UserError, match=r"holds more than tensors, or is damaged .*save the state dict alone"
    ) as caught:
        read_weights(tmp_path / "own.ckpt", trust=True)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize(
    "whole",
    [
        lambda state: {"state_dict": state, "epoch": 3, "hyper_parameters": {"lr": 1e-3}},
        lambda state: {"model_state_dict": state, "loss": torch.tensor(1.0)},
        lambda state: {"state_dict": {f"model.{name}": tensor for name, tensor in state.items()}},
        lambda state: {"model": state, "optimizer": {"state": {0: {"exp_avg": torch.ones(3)}}, "param_groups": [{}]}},
    ],
)
def test_a_training_checkpoint_of_torch_save_holds_the_weights(whole: Any, tmp_path: Path) -> None:
    torch.save(whole(MODEL), tmp_path / "last.ckpt")
    _loads(MODEL, tmp_path / "last.ckpt")


def test_a_folder_is_asked_for_its_one_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"a folder with no file .safetensors, .pt"):
        read_weights(tmp_path)
    save_file(MODEL, tmp_path / "a.safetensors")
    _loads(MODEL, tmp_path)
    save_file(MODEL, tmp_path / "b.safetensors")
    with pytest.raises(UserError, match=r"a folder with a.safetensors, b.safetensors; name one"):
        read_weights(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"_class_name": "AutoencoderKL"}))
    with pytest.raises(UserError, match=r"an? AutoencoderKL of diffusers, whose latents are maps .*vectors"):
        read_weights(tmp_path)


# ---- names


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "model.", "module._orig_mod.", "net.vae."])
def test_a_prefix_is_taken_off_and_said(prefix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = {f"{prefix}{name}": tensor for name, tensor in MODEL.items()} | {"loss.weight": torch.ones(3)}
    save_file(state, tmp_path / "own.safetensors")
    _loads(MODEL, tmp_path / "own.safetensors")
    said = capsys.readouterr().err
    assert f"'{prefix}' is taken off the names; left aside: 'loss.weight'" in said


def test_wrappers_inside_names_and_around_models_are_looked_through(tmp_path: Path) -> None:
    inner = {name.replace(".", "._orig_mod.", 1): tensor for name, tensor in MODEL.items()}
    save_file(inner, tmp_path / "own.safetensors")
    _loads(MODEL, tmp_path / "own.safetensors")

    class Holder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.vae = _blank()

    save_file(MODEL, tmp_path / "own.safetensors")
    _loads({f"vae.{name}": tensor for name, tensor in MODEL.items()}, tmp_path / "own.safetensors", Holder())


def test_two_sets_of_weights_are_not_chosen_between(tmp_path: Path) -> None:
    both = {f"{prefix}.{name}": tensor for prefix in ("ema", "model") for name, tensor in MODEL.items()}
    assert "fits the model under 'ema.' and under 'model.' alike" in _refused(tmp_path, both)


class Tied(Components):
    def __init__(self) -> None:
        super().__init__()
        self.again = self.pixels
        self.norm = nn.BatchNorm1d(2)


def test_tied_tensors_need_one_name(tmp_path: Path) -> None:
    own = Tied().state_dict()
    one = {name: tensor for name, tensor in own.items() if not name.startswith("again") and "batches" not in name}
    save_file(one, tmp_path / "own.safetensors")
    model = Tied()
    nn.init.constant_(model.pixels.weight, 3.0)
    _loads(own, tmp_path / "own.safetensors", model)
    differ = {**own, "again.weight": own["pixels.weight"] + 1}
    assert "'pixels.weight' and 'again.weight' are one in your model, and differ here" in _refused(
        tmp_path, differ, Tied()
    )
    # And where the file has another name for one of the model's.
    save_file({**MODEL, "alias.weight": MODEL["code.weight"].clone()}, tmp_path / "own.safetensors")
    _loads(MODEL, tmp_path / "own.safetensors")


def test_what_the_file_holds_is_listed(tmp_path: Path) -> None:
    other = {name.replace("code", "enc.1"): tensor for name, tensor in MODEL.items()}
    assert "tensor 'code.weight' is missing; the file holds 'enc.1.bias', 'enc.1.weight', 'pixels.bias'" in _refused(
        tmp_path, other
    )
    assert "'own.bias' does not belong to this model, which has 'code.weight'" in _refused(
        tmp_path, {**MODEL, "own.bias": torch.randn(2)}
    )


# ---- places

CODE = """
from {beside} import Components, _pixel


class VAE(Components):
    decode = _pixel
"""


def _elsewhere(tmp_path: Path, package: bool = False) -> Path:
    folder = tmp_path / "else where"
    folder.mkdir()
    (folder / "layers_of_mine.py").write_text("from tests.test_import_conventions import Components, _pixel\n")
    file = folder / "my_vae_elsewhere.py"
    file.write_text(CODE.format(beside=".layers_of_mine" if package else "layers_of_mine"))
    if package:
        (folder / "__init__.py").write_text("")
    return file


def test_a_file_is_named_by_its_path(tmp_path: Path) -> None:
    file = _elsewhere(tmp_path)
    assert type(own_module(f"{file}:VAE", tmp_path)).__name__ == "VAE"
    with pytest.raises(UserError, match=r"no file .*none.py \(looked for /"):
        own_module(f"{tmp_path / 'none.py'}:VAE", tmp_path)
    with pytest.raises(UserError, match=r"has no Vae, only VAE"):
        own_module(f"{file}:Vae", tmp_path)


def test_a_file_of_a_package_imports_its_neighbours(tmp_path: Path) -> None:
    file = _elsewhere(tmp_path, package=True)
    package = file.parent.rename(tmp_path / "package_of_mine")
    assert type(own_module(f"{package / file.name}:VAE", tmp_path)).__name__ == "VAE"


def test_a_module_beside_the_weights_is_found(tmp_path: Path) -> None:
    file = _elsewhere(tmp_path)
    with pytest.raises(UserError, match=r"no module my_vae_elsewhere .*: looked for my_vae_elsewhere.py in .* and .*"):
        own_module("my_vae_elsewhere:VAE", tmp_path)
    assert own_module("my_vae_elsewhere:VAE", file.parent) is not None


def test_compiled_and_parallel_models_are_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules[__name__]
    for wrap in (torch.compile, nn.DataParallel):
        monkeypatch.setattr(module, "WRAPPED", wrap(Components()), raising=False)
        assert type(own_module(f"{__name__}:WRAPPED", Path())) is Components


def test_a_checkpoint_of_training_becomes_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Encoder, "kind", "pair")
    file = tmp_path / "last.ckpt"
    torch.save({"state_dict": {f"model.{name}": tensor for name, tensor in MODEL.items()}}, file)
    name = "tests.test_import_conventions:Encoder"
    options = options_of(tmp_path, name, Encoder(), weights=file, trust=True)
    import_model(options)
    assert "trust" not in json.loads((options.out / "config.json").read_text())["training"]
