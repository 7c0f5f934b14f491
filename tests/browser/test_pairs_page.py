"""The page with pairs side by side in a real browser: by keyboard, on a phone, for everybody, and under attack."""

import pytest

from tests.browser.pages import FORBIDDEN, LAPTOP, PHONE

pytestmark = pytest.mark.slow


def test_files_stand_side_by_side_and_links_lead_from_a_passage_to_its_like(visit):
    page = visit("pairs", viewport=LAPTOP)
    left, right = (page.get_by_role("region", name=f"File of {name}").bounding_box() for name in ("ada", "bob"))
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]
    page.get_by_role("region", name="File of ada").get_by_role("link", name="lines 20 to 24").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "section1-1-b2"
    assert page.locator(":target .marked").count() == 5


@pytest.mark.parametrize(("scheme", "viewport"), [("light", LAPTOP), ("dark", PHONE)])
def test_everybody_can_read_it(visit, scheme, viewport):
    from axe_playwright_python.sync_playwright import Axe

    page = visit("pairs", color_scheme=scheme, viewport=viewport)
    page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert not serious, [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in serious]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_hostile_text_stays_text(visit):
    page = visit("hostile pairs", viewport=PHONE)
    assert page.evaluate("window.broken_into") is None
    assert page.locator(FORBIDDEN).count() == 0
    assert page.locator("script").count() == 1
    assert page.locator("footer").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
