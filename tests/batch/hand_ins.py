"""Files that students of the tiny course hand in, and what they got."""

from typing import Any

from tests.paths import TINY

SOLUTION = (TINY / "solutions" / "section1_tiny.py").read_bytes()
STUB = (TINY / "exercises" / "section1_tiny.py").read_bytes()
WRONG = SOLUTION.replace(b"x.sum()) / x.numel()", b"x.sum())")
LOOP = SOLUTION.replace(b"    return x * factor", b"    while True:\n        pass")


def outcomes(book: Any) -> dict[str, Any]:
    """The grade of every student, without values that are not part of a verdict."""
    rows = book.db.execute("SELECT student, content FROM submissions ORDER BY student, content").fetchall()
    found = {one.content: one for one in book.graded()}
    return {
        f"{row['student']} {row['content'][:6]}": [
            (check.id, check.status.value, check.points, check.message) for check in found[row["content"]].report.checks
        ]
        for row in rows
        if row["content"] in found
    }


def students(hand_ins: list[Any]) -> list[str]:
    """Whose they are."""
    return [one.student for one in hand_ins]
