"""What wrong numbers show by themselves: each rule finds its own, and keeps silent where one call does not fit."""

import types

import pytest
import torch

from grader.grading.evidence import Case
from grader.grading.replay import Recording, replayed
from grader.grading.structure import RULES, structure_of


def cases_of(right, wrong, calls):
    """The calls of a function named f, as made on a right and on a wrong implementation."""
    modules = [types.ModuleType(name) for name in ("right", "wrong")]
    for module, function in zip(modules, (right, wrong), strict=True):
        module.f = function
    recording = Recording(modules[0], limit=100)
    for call in calls:
        recording.f(*call)
    return [Case(one, replayed(one, modules[1]), replayed(one, modules[0]), modules[0]) for one in recording.exchanges]


def found(right, wrong, calls):
    diagnosis = structure_of(cases_of(right, wrong, calls))
    return diagnosis.mistake if diagnosis else None


def numbers(*shape, seed=0, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


VECTORS = [(numbers(n, seed=n),) for n in (2, 3, 5, 7)]
MATRICES = [(numbers(n, 2, seed=n),) for n in (2, 3, 4)]


def step(params, velocities, lr):
    for w, v in zip(params, velocities, strict=True):
        v.mul_(0.5).add_(1.0)
        w.sub_(lr * v)


def steps(zero_too=True):
    """Arguments of `step`: with velocities that are zero, and that are not."""
    states = [numbers(3, seed=seed) for seed in (1, 2, 3)] + [torch.zeros(3, dtype=torch.float64)] * (3 * zero_too)
    return [([numbers(3, seed=9 + k)], [v.clone()], 0.1) for k, v in enumerate(states)]


def state_rebound(params, velocities, lr):
    for k, w in enumerate(params):
        velocities[k] = 0.5 * velocities[k] + 1.0
        w.sub_(lr * velocities[k])


def state_ignored(params, velocities, lr):
    for w, v in zip(params, velocities, strict=True):
        v.fill_(1.0)
        w.sub_(lr * v)


def returned(params, velocities, lr):
    return [w - lr * (0.5 * v + 1.0) for w, v in zip(params, velocities, strict=True)]


def doubled(params, velocities, lr):
    step(params, velocities, 2 * lr)


def path(w, count):
    return torch.stack([w * k for k in range(1, count + 2)])


def by_step(w, step):
    return w / step


def descend(params, grads):
    params[0].sub_(grads[0])


def descend_and_decay(params, grads):
    params[0].mul_(0.9).sub_(grads[0])


def draw(x, generator):
    return x[torch.randperm(len(x), generator=generator)]


def draw_from_a_seed(x, generator):
    return draw(x, torch.Generator().manual_seed(7))


GRADIENTS = [([numbers(3, seed=k)], [numbers(3, seed=k) * (k % 2)]) for k in range(4)]  # every second one is zero
DRAWS = [(numbers(9, seed=k), torch.Generator().manual_seed(k)) for k in range(3)]
PATHS = [(numbers(2, seed=k), k + 3) for k in range(3)]
STEPS = [(numbers(2, seed=k), k) for k in (1, 2, 3)]
BOTH_DTYPES = [(numbers(3, seed=k, dtype=dtype),) for k in (1, 2) for dtype in (torch.float64, torch.float32)]


@pytest.mark.parametrize(
    ("rule", "right", "wrong", "calls"),
    [
        ("opposite_sign", lambda x: x * 2, lambda x: -x * 2, VECTORS),
        ("constant_factor", lambda x: x.mean(), lambda x: 3 * x.mean(), VECTORS),
        ("sum_for_mean", lambda x: x.mean(), lambda x: x.sum(), VECTORS),
        ("sum_for_mean", lambda x: x.mean(), lambda x: x.mean() / len(x), VECTORS),
        ("transposed", lambda x: x.mT @ x[:, :1], lambda x: (x.mT @ x[:, :1]).mT.clone(), MATRICES),
        ("shape_changed", lambda x: x.sum(0), lambda x: x.sum(0, keepdim=True), MATRICES),
        ("dtype_changed", lambda x: x * 2, lambda x: (x * 2).float(), VECTORS),
        ("double_only", lambda x: x * 2, lambda x: torch.eye(3, dtype=torch.float64) @ x * 2, BOTH_DTYPES),
        ("input_modified", lambda x: x * 2, lambda x: x.mul_(2), VECTORS),
        ("off_by_one", path, lambda w, n: path(w, n)[1:], PATHS),
        ("off_by_one", path, lambda w, n: path(w, n)[:-1], PATHS),
        ("off_by_one", path, lambda w, n: path(w, n + 1), PATHS),
        ("off_by_one", path, lambda w, n: torch.cat([w[None] * 7, path(w, n)[:-1]]), PATHS),
        ("state_not_kept", step, state_rebound, steps()),
        ("right_while_state_is_zero", step, state_ignored, steps()),
        ("returned_not_in_place", step, returned, steps()),
        ("nothing_changed", step, lambda params, velocities, lr: None, steps()),
        ("right_for_the_first_step", by_step, lambda w, step: w / step**2, STEPS),
        ("gradient_lost", lambda x: torch.func.grad(torch.sum)(x), lambda x: torch.autograd.grad(x.sum(), x)[0], VECTORS),
    ],
)  # fmt: skip
def test_a_rule_finds_its_own(rule, right, wrong, calls):
    assert found(right, wrong, calls) == rule


@pytest.mark.parametrize(
    ("right", "wrong", "calls"),
    [
        (lambda x: x * 2, lambda x: -x * 2 if len(x) > 2 else x * 3, VECTORS),
        (lambda x: x.mean(), lambda x: 3 * x.mean() if len(x) > 2 else 2 * x.mean(), VECTORS),
        (lambda x: x.mean(), lambda x: x.sum() if len(x) > 2 else x.max(), VECTORS),
        (lambda x: x.mean(), lambda x: x.mean() + 1, VECTORS),
        (lambda x: x * 2, lambda x: (x * 3).float(), VECTORS),
        (lambda x: x * 2, lambda x: x.mul_(3), VECTORS),
        (path, lambda w, n: path(w, n)[1:] if n > 3 else path(w, n)[:-1], PATHS),
        (step, lambda params, velocities, lr: params[0].zero_(), steps()),
        (lambda x: x * 2, lambda x: x / 0 * 0, VECTORS),
        (lambda x: x.mean(), lambda x: x.missing, VECTORS),
        (descend, descend_and_decay, GRADIENTS),
        (descend, descend_and_decay, GRADIENTS[::2]),
        (draw, draw_from_a_seed, DRAWS),
    ],
)
def test_no_rule_holds_where_one_call_does_not_fit(right, wrong, calls):
    assert found(right, wrong, calls) is None


def test_one_number_shows_no_factor():
    assert found(lambda x: x.mean(), lambda x: 3 * x.mean(), VECTORS[:1]) is None


def test_every_rule_is_tried_here():
    tried = {mark.args[1][k][0] for mark in test_a_rule_finds_its_own.pytestmark for k in range(len(mark.args[1]))}
    assert tried == set(RULES)
