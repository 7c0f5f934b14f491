"""A grading may take several processes: the results so far, and the work that remains."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.grading.report import WRONG, CheckResult, Status

_RETRIES = 5  # of a grading: on a broken machine not every check waits for another zygote


@dataclass(frozen=True)
class Settled:
    """Results that a run does not compute again."""

    known: tuple[CheckResult, ...] = ()
    tried: frozenset[str] = frozenset()  # checks that were given up before: what they come to now is final
    over: str = ""  # why no other check is tried
    stopped: bool = False  # no other check was asked for
    diagnosed: bool = True  # whether failed checks are looked at
    failed: tuple[CheckResult, ...] = ()  # checks that failed, and are run again for their calls alone

    def upheld(self, result: CheckResult) -> CheckResult:
        """The result that holds: a check that failed before does not pass because it is run again."""
        before = next((one for one in self.failed if one.id == result.id), None)
        if before is None or (result.status in WRONG and result.points <= before.points):
            return result
        return before

    def tries_again(self, result: CheckResult, before: Iterable[CheckResult]) -> bool:
        """Whether to retry a check after a grader error. The same error as of an earlier check is not retried."""
        if result.id in self.tried or len(self.tried) >= _RETRIES:
            return False
        return all(one.status is not Status.GRADER_ERROR or one.message != result.message for one in before)


class Retries:
    """Gathers the results of a grading, whichever process they come from."""

    def __init__(self) -> None:
        self._found: dict[str, CheckResult] = {}  # by id, of the present run and those before
        self._settled: dict[str, CheckResult] = {}  # what ended a process, and is not tried again
        self._failed: dict[str, CheckResult] = {}  # in any run
        self._tried: set[str] = set()
        self.over = ""
        self.stopped = False
        self.diagnosed = True

    def found(self, result: CheckResult) -> None:
        """A check is over."""
        self._found[result.id] = result

    def gave_up(self, result: CheckResult) -> None:
        """Note that a run stopped after a check: after a grader error, or since the response left no memory."""
        if result.status is Status.GRADER_ERROR:
            self._tried.add(result.id)
            self._found.pop(result.id, None)
        else:
            self.settle(result)

    def settle(self, result: CheckResult) -> None:
        """Handle a check that has ended its process."""
        is_ours = result.status is Status.GRADER_ERROR
        self._settled[result.id] = self._failed.get(result.id, result) if is_ours else result

    def started_over(self) -> "Retries":
        """The retries of a grading that begins once more, since the machine had no time for it: failures stand."""
        other = Retries()
        other._failed = self._failed | {one.id: one for one in self._found.values() if one.status in WRONG}
        return other

    def tries_again(self, result: CheckResult) -> bool:
        """Whether a check that ended its process, by no fault of the submission, is tried once more."""
        found: Sequence[CheckResult] = list(self._found.values())
        return Settled(tried=frozenset(self._tried)).tries_again(result, found)

    def settled(self) -> Settled:
        """Results that the next run does not compute again.

        Checks of an exercise that has failed are run again: their calls are lost, and a diagnosis needs them. The failures stand.
        """
        others = [one for one in self._found.values() if one.id not in self._settled]
        failing = {one.exercise for one in others if one.status is Status.FAILED and self.diagnosed}
        known = (*self._settled.values(), *(one for one in others if one.exercise not in failing))
        self._failed |= {one.id: one for one in others if one.status in WRONG}
        self._found = {one.id: one for one in known}
        failed = tuple(self._failed.values())
        return Settled(known, frozenset(self._tried), self.over, self.stopped, self.diagnosed, failed)
