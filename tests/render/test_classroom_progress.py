"""How far a batch is, on a terminal and in a log."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from grader.render import classroom


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


def test_a_terminal_gets_a_bar(shown):
    text = shown(terminal=True)
    assert "grading" in text
    assert "/100" in text
