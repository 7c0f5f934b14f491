"""The course at a glance fits into any terminal, and no command in it is broken."""

import io

import pytest
from rich.console import Console

from grader.course import Course
from grader.grading.section_progress import SectionProgress
from grader.render.terminal.overview import render_overview
from tests.paths import ROOT

SECTIONS = Course(ROOT).sections
STANDINGS = [
    SectionProgress(
        section, points, section.max_points, graded=points > 0, started=points > 0, stale=section.id == "section6"
    )
    for section, points in zip(SECTIONS, (15.0, 0.0, 7.5, 0.0, 3.25, 20.0, 0.0), strict=True)
]
COMMAND = "grade section6 minibatch_gradient"


def shown(width):
    console = Console(file=io.StringIO(), width=width, color_system=None)
    render_overview(STANDINGS, (SECTIONS[4], "minibatch_gradient"), console)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [40, 80, 100, 200])
def test_it_fits_and_says_all(width):
    text = shown(width)
    assert all(len(line) <= width for line in text.splitlines() if "exercises/" not in line and COMMAND not in line)
    assert not any(line != line.rstrip() for line in text.splitlines() if "then" not in line)
    words = " ".join(text.split())
    for section in SECTIONS:
        assert section.id in words
        assert section.title.partition(": ")[2] in words
    assert "3.25 of 15.0 points" in words
    assert "changed since it was graded" in words
    assert COMMAND in text


def test_a_wide_one_has_a_line_for_each_section():
    assert sum(line.lstrip().startswith("section") for line in shown(100).splitlines()) == len(SECTIONS)
    assert "3.25 of 15.0 points  changed since it was graded" in shown(120)


def test_a_narrow_one_says_below_a_title_how_it_stands():
    lines = shown(80).splitlines()
    place = next(place for place, line in enumerate(lines) if "section6" in line)
    assert lines[place + 1].strip() == "3.25 of 15.0 points, changed since it was graded"
