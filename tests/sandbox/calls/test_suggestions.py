"""An error about a name offers the name that was meant, as Python does where it prints the error."""

import types

import pytest

from grader.sandbox.calls.student import Contract
from grader.toolkit.verdicts import StudentError, WrongAnswerError

BODIES = {
    "an argument": ("return sum(grad)", "name 'grad' is not defined. Did you mean: 'grads'?"),
    "a name of the file": ("return scael", "name 'scael' is not defined. Did you mean: 'scale'?"),
    "a builtin": ("return lenn(grads)", "name 'lenn' is not defined. Did you mean: 'len'?"),
    "an attribute of a library": (
        "return torch.sofmax",
        "module 'torch' has no attribute 'sofmax'. Did you mean: 'softmax'?",
    ),
    "an attribute of a tensor": ("return torch.ones(1).reshap(1)", "Did you mean: 'reshape'?"),
    "an imported name": (
        "from torch import sofmax",
        "cannot import name 'sofmax' from 'torch'. Did you mean: 'softmax'?",
    ),
    "a library that is not imported": (
        "return np.ones(1)",
        "name 'np' is not defined. Is this line missing at the top of the file:  import numpy as np",
    ),
    "a module that is not imported": (
        "return math.pi",
        "name 'math' is not defined. Is this line missing at the top of the file:  import math",
    ),
    "a letter for a digit": ("return grads[O]", "name 'O' is not defined. Did you mean: 0, the number?"),
    "nothing like it": ("return quite_another", "name 'quite_another' is not defined"),
    "an attribute that raises": ("return Odd().x", "no x"),
}
SOURCE = """\
import torch
scale = 2
class Odd:
    def __dir__(self): raise ValueError
    def __getattr__(self, name): raise AttributeError("no x", name=name, obj=self)
def f(grads):
    {}
"""


@pytest.mark.parametrize(("body", "message"), BODIES.values(), ids=BODIES.keys())
def test_what_was_meant_is_offered(submit, body, message):
    with submit(SOURCE.format(body)).trial(Contract(types.ModuleType("reference"))) as met:
        with pytest.raises(StudentError) as caught:
            met.student.f([1])
        assert caught.value.message.endswith(message)


def test_a_value_that_comes_too_late_is_told_with_its_line(submit):
    source = "def f(x, beta=BETA):\n    return beta\nprint(BETA)\nBETA = 0.9\n"
    submitted = submit(source)
    with submitted.trial(Contract(types.ModuleType("reference"))) as met, pytest.raises(WrongAnswerError):
        met.student.f(1)
    assert "BETA gets its value only in line 4. Move that up." in submitted.load_error.message


def test_a_name_of_an_exercise_is_no_typing_error(submit):
    reference = types.ModuleType("reference")
    exec("from math import sqrt\ndef steps(x): ...\ndef step(x): ...", reference.__dict__)
    trial = submit("def steps(num_step):\n    return step(num_step)\n").trial(Contract(reference))
    with trial as met, pytest.raises(StudentError) as caught:
        met.student.steps(1)
    assert "Did you mean" not in caught.value.message.partition("\n")[0]
    assert "defines no function or class named step." in caught.value.message


def test_a_breakpoint_is_named_at_its_line_and_prints_nothing(submit):
    with submit("def f(x):\n    breakpoint()\n    return x\n").trial(Contract(types.ModuleType("reference"))) as met:
        with pytest.raises(StudentError) as caught:
            met.student.f(1)
        assert (caught.value.type, caught.value.lines[-1].line) == ("BdbQuit", 2)
    assert met.output == ""
