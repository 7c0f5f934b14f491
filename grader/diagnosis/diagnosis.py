"""Find the mistake behind a wrong answer: compare the submission's answers with those of each known mistake.

Nothing is asked twice: a check's calls and answers were kept (`grader.sandbox.calls.transcript`), and the mistakes of the
exercise are given the same arguments here. Functions whose answers are random are asked by a probe instead
(`grader.toolkit.probes`), in a fresh worker. A mistake is named only when it alone agrees everywhere; else what the numbers
show by themselves is (`grader.diagnosis.structure`). A wrong diagnosis is worse than none.
"""

import inspect
import os
import warnings
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import cached_property
from types import ModuleType
from typing import Any

import msgspec

from grader.course_modules import module_of
from grader.diagnosis.alterations import altered_like
from grader.diagnosis.behaviour import Behaviour, Features, Probe, behaviour_of, finding_of, probe_of
from grader.diagnosis.evidence import Case, all_return, tells_enough, where_unbroken
from grader.diagnosis.hints import ALTERED
from grader.diagnosis.known_results import Answered, StoredExercise, StoredMistake, graphs_of, known_results
from grader.diagnosis.mistakes import Mistake, mistakes_of
from grader.diagnosis.replay import CallResult, agree, answered, inputs_of, replayed
from grader.diagnosis.rounded_digests import digests_of, digests_of_features
from grader.diagnosis.structure import lost_result, place_of, structure_of, unsteady
from grader.grading.report import CheckResult, Diagnosis, Status
from grader.grading.section_run import SectionRun
from grader.sandbox.calls.sandboxed_submission import SandboxedSubmission, Trial
from grader.sandbox.calls.student import Contract
from grader.sandbox.calls.transcript import KEPT_FIRST, Exchange
from grader.sandbox.limits.limits import MIB
from grader.toolkit.roles import NO_ROLES, ArgumentRoles
from grader.toolkit.verdicts import EndedError, GraderFaultError

FURTHER_INPUTS = {Status.FAILED: 12, Status.BLOCKED: 4}  # per check that stopped early, or never ran
LONG_CALL_SECONDS = 15
_IN_CHECK = "Each wrong answer that this check sees is that of a known mistake: "


def diagnose(run: SectionRun, checks: Sequence[CheckResult]) -> list[CheckResult]:
    """Return the results with a diagnosis for each exercise that has one, at the first failed check that it explains."""
    functions = run.section.functions  # no prediction is a mistake
    failed = [check for check in checks if check.status is Status.FAILED and check.exercise in functions]
    if not failed or not isinstance(run.submission, SandboxedSubmission):
        return list(checks)
    kind = _Exercise if run.section.solution.is_file() else _KitExercise
    found: dict[str, Diagnosis] = {}
    for exercise in dict.fromkeys(check.exercise for check in failed):
        mine = [check for check in failed if check.exercise == exercise]
        try:
            if run.builds_on_errors(exercise):
                continue  # it may be wrong only in what it builds on
            with warnings.catch_warnings(action="ignore"):  # of known mistakes, not of the student's
                found.update(kind(run, exercise).diagnose(mine))
        except (Exception, EndedError, GraderFaultError):  # a diagnosis that fails never costs a grade
            if os.environ.get("GRADE_DEBUG"):
                raise
    return [msgspec.structs.replace(check, diagnosis=found.get(check.id)) for check in checks]


class _Exercise:
    """One failing exercise."""

    def __init__(self, run: SectionRun, exercise: str) -> None:
        self._run = run
        self._exercise = exercise
        self._mistakes = [one for one in mistakes_of(run.section) if one.exercise == exercise]
        self._marks = {name: mark for name, mark in run.marks.items() if mark.exercise == exercise}
        # What a feature shows by itself, after a probe.
        self._found: Diagnosis | None = None
        # What came when a call was made twice in a fresh worker, by its key.
        self._twice: dict[Any, list[CallResult | None]] = {}

    @cached_property
    def _roles(self) -> ArgumentRoles:
        """The meanings of arguments in this course."""
        return getattr(module_of(self._run.section.root, "shared.arguments"), "ROLES", NO_ROLES)

    @cached_property
    def _cases(self) -> dict[str, list[Case]]:
        """The exercise's calls by check."""
        transcripts = self._run.transcripts
        return {name: self._cases_of(transcripts[name]) for name in self._marks if name in transcripts}

    def _ask_more(self, failed: Sequence[CheckResult]) -> None:
        """Ask what the checks would have asked, had they not stopped: more than one mistake fits a small example.

        A worker is first asked what `_unsteady` will want to know of a fresh one, which spares it another.
        """
        known = {case.exchange.key for cases in self._cases.values() for case in cases}
        with ExitStack() as stack:
            trial: Trial | None = None
            for name, result in self._run.results.items():
                limit = FURTHER_INPUTS.get(result.status, 0) if result.exercise == self._exercise else 0
                if (self._run.marks[name].call_cpu_seconds or 0) > LONG_CALL_SECONDS:
                    continue  # a training is not repeated for a diagnosis
                inputs = inputs_of(self._run.functions[name], self._run.contract, limit) if limit else []
                new = {exchange.key: exchange for exchange in inputs if exchange.key not in known}
                if not new:
                    continue
                trial = trial or stack.enter_context(self._trial())
                wrong = self._first_wrong(self._evidence(failed[0].id))
                if not self._twice and wrong is not None and not self._is_answered_twice(wrong, trial):
                    stack.close()
                    trial = stack.enter_context(self._trial())
                answers = trial.student.ask(list(new.values()))
                self._cases.setdefault(name, []).extend(self._cases_of(answers))
                known |= new.keys()
                if len(answers) < len(new):  # it may have ended: the next check's questions go to another
                    stack.close()
                    trial = None

    def _trial(self) -> AbstractContextManager[Trial]:
        """A fresh worker, of which nothing is expected, with as much as any check of the exercise gives."""
        seconds = max(mark.call_cpu_seconds or 0 for mark in self._marks.values()) or None
        scratch_mib = max(mark.scratch_mib for mark in self._marks.values())
        free = Contract(ModuleType("nothing is expected"))
        return self._run.submission.trial(free, self._exercise, seconds, scratch_mib * MIB)

    def _cases_of(self, transcript: Iterable[Exchange]) -> list[Case]:
        about = [one for one in transcript if self._is_about(one)]
        pairs = [(exchange, answered(exchange)) for exchange in about]
        solution = self._run.solution
        return [Case(one, got, replayed(one, solution), solution, self._roles) for one, got in pairs if got is not None]

    def _is_about(self, exchange: Exchange) -> bool:
        return exchange.request is not None and (bool(exchange.program) or exchange.name == self._exercise)

    def diagnose(self, failed: Sequence[CheckResult]) -> dict[str, Diagnosis]:
        """The one diagnosis of the exercise, by the id of the check that it belongs to."""
        probe = probe_of(self._run.section, self._exercise)
        if probe is not None:
            mistake = self._alone(self._mistakes_like_probed(probe))
            found = self._found if mistake is None else Diagnosis(mistake.slug, mistake.message)
            if found is not None:
                return {failed[0].id: found}
        self._ask_more(failed)
        if probe is None:
            for check in failed:
                evidence = self._evidence(check.id)
                mistake = self._alone(self._mistakes_like(evidence) or self._mistakes_like(where_unbroken(evidence)))
                if mistake is not None:
                    return {check.id: Diagnosis(mistake.slug, mistake.message)}
        return self._shown(failed)

    def _shown(self, failed: Sequence[CheckResult]) -> dict[str, Diagnosis]:
        """The pattern that the numbers show by themselves."""
        for check in failed:
            shown = self._unsteady(self._evidence(check.id)) or structure_of(self._evidence(check.id))
            if shown is not None:
                return {check.id: shown}
        evidence = self._evidence(failed[0].id)  # what these look at is the same for all checks
        found = self._altered(evidence) or self._like_in_check(failed[0].id) or place_of(evidence)
        if found is not None:
            return {failed[0].id: found}
        lost = lost_result(self._idle())
        return {failed[0].id: lost} if lost is not None else {}

    def _like_in_check(self, name: str) -> Diagnosis | None:
        """The one mistake whose answers these are wherever the first failed check sees wrong ones; elsewhere they may differ."""
        wrong = [case for case in self._cases.get(name, ()) if case.wrong and not case.expected.raised]
        mistake = self._alone(self._mistakes_like(wrong)) if tells_enough(wrong) else None
        return Diagnosis(mistake.slug, f"{_IN_CHECK}{mistake.message}") if mistake is not None else None

    def _altered(self, evidence: Sequence[Case]) -> Diagnosis | None:
        """Whether the solution does the same after one small change."""
        return altered_like(self._run.section, self._exercise, self._run.solution, evidence)

    def _idle(self) -> list[tuple[int, str]]:
        """The lines of the exercise, then of its helpers, that compute something and lose it."""
        outline = self._run.submission.outline
        others = outline.reach.get(self._exercise, frozenset()) - {*self._run.section.functions}
        found = [outline.idle.get(name, []) for name in (self._exercise, *sorted(others))]
        return [] if self._run.is_notebook else [line for lines in found for line in lines]

    def _unsteady(self, evidence: Sequence[Case]) -> Diagnosis | None:
        """Whether the same call returns different results in one worker, but not in the reference.

        A call that uses a function of the check tells nothing: that function may remember its calls.
        """
        exchange = self._first_wrong(evidence)
        if exchange is None or exchange.callbacks or self._is_random(exchange):
            return None
        if exchange.key not in self._twice:
            with self._trial() as trial:
                self._is_answered_twice(exchange, trial)
        outcomes = self._twice[exchange.key]
        if len(outcomes) < 2 or outcomes[0] is None or outcomes[1] is None or agree(outcomes[0], outcomes[1]):
            return None
        return unsteady("generator" in inspect.signature(getattr(self._run.solution, self._exercise)).parameters)

    def _is_random(self, exchange: Exchange) -> bool:
        """Whether the reference itself gives different results."""
        one, other = (replayed(exchange, self._run.solution, seed) for seed in (0, 1))
        return not agree(one, other)

    def _is_answered_twice(self, exchange: Exchange, trial: Trial) -> bool:
        """Ask the same twice, and keep what comes. Whether the worker is still there."""
        outcomes = [answered(one) for one in trial.student.ask([exchange, exchange])]
        self._twice[exchange.key] = outcomes
        return len(outcomes) == 2

    @staticmethod
    def _first_wrong(evidence: Sequence[Case]) -> Exchange | None:
        return next((case.exchange for case in evidence if case.wrong), None)

    @staticmethod
    def _alone(mistakes: Iterable[Mistake]) -> Mistake | None:
        found = list(mistakes)
        return found[0] if len(found) == 1 else None

    def _evidence(self, name: str) -> list[Case]:
        """The check's own calls, and those of the exercise's other checks where the reference returns a value.

        Whether bad arguments are refused is another question than whether good ones give the right value: a submission
        may well get both wrong.
        """
        others = [case for other, cases in self._cases.items() if other != name for case in cases]
        return self._cases.get(name, []) + [case for case in others if not case.expected.raised]

    def _mistakes_like(self, evidence: Sequence[Case]) -> list[Mistake]:
        graphs = not any(case.wrong for case in evidence)
        if graphs and not any(case.graph_differs for case in evidence):
            return []  # the returned values do not show the failure
        ordered = sorted(evidence, key=lambda case: not case.wrong)  # a mistake that does not fit is soon out
        return [one for one in self._mistakes if all(self._fits(one, case, graphs) for case in ordered)]

    @staticmethod
    def _fits(mistake: Mistake, case: Case, graphs: bool) -> bool:
        return agree(replayed(case.exchange, mistake.module), case.got, case.exchange.single, graphs)

    def _mistakes_like_probed(self, probe: Probe) -> Iterable[Mistake]:
        seen = self._probed_submission(probe)
        if seen is None or behaviour_of(probe, self._run.solution).is_that_of(seen):
            return
        for mistake in self._mistakes:
            if behaviour_of(probe, mistake.module).is_that_of(seen):
                yield mistake

    def _probed_submission(self, probe: Probe) -> list[Features] | None:
        """The features that a probe finds in the submission; None if its answers make no sense."""
        behaviour: Behaviour | None = None
        try:
            with self._trial() as trial:
                behaviour = Behaviour(probe, trial.student)
                return list(behaviour)
        except (Exception, EndedError, GraderFaultError):
            return None
        finally:
            if behaviour is not None:
                self._found = finding_of(self._run.section, self._exercise, behaviour.found)


class _KitExercise(_Exercise):
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
