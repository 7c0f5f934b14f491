"""One sandbox per configuration, opened when it is first needed, and a way to grade an attack in it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from configurations import CONFIGURATIONS, run
from corpus import Attack
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir
from stage import PATIENCE_SECONDS, Stage, make_stage

from grader.grading.report import Report
from grader.sandbox.launch import Sandbox


@pytest.fixture(scope="session")
def open_sandbox() -> Iterator[Callable[[str], Sandbox]]:
    """The sandbox of a configuration, by name."""
    opened: dict[str, Sandbox] = {}
    with ExitStack() as stack:

        def get(configuration: str) -> Sandbox:
            if configuration not in opened:
                opened[configuration] = stack.enter_context(CONFIGURATIONS[configuration].open())
            return opened[configuration]

        yield get


@pytest.fixture
def stage() -> Iterator[Stage]:
    """What the attack may reach for."""
    with make_stage() as made:
        yield made


@pytest.fixture
def grade_attack(
    open_sandbox: Callable[[str], Sandbox], stage: Stage, tmp_path: Path
) -> Iterator[Callable[[Attack, str], tuple[Report, list[str]]]]:
    """Grade an attack in a configuration: the Report, and the traces that the attack has left."""
    profile = settings.get_current_profile_name()

    def grade(attack: Attack, configuration: str) -> tuple[Report, list[str]]:
        sandbox = open_sandbox(configuration)
        report = run(attack, sandbox, stage, tmp_path)
        return report, stage.traces(sandbox.pid, 0.3 if configuration in attack.succeeds_in else PATIENCE_SECONDS)

    yield grade
    settings.load_profile(profile)
    set_hypothesis_home_dir(None)
