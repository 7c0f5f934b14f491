"""The questions of `PREDICTIONS`, and what a file answers: read and written as text, never executed."""

import ast
import math

import pytest

from grader.course import Course, UsageError
from grader.kit.stubs import stub
from grader.predictions import (
    COMPUTED,
    Question,
    QuestionError,
    accepted,
    answers_in,
    questions_in,
    read_answers,
    with_answers,
)

NO_ANSWERS = ("True", "1e999", "[1]", "1 + 1j", "f()", "1 if x else 2", "'\\ud800'", "'a\\nb'", f"'{'x' * 201}'")
TABLE = '''\
"""A file."""

PREDICTIONS = {
    # How many steps does it need?
    # It starts at 1.
    # Answer: a number, within 20 %
    "steps_needed": 12,
    # Which one swings more?
    # Answer: "gradient descent", "momentum"
    # or "neither"
    "swings": "momentum",
}
'''


def test_questions_are_the_comments_above_the_keys():
    steps, swings = questions_in(TABLE)
    assert steps == Question("steps_needed", "How many steps does it need? It starts at 1.", (), 0.2, True)
    assert swings.choices == ("gradient descent", "momentum", "neither")
    assert swings.allowed == '"gradient descent", "momentum" or "neither"'
    assert questions_in("x = 1  # PREDICTIONS = {}\n") == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("    # Answer: a number, within 20 %\n", "", 6, '"steps_needed" needs a comment above it'),
        (
            "    # How many steps does it need?\n    # It starts at 1.\n",
            "",
            5,
            '"steps_needed" needs a comment above it',
        ),
        ("a number, within 20 %", "a number", 7, '"steps_needed" needs two or more choices'),
        ('"gradient descent", "momentum"\n    # or "neither"', '"momentum"', 10, '"swings" needs two or more choices'),
        ('"swings":', '"steps_needed":', 11, "each key of PREDICTIONS is a name of its own"),
        ('"swings":', "3:", 11, "each key of PREDICTIONS is a name of its own"),
        ('"swings":', "**", 3, "each key of PREDICTIONS is a name of its own"),
    ],
)
def test_a_question_that_cannot_be_read_is_named_with_its_line(old, new, line, words):
    with pytest.raises(QuestionError) as caught:
        questions_in(TABLE.replace(old, new))
    assert caught.value.line == line
    assert words in str(caught.value)


def test_what_agrees_with_an_outcome():
    absolute, relative = Question("a", "?", tolerance=5.0), Question("b", "?", tolerance=0.2, relative=True)
    assert [absolute.agrees(answer, 25.0) for answer in (20, 30, 31)] == [True, True, False]
    assert [relative.agrees(answer, -50.0) for answer in (-60, -40, -39, 50)] == [True, True, False, False]
    choice = Question("c", "?", ("yes", "no"))
    assert (choice.agrees("yes", "yes"), choice.agrees("yes", "no")) == (True, False)


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("-3", -3.0),
        ("1_000.5", 1000.5),
        ('"a" "b"', "ab"),
        ("None", None),
        *[(other, "") for other in NO_ANSWERS],
        ("1" + "0" * 400, ""),
    ],
)
def test_what_a_file_answers(written, answer):
    found = answers_in(ast.parse(f"PREDICTIONS: dict = {{'key': {written}}}\n"))
    assert found == {"key": answer}
    assert read_answers(found) == found


def test_the_last_table_counts_as_in_python():
    assert answers_in(ast.parse("PREDICTIONS = {'a': 1}\nPREDICTIONS = {'a': 2, 'a': 3}\n")) == {"a": 3.0}
    assert answers_in(ast.parse("PREDICTIONS = {'a': 1}\nPREDICTIONS = dict(a=2)\n")) == {COMPUTED: ""}
    assert answers_in(ast.parse("if True:\n    PREDICTIONS = {'a': 1}\n")) == {}


def test_answers_of_a_worker_are_not_believed():
    hostile = {
        "a": math.nan,
        "b": math.inf,
        "c": [1],
        4: 5.0,
        "d" * 101: 1.0,
        "e": True,
        "f": "x" * 201,
        "g": 2.5,
        "h": None,
    }
    assert read_answers(hostile) == {"a": "", "b": "", "c": "", "e": "", "f": "", "g": 2.5, "h": None}
    assert read_answers([1]) == {}
    assert len(read_answers({str(number): 1.0 for number in range(1000)})) <= 50


def test_predictions_are_answers_that_can_be_given():
    answers = {"steps_needed": 12.0, "swings": "both", "unknown": 1.0}
    assert accepted(questions_in(TABLE), answers) == {"steps_needed": 12.0}
    assert accepted(questions_in(TABLE), {"steps_needed": "12", "swings": None}) == {}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_answers_are_written_into_the_file_and_nothing_else_changes(end):
    text = (TABLE + "\n# é \x0c \u2028 ünd\nX = 'ü'; Y = {'swings': None}\n").replace("\n", end)
    changed = with_answers(text, {"swings": 'say "so" \\ ', "steps_needed": 1e22})
    assert changed == text.replace('"momentum",' + end + "}", '"say \\"so\\" \\\\ ",' + end + "}").replace(
        ": 12,", ": 1e+22,"
    )
    assert answers_in(ast.parse(changed)) == {"steps_needed": 1e22, "swings": 'say "so" \\ '}


def test_values_of_any_form_are_replaced():
    text = "é = 1; PREDICTIONS = {'ä': (1 +\n  2), 'b': [\n\n], 'c': None}  # end\n"
    assert with_answers(text, {"ä": 3.0, "b": 0.1, "c": "x"}) == (
        "é = 1; PREDICTIONS = {'ä': (3), 'b': 0.1, 'c': \"x\"}  # end\n"
    )


def test_a_key_that_is_not_there_is_no_place_for_an_answer():
    for text in (TABLE, "x = 1\n"):
        with pytest.raises(KeyError):
            with_answers(text, {"other": 1.0})


def test_a_stub_has_no_answers():
    text = TABLE + '\n\ndef f():\n    """Do."""\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n'
    made_stub = stub(text)
    assert answers_in(ast.parse(made_stub)) == {"steps_needed": None, "swings": None}
    assert questions_in(made_stub) == questions_in(text)


def test_a_course_has_a_check_for_each_question(asking_course, tiny_course):
    (section,), (plain,) = asking_course.sections, tiny_course.sections
    assert section.exercises == ("predictions", *plain.exercises)
    assert section.functions == plain.exercises == plain.functions
    assert section.max_points == plain.max_points + 0.5
    first, second, *others = section.check_list
    assert (first.id, first.exercise, first.points) == ("prediction_mean_of_three", "predictions", 0.25)
    assert second.title == "Prediction made: sign"
    assert tuple(others) == plain.check_list


def test_a_course_says_where_a_question_cannot_be_read(asking_course):
    solution = asking_course.sections[0].solution
    text = solution.read_text(encoding="utf-8")
    line = text[: text.index('"mean_of_three"')].count("\n") + 1
    solution.write_text(text.replace("a number, within 0.5", "any number"), encoding="utf-8")
    with pytest.raises(UsageError, match=rf'section1_tiny.py:{line}: "mean_of_three" needs'):
        _ = Course(asking_course.root).sections[0].check_list


def test_no_exercise_is_called_predictions(asking_course):
    checks = asking_course.sections[0].checks
    checks.write_text(
        checks.read_text(encoding="utf-8").replace('@check("mean"', '@check("predictions"'), encoding="utf-8"
    )
    with pytest.raises(UsageError, match='no exercise can be called "predictions"'):
        _ = Course(asking_course.root).sections[0].check_list
