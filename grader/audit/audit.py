"""Prove that the checks tell right from wrong: grade answers that must keep all points, and answers that must lose some."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from grader.audit.adversaries import adversaries_of, part_of
from grader.audit.docstring_examples import wrong_examples
from grader.check_files.check_outline import CheckOutline, Origin
from grader.course import Course
from grader.diagnosis.known_mistakes import mistakes_of
from grader.diagnosis.structure import needs_no_list
from grader.grading.reach import dependents, reached
from grader.grading.report import WRONG, CheckResult, Report, Status
from grader.grading.request import Progress, Selection, Task
from grader.section import Section
from grader.service import Service
from grader.submission.submission import Submission
from grader.toolkit.text import one_line

Kind = Literal["solution", "stub", "variant", "mistake", "adversary"]
LONG_CALL_SECONDS = 30  # exercises with longer calls are graded for their own wrong answers only


@dataclass(frozen=True)
class Answer:
    """One submission of the audit: `name` is a mistake's slug, a variant's file, an adversary's name."""

    kind: Kind
    section: Section
    name: str
    source: bytes
    exercise: str = ""  # of a mistake or an adversary
    place: str = field(default="", compare=False)  # of a mistake: file and line


@dataclass(frozen=True)
class Finding:
    """The result of one answer. With `problems`, the audit fails."""

    answer: Answer
    report: Report
    killers: tuple[str, ...] = ()  # ids of the checks of its exercise that fail a mistake
    diagnosis: str = ""
    problems: tuple[str, ...] = ()
    stumbles: tuple[str, ...] = ()  # errors of the checks themselves about this answer, with their lines

    @property
    def diagnosed(self) -> bool:
        return self.diagnosis == self.answer.name


@dataclass(frozen=True)
class Audit:
    """All findings of one section."""

    section: Section
    findings: list[Finding] = field(default_factory=list)
    adversaries: int = 0  # that there are: each is graded, or a part of them
    thorough: bool = True

    def of(self, kind: Kind) -> list[Finding]:
        return [finding for finding in self.findings if finding.answer.kind == kind]

    def killed_by(self, check: str) -> list[str]:
        """The mistakes that a check fails, as "exercise.slug"."""
        return [_full_name(finding) for finding in self.of("mistake") if check in finding.killers]

    def is_tried(self, check: CheckOutline) -> bool:
        """Whether a check met mistakes: a long one meets those that no other check fails, and they may be none."""
        return self.thorough or check.call_cpu_seconds < LONG_CALL_SECONDS or bool(self.killed_by(check.id))

    def killed_only_by(self, check: str) -> list[str]:
        return [_full_name(finding) for finding in self.of("mistake") if finding.killers == (check,)]


def _full_name(finding: Finding) -> str:
    return f"{finding.answer.exercise}.{finding.answer.name}"


def audit(
    service: Service, sections: Sequence[Section], progress: Progress | None = None, thorough: bool = False
) -> list[Audit]:
    """Grade the answers of `sections`, and compare each Report with the expected one.

    Unless it is to be `thorough`, a part of the adversaries is graded, and the long checks of an exercise run only for the
    mistakes that no other check of it fails.
    """
    answers = [answer for section in sections for answer in answers_of(service.course, section, thorough)]
    found = _findings(service, [answer for answer in answers if answer.kind == "solution"], progress)
    for one in found:
        if not one.problems:  # its checks end: the other gradings may share their examples
            service.warm_up(one.answer.section, diagnosed=True)
    stuck = {one.answer.section for one in found if never_ends(one.report)}  # there, every other answer takes as long
    others = [answer for answer in answers if answer.kind != "solution" and answer.section not in stuck]
    found += _findings(service, others, progress, long_checks=thorough)
    if not thorough:
        survivors = {one.answer: one for one in found if not one.killers and _without_long_checks(one.answer)}
        survivors = {one.answer: one for one in _findings(service, [*survivors], progress)}
        found = [survivors.get(one.answer, one) for one in found]
    return [
        Audit(section, [one for one in found if one.answer.section == section], len(adversaries_of(section)), thorough)
        for section in sections
    ]


def never_ends(report: Report) -> bool:
    """Whether a check of the solution runs out of time once it has called it."""
    return any(check.status is Status.TIMED_OUT for check in report.checks)


def _findings(
    service: Service, answers: Sequence[Answer], progress: Progress | None, long_checks: bool = True
) -> list[Finding]:
    reports = service.grade([task_of(answer, long_checks) for answer in answers], progress)
    return [judged(answer, report) for answer, report in zip(answers, reports, strict=True)]


# -- answers


def answers_of(course: Course, section: Section, thorough: bool = True) -> Iterator[Answer]:
    """All answers to grade for a section; with a part of the adversaries, unless it is to be `thorough`."""
    yield from written_answers(course, section, section.exercise.read_bytes())
    adversaries = adversaries_of(section)
    for adversary in adversaries if thorough else part_of(adversaries):
        yield Answer("adversary", section, adversary.name, adversary.source, adversary.exercise)


def written_answers(course: Course, section: Section, stub: bytes) -> Iterator[Answer]:
    """The answers that an author writes, and the stub."""
    yield Answer("solution", section, "solution", section.solution.read_bytes())
    yield Answer("stub", section, "stub", stub)
    for path in variants_of(course, section):
        yield Answer("variant", section, path.stem, path.read_bytes())
    for one in mistakes_of(section):
        yield Answer("mistake", section, one.slug, one.source.encode(), one.exercise, one.place)


def variants_of(course: Course, section: Section) -> list[Path]:
    """The files of right answers in other styles."""
    return sorted((course.root / "tests" / "variants" / section.stem).glob("*.py"))


def submission_of(answer: Answer) -> Submission:
    """An answer as a student would hand it in."""
    name = f"{answer.section.stem}.py"
    return Submission(name, Path(name), answer.source)


def task_of(answer: Answer, long_checks: bool = True) -> Task:
    """The grading of an answer, perhaps without long checks."""
    return Task(answer.section, submission_of(answer), _selection(answer, long_checks))


def _selection(answer: Answer, long_checks: bool) -> Selection:
    """The exercises to grade: all, with predictions, of the solution and the stub; most others without long exercises.

    Of a mistake: its own exercise, perhaps without long checks, and the exercises that it must not affect.
    """
    long = {check.exercise for check in answer.section.check_list if check.call_cpu_seconds >= LONG_CALL_SECONDS}
    exercises = [name for name in answer.section.functions if name not in long]
    if answer.kind in ("solution", "stub"):
        return Selection()
    if answer.kind == "adversary":
        exercises = [answer.exercise]
    elif answer.kind == "mistake":
        others = reached(answer.section, answer.exercise) - dependents(answer.section, answer.exercise) - long
        exercises = [name for name in answer.section.functions if name in others or name == answer.exercise]
    # The other functions are the solution's, which is graded itself: they pass.
    alone = answer.kind in ("mistake", "adversary")
    keyword = None if long_checks else _without_long_checks(answer)
    return Selection(tuple(exercises), keyword, alone=alone, diagnosed=answer.kind != "adversary")


def _without_long_checks(answer: Answer) -> str | None:
    """A pytest `-k` that leaves the long checks of a mistake's exercise out; None if it has none, or no others."""
    if answer.kind != "mistake":
        return None
    mine = [
        one for one in answer.section.check_list if one.exercise == answer.exercise and one.origin is Origin.WRITTEN
    ]
    long = [one.id for one in mine if one.call_cpu_seconds >= LONG_CALL_SECONDS]
    return " and ".join(f"not test_{name}" for name in long) if 0 < len(long) < len(mine) else None


# -- findings


def judged(answer: Answer, report: Report) -> Finding:
    """Compare the Report of an answer, or of some of its exercises, with the expected one."""
    lost = [check for check in report.checks if check.status is not Status.PASSED]
    unjudged = {check.message: check for check in reversed(lost) if check.status is Status.GRADER_ERROR}
    errors = [f"cannot be judged at {check.id}: {why}" for why, check in reversed(unjudged.items())]  # each once
    if answer.kind == "mistake":
        return _judged_mistake(answer, report, lost, errors)
    if answer.kind in ("solution", "variant"):
        lost = [check for check in lost if check.status is not Status.BLOCKED] or lost  # by one of the others
        problems = [
            f"loses {_points(check.max_points - check.points)} at {check.id}"
            + (
                f": {check.raised_in_check}"
                if check.raised_in_check
                else f" ({_place_of(answer.section, check.id)}): {check.message}"
            )
            for check in lost
            if check.status is not Status.GRADER_ERROR
        ]
        problems += wrong_examples(answer.section) if answer.kind == "solution" else []
    elif answer.kind == "stub":
        started = [check for check in report.checks if check.status is not Status.NOT_STARTED]
        problems = [f"{check.id} is {check.status.value}, not not_started" for check in started]
    else:
        earned = [check for check in report.checks if check.points]
        problems = [
            f"earns {_points(check.points)} at {check.id} ({_place_of(answer.section, check.id)})" for check in earned
        ]
    return Finding(answer, report, problems=(*problems, *errors))


def _points(number: float) -> str:
    return "1 point" if number == 1 else f"{number:g} points"


def _place_of(section: Section, check: str) -> str:
    """File and line of a check; only the file of a generated one."""
    at = re.search(rf"^def test_{check}\b", text := section.checks.read_text(encoding="utf-8"), re.MULTILINE)
    return section.checks.name + (f", line {text[: at.start()].count(chr(10)) + 1}" if at else "")


def losses(section: Section, report: Report) -> list[str]:
    """A line for each point that the solution loses, in the Report of its grading, and for each wrong example in it."""
    found = []
    for check in report.checks:
        if check.status is not Status.PASSED:
            place = section.checks.with_name(_place_of(section, check.id).replace(", line ", ":"))
            lost = f"{check.max_points - check.points:g} of {_points(check.max_points)} at {check.id}"
            why = one_line(check.raised_in_check or check.message) or check.status.value
            found.append(f"{place}: the solution loses {lost}: {why}")
    return [*found, *wrong_examples(section)]


def _judged_mistake(answer: Answer, report: Report, lost: Sequence[CheckResult], problems: list[str]) -> Finding:
    mine = [check for check in lost if check.exercise == answer.exercise]
    killers = tuple(check.id for check in mine if check.status in WRONG)
    diagnosis = next((check.diagnosis.mistake for check in mine if check.diagnosis), "")
    if not killers:
        problems.append("survives: no check fails it")
    ran = [check for check in report.checks if check.exercise == answer.exercise and check.status is not Status.BLOCKED]
    if killers and all(check.raised == "TypeError" for check in ran if check.status in WRONG or check.points):
        problems.append("cannot work: every call raises TypeError, which says nothing about the checks")
    if diagnosis and diagnosis != answer.name and not needs_no_list(diagnosis):
        problems.append(f"gets the diagnosis of another mistake: {diagnosis}")
    # Besides its own exercise, only exercises that do not depend on it were graded.
    unrelated = {check.exercise for check in lost} - {answer.exercise}
    problems += [f"costs points in {exercise}, which does not depend on it" for exercise in sorted(unrelated)]
    if any(check.raised == "NameError" for check in mine):
        problems.append("is not an implementation: it raises NameError")
    judged = [check for check in mine if check.status is not Status.GRADER_ERROR]  # of the others, `problems` tell
    stumbles = tuple(  # a program may well raise what an answer causes
        f"{check.id}: {check.raised_in_check}" for check in judged if check.raised_in_check and not check.raised
    )
    return Finding(answer, report, killers, diagnosis, tuple(problems), stumbles)
