"""`grade export` as it is typed: files and standard output, exit codes, the same bytes for the same grades."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import cli
from grader.render import export as package
from tests.batch.hand_ins import LOOP, SOLUTION, STUB, WRONG
from tests.batch.hostile_class import IDS, TEXT, controls_in, hand_in_hostile
from tests.batch.sample_class import ENVIRONMENT, fault, golden
from tests.paths import TINY

KINDS = ("csv", "canvas", "moodle", "json")


@pytest.fixture
def export(made, run_grade):
    """Run `grade export` on the class that was made."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        out = str(made.book.path.parent)
        return run_grade([sys.executable, "-m", "grader", "export", *words, "--out", out])

    return run


@pytest.fixture
def small_class(made):
    made.enrol("s1", 'Lovelace, "Ada"', canvas_id="101")
    made.enrol("s2", "=Boole")
    made.enrol("s3", "Çem\u202e")
    made.hand_in("s1", golden("right"))
    made.hand_in("s2", golden("wrong_value"))


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.usefixtures("small_class")
def test_a_table_for_people(export):
    ran = export("csv")
    assert (ran.returncode, ran.stderr) == (0, "")
    header, ada, bob, cem = rows_of(ran.stdout)
    assert header == ["id", "name", "section1 (of 5)", "total", "remarks"]
    assert ada == ["s1", 'Lovelace, "Ada"', "5", "5", ""]
    assert bob[1] == "'=Boole"
    assert cem == ["s3", "Çem ", "", "", "section1: nothing handed in"]


@pytest.mark.usefixtures("small_class")
def test_a_zero_beside_a_hand_in_of_an_unknown_student_is_told(made, export):
    made.hand_in("submission_7", golden("right"))
    assert export("csv").returncode == 0, "without zeros, no one has a wrong mark"
    (made.book.path.parent / "policy.toml").write_text('missing = "zero"')
    ran = export("csv")
    assert ran.returncode == 1
    assert "not in the roster: submission_7. Perhaps these are students who have 0" in ran.stderr
    assert ran.stderr.strip().endswith(f"grade troubles --out {made.book.path.parent}")


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_names_ids_and_reports_give_no_orders(made, export, kind):
    """Neither for a spreadsheet, nor for a terminal that shows the table."""
    made.enrol("s1", TEXT, email="=1+1@uni")
    made.hand_in("s1", golden("wrong_value"))
    hand_in_hostile(made)
    ran = export(kind)
    assert controls_in(ran.stdout + ran.stderr) == set()
    if kind == "json":
        found = {student["id"]: student["name"] for student in json.loads(ran.stdout)["students"]}
        assert found["s1"] == TEXT  # all the same, escaped
        assert len(found) == 1 + len(IDS)
        return
    rows = rows_of(ran.stdout)
    assert len(rows) > len(IDS)
    assert [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@") and cell != "-"] == []


@pytest.mark.usefixtures("small_class")
def test_json_holds_everything(export, tmp_path):
    assert export("json", "--file", str(tmp_path / "class.json")).returncode == 0
    found = json.loads((tmp_path / "class.json").read_bytes())
    assert found["schema_version"] == 1
    assert found["sections"] == [{"id": "section1", "title": "Section 1: Tiny exercises", "max_points": 5.0}]
    ada, _, cem = found["students"]
    assert ada["ids"] == {"canvas_id": "101"}
    assert ada["marks"][0]["points"] == 5
    assert len(ada["marks"][0]["report"]["checks"]) == 8
    assert (cem["marks"][0]["points"], cem["marks"][0]["why"]) == (None, "nothing handed in")


@pytest.mark.usefixtures("small_class")
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_has_the_bytes_of_standard_output(export, tmp_path, kind):
    assert export(kind, "--file", str(tmp_path / "file")).returncode == 0
    assert (tmp_path / "file").read_bytes().decode().replace("\r\n", "\n") == export(kind).stdout


@pytest.mark.usefixtures("small_class")
@pytest.mark.parametrize("kind", ["gradescope", "feedback"])
def test_many_files_go_to_a_folder_or_a_zip(export, tmp_path, kind):
    ran = export(kind, "--file", str(tmp_path / "folder"))
    assert (ran.returncode, ran.stdout) == (0, "")
    students = ["s1", "s2", "s3"]  # s3 has handed nothing in, and is told so
    assert f"{len(students)} files in" in ran.stderr
    assert sorted(path.name for path in (tmp_path / "folder").iterdir()) == students
    assert export(kind, "--file", str(tmp_path / "some.zip")).returncode == 0
    assert (tmp_path / "some.zip").read_bytes().startswith(b"PK")


@pytest.mark.usefixtures("small_class")
@pytest.mark.parametrize("kind", KINDS)
def test_where_the_grader_failed_there_is_no_mark_a_warning_and_exit_code_3(made, export, kind):
    made.hand_in("s3", fault())
    ran = export(kind)
    assert ran.returncode == 3
    assert "grader error, and therefore no mark: s3. To grade: grade regrade --status grader_error" in ran.stderr
    if kind == "json":
        assert json.loads(ran.stdout)["students"][2]["marks"][0]["points"] is None
    else:
        (row,) = [row for row in rows_of(ran.stdout) if "s3" in row]
        assert not any(cell in ("0", "0.0") for cell in row)


@pytest.mark.usefixtures("small_class")
def test_an_adjustment_for_an_unknown_student_is_told(made, export):
    rule = '[[adjustments]]\nstudent = "101"\nsection = "section1"\npoints = 1\nreason = "ill"\n'
    (made.book.path.parent / "policy.toml").write_text(rule)
    ran = export("csv")
    assert "policy.toml adjusts 101 in section1: no student on the roster or in the hand-ins has this id" in ran.stderr
    assert rows_of(ran.stdout)[1][2] == "5"


@pytest.mark.usefixtures("small_class")
def test_a_mark_above_the_maximum_is_told_with_what_changes_it(made, export):
    """A cap counts before an adjustment, so that it does not help."""
    rule = (
        '[caps]\nsection1 = 5\n[[adjustments]]\nstudent = "s1"\nsection = "section1"\npoints = 1\nreason = "a bonus"\n'
    )
    (made.book.path.parent / "policy.toml").write_text(rule)
    told = "a mark above the maximum, by an adjustment: s1. To change it: [[adjustments]] in policy.toml"
    assert told in export("csv").stderr


@pytest.mark.usefixtures("small_class")
def test_a_table_to_be_filled_in_is_not_written_over(export, tmp_path):
    table = tmp_path / "canvas.csv"
    table.write_text("Student,ID,Section,Notes,Tiny\nAda,101,,by heart,\n")
    ran = export("canvas", "--like", str(table), "--file", str(table))
    assert ran.returncode == 2
    assert (
        "canvas.csv: the command reads this file, and writing here would delete what it holds. Write to another"
        in ran.stderr
    )
    assert "by heart" in table.read_text()


@pytest.mark.usefixtures("small_class")
def test_no_file_of_the_gradebook_is_written_over(made, export):
    out = made.book.path.parent
    for name in ("gradebook.sqlite", "course.key", "policy.toml", "roster.csv", "comments.csv"):
        (out / name).touch()
        before = (out / name).read_bytes()
        ran = export("csv", "--file", str(out / name))
        assert ran.returncode == 2
        assert f"{name}: this file belongs to the gradebook" in ran.stderr
        assert (out / name).read_bytes() == before


@pytest.mark.usefixtures("small_class")
def test_the_people_of_a_table_are_taken_in_by_the_command_that_is_told(made, export, tmp_path):
    table = tmp_path / "canvas.csv"
    table.write_text("Student,ID,Section,Tiny\nAda,101,,\nDan,104,,\n")
    ran = export("canvas", "--section", "section1", "--like", str(table), "--column", "section1=Tiny")
    told = f"grade class SUBMISSIONS --section section1 --like {table} --out {made.book.path.parent}"
    assert f"unchanged in {table}: Dan. To add them: {told}\n" in ran.stderr


def test_a_class_of_which_nothing_can_be_read_has_marks_by_hand(made, export):
    made.spoil("s1")
    ran = export("csv")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert (
        f"Nothing that was handed in could be read; to see why: grade troubles --out {made.book.path.parent}"
        in ran.stderr
    )
    assert export("csv", "--section", "section1").returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device")
@pytest.mark.usefixtures("small_class")
def test_a_full_disk_behind_standard_output_is_told(made, environment):
    words = [sys.executable, "-m", "grader", "export", "csv", "--out", str(made.book.path.parent)]
    with open("/dev/full", "w") as full:
        ran = subprocess.run(
            words, cwd=TINY, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert ran.returncode == 2
    assert "standard output: cannot be written: No space left on device. Name a file: --file FILE" in ran.stderr


@pytest.mark.usefixtures("small_class")
def test_what_waits_for_a_grade_is_told(made, export):
    made.hand_in("s3", None)
    ran = export("csv")
    assert ran.returncode == 1
    assert "not graded yet, and therefore no mark: s3. To grade: grade class SUBMISSIONS" in ran.stderr


@pytest.mark.usefixtures("small_class")
@pytest.mark.parametrize(
    ("attempts", "mark", "said"),
    [
        ("best", "5", "a newer file is not graded yet, and may change the mark: s1. To grade: grade class SUBMISSIONS"),
        ("last", "", "not graded yet, and therefore no mark: s1. To grade: grade class SUBMISSIONS"),
    ],
)
def test_a_newer_file_that_waits_for_a_grade_is_told(made, export, attempts, mark, said):
    made.hand_in("s1", None, source=b"newer", sequence=9)
    (made.book.path.parent / "policy.toml").write_text(f'attempts = "{attempts}"\n')
    ran = export("csv")
    assert ran.returncode == 1
    assert rows_of(ran.stdout)[1][2] == mark
    assert said in ran.stderr


@pytest.mark.usefixtures("small_class")
def test_what_cannot_be_read_is_told_and_is_no_zero(made, export):
    made.spoil("s3")
    (made.book.path.parent / "policy.toml").write_text('missing = "zero"\n')
    ran = export("csv")
    assert ran.returncode == 1
    assert rows_of(ran.stdout)[3][2:] == ["", "", "section1: cannot be read; section1: a PDF"]
    assert "cannot be read, and therefore no mark: s3. Look at their files" in ran.stderr


@pytest.mark.slow
@pytest.mark.usefixtures("small_class")
def test_the_adjustments_of_exported_marks_are_in_the_audit_trail(made, export):
    policy = made.book.path.parent / "policy.toml"
    given = '[[adjustments]]\nstudent = "s3"\nsection = "section1"\npoints = {}\nreason = "a PDF"\nauthor = "prof"\n'
    for points in ("2.5", "3.5"):
        policy.write_text(given.format(points))
        ran = export("csv")
        assert (ran.returncode, rows_of(ran.stdout)[3][2]) == (0, points)
    rows = made.book.db.execute("SELECT points, author, until IS NULL AS holds FROM adjustments ORDER BY id")
    assert [tuple(row) for row in rows] == [(2.5, "prof", 0), (3.5, "prof", 1)]


@pytest.mark.usefixtures("small_class")
def test_a_table_is_filled_in_and_who_is_not_in_it_is_told(export, tmp_path):
    like = tmp_path / "like.csv"
    like.write_text("Student,ID,SIS User ID,SIS Login ID,Section,Homework (9)\nA,101,,,,\n")
    ran = export("canvas", "--like", str(like), "--column", "section1=Homework")
    assert rows_of(ran.stdout)[1] == ["A", "101", "", "", "", "5"]
    assert f"no row in {like} for s2" in ran.stderr
    worksheet = tmp_path / "worksheet.csv"
    worksheet.write_text("Identifier,ID number,Grade,Maximum Grade,Last modified (grade)\nParticipant 5,s2,,5.00,-\n")
    ran = export("moodle", "--like", str(worksheet))
    assert rows_of(ran.stdout)[1] == ["Participant 5", "s2", f"{golden('wrong_value').points:g}", "5.00", "-"]


@pytest.mark.usefixtures("small_class")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["html"], "Name a folder or a zip: --file html.zip"),
        (["feedback"], "Name a folder or a zip: --file feedback.zip"),
        (["csv", "--like", "x.csv"], "No such option"),
        (["canvas", "--like", "absent.csv"], "absent.csv: cannot be read: No such file"),
        (["canvas", "--like", "pyproject.toml"], "pyproject.toml: "),
        (["moodle", "--column", "section1"], "expected SECTION=TITLE"),
        (["csv", "--section", "sectoin1"], "Did you mean section1"),
        (["csv", "--file", "absent/x.csv"], "cannot be written"),
        (["pdf"], 'There is no exporter "pdf". Exporters: canvas, csv, '),
        (["feedback", "--file", "absent/x", "--format", "pdf"], "'pdf' is not one of 'txt', 'html'"),
        (["feedback", "--file", "absent/x"], "absent/x: cannot be written: No such file"),
    ],
)
def test_what_cannot_be_done_is_told(export, words: Sequence[str], said):
    ran = export(*words)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


TOY = """
from grader.render.export.exporter import Export, Exporter
EXPORTER = Exporter("toy", "Write the ids.", lambda ledger: Export("".join(one.id for one in ledger.people).encode()))
"""


@pytest.mark.usefixtures("small_class")
def test_a_module_in_the_folder_is_an_exporter(made, tmp_path, monkeypatch):
    (tmp_path / "toy.py").write_text(TOY)
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    monkeypatch.chdir(TINY)
    assert "Write the ids." in CliRunner().invoke(cli, ["export", "--help"]).output
    ran = CliRunner().invoke(cli, ["export", "toy", "--out", str(made.book.path.parent)])
    assert ran.output == "s1s2s3"


def test_an_empty_gradebook_is_told(export):
    ran = export("csv")
    assert ran.returncode == 2
    assert "grade class SUBMISSIONS" in ran.stderr


@pytest.mark.slow
def test_the_same_grades_are_the_same_bytes_on_each_machine_and_day(lay_out, grade_folder, run_grade, tmp_path):
    """Two gradings of one class, with one worker and with two, one of them twice."""
    folder = lay_out({
        "ada/section1_tiny.py": SOLUTION,
        "bob/section1_tiny.py": WRONG,
        "cem/section1_tiny.py": STUB,
        "dan/section1_tiny.py": LOOP,
        "eve_LATE_12_34_section1.py": WRONG + b"\n",
    })  # fmt: skip
    grade_folder(folder, workers=1, out="one").close()
    book = grade_folder(folder, workers=2, out="two")
    book.queue_again(list(book.graded()), {}, "again")
    book.close()
    grade_folder(folder, workers=2, out="two").close()

    def exported(out: str, kind: str, where: Path) -> bytes:
        words = [
            sys.executable,
            "-m",
            "grader",
            "export",
            *kind.split(),
            "--out",
            str(tmp_path / out),
            "--file",
            str(where),
        ]
        ran = run_grade(words)
        assert ran.returncode == 0, ran.stderr
        return where.read_bytes()

    for kind in (*KINDS, "gradescope", "feedback", "feedback --format html"):
        one, two = (exported(out, kind, tmp_path / f"{out}-{kind}.zip") for out in ("one", "two"))
        assert one == two, kind
        assert one


@pytest.mark.parametrize("words", [["export", "csv"], ["export", "json"], ["export", "--help"]])
@pytest.mark.usefixtures("small_class")
def test_no_torch_is_imported(made, environment, words):
    out = [] if "--help" in words else ["--out", str(made.book.path.parent)]
    code = f"import sys; from grader.cli import main\ntry: main({[*words, *out]!r})\nfinally: assert 'torch' not in sys.modules"
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.usefixtures("small_class")
def test_grades_that_would_not_be_made_like_that_today_are_told(made, export):
    """Their points may be out of others than their neighbours' are."""
    assert export("csv").stderr == ""
    made.book.db.execute("UPDATE gradings SET environment = replace(environment, ?, 'other')", (ENVIRONMENT.checks,))
    ran = export("csv")
    assert (ran.returncode, "2 grades by another grader, other checks" in ran.stderr) == (0, True)
    assert "grade regrade --outdated" in ran.stderr
