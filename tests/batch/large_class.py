"""A large class that is made up: real Reports of the tiny course under the names of a course's sections."""

import random
from pathlib import Path

import msgspec

from grader.batch.gradebook.attempts import admit
from grader.batch.gradebook.book import Gradebook
from grader.batch.intake import HandIn
from grader.batch.roster import Student
from grader.course import Course
from grader.submission.submission import Submission
from tests.batch.sample_class import ENVIRONMENT, golden

NAMES = (
    "right",
    "right",
    "right",
    "wrong_value",
    "begun",
    "raises",
    "not_started",
    "endless_loop",
    "prints",
    "no_error",
)
_UPDATE = """UPDATE gradings SET status = ?, points = ?, max_points = ?, report = ?, environment = ?, seconds = 1.0, tries = 1
WHERE id = ?"""


def fill(book: Gradebook, course: Course, students: int) -> None:
    """Hand in each section for everybody, one time in twenty aside, and grade it; everybody has files of their own."""
    choice = random.Random(0)
    reports = [golden(name) for name in NAMES]
    people = [f"s{number:05}" for number in range(students)]
    book.enrol(Student(one, f"Given{number} Family{number % 97}") for number, one in enumerate(people))
    for section in course.sections:
        source = section.solution.read_bytes()
        with book.transaction():
            for one in people:
                if choice.random() < 0.95:
                    file = Submission(f"{section.stem}.py", Path(one), source + f"\n# {one}\n".encode())
                    admit(book, HandIn(one, "", section, file, one, late=choice.random() < 0.1))
        with book.transaction(durable=False):  # a transaction for each grade, as a batch has it, would take minutes
            rows = book.db.execute("SELECT id FROM gradings WHERE section = ?", (section.id,)).fetchall()
            for row in rows:
                report = msgspec.structs.replace(choice.choice(reports), section=section.id, title=section.title)
                texts = msgspec.json.encode(report).decode(), msgspec.json.encode(ENVIRONMENT).decode()
                book.db.execute(_UPDATE, (report.status, report.points, report.max_points, *texts, row["id"]))
