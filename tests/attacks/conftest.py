"""One sandbox per configuration, opened when it is first needed, and a way to grade an attack in it."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir
from rich.console import Console

from grader.grading.report import Report, to_json
from grader.render.terminal.terminal import render_reports
from grader.render.web import page
from grader.sandbox.process.launch import Sandbox
from tests.attacks.configurations import ALL_LAYERS, CONFIGURATIONS, INSIDE, SWITCHED_OFF, run
from tests.attacks.corpus import Attack
from tests.attacks.hostile_text import acted_upon, controls_in
from tests.attacks.targets import PATIENCE_SECONDS, Targets, make_targets

Graded = tuple[Report, list[str]]


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
def targets() -> Iterator[Targets]:
    """What the attack may reach for."""
    with make_targets() as made:
        yield made


@pytest.fixture
def grade_attack(
    open_sandbox: Callable[[str], Sandbox], targets: Targets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Attack, str], Graded]]:
    """Grade an attack in a configuration: the Report, and the traces that the attack has left."""
    profile = settings.get_current_profile_name()

    def grade(attack: Attack, configuration: str) -> Graded:
        sandbox = open_sandbox(configuration if configuration in CONFIGURATIONS else ALL_LAYERS)
        for name, value in SWITCHED_OFF.get(configuration, {}).items():
            monkeypatch.setattr(name, value)
        report = run(attack, sandbox, targets, tmp_path, inside=configuration == INSIDE)
        traces = targets.traces(sandbox.pid, 0.3 if configuration in attack.succeeds_in else PATIENCE_SECONDS)
        return report, traces + (["orders"] if orders_in(report) else [])

    yield grade
    settings.load_profile(profile)
    set_hypothesis_home_dir(None)


def orders_in(report: Report) -> list[str]:
    """Text that a reader of the Report would obey as a command, in any form."""
    file = io.StringIO()
    render_reports([report], Console(file=file, width=100, color_system=None, highlight=False))
    html = page.page([page.GradedSection(report, b"", command="grade tiny", words="tiny")]).decode()
    shown = acted_upon(file.getvalue()) + sorted(controls_in(html))
    return shown + [text for text in texts_in(json.loads(to_json(report))) if controls_in(text)]


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a JSON document, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)
