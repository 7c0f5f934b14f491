"""A sequence that goes wrong is shown as a whole: the steps around the first wrong one, a plot, and all of its numbers."""

import io

import msgspec
import pytest
import torch
from rich.console import Console

from grader.grading.report import to_json
from grader.grading.stored import read_report
from grader.render.path_plot import picture_of, text_plot
from grader.render.terminal.terminal import render_reports
from grader.render.web.notebook import graded
from grader.toolkit.closeness import expect_close, expect_trajectory
from grader.toolkit.trajectory import TrajectoryStep
from grader.toolkit.verdicts import WrongAnswerError
from tests.grading.reports import HEADER
from tests.grading.tiny_answers import answer

STEPS = torch.arange(1.0, 9.0, dtype=torch.float64)
LOSSES = "torch.arange(1.0, 9.0, dtype=torch.float64)"


def checks(x: str, named: str, hidden: bool = False) -> str:
    """A check that compares twice as much of `x`, with further words of `expect_close`."""
    mark = f'@check("scale", points=1{", hidden=True" if hidden else ""})'
    body = f'expect_close({{"losses": (student.scale({x}, 2.0), 2 * {x})}}{named})'
    return f'{HEADER}\n{mark}\ndef test_it(student):\n    """It scales."""\n    {body}\n'


@pytest.fixture
def example_of(grade_tiny, course_with):
    """The counterexample of a wrong `scale`, read back from the JSON of its Report; and the Report."""

    def graded_example(scale, x=LOSSES, named=', path="losses"', hidden=False):
        report = grade_tiny(answer(scale=scale), root=course_with(checks(x, named, hidden)))
        again = read_report(to_json(report))
        assert again.checks == report.checks
        return again.checks[0].counterexample, again

    return graded_example


def in_terminal(report):
    file = io.StringIO()
    render_reports([report], Console(file=file, width=80, highlight=False, color_system=None))
    return file.getvalue()


def test_a_run_is_shown_from_just_before_the_first_wrong_step(example_of):
    example, report = example_of("y = x * factor\ny[3:] += 6\nreturn y")
    path = example.trajectory
    assert (path.label, path.columns, path.first, path.count, path.wrong_steps) == ("losses", [], 3, 8, 5)
    assert [(one.expected, one.got, one.differs) for one in path.steps[2:4]] == [([6], [6], False), ([8], [14], True)]
    assert [row.label for row in example.rows] == ["losses[2]", "losses[3]", "losses[4]", "losses[5]", "… 2 more"]
    assert [row.differs for row in example.rows][:2] == [False, True]
    shown = in_terminal(report)
    assert shown.count("<-") == 4
    plot = shown.partition("losses by step:")[2].splitlines()
    assert plot[1].lstrip().startswith("22.0000 |")
    assert "".join(plot[1:9]).count("o") == 3
    assert "".join(plot[1:9]).count("*") == "".join(plot[1:9]).count(".") - 2 == 5  # two more points in the numbers


def test_a_page_holds_every_step_and_marks_the_first_that_differs(example_of):
    pytest.importorskip("jinja2")
    _, report = example_of("y = x * factor\ny[1:, 0] = float('nan')\nreturn y", f"{LOSSES}.reshape(4, 2)")
    shown = graded(report)._repr_html_()
    assert shown.count("differs first") == shown.count("<polyline ") - 1 == 1
    assert shown.count('<th scope="row">') >= 4
    assert "losses[:, 1] against losses[:, 0]: yours first differs at step 1 of 3" in shown


def test_numbers_that_are_not_finite_and_steps_that_are_missing_stay_apart(example_of):
    example, report = example_of(
        "y = (x * factor)[:-1]\ny[4], y[5], y[6] = float('nan'), 1e300, -float('inf')\nreturn y"
    )
    path = example.trajectory
    assert [one.got for one in path.steps[4:]] == [["nan"], [1e300], ["-inf"], []]
    assert (path.first, path.count) == (4, 8)
    assert example.rows[0].label == "shape of losses"
    plot = in_terminal(report).partition("losses by step:")[2]
    assert "beyond the plot" in plot
    assert [
        line.split("|")[1].count(mark) for line in plot.splitlines() for mark in "^v" if "|" in line and mark in line
    ] == [1, 1]


@pytest.mark.parametrize(
    ("got", "expected", "path", "is_shown"),
    [
        (STEPS + 1, STEPS, "", True),
        ([*range(1, 9)], [float(step) for step in range(8)], "", True),
        (STEPS[:5] + 1, STEPS[:5], "", False),
        (STEPS[:5] + 1, STEPS[:5], "w", True),
        ((STEPS + 1).int(), STEPS.int(), "", False),
        ((STEPS + 1).int(), STEPS.int(), "w", True),
        (STEPS.reshape(4, 2) + 1, STEPS.reshape(4, 2), "", False),
        ([*(STEPS.reshape(4, 2) + 1)], [*STEPS.reshape(4, 2)], "w", True),
        ([[1, 2], [2, 3]], [[1, 2], [3, 3]], "w", True),
        (STEPS.reshape(2, 2, 2) + 1, STEPS.reshape(2, 2, 2), "w", False),
        ((STEPS + 1).float(), STEPS, "w", False),
        ([*STEPS[:7], "a"], [*STEPS], "w", False),
        (STEPS * 1j, STEPS * 2j, "w", False),
        ([10**400, 1], [1, 2], "w", False),
        ([2**53 + 1, 1], [2**53, 1], "w", False),
        (torch.tensor([2**53 + 1, 1]), torch.tensor([2**53, 1]), "w", False),
        ([STEPS[:2] + 1, STEPS[:2].float()], [STEPS[:2], STEPS[:2]], "w", True),
        ([[1, 2.0], STEPS[:2]], [[1, 2], [1.0, 3.0]], "w", True),
        ("ab", "abc", "w", False),
    ],
)
def test_only_what_is_a_sequence_of_numbers_is_shown_as_one(got, expected, path, is_shown):
    with pytest.raises(WrongAnswerError) as error:
        expect_close({"w": (got, expected)}, path=path)
    assert (error.value.trajectory is not None) == is_shown


def test_a_long_and_wide_sequence_is_kept_in_part(example_of):
    example, report = example_of("y = x * factor\ny[700:, 8] = 1\nreturn y", "torch.zeros(5000, 9)")
    path = example.trajectory
    assert (path.first, path.count, path.columns, path.wrong_steps) == (700, 5000, [8], 4300)
    kept = [one.step for one in path.steps]
    assert len(kept) <= 64
    assert {0, 699, 700, 701, 4999} <= {*kept}
    assert [row.label for row in example.rows][1] == "losses[700, 8]"
    assert max(map(len, in_terminal(report).splitlines())) <= 80


def test_of_a_hidden_check_a_student_sees_no_step(example_of):
    example, report = example_of("return x + factor", hidden=True)
    assert example.trajectory is not None
    assert b"trajectory" not in to_json(report.for_student()).replace(b'"trajectory": null', b"")
    assert b"expected" not in to_json(report.for_student())


def path_of(got, expected):
    with pytest.raises(WrongAnswerError) as error:
        expect_close({"x": (got, expected)}, path="x")
    return error.value.trajectory


def test_of_a_wide_row_only_the_kept_number_is_marked():
    expected = torch.ones(8, 9, dtype=torch.float64)
    got = expected.clone()
    got[2, 7], got[3:, 1] = 5, 9
    with pytest.raises(WrongAnswerError) as error:
        expect_trajectory(got, expected)
    path = error.value.trajectory
    assert (path.columns, path.wrong_steps) == ([7], 6)
    assert [one.step for one in path.steps if one.differs] == [2]
    assert [row.differs for row in error.value.rows] == [False, True, False, False, True]
    assert error.value.rows[-1].label == "… 5 more"


@pytest.mark.parametrize(
    ("got", "expected", "wrong"),
    [
        (([10**12 + 1, 10**12, 5, 6],), ([10**12, 10**12, 4, 6],), [0, 2]),
        ((torch.tensor([10**12 + 1, 10**12, 5]),), (torch.tensor([10**12, 10**12, 4]),), [0, 2]),
        (([10**12 + 1, 10**12],), ([10**12, 10**12, 4],), [0, 2]),
        (([[1, 10**12 + 1], [2, 3]],), ([[1, 10**12], [2, 4]],), [0, 1]),
        (([10**12 + 1, 2.0 + 1e-12, 3.5],), ([10**12, 2.0, 3.0],), [0, 2]),
    ],
)
def test_the_steps_that_differ_are_those_of_the_verdict(got, expected, wrong):
    path = path_of(*got, *expected)
    assert [one.step for one in path.steps if one.differs] == wrong
    assert path.first == wrong[0]


def test_a_picture_shows_no_number_that_the_student_did_not_return():
    nan, inf = float("nan"), float("inf")
    drawn = picture_of(path_of([1.0, 2.0, nan, nan, 5.0, 1e300, 7.0, inf], [*range_of(8)]))
    assert [len(piece.split()) for piece in drawn.yours] == [2, 3]
    assert [len(piece.split()) for piece in drawn.expected] == [8]
    assert drawn.parting is None
    assert drawn.remarks[0] == "Yours is nan at step 2."
    assert drawn.remarks[1] == "Yours lies beyond the picture at 2 steps, first at step 5."
    assert picture_of(path_of([*range_of(5)], [*range_of(6)])).remarks == ["Yours has no step 5."]
    alone = picture_of(path_of([nan, 2.0, nan, 4.0, 5.0], [*range_of(5)])).yours
    assert [len({*piece.split()}) for piece in alone] == [2, 2]


def range_of(count):
    return [float(step) for step in range(1, count + 1)]


@pytest.mark.parametrize(
    "change",
    [
        {"column": 3},
        {"column": -1},
        {"first": 99},
        {"count": 6},
        {"count": 10**400},
        {"columns": [0, 1]},
        {"steps": []},
        {"steps": [TrajectoryStep(step, [1.0] * step, [2.0], True) for step in range(8)]},
        {"steps": [TrajectoryStep(step, [1.0], [2.0], True) for step in range(-1, 7)]},
    ],
)
def test_a_stored_path_whose_parts_do_not_fit_together_is_not_drawn(change):
    path = path_of([*(STEPS + 1).tolist()], STEPS.tolist())
    assert text_plot(path)
    assert picture_of(path)
    broken = msgspec.structs.replace(path, **change)
    assert text_plot(broken) == []
    assert picture_of(broken) is None
    assert not broken.loses_finiteness
