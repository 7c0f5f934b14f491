"""What an exercise may not use: read from the source before anything runs, and seen in the library when it runs."""

import types
from collections.abc import Callable
from typing import Any

import pytest
import torch

from grader.check_files.check_outline import Ban
from grader.sandbox.calls.forbidden import Rules, read_name_uses
from grader.sandbox.calls.sandboxed_submission import SandboxedSubmission
from grader.sandbox.calls.student import Contract
from grader.toolkit.verdicts import EndedError
from tests.course_parts import course_module, from_course
from tests.sandbox.calls.library_spellings import HEADER, HIDDEN, INNOCENT, USING

BatchCrossEntropy = from_course("section6_minibatch.problems", "BatchCrossEntropy")
erm = course_module("section2_erm.programs")

LISTED = (
    "torch.log_softmax",
    "torch.softmax",
    "torch.Tensor.log_softmax",
    "torch.Tensor.softmax",
    "torch.nn.functional.log_softmax",
    "torch.nn.functional.cross_entropy",
    "torch.nn.LogSoftmax",
    "torch.optim",
    "nothing.that.exists",
    "torch.nothing",
)
RULES = Rules((Ban(LISTED, ("solve", "cross_entropy"), "write it"),), ("solve", "other", "cross_entropy"))
CONTRACT = Contract(types.ModuleType("reference"))


@pytest.fixture
def ruled(submit: Callable[..., SandboxedSubmission]) -> Callable[[str], SandboxedSubmission]:
    def hand_in(source: str) -> SandboxedSubmission:
        submission = submit(HEADER + source)
        submission.rules = RULES
        return submission

    return hand_in


def call(submission: SandboxedSubmission, *args: Any, exercise: str = "solve", name: str = "solve") -> Any:
    with submission.trial(CONTRACT, exercise) as met:
        return getattr(met.student, name)(*args)


def numbers() -> torch.Tensor:
    return torch.arange(6.0).reshape(2, 3)


@pytest.mark.parametrize("source", USING.values(), ids=USING.keys())
def test_a_use_is_found_in_the_source(ruled: Any, source: str) -> None:
    submission = ruled(source)
    with pytest.raises(EndedError, match="write it") as caught:
        submission.expect_nothing_forbidden("solve")
    assert caught.value.status == "forbidden"
    submission.expect_nothing_forbidden("other")


@pytest.mark.parametrize("source", [*USING.values(), *HIDDEN.values()], ids=[*USING.keys(), *HIDDEN.keys()])
def test_a_use_is_seen_when_it_runs(ruled: Any, source: str) -> None:
    with pytest.raises(EndedError, match="write it") as caught:
        call(ruled(source), numbers())
    assert caught.value.status == "forbidden"


@pytest.mark.parametrize("source", INNOCENT.values(), ids=INNOCENT.keys())
def test_what_only_looks_like_it_is_let_pass(ruled: Any, source: str) -> None:
    submission = ruled(source)
    submission.expect_nothing_forbidden("solve")
    call(submission, numbers())


def test_the_words_name_the_use_its_line_and_the_helper(ruled: Any) -> None:
    source = "def helper(z):\n    return torch.optim.SGD([z])\ndef solve(z): return helper(z)"
    words = "solve uses torch.optim.SGD (by way of helper, line 5), which is not allowed here: write it."
    with pytest.raises(EndedError) as caught:
        ruled(source).expect_nothing_forbidden("solve")
    assert caught.value.message == words
    assert [(line.line, line.text) for line in caught.value.lines] == [(5, "return torch.optim.SGD([z])")]
    with pytest.raises(EndedError) as caught:
        call(ruled(source), numbers())
    assert caught.value.message == words
    assert [line.line for line in caught.value.lines] == [6, 5]


def test_a_check_of_another_exercise_meets_no_guard(ruled: Any) -> None:
    call(ruled("def other(z): return torch.log_softmax(z, 1)"), numbers(), exercise="other", name="other")


def test_a_worker_that_has_seen_a_use_is_not_asked_again(ruled: Any) -> None:
    source = "def solve(z):\n    if z.sum() > 0: return torch.log_softmax(z, 1)\n    return z"
    with ruled(source).trial(CONTRACT, "solve") as met:
        met.student.solve(-numbers())
        for _ in range(2):
            with pytest.raises(EndedError, match=r"torch\.log_softmax"):
                met.student.solve(numbers())


def test_a_loss_of_ours_may_use_it(ruled: Any) -> None:
    call(ruled("def solve(loss, z): return loss(z, torch.zeros(2).long())"), BatchCrossEntropy(), numbers())


def test_a_use_inside_a_program_is_seen(ruled: Any) -> None:
    source = 'def cross_entropy(z, y): return eval("torch.log_softmax")(z, 1)[:, 0].mean()'
    with ruled(source).trial(CONTRACT, "cross_entropy") as met, pytest.raises(EndedError, match="write it"):
        met.student.run(erm.cross_entropy_gradient, numbers(), torch.tensor([0, 1]))


def test_script_of_an_allowed_exercise_still_compiles(ruled: Any) -> None:
    source = "@torch.jit.script\ndef other(z): return torch.log_softmax(z, 1)\ndef solve(z): return z"
    call(ruled(source), numbers())


@pytest.mark.parametrize(
    "value", [None, [], {"solve": 1}, {"solve": [[["torch.optim", "x", "12"]], []]}, {1: [[], []]}]
)
def test_uses_of_no_sensible_form_are_none(value: Any) -> None:
    assert read_name_uses(value) == {}


@pytest.mark.parametrize("full", ["torch.optim. \x1b[31m", "numpy.sum", "torch.optim." + "a" * 1000, ""])
def test_a_forged_name_is_not_shown(full: str) -> None:
    assert RULES.error("solve", "torch.optim", full, ()).message.startswith("solve uses torch.optim, which is not")


def test_a_forged_use_of_what_is_not_listed_is_a_crash() -> None:
    assert RULES.error("solve", "numpy", "numpy", ()).status == "crashed"
    assert RULES.error("other", "torch.optim", "torch.optim", ()).status == "crashed"


def test_a_source_too_deep_to_follow_is_still_outlined(ruled: Any) -> None:
    deep = " + ".join(["z"] * 900)
    submission = ruled(f"def helper(z):\n    y = {deep}\n    return y.log()\ndef solve(z): return z")
    assert submission.outline.error is None
    assert set(submission.outline.definitions) == {"helper", "solve"}
