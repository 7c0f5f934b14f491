"""One pass of `grade author`: the solution, its stub, the variants and the mistakes of a section, exercise by exercise.

A result is kept under a digest of all its sources, so that the next pass grades only after a change.
"""

import ast
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec

from grader.audit.audit import Answer, Audit, Finding, judged, submission_of, written_answers
from grader.check_files.check_outline import CheckOutline, Origin
from grader.course import Course
from grader.diagnosis.known_mistakes import mistakes_of
from grader.grading.reach import met_by_checks, needed_by_checks
from grader.grading.report import CheckResult, Report, Status
from grader.grading.request import Selection, Task
from grader.predictions import EXERCISE
from grader.sandbox.analysis import digests
from grader.section import Section

_UNREAD = ("figures.py", "play.py", "predictions.py", "hints.toml")  # files of a room that no grading reads
_Grade = Callable[[Sequence[Task]], list[Report]]


class Memory(msgspec.Struct):
    """The Reports of earlier passes, each of one exercise of one answer, by the digest of what they depend on."""

    reports: dict[str, Report] = {}
    pictures: str = ""  # the digest of the files of pictures and predictions in which nothing is wrong

    @classmethod
    def read(cls, path: Path | None) -> "Memory":
        if path is None or not path.is_file():
            return cls()
        return msgspec.msgpack.decode(path.read_bytes(), type=cls)

    def write(self, path: Path) -> None:
        path.write_bytes(msgspec.msgpack.encode(self))


@dataclass(frozen=True)
class AuthorPass:
    """The findings about all answers, and those answers of which something was graded in this pass."""

    audit: Audit
    fresh: tuple[Answer, ...]


def pass_over(
    course: Course, section: Section, stub: str, memory: Memory, grade: _Grade, left_out: Collection[str] = ()
) -> AuthorPass:
    """Try all answers but adversaries. `grade` is called once at most, for what the memory lacks, and the memory is renewed.

    Checks that are `left_out`, by their ids, are not tried, and count for nothing.
    """
    inputs = _Inputs(course, section)
    keys = {
        answer: {exercise: inputs.key(answer, exercise) for exercise in _exercises(answer)}
        for answer in written_answers(course, section, stub.encode())
    }
    lacking = {
        answer: tuple(exercise for exercise, key in wanted.items() if key not in memory.reports)
        for answer, wanted in keys.items()
    }
    lacking = {answer: exercises for answer, exercises in lacking.items() if exercises}
    known = [_as_passed(check) for check in section.check_list if check.id in left_out]
    tasks = [Task(section, submission_of(answer), _selection(answer, some, known)) for answer, some in lacking.items()]
    graded = dict(zip(lacking, grade(tasks) if tasks else [], strict=True))
    kept: dict[str, Report] = {}
    findings: list[Finding] = []
    for answer, wanted in keys.items():
        found = [_part(answer, exercise, key, memory, graded) for exercise, key in wanted.items()]
        kept |= {key: report for key, report in zip(wanted.values(), found, strict=True) if _can_be_kept(report)}
        if found:
            tried = [check for report in found for check in report.checks if check.id not in left_out]
            whole = found[0].with_checks(tried)
            findings.append(judged(answer, whole))
    memory.reports = kept
    return AuthorPass(Audit(section, findings), tuple(lacking))


def _part(answer: Answer, exercise: str, key: str, memory: Memory, graded: Mapping[Answer, Report]) -> Report:
    """The Report of one exercise."""
    if key in memory.reports:
        return memory.reports[key]
    report = graded[answer]
    return report.with_checks([check for check in report.checks if check.exercise == exercise])


def _can_be_kept(report: Report) -> bool:
    """Not an error of the grader, or of a check, whose line may move."""
    return not any(check.raised_in_check or check.status is Status.GRADER_ERROR for check in report.checks)


def _exercises(answer: Answer) -> tuple[str, ...]:
    if answer.kind == "mistake":
        return (answer.exercise,)
    return answer.section.functions if answer.kind == "variant" else answer.section.exercises


def _selection(answer: Answer, exercises: tuple[str, ...], known: Sequence[CheckResult]) -> Selection:
    return Selection(exercises, alone=True, diagnosed=answer.kind == "mistake", known=tuple(known))


def _as_passed(check: CheckOutline) -> CheckResult:
    """A result that keeps a check from running, and blocks none that needs it."""
    return CheckResult(check.id, check.exercise, check.title, Status.PASSED, check.points, check.points)


class _Inputs:
    """Digests of the sources of an exercise's results."""

    def __init__(self, course: Course, section: Section) -> None:
        self._course = course
        self._section = section
        self._tree = ast.parse(section.checks.read_text(encoding="utf-8"))
        self._digests: dict[bytes, dict[str, str]] = {}

    def key(self, answer: Answer, exercise: str) -> str:
        """The digest for an exercise of an answer."""
        parts: dict[str, object] = {
            "kind": answer.kind,
            "name": answer.name,
            "exercise": exercise,
            "common": self._common,
        }
        if exercise == EXERCISE:
            return digests.of_values(parts | {"answer": answer.source})
        parts |= {"checks": self._checks(exercise), "answer": self._reach(answer.source, exercise)}
        parts |= {"reference": self._reach(self._section.solution.read_bytes(), exercise)}
        if answer.kind == "mistake":  # it is compared with the others
            same = [one for one in mistakes_of(self._section) if one.exercise == exercise]
            parts["mistakes"] = [(one.slug, one.message, self._reach(one.source.encode(), exercise)) for one in same]
        return digests.of_values(parts)

    @cached_property
    def _common(self) -> str:
        """Modules that checks may import, the settings, and what stands between the checks."""
        room = [path for path in self._section.room.rglob("*") if path.suffix in (".py", ".toml")]
        room = [path for path in room if path.name not in _UNREAD and path not in self._section.mistakes]
        shared = (self._course.checks / "shared").rglob("*.py")
        paths = sorted({*room, *shared, self._course.root / "course.toml"} - {self._section.checks})
        root = self._course.root
        texts: dict[str, object] = {
            path.relative_to(root).as_posix(): path.read_bytes() for path in paths if path.is_file()
        }
        names = self._named(check.exercise for check in self._section.check_list)
        return digests.of_values(texts | {"rest": self._code(lambda name: name not in names)})

    def _checks(self, exercise: str) -> str:
        """The checks of an exercise, and of those that it needs."""
        names = self._named(needed_by_checks(self._section, exercise))
        return self._code(names.__contains__)

    def _named(self, exercises: "Iterator[str] | frozenset[str]") -> frozenset[str]:
        wanted = frozenset(exercises)
        written = [check for check in self._section.check_list if check.origin is Origin.WRITTEN]
        return frozenset(f"test_{check.id}" for check in written if check.exercise in wanted)

    def _code(self, wanted: Callable[[str], bool]) -> str:
        return "\n".join(ast.unparse(node) for node in self._tree.body if wanted(getattr(node, "name", "")))

    def _reach(self, source: bytes, exercise: str) -> list[str]:
        """The parts of an answer that an exercise's checks can reach, and their first lines, which messages quote."""
        if source not in self._digests:
            self._digests[source] = _definitions(source)
        names = sorted(met_by_checks(self._section, exercise))
        return [self._digests[source].get(name, "") for name in names]


def _definitions(source: bytes) -> dict[str, str]:
    """A digest of each definition with its line; of a file that is not Python, nothing."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return {}
    lines = {getattr(node, "name", ""): node.lineno for node in tree.body}
    return {name: f"{digest} {lines.get(name)}" for name, digest in digests.read(tree).items()}
