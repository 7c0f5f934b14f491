"""Which attempts a gradebook keeps when folders come again: in another state, with other names, or with another roster."""

import sqlite3
import zlib

import pytest

from grader.batch.class_grading import take_in
from grader.batch.gradebook.attempts import admit, content_of, settle
from grader.batch.gradebook.book import FILENAME, Gradebook
from grader.batch.intake import HandIn, Intake
from grader.batch.marks import student_marks
from grader.batch.policy import Policy
from grader.batch.roster import Roster, Student
from grader.section import Section
from tests.batch.hand_ins import SOLUTION, STUB, WRONG


@pytest.fixture
def attempts(lay_out, tiny_course, tmp_path):
    """Take one folder after the other in; returns the attempts as (student, first letters, late), in their order."""

    def of(*folders, rosters=()):
        with Gradebook(tmp_path / "out" / FILENAME) as book:
            for number, files in enumerate(folders):
                folder = lay_out({f"{number}/{name}": source for name, source in files.items()}) / str(number)
                roster = rosters[number] if rosters else None
                take_in(Intake(folder, tiny_course.sections, roster), book)
            query = "SELECT student, source, late FROM submissions AS s JOIN contents USING (content) ORDER BY sequence, s.id"
            rows = book.db.execute(query).fetchall()
            known = [row["id"] for row in book.db.execute("SELECT id FROM students ORDER BY id")]
        names = {SOLUTION: "right", WRONG: "wrong", STUB: "stub"}
        return [(row["student"], names[zlib.decompress(row["source"])], row["late"]) for row in rows], known

    return of


def test_a_file_that_is_handed_in_again_after_another_counts_as_the_last(attempts):
    runs = [{f"ada_501_{9000 + number}_section1.py": source} for number, source in enumerate((WRONG, SOLUTION, WRONG))]
    assert [kind for _, kind, _ in attempts(*runs)[0]] == ["wrong", "right", "wrong"]


def test_the_same_folder_again_is_no_new_attempt_unless_its_file_is_back(lay_out, tiny_course, tmp_path):
    folder = lay_out({"ada/section1.py": WRONG})
    with Gradebook(tmp_path / "out" / FILENAME) as book:
        for source in (WRONG, WRONG, SOLUTION, SOLUTION, WRONG, WRONG):
            (folder / "ada" / "section1.py").write_bytes(source)
            take_in(Intake(folder, tiny_course.sections), book)
        rows = book.db.execute("SELECT c.filename, s.id FROM submissions AS s JOIN contents AS c USING (content)")
        assert len(rows.fetchall()) == 2
        last = "SELECT source FROM contents JOIN submissions AS s USING (content) ORDER BY s.id DESC LIMIT 1"
        assert zlib.decompress(book.db.execute(last).fetchone()["source"]) == WRONG


def test_a_folder_that_was_downloaded_again_is_no_further_attempt(attempts, tmp_path):
    attempts({"ada/section1.py": WRONG}, {"ada/section1.py": WRONG})
    with Gradebook(tmp_path / "out" / FILENAME) as book:
        assert [one.attempts for one in student_marks(book, Policy())] == [1]


def test_lateness_that_was_taken_back_is_taken_back(attempts):
    found, _ = attempts({"ada_LATE_501_9001_section1.py": WRONG}, {"ada_501_9001_section1.py": WRONG})
    assert found == [("501", "wrong", 0)]


ADA, ALAN = (Student(*one) for one in (("s1", "Ada", {"canvas_id": "501"}), ("s2", "Alan", {"canvas_id": "502"})))
SWAPPED = [Student("s1", "Ada", {"canvas_id": "502"}), Student("s2", "Alan", {"canvas_id": "501"})]
CANVAS = {"ada_501_9001_section1.py": SOLUTION, "alan_502_9002_section1.py": WRONG}


def test_a_corrected_roster_gives_everybody_their_own(attempts):
    found, known = attempts(CANVAS, CANVAS, rosters=(Roster(SWAPPED), Roster([ADA, ALAN])))
    assert (found, known) == ([("s1", "right", 0), ("s2", "wrong", 0)], ["s1", "s2"])


def test_a_roster_that_comes_later_adds_no_student_twice(attempts):
    found, known = attempts(CANVAS, CANVAS, rosters=(None, Roster([ADA, ALAN])))
    assert (found, known) == ([("s1", "right", 0), ("s2", "wrong", 0)], ["s1", "s2"])


def test_a_number_of_canvas_is_looked_for_in_the_column_of_canvas():
    roster = Roster([Student("s1", "Ada"), Student("501", "Alan", {"canvas_id": "777"})])
    assert [roster.find([key], "canvas") for key in ("501", "777")] == [None, roster.students["501"]]
    other = Roster([Student("501", "Ada", {"canvas_login": "ada"}), Student("s2", "Alan", {"lms": "502"})])
    assert [one.name for key in ("501", "502") if (one := other.find([key], "canvas"))] == ["Ada", "Alan"]
    assert [roster.find(["501"], system) for system in ("moodle", "")] == [roster.students["501"]] * 2


def test_a_gradebook_of_version_1_is_brought_up_to_date(attempts, tmp_path):
    attempts(CANVAS)
    path = tmp_path / "out" / FILENAME
    with sqlite3.connect(path) as db:
        db.executescript(
            "CREATE TABLE old (id INTEGER PRIMARY KEY, student TEXT NOT NULL REFERENCES students, section TEXT NOT NULL, "
            "content TEXT NOT NULL REFERENCES contents, place TEXT NOT NULL, late INTEGER NOT NULL, submitted TEXT, "
            "sequence INTEGER NOT NULL, seen TEXT NOT NULL, UNIQUE (student, section, content));"
            "INSERT INTO old SELECT id, student, section, content, place, late, submitted, sequence, seen FROM submissions;"
            "DROP TABLE submissions; ALTER TABLE old RENAME TO submissions; PRAGMA user_version = 1"
        )
    db.close()
    assert attempts(CANVAS)[0] == [("501", "right", 0), ("502", "wrong", 0)]
    with Gradebook(path) as book:
        uploads = [row["upload"] for row in book.db.execute("SELECT upload FROM submissions ORDER BY id")]
    assert uploads == ["canvas 501 9001", "canvas 502 9002"]


def test_a_gradebook_of_version_2_learns_who_tells_the_time_and_whose_a_file_is(attempts, tmp_path):
    attempts(CANVAS)
    path = tmp_path / "out" / FILENAME
    with sqlite3.connect(path) as db:
        db.executescript("DROP TABLE assigned; ALTER TABLE submissions DROP COLUMN clock; PRAGMA user_version = 2")
    db.close()
    assert attempts(CANVAS)[0] == [("501", "right", 0), ("502", "wrong", 0)]
    with Gradebook(path) as book:
        assert not book.assignments().found


def test_numbers_of_one_system_do_not_meet_in_two_folders(attempts):
    runs = {"ada_501_20261120_section1.py": SOLUTION}, {"bob_502_20261120_section1.py": WRONG}
    assert [student for student, *_ in attempts(*runs)[0]] == ["501", "502"]


def test_two_batches_with_different_rosters_take_nothing_from_each_other(lay_out, tiny_course, tmp_path):
    """Each has admitted what it has read before either settles."""
    folder = lay_out(CANVAS)
    with Gradebook(tmp_path / "out" / FILENAME) as book:
        owners = []
        for roster in (Roster([ADA, ALAN]), None):
            found = [one for one in Intake(folder, tiny_course.sections, roster).read() if isinstance(one, HandIn)]
            with book.transaction():
                for one in found:
                    admit(book, one)
            owners.append({(one.upload, one.section.id, content_of(one)): {one.student} for one in found})
        for one in owners:
            settle(book, one)
        left = book.db.execute("SELECT DISTINCT student FROM submissions ORDER BY student").fetchall()
    assert [row["student"] for row in left] == ["s1", "s2"]


def test_what_is_wrong_with_other_sections_is_not_forgotten(lay_out, tiny_course, made, tmp_path):
    folder = lay_out({"ada/section1_tiny.py": b"x" * (2 << 20)})
    other = Section(2, "other", tmp_path / "course")
    other.checks.parent.mkdir(parents=True)
    other.checks.symlink_to(tiny_course.sections[0].checks)
    for sections in (tiny_course.sections, [other]):
        take_in(Intake(folder, sections, None, True, [*tiny_course.sections, other]), made.book)
    kinds = {(row["kind"], row["section"]) for row in made.book.db.execute("SELECT kind, section FROM troubles")}
    assert ("unreadable", "section1") in kinds
