"""The same in a student kit, which has no mistakes: the submission answers calls that were recorded when the kit was released."""

from collections.abc import Sequence
from functools import cached_property

from grader.diagnosis.behaviour import Probe, probe_of
from grader.diagnosis.evidence import Case, all_return, tells_enough, where_unbroken
from grader.diagnosis.failing_exercise import FailingExercise
from grader.diagnosis.hints import ALTERED
from grader.diagnosis.known_results import Answered, StoredExercise, StoredMistake, graphs_of, known_results
from grader.diagnosis.replay import CallResult, answered
from grader.diagnosis.rounded_digests import digests_of, digests_of_features
from grader.grading.report import CheckResult, Diagnosis
from grader.sandbox.calls.transcript import KEPT_FIRST, Exchange


class FailingKitExercise(FailingExercise):
    """One failing exercise in a student kit: the submission answers recorded calls (`grader.diagnosis.recording`)."""

    @cached_property
    def _known(self) -> StoredExercise:
        return known_results(self._run.section).of(self._exercise)

    @cached_property
    def _answers(self) -> list[CallResult | None]:
        """The answers of the submission to the recorded calls."""
        if not self._known.calls:
            return []
        exchanges, found = [call.exchange for call in self._known.calls], {}
        with self._trial() as trial:
            for place in range(0, len(exchanges), KEPT_FIRST):  # as many as are kept of a conversation
                few = exchanges[place : place + KEPT_FIRST]
                asked = trial.student.ask(few)
                found.update({exchange.key: answered(exchange) for exchange in asked})
                if len(asked) < len(few):  # it may have ended
                    break
        return [found.get(call.exchange.key) for call in self._known.calls]

    @cached_property
    def _cases(self) -> dict[str, list[Case]]:
        cases: dict[str, list[Case]] = {}
        for call, got in zip(self._known.calls, self._answers, strict=True):
            if got is not None:
                case = Case(call.exchange, got, call.expected, self._run.solution, self._roles)
                cases.setdefault(call.check, []).append(case)
        return cases

    def diagnose(self, failed: Sequence[CheckResult]) -> dict[str, Diagnosis]:
        """As of any exercise; nothing if the kit knows nothing of this one."""
        probe = probe_of(self._run.section, self._exercise)
        for check in failed:
            mistake = self._probed(probe) if probe is not None else self._named(check.id)
            if mistake is not None:
                return {check.id: Diagnosis(mistake.slug, mistake.message)}
        return {failed[0].id: self._found} if self._found is not None else self._shown(failed)

    @cached_property
    def _seen(self) -> list[Answered | None]:
        pairs = zip(self._known.calls, self._answers, strict=True)
        return [
            None if got is None else Answered(digests_of(got, call.exchange.single), graphs_of(got))
            for call, got in pairs
        ]

    def _named(self, name: str) -> StoredMistake | None:
        unbroken = {case.exchange.key for case in where_unbroken(self._evidence(name))}
        places = {place for place, call in enumerate(self._known.calls) if call.exchange.key in unbroken}
        return self._known.named(name, self._seen) or self._known.named(name, self._seen, places)

    def _probed(self, probe: Probe) -> StoredMistake | None:
        seen = self._probed_submission(probe) if self._known.mistakes else None
        return None if seen is None else self._known.named_by_behaviour(digests_of_features(seen))

    def _altered(self, evidence: Sequence[Case]) -> Diagnosis | None:
        usable = [case for case in evidence if not case.expected.raised]
        found = self._known.altered_like(self._seen) if all_return(usable) and tells_enough(usable) else None
        return None if found is None else Diagnosis(f"{ALTERED}_{found.slug}", found.message)

    def _is_random(self, exchange: Exchange) -> bool:
        return False  # such calls are not recorded
