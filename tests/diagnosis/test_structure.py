"""What wrong numbers show by themselves: each rule finds its own, and keeps silent where one call does not fit."""

import types

import numpy as np
import pytest
import torch

from grader.diagnosis.evidence import Case
from grader.diagnosis.replay import Recording, replayed
from grader.diagnosis.structure import RULES, lost_result, place_of, structure_of
from grader.sandbox.analysis import idle_lines
from grader.sandbox.calls.student import Contract
from grader.toolkit.roles import ArgumentRoles

ROLES = ArgumentRoles(
    states=("velocities", "square_sums"), gradients="grads", step="step", steps="num_steps", examples=frozenset({"y"})
)


def cases_of(right, wrong, calls):
    """The calls of a function named f, as made on a right and on a wrong implementation."""
    modules = [types.ModuleType(name) for name in ("right", "wrong")]
    for module, function in zip(modules, (right, wrong), strict=True):
        module.f = function
    recording = Recording(Contract(modules[0]), limit=100)
    for call in calls:
        recording.f(*call)
    outcomes = [(one, *(replayed(one, module) for module in reversed(modules))) for one in recording.exchanges]
    return [Case(one, got, expected, modules[0], ROLES) for one, got, expected in outcomes]


def found(right, wrong, calls):
    diagnosis = structure_of(cases_of(right, wrong, calls))
    return diagnosis.mistake if diagnosis else None


def said(right, wrong, calls):
    return structure_of(cases_of(right, wrong, calls)).message


def numbers(*shape, seed=0, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


NORMS = [(k / 4 * torch.ones(1, dtype=torch.float64),) for k in range(1, 10)]
VECTORS = [(numbers(n, seed=n),) for n in (2, 3, 5, 7)]
FAR_APART = [
    (30 * numbers(5, seed=seed, dtype=dtype),) for seed in (1, 2, 3) for dtype in (torch.float32, torch.float64)
]
ROLLED = [(numbers(3).roll(k),) for k in range(3)]
MATRICES = [(numbers(n, 2, seed=n),) for n in (2, 3, 4)]


def step(params, velocities, lr):
    for w, v in zip(params, velocities, strict=True):
        v.mul_(0.5).add_(1.0)
        w.sub_(lr * v)


def slope(w):
    (found,) = torch.autograd.grad((w * w.detach().flip(0)).sum(), w)
    return found


def slope_by_backward(w):
    w.requires_grad_()
    (w * w.detach().flip(0)).sum().backward()
    return w.grad.clone()


LEAVES = [(numbers(3, seed=seed).requires_grad_(),) for seed in range(4)]


def steps(zero_too=True):
    """Arguments of `step`: with velocities that are zero, and that are not."""
    states = [numbers(3, seed=seed) for seed in (1, 2, 3)] + [torch.zeros(3, dtype=torch.float64)] * (3 * zero_too)
    return [([numbers(3, seed=9 + k)], [v.clone()], 0.1) for k, v in enumerate(states)]


def faded(params, velocities, lr, beta):
    for w, v in zip(params, velocities, strict=True):
        v.mul_(beta).add_(1.0)
        w.sub_(lr * v)


def averaged(params, velocities, lr, beta):
    for w, v in zip(params, velocities, strict=True):
        v.mul_(beta).add_(1.0 - beta)
        w.sub_(lr * v)


FADING = [([w], [v.clone() * (k % 2)], lr, 0.5 * (k % 2)) for k, ([w], [v], lr) in enumerate(steps(False) * 2)]


def state_rebound(params, velocities, lr):
    for k, w in enumerate(params):
        velocities[k] = 0.5 * velocities[k] + 1.0
        w.sub_(lr * velocities[k])


def state_ignored(params, velocities, lr):
    for w, v in zip(params, velocities, strict=True):
        v.fill_(1.0)
        w.sub_(lr * v)


def weights_forgotten(params, velocities, lr):
    for v in velocities:
        v.mul_(0.5).add_(1.0)


def returned(params, velocities, lr):
    return [w - lr * (0.5 * v + 1.0) for w, v in zip(params, velocities, strict=True)]


def doubled(params, velocities, lr):
    step(params, velocities, 2 * lr)


def path(w, count):
    return torch.stack([w * k for k in range(1, count + 2)])


def along(w, num_steps):
    return torch.stack([w.abs() ** k for k in range(num_steps + 1)])


def weights_ascend(params, velocities, lr):
    for w, v in zip(params, velocities, strict=True):
        v.mul_(0.5).add_(1.0)
        w.add_(lr * v * w)


def by_step(w, step):
    return w / step


def descend(params, grads):
    params[0].sub_(grads[0])


def descend_and_decay(params, grads):
    params[0].mul_(0.9).sub_(grads[0])


def guided(*, confounded=False):
    """Weights, gradients, state and number of the step: with a state and a gradient that are zero, now and then.

    Where `confounded`, the state is zero in the first step, and only there.
    """
    kinds = [(1, 0, 1), (1, 0, 3), (1, 1, 1), (1, 1, 2), (0, 1, 2)]
    return [
        ([numbers(n, seed=n)], [numbers(n, seed=1) * g], [numbers(n, seed=2).abs() * s], step)
        for n in (2, 3)
        for g, s, step in kinds
        if not confounded or (s == 0) == (step == 1)
    ]


def adaptive(params, grads, square_sums, step):
    square_sums[0].add_(grads[0] ** 2)
    params[0].sub_(grads[0] * step / (square_sums[0].sqrt() + 1))


def adaptive_state_ignored(params, grads, square_sums, step):
    params[0].sub_(grads[0] * step / (grads[0].abs() + 1))
    square_sums[0].add_(grads[0] ** 2)


def adaptive_step_ignored(params, grads, square_sums, step):
    adaptive(params, grads, square_sums, 1)


def adaptive_first_only(params, grads, square_sums, step):
    if len(params[0]) == 2 and square_sums[0].any():
        params[0].mul_(0)
    adaptive(params, grads, square_sums, step)


def draw(x, generator):
    return x[torch.randperm(len(x), generator=generator)]


def draw_from_a_seed(x, generator):
    return draw(x, torch.Generator().manual_seed(7))


GRADIENTS = [([numbers(3, seed=k)], [numbers(3, seed=k) * (k % 2)]) for k in range(4)]  # every second one is zero
DRAWS = [(numbers(9, seed=k), torch.Generator().manual_seed(k)) for k in range(3)]
PATHS = [(numbers(2, seed=k), k + 3) for k in range(3)]
STEPS = [(numbers(2, seed=k), k) for k in (1, 1, 2, 3)]
BOTH_DTYPES = [(numbers(3, seed=k, dtype=dtype),) for k in (1, 2) for dtype in (torch.float64, torch.float32)]


@pytest.mark.parametrize(
    ("rule", "right", "wrong", "calls"),
    [
        ("left_on_input", slope, slope_by_backward, LEAVES),
        ("opposite_sign", lambda x: x * 2, lambda x: -x * 2, VECTORS),
        ("constant_factor", lambda x: x.mean(), lambda x: 3 * x.mean(), VECTORS),
        ("sum_for_mean", lambda x: x.mean(), lambda x: x.sum(), VECTORS),
        ("sum_for_mean", lambda x: x.mean(), lambda x: x.mean() / len(x), VECTORS),
        ("transposed", lambda x: x.mT @ x[:, :1], lambda x: (x.mT @ x[:, :1]).mT.clone(), MATRICES),
        ("shape_changed", lambda x: x.sum(0), lambda x: x.sum(0, keepdim=True), MATRICES),
        ("dtype_changed", lambda x: x * 2, lambda x: (x * 2).float(), VECTORS),
        ("rounded_to_float32", lambda x: x / 3, lambda x: (x / 3).float().double(), VECTORS),
        ("precision_of_float32", lambda x: x / 3, lambda x: x + (x / 3 - x).float(), VECTORS),
        ("rounded_to_float32", lambda x: float(x[0] / 3), lambda x: (x[0] / 3).float().item(), VECTORS),
        ("double_only", lambda x: x * 2, lambda x: torch.eye(3, dtype=torch.float64) @ x * 2, BOTH_DTYPES),
        ("input_modified", lambda x: x * 2, lambda x: x.mul_(2), VECTORS),
        ("off_by_one", path, lambda w, n: path(w, n)[1:], PATHS),
        ("off_by_one", path, lambda w, n: path(w, n)[:-1], PATHS),
        ("off_by_one", path, lambda w, n: path(w, n + 1), PATHS),
        ("ends_early", path, lambda w, n: path(w, n)[: n // 2 + 1], PATHS),
        ("off_by_one", path, lambda w, n: torch.cat([w[None] * 7, path(w, n)[:-1]]), PATHS),
        ("off_by_one", path, lambda w, n: torch.cat([path(w, n)[:1], path(w, n)[:-1]]), PATHS),
        ("off_by_one", path, lambda w, n: torch.cat([path(w, n)[1:], w[None] * 7]), [(numbers(2), 0), *PATHS]),
        ("state_not_kept", step, state_rebound, steps()),
        ("state_not_kept", step, weights_forgotten, steps()),
        ("right_while_state_is_zero", step, state_ignored, steps()),
        ("returned_not_in_place", step, returned, steps()),
        ("nothing_changed", step, lambda params, velocities, lr: None, steps()),
        ("right_while_state_is_zero", adaptive, adaptive_state_ignored, guided()),
        ("right_for_the_first_step", by_step, lambda w, step: w / step**2, STEPS),
        ("right_for_the_first_step", by_step, lambda w, step: w / step**2, [*STEPS, (torch.zeros(2), 0), (torch.zeros(2), 4)]),
        ("inner_result", lambda x: 2 * x, lambda x: (2 * x,), VECTORS),
        ("not_finite", lambda x: 2 * x, lambda x: 2 * x / (len(x) > 3), [*VECTORS, (numbers(9),), (numbers(11),)]),
        ("bounded", lambda x: float(3 * x.norm()), lambda x: min(float(3 * x.norm()), 4.0), NORMS),
        ("bounded", lambda x: x.log_softmax(0), lambda x: x.softmax(0).clamp(min=1e-8).log(), FAR_APART),
        ("function_of_right", lambda x: x.abs().sum(), lambda x: x.abs().sum().sqrt(), VECTORS),
        ("function_of_right", lambda x: x.sum(), lambda x: 1 / x.sum(), VECTORS),
        ("constant_offset", lambda x: x.mean(), lambda x: x.mean() + 1, VECTORS),
        ("constant_offset", lambda x: 2 * x, lambda x: 2 * x - x.max(), VECTORS),
        ("constant_offset", lambda x: 2 * x.mT, lambda x: 2 * x.mT - x.mT.amax(1, keepdim=True), MATRICES),
        ("constant_offset", lambda x: 2 * x, lambda x: 2 * x - x.amax(1, keepdim=True), [(numbers(2, 1),), *MATRICES]),
        ("rounded_to_digits", lambda x: float(x.mean()), lambda x: round(float(x.mean()), 2), ROLLED),
        ("other_order", lambda x: (x.mean(), x.sum()), lambda x: (x.sum(), x.mean()), VECTORS),
        ("other_order", lambda x: 2 * x, lambda x: 2 * x.flip(0), VECTORS),
        ("other_order", lambda x: 2 * x, lambda x: 2 * x.sort().values, VECTORS),
        ("gradient_lost", lambda x: torch.func.grad(torch.sum)(x), lambda x: torch.autograd.grad(x.sum(), x)[0], VECTORS),
    ],
)  # fmt: skip
def test_a_rule_finds_its_own(rule, right, wrong, calls):
    assert found(right, wrong, calls) == rule


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda x: x.log2(), "1 / log(2), the factor from the natural logarithm to the logarithm to base 2"),
        (lambda x: x.log10(), "1 / log(10)"),
        (lambda x: 3 * x.log(), "missing or one too many"),
    ],
)
def test_a_logarithm_to_another_base_is_told_by_its_factor(wrong, words):
    assert words in said(lambda x: x.log(), wrong, [(call[0].abs(),) for call in VECTORS])


def test_a_late_sequence_is_told_apart_by_the_entry_that_it_begins_with():
    twice = said(path, lambda w, n: torch.cat([path(w, n)[:1], path(w, n)[:-1]]), PATHS)
    other = said(path, lambda w, n: torch.cat([w[None] * 7, path(w, n)[:-1]]), PATHS)
    assert twice.startswith("Your result begins with its first entry twice.")
    assert "entry too many" in other


@pytest.mark.parametrize(
    ("right", "wrong", "calls"),
    [
        (lambda x: x * 2, lambda x: -x * 2 if len(x) > 2 else x * 3, VECTORS),
        (lambda x: x.mean(), lambda x: 3 * x.mean() if len(x) > 2 else 2 * x.mean(), VECTORS),
        (lambda x: x.mean(), lambda x: x.sum() if len(x) > 2 else x.max(), VECTORS),
        (lambda x: x.mean(), lambda x: x.mean() + x[0], VECTORS),
        # Offsets that differ, but by less than the rounding of the one large example.
        (lambda x: 2 * x, lambda x: 2 * x + 1e-3 * x.tanh(), [*VECTORS, (1e6 * numbers(3),)]),
        (lambda x: x.abs().sum(), lambda x: x.abs().sum().sqrt() if len(x) > 2 else x.abs().sum() ** 2, VECTORS),
        (lambda x: x * 2, lambda x: x * 2 + len(x) * torch.arange(len(x)), VECTORS),
        (lambda x: x.sort().values, lambda x: x.sort().values[[0, 0, *range(2, len(x))]], VECTORS),
        (lambda x: x.exp(), lambda x: x.exp() / (0 if len(x) > 2 else 2), VECTORS),
        (lambda x: 10 * x, lambda x: (10 * x).clamp(max=1.0 * len(x)), VECTORS),
        (lambda w: w.sum() > 0, lambda w: w.sum() < 0, VECTORS),  # a guess is right half the time
        (lambda x: x * 2, lambda x: (x * 3).float(), VECTORS),
        (lambda x: x * 2, lambda x: x * 2 * (1 + 1e-8), VECTORS),  # right to eight digits, but not rounded
        (lambda x: x * 2, lambda x: (x * 2 + x * x).float().double(), VECTORS),
        (lambda x: x.float() * 2, lambda x: x.float() * 2, VECTORS),
        (lambda x: x * 0 + 1 - 1e-8, lambda x: x * 0 + 1, VECTORS),  # a difference that has another reason
        (lambda x: x * 2, lambda x: x.mul_(3), VECTORS),
        (lambda x: float(x.sum()), lambda x: float(x.sum()) * (1 if len(x) > 5 else -1), VECTORS),
        (path, lambda w, n: path(w, n)[1:] if n > 3 else path(w, n)[:-1], PATHS),
        (path, lambda w, n: path(w, n + 1)[1:], [(numbers(2), 2), (numbers(3), 2)]),  # of three entries, by chance
        (step, lambda params, velocities, lr: params[0].zero_(), steps()),
        (faded, averaged, FADING),  # where the velocity is zero, beta is, too
        (lambda x: x * 2, lambda x: x / 0 * 0, VECTORS),
        (lambda x: x.mean(), lambda x: x.missing, VECTORS),
        (descend, descend_and_decay, GRADIENTS),
        (descend, descend_and_decay, GRADIENTS[::2]),
        (draw, draw_from_a_seed, DRAWS),
        (
            lambda x, generator: x.mean(),
            lambda x, generator: 3 * x.mean(),
            DRAWS,
        ),  # for these, but random answers need more
        (adaptive, adaptive_state_ignored, guided(confounded=True)),
        (adaptive, adaptive_step_ignored, guided(confounded=True)),
        (adaptive, adaptive_first_only, guided()),
        (path, lambda w, n: path(w, n)[:2], PATHS),  # always after the first pass: an alteration tells more
        (path, lambda w, n: path(w, n)[: n // 2 + 1].flip(0), PATHS),
        (path, lambda w, n: path(w, n) * 0, PATHS),
        (lambda w, n: path(w, n) * 0 + 1, lambda w, n: path(w, n)[1:] * 0 + 1, PATHS),  # which one is missing?
    ],
)
def test_no_rule_holds_where_one_call_does_not_fit(right, wrong, calls):
    assert found(right, wrong, calls) is None


@pytest.mark.parametrize(
    ("rule", "right", "wrong", "calls"),
    [
        ("right_direction", lambda x: 2 * x, lambda x: x / x.norm(), VECTORS),
        ("right_direction", lambda x: 2 * x, lambda x: -x / x.norm(), VECTORS),
        ("right_direction", lambda x: 2 * x, lambda x: x * x.sum(), VECTORS),
        (
            "right_only_if",
            lambda x, p: x**p,
            lambda x, p: x.abs(),
            [(numbers(3, seed=k).abs(), k % 2) for k in range(8)],
        ),
        (
            "right_until",
            along,
            lambda w, num_steps: torch.stack([w.abs() ** k**2 for k in range(num_steps + 1)]),
            [(numbers(2, seed=k).abs(), 4) for k in range(3)],
        ),
        ("only_some_change_right", step, weights_ascend, steps()),
        ("input_changed", lambda x: 2 * x, lambda x: x.add_(1) * x, VECTORS),
        ("wrong_at_one_end", lambda x: 2 * x, lambda x: torch.cat([2 * x[:-1], 0 * x[:1]]), VECTORS),
        ("wrong_at_one_end", lambda x: 2 * x, lambda x: torch.cat([0 * x[:1], 2 * x[1:]]), VECTORS),
        ("wrong_at_one_end", lambda x: 2 * x, lambda x: torch.cat([2 * x[:1], 0 * x[1:]]), VECTORS),
        ("wrong_at_one_end", lambda x: 2 * x, lambda x: torch.cat([0 * x[1:], 2 * x[-1:]]), VECTORS),
    ],
)
def test_where_numbers_go_wrong(rule, right, wrong, calls):
    assert place_of(cases_of(right, wrong, calls)).mistake == rule
    assert found(right, wrong, calls) is None  # which would say how


@pytest.mark.parametrize(
    ("wrong", "calls"),
    [
        (lambda x: torch.cat([2 * x[:1], 0 * x[1:2], 2 * x[2:]]), VECTORS),
        (
            lambda x: torch.cat([2 * x[:-1], 0 * x[:1]]),
            [(numbers(2, seed=k),) for k in range(4)],
        ),  # or only the first is right
        (lambda x: torch.cat([2 * x[:-1], 0 * x[:1]]) if len(x) > 3 else 3 * x, VECTORS),
    ],
)
def test_an_end_is_named_only_if_it_is_the_same_in_results_of_several_lengths(wrong, calls):
    place = place_of(cases_of(lambda x: 2 * x, wrong, calls))
    assert place is None or place.mistake != "wrong_at_one_end"


def test_numbers_have_no_direction():
    def right(x):
        return [float(number) for number in x[:2]]

    def wrong(x):
        return [number * len(x) for number in right(x)]

    message = place_of(cases_of(right, wrong, VECTORS)).message
    assert message.startswith("Your result is a multiple of the right one in every example: the factor differs")


def test_an_exception_says_more_than_a_changed_input():
    def stops(x):
        x.add_(1)
        return x * torch.ones(5)

    assert place_of(cases_of(lambda x: 2 * x, stops, VECTORS)) is None


@pytest.mark.parametrize(
    ("right", "wrong", "calls"),
    [
        (lambda x: 2 * x, lambda x: x + 1 if len(x) == 5 else x / x.norm(), VECTORS),
        (lambda x: x[:1] * 2, lambda x: x[:1] / x.norm(), VECTORS),  # a single number has no direction
        # two properties explain it
        (lambda x, p, q: x**p, lambda x, p, q: x.abs(), [(numbers(3, seed=k).abs(), k % 2, k % 2) for k in range(8)]),
        (lambda x, p: x**p, lambda x, p: x.abs(), [(numbers(3, seed=k).abs(), k % 4) for k in range(6)]),  # too few
        (
            along,
            lambda w, num_steps: along(w, num_steps) * (2 if num_steps > 3 else 1),
            [(numbers(2, seed=k), 2 + k) for k in range(4)],
        ),
    ],
)
def test_no_place_is_told_where_one_call_does_not_fit(right, wrong, calls):
    assert place_of(cases_of(right, wrong, calls)) is None


def test_weights_that_stand_still_are_no_state_that_is_not_kept():
    assert "Either the line that changes them is missing, or it writes" in said(step, weights_forgotten, steps())
    assert "the new state is in tensors of your own" in said(step, state_rebound, steps())


def test_a_result_that_never_changes_is_no_right_one_with_an_offset():
    assert found(lambda x: float(len(x) // 99 + 8), lambda x: 0.0, VECTORS) is None


def test_examples_are_spoken_of_only_where_there_are_examples():
    assert "number of examples" in said(lambda y: y.mean(), lambda y: y.sum(), VECTORS)
    for wrong in (lambda w: w.sum(), lambda w: w.mean() / len(w)):
        words = said(lambda w: w.mean(), wrong, VECTORS)
        assert "`len(w)`" in words
        assert "example" not in words


def test_the_start_and_the_steps_are_spoken_of_only_where_there_are_steps():
    def along(w, num_steps):
        return path(w, num_steps)

    assert said(path, lambda w, n: path(w, n)[1:], PATHS).endswith("all others are right.")
    assert "begins with the start, before the first step" in said(along, lambda w, n: path(w, n)[1:], PATHS)


def test_one_number_shows_no_factor():
    assert found(lambda x: x.mean(), lambda x: 3 * x.mean(), VECTORS[:1]) is None


@pytest.mark.parametrize("kind", [*sorted(idle_lines.SURE), idle_lines.CAUGHT, idle_lines.FLOOR, idle_lines.ROUND])
def test_a_line_that_shows_a_slip_is_told_with_its_number(kind):
    assert lost_result([(7, kind)]).message.startswith("Line 7 ")


def test_every_rule_is_tried_here():
    tried = {mark.args[1][k][0] for mark in test_a_rule_finds_its_own.pytestmark for k in range(len(mark.args[1]))}
    assert tried == set(RULES)


@pytest.mark.parametrize(
    ("factor", "told"), [(3.0, "3 times"), (0.25, "0.25 times"), (1e10, "1e+10 times"), (2e-20, "2e-20 times")]
)
def test_a_factor_is_told_as_it_is_however_large(factor, told):
    assert f"is {told} the right value" in said(lambda x: x.mean(), lambda x: factor * x.mean(), VECTORS)


# -- numpy

ARRAYS = [(numbers(n, seed=n).numpy(),) for n in (2, 3, 5, 7)]
GRIDS = [(numbers(n, 2, seed=n).numpy(),) for n in (2, 3, 4)]


@pytest.mark.parametrize(
    ("wrong", "calls", "name", "words"),
    [
        (lambda x: -2 * x, ARRAYS, "opposite_sign", "the opposite sign"),
        (lambda x: 6 * x, ARRAYS, "constant_factor", "3 times the right value"),
        (lambda x: 2 * x * len(x), ARRAYS, "sum_for_mean", "n is `len(x)`"),
        (lambda x: (2 * x).astype(np.float32), ARRAYS, "dtype_changed", "float32 instead of float64"),
        (lambda x: (2 * x).astype(np.float32).astype(float), ARRAYS, "rounded_to_float32", "Look for `np.float32`"),
        (lambda x: (2 * x)[:, None], ARRAYS, "shape_changed", "(2, 1) instead of (2,)"),
        (lambda x: (2 * x).T, GRIDS[1:], "transposed", "Rows and columns of the result"),
        (lambda x: np.multiply(2, x, out=x), ARRAYS, "input_modified", "so that it makes a new array"),
    ],
)
def test_arrays_are_told_as_tensors_are(wrong, calls, name, words):
    diagnosis = structure_of(cases_of(lambda x: 2 * x, wrong, [(call[0].copy(),) for call in calls]))
    assert diagnosis.mistake == name
    assert words in diagnosis.message
    assert "tensor" not in diagnosis.message


def test_an_array_in_place_of_a_tensor_is_no_pattern():
    assert found(lambda x: 2 * x, lambda x: (2 * x).numpy(), VECTORS) is None


def test_a_gradient_left_on_an_input_is_told():
    assert "leaves a gradient" in said(slope, slope_by_backward, LEAVES)
    assert found(slope, lambda w: 2 * slope_by_backward(w), LEAVES) != "left_on_input"


def test_a_relation_may_hold_of_the_direct_calls_alone(monkeypatch):
    """A program may make a gradient of the results, which has another relation to the right one, or none."""
    direct = cases_of(lambda x: x.mean(), lambda x: x.mean() + 1, VECTORS)
    others = cases_of(lambda x: x.mean(), lambda x: x.max() ** 3, VECTORS)
    places = {id(one) for one in others if one.arguments}  # which are read before they are said to be a program's
    monkeypatch.setattr(Case, "is_program", property(lambda case: id(case) in places))
    assert structure_of([*direct, *others]).mistake == "constant_offset"
    longer = cases_of(lambda x: x, lambda x: x[None], VECTORS)
    assert structure_of([*longer, *others]).mistake == "shape_changed"
    assert structure_of([*longer[:2], *others]) is None  # too few
    assert structure_of(others) is None


def test_numbers_that_differ_elsewhere_too_are_not_called_bounded():
    def wrong(x):
        return x.softmax(0).clamp(min=1e-8).log() + 1e-3 * x.abs()

    assert found(lambda x: x.log_softmax(0), wrong, FAR_APART) != "bounded"
