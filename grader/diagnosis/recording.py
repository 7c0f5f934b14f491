"""Record what the reference and each mistake answer to some calls of the checks, for a student kit, which has neither."""

from itertools import chain, zip_longest
from typing import Any

from grader.check_outline import CheckOutline, Origin
from grader.course import Section
from grader.diagnosis.behaviour import Probe, behaviour_of, probe_of
from grader.diagnosis.known_results import (
    Answered,
    KnownResults,
    StoredCall,
    StoredExercise,
    StoredMistake,
    graphs_of,
    text_of,
)
from grader.diagnosis.mistakes import Mistake, mistakes_of
from grader.diagnosis.replay import agree, inputs_of, replayed
from grader.diagnosis.rounded_digests import digests_of, digests_of_features, one_of
from grader.grading.plugin import load_profile
from grader.grading.section_run import contract_of
from grader.sandbox.calls.student import Contract
from grader.sandbox.calls.transcript import Exchange

_CALLS = 48  # of an exercise
_CALLS_OF_A_CHECK = 12  # as many as a diagnosis asks in a course with solutions
_LARGEST = 1 << 12  # bytes of arguments
_TELLING = 40  # characters; two programs may share shorter lines by chance
_LONG_CALL_SECONDS = 10  # a training is not repeated for a diagnosis


def record(section: Section) -> KnownResults:
    """The knowledge of a section that a kit gets."""
    load_profile()
    contract = contract_of(section)
    return KnownResults({name: _recorded(section, name, contract) for name in section.functions})


def _recorded(section: Section, exercise: str, contract: Contract) -> StoredExercise:
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
    return StoredExercise(calls, right, right_behaviour, stored)


def _calls(section: Section, exercise: str, contract: Contract) -> list[tuple[str, Exchange]]:
    """Calls that the kit's checks of an exercise make, each once: small ones that need no function of the check.

    They come from the checks in turn, so that each has its share. The reference's answers to them are not random.
    """
    checks = section.module(f"test_{section.id}")
    mine = [check for check in section.check_list if check.exercise == exercise and _is_in_kit(check)]
    rows = []
    for check in mine:
        made = inputs_of(getattr(checks, f"test_{check.id}"), contract, _CALLS_OF_A_CHECK)
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
