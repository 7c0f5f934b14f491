"""A course is found from where one stands, and its sections by every word that a person might type."""

import os
import re
import sys

import pytest

from grader.course import Course, UsageError
from grader.find_course import find_course
from grader.service.service import modules_ahead
from grader.submission.submission import Submission
from tests.paths import ROOT

ONE_CHECK = (
    "raise SystemExit('nobody may run this')\n@check('late_thing', points=1)\ndef test_late(student): 'Is late.'\n"
)


@pytest.fixture
def course(tmp_path):
    """Sections 2 and 10, and files that are none; section 10 has no text of its own."""
    checks = tmp_path / "checks"
    (tmp_path / "exercises").mkdir()
    for name in (
        *(
            "section10_late/test_section10.py",
            "helpers/test_helpers.py",
            "test_section3.py",
            "section2_early/test_section3.py",
        ),
        *("conftest.py", "section4/test_section4.py", "section5_empty/problems.py"),
    ):
        (checks / name).parent.mkdir(parents=True, exist_ok=True)
        (checks / name).write_text(ONE_CHECK)
    (checks / "section2_early" / "test_section2.py").write_text(
        "import torch\n\n"
        "def helper(): pass\n\n"
        "@check('second_thing', points=1)\n@given(x=1)\ndef test_a(student): '''Adds up.'''\n\n"
        "@mark\n@check('first_thing', points=0.5, needs=['a'], hidden=True)\ndef test_b(student):\n"
        "    '''Is quick.\n\n    More about it.\n    '''\n\n"
        "@check('second_thing', points=2, call_cpu_seconds=60)\ndef test_c(student): 'Is kept'\n\n"
        "PRELOAD = ('decimal',)\n"
    )
    (tmp_path / "exercises" / "section2_early.py").write_text("# %% [markdown]\n# # Section 2: Early days\n# # Later\n")
    return Course(tmp_path)


def test_sections_come_by_number_and_only_files_of_checks_count(course):
    assert [section.stem for section in course.sections] == ["section2_early", "section10_late"]


def test_the_outline_is_read_and_never_run(course):
    outline = course.sections[0].check_list
    assert [(item.id, item.exercise, item.title, item.points, item.hidden) for item in outline] == [
        ("a", "second_thing", "Adds up", 1.0, False),
        ("b", "first_thing", "Is quick", 0.5, True),
        ("c", "second_thing", "Is kept", 2.0, False),
    ]
    assert course.sections[0].exercises == ("second_thing", "first_thing")


def test_a_section_says_what_to_import_beforehand_and_how_long_it_takes(course):
    early, late = course.sections
    assert (early.preload, early.work()) == (("decimal",), 63)  # three checks, and a call of 60 seconds
    assert (late.preload, late.work()) == ((), 1)


@pytest.mark.parametrize("name", ["wsgiref.headers", "os.path", "xml.etree.ElementTree"])
def test_modules_to_import_beforehand_are_looked_for_and_not_imported(name, course):
    _name_beforehand(course, name)
    sys.modules.pop("wsgiref.headers", None)
    assert course.sections[0].preload == ("json", name)
    assert "wsgiref.headers" not in sys.modules


@pytest.mark.parametrize("name", ["decimall", "json.decoderr", "json.decoder.JSONDecoder", ".json"])
def test_a_module_that_is_not_there_is_told_wherever_modules_are_asked_for(name, course):
    """No worker could start with it: without the refusal, the grader itself would fail, and tell the student so."""
    line = _name_beforehand(course, name)
    said = f"{course.sections[0].checks}:{line}: PRELOAD: there is no module {name} here. Correct the name, or install"
    with pytest.raises(UsageError) as error:
        modules_ahead(course, [(course.sections[0], Submission("section2_early.py", course.root, b""))])
    assert str(error.value) == f"{said} the package."


def _name_beforehand(course, name):
    """Write the name into PRELOAD. Returns its line."""
    path = course.sections[0].checks
    text = path.read_text(encoding="utf-8").replace("('decimal',)", f"(\n    'json',\n    {name!r},\n)")
    path.write_text(text, encoding="utf-8")
    return text[: text.index(f"    {name!r}")].count("\n") + 1


def test_the_title_is_the_first_heading_or_made_from_the_name(course):
    assert [section.title for section in course.sections] == ["Section 2: Early days", "Section 10: late"]


@pytest.mark.parametrize("saved", ["utf-8", "latin-1", "utf-16"])
def test_the_title_stays_as_handed_out_when_a_student_saves(saved, course):
    """In a copy without solutions, too; and a file that is no UTF-8 is no reason to fail."""
    section = course.sections[0]
    section.exercise.write_bytes("# # Mine, frisch aus München\n".encode(saved))
    assert course.sections[0].title
    section.pristine.write_text("# # Section 2: Early days\n", encoding="utf-8")
    assert Course(course.root).sections[0].title == "Section 2: Early days"


@pytest.mark.parametrize("word", ["section2", "2", "early", "Early", "SECTION2", "section2_early"])
def test_a_section_is_found_by_each_of_its_words(word, course):
    assert course.find(word).number == 2


@pytest.mark.parametrize(
    ("word", "hint"),
    [("sction2", "Did you mean section2 (early)?"), ("erly", "Did you mean section2 (early)?"), ("1", "Sections: ")],
)
def test_another_word_gets_the_nearest_section_and_a_command(word, hint, course):
    with pytest.raises(UsageError) as error:
        course.find(word)
    assert hint in str(error.value)
    assert str(error.value).endswith("Sections: section2 early, section10 late. Try: grade section2")


def test_an_exercise_is_found_by_its_name_alone(course):
    section = course.sections[0]
    assert section.find_exercise("first_thing") == "first_thing"
    with pytest.raises(UsageError, match=r"Did you mean first_thing\?"):
        section.find_exercise("first_thin")


def test_the_course_is_the_nearest_above_the_present_folder(course, monkeypatch):
    monkeypatch.delenv("GRADE_COURSE", raising=False)
    monkeypatch.chdir(course.root / "exercises")
    assert find_course() == course


def test_the_variable_names_another_course(course, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(course.root)
    monkeypatch.setenv("GRADE_COURSE", str(tmp_path_factory.mktemp("none")))
    with pytest.raises(UsageError, match="GRADE_COURSE names it"):
        find_course()
    monkeypatch.chdir(course.root.parent)
    monkeypatch.setenv("GRADE_COURSE", course.root.name)  # from the present folder
    assert find_course().root == course.root.resolve()


def test_outside_of_any_course_it_is_the_one_that_was_installed(tmp_path, monkeypatch):
    monkeypatch.delenv("GRADE_COURSE", raising=False)
    monkeypatch.chdir(tmp_path)
    assert find_course().find("momentum").checks.is_file()


@pytest.fixture
def somebody_elses(monkeypatch):
    """Give a path to another user; without being root, become another oneself."""
    if not hasattr(os, "geteuid"):
        pytest.skip("files have no owner here")

    def give(path):
        if os.geteuid() == 0:
            os.chown(path, 65534, -1)
        else:
            monkeypatch.setattr(os, "geteuid", lambda: 65534)

    monkeypatch.delenv("GRADE_COURSE", raising=False)
    monkeypatch.delenv("SUDO_UID", raising=False)
    return give


@pytest.mark.parametrize("place", [".", "checks", "checks/section2_early", "checks/section2_early/test_section2.py"])
def test_a_course_of_another_user_is_taken_only_by_name(place, course, monkeypatch, somebody_elses):
    """Its checks would run with the rights of whoever types `grade` there."""
    monkeypatch.chdir(course.root / "exercises")
    somebody_elses(course.root / place)
    with pytest.raises(UsageError, match="another user owns this") as error:
        find_course()
    assert f"--submission {course.root}" in str(error.value)
    monkeypatch.setenv("GRADE_COURSE", str(course.root))
    assert find_course() == course


def test_exercises_of_another_user_are_no_reason_to_refuse_a_course(course, monkeypatch):
    monkeypatch.delenv("GRADE_COURSE", raising=False)
    monkeypatch.chdir(course.root)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        os.chown(course.root / "exercises" / "section2_early.py", 65534, -1)
    assert find_course() == course


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_under_sudo_a_course_may_be_of_whoever_typed_it(course, monkeypatch, somebody_elses):
    monkeypatch.chdir(course.root)
    somebody_elses(course.root / "checks")
    monkeypatch.setenv("SUDO_UID", "65534")
    assert find_course() == course


# -- the layout of the first edition


@pytest.fixture
def first_edition(tmp_path):
    """A course as it was, with the checks among the grader's files."""
    root = tmp_path / "old"
    for name in ("exercises/section1_tiny.py", "grader/checks/test_section1_tiny.py", "grader/__init__.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(ONE_CHECK)
    return root


@pytest.mark.parametrize("by", ["place", "variable"])
def test_a_kit_that_was_handed_out_earlier_gets_the_steps_to_the_new_one(by, first_edition, monkeypatch):
    stand_in(first_edition, by, monkeypatch)
    with pytest.raises(UsageError, match=r"a course of the first edition, with its checks in grader/checks\.") as error:
        find_course()
    assert f"copy your files from {first_edition / 'exercises'} into its exercises/." in str(error.value)
    assert "solutions" not in str(error.value)


@pytest.mark.parametrize("by", ["place", "variable"])
def test_an_author_of_a_course_of_the_first_edition_is_told_where_the_steps_are(by, first_edition, monkeypatch):
    (first_edition / "solutions" / "mistakes").mkdir(parents=True)
    stand_in(first_edition, by, monkeypatch)
    with pytest.raises(UsageError, match="a course of the first edition") as error:
        find_course()
    page, heading = re.search(r'(docs/\S+\.md), under "(.*?)"', str(error.value)).groups()
    moves = re.findall(r"^(\S+) {2,}([^\s,]+)", steps_below(heading, page), re.MULTILINE)
    (first_edition / "solutions" / "mistakes" / "section1_tiny.py").write_text("")
    for old, new in moves:  # these moves make it a course
        old, new = (path.replace("<stem>", "section1_tiny").replace("<id>", "section1") for path in (old, new))
        if (first_edition / old).exists():
            (first_edition / new).parent.mkdir(parents=True, exist_ok=True)
            (first_edition / old).rename(first_edition / new)
    (section,) = find_course().sections
    assert section.checks.is_file()
    assert all(path.is_file() for path in section.mistakes)
    assert section.mistakes


def steps_below(heading, page):
    return (ROOT / page).read_text("utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]


def test_what_a_grader_leaves_behind_when_it_is_updated_makes_no_first_edition(course, monkeypatch):
    (course.root / "grader" / "checks" / "__pycache__").mkdir(parents=True)
    stand_in(course.root, "place", monkeypatch)
    assert find_course() == course


def stand_in(root, by, monkeypatch):
    """Be below a course, or elsewhere with the variable that names it."""
    monkeypatch.delenv("GRADE_COURSE", raising=False)
    monkeypatch.chdir(root / "exercises" if by == "place" else root.parent)
    if by == "variable":
        monkeypatch.setenv("GRADE_COURSE", str(root))
