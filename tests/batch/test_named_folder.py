"""The folder that a person names: an export, the folder around it, an archive, a link, or the wrong one."""

from pathlib import Path

import pytest

from grader.batch.roster import Roster, Student
from grader.course import UsageError
from tests.batch.exports import worksheet
from tests.batch.hand_ins import SOLUTION, WRONG, students
from tests.submission.formats import zip_of


@pytest.mark.parametrize("beside", ["submission_metadata.yml", "bob/.git/HEAD", "bob/section1_tiny.py"])
def test_the_folder_of_the_only_student_is_not_taken_for_an_export(lay_out, take, beside):
    files = {f"ada/submission_123/{name}": SOLUTION for name in ("section1_tiny.py", ".git/HEAD")}
    folder = lay_out({**files, f"ada/{beside}": b"submission_123:\n"})
    assert {one.student for one in (*take(folder)[0], *take(folder)[1])} == {"ada"}


@pytest.mark.parametrize(("name", "words"), [("nowhere", "cannot be read"), ("empty", "nothing in this folder")])
def test_a_folder_that_is_none_is_told(take, tmp_path, name, words):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=words):
        take(tmp_path / name)


def test_an_export_that_is_not_unpacked_is_told(take, tmp_path):
    path = tmp_path / "export.zip"
    path.write_bytes(zip_of({"ada/section1_tiny.py": SOLUTION}))
    with pytest.raises(UsageError, match="Unpack the export"):
        take(path)


def test_a_link_to_a_folder_is_not_followed_whatever_it_is_called(lay_out, take, tmp_path):
    """It could lead to the solutions, or to another student's hand-in."""
    folder = lay_out({"cem/section1_tiny.py": SOLUTION})
    for name in ("a.zip", "section1_tiny-1.py", "section1.py", "tiny (2).py", "section1_tiny.ipynb"):
        (folder / "ada").mkdir(exist_ok=True)
        link = folder / "ada" / name
        link.symlink_to(folder / "cem")
        found, troubles = take(folder)
        assert students(found) == ["cem"], name
        assert troubles, name
        link.unlink()


def test_a_folder_that_only_holds_an_export_is_not_taken_for_a_student(lay_out, take):
    folder = lay_out({
        "Optimization-Section 1-77/Ada_501_assignsubmission_file_/section1.py": SOLUTION,
        "Optimization-Section 1-77/Bob_502_assignsubmission_file_/section1.py": WRONG,
    })  # fmt: skip
    with pytest.raises(UsageError, match=r"looks like an export itself. Name that one: '.*-77'"):
        take(folder)


def test_the_only_student_may_call_a_file_like_an_export_does(lay_out, take):
    found, _ = take(
        lay_out({"ada/section1.py": SOLUTION, "ada/loss_3_1_run.png": b"", "ada/a_1_assignsubmission_b": b""})
    )
    assert students(found) == ["ada"]


def test_tables_and_gradebooks_among_the_submissions_are_no_hand_ins(lay_out, take):
    sheet = worksheet([{"number": "41", "name": "Ada"}]).encode()
    files = {
        "ada/section1_tiny.py": SOLUTION, "bob.csv": b"1,2", "dan_section1.pdf": b"%PDF", "cem_1_2_results.csv": b"1,2",
        "results/gradebook.sqlite": b"",
        "gradebook.sqlite": b"", "gradebook.sqlite-wal": b"", "course.key": b"", "times.csv": b"id,time\n", "Thumbs.db": b"",
        "Grades-Optimization-4711.csv": sheet, "Grades_2026_12_sheet.csv": sheet.decode().encode("utf-16"), "used.csv": sheet,
        "2026-12-01T0900_Grades.csv": b"Student,ID,Section,Tiny\n", "marks.xlsx": b"PK",
    }  # fmt: skip
    folder = lay_out(files)
    roster = Roster([Student(name, "") for name in ("ada", "bob", "dan")])
    found, troubles = take(folder, named=True, roster=roster, used=[folder / "used.csv"])
    assert students(found) == ["ada"]
    tables = {Path(one.place).name for one in troubles if one.kind == "table"}
    assert tables == {"times.csv", "marks.xlsx", *(name for name in files if "Grades" in name)}
    assert {(one.student, one.kind) for one in troubles if one.kind != "table"} == {
        ("bob", "unreadable"), ("dan", "unreadable"), ("1", "unknown"), ("1", "unreadable"),
    }  # fmt: skip


def test_a_table_beside_the_folder_of_an_export_does_not_hide_the_folder(lay_out, take):
    files = {"assignment_5_export/submission_1/section1_tiny.py": SOLUTION, "scores.csv": b"SID,Email\n"}
    assert students(take(lay_out(files))[0]) == ["submission_1"]
