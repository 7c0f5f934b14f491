"""The page about a grading in a real browser: by keyboard, in the dark, on paper, for a screen reader, and under attack."""

import pytest

from tests.browser.pages import FORBIDDEN, GROUND, LAPTOP, PHONE

pytestmark = pytest.mark.slow  # some ten seconds of Chromium
NAMES = ("plain", "several", "hostile", "hostile html", "hostile html entity", "hostile html attribute")


def is_dark(page) -> bool:
    return page.evaluate(GROUND) == "rgb(21, 23, 27)"


def focused(page) -> str:
    return page.evaluate(
        "document.activeElement.id || document.activeElement.className || document.activeElement.tagName"
    )


# -- hostile text


@pytest.mark.parametrize("name", NAMES)
def test_hostile_text_stays_text(visit, name):
    page = visit(name)
    assert page.evaluate("window.broken_into") is None
    assert page.locator(FORBIDDEN).count() == 0
    assert page.locator("script:not([type])").count() == 2
    assert page.locator("style").count() == 1
    assert page.locator("meta[http-equiv]").count() == 1
    assert set(page.evaluate("[...document.querySelectorAll('a')].map(a => a.getAttribute('href')[0])")) == {"#"}
    assert page.locator("footer").is_visible()


def test_even_html_that_got_in_could_do_nothing(visit):
    """The policy by itself: what a mistake in a template would let in."""
    page = visit("plain")
    page.evaluate("""() => {
        window.refused = new Set();
        addEventListener("securitypolicyviolation", event => refused.add(event.effectiveDirective));
        const box = document.createElement("div");
        box.innerHTML = `<img src="http://127.0.0.1:9/x.png" onerror="window.broken_into = 1">
            <iframe src="http://127.0.0.1:9/"></iframe><p style="color: red" id="styled">x</p>
            <form action="http://127.0.0.1:9/" id="form"></form>`;
        document.body.append(box);
        const script = document.createElement("script");
        script.textContent = "window.broken_into = 1";
        document.body.append(script);
        fetch("http://127.0.0.1:9/").catch(() => {});
        document.getElementById("form").submit();
    }""")
    expected = ["img-src", "frame-src", "connect-src", "form-action", "script-src-elem", "style-src-attr"]
    page.wait_for_function("expected => expected.every(one => refused.has(one))", arg=expected)
    assert page.evaluate("window.broken_into") is None
    assert page.evaluate("getComputedStyle(document.getElementById('styled')).color") != "rgb(255, 0, 0)"
    page.heard.clear()  # Chromium says each refusal in the console, too


# -- by keyboard


def test_the_skip_link_is_first_and_leads_to_the_results(visit):
    page = visit("plain")
    skip = page.locator(".skip")
    assert skip.bounding_box()["x"] < 0
    page.keyboard.press("Tab")
    assert focused(page) == "skip"
    assert skip.bounding_box()["x"] > 0
    page.keyboard.press("Enter")
    assert focused(page) == "results"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_colours_change_by_keyboard(visit, scheme, key):
    page = visit("plain", color_scheme=scheme)
    assert is_dark(page) == (scheme == "dark")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert focused(page) == "theme"
    before = page.locator("#theme").inner_text()
    page.keyboard.press(key)
    assert is_dark(page) == (scheme != "dark")
    assert page.locator("#theme").inner_text() != before
    page.keyboard.press(key)
    assert is_dark(page) == (scheme == "dark")


def test_the_picture_is_that_of_the_colours(visit):
    page = visit("plain", color_scheme="dark")
    images = page.locator("figure img")
    assert [images.nth(n).is_visible() for n in (0, 1)] == [False, True]
    page.locator("#theme").click()
    assert [images.nth(n).is_visible() for n in (0, 1)] == [True, False]
    assert images.nth(0).evaluate("image => image.complete && image.naturalWidth > 0")


def test_what_is_folded_opens_and_closes_by_keyboard(visit):
    page = visit("plain")
    details = page.locator("details.hint").first
    details.locator("summary").focus()
    assert not page.get_by_text("Look at the sign.").is_visible()
    page.keyboard.press("Enter")
    assert page.get_by_text("Look at the sign.").is_visible()
    page.keyboard.press("Space")
    assert not page.get_by_text("Look at the sign.").is_visible()


def test_everything_that_can_be_used_is_reached_by_the_tab_key(visit):
    page = visit("plain")
    usable = page.locator("a, button, summary, input, select").count()
    reached = set()
    for _ in range(3 * usable):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "[...document.querySelectorAll('a, button, summary, input, select')].indexOf(document.activeElement)"
            )
        )
    shown = page.evaluate(
        "[...document.querySelectorAll('a, button, summary, input, select')].flatMap((e, n) => e.checkVisibility() ? [n] : [])"
    )
    assert set(shown) <= reached


def test_a_link_to_a_line_opens_the_file_there(visit):
    page = visit("plain")
    line = page.locator("#section4-line-3")
    assert not line.is_visible()
    page.locator(".place a").nth(1).click()
    page.wait_for_function("document.getElementById('section4-line-3').checkVisibility()")
    assert line.is_visible()


# -- to play with


def drawn(page) -> list[str]:
    return [page.locator(f".play svg.{panel} .run").get_attribute("d") for panel in ("plane", "curve")]


def test_sliders_and_choices_work_by_keyboard(visit):
    page = visit("plain")
    choice, slider, said = page.get_by_label("Method"), page.get_by_label("Learning rate"), page.locator(".said")
    assert said.inner_text() == "The loss after 1 steps is 0.5."
    before = drawn(page)
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert said.inner_text() == "The loss after 1 steps is 0.02."
    assert slider.get_attribute("aria-valuetext") == "0.2"
    assert page.locator(".control output").inner_text() == "0.2"
    assert all(old != new for old, new in zip(before, drawn(page), strict=True))
    choice.focus()
    page.keyboard.press("ArrowDown")
    assert said.inner_text() == "It diverges after 1 steps."
    slider.focus()
    page.keyboard.press("Home")
    assert said.inner_text() == "The loss after 1 steps is 0.08."


def test_sliders_work_by_mouse(visit):
    page = visit("plain")
    slider, said = page.get_by_label("Learning rate"), page.locator(".said")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.mouse.click(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    assert said.inner_text() == "The loss after 1 steps is 0.02."
    page.get_by_label("Method").select_option("b")
    assert said.inner_text() == "It diverges after 1 steps."


SETTINGS = """box => {
    const controls = [...box.querySelectorAll("input, select")], said = [];
    const values = control => control.options ? control.options.length : Number(control.max) + 1;
    for (let one = 0; one < values(controls[0]); one++)
        for (let two = 0; two < (controls[1] ? values(controls[1]) : 1); two++) {
            [one, two].slice(0, controls.length).forEach((value, n) => {
                controls[n].value = value;
                controls[n].dispatchEvent(new Event("input"));
            });
            const run = box.querySelector("svg.curve .run").getAttribute("d");
            said.push([box.querySelector(".said").textContent, /^(M[\\d.-]+ [\\d.-]+(L[\\d.-]+ [\\d.-]+)*)?$/.test(run)]);
        }
    return said;
}"""


def test_every_setting_of_what_the_sections_have_says_what_its_table_says(visit):
    """Sections 3 to 7, with the numbers of the solutions."""
    from tests.browser.play_page import demos

    page = visit("play")
    boxes = page.locator(".play")
    assert boxes.count() == len(demos()) == 6
    for place, demo in enumerate(demos()):
        said = boxes.nth(place).evaluate(SETTINGS)
        ends = [end for _, row in demo.rows for end in row]
        assert len(said) == len(ends) > 20
        assert all(is_a_line for _, is_a_line in said)
        for (words, _), end in zip(said, ends, strict=True):
            if end == "diverges":
                assert words.startswith("It diverges")
            else:
                shown = words.rpartition(" is ")[2].rstrip(".").replace("; noise_floor gives ", " (")
                found, *floor = [float(part.strip("()")) for part in shown.split(" ")]
                told, *level = [float(part.strip("()")) for part in end.split(" ")]
                assert [found, *floor] == pytest.approx([told, *level], rel=0.06)


def in_field(page, across: float, up: float) -> tuple[float, float]:
    """A place on the screen: shares of the inside of section 4's plane of settings."""
    field = page.locator("#section4-play-momentum-play .field")
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    scale = box["width"] / 480
    return box["x"] + scale * (54 + 410 * across), box["y"] + scale * (220 - 206 * up)


def test_a_drag_over_the_plane_moves_both_sliders(visit):
    from tests.browser.play_page import demos

    page = visit("play")
    box, demo = (
        page.locator("#section4-play-momentum-play"),
        next(one for one in demos() if one.slug == "play-momentum"),
    )
    shown = lambda: [one.inner_text() for one in box.locator("output").all()]  # noqa: E731
    lrs, betas = (control.values for control in demo.controls)
    page.mouse.move(*in_field(page, 0.01, 0.01))
    page.mouse.down()
    assert shown() == [lrs[0], betas[0]]
    first = box.locator(".plane .run").get_attribute("d")
    page.mouse.move(*in_field(page, 0.99, 0.99))
    assert shown() == [lrs[-1], betas[-1]]
    assert box.locator(".plane .run").get_attribute("d") != first
    page.mouse.move(*in_field(page, 1.5, -0.5))  # outside: the nearest field
    assert shown() == [lrs[-1], betas[0]]
    page.mouse.up()
    page.mouse.move(*in_field(page, 0.5, 0.5))
    assert shown() == [lrs[-1], betas[0]]
    before = box.locator(".chosen").get_attribute("x")
    page.locator("#section4-play-momentum-1").press("ArrowLeft")
    assert box.locator(".chosen").get_attribute("x") != before
    assert box.locator(".cell").count() == len(demo.runs)


def test_a_finger_chooses_on_the_plane(visit):
    page = visit("play", viewport=PHONE, has_touch=True)
    page.touchscreen.tap(*in_field(page, 0.01, 0.99))
    outputs = page.locator("#section4-play-momentum-play output").all_inner_texts()
    assert outputs == ["0.1", "0.99"]


def test_only_two_numbers_make_a_plane(visit):
    page = visit("play")
    assert page.locator(".field").count() == 4  # sections 4, 5 and twice 6
    assert page.locator(".play").count() == 6


def test_the_line_of_the_noise_floor_moves_with_the_sliders(visit):
    page = visit("play")
    box = page.locator("#section6-play-noise-floor-play")
    line = lambda: box.locator(".curve .goal").get_attribute("d")  # noqa: E731
    size, lr = (page.locator(f"#section6-play-noise-floor-{number}") for number in (1, 2))
    lr.press("End")
    assert box.locator(".said").inner_text().startswith("It diverges")
    assert line() == ""
    lr.press("Home")
    first = line()
    size.press("End")
    assert "; noise_floor gives 0.00032." in box.locator(".said").inner_text()
    assert line() != first


def test_without_scripts_there_is_the_table(visit):
    page = visit("plain", java_script_enabled=False)
    assert not page.locator(".play").is_visible()
    page.get_by_text("How every run ends").click()
    assert page.get_by_role("cell", name="diverges").is_visible()


# -- for everybody


@pytest.mark.parametrize(
    ("name", "scheme", "viewport"),
    [
        ("plain", "light", PHONE),
        ("plain", "dark", LAPTOP),
        ("several", "dark", PHONE),
        ("hostile", "light", LAPTOP),
        ("play", "dark", PHONE),  # of its thousands of marks, each in the colours of the plain page
    ],
    ids=lambda value: value if isinstance(value, str) else str(value["width"]),
)
def test_axe_finds_nothing_serious(visit, name, scheme, viewport):
    from axe_playwright_python.sync_playwright import Axe

    page = visit(name, color_scheme=scheme, viewport=viewport)
    page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert not serious, [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in serious]


@pytest.mark.parametrize("name", ["plain", "several", "hostile", "play"])
def test_a_phone_shows_it_without_scrolling_sideways(visit, name):
    page = visit(name, viewport=PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_paper_is_white_and_has_no_buttons(visit):
    page = visit("plain", color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(GROUND) == "rgb(255, 255, 255)"
    assert not page.locator("#theme").is_visible()
    images = page.locator("figure img")
    assert [images.nth(n).is_visible() for n in (0, 1)] == [True, False]


def test_without_scripts_only_the_button_is_missing(visit):
    page = visit("plain", java_script_enabled=False)
    assert not page.locator("#theme").is_visible()
    page.locator("details.hint summary").first.click()
    assert page.get_by_text("Look at the sign.").is_visible()
