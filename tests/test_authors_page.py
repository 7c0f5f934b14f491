"""The commands and files of docs/authors.md: typed in the order of the page by a lecturer who begins a course."""

import ast
import re
import shlex
import shutil
import tomllib

import pytest

from grader.course import Course
from grader.course_settings import FILENAME
from grader.figures.reference_numbers import pictures_amiss
from grader.kit.lint import lint
from tests import forked
from tests.paths import ROOT, TINY

PAGE = (ROOT / "docs" / "authors.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FIGURE_IMPORTS = """
from operator import methodcaller

from grader.figures.canvas import Canvas
from grader.figures.gather import Gathered, Work
from grader.figures.picture import Figure, Words

from .ravine import bowl, start
"""
EXPERIMENT_IMPORTS = """
from operator import methodcaller

from grader.figures.experiments import Experiment, Outcome
from grader.figures.gather import Gathered, Work

from .ravine import bowl, start, steps_to_arrive
"""
LISTED = re.compile(r"^- `(grade [^`]*)`(?:.*, `(grade [^`]*)` a section)?", re.MULTILINE)


def blocks(language: str, text: str = PAGE) -> list[str]:
    return [block for name, block in BLOCK.findall(text) if name == language]


@pytest.fixture
def typed(environment):
    """Type a command in a folder; return the folder afterwards, and what is printed."""

    def run(line, folder, *more):
        words = shlex.split(line)
        if words[0] == "cd":
            return (folder / words[1]).resolve(), ""
        if words[0] == "mv":
            shutil.move(folder / words[1], folder / words[2])
            return folder, ""
        if words[0] == "rm":
            (folder / words[1]).unlink()
            return folder, ""
        assert words[0] == "grade", line
        own = {name: value for name, value in environment.items() if name != "GRADE_COURSE"}
        ran = forked.run([*forked.GRADE, *words[1:], *more], own, folder)
        assert ran.returncode == 0, f"{line}: {ran.stdout}{ran.stderr}"
        return folder, ran.stdout

    return run


@pytest.mark.slow
def test_the_first_exercise_is_made_renamed_and_handed_out_as_the_page_says(tmp_path, typed):
    start = PAGE.partition("## Two examples to copy from")[0]
    begin, rename = blocks("text", start)
    (tmp_path / "here").mkdir()
    folder, said = tmp_path / "here", {}
    for line in begin.splitlines():
        folder, said[line] = typed(line, folder)
    assert folder == tmp_path / "my-course"
    assert "1.5 / 1.5" in said["grade all --submission solutions"]
    assert "Every wrong answer loses points" in said["grade audit"]
    shown = typed("grade author section1 --once", folder)[1]
    listed = [line for pair in LISTED.findall(start) for line in pair if line and "author" not in line]
    assert [line.split()[1] for line in listed] == ["lint", "stubs", "new", "new"]
    for line in listed:
        typed(line, folder)
    for line in rename.splitlines():
        folder, _ = typed(line, folder)
    assert typed("grade lint", folder)[1] == "No errors.\n"
    assert "section1_roots" in {section.stem for section in Course(folder).sections}
    typed("grade release ../kit", folder, "--quick")
    assert (tmp_path / "kit" / "exercises" / "section1_roots.py").is_file()

    (promised,) = (block for block in blocks("text") if block.startswith("Section 1 · First"))
    told = " ".join(shown.split())
    for line in promised.splitlines()[1:-1]:  # all but the time and the wait for a save
        assert " ".join(line.split()) in told, line


def test_the_second_example_is_where_the_page_says():
    (commands,) = (block for block in blocks("text") if block.startswith("export GRADE_COURSE="))
    folder = ROOT / commands.splitlines()[0].partition("=")[2]
    course = Course(folder)
    exercises = [name for section in course.sections for name in section.functions]
    assert len(course.sections) == 2
    assert len(exercises) == 6
    assert f"--submission {folder.relative_to(ROOT).as_posix()}/solutions" in commands


@pytest.mark.parametrize("text", blocks("python"))
def test_its_code_is_python(text):
    try:
        ast.parse(text)
    except SyntaxError:  # a decorator, or the head of a function, with what the page leaves out
        ast.parse(f"{text}\n    ...")


def the_one(start: str) -> str:
    (found,) = [block for block in blocks("python") if block.startswith(start)]
    return found


def test_its_picture_questions_experiment_and_mistake_work_in_the_section_that_they_are_from(tmp_path):
    root, stem = tmp_path / "course", "section4_momentum"
    for name in (f"checks/{stem}", "checks/shared"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "mistakes"))
    (root / "solutions").mkdir()
    text = (ROOT / "solutions" / f"{stem}.py").read_text(encoding="utf-8")
    asked = re.compile(r"^PREDICTIONS = \{\n.*?^\}\n", re.MULTILINE | re.DOTALL)
    assert asked.search(text)
    solution = asked.sub(lambda _: the_one("PREDICTIONS"), text)
    (root / "solutions" / f"{stem}.py").write_text(solution, encoding="utf-8")
    figure, experiment, mistake = the_one("class Ravine"), the_one("class StepsWith"), the_one('@mistake("momentum')
    for name, code in (
        ("figures", f"{FIGURE_IMPORTS}\n\n{figure}\n\nFIGURES = [Ravine()]\n"),
        ("predictions", f"{EXPERIMENT_IMPORTS}\n\n{experiment}"),
        ("mistakes", f"from grader.toolkit.mistakes import mistake\n\n\n{mistake}"),
    ):
        (root / "checks" / stem / f"{name}.py").write_text(code, encoding="utf-8")
    (section,) = Course(root).sections
    assert [question.key for question in section.questions] == ["steps_with_momentum", "swings_more"]
    assert pictures_amiss(section) == []
    changed = ("figures.py", "predictions.py", "mistakes.py", f"{stem}.py:")
    amiss = [line for line in lint(Course(root), draft=True) if any(name in line.split(": ")[0] for name in changed)]
    assert amiss == []


def test_its_check_is_one_of_the_course():
    written = ast.parse((ROOT / "checks" / "section4_momentum" / "test_section4.py").read_text(encoding="utf-8"))
    (shown,) = [node for node in ast.parse(the_one('@check("momentum_step"')).body if isinstance(node, ast.FunctionDef)]
    (real,) = [node for node in written.body if getattr(node, "name", "") == shown.name]
    assert isinstance(real, ast.FunctionDef)
    assert list(map(ast.unparse, shown.decorator_list)) == list(map(ast.unparse, real.decorator_list))
    assert (ast.unparse(shown.args), ast.get_docstring(shown)) == (ast.unparse(real.args), ast.get_docstring(real))


def test_its_settings_are_accepted(tmp_path):
    settings, *others = blocks("toml")
    assert [tomllib.loads(text) for text in others]
    shutil.copytree(TINY, tmp_path / "course")
    (tmp_path / "course" / FILENAME).write_text(
        settings.replace('"section1", "bisect"', '"section1", "mean"'), encoding="utf-8"
    )
    assert Course(tmp_path / "course").settings.title == "Numerical methods"
