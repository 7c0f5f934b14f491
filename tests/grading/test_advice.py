"""What exceptions of Python, torch and numpy mean: their texts are those of the libraries that are installed."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from grader.grading.advice import advice
from grader.toolkit.verdicts import SourceLine, StudentError

LEAF = torch.ones(2, requires_grad=True)
SINGLE, DOUBLE = torch.ones(2), torch.ones(2, dtype=torch.float64)


class _Unready(nn.Module):
    def __init__(self):
        self.layer = nn.Linear(1, 1)


def backward_twice():
    loss = (LEAF * LEAF).sum()
    loss.backward()
    loss.backward()


def overwritten():
    root = LEAF.sqrt()
    root += 1
    root.sum().backward()


def unassigned():
    if LEAF is None:
        found = 1
    return found


class _WithoutSelf:
    def forward(x): ...  # noqa: N805


class _Misspelt:
    def _init_(self, inputs, outputs): ...


class _MisspeltModule(nn.Module):
    def _init_(self, inputs, outputs): ...


def no_leaf():
    w = LEAF * 2
    return w.grad + 1


def scores_as_classes():
    return torch.ones(2, 3) == torch.ones(2)


def endless():
    return endless()


def entered():
    with torch.no_grad:
        pass


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (_Unready, "super().__init__()"),
        (lambda: nn.Module()(SINGLE), "Is `forward` spelt right"),
        (lambda: nn.Linear(2, 3)(torch.ones(1, 3)), "which come first"),
        (lambda: nn.Linear(2, 3).forward(1, 2), "`def` line"),
        (lambda: torch.optim.Optimizer([SINGLE], 0.1, 0.9), "as one dict"),
        (lambda: SINGLE.add_((SINGLE,)), "`(g,) = torch.autograd.grad(...)`"),
        (lambda: [].__setitem__(0, 1), "`append` makes the list longer"),
        (lambda: 0 + SINGLE.size(), "`p.numel()` counts"),
        (lambda: SINGLE.append(1), "`torch.stack(rows)`"),
        (lambda: [].append(1, 2), "`append((a, b))`"),
        (lambda: len(SINGLE.sum()), "`p.numel()`"),
        (lambda: LEAF.sub_(1), "with torch.no_grad()"),
        (overwritten, "changed in place"),
        (backward_twice, "retain_graph=True"),
        (lambda: (LEAF * 2).backward(), "the sum or the mean"),
        (lambda: torch.autograd.grad(LEAF.sum(), torch.ones(1, requires_grad=True)), "does not depend on"),
        (lambda: torch.linalg.eigvals(torch.eye(2)).max(), "eigvalsh"),
        (lambda: torch.exp_(torch.ones(2, dtype=torch.int64)), "hold no fraction"),
        (lambda: torch.ones(2, 2, dtype=torch.int64).log_softmax(0), "convert the tensor to float"),
        (lambda: torch.zeros(2, dtype=torch.int64).add_(SINGLE), "hold no fraction"),
        (lambda: torch.ones(2, 2) @ torch.ones(2, 2, dtype=torch.float64), "different dtypes"),
        (lambda: nn.Linear(2, 2)(DOUBLE), "different dtypes"),
        (lambda: SINGLE + torch.ones(3), "keepdim=True"),
        (lambda: np.ones(2) + np.ones(3), "keepdim=True"),
        (lambda: torch.ones(2, 3) @ torch.ones(2, 3), "as many columns"),
        (lambda: SINGLE.sum(dim=1), "fewer axes"),
        (lambda: SINGLE[2], "The first index is 0"),
        (lambda: [1][1], "The first index is 0"),
        (lambda: SINGLE[SINGLE], "range(len(w))"),
        (lambda: (SINGLE == 1).mean(), "convert the tensor to float"),
        (lambda: np.random.choice(np.ones((2, 2)), 1), "draw their numbers"),
        (lambda: [value for key, value in {"w": SINGLE}], "needs `.items()`"),
        (lambda: math.sqrt(SINGLE), "torch.sqrt"),
        (lambda: SINGLE.item(), "torch.sqrt"),
        (lambda: 1 if SINGLE > 0 else 2, "torch.where"),
        (lambda: 1 if np.ones(2) > 0 else 2, "torch.where"),
        (lambda: 1 <= None, "A value here is None"),
        (lambda: [].append(1)[0], "A value here is None"),
        (lambda: torch.ones(1).grad.norm(), "A value here is None"),
        (lambda: SINGLE.mean / 2, "parentheses"),
        (lambda: SINGLE.tolist[0], "parentheses"),
        (lambda: nn.Linear(1, 1).parameters()[0], "list(...)"),
        (lambda: len(nn.Linear(1, 1).parameters()), "list(...)"),
        (lambda: [SINGLE] - [SINGLE], "loop"),
        (lambda: [1.0] * 0.5, "loop"),
        (lambda: DOUBLE.dot(SINGLE), "different dtypes"),
        (lambda: math.pi ^ 2, "`a ** b`"),
        (lambda: DOUBLE ^ 2, "`a ** b`"),
        (lambda: np.ones(2) ^ 2, "`a ** b`"),
        (lambda: [key + value for key, value in {0.1: 2.0}], ".items()"),
        (lambda: SINGLE(2), "Is a `*` missing"),
        (lambda: math.pi(3), "Is a `*` missing"),
        (lambda: torch.sum([SINGLE]), "list of tensors"),
        (lambda: {}["m"], "no entry with this key"),
        (unassigned, "On the way to this line it got none"),
        (endless, "calls itself"),
        (lambda: nn.Sequential([nn.ReLU()]), "nn.Sequential(*layers)"),
        (lambda: nn.Sequential(torch.relu), "with parentheses"),
        (lambda: nn.Sequential(nn.ReLU), "with parentheses"),
        (lambda: torch.Generator().permutation(3), "torch.randperm(n, generator=generator)"),
        (lambda: SINGLE.reshape(64, 784), "-1 stands for"),
        (lambda: SINGLE.split(None), "A value here is None"),
        (lambda: [a + b for a, b in ([1], [2])], "needs `zip`"),
        (lambda: [a + b for a, b in ([1, 2, 3], [2, 3, 4])], "needs `zip`"),
        (lambda: list(3), "range(n)"),
        (lambda: nn.Linear(2, 2)(1), "enumerate"),
        (lambda: torch.stack([1.0]), "makes one of numbers"),
        (lambda: torch.tensor([SINGLE]), "torch.stack"),
        (lambda: SINGLE.to("mps"), "graphics card"),
        (entered, "with torch.no_grad():"),
        (lambda: torch.randn(3, torch.Generator()), "has to be named"),
        (lambda: torch.rand(generator=torch.Generator()), "The shape comes first"),
        (lambda: nn.Linear(3, (4,)), "`*sizes`"),
        (lambda: {[]: 1}, "below `@cache`"),
        (lambda: 0.5 * {}, "each of its entries"),
        (lambda: (1.0).item(), "a number of Python already"),
        (lambda: torch.norm([SINGLE]), "torch.stack"),
        (lambda: _WithoutSelf().forward(1), "`self`"),
        (lambda: _Misspelt(3, 2), "two underscores"),
        (lambda: _MisspeltModule(3, 2), "two underscores"),
        (lambda: torch.ones(2, dtype=torch.uint8).div_(255), "`x = x / 255`"),
        (lambda: range(6 / 2), "`//` rounds down"),
        (lambda: list("ab")[1.0], "`//` rounds down"),
        (lambda: list("ab")[: 2 / 1], "`//` rounds down"),
        (lambda: torch.zeros(6 / 2), "`//` rounds down"),
        (lambda: torch.randperm(6 / 2), "`//` rounds down"),
        (lambda: nn.Linear(6 / 2, 1), "`//` rounds down"),
        (lambda: SINGLE[1.0], "`//` rounds down"),
        (lambda: torch.autograd.grad(LEAF.sum(), []), "one loop only"),
        (lambda: torch.optim.SGD([], lr=0.1), "one loop only"),
    ],
)  # fmt: skip
def test_an_exception_is_explained(code, words):
    with pytest.raises(Exception) as caught:  # noqa: PT011
        code()
    error = caught.value
    assert words in advice(StudentError(type(error).__name__, (), str(error))), repr(error)


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        (lambda: exec('raise "lr is below 0"'), 'raise "lr is below 0"', '`raise ValueError("...")`'),
        (lambda: exec("def lowest():\n    min = min([1, 2])\nlowest()"), "min = min([1, 2])", "Choose another name"),
        (no_leaf, "return w.grad + 1", "a tensor that a computation has made"),
        (lambda: 0 + SINGLE.size, "return 0 + x.size", "`.numel()` counts"),
        (lambda: 0 + SINGLE.sum, "return 0 + x.sum", "parentheses"),
        (lambda: torch.autograd.grad(torch.sin, LEAF), "(g,) = torch.autograd.grad(f, w)", "and not a function"),
        (lambda: torch.ones(()).backward(), "J.backward()", "Make a copy that does"),
        (lambda: range([1]), "for i in range(params):", "`range(len(params))`"),
        (lambda: SINGLE.eigvals(), "return A.eigvals()", "`torch.linalg`"),
        (lambda: SINGLE.params, "for w in self.params:", "`self.param_groups`"),
        (scores_as_classes, "return scores == labels", "`logits.argmax(dim=1)`"),
    ],
)
def test_the_line_tells_what_the_exception_does_not(code, line, words):
    with pytest.raises(Exception) as caught:  # noqa: PT011
        code()
    error = StudentError(type(caught.value).__name__, (), str(caught.value), (SourceLine(3, "f", line),))
    assert words in advice(error)


@pytest.mark.parametrize(
    "code",
    [
        lambda: 1 / 0,
        lambda: torch.nn.functional.nll_loss(torch.ones(1, 2), torch.zeros(1, dtype=torch.int32)),  # it needs int64
        lambda: int("two"),
    ],
)
def test_what_says_enough_or_means_something_else_is_not_explained(code):
    with pytest.raises(Exception) as caught:  # noqa: PT011
        code()
    assert advice(StudentError(type(caught.value).__name__, (), str(caught.value))) == ""


def test_what_the_students_own_code_raises_on_purpose_is_not_explained():
    line = SourceLine(3, "interpolate", "raise KeyError(name)")
    assert advice(StudentError("KeyError", (), "'w'", (line,))) == ""
