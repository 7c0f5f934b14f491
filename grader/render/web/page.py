"""Reports as one HTML page that holds everything it shows: for a student to read, print and come back to.

The page fetches nothing, and nothing of a submission can act: everything in the template is cleaned and escaped, and the
page's own policy lets only the style and the script run whose hashes it names.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any, Protocol

import jinja2
from markupsafe import Markup

from grader.grading.report import ExerciseResult, Line, Report, Status, Summary
from grader.predictions import Prediction
from grader.render.path_plot import picture_of
from grader.render.web.code import Code, CodeLine, Gap, code_of
from grader.render.web.html import asset, breakable, environment, policy_of, prose
from grader.render.words import (
    COURSE,
    DONE,
    FAULT,
    Ahead,
    ShownChecks,
    message_of,
    no_grade,
    notes_of,
    place_and_code,
    points,
    prediction_text,
    shown_checks,
    status_of,
    step_after,
    word_of,
)
from grader.toolkit.svg import address_of
from grader.toolkit.text import plural

if TYPE_CHECKING:  # it imports matplotlib
    from grader.figures.demo import Demo


class ShownPicture(Protocol):
    """A picture of what the student's functions did: two SVG files, and `alt`, which says the same in words."""

    @property
    def slug(self) -> str: ...
    @property
    def exercises(self) -> tuple[str, ...]: ...
    @property
    def missing(self) -> tuple[str, ...]: ...
    @property
    def title(self) -> str: ...
    @property
    def alt(self) -> str: ...
    @property
    def svg_light(self) -> bytes: ...
    @property
    def svg_dark(self) -> bytes: ...


@dataclass(frozen=True)
class GradedSection:
    """A Report and the parts of its page.

    `command` is the typed command, and `words` name the file in a command, such as "section1"; `hints` are the
    first hints, by exercise. `whole` shows hidden checks, too: never give this to a student.
    """

    report: Report
    source: bytes
    command: str
    words: str
    hints: Mapping[str, str] = field(default_factory=dict)
    pictures: Sequence[ShownPicture] = ()
    demos: "Sequence[Demo]" = ()
    predictions: Sequence[Prediction] = ()
    whole: bool = False


@dataclass(frozen=True)
class Cover:
    """The head of another person's Reports: the student, the marks and the rules behind them.

    `back` leads to the page that this one belongs to, and `warning` says what it must not be used for.
    """

    title: str
    marks: Sequence[tuple[str, Sequence[str]]]  # each with its remarks
    back: str = ""
    warning: str = ""


def page(graded: Sequence[GradedSection], cover: Cover | None = None) -> bytes:
    """The page about one section, or about several."""
    sections = [_Section(one) for one in graded]
    summary = Summary.of([one.report for one in graded])
    style, scripts = asset("report.css"), [asset("report.js")]
    if any(one.demos for one in graded):
        scripts.append(asset("play.js"))
    html = _template().render(
        sections=sections,
        summary=summary,
        cover=cover,
        title=cover.title if cover else sections[0].title if len(sections) == 1 else "Your sections",
        style=style,
        scripts=scripts,
        policy=policy_of(style, scripts),
        both_themes=len(sections) == 1,  # of all sections, pictures in light and dark would be several MB
    )
    return html.encode()


@dataclass(frozen=True)
class NextStep:
    """The next step: a sentence, and the commands to type."""

    sentence: str
    command: str = ""
    hint: str = ""
    exercise: str = ""


@dataclass(frozen=True)
class _Exercise:
    """An exercise as the page shows it: which checks in full, its code with lines marked, a hint."""

    result: ExerciseResult
    found: ShownChecks | None
    excerpt: list[CodeLine | Gap]
    hint: str
    hint_command: str

    @property
    def state(self) -> str:
        """In words."""
        return status_of(self.result)

    @property
    def kind(self) -> str:
        """The class of its colour."""
        return self.result.status.value


class _Section:
    """A Report laid out for the template."""

    def __init__(self, graded: GradedSection) -> None:
        self.graded = graded
        self.report = graded.report if graded.whole else graded.report.for_student()
        self.title = self.report.title

    @cached_property
    def code(self) -> Code:
        return code_of(self.graded.source, dict(self._notes()))

    @cached_property
    def exercises(self) -> list[_Exercise]:
        return list(self._exercises())

    def places(self, lines: Sequence[Line]) -> list[tuple[str, str, int]]:
        """The student's lines that an exception passed through: where, what stands there, the place in the whole text."""
        return [(*place_and_code(self.report.submission, line), line.line) for line, _ in groupby(lines)]

    @property
    def next(self) -> NextStep:
        return next_step_of(self.report, self.graded.words)

    def _exercises(self) -> Iterator[_Exercise]:
        found = {one.exercise.name: one for one in shown_checks(self.report)}
        for result in self.report.exercises:
            wrong = found.get(result.name)
            ready = not (result.passed or result.status is Status.BLOCKED or self.report.unread)
            hint = self.graded.hints.get(result.name, "") if ready else ""
            excerpt = self.code_for(result.name) if wrong and wrong.shown else []
            yield _Exercise(result, wrong, excerpt, hint, f"grade hint {self.report.section} {result.name}")

    def code_for(self, exercise: str) -> list[CodeLine | Gap]:
        """The student's code of an exercise, with the lines marked that its checks name."""
        own = replace(
            self.code, lines=[one if self._is_of(one, exercise) else replace(one, note="") for one in self.code.lines]
        )
        return own.excerpt(self.report.lines.get(exercise))

    def _is_of(self, line: CodeLine, exercise: str) -> bool:
        places = {one.line for check in self.report.checks if check.exercise == exercise for one in check.lines}
        return line.place in places or line.place == self.report.lines.get(exercise)

    def _notes(self) -> Iterator[tuple[int, str]]:
        """The remarks on the lines that checks name: where an exercise that is wrong begins, where an exception passed."""
        for exercise in self.report.exercises:
            if not exercise.passed and exercise.name in self.report.lines:
                yield self.report.lines[exercise.name], f"{exercise.name}: {status_of(exercise)}"
        for check in self.report.checks:
            for line in check.lines[:-1]:
                yield line.line, "called from here"
        for check in self.report.checks:
            for line in check.lines[-1:]:
                yield line.line, f"{check.exercise}: {word_of(check.status)} here"


def next_step_of(report: Report, words: str) -> NextStep:
    """The next step after this Report. `words` name the file in a command."""
    step = step_after([report])
    task = f"{step.task[:1].upper()}{step.task[1:]}"
    match step.kind:
        case Ahead.DONE:
            return NextStep(DONE)
        case Ahead.FAULT:
            return NextStep(f"{FAULT[0].upper()}{FAULT[1:]}. Look at the machine:", "grade doctor")
        case Ahead.COURSE:
            return NextStep(f"{COURSE[0].upper()}{COURSE[1:]}")
        case Ahead.PREDICT:
            return NextStep(f"{task}: type", f"grade predict {words}", exercise=step.exercise)
    return NextStep(f"{task}, then type", f"grade {words} {step.exercise}".rstrip(), step.hint, step.exercise)


@cache
def _template() -> jinja2.Template:
    functions = template_functions() | {
        "message_of": message_of,
        "no_grade": no_grade,
        "notes_of": notes_of,
        "picture_of": picture_of,
        "plural": plural,
        "word_of": word_of,
        "is_gap": lambda line: isinstance(line, Gap),
    }
    return environment().get_template("report.html.jinja", globals=functions)


def template_functions() -> dict[str, Any]:
    """The functions that templates about one student call."""
    return {
        "prediction_text": prediction_text,
        "points": points,
        "address_of": lambda svg: Markup(address_of(svg)),  # however long
        "json_of": lambda demo: Markup(demo.json),
        "breakable": breakable,
        "prose": prose,
    }
