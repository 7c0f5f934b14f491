"""The next hint: first what fits the mistake that was diagnosed, then the exercise's own, from gentle to direct."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.diagnosis.known_mistakes import mistakes_of
from grader.grading.records import Records
from grader.grading.report import CheckResult, ExerciseResult, Status
from grader.section import Section

OF_CHECKS = "checks"
"""The table of `hints.toml` with hints about single checks."""
_OF_STRUCTURES = Path(__file__).with_name("structure_hints.toml")
_NO_FAILURES = (Status.PASSED, Status.BLOCKED, Status.NOT_STARTED, Status.GRADER_ERROR)


ALTERED = "altered"  # begins the names of diagnoses that compare with an altered solution: all have the same hint
PROBED = "probed"  # in the same way, the names of diagnoses that tell what a probe found


@dataclass(frozen=True)
class Hint:
    """One hint: the `number`-th of `count` about an exercise, the mistake that it seems to have, or the check that fails."""

    exercise: str
    text: str
    number: int
    count: int
    about_mistake: bool
    is_new: bool


@cache
def hints_of(section: Section) -> dict[str, list[str]]:
    """A section's hints by exercise, from gentle to direct."""
    return _read(section.hints)


@cache
def structure_hints(of_arrays: bool = False) -> dict[str, list[str]]:
    """The hints for diagnoses that need no mistake of the course, by their names; for arrays of numpy or for tensors."""
    hints = tomllib.loads(_OF_STRUCTURES.read_text(encoding="utf-8"))
    arrays = hints.pop("numpy")
    return hints | arrays if of_arrays else hints


@cache
def _is_about_arrays(section: Section) -> bool:
    """Whether a section's own file imports no torch."""
    return re.search(r"^(import|from) torch\b", section.contract.read_text(encoding="utf-8"), re.MULTILINE) is None


@cache
def hints_of_checks(section: Section) -> dict[str, list[str]]:
    """Hints about single checks, by their ids, from gentle to direct: for a function that is right but for this check."""
    return _read(section.hints, OF_CHECKS)


def _read(path: Path, table: str = "") -> dict[str, list[str]]:
    """The lists of a file of hints: those of exercises, or those in a `table`."""
    if not path.is_file():
        return {}
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    checks = found.pop(OF_CHECKS, {})
    return {name: list(hints) for name, hints in (checks if table else found).items()}


def next_hint(section: Section, exercise: str, records: Records) -> Hint | None:
    """The next hint about an exercise, counted as shown. After the last hint, the last again; None if there are no hints."""
    ladders = [(key, texts) for key, texts in _kept_ladders(section, exercise, records) if texts]
    for key, texts in ladders:
        shown = records.hints_shown(key)
        if shown < len(texts):
            records.count_hint(key)
            return Hint(exercise, texts[shown], shown + 1, len(texts), key != _key(section, exercise), True)
    if not ladders:
        return None
    key, texts = ladders[-1]
    return Hint(exercise, texts[-1], len(texts), len(texts), key != _key(section, exercise), False)


def shown_hints(section: Section, exercise: str, records: Records) -> list[str]:
    """All hints about an exercise that were shown, in order."""
    return [
        text for key, texts in _kept_ladders(section, exercise, records) for text in texts[: records.hints_shown(key)]
    ]


def first_hint(section: Section, exercise: ExerciseResult) -> str:
    """The first hint, or "". It does not count as shown."""
    return next((texts[0] for _, texts in _ladders(section, exercise.name, exercise.checks) if texts), "")


def first_hints(section: Section, exercises: Sequence[ExerciseResult]) -> dict[str, str]:
    """The first hint about each exercise that is not right yet, by its name."""
    return {one.name: first_hint(section, one) for one in exercises if not one.passed}


def _kept_ladders(section: Section, exercise: str, records: Records) -> list[tuple[str, list[str]]]:
    """The hints that fit what the last grading of an exercise found."""
    kept = [one.result for one in records.last(section).values()]
    return _ladders(section, exercise, [check for check in kept if check.exercise == exercise])


def _ladders(section: Section, exercise: str, checks: Sequence[CheckResult]) -> list[tuple[str, list[str]]]:
    """Hints by the key that they are counted under: of the diagnosed mistake, of the first check that fails, of the exercise."""
    own = (_key(section, exercise), hints_of(section).get(exercise, []))
    slugs = {check.diagnosis.mistake for check in checks if check.diagnosis is not None}
    named = {one.slug: list(one.hints) for one in mistakes_of(section) if one.exercise == exercise}
    if slugs and section.known_results.is_file():  # in a kit
        from grader.diagnosis.known_results import known_results  # which needs torch

        named |= {one.slug: list(one.hints) for one in known_results(section).of(exercise).mistakes}
    known = structure_hints(_is_about_arrays(section)) | named
    fitting = {slug: known[hint_key(slug)] for slug in sorted(slugs) if hint_key(slug) in known}
    failing = next((check.id for check in checks if check.status not in _NO_FAILURES), "")
    of_check = [(f"{own[0]}/{failing}", texts) for texts in [hints_of_checks(section).get(failing)] if texts]
    return [*((f"{own[0]}.{slug}", texts) for slug, texts in fitting.items()), *of_check, own]


def hint_key(slug: str) -> str:
    """The name under which a diagnosis has its hint."""
    return next((kind for kind in (ALTERED, PROBED) if slug.startswith(f"{kind}_")), slug)


def _key(section: Section, exercise: str) -> str:
    return f"{section.id}.{exercise}"
