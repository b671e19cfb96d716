"""What the Infer step computes in the browser: p(z | seen pixels) against sums over fine lattices in torch."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from explorer import loader
from explorer.views.pages import INFER
from tests.javascript import JavaScript
from tests.server import ROOT
from training import checkpoint
from training.measure.true_posterior import true_posterior
from training.model.posterior import standard_deviations
from training.model.prior import MixturePrior, StandardPrior
from training.model.vae import VAE

RunFile = Callable[[Path, loader.Part], str]

SHIPPED = ROOT / "checkpoints"
REACH, COARSE, FINE = 6.0, 0.1, 5  # a lattice's reach and step, and into how many its cells are cut where it matters
WIDE = 12.0  # the same of a learned prior
NARROW = 3000  # cells that matter, below which they are cut once more

LOAD = """
  const { Inference } = await import("/assets/run/inference.js");
  const finish = (job) => { for (;;) { const { done, value } = job.next(); if (done) return value; } };
  const load = async (url, classifier = null) => {
    const { fetchSafetensors } = await import("/assets/network/safetensors.js");
    const { Decoder } = await import("/assets/network/decoder.js");
    const { Classifier } = await import("/assets/network/classifier.js");
    const { tensors, metadata } = await fetchSafetensors(url);
    const inference = new Inference(
      new Decoder(tensors, metadata), classifier && await Classifier.fetch(classifier), Number(metadata.latent_dim));
    finish(inference.begin());
    return inference;
  };
  const told = (inference) => {
    finish(inference.refine());
    const { logEvidence, entropy, effective, window, codes } = inference.belief();
    const { levels, peak, box } = window ?? {};
    return { logEvidence, entropy, effective, levels, peak, box, codes };
  };
  const asked = (inference, { x, mask, hints = [] }) => {
    inference.ask({ x: Float32Array.from(x), seen: Uint8Array.from(mask), hints });
    return told(inference);
  };
"""


def log_prior(z: Tensor) -> Tensor:
    """log N(z; 0, I) in nats (M,) at codes (M, D)."""
    return -0.5 * (z.square() + math.log(2 * math.pi)).sum(1)


def _run(javascript: JavaScript, body: str, argument: Any = None) -> Any:
    return javascript.evaluate(f"async (argument) => {{ {LOAD} {body} }}", argument)


def _image(dataset: str, index: int) -> Tensor:
    images = checkpoint.load_gallery(SHIPPED / dataset / "gallery.safetensors")["images"]
    return torch.from_numpy(images[index : index + 1]).float() / 255


def _masks() -> list[Tensor]:
    """Ten ways to see a part of an image of 28 x 28 pixels."""
    random = torch.Generator().manual_seed(3)
    shares = [torch.rand(784, generator=random) < share for share in (0.01, 0.03, 0.1, 0.25, 0.5)]
    rows, columns = torch.arange(784) // 28, torch.arange(784) % 28
    box = (rows >= 8) & (rows < 20) & (columns >= 8) & (columns < 20)
    return [*shares, rows < 14, columns >= 14, torch.arange(784) % 7 == 0, box, ~box]


def _log_joint(model: VAE, x: Tensor, masks: Tensor, z: Tensor) -> Tensor:
    """log p(seen pixels, z) under each mask (K, P) at codes (M, 2): (K, M), double."""
    parts = []
    for some in z.float().split(8192):
        with torch.no_grad():
            logits = model.decode(some).flatten(1)
        pixels = x.flatten() * logits - torch.nn.functional.softplus(logits)
        parts.append(masks.float() @ pixels.T)
    return torch.cat(parts, 1).double() + _log_prior_of(model, z)


def _log_prior_of(model: VAE, z: Tensor) -> Tensor:
    """log p(z) of a run's own prior, a mixture where it has learned one, in nats (M,) at codes (M, 2)."""
    if not isinstance(model.prior, MixturePrior):
        return log_prior(z)
    logits, mean, log_var = (part.detach().double() for part in model.prior.parameters())
    gaussians = Independent(Normal(mean, torch.exp(0.5 * log_var)), 1)
    found: Tensor = MixtureSameFamily(Categorical(logits=logits), gaussians).log_prob(z)  # type: ignore[no-untyped-call]
    return found


def _cut(z: Tensor, near: Tensor, step: float) -> Tensor:
    """Each of the codes that are near, cut into the middles of FINE x FINE smaller cells."""
    offsets = (torch.arange(FINE, dtype=torch.float64) - (FINE - 1) / 2) * step / FINE
    return (z[near][:, None] + torch.cartesian_prod(offsets, offsets)).flatten(0, 1)


def _lattices(model: VAE, x: Tensor, masks: Tensor) -> list[tuple[Tensor, float]]:
    """Of each mask the log-joint on a fine lattice, wherever it comes near its peak, and a cell's area."""
    reach = REACH if isinstance(model.prior, StandardPrior) else WIDE
    axis = torch.arange(-reach + COARSE / 2, reach, COARSE, dtype=torch.float64)
    z = torch.cartesian_prod(axis, axis)
    coarse = _log_joint(model, x, masks, z)
    z = _cut(z, (coarse > coarse.amax(1, keepdim=True) - 18).any(0), COARSE)
    step = COARSE / FINE
    found = []
    for mask, joint in zip(masks, _log_joint(model, x, masks, z), strict=True):
        near = joint > joint.max() - 14
        narrow = int(near.sum()) < NARROW  # a contour crosses few of its cells
        if narrow:
            joint = _log_joint(model, x, mask[None], _cut(z, near, step))[0]
        found.append((joint, (step / FINE if narrow else step) ** 2))
    return found


@pytest.mark.parametrize(
    ("dataset", "run", "index"),
    [
        ("mnist", "elbo", 450),
        ("mnist", "elbo-full-covariance", 17),
        ("mnist", "elbo-mixture-prior", 8),
        ("fashion-mnist", "elbo", 5),
    ],
)
def test_a_part_of_an_image_gives_the_sums_over_a_fine_lattice(
    javascript: JavaScript, run_file: RunFile, dataset: str, run: str, index: int
) -> None:
    folder = SHIPPED / dataset / run
    learned = run == "elbo-mixture-prior"
    x, masks = _image(dataset, index), torch.stack(_masks()[:: 3 if learned else 1])
    lattices = _lattices(checkpoint.load_model(folder), x, masks)
    found = _run(
        javascript,
        """const inference = await load(argument.url);
        return argument.masks.map((mask) => asked(inference, { x: argument.x, mask }));""",
        {"url": run_file(folder, "decoder"), "x": x.flatten().tolist(), "masks": masks.int().tolist()},
    )
    for one, (joint, area) in zip(found, lattices, strict=True):
        log_p = torch.logsumexp(joint, 0) + math.log(area)
        assert one["logEvidence"] == pytest.approx(log_p.item(), abs=0.01)
        assert one["entropy"] == pytest.approx((log_p - (torch.softmax(joint, 0) * joint).sum()).item(), abs=0.01)
        for level, share in zip(one["levels"], (0.5, 0.9, 0.99), strict=True):
            inside = torch.softmax(joint, 0)[joint >= one["peak"] + level].sum()
            assert inside.item() == pytest.approx(share, abs=0.01)


def test_nothing_seen_is_a_learned_prior_and_what_is_hidden_again_leaves_it_as_it_was(
    javascript: JavaScript, run_file: RunFile
) -> None:
    folder = SHIPPED / "mnist" / "elbo-mixture-prior"
    axis = torch.arange(-WIDE, WIDE, 0.02, dtype=torch.float64)
    log_p = _log_prior_of(checkpoint.load_model(folder), torch.cartesian_prod(axis, axis))
    density, area = log_p.exp(), 4e-4
    assert density.sum().item() * area == pytest.approx(1, abs=1e-6)
    nothing, half = torch.zeros(784), (torch.arange(784) < 392).float()
    found = _run(
        javascript,
        """const inference = await load(argument.url);
        return argument.masks.map((mask) => asked(inference, { x: argument.x, mask }));""",
        {
            "url": run_file(folder, "decoder"),
            "x": _image("mnist", 8).flatten().tolist(),
            "masks": [mask.int().tolist() for mask in (nothing, half, nothing)],
        },
    )
    for one in (found[0], found[2]):
        assert one["logEvidence"] == pytest.approx(0, abs=1e-3)
        assert one["entropy"] == pytest.approx(-(density * log_p).sum().item() * area, abs=3e-3)
        assert one["peak"] == pytest.approx(log_p.max().item(), abs=0.02)
        for level, share in zip(one["levels"], (0.5, 0.9, 0.99), strict=True):
            assert density[log_p >= one["peak"] + level].sum().item() * area == pytest.approx(share, abs=0.01)


def test_nothing_seen_is_the_prior_all_seen_is_the_true_posterior_and_what_is_taught_adds_up(
    javascript: JavaScript, run_file: RunFile
) -> None:
    folder = SHIPPED / "mnist" / "elbo"
    model, x = checkpoint.load_model(folder), _image("mnist", 1234)
    with torch.no_grad():
        mu, spread = model.encode(x)
    hint = {"mu": mu[0].tolist(), "factor": torch.diag(standard_deviations(mu, spread)[0]).tolist()}
    rows = torch.arange(784) // 28
    strokes = [rows < limit for limit in (0, 7, 14, 18, 28, 0)]
    found = _run(
        javascript,
        """const inference = await load(argument.url);
        const { x, hint } = argument;
        return argument.masks.map((mask) => asked(inference, { x, mask, hints: [hint] }));""",
        {
            "url": run_file(folder, "decoder"),
            "x": x.flatten().tolist(),
            "hint": hint,
            "masks": [mask.int().tolist() for mask in strokes],
        },
    )
    prior, whole, again = found[0], found[-2], found.pop()
    assert again["entropy"] == pytest.approx(prior["entropy"], abs=1e-6), "whatever was seen before"
    assert prior["logEvidence"] == pytest.approx(0, abs=1e-6)
    assert prior["entropy"] == pytest.approx(1 + math.log(2 * math.pi), abs=1e-6)
    assert prior["peak"] == pytest.approx(-math.log(2 * math.pi), abs=0.01)
    np.testing.assert_allclose(prior["levels"], np.log(1 - np.array([0.5, 0.9, 0.99])), atol=0.03)
    expected = true_posterior(model, x)
    assert whole["logEvidence"] == pytest.approx(expected.log_evidence, abs=0.005)
    np.testing.assert_allclose(np.array(whole["levels"]) + whole["peak"], expected.levels, atol=0.05)
    taught = [before["entropy"] - after["entropy"] for before, after in itertools.pairwise(found)]
    assert sum(taught) == pytest.approx(prior["entropy"] - whole["entropy"], abs=1e-9)
    told = [after["logEvidence"] - before["logEvidence"] for before, after in itertools.pairwise(found)]
    assert sum(told) == pytest.approx(expected.log_evidence, abs=0.005)


SMALL = """
  const { StandardPrior } = await import("/assets/maths/prior.js");
  const smallOf = ({ weights, bias, likelihood, logSigma, dim }) => {
    const sigmoid = (v) => 1 / (1 + Math.exp(-v));
    const logits = (z) => Float32Array.from(bias, (b, i) => weights[i].reduce((sum, w, d) => sum + w * z[d], b));
    const decoder = { prior: new StandardPrior(), imageShape: [1, 2, 4], pixels: 8, likelihood, logSigma, mean: sigmoid,
      logitsOfEach: (codes, take) => codes.forEach((z, i) => take(logits(z), i)) };
    const inference = new Inference(decoder, null, dim);
    finish(inference.begin());
    return inference;
  };
"""
LIKELIHOODS: dict[str, Callable[[Tensor], torch.distributions.Distribution]] = {
    "bernoulli": lambda logits: torch.distributions.Bernoulli(logits=logits, validate_args=False),
    "continuous-bernoulli": lambda logits: torch.distributions.ContinuousBernoulli(logits=logits),
    "gaussian": lambda logits: torch.distributions.Normal(torch.sigmoid(logits), 0.2),
}


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
@pytest.mark.parametrize("dim", [1, 2, 3])
def test_each_likelihood_in_one_two_and_three_dimensions(javascript: JavaScript, likelihood: str, dim: int) -> None:
    random = torch.Generator().manual_seed(dim)
    weights, bias = torch.randn(8, dim, generator=random).double(), torch.randn(8, generator=random).double()
    x, mask = torch.rand(8, generator=random).double(), torch.tensor([1, 0, 1, 1, 0, 1, 1, 0])
    step = {1: 0.01, 2: 0.05, 3: 0.2}[dim]
    axis = torch.arange(-6 + step / 2, 6, step, dtype=torch.float64)
    z = torch.cartesian_prod(*[axis] * dim).view(-1, dim)
    likely = LIKELIHOODS[likelihood](z @ weights.T + bias).log_prob(x) @ mask.double()
    joint = likely + log_prior(z)
    log_p = torch.logsumexp(joint, 0) + dim * math.log(step)
    entropy = log_p - (torch.softmax(joint, 0) * joint).sum()
    found = _run(
        javascript,
        f"{SMALL} return asked(smallOf(argument), {{ x: argument.x, mask: argument.mask }});",
        {
            "weights": weights.tolist(),
            "bias": bias.tolist(),
            "likelihood": likelihood,
            "logSigma": math.log(0.2),
            "dim": dim,
            "x": x.tolist(),
            "mask": mask.tolist(),
        },
    )
    drawn = dim > 2
    assert found["logEvidence"] == pytest.approx(log_p.item(), abs=0.1 if drawn else 0.005)
    assert found["entropy"] == pytest.approx(entropy.item(), abs=0.15 if drawn else 0.005)
    assert (found["effective"] is not None) == drawn and (not drawn or found["effective"] > 100)
    mean = (torch.softmax(joint, 0)[:, None] * z).sum(0)
    np.testing.assert_allclose(np.mean(found["codes"], 0), mean, atol=0.25)


@pytest.mark.parametrize("seen", [[1, 0, 1, 1, 0, 1, 1, 0], [1] * 8, [0] * 8])
def test_of_three_dimensions_the_contours_of_the_draws_hold_their_share_of_the_posterior(
    javascript: JavaScript, seen: list[int]
) -> None:
    """On the plane of the first two, against sums over a lattice in all three.

    Within 0.1 for 50 % and 0.06 for 90 and 99 %: the density is that of a hundred-odd draws, each a small Gaussian.
    """
    random = torch.Generator().manual_seed(3)
    weights, bias = torch.randn(8, 3, generator=random).double(), torch.randn(8, generator=random).double()
    x = torch.rand(8, generator=random).double()
    found = _run(
        javascript,
        f"""{SMALL}
        const {{ drawnDensity }} = await import("/assets/maths/drawn_density.js");
        const {{ codes }} = asked(smallOf(argument), {{ x: argument.x, mask: argument.mask }});
        const density = drawnDensity(codes.map(([first, second]) => [first, second]));
        return {{ ...density, values: [...density.values], levels: [...density.levels] }};""",
        {
            "weights": weights.tolist(),
            "bias": bias.tolist(),
            "likelihood": "gaussian",
            "logSigma": math.log(0.2),
            "dim": 3,
            "x": x.tolist(),
            "mask": seen,
        },
    )
    axis = torch.arange(-6 + 0.05, 6, 0.1, dtype=torch.float64)
    z = torch.cartesian_prod(axis, axis, axis)
    likely = LIKELIHOODS["gaussian"](z @ weights.T + bias).log_prob(x) @ torch.tensor(seen).double()
    mass = torch.softmax(likely + log_prior(z), 0).view(len(axis), len(axis), -1).sum(2).numpy()
    left, bottom, right, top = found["box"]
    lattice = np.array(found["values"]).reshape(found["rows"], found["columns"])
    # The lattice's value at each place of the reference, lowest outside of its box.
    columns = np.floor((axis.numpy() - left) / (right - left) * found["columns"]).astype(int)
    rows = np.floor((axis.numpy() - bottom) / (top - bottom) * found["rows"]).astype(int)
    inside = ((columns >= 0) & (columns < found["columns"]))[:, None] & ((rows >= 0) & (rows < found["rows"]))[None]
    values = lattice[rows.clip(0, found["rows"] - 1)[None], columns.clip(0, found["columns"] - 1)[:, None]]
    for level, share, error in zip(found["levels"], (0.5, 0.9, 0.99), (0.1, 0.06, 0.06), strict=True):
        assert mass[inside & (values >= level)].sum() == pytest.approx(share, abs=error), share


def test_the_way_up_ends_where_no_code_near_is_better_and_a_mask_is_its_text(
    javascript: JavaScript, run_file: RunFile
) -> None:
    folder = SHIPPED / "mnist" / "elbo"
    model, x = checkpoint.load_model(folder), _image("mnist", 450)
    masks = torch.stack(_masks())
    found = _run(
        javascript,
        """const { ModeSearch } = await import("/assets/network/mode_search.js");
        const { textOf, maskIn } = await import("/assets/maths/pixel_mask.js");
        const { decoder, image: { terms } } = await load(argument.url);
        return argument.masks.map((mask) => {
          const pixels = [...mask.keys()].filter((i) => mask[i]);
          const { z } = new ModeSearch(decoder, { pixels, x: argument.x, terms }, [0.3, -0.2]).run(60);
          const text = textOf(Uint8Array.from(mask));
          return { z, text, back: Array.from(maskIn(text, mask.length)) };
        });""",
        {"url": run_file(folder, "decoder"), "x": x.flatten().tolist(), "masks": masks.int().tolist()},
    )
    around = torch.cartesian_prod(*[torch.linspace(-0.02, 0.02, 9, dtype=torch.float64)] * 2)
    for mask, one in zip(masks, found, strict=True):
        codes = torch.tensor(one["z"], dtype=torch.float64) + torch.cat([torch.zeros(1, 2), around])
        joint = _log_joint(model, x, mask[None], codes)[0]
        start = _log_joint(model, x, mask[None], torch.tensor([[0.3, -0.2]], dtype=torch.float64))[0]
        assert joint[0] > start and joint.max() - joint[0] < 0.25
        assert one["back"] == mask.int().tolist()
        assert INFER.parameters["seen"].parse(one["text"], []) == one["text"]
