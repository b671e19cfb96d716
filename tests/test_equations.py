"""The equations that the pages cite are set in MathML, and the one of the loss lives: its terms light up together."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Locator, expect

from tests.javascript import JavaScript
from tests.opener import Open
from tests.server import ROOT

TEXTS = {
    "1": "z∼p(z), then x∼p(x|z)",
    "4": "p(x)=∫p(x|z)p(z)dz",
    "6": "KL(q(z|x)∥p(z|x))=Eq[logq(z|x)p(z|x)]≥0",
    "9": "ELBO=Eq[logp(x,z)−logq(z|x)]",
    "10": "logp(x)=KL(q(z|x)∥p(z|x))+ELBO",
    "20": "∇φEq[f]=Eq[f∇φlogq(z|x)], f=logq(z|x)−logp(x,z)",
    "22": "q(z|x)=𝒩(μ,Σ), Σ=LL⊤ or diag σ2",
    "26": "z=μ+σ⊙ε, ε∼𝒩(0,I)",
    "27": "∇φEq[f(z)]=Eε[∇φf(μ+σ⊙ε)]",
    "29": "p(z)=𝒩(0,I)",
    "30": "−ELBO=Eq[−logp(x|z)]+KL(q(z|x)∥p(z))",
    "31": "d2=∥m1−m2∥2+tr(C1+C2−2(C1C2)1/2)",
}
# Elements of MathML Core, which current browsers lay out.
CORE = {"math", "mrow", "mi", "mo", "mn", "mtext", "mspace", "msub", "msup", "mfrac"}


@pytest.fixture(name="equations", scope="module")
def _equations(javascript: JavaScript) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = javascript.evaluate(
        """async () => {
          const { EQUATIONS, math } = await import("/assets/dom/equations.js");
          return Object.fromEntries(
            Object.entries(EQUATIONS).map(([name, one]) => [name, { ...one, math: math(one.math) }]),
          );
        }"""
    )
    return found


def test_each_is_well_formed_mathml_and_says_what_it_should(equations: dict[str, dict[str, str]]) -> None:
    found = {}
    for name, equation in equations.items():
        root = ElementTree.fromstring(equation["math"])  # noqa: S314
        assert {element.tag for element in root.iter()} <= CORE, name
        assert all(len(element) == 2 for element in root.iter() if element.tag in ("msub", "msup", "mfrac")), name
        found[name] = "".join(root.itertext())
        assert equation["words"].endswith("."), name
    assert found == TEXTS
    slips = {name for name, equation in equations.items() if "slip" in equation}
    assert slips == {"4", "6", "27", "29"}, "what the notes print otherwise is said"
    assert all(equations[name]["slip"].endswith(".") and "notes" in equations[name]["slip"] for name in slips)


def test_every_equation_that_a_sentence_cites_is_there(equations: dict[str, dict[str, str]]) -> None:
    said = [*(ROOT / "explorer" / "views").glob("*.py"), ROOT / "training" / "measure" / "definitions.py"]
    files = [*(ROOT / "explorer" / "web" / "pages").rglob("*.js"), *said]
    cited = {number for file in files for number in re.findall(r"\(Eq\. (\d+)\)", file.read_text(encoding="utf-8"))}
    assert cited >= {"1", "9", "10", "22", "26", "30", "31"}
    assert cited - set(equations) == set()


def _stroke(ellipse: Locator) -> str:
    return str(ellipse.evaluate("one => getComputedStyle(one).stroke"))


def test_the_loss_lives_and_its_terms_light_up_with_their_pictures(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=reconstruction&image=17")
    addends = page.locator("[data-testid=loss-sum] .lx-addend")
    kl, bar, ellipse = (
        addends.nth(1),
        page.locator("[data-testid=loss-bar] [data-term=reconstruction]"),
        page.locator(".lx-sigma-1"),
    )
    expect(kl.locator("math")).to_have_text("KL(q(z|x)∥p(z))")
    expect(kl.locator("[data-part=addend]")).to_have_text(re.compile(r"^\d+\.\d\d$"))
    before = _stroke(ellipse)

    kl.locator("[data-part=addend]").hover()
    expect(page.locator(".lx").first).to_have_attribute("data-lit", "kl")
    assert _stroke(ellipse) != before
    expect(addends.first).to_have_css("opacity", "0.35")
    bar.hover()
    expect(page.locator(".lx").first).to_have_attribute("data-lit", "reconstruction")
    assert _stroke(ellipse) == before
    page.locator(".lx-selected [data-term=reconstruction]").hover()
    expect(kl).to_have_css("opacity", "0.35")
    page.mouse.move(640, 20)
    expect(page.locator(".lx").first).not_to_have_attribute("data-lit", re.compile("."))


def test_the_terms_of_eq_10_light_up_with_its_bar(open_page: Open) -> None:
    page = open_page("probability?dataset=mnist&run=elbo&image=17")
    equation = page.get_by_test_id("eq-10")
    expect(equation.locator("math")).to_have_text(TEXTS["10"])
    page.locator(".lx-sum button[data-term=gap]").hover()
    expect(page.locator("[data-part=bar-elbo]")).to_have_css("opacity", "0.35")
    expect(equation.locator("[data-term=elbo]")).to_have_css("opacity", "0.35")
    expect(equation.locator("[data-term=gap]")).to_have_css("opacity", "1")


def test_a_citation_opens_its_equation(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo")
    chip = page.get_by_role("button", name="(Eq. 30)")
    chip.click()
    shown = page.locator(".lx-meaning:popover-open")
    expect(shown.locator("math")).to_have_text(TEXTS["30"])
    assert shown.locator(".lx-set").evaluate("set => set.scrollWidth - set.clientWidth") <= 0, "all of it is seen"
    expect(chip).to_have_accessible_description(re.compile("^Eq. 30: The loss"))
