"""The place from which the bytes were read decides whether code may run unconfined, even if the path changes later."""

import sys
import threading
from pathlib import Path
from types import ModuleType

import pytest

from grader.course import Course
from grader.sandbox.calls.in_process import InProcessSubmission
from grader.sandbox.calls.student import Contract
from grader.sandbox.process.trust import NotConfinedError, Trust
from grader.submission.locate import read_section
from grader.submission.submission import Submission
from grader.toolkit.verdicts import StudentError
from tests.paths import TINY

SECTION = Course(TINY).find("tiny")
NAME = SECTION.exercise.name
THEIRS, OURS = b"def f(): return 'theirs'\n", b"def f(): return 'ours'\n"


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A course's folder and another person's, with a file each."""
    course, theirs = tmp_path / "course", tmp_path / "theirs"
    for folder, source in ((course, OURS), (theirs, THEIRS)):
        folder.mkdir()
        (folder / NAME).write_bytes(source)
    return course, theirs


def turn(link: Path, target: Path) -> None:
    """Let a link lead elsewhere, at once."""
    other = link.with_name("other")
    other.symlink_to(target)
    other.replace(link)


def read(path: Path) -> Submission:
    return read_section(path, SECTION)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_that_is_turned_after_reading_lends_no_trust(folders: tuple[Path, Path], tmp_path: Path) -> None:
    course, theirs = folders
    link = tmp_path / "link"
    turn(link, theirs)
    submission = read(link / NAME)
    turn(link, course)
    assert submission.source == THEIRS
    with pytest.raises(NotConfinedError):
        Trust(course).expect_includes(submission)
    ours = read(link / NAME)
    turn(link, theirs)
    Trust(course).expect_includes(ours)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_that_turns_all_the_time_never_lends_trust(folders: tuple[Path, Path], tmp_path: Path) -> None:
    course, theirs = folders
    link, over = tmp_path / "link", threading.Event()
    turn(link, theirs)

    def turning() -> None:
        while not over.is_set():
            turn(link, course)
            turn(link, theirs)

    thread = threading.Thread(target=turning)
    thread.start()
    try:
        found = [read(link / NAME) for _ in range(3000)]
    finally:
        over.set()
        thread.join()
    assert {(Trust(course).includes(one), one.source) for one in found} <= {(True, OURS), (False, THEIRS)}


def test_a_submission_from_no_file_is_not_trusted(tmp_path: Path) -> None:
    submission = Submission(NAME, tmp_path / NAME, OURS)
    assert not Trust(tmp_path).includes(submission)
    assert Trust(everybody=True).includes(submission)


def test_in_process_the_bytes_that_were_read_are_run_and_shown(folders: tuple[Path, Path]) -> None:
    path = folders[0] / NAME
    path.write_bytes(b"def f(): return __file__\ndef fails():\n    return [][1]\n")
    submission = read(path)
    path.write_bytes(THEIRS)
    with InProcessSubmission(submission).trial(Contract(ModuleType("reference"))) as met:
        assert met.student.f() == str(path)
        with pytest.raises(StudentError, match="IndexError") as caught:
            met.student.fails()
    assert [(line.line, line.text) for line in caught.value.lines] == [(3, "return [][1]")]
