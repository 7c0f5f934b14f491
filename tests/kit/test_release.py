"""The student kit: nothing in it that students should not see, and everything that they need."""

import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader.course import Course, UsageError
from grader.kit.bundle import zipped
from grader.kit.new_parts import new_course
from grader.kit.release import kit, write_kit
from tests.kit.typed import grade
from tests.paths import ROOT, TINY

STEM = "section4_momentum"
PLANTED = (
    "in_a_solution",
    "in_a_mistake",
    "in_help_for_mistakes",
    "in_a_file_of_all_mistakes",
    "in_a_hidden_check",
    "in_its_helper",
    "in_its_title",
    "beside_the_reference",
    "of_a_mutant",
    "in_git",
    "in_a_record",
    "in_a_reference_result",
    "in_my_exercise",
)
ELSEWHERE = {
    ".git/objects/ab": "in_git",
    ".grade/section4_momentum.json": "in_a_record",
    "results/gradebook.sqlite": "in_a_record",
    "solutions/notes.txt": "in_a_solution",
    f"checks/{STEM}/mistakes.py": "in_a_file_of_all_mistakes",
    "data/final_losses.npz": "in_a_reference_result",
    f"checks/{STEM}/reference_trajectory.json": "in_a_reference_result",
    "tests/golden/section4_momentum.json": "in_a_reference_result",
}
LEFT_BEHIND = (".git/", "solutions", "tests", "results", ".grade", "docs/images/thresholds")
HIDDEN = '''

MARK_in_its_helper = 7  # MARK_in_its_helper


def _only_for_hidden_checks():
    """MARK_in_its_helper"""
    return MARK_in_its_helper


# MARK_in_a_hidden_check
@check("momentum_step", points=1.5, hidden=True)
def test_momentum_secretly(student):
    """MARK_in_its_title."""
    assert _only_for_hidden_checks() == 7, "MARK_in_a_hidden_check"


@check("momentum_step", points=0.5)
def test_momentum_beside_the_reference(student, reference):
    """MARK_beside_the_reference."""


# MARK_of_a_mutant
# momentum_step: `v.mul_(beta)` -> `MARK_of_a_mutant`
@check("momentum_step", points=0.25, needs=["momentum_one_step", "momentum_secretly"])
def test_momentum_waits_for_a_hidden_one(student):
    """This one may be seen."""
'''


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """A copy of the course with a mark in every place that students should not see."""
    root = tmp_path_factory.mktemp("course")
    for name in ("exercises", "solutions", "checks", "data"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "course.toml", root)
    shutil.copytree(ROOT / "docs", root / "docs")
    solution = root / "solutions" / f"{STEM}.py"
    text = solution.read_text(encoding="utf-8")
    solution.write_text(text.replace("### BEGIN SOLUTION\n", "### BEGIN SOLUTION\n    # MARK_in_a_solution\n", 3))
    for path, mark in (
        (root / "checks" / STEM / "mistakes" / "momentum_step.py", "# MARK_in_a_mistake"),
        (root / "checks" / STEM / "mistakes" / "shared.py", "# MARK_in_help_for_mistakes"),
        (root / "checks" / STEM / f"test_{STEM.partition('_')[0]}.py", HIDDEN),
        (root / "exercises" / f"{STEM}.py", "# MARK_in_my_exercise"),
    ):
        path.write_text(path.read_text(encoding="utf-8") + f"\n{mark}\n", encoding="utf-8")
    for name, mark in ELSEWHERE.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"MARK_{mark}")
    return Course(root)


@pytest.fixture(scope="module")
def files(planted):
    return kit(planted, recorded=False)


def held(name: str, data: bytes) -> list[str]:
    """All text in a file: its own, that of an archive's entries, of a notebook's cells, of compressed data."""
    texts = [name, data.decode("utf-8", errors="replace")]
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            texts += [text for entry in archive.namelist() for text in held(entry, archive.read(entry))]
    if name.endswith(".ipynb"):
        texts += [str(cell) for cell in json.loads(data)["cells"]]
    return texts


def test_nothing_that_was_planted_is_in_the_kit(planted, files, tmp_path):
    write_kit(files, tmp_path / "kit", tmp_path / "kit.zip")
    paths = [path for path in tmp_path.rglob("*") if path.is_file()]
    texts = [text for path in paths for text in held(path.name, path.read_bytes())]
    assert len(texts) > 3 * len(files)
    assert not [mark for mark in PLANTED if any(f"MARK_{mark}" in text for text in texts)]
    assert not [name for name in files if name.startswith(LEFT_BEHIND)]


def test_the_marks_were_there_to_be_found(planted):
    paths = [path for path in planted.root.rglob("*") if path.is_file()]
    texts = [text for path in paths for text in held(path.name, path.read_bytes())]
    assert [mark for mark in PLANTED if any(f"MARK_{mark}" in text for text in texts)] == list(PLANTED)


def test_everything_that_students_need_is_in_the_kit(planted, files):
    course = Course(ROOT)
    for section in course.sections:
        assert f"exercises/{section.stem}.py" in files
        assert f"notebooks/{section.stem}.ipynb" in files
        assert f"checks/{section.stem}/test_{section.id}.py" in files
    assert {name for name in files if name.startswith("data/")} == {
        "data/README.md",
        *(path.relative_to(ROOT).as_posix() for path in (ROOT / "data" / "MNIST" / "raw").iterdir()),
    }
    assert {"README.md", "LICENSE", "pyproject.toml", "course.toml"} <= set(files)
    assert {"docs/students.md", "grader/cli/students.py"} <= set(files)
    assert {".vscode/tasks.json", ".vscode/settings.json"} <= set(files)


def test_no_line_of_a_solution_is_in_what_is_made_of_it(files):
    """Nor in what authors note, in hints and in messages. Shorter lines than these any two programs may share."""
    made = [data.decode() for name, data in files.items() if name.endswith((".py", ".toml", ".ipynb", ".md"))]
    for path in sorted((ROOT / "solutions").glob("section*.py")):
        bodies = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", path.read_text(encoding="utf-8"), re.DOTALL)
        lines = {line.strip() for body in bodies for line in body.split("\n")}
        telling = {line for line in lines if len(line) >= 40}
        assert telling
        assert not [line for line in telling for text in made if line in text]


def test_mistakes_are_not_even_named(files):
    text = (ROOT / "checks" / STEM / "mistakes" / "momentum_step.py").read_text()
    named = re.findall(r"^def (\w+)\(", text, re.MULTILINE)
    thresholds = files[f"checks/{STEM}/thresholds.toml"].decode()
    assert len(named) > 20
    assert "mistakes]" not in thresholds
    assert not [name for name in named if name in thresholds]


def test_what_is_left_out_is_told_by_its_points(planted, files, tmp_path):
    write_kit(files, tmp_path / "kit", None)
    course, section = Course(tmp_path / "kit"), planted.find("4")
    mine = course.find("4")
    assert mine.hidden_points == {"momentum_step": 2.0}
    assert [check.id for check in mine.check_list] == [
        check.id
        for check in section.check_list
        if check.id not in ("momentum_secretly", "momentum_beside_the_reference")
    ]
    waiting = next(check for check in mine.check_list if check.id == "momentum_waits_for_a_hidden_one")
    assert waiting.needs == ("momentum_one_step",)
    assert mine.forbidden == section.forbidden
    assert "2 points of section4" in files["README.md"].decode()
    run = grade(tmp_path / "kit")
    assert "15.25 of 17.25 points of section4 can be checked here" in run.stdout


def test_every_exercise_has_two_checks_that_need_no_solution():
    files = kit(Course(ROOT), recorded=False)
    for section in Course(ROOT).sections:
        counts = dict.fromkeys(section.functions, 0)
        text = files[f"checks/{section.stem}/test_{section.id}.py"].decode()
        for exercise in re.findall(r'^@check\(\s*"(\w+)"', text, re.MULTILINE):
            counts[exercise] += 1
        assert min(counts.values()) >= 2, counts
        arguments = re.findall(r"^def test_\w+\((.*)\)", text, re.MULTILINE)
        assert len(arguments) == sum(counts.values())
        assert not [one for one in arguments if "reference" in one]


def test_an_exercise_that_would_have_too_few_checks_is_named(planted, tmp_path):
    root = tmp_path / "course"
    shutil.copytree(TINY, root)
    with pytest.raises(UsageError, match="students would get 0 checks of centre, but need 2"):
        kit(Course(root))
    checks = root / "checks/section1_tiny/test_section1.py"
    checks.write_text(checks.read_text(encoding="utf-8").replace(", hidden=True", ""), encoding="utf-8")
    with pytest.raises(UsageError, match="students would get 1 check of centre, but need 2"):
        kit(Course(root))


def test_a_line_of_a_solution_in_a_comment_is_named_and_nothing_is_handed_out(planted, tmp_path):
    root = tmp_path / "course"
    shutil.copytree(planted.root, root, symlinks=True)
    solution = (root / "solutions" / f"{STEM}.py").read_text(encoding="utf-8")
    body = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", solution, re.DOTALL)
    line = next(line.strip() for line in "\n".join(body).split("\n") if len(line.strip()) >= 40)
    checks = root / "checks" / STEM / f"test_{STEM.partition('_')[0]}.py"
    checks.write_text(f"{checks.read_text(encoding='utf-8')}\n# {line}\n", encoding="utf-8")
    number = checks.read_text(encoding="utf-8").count("\n")
    with pytest.raises(UsageError, match=rf"^{checks}:{number}: this is the text at line \d+ of {STEM}.py"):
        kit(Course(root), recorded=False)


@pytest.mark.slow
def test_the_archive_is_the_same_for_the_same_course(planted, files, tmp_path):
    assert zipped(sorted(files.items())) == zipped(sorted(kit(planted, recorded=False).items()))
    write_kit(files, tmp_path / "kit", tmp_path / "kit.zip")
    with zipfile.ZipFile(tmp_path / "kit.zip") as archive:
        assert {name.removeprefix("kit/"): archive.read(name) for name in archive.namelist()} == files


def test_what_is_in_the_folder_already_is_not_touched(files, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="the folder is not empty"):
        write_kit(files, tmp_path, None)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def release(root: Path):
    """As it is typed."""
    words = [sys.executable, "-m", "grader", "release", "../kit", "--quick"]
    return subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)


def test_too_few_checks_are_told_before_anything_is_graded(tmp_path):
    root = tmp_path / "course"
    new_course(root, "Mine", with_torch=False)
    checks = root / "checks" / "section1_first" / "test_section1.py"
    text = checks.read_text(encoding="utf-8")
    checks.write_text(text.replace("points=0.5", "points=0.5, hidden=True"), encoding="utf-8")
    run = release(root)
    assert (run.returncode, run.stdout) == (2, "")
    assert "students would get 1 check of centre_first, but need 2" in run.stderr


def test_no_kit_is_made_of_a_course_with_an_error_or_with_a_solution_that_misses_points(tmp_path):
    root = tmp_path / "course"
    new_course(root, "Mine", with_torch=False)
    solution = root / "solutions" / "section1_first.py"
    right = solution.read_text(encoding="utf-8")
    solution.write_text(right.replace("return x - x.mean()", "return x - x.max()"), encoding="utf-8")
    run = release(root)
    assert (run.returncode, run.stdout) == (2, "  Note:  grading the solutions.\n"), run.stderr
    first, second, third, *rest = run.stderr.splitlines()
    checks = root / "checks" / "section1_first" / "test_section1.py"
    assert first.startswith(f"{checks}:19: the solution loses 1 of 1 point at centre_first_by_definition: ")
    assert second.startswith(
        f"{checks}:26: the solution loses 0.5 of 0.5 points at centre_first_refuses_an_empty_array: "
    )
    assert third.startswith(
        f"{solution}:32: the example of centre_first gives array([-5., -4., 0.]), but its docstring"
    )
    assert rest == [
        "3 errors: no kit is made. To see more: grade author section1 --once",
        "Then: grade release ../kit",
    ]
    solution.write_text(right.replace("### BEGIN SOLUTION", ""), encoding="utf-8")
    run = release(root)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith(f"{solution}:39: ### END SOLUTION without a BEGIN")
    assert not (tmp_path / "kit").exists()
