"""`grade export canvas`: the columns and rows of Canvas's own gradebook."""

import csv
import io

import pytest

from grader.course import UsageError
from grader.render.export.canvas_gradebook import fill_gradebook, gradebook
from tests.batch.sample_class import earning, fault

EXPORTED = """\
Student,ID,SIS User ID,SIS Login ID,Section,Quiz 1 (11),"Section 1: Tiny exercises (12)",Assignments Current Score
,,,,,,Manual Posting,
    Points Possible,,,,,10,5,(read only)
"Lovelace, Ada",101,s1,ada@uni,Group A,7,1,70
"Boole, Bob",102,s2,bob@uni,Group A,8,EX,80
"=cmd|' /C calc'!A0",103,s3,cem@uni,"Group A, and B",9,2,90
"Student, Test",199,,x1y2,Group A,,,
"""


def rows_of(data: bytes | str) -> list[list[str]]:
    text = data if isinstance(data, str) else data.decode()
    return list(csv.reader(io.StringIO(text, newline="")))


def test_without_a_table_of_canvas_the_ids_are_the_rosters(made):
    made.enrol("s1", "Lovelace, Ada", **{"canvas_id": "101", "sis login id": "ada@uni", "group": "A"})
    made.enrol("s2", "=Boole")
    made.hand_in("s1", earning(4.5))
    made.hand_in("4711", earning(2), "Zoë", place="zoe_4711_555_section1.py")
    made.hand_in("4712", earning(1), "Cem", place="Cem_4712_assignsubmission_file_")
    made.hand_in("s9", fault())
    made.hand_in("s8", earning(0))
    assert rows_of(gradebook(made.ledger(), {})) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Section 1: Tiny exercises"],
        ["    Points Possible", "", "", "", "", "5"],
        ["Zoë", "4711", "", "", "", "2"],
        ["Cem", "", "", "", "", "1"],
        ["Lovelace, Ada", "101", "s1", "ada@uni", "A", "4.5"],
        ["'=Boole", "", "s2", "", "", ""],
        ["", "", "s8", "", "", "0"],
        ["", "", "s9", "", "", ""],
    ]
    assert rows_of(gradebook(made.ledger(), {"section1": "Homework (12)"}))[0][-1] == "Homework (12)"


def test_a_table_of_canvas_keeps_rows_and_ids_and_has_the_marks(made):
    made.enrol("s1", "Ada")
    made.hand_in("s1", earning(4.5))
    made.hand_in("103", earning(3), place="canc_103_555_section1.py")
    made.hand_in("s7", earning(1))
    filled = fill_gradebook(made.ledger(), rows_of(EXPORTED), {})
    assert rows_of(filled.data) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Section 1: Tiny exercises (12)"],
        ["", "", "", "", "", "Manual Posting"],
        ["    Points Possible", "", "", "", "", "5"],
        ["Lovelace, Ada", "101", "s1", "ada@uni", "Group A", "4.5"],
        ["Boole, Bob", "102", "s2", "bob@uni", "Group A", "EX"],
        ["'=cmd|' /C calc'!A0", "103", "s3", "cem@uni", "Group A, and B", "3"],
        ["Student, Test", "199", "", "x1y2", "Group A", ""],
    ]
    assert [one.id for one in filled.strangers] == ["s7"]


def test_where_the_grader_failed_canvas_keeps_what_it_has(made):
    made.hand_in("s1", fault())
    assert rows_of(fill_gradebook(made.ledger(missing="zero"), rows_of(EXPORTED), {}).data)[3][-1] == "1"


def test_a_number_of_canvas_is_not_taken_for_another_students_id(made):
    made.enrol("102", "Somebody whose matriculation number is Bob's number in Canvas", canvas_id="101")
    made.enrol("s2", "Bob")
    made.hand_in("102", earning(1))
    made.hand_in("s2", earning(2))
    table = rows_of(EXPORTED.replace("EX", ""))
    marks = {row[1]: row[-1] for row in rows_of(fill_gradebook(made.ledger(), table, {}).data)}
    assert (marks["101"], marks["102"]) == ("1", "2")


def test_a_number_of_moodle_matches_no_student_in_canvas(made):
    made.enrol("a", "Ada", canvas_id="900", moodle_id="101", participant="s2")
    made.enrol("b", "Bob", **{"Moodle section1": "103"})
    made.hand_in("a", earning(1))
    made.hand_in("b", earning(2))
    made.hand_in("102", earning(3), place="Cem_102_assignsubmission_file_")
    filled = fill_gradebook(made.ledger(), rows_of(EXPORTED), {})
    assert [row[-1] for row in rows_of(filled.data)[3:]] == ["1", "EX", "2", ""]
    assert [one.id for one in filled.strangers] == ["102", "a", "b"]


@pytest.mark.parametrize("cell", ["EX", "ex", "N/A"])
def test_who_is_excused_in_canvas_stays_so(made, cell):
    made.enrol("s1", "Ada")
    made.enrol("s2", "Bob")
    made.hand_in("s2", earning(3))
    filled = fill_gradebook(made.ledger(missing="zero"), rows_of(EXPORTED.replace("EX", cell)), {})
    assert [row[-1] for row in rows_of(filled.data)[3:5]] == ["1", cell]
    assert [one.id for one in filled.kept] == ["s2"]


def test_a_mark_of_a_teacher_for_who_handed_in_nothing_stays_and_is_told(made):
    made.enrol("s1", "Ada")
    made.enrol("s3", "Cem")
    table = rows_of(EXPORTED.replace("9,2,90", "9,0,90"))
    for missing in ("zero", "empty"):
        filled = fill_gradebook(made.ledger(missing=missing), table, {})
        assert [rows_of(filled.data)[place][-1] for place in (3, 5)] == ["1", "0"]
        assert [one.id for one in filled.marked] == (["s1"] if missing == "zero" else ["s1", "s3"])


@pytest.mark.parametrize(
    ("login", "written"),
    [
        ("@bob", "@bob"),
        ("-b.b-1", "-b.b-1"),
        ("=1+1@uni", "'=1+1@uni"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+x|y!A0", "'+x|y!A0"),
    ],
)
def test_ids_of_canvas_stay_as_they_are_unless_they_compute(made, login, written):
    """Where people enrol themselves, they choose their logins."""
    table = EXPORTED.replace("bob@uni", login)
    assert rows_of(fill_gradebook(made.ledger(), rows_of(table), {}).data)[4][3] == written


def test_without_sis_ids_the_rosters_canvas_id_comes_before_any_other(made):
    made.enrol("102", "Ada", canvas_id="101")
    made.enrol("s2", "Bob", canvas_id="102")
    made.hand_in("102", earning(1))
    made.hand_in("s2", earning(2))
    table = "Student,ID,Section,Tiny\nAda,101,,\nBob,102,,\n"
    assert [row[-1] for row in rows_of(fill_gradebook(made.ledger(), rows_of(table), {}).data)] == ["Tiny", "1", "2"]


def test_other_points_in_canvas_are_refused(made):
    table = EXPORTED.replace(",10,5,", ",10,100,")
    with pytest.raises(
        UsageError, match=r"has 100 points possible, but section1 is worth 5\. In Canvas, set"
    ) as caught:
        fill_gradebook(made.ledger(), rows_of(table), {})
    assert "set the assignment's points to 5, and export the gradebook again" in str(caught.value)


@pytest.mark.parametrize("cell", ["", "(read only)", "5.00"])
def test_where_canvas_says_no_other_points_its_cell_stays(made, cell):
    filled = fill_gradebook(made.ledger(), rows_of(EXPORTED.replace(",10,5,", f",10,{cell},")), {})
    assert rows_of(filled.data)[2][-1] == cell


@pytest.mark.parametrize(
    ("header", "titles", "words"),
    [
        ("Name,Mail", {}, "Expected a gradebook that Canvas exported"),
        ("", {}, "The first line begins with nothing"),
        ("Student,ID,Section,Quiz (1)", {}, 'no column matches section1: "Quiz (1)". Name its column: --column'),
        ("Student,ID,Section,Tiny (1),Tiny late (2)", {}, "several columns match section1"),
        ("Student,ID,Section,Tiny (1)", {"section1": "Homework"}, "no column matches section1"),
    ],
)
def test_a_table_that_does_not_tell_is_refused(made, header, titles, words):
    with pytest.raises(UsageError) as caught:
        fill_gradebook(made.ledger(), rows_of(header + "\n"), titles)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "header", ["Tiny (1),Tiny late (2)", "Section 10 (1),section1 (2)", "Section 1 Current Score,Section 1 (3)"]
)
def test_a_column_is_found_by_its_title_or_by_its_section(made, header):
    title = {"section1": "Tiny late"} if "late" in header else {}
    filled = fill_gradebook(made.ledger(), rows_of(f"Student,ID,Section,{header}\n"), title)
    assert rows_of(filled.data)[0][-1] == header.split(",")[1]
