"""Diagnoses in a student kit, which has neither solutions nor mistakes: the same names as in the course, or none."""

import re
import shutil

import msgspec
import pytest

from grader.course import Course
from grader.diagnosis.changes import FORMULA, RIGHT
from grader.diagnosis.hints import next_hint
from grader.diagnosis.known_mistakes import mistakes_of
from grader.diagnosis.known_results import Answered, known_results, marks_of, text_of
from grader.diagnosis.recording import contract_of, named_in_kit, record
from grader.diagnosis.replay import inputs_of
from grader.find_course import find_course
from grader.grading.records import Records
from grader.kit.stubs import section_stub, stub
from tests.grading.tiny_answers import answer
from tests.paths import TINY

SECTION = Course(TINY).find("1")


@pytest.fixture(autouse=True)
def loud(monkeypatch):
    """A fault of the diagnosis itself is an error here, and only here."""
    monkeypatch.setenv("GRADE_DEBUG", "1")


@pytest.fixture(scope="module")
def recorded(same_examples):
    return record(SECTION)


@pytest.fixture(scope="module")
def kit(recorded, tmp_path_factory):
    """The tiny course without its solutions and its mistakes."""
    root = tmp_path_factory.mktemp("kit")
    section = Course(root).root / "checks" / SECTION.stem
    section.mkdir(parents=True)
    (root / "exercises").mkdir()
    shutil.copy(SECTION.checks, section)
    text = stub(SECTION.solution.read_text(encoding="utf-8"), "solution")
    section.joinpath("pristine.py").write_text(text, encoding="utf-8")
    section.joinpath("known_results.bin").write_bytes(recorded.encoded(SECTION))
    return root


@pytest.fixture
def diagnosis_of(grade_tiny, kit):
    def diagnose(**changed):
        report = grade_tiny(answer(**changed), root=kit)
        return {check.exercise: check.diagnosis.mistake for check in report.checks if check.diagnosis}

    return diagnose


REFUSED = "if amount < 0: raise ValueError('amount')\n"


@pytest.mark.parametrize(
    ("exercise", "body", "name"),
    [
        ("scale", "return torch.add(x, factor)", "adds"),
        ("scale", "return x * (1 / factor)", "divides"),
        ("scale", "y = x.clone()\ny.flatten()[:1].mul_(factor)\nreturn y", "only_the_first"),
        ("scale", "return (x + factor) / (factor < 3)", "adds"),  # and divides by zero elsewhere
        ("shift_in_place", "for w in params: w.copy_(w + amount)", "accepts_negative_amounts"),
        ("scale", "return -x * factor", "opposite_sign"),
        ("scale", "return 3 * x * factor", "constant_factor"),
        ("scale", "return (x * factor).unsqueeze(0)", "shape_changed"),
        ("scale", "return x * factor * torch.rand(1).item()", "unsteady"),
        ("shift_in_place", REFUSED + "for w in params: w.sub_(amount)", "opposite_sign"),
        ("scale", "return x * factor ** 2", "altered_argument_changed"),
        ("scale", "return x.clamp(-1, 1) * factor", "altered_quantity_changed"),
        ("shift_in_place", REFUSED + "for w in params[1:]: w.add_(amount)", "altered_pass_missing"),
    ],
)
def test_a_kit_says_what_the_course_says(diagnosis_of, exercise, body, name):
    assert diagnosis_of(**{exercise: body}) == {exercise: name}


@pytest.mark.parametrize(
    ("exercise", "body"),
    [
        ("scale", "return x + factor if x.ndim else x * factor * 2"),
        ("scale", "return x + factor + 1e-3"),
        ("scale", "return x * factor ** 2 + 1e-3"),
        ("scale", "return x ** 2 * factor if x.numel() > 1 else x * factor ** 2"),
        ("scale", "import os\nos._exit(1)"),
        ("centre", "return x / mean(x)"),  # only its hidden check shows it
    ],
)
def test_nothing_is_said_that_is_not_sure(diagnosis_of, exercise, body):
    assert diagnosis_of(**{exercise: body}) == {}


def test_the_record_names_each_mistake_by_its_own_name_and_holds_no_code(recorded):
    mistakes = mistakes_of(SECTION)
    named = {one.slug: named_in_kit(recorded, one.exercise, one.slug) for one in mistakes}
    assert {slug for slug, name in named.items() if name == slug} == set(named) - {"divides_by_the_mean"}
    assert {slug for slug, name in named.items() if name not in ("", slug)} == set()
    text = text_of(recorded.encoded(SECTION))
    assert mistakes[0].message in text
    for source in (SECTION.solution.read_text(encoding="utf-8"), *(one.source for one in mistakes)):
        assert not [line for line in source.splitlines() if line.startswith("    return") and line.strip() in text]


def test_a_call_whose_function_only_records_is_kept_with_the_function_that_travels():
    """Else a kit would know nothing of an exercise whose evaluations are counted."""
    section = find_course().find("section3")
    check = section.module("test_section3").test_finite_differences_are_central
    calls = [inputs_of(check, contract_of(section), 2, bare=bare) for bare in (False, True)]
    assert [[bool(one.callbacks) for one in few] for few in calls] == [[True, True], [False, False]]


def test_a_sentence_quotes_only_what_the_exercise_shows(recorded):
    shown = section_stub(SECTION)
    sentences = [one.message for stored in recorded.exercises.values() for one in stored.altered]
    assert {word for text in sentences for quoted in re.findall("`(.+?)`", text) for word in re.findall("[a-z]+", quoted)} <= {
        *re.findall("[a-z]+", shown),
        *["abs", "sign", "clamp", "min", "max", "flip", "grad", "norm", "round", "sort", "values", "return", "break"],
    }  # fmt: skip
    assert RIGHT.format("whose loop leaves out the first pass") + " Count the passes." in sentences
    assert FORMULA.format("with one function in place of another") in sentences  # of `add_`


def test_no_answer_belongs_to_two_alterations_or_is_right(recorded):
    for stored in recorded.exercises.values():
        marks = [one.marks for one in stored.altered]
        assert len({*marks}) == len(marks)
        assert marks_of([stored.right[place] for place in stored.told]) not in marks


def test_an_answer_that_two_alterations_may_give_gets_no_name(recorded):
    stored = recorded.exercises["scale"]
    one = stored.altered[0]
    digests = [one.marks[place : place + 2] for place in range(0, len(one.marks), 2)]
    seen = {place: Answered(frozenset({digest}), "") for place, digest in zip(stored.told, digests, strict=True)}
    answers = [seen.get(place) for place in range(len(stored.calls))]
    assert stored.altered_like(answers) == one
    twice = msgspec.structs.replace(stored, altered=[*stored.altered, msgspec.structs.replace(one, message="another")])
    assert twice.altered_like(answers) is None
    assert stored.altered_like([None] * len(answers)) is None


def test_the_same_course_gives_the_same_record(recorded):
    assert recorded.encoded(SECTION) == record(SECTION).encoded(SECTION)


def test_a_named_mistake_has_its_hints(grade_tiny, kit):
    course = Course(kit)
    (section,) = course.sections
    source = answer(scale="return torch.add(x, factor)")
    Records(course).keep(section, grade_tiny(source, root=kit), source.encode())
    hint = next_hint(section, "scale", Records(course))
    assert hint.about_mistake
    assert hint.text == next(one.hints[0] for one in mistakes_of(SECTION) if one.slug == "adds")


def test_a_course_with_solutions_reads_no_record(recorded):
    assert not known_results(SECTION).exercises
