"""An author's error in a program is told with the author's file, and is not taken for the student's or the machine's."""

import pytest

from grader.audit.audit import Answer, judged
from grader.course import Course
from grader.grading.report import Report
from grader.render.terminal.terminal import step_text
from grader.render.words import Ahead, step_after
from grader.sandbox.process.launch import Sandbox
from grader.service.session import grade
from grader.submission.submission import Submission
from grader.toolkit.verdicts import CourseModuleError
from tests.grading.tiny_answers import CASES
from tests.paths import TINY

CHECKS = '''
import torch
from grader.toolkit.check import check
from .programs import twice


@check("mean", points=1)
def test_of_student(student):
    """The student's program asks for a function that no solution defines."""
    student.run(twice, torch.ones(2))


@check("scale", points=1)
def test_of_reference(reference):
    """The reference's program asks for it, too."""
    reference.run(twice, torch.ones(2))
'''
PROGRAMS = '''
def twice(submission, x):
    """The mean, and what is misspelt."""
    return submission.mean(x) + submission.maen(x)
'''
KINDS = """

from grader.toolkit.programs import computes_for

@computes_for(1)
def twice(submission, x) -> float:
    return BODY
"""
LIE = "    from grader.sandbox.calls.worker import NotDefinedError\n    raise NotDefinedError('no name\\n' * 9)\n"


@pytest.fixture
def graded(course_with):
    """Grade an answer in a course whose program asks for `name`: `graded("maen", source)`."""

    def made(name: str, source: str, programs: str = PROGRAMS) -> Report:
        root = course_with(CHECKS)
        (root / "checks/section1_tiny/programs.py").write_text(
            programs.replace("maen", name or "maen"), encoding="utf-8"
        )
        course = Course(root)
        (section,) = course.sections
        with Sandbox.open(course) as sandbox:
            return grade(course, section, Submission(section.solution.name, section.solution, source.encode()), sandbox)

    return made


def test_a_function_that_the_solution_lacks_is_an_error_of_the_course(graded):
    report = graded("maen", CASES["right"])
    mine, ours = report.checks
    said = "the solution defines no maen. Did you mean mean?"
    assert (mine.status.value, ours.status.value) == ("failed", "grader_error")
    assert mine.raised_in_check == f"AttributeError: programs.py, twice: {said} (test_section1.py, line 10)"
    assert ours.raised_in_check == ours.message == f"AttributeError: {said} (programs.py, line 4)"
    assert step_after([report]).kind is Ahead.COURSE
    assert "Tell your instructor." in step_text([report]).plain


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("str(submission.mean(x))", "programs.py, line 5: twice returned a str, but its annotation promises a float."),
        ("{}[submission.mean(x)]", "programs.py, line 5: twice raised KeyError: 1.0"),
    ],
)
def test_an_error_of_a_program_is_told_with_its_line_and_audits_do_not_blame_the_solution(graded, body, said, tmp_path):
    report = graded("", CASES["right"], KINDS.replace("BODY", body))
    (mine, _) = report.checks
    assert (mine.status.value, mine.raised_in_check) == ("failed", said)
    section = Course(tmp_path / "course").sections[0]
    assert (
        judged(Answer("solution", section, "solution", b""), report).problems[0]
        == f"loses 1 point at of_student: {said}"
    )


def test_a_solution_or_module_that_cannot_be_imported_is_told_by_its_line(grade_tiny, course_with):
    root = course_with(CHECKS.replace("import torch", "import torch\nfrom .helpers import two"))
    helpers = root / "checks/section1_tiny/helpers.py"
    helpers.write_text("from .test_section1 import CHECKS\ntwo = 2\n", encoding="utf-8")
    (root / "checks/section1_tiny/programs.py").write_text(PROGRAMS, encoding="utf-8")
    with pytest.raises(CourseModuleError) as cyclic:
        grade_tiny(CASES["right"], root=root)
    said = "ImportError: test_section1 imports this module, which needs it first. Two modules cannot import each other: move"
    assert f"{helpers}:1: {said}" in str(cyclic.value)
    (root / "solutions").unlink()
    (root / "solutions").mkdir()
    solution = root / "solutions/section1_tiny.py"
    right = (TINY / "solutions/section1_tiny.py").read_text(encoding="utf-8")
    solution.write_text(f"{right}\n\nhalf = 1 / 0\n", encoding="utf-8")
    with pytest.raises(CourseModuleError) as broken:
        grade_tiny(CASES["right"], root=root)
    line = right.count("\n") + 3
    assert f"{solution}:{line}: ZeroDivisionError: division by zero. Correct this line." in str(broken.value)


@pytest.mark.parametrize(("error", "kind"), [("OSError(28, 'full')", Ahead.FAULT), ("OSError(2, 'no')", Ahead.COURSE)])
def test_what_the_machine_lacks_is_no_error_of_the_check(grade_tiny, course_with, error, kind):
    checks = CHECKS.replace("from .programs import twice", "").replace("run(twice, ", "mean(")
    root = course_with(checks.replace("    reference.mean(", f"    raise {error}\n    reference.mean("))
    report = grade_tiny(CASES["right"], root=root)
    assert (report.checks[1].status.value, step_after([report]).kind) == ("grader_error", kind)


@pytest.mark.parametrize(
    ("name", "source", "message"),
    [
        (
            "scale",
            "def mean(x):\n    return 1.0\n\n\ndef scael(x):\n    return x\n",
            " named scale. Did you mean scael?",
        ),
        ("maen", f"def mean(x):\n{LIE}", "stops loading before it comes to mean."),
    ],
    ids=["lacks it", "makes a name up"],
)
def test_what_only_the_submission_lacks_or_says_is_its_own(graded, name, source, message):
    report = graded(name, source)
    assert report.checks[0].status.value == "failed"
    assert message in report.checks[0].message
    assert report.checks[0].raised_in_check == ""
