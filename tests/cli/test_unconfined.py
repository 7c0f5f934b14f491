"""On a machine without Landlock and seccomp, or with plain processes only: whose code runs, and the note about it."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from grader.cli import cli
from grader.cli.grading import section_command
from tests import forked
from tests.course_with_predictions import make_course
from tests.paths import ROOT, TINY

RIGHT = TINY / "solutions" / "section1_tiny.py"
MOMENTUM = ROOT / "solutions" / "section4_momentum.py"

REFUSING = """
import sys
from msgspec.structs import replace
from grader.sandbox.process.launch_zygote import ZygoteOwner
made = ZygoteOwner.__init__
def refused(self, config, *others, **named):
    made(self, replace(config, landlock_abi_limit=0, seccomp=False, namespaces=False), *others, **named)
ZygoteOwner.__init__ = refused
from grader.cli import main
main(sys.argv[1:])
"""
PLAIN = """
import os, sys
os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
from grader.sandbox.process.launch import Sandbox
given = Sandbox.open
Sandbox.open = lambda *others, **named: given(*others, **{**named, "kind": "plain"})
from grader.cli import main
main(sys.argv[1:])
"""


def verbs(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every verb below a command, by the words that name it."""
    if isinstance(command, click.Group):
        for name, one in command.commands.items():
            yield from verbs(one, (*words, name))
    else:
        yield words, command


def takes_submissions(command: click.Command) -> bool:
    return any(parameter.name in ("submission", "submissions") for parameter in command.params)


TAKERS = {words: command for words, command in verbs(cli) if takes_submissions(command)}
TAKERS |= {("tiny",): section_command("tiny"), ("all",): section_command("all")}
ARGUMENTS = {  # of every verb that takes what somebody else has written: what to type behind it
    ("tiny",): ["--submission", "{file}"],
    ("all",): ["--submission", "{folder}"],
    ("class",): ["{folder}", "--out", "{out}"],
    ("plot",): ["section4", "momentum_step", "--submission", "{momentum}", "--out", "{out}"],
    ("predict",): ["tiny", "--submission", "{predictions}"],
    ("read",): ["tiny", "--submission", "{file}", "--out", "{out}.html"],
    ("gradescope", "run"): ["--submission", "{folder}", "--out", "{out}.json"],
}
IN_REAL_COURSE = {("plot",)}
WITH_PREDICTIONS = {("predict",)}


@pytest.fixture
def trace():
    """A file that every user may make: where all users can run this Python, a worker is another user than ours."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        yield Path(folder, "trace")


@pytest.fixture
def theirs(tmp_path, trace):
    """A hand-in with right answers that leave a trace when they run."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    for solution in (RIGHT, MOMENTUM):
        leave_trace(solution, folder / solution.name, trace)
    return folder


@pytest.fixture
def course_with_predictions(tmp_path, trace):
    """A course that asks for predictions, and a file with answers."""
    course = make_course(tmp_path / "with_predictions")
    (tmp_path / "predictions").mkdir()
    leave_trace(course / "solutions" / RIGHT.name, tmp_path / "predictions" / RIGHT.name, trace)
    return course


def leave_trace(solution: Path, target: Path, trace: Path) -> None:
    """Copy a solution, with a line that leaves a trace where it is run."""
    text = solution.read_text(encoding="utf-8")
    at = text.index("\n# %%\n", 1)
    target.write_text(f"{text[:at]}\n# %%\nopen({str(trace)!r}, 'w').close()\n{text[at:]}")


@pytest.fixture
def run(trace):
    """Type a command on such a machine; returns what it printed, its exit code, and whether anything has run."""

    def typed(*words: object, machine: str = REFUSING, course: Path = TINY, cwd: Path = ROOT):
        trace.unlink(missing_ok=True)
        environment = {**os.environ, "GRADE_COURSE": str(course), "COLUMNS": "200", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", machine, *map(str, words)]
        return forked.run(command, environment, cwd), trace.exists()

    return typed


def arguments(words: tuple[str, ...], theirs: Path) -> list[str]:
    places = {
        "file": theirs / RIGHT.name,
        "momentum": theirs / MOMENTUM.name,
        "folder": theirs,
        "predictions": theirs.parent / "predictions" / RIGHT.name,
        "out": theirs.parent / "out",
    }
    return [*words, *(word.format(**places) for word in ARGUMENTS[words])]


def expect_refused(done):
    assert done.returncode == 2, done.stdout + done.stderr
    for word in ("cannot confine submissions", "no Landlock", "no seccomp", "grade doctor", "--unsafe"):
        assert word in done.stderr
    assert "points" not in done.stdout


@pytest.mark.parametrize("words", TAKERS, ids=" ".join)
def test_every_verb_that_takes_a_submission_can_be_told_to_grade_it_all_the_same(words):
    assert any(parameter.name == "unsafe" for parameter in TAKERS[words].params)
    assert words in ARGUMENTS, "say above how it is typed: the tests below run it where nothing is confined"


@pytest.mark.slow
@pytest.mark.parametrize("words", TAKERS, ids=" ".join)
def test_code_of_others_is_not_run_where_it_cannot_be_confined(words, run, theirs, course_with_predictions):
    course = ROOT if words in IN_REAL_COURSE else course_with_predictions if words in WITH_PREDICTIONS else TINY
    typed = arguments(words, theirs)
    refused, ran = run(*typed, course=course)
    assert not ran
    if words[0] == "gradescope":  # which has results, whatever happens, and nobody who reads an exit code
        assert refused.returncode == 3
        found = (theirs.parent / "out.json").read_text()
        assert '"score":' not in found.replace(" ", "")
        assert "cannot confine submissions" in refused.stdout
    else:
        expect_refused(refused)
    accepted, ran = run(*typed, "--unsafe", course=course)
    assert ran, accepted.stdout + accepted.stderr
    assert accepted.returncode in (0, 1), accepted.stderr  # 1: a class in which files were left over


def test_a_file_is_refused_before_any_of_it_runs(run, theirs):
    refused, ran = run("tiny", "--submission", theirs / RIGHT.name)
    assert not ran
    expect_refused(refused)
    accepted, ran = run("tiny", "--submission", theirs / RIGHT.name, "--unsafe")
    assert (accepted.returncode, ran) == (0, True), accepted.stderr
    assert accepted.stdout.count("This code ran without confinement on this machine, as --unsafe allows: no Land") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", [("{file}",), ("tiny", "--watch", "--submission", "{file}"), ("tiny", "--submission", "{folder}", "-q")]
)
def test_however_it_is_named(words, run, theirs):
    refused, ran = run(*(word.format(file=theirs / RIGHT.name, folder=theirs) for word in words))
    assert not ran
    expect_refused(refused)


def test_in_process_runs_no_code_of_others_either(run, theirs):
    refused, ran = run("tiny", "--in-process", "--submission", theirs / RIGHT.name)
    assert (refused.returncode, ran) == (2, False)
    assert "--in-process confines nothing" in refused.stderr


@pytest.fixture
def mine(tmp_path, theirs):
    """A student's own course, with the file in its exercises."""
    course = tmp_path / "mine"
    shutil.copytree(TINY, course)
    shutil.copy(theirs / RIGHT.name, course / "exercises")
    return course


@pytest.mark.parametrize(
    ("machine", "said"),
    [
        pytest.param(REFUSING, "Your code ran without confinement on this machine: no Landlock", id="refusing"),
        pytest.param(
            PLAIN, "Your code ran without confinement on this machine: it ran as", id="plain", marks=pytest.mark.slow
        ),
    ],
)
def test_your_own_file_is_graded_and_one_line_says_how(machine, said, run, mine):
    graded, ran = run("tiny", machine=machine, course=mine, cwd=mine)
    assert (graded.returncode, ran) == (0, True), graded.stderr
    assert graded.stdout.count(said) == 1
    assert "5.0 / 5.0" in graded.stdout


@pytest.mark.slow
def test_in_a_workflow_nothing_is_graded_even_in_the_folder_of_the_course(run, mine):
    refused, ran = run("tiny", "--github", course=mine, cwd=mine)
    assert (refused.returncode, ran) == (2, False)
    assert "cannot confine submissions" in refused.stderr
    assert "::error" in refused.stdout


@pytest.mark.slow
def test_a_link_in_the_folder_leads_out_of_it(run, mine, theirs):
    (mine / "handed_in").symlink_to(theirs)
    refused, ran = run("tiny", "--submission", mine / "handed_in", course=mine, cwd=mine)
    assert not ran
    expect_refused(refused)


@pytest.mark.slow
def test_a_plain_process_is_no_confinement(run, theirs):
    refused, ran = run("tiny", "--submission", theirs, machine=PLAIN)
    assert not ran
    expect_refused(refused)
