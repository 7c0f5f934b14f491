"""Record the answers of the reference, of each mistake and of each alteration of the solution to some calls of the checks.

A student kit has none of these.
"""

import re
import warnings
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain, zip_longest
from types import ModuleType
from typing import Any

from grader.check_files.check_outline import CheckOutline, Origin
from grader.diagnosis.alterations import Alteration, CallBudget, alterations_of
from grader.diagnosis.behaviour import Probe, behaviour_of, probe_of
from grader.diagnosis.changes import FORMULA, RIGHT
from grader.diagnosis.known_mistakes import Mistake, definition_in, mistakes_of
from grader.diagnosis.known_results import (
    Answered,
    KnownResults,
    StoredAlteration,
    StoredCall,
    StoredExercise,
    StoredMistake,
    graphs_of,
    marks_of,
    text_of,
)
from grader.diagnosis.replay import agree, called, inputs_of, replayed
from grader.diagnosis.rounded_digests import digests_of, digests_of_features, one_of
from grader.grading.examples import load_profile
from grader.grading.section_run import contract_of
from grader.sandbox.calls.student import Contract
from grader.sandbox.calls.transcript import Exchange
from grader.section import Section

_CALLS = 48  # of an exercise
_CALLS_OF_A_CHECK = 12  # as many as a diagnosis asks in a course with solutions
_LARGEST = 1 << 12  # bytes of arguments
_TELLING = 40  # characters; two programs may share shorter lines by chance
_LONG_CALL_SECONDS = 10  # a training is not repeated for a diagnosis
_TOLD = 8  # calls that all alterations answer
_FURTHER = 8  # calls that only alterations with answers of their own answer, too
_SAMPLE = 40  # alterations that choose these calls
_LEAST_WRONG = 3  # of the calls
_CALLS_OF_FUNCTIONS = 40_000  # of Python, for one alteration; and for all of an exercise:
_CALLS_TOGETHER = 1_500_000  # some seconds
_CALLS_OF_THE_SAMPLE = 500_000  # with more, few alterations could answer at all
_QUOTED, _WORD = re.compile(r"`([^`]+)`"), re.compile(r"[A-Za-z_]\w*")
# In place of sentences that quote what the solution has and the exercise does not show.
_UNQUOTED = {
    "function_for_another": FORMULA.format("with one function in place of another"),
    "operation_missing": FORMULA.format("without one of its operations") + " Compare each operation with the formula.",
    "option_missing": RIGHT.format("without one option of a call") + " Check the options of your calls.",
}


def record(section: Section, with_alterations: bool = True) -> KnownResults:
    """The knowledge of a section that a kit gets."""
    load_profile()
    contract = contract_of(section)
    with warnings.catch_warnings(action="ignore"):  # mistakes cause some
        return KnownResults({name: _recorded(section, name, contract, with_alterations) for name in section.functions})


def _recorded(section: Section, exercise: str, contract: Contract, with_alterations: bool) -> StoredExercise:
    mistakes = [one for one in mistakes_of(section) if one.exercise == exercise]
    probe = probe_of(section, exercise)
    pairs = _calls(section, exercise, contract)
    results = [replayed(exchange, contract.module) for _, exchange in pairs]
    calls = [StoredCall.of(check, exchange, result) for (check, exchange), result in zip(pairs, results, strict=True)]
    right = [one_of(digests_of(result, call.exchange.single)) for call, result in zip(calls, results, strict=True)]
    right_behaviour = b"" if probe is None else _behaviour(probe, contract)
    if probe is not None:
        stored = [_probed(one, probe) for one in mistakes]
        stored = [one for one in stored if one.behaviour not in (b"", right_behaviour)]
    else:
        stored = [_answering(one, calls) for one in mistakes]
        stored = [one for one in stored if all(one.digests) and calls]
    if not with_alterations:
        return StoredExercise(calls, right, right_behaviour, stored, [], [])
    told, altered = _Alterations(section, exercise, calls, right, contract.module).recorded()
    return StoredExercise(calls, right, right_behaviour, stored, told, altered)


def _calls(section: Section, exercise: str, contract: Contract) -> list[tuple[str, Exchange]]:
    """Calls that the kit's checks of an exercise make, each once: small ones that need no function of the check.

    A function of the check that wraps one which travels, as a log of evaluations does, is kept as the wrapped one.
    They come from the checks in turn, so that each has its share. The reference's answers to them are not random.
    """
    checks = section.module(f"test_{section.id}")
    mine = [check for check in section.check_list if check.exercise == exercise and _is_in_kit(check)]
    rows = []
    for check in mine:
        made = inputs_of(getattr(checks, f"test_{check.id}"), contract, _CALLS_OF_A_CHECK, bare=True)
        about = [one for one in made if one.program or one.name == exercise]
        small = [one for one in about if len(one.blob) <= _LARGEST and not one.callbacks]
        rows.append([(check.id, one) for one in small if _is_certain(one, contract)])
    found: dict[Any, tuple[str, Exchange]] = {}
    for pair in chain.from_iterable(zip_longest(*rows)):
        if pair is not None:
            found.setdefault(pair[1].key, pair)
    return list(found.values())[:_CALLS]


def _is_certain(exchange: Exchange, contract: Contract) -> bool:
    return agree(replayed(exchange, contract.module), replayed(exchange, contract.module, seed=1))


def _is_in_kit(check: CheckOutline) -> bool:
    if check.origin is not Origin.WRITTEN or check.hidden or check.uses_reference:
        return False
    return check.call_cpu_seconds <= _LONG_CALL_SECONDS


def _answering(mistake: Mistake, calls: list[StoredCall]) -> StoredMistake:
    results = [(call, replayed(call.exchange, mistake.module)) for call in calls]
    digests = [one_of(digests_of(result, call.exchange.single)) for call, result in results]
    return StoredMistake(*_words(mistake), digests, [graphs_of(result) for _, result in results])


def _probed(mistake: Mistake, probe: Probe) -> StoredMistake:
    return StoredMistake(*_words(mistake), behaviour=_behaviour(probe, Contract(mistake.module)))


def _behaviour(probe: Probe, contract: Contract) -> bytes:
    """The digest of what a probe finds; empty if it makes nothing of an answer."""
    try:
        return one_of(digests_of_features(list(behaviour_of(probe, contract.module))))
    except Exception:
        return b""


class _Alterations:
    """The alterations of one exercise, by their answers to its most telling calls."""

    def __init__(
        self,
        section: Section,
        exercise: str,
        calls: Sequence[StoredCall],
        right: Sequence[bytes],
        solution: ModuleType,
    ) -> None:
        self._section, self._exercise, self._solution = section, exercise, solution
        self._calls, self._right = calls, right
        self._all = alterations_of(section, exercise)
        self._left = _CALLS_TOGETHER
        shown, whole = (
            _words_in(definition_in(path.read_text(encoding="utf-8"), exercise))
            for path in (section.exercise, section.solution)
        )
        self._hidden = whole - shown

    def recorded(self) -> tuple[list[int], list[StoredAlteration]]:
        """The calls, and the alterations that answer them with values, each in a way of its own.

        Two that answer the most telling calls alike and the others differently are ambiguous. Two that answer all of them alike
        are one function with two sentences: the first of these is true of it.
        """
        told, further = self._most_telling()
        alike: dict[bytes, list[Alteration]] = {}
        for one in self._all if told else ():
            digests = self._answers(one, told)
            wrong = sum(digest != self._right[place] for digest, place in zip(digests, told, strict=False))
            marks = marks_of(digests) if len(digests) == len(told) else b""
            if marks and wrong >= _LEAST_WRONG:
                alike.setdefault(marks, []).append(one)
        found = []
        for marks, ones in alike.items():
            message, rest = self._told(ones[0]), self._answers(ones[0], further)
            more = marks_of(rest) if len(rest) == len(further) else b""
            alone = {one.message for one in ones} == {ones[0].message}
            one_function = alone or all(self._answers(one, further) == rest for one in ones)
            if message and one_function and (more or not further):
                found.append(StoredAlteration(ones[0].slug, message, marks + more))
        return [*told, *further], found

    def _most_telling(self) -> tuple[list[int], list[int]]:
        """The calls that tell most of a sample of the alterations from each other and from the right answer, and others.

        None, if there are too few calls, or if they take too long.
        """
        usable = [k for k, call in enumerate(self._calls) if not call.raised and self._right[k]]
        if len(usable) < _LEAST_WRONG:
            return [], []
        rows = [{place: self._right[place] for place in usable}]
        for one in self._all[:: max(1, len(self._all) // _SAMPLE)]:
            rows.append(dict(zip(usable, self._answers(one, usable), strict=False)))
            if self._left < _CALLS_TOGETHER - _CALLS_OF_THE_SAMPLE:
                return [], []
        chosen: list[int] = []
        while len(chosen) < min(_TOLD, len(usable)):
            rest = [place for place in usable if place not in chosen]
            chosen.append(max(rest, key=lambda place: self._tells(rows, chosen, place)))
        rest = [place for place in usable if place not in chosen]
        return chosen, rest[:: max(1, -(-len(rest) // _FURTHER))]

    def _tells(self, rows: list[dict[int, bytes]], chosen: list[int], place: int) -> tuple[int, int]:
        """Into how many groups these calls divide a sample, and how many of them answer this one wrongly."""
        groups = {tuple(row.get(one) for one in (*chosen, place)) for row in rows}
        return len(groups), sum(row.get(place) not in (None, self._right[place]) for row in rows)

    def _answers(self, one: Alteration, places: Sequence[int]) -> list[bytes]:
        """The digests of an alteration's answers, up to the first call that it answers with an exception, or not in time."""
        found: list[bytes] = []
        budget = CallBudget(self._solution, min(_CALLS_OF_FUNCTIONS, self._left))
        self._left -= budget.calls
        with suppress(Exception):
            module = one.module(self._solution)
            for place in places:
                exchange = self._calls[place].exchange
                result = called(exchange, module, run=budget.run)
                if result.raised:
                    break
                found.append(one_of(digests_of(result, exchange.single)))
        self._left += max(0, budget.calls)
        return found

    def _told(self, one: Alteration) -> str:
        """The sentence for a kit: it quotes nothing that stands in the solution only. Empty if there is none."""
        quoted = _words_in(" ".join(_QUOTED.findall(one.message)))
        return _UNQUOTED.get(one.slug, "") if quoted & self._hidden else one.message


def _words_in(text: str) -> set[str]:
    """The names in a text; `add_` counts as `add`."""
    return {word.strip("_") for word in _WORD.findall(text)}


def _words(mistake: Mistake) -> tuple[str, str, tuple[str, ...]]:
    return mistake.slug, mistake.message, mistake.hints


def line_of_code_in(encoded: bytes, section: Section) -> str:
    """The first longer line of the solution or of a mistake that a record holds and the stub does not; empty if there is none."""
    text, given = text_of(encoded), section.exercise.read_text(encoding="utf-8")
    for source in (section.solution.read_text(encoding="utf-8"), *(one.source for one in mistakes_of(section))):
        for line in source.split("\n"):
            if len(line.strip()) >= _TELLING and line.strip() in text and line not in given:
                return line.strip()
    return ""


# -- what a kit says of a mistake


def named_in_kit(known: KnownResults, exercise: str, slug: str) -> str:
    """The name that a kit gives to a mistake's own answers; empty if it gives none."""
    stored = known.of(exercise)
    mine = next((one for one in stored.mistakes if one.slug == slug), None)
    if mine is None:
        return ""
    if mine.behaviour:
        found = stored.named_by_behaviour(frozenset({mine.behaviour}))
        return found.slug if found is not None else ""
    pairs = zip(mine.digests, mine.graphs, strict=True)
    seen = [Answered(frozenset({digest}), graphs) for digest, graphs in pairs]
    for check in dict.fromkeys(call.check for call in stored.calls):
        found = stored.named(check, seen)
        if found is not None:
            return found.slug
    return ""
