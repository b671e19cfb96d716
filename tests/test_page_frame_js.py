"""What a page's frame tells its host, and when."""

from __future__ import annotations

from playwright.sync_api import Browser

LEAVE = """
async () => {
  const { PageFrame } = await import("/assets/dom/page_frame.js");
  const heard = [];
  const host = { report: (state) => heard.push({ ...state }), goto: (page, state) => heard.push([page, state]) };
  const frame = new PageFrame(document.body, "test", "", host);
  frame.report({ z: "1" });
  frame.report({ z: "2", image: "17" });
  frame.goto("explore", { run: "elbo" });
  frame.report({ z: "3" });
  await new Promise((resolve) => setTimeout(resolve, 400));
  return heard;
}
"""


def test_a_page_that_leaves_tells_its_state_first_and_then_nothing_more(shipped_app: str, browser: Browser) -> None:
    # A report that comes after the wish to leave makes Streamlit stay where it is.
    page = browser.new_page()
    page.goto(f"{shipped_app}/assets/dom/theme.js")
    assert page.evaluate(LEAVE) == [{"z": "2", "image": "17"}, ["explore", {"run": "elbo"}]]
    page.close()
