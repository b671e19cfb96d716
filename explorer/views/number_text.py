"""Numbers as people read them, in Python as in explorer/web/dom/format.js: zero is "0", never "-0.00"."""

from __future__ import annotations

import math

MINUS = "\N{MINUS SIGN}"
ZERO = 5e-5  # figures are stored with four decimals: what is smaller is rounding


def fixed(value: float, digits: int = 2) -> str:
    """With `digits` decimals and a real minus sign; a figure too small for them with one significant digit."""
    if abs(value) < ZERO:
        return "0"
    text = f"{value:.{digits}f}"
    return (text if float(text) else f"{value:.1g}").replace("-", MINUS)


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
