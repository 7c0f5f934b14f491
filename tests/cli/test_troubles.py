"""`grade troubles` and `grade assign`: what could not be attributed is settled by the command that is shown."""

import csv
import shlex
import sys

import pytest

from grader.batch.class_grading import take_in
from grader.batch.gradebook.book import FILENAME, Gradebook
from grader.batch.gradebook.queries import last_files
from grader.batch.intake import HandIn, Intake, Trouble
from grader.batch.roster import Assigned, Assignments
from grader.course import Course
from tests.batch.hand_ins import SOLUTION, STUB, WRONG
from tests.paths import ROOT
from tests.submission.formats import zip_of


def grade(run_grade, *words):
    return run_grade([sys.executable, "-m", "grader", *map(str, words)])


def test_rules_and_comments_among_the_submissions_are_told(run_grade, lay_out, tmp_path):
    folder = lay_out(
        {"ada/empty.txt": b"", "policy.toml": b"[caps]\nsection1 = 1\n", "comments.csv": b"id,comment\nada,hi\n"}
    )
    ran = grade(run_grade, "class", folder, "--out", tmp_path / "out")
    for name in ("policy.toml", "comments.csv"):
        assert f"{folder / name} has no effect, since it does not lie beside the gradebook" in ran.stdout
    assert ran.returncode == 1


@pytest.mark.slow
def test_the_command_that_is_shown_settles_it(run_grade, lay_out, tmp_path):
    folder = lay_out(
        {"ada/section1_tiny.py": SOLUTION, "bob/a/section1_tiny.py": WRONG, "bob/b/section1_tiny.py": SOLUTION}
    )
    out = ("--out", tmp_path / "out")
    assert grade(run_grade, "class", folder, *out, "--section", "section1", "--unsafe").returncode == 1
    listed = grade(run_grade, "troubles", *out)
    assert listed.returncode == 1
    (line,) = listed.stdout.splitlines()
    assert "any of these could be meant: a/section1_tiny.py, b/section1_tiny.py" in line
    command = line[line.index("grade assign") :].replace("FILE", "b/section1_tiny.py")
    settled = grade(run_grade, *shlex.split(command)[1:])
    assert settled.returncode == 0, settled.stderr
    assert grade(run_grade, "class", folder, *out, "--section", "section1", "--unsafe").returncode == 0
    assert grade(run_grade, "troubles", *out).returncode == 0
    rows = list(csv.reader(grade(run_grade, "export", "csv", *out).stdout.splitlines()))
    assert [(row[0], row[2]) for row in rows[1:]] == [("ada", "5"), ("bob", "5")]


def test_without_the_table_of_the_class_no_student_loses_a_hand_in(run_grade, lay_out, made):
    """Without it, the number in the name would be the id of another student, and s1 would have handed in nothing."""
    made.enrol("s1", "Ada Lovelace", moodle_section1="4001")
    folder = lay_out({"Ada Lovelace_4001_assignsubmission_file_/section1_tiny.py": SOLUTION})
    ran = grade(run_grade, "class", folder, "--out", made.book.path.parent)
    assert ran.returncode == 2
    assert (
        f"Name it again: grade class {folder} --out {made.book.path.parent} --roster FILE, or --like FILE" in ran.stderr
    )
    assert not made.book.sections()


def test_whose_a_file_is_and_which_counts(lay_out, tiny_course):
    folder = lay_out(
        {"x_1_2_section1.py": SOLUTION, "bob/b/abgabe.py": WRONG, "bob/a/helper.py": SOLUTION, "cem/c.txt": b""}
    )
    words = [("x_1_2_section1.py", "ada", ""), ("bob/b/abgabe.py", "bob", "section1"), ("cem", "dan", "")]
    paths = {str((folder / path).resolve()): Assigned((folder / path).resolve(), *rest) for path, *rest in words}
    found = list(Intake(folder, tiny_course.sections, named=True, assignments=Assignments(paths)).read())
    assert {one.student: one.submission.source for one in found if isinstance(one, HandIn)} == {
        "ada": SOLUTION,
        "bob": WRONG,
    }
    assert [(one.student, one.kind) for one in found if not isinstance(one, HandIn)] == [("dan", "unreadable")]


def test_files_for_several_sections_of_one_folder_count_and_so_do_its_other_files(lay_out):
    sections = Course(ROOT).sections
    two, three, four = (next(one for one in sections if one.number == number) for number in (2, 3, 4))
    folder = lay_out({f"bob/{place}/{one.stem}.py": SOLUTION for one in (two, three) for place in "ab"})
    (folder / "bob" / f"{four.stem}.py").write_bytes(WRONG)
    taken: dict[str, Assigned] = {}
    for chosen in (two, three):
        path = (folder / "bob" / "b" / f"{chosen.stem}.py").resolve()
        taken[str(path)] = Assigned(path, "bob", chosen.id)
        found = list(Intake(folder, sections, known=sections, assignments=Assignments(taken)).read())
        marks = {one.section.id: one.submission.real for one in found if isinstance(one, HandIn)}
        assert [marks[assigned.section] for assigned in taken.values()] == [one.path for one in taken.values()]
        assert four.id in marks
        left = {one.section for one in found if isinstance(one, Trouble) and one.kind == "unreadable"}
        assert left == ({three.id} if chosen is two else set())


def test_of_two_files_for_a_section_in_one_folder_the_one_that_was_named_last_counts(made, tmp_path):
    made.book.note_troubles(
        str(tmp_path), [Trouble("unreadable", str(tmp_path / "bob"), "two files", "bob", "section1")]
    )
    for words in (("bob/a.py", "section1"), ("bob/b.py", "section2"), ("c.py", "section1"), ("bob/0/d.py", "section1")):
        made.book.assign(Assigned(tmp_path / words[0], "bob", words[1]))
    assert {*made.book.assignments().found} == {str(tmp_path / name) for name in ("bob/b.py", "c.py", "bob/0/d.py")}


def test_from_another_folder_the_command_names_the_file_too(run_grade, lay_out, made):
    folder = lay_out({"bob/abgabe.py": SOLUTION, "bob/utils.py": WRONG})
    made.enrol("bob")
    typed = f"{folder.name}/bob"  # in the folder above
    made.book.note_troubles(str(folder), [Trouble("unreadable", typed, "no file of that name", "bob", "section1")])
    listed = grade(run_grade, "troubles", "--out", made.book.path.parent).stdout
    assert f"grade assign {folder}/bob/FILE bob --section section1" in listed


def test_words_that_name_no_student_or_file_are_refused(run_grade, made, tmp_path):
    made.enrol("s1")
    (tmp_path / "file.py").touch()
    out = ("--out", made.book.path.parent)
    for words, said in (
        (("absent.py", "s1"), "absent.py: there is no such file or folder"),
        ((tmp_path / "file.py", "s2"), "s2: no student of the class has this id. Ids are, for example: s1"),
    ):
        ran = grade(run_grade, "assign", *words, *out)
        assert ran.returncode == 2
        assert said in ran.stderr
    assert grade(run_grade, "assign", tmp_path / "file.py", "S1", "--section", "1", *out).stdout.startswith(
        str(tmp_path)
    )
    assert grade(run_grade, "troubles", *out).returncode == 0


def test_a_file_that_is_another_students_takes_nothing_else_of_its_folder_along(lay_out, tiny_course, tmp_path):
    folder = lay_out({
        "bob/section1_tiny.py": SOLUTION, "bob/abgabe.py": WRONG,
        "cem/section1_tiny.py": STUB,
        "eve_1_7_section1.py": WRONG + b"# eve", "eve_1_8_my section1.py": WRONG + b"# fay",
        "gus.zip": zip_of({"a.py": SOLUTION + b"# gus", "b.py": SOLUTION + b"# hal"}),
    })  # fmt: skip
    given = {
        "bob/abgabe.py": "ada",
        "cem/section1_tiny.py": "dan",
        "eve_1_8_my section1.py": "fay",
        "gus.zip/b.py": "hal",
    }
    with Gradebook(tmp_path / FILENAME) as book:

        def taken() -> dict[str, bytes]:
            known = Intake(folder, tiny_course.sections, named=True, assignments=book.assignments())
            take_in(known, book)
            return {f"{one.student} {number}": one.source for number, one in enumerate(last_files(book, "section1"))}

        assert [*taken().values()] == [WRONG + b"# eve", SOLUTION, STUB], "1, bob, cem; of gus it is unclear which"
        for place, student in given.items():
            path = (folder / place).resolve()
            book.assign(Assigned(path, student, "section1"))
        expected = {
            "1": WRONG + b"# eve", "ada": WRONG, "bob": SOLUTION, "dan": STUB, "fay": WRONG + b"# fay",
            "gus": SOLUTION + b"# gus", "hal": SOLUTION + b"# hal",
        }  # fmt: skip
        assert [*taken().values()] == [*expected.values()]
        rows = book.db.execute("SELECT student FROM submissions ORDER BY student").fetchall()
        assert [row["student"] for row in rows] == [*expected], "each has one attempt, and cem has none"
