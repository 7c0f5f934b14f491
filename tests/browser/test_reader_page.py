"""A section to read, and the site of the course, in a real browser: without scripts, on a phone, on paper, by keyboard."""

import pytest

from tests.browser.pages import FORBIDDEN, GROUND, LAPTOP, PHONE
from tests.browser.reader_pages import COURSE

pytestmark = pytest.mark.slow  # some ten seconds of Chromium
SITE = ["site index", *(f"site {section.id}" for section in COURSE.sections)]
FORMULAS = "[...document.querySelectorAll('math')].map(one => one.getBoundingClientRect())"


def test_without_scripts_everything_can_be_read(visit):
    page = visit("section", java_script_enabled=False)
    assert not page.locator("#search").is_visible()
    assert not page.locator("#theme").is_visible()
    for text in ("Curvature limits the step.", "Take one step of the heavy-ball method", "What to run next"):
        assert page.get_by_text(text).first.is_visible()
    assert page.locator("figure img.on-light").is_visible()
    page.get_by_text("How every run ends").click()
    assert page.get_by_role("cell", name="diverges").is_visible()
    page.get_by_role("link", name="4.4 The heavy ball").click()
    assert page.evaluate("scrollY") > 1000


def test_formulas_are_drawn(visit):
    page = visit("section")
    boxes = page.evaluate(FORMULAS)
    assert len(boxes) > 50
    assert all(box["width"] > 3 and box["height"] > 6 for box in boxes)  # an x is 8 high in some fonts
    fraction = page.locator(".formula mfrac").first
    above, below = fraction.locator("> *").nth(0).bounding_box(), fraction.locator("> *").nth(1).bounding_box()
    assert above["y"] < below["y"]


def test_the_search_finds_places_by_keyboard(visit):
    page = visit("section")
    box = page.get_by_label("Search this page")
    box.focus()
    page.keyboard.type("kappa CONDITION")
    links = page.locator("#hits a")
    assert page.locator("#found").inner_text() == "1 place"
    assert links.inner_text() == "Section 4: Poor conditioning and momentum"
    assert "kappa" in page.locator("#hits p").inner_text()
    box.fill("condition_number")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("location.hash === '#exercise-condition_number'")
    box.fill("zzz")
    assert page.locator("#found").inner_text() == "0 places"
    assert links.count() == 0
    box.fill("")
    assert page.locator("#found").inner_text() == ""


def test_the_site_finds_a_place_on_another_page_and_leads_on(visit):
    page = visit("site index")
    page.get_by_label("Search the course").fill("lookahead polyak")
    page.get_by_label("Search the course").fill("heavy-ball definition")
    page.get_by_label("Search the course").fill("momentum_step")
    page.locator("#hits a", has_text="momentum_step").first.click()
    page.wait_for_url("**/section4.html#exercise-momentum_step")
    assert page.locator("#exercise-momentum_step").is_visible()
    page.locator("a[rel=next]").first.click()
    page.wait_for_url("**/section5.html")
    page.get_by_label("Search the course").fill("count_parameters")
    assert page.locator("#hits a").first.get_attribute("href") == "#exercise-count_parameters"
    page.locator("a[rel=prev]").first.click()
    page.wait_for_url("**/section4.html")
    page.get_by_role("link", name="The course").first.click()
    page.wait_for_url("**/index.html")
    assert [url.rpartition("/")[2] for url in page.heard] == [
        "section4.html",
        "section5.html",
        "section4.html",
        "index.html",
    ]
    page.heard.clear()


def test_the_sliders_work(visit):
    page = visit("section")
    slider, said = page.get_by_label("Learning rate"), page.locator(".said")
    before = said.inner_text()
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert said.inner_text() != before


def test_hostile_text_stays_text(visit):
    page = visit("hostile section")
    assert page.evaluate("window.broken_into") is None
    assert page.locator(FORBIDDEN).count() == 0
    assert page.locator("script:not([type])").count() == 3
    assert page.locator("style").count() == 1
    assert page.locator("footer").is_visible()
    page.get_by_label("Search this page").fill("momentum")
    assert page.evaluate("window.broken_into") is None


@pytest.mark.parametrize("name", [*SITE, "section", "hostile section"])
def test_a_phone_shows_it_without_scrolling_sideways(visit, name):
    page = visit(name, viewport=PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("name", "scheme", "viewport"),
    [
        ("section", "light", PHONE),
        ("section", "dark", LAPTOP),
        ("site index", "dark", PHONE),
        ("site section7", "light", PHONE),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value["width"]),
)
def test_axe_finds_nothing_serious(visit, name, scheme, viewport):
    from axe_playwright_python.sync_playwright import Axe

    page = visit(name, color_scheme=scheme, viewport=viewport)
    page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
    page.get_by_role("searchbox").fill("momentum")
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert not serious, [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in serious]


def test_paper_has_the_text_and_nothing_to_press(visit):
    page = visit("site section4", color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(GROUND) == "rgb(255, 255, 255)"
    for gone in ("#theme", "#search", ".steps", ".control", ".play"):
        assert not page.locator(gone).first.is_visible()
    assert page.locator(".formula").first.is_visible()
    assert page.locator("figure img.on-light").is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")
