import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from grader.sandbox.calls import wire
from grader.sandbox.calls.student import Contract, safe_state
from grader.toolkit.programs import random_state_after
from grader.toolkit.verdicts import EndedError, Opaque, StudentError, WrongAnswerError
from tests.course_parts import from_course

gradient_of = from_course("shared.gradients", "gradient_of")
Quadratic, Quartic = from_course("shared.problems", "Quadratic", "Quartic")


def test_values_return_with_their_types(trial: Any) -> None:
    source = """
        import numpy as np, torch
        def f(x):
            return [x, {"a": (1, 1.5, True, None, "ε")}, np.arange(2), torch.float32]
    """
    with trial(source) as met:
        tensor, plain, array, dtype = met.student.f(torch.ones(2, dtype=torch.float64))
    assert tensor.dtype == torch.float64
    assert plain == {"a": (1, 1.5, True, None, "ε")}
    assert isinstance(array, np.ndarray)
    assert dtype == Opaque("a dtype")


KINDS = {
    "Tensor": ("None", "f returned None, but a tensor was expected."),
    "None": ("torch.ones(2)", "It changes its arguments in place and returns None."),
    "float": ("torch.ones(())", "`.item()` makes a float"),
    "int": ("True", "f returned a bool, but an int was expected."),
    "bool": ("1", "f returned an int, but a bool was expected."),
    "tuple[Tensor, Tensor]": ("(torch.ones(1),)", "a tuple of 2 was expected"),
    "list[Tensor]": ("[torch.ones(1), 2.0]", "a list with a tensor in it was expected"),
    "dict[str, float]": ("{'a': 1}", "a dict with a float in it was expected"),
    "Tensor | None": ("3", "a tensor or None was expected."),
    "object": ("3", ""),
    "np.ndarray": ("np.ma.masked_array([1.0, 2.0], [False, True])", "returned a masked array that hides entries"),
}


@pytest.mark.parametrize("annotation", KINDS)
def test_a_result_of_the_wrong_kind_is_a_wrong_answer_that_says_so(trial: Any, annotation: str) -> None:
    value, text = KINDS[annotation]
    reference = f"import numpy as np\nfrom torch import Tensor\ndef f() -> {annotation}: ..."
    with trial(f"import numpy as np\nimport torch\ndef f(): return {value}", reference) as met:
        if not text:  # an annotation that is not judged
            assert met.student.f() == 3
            return
        with pytest.raises(WrongAnswerError) as caught:
            met.student.f()
    assert text in caught.value.message


def test_a_text_of_numpy_is_a_str_and_a_mask_that_hides_nothing_is_no_flaw(trial: Any) -> None:
    source = "import numpy as np\ndef f(): return np.str_('abc')\ndef g(): return np.ma.masked_array([1.0])"
    with trial(source, "import numpy as np\ndef f() -> str: ...\ndef g() -> np.ndarray: ...") as met:
        assert met.student.f() == "abc"
        assert met.student.g().tolist() == [1.0]


def test_an_exception_shows_its_own_names_and_the_students_lines(trial: Any) -> None:
    source = """\
        class OutOfRangeError(LookupError):
            pass

        def f(x):
            return helper(x)

        def helper(x):
            raise OutOfRangeError(f"no {x} here")
    """
    with trial(source) as met, pytest.raises(StudentError) as caught:
        met.student.f(5)
    error = caught.value
    assert (error.type, error.message) == ("OutOfRangeError", "no 5 here")
    assert error.bases[0] == "LookupError"
    lines = [(line.line, line.function, line.text) for line in error.lines]
    assert lines == [
        (5, "f", "return helper(x)"),
        (8, "helper", 'raise OutOfRangeError(f"no {x} here")'),
    ]


def test_an_exception_within_a_library_shows_only_the_students_line(trial: Any) -> None:
    with trial("import torch\ndef f(x):\n    return torch.matmul(x, x)") as met, pytest.raises(StudentError) as caught:
        met.student.f(torch.ones(2, 3))
    assert [line.text for line in caught.value.lines] == ["return torch.matmul(x, x)"]
    assert "shapes" in caught.value.message


def test_a_worker_goes_on_after_an_exception(trial: Any) -> None:
    with trial("def f(x): return 1 // x") as met:
        with pytest.raises(StudentError, match="ZeroDivisionError"):
            met.student.f(0)
        assert met.student.f(1) == 1


def test_a_stub_that_is_called_from_elsewhere_is_named_as_not_started(trial: Any) -> None:
    source = "def f(): return helper()\ndef helper(): raise NotImplementedError"
    with trial(source) as met, pytest.raises(EndedError) as caught:
        met.student.f()
    assert (caught.value.status, caught.value.message) == ("not_started", "helper is not written yet.")


def test_what_a_library_has_not_implemented_is_an_error_of_its_own(trial: Any) -> None:
    source = "import torch\nclass Net(torch.nn.Module): pass\ndef f(x):\n    return Net()(x)"
    with trial(source) as met, pytest.raises(StudentError, match="is missing the required"):
        met.student.f(torch.ones(2))


def test_numpys_floats_are_floats_and_its_integers_are_ints(trial: Any) -> None:
    reference = "def f() -> tuple[float, float]: ..."
    source = "import numpy as np\ndef f(): return np.sqrt(4.0), np.{}(1)"
    for kind in ("float64", "float32"):
        with trial(source.format(kind), reference) as met:
            assert list(map(type, met.student.f())) == [float, float]
    with (
        trial(source.format("int64"), reference) as met,
        pytest.raises(WrongAnswerError, match="a tuple with an int in it"),
    ):
        met.student.f()


REBOUND = {
    "assigned": "f = partial(g, 2)",
    "annotated": "f: object = partial(g, 2)",
    "imported": "from functools import reduce as f",
    "defined below an if": "if True:\n    def f(): return 2",
}


@pytest.mark.parametrize("line", REBOUND.values(), ids=REBOUND.keys())
def test_a_stub_whose_name_is_bound_again_below_is_no_stub(submit: Any, line: str) -> None:
    source = f"from functools import partial\ndef g(x): return x\ndef f():\n    raise NotImplementedError\n{line}\n"
    definitions = submit(source).outline.definitions
    assert not definitions["f"].stub


def test_a_missing_function_is_named_with_the_nearest_one(trial: Any) -> None:
    with trial("def momentum_stpe(): pass") as met, pytest.raises(WrongAnswerError) as caught:
        met.student.momentum_step()
    expected = "section1_toy.py defines no function or class named momentum_step. Did you mean momentum_stpe?"
    assert caught.value.message == expected


def test_a_function_that_is_passed_is_called_here(trial: Any) -> None:
    calls = []

    def loss(w: torch.Tensor) -> torch.Tensor:
        calls.append(w.tolist())
        return (w**2).sum()

    with trial("def f(loss, w): return loss(w) + loss(2 * w)") as met:
        assert met.student.f(loss, torch.ones(2)).item() == 10
    assert calls == [[1, 1], [2, 2]]


def test_an_exception_of_a_passed_function_reaches_the_student(trial: Any) -> None:
    def refuse(_: Any) -> None:
        raise ValueError("only positive numbers")

    with trial("def f(g):\n    try: g(1)\n    except RuntimeError as error: return str(error)") as met:
        assert met.student.f(refuse) == "only positive numbers"


@pytest.mark.slow
def test_a_loop_of_callbacks_runs_out_of_time(trial: Any) -> None:
    source = "def f(g):\n    while True: g(1)"
    with trial(source, where="hasty_sandbox") as met, pytest.raises(EndedError) as caught:
        met.student.f(lambda x: x)
    assert caught.value.status == "timed_out"


@pytest.mark.parametrize(
    "problem",
    [
        Quadratic(torch.tensor([[2.0, 1.0], [1.0, 3.0]]), torch.tensor([1.0, -1.0])),
        Quartic(torch.tensor([0.5, -2.0])),
    ],
    ids=["quadratic", "quartic"],
)
def test_a_problem_can_be_differentiated_in_the_worker(trial: Any, problem: Any) -> None:
    source = """
        import torch
        def f(problem, w):
            leaf = w.clone().requires_grad_()
            problem(leaf).backward()
            stepped = w.clone().requires_grad_()
            problem(stepped).backward()
            torch.optim.SGD([stepped], lr=1.0).step()
            return leaf.grad, torch.func.grad(problem)(w), w - stepped.detach()
    """
    w = torch.tensor([0.5, 2.0])
    with trial(source) as met:
        for gradient in met.student.f(problem, w):
            torch.testing.assert_close(gradient, gradient_of(problem, w))


def test_a_second_call_draws_on_and_the_callers_generator_stays(trial: Any) -> None:
    mine, twin = torch.Generator().manual_seed(3), torch.Generator().manual_seed(3)
    before = mine.get_state()
    with trial("import torch\ndef f(generator): return torch.rand(4, generator=generator)") as met:
        drawn = met.student.f(mine)
        again = met.student.f(mine)
    assert torch.equal(drawn, torch.rand(4, generator=twin))
    assert torch.equal(again, torch.rand(4, generator=twin))
    assert torch.equal(mine.get_state(), before)


def test_a_generator_that_the_check_has_moved_starts_from_there(trial: Any) -> None:
    mine, twin = torch.Generator().manual_seed(3), torch.Generator().manual_seed(4)
    with trial("import torch\ndef f(generator): return torch.rand(4, generator=generator)") as met:
        met.student.f(mine)
        mine.manual_seed(4)
        assert torch.equal(met.student.f(mine), torch.rand(4, generator=twin))


@pytest.mark.parametrize(("draw", "kept"), [("torch.rand(1)", False), ("torch.ones(1)", True)])
def test_a_trusted_program_runs_around_the_submission(trial: Any, draw: str, kept: bool) -> None:
    with trial(f"import torch\ndef f(n): return {draw} * n") as met:
        left = met.student.run(random_state_after, 17, "f", 2)
    assert torch.equal(left, torch.Generator().manual_seed(17).get_state()) is kept


def test_what_is_no_program_is_not_run(trial: Any) -> None:
    def system(submission: Any) -> None: ...

    with trial("import os\nsystem = os.system") as met, pytest.raises(StudentError, match="no system travels"):
        met.student.run(system)


def test_every_worker_draws_the_same_random_numbers(trial: Any) -> None:
    source = """
        import random, numpy, torch
        def f():
            return random.random(), float(numpy.random.rand()), torch.rand(2).tolist(), hash("text"), list({"a", "b", "c"})
    """
    draws = []
    for where in ("sandbox", "sandbox", "hasty_sandbox"):  # the last is another zygote's
        with trial(source, where=where) as met:
            draws.append(met.student.f())
    assert draws[0] == draws[1] == draws[2]


def test_a_fresh_worker_remembers_nothing_of_the_last(submit: Any) -> None:
    source = """
        import builtins, torch
        def f():
            builtins.count = getattr(builtins, "count", 0) + 1
            torch.set_default_dtype(torch.float64)
            return builtins.count, str(before)
        before = torch.get_default_dtype()
    """
    submission = submit(source)
    for _ in range(2):
        with submission.trial(Contract(types.ModuleType("reference"))) as met:
            assert [met.student.f() for _ in range(2)] == [(1, "torch.float32"), (2, "torch.float32")]


def test_the_last_call_is_known_as_it_was_before_it_changed_anything(trial: Any) -> None:
    with trial("def f(x, rate): x.mul_(rate)", "def f(x, rate=1): ...") as met:
        assert met.student.last_call() is None
        met.student.f(torch.ones(2), rate=3)
        name, arguments = met.student.last_call()
    assert name == "f"
    assert arguments["x"].tolist() == [1, 1]
    assert arguments["rate"] == 3


def test_the_author_of_a_check_is_told_what_cannot_be_passed(trial: Any) -> None:
    with trial("def f(x): return 1") as met, pytest.raises(TypeError, match="cannot be passed to a submission"):
        met.student.f(object())


def test_an_argument_that_no_frame_can_hold_is_not_the_students_fault(trial: Any) -> None:
    with trial("def f(x): return 1") as met, pytest.raises(wire.TooLargeError):
        met.student.f("x" * 300_000)
    assert not met.student.answered


def test_a_submission_of_a_megabyte_is_graded(trial: Callable[..., Any]) -> None:
    with trial(f"TEXT = '{'x' * 1_000_000}'\ndef f(): return len(TEXT)") as met:
        assert met.student.f() == 1_000_000


@pytest.mark.parametrize(("left", "following"), [(624, 624), (0, 0), (-1, 5), (1, 2**63), (2**31 - 1, 0)])
def test_a_random_state_that_points_outside_itself_is_refused(left: int, following: int) -> None:
    """torch would read past the generator's memory, in the trusted process, at the next draw."""
    state = torch.Generator().get_state().numpy().copy()
    state[8:12].view(np.int32)[0] = left
    state[16:24].view(np.uint64)[0] = following
    with pytest.raises(wire.ProtocolError, match="random state"):
        safe_state(state, torch.Generator())


@pytest.mark.parametrize("state", [np.zeros(51, np.uint8), np.zeros(52, np.int8), np.zeros((52, 1), np.uint8), 7, None])
def test_a_random_state_that_no_generator_of_numpy_has_is_refused(state: Any) -> None:
    with pytest.raises(wire.ProtocolError, match="random state"):
        safe_state(state, np.random.default_rng(0))


def test_a_state_of_numpy_is_none_of_torch() -> None:
    with pytest.raises(wire.ProtocolError, match="random state"):
        safe_state(np.full(52, 1, np.uint8), torch.Generator())


def test_a_generator_of_numpy_draws_on_and_the_callers_stays(trial: Any) -> None:
    mine, twin = np.random.default_rng(3), np.random.default_rng(3)
    with trial("def f(rng): return rng.normal(size=3)") as met:
        first, second = met.student.f(mine), met.student.f(mine)
    assert np.array_equal(np.concatenate([first, second]), twin.normal(size=6))
    assert mine.normal() == np.random.default_rng(3).normal()


@pytest.mark.parametrize("draws", [0, 1, 623, 624, 625, 2000])
def test_every_random_state_that_a_generator_has_is_accepted(draws: int) -> None:
    mine = torch.Generator().manual_seed(5)
    torch.empty(draws).uniform_(generator=mine)
    twin = torch.Generator()
    twin.set_state(torch.from_numpy(safe_state(mine.get_state(), mine)))
    assert torch.equal(torch.rand(700, generator=mine), torch.rand(700, generator=twin))
