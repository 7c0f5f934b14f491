"""For each check and diagnosis: does the next attempt of a student pass?

An author reads from it which messages are enough to repair the code, and which are not.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from grader.grading.report import WRONG, CheckResult, Report, Status

_REPAIRED = (Status.PASSED,)
_UNKNOWN = (Status.GRADER_ERROR, Status.BLOCKED)  # the next attempt does not say


@dataclass(frozen=True)
class NextTry:
    """The message of a check, without a diagnosis if `mistake` is "": how often a next attempt passed the check, of how many."""

    check: str
    exercise: str
    title: str
    mistake: str
    passed: int
    tries: int

    @property
    def rate(self) -> float:
        """The share of next attempts that pass."""
        return self.passed / self.tries


@dataclass
class NextTries:
    """Counts over the attempts of a section. An exercise that has not changed its result is a try, too."""

    _titles: dict[str, CheckResult] = field(default_factory=dict)
    _counts: dict[tuple[str, str], list[int]] = field(default_factory=dict)  # by check and mistake: passed, tries

    def add(self, attempts: Iterable[Report]) -> None:
        """Count the attempts of one student, in their order."""
        for before, after in pairwise(attempts):
            later = {check.id: check for check in after.checks}
            for check, mistake in _messages(before):
                following = later.get(check.id)
                if following is None or following.status in _UNKNOWN:
                    continue
                self._titles.setdefault(check.id, check)
                count = self._counts.setdefault((check.id, mistake), [0, 0])
                count[0] += following.status in _REPAIRED
                count[1] += 1

    def found(self) -> list[NextTry]:
        """The messages, the least helpful first: by the share that pass, then by how many tries there are."""
        rows = [
            NextTry(check, self._titles[check].exercise, self._titles[check].title, mistake, *counts)
            for (check, mistake), counts in self._counts.items()
        ]
        return sorted(rows, key=lambda row: (row.rate, -row.tries, row.check, row.mistake))


def _messages(report: Report) -> Iterator[tuple[CheckResult, str]]:
    """The first failing check of each exercise, whose message a student reads first, and the mistake that it names."""
    for exercise in report.exercises:
        failing = next((check for check in exercise.checks if check.status in WRONG), None)
        if failing is not None:
            named = next((check.diagnosis.mistake for check in exercise.checks if check.diagnosis), "")
            yield failing, named
