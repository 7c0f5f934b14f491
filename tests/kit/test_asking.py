"""A course with questions in the student kit, and back to a stub."""

from datetime import datetime

from grader.course import Course
from grader.kit.release import kit
from grader.kit.reset import reset


def test_the_kit_asks_the_same_questions_and_holds_no_answer(asking_course, tmp_path):
    checks = asking_course.sections[0].checks
    text = checks.read_text(encoding="utf-8").replace(", hidden=True", "")
    checks.write_text(text + text[text.index('@check("centre"') :].replace("by_hand", "again"), encoding="utf-8")
    files = kit(asking_course, recorded=False)
    assert b'"sign": None' in files["exercises/section1_tiny.py"]
    assert not any(b'"sign": "it changes"' in data for data in files.values())
    for name, data in files.items():
        path = tmp_path / "kit" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (mine,), (whole,) = Course(tmp_path / "kit").sections, Course(asking_course.root).sections
    assert mine.questions == whole.questions
    assert mine.check_list[:2] == whole.check_list[:2]
    assert mine.max_points == whole.max_points == 6


def test_predictions_can_be_put_back_as_an_exercise_can(asking_course):
    (section,) = asking_course.sections
    stub, solution = section.exercise.read_text(encoding="utf-8"), section.solution.read_text(encoding="utf-8")
    section.exercise.write_text(solution, encoding="utf-8")
    assert reset(asking_course, section, "predictions", datetime(2026, 1, 1)) is not None
    text = section.exercise.read_text(encoding="utf-8")
    assert text == solution.replace('"mean_of_three": 3', '"mean_of_three": None').replace(
        '"it changes",\n}', "None,\n}"
    )
    section.exercise.write_text("x = 1\n", encoding="utf-8")
    reset(asking_course, section, "predictions", datetime(2026, 1, 2))
    text = section.exercise.read_text(encoding="utf-8")
    assert text.startswith("x = 1\n\n\nPREDICTIONS = {\n")
    assert text.removeprefix("x = 1\n\n\n").rstrip("\n") in stub
