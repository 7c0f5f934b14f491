"""`grade repro SECTION [EXERCISE]`: the counterexample of a failing check as a script."""

import ast
import io
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import completion
from grader.cli.command import examples
from grader.cli.common import confinement_note, exit_with, importing, note, prepare_imports
from grader.cli.group import cli
from grader.cli.guard import SOURCE_OUTPUT
from grader.cli.writing import expect_writable, write_file
from grader.course import Course, UsageError
from grader.find_course import find_course
from grader.section import Section
from grader.submission.python_file import decode

if TYPE_CHECKING:
    from grader.diagnosis.script import Script
    from grader.grading.report import CheckResult, Report
    from grader.service.wrong_calls import ShownCall
    from grader.submission.submission import Submission

FOLDER = "repro"


@cli.command(
    epilog=examples(
        "grade repro {section} {exercise}   writes repro/{section}_{exercise}.py",
        "grade repro {section} {exercise} --pdb   runs it, and stops in your function",
    )
)
@click.argument("section", shell_complete=completion.sections)
@click.argument("exercise", required=False, shell_complete=completion.exercises)
@click.option("--out", type=SOURCE_OUTPUT, metavar="FILE", help="The script to write. Default: in the folder repro.")
@click.option("--pdb", is_flag=True, help="Run the script in Python's debugger, and stop in your function.")
def repro(section: str, exercise: str | None, out: Path | None, pdb: bool) -> None:
    """Write the call that shows what is wrong as a script, which needs your file and not the grader."""
    course = find_course()
    chosen = course.find(section, "grade repro")
    names = (chosen.find_exercise(exercise, "grade repro"),) if exercise else ()
    if out is not None:
        _expect_place(out, chosen)
    from grader.toolkit.typed_paths import as_argument

    file, report, calls = _failing(course, chosen, names)
    check, script, path = _script(course, chosen, report, calls, out)
    _write(path, script)
    click.echo(f"{as_argument(path)} shows why {check.exercise} fails: {check.title}.")
    note(confinement_note(course, [report], [file]))
    if pdb:
        exit_with(_debug(path, script, file, check.exercise))
    click.echo(f"  Next:  python {as_argument(path)}")
    click.echo(f"         or, to stop in your function,  grade repro {chosen.id} {check.exercise} --pdb")
    exit_with(0)


def _expect_place(path: Path, section: Section) -> None:
    """Raise UsageError unless a script may be written there: it must not replace the student's own work."""
    if path.suffix != ".py" or path.resolve().parent == section.exercise.parent.resolve():
        raise UsageError(f"{path}: name a file that ends in .py, and not in exercises/, where your own files are.")
    expect_writable(path)


def _failing(course: Course, section: Section, names: tuple[str, ...]) -> "tuple[Submission, Report, list[ShownCall]]":
    """Grade the student's own file, and keep the calls of the checks that fail."""
    prepare_imports()
    from grader.sandbox.process.trust import Trust
    from grader.service import Service
    from grader.submission.locate import locate

    files = locate(course, course.exercises, [section]).expect_all()
    ((_, file),) = files
    if file.path.suffix != ".py":
        raise UsageError(
            f"{file.path.name}: a script imports a Python file. Convert your notebook first: "
            f"grade notebook {file.path.name}"
        )
    with Service.open(course, Trust(course.root), files) as service:
        with importing():
            from grader.render.terminal.progress import show_progress
            from grader.service.wrong_calls import failing_calls
        with show_progress() as progress:
            report, calls = failing_calls(service, section, file, names, progress)
    return file, report, calls


def _script(
    course: Course, section: Section, report: "Report", calls: "list[ShownCall]", out: Path | None
) -> "tuple[CheckResult, Script, Path]":
    """The script of the first check that can have one, with that check. Raises UsageError if none can."""
    from grader.diagnosis.python_text import NotWritableError
    from grader.diagnosis.script import script_of

    why = ""
    for call in calls:
        path = out or course.root / FOLDER / f"{section.id}_{call.check.exercise}.py"
        try:
            return call.check, script_of(section, call.contract, call.check, call.exchange, path), path
        except NotWritableError as error:
            why = why or (
                f'The call of {call.check.exercise} cannot be a script: {error} (check "{call.check.title}"). Write '
                f"breakpoint() in your function, then: grade {section.id} {call.check.exercise} --in-process"
            )
    raise UsageError(why or _nothing(section, report))


def _nothing(section: Section, report: "Report") -> str:
    """Why no check has a call to show."""
    from grader.grading.report import Status

    if report.unread:
        return f"{report.notice}\nNo call was made. Fix the file first."
    if report.exit_code == 0:
        return f"{report.submission}: every check passes, so there is nothing to reproduce."
    open_ones = [one.name for one in report.exercises if one.status is Status.NOT_STARTED]
    if open_ones and all(one.passed or one.name in open_ones for one in report.exercises):
        return f"{open_ones[0]} is not written yet, so there is no call to show. Its text: grade next {section.id}"
    return f"No check that fails has called your function. See the messages: grade {section.id}"


def _write(path: Path, script: "Script") -> None:
    if path.parent.name == FOLDER:
        with suppress(OSError):  # write_file says why
            path.parent.mkdir(exist_ok=True)
    write_file(path, script.text.encode())
    if script.stored:
        import numpy as np

        memory = io.BytesIO()
        np.savez(memory, **script.stored)  # type: ignore[arg-type]
        write_file(path.with_suffix(".npz"), memory.getvalue())


def _debug(path: Path, script: "Script", file: "Submission", exercise: str) -> int:
    """Run the script under Python's debugger, up to the first line of the exercise. Returns the exit code."""
    places = [(file.path, line) for line in _first_lines(file.source, file.filename, exercise)] or [
        (path, script.call_line)
    ]
    stops = [word for place, line in places for word in ("-c", f"tbreak {place.absolute()}:{line}")]
    return subprocess.run([sys.executable, "-P", "-m", "pdb", *stops, "-c", "continue", str(path)]).returncode


def _first_lines(source: bytes, filename: str, exercise: str) -> list[int]:
    """The first line that runs in a function, or in each method of a class; none if the file does not define it."""
    try:
        tree = ast.parse(decode(source, filename))
    except (SyntaxError, ValueError, RecursionError):
        return []
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node for node in tree.body if isinstance(node, (*kinds, ast.ClassDef)) and node.name == exercise][-1:]
    inside = [one for node in found if isinstance(node, ast.ClassDef) for one in node.body]
    return [_first_line(node) for node in [*found, *inside] if isinstance(node, kinds)]


def _first_line(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    behind = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (behind or function.body)[0].lineno
