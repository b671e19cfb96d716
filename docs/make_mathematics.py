"""Make docs/mathematics.md: `python -m docs.make_mathematics`.

Equations, what they say and what the notes print otherwise are the pages' own (explorer/web/dom/equations.js). Which
function computes each, and which test holds it against what, stands here; tests/test_mathematics.py follows every name.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.javascript import javascript

PAGE = Path(__file__).parent / "mathematics.md"
INTRODUCTION = """<!-- made by python -m docs.make_mathematics -->
# The mathematics

The equations that the explorer cites, by their numbers in the lecture notes "Variational Autoencoders" (J. Lu, 2019),
each with functions that compute it and, for each of these, a test that checks it and what it is held against there.
Names are `file::function`, paths from the project's root. x is an image in [0, 1], z its code of D dimensions;
q(z|x) is the encoder's Gaussian, p(x|z) the decoder's likelihood, p(z) the prior. Figures are in nats for each image,
summed over pixels. In the explorer a click on "(Eq. 30)" opens the equation.
"""


@dataclass(frozen=True)
class Check:
    """A function, the test that checks it, each as file::name, and what that test holds it against."""

    function: str
    test: str
    against: str


@dataclass(frozen=True)
class Formula:
    """One that the notes do not number: `math` is MathML without its root, `source` the paper."""

    title: str
    source: str
    words: str
    math: str
    checks: tuple[Check, ...]


POSTERIOR, GAUSSIAN = "training/model/posterior.py", "explorer/web/maths/gaussian.js"
ELBO_JS, EVIDENCE = "explorer/web/maths/elbo.js", "training/measure/evidence.py"
TERMS, GRADIENT, TWO_GRADIENTS = "tests/test_terms.py", "tests/test_gradient.py", "tests/test_two_gradients.py"
EQ_10 = "tests/test_elbo_js.py::test_eq_10_closes_and_each_part_is_right"
TWO = Check(
    "explorer/web/maths/two_gradients.js::estimate",
    f"{TWO_GRADIENTS}::test_both_are_unbiased_and_their_variances_are_exact",
    "mean and variance by NumPy's Gauss-Hermite quadrature",
)
KNOWN_PROBLEM = Check(
    "training/measure/quadratic.py::exact_variance",
    "tests/test_estimators.py::test_the_closed_form_is_the_integral_over_z",
    "the integral over a fine grid of z, D = 1",
)
UNBIASED = Check(
    "training/gradient.py::GradientEstimator.terms",
    f"{GRADIENT}::test_unbiased_within_four_standard_errors",
    "the exact gradient, from a sum over 4,001 z",
)
GAP = Check(
    "training/measure/bounds.py::gaps",
    "tests/test_bounds.py::test_the_gap_is_the_divergence_of_the_two_gaussians",
    "the closed form of a linear Gaussian model, by torch.distributions",
)
GAP_IN_THE_BROWSER = Check(f"{ELBO_JS}::gap", EQ_10, "the same in torch, by other rules")

NUMBERED: dict[str, tuple[Check, ...]] = {
    "1": (
        Check(
            "explorer/api.py::OpenRun.sample",
            "tests/test_api.py::test_samples_are_of_the_prior_and_repeat_themselves",
            "the moments of N(0, I), and the decoder's own images",
        ),
        Check(
            "explorer/web/maths/normal.js::Random.normal",
            "tests/test_percentiles_js.py::test_draws_are_those_of_a_standard_normal",
            "SciPy's Kolmogorov-Smirnov test of 20,000 draws",
        ),
    ),
    "4": (
        Check(
            f"{EVIDENCE}::log_evidence",
            "tests/test_evidence.py::test_linear_gaussian_decoder_has_the_closed_form",
            "the closed form of a linear Gaussian model, within 0.0001 nats",
        ),
        Check(
            f"{EVIDENCE}::log_evidence",
            "tests/test_evidence.py::test_agrees_with_importance_weighting",
            "5,000 weighted draws for each of 25 digits, within 0.1 nats",
        ),
        Check(
            "training/measure/true_posterior.py::true_posterior",
            "tests/test_true_posterior.py::test_a_gaussian_posterior_has_the_closed_form",
            "the closed form of a linear Gaussian model, within 0.002 nats",
        ),
        Check(
            "training/measure/importance.py::weighted_evidence",
            "tests/test_importance.py::test_draws_and_quadrature_agree",
            "the quadrature of `training/measure/true_posterior.py`, within four standard errors",
        ),
    ),
    "6": (GAP, GAP_IN_THE_BROWSER),
    "9": (
        Check(
            "training/objective.py::Terms.elbo",
            "tests/test_conditional.py::test_its_elbo_is_that_of_torch_s_own_distributions",
            "torch.distributions",
        ),
        Check(f"{ELBO_JS}::fineTerms", EQ_10, "the same in torch, by other rules"),
        Check(f"{ELBO_JS}::terms", EQ_10, "the finer rule, within a twentieth of the gap and 0.05 nats"),
    ),
    "10": (
        GAP,
        GAP_IN_THE_BROWSER,
    ),
    "20": (
        UNBIASED,
        Check(
            "training/measure/variance.py::GradientDraws.output_draws",
            "tests/test_variance.py::test_the_whole_f_is_that_of_eq_20",
            "f written out by torch.distributions, draw by draw",
        ),
        KNOWN_PROBLEM,
        TWO,
    ),
    "22": (
        Check(
            f"{POSTERIOR}::cholesky_factor",
            "tests/test_posterior.py::test_the_factor_is_lower_triangular_with_a_positive_diagonal",
            "its entries, one by one",
        ),
        Check(
            f"{POSTERIOR}::log_density",
            "tests/test_posterior.py::test_kl_and_density_are_those_of_torch",
            "torch.distributions, for D up to 7",
        ),
        Check(f"{GAUSSIAN}::Gaussian.logDensity", "tests/test_elbo_js.py::test_a_gaussian_is_torch_s", "the same"),
    ),
    "26": (
        Check(
            f"{POSTERIOR}::sample",
            "tests/test_posterior.py::test_samples_have_the_mean_and_covariance",
            "mean and covariance of 200,000 draws",
        ),
        Check(
            "explorer/web/maths/posterior.js::Posterior.z",
            "tests/test_maths_js.py::test_a_posterior_is_torch_s",
            "mu + L epsilon by NumPy",
        ),
        Check(
            "explorer/web/maths/drawn_points.js::drawnPoints",
            "tests/test_drawn_points_js.py::test_draws_have_the_mean_and_covariance_of_each_posterior",
            "covariance, and SciPy's Kolmogorov-Smirnov test, of 4,000 draws",
        ),
    ),
    "27": (
        UNBIASED,
        Check(
            "training/measure/variance.py::GradientDraws.draw",
            "tests/test_variance.py::test_a_draw_has_length_and_angles_of_the_gradient_that_training_takes",
            "the gradient that training takes at the same noise",
        ),
        KNOWN_PROBLEM,
        TWO,
    ),
    "29": (
        Check(
            "explorer/web/maths/normal.js::logDensity",
            "tests/test_percentiles_js.py::test_log_density_is_scipy_s",
            "SciPy",
        ),
        Check(
            "explorer/web/maths/normal.js::quantile",
            "tests/test_percentiles_js.py::test_the_normal_quantile_is_scipy_s",
            "SciPy, to 13 digits",
        ),
        Check("training/model/prior.py::StandardPrior.log_prob", GAP.test, f"{GAP.against}, a part of which it is"),
    ),
    "30": (
        Check(
            "training/objective.py::Objective.loss",
            f"{TERMS}::test_weighted_terms_add_up_to_the_loss",
            "sums by hand, for several weights",
        ),
        Check(f"{POSTERIOR}::kl_to_prior", f"{TERMS}::test_kl_is_that_of_torch_distributions", "torch.distributions"),
        Check(
            "training/model/likelihood.py::negative_log_likelihood",
            f"{TERMS}::test_likelihoods_are_those_of_torch_distributions",
            "torch.distributions, for all three likelihoods",
        ),
        Check(
            "training/aevb.py::Trainer._train_step",
            "tests/test_step_detail.py::test_both_pulls_are_the_gradient_that_the_step_follows",
            "the gradient by mu that a step of AEVB follows, from the two terms taken apart",
        ),
        Check(
            "explorer/web/network/log_likelihood.js::LogLikelihood.at",
            "tests/test_elbo_js.py::test_every_likelihood_is_torch_s",
            "the same in torch",
        ),
        Check(
            "explorer/web/maths/posterior.js::Posterior.kl",
            "tests/test_maths_js.py::test_a_posterior_is_torch_s",
            "torch.distributions",
        ),
    ),
    "31": (
        Check(
            "training/measure/frechet.py::classifier_distance",
            "tests/test_frechet.py::test_gaussians_have_the_closed_form",
            "the formula by NumPy, of features whose means and covariances are known",
        ),
    ),
}

P_X_Z = "<mrow><mi>p</mi><mo>(</mo><mi>x</mi><mo>,</mo><msub><mi>z</mi><mi>k</mi></msub><mo>)</mo></mrow>"
Q_Z_X = "<mrow><mi>q</mi><mo>(</mo><msub><mi>z</mi><mi>k</mi></msub><mo>|</mo><mi>x</mi><mo>)</mo></mrow>"
LOG = '<mi mathvariant="normal">log</mi>'
SQUARED_MU = "<msubsup><mi>μ</mi><mi>d</mi><mn>2</mn></msubsup>"
SQUARED_SIGMA = "<msubsup><mi>σ</mi><mi>d</mi><mn>2</mn></msubsup>"
SUM_OVER_D = "<munder><mo>∑</mo><mi>d</mi></munder>"
SUM_OVER_K = "<munderover><mo>∑</mo><mrow><mi>k</mi><mo>=</mo><mn>1</mn></mrow><mi>K</mi></munderover>"
FURTHER = (
    Formula(
        "The KL term in closed form",
        "Kingma and Welling, 2014, appendix B",
        "Of a Gaussian with a diagonal covariance from N(0, I): the second term of Eq. 30 without draws. For a full "
        "covariance it is (tr(L Lᵀ) + μᵀ μ − D) / 2 − log det L.",
        f"<mfrac><mn>1</mn><mn>2</mn></mfrac>{SUM_OVER_D}<mrow><mo>(</mo>{SQUARED_MU}<mo>+</mo>{SQUARED_SIGMA}"
        f"<mo>−</mo><mn>1</mn><mo>−</mo>{LOG}{SQUARED_SIGMA}<mo>)</mo></mrow>",
        (
            Check(
                f"{POSTERIOR}::kl_to_prior",
                f"{TERMS}::test_kl_is_that_of_torch_distributions",
                "torch.distributions, a diagonal covariance",
            ),
            Check(
                f"{POSTERIOR}::kl_to_prior",
                "tests/test_posterior.py::test_kl_and_density_are_those_of_torch",
                "torch.distributions, a full one",
            ),
            Check(f"{GAUSSIAN}::Gaussian.kl", "tests/test_elbo_js.py::test_a_gaussian_is_torch_s", "the same"),
        ),
    ),
    Formula(
        "The importance-weighted bound",
        "Burda, Grosse and Salakhutdinov, 2016",
        "K draws of q(z|x) together: the ELBO for K = 1, and in the mean nearer to log p(x) the larger K is.",
        f"{LOG}<mfrac><mn>1</mn><mi>K</mi></mfrac>{SUM_OVER_K}<mfrac>{P_X_Z}{Q_Z_X}</mfrac>",
        (
            Check(
                "training/measure/bounds.py::importance_weighted_bounds",
                "tests/test_bounds.py::test_many_draws_come_near_the_evidence_from_below",
                "evidence and ELBO of a linear Gaussian model",
            ),
            Check(
                "training/model/vae.py::VAE.weighted_terms",
                "tests/test_iwae.py::test_its_gradient_is_that_of_self_normalised_weights",
                "its gradient, written out with self-normalised weights",
            ),
        ),
    ),
    Formula(
        "The continuous Bernoulli's normaliser",
        "Loaiza-Ganem and Cunningham, 2019",
        "What makes a density over grey pixels of the Bernoulli's cross-entropy; l is the decoder's logit.",
        f'{LOG}<mi>C</mi><mo>=</mo>{LOG}<mfrac><mi>l</mi><mrow><mi mathvariant="normal">tanh</mi>'
        "<mo>(</mo><mi>l</mi><mo>/</mo><mn>2</mn><mo>)</mo></mrow></mfrac>",
        (
            Check(
                "training/model/likelihood.py::negative_log_likelihood",
                f"{TERMS}::test_continuous_bernoulli_integrates_to_one",
                "the density's integral over [0, 1], which is 1",
            ),
        ),
    ),
    Formula(
        "A learned prior",
        "Tomczak and Welling, 2018, for q(z|u) as its parts",
        "A mixture of K Gaussians in the place of Eq. 29. Its KL has no formula: log q(z|x) − log p(z) at draws of q.",
        "<mi>p</mi><mo>(</mo><mi>z</mi><mo>)</mo><mo>=</mo>" + SUM_OVER_K + "<msub><mi>π</mi><mi>k</mi></msub>"
        '<mi mathvariant="normal">𝒩</mi><mo>(</mo><mi>z</mi><mo>;</mo><msub><mi>μ</mi><mi>k</mi></msub><mo>,</mo>'
        '<mi mathvariant="normal">diag</mi><mspace width="0.17em"/><msubsup><mi>σ</mi><mi>k</mi><mn>2</mn></msubsup>'
        "<mo>)</mo>",
        (
            Check(
                "training/model/prior.py::MixturePrior.log_prob",
                "tests/test_learned_prior.py::test_a_mixtures_density_and_draws_are_torchs",
                "torch.distributions",
            ),
            Check(
                "explorer/web/maths/prior.js::MixturePrior.logDensity",
                "tests/web/prior.test.js::a mixture's density integrates to 1, and its draws have its mean",
                "its integral, which is 1",
            ),
        ),
    ),
)


def page() -> str:
    """The whole page; Deno reads the equations."""
    with javascript() as deno:
        equations = deno.evaluate("async () => (await import('/assets/dom/equations.js')).EQUATIONS")
    assert equations.keys() == NUMBERED.keys(), "an equation that the pages cite has no line here"
    sections = [
        _section(f"Eq. {number}: {one['title']}", one["math"], one["words"], NUMBERED[number], one.get("slip", ""))
        for number, one in sorted(equations.items(), key=lambda item: int(item[0]))
    ]
    further = [_section(one.title, one.math, f"{one.words} ({one.source})", one.checks) for one in FURTHER]
    start = "## Not in the notes\n\nWhat the explorer computes beyond them, by the paper that it is from.\n"
    return "\n".join([INTRODUCTION, "## By their numbers in the notes\n", *sections, start, *further])


def _section(title: str, math: str, words: str, checks: tuple[Check, ...], slip: str = "") -> str:
    rows = [f"| `{one.function}` | `{one.test}` | {one.against} |" for one in checks]
    table = ["| computed by | checked by | against |", "|---|---|---|", *rows]
    formula = f'<div class="formula"><math display="block"><mrow>{math}</mrow></math></div>'
    said = [words, ""] if not slip else [words, "", slip, ""]
    return "\n".join([f"### {title}\n", formula, "", *said, *table, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
