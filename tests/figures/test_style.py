"""Colours that can be told apart by those who see fewer of them, and on paper without any; text that can be read on its page."""

from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest

from grader.figures.style import LINES, MARKERS, SHADES, THEMES

# What is left of linear RGB for who lacks one kind of cone: Machado, Oliveira and Fernandes 2009, at full severity.
SIGHTS = {
    "all colours": np.eye(3),
    "no red cones": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
    "no green cones": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
    "no blue cones": np.array([[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]]),
}
each_theme = pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)


def linear(color):
    """Linear RGB of a colour of sRGB."""
    values = np.array(mpl.colors.to_rgb(color))
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def luminance(color):
    return float(linear(color) @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    """As WCAG has it, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb):
    """CIELAB of linear RGB: differences of 2 can just be seen."""
    white = np.array([0.9505, 1.0, 1.089])
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb / white
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@each_theme
def test_words_and_curves_stand_out_from_the_page(theme):
    assert contrast(theme.ink, theme.page) >= 7
    assert all(contrast(color, theme.page) >= 3 for color in theme.series), "AA for what is drawn"


@each_theme
@pytest.mark.parametrize("sight", SIGHTS)
def test_curves_have_colours_that_can_be_told_apart(theme, sight):
    seen = [lab((SIGHTS[sight] @ linear(color)).clip(0, 1)) for color in theme.series]
    for one, other in combinations(seen, 2):
        assert np.linalg.norm(one - other) > 10


def test_in_grey_curves_are_told_apart_by_their_lines_and_markers():
    for theme in THEMES:
        assert len(set(LINES)) == len(set(MARKERS)) == len(theme.series) == len(set(theme.series))


def test_in_grey_shades_keep_their_order():
    greys = [luminance(color) for color in mpl.colormaps[SHADES](np.linspace(0, 1, 64))]
    assert (np.diff(greys) > 0).all()
