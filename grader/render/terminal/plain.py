"""Why a check did not pass, as plain text: for readers that take a paragraph and no more, such as a CI service."""

import io
import textwrap

import msgspec
from rich.console import Console

from grader.grading.report import CheckResult, Diagnosis, Report
from grader.render.terminal.layout import WIDEST
from grader.render.terminal.terminal import render_check
from grader.toolkit.text import clean

LIMIT = 20_000  # characters; what the terminal says is never nearly as long


def explanation(report: Report, check: CheckResult, diagnosis: Diagnosis | None, width: int = WIDEST) -> str:
    """What the terminal says of a check below its title, without what the student's code printed."""
    file = io.StringIO()
    silent = msgspec.structs.replace(check, stdout="")
    render_check(report, silent, diagnosis, Console(file=file, width=width, color_system=None, highlight=False))
    lines = [line.rstrip() for line in clean(file.getvalue(), LIMIT).split("\n")]
    return textwrap.dedent("\n".join(lines)).strip("\n")
