"""`policy.toml`: penalties for lateness, extensions, the attempt that counts, caps, and changes by hand."""

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
_MOST_HOURS = 24 * 3660  # ten years: longer than any class, and a datetime can hold it

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Hours = Annotated[float, msgspec.Meta(ge=0, le=_MOST_HOURS)]
Text = Annotated[str, msgspec.Meta(min_length=1)]


class Late(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The penalty for lateness, as a share of the earned points.

    Each started day after the grace costs `penalty_per_day`, but all days cost `most` at most. After `last_day` days, a file does
    not count. A file that is marked as late, without a time, is `marked_days` late, unless the student has an extension.
    """

    grace_hours: Hours = 0.0
    penalty_per_day: Share = 0.0
    most: Share = 1.0
    last_day: Annotated[int, msgspec.Meta(ge=0)] | None = None
    marked_days: Annotated[int, msgspec.Meta(ge=0)] = 1


NO_RULES = Late()  # where a policy does not say


class Adjustment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points that an instructor gives or takes, with the reason."""

    student: Text
    section: Text
    points: float
    reason: Text
    author: str = ""


class Extension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A deadline for one student."""

    student: Text
    section: Text
    due: Any


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of a class. Without a file, the best attempt counts and nothing is late."""

    attempts: Literal["best", "last"] = "best"
    missing: Literal["empty", "zero"] = "empty"  # in an export, for a student without a hand-in
    due: dict[str, Any] = {}  # by section
    late: Late = NO_RULES
    caps: dict[str, Annotated[float, msgspec.Meta(ge=0)]] = {}  # by section
    scale: dict[str, Annotated[float, msgspec.Meta(gt=0)]] = {}  # by section: the maximum of another system
    adjustments: list[Adjustment] = []
    extensions: list[Extension] = []

    def deadline(self, student: str, section: str) -> datetime | None:
        """The deadline of a student for a section; of several extensions, the last in the file."""
        return self.extension(student, section) or self.due.get(section)

    def extension(self, student: str, section: str) -> datetime | None:
        """The deadline of a student alone."""
        own: list[datetime] = [one.due for one in self.extensions if (one.student, one.section) == (student, section)]
        return own[-1] if own else None


@dataclass(frozen=True)
class Attempt:
    """A graded file. Attempts are in the order of their hand-in."""

    points: float
    submitted: datetime | None
    late: int  # seconds after the deadline of its platform; 1 if that only says that it is late
    grader_error: bool = False


@dataclass(frozen=True)
class Mark:
    """A student's points for a section, with the rules that changed them."""

    points: float
    attempt: int | None  # the one that counts, if there is one
    days_late: int = 0
    notes: list[str] = field(default_factory=list)
    grader_error: bool = False


def read_policy(path: Path, sections: Sequence[str]) -> Policy:
    """Read a policy. Raises UsageError with the unusable entry."""
    shown = one_line(str(path))
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        policy = msgspec.convert(data, Policy)
    except OSError as error:
        raise UsageError(f"{shown}: cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeError, msgspec.ValidationError) as error:
        raise UsageError(f"{shown}: {one_line(str(error))}. See docs/instructors.md") from None
    given = {one.section for one in policy.adjustments} | {one.section for one in policy.extensions}
    named = {*policy.due, *policy.caps, *policy.scale, *given}
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
    """Raise UsageError for a `nan` or `inf` of TOML, and for a blank reason."""
    caps = {f"caps.{section}": value for section, value in policy.caps.items()}
    caps |= {f"scale.{section}": value for section, value in policy.scale.items()}
    whose = [(f"the adjustment of {one_line(one.student)} in {one.section}", one) for one in policy.adjustments]
    given = {f"{entry}: points": one.points for entry, one in whose}
    for entry, value in {**caps, **given}.items():
        if not math.isfinite(value):
            raise UsageError(f"{shown}: {entry} = {value}: expected a number, such as 1.5")
    for entry, one in whose:
        if not one.reason.strip():
            raise UsageError(f"{shown}: {entry}: reason is blank. Write one: the student reads it")


def _moment(value: Any, entry: str, shown: str) -> datetime:
    """A deadline of TOML: a date means the end of that day; a time without a zone is local time."""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time.max)
    if not isinstance(value, datetime):
        raise UsageError(f"{shown}: {entry}: expected a date, such as 2026-11-20T23:59:00Z, unquoted")
    try:
        return value.astimezone(UTC)
    except (ValueError, OverflowError):  # in year 1 or 9999
        raise UsageError(f"{shown}: {entry}: {value}: expected a year between 2 and 9998") from None


def mark_of(policy: Policy, student: str, section: str, attempts: Sequence[Attempt]) -> Mark:
    """Apply the rules to one student's attempts at a section."""
    due, extended = policy.deadline(student, section), policy.extension(student, section) is not None
    judged = [_lateness(policy.late, due, extended, attempt) for attempt in attempts]
    chosen = None
    if judged:
        chosen = len(judged) - 1
        if policy.attempts == "best":  # of equal attempts the first: it is the least late
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


def _lateness(late: Late, due: datetime | None, extended: bool, attempt: Attempt) -> Mark:
    """The points of one attempt after the penalty for lateness."""
    if attempt.submitted is None and attempt.late and extended:
        assert due is not None
        words = f"marked as late, without a time; extended to {due:%Y-%m-%d %H:%M} UTC: no penalty"
        return Mark(attempt.points, None, notes=[words])
    days = _days_late(late, due, attempt)
    if not days:
        return Mark(attempt.points, None)
    words = f"{days} day{'s' if days > 1 else ''} late"
    if late.last_day is not None and days > late.last_day:
        return Mark(0.0, None, days, [f"{words}: too late to count"])
    share = min(late.most, days * late.penalty_per_day)
    notes = [f"{words}: -{100 * share:g} %"] if share else []  # no note without a penalty
    return Mark(round(attempt.points * (1 - share), 6), None, days, notes)


def _days_late(late: Late, due: datetime | None, attempt: Attempt) -> int:
    grace = timedelta(hours=late.grace_hours)
    if attempt.submitted is not None and due is not None:
        beyond: timedelta = attempt.submitted - due - grace
    elif attempt.late > 1:
        beyond = timedelta(seconds=attempt.late) - grace
    else:
        return late.marked_days if attempt.late else 0
    return max(0, -(-beyond // _DAY))  # rounded up, exactly
