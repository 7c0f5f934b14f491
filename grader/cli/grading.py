"""Grade sections: `grade SECTION [EXERCISE]`, `grade all`."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli import completion, outputs
from grader.cli.command import Command, examples
from grader.cli.common import (
    ALL,
    PATH,
    SUBMISSION_HELP,
    UNSAFE_HELP,
    confinement_note,
    console,
    exit_with,
    importing,
    note,
    readers_may_leave,
)
from grader.cli.outputs import Outputs, words_of, write_page
from grader.cli.target import Target, find_target
from grader.course import UsageError
from grader.find_course import find_course
from grader.toolkit.text import PATH_LIMIT, harmless, one_line

if TYPE_CHECKING:
    from grader.grading.report import Report
    from grader.grading.request import Progress, Task
    from grader.sandbox.process.trust import Trust
    from grader.service import Service
    from grader.submission.submission import Submission
    from grader.warm.warm_process import WarmProcess


def section_command(word: str) -> Command:
    """The command that grades the section called `word`."""
    options: list[click.Parameter] = [
        click.Argument(["exercises"], nargs=-1, metavar="[EXERCISE]...", shell_complete=completion.exercises),
        click.Option(["--submission"], type=PATH, help=SUBMISSION_HELP),
        click.Option(["--unsafe"], is_flag=True, help=UNSAFE_HELP),
        *outputs.OPTIONS,
        click.Option(["-k", "keyword"], metavar="EXPRESSION", help="Only checks whose name matches, as in pytest."),
        click.Option(["-x", "stop_first"], is_flag=True, help="Stop at the first check that does not pass."),
        click.Option(["-q", "--quiet", "detail"], flag_value="quiet", help="One line per section."),
        click.Option(["--lines", "detail"], flag_value="lines", help="A line per failed check, as editors read it."),
        click.Option(["-v", "--verbose", "detail"], flag_value="verbose", help="Every check, with points and seconds."),
        click.Option(["--watch"], is_flag=True, help="Grade again on every save."),
        click.Option(["--cold"], is_flag=True, envvar="GRADE_COLD", help="Use no warm process, and leave none behind."),
        click.Option(["--in-process"], is_flag=True, help="Run your code in this process, for breakpoint(). No grade."),
    ]
    callback: Callable[..., None] = lambda **arguments: exit_with(grade_sections(word, **arguments))  # noqa: E731
    what = "every section" if word == ALL else f"{word}, or some of its exercises"
    epilog = examples(f"grade {word}", f"grade {word} --submission FOLDER --json report.json", f"grade {word} --quiet")
    return Command(word, callback=callback, params=options, help=f"Grade {what}.", epilog=epilog)


@dataclass(frozen=True)
class Options:
    """The options of a grading; `detail` is "quiet", "lines", "verbose" or None."""

    outputs: Outputs
    keyword: str | None
    stop_first: bool
    detail: str | None
    in_process: bool
    unsafe: bool
    cold: bool

    @classmethod
    def of(cls, typed: dict[str, Any]) -> "Options":
        arguments = dict(typed)
        return cls(Outputs.taken_from(arguments), **arguments)


def grade_sections(
    word: str, exercises: tuple[str, ...], submission: Path | None, watch: bool, unsafe: bool, cold: bool, **others: Any
) -> int:
    """Grade one section or all, and print the Reports. Returns the exit code."""
    options = Options.of(others | {"unsafe": unsafe, "cold": cold})
    if options.outputs.github and options.in_process:
        raise UsageError("--github is for a grade, and --in-process makes none. Leave one of them out.")
    lines = options.detail == "lines"
    if watch and any(value for name, value in others.items() if not (lines and name == "detail")):
        raise UsageError(
            "--watch goes with names of exercises, --submission, --lines and --unsafe. Leave the other options out."
        )
    with options.outputs.on_github():
        options.outputs.expect_writable()
        target = find_target(find_course(), word, exercises, submission)
        return _watch(target, unsafe, lines) if watch else _grade(target, options)


def _watch(target: Target, unsafe: bool, lines: bool) -> int:
    if target.several:
        raise UsageError(f"Name the section to watch: grade {target.sections[0].id} --watch")
    from grader.cli.watch import watch

    return watch(target, unsafe, lines)


def _grade(target: Target, options: Options) -> int:
    """Grade, keep the student's own Reports, print and write. Returns the exit code."""
    warm = _warm_process(target, options)
    report = _ask(warm, target, options) if warm is not None else None
    if report is not None:
        return _finish(target, options, [report])
    with _open_service(target, options) as service:
        reports = graded(target, service, options.keyword, options.stop_first, is_grade=not options.in_process)
        code = _finish(target, options, reports, service)
    if warm is not None:
        warm.start(_tasks(target, options.keyword, options.stop_first)[0], reports[0])
    return code


def _finish(target: Target, options: Options, reports: "list[Report]", service: "Service | None" = None) -> int:
    """Print the Reports, and write what was asked for. Returns the exit code."""
    try:
        with readers_may_leave():
            _show(target, options, reports)
    finally:
        options.outputs.write(reports, target.submissions, target.several)
    if options.outputs.html_file is not None and service is not None:
        _write_page(options.outputs.html_file, target, options, reports, service)
    return max(report.exit_code for report in reports)


def _warm_process(target: Target, options: Options) -> "WarmProcess | None":
    """The warm process, which may not run yet; None if it has no use here. Only a person at a terminal has one."""
    if sys.platform != "linux" or options.cold or not sys.stdout.isatty() or "CI" in os.environ:
        return None
    from grader.sandbox.process.launch import KIND_VARIABLE
    from grader.sandbox.process.trust import Trust

    outputs = options.outputs
    if target.several or options.in_process or options.unsafe or outputs.github or outputs.html_file:
        return None
    if os.environ.get(KIND_VARIABLE) or not all(map(Trust(target.course.root).includes, target.files)):
        return None
    from grader.warm.warm_process import WarmProcess

    return WarmProcess(target.course)


def _ask(warm: "WarmProcess", target: Target, options: Options) -> "Report | None":
    """The Report of the warm process, if it has one."""
    (task,) = _tasks(target, options.keyword, options.stop_first)
    report = warm.ask(task, _showing)
    if report is not None:
        _keep(target, [report])
    return report


@contextmanager
def _showing() -> "Iterator[Progress]":
    """Show the progress; what shows the Report is imported meanwhile."""
    import grader.render.terminal.terminal  # noqa: F401
    from grader.render.terminal.progress import show_progress

    with show_progress() as progress:
        yield progress


def _open_service(target: Target, options: Options) -> "Service":
    """Start the sandbox, unless the code runs in this process."""
    from grader.sandbox.process.trust import Trust
    from grader.service import Service

    # In a workflow, every file is the code of another person.
    trust = Trust(None if options.outputs.github else target.course.root, options.unsafe)
    if options.in_process:
        _expect_to_run_here(target.files, trust)
        return Service(target.course, None)
    return Service.open(target.course, trust, target.submissions)


def _tasks(target: Target, keyword: str | None, stop_first: bool) -> "list[Task]":
    from grader.grading.request import Selection, Task

    selection = Selection(target.exercises, keyword, stop_first)
    return [Task(section, file, selection) for section, file in target.submissions]


def graded(
    target: Target, service: "Service", keyword: str | None = None, stop_first: bool = False, is_grade: bool = True
) -> "list[Report]":
    """The Reports. Those of the student's own files are kept before anything is printed: a full disk must not lose them."""
    with importing(target.course.uses_torch):
        import grader.service.parallel  # noqa: F401  # here, where an error can name a missing module
        from grader.render.terminal.progress import show_progress

    with show_progress(enabled=is_grade) as progress:
        reports = service.grade(_tasks(target, keyword, stop_first), progress)
    if is_grade:
        _keep(target, reports)
    return reports


def _keep(target: Target, reports: "list[Report]") -> None:
    """Keep the Reports of the student's own files."""
    from grader.grading.records import Records

    for section, file in target.submissions if target.is_own else ():
        for report in [report for report in reports if report.section == section.id]:
            Records(target.course).keep(section, report, file.source)


def _show(target: Target, options: Options, reports: "list[Report]") -> None:
    """Print the Reports, then the notes."""
    from grader.grading.records import Records
    from grader.render.terminal.detail import render_brief
    from grader.render.terminal.overview import (
        file_here_remark,
        last_points_remark,
        missing_points_remark,
        newer_notebook_remark,
    )
    from grader.render.terminal.terminal import render_reports

    shown, quiet = options.outputs.shown(reports), options.detail in ("quiet", "lines")
    if options.detail == "lines":
        _show_lines(target, shown)
    if quiet:
        render_brief(shown, console())
    else:
        render_reports(shown, console(), target.words, every_check_too=options.detail == "verbose")
    if target.is_own_folder:
        for section in target.sections:
            note(newer_notebook_remark(section))
            note(file_here_remark(section))
    if not quiet:
        for section in target.sections:
            note(missing_points_remark(section))
        if target.is_own:
            if not options.in_process:
                _show_changes(target, reports)
                _show_suggestions(target, reports)
            for section, report in zip(target.sections, reports, strict=True):
                note(last_points_remark(target.course, section) if report.unread else "")
            note(Records(target.course).trouble())
    for file in target.files:
        note(file.remark)
    note(confinement_note(target.course, reports, target.files))


def _show_lines(target: Target, reports: "Sequence[Report]") -> None:
    """Print a line per failed check, with the path of its file."""
    from grader.render.terminal.detail import problem_lines
    from grader.toolkit.typed_paths import as_typed

    files = {section.id: as_typed(file.path) for section, file in target.submissions}
    for line in problem_lines(reports, files):
        click.echo(harmless(line))


def _show_changes(target: Target, reports: "list[Report]") -> None:
    """Print the points gained or lost since the last grading."""
    from grader.grading.records import Records
    from grader.grading.section_progress import points_since
    from grader.render.words import change_in_words

    records = Records(target.course)
    for section, report in zip(target.sections, reports, strict=True):
        if not report.unread and (said := change_in_words(points_since(records, section, report))):
            click.echo(f"  {said}")


def _show_suggestions(target: Target, reports: "list[Report]") -> None:
    """After all points of a section or an exercise, print what to read, plot or predict next."""
    from grader.grading.afterwards import suggestions
    from grader.render.terminal.overview import render_suggestions

    if len(reports) == 1 and reports[0].exit_code == 0:
        render_suggestions(suggestions(target.course, target.sections[0], reports[0]), console())


def _expect_to_run_here(submissions: "Sequence[Submission]", trust: "Trust") -> None:
    """Raise UsageError unless each is a Python file that may run in this process."""
    for submission in submissions:
        trust.expect_includes(submission)
        if submission.path.suffix != ".py":
            place = one_line(str(submission.path), PATH_LIMIT)
            raise UsageError(
                f"{place}: --in-process runs a Python file itself, no notebook and no archive. Leave --in-process out, "
                "or hand in the .py file."
            )


def _write_page(path: Path, target: Target, options: Options, reports: "list[Report]", service: "Service") -> None:
    named = None if target.words is not None or target.is_own_folder else target.path  # `words` name the path
    flags = [flag for flag, given in (("-x", options.stop_first), ("--in-process", options.in_process)) if given]
    arguments = words_of(target.exercises, named, options.keyword, flags)
    write_page(path, target.submissions, reports, service, target.words, arguments)
    click.echo(f"  The page:  {harmless(str(path))}")
