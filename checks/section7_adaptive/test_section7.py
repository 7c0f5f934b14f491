"""Section 7: choosing the step."""

import math
from dataclasses import replace

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.toolkit.check import check
from grader.toolkit.closeness import EXACT, expect, expect_close, expect_value_error

from ..shared.programs import step_and_refill
from .oracles import (
    ADAGRAD,
    ADAM,
    RMSPROP,
    decayed_lr,
    expect_accepts_any_layout,
    expect_each_weight_alone,
    expect_follows,
    expect_same_path,
    expect_scale_is_ignored,
    expect_trains_mnist,
)
from .strategies import adaptive_updates, from_zero_state, loss_curves

CHANGES = {
    "adagrad_step": ("params", "square_sums"),
    "rmsprop_step": ("params", "square_averages"),
    "adam_step": ("params", "first_moments", "second_moments"),
}
UNCHANGED = {
    "classify_learning_rate": 0.25,
    "adagrad_step": 0.1,
    "rmsprop_step": 0.1,
    "adam_step": 0.1,
}
FORBIDDEN = {
    "torch.optim": (
        ("adagrad_step", "rmsprop_step", "adam_step"),
        "the update rule is what you are asked to write, with arithmetic on tensors",
    )
}
NOT_FINITE = (math.nan, math.inf, -math.inf)
TINY = 1e-15  # an eps without visible effect, and not 0
SMALL = (1e-9, 0.0)  # for tiny state: every difference counts


def vector(*numbers):
    return torch.tensor(numbers, dtype=torch.float64)


# -- bold_driver


@check("bold_driver", points=1)
@given(
    lr=st.sampled_from((0.1, 0.5, 2.0, 0.001)),
    losses=st.lists(st.sampled_from((2.0, 1.0, -1.0, 0.0, -3.5, 1e6, 1e-9)), min_size=2, max_size=2, unique=True),
    grow=st.sampled_from((1.05, 1.5, 1.2)),
    shrink=st.sampled_from((0.5, 0.7, 0.1)),
)
def test_bold_driver_grows_or_shrinks(student, lr, losses, grow, shrink):
    """Raises the learning rate if the loss fell, and lowers it if the loss rose."""
    expected = lr * grow if losses[1] < losses[0] else lr * shrink
    expect_close({"new lr": (student.bold_driver(lr, *losses, grow=grow, shrink=shrink), expected)})


@check("bold_driver", points=0.25, needs=["bold_driver_grows_or_shrinks"])
def test_bold_driver_at_an_equal_loss(student):
    """Lowers the learning rate at an equal loss, and raises it after the smallest fall."""
    for loss in (2.0, 0.0, -1.5):
        expect_close({"new lr": (student.bold_driver(0.1, loss, loss, grow=1.2, shrink=0.7), 0.1 * 0.7)})
    for loss in (2.0, -1.5):
        got = student.bold_driver(0.1, loss, loss - 1e-12, grow=1.2, shrink=0.7)
        expect_close({"new lr after a fall of 1e-12": (got, 0.1 * 1.2)})


# From an infinite loss to a finite one, both answers are right: the loss fell, and one of the two losses is not finite.
@check("bold_driver", points=0.5, needs=["bold_driver_grows_or_shrinks"])
def test_bold_driver_at_a_loss_that_is_not_finite(student):
    """Lowers the learning rate at a loss of NaN, infinity or minus infinity, also repeatedly."""
    pairs = [(1.0, bad) for bad in NOT_FINITE] + [(bad, bad) for bad in NOT_FINITE] + [(math.nan, 1.0)]
    for previous, loss in pairs:
        expect_close({"new lr": (student.bold_driver(0.1, previous, loss, grow=1.2, shrink=0.7), 0.1 * 0.7)})


@check("bold_driver", points=0.25, needs=["bold_driver_grows_or_shrinks"])
def test_bold_driver_defaults(student):
    """Uses 1.05 and 0.5 by default, for every size of lr; `grow` comes before `shrink`."""
    expect_close({"lr after a success": (student.bold_driver(0.2, 2.0, 1.0), 0.2 * 1.05)})
    expect_close({"lr after a failure": (student.bold_driver(0.2, 1.0, 2.0), 0.2 * 0.5)})
    for lr in (1e-7, 1e7):
        expect_close({f"lr after a success at {lr:g}": (student.bold_driver(lr, 2.0, 1.0), lr * 1.05)}, SMALL)
    expect_close({"lr after a success": (student.bold_driver(0.2, 2.0, 1.0, 1.5, 0.25), 0.2 * 1.5)})


@check("bold_driver", points=0.25, needs=["bold_driver_grows_or_shrinks"])
def test_bold_driver_finds_a_rate_that_works(student):
    """Leads gradient descent to the minimum from a learning rate that is far too high or too low."""
    curvature = 10.0  # stable below lr = 0.2
    for first_lr in (1000.0, 0.001):
        lr, w = first_lr, 1.0
        for _ in range(200):
            proposal = w - lr * curvature * w
            before, after = curvature * w * w / 2, curvature * proposal * proposal / 2
            lr = student.bold_driver(lr, before, after)
            w = proposal if after < before else w
        expect(
            abs(w) < 1e-6,
            f"With lr {first_lr:g} at the start, the distance to the minimum is {abs(w):.2g} after 200 steps.",
        )


# A submission may also refuse lr = 0. So this mutant survives:
# bold_driver: `lr >= 0` -> `(lr > 0)`
@check("bold_driver", points=0.25, needs=["bold_driver_grows_or_shrinks"])
def test_bold_driver_rejects(student):
    """Raises ValueError for lr < 0."""
    with expect_value_error("lr"):
        student.bold_driver(-0.1, 2.0, 1.0)


# -- inverse_time_decay

FIRST_RATES = st.sampled_from((0.8, 0.1, 1.0, 0.01))
DECAYS = st.sampled_from((1.0, 0.5, 0.01, 3.0))


@check("inverse_time_decay", points=0.75)
@given(lr0=FIRST_RATES, step=st.sampled_from((3, 1, 0, 10, 1000)), decay=DECAYS)
def test_inverse_time_decay_formula(student, lr0, step, decay):
    """Returns lr0 / (1 + decay * step)."""
    expect_close({"lr": (student.inverse_time_decay(lr0, step, decay), lr0 / (1 + decay * step))})


@check("inverse_time_decay", points=0.5)
@given(lr0=FIRST_RATES, decay=DECAYS)
@settings(max_examples=5)
def test_inverse_time_decay_follows_torch(student, lr0, decay):
    """Agrees with torch.optim.Adagrad and its lr_decay."""
    for step in range(4):
        got = student.inverse_time_decay(lr0, step, decay)
        expect_close({f"lr of step {step}": (got, decayed_lr(lr0, step, decay))})


@check("inverse_time_decay", points=0.25, needs=["inverse_time_decay_formula"])
@given(lr0=FIRST_RATES, decay=DECAYS)
@settings(max_examples=5)
def test_inverse_time_decay_at_its_ends(student, lr0, decay):
    """Starts at lr0, stays there for decay 0, and goes to 0 otherwise."""
    expect_close({"lr of step 0": (student.inverse_time_decay(lr0, 0, decay), lr0)})
    expect_close({"lr of step 10^9": (student.inverse_time_decay(lr0, 10**9, decay), lr0 / (1 + decay * 10**9))}, SMALL)
    expect_close({"lr without decay": (student.inverse_time_decay(lr0, 1000, 0.0), lr0)})


@check("inverse_time_decay", points=0.5, needs=["inverse_time_decay_formula"])
@given(lr0=FIRST_RATES, half_life=st.sampled_from((2, 10, 1000, 10**9)))
@settings(max_examples=5)
def test_inverse_time_decay_halves(student, lr0, half_life):
    """Halves the learning rate after 1 / decay steps, and divides it by 3 after 2 / decay steps."""
    for times in (1, 2, 9):
        got = student.inverse_time_decay(lr0, times * half_life, 1 / half_life)
        expect_close({f"lr after {times} / decay steps": (got, lr0 / (times + 1))})


# -- classify_learning_rate


def expect_verdict(got, expected):
    expect(got == expected, f'The verdict is "{got[:20]}", but should be "{expected}".')


@check("classify_learning_rate", points=1)
@given(curve=loss_curves())
@settings(max_examples=30)
def test_classify_by_the_relative_drop(student, curve):
    """Judges finite curves by the drop from first to last loss, relative to the first."""
    expect_verdict(student.classify_learning_rate(curve.losses, min_drop=0.1), curve.verdict)


@check("classify_learning_rate", points=0.5, needs=["classify_by_the_relative_drop"])
def test_classify_losses_that_are_not_finite(student):
    """Says "too high" for a NaN or infinity at any step, also if the loss recovers."""
    for bad in NOT_FINITE:
        for place in range(4):
            losses = [4.0, 3.0, 2.0, 1.0]
            losses[place] = bad
            expect_verdict(student.classify_learning_rate(losses), "too high")


@check("classify_learning_rate", points=0.5, needs=["classify_by_the_relative_drop"])
def test_classify_a_loss_that_did_not_fall(student):
    """Says "too high" if the last loss is not below the first; other losses do not matter."""
    for losses in ([2.0, 1.0, 2.0], [2.0, 3.0, 2.0], [-1.0, -1.0], [0.5]):
        expect_verdict(student.classify_learning_rate(losses), "too high")
    for losses in ([1.0, 0.9999], [0.9999, 1.0, 0.9998]):
        expect_verdict(student.classify_learning_rate(losses), "too low")
    for losses in ([1.0, 1e12, 0.5], [0.001, 1.0, 0.0005]):  # for any finite losses in between
        expect_verdict(student.classify_learning_rate(losses), "good")


@check("classify_learning_rate", points=0.25, needs=["classify_by_the_relative_drop"])
@given(curve=loss_curves(sign=-1.0))
def test_classify_negative_losses(student, curve):
    """Divides by the absolute value of a negative first loss."""
    expect_verdict(student.classify_learning_rate(curve.losses, min_drop=0.1), curve.verdict)


# Not at a drop of exactly min_drop, where rounding decides. So one mutant survives:
# classify_learning_rate: `first - last < min_drop * abs(first)` -> `(first - last <= min_drop * abs(first))`
@check("classify_learning_rate", points=0.25, needs=["classify_by_the_relative_drop"])
@given(curves=st.tuples(loss_curves(min_drop=0.5), loss_curves(min_drop=0.02)))
def test_classify_respects_min_drop(student, curves):
    """Uses the argument min_drop, 0.1 by default."""
    for curve, min_drop in zip(curves, (0.5, 0.02), strict=True):
        expect_verdict(student.classify_learning_rate(curve.losses, min_drop), curve.verdict)
    expect_verdict(student.classify_learning_rate([2.0, 1.7]), "good")
    expect_verdict(student.classify_learning_rate([2.0, 1.9]), "too low")


@check("classify_learning_rate", points=0.25, needs=["classify_by_the_relative_drop"])
def test_classify_gradient_descent(student):
    """Judges gradient descent on a bowl at 2.1 / L, 1 / L and 0.0001 / L, in any unit."""
    cases = {2.1: "too high", 1e4: "too high", 1.0: "good", 1.5: "good", 1e-4: "too low"}
    for relative_lr, expected in cases.items():
        for unit in (1.0, 1000.0, 0.001):
            # Each step multiplies the distance by 1 - lr * L; at 1e4 it overflows. The 1 is the loss at the minimum.
            distances = [abs(1 - relative_lr) ** step for step in range(60)]
            losses = [unit * (1 + d * d if d < 1e150 else math.inf) for d in distances]
            expect_verdict(student.classify_learning_rate(losses), expected)


# -- adagrad_step


@check("adagrad_step", points=0.75)
@given(problem=adaptive_updates())
def test_adagrad_one_step(student, problem):
    """Changes sums and weights by the definition in one step from sums above zero."""

    def definition(expected, grads, step):
        for w, g, s in zip(expected.params, grads, expected.squares, strict=True):
            s.add_(g * g)
            w.sub_(expected.lr * g / (s.sqrt() + expected.eps))

    expect_follows(student, problem, ADAGRAD, definition)


@check("adagrad_step", points=0.75)
@given(problem=adaptive_updates(steps=4))
@settings(max_examples=10)
def test_adagrad_follows_torch(student, problem):
    """Four steps in a row end where torch.optim.Adagrad ends."""
    expect_follows(student, problem, ADAGRAD, ADAGRAD.torch)


@check("adagrad_step", points=0.25, needs=["adagrad_one_step"])
def test_adagrad_fades_like_one_over_root_t(student):
    """Under a constant gradient from sums of zero, step t moves each weight by lr / sqrt(t)."""
    start, gradient = vector(1.0, 2.0, -1.0), vector(2.0, -0.01, 300.0)
    problem = from_zero_state(start, gradient.expand(10, 3), lr=0.1, eps=TINY)
    moved = [sum(0.1 / math.sqrt(t) for t in range(1, step + 1)) for step in range(1, 11)]
    expect_same_path(student, problem, ADAGRAD, [start - way * gradient.sign() for way in moved])


@check("adagrad_step", points=0.25, needs=["adagrad_one_step"])
@given(problem=adaptive_updates(steps=4))
@settings(max_examples=5)
def test_adagrad_rate_never_rises(student, problem):
    """The effective learning rate of a weight, its step divided by its gradient, never rises."""
    rates = [torch.full_like(w, math.inf) for w in problem.params]
    for step, grads in problem.numbered():
        before, problem = problem.params, ADAGRAD.ask(student, problem, grads, step)
        for place, (old, new, g) in enumerate(zip(before, problem.params, grads, strict=True)):
            rate = torch.where(g == 0, rates[place], (old - new) / g)  # without a gradient there is no step to measure
            expect(
                bool((rate <= rates[place] + 1e-9).all()),
                f"The effective learning rate of a weight rises at step {step}.",
            )
            rates[place] = rate


@check("adagrad_step", points=0.25, needs=["adagrad_one_step"])
def test_adagrad_rests_without_gradient(student):
    """A gradient of zero changes neither weights nor sums, also while the sums are zero."""
    for sums in (vector(0.0, 0.0), vector(4.0, 0.25)):
        w = vector(1.0, -2.0)
        _, after = student.adagrad_step([w], [vector(0.0, 0.0)], [sums], lr=0.1, eps=1e-10)
        expect_close({"sum of squares": (after.square_sums, [sums]), "weights": (after.params, [w])}, EXACT)


@check("adagrad_step", points=0.25, needs=["adagrad_one_step"])
def test_adagrad_ignores_the_scale_of_the_loss(student):
    """Takes the same steps if all gradients are multiplied by a constant."""
    expect_scale_is_ignored(student, ADAGRAD)


@check("adagrad_step", points=0.25, needs=["adagrad_one_step"])
def test_adagrad_treats_each_weight_alone(student):
    """Each weight's steps depend on its own gradients only, in any order and shape."""
    expect_each_weight_alone(student, ADAGRAD)


@check("adagrad_step", points=0.25, needs=["adagrad_one_step"])
def test_adagrad_default_eps(student):
    """Uses eps = 1e-10 by default: a gradient of 1e-10 makes half of the first step."""
    _, after = student.adagrad_step([vector(1.0)], [vector(1e-10)], [vector(0.0)], lr=0.5)
    expected = {"sum of squares": (after.square_sums, [vector(1e-20)]), "weights": (after.params, [vector(0.75)])}
    expect_close(expected, SMALL)


@check("adagrad_step", points=0.15, needs=["adagrad_one_step"])
def test_adagrad_respects_its_arguments(student):
    """Keeps float32, accepts requires_grad and non-contiguous tensors."""
    expect_accepts_any_layout(student, ADAGRAD)


# A submission may also refuse 0. So two mutants survive:
# adagrad_step: `lr >= 0` -> `(lr > 0)`
# adagrad_step: `eps >= 0` -> `(eps > 0)`
@check("adagrad_step", points=0.25, needs=["adagrad_one_step"])
def test_adagrad_rejects(student):
    """Raises ValueError for lr < 0 and for eps < 0."""
    for name, bad in (("lr", -0.1), ("eps", -1e-8)):
        with expect_value_error(name):
            student.adagrad_step([vector(1.0)], [vector(1.0)], [vector(0.0)], **({"lr": 0.1} | {name: bad}))


@check("adagrad_step", points=0.5, needs=["adagrad_one_step", "adagrad_follows_torch"])
def test_adagrad_trains_mnist(student, note):
    """On MNIST, reaches a loss that gradient descent with the same lr and 40 steps misses."""
    expect_trains_mnist(student, note, ADAGRAD)


# -- rmsprop_step


@check("rmsprop_step", points=0.75)
@given(problem=adaptive_updates())
def test_rmsprop_one_step(student, problem):
    """Changes averages and weights by the definition in one step from averages above zero."""

    def definition(expected, grads, step):
        for w, g, s in zip(expected.params, grads, expected.squares, strict=True):
            s.copy_(expected.alpha * s + (1 - expected.alpha) * g * g)
            w.sub_(expected.lr * g / (s.sqrt() + expected.eps))

    expect_follows(student, problem, RMSPROP, definition)


@check("rmsprop_step", points=0.75)
@given(problem=adaptive_updates(steps=4))
@settings(max_examples=10)
def test_rmsprop_follows_torch(student, problem):
    """Four steps in a row end where torch.optim.RMSprop ends."""
    expect_follows(student, problem, RMSPROP, RMSPROP.torch)


@check("rmsprop_step", points=0.5, needs=["rmsprop_one_step"])
def test_rmsprop_under_a_constant_gradient(student):
    """Under a constant gradient, from zero, step t moves each weight by lr / sqrt(1 - alpha^t)."""
    start, gradient = vector(1.0, 2.0, -1.0), vector(2.0, -0.01, 300.0)
    for alpha in (0.99, 0.5, 0.0):
        problem = replace(from_zero_state(start, gradient.expand(10, 3), lr=0.1, eps=TINY), alpha=alpha)
        moved = [sum(0.1 / math.sqrt(1 - alpha**t) for t in range(1, step + 1)) for step in range(1, 11)]
        expect_same_path(student, problem, RMSPROP, [start - way * gradient.sign() for way in moved])


@check("rmsprop_step", points=0.25, needs=["rmsprop_one_step"])
def test_rmsprop_rests_without_gradient(student):
    """A gradient of zero moves no weight, and only shrinks the averages."""
    for averages in (vector(0.0, 0.0), vector(4.0, 0.25)):
        w = vector(1.0, -2.0)
        _, after = student.rmsprop_step([w], [vector(0.0, 0.0)], [averages], lr=0.1, alpha=0.75, eps=1e-8)
        faded = (after.square_averages, [0.75 * averages])
        expect_close({"average of squares": faded, "weights": (after.params, [w])})


@check("rmsprop_step", points=0.25, needs=["rmsprop_one_step"])
def test_rmsprop_ignores_the_scale_of_the_loss(student):
    """Takes the same steps if all gradients are multiplied by a constant."""
    expect_scale_is_ignored(student, RMSPROP)


@check("rmsprop_step", points=0.25, needs=["rmsprop_one_step"])
def test_rmsprop_treats_each_weight_alone(student):
    """Each weight's steps depend on its own gradients only, in any order and shape."""
    expect_each_weight_alone(student, RMSPROP)


@check("rmsprop_step", points=0.25, needs=["rmsprop_one_step"])
def test_rmsprop_defaults(student):
    """Uses alpha = 0.99 and eps = 1e-8 by default."""
    # The root of the average is 0.1 * 1e-7, as large as eps.
    _, after = student.rmsprop_step([vector(1.0)], [vector(1e-7)], [vector(0.0)], lr=0.1)
    averages = (after.square_averages, [vector(1e-16)])
    expect_close({"average of squares": averages, "weights": (after.params, [vector(0.5)])}, SMALL)


@check("rmsprop_step", points=0.15, needs=["rmsprop_one_step"])
def test_rmsprop_respects_its_arguments(student):
    """Keeps float32, accepts requires_grad and non-contiguous tensors."""
    expect_accepts_any_layout(student, RMSPROP)


# A submission may also refuse 0. So two mutants survive:
# rmsprop_step: `lr >= 0` -> `(lr > 0)`
# rmsprop_step: `eps >= 0` -> `(eps > 0)`
@check("rmsprop_step", points=0.25, needs=["rmsprop_one_step"])
def test_rmsprop_rejects(student):
    """Raises ValueError for lr < 0, eps < 0 and alpha outside [0, 1); accepts alpha = 0."""
    for name, bad in (("lr", -0.1), ("eps", -1e-8), ("alpha", -0.1), ("alpha", 1.0), ("alpha", 1.5)):
        with expect_value_error(name):
            student.rmsprop_step([vector(1.0)], [vector(1.0)], [vector(0.0)], **({"lr": 0.1} | {name: bad}))
    _, after = student.rmsprop_step([vector(1.0)], [vector(2.0)], [vector(0.0)], lr=0.5, alpha=0.0, eps=TINY)
    expect_close({"weights after a step with alpha 0": (after.params, [vector(0.5)])})


@check("rmsprop_step", points=0.5, needs=["rmsprop_one_step", "rmsprop_follows_torch"])
def test_rmsprop_trains_mnist(student, note):
    """On MNIST, reaches a loss that gradient descent with the same lr and 40 steps misses."""
    expect_trains_mnist(student, note, RMSPROP)


# -- adam_step


@check("adam_step", points=0.5)
@given(problem=adaptive_updates(steps=2))
@settings(max_examples=10)
def test_adam_moments(student, problem):
    """Keeps uncorrected moving averages of the gradients and of their squares."""
    expected, own = problem.copy(), problem
    for step, grads in problem.numbered():
        for g, m, v in zip(grads, expected.moments, expected.squares, strict=True):
            m.copy_(expected.beta1 * m + (1 - expected.beta1) * g)
            v.copy_(expected.beta2 * v + (1 - expected.beta2) * g * g)
        own = ADAM.ask(student, own, grads, step)
        expect_close(
            {
                f"first moment after step {step}": (own.moments, expected.moments),
                f"second moment after step {step}": (own.squares, expected.squares),
            }
        )


@check("adam_step", points=0.5)
@given(problem=adaptive_updates())
def test_adam_one_step(student, problem):
    """Changes moments and weights by the definition in one step, for any step number."""

    def definition(expected, grads, step):
        for w, g, m, v in zip(expected.params, grads, expected.moments, expected.squares, strict=True):
            m.copy_(expected.beta1 * m + (1 - expected.beta1) * g)
            v.copy_(expected.beta2 * v + (1 - expected.beta2) * g * g)
            m_hat, v_hat = m / (1 - expected.beta1**step), v / (1 - expected.beta2**step)
            w.sub_(expected.lr * m_hat / (v_hat.sqrt() + expected.eps))

    expect_follows(student, problem, ADAM, definition)


@check("adam_step", points=0.75)
@given(problem=adaptive_updates(steps=4))
@settings(max_examples=10)
def test_adam_follows_torch(student, problem):
    """Four steps in a row end where torch.optim.Adam ends."""
    expect_follows(student, problem, ADAM, ADAM.torch)


@check("adam_step", points=0.5, needs=["adam_one_step"])
def test_adam_first_step_is_the_sign(student):
    """The first step moves each weight by lr against the sign of its gradient, or not at gradient 0."""
    for beta1, beta2 in ((0.9, 0.999), (0.5, 0.5), (0.0, 0.99)):
        start, gradient = vector(1.0, 2.0, -1.0, 3.0), vector(2.0, -0.01, 300.0, 0.0)
        problem = replace(from_zero_state(start, gradient[None], lr=0.1, eps=TINY), beta1=beta1, beta2=beta2)
        expect_same_path(student, problem, ADAM, [start - 0.1 * gradient.sign()])


@check("adam_step", points=0.25, needs=["adam_one_step"])
def test_adam_keeps_its_pace_under_a_constant_gradient(student):
    """Under a constant gradient, every step moves each weight by lr, also late steps."""
    start, gradient = vector(1.0, 2.0, -1.0), vector(2.0, -0.01, 300.0)
    problem = replace(from_zero_state(start, gradient.expand(10, 3), lr=0.1, eps=TINY), beta2=0.999)
    expect_same_path(student, problem, ADAM, [start - 0.1 * step * gradient.sign() for step in range(1, 11)])
    for steps in (100, 1500):  # the moments after this many steps, in closed form
        late = replace(from_zero_state(start, gradient[None], lr=0.1, eps=TINY), beta2=0.999, first_step=steps + 1)
        late.moments[0].copy_(gradient * (1 - late.beta1**steps))
        late.squares[0].copy_(gradient**2 * (1 - late.beta2**steps))
        expect_same_path(student, late, ADAM, [start - 0.1 * gradient.sign()])


@check("adam_step", points=0.25, needs=["adam_one_step"])
@given(problem=adaptive_updates(steps=2))
@settings(max_examples=10)
def test_adam_without_momentum_is_rmsprop(student, problem):
    """With beta1 = 0 and after very many steps, agrees with RMSprop with alpha = beta2."""
    problem = own = replace(problem, beta1=0.0, beta2=0.5, alpha=0.5, first_step=10_000)
    expected = problem.copy()
    for step, grads in problem.numbered():
        RMSPROP.torch(expected, grads, step)
        own = ADAM.ask(student, own, grads, step)
        expect_close(
            {
                f"second moment after step {step}": (own.squares, expected.squares),
                f"weights after step {step}": (own.params, expected.params),
            }
        )


@check("adam_step", points=0.25, needs=["adam_one_step"])
def test_adam_ignores_the_scale_of_the_loss(student):
    """Takes the same steps if all gradients are multiplied by a constant."""
    expect_scale_is_ignored(student, ADAM)


@check("adam_step", points=0.25, needs=["adam_one_step"])
def test_adam_treats_each_weight_alone(student):
    """Each weight's steps depend on its own gradients only, in any order and shape."""
    expect_each_weight_alone(student, ADAM)


@check("adam_step", points=0.25, needs=["adam_one_step"])
def test_adam_defaults(student):
    """Uses beta1 = 0.9, beta2 = 0.999 and eps = 1e-8 by default."""
    # The root of the corrected second moment is as large as eps.
    _, after = student.adam_step([vector(1.0)], [vector(1e-8)], [vector(0.0)], [vector(0.0)], step=1, lr=0.5)
    moments = {
        "first moment": (after.first_moments, [vector(1e-9)]),
        "second moment": (after.second_moments, [vector(1e-19)]),
    }
    expect_close({**moments, "weights": (after.params, [vector(0.75)])}, SMALL)


@check("adam_step", points=0.15, needs=["adam_one_step"])
def test_adam_respects_its_arguments(student):
    """Keeps float32, accepts requires_grad and non-contiguous tensors, keeps no reference to grads."""
    expect_accepts_any_layout(student, ADAM)
    # With beta1 = 0 the first moment has the gradient's values. It still needs its own tensor.
    gradient = vector(2.0, -4.0)
    state = {"params": [vector(1.0, 2.0)], "first_moments": [vector(0.5, 1.0)], "second_moments": [vector(0.0, 0.0)]}
    numbers = {"step": 1, "lr": 0.1, "beta1": 0.0, "beta2": 0.5, "eps": TINY}
    left = student.run(step_and_refill, "adam_step", [gradient], tuple(state), **state, **numbers)
    expected = [[vector(0.9, 2.1)], [gradient], [vector(2.0, 8.0)]]
    expect_close({"weights and moments, after the gradient's tensor was overwritten": (left, expected)})


# A submission may also refuse 0. So two mutants survive:
# adam_step: `lr >= 0` -> `(lr > 0)`
# adam_step: `eps >= 0` -> `(eps > 0)`
@check("adam_step", points=0.25, needs=["adam_one_step"])
def test_adam_rejects(student):
    """Raises ValueError for step < 1, lr < 0, eps < 0, and betas outside [0, 1)."""
    tensors = [vector(1.0)], [vector(2.0)], [vector(0.0)], [vector(0.0)]
    bad_values = {"step": (0, -1), "lr": (-0.1,), "eps": (-1e-8,), "beta1": (-0.1, 1.0, 1.5), "beta2": (-0.1, 1.0, 1.5)}
    for name, values in bad_values.items():
        for bad in values:
            with expect_value_error(name):
                student.adam_step(*tensors, **({"step": 1, "lr": 0.1} | {name: bad}))
    _, after = student.adam_step(*tensors, step=1, lr=0.5, beta1=0.0, beta2=0.0, eps=TINY)
    expect_close({"weights after a step with beta1 and beta2 0": (after.params, [vector(0.5)])})


@check("adam_step", points=0.5, needs=["adam_one_step", "adam_follows_torch"])
def test_adam_trains_mnist(student, note):
    """On MNIST, reaches a loss that gradient descent with the same lr and 40 steps misses."""
    expect_trains_mnist(student, note, ADAM)
