"""The kit of a small course, with the mistakes that it records: each command, page and editor task of a student works in it."""

import json
import re
import shutil
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from grader.cli import cli
from grader.course import Course
from tests import forked
from tests.kit.typed import environment, grade
from tests.paths import TINY

TYPED = (
    "", "next", "predict section1", "hint", "hint section1 scale --all", "repro section1", "plot section1", "read section1",
    "notebook section1", "diff section1", "diff section1 scale", "reset section1", "reset section1 --undo", "pack", "doctor",
    "stop", "--help", "section1 --html page.html", "section1 -x -k scale",
)  # fmt: skip
CENTRE = """

@check("centre", points=0.25)
def test_centre_of_two(student):
    \"\"\"1 and 3 become -1 and 1.\"\"\"
    result = student.centre(torch.tensor([1.0, 3.0], dtype=torch.float64))
    expect_close({"centred": (result, torch.tensor([-1.0, 1.0], dtype=torch.float64))})


@check("centre", points=0.25)
def test_centre_of_one(student):
    \"\"\"Any number becomes 0.\"\"\"
    expect_close({"centred": (student.centre(torch.ones(1)), torch.zeros(1))})
"""


@pytest.fixture(scope="module")
def small_kit(tmp_path_factory):
    """The kit of a small course, with all that it records."""
    root = tmp_path_factory.mktemp("small")
    shutil.copytree(TINY, root / "course", ignore=shutil.ignore_patterns("__pycache__"))
    checks = root / "course" / "checks" / "section1_tiny" / "test_section1.py"
    checks.write_text(checks.read_text(encoding="utf-8") + CENTRE, encoding="utf-8")
    done = grade(root / "course", "release", str(root / "kit"))
    assert done.returncode == 0, done.stderr
    return root / "kit"


@pytest.mark.slow
def test_a_kit_names_a_mistake_and_gives_its_hint(small_kit):
    mine = small_kit / "exercises" / "section1_tiny.py"
    stub = mine.read_text(encoding="utf-8")
    solved = (TINY / "solutions" / "section1_tiny.py").read_text(encoding="utf-8")
    mine.write_text(solved.replace("x * factor", "factor + x"), encoding="utf-8")
    run = grade(small_kit, "section1")
    assert run.returncode == 1
    assert "You add the factor to every entry." in " ".join(run.stdout.split())
    assert "What does your function make of a zero?" in " ".join(grade(small_kit, "hint").stdout.split())
    mine.write_text(stub, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("words", TYPED)
def test_each_command_of_a_student_works_in_a_kit(small_kit, words):
    """Where the small course has nothing to show, the command says so."""
    run = grade(small_kit, *words.split())
    assert run.returncode in (0, 1, 2), run.stderr
    assert "Traceback" not in run.stdout + run.stderr
    assert "grader error" not in run.stdout + run.stderr


@pytest.mark.slow
def test_the_pages_and_the_help_of_a_kit_speak_of_commands_that_it_has(small_kit, monkeypatch):
    """All of these are typed above. Click reads each command with its options, and the course knows its exercises."""
    monkeypatch.setenv("GRADE_COURSE", str(small_kit))
    course, helped = Course(small_kit), CliRunner().invoke(cli, ["--help"]).output
    verbs = re.findall(r"^  ([a-z]+)  ", helped.partition("Commands:")[2].partition("Sections:")[0], re.MULTILINE)
    assert {"next", "repro", "stop"} <= {*verbs} <= {words.partition(" ")[0] for words in TYPED}
    texts = [(small_kit / page).read_text(encoding="utf-8") for page in ("README.md", "docs/students.md")]
    spoken = [words for text in texts for words in re.findall(r"^grade.*|(?<=`)grade[^`]*(?=`)", text, re.MULTILINE)]
    for verb in verbs:
        told = CliRunner().invoke(cli, [verb, "--help"]).output
        spoken += re.findall(r"^ +(grade \S.*?)(?:   .*)?$", told.partition("Example")[2], re.MULTILINE)
    assert len(spoken) > len(verbs)
    for line in spoken:
        words = line.split()[1:]
        context = click.Context(cli)
        command = cli.get_command(context, words[0]) if words and not words[0].startswith("-") else None
        assert command is not None or not words or words == ["--help"], line
        if command is not None:
            read = command.make_context(words[0], words[1:], parent=context, resilient_parsing=len(words) == 1)
            for exercise in filter(None, [*read.params.get("exercises", ()), read.params.get("exercise")]):
                course.find(read.params.get("section") or words[0]).find_exercise(exercise)


@pytest.mark.slow
def test_the_task_of_vs_code_marks_a_line_in_a_kit(small_kit):
    task = json.loads((small_kit / ".vscode" / "tasks.json").read_text(encoding="utf-8"))["tasks"][0]
    mine = small_kit / "exercises" / "section1_tiny.py"
    _, _, *words = [mine.as_posix() if word == "${file}" else word for word in task["args"]]
    stub = mine.read_text(encoding="utf-8")
    solved = (TINY / "solutions" / "section1_tiny.py").read_text(encoding="utf-8")
    mine.write_text(solved.replace("x * factor", "factor + x"), encoding="utf-8")
    run = grade(small_kit, *words)
    mine.write_text(stub, encoding="utf-8")
    marked = re.findall(task["problemMatcher"]["pattern"]["regexp"], run.stdout, re.MULTILINE)
    place = solved.splitlines().index(next(line for line in solved.splitlines() if line.startswith("def scale("))) + 1
    assert run.returncode == 1, run.stderr
    assert {(Path(small_kit, file), int(line), kind) for file, line, kind, _ in marked} == {(mine, place, "error")}
    assert all(message.startswith("scale: ") and ": expected " in message for *_, message in marked), run.stdout


@pytest.mark.slow
def test_the_tab_key_completes_in_a_kit(small_kit):
    run = forked.run([sys.executable, "-m", "grader"], environment() | {"_GRADE_COMPLETE": "bash_source"}, small_kit)
    assert (run.returncode, "complete -o" in run.stdout) == (0, True), run.stdout + run.stderr
