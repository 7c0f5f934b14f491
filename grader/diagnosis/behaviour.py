"""How a function behaves whose answers are random: the features that a probe (`grader.toolkit.probes`) finds, part by part."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from itertools import zip_longest
from types import ModuleType
from typing import Any

from grader.diagnosis.replay import Probed, same
from grader.sandbox.calls.student import Contract
from grader.toolkit import probes
from grader.toolkit.verdicts import StudentError

Features = dict[str, Any]
Probe = Callable[[Any], Iterator[Features]]


def probe_of(stem: str, exercise: str) -> Probe | None:
    """The probe of an exercise, if it has one."""
    known = [found.name for found in pkgutil.iter_modules(probes.__path__)]
    if stem not in known:
        return None
    mine: dict[str, Probe] = importlib.import_module(f"{probes.__name__}.{stem}").PROBES
    return mine.get(exercise)


class Behaviour:
    """What a probe finds of a submission or of a module of ours, found out no further than it is asked for, and once.

    A mistake that differs in the first part costs no more than that part. An exception is a finding, too, and the last.
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
    """How a module of ours behaves."""
    return Behaviour(probe, Probed(Contract(module)))
