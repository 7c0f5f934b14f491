"""One hand-in has one outcome, whichever platform it comes from: the same file, or no mark and a reason."""

import unicodedata

import pytest

from grader.batch.class_grading import take_in
from grader.batch.gradebook.book import FILENAME, Gradebook
from grader.batch.gradebook.queries import last_files, troubles
from grader.batch.intake import Intake
from grader.batch.ledger import Ledger, Why
from grader.batch.policy import Adjustment, Policy
from grader.batch.roster import Assigned
from grader.batch.settling import Settling, settlings
from grader.submission.locate import locate
from tests.batch.exports import SYSTEMS
from tests.batch.hand_ins import SOLUTION, STUB, WRONG
from tests.submission.formats import notebook_of, zip_of

HELPER = b"def half(x):\n    return x / 2\n"
# The hand-ins of a class, and the source that is graded; None if it cannot be read.
MESSY = {
    "own": ({"section1_tiny.py": SOLUTION}, SOLUTION),
    "short": ({"section1.py": WRONG}, WRONG),
    "other": ({"abgabe.py": SOLUTION}, SOLUTION),
    "zip": ({"work.zip": zip_of({"deep/section1_tiny.py": SOLUTION})}, SOLUTION),
    "zipped": ({"work.zip": zip_of({"abgabe.py": WRONG})}, WRONG),
    "helper": ({"section1_tiny.py": SOLUTION, "helper.py": HELPER}, SOLUTION),
    "helpers": ({"a_helper.py": HELPER, "section1_tiny.py": SOLUTION, "section1_helpers.py": HELPER}, SOLUTION),
    "beside": ({"section1_tiny.py": SOLUTION, "older.zip": zip_of({"section1_tiny.py": WRONG})}, SOLUTION),
    "words": ({"section1_tiny.py": SOLUTION, "report.pdf": b"%PDF"}, SOLUTION),
    "stub": ({"section1_tiny.py": STUB}, STUB),
    "pdf": ({"section1_tiny.pdf": b"%PDF"}, None),
    "damaged": ({"work.zip": b"PK\x03\x04 no archive"}, None),
    "zipbeside": ({"work.zip": zip_of({"section1_tiny.py": SOLUTION}), "helper.py": HELPER}, SOLUTION),
    "zipmess": ({"work.zip": zip_of({"abgabe.py": SOLUTION, "utils.py": HELPER}), "helper.py": HELPER}, SOLUTION),
    "utils": ({"abgabe.py": SOLUTION, "utils.py": HELPER}, SOLUTION),
    "copied": ({"section1_tiny.py": STUB, "section1_tiny - Kopie.py": SOLUTION}, SOLUTION),
    "named": ({"abgabe.py": SOLUTION, "bericht.pdf": b"%PDF"}, SOLUTION),
    "several": ({"abgabe_v2.py": SOLUTION, "plots.py": HELPER, "bericht.pdf": b"%PDF"}, SOLUTION),
    "macos": ({"w.zip": zip_of({"section1_tiny.py": SOLUTION, "__MACOSX/._section1_tiny.py": b"\0"})}, SOLUTION),
    "umlaut": ({unicodedata.normalize("NFD", "lösung.py"): SOLUTION}, SOLUTION),
    "twozips": ({"a.zip": zip_of({"section1_tiny.py": SOLUTION}), "b.zip": zip_of({"x.py": WRONG})}, None),
    "bothkinds": ({"abgabe.py": SOLUTION, "abgabe.ipynb": notebook_of(WRONG)}, None),
    "nested": ({"work.zip": zip_of({"inner.zip": zip_of({"section1_tiny.py": SOLUTION})})}, None),
    "hidden": ({"section1_tiny.py.txt": SOLUTION}, None),
    "twofiles": ({"abgabe.py": SOLUTION, "older.py": WRONG}, None),
    "twozipped": ({"work.zip": zip_of({"abgabe.py": SOLUTION, "older.py": WRONG})}, None),
    "formats": ({"section1.py": SOLUTION, "section1.ipynb": notebook_of(SOLUTION)}, None),
    "unreadable": ({"section1_tiny.ipynb": b"{"}, None),
    "large": ({"section1_tiny.py": b"#" * (2 << 20)}, None),
}
CHOSEN = ("twofiles", "twozipped", "formats", "twozips", "bothkinds")  # by the instructor, of several
ORDINARY = {f"good{number}": ({"section1_tiny.py": SOLUTION}, SOLUTION) for number in range(34)}
CLASS = MESSY | ORDINARY


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_hand_in_has_the_same_outcome_from_every_system(system, lay_out, tiny_course, tmp_path):
    folder = lay_out(SYSTEMS[system]({student: files for student, (files, _) in CLASS.items()}))
    with Gradebook(tmp_path / FILENAME) as book:
        take_in(Intake(folder, tiny_course.sections, named=True, known=tiny_course.sections), book)
        taken = {file.student: file.source for file in last_files(book, "section1")}
        ledger = Ledger.of(book, Policy(missing="zero"), tiny_course.sections)
        entries = {person.id: ledger.entry(person, tiny_course.sections[0]) for person in ledger.people}
    ids = {student: _id(system, number, student) for number, student in enumerate(CLASS, 1)}
    assert {*entries} == {*ids.values()}, "each student has one row, and no one else has"
    for student, (_, source) in CLASS.items():
        entry = entries[ids[student]]
        assert taken.get(ids[student]) == source, student
        if source is None:
            assert (entry.why, entry.points) == (Why.UNREADABLE, None), student
            assert entry.remarks, student
        else:
            assert (entry.why, entry.unread) == (Why.WAITING, False), student


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_is_listed_as_a_trouble_is_settled_by_naming_a_file_or_by_a_mark(system, lay_out, tiny_course, tmp_path):
    folder = lay_out(SYSTEMS[system]({student: files for student, (files, _) in MESSY.items()}))
    ids = {_id(system, number, student): student for number, student in enumerate(MESSY, 1)}
    with Gradebook(tmp_path / FILENAME) as book:

        def open_settlings(*marks: Adjustment) -> list[Settling]:
            take_in(
                Intake(
                    folder, tiny_course.sections, named=True, assignments=book.assignments(), known=tiny_course.sections
                ),
                book,
            )
            return list(settlings(troubles(book), marks, tiny_course.sections))

        found = open_settlings()
        choices = {ids[one.trouble.student]: sorted(path.name for path in one.files) for one in found}
        assert {*choices} == {student for student, (_, source) in MESSY.items() if source is None}
        for one in found:
            name = next(
                (
                    path
                    for path in one.files
                    if path.name.endswith(("abgabe.py", "section1.py", "section1_tiny.py", "a.zip"))
                ),
                None,
            )
            if name is not None:
                book.assign(Assigned(name.resolve(), one.trouble.student, "section1"))
        left = open_settlings()
        assert {ids[one.trouble.student] for one in left} == {
            "pdf",
            "damaged",
            "unreadable",
            "large",
            "nested",
            "hidden",
        }
        assert not any(one.files for one in left), "no command is shown that settles nothing"
        taken = {ids[file.student]: file.source for file in last_files(book, "section1")}
        assert {taken[student] for student in CHOSEN} == {SOLUTION}
        assert not open_settlings(*(Adjustment(one.trouble.student, "section1", 1.0, "read") for one in left))


@pytest.mark.parametrize("student", MESSY)
def test_the_autograder_reads_the_same_file_and_gives_no_score_where_a_class_gives_no_mark(
    student, lay_out, tiny_course
):
    files, source = MESSY[student]
    located = locate(tiny_course, lay_out(files), tiny_course.sections)
    assert [file.source for _, file in located.submissions] == ([] if source is None else [source])
    assert bool(located.unreadable(tiny_course.sections)) == (source is None)


def _id(system: str, number: int, student: str) -> str:
    return {"moodle": str(number), "canvas": str(30000 + number)}.get(system, student)
