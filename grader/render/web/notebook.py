"""A Report, or a hint, as an output of a notebook: HTML, and plain text for programs that show no HTML."""

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from rich.console import Console

from grader.diagnosis.hints import Hint
from grader.grading.report import CheckResult, Report, Status
from grader.predictions import NAME, Prediction
from grader.render.path_plot import picture_of
from grader.render.terminal.outcomes import render_outcomes
from grader.render.terminal.terminal import render_body
from grader.render.words import (
    COURSE,
    DONE,
    FAULT,
    Ahead,
    message_of,
    notes_of,
    place_and_code,
    points,
    prediction_text,
    shown_checks,
    shown_output,
    status_of,
    step_after,
    word_of,
)
from grader.section import Section
from grader.toolkit.text import plural, visible

OWN = "Your own grading of the current definitions in this kernel. The grading of your hand-in counts."
_TEMPLATES = Path(__file__).parent / "templates"
_WIDTH = 100  # of the plain text


class Output:
    """The methods that Jupyter calls to show an object."""

    def __init__(self, plain: str, html: str) -> None:
        self._plain, self._html = visible(plain), visible(html)

    def __repr__(self) -> str:
        return self._plain

    def _repr_html_(self) -> str:
        return self._html

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": self._plain, "text/html": self._html}


def graded(report: Report) -> Output:
    """A grading of what the kernel has."""
    page = io.StringIO()
    render_body(report, Console(file=page, width=_WIDTH, highlight=False, color_system=None, force_jupyter=False))
    step = _next(report)
    html = _template().render(
        report=report,
        failures=list(shown_checks(report)),
        places=lambda check: [place_and_code(report.submission, line) for line in check.lines],
        word_of=_word_of,
        status_of=status_of,
        points=points,
        plural=plural,
        message_of=message_of,
        notes_of=notes_of,
        shortened=lambda output: "\n".join(shown_output(output)),
        next=step,
        own=OWN,
    )
    return Output(f"{page.getvalue()}\n  Next:  {step}\n  {OWN}", html)


def predicted(section: Section, found: Sequence[Prediction]) -> Output:
    """The predictions and the outcomes."""
    page = io.StringIO()
    render_outcomes(
        section, found, Console(file=page, width=_WIDTH, highlight=False, color_system=None, force_jupyter=False)
    )
    step = f"%predict {section.id}" if any(one.outcome is None for one in found) else f"%grade {section.id}"
    if any(one.predicted is None for one in found):
        step = f"write your answers into {NAME} in place of None, run its cell, then {step}"
    elif any(one.outcome is None for one in found):
        step = f"write what is missing and run its cell, then {step}"
    records = [(one.question.text, prediction_text(one)) for one in found]
    html = _template().render(title=section.title, predictions=records, next=step)
    return Output(f"{page.getvalue()}\n  Next:  {step}", html)


def hinted(hint: Hint) -> Output:
    """A hint."""
    about = "about what your code seems to do" if hint.about_mistake else f"hint {hint.number} of {hint.count}"
    step = f"%grade {hint.exercise}"
    if hint.about_mistake or hint.number < hint.count:
        step += f", or, for a more direct hint: %hint {hint.exercise}"
    html = _template().render(hint=hint, about=about, next=step)
    return Output(f"{hint.exercise}: {about}\n\n{hint.text}\n\nNext:  {step}", html)


def _next(report: Report) -> str:
    """The next step, with the commands of a notebook."""
    step = step_after([report])
    match step.kind:
        case Ahead.DONE:
            return DONE
        case Ahead.FAULT:
            return f"{FAULT}. In a terminal: grade doctor"
        case Ahead.COURSE:
            return COURSE
        case Ahead.PREDICT:
            return f"{step.task}: %predict"
    text = f"{step.task} and run its cell, then %grade {step.exercise}".rstrip()
    return f"{text}; for a hint, %hint {step.exercise}" if step.has_hint else text


def _word_of(check: CheckResult) -> str:
    return "" if check.status is Status.FAILED else word_of(check.status)


@cache
def _template() -> jinja2.Template:
    """The one template; everything in it is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, undefined=jinja2.ChainableUndefined
    )
    return environment.get_template("notebook.html.jinja", globals={"picture_of": picture_of})
