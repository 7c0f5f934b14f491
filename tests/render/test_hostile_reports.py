"""Renderers without their own test of hostile text show a hostile Report as text, never as a command."""

import io
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from rich.console import Console

from grader.grading.report import Report
from grader.render.export import report_gradescope
from grader.render.terminal.detail import render_brief
from grader.render.terminal.terminal import render_reports
from grader.render.terminal.watch_screen import render_watched
from grader.render.web import notebook
from grader.service.watched_file import WatchGrading
from tests.render.hostile_report import HOSTILE, JOINED, acted_upon, controls_in, hostile_report

NOW = datetime(2026, 3, 1, 12, 30)


def printed(show: Callable[[Console], None], width: int) -> str:
    file = io.StringIO()
    show(Console(file=file, width=width, highlight=False, color_system=None))
    return file.getvalue()


def texts_in(value: Any) -> list[str]:
    """Every text of a JSON document, keys too."""
    if isinstance(value, dict):
        return [text for item in (*value, *value.values()) for text in texts_in(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts_in(item)]
    return [value] if isinstance(value, str) else []


RENDERERS: dict[str, Callable[[Report], list[str]]] = {
    "terminal": lambda found: [printed(lambda console: render_reports([found], console), 100)],
    "narrow terminal": lambda found: [printed(lambda console: render_reports([found], console), 40)],
    "--verbose": lambda found: [printed(lambda console: render_reports([found], console, every_check_too=True), 80)],
    "--quiet": lambda found: [printed(lambda console: render_brief([found], console), 80)],
    "--watch": lambda found: [
        printed(lambda console: render_watched(WatchGrading(found, (), {}), 1.0, NOW, {}, console, everything=True), 80)
    ],
    "a notebook's text": lambda found: [repr(notebook.graded(found))],
}


@pytest.mark.parametrize("text", [*HOSTILE, "joined"])
@pytest.mark.parametrize("renderer", RENDERERS)
def test_hostile_text_gives_no_orders(renderer, text):
    shown = RENDERERS[renderer](hostile_report(HOSTILE.get(text, JOINED)))
    assert any("exercise_failed" in piece for piece in shown)
    assert [order for piece in shown for order in acted_upon(piece)] == []


PAGES: dict[str, Callable[[Report], list[str]]] = {  # which no terminal and no CI service reads
    "Gradescope": lambda found: texts_in(json.loads(report_gradescope.results_json([found]))),
    "a notebook's page": lambda found: [notebook.graded(found)._repr_html_()],
}


@pytest.mark.parametrize("text", [*HOSTILE, "joined"])
@pytest.mark.parametrize("renderer", PAGES)
def test_no_invisible_character_is_on_a_page(renderer, text):
    shown = PAGES[renderer](hostile_report(HOSTILE.get(text, JOINED)))
    assert any("exercise_failed" in piece for piece in shown)
    assert [hidden for piece in shown for hidden in controls_in(piece)] == []
