"""The words of the Gradients page, chosen by what was measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.views.number_text import significant as number

if TYPE_CHECKING:
    from numpy.typing import NDArray

TITLES = {
    "reparameterization": "reparameterization",
    "none": "score function",
    "mean": "score function, less the batch's mean",
    "expected": "score function, less E_q[f]",
    "whole": "score function, with the KL drawn too",
    "whole_expected": "the same, less E_q[f]",
}
PHRASES = {
    "reparameterization": "reparameterization",
    "none": "the score function",
    "expected": "the score function less E_q[f]",
}
BASELINES = {
    "none": "nothing",
    "mean": "mean of the batch's other images",
    "expected": "E_q[f] of the image, which a learned baseline tends to",
    "whole": "nothing, with the KL drawn too",
    "whole_expected": "E_q[f], with the KL drawn too",
}
MEAN_SENTENCE = (
    "Both estimate the same gradient: their means may differ by what their noise explains, about one standard error. "
    "The cosine is near 1 only where the noise is smaller than the gradient."
)
QUADRATIC_SENTENCE = (
    "With q(z) = N(μ, I) and f(z) = Σ (z_d − c)² / 2, where f itself grows with D, the variance by one μ_d stays 1 by "
    "reparameterization; by the score function it grows linearly less E_q[f], and with the square of D without a "
    "baseline."
)
QUADRATIC_CAPTION = "Lines: exact, for μ − c = 1. Points: measured in 4,000 draws, with 95 % intervals."
LEARNING_CAPTION = (
    "ELBO of 6,000 validation images, one draw of z each; seconds are those of the training steps, as each run "
    "recorded them on a machine that may have been busy with other work."
)
ALIKE = 0.9  # cosine of two means, from which on they point the same way
BOUNDED, LINEAR = 0.25, (0.75, 1.25)  # of slopes on log axes


@dataclass(frozen=True)
class Slope:
    """Slope of log variance against log dimension with its 95 % interval, and the variance's ratio end to end."""

    value: float
    low: float
    high: float
    ratio: float
    dims: tuple[int, int]

    @property
    def kind(self) -> str:
        """One of "bounded", or "slower", "linear", "faster" than linear growth; "unclear" for too wide an interval."""
        if self.high <= BOUNDED:
            return "bounded"
        if LINEAR[0] <= self.low and self.high <= LINEAR[1]:
            return "linear"
        if self.low > 1:
            return "faster"
        return "slower" if self.low > 0 and self.high < 1 else "unclear"


def slope(dims: Sequence[float], values: Sequence[float]) -> Slope | None:
    """Least squares on log axes; None for fewer than three points, fewer than two dimensions, or a variance of 0."""
    if len(dims) < 3 or len(set(dims)) < 2 or min(values) <= 0:
        return None
    from scipy.special import stdtrit  # not scipy.stats, which takes a second to import

    x, y = np.log(np.asarray(dims, dtype=float)), np.log(np.asarray(values, dtype=float))
    across = x - x.mean()
    squares = float(across @ across)
    rise = float(across @ y) / squares
    left = y - y.mean() - rise * across
    half = float(stdtrit(len(x) - 2, 0.975)) * math.sqrt(float(left @ left) / (len(x) - 2) / squares)
    first, last = (float(np.exp(y[x == end].mean())) for end in (x.min(), x.max()))
    ends = int(min(dims)), int(max(dims))
    return Slope(rise, rise - half, rise + half, last / first, ends)


def by_dimension_sentence(slopes: Mapping[str, Slope | None]) -> str:
    """What the measurement says, and which of the notes' two laws it tests: linear growth for one, a bound for another.

    `slopes` by estimator.
    """
    found = {name: value for name, value in slopes.items() if value is not None and name in PHRASES}
    own = found.get("reparameterization")
    if own is None or len(found) < 2:
        return "Too few latent dimensions were measured to say how the variance grows."
    each = "; ".join(f"{PHRASES[name]} {_grows(value)} (×{number(value.ratio)})" for name, value in found.items())
    low, high = own.dims
    return f"From D = {low} to {high}: {each}. {_verdict(own.kind == 'bounded')}"


def _verdict(bounded: bool) -> str:
    return (
        "The notes say a bound for reparameterization and linear growth for the score function. The first "
        f"{'is seen here' if bounded else 'is not seen here'}; the second is not tested: f sums the same pixels at any "
        "D, without a baseline the variance is mostly that of E_q[f]² times the score, and the mean over d takes in "
        "dimensions that a model does not use. Where f grows with D, as beside this, it can be."
    )


def _grows(found: Slope) -> str:
    if found.kind == "bounded":
        return "falls" if found.high < 0 else "hardly changes"
    words = {
        "linear": "grows linearly",
        "faster": "grows faster than linearly",
        "slower": "grows, but more slowly than linearly",
        "unclear": "follows no clear law",
    }
    return words[found.kind]


def by_dimension(stored: Mapping[str, Any], of: str) -> dict[str, NDArray[np.float64]]:
    """Rows of latent dimension and variance by estimator, from what gradient-variance.json holds."""
    points = stored["points"]
    return {
        name: np.array([[p["latent_dim"], p[of][name]] for p in points]) for name in TITLES if name in points[0][of]
    }


def by_dimension_text(rows: Mapping[str, NDArray[np.float64]], dataset: str) -> str:
    """What the measured growth shows, or how to measure it."""
    if not rows:
        command = f"python -m training gradient-variance --out checkpoints/{dataset}/gradient-variance.json"
        return f"Not measured for {dataset} yet: {command}. Below, a problem whose answer is known."
    return by_dimension_sentence(_slopes(rows))


def _slopes(rows: Mapping[str, NDArray[np.float64]]) -> dict[str, Slope | None]:
    return {name: slope(*found.T) for name, found in rows.items()}


def by_dimension_caption(stored: Mapping[str, Any], of: str) -> str:
    """What was measured, on which models, and the slopes."""
    slopes = "; ".join(
        f"{TITLES[name]} {number(found.value)} ({number(found.low)} to {number(found.high)})"
        for name, found in _slopes(by_dimension(stored, of)).items()
        if found
    )
    recipe, points = stored["training"], stored["points"]
    seeds = len({point["seed"] for point in points})
    elbos = [point["elbo"] for point in points]
    return (
        f"{_capital(stored['definitions'][of])}. Models of {recipe['dataset']}, {recipe['epochs']} epochs by "
        f"{recipe['gradient']}, {seeds} seeds each, alike but for D (validation ELBO {number(min(elbos))} to "
        f"{number(max(elbos))} nats per image). Points: one model each; lines: geometric means. "
        f"Slopes with 95 % intervals: {slopes}."
    )


def ratio_sentence(curves: Mapping[str, NDArray[np.float64]]) -> str:
    """How many draws of the score function are worth one reparameterized draw. `curves`: see `variance_figure`."""
    own = curves["reparameterization"][0, 1]
    if own <= 0:
        return "The reparameterized gradient has no noise here: the decoder does not depend on z."
    worth = {name: _draws(curve[0, 1] / own) for name, curve in curves.items()}
    sentence = (
        f"One reparameterized draw (Eq. 26) is worth {worth['none']} of the score function of f = −log p(x|z), with "
        f"the KL's gradient exact (Eq. 30), or {worth['expected']} with the baseline E_q[f]"
    )
    if "whole" not in worth:
        return f"{sentence}."
    return (
        f"{sentence}; of the whole f = log q(z|x) − log p(x, z) of Eq. 20, {worth['whole']}, or "
        f"{worth['whole_expected']} with its baseline."
    )


def _draws(count: float) -> str:
    return f"{number(count)} draws" if count >= 1 else f"1/{number(1 / count)} of a draw"


def quadratic_text(measured: Mapping[str, NDArray[np.float64]]) -> str:
    """The figure of the known problem in words."""
    each = (
        f"{TITLES[name]} {number(rows[0, 1])} at D = {int(rows[0, 0])}, {number(rows[-1, 1])} at D = {int(rows[-1, 0])}"
        for name, rows in measured.items()
    )
    return f"Measured variance in nats squared: {'; '.join(each)}."


def variance_caption(images: int, draws: int, clamped: float = 0.0) -> str:
    """What the figure of variances shows; `clamped`: share of the log-variances at the end of their range."""
    clamp = (
        f" {clamped:.0%} of these images' log σ² lie at the clamp, −20: the score function's variance, which goes with "
        "1/σ², is what the clamp lets it be."
        if clamped > 0
        else ""
    )
    return (
        f"Variance of the gradient of {images} images' mean ELBO, summed over all encoder parameters, when it is the "
        f"mean over S samples of z per image; measured in {draws:,} draws, with 95 % intervals. Dotted: slope −1, "
        f"as 1/S. Below the dashed line the noise is smaller than the gradient itself.{clamp}"
    )


def variance_text(curves: Mapping[str, NDArray[np.float64]]) -> str:
    """The figure of variances in words."""
    each = (
        f"{TITLES[name]} {number(curve[0, 1])} at S = 1, {number(curve[-1, 1])} at S = {int(curve[-1, 0])}"
        for name, curve in curves.items()
    )
    return f"Variance in nats squared: {'; '.join(each)}."


def learned_prior_sentence() -> str:
    """Why there are no figures of a run whose prior was learned."""
    return (
        "This run's prior was learned with the rest, and the KL to it has no exact gradient to hold the estimators "
        "against: choose a run with the prior N(0, I)."
    )


def conditional_sentence() -> str:
    """Why there are none of a conditional run."""
    return "This run is given each image's class; this page draws z for images of many classes at once, and takes none."


def deterministic_sentence() -> str:
    """Why a plain autoencoder has no such page."""
    return (
        "This run's code is deterministic: there is no q(z|x) to draw from, and so one gradient without noise. "
        "Choose another run to see the estimators."
    )


def batch_caption(images: int, decoded: bool) -> str:
    """What the row of images is."""
    return f"The batch: {images} {'decoded images in place of held-out ones' if decoded else 'held-out images'}"


def agreement_table(agreement: Mapping[str, tuple[float, float, float]], draws: int) -> str:
    """A Markdown table: each estimator's mean against the reparameterized one's."""
    head = "| score function, less … | mean against reparameterization | cosine |\n|---|---|---|\n"
    rows = []
    for name, (cosine, difference, error) in agreement.items():
        words = agreement_words(difference, error, draws, cosine)
        rows.append(f"| {BASELINES[name]} | {words} | {f'{cosine:.2f}'.replace('-', '−')} |")
    return head + "\n".join(rows)


def agreement_words(difference: float, standard_error: float, draws: int, cosine: float = 1.0) -> str:
    """Whether two means are the same, for a difference and the length that noise alone gives it.

    Where their directions differ for all that, noise drowns the mean: nothing is seen to agree.
    """
    if not standard_error:
        return "equal: neither has noise"
    errors = difference / standard_error
    apart = f"{errors:.1f} standard errors apart"
    if errors <= 2 and cosine < ALIKE:
        return f"too noisy to tell: {apart}, but the noise is larger than the mean itself"
    if errors <= 2:
        return f"agree: {apart}"
    if errors <= 4:
        return f"{apart}: rare but possible; take more draws than {draws:,}"
    return f"differ: {apart}, more than noise explains"


def same_but_gradient(name: str, recipes: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Runs that differ in nothing but the gradient's estimator, one of each: like the named run if there are any."""
    for like in [name, *recipes]:
        found: dict[tuple[str, str], str] = {}
        for run in [like, *recipes]:
            if _but_gradient(recipes[run]) == _but_gradient(recipes[like]):
                found.setdefault(_estimator(recipes[run]), run)
        if len(found) > 1:
            return [run for run in recipes if run in found.values()]
    return []


def _but_gradient(recipe: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in recipe.items() if name not in ("gradient", "baseline")}


def _estimator(recipe: Mapping[str, Any]) -> tuple[str, str]:
    """Gradient and baseline; runs older than the choice are reparameterized."""
    return str(recipe.get("gradient", "reparameterization")), str(recipe.get("baseline", "none"))


def learning_text(titles: Sequence[str], elbos: Sequence[NDArray[np.float64]], dataset: str) -> str:
    """What the learning curves show, or how to get a pair of runs to compare."""
    if not titles:
        return (
            "No two runs here differ in nothing but the gradient. Train the second: python -m training fit --dataset "
            f"{dataset} --gradient score-function --baseline learned --out checkpoints/{dataset}/elbo-score-function"
        )
    return learning_sentence(titles, elbos)


def learning_sentence(titles: Sequence[str], elbos: Sequence[NDArray[np.float64]]) -> str:
    """Of two runs' validation ELBO after each epoch, the better first: by how much, and when it had the other's."""
    order = sorted(range(len(titles)), key=lambda index: -float(elbos[index][-1]))
    best, worst = order[0], order[-1]
    end = float(elbos[worst][-1])
    passed = int(np.argmax(elbos[best] >= end)) + 1
    after = f"After {len(elbos[best])} epochs"
    if number(float(elbos[best][-1])) == number(end):
        named = " and ".join(f"“{titles[index]}”" for index in order)
        return f"{after} {named} stand at the same {number(end)} nats per image."
    return (
        f"{after} “{titles[best]}” stands at {number(float(elbos[best][-1]))} nats per image, "
        f"“{titles[worst]}” at {number(end)}: the first had passed that after epoch {passed}."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
