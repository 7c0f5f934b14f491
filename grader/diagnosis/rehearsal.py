"""Ask the course's own code beforehand for all answers that the diagnoses of a section need. They stay in this process's
caches."""

from grader.check_outline import Origin
from grader.diagnosis.behaviour import behaviour_of, probe_of
from grader.diagnosis.failing_exercise import FURTHER_INPUTS, LONG_CALL_SECONDS
from grader.diagnosis.known_mistakes import mistakes_of
from grader.diagnosis.replay import inputs_of, replayed
from grader.grading.reach import called_by_check, parts
from grader.grading.section_run import contract_of
from grader.section import Section
from grader.toolkit.private_names import cpu_only


def rehearse_diagnosis(section: Section) -> None:
    """Load the mistakes, and let the solution answer the calls of a diagnosis. No mistake is called: it may never return.

    Pytest has collected the checks already.
    """
    for check in section.check_list:
        called_by_check(section, check.id)  # for the gates of checks that need others
    for mistake in mistakes_of(section):
        _ = mistake.module
    with cpu_only():
        for exercise in section.functions:
            parts(section, exercise)
            probe = probe_of(section, exercise)
            if probe is not None:
                list(behaviour_of(probe, contract_of(section).module))
            _replay_calls(section, exercise)


def _replay_calls(section: Section, exercise: str) -> None:
    """Let the solution answer the calls of an exercise's checks, except the long trainings."""
    written = [check for check in section.check_list if check.exercise == exercise and check.origin is Origin.WRITTEN]
    mine = [check for check in written if check.call_cpu_seconds <= LONG_CALL_SECONDS]
    contract, checks = contract_of(section), section.module(f"test_{section.id}")
    for check in mine:
        for limit in FURTHER_INPUTS.values():
            for exchange in inputs_of(getattr(checks, f"test_{check.id}"), contract, limit):
                replayed(exchange, contract.module)
