"""Every hand-in gets a picture, which says what is missing or wrong."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from matplotlib.testing.compare import compare_images

from grader.course import Course
from grader.figures.picture import UNDRAWN, figures_of
from grader.figures.style import DARK, LIGHT
from grader.submission.submission import Submission
from tests.figures.fixtures import SOLVED, STEM, with_body, words_in
from tests.paths import ROOT

BASELINES = Path(__file__).parent / "baseline"


def test_the_student_and_the_reference_are_both_there(solved):
    arrays = solved["ravine"].arrays
    np.testing.assert_array_equal(arrays["polyak"], arrays["polyak_reference"])


def test_what_works_is_drawn_beside_what_is_missing(draw):
    picture = draw(with_body("nesterov_step", "    raise NotImplementedError"), "nesterov_step")["distance"]
    assert picture.missing == ("nesterov_step is not written yet.",)
    assert {"polyak", "gradient_descent", "nesterov_reference"} <= set(picture.arrays)
    assert "nesterov" not in picture.arrays
    assert picture.title == "To 1 %: steep axis 21 steps, flat axis 62; with momentum, same η, flat axis 25"


def test_a_wrong_function_is_drawn_and_called_wrong(draw):
    source = SOLVED.replace("v.mul_(beta).add_(g)", "v.mul_(beta).add_(g, alpha=1 - beta)", 1)
    pictures = draw(source)
    assert pictures["ravine"].missing == ("minimize_with_momentum does not agree with the reference.",)
    assert pictures["ravine"].title == "With the same η, momentum needs 58 steps instead of 62, and swings less"
    assert not pictures["stable-steps"].missing  # without momentum it is right


def test_a_function_that_ends_its_worker_takes_no_other_along(draw):
    pictures = draw(with_body("momentum_step", "    while True:\n        pass"))
    assert "nesterov" in pictures["distance"].arrays
    assert "optimum" in pictures["plane"].arrays
    assert any("momentum_step did not finish" in words for words in pictures["plane"].missing)


def test_numbers_of_any_size_leave_room_for_the_picture(draw):
    body = "    params[0].data[:] = 1e300\n    velocities[0].data[:] = -1e300"
    picture = draw(with_body("momentum_step", body), "momentum_step")["plane"]
    assert picture.title == "No learning rate and momentum on this plane converge"
    assert picture.missing == ("momentum_step does not agree with the reference.",)


def test_a_file_that_is_not_python_says_so(draw):
    for picture in draw("def momentum_step(:\n").values():
        assert any("SyntaxError" in words for words in picture.missing)


@pytest.mark.slow
def test_a_course_without_solutions_has_no_reference(draw, solved, tmp_path):
    for name in ("exercises", "checks"):
        (tmp_path / name).symlink_to(ROOT / name)
    pictures = draw(SOLVED, root=tmp_path)
    assert list(pictures) == list(solved)
    for picture in pictures.values():
        assert not picture.missing
        assert not [name for name in picture.arrays if name.endswith("_reference")]
        assert UNDRAWN not in picture.title
        assert "reference" not in words_in(picture)


def test_pictures_of_an_exercise_are_those_that_are_drawn_from_it(draw):
    assert list(draw(SOLVED, "optimal_heavy_ball")) == ["plane"]
    assert list(draw(SOLVED, "momentum_step")) == ["velocity", "plane"]


def test_it_is_told_which_picture_is_made_and_how_many_there_are(drawing_sandbox):
    told, submission = [], Submission(f"{STEM}.py", Path(f"{STEM}.py"), SOLVED.encode())
    runnable = drawing_sandbox.admit(submission)
    made = figures_of(Course(ROOT).find("section4"), runnable, ["momentum_step"], lambda *words: told.append(words))
    assert next(made).slug == "velocity"
    assert told == [("velocity", 0, 2)], "before it is made; the next only when it is asked for"
    assert [picture.slug for picture in made] == ["plane"]
    assert told[1:] == [("plane", 1, 2)]


@pytest.mark.slow
def test_the_same_functions_give_the_same_bytes(draw, solved):
    again = draw(SOLVED)
    for slug, picture in solved.items():
        assert picture.svg_light == again[slug].svg_light
    assert solved["plane"].render(DARK, "png") == again["plane"].render(DARK, "png")


@pytest.mark.parametrize(("slug", "theme"), [("ravine", LIGHT), ("plane", DARK)])
def test_it_looks_as_it_did(solved, slug, theme, tmp_path, request):
    """If it is meant to look otherwise: --update-golden, and look at it."""
    baseline = BASELINES / f"{slug}-{theme.name}.png"
    drawn = tmp_path / "drawn.png"
    drawn.write_bytes(solved[slug].render(theme, "png"))
    if request.config.getoption("update_golden"):
        BASELINES.mkdir(exist_ok=True)
        shutil.copy(drawn, baseline)
    shutil.copy(baseline, tmp_path / "baseline.png")
    assert compare_images(str(tmp_path / "baseline.png"), str(drawn), tol=8) is None


@pytest.mark.skipif(not Path(f"/proc/{os.getpid()}/task").is_dir(), reason="only Linux lists children so")
def test_no_process_is_left(draw):
    def children():
        return {pid for task in Path("/proc/self/task").glob("*/children") for pid in task.read_text().split()}

    before = children()
    draw(with_body("momentum_step", "    while True:\n        pass"))
    assert children() <= before
