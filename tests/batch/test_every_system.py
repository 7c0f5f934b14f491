"""One hand-in has one outcome, whichever platform it comes from: the same file, or no mark and a reason."""

import pytest

from grader.batch.class_grading import take_in
from grader.batch.gradebook.book import FILENAME, Gradebook
from grader.batch.gradebook.queries import last_files
from grader.batch.intake import Intake
from grader.batch.ledger import Ledger, Why
from grader.batch.policy import Policy
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
    "twofiles": ({"abgabe.py": SOLUTION, "utils.py": HELPER}, None),
    "formats": ({"section1.py": SOLUTION, "section1.ipynb": notebook_of(SOLUTION)}, None),
    "unreadable": ({"section1_tiny.ipynb": b"{"}, None),
    "large": ({"section1_tiny.py": b"#" * (2 << 20)}, None),
}
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


def _id(system: str, number: int, student: str) -> str:
    return {"moodle": str(number), "canvas": str(30000 + number)}.get(system, student)
