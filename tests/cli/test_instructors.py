"""`grade class` and `grade regrade` as they are typed."""

import shutil
import subprocess
import sys
from contextlib import closing

import pytest

from grader.batch.gradebook.book import FILENAME, Gradebook
from grader.batch.grading_process import Description
from grader.batch.pool import Pool
from grader.course import UsageError
from grader.sandbox.process.health import layers_of
from grader.sandbox.process.launch import Sandbox
from tests.batch.hand_ins import SOLUTION, STUB, WRONG
from tests.batch.sample_class import golden
from tests.paths import TINY

ROSTER = b"id,name,github\ns1,Ada \x1b]0;owned\x07Lovelace,ada\ns2,Bob Boole,bob\ns3,Cem Can,\n"


@pytest.fixture
def own_course(tmp_path, environment):
    """A copy of the tiny course, whose checks may change."""
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    environment["GRADE_COURSE"] = str(root)
    return root


@pytest.mark.slow
def test_a_class_from_its_files_to_marks_and_again_with_other_checks(lay_out, tmp_path, command, run_grade, own_course):
    folder = lay_out({
        "roster.csv": ROSTER,
        "section1-ada/section1_tiny.py": SOLUTION,
        "section1-bob/section1_tiny.py": WRONG,
        "section1-\x1b[2J[bold]::error::zoe/section1_tiny.py": STUB,
        "section1-eve/notes.txt": b"",
    })  # fmt: skip
    out = tmp_path / "out"
    out.mkdir()
    (out / "policy.toml").write_text(
        '[[adjustments]]\nstudent = "s2"\nsection = "section1"\npoints = 0.5\nreason = "read \\u001b[31mby hand"\n'
    )
    ran = run_grade(command(folder, out, "--workers", "1"))
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    assert all(line.isprintable() for line in ran.stdout.splitlines())
    assert "section1         3" in ran.stdout
    assert "Not in the roster, and graded under the name that was found (2)" in ran.stdout
    assert "eve: no file of any section: no Python file and no notebook" in ran.stdout
    assert "s3: Cem Can handed in nothing" in ran.stdout
    with Gradebook(out / FILENAME) as book:
        ids = {row["id"]: row["ids"] for row in book.db.execute("SELECT id, ids FROM students")}
        assert (ids["s1"], ids["s3"]) == ('{"github":"ada"}', "{}"), "also who has handed nothing in"
        assert None in ids.values()
        assert [row["points"] for row in book.db.execute("SELECT points FROM adjustments")] == [0.5]

    checks = own_course / "checks" / "section1_tiny" / "test_section1.py"
    checks.write_text(checks.read_text().replace('@check("mean", points=1)', '@check("mean", points=3)'))
    again = run_grade(command(folder, out))
    assert "3 grades by another grader, other checks or libraries than today's:" in again.stdout
    words = [*command(folder, out)[:3], "regrade", "--out", str(out), "--workers", "1"]
    anew = run_grade([*words, "--outdated", "--student", "s1"])
    assert anew.returncode == 0, anew.stdout + anew.stderr
    assert "s1, section1: 5.0 -> 7.0 points" in anew.stdout
    assert "mean_by_hand: passed -> passed  (+2)" in anew.stdout
    assert "why: the checks" in anew.stdout
    assert "2 grades by another grader" in anew.stdout
    nothing = run_grade([*words, "--outdated", "--student", "s1"])
    assert nothing.returncode == 2
    assert "No grade matches" in nothing.stderr


@pytest.mark.slow
def test_a_grader_that_fails_when_it_grades_again_is_told(lay_out, tmp_path, command, run_grade, own_course):
    folder, out = lay_out({"ada/section1_tiny.py": SOLUTION, "bob/section1_tiny.py": WRONG}), tmp_path / "out"
    assert run_grade(command(folder, out, "--workers", "1")).returncode == 0
    checks = own_course / "checks" / "section1_tiny" / "test_section1.py"
    right = checks.read_text()
    checks.write_text(right.replace("    expected = factor * x\n", "    expected = factor * x\n    assert False\n"))
    words = [*command(folder, out)[:3], "regrade", "--out", str(out), "--workers", "1"]
    ran = run_grade([*words, "--all"])
    assert ran.returncode == 3, ran.stdout + ran.stderr
    assert "2 grader errors: the earlier grades stay." in ran.stdout
    assert f"grade regrade --status grader_error --out {out}" in ran.stdout
    checks.write_text(right)
    anew = run_grade([*words, "--status", "grader_error"])
    assert anew.returncode == 0, anew.stdout + anew.stderr
    assert "2 gradings repeated, 0 with another result." in anew.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ("regrade", "--out", "nowhere", "--all"),
            "there is no gradebook. Grade a class first: grade class SUBMISSIONS",
        ),
        (("regrade", "--out", "nowhere"), "Choose the grades to compute again"),
        (("regrade", "--out", "nowhere", "--status", "lost"), "--status takes one of: passed, failed"),
        (("class", "nowhere", "--out", "{out}"), "nowhere: cannot be read: No such file or directory"),
        (("class", "nowhere", "--section", "sectoin1"), "Did you mean section1"),
        (("class", "nowhere", "--workers", "0"), "--workers"),
        (("class", "nowhere", "--policy", "absent.toml"), "absent.toml: cannot be read"),
    ],
)
def test_what_cannot_be_done_is_told(tmp_path, command, run_grade, options, words):
    ran = run_grade([*command(tmp_path, tmp_path)[:3], *(word.format(out=tmp_path) for word in options)])
    assert ran.returncode == 2
    assert words in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ("--student", "nobody"),
            'No student with the id "nobody" has a hand-in. See the column id: grade export',
        ),
        (("--check", "nosuchcheck"), 'No grade has a check "nosuchcheck". See the ids of checks: grade stats --json'),
    ],
)
def test_nothing_is_graded_again_for_a_name_that_is_not_there(made, run_grade, options, words):
    made.hand_in("s1", golden("right"))
    ran = run_grade([sys.executable, "-m", "grader", "regrade", "--out", str(made.book.path.parent), *options])
    assert (ran.returncode, ran.stdout) == (2, "")
    assert words in ran.stderr


def test_a_class_is_not_graded_where_submissions_are_not_confined(tiny_course):
    with Sandbox.open(tiny_course, kind="plain") as plain:
        member = Description({}, layers_of(plain), 1)
    pool = Pool(None, 1, {"This machine": member})
    with pytest.raises(UsageError, match="--unsafe") as caught:
        pool.expect_confinement(unsafe=False)
    assert "files are not confined" in str(caught.value)
    assert "grade doctor" in str(caught.value)
    pool.expect_confinement(unsafe=True)


LESS = """
import sys
import grader.sandbox.process.health
grader.sandbox.process.health.missing_layers = lambda layers: ["no Landlock: files are not confined"]
from grader.cli import main
main(sys.argv[1:])
"""


@pytest.mark.slow
def test_the_command_grades_with_less_confinement_only_if_it_is_accepted(lay_out, tmp_path, run_grade):
    folder, out = lay_out({"ada/section1_tiny.py": SOLUTION}), tmp_path / "results"
    words = [sys.executable, "-c", LESS, "class", str(folder), "--out", str(out), "--workers", "1"]
    refused = run_grade(words)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "This machine cannot confine submissions: no Landlock: files are not confined." in refused.stderr
    for way_out in ("Linux 5.13 or newer", "container", "grade doctor", "--unsafe"):
        assert way_out in refused.stderr
    with closing(Gradebook(out / FILENAME)) as book:
        assert book.db.execute("SELECT count(*) FROM gradings WHERE report IS NOT NULL").fetchone()[0] == 0
    accepted = run_grade([*words, "--unsafe"])
    assert accepted.returncode == 0, accepted.stderr
    assert "5.00 / 5.0" in accepted.stdout


def test_a_class_is_graded_where_every_layer_is_on(tiny_sandbox):
    member = Description({}, layers_of(tiny_sandbox), 1)
    Pool(None, 1, {"This machine": member}).expect_confinement(unsafe=False)


def test_help_imports_no_torch(command, environment):
    code = "import sys; from grader.cli import main\ntry: main(['class', '--help'])\nfinally: assert 'torch' not in sys.modules"
    words = [command("", "")[0], "-c", code]
    assert subprocess.run(words, env=environment, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("begun", [None, 3])
def test_a_class_is_graded_by_the_edition_of_its_gradebook(begun, made, lay_out, command, run_grade):
    """Neither `class` nor `regrade` mixes editions: nothing is taken in, and nothing waits to be graded."""
    made.hand_in("ada", golden("right"))
    with made.book.transaction():
        made.book.db.execute("DELETE FROM course")
        if begun:
            made.book.db.execute("INSERT INTO course VALUES (?)", (begun,))
    folder, out = lay_out({"bob/section1_tiny.py": SOLUTION}), made.book.path.parent
    for words in (command(folder, out), [sys.executable, "-m", "grader", "regrade", "--out", str(out), "--all"]):
        ran = run_grade(words)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert f"belongs to edition {begun or 1} of the course, and the course here is edition 2." in ran.stderr
        assert "To grade with edition 2, begin another gradebook: --out DIR\n" in ran.stderr
        assert f"use edition {begun or 1} of the course, and the grader that came with it." in ran.stderr
    counts = [
        made.book.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("submissions", "gradings")
    ]
    assert counts == [1, 1]
