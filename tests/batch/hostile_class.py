"""A class with hostile text in every name, id and Report."""

import msgspec

from grader.grading.report import Status
from tests.render.hostile_report import JOINED, acted_upon, controls_in, hostile_report
from tests.render.web.hostile_page import BREAKOUT, hostile_graded

__all__ = ["IDS", "NAME", "TEXT", "acted_upon", "controls_in", "hand_in_hostile", "hostile_report"]

TEXT = JOINED.encode("utf-8", "replace").decode()  # as a gradebook can hold it

NAME = "</td></tr></table><script>window.broken_into=1</script>"
IDS = (
    "../../etc/passwd",
    f"{NAME}1",
    "<img src=x onerror=window.broken_into=1>",
    '"\' onfocus=window.broken_into=1 x="',
)


def hand_in_hostile(made) -> None:
    """All but the first want to be named on the leaderboard; the grader fails on the file of the second."""
    for number, student in enumerate(IDS):
        made.enrol(student, f"{NAME}{number}", leaderboard="yes" if number else "")
        report = hostile_graded(BREAKOUT, section="section1").report
        measured = {TEXT: 0.97, "parameters": number + 1.0}
        ranked = {"measurements": measured, "ranks": dict.fromkeys(measured, "lowest")}
        checks = [
            msgspec.structs.replace(one, id=f"{BREAKOUT}{place}", **({} if place else ranked))
            for place, one in enumerate(report.checks)
            if number == 1 or one.status is not Status.GRADER_ERROR
        ]
        status = "grader_error" if number == 1 else "graded"
        made.hand_in(student, msgspec.structs.replace(report, checks=checks, status=status))
