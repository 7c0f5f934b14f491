"""The page about a grading: it holds all of it, fetches nothing, and text of a submission stays text."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from urllib.parse import unquote_to_bytes

import msgspec
import pytest

from grader.course import Course
from grader.figures.demo import DemoRun
from grader.grading.report import Counterexample, Diagnosis, Input, Line, Report, Status
from grader.render.web.page import GradedSection, page
from grader.submission.notebook_cells import mark
from grader.toolkit.text import visible
from tests.attacks.hostile_text import controls_in
from tests.paths import REPORTS, ROOT
from tests.render.web.hostile_page import (
    EVIL,
    HOSTILE,
    PREDICTIONS,
    Drawn,
    check,
    graded,
    hostile_check,
    hostile_graded,
    played,
)
from tests.render.web.html_reader import VOID, Page, hash_of

FOUND = sorted(REPORTS.glob("*.json"))
PLAYED = ("section3", "section4", "section6", "section7")
TAGS = """
    html head title style body a header div h1 h2 h3 h4 p strong svg button main nav table thead tbody tr th td section span
    code pre details summary figure figcaption dl dt dd footer script label select option input output caption g text
"""
ATTRIBUTES = """
    lang charset http-equiv content name class href id hidden type tabindex aria-label aria-labelledby aria-hidden role scope
    data-number src alt viewbox preserveaspectratio focusable width height for value min max step
    d points cx cy r x y opacity fill stroke stroke-width stroke-dasharray stroke-linejoin font-size text-anchor transform
"""


WRONG = check(
    title="One step of `step`",
    message="Wrong: w",
    diagnosis=Diagnosis("sign", "Your sign is that of ascent."),
    counterexample=Counterexample("step", [Input("lr", "0.1")], []),
    stdout="lr is 0.1\n",
)
RIGHT = check(Status.PASSED, "scale", title="Twice as much", points=2.0)


@pytest.mark.parametrize("text", [EVIL, *HOSTILE.values()], ids=["all", *HOSTILE])
def test_the_words_of_a_student_stay_text(text):
    data = page([hostile_graded(text)])
    read = Page(data)
    assert read.tags <= VOID | set(TAGS.split())
    assert read.attributes <= set(ATTRIBUTES.split())
    assert all(re.match(r"#|data:image/svg\+xml,[^\s\"<>&#]+$", link) for link in read.links)
    assert read.text.count(visible(text.expandtabs(4))) >= 30
    assert not controls_in(data.decode())


def test_what_runs_and_what_dresses_the_page_has_its_hash_in_the_policy():
    read = Page(page([hostile_graded()]))
    (style,), scripts = read.verbatim["style"], read.verbatim["script"]
    assert read.policy.split("; ") == [
        "default-src 'none'",
        f"style-src {hash_of(style)}",
        f"script-src {' '.join(map(hash_of, scripts))}",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert len(scripts) == 2
    assert not re.search(r"url\(|@import|//", style)
    for script in scripts:  # there is no address in them, but the name of SVG, and no way to make HTML of text
        assert re.findall(r"\S+//\S*", script) in ([], ['"http://www.w3.org/2000/svg";'])
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function|import", script)


def test_what_there_is_to_play_with_has_a_table_and_its_numbers():
    read = Page(page([graded(RIGHT, demos=[played()])]))
    assert json.loads(read.verbatim["data"][0]) == json.loads(played().json)
    for said in ("Ways down", "Which way is shorter?", "c is left out.", "The loss after 1 steps", "diverges"):
        assert said in read.text
    assert len(Page(page([graded(RIGHT)])).verbatim["script"]) == 1  # nothing to play with, no script for it


def test_predictions_stand_beside_what_happened_and_below_the_pictures():
    read = Page(page([graded(RIGHT, pictures=[Drawn()], predictions=PREDICTIONS)]))
    text = " ".join(read.text.split())
    assert text.index(Drawn().title) < text.index("What you predicted, and what your functions do")
    for said in (
        "Not answered yet. Answer: a number",
        "You predicted 20 What happens 25 close to your prediction Because it is slow.",
        "What happens 26 not as you predicted Because it is slow. f does not agree with the reference.",
        "f is not written yet.",
    ):
        assert said in text
    assert "What you predicted" not in Page(page([graded(RIGHT)])).text


def test_the_page_leads_to_the_questions_first():
    open_one = check(Status.NOT_STARTED, "predictions", message="Not answered yet.")
    text = page([graded(open_one, WRONG, words="'my file.py'")]).decode()
    assert '<code class="command">grade predict &#39;my file.py&#39;</code>' in text


@pytest.mark.parametrize("count", [1, 2])
def test_headings_come_in_order_and_ids_once(count):
    one = graded(WRONG, RIGHT, pictures=[Drawn()], demos=[played()], predictions=PREDICTIONS)
    both = [one, graded(WRONG, section="section5")][:count]
    read = Page(page(both))
    assert read.levels[0] == 1
    assert read.levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(read.levels, read.levels[1:], strict=False))
    assert len(set(read.ids)) == len(read.ids)
    assert {link[1:] for link in read.links if link.startswith("#")} <= set(read.ids)


@pytest.mark.parametrize("count", [1, 2])
def test_a_screen_reader_finds_its_way(count):
    """By language, landmarks with names, headings of the parts, and names of what can be set or scrolled."""
    one = graded(WRONG, RIGHT, pictures=[Drawn()], demos=[played()], predictions=PREDICTIONS)
    text = page([one, graded(WRONG, section="section5")][:count]).decode()
    assert '<html lang="en">' in text
    for landmark in ("<header>", "</header>", "<main ", "</main>", "<footer>", "</footer>"):
        assert text.count(landmark) == 1
    assert text.count("<nav aria-label=") == text.count("<nav") >= 1
    ids = set(Page(text.encode()).ids)
    for name in re.findall(r'aria-labelledby="([^"]*)"', text) + re.findall(r'<(?:label|output) for="([^"]*)"', text):
        assert name in ids
    assert text.count("<label for=") == len(re.findall(r"<(?:input|select) ", text)) == 2
    assert all("aria-label" in region for region in re.findall(r'<[a-z]+ [^>]*role="(?:region|group|img)"[^>]*>', text))


def test_everything_that_helps_is_there():
    source = b"def step(w):\n    return w + 1\n\n\ndef scale(w):\n    return 2 * w\n"
    wrong = msgspec.structs.replace(WRONG, lines=[Line(2, "step", "return w + 1")])
    read = Page(
        page([graded(wrong, RIGHT, source=source, hints={"step": "Look at the `sign`."}, command="grade 4 -x")])
    )
    for said in (
        "2.0 of 4.0 points",
        "One step of step",
        "An example (step):",
        "Your sign is that of ascent.",
        "lr is 0.1",
        "Look at the sign.",
        "grade hint section4 step",
        "grade section4 step",
        "grade 4 -x",
        "Fix step (section4_momentum.py:1)",
        "return w + 1\n↑ step: failed here",
        "def step(w):\n↑ step: 0 of 1 check passed",
    ):
        assert said in read.text
    assert "#section4-line-2" in read.links


def test_a_picture_is_there_for_either_theme_and_for_whoever_sees_none():
    large = replace(Drawn(), svg_light=Drawn().svg_light + b"<?" + 50_000 * b"x" + b"?>")
    read = Page(page([graded(RIGHT, pictures=[large])]))
    shown = {unquote_to_bytes(link.partition(",")[2]) for link in read.links if link.startswith("data:")}
    assert shown == {large.svg_light, large.svg_dark}
    assert read.alts == [Drawn().alt] * 2
    assert Drawn().title in read.text


def test_a_page_of_everything_is_below_three_megabytes():
    """With the solutions' files, the pictures of the gallery, and as many numbers to play with as there may be."""
    sections = [
        graded(
            RIGHT,
            WRONG,
            section=section.id,
            source=section.solution.read_bytes(),
            pictures=[
                Drawn(path.stem, svg_light=path.read_bytes(), svg_dark=path.with_stem(f"{path.stem}-dark").read_bytes())
                for path in sorted((ROOT / "docs" / "images" / "gallery" / section.id).glob("*.svg"))
                if not path.stem.endswith("-dark")
            ],
            demos=[replace(played(), runs=(DemoRun((1.5,) * 4000, False),) * 4)] if section.id in PLAYED else [],
        )
        for section in Course(ROOT).sections
    ]
    assert sum(len(one.pictures) for one in sections) > 25
    assert max(len(page([one])) for one in sections) < 2_000_000
    assert len(page(sections)) < 2_900_000, "all checks, and what they say, are another 0.1 MB"


def test_of_a_hidden_check_only_the_points_are_shown():
    secret = hostile_check(text="PLANTED", hidden=True)
    data = page([graded(check(Status.PASSED, points=2.0), secret, source=b"def step(): ...\n")])
    assert b"PLANTED" not in data
    assert "other checks of step: 0 of 2 points" in Page(data).text
    assert "2.0 of 4.0 points" in Page(data).text


@pytest.mark.parametrize(
    ("checks", "fields", "said"),
    [
        ([RIGHT], {}, "All points. Well done."),
        ([check(Status.NOT_STARTED)], {}, "Write step (section4_momentum.py:1), then type grade section4 step"),
        ([check(Status.GRADER_ERROR)], {}, "no points are lost"),
        ([RIGHT, check(Status.BLOCKED, "scale", message="blocked by step")], {}, "blocked by step"),
        ([RIGHT], {"status": "partial"}, "You graded only part of the section."),
        ([RIGHT], {"status": "not_a_grade"}, "it is not a grade"),
        (
            [check(message="x", repeats_notice=True)],
            {"notice": "It stops loading.", "unread": True},
            "Fix section4_momentum.py, then",
        ),
        ([RIGHT], {"source": b"x = 1\n" * 5000}, "Only the first 3000 lines are shown."),
        ([], {}, "0.0 of 0.0 points"),
    ],
)
def test_every_kind_of_report_has_its_words(checks, fields, said):
    assert said in Page(page([graded(*checks, **fields)])).text


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_a_real_report_is_shown_whole(path):
    report = msgspec.json.decode(path.read_bytes(), type=Report)
    read = Page(page([GradedSection(report, b"x = 1\n" * 100, "grade tiny", "tiny")]))
    words = " ".join(read.text.split())
    for one in report.for_student().checks:
        assert " ".join(one.title.replace("`", "").split()) in words
        assert " ".join(one.message.split()) in words or one.status is Status.PASSED


def test_a_notebook_shows_its_cells():
    source = (mark(1) + "import torch\n" + mark(3) + "def step(w):\n    return 1 / 0\n").encode()
    wrong = check(lines=[Line(5, "step", "[cell 3, line 2] return 1 / 0")], message="ZeroDivisionError")
    data = page([graded(wrong, source=source, submission="section4_momentum.ipynb", lines={})])
    assert "Cell 3" in Page(data).text
    assert re.search(rb'data-number="2" id="section4-line-5">', data)
    assert "cell 3, line 2" in Page(data).text


def test_the_same_grading_gives_the_same_bytes():
    assert page([hostile_graded()]) == page([hostile_graded()])


def test_a_page_without_pictures_imports_no_library_that_draws():
    """It would take a quarter of a second, and leave a folder of settings behind."""
    code = (
        "import sys, grader.render.web.page, grader.render.export.report_gradescope; print('matplotlib' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
