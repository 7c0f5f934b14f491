"""What is drawn by the course's key and the code of an exercise: the same for the same code, and nobody else's."""

from pathlib import Path

import nbformat
import pytest
from answers import answer

from grader.course import PUBLIC_KEY, Course
from grader.grading.session import Selection, grade
from grader.kit.notebooks import make
from grader.submission.submission import Submission, read_submission

CHECKS = '''
import torch
from grader.toolkit.check import check

@check("mean", points=1)
def test_seed(student, note, code_seed):
    """What is drawn from."""
    note(code_seed.part("numbers").hex())
    note("public" if code_seed.is_public else "secret")
'''
RIGHT = answer()
COMMENTED = RIGHT.replace("def mean(x):\n    return", "# %%\n\n# one more try\ndef mean(x):  # of all\n\n    return")
OTHERWISE = RIGHT.replace("float(x.mean())", "float(torch.mean(x))")
INTRICATE = RIGHT + f"\n\nDEEP = {'-' * 900}1\n"  # too deep to be read in Python, and of no digest


@pytest.fixture
def course(course_with):
    return Course(course_with(CHECKS), b"a key")


@pytest.fixture
def notes(tiny_sandbox):
    """What the check has noted of a submission."""

    def run(course, source):
        submission = source if isinstance(source, Submission) else Submission("s.py", Path("s.py"), source.encode())
        (check,) = grade(course, course.find("tiny"), submission, tiny_sandbox, Selection()).checks
        assert check.status == "passed", check.message
        return check.notes

    return run


def test_comments_and_blank_lines_do_not_count_and_other_code_does(course, notes):
    assert COMMENTED != RIGHT
    assert notes(course, COMMENTED) == notes(course, RIGHT)
    assert notes(course, OTHERWISE) != notes(course, RIGHT)


def test_code_that_the_exercise_does_not_use_does_not_count(course, notes):
    assert notes(course, answer(scale="return factor * x")) == notes(course, RIGHT)


@pytest.mark.parametrize("more", ["", "\n\ndef other(x):\n    return getattr(x, 'shape')\n"])
def test_a_notebook_of_the_same_code_gets_the_same(course, notes, tmp_path, more):
    """Also where names may be used unmentioned, so that all of the file counts."""
    path = tmp_path / "section1_tiny.ipynb"
    nbformat.write(make(course.find("tiny"), COMMENTED + more), path)
    assert notes(course, read_submission(path, "section1_tiny", "grade")) == notes(course, RIGHT + more)


def test_another_key_gives_other_data_and_the_public_one_is_called_so(course, notes):
    found = [notes(Course(course.root, key), RIGHT) for key in (b"a key", b"another", PUBLIC_KEY)]
    assert len({seed for seed, _ in found}) == 3
    assert [said for _, said in found] == ["secret", "secret", "public"]


def test_what_has_no_digest_is_told_by_its_bytes(course, notes):
    assert notes(course, INTRICATE) == notes(course, INTRICATE)
    assert notes(course, INTRICATE + "# more\n") != notes(course, INTRICATE)
