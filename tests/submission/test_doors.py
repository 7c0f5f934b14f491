"""The same hand-in has the same outcome, typed by a person, given to the autograder, or in the folder of a class."""

import pytest

from grader.batch.intake import HandIn, Intake
from grader.course import Course
from grader.section import Section
from grader.submission.locate import read_sections, read_whole
from grader.submission.refusals import UnreadableError
from tests.paths import TINY
from tests.submission.formats import notebook_of, zip_of

FOUR, THREE = Section(4, "momentum", TINY), Section(3, "search", TINY)
KNOWN = [THREE, FOUR]
MINE, STUB, OTHER = b"def mine(): ...", b"", b"def other(): ..."
UNTOUCHED = b'def exercise4(x):\n    """Text."""\n    raise NotImplementedError\n'
EXERCISE = b"def exercise4(x): ..."
PDF = b"%PDF"

# What a hand-in holds, and the file that is graded for section 4 if it alone is asked for; None if it is refused.
HAND_INS = {
    "its name": ({"section4_momentum.py": MINE}, "section4_momentum.py"),
    "a copy": ({"section4_momentum (1).py": MINE}, "section4_momentum (1).py"),
    "the last copy": ({"section4_momentum.py": OTHER, "section4_momentum (1).py": MINE}, "section4_momentum (1).py"),
    "another case": ({"Section4_Momentum.PY": MINE}, "Section4_Momentum.py"),
    "a short name": ({"section4.py": MINE, "helper.py": OTHER}, "section4.py"),
    "a word": ({"momentum.py": MINE, "helper.py": OTHER}, "momentum.py"),
    "a mention": ({"ada_momentum.py": MINE, "helper.py": OTHER}, "ada_momentum.py"),
    "a number with a space": ({"Section 4 by Ann.py": MINE, "helper.py": OTHER}, "Section 4 by Ann.py"),
    "a number with a dash": ({"section-4.py": MINE, "helper.py": OTHER}, "section-4.py"),
    "beside another section": ({"ada_section4.py": MINE, "section3_search.py": OTHER}, "ada_section4.py"),
    "the best of two names": ({"section4_momentum.py": MINE, "momentum.py": OTHER}, "section4_momentum.py"),
    "a copy of a stub": (
        {"section4_momentum.py": UNTOUCHED, "section4_momentum - Copy.py": EXERCISE},
        "section4_momentum - Copy.py",
    ),
    "a stub beside notes": ({"section4_momentum.py": UNTOUCHED, "section4 notes.py": OTHER}, "section4_momentum.py"),
    "an older copy below": ({"section4_momentum.py": MINE, "old/section4_momentum.py": OTHER}, "section4_momentum.py"),
    "the only file": ({"abgabe.py": MINE, "plot.png": PDF}, "abgabe.py"),
    "the only notebook": ({"work/abgabe.ipynb": notebook_of(b"x = 1")}, "abgabe.ipynb"),
    "the only file with the exercise": ({"abgabe.py": EXERCISE, "helper.py": OTHER}, "abgabe.py"),
    "the only notebook with the exercise": (
        {"abgabe.ipynb": notebook_of(EXERCISE), "helper.py": OTHER},
        "abgabe.ipynb",
    ),
    "the only one in UTF-16": ({"a.py": EXERCISE.decode().encode("utf-16"), "helper.py": OTHER}, "a.py"),
    "two files with the exercise": ({"a.py": EXERCISE, "b.py": EXERCISE + b"  # another"}, None),
    "two files of no name": ({"abgabe.py": MINE, "helper.py": OTHER}, None),
    "only another section": ({"section3_search.py": OTHER}, None),
    "only a section that is not known": ({"section5_other.py": OTHER}, None),
    "two numbers": ({"section 3 and section4.py": MINE, "helper.py": OTHER}, None),
    "two of a name": ({"a/section4_momentum.py": MINE, "b/section4_momentum.py": OTHER}, None),
    "a file beside a notebook": ({"section4.py": MINE, "section4.ipynb": notebook_of(b"x = 1")}, None),
    "a PDF": ({"section4_momentum.pdf": PDF}, None),
    "nothing of use": ({"plot.png": PDF}, None),
}
# Single files: what is graded, and of which section, if none is asked for.
FILES = {
    "section4_momentum.py": FOUR,
    "Section 4.py": FOUR,
    "ada_momentum.py": FOUR,
    "momentum.py": FOUR,
    "section3_search (2).py": THREE,
    "section4_search.py": FOUR,
    "answers.py": FOUR,  # by what it defines
}


def defined(submission):
    return FOUR.functions


@pytest.fixture(autouse=True)
def functions(monkeypatch):
    """Sections of no real course, with an exercise each."""
    monkeypatch.setattr(Section, "functions", property(lambda section: (f"exercise{section.number}",)))


def typed(path, sections):
    """The file that `grade SECTION --submission PATH` grades, and what it says about the choice."""
    ((_, file),) = read_sections(path, sections, KNOWN, alone=len(sections) == 1).expect_all()
    return file


def in_class(folder, sections, **options):
    return [one for one in Intake(folder, sections, known=KNOWN, **options).read() if isinstance(one, HandIn)]


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize(("files", "name"), HAND_INS.values(), ids=HAND_INS)
def test_one_hand_in_has_one_outcome(files, name, packed, lay_out):
    files = {"work.zip": zip_of(files)} if packed else files
    folder = lay_out({f"ada/{place}": content for place, content in files.items()})
    if name is None:
        with pytest.raises(UnreadableError):
            typed(folder / "ada", [FOUR])
        assert in_class(folder, [FOUR], named=True) == []
        return
    file = typed(folder / "ada", [FOUR])
    assert file.filename == name
    (one,) = in_class(folder, [FOUR], named=True)
    assert one.submission.source == file.source
    if packed:
        assert typed(folder / "ada" / "work.zip", [FOUR]).source == file.source


@pytest.mark.parametrize(
    ("names", "graded"),
    [
        (["section4.py", "helper.py"], ["section4.py"]),
        (["helper.py", "section4.py"], ["section4.py"]),
        (["abgabe.py"], ["abgabe.py"]),
        (["abgabe.py", "abgabe-1.py"], ["abgabe.py", "abgabe-1.py"]),  # handed in twice
        (["abgabe.py", "helper.py"], []),
        (["exercise.py", "helper.py"], ["exercise.py"]),
        (["exercise.py", "helper.py", "exercise-1.py", "helper-1.py"], ["exercise.py", "exercise-1.py"]),
        (["exercise.py", "my exercise.py", "helper.py"], []),
        (["exercise.py", "work.zip"], ["exercise.py"]),
        (["helper.py", "work.zip"], ["in work.zip"]),
    ],
)
def test_files_side_by_side_are_one_hand_in(names, graded, lay_out):
    """As Canvas exports them."""
    folder = lay_out({
        f"ada_501_{number}_{name}": zip_of({"abgabe.py": b"# in work.zip"})
        if name == "work.zip" else f"# {name}\n".encode() + EXERCISE * ("exercise" in name)
        for number, name in enumerate(names)
    })  # fmt: skip
    found = in_class(folder, [FOUR], named=True)
    assert [one.submission.source.decode().split("\n")[0] for one in found] == [f"# {name}" for name in graded]


@pytest.mark.parametrize(("name", "section"), FILES.items())
def test_one_file_is_of_one_section(name, section, lay_out):
    folder = lay_out({name: MINE})
    ((told, _),) = read_whole(folder / name, KNOWN, defined).submissions
    (one,) = in_class(folder, KNOWN, defined=defined)
    assert told == one.section == section


def test_the_only_file_is_told_by_what_it_defines_in_a_folder_too(lay_out):
    folder = lay_out({"ada/answers.py": MINE})
    ((told, _),) = read_whole(folder / "ada", KNOWN, defined).submissions
    (one,) = in_class(folder, KNOWN, defined=defined)
    assert told == one.section == FOUR


def test_a_choice_is_told(lay_out):
    folder = lay_out({"ada/abgabe.py": MINE, "bob/section4.py": MINE, "bob/momentum.py": OTHER})
    said = "the grader used abgabe.py, the only file in the hand-in", "the grader used section4.py, not momentum.py"
    assert (typed(folder / "ada", [FOUR]).remark, typed(folder / "bob", [FOUR]).remark) == said
    troubles = [
        one.reason for one in Intake(folder, [FOUR], named=True, known=KNOWN).read() if not isinstance(one, HandIn)
    ]
    assert tuple(troubles) == said


def test_a_students_own_file_counts_beside_a_notebook_and_no_other_file_does(tmp_path, lay_out):
    course = Course(tmp_path)
    own = Section(4, "momentum", course.root)
    (course.exercises).mkdir()
    (course.exercises / "abgabe.py").write_bytes(OTHER)
    with pytest.raises(UnreadableError, match="grade reset section4"):
        read_sections(course.exercises, [own], [own], alone=True).expect_all()
    own.exercise.write_bytes(MINE)
    own.exercise.with_suffix(".ipynb").write_bytes(notebook_of(b"x = 1"))
    ((_, file),) = read_sections(course.exercises, [own], [own], alone=True).expect_all()
    assert file.source == MINE
