"""One grading shared out: groups of exercises that do not depend on each other, and their Reports put together again."""

from collections.abc import Sequence

import msgspec

from grader.course import Section
from grader.diagnosis.reach import dependents
from grader.grading.report import Report, Status, total


def shares(section: Section, exercises: Sequence[str], count: int) -> list[tuple[str, ...]]:
    """Share `exercises` out to at most `count` groups of about equal work; what builds on each other stays together."""
    families = sorted(_families(section, exercises), key=lambda family: -section.work(family))
    groups: list[list[str]] = [[] for _ in range(min(count, len(families)))]
    for family in families:
        min(groups, key=lambda group: section.work(group) if group else 0).extend(family)
    return [tuple(group) for group in groups]


def _families(section: Section, exercises: Sequence[str]) -> list[list[str]]:
    """The exercises by what connects them, directly or not."""
    families: list[list[str]] = []
    for exercise in exercises:
        near = {exercise} | dependents(section, exercise)
        mine = [family for family in families if any(near & ({one} | dependents(section, one)) for one in family)]
        families = [family for family in families if family not in mine]
        families.append([*(one for family in mine for one in family), exercise])
    return families


def together(section: Section, reports: Sequence[Report], whole: bool) -> Report:
    """One Report of those of a section's shares; `whole` says whether they are all of it."""
    first = reports[0]
    order = {check.id: place for place, check in enumerate(section.outline)}
    checks = sorted((check for report in reports for check in report.checks), key=lambda check: order[check.id])
    told = next((report for report in reports if report.notice), first)
    status = "graded" if whole else "partial"
    if any(check.status is Status.GRADER_ERROR for check in checks):
        status = "grader_error"
    return msgspec.structs.replace(
        first,
        checks=checks,
        points=total(check.points for check in checks),
        max_points=total(check.max_points for check in checks),
        status=status,
        notice=told.notice,
        notice_lines=told.notice_lines,
        unread=told.unread,
        lines=max((report.lines for report in reports), key=len),
        sandbox=max((report.sandbox for report in reports), key=len),
    )
