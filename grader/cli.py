"""The words a person types. Each verb is a few lines that call one function elsewhere; heavy imports stay inside them."""

import errno
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from grader import __version__
from grader.course import Course, Section, UsageError, find_course

EXIT_USAGE, EXIT_GRADER_ERROR = 2, 3
ALL = "all"
EXAMPLES = """\b
Examples:
  grade                                 points per section, and what is next
  grade section4                        grade a section; also: grade 4, grade momentum
  grade section4 momentum_step          grade one exercise
  grade section4 --submission FOLDER    grade somebody's files
  grade all --json report.json          grade everything, and keep the record
  grade doctor                          what this machine gives
"""


class Grade(click.Group):
    """A group whose commands are its verbs, and the sections of the course."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = super().get_command(ctx, cmd_name)
        if command is not None:
            return command
        if cmd_name != ALL:
            find_course().find(cmd_name)  # raises UsageError with the nearest words
        return _section_command(cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), "SECTION"]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs, and the sections by their words."""
        rows = [(name, command.get_short_help_str(80)) for name, command in sorted(self.commands.items())]
        with formatter.section("Commands"):
            formatter.write_dl([("SECTION [EXERCISE]…", "Grade a section, or some of its exercises."), *rows])
        with formatter.section("Sections"):
            sections = find_course().sections
            formatter.write_dl([(section.id, section.name) for section in sections] + [(ALL, "every section")])


@click.group(cls=Grade, invoke_without_command=True, epilog=EXAMPLES, context_settings={"max_content_width": 100})
@click.version_option(__version__, prog_name="grade")
@click.pass_context
def cli(context: click.Context) -> None:
    """Grade Descent: grade your exercises on optimization for deep learning."""
    if context.invoked_subcommand is None:
        _exit(grade_overview(find_course()))


def _section_command(word: str) -> click.Command:
    """The command that grades the section called `word`."""
    options: list[click.Parameter] = [
        click.Argument(["exercises"], nargs=-1, metavar="[EXERCISE]..."),
        click.Option(["--submission"], type=Path, help="A section's file, or a folder of them. Default: exercises/"),
        click.Option(["--json", "json_file"], type=Path, metavar="FILE", help="Write the Report as JSON."),
        click.Option(["-k", "keyword"], metavar="EXPRESSION", help="Only checks whose name matches, as in pytest."),
        click.Option(["-x", "stop_first"], is_flag=True, help="Stop at the first check that does not pass."),
        click.Option(["--in-process"], is_flag=True, help="Run your code in this process, for breakpoint(). No grade."),
    ]
    callback: Callable[..., None] = lambda **arguments: _exit(grade_sections(word, **arguments))  # noqa: E731
    return click.Command(word, callback=callback, params=options, help=f"Grade {word}.", short_help="Grade a section.")


def grade_sections(
    word: str,
    exercises: tuple[str, ...],
    submission: Path | None,
    json_file: Path | None,
    keyword: str | None,
    stop_first: bool,
    in_process: bool,
) -> int:
    """Grade one section, or all of them, and say so. Returns the exit code."""
    course = find_course()
    sections = list(course.sections) if word == ALL else [course.find(word)]
    if word == ALL and exercises:
        raise UsageError(f"Name the section of {exercises[0]}: grade SECTION {exercises[0]}")
    chosen = tuple(sections[0].find_exercise(exercise) for exercise in exercises)
    options = (submission or course.exercises, json_file, keyword, stop_first, in_process)
    return _grade(course, sections, chosen, *options, summary=word == ALL)


def _console() -> Any:
    """Where reports are printed; a width of none, as COLUMNS=0 asks for, would show nothing."""
    from rich.console import Console

    console = Console(highlight=False)
    return console if console.width > 0 else Console(highlight=False, width=80)


def grade_overview(course: Course) -> int:
    """Say which sections there are and what to type."""
    from grader.render.overview import render

    render(course, _console())
    return 0


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
) -> int:
    _one_thread()
    from grader.sandbox.launch import Sandbox, looks_untouched
    from grader.sandbox.submission import read_submission

    if json_file is not None:
        expect_writable(json_file)  # asked first: a grading that cannot be kept is better not waited for
    files = [read_submission(submission, section.stem, f"grade {section.id}") for section in sections]
    lanes = min(usable_cores(), len(files)) if sys.platform == "linux" else 1
    written = [
        (s, f.source) for s, f in zip(sections, files, strict=True) if not looks_untouched(f.source, len(s.exercises))
    ]
    sources, preload = [source for _, source in written], [name for s, _ in written for name in s.preload]
    sandbox = None if in_process else Sandbox.open(course, sources, lanes=lanes, preload=preload)
    try:
        from grader.grading.parallel import Task, grade_all
        from grader.grading.report import Summary, to_json
        from grader.grading.session import Selection
        from grader.render.progress import show_progress
        from grader.render.terminal import render

        selection = Selection(exercises, keyword, stop_first)
        tasks = [Task(section, file) for section, file in zip(sections, files, strict=True)]
        with show_progress(enabled=not in_process) as progress:
            reports = grade_all(course, tasks, sandbox, lanes, selection, progress)
        if json_file is not None:
            write_file(json_file, to_json(Summary.of(reports) if summary else reports[0]))
        render(reports, _console())
        return max(report.exit_code for report in reports)
    finally:
        if sandbox is not None:
            sandbox.close()


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else (os.cpu_count() or 1)


def _one_thread() -> None:
    """One thread per process, decided before numpy and torch are imported: two gradings must not fight over cores."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"


def expect_writable(path: Path) -> None:
    """Raise UsageError if it is plain already that a file cannot be written."""
    reason = None
    if path.is_dir():
        reason = errno.EISDIR
    elif not path.parent.is_dir():
        reason = errno.ENOENT
    elif not os.access(path if path.exists() else path.parent, os.W_OK):
        reason = errno.EACCES
    if reason is not None:
        raise UsageError(f"{path}: cannot be written: {os.strerror(reason)}. Name another file.")


def write_file(path: Path, data: bytes) -> None:
    """Write a file that the user named, or say why not."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}. Name another file.") from None


@cli.command()
@click.option("--check", is_flag=True, help="Change nothing; fail if a stub does not match its solution.")
def stubs(check: bool) -> None:
    """Make exercises/ from solutions/."""
    from grader.kit.stubs import stale_stubs, write_stubs

    course = find_course()
    if check:
        stale = stale_stubs(course.solutions, course.exercises)
        for path in stale:
            click.echo(f"{path}: does not match its solution. Try: grade stubs")
        _exit(1 if stale else 0)
    for path in write_stubs(course.solutions, course.exercises):
        click.echo(f"wrote {path}")


@cli.command()
@click.argument("sections", nargs=-1, metavar="[SECTION]...")
@click.option("--mutants", is_flag=True, help="Try small syntactic changes of the solutions instead; takes minutes.")
def audit(sections: tuple[str, ...], mutants: bool) -> None:
    """Try the checks on right and wrong answers: which mistakes they catch and name, which variants they pass."""
    _one_thread()
    os.environ.setdefault("GRADE_DEBUG", "1")  # a diagnosis that fails is a fault to be seen
    from grader.sandbox.launch import COMPILER, Sandbox

    course = find_course()
    chosen = [course.find(word) for word in sections] or list(course.sections)
    lanes = usable_cores() if sys.platform == "linux" else 1
    with Sandbox.open(course, lanes=lanes, preload=[COMPILER]) as sandbox:
        from grader.grading.audit import audit as carry_out
        from grader.grading.mutation import try_mutants
        from grader.render.audit import render, render_mutants
        from grader.render.progress import show_progress

        with show_progress(enabled=True) as progress:
            if mutants:
                result = try_mutants(course, chosen, sandbox, lanes, progress)
            else:
                audits = carry_out(course, chosen, sandbox, lanes, progress)
    if mutants:
        render_mutants(result, _console())
        _exit(0 if all(survivor.explained for survivor in result.survivors) else 1)
    render(audits, _console())
    _exit(1 if any(finding.problems for one in audits for finding in one.findings) else 0)


@cli.command()
def doctor() -> None:
    """Show what this machine gives: versions, data, each layer of the sandbox."""
    _one_thread()
    from grader.render.doctor import examine

    _exit(examine(find_course(), _console()))


@cli.command()
@click.argument("section")
@click.option("--seeds", default=400, show_default=True, help="Runs of the reference per convergence check.")
@click.option("--afresh", is_flag=True, help="Measure again what was measured before.")
def calibrate(section: str, seeds: int, afresh: bool) -> None:
    """Measure the thresholds of a section's convergence checks, or of all."""
    _one_thread()
    course = find_course()
    try:
        from grader.grading.calibration import calibrate as measure
        from grader.grading.calibration import calibrated_sections, measurements_of
    except ModuleNotFoundError as error:
        raise UsageError(f"{error.name} is missing. Install it with: pip install 'grade-descent[course]'") from error
    for one in calibrated_sections(course) if section == ALL else [course.find(section)]:
        for line in measure(one, seeds, measurements_of(course.root), afresh):
            click.echo(line)


def _exit(code: int) -> NoReturn:
    raise SystemExit(code)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; every ending that is not a grade is a message and an exit code, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what its encoding lacks is shown as "?": no reason to lose a report
            stream.reconfigure(errors="replace")
    try:
        cli.main(arguments, prog_name="grade", standalone_mode=False)
    except UsageError as error:
        _fail(str(error), EXIT_USAGE)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except (KeyboardInterrupt, click.Abort):
        _fail("Interrupted.", 130)
    except BaseException as error:
        if isinstance(error, SystemExit):
            raise
        _fail(_own_fault(error), EXIT_GRADER_ERROR)


def _own_fault(error: BaseException) -> str:
    """What to say when the grader itself failed; `GRADE_DEBUG=1` shows where."""
    if os.environ.get("GRADE_DEBUG"):
        import traceback

        return traceback.format_exc()
    return (
        f"grader error: {type(error).__name__}: {error}\nThis is our fault, not yours: no points are lost. "
        "Look at the machine with: grade doctor\n(GRADE_DEBUG=1 shows where it happened.)"
    )


def _fail(message: str, code: int) -> Any:
    click.echo(message, err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
