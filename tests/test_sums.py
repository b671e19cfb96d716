"""Terms that are added add up as they are shown, in Python and in the browser's modules, and are true as they stand."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from explorer.views.metric_columns import BY_NAME
from explorer.views.number_text import ZERO, adding_up, terms_in_nats
from tests.javascript import JavaScript

Sum = Callable[[float, float], tuple[str, str, str]]

# What a run's metrics and its latents hold: ordinary sizes, zeros, and zeros but for rounding.
SIZES = st.one_of(
    st.floats(-5000, 5000),
    st.floats(-0.2, 0.2),
    st.sampled_from([0.0, -0.0, -1.5e-8, 4.9e-5, 5e-5, 0.005, 0.00995, 0.0995, 0.125]),
)
examples = [(131.2485, 7.542), (131.5575, 7.4432), (543.3349, 0.0), (543.3349, -1.5e-8), (0.0, -1.5e-8), (1.0, 1.00001)]


def _number(text: str) -> Decimal:
    assert "-" not in text, "a real minus sign"
    assert "e" not in text, "no powers of ten"
    return Decimal(text.replace("\N{MINUS SIGN}", "-"))


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _adds_up(shown: tuple[str, str, str], whole: float, part: float) -> None:
    rest = whole - part
    numbers = [_number(text) for text in shown]
    assert numbers[0] == numbers[1] + numbers[2]
    digits = {_decimals(text) for text in shown if text != "0"}
    assert len(digits) <= 1, "one number of decimals"
    unit = 10.0 ** -max(digits, default=4)
    for number, value, units in zip(numbers, (whole, part, rest), (0.5, 0.5, 1), strict=True):
        assert abs(float(number) - value) <= units * unit + 1.01 * ZERO, (number, value)
    for text, value in zip(shown, (whole, part, rest), strict=True):
        assert text == "0" if value == 0 else _number(text) != 0 or abs(value) < unit + ZERO
        assert not text.startswith("\N{MINUS SIGN}0.00") or _number(text) != 0, "no negative zero"


def _in_python(whole: float, part: float) -> tuple[str, str, str]:
    texts = adding_up(whole, part)
    return texts.whole, texts.part, texts.rest


@given(SIZES, SIZES)
@settings(max_examples=200)
@example(131.2485, 7.542)
@example(543.3349, -1.5e-8)
@example(1.0, 1.00001)
def test_a_whole_is_the_sum_of_its_parts_in_python(whole: float, part: float) -> None:
    _adds_up(_in_python(whole, part), whole, part)


def test_a_whole_is_the_sum_of_its_parts_in_the_browser(javascript: JavaScript) -> None:
    format_js = """async (pairs) => {
      const { addingUp } = await import("/assets/dom/format.js");
      return pairs.map(([whole, part]) => {
        const { whole: all, parts: [first], rest } = addingUp(whole, [part]);
        return [all, first, rest];
      });
    }"""

    @given(st.lists(st.tuples(SIZES, SIZES), min_size=1, max_size=40))
    @settings(max_examples=20, deadline=None)
    @example(examples)
    def hold(pairs: list[tuple[float, float]]) -> None:
        for (whole, part), shown in zip(pairs, javascript.evaluate(format_js, pairs), strict=True):
            _adds_up(tuple(shown), whole, part)

    hold()


def test_both_languages_show_the_same(javascript: JavaScript) -> None:
    found = javascript.evaluate(
        """async (pairs) => {
          const { addingUp, termsInNats } = await import("/assets/dom/format.js");
          return pairs.map(([whole, part]) => {
            const { whole: all, parts: [first], rest } = addingUp(whole, [part]);
            return [[all, first, rest], termsInNats([whole, part])];
          });
        }""",
        examples,
    )
    assert found == [[list(_in_python(*pair)), terms_in_nats(pair)] for pair in examples]


@given(st.floats(0, 5000), st.one_of(st.floats(0, 500), st.just(0.0)))
def test_a_run_s_row_of_metrics_adds_up(reconstruction: float, kl: float) -> None:
    stored = [round(value, 4) for value in (reconstruction, kl, -(reconstruction + kl))]
    metrics = dict(zip(("reconstruction", "kl", "elbo"), stored, strict=True))
    shown = {name: _number(BY_NAME[name].text(metrics)) for name in metrics}
    assert shown["reconstruction"] + shown["kl"] == -shown["elbo"]


@pytest.mark.parametrize(
    ("kl", "texts"),
    [
        (7.542, ["123.71", "7.54", "131.25", "−131.25"]),
        (0.0, ["123.71", "0", "123.71", "−123.71"]),
        (-1.5e-8, ["123.71", "0", "123.71", "−123.71"]),
        (0.0123, ["123.707", "0.012", "123.719", "−123.719"]),
        (None, ["123.71", None, None, None]),
    ],
)
def test_the_loss_in_words(javascript: JavaScript, kl: float | None, texts: list[str | None]) -> None:
    found = javascript.evaluate(
        """async (kl) => {
          const { lossTexts } = await import("/assets/run/loss_terms.js");
          const { reconstruction, kl: second, loss, elbo } = lossTexts(123.7063, kl);
          return [reconstruction, second, loss, elbo];
        }""",
        kl,
    )
    assert found == texts
