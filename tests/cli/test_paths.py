"""`grade PATH`: a file, a notebook, a folder or an archive in the place of a section's word."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

from tests.cli.commands import environment, grade
from tests.paths import ROOT, TINY

SOLVED = (TINY / "solutions" / "section1_tiny.py").read_text(encoding="utf-8")


def notebook(*cells, **metadata):
    parts = [{"cell_type": "code", "source": s, "outputs": [], "execution_count": None, "metadata": {}} for s in cells]
    return json.dumps({"cells": parts, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Section 1, Ann.py", "answers.py"])
def test_a_files_section_is_told_by_its_name_or_by_what_it_defines(name, tmp_path):
    (tmp_path / name).write_text(SOLVED, encoding="utf-8")
    run = grade(name, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "5.0 / 5.0 points" in run.stdout


@pytest.mark.slow
def test_a_notebooks_section_is_told_by_what_made_it(tmp_path):
    """Even where it defines nothing of it."""
    (tmp_path / "mine.ipynb").write_text(notebook("x = 1", grader={"section": "section1_tiny"}))
    assert "0.0 / 5.0 points" in grade("mine.ipynb", cwd=tmp_path).stdout


@pytest.mark.slow
def test_one_exercise_of_a_file_is_graded(tmp_path):
    (tmp_path / "section1_tiny.py").write_text(SOLVED, encoding="utf-8")
    run = grade(tmp_path / "section1_tiny.py", "mean", cwd=tmp_path)
    assert "mean  1.25 / 1.25  passed" in run.stdout
    assert "scale" not in run.stdout


@pytest.mark.slow
def test_what_a_folder_or_an_archive_holds_is_graded(tmp_path):
    (tmp_path / "handed_in").mkdir()
    (tmp_path / "handed_in" / "section1_tiny.py").write_text(SOLVED, encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "handed_in.zip", "w") as archive:
        archive.write(tmp_path / "handed_in" / "section1_tiny.py", "section1_tiny.py")
    for path in ("handed_in", "handed_in.zip"):
        assert "5.0 / 5.0 points" in grade(path, cwd=tmp_path).stdout


@pytest.mark.slow
def test_any_folder_may_hold_the_course(tmp_path):
    """pytest takes "[" and "::" in a path for the name of a test, and replaces "$HOME" in its root folder."""
    course = tmp_path / "Ann's course [1] 100% &::$HOME é\n"
    shutil.copytree(TINY, course, ignore=shutil.ignore_patterns("__pycache__"))
    (course / "exercises" / "section1_tiny.py").write_text(SOLVED, encoding="utf-8")
    run = grade("section1", cwd=course, course=course)
    assert (run.returncode, run.stderr) == (0, "")


def test_without_docstrings_the_checks_have_no_names_and_that_is_told():
    command = [sys.executable, "-OO", "-P", "-m", "grader", "section1"]
    run = subprocess.run(command, env=environment(PYTHONPATH=str(ROOT)), capture_output=True, text=True, check=False)
    assert (run.returncode, "Leave -OO out, or type: unset PYTHONOPTIMIZE" in run.stderr) == (2, True), run.stderr


def test_a_folder_that_is_gone_is_told(tmp_path):
    """A synchronised drive has put another one there."""
    gone = tmp_path / "gone"
    gone.mkdir()
    words = 'cd "$1"; rmdir "$1"; shift; exec "$@"'
    command = ["sh", "-c", words, "sh", str(gone), sys.executable, "-P", "-m", "grader", "section1"]
    variables = environment(PYTHONPATH=str(ROOT))
    run = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    said = "The folder of this terminal cannot be used: No such file or directory. Try: cd FOLDER\n"
    assert (run.returncode, run.stderr) == (2, said)


REFUSED = {
    "no_such.ipynb": "no_such.ipynb: not found.",
    "other.py": "other.py: which section is it of? It defines no exercise of this course. Name one: grade section1 --submission",
    "broken.ipynb": "broken.ipynb: not a notebook: it has no cells",
    "mine.py.txt": "mine.py.txt: this kind of file cannot be graded",
    "empty": "empty: no section's file is inside, such as section1_tiny.py or section1_tiny.ipynb.",
}


@pytest.mark.parametrize(("word", "said"), REFUSED.items(), ids=REFUSED.keys())
def test_what_cannot_be_graded_is_refused_in_a_sentence(word, said, tmp_path):
    (tmp_path / "other.py").write_text("def f(): ...")
    (tmp_path / "broken.ipynb").write_text("{}")
    (tmp_path / "mine.py.txt").write_text("def f(): ...")
    (tmp_path / "empty").mkdir()
    run = grade(word, cwd=tmp_path)
    assert (run.returncode, run.stdout) == (2, "")
    assert said in run.stderr


def test_a_path_and_a_submission_are_one_too_many(tmp_path):
    run = grade("x.py", "--submission", "y.py", cwd=tmp_path)
    assert run.returncode == 2
    assert "Give only one of them" in run.stderr


def test_a_section_goes_before_a_folder_of_its_name(tmp_path):
    (tmp_path / "tiny").mkdir()
    assert "0.0 / 5.0 points" in grade("tiny", cwd=tmp_path).stdout


@pytest.mark.slow
def test_a_file_of_no_known_name_is_never_executed_where_its_section_is_looked_for(tmp_path):
    (tmp_path / "answers.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n{SOLVED}", encoding="utf-8")
    grade("answers.py", "mean", cwd=tmp_path)
    assert not (tmp_path / "ran").exists()


# -- a notebook as it is handed in

HANDED_IN = (
    "%load_ext grader\n%matplotlib inline\n!pip install torch",
    "import torch\nfrom matplotlib import no_such_name_at_all\n",
    "def scale(x, factor):\n    return x * factor",
    "def shift_in_place(params, amount:\n    pass",
    "while True:  # training that never ends\n    pass",
    "SIZE = 1\ndef mean(x):\n    total = x.sum()\n    return total / nothing\n",
    "%grade mean",
)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("handed_in")
    (folder / "section1_tiny.ipynb").write_text(notebook(*HANDED_IN))
    return grade("section1_tiny.ipynb", cwd=folder).stdout


def test_of_a_notebook_what_is_right_is_graded_whatever_else_stands_in_it(report):
    assert "scale           1.75 / 1.75  passed" in report


def test_a_broken_cell_and_an_exception_are_named_by_cell_and_line(report):
    words = " ".join(report.split())
    assert "cell 4 cannot be read (its line 1: " in words
    assert "section1_tiny.ipynb, cell 6, line 4: return total / nothing" in words
    assert "[cell" not in report


def test_the_command_to_type_next_grades_the_same_notebook(report):
    assert "grade section1_tiny.ipynb shift_in_place" in report


def test_a_file_that_is_missing_among_ones_own_can_be_had_again(tmp_path):
    course = tmp_path / "course"
    shutil.copytree(TINY, course)
    (course / "exercises" / "section1_tiny.py").rename(course / "exercises" / "section2_other.py")
    run = grade("section1", course=course)
    assert (run.returncode, run.stderr.endswith(": grade reset section1\n")) == (2, True), run.stderr


@pytest.mark.parametrize("launcher", ["", "plain"])
def test_a_folder_whose_name_is_not_utf8_is_named(tmp_path, launcher):
    course = tmp_path / os.fsdecode(b"Kurs \xe9")
    try:
        shutil.copytree(TINY, course)
    except OSError:
        pytest.skip("this file system takes no such name")
    run = grade("section1", course=course, GRADE_LAUNCHER=launcher)
    assert run.returncode == 2
    assert "Rename the folder" in run.stderr


@pytest.mark.slow
def test_the_students_own_file_is_graded_beside_a_notebook(tmp_path):
    course = tmp_path / "course"
    shutil.copytree(TINY, course)
    assert grade("notebook", "section1", course=course, cwd=ROOT).returncode == 0
    run = grade("section1", course=course)
    assert "section1_tiny.py" in run.stdout, run.stderr
    assert "edited later" not in run.stdout
    book = course / "exercises" / "section1_tiny.ipynb"
    book.touch()
    assert "edited later" not in grade("section1", course=course).stdout, "nothing is written in it"
    book.write_text(book.read_text().replace("raise NotImplementedError", "return x", 1))
    assert "section1_tiny.ipynb was edited later than section1_tiny.py" in grade("section1", course=course).stdout
    assert "section1_tiny.ipynb was edited later than section1_tiny.py" in grade("pack", course=course).stdout
    assert "section1_tiny.ipynb" in grade(course / "exercises" / "section1_tiny.ipynb", course=course).stdout


@pytest.mark.slow
def test_a_file_of_the_same_name_elsewhere_and_a_renamed_one_are_told(tmp_path):
    course, downloads = tmp_path / "course", tmp_path / "downloads"
    shutil.copytree(TINY, course)
    shutil.copytree(course / "exercises", downloads)
    said = "the grader read .*section1_tiny.py. To grade the file in this folder: grade section1_tiny.py"
    assert re.search(said, " ".join(grade("section1", course=course, cwd=downloads).stdout.split()))
    assert "To grade the file" not in grade("section1", course=course, cwd=course / "exercises").stdout
    (course / "exercises" / "section1_tiny.py").rename(course / "exercises" / "section1_tiny_final.py")
    renamed = grade("section1", course=course, cwd=course).stdout
    assert "the grader used section1_tiny_final.py, since there is no section1_tiny.py" in " ".join(renamed.split())


def test_files_in_a_folder_of_the_first_edition_are_graded_as_any_others(tmp_path):
    """A kit, with the grader's own files beside the exercises."""
    old = tmp_path / "kit"
    for folder in ("exercises", "grader/checks", "grader/mistakes"):
        (old / folder).mkdir(parents=True)
    (old / "exercises" / "section1_tiny.py").write_text(SOLVED, encoding="utf-8")
    (old / "grader" / "checks" / "test_section1_tiny.py").write_text("raise SystemExit('nobody may run this')\n")
    (old / "grader" / "checks" / "__init__.py").write_text("")
    for place in (old, old / "exercises"):
        done = grade("tiny", "mean", "--submission", place, "--quiet")
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
