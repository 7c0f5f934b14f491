"""What a check prints is for its author: on standard error, of the solution only, and with nothing that acts on a terminal."""

from tests.grading.tiny_answers import CASES
from tests.paths import TINY

CHECKS = '''
import torch
from grader.toolkit.check import check


@check("mean", points=1)
def test_mean(student):
    """The mean of 1 and 3 is 2."""
    print("the answer", student.mean(torch.tensor([1.0, 3.0])), "\\x1b[2J")
    print("::error::")
    assert student.mean(torch.tensor([1.0, 3.0])) == 2.0
'''


def test_what_a_check_prints_about_the_solution_is_shown_to_its_author(grade_tiny, course_with, capfd):
    solution = (TINY / "solutions" / "section1_tiny.py").read_text(encoding="utf-8")
    report = grade_tiny(solution, root=course_with(CHECKS))
    out, shown = capfd.readouterr()
    assert (report.points, out) == (1.0, "")
    assert "mean prints: the answer 2.0" in shown
    assert "\x1b" not in shown
    assert not any(line.startswith("::") for line in shown.splitlines())


def test_what_a_check_prints_about_another_answer_is_shown_to_nobody(grade_tiny, course_with, capfd):
    root = course_with(CHECKS)
    for answer, points in ((CASES["right"], 1.0), ("def mean(x):\n    return 1.0 * float(x.sum())\n", 0.0)):
        report = grade_tiny(answer, root=root)
        assert report.points == points
        assert capfd.readouterr() == ("", "")
