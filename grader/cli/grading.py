"""Grade sections: `grade section4 [EXERCISE]`, `grade all`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import completion
from grader.cli.common import ALL, console, exit_with, expect_writable, importing, one_thread, usable_cores, write_file
from grader.course import Course, Section, UsageError, find_course
from grader.toolkit.text import one_line

if TYPE_CHECKING:
    from grader.sandbox.submission import Submission

SUBMISSION_HELP = "A section's .py or .ipynb, or a folder or .zip that holds it. Default: exercises/"


def section_command(word: str) -> click.Command:
    """The command that grades the section called `word`."""
    options: list[click.Parameter] = [
        click.Argument(["exercises"], nargs=-1, metavar="[EXERCISE]...", shell_complete=completion.exercises),
        click.Option(["--submission"], type=Path, help=SUBMISSION_HELP),
        click.Option(["--json", "json_file"], type=Path, metavar="FILE", help="Write the Report as JSON."),
        click.Option(["-k", "keyword"], metavar="EXPRESSION", help="Only checks whose name matches, as in pytest."),
        click.Option(["-x", "stop_first"], is_flag=True, help="Stop at the first check that does not pass."),
        click.Option(["--watch"], is_flag=True, help="Grade again on every save."),
        click.Option(["--in-process"], is_flag=True, help="Run your code in this process, for breakpoint(). No grade."),
    ]
    callback: Callable[..., None] = lambda **arguments: exit_with(grade_sections(word, **arguments))  # noqa: E731
    return click.Command(word, callback=callback, params=options, help=f"Grade {word}.", short_help="Grade a section.")


def grade_sections(
    word: str,
    exercises: tuple[str, ...],
    submission: Path | None,
    json_file: Path | None,
    keyword: str | None,
    stop_first: bool,
    in_process: bool,
    watch: bool,
) -> int:
    """Grade one section, or all of them, and say so. Returns the exit code."""
    course = find_course()
    sections = list(course.sections) if word == ALL else [course.find(word)]
    if word == ALL and exercises:
        raise UsageError(f"Name the section of {exercises[0]}: grade SECTION {exercises[0]}")
    chosen = tuple(sections[0].find_exercise(exercise) for exercise in exercises)
    if watch:
        if word == ALL:
            raise UsageError(f"Name the section to watch: grade {sections[0].id} --watch")
        if json_file or keyword or stop_first or in_process:
            raise UsageError("--watch goes with names of exercises and --submission. Leave the other options out.")
        return _watch(course, sections[0], chosen, submission)
    options = (submission or course.exercises, json_file, keyword, stop_first, in_process)
    return _grade(course, sections, chosen, *options, summary=word == ALL, mine=submission is None)


def _watch(course: Course, section: Section, exercises: tuple[str, ...], submission: Path | None) -> int:
    from grader.cli.group import cli
    from grader.cli.watch import watch

    return watch(course, section, exercises, submission, plots="plot" in cli.commands)


def _grade(
    course: Course,
    sections: list[Section],
    exercises: tuple[str, ...],
    submission: Path,
    json_file: Path | None,
    keyword: str | None,
    stop_first: bool,
    in_process: bool,
    summary: bool,
    mine: bool,
) -> int:
    one_thread()
    from grader.sandbox.launch import Sandbox, looks_untouched
    from grader.sandbox.submission import read_submission

    if json_file is not None:
        expect_writable(json_file)  # asked first: a grading that cannot be kept is better not waited for
    files = [read_submission(submission, section.stem, f"grade {section.id}") for section in sections]
    if in_process:
        _expect_python_files(files)
    lanes = min(usable_cores(), len(files)) if sys.platform == "linux" else 1
    written = [
        (s, f.source) for s, f in zip(sections, files, strict=True) if not looks_untouched(f.source, len(s.exercises))
    ]
    sources, preload = [source for _, source in written], [name for s, _ in written for name in s.preload]
    sandbox = None if in_process else Sandbox.open(course, sources, lanes=lanes, preload=preload)
    try:
        with importing():
            from grader.grading.parallel import Task, grade_all
            from grader.grading.records import Records
            from grader.grading.report import Summary, to_json
            from grader.grading.session import Selection
            from grader.render.progress import show_progress
            from grader.render.terminal import render

        selection = Selection(exercises, keyword, stop_first)
        tasks = [Task(section, file) for section, file in zip(sections, files, strict=True)]
        with show_progress(enabled=not in_process) as progress:
            reports = grade_all(course, tasks, sandbox, lanes, selection, progress)
        render(reports, console())  # first: a full disk must not take the grade away
        if json_file is not None:
            write_file(json_file, to_json(Summary.of(reports) if summary else reports[0]))
        if mine and not in_process:
            by_section = {task.section.id: task for task in tasks}
            for report in reports:
                task = by_section[report.section]
                Records(course).keep(task.section, report, task.submission.source)
        return max(report.exit_code for report in reports)
    finally:
        if sandbox is not None:
            sandbox.close()


def _expect_python_files(submissions: "list[Submission]") -> None:
    """Raise UsageError unless each is a file that this process can import as it is."""
    for submission in submissions:
        if submission.path.suffix != ".py":
            place = one_line(str(submission.path))
            raise UsageError(
                f"{place}: --in-process runs a Python file itself, no notebook and no archive. Leave --in-process out, "
                "or hand in the .py file."
            )
