"""An exception comes with the values of the variables in the expression that raised it."""

from pathlib import Path
from types import ModuleType

import pytest
import torch

from grader.sandbox.calls.student import Contract
from grader.sandbox.process.launch import Sandbox
from grader.submission.notebook_cells import mark
from grader.submission.submission import Submission
from grader.toolkit.verdicts import StudentError

CONTRACT = Contract(ModuleType("reference"))
W = "`w` is a tensor of shape (2, 3) and dtype float32"
# lines of f(w, g, n): the sentence
VALUES = {
    "return w @ g": f"Here, {W} and `g` is a list of 2 tensors of shapes (2,), ().",
    "return (w + 1) @ n": f"Here, {W} and `n` is 3.",
    "return torch.stack(\n    n, g\n)": "Here, `n` is 3 and `g` is a list of 2 tensors of shapes (2,), ().",
    "ä = 'größe'; return ä + n": "Here, `ä` is a str and `n` is 3.",
    "w = g.append(w)\n    return w + w": "Here, `w` is None.",
    "return w.grad + n": f"Here, `w.grad` is None, {W} and `n` is 3.",
    "for _ in n:\n        w = g\n    return w": "Here, `n` is 3.",
    "w += g": f"Here, {W} and `g` is a list of 2 tensors of shapes (2,), ().",
    "def h(x):\n        return x / 0.25 + LIMITS\n    return h(n)": "Here, `x` is 3 and `LIMITS` is a tuple of 2.",
    "lr = n / 30\n    return lr()": "Here, `lr` is 0.1.",
    "return np.ones(2) @ np.ones(n)": "Here, `n` is 3.",
    "x = np.ones(n)\n    return x @ x[1:]": "Here, `x` is a numpy array of shape (3,) and dtype float64.",
    "n, w = g[0][0]": "",
    "raise TypeError(n)": "",
    "assert n == 4": "",
    "return g[0].sise": "",  # a name is proposed
    "return f(w, g, n)": "",
    "return len(3)": "",
    "class Odd:\n        __class__ = property(lambda _: 1 / 0)\n    odd = Odd()\n    return odd + n": "",
}


def submission(filename: str, lines: str) -> Submission:
    """One whose function `f` has these lines; in a notebook, in its second cell."""
    text = f"import torch\nimport numpy as np\nLIMITS = (1, 2)\n\ndef f(w, g, n):\n    {lines}\n"
    if filename.endswith(".ipynb"):
        text = f"{mark(1)}\n1\n{mark(2)}\n{text}"
    return Submission(filename, Path(filename), text.encode())


@pytest.mark.parametrize("filename", ["section1_toy.py", "section1_toy.ipynb"])
@pytest.mark.parametrize(("lines", "sentence"), VALUES.items(), ids=VALUES.keys())
def test_the_values_at_the_line_are_told(sandbox: Sandbox, filename: str, lines: str, sentence: str) -> None:
    with sandbox.admit(submission(filename, lines)).trial(CONTRACT) as met, pytest.raises(StudentError) as caught:
        met.student.f(torch.ones(2, 3), [torch.ones(2), torch.tensor(1.0)], 3)
    assert caught.value.values == sentence
