"""The pages about a class in a real browser: sorted and filtered by mouse and keyboard, on a phone, on paper, under attack."""

import pytest

from tests.browser.class_pages import STUDENTS
from tests.browser.pages import FORBIDDEN, GROUND, LAPTOP, PHONE

pytestmark = pytest.mark.slow  # some ten seconds of Chromium
NAMES = ("class", "one", "hostile class", "one: leaderboard", "hostile class: leaderboard", "hostile class: student")
MARK = 7  # the column of section 7 in the class with all sections: some have handed nothing in for it


def column(page, number: int) -> list[str]:
    """The first line of each cell of a column that is shown, from above."""
    return page.evaluate(
        """n => [...document.querySelectorAll("#marks tbody tr")].filter(row => !row.hidden)
            .map(row => row.cells[n].firstChild.textContent.trim())""",
        number,
    )


def head(page, number: int):
    return page.locator("#marks thead th").nth(number)


def said(page) -> str:
    return page.get_by_role("status").inner_text()


# -- sorting


def test_marks_are_sorted_by_mouse_best_first_and_then_turned_round(visit):
    page = visit("class")
    before = column(page, 1)
    assert head(page, MARK).get_attribute("aria-sort") is None
    head(page, MARK).get_by_role("button").click()
    assert head(page, MARK).get_attribute("aria-sort") == "descending"
    found = column(page, MARK)
    known = [float(mark) for mark in found if mark != "–"]
    assert known == sorted(known, reverse=True)
    assert "–" in found
    assert found[len(known) :] == ["–"] * (len(found) - len(known)), "who has no mark comes last"
    head(page, MARK).get_by_role("button").click()
    assert head(page, MARK).get_attribute("aria-sort") == "ascending"
    assert column(page, MARK)[: len(known)] == sorted(found[: len(known)], key=float)
    head(page, 1).get_by_role("button").click()
    assert page.locator("#marks [aria-sort]").count() == 1
    assert column(page, 1) == before


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_names_are_sorted_by_keyboard_as_people_count(visit, key):
    page = visit("class")
    head(page, 0).get_by_role("button").focus()
    page.keyboard.press(key)
    names = column(page, 0)
    assert names == [f"Given{number} Family{number}" for number in range(STUDENTS)], "2 before 10"
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    page.keyboard.press(key)
    assert column(page, 0) == names[::-1]


def test_a_row_stays_whole_when_it_moves(visit):
    page = visit("class")
    rows = "[...document.querySelectorAll('#marks tbody tr')].map(row => row.textContent)"
    before = page.evaluate(rows)
    head(page, MARK).get_by_role("button").click()
    after = page.evaluate(rows)
    assert before != after
    assert sorted(before) == sorted(after)


# -- filtering


def test_a_name_is_found_by_keyboard_and_how_many_is_said(visit):
    page = visit("class")
    assert said(page) == f"{STUDENTS} of {STUDENTS} students"
    page.get_by_label("Name or id").focus()
    page.keyboard.type("FAMILY7 given")
    assert column(page, 1) == ["s00007"]
    assert said(page) == f"1 of {STUDENTS} students"
    page.get_by_label("Name or id").fill("s0001")
    assert column(page, 1) == [f"s0001{digit}" for digit in range(10)]
    page.get_by_label("Name or id").fill("nobody (.*")
    assert column(page, 1) == []
    assert said(page) == f"0 of {STUDENTS} students"


def test_states_are_looked_for_in_a_section_or_in_any(visit):
    page = visit("class")
    page.get_by_label("State").select_option("Timed out")
    anywhere = column(page, 1)
    assert 0 < len(anywhere) < STUDENTS
    page.get_by_label("Section", exact=True).select_option("Section 7: Choosing the step")
    there = column(page, 1)
    assert 0 < len(there) < len(anywhere)
    notes = page.evaluate(
        "n => [...document.querySelectorAll('#marks tbody tr:not([hidden])')].map(row => row.cells[n].innerText)", MARK
    )
    assert all("timed out" in note for note in notes)
    head(page, MARK).get_by_role("button").click()
    assert sorted(column(page, 1)) == sorted(there), "sorting shows nobody who is filtered out"
    page.get_by_label("State").select_option("any")
    assert len(column(page, 1)) == STUDENTS


def test_a_class_with_one_section_is_filtered_too(visit):
    page = visit("one")
    page.get_by_label("State").select_option("Grader error")
    assert column(page, 1) == ["s3"]
    assert said(page) == "1 of 3 students"


# -- from page to page


def test_a_student_is_reached_and_left_again_by_keyboard(visit):
    page = visit("one")
    page.get_by_role("link", name="Name of s1").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Name of s1 (s1)')")
    assert page.get_by_text("For instructors only").is_visible()
    page.get_by_role("link", name="The class").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#marks")
    page.get_by_role("link", name="leaderboard").click()
    page.wait_for_selector("h1:has-text('Leaderboard')")
    assert page.locator("tbody th").all_inner_texts() == ["Name of s2", "Name of s1"]
    assert {url.rpartition("/site/")[0] for url in page.heard} == {page.heard[0].rpartition("/site/")[0]}
    page.heard.clear()  # the pages that were asked for


# -- hostile text


@pytest.mark.parametrize("name", [name for name in NAMES if "hostile" in name])
def test_hostile_names_and_reports_stay_text(visit, name):
    page = visit(name)
    assert page.evaluate("window.broken_into") is None
    assert page.locator(FORBIDDEN).count() == 0
    assert page.locator("style").count() == 1
    assert page.locator("meta[http-equiv]").count() == 1
    assert page.locator("footer").is_visible()
    if name == "hostile class":
        page.get_by_label("Name or id").fill("<script>")
        head(page, 0).get_by_role("button").click()
        assert len(column(page, 0)) == 4
        assert page.evaluate("window.broken_into") is None


# -- for everybody


@pytest.mark.parametrize(
    ("name", "scheme", "viewport"),
    [
        ("class", "light", LAPTOP),
        ("class", "dark", PHONE),
        ("one", "dark", LAPTOP),
        ("hostile class", "light", PHONE),
        ("one: leaderboard", "light", PHONE),
        ("class: student", "dark", LAPTOP),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value["width"]),
)
def test_axe_finds_nothing_serious(visit, name, scheme, viewport):
    from axe_playwright_python.sync_playwright import Axe

    page = visit(name, color_scheme=scheme, viewport=viewport)
    page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
    if page.locator("#marks").count():
        head(page, 2).get_by_role("button").click()
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert not serious, [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in serious]


@pytest.mark.parametrize("name", [*NAMES, "class: student"])
def test_a_phone_shows_it_without_scrolling_sideways(visit, name):
    page = visit(name, viewport=PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_everything_that_can_be_used_is_reached_by_the_tab_key(visit):
    page = visit("one")
    kinds = "a, button, summary, input, select, [role=region]"
    reached = set()
    for _ in range(3 * page.locator(kinds).count()):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(f"[...document.querySelectorAll('{kinds}')].indexOf(document.activeElement)"))
    shown = f"[...document.querySelectorAll('{kinds}')].flatMap((e, n) => e.checkVisibility() ? [n] : [])"
    assert set(page.evaluate(shown)) <= reached


def test_without_scripts_the_table_is_there_and_nothing_that_does_nothing(visit):
    page = visit("class", java_script_enabled=False)
    assert page.locator("#marks tbody tr").count() == STUDENTS
    assert page.get_by_role("row", name="Given7 Family7").is_visible()
    assert not page.locator("#filters").is_visible()
    assert page.locator("#marks button").count() == 0


def test_paper_is_white_and_has_the_whole_table(visit):
    page = visit("class", color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(GROUND) == "rgb(255, 255, 255)"
    assert not page.get_by_label("Name or id").is_visible()
    region = "document.querySelector('.tall')"
    assert page.evaluate(f"{region}.scrollHeight <= {region}.clientHeight")
