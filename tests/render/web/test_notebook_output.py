"""The output in Jupyter: all of a Report, escaped, without scripts, and complete without styles."""

import re
from html.parser import HTMLParser

import pytest

from grader.diagnosis.hints import Hint
from grader.grading.report import (
    Blocker,
    CheckResult,
    Comparison,
    Counterexample,
    Diagnosis,
    Input,
    Line,
    Report,
    Status,
)
from grader.render.web.notebook import graded, hinted
from grader.submission.formats import SESSION

EVIL = "</pre><script>alert(1)</script>{{ 7 * 7 }}<img src=x onerror=alert(1)>'\"&"


def check(status=Status.FAILED, **fields):
    given = {
        "id": "a",
        "exercise": "step",
        "title": "One step",
        "points": 0.0,
        "max_points": 2.0,
        "message": "Wrong: w",
        "in_table": True,
    }
    return CheckResult(**{**given, "status": status, **fields})


def report(*checks, **fields):
    earned = sum(one.points for one in checks)
    given = {"section": "section4", "title": "Section 4: T", "submission": SESSION, "status": "partial", "sandbox": {}}
    return Report(
        schema_version=2, points=earned, max_points=2.0, versions={}, checks=list(checks), **{**given, **fields}
    )


FULL = check(
    message=EVIL,
    in_table=False,
    diagnosis=Diagnosis("slug", f"You did {EVIL}"),
    counterexample=Counterexample(EVIL, [Input(EVIL, EVIL)], [Comparison(EVIL, EVIL, EVIL, True)], smallest=True),
    lines=[Line(7, EVIL, EVIL, 3, 2)],
    notes=[EVIL],
    stdout=EVIL,
)


class Tags(HTMLParser):
    """Which tags there are, that each is closed, and the text between them."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], set(), set(), ""
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data if self.open[-1:] != ["style"] else ""


def test_the_words_of_a_student_stay_text():
    page = Tags(graded(report(FULL, notice=f"The file: {EVIL}"))._repr_html_())
    assert page.tags <= {"div", "style", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "section", "pre"}
    assert page.attributes <= {"class", "scope"}
    assert page.text.count(EVIL) >= 10


def test_it_says_the_same_in_html_and_in_plain_text():
    shown = graded(report(FULL))
    bundle = shown._repr_mimebundle_()
    assert bundle == {"text/html": shown._repr_html_(), "text/plain": repr(shown)}
    for text in (Tags(bundle["text/html"]).text, bundle["text/plain"]):
        for words in ("What it looks like", "In[3], line 2", "Your code printed", "%hint step", "Your own grading"):
            assert words in text


def test_nothing_is_said_by_colour_and_no_colour_is_fixed():
    """Text and ground are those of the page, so that a dark one works as a light one does."""
    page = graded(report(FULL))._repr_html_()
    colours = re.findall(r"(?:color|background): ([^;]+);", page)
    assert set(colours) <= {"none", "inherit"}
    assert ">differs</td>" in page


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ([check(Status.PASSED, points=2.0)], "All points. Well done."),
        ([check(Status.NOT_STARTED)], "write step and run its cell, then %grade step"),
        ([check(Status.GRADER_ERROR)], "no points are lost"),
        (
            [check(Status.BLOCKED, message="blocked by scale", blocked_by=Blocker("scale"))],
            "fix scale and run its cell",
        ),
    ],
)
def test_what_to_do_next_is_in_the_words_of_a_notebook(checks, said):
    shown = graded(report(*checks))
    assert said in shown._repr_html_()
    assert said in repr(shown)


def test_a_hint_is_shown_and_the_way_to_the_next():
    shown = hinted(Hint("step", f"Look at {EVIL}", 1, 2, False, True))
    assert "<script" not in shown._repr_html_()
    for text in (Tags(shown._repr_html_()).text, repr(shown)):
        assert f"Look at {EVIL}" in text
        assert "for a more direct hint: %hint step" in text
    assert "more direct" not in repr(hinted(Hint("step", "x", 2, 2, False, True)))
