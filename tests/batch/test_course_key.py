"""The course's key lies beside the gradebook, is made once, goes with every job, and is missed when it is gone."""

import re
import stat
import sys

import pytest

from grader.batch.course_key import FILENAME as KEY
from grader.batch.course_key import make_key, read_key
from grader.batch.gradebook.book import FILENAME, Gradebook
from grader.batch.grading_process import Setup, course_of
from grader.course import PUBLIC_KEY, UsageError
from tests.batch.hand_ins import SOLUTION
from tests.paths import TINY


def test_it_is_random_only_its_owners_to_read_and_made_once(tmp_path):
    key = make_key(tmp_path / "a" / KEY)
    assert len(key) == 32
    assert key != make_key(tmp_path / "b" / KEY)
    assert make_key(tmp_path / "a" / KEY) == read_key(tmp_path / "a" / KEY) == key
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "a" / KEY).stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "key", "00" * 31, "zz" * 32, "é"])
def test_what_is_no_key_is_not_replaced(tmp_path, text):
    (tmp_path / KEY).write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="not a course's key"):
        make_key(tmp_path / KEY)
    assert (tmp_path / KEY).read_text(encoding="utf-8") == text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused_until_they_may_not(tmp_path, mode):
    path = tmp_path / "a folder" / KEY
    key = make_key(path)
    path.chmod(mode)
    for take in (read_key, make_key):
        with pytest.raises(UsageError, match=re.escape(f"chmod 600 '{path}'")):
            take(path)
    path.chmod(0o600)
    assert read_key(path) == key


def test_a_gradebook_begins_with_a_key_that_is_there_and_keeps_to_it(tmp_path):
    before = make_key(tmp_path / KEY)
    with Gradebook(tmp_path / FILENAME) as book:
        assert book.course_key() == before
    with Gradebook(tmp_path / FILENAME) as book:
        assert book.course_key() == before
        (tmp_path / KEY).write_text("00" * 32 + "\n")
        with pytest.raises(UsageError, match="not the key with which this gradebook started"):
            book.course_key()
        (tmp_path / KEY).unlink()
        with pytest.raises(UsageError, match="missing: the key with which this gradebook started"):
            book.course_key()
        assert not (tmp_path / KEY).exists()


def test_a_job_grades_with_the_key_of_its_batch_which_nothing_prints():
    setup = Setup(("section1",), str(TINY), key=b"a secret")
    assert course_of(setup).key == b"a secret"
    assert course_of(Setup(("section1",), str(TINY))).key == PUBLIC_KEY
    assert "a secret" not in repr(setup) + repr(course_of(setup))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="a class is graded where submissions can be confined")
def test_a_class_is_graded_with_the_key_beside_its_gradebook(tmp_path, lay_out, command, run_grade):
    folder = lay_out({"ada/section1_tiny.py": SOLUTION})
    assert run_grade(command(folder, tmp_path / "results")).returncode == 0
    key = read_key(tmp_path / "results" / KEY)
    with Gradebook(tmp_path / "results" / FILENAME) as book:
        assert book.course_key() == key
