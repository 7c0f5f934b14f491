"""Data from the course's key and the code of a file: the same for the same code, different for other code."""

from pathlib import Path

import nbformat
import pytest

from grader.course import PUBLIC_KEY, Course
from grader.grading.request import Selection
from grader.kit.notebooks import make
from grader.service import Service
from grader.service.session import grade
from grader.service.watched_file import WatchedFile
from grader.submission.locate import read_section
from grader.submission.submission import Submission
from tests.grading.tiny_answers import answer

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
COMMENTED = RIGHT.replace(
    "def mean(x):\n    return", '# %%\n\n# one more try\ndef mean(x):  # of all\n    """The mean."""\n\n    return'
)
OTHERWISE = RIGHT.replace("float(x.mean())", "float(torch.mean(x))")
# Ways to have an exercise that is no plain function, and files that are hard to read: of each, `~` is where a comment may stand.
FORMS = {
    "a function": RIGHT + "~\n",
    "a class": answer(mean="class mean:~\n    def __new__(cls, x):\n        return float(x.mean())\n"),
    "a lambda": RIGHT + "\n\nmean = lambda x: float(x.mean())~\n",
    "made by a decorator": RIGHT + "\n\n@lambda made: made()\ndef mean():\n    return lambda x: float(x.mean())~\n",
    "imported": RIGHT + "\n\nfrom torch import mean~\n",
    "below an if": RIGHT + "\n\nif True:\n    def mean(x):~\n        return float(x.mean())\n",
    "used unmentioned": RIGHT + "\n\nmean = globals()['me' + 'an']~\n",
    "the last of very many": "".join(f"def f{number}(): return 1\n" for number in range(600)) + RIGHT + "~\n",
    "too deep to be read in Python": RIGHT + f"\n\nDEEP = {'-' * 900}1~\n",
    "a number of many digits": RIGHT + f"\n\nLONG = 0x{'f' * 5000}~\n",
}


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


def test_code_that_the_exercise_does_not_mention_counts_since_it_may_use_it_all_the_same(course, notes):
    assert notes(course, answer(scale="return factor * x")) != notes(course, RIGHT)


@pytest.mark.parametrize("form", FORMS)
def test_in_whatever_form_an_exercise_is_written_comments_do_not_count_and_other_code_does(course, notes, form):
    assert "~" in FORMS[form]
    bare, commented = FORMS[form].replace("~", ""), FORMS[form].replace("~", "  # one more try\n# and one")
    assert notes(course, commented) == notes(course, bare)
    assert notes(course, bare + "\nMORE = 1\n") != notes(course, bare)


@pytest.mark.parametrize("more", ["", "\n\ndef other(x):\n    return getattr(x, 'shape')\n"])
def test_a_notebook_of_the_same_code_gets_the_same(course, notes, tmp_path, more):
    """Also where names may be used unmentioned, so that all of the file counts."""
    path = tmp_path / "section1_tiny.ipynb"
    nbformat.write(make(course.find("tiny"), COMMENTED + more), path)
    assert notes(course, read_section(path, course.find("tiny"))) == notes(course, RIGHT + more)


def test_while_watching_other_code_is_graded_again(course, tiny_sandbox):
    """Else the grade would be that of another test set."""
    section, path = course.find("tiny"), Path("section1_tiny.py")
    watched_file = WatchedFile(section, Service(course, tiny_sandbox))
    sources = RIGHT, RIGHT + "# more\n", answer(scale="return factor * x")
    found = [watched_file.grade(Submission(path.name, path, source.encode())) for source in sources]
    assert ["mean" in one.graded for one in found] == [True, False, True]
    (check,) = found[2].report.checks
    assert check.notes != found[0].report.checks[0].notes


def test_another_key_gives_other_data_and_the_public_one_is_called_so(course, notes):
    found = [notes(Course(course.root, key), RIGHT) for key in (b"a key", b"another", PUBLIC_KEY)]
    assert len({seed for seed, _ in found}) == 3
    assert [said for _, said in found] == ["secret", "secret", "public"]
