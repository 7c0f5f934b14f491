"""The command as people type it, in processes of its own: exit codes, what is written where, and what cannot reach a grade."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest

from grader.cli import cli
from tests.cli.commands import RIGHT, environment, grade, without_seconds
from tests.paths import MESSAGES, ROOT, TINY

HOSTILE_PYTEST = {
    "conftest.py": "open({marker!r}, 'w').close()\ndef pytest_collection_modifyitems(items): items.clear()\n",
    "pytest.ini": "[pytest]\naddopts = -k nothing\npython_files = *.py\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--no-such-option'\n",
    "torch.py": "open({marker!r}, 'w').close()\n",
    "test_own.py": "open({marker!r}, 'w').close()\n",
}


# -- words that cannot be used: exit code 2, and what to type instead

SECTIONS = "Sections: section1 tiny. Try: grade section1"
EXERCISES = "Exercises: scale, shift_in_place, mean, centre. Try: grade section1 scale"
SLIPS = {
    ("sectoin1",): f'There is no section "sectoin1". Did you mean section1 (tiny)?\n{SECTIONS}',
    ("7",): f'There is no section "7".\n{SECTIONS}',
    ("section8",): f'There is no section "section8".\n{SECTIONS}',  # another number is no slip
    ("section1.mean",): 'There is no section "section1.mean". Try: grade section1 mean',
    ("hint", "Tiny/mean"): 'There is no section "Tiny/mean". Try: grade hint section1 mean',
    ("diff", "1:mean"): 'There is no section "1:mean". Try: grade diff section1',
    ("section", "1"): 'There is no section "section". Write the number without a space, for example: grade section1',
    ("diff", "mean"): 'There is no section "mean". Did you mean section1? Try: grade diff section1',
    ("hint", "mean"): 'There is no section "mean". Did you mean section1 mean? Try: grade hint section1 mean',
    ("tiny", "scael"): f'There is no exercise "scael" in section1. Did you mean scale?\n{EXERCISES}',
    ("1", "dropout"): f'There is no exercise "dropout" in section1.\n{EXERCISES}',
    ("all", "scale"): "Name the section of scale: grade SECTION scale",
    ("tiny", "--submission", "no_such"): "no_such: not found. Expected a file or a folder; see: grade --help",
    ("tiny", "--submission", "README.md"): (
        "README.md: this kind of file cannot be graded. Expected section1_tiny.py or section1_tiny.ipynb, or a folder or a .zip "
        "that holds it. Try: grade section1 --submission section1_tiny.py"
    ),
    ("tiny", "--submission", "grader/kit"): (
        "grader/kit: no file named section1_tiny.py or .ipynb inside. It holds: __init__.py, stubs.py.\nRename the right one to "
        "section1_tiny.py, or grade the file itself: grade section1 --submission grader/kit/__init__.py"
    ),
    ("tiny", "--submission", "docs"): (
        "docs: no file named section1_tiny.py or .ipynb inside. It holds no Python file and no notebook.\n"
        "Name the folder with yours: "
        "grade section1 --submission FOLDER"
    ),
}


@pytest.mark.parametrize("words", SLIPS, ids=" ".join)
def test_a_slip_is_answered_with_what_to_type(words, tmp_path):
    for name in ("grader/kit/__init__.py", "grader/kit/stubs.py", "README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "docs").mkdir()
    run = grade(*words, cwd=tmp_path)
    assert (run.returncode, run.stdout, run.stderr) == (2, "", f"{SLIPS[words]}\n")


@pytest.mark.parametrize("words", [("tiny", "--jsn", "x"), ("tiny", "--json"), ("stubs", "surplus"), ("-z",)])
def test_an_option_that_does_not_exist_is_exit_code_2(words):
    run = grade(*words)
    assert (run.returncode, run.stdout) == (2, "")
    assert "Error: " in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("tiny", "--exercise", "mean"), "'--exercise'. Type EXERCISE alone: grade tiny EXERCISE\n"),
        (("hint", "--section", "tiny"), "'--section'. Type SECTION alone: grade hint SECTION\n"),
        (("tiny", "--quite"), "'--quite'. Did you mean '--quiet'?\n"),
        (("tiny", "--revise"), "'--revise'.\n"),  # --verbose is another word
    ],
)
def test_an_option_that_is_meant_otherwise_says_so(words, hint):
    assert grade(*words).stderr.endswith(hint)


def test_a_course_that_is_not_there_is_named(tmp_path):
    run = grade("tiny", course=tmp_path / "nowhere")
    assert run.returncode == 2
    assert f"{tmp_path}/nowhere: no course here" in run.stderr


@pytest.mark.parametrize(
    "words",
    [("--help",), ("--version",), ("tiny", "--help"), (), ("next",), ("stubs", "--check"), ("plot", "--help")],
)
def test_a_quick_word_imports_nothing_heavy(words):
    code = f"""
import sys
from grader.cli import main
code = 0
try:
    main({list(words)!r})
except SystemExit as end:
    code = end.code or 0
heavy = {{"torch", "numpy", "hypothesis", "pytest", "rich", "matplotlib", "jinja2", "pygments"}} & set(sys.modules)
print("CODE", code, "HEAVY", sorted(heavy))
"""
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment(), cwd=ROOT, capture_output=True, text=True, check=False
    )
    heavy = "['rich']" if words in ((), ("next",)) else "[]"  # what is laid out for the terminal
    assert run.stdout.endswith(f"CODE 0 HEAVY {heavy}\n"), run.stdout + run.stderr


@pytest.mark.parametrize("verb", [*sorted(cli.commands), "tiny", "all"])
def test_the_help_of_every_verb_ends_in_an_example_of_it(verb):
    text = grade(verb, "--help").stdout
    assert f"\n    grade {verb}" in text.partition("Examples:")[2]


def test_a_verb_that_is_nearly_right_is_named():
    run = grade("hnit")
    assert (run.returncode, run.stderr) == (2, 'There is no command or section "hnit". Did you mean: grade hint\n')


def test_help_shows_the_sections_and_examples():
    text = grade("--help").stdout
    assert "section1" in text
    assert "grade section1 mean " in text
    assert "also: grade 1, grade tiny\n" in text
    assert "{" not in text
    assert "grade, version " in grade("--version").stdout


@pytest.mark.parametrize("settings", [None, "edition = 'none'"])
def test_help_works_without_sections_and_with_settings_that_cannot_be_used(settings, tmp_path):
    for name in ("checks", "exercises"):
        (tmp_path / name).mkdir()
    if settings:
        (tmp_path / "course.toml").write_text(settings)
    run = grade("plot", "--help", course=tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    assert "grade plot SECTION EXERCISE --show   those of one exercise" in run.stdout
    run = grade("--help", course=tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    assert "Sections:" not in run.stdout


def test_help_works_without_a_course(tmp_path):
    run = grade("--help", course=tmp_path / "nowhere")
    assert (run.returncode, run.stderr) == (0, "")
    assert "grade SECTION EXERCISE" in run.stdout


# -- grading


@pytest.fixture(scope="module")
def right(tmp_path_factory):
    """The right solution, graded from an ordinary folder, and from one that tries to interfere."""
    plain, hostile = tmp_path_factory.mktemp("plain"), tmp_path_factory.mktemp("hostile")
    marker = hostile / "ran"
    handed_in = hostile / "handed_in"
    handed_in.mkdir()
    shutil.copy(RIGHT, handed_in)
    for folder in (hostile, handed_in):
        for name, text in HOSTILE_PYTEST.items():
            if not (folder == hostile and name == "torch.py"):  # python -m puts the present folder first, by itself
                (folder / name).write_text(text.format(marker=str(marker)), encoding="utf-8")
    first = grade("tiny", "--submission", RIGHT, "--json", plain / "report.json", cwd=plain)
    second = grade(
        "section1", "--submission", handed_in, "--json", hostile / "report.json", cwd=hostile,
        PYTEST_ADDOPTS="-k nothing --no-such-option", PYTEST_PLUGINS="test_own", FORCE_COLOR="", NO_COLOR="1",
    )  # fmt: skip
    return SimpleNamespace(first=first, second=second, plain=plain, hostile=hostile, marker=marker)


def test_all_points_are_exit_code_0_and_a_plain_text(right):
    assert (right.first.returncode, right.first.stderr) == (0, "")
    golden = MESSAGES / "right.txt"
    assert right.first.stdout == golden.read_text(encoding="utf-8")


@pytest.mark.slow
def test_quiet_is_a_line_and_verbose_every_check(tmp_path):
    wrong = tmp_path / "section1_tiny.py"
    wrong.write_text(RIGHT.read_text(encoding="utf-8").replace("x * factor", "x + factor"), encoding="utf-8")
    quiet = grade("tiny", "--submission", wrong, "--quiet")
    assert (quiet.returncode, quiet.stdout) == (1, "section1  3.25 / 5.0 points  not yet: scale\n")
    verbose = grade("tiny", "--submission", wrong, "--verbose", "--json", tmp_path / "report.json").stdout
    checks = json.loads((tmp_path / "report.json").read_text())["checks"]
    for check in checks:
        score = rf"{check['points']:.1f}\d? / {check['max_points']:.1f}\d?"
        assert re.search(rf"{score}  {check['status'].replace('_', ' ')} +\d+\.\d\d s  {check['title']}", verbose)
    assert len(checks) == 8


def test_the_same_code_gets_the_same_report_whatever_lies_around(right):
    assert right.second.stdout == right.first.stdout, right.second.stderr
    assert without_seconds(right.hostile / "report.json") == without_seconds(right.plain / "report.json")
    assert not right.marker.exists()


def test_grading_leaves_nothing_behind(right):
    assert [path.name for path in right.plain.iterdir()] == ["report.json"]
    assert not list(right.hostile.rglob("__pycache__"))
    assert not list(right.hostile.rglob(".*"))


def test_the_json_says_what_was_graded_and_how(right):
    record = without_seconds(right.plain / "report.json")
    assert (record["schema_version"], record["section"], record["status"]) == (2, "section1", "graded")
    assert (record["points"], record["max_points"], len(record["checks"])) == (5.0, 5.0, 8)
    assert record["sandbox"]["kind"] in ("zygote", "plain")
    assert set(record["versions"]) == {"grader", "python", "torch", "numpy", "hypothesis"}


def test_the_stubs_are_not_started_without_a_traceback_and_a_sum_is_written_for_all(tmp_path):
    """From a folder of the course itself, without --submission."""
    run = grade("all", "--json", tmp_path / "all.json", cwd=TINY / "exercises", course=None)
    golden = (MESSAGES / "not_started.txt").read_text(encoding="utf-8")
    assert (run.returncode, run.stderr) == (1, "")
    assert run.stdout == golden.replace("section1_tiny.py:1)", "section1_tiny.py:11)")
    record = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert (record["points"], record["max_points"], len(record["sections"])) == (0.0, 5.0, 1)


def test_a_report_that_cannot_be_written_is_exit_code_2(tmp_path):
    run = grade("tiny", "mean", "--submission", RIGHT, "--json", tmp_path / "no" / "report.json")
    assert run.returncode == 2
    assert (
        run.stderr == f"{tmp_path}/no/report.json: cannot be written: No such file or directory. Name another file.\n"
    )


def test_where_a_report_cannot_be_written_is_said_before_anything_is_read_or_graded(tmp_path):
    run = grade("tiny", "--submission", tmp_path / "no_such.py", "--json", tmp_path)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"{tmp_path}: cannot be written: Is a directory. Name another file.\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    "variables", [{"COLUMNS": "0"}, {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}], ids=["no width", "ASCII"]
)
def test_a_report_is_shown_wherever_it_is_printed(variables):
    run = grade("tiny", "mean", "--submission", RIGHT, **variables)
    assert run.returncode == 0, run.stderr
    assert "passed" in run.stdout
    assert "Well done" in run.stdout


def test_a_fault_that_is_not_the_students_is_exit_code_3(tmp_path):
    course = tmp_path / "course"
    shutil.copytree(TINY, course, ignore=shutil.ignore_patterns("__pycache__"))
    checks = course / "checks" / "section1_tiny" / "test_section1.py"
    text = checks.read_text(encoding="utf-8")
    checks.write_text(
        text.replace("    expected = factor * x", "    expected = factor * x; raise OSError('no data')"),
        encoding="utf-8",
    )
    run = grade("tiny", "--submission", RIGHT, course=course)
    assert run.returncode == 3
    assert "a check of this course has an error, and no points are lost. Tell your instructor." in run.stdout
    assert "Traceback" not in run.stderr
    assert "INTERNALERROR" not in run.stderr


def test_a_module_to_import_beforehand_that_is_not_there_is_the_authors_error(tmp_path):
    course = tmp_path / "course"
    shutil.copytree(TINY, course, ignore=shutil.ignore_patterns("__pycache__"))
    checks = course / "checks" / "section1_tiny" / "test_section1.py"
    checks.write_text(
        checks.read_text(encoding="utf-8") + '\nPRELOAD = (\n    "math",\n    "scipy.linagl",\n)\n', encoding="utf-8"
    )
    line = len(checks.read_text(encoding="utf-8").splitlines()) - 1
    run = grade("tiny", "--submission", RIGHT, course=course)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith(f"{checks}:{line}: PRELOAD: there is no module scipy.linagl here. Correct the name")


def test_section4_is_graded_by_exercise(tmp_path):
    run = grade("momentum", "condition_number", "--submission", "solutions", course=None)
    assert run.returncode == 0, run.stderr
    assert "condition_number  1.75 / 1.75  passed" in run.stdout
    assert "You graded only part of the section." in run.stdout


@pytest.mark.slow
def test_plain_pytest_grades_the_checks_too():
    command = [sys.executable, "-m", "pytest", "checks", "--submission", "solutions", "-q", "-x"]
    run = subprocess.run(
        [*command, "-k", "section4 and (max_stable_lr or one_step)", "-p", "no:cacheprovider"],
        env=environment(None), cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "7 passed" in run.stdout


@pytest.mark.slow
def test_a_check_that_counts_once_others_have_run_is_skipped_alone():
    """As in the Testing panel of an editor, where it was red for a right answer."""
    name = "momentum_step_leaves_its_inputs_unchanged"
    command = [sys.executable, "-m", "pytest", "checks/section4_momentum", "--submission", "solutions", "-k", name]
    run = subprocess.run(
        [*command, "-rs", "-p", "no:cacheprovider"], env=environment(None), cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 skipped" in run.stdout
    assert "counts once another check of momentum_step has run" in run.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", ["::error::\x1b[2J\u202e.py", "##vso[task.complete]x\n::error::b.py", "x\x9b2J.txt"])
def test_names_of_files_that_were_handed_in_give_no_orders(name, tmp_path):
    (tmp_path / name).write_text("x = 1\n")
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / name).write_text("x = 1\n")
    for place in (name, "inside", f"{name}/nothing"):
        run = grade("tiny", "--submission", place, cwd=tmp_path)
        text = run.stdout + run.stderr
        assert not [char for char in text if char in "\x1b\x9b\u202e"], repr(text)
        assert not [line for line in text.splitlines() if line.lstrip().startswith("::") or "##vso[" in line], text


@pytest.mark.parametrize(("words", "code"), [(["--version"], 0), (["nosuch"], 2)])
def test_a_program_that_ends_at_once_leaves_nothing_undone(words, code):
    """Exit handlers run and all output appears, though Python does not free its objects."""
    program = f"""
import atexit, concurrent.futures, sys, threading, time
from grader.program import program
class Late:
    def __del__(self): print("taken apart")
late = Late()
atexit.register(print, "at exit")
threading.Thread(target=lambda: (time.sleep(3), print("from a thread"))).start()
idle = concurrent.futures.ThreadPoolExecutor(1)  # which nobody shuts down
idle.submit(int).result()
sys.argv[1:] = {words!r}
program()
"""
    run = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == code
    assert run.stdout.endswith("from a thread\nat exit\n")
    assert ("nosuch" in run.stderr) == bool(code)


@pytest.mark.skipif(os.name != "posix", reason="no shell")
@pytest.mark.parametrize(
    "closed", [*(pytest.param(one, marks=pytest.mark.slow) for one in ("<&-", ">&-")), "<&- >&- 2>&-"]
)
def test_standard_streams_that_were_closed_change_no_grade(closed, tmp_path):
    out = tmp_path / "report.json"
    words = shlex.join([sys.executable, "-m", "grader", "tiny", "--submission", str(RIGHT), "--json", str(out)])
    run = subprocess.run(
        ["sh", "-c", f"{words} {closed}"], cwd=ROOT, env=environment(), capture_output=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, b"")
    assert without_seconds(out)["points"] == 5.0


def test_a_program_that_cannot_print_its_last_words_says_so_by_its_exit_code():
    code = (
        "import sys; from grader.program import program; sys.stdout.write('x'); sys.argv[1:] = ['--version']; program()"
    )
    with open("/dev/full", "w") as full:
        run = subprocess.run([sys.executable, "-c", code], env=environment(), cwd=ROOT, stdout=full, check=False)
    assert run.returncode != 0


def test_a_reader_that_has_read_enough_takes_away_neither_the_report_nor_the_record(own_course):
    target = own_course.root / "r.json"
    shutil.copy(RIGHT, own_course.exercises)
    words = [sys.executable, "-m", "grader", "tiny", "--verbose", "--json", target]
    with subprocess.Popen(words, env=environment(own_course.root), stdout=subprocess.PIPE) as run:
        run.stdout.close()
    assert run.returncode == 0
    assert json.loads(target.read_text(encoding="utf-8"))["points"] == 5.0
    assert "5.0 of 5.0 points" in grade(course=own_course.root).stdout


@pytest.mark.slow
def test_what_to_type_next_grades_the_same_file(tmp_path):
    (tmp_path / "my work").mkdir()
    wrong = RIGHT.read_text(encoding="utf-8").replace("x * factor", "x + factor")
    (tmp_path / "my work" / "section1_tiny.py").write_text(wrong, encoding="utf-8")
    shown = grade("tiny", "--submission", "my work", cwd=tmp_path).stdout
    assert "grade section1 --submission 'my work' scale" in " ".join(shown.split())


def test_a_reader_that_leaves_early_sees_no_error(own_course):
    words = [sys.executable, "-m", "grader"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(words, env=environment(own_course.root), **pipes) as run:
        run.stdout.close()
        assert run.stderr.read() == b""
    assert run.returncode == 1


@pytest.mark.slow
def test_a_report_that_nothing_can_hold_does_not_take_the_record_away(own_course):
    shutil.copy(RIGHT, own_course.exercises)
    assert grade("tiny", "--json", "/dev/full", course=own_course.root).returncode == 2
    assert "5.0 of 5.0 points" in grade(course=own_course.root).stdout
