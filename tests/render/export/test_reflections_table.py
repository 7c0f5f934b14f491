"""`grade export reflections`: what students wrote, as a table that gives no orders."""

import csv
import io
from pathlib import Path

import pytest

from grader.batch.ledger import Ledger
from grader.batch.policy import Policy
from grader.course import Course, UsageError
from grader.render.export.reflections_table import EXPORTER
from tests.batch.sample_class import Made, golden


@pytest.fixture
def rows(tmp_path, asking_course):
    """The table of a class of these sources, by student."""

    def make(sources):
        made = Made(tmp_path / "gradebook.sqlite")
        for student, source in sources.items():
            made.enrol(student, f"={student}")
            if source is not None:
                made.hand_in(student, golden("right"), source=source.encode())
        ledger = Ledger.of(made.book, Policy(), asking_course.sections)
        data = EXPORTER.write(ledger).content
        return list(csv.reader(io.StringIO(data.decode(), newline="")))

    return make


def test_a_row_for_each_question_of_each_student(rows, asking_course):
    text = asking_course.sections[0].exercise.read_text(encoding="utf-8")
    mine = text.replace("*Your answer*", "=cmd|' /C calc'!A0\n# and\x1b[31m so on", 1)
    header, *found = rows({"ann": mine, "bob": text, "cem": None, "dan": mine.replace("=cmd", "x" * 9000, 1)})
    assert header == ["id", "name", "section", "question", "text"]
    why, what = "Why does the mean lie between the smallest and the largest?", "What would you try next?"
    assert found[:4] == [
        ["ann", "'=ann", "section1", why, "'=cmd|' /C calc'!A0\nand [31m so on"],
        ["ann", "'=ann", "section1", what, ""],
        ["bob", "'=bob", "section1", why, ""],
        ["bob", "'=bob", "section1", what, ""],
    ]
    assert [row[0] for row in found[4:]] == ["dan", "dan"]
    assert found[4][4].endswith("more characters)")


def test_a_course_without_questions_is_told_so(tmp_path, tiny_course):
    made = Made(tmp_path / "gradebook.sqlite")
    made.hand_in("ann", golden("right"), source=b"x = 1\n")
    ledger = Ledger.of(made.book, Policy(), Course(Path(tiny_course.root)).sections)
    with pytest.raises(UsageError, match="have no reflection"):
        EXPORTER.write(ledger)
