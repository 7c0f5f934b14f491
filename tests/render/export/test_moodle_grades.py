"""`grade export moodle`: a table for the grade import, and the grading worksheet of an assignment."""

import csv
import io

import pytest

from grader.batch.ledger import Ledger
from grader.batch.policy import Adjustment, Extension, Policy
from grader.course import UsageError
from grader.render.export.moodle_grades import fill_worksheet, grades
from tests.batch.exports import worksheet
from tests.batch.sample_class import SECTION, earning, fault, golden

CAME = "Monday, 2 November 2026, 10:00 AM"
WORDS = f"=1+1, long {'x' * 300}"
PEOPLE = [
    {"number": "201", "name": "Ada Lovelace", "email": "ada@uni", "submitted": CAME},
    {
        "number": "202",
        "name": "Boole, Bob",
        "email": "bob@uni",
        "grade": "1.00",
        "online": WORDS,
        "comment": "well done",
    },
    {"number": "203", "name": "Cem", "email": "cem@uni", "submitted": CAME, "grade": "2.00", "locked": "x"},
]
WORKSHEET = worksheet(PEOPLE)


def rows_of(data: bytes | str) -> list[list[str]]:
    text = data if isinstance(data, str) else data.decode()
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_table_for_the_grade_import(made):
    made.enrol("s1", "Ada", email="ada@uni", username="ada1")
    made.enrol("s2", "Bob", email="bob@uni")
    made.hand_in("s1", golden("wrong_value"))
    made.hand_in("s3", fault(), "Cem")
    rules = {"adjustments": [Adjustment("s1", "section1", -0.5, "<b>copied</b>")]}
    header, ada, bob, cem = rows_of(grades(made.ledger(**rules), {}))
    assert header == [
        "ID number", "Username", "Email address", "Full name", "Section 1: Tiny exercises", "Feedback: Section 1: Tiny exercises",
    ]  # fmt: skip
    assert ada[:5] == ["s1", "ada1", "ada@uni", "Ada", str(golden("wrong_value").points - 0.5).removesuffix(".0")]
    assert "mean: 0.0 / 1.25" in ada[5]
    assert ada[5].endswith("-0.5: &lt;b&gt;copied&lt;/b&gt;")
    assert bob == ["s2", "", "bob@uni", "Bob", "", "nothing handed in"]
    assert cem == ["s3", "", "", "Cem", "", ""]


def test_a_mark_by_hand_is_a_mark(made):
    made.enrol("s1", "Ada", email="ada@uni")
    made.enrol("s2", "Zoë")
    given = [Adjustment(student, "section1", 3.5, "graded by hand") for student in ("s1", "s2")]
    filled = fill_worksheet(made.ledger(adjustments=given), rows_of(WORKSHEET))
    ada = rows_of(filled.data)[1]
    assert (ada[5], ada[11]) == ("3.5", "no file graded; +3.5: graded by hand")
    assert [one.id for one in filled.strangers] == ["s2"]


def test_a_worksheet_has_the_marks_and_is_otherwise_as_it_was(made):
    made.enrol("s1", "Ada", email="ada@uni")
    made.hand_in("s1", earning(4.5))
    made.hand_in("203", earning(3), place="Cem_203_assignsubmission_file_")
    made.hand_in("s9", earning(1))
    filled = fill_worksheet(made.ledger(), rows_of(WORKSHEET))
    before, after = rows_of(WORKSHEET), rows_of(filled.data)
    assert after[0] == before[0]
    assert after[1][5] == "4.5"
    assert "scale: 4.5 / 1.75" in after[1][11]
    assert [*after[1][:5], *after[1][6:11]] == [*before[1][:5], *before[1][6:11]]
    assert after[2] == [*before[2][:9], f"'{before[2][9]}", "-", "well done"], "a person who is not in the class"
    assert after[3] == before[3], "Moodle says that it cannot be changed"
    assert [one.id for one in filled.strangers] == ["s9"]
    assert [one.id for one in filled.kept] == ["203"]


def test_a_worksheet_in_german_is_filled_in(made):
    made.enrol("s1", "Ada", email="ada@uni")
    made.hand_in("s1", earning(4.5))
    made.hand_in("203", earning(3), place="Cem_203_assignsubmission_file_")
    filled = fill_worksheet(made.ledger(), rows_of(worksheet(PEOPLE, language="de")))
    assert [row[5] for row in rows_of(filled.data)[1:]] == ["4.5", "1.00", "2.00"]
    assert [one.id for one in filled.kept] == ["203"]


def test_what_a_teacher_has_written_stays_as_it_is(made):
    words = "- sign error\N{NO-BREAK SPACE}+1"
    after = rows_of(fill_worksheet(made.ledger(), rows_of(WORKSHEET.replace("well done", words))).data)
    assert after[2][11] == words


def test_a_comment_of_a_teacher_is_not_replaced_and_feedback_of_an_earlier_export_is(made):
    made.enrol("s2", "Bob", email="bob@uni")
    made.enrol("s1", "Ada", email="ada@uni")
    made.hand_in("s1", earning(4.5))
    made.hand_in("s2", earning(1))
    filled = fill_worksheet(made.ledger(), rows_of(WORKSHEET))
    assert [(row[5], row[11]) for row in rows_of(filled.data)][2] == ("1", "well done")
    assert [one.id for one in filled.commented] == ["s2"]
    made.hand_in("s1", earning(5), place="again")
    again = fill_worksheet(made.ledger(), rows_of(filled.data.decode().replace("scale: ", "<p>scale: ")))
    assert "scale: 5.0 / 1.75" in rows_of(again.data)[1][11]
    assert fill_worksheet(made.ledger(), rows_of(again.data)).data == again.data, "an export of an export is the same"


def test_without_a_hand_in_the_reason_is_told_unless_a_teacher_gave_a_mark(made):
    made.enrol("s1", "Ada", email="ada@uni")
    made.enrol("s2", "Bob", email="bob@uni")
    for missing, mark in (("empty", ""), ("zero", "0")):
        filled = fill_worksheet(made.ledger(missing=missing), rows_of(WORKSHEET.replace("well done", "")))
        after = rows_of(filled.data)
        assert [(row[5], row[11]) for row in after[1:3]] == [(mark, "nothing handed in"), ("1.00", "")]
        assert [one.id for one in filled.marked] == ["s2"]


def test_a_comment_is_written_for_a_student_whose_mark_stays(made):
    made.enrol("s2", "Bob", email="bob@uni")
    made.enrol("s3", "Cem", email="cem@uni")
    said = {("s2", ""): "Come and see me.", ("s3", "section1"): "Locked."}
    ledger = Ledger.of(made.book, Policy(), [SECTION], said)
    filled = fill_worksheet(ledger, rows_of(WORKSHEET.replace("well done", "")))
    bob = rows_of(filled.data)[2]
    assert (bob[5], bob[11]) == ("1.00", "no file graded; comment: Come and see me.")
    assert [[one.id for one in who] for who in (filled.marked, filled.kept, filled.commented)] == [["s2"], ["s3"], []]
    assert fill_worksheet(ledger, rows_of(filled.data)).data == filled.data
    assert [one.id for one in fill_worksheet(ledger, rows_of(WORKSHEET)).commented] == ["s2"], (
        "the teacher's words stay"
    )


def test_a_comment_about_an_exercise_is_a_teachers(made):
    made.enrol("s2", "Bob", email="bob@uni")
    made.hand_in("s2", earning(4.5))
    filled = fill_worksheet(made.ledger(), rows_of(WORKSHEET.replace("well done", "mean: come and see me")))
    assert rows_of(filled.data)[2][11] == "mean: come and see me"
    assert [one.id for one in filled.commented] == ["s2"]


def test_a_person_who_came_later_is_told_and_another_assignment_is_refused(made):
    made.enrol("s1", "Ada", email="ada@uni", moodle_section1="201")
    made.hand_in("s1", earning(4.5))
    assert fill_worksheet(made.ledger(), rows_of(WORKSHEET)).unknown == ["Boole, Bob", "Cem"]
    with pytest.raises(UsageError, match="participant 301 is Ada Lovelace, whose number in section1 is 201"):
        fill_worksheet(made.ledger(), rows_of(WORKSHEET.replace("Participant 201", "Participant 301")))


def test_a_number_of_canvas_is_no_participant(made):
    made.enrol("s1", "Ada", canvas_id="201", moodle_id="900")
    made.enrol("s2", "Bob", canvas_id="202")
    made.hand_in("s1", earning(1))
    made.hand_in("s2", earning(2))
    made.hand_in("203", earning(3), place="cem_203_555_section1.py")
    filled = fill_worksheet(made.ledger(), rows_of(WORKSHEET.replace(",No,", ",Yes,")))
    assert [row[5] for row in rows_of(filled.data)[1:]] == ["", "1.00", "2.00"]
    assert rows_of(grades(made.ledger(), {}))[1][0] == "", "nor a student number"


def test_a_student_is_found_by_the_number_of_the_participant(made):
    made.enrol("s1", "Ada", moodle_id="202")
    made.hand_in("s1", earning(2))
    made.hand_in("201", earning(1), place="Ada Lovelace_201_assignsubmission_file_")
    marks = [row[5] for row in rows_of(fill_worksheet(made.ledger(), rows_of(WORKSHEET)).data)[1:]]
    assert marks == ["1", "2", "2.00"]


def test_where_the_grader_failed_the_worksheet_stays(made):
    made.hand_in("202", fault(), place="Bob_202_assignsubmission_file_")
    assert rows_of(fill_worksheet(made.ledger(), rows_of(WORKSHEET)).data)[2][5] == "1.00"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("Name,Points\nAda,3\n", "Expected the grading worksheet of an assignment, with Moodle in English or German"),
        ("", "The first line begins with nothing"),
        (
            worksheet(PEOPLE, "100.00"),
            "Its maximum grade is 100, but section1 is worth 5 points. In Moodle, set",
        ),
        (worksheet(PEOPLE, "100.00", "de"), "Its maximum grade is 100, but section1 is worth 5 points."),
        (WORKSHEET.replace("Maximum Grade", "Scale"), "the columns Identifier, Grade, Maximum Grade"),
    ],
)
def test_a_table_that_is_no_worksheet_of_this_is_refused(made, table, words):
    with pytest.raises(UsageError) as caught:
        fill_worksheet(made.ledger(), rows_of(table))
    assert words in str(caught.value)


def test_more_time_that_only_moodle_knows_of_is_told(made):
    made.enrol("s1", "Ada", email="ada@uni")
    made.enrol("s2", "Bob", email="bob@uni")
    until = "Friday, 27 November 2026, 11:59 PM"
    rows = rows_of(worksheet([{**one, "extended": until} for one in PEOPLE[:2]]))
    given = [Extension("s2", "section1", "2026-11-27 23:59")]
    assert [one.id for one in fill_worksheet(made.ledger(), rows).extended] == ["s1", "s2"]
    assert [one.id for one in fill_worksheet(made.ledger(extensions=given), rows).extended] == ["s1"]
    assert fill_worksheet(made.ledger(), rows_of(WORKSHEET)).extended == []
