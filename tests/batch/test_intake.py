"""Hand-ins as they come: everything is taken in or listed, and nothing on the way is followed, run or believed."""

import os

from grader.section import Section
from tests.batch.hand_ins import SOLUTION, STUB, WRONG, students
from tests.submission.formats import notebook_of, zip_of


def test_one_folder_per_student_with_files_zips_and_notebooks(lay_out, take):
    folder = lay_out({
        "ada/section1_tiny.py": SOLUTION,
        "bob/homework/deep/section1_tiny.ipynb": notebook_of(SOLUTION),
        "cem/section1.py": WRONG,
        "dan/tiny (2).py": WRONG,
        "dan/tiny (1).py": STUB,
        "eve/hand-in.zip": zip_of({"x/section1_tiny.py": SOLUTION}),
        "fay.zip": zip_of({"section1.py": SOLUTION}),
        "gus_section1.py": WRONG,
    })  # fmt: skip
    found, troubles = take(folder)
    assert students(found) == ["ada", "bob", "cem", "dan", "eve", "fay", "gus"]
    assert [one.reason for one in troubles] == ["the grader used tiny (2).py, not tiny (1).py"]
    sources = {one.student: one.submission.source for one in found}
    assert sources["dan"] == WRONG, "the copy with the highest number"
    assert sources["fay"] == sources["eve"] == SOLUTION
    assert {one.submission.filename for one in found} == {"section1_tiny.py", "section1_tiny.ipynb"}


def test_what_cannot_be_graded_is_listed_with_the_reason(lay_out, take):
    folder = lay_out({
        "ada/section1_tiny.py": SOLUTION,
        "bob/essay.docx": b"words",
        "cem/section1_tiny.py": b"  \n",
        "dan/a/section1_tiny.py": SOLUTION,
        "dan/b/section1_tiny.py": WRONG,
        "eve.zip": b"PK\x03\x04 no archive",
        "fay/section1_tiny.py": b"x" * (2 << 20),
        "gus.py": SOLUTION,
        "hal_12_13_report.pdf": b"%PDF",
        "ida/section1_tiny.ipynb": b"{",
    })  # fmt: skip
    (folder / "jan").symlink_to("ada")
    (folder / "kim").mkdir()
    (folder / "kim" / "section1_tiny.py").symlink_to(folder / "ada" / "section1_tiny.py")
    found, troubles = take(folder)
    assert students(found) == ["ada", "cem"], "an empty file has a grade, too"
    kinds = {one.student: one.kind for one in troubles}
    assert kinds == {
        "bob": "unreadable", "cem": "empty", "dan": "unreadable", "eve": "unreadable", "fay": "unreadable", "gus": "unreadable",
        "12": "unreadable", "ida": "unreadable", "jan": "unreadable", "kim": "unreadable",
    }  # fmt: skip
    reasons = {one.student: one.reason for one in troubles}
    assert "--section" in reasons["gus"]
    assert "link" in reasons["jan"]
    assert "link" in reasons["kim"]
    assert "any of these" in reasons["dan"]


def test_the_section_that_is_named_is_expected_of_everybody(lay_out, take):
    folder = lay_out({"ada/essay.txt": b"", "gus.py": SOLUTION})
    found, troubles = take(folder, named=True)
    assert students(found) == ["gus"]
    assert [(one.kind, one.student, one.section) for one in troubles] == [("unreadable", "ada", "section1")]


def test_the_same_file_of_the_same_person_is_told(lay_out, take):
    folder = lay_out({
        "boole_777_1_section1.py": SOLUTION,
        "boole_777_2_section1-1.py": SOLUTION,
        "cem_778_3_section1.py": SOLUTION,
        "dan_section1.py": SOLUTION, "section1-dan.py": SOLUTION,
    })  # fmt: skip
    found, troubles = take(folder, named=True)
    assert [(one.student, one.sequence) for one in found] == [
        ("777", 1),
        ("777", 2),
        ("778", 3),
        ("dan", 0),
        ("dan", 0),
    ]
    assert [(one.kind, one.student) for one in troubles] == [("duplicate", "777"), ("duplicate", "dan")]
    assert "boole_777_1_section1.py" in troubles[0].reason


def test_names_are_made_safe_to_show(lay_out, take):
    folder = lay_out({"\x1b[2J[red]ada/section1_tiny.py": SOLUTION})
    raw = os.fsencode(folder) + b"/b\xffb"
    os.mkdir(raw)
    with open(raw + b"/section1_tiny.py", "wb") as file:
        file.write(WRONG)
    found, troubles = take(folder)
    assert len(found) == 2
    assert not troubles
    for one in found:
        assert (one.student + one.place + one.name).isprintable()
        (one.student + one.place).encode()


def test_an_archive_beside_a_file_is_told(lay_out, take):
    archive = zip_of({"section1_tiny.py": WRONG})
    folder = lay_out({"ada/section1_tiny.py": SOLUTION, "ada/all of it.zip": archive, "bob/work.zip": archive})
    found, troubles = take(folder)
    assert {one.student: one.submission.source for one in found} == {"ada": SOLUTION, "bob": WRONG}
    assert [(one.student, one.kind) for one in troubles] == [("ada", "duplicate")]
    assert "all of it.zip" in troubles[0].reason


def test_what_is_of_another_section_is_left_alone(lay_out, tiny_course, take):
    other = [*tiny_course.sections, Section(2, "other", tiny_course.root)]
    folder = lay_out({
        "ada_501_1_section1.py": SOLUTION, "ada_501_2_section2.py": WRONG, "bob_section2.py": WRONG, "cem_1.py": STUB,
        "section2-dan/section1_tiny.py": WRONG, "tiny other.py": STUB,
    })  # fmt: skip
    found, _ = take(folder, named=True, known=other)
    assert students(found) == ["501", "cem_1", "tiny other"]


def test_of_several_files_of_a_section_one_is_graded_and_the_others_are_told(lay_out, take):
    folder = lay_out({
        "ada/section1_tiny.py": STUB, "ada/section1_tiny (1).py": SOLUTION,
        "bob/section1_tiny.py": SOLUTION, "bob/section1.py": WRONG,
        "cem/section1.py": SOLUTION, "cem/old/section1_tiny.py": WRONG,
        "eve/old/section1_tiny.py": WRONG, "eve/new/section1_tiny (3).py": SOLUTION,
        "fay/section1_tiny.py": SOLUTION, "fay/tiny-2.py": WRONG,
        "dan/section1_tiny.py": SOLUTION, "dan/tiny_helpers.py": STUB,
    })  # fmt: skip
    found, troubles = take(folder)
    assert [(one.student, one.submission.source) for one in found] == [
        (name, SOLUTION) for name in ("ada", "bob", "cem", "dan", "fay")
    ]
    assert [(one.kind, one.student, one.reason) for one in troubles] == [
        ("duplicate", "ada", "the grader used section1_tiny (1).py, not section1_tiny.py"),
        ("duplicate", "bob", "the grader used section1_tiny.py, not section1.py"),
        ("unreadable", "eve", "any of these could be meant: new/section1_tiny (3).py, old/section1_tiny.py"),
        ("duplicate", "fay", "the grader used section1_tiny.py, not tiny-2.py"),
    ]
