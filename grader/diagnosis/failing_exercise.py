"""Find the mistake behind a wrong answer: compare the submission's answers with those of each known mistake.

Nothing is asked twice: a check's calls and answers were kept (`grader.sandbox.calls.transcript`), and the mistakes of the
exercise are given the same arguments here. Functions whose answers are random are asked by a probe instead
(`grader.toolkit.probes`), in a fresh worker. A mistake is named when it alone agrees everywhere; else what the numbers show by
themselves is (`grader.diagnosis.structure`), or a mistake that agrees nearly everywhere, and this is said. A wrong diagnosis is
worse than none.
"""

import inspect
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import cached_property
from types import ModuleType
from typing import Any

from grader.course_modules import module_of
from grader.diagnosis.alterations import altered_like
from grader.diagnosis.behaviour import Behaviour, Features, Probe, behaviour_of, finding_of, probe_of
from grader.diagnosis.evidence import Case, tells_enough, where_unbroken
from grader.diagnosis.known_mistakes import Mistake, mistakes_of
from grader.diagnosis.replay import CallResult, agree, answered, inputs_of, replayed
from grader.diagnosis.structure import changed_input_of, lost_result, place_of, structure_of, unsteady
from grader.grading.report import CheckResult, Diagnosis, Status
from grader.grading.section_run import SectionRun
from grader.sandbox.analysis.idle_lines import FIRST, SURE
from grader.sandbox.calls.sandboxed_submission import Trial
from grader.sandbox.calls.student import Contract
from grader.sandbox.calls.transcript import Exchange
from grader.sandbox.limits.limits import MIB
from grader.toolkit.roles import NO_ROLES, ArgumentRoles
from grader.toolkit.verdicts import EndedError, GraderFaultError

FURTHER_INPUTS = {Status.FAILED: 12, Status.BLOCKED: 4}  # per check that stopped early, or never ran
LONG_CALL_SECONDS = 15
_OTHERS = 0.15  # the share of wrong answers that a mistake need not explain
_MOST = "Most of your wrong answers are those of a known mistake: "


class FailingExercise:
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
                if limit and self._is_long(name):
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

    def _is_long(self, check: str) -> bool:
        return (self._marks[check].call_cpu_seconds or 0) > LONG_CALL_SECONDS

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
        if (lost := lost_result([one for one in self._idle() if one[1] in FIRST])) is not None:
            return {failed[0].id: lost}
        probe = probe_of(self._run.section, self._exercise)
        if probe is not None:
            mistake = self._alone(self._mistakes_like_probed(probe))
            if mistake is not None:
                return {failed[0].id: Diagnosis(mistake.slug, mistake.message)}
            if self._found is not None:  # a changed input may be its cause
                return {failed[0].id: changed_input_of(self._evidence(failed[0].id)) or self._found}
        self._ask_more(failed)
        if probe is None:
            for check in failed:
                evidence = self._evidence(check.id)
                mistake = self._alone(self._mistakes_like(evidence) or self._mistakes_like(where_unbroken(evidence)))
                if mistake is not None:
                    return {check.id: Diagnosis(mistake.slug, mistake.message)}
        return self._shown(failed)

    def _shown(self, failed: Sequence[CheckResult]) -> dict[str, Diagnosis]:
        """The pattern that the numbers show by themselves. A line without any effect explains more than they do."""
        if (lost := lost_result([one for one in self._idle() if one[1] in SURE])) is not None:
            return {failed[0].id: lost}
        for check in failed:
            shown = self._unsteady(self._evidence(check.id)) or structure_of(self._evidence(check.id))
            if shown is not None:
                return {check.id: shown}
        evidence = self._evidence(failed[0].id)  # what these look at is the same for all checks
        found = self._altered(evidence) or self._like_most(evidence) or place_of(evidence)
        if found is not None:
            return {failed[0].id: found}
        lost = lost_result(self._idle())
        return {failed[0].id: lost} if lost is not None else {}

    def _like_most(self, evidence: Sequence[Case]) -> Diagnosis | None:
        """The one mistake that gives nearly all of the wrong answers: the others may have another cause, or look elsewhere."""
        trainings = {id(case) for name, cases in self._cases.items() if self._is_long(name) for case in cases}
        wrong = [case for case in evidence if case.wrong and not case.expected.raised and id(case) not in trainings]
        mistake = self._alone(one for one in self._mistakes if self._fits_most(one, wrong))
        return Diagnosis(mistake.slug, f"{_MOST}{mistake.message}") if mistake is not None else None

    def _fits_most(self, mistake: Mistake, wrong: Sequence[Case]) -> bool:
        fitting, left = [], int(len(wrong) * _OTHERS)
        for case in wrong:
            if self._fits(mistake, case, False):
                fitting.append(case)
            elif (left := left - 1) < 0:
                return False
        return tells_enough(fitting)

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
        """The only mistake, or the first of several that say the same."""
        found = list(mistakes)
        return found[0] if len({one.message for one in found}) == 1 else None

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
