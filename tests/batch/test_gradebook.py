"""The gradebook loses nothing if a process dies, and no two batches do the same work."""

import os
import random
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from grader.batch.class_grading import fault_report
from grader.batch.environment import Environment
from grader.batch.gradebook.attempts import admit
from grader.batch.gradebook.book import FILENAME, Gradebook
from grader.batch.gradebook.claims import Batch
from grader.batch.intake import HandIn, Trouble
from grader.course import Course, UsageError
from grader.submission.submission import Submission
from tests.batch.hand_ins import SOLUTION
from tests.batch.sample_class import finish_one
from tests.paths import ROOT, TINY

SECTION = Course(TINY).find("tiny")
ENVIRONMENT = Environment.of(SECTION)
COUNT = 60

# Claims and finishes everything, without grading, and says what it has finished.
WORKER = """
import sys, time
from contextlib import closing
from pathlib import Path
from tests.batch.sample_class import finish_one
from grader.batch.gradebook.book import Gradebook
from grader.batch.gradebook.claims import Batch
with Gradebook(Path(sys.argv[1])) as book, closing(Batch(book, ["section1"])) as batch:
    while work := batch.claim():
        time.sleep(float(sys.argv[2]))
        finish_one(batch, work)
        print(work.id, flush=True)
"""


def admit_many(book):
    for number in range(COUNT, COUNT + 1000):
        with book.transaction():
            admit(book, hand_in(number))


def hand_in(number, student=None):
    source = SOLUTION + f"# {number}\n".encode()
    name = f"{SECTION.stem}.py"
    return HandIn(
        student or f"s{number}", f"Student {number}", SECTION, Submission(name, Path(name), source), f"s{number}"
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / FILENAME


@pytest.fixture
def book(path):
    with Gradebook(path) as opened:
        with opened.transaction():
            for number in range(COUNT):
                assert admit(opened, hand_in(number))
        yield opened


def start(path, seconds=0.0):
    words = [sys.executable, "-c", WORKER, str(path), str(seconds)]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def no_umask():
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder):
    """The permissions of a folder and of each file in it."""
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_its_owner_may_read_it_and_the_files_beside_it(tmp_path, no_umask):
    with Gradebook(tmp_path / "results" / FILENAME) as book:
        book.course_key()
        names = (FILENAME, f"{FILENAME}-wal", f"{FILENAME}-shm", "course.key")
        assert modes(tmp_path / "results") == {"results": 0o700} | dict.fromkeys(names, 0o600)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_modes_of_a_folder_and_of_a_gradebook_that_are_there_stay(tmp_path, no_umask):
    path = tmp_path / "results" / FILENAME
    path.parent.mkdir(mode=0o750)
    with Gradebook(path):
        assert modes(path.parent)[FILENAME] == 0o600
    path.chmod(0o640)
    with Gradebook(path):
        assert modes(path.parent) == {"results": 0o750} | {f"{FILENAME}{end}": 0o640 for end in ("", "-wal", "-shm")}


def done(book):
    rows = book.db.execute("SELECT id, content FROM gradings WHERE report IS NOT NULL").fetchall()
    return {row["id"]: row["content"] for row in rows}


NORMAL, FULL = 1, 2


def synchronous(book):
    """How the last transaction was committed."""
    return book.db.execute("PRAGMA synchronous").fetchone()[0]


def test_a_grade_and_what_was_handed_in_are_on_the_disk_with_their_commit(book):
    assert book.db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert synchronous(book) == FULL, "the files that were taken in"
    with closing(Batch(book, ["section1"])) as batch:
        work = batch.claim()
        assert synchronous(book) == NORMAL, "a claim that a power cut takes away is as good as given back"
        finish_one(batch, work)
        assert synchronous(book) == FULL
    book.queue_again(list(book.graded()), {}, "again")
    assert synchronous(book) == FULL


def test_what_was_taken_in_already_changes_nothing(book):
    with book.transaction():
        assert not admit(book, hand_in(0))
        assert admit(book, hand_in(0, "another"))
    assert book.db.execute("SELECT count(*) FROM gradings").fetchone()[0] == COUNT, "the same file is graded once"


def test_two_batches_share_the_work(book, path):
    workers = [start(path) for _ in range(2)]
    said = [[int(line) for line in worker.communicate(timeout=120)[0].split()] for worker in workers]
    assert sorted(said[0] + said[1]) == sorted(done(book))
    assert len(set(done(book).values())) == COUNT


def test_what_was_finished_before_a_kill_is_kept_and_the_rest_is_done_by_the_next(book, path):
    doomed = start(path, 0.01)
    said = [int(doomed.stdout.readline()) for _ in range(7)]
    doomed.kill()
    doomed.communicate()
    kept = done(book)
    assert {*said} <= {*kept}
    claimed = book.db.execute("SELECT count(*) FROM gradings WHERE report IS NULL AND batch IS NOT NULL").fetchone()[0]
    assert claimed <= 1
    rest = start(path)
    said = [int(line) for line in rest.communicate(timeout=120)[0].split()]
    assert {*said}.isdisjoint(kept)
    assert len(done(book)) == COUNT
    assert not list(path.parent.glob(".batch-*"))


def test_kills_at_any_moment_lose_nothing(book, path):
    """Also in the middle of a commit, or before there was any."""
    kept, pause = {}, random.Random(7)
    for _ in range(8):
        doomed = start(path, 0.005)
        time.sleep(pause.uniform(0.05, 0.6))
        doomed.kill()
        said = {int(line) for line in doomed.communicate()[0].splitlines()[:-1]}
        now = done(book)
        assert {**now, **kept} == now
        assert said <= {*now}
        kept = now
    start(path).communicate(timeout=120)
    assert sorted({*done(book).values()}) == sorted(done(book).values())
    assert len(done(book)) == COUNT
    assert book.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_work_of_a_batch_that_is_alive_is_left_to_it(book):
    with (
        closing(Batch(book, ["section1"])) as one,
        Gradebook(book.path) as again,
        closing(Batch(again, ["section1"])) as two,
    ):
        mine = one.claim()
        others = []
        while work := two.claim():
            others.append(work.id)
            finish_one(two, work)
        assert mine.id not in others
        assert two.waiting == 1
        finish_one(one, mine)
    assert len(done(book)) == COUNT


def test_a_batch_that_ends_gives_its_claims_back(book):
    with closing(Batch(book, ["section1"])) as batch:
        claimed = batch.claim()
    with closing(Batch(book, ["section1"])) as batch:
        assert batch.claim() == claimed


def test_a_grade_is_never_written_over(book):
    with closing(Batch(book, ["section1"])) as batch:
        work = batch.claim()
        finish_one(batch, work)
        before = book.grading(work.id)
        batch.finish(work, fault_report(SECTION, "x.py", "another", ENVIRONMENT), ENVIRONMENT, 0.1, 1)
        assert book.grading(work.id) == before


def test_a_report_comes_back_as_it_was(book):
    with closing(Batch(book, ["section1"])) as batch:
        work = batch.claim()
        report = fault_report(SECTION, work.filename, "\x1b[31m 'quoted' \u2028", ENVIRONMENT)
        batch.finish(work, report, ENVIRONMENT, 0.1, 1)
    assert book.grading(work.id).report == report
    assert book.grading(work.id).environment == ENVIRONMENT


def test_troubles_of_a_folder_are_replaced(book):
    book.note_troubles("folder", [Trouble("empty", "a", "b"), Trouble("missing", "", "c")])
    book.note_troubles("folder", [Trouble("empty", "a", "b")])
    assert book.db.execute("SELECT count(*) FROM troubles").fetchone()[0] == 1


def test_another_file_is_no_gradebook(path, tmp_path):
    path.write_bytes(b"these are notes of mine\n" * 100)
    with pytest.raises(UsageError, match="cannot be used as a gradebook"):
        Gradebook(path)
    assert path.read_bytes().startswith(b"these are notes")
    other = sqlite3.connect(tmp_path / "other.sqlite")
    other.execute("CREATE TABLE mine (x)")
    other.close()
    with pytest.raises(UsageError, match="another program's database"):
        Gradebook(tmp_path / "other.sqlite")


def test_a_gradebook_of_a_later_grader_is_left_alone(book, path):
    book.db.execute("PRAGMA user_version = 9")
    with pytest.raises(UsageError, match="a gradebook of version 9"):
        Gradebook(path)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="--out DIR"):
        Gradebook(tmp_path / "file" / FILENAME)


def test_a_full_disk_loses_no_grade_that_was_written(book):
    with closing(Batch(book, ["section1"])) as batch:
        finish_one(batch, batch.claim())
        pages = book.db.execute("PRAGMA page_count").fetchone()[0]
        work = batch.claim()
        book.db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(UsageError, match="full"):
            admit_many(book)
        book.db.execute("PRAGMA max_page_count = 1000000")
        finish_one(batch, work)
    assert len(done(book)) == 2


# -- the edition of the course


def test_one_that_was_looked_into_before_its_first_grading_belongs_to_no_edition_yet(tmp_path):
    path = tmp_path / FILENAME
    with Gradebook(path) as looked:
        assert looked.edition == 1
        with Gradebook(path, edition=2) as book:
            assert book.edition == 2


def test_a_gradebook_keeps_its_first_edition(tmp_path):
    path = tmp_path / FILENAME
    with Gradebook(path, edition=3) as book:
        assert book.edition == 3
    with Gradebook(path) as book:  # to read it, any edition will do
        assert book.edition == 3
    with Gradebook(path, edition=3) as book:
        assert book.edition == 3
    with pytest.raises(UsageError, match=r"belongs to edition 3 of the course, and the course here is edition 4\."):
        Gradebook(path, edition=4)
