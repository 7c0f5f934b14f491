"""`grade plot`, as it is typed."""

import os
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from tests import forked
from tests.paths import ROOT


@pytest.fixture
def plot(tmp_path):
    """Type `grade plot` in a copy of the course that holds the solution of section 4 as a student's own work."""
    (tmp_path / "exercises").mkdir()
    for name in ("checks", "solutions", "data"):
        (tmp_path / name).symlink_to(ROOT / name)
    source = (ROOT / "solutions" / "section4_momentum.py").read_bytes()
    (tmp_path / "exercises" / "section4_momentum.py").write_bytes(source)

    def run(*words, code=0):
        dropped = ("GRADE_COURSE", "FORCE_COLOR", "DISPLAY", "WAYLAND_DISPLAY")
        kept = {name: value for name, value in os.environ.items() if name not in dropped}
        done = forked.run([*forked.GRADE, "plot", *words], kept, tmp_path)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def test_pictures_and_their_numbers_are_written_where_it_says(plot, tmp_path):
    said = plot("section4", "optimal_heavy_ball", "--show")
    assert said.startswith("figures/section4/plane.png\n  A step leaves 67 % of the distance")
    assert "this machine has no viewer" in said
    folder = tmp_path / "figures" / "section4"
    assert sorted(path.name for path in folder.iterdir()) == ["plane-dark.png", "plane.npz", "plane.png"]
    assert (folder / "plane.png").read_bytes().startswith(b"\x89PNG")
    with np.load(folder / "plane.npz") as arrays:
        np.testing.assert_allclose(arrays["optimum"], [1 / 9, 4 / 9])


@pytest.mark.slow
def test_pictures_of_vectors_are_drawn_from_the_file_that_is_named(plot, tmp_path):
    """Of a submission elsewhere, whose mistake is told and drawn."""
    text = (ROOT / "solutions" / "section4_momentum.py").read_text(encoding="utf-8")
    wrong = text.replace("lr = (2 / (math", "lr = (1 / (math")
    assert wrong != text
    (tmp_path / "theirs.py").write_text(wrong, encoding="utf-8")
    words = ("momentum", "optimal_heavy_ball", "--format", "svg", "--out", "drawn", "--submission", "theirs.py")
    said = plot(*words)
    assert said.startswith("drawn/plane.svg\n  A step leaves ")
    assert "optimal_heavy_ball does not agree with the reference." in said
    assert sorted(path.name for path in (tmp_path / "drawn").iterdir()) == ["plane-dark.svg", "plane.npz", "plane.svg"]
    light, dark = (ElementTree.parse(tmp_path / "drawn" / name) for name in ("plane.svg", "plane-dark.svg"))
    assert light.getroot().tag == dark.getroot().tag == "{http://www.w3.org/2000/svg}svg"
    with np.load(tmp_path / "drawn" / "plane.npz") as arrays:
        np.testing.assert_allclose(arrays["optimum"][0], arrays["optimum_reference"][0] / 4)


@pytest.mark.slow
def test_one_page_holds_them_all_and_needs_nothing_else(plot, tmp_path):
    said = plot("4", "--format", "html", "--out", "page")
    assert "page/index.html" in said
    page = (tmp_path / "page" / "index.html").read_text(encoding="utf-8")
    assert page.count("<figure ") == 7
    assert all(len(alt) > 100 for alt in re.findall(r'<img [^>]*alt="([^"]*)"', page))
    assert set(re.findall(r'(?:src|srcset|href)="([^,"]*)', page)) == {"data:image/svg+xml"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("section4", "momentum_stp"), "Did you mean momentum_step?"),
        (("section4", "condition_number"), "No picture is drawn from condition_number."),
        (("section4", "--submission", "nowhere"), "Expected a file or a folder"),
        (("section4", "momentum_step", "--out", "exercises/section4_momentum.py"), "would delete it"),
        (("section4", "momentum_step", "--out", "my.png"), "a folder. Try: grade plot section4 --out my"),
    ],
)
def test_what_cannot_be_is_said(plot, words, said):
    assert said in plot(*words, code=2)
