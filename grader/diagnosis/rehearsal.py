"""Ask the course's own code beforehand for all answers that the diagnoses of a section need. They stay in this process's
caches."""

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType, ModuleType

from grader.check_files.check_outline import Origin
from grader.diagnosis.behaviour import Probe, behaviour_of, probe_of
from grader.diagnosis.failing_exercise import FURTHER_INPUTS, LONG_CALL_SECONDS
from grader.diagnosis.known_mistakes import mistakes_of
from grader.diagnosis.replay import inputs_of, own_state_of_torch, replayed
from grader.grading.reach import called_by_check, parts
from grader.grading.section_run import contract_of
from grader.section import Section
from grader.toolkit.private_names import cpu_only


def rehearse_diagnosis(section: Section, probe_seconds: float = 20) -> None:
    """Load the mistakes, let the solution answer the calls of a diagnosis, and ask the probes of solution and mistakes.

    Pytest has collected the checks already. A probe of a mistake that computes for more than `probe_seconds` is stopped.
    """
    for check in section.check_list:
        called_by_check(section, check.id)  # for the gates of checks that need others
    modules = [(mistake.exercise, mistake.module) for mistake in mistakes_of(section)]
    with cpu_only():
        for exercise in section.functions:
            parts(section, exercise)
            probe = probe_of(section, exercise)
            if probe is not None:
                mistaken = [module for of, module in modules if of == exercise]
                _ask(probe, [contract_of(section).module, *mistaken], probe_seconds)
            _replay_calls(section, exercise)


def _ask(probe: Probe, modules: Sequence[ModuleType], seconds: float) -> None:
    for module in modules:
        with own_state_of_torch(), _limited(seconds), suppress(Exception):  # it makes nothing of some answers
            list(behaviour_of(probe, module))


def _replay_calls(section: Section, exercise: str) -> None:
    """Let the solution answer the calls of an exercise's checks, except the long trainings."""
    written = [check for check in section.check_list if check.exercise == exercise and check.origin is Origin.WRITTEN]
    mine = [check for check in written if check.call_cpu_seconds <= LONG_CALL_SECONDS]
    contract, checks = contract_of(section), section.module(f"test_{section.id}")
    for check in mine:
        for limit in FURTHER_INPUTS.values():
            for exchange in inputs_of(getattr(checks, f"test_{check.id}"), contract, limit):
                replayed(exchange, contract.module)


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in code that computes longer: a mistake may never return."""
    if sys.platform == "win32":
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"more than {seconds} s of computing")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1)  # and again, should the mistake catch it
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
