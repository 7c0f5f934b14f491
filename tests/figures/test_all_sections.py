"""What holds for the pictures of every section: right answers miss nothing, and a stub is called one."""

from inspect import isabstract

import pytest

from grader.course import Course
from grader.figures.gallery import UNDRAWN, Figure, figures_in
from tests.figures.conftest import ROOT, STEM, source_of, words_in

SECTIONS = {section.stem: section for section in Course(ROOT).sections}
STEMS = [pytest.param(stem, marks=() if stem == STEM else pytest.mark.slow) for stem in SECTIONS]


@pytest.mark.parametrize("stem", STEMS)
def test_right_answers_miss_nothing(solved_of, stem):
    pictures = solved_of(stem)
    assert list(pictures) == [figure.slug for figure in figures_in(SECTIONS[stem])]
    for picture in pictures.values():
        assert not picture.missing
        assert picture.title != UNDRAWN
        assert len(picture.title) <= 78
        assert len(picture.alt) > 80


@pytest.mark.parametrize("stem", STEMS)
def test_of_a_stub_every_picture_says_what_is_not_written(draw_of, stem):
    for picture in draw_of(stem, source_of(stem, "exercises")).values():
        assert set(picture.missing) == {f"{exercise} is not written yet." for exercise in picture.figure.exercises}
        for words in picture.missing:
            assert words in picture.alt
            assert words.split()[0] in words_in(picture)  # narrow axes break lines
        assert picture.title != UNDRAWN
        assert "%" not in picture.title


def test_no_figure_is_forgotten():
    listed = {type(figure) for section in SECTIONS.values() for figure in figures_in(section)}
    ours = {one for one in descendants(Figure) if one.__module__.startswith("grader.") and not isabstract(one)}
    assert {one.__name__ for one in ours - listed} == {"_Undrawn"}


def descendants(kind):
    return {kind}.union(*map(descendants, kind.__subclasses__()))
