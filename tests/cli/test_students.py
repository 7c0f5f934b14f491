"""A student's way from nothing to all points, in commands as they are typed, in a course of their own."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests import forked
from tests.paths import ROOT, TINY

SOLVED = (TINY / "solutions" / "section1_tiny.py").read_text(encoding="utf-8")


@pytest.fixture
def course(tmp_path):
    for name in ("exercises", "solutions", "checks"):
        shutil.copytree(TINY / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def grade(course):
    """Type a command in the course's folder; what it prints, and that it ends as expected."""

    def run(*words, code=0, **variables):
        kept = {name: value for name, value in os.environ.items() if name not in ("GRADE_COURSE", "FORCE_COLOR")}
        done = forked.run([*forked.GRADE, *words], kept | {"COLUMNS": "100", **variables}, course)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


@pytest.mark.slow
def test_the_overview_follows_what_is_graded_and_edited(course, grade):
    mine = course / "exercises" / "section1_tiny.py"
    assert "0.0 of 5.0 points  not graded yet" in grade()
    grade("section1", code=1)
    overview = grade()
    assert "0.0 of 5.0 points  not started" in overview
    assert "write scale in exercises/section1_tiny.py, then  grade section1 scale" in overview
    mine.write_text(SOLVED.replace("return float(x.sum()) / x.numel()", "return 0.0"), encoding="utf-8")
    grade("section1", code=1)
    overview = grade()
    assert "3.25 of 5.0 points\n" in overview
    assert "fix mean in exercises/section1_tiny.py, then  grade section1 mean" in overview
    mine.write_text(SOLVED.replace("return float(x.sum())", "return float(x.sum()"), encoding="utf-8")
    line = SOLVED[: SOLVED.index("return float(x.sum())")].count("\n") + 1
    assert f"fix exercises/section1_tiny.py:{line}, then  grade section1\n" in grade()
    mine.write_text(SOLVED, encoding="utf-8")
    assert "changed since it was graded" in grade()
    grade("section1")
    overview = grade()
    assert "5.0 of 5.0 points  all points" in overview
    assert "All points. Well done." in overview


@pytest.mark.slow
def test_what_cannot_be_remembered_is_said(course, grade):
    (course / ".grade").write_text("in the way")
    for words, code in (((), 0), (("tiny", "mean"), 1)):
        assert "Points and hints are not remembered" in grade(*words, code=code)


@pytest.mark.slow
def test_a_file_graded_with_submission_is_not_the_students_own(course, grade):
    grade("section1", "--submission", "solutions")
    assert "not graded yet" in grade()


def test_next_shows_the_text_and_where_to_write_it(course, grade):
    text = grade("next")
    assert "def scale(x" in text
    assert "write it at exercises/section1_tiny.py:" in text
    assert "def centre(x" in grade("next", "section1", "centre")
    assert "Did you mean centre?" in grade("next", "section1", "center", code=2)


@pytest.mark.slow
def test_a_hint_needs_no_name(course, grade):
    assert "There are no hints for scale" in grade("hint", code=2)  # in the tiny course; it is the first exercise
    (course / "exercises" / "section1_tiny.py").write_text(SOLVED, encoding="utf-8")
    grade("section1")
    assert "Everything is right, so it needs no hint." in grade("hint")
    assert "section1 is right, so it needs no hint." in grade("hint", "tiny")


@pytest.mark.slow
def test_a_hint_without_a_name_is_about_what_went_wrong(course, grade):
    mine = course / "exercises" / "section1_tiny.py"
    mine.write_text(SOLVED.replace("x - mean(x)", "x + mean(x)"), encoding="utf-8")
    grade("section1", "centre", code=1)
    assert "centre" in grade("hint", code=2)  # and not scale, which no grading has tried


@pytest.mark.slow
def test_a_hint_about_what_is_there_no_more_says_so(course, grade):
    mine = course / "exercises" / "section1_tiny.py"
    mine.write_text(SOLVED.replace("x * factor", "x + factor"), encoding="utf-8")
    grade("section1", code=1)
    assert "has changed since" not in grade("hint", "section1", "scale")
    mine.write_text(SOLVED.replace("x * factor", "x - factor"), encoding="utf-8")
    assert "has changed since it was graded" in " ".join(grade("hint", "section1", "scale").split())


def test_help_of_a_kit_lists_what_a_student_needs(course, grade):
    """Of a course with solutions, it lists the rest in a group of its own; docs/reference.md has the same groups."""
    text = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    chapter = text.partition("## For students")[2].partition("## For instructors")[0]
    documented = re.findall(r"^### grade (\w+)", chapter, re.MULTILINE)
    whole = grade("--help")
    for text_of in (whole, grade("export", "--help"), grade("new", "--help")):
        assert not re.search(r"\w\.\.\.", text_of), "a sentence is cut"
    assert listed_in(whole, "Commands") == ["SECTION", *documented]
    assert {"class", "export", "audit", "stubs", "release"} <= {*listed_in(whole, "For instructors and authors")}
    shutil.rmtree(course / "solutions")
    kit = grade("--help")
    assert listed_in(kit, "Commands") == ["SECTION", *documented]
    assert "For instructors" not in kit
    assert offered_by_bash(grade, "grade r") == ["plain,repro", "plain,read", "plain,reset"]


def listed_in(text, title):
    """The first words of the rows of a list in a help text."""
    return re.findall(r"^  (\S+)", text.partition(f"{title}:\n")[2].partition("\n\n")[0], re.MULTILINE)


def test_help_is_a_verb_too(course, grade):
    assert grade("help") == grade("--help")
    assert grade("help", "hint") == grade("hint", "--help")
    assert grade("help", "section1") == grade("section1", "--help")
    assert "Did you mean: grade hint" in grade("help", "hnit", code=2)


def test_the_words_of_a_broken_file_are_no_orders_to_the_terminal(course, grade):
    (course / "exercises" / "section1_tiny.py").write_text(
        "def scale(x, factor):\n    x = '\x1b[2J\x1b]0;owned\x07\n", "utf-8"
    )
    for words in (("next", "section1", "scale"), ("reset", "section1", "scale")):
        text = grade(*words, code=2)
        assert "section1_tiny.py:2" in text
        assert "\x1b" not in text
        assert "\x07" not in text


def test_the_way_back_keeps_what_was_there(course, grade):
    mine = course / "exercises" / "section1_tiny.py"
    stub = mine.read_text(encoding="utf-8")
    mine.write_text(SOLVED, encoding="utf-8")
    assert "+    return x * factor" in grade("diff", "section1").replace(" \n", "\n")
    said = grade("reset", "section1")
    assert mine.read_text(encoding="utf-8") == stub
    assert (course / said.rpartition("kept: ")[2].strip()).read_text(encoding="utf-8") == SOLVED
    assert "is as it was handed out" in grade("diff", "section1")
    assert "exercises/section1_tiny.py is .grade/backups/section1_tiny_" in grade("reset", "section1", "--undo")
    assert mine.read_text(encoding="utf-8") == SOLVED
    grade("reset", "section1", "--undo")  # and back
    assert mine.read_text(encoding="utf-8") == stub
    assert "Leave mean out" in grade("reset", "section1", "mean", "--undo", code=2)


def test_without_a_kept_file_there_is_nothing_to_undo(grade):
    assert "no earlier file is kept" in grade("reset", "section1", "--undo", code=2)


@pytest.mark.slow
def test_what_is_packed_is_graded_like_the_files(course, grade):
    (course / "exercises" / "section1_tiny.py").write_text(SOLVED, encoding="utf-8")
    said = grade("pack")
    assert "Packed:  submission.zip, with section1" in said
    assert "as handed in: 5.0 of 5.0  all points" in said
    assert "Next:  hand it in." in said
    assert "section1_tiny.py" in zipfile.ZipFile(course / "submission.zip").namelist()
    assert "5.0 / 5.0 points" in grade("section1", "--submission", "submission.zip")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("grade sec", ["section1"]),
        ("grade section1 s", ["scale", "shift_in_place"]),
        ("grade section1 scale s", ["shift_in_place"]),
        ("grade hint section1 me", ["mean"]),
        ("grade reset s", ["section1"]),
        ("grade next section9 m", []),
    ],
)
def test_the_tab_key_offers_sections_and_exercises(grade, typed, offered):
    assert offered_by_bash(grade, typed) == [f"plain,{one}" for one in offered]


@pytest.mark.parametrize(
    "typed",
    [
        "grade section1 --submission my",
        "grade section1 --html my",
        "grade my",
        "grade notebook my",
        "grade predict my",
        "grade read my",
        "grade pack --out my",
    ],
)
def test_the_tab_key_leaves_names_of_files_to_the_shell(grade, typed):
    assert offered_by_bash(grade, typed) == ["file,my"]


def offered_by_bash(grade, typed):
    text = grade(_GRADE_COMPLETE="bash_complete", COMP_WORDS=typed, COMP_CWORD=str(len(typed.split()) - 1))
    return [line for line in text.splitlines() if line]


def test_zsh_is_offered_the_same(grade):
    text = grade(_GRADE_COMPLETE="zsh_complete", COMP_WORDS="grade section1 s", COMP_CWORD="2")
    assert text.splitlines()[1::3] == ["scale", "shift_in_place"]  # kind, word and help, a line each


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_with_what_it_was_given(course):
    """By the line of docs/students.md, and the function that it defines."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    script = (
        'eval "$(_GRADE_COMPLETE=bash_source grade)"; complete -p grade; '
        "COMP_WORDS=(grade section1 s); COMP_CWORD=2; _grade_completion grade; printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    asked = os.environ | {"GRADE_COURSE": str(course), "PATH": path}
    said = subprocess.run(["bash", "-c", script], env=asked, capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[1:] == ["scale", "shift_in_place"]
    assert "-F _grade_completion grade" in said


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_fish_completes_with_what_it_was_given(course):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    script = '_GRADE_COMPLETE=fish_source grade | source; complete -C "grade section1 s"'
    asked = os.environ | {"GRADE_COURSE": str(course), "PATH": path}
    said = subprocess.run(["fish", "-c", script], env=asked, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["scale", "shift_in_place"]


def test_where_there_is_no_course_the_tab_key_offers_verbs(grade, tmp_path_factory):
    elsewhere = str(tmp_path_factory.mktemp("empty"))
    text = grade(_GRADE_COMPLETE="bash_complete", COMP_WORDS="grade ", COMP_CWORD="1", GRADE_COURSE=elsewhere)
    assert "plain,hint" in text
    assert "section1" not in text
