"""Exports as they come: everything is taken in or listed, and nothing on the way is followed, run or believed."""

import os
from datetime import UTC, datetime

import pytest

from grader.batch.intake import HandIn, Intake, Trouble
from grader.batch.roster import Roster, Student
from grader.course import Section, UsageError
from tests.batch.hand_ins import SOLUTION, STUB, WRONG
from tests.submission.formats import notebook_of, zip_of


@pytest.fixture
def take(tiny_course):
    """Read a folder; returns hand-ins as (student, place, late), and troubles as (kind, student)."""

    def read(folder, **options):
        found = list(Intake(folder, tiny_course.sections, **options).read())
        return [one for one in found if isinstance(one, HandIn)], [one for one in found if isinstance(one, Trouble)]

    return read


def students(hand_ins):
    return [one.student for one in hand_ins]


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


def test_a_canvas_download(lay_out, take):
    folder = lay_out({
        "lovelaceada_12345_67890_section1.py": STUB,
        "lovelaceada_LATE_12345_67999_section1_tiny-2.py": SOLUTION,
        "boole_777_67891_hw.zip": zip_of({"section1_tiny.py": WRONG}),
    })  # fmt: skip
    found, troubles = take(folder)
    assert [(one.student, one.name, one.late) for one in found] == [
        ("777", "boole", False),
        ("12345", "lovelaceada", False),
        ("12345", "lovelaceada", True),
    ]
    assert found[1].sequence < found[2].sequence
    assert not troubles


def test_a_moodle_download_in_folders_and_without(lay_out, take):
    folder = lay_out({
        "Ada Lovelace_12345_assignsubmission_file_/section1_tiny.py": SOLUTION,
        "Bob Boole_777_assignsubmission_file_section1.py": WRONG,
        "Cem Can_778_assignsubmission_onlinetext_/onlinetext.html": b"<p>I forgot</p>",
    })  # fmt: skip
    found, troubles = take(folder)
    assert [(one.student, one.name) for one in found] == [("12345", "Ada Lovelace"), ("777", "Bob Boole")]
    assert [(one.kind, one.student, one.name) for one in troubles] == [("unreadable", "778", "Cem Can")]


def test_a_page_that_moodle_adds_for_everybody_is_no_hand_in_and_one_with_words_is(lay_out, take):
    """assignsubmission_onlinetext: a page for each student who has saved the form, with or without words."""
    files = {}
    for number, name, page in ((1, "Ada", b"<p></p>"), (2, "Bob", b"<p>see my file</p>"), (3, "Cem", b"<p>&nbsp;</p>")):
        files[f"{name}_{number}_assignsubmission_onlinetext_/onlinetext.html"] = page
        if name != "Cem":
            files[f"{name}_{number}_assignsubmission_file_/section1_tiny.py"] = SOLUTION
    found, troubles = take(lay_out(files), named=True)
    assert students(found) == ["1", "2"]
    assert [(one.kind, one.student) for one in troubles] == [("duplicate", "2"), ("empty", "3")]


def test_texts_and_addresses_that_were_typed_into_canvas_are_their_students(lay_out, take):
    """lib/content_zipper.rb: add_text_or_url gives their pages no number of an attachment."""
    folder = lay_out({
        "lovelaceada_30010_text.html": b"<p>def f()", "boolebob_LATE_30011_link.html": b"<a>", "anon_x7Yz_text.html": b"words",
        "canc_30012_70005_text.html": b"a file of this name",
    })  # fmt: skip
    found, troubles = take(folder, named=True)
    assert not found
    assert {(one.student, one.name, one.kind, one.section) for one in troubles} == {
        ("30010", "lovelaceada", "unreadable", "section1"),
        ("30011", "boolebob", "empty", "section1"),
        ("x7Yz", "", "unreadable", "section1"),
        ("30012", "canc", "unreadable", "section1"),
    }


def test_a_second_attachment_of_a_hand_in_is_no_second_attempt(lay_out, take):
    """Canvas and Moodle number or list the attachments of one hand-in one by one."""
    helper = b"def factor(): return 2\n"
    archive = zip_of({"section1_tiny.py": WRONG})
    folder = lay_out({
        "ada_30001_70005_section1_tiny.py": SOLUTION, "ada_30001_70006_helper.py": helper,
        "bob_30002_70007_section1.py": SOLUTION, "bob_30002_70008_section1_helpers.py": helper,
        "cem_30003_70009_section1.py": WRONG, "cem_30003_70010_section1-1.py": SOLUTION,
        "dan_30004_70011_my_section1.py": SOLUTION, "dan_30004_70012_section1_helpers.py": helper,
        "eve_30005_70013_section1.py": SOLUTION, "eve_30005_70014_older.zip": archive,
        "Fay_30006_assignsubmission_file_section1_tiny.py": SOLUTION, "Fay_30006_assignsubmission_file_section1.py": WRONG,
    })  # fmt: skip
    found, troubles = take(folder, named=True)
    assert [(one.student, one.submission.source) for one in found] == [
        ("30006", SOLUTION), ("30001", SOLUTION), ("30002", SOLUTION), ("30003", WRONG), ("30003", SOLUTION), ("30005", SOLUTION),
    ]  # fmt: skip
    assert [(one.student, one.kind) for one in troubles] == [
        ("30006", "duplicate"), ("30001", "duplicate"), ("30002", "duplicate"), ("30004", "unreadable"), ("30004", "unreadable"),
        ("30005", "duplicate"),
    ]  # fmt: skip


METADATA = b"""
submission_123:
  :submitters:
  - :name: Ada Lovelace
    :sid: '1815'
    :email: ada@example.org
  - :name: Bob Boole
    :sid:
    :email: bob@example.org
  :created_at: 2026-11-20 22:15:03.482000000 Z
  :score: 3.0
  :history: []
submission_124:
  :submitters:
  - :name: Cem Can
    :sid: 99
    :email: cem@example.org
  :created_at: 2026-11-21 09:00:00 +01:00
"""


def test_a_gradescope_export_with_a_group(lay_out, take):
    folder = lay_out({
        "submission_metadata.yml": METADATA,
        "submission_123/section1_tiny.py": SOLUTION,
        "submission_124/section1_tiny.py": WRONG,
    })  # fmt: skip
    found, troubles = take(folder)
    assert [(one.student, one.name) for one in found] == [
        ("1815", "Ada Lovelace"),
        ("bob@example.org", "Bob Boole"),
        ("99", "Cem Can"),
    ]
    assert found[0].submitted == datetime(2026, 11, 20, 22, 15, 3, 482000, UTC)
    assert found[2].submitted == datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert not troubles


def test_an_export_of_gradescope_is_found_in_the_folder_that_its_archive_has_made(lay_out, take):
    folder = lay_out({
        "roster.csv": b"id,name\n",
        ".DS_Store": b"",
        "assignment_5_export/submission_metadata.yml": METADATA,
        "assignment_5_export/submission_123/section1_tiny.py": SOLUTION,
        "assignment_5_export/submission_124/section1_tiny.py": WRONG,
    })  # fmt: skip
    found, troubles = take(folder)
    assert students(found) == ["1815", "bob@example.org", "99"]
    assert not troubles


def test_what_gradescope_lists_and_its_export_does_not_hold_is_told(lay_out, take):
    """Of each of a group, once, also where a roster would say that they have handed nothing in."""
    folder = lay_out({"submission_metadata.yml": METADATA, "submission_124/section1_tiny.py": WRONG})
    roster = Roster([Student("1815", "Ada Lovelace"), Student("bob@example.org", "Bob"), Student("99", "Cem Can")])
    found, troubles = take(folder, roster=roster)
    assert students(found) == ["99"]
    assert [(one.kind, one.student) for one in troubles] == [("unreadable", "1815"), ("unreadable", "bob@example.org")]
    assert troubles[0].place.endswith("submission_123")
    assert "Export again" in troubles[0].reason


def test_clones_are_found_in_the_folder_that_holds_them_all(lay_out, take):
    files = {
        f"hw-submissions/hw-{name}/{file}": SOLUTION for name in ("ada", "bob") for file in (".git/HEAD", "tiny.py")
    }
    assert students(take(lay_out(files))[0]) == ["ada", "bob"]


@pytest.mark.parametrize("beside", ["submission_metadata.yml", "bob/.git/HEAD", "bob/section1_tiny.py"])
def test_the_folder_of_the_only_student_is_not_taken_for_an_export(lay_out, take, beside):
    files = {f"ada/submission_123/{name}": SOLUTION for name in ("section1_tiny.py", ".git/HEAD")}
    folder = lay_out({**files, f"ada/{beside}": METADATA})
    assert {one.student for one in (*take(folder)[0], *take(folder)[1])} == {"ada"}


def test_metadata_can_run_nothing(lay_out, take, tmp_path):
    planted = tmp_path / "planted"
    text = f"submission_1: !!python/object/apply:os.system ['touch {planted}']\n"
    folder = lay_out({"submission_metadata.yml": text.encode(), "submission_1/section1_tiny.py": SOLUTION})
    with pytest.raises(UsageError, match=r"submission_metadata\.yml: not YAML"):
        take(folder)
    assert not planted.exists()


def test_github_classroom_clones(lay_out, take):
    folder = lay_out({
        "section1-ada-l/section1_tiny.py": SOLUTION,
        "section1-bob/exercises/section1_tiny.py": WRONG,
    })  # fmt: skip
    assert students(take(folder)[0]) == ["ada-l", "bob"]


def test_clones_of_an_assignment_of_any_name(lay_out, take):
    folder = lay_out({
        "autumn-hw-ada-l/exercises/section1_tiny.py": SOLUTION,
        "autumn-hw-ada-l/.git/HEAD": b"",
        "autumn-hw-bob/exercises/section1_tiny.py": WRONG,
        "autumn-hw-bob/.git/HEAD": b"",
    })  # fmt: skip
    assert students(take(folder)[0]) == ["ada-l", "bob"]


def test_a_roster_gives_names_and_tells_who_is_unknown_and_who_is_missing(lay_out, take):
    roster = Roster([
        Student("s1", "Ada Lovelace", {"canvas_id": "12345", "github": "Ada-L"}),
        Student("s2", "Bob Boole", {"canvas_id": "777"}),
        Student("s3", "Cem Can"),
    ])  # fmt: skip
    folder = lay_out({
        "lovelaceada_12345_1_section1.py": SOLUTION,
        "section1-ada-l/section1_tiny.py": WRONG,
        "S2/section1_tiny.py": STUB,
        "zoe/section1_tiny.py": STUB,
    })  # fmt: skip
    found, troubles = take(folder, roster=roster)
    assert [(one.student, one.name) for one in found] == [
        ("s2", "Bob Boole"),
        ("s1", "Ada Lovelace"),
        ("s1", "Ada Lovelace"),
        ("zoe", ""),
    ]
    assert [(one.kind, one.student) for one in troubles] == [("unknown", "zoe"), ("missing", "s3")]


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


@pytest.mark.parametrize(("name", "words"), [("nowhere", "cannot be read"), ("empty", "nothing in this folder")])
def test_a_folder_that_is_none_is_told(take, tmp_path, name, words):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=words):
        take(tmp_path / name)


def test_an_archive_beside_a_file_is_told(lay_out, take):
    archive = zip_of({"section1_tiny.py": WRONG})
    folder = lay_out({"ada/section1_tiny.py": SOLUTION, "ada/all of it.zip": archive, "bob/work.zip": archive})
    found, troubles = take(folder)
    assert {one.student: one.submission.source for one in found} == {"ada": SOLUTION, "bob": WRONG}
    assert [(one.student, one.kind) for one in troubles] == [("ada", "duplicate")]
    assert "all of it.zip" in troubles[0].reason


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


def test_a_folder_that_only_holds_an_export_is_not_taken_for_a_student(lay_out, take):
    folder = lay_out({
        "Optimization-Section 1-77/Ada_501_assignsubmission_file_/section1.py": SOLUTION,
        "Optimization-Section 1-77/Bob_502_assignsubmission_file_/section1.py": WRONG,
    })  # fmt: skip
    with pytest.raises(UsageError, match=r"looks like an export itself. Name that one: grade class '.*-77'"):
        take(folder)


def test_the_only_student_may_call_a_file_like_an_export_does(lay_out, take):
    found, _ = take(
        lay_out({"ada/section1.py": SOLUTION, "ada/loss_3_1_run.png": b"", "ada/a_1_assignsubmission_b": b""})
    )
    assert students(found) == ["ada"]


def test_a_clone_whose_user_is_called_like_an_export_is_a_clone(lay_out, take):
    folder = lay_out(
        {"section1-eve-submissions/.git/config": b"", "section1-eve-submissions/bob/section1.py": SOLUTION}
    )
    found, _ = take(folder)
    assert students(found) == ["eve-submissions"]


def test_an_id_that_the_roster_has_under_another_name_is_told(lay_out, take):
    folder = lay_out({"lovelaceada_501_1_section1.py": SOLUTION, "turingalan_502_2_section1.py": SOLUTION})
    found, troubles = take(folder, roster=Roster([Student("501", "Alan Turing"), Student("502", "A. Turing")]))
    assert students(found) == ["501", "502"]
    assert [(one.kind, one.student, one.reason) for one in troubles] == [
        ("doubtful", "501", "in the roster it is Alan Turing")
    ]


def test_a_team_of_the_roster_hands_in_together_on_every_system(lay_out, take):
    """Canvas names the group and one of its members: content_zipper.rb, get_user_name."""
    roster = Roster([
        Student("s1", "Ada Lovelace", {"canvas_id": "501", "team": "A"}), Student("s2", "Bob Boole", {"team": "a"}),
        Student("s3", "Cem Can", {"team": "B"}), Student("s4", "Dan"),
    ])  # fmt: skip
    folder = lay_out(
        {"group1_501_9001_section1.py": SOLUTION, "s3/section1_tiny.py": WRONG, "s4/section1_tiny.py": STUB}
    )
    found, troubles = take(folder, roster=roster)
    assert [(one.student, one.submission.source) for one in found] == [
        ("s1", SOLUTION), ("s2", SOLUTION), ("s3", WRONG), ("s4", STUB),
    ]  # fmt: skip
    assert not troubles
    assert len({one.upload for one in found[:2]}) == 1
