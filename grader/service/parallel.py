"""Grade at the same time: sections, or exercises of one. Processes forked from this one share its imports, and its zygote.

This process judges no answer: each share has a process of its own (`apart.py`), or several, one after the other. Without a
zygote there are no such processes, and it is done here.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy  # noqa: F401  # before torch, which imports it where an interrupt is lost, and numpy with it

from grader.course import Course, Section
from grader.grading.assembly import together
from grader.grading.reach import dependents
from grader.grading.report import Report
from grader.grading.request import Progress, Task
from grader.sandbox.limits.limits import OWN, OwnLimits
from grader.sandbox.process.launch import Sandbox
from grader.service.session import NothingSelectedError, grade


def grade_all(
    course: Course,
    tasks: Sequence[Task],
    sandbox: Sandbox | None,
    lanes: int,
    progress: Progress | None = None,
    limits: OwnLimits = OWN,
) -> list[Report]:
    """Grade `tasks` on as many processes as there are `lanes`; Reports in the order of tasks.

    Where there are more lanes than tasks, a task is shared out. Sections of which the selection leaves nothing are left out.
    `limits` are for each process. Arguments and errors are otherwise those of `grade`.
    """
    is_apart = sandbox is not None and sandbox.kind == "zygote"  # on Linux only
    pieces = [_pieces(task, lanes // max(1, len(tasks)) if is_apart else 1) for task in tasks]
    every = [piece for some in pieces for piece in some]
    if sys.platform == "linux" and sandbox is not None and is_apart:
        from grader.service.apart import grade_apart

        found = iter(grade_apart(course, every, sandbox, lanes, limits, progress))
    else:
        found = iter(_here(course, every, sandbox, progress))
    reports = []
    for task, some in zip(tasks, pieces, strict=True):
        graded = [report for report in (next(found) for _ in some) if report is not None]
        if graded:
            whole = task.selection.everything
            reports.append(graded[0] if len(some) == 1 else together(task.section, graded, whole))
    return reports


def _pieces(task: Task, count: int) -> list[Task]:
    """The task in at most `count` parts that do not depend on each other."""
    chosen = task.selection
    if count < 2 or chosen.stop_first:
        return [task]
    parts = shares(task.section, chosen.exercises or task.section.exercises, count)
    if len(parts) < 2:
        return [task]
    return [replace(task, selection=replace(chosen, exercises=part)) for part in parts]


def _here(
    course: Course, tasks: Sequence[Task], sandbox: Sandbox | None, progress: Progress | None
) -> list[Report | None]:
    """The Reports of tasks, None for those of which the selection leaves nothing, unless that are all."""
    reports: list[Report | None] = []
    nothing: NothingSelectedError | None = None
    for task in tasks:
        try:
            reports.append(grade(course, task.section, task.submission, sandbox, task.selection, progress))
        except NothingSelectedError as error:
            nothing = error
            reports.append(None)
    if nothing is not None and not any(reports):
        raise nothing
    return reports


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
