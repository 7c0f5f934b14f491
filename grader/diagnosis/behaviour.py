"""How a function behaves whose answers are random: the features that a probe finds, part by part.

`PROBES` in the `probes.py` of a section's room maps exercises to probes. A probe calls the student's function a few times and
yields features by name, in parts: first those that are cheap and tell much, since a known mistake is asked no further than it
agrees. Every right answer has the features of the reference.

The room's `findings.toml` has sentences for values of features that no right answer has, such as "neighbours: True". A
sentence is true of each submission with that value, so it needs no known mistake.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import zip_longest
from types import ModuleType
from typing import Any

from grader.diagnosis.hints import PROBED
from grader.diagnosis.replay import Probed, same
from grader.grading.report import Diagnosis
from grader.sandbox.calls.student import Contract
from grader.section import Section
from grader.toolkit.verdicts import StudentError

Features = dict[str, Any]
Probe = Callable[[Any], Iterator[Features]]


def probe_of(section: Section, exercise: str) -> Probe | None:
    """The probe of an exercise, if it has one."""
    probes: dict[str, Probe] = getattr(section.module("probes"), "PROBES", {})
    return probes.get(exercise)


def finding_of(section: Section, exercise: str, seen: Sequence[Features]) -> Diagnosis | None:
    """The first sentence that a feature of a submission shows."""
    features = {f"{name}: {value}" for part in seen for name, value in part.items()}
    for shown, message in findings_of(section).get(exercise, {}).items():
        if shown in features:
            return Diagnosis("_".join([PROBED, *re.findall(r"\w+", shown.lower())]), message)
    return None


@cache
def findings_of(section: Section) -> dict[str, dict[str, str]]:
    """The sentences of a section for features, by exercise."""
    path = section.findings
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


class Behaviour:
    """The features that a probe finds in a submission or in one of our modules, computed on demand and once.

    A mistake that differs in the first feature costs no more than that. An exception is the last feature.
    """

    def __init__(self, probe: Probe, student: Any) -> None:
        self._parts: list[Features] = []
        self._more = probe(student)
        self._trouble: Exception | None = None

    def __iter__(self) -> Iterator[Features]:
        place = 0
        while place < len(self._parts) or self._find_another():
            yield self._parts[place]
            place += 1

    @property
    def found(self) -> Sequence[Features]:
        """The features so far: all that there are if an answer made no sense."""
        return self._parts

    def _find_another(self) -> bool:
        if self._trouble is not None:
            raise self._trouble
        try:
            part = next(self._more, None)
        except StudentError as error:
            part = {"raises": error.type}  # a generator that raised gives nothing more
        except Exception as error:
            self._trouble = error
            raise
        if part is not None:
            self._parts.append(part)
        return part is not None

    def is_that_of(self, seen: list[Features]) -> bool:
        """Whether these are the features that were seen of a submission; not if they make no sense."""
        try:
            return all(same(one, other) for one, other in zip_longest(seen, self))
        except Exception:  # a probe could make nothing of an answer
            return False


@cache  # the same for every submission
def behaviour_of(probe: Probe, module: ModuleType) -> Behaviour:
    """The behaviour of one of our modules."""
    return Behaviour(probe, Probed(Contract(module)))
