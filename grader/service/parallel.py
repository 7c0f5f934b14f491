"""Grade at the same time: sections, or exercises of one. Processes forked from this one share its imports, and its zygote.

This process judges no answer: each share has a process of its own (`forks.py`), or several, one after the other. Without a
zygote, it grades itself, beside processes that are not its forks (`spawned.py`).
"""

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace

import numpy  # noqa: F401  # before torch, which imports it where an interrupt is lost, and numpy with it

from grader.course import Course
from grader.grading.assembly import together
from grader.grading.reach import dependents
from grader.grading.report import Report
from grader.grading.request import Progress, Task
from grader.sandbox.limits.limits import OWN, OwnLimits
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.resources import usable_cores
from grader.section import Section
from grader.service.session import NothingSelectedError, grade
from grader.service.spawned import Share, shared_out

_CORES_TO_SPLIT = 4


def grade_all(
    course: Course,
    tasks: Sequence[Task],
    sandbox: Sandbox | None,
    lanes: int,
    progress: Progress | None = None,
    limits: OwnLimits = OWN,
) -> list[Report]:
    """Grade `tasks` on as many processes as there are `lanes`; Reports in the order of tasks.

    Where there are more lanes than tasks, a task is shared out. Sections without a selected check have no Report.
    `limits` are for each process. Arguments and errors are otherwise those of `grade`.
    """
    is_apart = sandbox is not None and sandbox.kind == "zygote"  # on Linux only
    # A process that is no fork imports torch, and its worker, too: for a part of a section, that needs cores to spare.
    splits = is_apart or usable_cores() >= _CORES_TO_SPLIT
    pieces = [_pieces(task, lanes // max(1, len(tasks)) if splits else 1) for task in tasks]
    every = [piece for some in pieces for piece in some]
    if sandbox is not None and is_apart:
        from grader.service.forks import grade_in_forks

        found = iter(grade_in_forks(course, every, sandbox, lanes, limits, progress))
    elif sandbox is not None and min(lanes, len(every)) > 1:
        found = iter(_beside(course, every, sandbox, lanes, progress))
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


def _beside(
    course: Course, tasks: Sequence[Task], sandbox: Sandbox, lanes: int, progress: Progress | None
) -> list[Report | None]:
    """As `_here`, with some of the tasks in other processes."""
    found: dict[int, Report] = {}
    mine, *others = shared_out(tasks, lanes)
    with ExitStack() as stack:
        shares = []
        with suppress(OSError):  # no more processes may be started: all is graded here
            for some in others:
                shares.append(stack.enter_context(Share(course, sandbox.trust, [tasks[place] for place in some])))
        first = _here(course, [tasks[place] for place in mine], sandbox, progress, all_or_nothing=False)
        for places, reports in zip((mine, *others), (first, *(share.reports() for share in shares)), strict=False):
            found |= {place: report for place, report in zip(places, reports, strict=True) if report is not None}
    left = [place for place in range(len(tasks)) if place not in found]
    again = _here(course, [tasks[place] for place in left], sandbox, progress, all_or_nothing=not found)
    found |= {place: report for place, report in zip(left, again, strict=True) if report is not None}
    return [found.get(place) for place in range(len(tasks))]


def _here(
    course: Course,
    tasks: Sequence[Task],
    sandbox: Sandbox | None,
    progress: Progress | None,
    all_or_nothing: bool = True,
) -> list[Report | None]:
    """The Reports of tasks; None for a task without a selected check. With `all_or_nothing`, an error if no task has one."""
    reports: list[Report | None] = []
    nothing: NothingSelectedError | None = None
    for task in tasks:
        try:
            reports.append(grade(course, task.section, task.submission, sandbox, task.selection, progress))
        except NothingSelectedError as error:
            nothing = error
            reports.append(None)
    if nothing is not None and all_or_nothing and not any(reports):
        raise nothing
    return reports


def shares(section: Section, exercises: Sequence[str], count: int) -> list[tuple[str, ...]]:
    """Share `exercises` out to at most `count` groups of about equal work. Exercises that build on each other stay together."""
    families = sorted(_families(section, exercises), key=lambda family: -section.work(family))
    groups: list[list[str]] = [[] for _ in range(min(count, len(families)))]
    for family in families:
        min(groups, key=lambda group: section.work(group) if group else 0).extend(family)
    return [tuple(group) for group in groups]


def _families(section: Section, exercises: Sequence[str]) -> list[list[str]]:
    """The groups of exercises that build on each other, directly or not."""
    families: list[list[str]] = []
    for exercise in exercises:
        near = {exercise} | dependents(section, exercise)
        mine = [family for family in families if any(near & ({one} | dependents(section, one)) for one in family)]
        families = [family for family in families if family not in mine]
        families.append([*(one for family in mine for one in family), exercise])
    return families
