"""No command writes over a file that it cannot make again, whichever of its options names it."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from grader.batch.class_command import ClassRun, remember
from grader.batch.course_key import FILENAME as KEY
from grader.batch.input_tables import COMMENTS
from grader.batch.policy import FILENAME as POLICY
from grader.batch.roster import FILENAME as ROSTER
from grader.cli import cli
from grader.cli.guard import OutputPath
from grader.toolkit.typed_paths import GRADEBOOK, GRADEBOOK_FILES
from tests.batch.hand_ins import SOLUTION
from tests.batch.sample_class import Made
from tests.cli.in_process import typed
from tests.paths import TINY

# Paths that commands read, and folders that `new`, `release` and `class` make: they must be new or empty, or are gradebooks.
READ = {
    "submission", "submissions", "policy", "roster", "like", "times", "file of assign", "key", "course folder", "release folder",
}  # fmt: skip


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADE_COURSE", str(TINY))
    monkeypatch.chdir(tmp_path)


def commands(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """All commands, each with the words that name it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))
        yield (*words, name), command


def paths_of(command: click.Command) -> list[click.Parameter]:
    return [one for one in command.params if isinstance(one.type, click.Path) or "Path" in repr(one.type)]


@pytest.fixture
def writers(monkeypatch) -> list[tuple[str, str]]:
    """Every option that names what to write, behind a line that calls its command."""
    monkeypatch.setenv("GRADE_COURSE", str(TINY))
    found = []
    for words, command in commands(cli):
        needed = {"submissions": "hand-ins", "section": "section1", "submission": "hand-ins", "out": "x"}
        for one in command.params:
            if isinstance(one.type, OutputPath):
                rest = [each for each in command.params if each.required and each is not one]
                given = [
                    f"{each.opts[0]} {needed[each.name]}" if each.opts[0][0] == "-" else needed[each.name]
                    for each in rest
                ]
                found.append((" ".join(["grade", *words, *given]), one.opts[0]))
    return found


def test_every_path_of_a_command_is_one_that_it_reads_or_one_that_is_guarded():
    for words, command in commands(cli):
        for one in paths_of(command):
            is_gradebook = one.name == "out" and "gradebook" in (getattr(one, "help", "") or "")
            is_read = bool({one.name, f"{words[-1]} {one.name}", f"{one.name} of {words[-1]}"} & READ)
            is_hidden = getattr(one, "hidden", False)  # between our own processes
            assert is_gradebook or is_read or is_hidden or isinstance(one.type, OutputPath), (words, one.name)
    assert {GRADEBOOK, KEY, POLICY, ROSTER, COMMENTS} <= {*GRADEBOOK_FILES}


def test_no_option_of_any_command_writes_over_what_cannot_be_made_again(writers, lay_out, tmp_path):
    lay_out({"hand-ins/ada.py": SOLUTION, "results/policy.toml": b'attempts = "last"', "work.py": SOLUTION})
    for name in ("hand-ins", "results", "work.py"):
        (tmp_path / "submissions" / name).rename(tmp_path / name)
    made = Made(tmp_path / "results" / GRADEBOOK)
    remember(made.book, ClassRun(str(tmp_path / "hand-ins")))
    made.book.close()
    (tmp_path / "link.toml").hardlink_to(tmp_path / "results" / POLICY)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {option for _, option in writers} == {"--json", "--junit", "--gradescope", "--html", "--out", "--file"}
    assert len(writers) > 15
    for line, option in writers:
        for name in (f"results/{GRADEBOOK}", "results/policy.toml", "results/ROSTER.csv"):
            code, said = typed(f"{line} {option} {name}")
            assert (code, "this file belongs to the gradebook" in said) == (2, True), (line, option, said)
            assert f"Write to another place: {option}" in said
        if not {"notebook", "repro"} & {*line.split()}:
            code, said = typed(f"{line} {option} work.py")
            assert (code, "it is a Python file" in said) == (2, True), (line, option, said)
        if any(f" {word}" in line for word in ("class", "regrade", "export", "stats", "similar")):
            for name in ("hand-ins/new", "hand-ins"):
                code, said = typed(f"{line} {option} {name}")
                assert (code, "it lies among the submissions in hand-ins" in said) == (2, True), (line, option, said)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_what_a_command_reads_or_writes_already_is_not_written_over(tmp_path):
    Path("table.csv").write_text("ID\n")
    for line, said in (
        ("grade export moodle --like table.csv --file table.csv", "the command reads this file"),
        ("grade export csv --policy table.csv --file ./table.csv", "the command reads this file"),
        ("grade section1 --json same --html same", "two options write this file"),
    ):
        code, text = typed(line)
        assert (code, said in text) == (2, True), text
    assert Path("table.csv").read_text() == "ID\n"


def test_a_table_that_the_class_was_read_from_is_not_written_over(tmp_path):
    Path("sheet.csv").write_text("ID\n")
    made = Made(tmp_path / "results" / GRADEBOOK)
    remember(made.book, ClassRun(str(tmp_path / "hand-ins"), like=str(tmp_path / "sheet.csv")))
    made.book.close()
    for line in (
        "grade export csv --file sheet.csv",
        "grade similar --html ./sheet.csv",
        "grade stats --json sheet.csv",
    ):
        code, text = typed(line)
        assert (code, "sheet.csv: grade class reads this file" in text) == (2, True), text
    assert Path("sheet.csv").read_text() == "ID\n"


def test_a_gradebook_among_the_submissions_may_hold_exports(tmp_path):
    """As `grade class .` makes it."""
    made = Made(tmp_path / "results" / GRADEBOOK)
    made.enrol("s1")
    made.spoil("s1", "section1")
    remember(made.book, ClassRun(str(tmp_path)))
    made.book.close()
    assert typed("grade export csv --section section1 --file results/marks.csv")[0] == 1
    assert Path("results/marks.csv").read_text().startswith("id,name")
    assert typed("grade export csv --section section1 --file marks.csv")[0] == 2
