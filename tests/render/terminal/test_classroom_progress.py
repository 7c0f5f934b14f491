"""The progress of a batch, on a terminal and in a log, and the final list of problems."""

import io
import re
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest
from rich.console import Console

from grader.batch.intake import Kind, Trouble
from grader.render.terminal import classroom


@pytest.fixture
def shown(monkeypatch):
    """Show progress on a console of the given kind; returns what it printed."""

    def show(terminal):
        written = io.StringIO()
        console = Console(file=written, force_terminal=terminal, width=100, highlight=False)
        monkeypatch.setattr(classroom, "Console", lambda **_: console)
        monkeypatch.setattr(classroom, "_LINE_SECONDS", 0.0)
        clock = iter(range(0, 1000, 2))
        monkeypatch.setattr(classroom, "time", SimpleNamespace(monotonic=lambda: float(next(clock))))
        with classroom.show_grading("grading") as progress:
            for done in range(0, 101, 10):
                progress(done, 100)
        return written.getvalue()

    return show


def test_a_log_gets_lines_with_rate_and_time_left(shown):
    lines = shown(terminal=False).splitlines()
    assert lines[0] == "grading: 10 of 100, 2.5 per s, 1 min left"
    assert len(lines) == 9
    assert all(line.isprintable() for line in lines)


def test_a_terminal_gets_a_bar_with_rate_and_time_left(shown):
    text = shown(terminal=True)
    assert "grading" in text
    assert "/100" in text
    assert re.search(r"\d per (s|min)", text)
    assert re.search(r"\d:\d\d:\d\d", text)


def test_every_kind_of_trouble_is_told_with_its_place_and_reason():
    """And of many of one kind, how many more there are."""
    written = io.StringIO()
    kinds = get_args(Kind)
    many = [Trouble("duplicate", f"place-{number}", "it is there already") for number in range(25)]
    troubles = [*(Trouble(kind, f"{kind}-place", f"{kind}-reason\x1b[2J") for kind in kinds), *many]
    console = Console(file=written, width=100, color_system=None)
    classroom.render_class([], troubles, 0, [], Path("gradebook.sqlite"), console)
    lines = written.getvalue().splitlines()
    assert all(line.isprintable() for line in lines)
    for kind in kinds:
        (line,) = [line for line in lines if f"{kind}-place" in line]
        assert f"{kind}-reason" in line
    assert any("one beside the graded file (26)" in line for line in lines)
    assert any("and 6 more" in line for line in lines)
