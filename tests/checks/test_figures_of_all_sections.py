"""What holds for the pictures of every section: right answers miss nothing, and a stub is called one."""

import warnings
from inspect import isabstract

import pytest

from grader.course import Course
from grader.figures.canvas import Canvas
from grader.figures.picture import UNDRAWN, Figure, figures_in
from grader.figures.style import LIGHT, styled
from tests.figures.fixtures import STEM, source_of, words_in
from tests.paths import ROOT

SECTIONS = {section.stem: section for section in Course(ROOT).sections}
NAMED = {("units", "x"), ("race", "y")}  # axes whose ticks are names, of digits and of optimizers
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
def test_every_axis_says_what_it_measures(solved_of, stem):
    """Itself, one that shares it, or one beside it."""
    for picture in solved_of(stem).values():
        with styled(LIGHT), warnings.catch_warnings(action="ignore"):
            canvas = Canvas(LIGHT, picture.figure.size)
            picture.figure.draw(canvas, picture.data)
        for axes in canvas.figure.axes:
            if axes.axison and axes.get_label() != "<colorbar>":
                for axis, group in ((axes.xaxis, axes.get_shared_x_axes()), (axes.yaxis, axes.get_shared_y_axes())):
                    near = [*group.get_siblings(axes), *_beside(axes, canvas.figure.axes)]
                    said = [getattr(one, f"get_{axis.axis_name}label")() for one in near]
                    assert any(said) or (picture.slug, axis.axis_name) in NAMED, picture.slug
            elif axes.axison:
                assert axes.get_xlabel() or axes.get_ylabel(), picture.slug


def _beside(axes, others):
    """Axes of the same row."""
    spec = axes.get_subplotspec()
    return [one for one in others if spec and one.get_subplotspec() and one.get_subplotspec().rowspan == spec.rowspan]


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
