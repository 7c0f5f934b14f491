"""A section as a page to read, and the course as a site: whole, linked, and safe from what a submission says."""

import json
import re
from dataclasses import replace

import pytest

from grader.course import Course
from grader.grading.report import CheckResult, Report, Status
from grader.predictions import Prediction
from grader.render.web.page import GradedSection
from grader.render.web.reader import DocPart, parts_of, read_page, read_site
from grader.toolkit.text import visible
from tests.attacks.hostile_text import HOSTILE, controls_in
from tests.paths import ROOT, TINY
from tests.render.web.hostile_page import EVIL, Drawn, played
from tests.render.web.html_reader import VOID, Page, hash_of

COURSE = Course(ROOT)
MOMENTUM = COURSE.find("momentum")
TAGS = """
    html head title style body a header div h1 h2 h3 p strong em svg button main nav table caption thead tbody tr th td section
    span code pre details summary figure figcaption dl dt dd footer script label select option input output ul ol li
    math mrow mi mo mn msub msup msubsup mfrac mspace msqrt mtext mtable mtr mtd mover mstyle
"""


def graded(section, status=Status.PASSED, written=True, **given):
    """Every exercise of a section has one check."""
    given = {"source": b"", "command": f"grade {section.id}", "words": section.id} | given
    checks = [CheckResult(name, name, "Works", status, float(written), 1.0) for name in section.exercises]
    points = float(sum(check.points for check in checks))
    report = Report(2, section.id, section.title, "a.py", points, float(len(checks)), "graded", {}, {}, checks)
    return GradedSection(report, **given)


def stubs(section):
    predictions = [Prediction(question) for question in section.questions]
    return graded(section, Status.NOT_STARTED, written=False, predictions=predictions)


def words(read):
    return " ".join(read.text.split())


@pytest.mark.parametrize("section", COURSE.sections, ids=lambda section: section.id)
def test_a_page_has_the_whole_text_and_no_answer(section):
    data = read_page(section, stubs(section))
    read = Page(data)
    text = re.sub(r"\s", "", read.text)
    assert len(read.ids) == len(set(read.ids))
    assert all(after - before <= 1 for before, after in zip(read.levels, read.levels[1:], strict=False))
    for name in section.functions:
        assert f"exercise-{name}" in read.ids
        assert f"def{name}(" in text or f"class{name}(" in text
        assert f"grade {section.id} {name}" in words(read)
    solution = section.solution.read_text(encoding="utf-8")
    for body in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", solution, re.DOTALL):
        for line in body.split("\n"):
            assert len(line.strip()) < 40 or re.sub(r"\s", "", line) not in text, line
    assert {link[1:] for link in read.links if link.startswith("#")} <= {*read.ids}
    assert all(link.startswith(("#", "https://")) for link in read.links)
    assert "src" not in read.attributes
    assert "style" not in read.attributes


def test_a_function_that_is_not_written_has_a_note_in_place_of_its_pictures():
    from grader.figures.picture import figures_in

    text = words(Page(read_page(MOMENTUM, stubs(MOMENTUM))))
    figures = figures_in(MOMENTUM)
    missing = re.findall(r"(A picture|\d pictures) of what your functions do will be here\. Write (\w+),", text)
    assert sum(int(count[0]) if count[0].isdigit() else 1 for count, _ in missing) == len(figures)
    assert "Sliders will be here. Write momentum_step, then make this page again." in text
    drawn = [Drawn(figure.slug, figure.exercises, title=figure.slug) for figure in figures]
    text = words(Page(read_page(MOMENTUM, graded(MOMENTUM, pictures=drawn, demos=[played()]))))
    assert "will be here" not in text


def test_a_picture_stands_below_the_last_exercise_that_it_shows():
    pictures = [
        Drawn("early", ("momentum_step", "condition_number"), title="EARLY"),
        Drawn("late", ("nesterov_step",), title="LATE", missing=("nesterov_step is wrong.",)),
        Drawn("any", ("gone",), title="ANY"),
    ]
    text = words(Page(read_page(MOMENTUM, graded(MOMENTUM, pictures=pictures))))
    order = [
        "def momentum_step(",
        "EARLY",
        "def nesterov_step(",
        "LATE",
        "nesterov_step is wrong.",
        "def choose_momentum(",
    ]
    places = [text.index(one) for one in [*order, "ANY", "What to run next"]]
    assert places == sorted(places)


def test_predictions_stand_in_the_text_and_the_demos_before_the_reflection():
    question = MOMENTUM.questions[0]
    predictions = [Prediction(question, 40.0, 25.0, "It is faster."), *map(Prediction, MOMENTUM.questions[1:])]
    one = graded(MOMENTUM, predictions=predictions, demos=[played()])
    text = words(Page(read_page(MOMENTUM, one)))
    order = [
        "You predicted 40 What happens 25 not as you predicted It is faster.",
        "Not answered yet. Answer: a number",
    ]
    order += [
        "To answer, or to see what happens, type grade predict section4",
        "def condition_number(",
        "Play with it",
        "Ways down",
        "Why does momentum help",
    ]
    places = [text.index(one) for one in order]
    assert places == sorted(places)


@pytest.mark.parametrize("text", [EVIL, *HOSTILE.values()], ids=["all", *HOSTILE])
def test_what_a_submission_says_stays_text(text):
    checks = [CheckResult(name, name, text, Status.FAILED, 0.0, 1.0, text) for name in MOMENTUM.exercises]
    report = Report(2, MOMENTUM.id, MOMENTUM.title, text, 0.0, 1.0, "graded", {}, {}, checks)
    pictures = [Drawn(text, ("momentum_step",), title=text, alt=text, missing=(text,))]
    predictions = [Prediction(MOMENTUM.questions[0], text, text, text, text)]
    demos = [played(title=text, task=text, missing=text, axis=text)]
    data = read_page(MOMENTUM, GradedSection(report, b"", "", text, {}, pictures, demos, predictions))
    read = Page(data)
    assert read.tags <= VOID | set(TAGS.split())
    assert not read.attributes & {"style", "onerror", "onload", "onfocus", "onmouseover", "autofocus", "srcdoc"}
    assert all(re.match(r"#|https://|data:image/svg\+xml,[^\s\"<>&#]+$", link) for link in read.links)
    assert read.text.count(visible(text.expandtabs(4))) >= 10
    assert not controls_in(data.decode())


def test_only_our_scripts_and_our_style_are_obeyed():
    read = Page(read_page(MOMENTUM, graded(MOMENTUM, demos=[played()])))
    (style,), scripts = read.verbatim["style"], read.verbatim["script"]
    assert read.policy.split("; ") == [
        "default-src 'none'",
        f"style-src {hash_of(style)}",
        f"script-src {' '.join(map(hash_of, scripts))}",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    for script in scripts:
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function|import|fetch", script)


def entries_of(read):
    """What the search finds, by page and id."""
    return {(page, id): (title, text) for page, id, title, text in json.loads(read.verbatim["data"][0])}


def test_the_search_knows_every_exercise_and_heading():
    read = Page(read_page(MOMENTUM, stubs(MOMENTUM)))
    entries = entries_of(read)
    assert {id for _, id in entries} - {""} <= {*read.ids}
    assert {f"exercise-{name}" for name in MOMENTUM.functions} <= {id for _, id in entries}
    assert "Polyak" in entries["section4.html", "exercise-momentum_step"][1]
    assert any(title == "4.1 How narrow is the ravine?" and "lambda" in text for title, text in entries.values())


def test_a_site_has_a_page_for_each_section_and_every_link_leads_somewhere():
    made = dict(read_site("Exercises", COURSE.sections, map(stubs, COURSE.sections)))
    assert [*made] == [*(f"{section.id}.html" for section in COURSE.sections), "index.html"]
    pages = {name: Page(data) for name, data in made.items()}
    for name, read in pages.items():
        for link in read.links:
            if not link.startswith("https://"):
                page, _, id = link.partition("#")
                assert not id or id in pages[page or name].ids, f"{name}: {link}"
        assert entries_of(read) == entries_of(pages["index.html"])
        assert max(map(len, made.values())) < 300_000
    for page, id in entries_of(pages["index.html"]):
        assert not id or id in pages[page].ids
    assert {"section3.html", "section5.html", "index.html"} <= pages["section4.html"].links
    assert "section2.html" not in pages["section4.html"].links
    assert {f"{section.id}.html" for section in COURSE.sections} <= pages["index.html"].links
    assert all(section.title in pages["index.html"].text for section in COURSE.sections)


def test_a_small_course_has_a_page_too():
    (section,) = Course(TINY).sections
    read = Page(read_page(section, replace(stubs(section), predictions=())))
    assert "A course small enough to be graded in a moment" in words(read)
    assert "exercise-scale" in read.ids
    assert "Play with it" not in read.text


DOCSTRING = """Add a number.

It is *simple*: write `a + b`.

Args:
    a, b: numbers; the second
        line belongs to them.
    **more: others.

Returns:
    The sum. Nothing: else.

Raises:
    ValueError: if `a < 0`.

Source: Anonymous (1900), On sums; in
two lines.

Example, by hand:
    >>> add(1, 2)  # 1 + 2

    3
"""


def test_a_docstring_is_taken_apart():
    parts = list(parts_of(DOCSTRING.strip("\n")))
    assert [part.label for part in parts] == ["", "", "Args", "Returns", "Raises", "Source", "Example, by hand"]
    assert parts[1] == DocPart("", "<p>It is <em>simple</em>: write <code>a + b</code>.</p>\n")
    said = [("a, b", "numbers; the second line belongs to them."), ("**more", "others.")]
    assert parts[2].entries == said
    assert parts[3].html == "<p>The sum. Nothing: else.</p>\n"
    assert parts[4].entries == [("ValueError", "if <code>a &lt; 0</code>.")]
    assert parts[5].html == "<p>Anonymous (1900), On sums; in\ntwo lines.</p>\n"
    assert Page(parts[6].code.encode()).text == ">>> add(1, 2)  # 1 + 2\n\n3"
