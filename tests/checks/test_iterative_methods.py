"""The second course, in numpy: complete, true in its pictures and outcomes, and audited."""

import csv
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from grader.audit.adversary_code import spoilt
from grader.audit.audit import answers_of, audit
from grader.course import Course
from grader.diagnosis.known_mistakes import mistakes_of
from grader.figures.experiments import predictions_of
from grader.figures.picture import figures_of
from grader.grading.request import Selection
from grader.sandbox.limits.limits import FOR_PICTURES
from grader.sandbox.process.launch import Sandbox
from grader.service import Service
from grader.service.session import grade
from grader.submission.submission import Submission
from tests.paths import ITERATIVE, ROOT

COURSE = Course(ITERATIVE)
LINEAR, DATA = COURSE.sections

each_section = pytest.mark.parametrize("section", COURSE.sections, ids=[section.id for section in COURSE.sections])


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox.open(COURSE, limits=FOR_PICTURES) as opened:
        yield opened


def submission(section, old="", new=""):
    """The solution, with one piece of text in place of another."""
    text = section.solution.read_text(encoding="utf-8")
    assert old in text
    return Submission(f"{section.stem}.py", Path(f"{section.stem}.py"), text.replace(old, new, 1).encode())


def outcomes(section, sandbox, *changed):
    return {
        one.question.key: one.outcome for one in predictions_of(section, sandbox.admit(submission(section, *changed)))
    }


def title(section, sandbox, *changed):
    (picture,) = figures_of(section, sandbox.admit(submission(section, *changed)))
    return picture.title, picture.missing


def test_the_course_is_about_numpy_alone():
    texts = {path: path.read_text(encoding="utf-8") for path in ITERATIVE.rglob("*.py")}
    assert len(texts) > 20
    assert [path for path, text in texts.items() if "import torch" in text or "from torch" in text] == []


@each_section
def test_each_exercise_has_mistakes_and_each_section_hidden_checks_and_variants(section):
    exercises = [mistake.exercise for mistake in mistakes_of(section)]
    assert all(exercises.count(exercise) >= 4 for exercise in section.functions)
    assert any(check.hidden for check in section.check_list)
    assert len([answer for answer in answers_of(COURSE, section) if answer.kind == "variant"]) >= 2


def test_intuition_is_wrong_about_each_question(sandbox):
    """The outcome of each question, beside the example answer of the solution, which is another."""
    assert outcomes(LINEAR, sandbox) == {"start_on_the_wrong_axis": "it moves to 3", "steps_for_three_eigenvalues": 3}
    assert outcomes(DATA, sandbox) == {"clusters_of_a_rectangle": "the upper and the lower pair", "newton_steps": 6}
    for section in COURSE.sections:
        assert not any(one.agrees for one in predictions_of(section, sandbox.admit(submission(section))))


def test_titles_state_what_the_student_s_own_functions_do(sandbox):
    right, missing = title(LINEAR, sandbox)
    assert right.startswith("Rounding leads power iteration from the axis of 1 to 3, after 3")
    assert missing == ()
    stays = title(LINEAR, sandbox, "v = product / length", "pass")[0]
    assert stays == "From the axis of 1, the estimate after 100 products is 1"
    assert title(DATA, sandbox)[0].startswith("Newton needs 6 steps to 1e-10; gradient descent is at ")
    uphill, missing = title(DATA, sandbox, "w - np.linalg.solve", "w - 0.5 * np.linalg.solve")
    assert uphill.startswith("After 10 steps, your gradient has the length ")
    assert missing == ("newton_step does not agree with the reference.",)


def test_the_numbers_of_the_pictures_are_those_of_closed_forms(sandbox):
    (linear,) = figures_of(LINEAR, sandbox.admit(submission(LINEAR)))
    parts = 9.0 ** np.arange(101)  # of the axis of 3, squared; between the axes, each part is 1 at first
    others = 18 * 0.25 ** np.arange(101)
    np.testing.assert_allclose(
        linear.arrays["between"], (3 * parts + 1 + 0.5 * others) / (parts + 1 + others), rtol=1e-9
    )
    (data,) = figures_of(DATA, sandbox.admit(submission(DATA)))
    last = data.arrays["path"][-1]
    example = DATA.module("examples")
    X, y = example.examples()
    slopes = X.T @ (1 / (1 + np.exp(-X @ last)) - y) / 200 + example.RIDGE * last
    assert np.abs(slopes).max() < 1e-15


def test_a_warning_of_numpy_about_a_known_mistake_concerns_no_person(sandbox):
    """A mistake that divides 0 by 0 is tried in the grader's process, whose terminal is the instructor's."""
    wrong = submission(LINEAR, "if squared == 0:", "if False:")
    with warnings.catch_warnings(action="error", category=RuntimeWarning):
        report = grade(COURSE, LINEAR, wrong, sandbox, Selection(exercises=("conjugate_gradients",)))
    found = {check.id: check.diagnosis.mistake for check in report.checks if check.diagnosis}
    assert found == {"cg_stays_at_the_solution": "divides_zero_by_zero"}


def test_an_adversary_that_spoils_its_answer_spoils_arrays():
    spoiled = spoilt((np.array([1.0, 2.0]), np.array([3, 4])), 0.0)
    assert [part.tolist() for part in spoiled] == [[0.0, 0.0], [0, 0]]


@pytest.mark.slow
def test_the_audit_finds_nothing_to_fix():
    with Sandbox.open(COURSE) as opened:
        for found in audit(Service(COURSE, opened), COURSE.sections):
            problems = {(one.answer.exercise, one.answer.name): one.problems for one in found.findings if one.problems}
            assert not problems
            assert [one.diagnosis for one in found.of("mistake")] == [one.answer.name for one in found.of("mistake")]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="a class is graded on Linux only")
def test_a_class_is_graded_without_torch_from_hand_ins_to_marks(tmp_path):
    (tmp_path / "sitecustomize.py").write_text('import sys\nsys.modules["torch"] = None\n')
    for student, change in (("ada", ("", "")), ("bob", ("@ ", "@ 2 * "))):
        folder = tmp_path / "handed in" / student
        folder.mkdir(parents=True)
        for section in COURSE.sections:
            (folder / f"{section.stem}.py").write_bytes(submission(section, *change).source)
    (tmp_path / "handed in" / "eve").mkdir()
    environment = {
        **os.environ,
        "GRADE_COURSE": str(ITERATIVE),
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]),
    }
    for code, words in (
        (1, ["class", "handed in"]),
        (0, ["export", "csv", "--file", "marks.csv"]),
    ):  # 1: nothing of eve
        command = [sys.executable, "-m", "grader", *words, "--out", "book"]
        ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert ended.returncode == code, ended.stdout + ended.stderr
    with (tmp_path / "marks.csv").open(encoding="utf-8-sig") as table:
        (_, *titles), *rows = csv.reader(table)
    marks = {student: dict(zip(titles, cells, strict=True)) for student, *cells in rows}
    assert float(marks["ada"]["total"]) == sum(section.max_points for section in COURSE.sections)
    assert 0 < float(marks["bob"]["total"]) < float(marks["ada"]["total"])
    assert marks["eve"]["total"] == ""
    assert "nothing handed in" in marks["eve"]["remarks"]
