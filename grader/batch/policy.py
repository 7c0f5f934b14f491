"""`policy.toml`: what lateness costs, who has more time, which attempt counts, what is capped, and what was changed by hand."""

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from grader.course import UsageError
from grader.toolkit.text import one_line

FILENAME = "policy.toml"
_DAY = timedelta(days=1)
_MOST_HOURS = 24 * 3660  # ten years: what no class has, and a time can still hold

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Hours = Annotated[float, msgspec.Meta(ge=0, le=_MOST_HOURS)]
Text = Annotated[str, msgspec.Meta(min_length=1)]


class Late(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What lateness costs, as a share of the points that were earned.

    Every day that has begun after the end of the grace costs `penalty_per_day`, all of them together `most` at most; after
    `last_day` days nothing counts. `marked_days` is how late a file is that is only marked as late.
    """

    grace_hours: Hours = 0.0
    penalty_per_day: Share = 0.0
    most: Share = 1.0
    last_day: Annotated[int, msgspec.Meta(ge=0)] | None = None
    marked_days: Annotated[int, msgspec.Meta(ge=0)] = 1


class Adjustment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points that a person gives or takes, and why."""

    student: Text
    section: Text
    points: float
    reason: Text
    author: str = ""


class Extension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A deadline of one student's own."""

    student: Text
    section: Text
    due: Any


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of a class. Without a file, the best attempt counts and nothing is late."""

    attempts: Literal["best", "last"] = "best"
    missing: Literal["empty", "zero"] = "empty"  # what an export says of a student who has handed nothing in
    due: dict[str, Any] = {}  # by section
    late: Late = Late()
    caps: dict[str, Annotated[float, msgspec.Meta(ge=0)]] = {}  # by section
    adjustments: list[Adjustment] = []
    extensions: list[Extension] = []

    def deadline(self, student: str, section: str) -> datetime | None:
        """When a student has to hand a section in: of several extensions, the last that is written down."""
        own = [one.due for one in self.extensions if (one.student, one.section) == (student, section)]
        due: datetime | None = own[-1] if own else self.due.get(section)
        return due


@dataclass(frozen=True)
class Attempt:
    """A graded file as the rules see it, in the order in which they were handed in."""

    points: float
    submitted: datetime | None
    late: bool
    grader_error: bool = False


@dataclass(frozen=True)
class Mark:
    """What a student gets for a section, and how it came about."""

    points: float
    attempt: int | None  # which counts; None if there is none
    days_late: int = 0
    notes: list[str] = field(default_factory=list)
    grader_error: bool = False


def read_policy(path: Path, sections: Sequence[str]) -> Policy:
    """Read a policy, or raise UsageError with the entry that cannot be used."""
    shown = one_line(str(path))
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        policy = msgspec.convert(data, Policy)
    except OSError as error:
        raise UsageError(f"{shown}: cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeError, msgspec.ValidationError) as error:
        raise UsageError(f"{shown}: {one_line(str(error))}. See docs/instructors.md") from None
    given = {one.section for one in policy.adjustments} | {one.section for one in policy.extensions}
    named = {*policy.due, *policy.caps, *given}
    unknown = sorted(named - {*sections})
    if unknown:
        listing = ", ".join(sections)
        raise UsageError(f'{shown}: there is no section "{one_line(unknown[0])}". Sections: {listing}')
    _expect_usable(policy, shown)
    due = {word: _moment(value, f"due.{word}", shown) for word, value in policy.due.items()}
    return msgspec.structs.replace(policy, due=due, extensions=[_own_deadline(one, shown) for one in policy.extensions])


def _own_deadline(one: Extension, shown: str) -> Extension:
    entry = f"the extension of {one_line(one.student)} in {one.section}: due"
    return msgspec.structs.replace(one, due=_moment(one.due, entry, shown))


def _expect_usable(policy: Policy, shown: str) -> None:
    """TOML has numbers that are none, `nan` and `inf`, and a reason of blanks says nothing."""
    caps = {f"caps.{section}": value for section, value in policy.caps.items()}
    whose = [(f"the adjustment of {one_line(one.student)} in {one.section}", one) for one in policy.adjustments]
    given = {f"{entry}: points": one.points for entry, one in whose}
    for entry, value in {**caps, **given}.items():
        if not math.isfinite(value):
            raise UsageError(f"{shown}: {entry} = {value}: expected a number, such as 1.5")
    for entry, one in whose:
        if not one.reason.strip():
            raise UsageError(f"{shown}: {entry}: reason is blank: say why, as the student will read it")


def _moment(value: Any, entry: str, shown: str) -> datetime:
    """A deadline as TOML has it: a day alone lasts until its end, a time without a zone is this machine's."""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time.max)
    if not isinstance(value, datetime):
        raise UsageError(f"{shown}: {entry}: expected a date, such as 2026-11-20T23:59:00Z, unquoted")
    try:
        return value.astimezone(UTC)
    except (ValueError, OverflowError):  # in the first or the last year that there is
        raise UsageError(f"{shown}: {entry}: {value}: no class has been then, or will be") from None


def mark_of(policy: Policy, student: str, section: str, attempts: Sequence[Attempt]) -> Mark:
    """Apply the rules to one student's attempts at a section."""
    due = policy.deadline(student, section)
    judged = [_lateness(policy.late, due, attempt) for attempt in attempts]
    chosen = None
    if judged:
        chosen = len(judged) - 1
        if policy.attempts == "best":  # of equals the first: it is the least late
            chosen = max(range(len(judged)), key=lambda number: (judged[number].points, -number))
    mark = judged[chosen] if chosen is not None else Mark(0.0, None)
    points, notes = mark.points, list(mark.notes)
    cap = policy.caps.get(section)
    if cap is not None and points > cap:
        points = cap
        notes.append(f"capped at {cap:g}")
    for one in policy.adjustments:
        if (one.student, one.section) == (student, section):
            points += one.points
            notes.append(f"{one.points:+g}: {one_line(one.reason)}")
    failed = any(attempt.grader_error for attempt in attempts)
    return Mark(round(max(0.0, points), 6), chosen, mark.days_late, notes, failed)


def _lateness(late: Late, due: datetime | None, attempt: Attempt) -> Mark:
    """The points of one attempt with what its lateness costs."""
    days = _days_late(late, due, attempt)
    if not days:
        return Mark(attempt.points, None)
    words = f"{days} day{'s' if days > 1 else ''} late"
    if late.last_day is not None and days > late.last_day:
        return Mark(0.0, None, days, [f"{words}: too late to count"])
    share = min(late.most, days * late.penalty_per_day)
    notes = [f"{words}: -{100 * share:g} %"] if share else []  # what costs nothing is no remark for a student
    return Mark(round(attempt.points * (1 - share), 6), None, days, notes)


def _days_late(late: Late, due: datetime | None, attempt: Attempt) -> int:
    if attempt.submitted is None or due is None:
        return late.marked_days if attempt.late else 0
    beyond: timedelta = attempt.submitted - due - timedelta(hours=late.grace_hours)
    return max(0, -(-beyond // _DAY))  # a day begun is a day; of whole microseconds, so that no rounding begins another
