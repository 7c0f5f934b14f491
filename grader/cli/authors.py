"""The commands for authors of a course: `new`, `stubs`, `lint`, `audit`, `calibrate`, `release`; and `doctor`."""

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from grader.cli import completion
from grader.cli.author_loop import graded_for_author
from grader.cli.command import CommandGroup, examples
from grader.cli.common import ALL, PATH, console, exit_with, importing, note, prepare_imports, usable_cores
from grader.cli.group import cli
from grader.course import Course, UsageError
from grader.find_course import find_course
from grader.section import Section
from grader.toolkit.text import harmless, plural


@cli.command(epilog=examples("grade stubs", "grade stubs --check"))
@click.option("--check", is_flag=True, help="Change nothing; fail if a stub does not match its solution.")
def stubs(check: bool) -> None:
    """Make exercises/ from solutions/."""
    from grader.kit.stubs import stale_stubs, write_stubs

    course = find_course()
    course.expect_solutions()
    if check:
        stale = stale_stubs(course.solutions, course.exercises)
        for path in stale:
            click.echo(f"{path}: does not match its solution. Try: grade stubs")
        exit_with(1 if stale else 0)
    for path in write_stubs(course.solutions, course.exercises):
        click.echo(f"wrote {path}")


_TORCH = click.option("--torch", "with_torch", is_flag=True, help="With tensors of torch. Default: arrays of numpy.")


@cli.group(
    cls=CommandGroup,
    epilog=examples("grade new course ../my-course", "grade new section vectors", "grade new exercise section1 norm"),
)
def new() -> None:
    """Make a course, a section or an exercise that grades at once, for you to change."""


@new.command("course", epilog=examples("grade new course ../my-course --title 'Numerical methods'"))
@click.argument("folder", type=Path)
@click.option("--title", default="My course", show_default=True, help="What students read as its name.")
@click.option("--section", default="first", show_default=True, help="The name of its section.")
@_TORCH
def course_command(folder: Path, title: str, section: str, with_torch: bool) -> None:
    """Make a course in FOLDER: one section with one exercise, its checks, mistakes, hints and a picture."""
    from grader.kit.new_parts import new_course
    from grader.toolkit.typed_paths import as_argument

    _tell_new(
        new_course(folder, title, with_torch, section),
        f"cd {as_argument(folder)} && grade section1 --submission solutions",
    )


@new.command("section", epilog=examples("grade new section vectors"))
@click.argument("name")
@_TORCH
def section_command(name: str, with_torch: bool) -> None:
    """Make the next section, with one exercise."""
    from grader.kit.new_parts import new_section, own_course

    course = own_course(find_course())
    course.expect_solutions()
    written = new_section(course, name, with_torch)
    _tell_new(written, f"grade {name} --submission solutions")


@new.command("exercise", epilog=examples("grade new exercise section1 norm"))
@click.argument("section", shell_complete=completion.sections)
@click.argument("name")
def exercise_command(section: str, name: str) -> None:
    """Add an exercise to a section."""
    from grader.kit.new_parts import new_exercise, own_course

    course = own_course(find_course())
    course.expect_solutions()
    found = course.find(section)
    _tell_new(new_exercise(found, name), f"grade {found.id} {name} --submission solutions")


def _tell_new(written: list[Path], command: str) -> None:
    for path in written:
        click.echo(f"wrote {harmless(str(path))}")
    click.echo(f"  Next:  {command}")


@cli.command(epilog=examples("grade lint", "grade lint {section}"))
@click.argument("sections", nargs=-1, metavar="[SECTION]...", shell_complete=completion.sections)
def lint(sections: tuple[str, ...]) -> None:
    """List an author's errors in a course by file and line. Nothing runs."""
    from grader.kit.lint import lint as errors_in

    course = find_course()
    course.expect_solutions()
    gc.disable()  # a third of the time: it would scan all syntax trees again and again, and they stay
    jobs = usable_cores() if sys.platform == "linux" else 1
    errors = errors_in(course, [course.find(word) for word in sections], jobs=jobs)
    for error in errors:
        click.echo(harmless(error))
    click.echo(f"{plural(len(errors), 'error')}." if errors else "No errors.")
    exit_with(1 if errors else 0)


@cli.command(epilog=examples("grade audit", "grade audit {section} --mutants"))
@click.argument("sections", nargs=-1, metavar="[SECTION]...", shell_complete=completion.sections)
@click.option("--mutants", is_flag=True, help="Try small syntactic changes of the solutions instead; takes minutes.")
@click.option("--thorough", is_flag=True, help="Every adversary on every exercise, and long checks on every mistake.")
@click.option("--kit", "of_kit", is_flag=True, help="Show which mistakes a student kit names instead; takes minutes.")
@click.option(
    "--propose", is_flag=True, help="With --mutants: write those that no mistake names as skeletons of mistakes."
)
def audit(sections: tuple[str, ...], mutants: bool, thorough: bool, of_kit: bool, propose: bool) -> None:
    """Try the checks on right and wrong answers: which mistakes they catch and name, which variants they pass."""
    if propose and not mutants:
        raise UsageError("--propose goes with --mutants. Type: grade audit --mutants --propose")
    if thorough and (mutants or of_kit):
        raise UsageError("--thorough does not go with --mutants or --kit. Type: grade audit --thorough")
    prepare_imports()
    os.environ.setdefault("GRADE_DEBUG", "1")  # show the traceback of a diagnosis that fails
    from grader.sandbox.process.trust import Trust
    from grader.service import Service
    from grader.submission.locate import read_section

    course = find_course()
    course.expect_solutions()
    chosen = [course.find(word) for word in sections] or list(course.sections)
    if of_kit:
        exit_with(_audit_kit(chosen))
    mistakes = Trust(everybody=True)  # they belong to the course
    solutions = [(section, read_section(section.solution, section)) for section in chosen]
    with Service.open(course, mistakes, solutions) as service:
        with importing(course.uses_torch):
            from grader.audit.audit import audit as carry_out
            from grader.audit.mutants import write_proposals
            from grader.audit.mutation_testing import try_mutants
            from grader.render.terminal.audit_matrix import render_audit, render_mutants
            from grader.render.terminal.progress import show_progress

        with show_progress(enabled=True) as progress:
            if mutants:
                result = try_mutants(service, chosen, progress, propose)
            else:
                audits = carry_out(service, chosen, progress, thorough)
    if mutants:
        render_mutants(result, console())
        for one in chosen if propose else ():
            unnamed = [mutant for section, mutant in result.unnamed if section == one]
            if unnamed:
                click.echo(f"wrote {plural(len(unnamed), 'proposal')}: {harmless(str(write_proposals(one, unnamed)))}")
        exit_with(0 if all(survivor.explained for survivor in result.survivors) else 1)
    render_audit(audits, console())
    exit_with(1 if any(finding.problems for one in audits for finding in one.findings) else 0)


def _audit_kit(sections: Sequence[Section]) -> int:
    """Record what a kit says of mistakes, and print it. Returns the exit code."""
    from grader.audit.kit_names import KitNames, too_few
    from grader.render.terminal.audit_matrix import render_kit_names

    found = [KitNames.of(section) for section in sections]
    render_kit_names(found, console())
    return 1 if too_few(found) or any(one.problems for one in found) else 0


@cli.command(epilog=examples("grade doctor"))
def doctor() -> None:
    """Show which protections this machine has: versions, data, each layer of the sandbox."""
    prepare_imports()
    from grader.render.terminal.doctor import examine

    exit_with(examine(find_course(), console()))


@cli.command(epilog=examples("grade calibrate {section}", "grade calibrate all --seeds 400"))
@click.argument("section", shell_complete=completion.sections)
@click.option("--seeds", default=400, show_default=True, help="Runs of the reference per convergence check.")
@click.option("--afresh", is_flag=True, help="Repeat all measurements.")
def calibrate(section: str, seeds: int, afresh: bool) -> None:
    """Measure the thresholds of a section's convergence checks, or of all."""
    prepare_imports()
    course = find_course()
    course.expect_solutions()
    try:
        from grader.audit.calibration import calibrate as measure
        from grader.audit.calibration import calibrated_sections, measurements_of
    except ModuleNotFoundError as error:
        raise UsageError(f"{error.name} is missing. Install it with: pip install 'grade-descent[course]'") from error
    for one in calibrated_sections(course) if section == ALL else [course.find(section)]:
        for line in measure(one, seeds, measurements_of(course.root), afresh):
            click.echo(line)
        click.echo(f"wrote {one.thresholds}")


@cli.command(epilog=examples("grade release ../optimization-exercises --zip"))
@click.argument("folder", type=PATH)
@click.option("--zip", "as_zip", is_flag=True, help="Also write FOLDER.zip, the same bytes for the same course.")
@click.option(
    "--quick", is_flag=True, help="Save minutes: the kit names no mistakes, and its pictures lack the reference."
)
@click.option("--unchecked", is_flag=True, help="Make the kit even if the course has errors: it looks for none.")
def release(folder: Path, as_zip: bool, quick: bool, unchecked: bool) -> None:
    """Make the student kit in FOLDER: exercises, notebooks, visible checks, the grader and the data; no solutions.

    It makes none if `grade lint` finds an error, or a solution misses points.
    """
    from grader.kit.release import expect_new, kit, write_kit
    from grader.toolkit.typed_paths import as_argument, as_typed

    course = find_course()
    course.expect_solutions()
    prepare_imports()  # what is recorded needs torch, on one thread
    target = folder.resolve()
    archive = target.with_name(f"{target.name}.zip") if as_zip else None
    expect_new(target)
    if not unchecked:
        _expect_sound(course, f"grade release {as_argument(folder)}")
    if not quick:
        note("recording what the kit knows of mistakes and pictures takes some minutes; --quick leaves it out.")
    files = kit(course, recorded=not quick)
    write_kit(files, target, archive)
    click.echo(
        f"{as_typed(target)} is the student kit, of {len(files)} files."
        + (f" As an archive: {as_typed(archive)}" if archive else "")
    )
    click.echo(f"  Next:  read its README.md, then try it: cd {as_argument(target)} && grade")
    exit_with(0)


def _expect_sound(course: Course, again: str) -> None:
    """Raise UsageError, with a line for each error of the course, if students should not get it."""
    from grader.kit.lint import lint as errors_in

    found, see = errors_in(course), "grade lint"
    if not found:
        from grader.audit.audit import Answer, losses, submission_of
        from grader.figures.reference_numbers import pictures_amiss
        from grader.grading.request import Task
        from grader.kit.release import expect_enough

        expect_enough(course)
        note("grading the solutions.")
        answers = [Answer("solution", one, "solution", one.solution.read_bytes()) for one in course.sections]
        reports = graded_for_author(course, [Task(one.section, submission_of(one)) for one in answers])
        lost = {
            one.section: losses(one.section, report) + pictures_amiss(one.section)
            for one, report in zip(answers, reports, strict=True)
        }
        found = [line for lines in lost.values() for line in lines]
        see = next((f"grade author {section.id} --once" for section, lines in lost.items() if lines), "")
    if found:
        errors = plural(len(found), "error")
        raise UsageError("\n".join([*found, f"{errors}: no kit is made. To see more: {see}", f"Then: {again}"]))
