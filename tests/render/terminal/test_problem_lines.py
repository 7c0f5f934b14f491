"""The lines for editors, which the kit's task for VS Code reads, and its settings for the Testing panel."""

import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path, PureWindowsPath

import click
import msgspec
import pytest
from rich.console import Console

from grader.cli import cli
from grader.course import Course
from grader.grading.report import Report
from grader.kit import release
from grader.render.terminal.detail import problem_line, problem_lines, render_for_editor
from tests.cli.commands import environment
from tests.paths import REPORTS, ROOT, TINY
from tests.render.hostile_report import controls_in, hostile_report

VSCODE = Path(release.__file__).parent / "templates" / "vscode"


TASKS = json.loads((VSCODE / "tasks.json").read_text(encoding="utf-8"))["tasks"]


@pytest.fixture(params=TASKS, ids=["on request", "on every save"])
def pattern(request):
    found = request.param["problemMatcher"]["pattern"]
    assert (found["file"], found["line"], found["severity"], found["message"]) == (1, 2, 3, 4)
    return re.compile(found["regexp"])


@pytest.mark.parametrize(("task", "watch"), [(TASKS[0], False), (TASKS[1], True)])
def test_each_task_types_a_grading_of_the_open_file(task, watch, monkeypatch):
    """With a line for each failure: on request, and on every save."""
    monkeypatch.setenv("GRADE_COURSE", str(ROOT))
    file = Course(ROOT).find("section4").exercise
    opened = {"${file}": str(file), "${fileBasenameNoExtension}": file.stem}
    program, module, *words = [opened.get(word, word) for word in task["args"]]
    assert (task["command"], program, module) == ("${command:python.interpreterPath}", "-m", "grader")
    command = cli.get_command(click.Context(cli), words[0])
    assert command is not None
    read = command.make_context(words[0], words[1:], parent=click.Context(cli))
    assert {("detail", "lines"), ("watch", watch)} <= read.params.items()


def test_an_editor_knows_where_the_lines_of_a_save_begin_and_end(pattern):
    background = TASKS[1]["problemMatcher"]["background"]
    report = msgspec.json.decode((REPORTS / "wrong_value.json").read_bytes(), type=Report)
    file = io.StringIO()
    for reports, trouble in (([report], ""), ([], problem_line("exercises/a.py", "a.py is empty."))):
        render_for_editor(reports, {"section1": "exercises/a.py"}, Console(file=file, width=40), trouble)
    kinds = [
        "begin" if re.match(background["beginsPattern"], line)
        else "end" if re.match(background["endsPattern"], line)
        else "mark"
        for line in file.getvalue().splitlines()
        if pattern.match(line) or re.match("Graded|Waiting", line)
    ]  # fmt: skip
    wrong = len(problem_lines([report], {}))
    assert kinds == ["begin", *["mark"] * wrong, "end", "begin", "mark", "end"], file.getvalue()


def test_a_line_gives_file_line_and_message_of_the_failure(pattern):
    report = msgspec.json.decode((REPORTS / "wrong_value.json").read_bytes(), type=Report)
    found = [pattern.match(line).groups() for line in problem_lines([report], {"section1": "exercises/a.py"})]
    failed = {check.exercise for check in report.checks if check.status.value == "failed"}
    assert {(file, int(line), kind) for file, line, kind, _ in found} == {
        ("exercises/a.py", report.lines[name], "error") for name in failed
    }
    assert {message.partition(": ")[0] for *_, message in found} == failed


@pytest.mark.parametrize("name", ["wrong_value", "raises", "syntax_error", "half_loading", "changes_its_input"])
def test_the_matcher_reads_every_line(name, pattern):
    report = msgspec.json.decode((REPORTS / f"{name}.json").read_bytes(), type=Report)
    lines = problem_lines([report], {"section1": "exercises/my file.py"})
    found = [pattern.match(line) for line in lines]
    assert found
    assert all(found), lines
    assert {match[1] for match in found} == {"exercises/my file.py"}
    assert all(int(match[2]) >= 1 for match in found)


@pytest.mark.parametrize(
    "file",
    [
        r"exercises\a.py",
        r"C:\Users\Zoë Ros\kit (2)\exercises\a.py",
        r"\\server\share\a.py",
        "C:" + r"\kit" * 100 + r"\a.py",
    ],
)
def test_the_matcher_reads_paths_of_windows_whole(file, pattern):
    report = msgspec.json.decode((REPORTS / "wrong_value.json").read_bytes(), type=Report)
    lines = problem_lines([report], {"section1": str(PureWindowsPath(file))})
    assert {pattern.match(line)[1] for line in lines} == {file}


def test_an_exception_is_at_its_own_line_and_a_wrong_value_with_both_numbers(pattern):
    raises, wrong = (
        msgspec.json.decode((REPORTS / f"{name}.json").read_bytes(), type=Report) for name in ("raises", "wrong_value")
    )
    check = next(check for check in raises.checks if check.lines)
    assert any(pattern.match(line)[2] == str(check.lines[-1].line) for line in problem_lines([raises], {}))
    row = next(
        row for check in wrong.checks if check.counterexample for row in check.counterexample.rows if row.differs
    )
    assert any(f"expected {row.expected}, yours {row.got}" in line for line in problem_lines([wrong], {}))


def test_what_passes_gives_no_line():
    report = msgspec.json.decode((REPORTS / "right.json").read_bytes(), type=Report)
    assert problem_lines([report], {}) == []


def test_a_submissions_words_stay_in_their_line():
    lines = problem_lines([hostile_report()], {"section1": "exercises/a.py"})
    assert all(line.startswith("exercises/a.py:") for line in lines)
    assert not [line for line in lines if controls_in(line) or "\n" in line]


@pytest.mark.slow
@pytest.mark.parametrize("with_conftest", [False, True])
def test_the_testing_panel_finds_the_checks(tmp_path, with_conftest):
    for name in ("checks", "exercises", "solutions"):
        shutil.copytree(TINY / name, tmp_path / name)
    if with_conftest:
        shutil.copy(ROOT / "checks" / "conftest.py", tmp_path / "checks")
    arguments = json.loads((VSCODE / "settings.json").read_text(encoding="utf-8"))["python.testing.pytestArgs"]
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "--rootdir=.", "--collect-only", "-q", *arguments],
        cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True,
    )  # fmt: skip
    assert "test_section1.py::test_scale_by_definition" in found.stdout, found.stdout + found.stderr
