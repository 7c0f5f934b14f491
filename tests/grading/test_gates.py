"""What keeps a check from running, what a selection runs, and that nothing is earned by doing nothing."""

import pytest

from grader.course import UsageError
from grader.submission.formats import SESSION
from grader.submission.notebook_cells import mark
from tests.grading.reports import HEADER, messages, statuses
from tests.grading.tiny_answers import CASES, RIGHT, STUB, answer

NOTEBOOK = "section1_tiny.ipynb"

# `mean` twice, one apart from the other; `scale` needs it, and `centre` needs `scale`.
CHAIN = f'''{HEADER}
@check("mean", points=1)
def test_first(student):
    """First."""
    expect_close({{"mean": (student.mean(ONES), 1.0)}})

@check("mean", points=1)
def test_second(student):
    """Second."""
    expect_close({{"mean": (student.mean(2 * ONES), 2.0)}})

@check("mean", points=0.5, needs=["first"])
def test_third(student):
    """Third."""
    expect_close({{"mean": (student.mean(3 * ONES), 3.0)}})

@check("scale", points=0.1, needs=["mean"])
def test_fourth(student):
    """Fourth."""
    expect_close({{"scaled": (student.scale(ONES, 2.0), 2 * ONES)}})

@check("centre", points=0.2, needs=["fourth", "scale"])
def test_fifth(student):
    """Fifth."""
    expect_close({{"centred": (student.centre(ONES), 0 * ONES)}})
'''


@pytest.fixture
def grade_chain(grade_tiny, course_with):
    root = course_with(CHAIN)
    return lambda source, **selection: grade_tiny(source, root=root, **selection)


def chained(**changed):
    """An answer whose `scale` uses `mean`, and whose `centre` uses `scale`."""
    built = {"scale": "mean(x)\nreturn x * factor", "centre": "return scale(x, 1.0) - mean(x)"}
    return answer(**(built | changed))


# -- propagation


def test_a_failure_blocks_what_needs_it_and_what_needs_that(grade_chain):
    report = grade_chain(chained(mean="return 0.0"))
    assert list(statuses(report).values()) == ["failed", "failed", "blocked", "blocked", "blocked"]
    assert messages(report)["third"] == 'counts once "First" passes'
    assert messages(report)["fourth"] == "blocked by mean"
    assert messages(report)["fifth"] == "blocked by scale"


def test_a_line_that_ends_the_loading_blocks_what_is_below_it(grade_chain):
    """Not the exercise that could not be loaded either."""
    broken = "import math\nfrom torch.nn.functionals import relu\n"
    report = grade_chain(chained(before=broken))
    blocked = [check.message for check in report.checks if check.status.value == "blocked"]
    [stop] = report.notice_lines
    assert blocked == [f"blocked by line {stop.line}: from torch.nn.functionals import relu"] * 3


def test_a_line_that_ends_the_loading_below_an_exercise_blocks_nothing_of_it(grade_chain):
    report = grade_chain(chained(mean="return 0.0") + "\nimport torch.nowhere\n")
    assert messages(report)["fourth"] == "blocked by mean"


def test_one_failing_check_of_a_needed_exercise_is_enough_to_block(grade_chain):
    report = grade_chain(chained(mean="return float(x.mean()) if x[0] != 2 else 0.0"))
    assert list(statuses(report).values()) == ["passed", "failed", "passed", "blocked", "blocked"]


def test_an_exercise_that_is_written_without_the_other_is_not_blocked(grade_chain):
    """Its checks do not ask for the other either."""
    apart = answer(mean="return 0.0", centre="return scale(x, 1.0) - x.mean()")
    assert list(statuses(grade_chain(apart)).values()) == ["failed", "failed", "blocked", "passed", "passed"]
    by_a_helper = answer(
        mean="return 0.0", before="def helper(x):\n    return mean(x)\n", scale="helper(x)\nreturn x * factor"
    )
    assert statuses(grade_chain(by_a_helper))["fourth"] == "blocked"


@pytest.mark.parametrize(
    "before",
    [
        "def other(x):\n    return globals()['me' + 'an'](x)\n",
        "import sys\n\ndef other(x):\n    return vars(sys.modules[__name__])['me' + 'an'](x)\n",
    ],
)
def test_what_a_function_uses_in_ways_that_cannot_be_read_may_be_anything(grade_chain, before):
    assert statuses(grade_chain(answer(before=before, mean="return 0.0")))["fourth"] == "blocked"


def test_a_check_that_asks_for_the_other_itself_is_blocked(grade_tiny, course_with):
    both = """
@check("scale", points=1, needs=["mean"])
def test_both(student):
    \"""Both.\"""
    expect_close({"mean of what was scaled": (student.mean(student.scale(ONES, 2.0)), 2.0)})
"""
    report = grade_tiny(answer(mean="return 0.0"), root=course_with(CHAIN.partition('@check("scale"')[0] + both))
    assert messages(report)["both"] == "blocked by mean"


def test_a_check_that_needs_its_own_exercise_blocks_no_other(grade_chain):
    report = grade_chain(chained(mean="return float(x.mean()) if x[0] != 3 else 0.0"))
    assert list(statuses(report).values()) == ["passed", "passed", "failed", "passed", "passed"]
    assert report.points == 2.3  # not 2.3000000000000003


def test_a_raise_that_was_left_below_the_work_is_named_by_its_line(grade_chain):
    report = grade_chain(chained(mean=f"x + 1\n{STUB}"))
    assert list(statuses(report).values()) == ["failed", "failed", "blocked", "blocked", "blocked"]
    (line,) = report.checks[0].lines
    assert STUB in line.text
    assert (
        f"line {line.line} is still `raise NotImplementedError`. Replace it by your code" in messages(report)["first"]
    )


def test_a_stub_below_the_work_is_named_by_both_lines(grade_chain):
    source = chained() + f"\n\ndef mean(x):\n    {STUB}\n"
    report = grade_chain(source)
    assert statuses(report)["first"] == "failed"
    first, last = (number for number, line in enumerate(source.splitlines(), 1) if line.startswith("def mean"))
    told = f"mean is defined twice: line {first}, and line {last}. Python uses the last one, which is only the stub"
    assert told in messages(report)["first"]


def test_a_wrong_definition_below_the_work_is_named_by_both_places(grade_tiny):
    older = "\n\ndef mean(x):\n    return 0.0\n"
    source = answer() + older
    lines = [number for number, line in enumerate(source.splitlines(), 1) if line.startswith("def mean")]
    assert grade_tiny(source).notice == "mean is defined twice: line {}, and line {}. Python uses the last one.".format(
        *lines
    )
    cells = mark(1) + answer() + "\n" + mark(3) + older
    notice = grade_tiny(cells, name=NOTEBOOK).notice
    assert notice.startswith("mean is defined twice: cell 1, line ")
    assert notice.endswith("and cell 3, line 3. Python uses the last one.")
    assert not grade_tiny(answer(mean="return 0.0") + answer(), exercises=("mean",)).notice  # it passes


def test_a_function_whose_parameters_have_another_order_is_told_so(grade_tiny):
    source = answer(scale="return x.add(0) * factor").replace("def scale(x, factor)", "def scale(factor, x)")
    notice = grade_tiny(source).notice
    assert notice == "The parameters of scale have another order: factor, x. They should be x, factor."
    assert not grade_tiny(answer(scale="return x + factor")).notice


def test_a_raise_that_was_left_in_a_notebook_is_named_by_its_cell(grade_tiny):
    report = grade_tiny(mark(4) + "x = 1\n" + mark(7) + answer(mean=f"x + 1\n{STUB}"), name=NOTEBOOK)
    (line,) = next(check for check in report.checks if check.exercise == "mean").lines
    told = next(check.message for check in report.checks if check.exercise == "mean")
    assert f"cell 7, line {line.cell_line} is still `raise NotImplementedError`. Replace it by your code" in told


@pytest.mark.parametrize("name", [NOTEBOOK, "section1_tiny.py"])
def test_what_no_exercise_uses_is_said_to_be_not_run(grade_tiny, name):
    work = ["'text'", answer(), "import math", "for k in range(10**12):\n    pass", "print(mean)", "n = 1"]
    work += ["if __name__ == '__main__':\n    while True:\n        pass", "[scale]"]
    if name == NOTEBOOK:
        report = grade_tiny("".join(mark(number) + text + "\n" for number, text in enumerate(work, 1)), name=name)
        assert report.notice.startswith(
            "Not run: code in cells 4-5, 8. No exercise uses what it computes. Of a notebook,"
        )
        assert report.notice.endswith("and what an exercise reads run.")
    else:
        source = "\n".join(work)
        first = source[: source.index("for k")].count("\n") + 1
        report = grade_tiny(source)
        assert report.notice.startswith(
            f"Not run: lines {first}-{first + 2}, {first + 7}. No exercise uses what they compute."
        )
    assert report.points == report.max_points


def test_a_name_that_a_failing_cell_defines_is_told_apart_from_a_missing_one(grade_tiny):
    cells = mark(1) + "x = 1\n" + mark(2) + "def mean(x, of=1 / 0):\n    return of\n"
    report = grade_tiny(cells, name=NOTEBOOK, exercises=("mean",))
    assert report.checks[0].message == "mean has no value, since a cell that should define it fails or deletes it."
    report = grade_tiny(mark(1) + "x = 1\n", name=SESSION, exercises=("mean",))
    told = (
        "No cell of this kernel has defined a function or class named mean. Run its cell. If that stops with an error, fix the "
        "error first."
    )
    assert report.checks[0].message == told
    report = grade_tiny(mark(1) + "%run mine.py\nx = 1\n", name=NOTEBOOK, exercises=("mean",))
    assert (
        "It must be in a code cell: a Markdown cell does not count, and neither does what %run"
        in report.checks[0].message
    )


def test_a_stub_is_not_started_even_where_it_would_be_blocked(grade_chain):
    report = grade_chain(chained(mean="return 0.0", centre=STUB))
    assert statuses(report)["fifth"] == "not_started"


def test_after_a_timeout_the_exercise_is_not_tried_again(grade_chain):
    report = grade_chain(chained(mean="while True: pass"))
    assert list(statuses(report).values()) == ["timed_out", "timed_out", "blocked", "blocked", "blocked"]
    assert messages(report)["second"] == "Skipped: an earlier check of mean timed out."


def test_another_exercise_is_tried_after_a_timeout(grade_chain):
    report = grade_chain(chained(scale="while True: pass"))
    assert list(statuses(report).values()) == ["passed", "passed", "passed", "timed_out", "blocked"]


# -- selection


def test_a_chosen_exercise_can_do_without_what_it_needs(grade_chain):
    """What it needs of others is then taken to pass, though here it would not."""
    report = grade_chain(chained(mean="return 0.0", centre="return x - x.mean()"), exercises=("centre",), alone=True)
    assert {check.status.value for check in report.checks} == {"passed"}


def test_a_chosen_exercise_is_reported_alone_though_what_it_needs_has_run(grade_chain):
    report = grade_chain(chained(mean="return 0.0"), exercises=("centre",))
    assert messages(report) == {"fifth": "blocked by scale"}
    assert (report.points, report.max_points, report.status, report.exit_code) == (0.0, 0.2, "partial", 1)


def test_what_a_chosen_exercise_does_not_need_is_not_run(grade_chain):
    ran = []
    grade_chain(
        chained(), exercises=("mean",), progress=lambda title, exercise, done, count: ran.append((title, done, count))
    )
    assert ran == [("First", 0, 3), ("Second", 1, 3), ("Third", 2, 3)]


def test_stopping_first_looks_only_at_what_was_chosen(grade_chain):
    """A check that merely had to run must not end the run before the chosen one is reported."""
    report = grade_chain(chained(mean="return 0.0"), exercises=("centre",), stop_first=True)
    assert statuses(report) == {"fifth": "blocked"}


def test_stopping_first_reports_up_to_the_first_that_does_not_pass(grade_chain):
    report = grade_chain(chained(mean="return float(x.mean()) if x[0] != 2 else 0.0"), stop_first=True)
    assert statuses(report) == {"first": "passed", "second": "failed"}
    assert (report.points, report.max_points, report.status) == (1.0, 2.0, "partial")


def test_a_keyword_selects_as_in_pytest(grade_chain):
    report = grade_chain(chained(), keyword="first or fifth")
    assert statuses(report) == {"first": "passed", "fifth": "passed"}
    assert report.status == "partial"


def test_a_keyword_that_selects_nothing_is_no_full_score(grade_chain):
    with pytest.raises(UsageError, match='No check of section1 matches -k "nothing"'):
        grade_chain(chained(), keyword="nothing")


def test_a_keyword_that_pytest_cannot_read_is_a_mistake_in_usage(grade_chain):
    with pytest.raises(UsageError, match="-k"):
        grade_chain(chained(), keyword="first and (")


def test_the_examples_of_a_check_are_the_same_every_time(grade_tiny, course_with):
    drawn = f'''{HEADER}
from hypothesis import given, strategies as st

@check("scale", points=1)
@given(number=st.integers(0, 10**12))
def test_it(student, note, number):
    """It."""
    note(str(number))
'''
    root = course_with(drawn)
    first, second = (grade_tiny(answer(), root=root).checks[0].notes for _ in range(2))
    assert len(set(first)) > 10
    assert first == second


# -- no free points

TRIVIAL = {
    "nothing": "pass",
    "the first argument": "return {first}",
    "zero": "return 0.0",
    "a tensor of zeros": "return torch.zeros(2, dtype=torch.float64)",
    "an error": "raise ValueError('amount factor x params')",
    "not a number": "return torch.tensor(float('nan'))",
}


@pytest.mark.parametrize("name", TRIVIAL)
def test_a_trivial_answer_earns_nothing(name, grade_tiny):
    firsts = {"scale": "x", "shift_in_place": "params", "mean": "x", "centre": "x"}
    bodies = {exercise: TRIVIAL[name].format(first=first) for exercise, first in firsts.items()}
    report = grade_tiny(answer(**bodies))
    assert report.points == 0.0
    assert report.max_points == 5.0


def test_points_add_up_in_every_report(grade_tiny):
    report = grade_tiny(CASES["changes_its_input"])
    assert report.points == sum(exercise.points for exercise in report.exercises)
    assert [exercise.name for exercise in report.exercises] == list(RIGHT)
    assert report.max_points == sum(check.max_points for check in report.checks)
