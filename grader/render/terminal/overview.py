"""The overview of a course, or of packed sections: points, remarks, and the next command."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from grader.course import Course
from grader.grading.afterwards import Suggestion
from grader.grading.report import Report
from grader.grading.section_progress import SectionProgress, ToDo, newer_copy, newer_notebook, progress_of
from grader.predictions import EXERCISE
from grader.render.terminal.text_layout import aligned, indented
from grader.render.words import DONE, PREDICT, points
from grader.section import Section
from grader.toolkit.typed_paths import as_argument, as_typed


def render_overview(
    found: Sequence[SectionProgress], step: tuple[Section, str] | None, console: Console, work: ToDo | None = None
) -> None:
    """Print the sections of a course, and the next step, with the `work` to do. Imports no torch: it reads kept results."""
    console.print()
    for line in _table([row_of(one) for one in found], console):
        console.print(Text.assemble("  ", line), soft_wrap=True)
    console.print()
    if step is None:
        said = DONE if all(one.done for one in found) else "All points, except for changed exercises."
        console.print(Text.assemble(("  Next:  ", "bold"), said, "  ", ("grade all", "bold cyan")), soft_wrap=True)
        return
    section, exercise = step
    work, file = work or ToDo(), as_typed(section.exercise)
    if work.line:
        said, command, text = f"fix {file}:{work.line}, then  ", f"grade {section.id}", "the text of the exercise"
    elif exercise == EXERCISE:
        said, command, text = f"{PREDICT}:  ", f"grade predict {section.id}", "the questions"
    else:
        said = f"{work.verb} {exercise} in {file}, then  " if work.verb else ""
        command, text = f"grade {section.id} {exercise}", "its text"
    what = Text.assemble(("  Next:  ", "bold"), said)
    if said and len(what) + len(command) > console.width:
        what = Text.assemble(what, "\n         ")
    more = f"\n         {text}:  ", ("grade next", "bold cyan")
    for line in Text.assemble(what, (command, "bold cyan"), *more).split():
        console.print(line, soft_wrap=True)


def _table(rows: Sequence[tuple[Text, ...]], console: Console) -> Sequence[Text]:
    """A line for each section; a long remark stands below the title."""
    width = console.width - 2
    beside = list(aligned(rows, right=(2,)).split())
    if max(map(len, beside)) <= width:
        return beside
    indent = max(len(word) for word, *_ in rows) + 2
    lines: list[Text] = []
    for word, title, worth, state in rows:
        said = Text(", ").join(part for part in (worth, state) if part)
        first, *others = [part for text in (title, said) for part in text.wrap(console, width - indent)]
        lines.append(Text.assemble(word, " " * (indent - len(word)), first))
        lines += [Text.assemble(" " * indent, other) for other in others]
    for line in lines:
        line.rstrip()
    return lines


def row_of(progress: SectionProgress) -> tuple[Text, ...]:
    """A section's word and title, its points, and a remark."""
    section = progress.section
    title = section.topic or section.name
    worth = f"{points(progress.points)} of {points(progress.max_points)} points"
    return Text(section.id, "bold"), Text(title), Text(worth), _state(progress)


def _state(progress: SectionProgress) -> Text:
    """In words, since colour alone says nothing to some."""
    if progress.stale:
        return Text("changed since it was graded", "yellow")
    if not progress.started:
        return Text("not started" if progress.graded else "not graded yet", "dim")
    return Text("all points", "green") if progress.done else Text("")


def render_packed(path: Path, packed: Sequence[SectionProgress], missing: Sequence[Section], console: Console) -> None:
    """Print the packed files and the missing ones."""
    console.print()
    words = ", ".join(progress.section.id for progress in packed)
    console.print(Text.assemble("  Packed:  ", (as_typed(path), "bold"), f", with {words}"), soft_wrap=True)
    for section in missing:
        said = f"  {section.id} is not in it: there is no {as_typed(section.exercise)}"
        console.print(Text(said, "yellow"), soft_wrap=True)
    for progress in packed:
        said = newer_notebook_remark(progress.section)
        if said:
            console.print(Text(f"  {said}", "yellow"), soft_wrap=True)


def render_handed_in(reports: Sequence[Report], console: Console) -> None:
    """Print the points of the archive, and the command that shows why a section lacks points."""
    rows = []
    for report in reports:
        worth = f"as handed in: {points(report.points)} of {points(report.max_points)}"
        state = "does not load" if report.unread else "" if report.points < report.max_points else "all points"
        style = "green" if state == "all points" else "yellow"
        rows.append((Text(report.section, "bold"), Text(report.topic or report.title), Text(worth), Text(state, style)))
    console.print()
    for line in _table(rows, console):
        console.print(Text.assemble("  ", line), soft_wrap=True)
    console.print()
    less = [report for report in reports if report.points < report.max_points]
    said, command = ("see what is missing:  ", f"grade {less[0].section}") if less else ("hand it in.", "")
    console.print(Text.assemble(("  Next:  ", "bold"), said, (command, "bold cyan")), soft_wrap=True)


def render_suggestions(found: Sequence[Suggestion], console: Console) -> None:
    """Print commands, and the use of each."""
    for one in found:
        console.print(Text.assemble("  ", (one.command, "bold cyan")), soft_wrap=True)
        indented(console, Text(one.why), 6, above=0)


def missing_points_remark(section: Section) -> str:
    """How many of a section's points can be checked here; "" if all can."""
    missing = sum(section.hidden_points.values())
    if not missing:
        return ""
    here = sum(check.points for check in section.check_list)
    names = ", ".join(section.hidden_points)
    return (
        f"{points(here)} of {points(here + missing)} points of {section.id} can be checked here. "
        f"Your instructors check the others, of {names}."
    )


def last_points_remark(course: Course, section: Section) -> str:
    """The points of a file that is not Python now, when it last was; "" if it never was."""
    progress = next(one for one in progress_of(course) if one.section == section)
    if not progress.graded:
        return ""
    return f"before this error, {section.id} had {points(progress.points)} of {points(progress.max_points)} points"


def newer_notebook_remark(section: Section) -> str:
    """A warning that a newer notebook or copy beside a file was not graded; "" if there is none."""
    book, copy = newer_notebook(section), newer_copy(section)
    if book is None and copy is not None:
        return f"{as_typed(copy)} was edited later than {section.exercise.name}, and only {section.exercise.name} is graded"
    if book is None:
        return ""
    command = f"grade notebook {as_argument(book)}"
    return f"{as_typed(book)} was edited later than {section.exercise.name}. To bring it over:  {command}"


def file_here_remark(section: Section) -> str:
    """A warning that the file of this name in the working directory was not graded; "" if there is none, or if it was."""
    here = Path.cwd() / section.exercise.name
    if not here.is_file() or here.resolve() == section.exercise.resolve():
        return ""
    return f"the grader read {as_typed(section.exercise)}. To grade the file in this folder:  grade {section.exercise.name}"
