"""Numbers as people read them, in Python as in explorer/web/dom/format.js: zero is "0", never "-0.00"."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

MINUS = "\N{MINUS SIGN}"
ZERO = 5e-5  # figures are stored with four decimals: what is smaller is rounding


def fixed(value: float, digits: int = 2) -> str:
    """With `digits` decimals and a real minus sign; a figure too small for them with one significant digit."""
    if abs(value) < ZERO:
        return "0"
    text = f"{value:.{digits}f}"
    return (text if float(text) else f"{value:.1g}").replace("-", MINUS)


def nat_decimals(values: Sequence[float]) -> int:
    """How many decimals figures in nats that are added have: two, or up to four, as the smallest of them needs."""
    least = min((abs(value) for value in values if abs(value) >= ZERO), default=math.inf)
    return 2 if least >= 0.1 else 3 if least >= 0.01 else 4


def terms_in_nats(values: Sequence[float]) -> list[str]:
    """Terms of one sum in nats with two decimals each; what is 0 but for rounding is "0"."""
    return ["0" if abs(value) < ZERO else _written(value, 2) for value in values]


@dataclass(frozen=True)
class AddingUp:
    """Texts of a whole, one of its parts and the rest, which add up as they are shown."""

    whole: str
    part: str
    rest: str


def adding_up(whole: float, part: float) -> AddingUp:
    """A whole, its part and the rest in nats, with one number of decimals: whole = part + rest, as they are shown.

    Whole and part are true to half a unit of their last digit, as by themselves; the rest takes up what rounding
    leaves and is true to one unit of it. What is 0 but for rounding is "0".
    """
    part = _near_zero(part)
    rest = _near_zero(whole - part)
    whole = _near_zero(whole if rest else part)
    digits = nat_decimals([whole, part, rest])
    whole_units, part_units = (round(float(f"{value:.{digits}f}") * 10**digits) for value in (whole, part))

    def text(value: float, units: int) -> str:
        return _written(units / 10**digits, digits) if value or units else "0"

    return AddingUp(text(whole, whole_units), text(part, part_units), text(rest, whole_units - part_units))


def negated(text: str) -> str:
    """The text of a number with the other sign."""
    return text[1:] if text.startswith(MINUS) else f"{MINUS}{text}" if float(text) else text


def _near_zero(value: float) -> float:
    return 0.0 if abs(value) < ZERO else value


def _written(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return (text if float(text) else f"{0:.{digits}f}").replace("-", MINUS)


def significant(value: float) -> str:
    """Three significant digits, thousands set apart, no exponent below a million, a real minus sign."""
    if value == 0:
        return "0"
    if abs(value) >= 1e6:
        power = math.floor(math.log10(abs(value)))
        raised = str(power).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"{value / 10**power:.2f} × 10{raised}".replace("-", MINUS)
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{float(f'{value:.3g}'):,.{decimals}f}".replace("-", MINUS)


def listed(names: list[str], most: int = 3) -> str:
    """Names as a sentence has them: "A", "A and B", "A, B and C"; more than `most` are counted."""
    if len(names) > most:
        return f"{len(names)} runs"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
