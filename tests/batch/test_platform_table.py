"""The class from the table of its platform: no roster is written by hand."""

import csv
import io
from datetime import datetime

import pytest

from grader.batch.class_grading import take_in
from grader.batch.csv_reader import read_table
from grader.batch.gradebook.book import FILENAME, Gradebook
from grader.batch.gradebook.queries import troubles
from grader.batch.intake import HandIn, Intake
from grader.batch.ledger import Ledger, Why
from grader.batch.marks import extensions_elsewhere
from grader.batch.platform_maximum import misfits
from grader.batch.platform_table import read_platform_table, with_former_ids, with_roster
from grader.batch.policy import Extension, Policy
from grader.batch.roster import Roster, Student
from grader.batch.settling import settlings
from grader.course import UsageError
from tests.batch.exports import csv_of, worksheet
from tests.batch.hand_ins import SOLUTION

PEOPLE = [
    {
        "number": "7",
        "name": "Ada Lovelace",
        "id": "s1",
        "email": "ada@uni",
        "submitted": "Monday, 2 November 2026, 10:00 AM",
    },
    {"number": "8", "name": "Bob Boole", "email": "bob@uni", "submitted": "-", "late": "1 day 2 hours"},
    {"number": "9", "name": "Cem Can", "submitted": ""},
]


@pytest.fixture
def read(tmp_path, tiny_course):
    def table(text, sections=None):
        path = tmp_path / "table.csv"
        path.write_text(text, encoding="utf-8-sig")
        return read_platform_table(path, tiny_course.sections if sections is None else sections)

    return table


def test_a_long_text_that_a_student_typed_spoils_no_table(tmp_path):
    path = tmp_path / "worksheet.csv"
    path.write_text(f'Identifier,Online text\nParticipant 7,"{"x" * 200_000}"\n')
    assert [len(row) for row in read_table(path, "Expected a table")] == [2, 2]


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_worksheet_of_moodle_gives_people_numbers_and_lateness(read, lay_out, tiny_course, language):
    people = [*PEOPLE]
    if language == "de":
        people[0] = people[0] | {"submitted": "Montag, 2. November 2026, 10:00"}
        people[1] = people[1] | {"late": "1 Tag 2 Stunden"}
    table = read(worksheet(people, language=language))
    assert [(one.id, one.name, dict(one.ids)) for one in table.students] == [
        ("s1", "Ada Lovelace", {"moodle_section1": "7", "email": "ada@uni"}),
        ("bob@uni", "Bob Boole", {"moodle_section1": "8"}),
        ("9", "Cem Can", {"moodle_section1": "9"}),
    ]
    folder = lay_out({
        "Ada Lovelace_7_assignsubmission_file_/section1_tiny.py": SOLUTION,
        "Bob Boole_8_assignsubmission_file_/abgabe.py": SOLUTION,
    })  # fmt: skip
    found = [*Intake(folder, tiny_course.sections, Roster(table.students), named=True, told=table.told).read()]
    taken = {one.student: (one.submitted, one.late) for one in found if isinstance(one, HandIn)}
    local = datetime(2026, 11, 2, 10).astimezone()
    assert taken == {"s1": (local, 0), "bob@uni": (None, 26 * 3600)}
    assert [(one.kind, one.student) for one in found if not isinstance(one, HandIn)] == [
        ("nameless", "bob@uni"),
        ("missing", "9"),
    ]


def test_a_hand_in_that_the_platform_has_and_the_folder_lacks_is_no_zero(read, lay_out, tiny_course, tmp_path):
    """Such as from a download of one group, or one that was unpacked in part; then from the whole one, in another folder."""
    scores = read(csv_of([
        ["Name", "SID", "Email", "Status", "Submission ID", "Submission Time", "Lateness (H:M:S)"],
        ["Ada", "s1", "ada@uni", "Graded", "1", "2026-11-20 22:15:03 -0800", "00:00:00"],
        ["Bob", "s2", "bob@uni", "Graded", "2", "2026-11-20 22:15:03 -0800", "00:00:00"],
        ["Cem", "s3", "cem@uni", "Missing", "", "", ""],
    ]))  # fmt: skip
    roster = Roster(scores.students)
    folder, (section,) = (
        lay_out({"first/s1/section1.py": SOLUTION, "second/s2/section1.py": SOLUTION}),
        tiny_course.sections,
    )

    def outcome(name: str) -> list[tuple[Why | None, float | None]]:
        intake = Intake(folder / name, [section], roster, named=True, known=[section], told=scores.told)
        shown = {one.student for one in take_in(intake, book) if one.kind == "unreadable"}
        ledger = Ledger.of(book, Policy(missing="zero"), [section])
        found = [ledger.entry(person, section) for person in ledger.people]
        assert shown == {person.id for person in ledger.people if ledger.entry(person, section).why is Why.UNREADABLE}
        left = settlings(troubles(book), [], [section])
        assert {one.trouble.student for one in left if not one.files} == shown
        return [(one.why, one.points) for one in found]

    with Gradebook(tmp_path / FILENAME) as book:
        assert outcome("first") == [(Why.WAITING, None), (Why.UNREADABLE, None), (Why.MISSING, 0.0)]
        assert outcome("second") == [(Why.WAITING, None), (Why.WAITING, None), (Why.MISSING, 0.0)]


def test_a_gradebook_of_canvas_gives_people(read):
    """lib/gradebook_exporter.rb: rows above the students, and the test student of the view as a student."""
    table = read(csv_of([
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Homework 4 (9)", "Final Score"],
        ["", "", "", "", "", "Manual Posting", ""],
        ["    Points Possible", "", "", "", "", "15.00", "(read only)"],
        ["Lovelace, Ada", "101", "s1", "ada1", "Group A", "", ""],
        ["Boole, Bob", "102", "", "bob1", "Group A and Group B", "EX", ""],
        ["Student, Test", "199", "", "x", "Group A", "", ""],
    ]))  # fmt: skip
    assert [(one.id, one.name, one.ids["canvas_id"]) for one in table.students] == [
        ("s1", "Lovelace, Ada", "101"),
        ("bob1", "Boole, Bob", "102"),
    ]
    names = read(
        csv_of([["LastName", "FirstName", "ID", "SIS Login ID", "Section"], ["Can", "Cem", "103", "cem1", ""]])
    )
    assert [(one.id, one.name) for one in names.students] == [("cem1", "Can, Cem")]


def test_a_roster_of_gradescope_gives_people_and_its_scores_times(read):
    table = read(csv_of([
        ["First Name", "Last Name", "SID", "Email", "Role"],
        ["Ada", "Lovelace", "s1", "ada@uni", "Student"],
        ["Prof", "X", "", "x@uni", "Instructor"],
        ["Bob", "", "", "bob@uni", "Student"],
    ]))  # fmt: skip
    assert [(one.id, one.name) for one in table.students] == [("s1", "Ada Lovelace"), ("bob@uni", "Bob")]
    scores = read(csv_of([
        ["First Name", "Last Name", "SID", "Email", "Total Score", "Max Points", "Status", "Submission Time", "Lateness (H:M:S)"],
        ["Ada", "Lovelace", "s1", "ada@uni", "", "15.0", "Ungraded", "2026-11-20 22:15:03 -0800", "26:15:03"],
    ]))  # fmt: skip
    assert scores.told["s1"].moment == datetime.fromisoformat("2026-11-20T22:15:03-08:00")
    assert scores.told["s1"].late == 26 * 3600 + 15 * 60 + 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Name,Points\nAda,3\n", "Expected a grading worksheet of Moodle, a gradebook of Canvas"),
        ("", "begins with nothing"),
    ],
)
def test_another_table_is_told(read, text, words):
    with pytest.raises(UsageError, match=words):
        read(text)


def test_a_worksheet_is_for_one_section(read):
    with pytest.raises(UsageError, match="name its section with --section"):
        read(worksheet(PEOPLE), sections=())


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (worksheet(PEOPLE, "100.00"), ["Its maximum grade is 100, but section1 is worth 5 points."]),
        (worksheet(PEOPLE, "100.00", "de"), ["Its maximum grade is 100, but section1 is worth 5 points."]),
        (worksheet(PEOPLE, "20.00"), []),  # as the policy scales it
        (
            "Student,ID,SIS User ID,Section,Section 1 (77)\n    Points Possible,,,,10\nAda,101,s1,A,\n",
            ['"Section 1 (77)" has 10 points possible, but section1 is worth 5.'],
        ),
        ("Student,ID,SIS User ID,Section,Essay (77)\n    Points Possible,,,,10\nAda,101,s1,A,\n", []),
    ],
    ids=["English", "German", "scaled", "Canvas", "another column"],
)
def test_a_maximum_that_does_not_fit_is_told_with_what_to_do(read, table, told):
    scale = {"section1": 20.0} if "20.00" in table else {}
    found = misfits(read(table).maxima, scale, "table.csv")
    assert [text.removeprefix("table.csv: ").partition(" In ")[0] for text in found] == told
    assert all("Or write into policy.toml: [scale] section1 = 10" in text for text in found)


def test_more_time_on_the_platform_is_told_where_a_deadline_of_the_policy_counts(read):
    sheet = worksheet(
        [{"number": "7", "id": "s1", "extended": "Friday"}, {"number": "8", "id": "s2", "extended": "Friday"}]
    )
    due, own = datetime.fromisoformat("2026-11-20T12:00Z"), [Extension("s2", "section1", None)]

    def told(policy: Policy) -> list[str]:
        return extensions_elsewhere(read(sheet).told, policy, ["section1"], "table.csv")

    (words,) = told(Policy(due={"section1": due}, extensions=own))
    assert words.startswith("more time in table.csv, which does not count here, for s1. To give it: ")
    assert not told(Policy()), "the platform's own lateness counts"


def test_a_maximum_that_fits_without_the_scale_of_the_policy_is_told_so(read):
    (told,) = misfits(read(worksheet(PEOPLE, "5.00")).maxima, {"section1": 100.0}, "table.csv")
    assert "Its maximum grade is 5, but policy.toml scales section1 to 100 points." in told
    assert told.endswith("Or leave section1 out of [scale] in policy.toml")


SHARED = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]]
SHARED += [["Ada", "101", "s1", "team", "A"], ["Bob", "102", "s1", "team", "A"], ["Bob", "102", "s1", "team", "B"]]


@pytest.mark.parametrize(
    ("table", "people"),
    [
        (
            worksheet([{"number": n, "name": f"P{n}", "id": "x7", "email": "Team@uni"} for n in ("7", "8", "9")]),
            {"x7": "7", "Team@uni": "8", "9": "9"},
        ),
        (csv_of(SHARED), {"s1": "101", "team": "102"}),
        (csv_of([["Name", "SID", "Email"], ["Ada", "1", "a@uni"], ["Bob", "1", "b@uni"]]), {"1": "", "b@uni": ""}),
        (worksheet([{"number": "7", "id": "8"}, {"number": "8", "id": ""}]), {"8": "7", "participant 8": "8"}),
    ],
    ids=["Moodle", "Canvas", "Gradescope", "a number that is another's id"],
)
def test_people_who_share_an_id_are_told_apart_by_another_one(read, table, people):
    found = read(table).students
    numbers = {one.id: one.ids.get("moodle_section1", "") or one.ids.get("canvas_id", "") for one in found}
    roster = Roster(found)
    assert numbers == people
    for id, number in numbers.items():
        system = "canvas" if "canvas_id" in roster.students[id].ids else "moodle"
        assert roster.find([number or id], system if number else "").id == id


def test_a_roster_beside_the_table_adds_its_ids_and_teams(read, lay_out, tiny_course):
    """Canvas's download of a group has one file, of a representative."""
    table = read(csv_of([*SHARED[:1], ["Ada", "101", "ada1", "", "A"], ["Bob", "102", "bob1", "", "A"]]))
    roster = Roster([
        Student("s1", "Ada L.", {"canvas_id": "101", "team": "blue"}),
        Student("s2", "", {"login": "bob1", "team": "blue"}),
        Student("s3", "Cem", {}),
    ])  # fmt: skip
    both = with_roster(table, roster)
    assert [(one.id, one.name) for one in both.students] == [("s1", "Ada L."), ("s2", "Bob"), ("s3", "Cem")]
    folder = lay_out({"blue_101_5001_section1.py": SOLUTION})
    found = [*Intake(folder, tiny_course.sections, Roster(both.students), named=True).read()]
    assert [one.student for one in found if isinstance(one, HandIn)] == ["s1", "s2"]
    assert [(one.kind, one.student) for one in found if not isinstance(one, HandIn)] == [("missing", "s3")]


def test_a_student_who_gets_a_better_id_during_the_term_stays_one_person(read):
    """The university adds id numbers late; Moodle numbers participants anew for each assignment."""
    first = [
        {"number": "7", "email": "ada@uni"},
        {"number": "8", "email": "bob@uni"},
        {"number": "9"},
        {"number": "10"},
    ]
    later = [{"number": "17", "id": "s1", "email": "ada@uni"}, {"number": "18", "id": "s2", "email": "bob@uni"},
             {"number": "19", "id": "9"}, {"number": "20", "id": "bob@uni"}]  # fmt: skip
    later[3] |= {"email": "dan@uni"}
    one, two = read(worksheet(first)), read(worksheet(later[:3]))
    assert [each.id for each in with_former_ids(one, []).students] == ["ada@uni", "bob@uni", "9", "10"]
    found = with_former_ids(two, [each for each in one.students if each.id != "9"])
    assert [(each.id, each.ids["moodle_section1"]) for each in found.students] == [
        ("ada@uni", "17"), ("bob@uni", "18"), ("9", "19"),
    ]  # fmt: skip
    assert {*found.told} == {"ada@uni", "bob@uni", "9"}
    assert Roster(found.students).find(["s1"]) == found.students[0]
    strange = with_former_ids(read(worksheet(later)), one.students)
    assert [each.id for each in strange.students] == ["ada@uni", "s2", "9", "bob@uni"], (
        "another student has this id now"
    )


def test_a_worksheet_that_a_spreadsheet_saved_again_has_the_same_people(tmp_path, tiny_course):
    people = [{"number": "41", "name": "Müller, Jörg", "id": "s1"}, {"number": "42", "name": "Zoë", "id": "s2"}]
    rows = list(csv.reader(io.StringIO(worksheet(people, language="de"))))
    found = []
    for delimiter, before, after, encoding in (
        (",", "", "", "utf-8"), (";", "", ";;;;;;;;;;;\r\n" * 2, "utf-8-sig"), ("\t", "", "", "utf-16"),
        (";", "sep=;\r\n", "", "utf-8-sig"), (",", "\r\n", "\r\n", "utf-8"),
    ):  # fmt: skip
        page = io.StringIO(newline="")
        csv.writer(page, delimiter=delimiter).writerows(rows)
        (tmp_path / "sheet.csv").write_bytes(f"{before}{page.getvalue()}{after}".encode(encoding))
        table = read_platform_table(tmp_path / "sheet.csv", tiny_course.sections)
        people_found = [(one.id, one.name, *one.ids.values()) for one in table.students]
        found.append([*people_found, *(one.points for one in table.maxima)])
    assert found == [found[0]] * 5
    assert [one[:2] for one in found[0][:2]] == [("s1", "Müller, Jörg"), ("s2", "Zoë")]
    assert found[0][2:] == [5.0, 5.0]
