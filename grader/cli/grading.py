"""Grade sections: `grade SECTION [EXERCISE]`, `grade all`."""

import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli import completion, outputs
from grader.cli.command import Command, examples
from grader.cli.common import (
    ALL,
    SUBMISSION_HELP,
    UNSAFE_HELP,
    confinement_note,
    console,
    exit_with,
    importing,
    note,
    prepare_imports,
    readers_may_leave,
    usable_cores,
)
from grader.cli.outputs import Outputs, words_of, write_page
from grader.course import Course, Section, UsageError
from grader.find_course import find_course
from grader.toolkit.text import harmless, one_line

if TYPE_CHECKING:
    from grader.sandbox.process.trust import Trust
    from grader.service import Submissions
    from grader.submission.submission import Submission

LANES_PER_SECTION = 2  # more save little: the largest family of exercises is half a section
PATH_KINDS = (".py", ".ipynb", ".zip")


def section_command(word: str) -> Command:
    """The command that grades the section called `word`."""
    options: list[click.Parameter] = [
        click.Argument(["exercises"], nargs=-1, metavar="[EXERCISE]...", shell_complete=completion.exercises),
        click.Option(["--submission"], type=Path, help=SUBMISSION_HELP),
        click.Option(["--unsafe"], is_flag=True, help=UNSAFE_HELP),
        *outputs.OPTIONS,
        click.Option(["-k", "keyword"], metavar="EXPRESSION", help="Only checks whose name matches, as in pytest."),
        click.Option(["-x", "stop_first"], is_flag=True, help="Stop at the first check that does not pass."),
        click.Option(["-q", "--quiet", "detail"], flag_value="quiet", help="One line per section."),
        click.Option(["-v", "--verbose", "detail"], flag_value="verbose", help="Every check, with points and seconds."),
        click.Option(["--watch"], is_flag=True, help="Grade again on every save."),
        click.Option(["--in-process"], is_flag=True, help="Run your code in this process, for breakpoint(). No grade."),
    ]
    callback: Callable[..., None] = lambda **arguments: exit_with(grade_sections(word, **arguments))  # noqa: E731
    what = "every section" if word == ALL else f"{word}, or some of its exercises"
    epilog = examples(f"grade {word}", f"grade {word} --submission FOLDER --json report.json", f"grade {word} --quiet")
    return Command(word, callback=callback, params=options, help=f"Grade {what}.", epilog=epilog)


@dataclass(frozen=True)
class Options:
    """The options of a grading; `detail` is "quiet", "verbose" or None."""

    outputs: Outputs
    keyword: str | None
    stop_first: bool
    detail: str | None
    in_process: bool
    unsafe: bool

    @classmethod
    def of(cls, typed: dict[str, Any]) -> "Options":
        names = {field.name for field in fields(Outputs) if field.init}
        return cls(
            outputs=Outputs(**{name: value for name, value in typed.items() if name in names}),
            **{name: value for name, value in typed.items() if name not in names},
        )


def grade_sections(
    word: str, exercises: tuple[str, ...], submission: Path | None, watch: bool, unsafe: bool, **others: Any
) -> int:
    """Grade one section or all, and print the Reports. Returns the exit code."""
    options = Options.of(others | {"unsafe": unsafe})
    if options.outputs.github and options.in_process:
        raise UsageError("--github is for a grade, and --in-process makes none. Leave one of them out.")
    if watch and any(others.values()):
        raise UsageError(
            "--watch goes with names of exercises, --submission and --unsafe. Leave the other options out."
        )
    with options.outputs.on_github():
        options.outputs.expect_writable()
        return _grade_typed(word, exercises, submission, watch, options)


def _grade_typed(word: str, exercises: tuple[str, ...], submission: Path | None, watch: bool, options: Options) -> int:
    """Find the files of the typed words, and grade them."""
    course = find_course()
    if is_path(word):
        if submission is not None:
            raise UsageError(f"{one_line(word)} is what to grade, and so is --submission: name one of them.")
        submission = Path(word)
    if submission is not None and submission.resolve() == course.exercises.resolve():
        submission = None
    wanted = None if is_path(word) else course.sections if word == ALL else [course.find(word)]
    files = _located(course, submission or course.exercises, wanted)
    sections = [section for section, _ in files]
    several = word == ALL or len(sections) > 1
    if several and exercises:
        raise UsageError(f"Name the section of {exercises[0]}: grade SECTION {exercises[0]}")
    chosen = tuple(sections[0].find_exercise(exercise) for exercise in exercises)
    if watch:
        if several:
            raise UsageError(f"Name the section to watch: grade {sections[0].id} --watch")
        from grader.cli.watch import watch as watch_section

        return watch_section(course, sections[0], chosen, submission, options.unsafe)
    mine = _is_mine(course, submission)
    again = None
    if is_path(word) and not several:
        again = f"grade {shlex.quote(one_line(word))}"
    elif submission is not None and not mine and not several:
        again = f"grade {sections[0].id} --submission {shlex.quote(one_line(str(submission)))}"
    return _grade(course, files, chosen, submission or course.exercises, options, several, mine, again)


def is_path(word: str) -> bool:
    """Whether a word names a file or folder to grade, and not a section."""
    if Path(word).suffix.lower() in PATH_KINDS:
        return True
    return os.path.isdir(word) and not any(word in (s.id, s.name, s.stem) for s in find_course().sections)


def _located(course: Course, path: Path, sections: "Sequence[Section] | None") -> "Submissions":
    """The files of these sections, or of all sections that have a file."""
    prepare_imports()
    from grader.submission.locate import locate

    return locate(course, path, sections).expect_all()


def _is_mine(course: Course, submission: Path | None) -> bool:
    """Whether the file is the student's own: it lies in exercises/."""
    return submission is None or submission.resolve().parent == course.exercises.resolve()


def _grade(
    course: Course,
    files: "Submissions",
    exercises: tuple[str, ...],
    submission: Path,
    options: Options,
    several: bool,
    mine: bool,
    again: str | None,
) -> int:
    prepare_imports()
    from grader.sandbox.process.trust import Trust
    from grader.service import Service

    sections = [section for section, _ in files]
    # In a workflow, every file is the code of another person.
    trust = Trust(None if options.outputs.github else course.root, options.unsafe)
    if options.in_process:
        _expect_to_run_here([file for _, file in files], trust)
    lanes = min(usable_cores(), max(len(files), LANES_PER_SECTION))
    with Service(course, None) if options.in_process else Service.open(course, trust, files, lanes) as service:
        with importing():
            import grader.grading.parallel  # noqa: F401  # torch, where a module that is missing can be told
            from grader.grading.records import Records
            from grader.grading.request import Selection, Task
            from grader.render.terminal.detail import render_brief
            from grader.render.terminal.overview import missing_points_remark, newer_notebook_remark
            from grader.render.terminal.progress import show_progress
            from grader.render.terminal.terminal import render_reports

        selection = Selection(exercises, options.keyword, options.stop_first)
        with show_progress(enabled=not options.in_process) as progress:
            reports = service.grade([Task(section, file, selection) for section, file in files], progress)
        if mine and not options.in_process:  # first: a full disk or a closed pipe must not lose the grade
            for section, file in files:
                for report in [report for report in reports if report.section == section.id]:
                    Records(course).keep(section, report, file.source)
        shown = options.outputs.shown(reports)
        try:
            with readers_may_leave():
                if options.detail == "quiet":
                    render_brief(shown, console())
                else:
                    render_reports(shown, console(), again, every_check_too=options.detail == "verbose")
                for section in sections if submission == course.exercises else []:
                    note(newer_notebook_remark(section))
                for section in sections if options.detail != "quiet" else []:
                    note(missing_points_remark(section))
                if mine and options.detail != "quiet":
                    note(Records(course).trouble())
                note(confinement_note(course, reports, [file for _, file in files]))
        finally:
            options.outputs.write(reports, files, several)
        if options.outputs.html_file is not None:
            typed = _typed(exercises, submission, course, options, again)
            write_page(options.outputs.html_file, files, reports, service, again, typed)
            click.echo(f"  The page:  {harmless(str(options.outputs.html_file))}")
        return max(report.exit_code for report in reports)


def _expect_to_run_here(submissions: "Sequence[Submission]", trust: "Trust") -> None:
    """Raise UsageError unless each is a Python file, and one that may run in this process."""
    for submission in submissions:
        trust.expect_includes(submission)
        if submission.path.suffix != ".py":
            place = one_line(str(submission.path))
            raise UsageError(
                f"{place}: --in-process runs a Python file itself, no notebook and no archive. Leave --in-process out, "
                "or hand in the .py file."
            )


def _typed(exercises: tuple[str, ...], submission: Path, course: Course, options: Options, again: str | None) -> str:
    """The words behind `grade SECTION`, or behind `again`, which names the submission itself."""
    own = again is not None or submission == course.exercises
    flags = [flag for flag, given in (("-x", options.stop_first), ("--in-process", options.in_process)) if given]
    return words_of(exercises, None if own else submission, options.keyword, flags)
