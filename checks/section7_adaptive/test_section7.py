"""Section 7: choosing the step."""

import math
from dataclasses import replace

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.toolkit.check import check
from grader.toolkit.closeness import EXACT, expect, expect_close, expect_value_error
from grader.toolkit.steps import Steps
from grader.toolkit.tensors import with_gaps

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
from .strategies import adaptive_updates, from_zero_state, sweeps, weights_and_updates

CHANGES = {
    "adagrad_step": ("params", "square_sums"),
    "rmsprop_step": ("params", "square_averages"),
    "adam_step": ("params", "first_moments", "second_moments"),
}
UNCHANGED = {
    "diagnose_learning_rates": 0.1,
    "update_ratio": 0.1,
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


@check("bold_driver", points=0.8)
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
@check("bold_driver", points=0.4, needs=["bold_driver_grows_or_shrinks"])
def test_bold_driver_at_a_loss_that_is_not_finite(student):
    """Lowers the learning rate at a loss of NaN, infinity or minus infinity, also repeatedly."""
    pairs = [(1.0, bad) for bad in NOT_FINITE] + [(bad, bad) for bad in NOT_FINITE] + [(math.nan, 1.0)]
    for previous, loss in pairs:
        expect_close({"new lr": (student.bold_driver(0.1, previous, loss, grow=1.2, shrink=0.7), 0.1 * 0.7)})


@check("bold_driver", points=0.2, needs=["bold_driver_grows_or_shrinks"])
def test_bold_driver_defaults(student):
    """Uses 1.05 and 0.5 by default, for every size of lr; `grow` comes before `shrink`."""
    expect_close({"lr after a success": (student.bold_driver(0.2, 2.0, 1.0), 0.2 * 1.05)})
    expect_close({"lr after a failure": (student.bold_driver(0.2, 1.0, 2.0), 0.2 * 0.5)})
    for lr in (1e-7, 1e7):
        expect_close({f"lr after a success at {lr:g}": (student.bold_driver(lr, 2.0, 1.0), lr * 1.05)}, SMALL)
    expect_close({"lr after a success": (student.bold_driver(0.2, 2.0, 1.0, 1.5, 0.25), 0.2 * 1.5)})


@check("bold_driver", points=0.2, needs=["bold_driver_grows_or_shrinks"])
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


@check("bold_driver", points=0.15, needs=["bold_driver_grows_or_shrinks"])
def test_bold_driver_rejects(student):
    """Raises ValueError for lr < 0, and accepts lr = 0."""
    with expect_value_error("lr"):
        student.bold_driver(-0.1, 2.0, 1.0)
    expect_close({"the next lr after 0": (student.bold_driver(0.0, 2.0, 1.0), 0.0)})


# -- inverse_time_decay

FIRST_RATES = st.sampled_from((0.8, 0.1, 1.0, 0.01))
DECAYS = st.sampled_from((1.0, 0.5, 0.01, 3.0))


@check("inverse_time_decay", points=0.5)
@given(lr0=FIRST_RATES, step=st.sampled_from((3, 1, 0, 10, 1000)), decay=DECAYS)
def test_inverse_time_decay_formula(student, lr0, step, decay):
    """Returns lr0 / (1 + decay * step)."""
    expect_close({"lr": (student.inverse_time_decay(lr0, step, decay), lr0 / (1 + decay * step))})


@check("inverse_time_decay", points=0.4)
@given(lr0=FIRST_RATES, decay=DECAYS)
@settings(max_examples=5)
def test_inverse_time_decay_follows_torch(student, lr0, decay):
    """Agrees with torch.optim.Adagrad and its lr_decay."""
    for step in range(4):
        got = student.inverse_time_decay(lr0, step, decay)
        expect_close({f"lr of step {step}": (got, decayed_lr(lr0, step, decay))})


@check("inverse_time_decay", points=0.2, needs=["inverse_time_decay_formula"])
@given(lr0=FIRST_RATES, decay=DECAYS)
@settings(max_examples=5)
def test_inverse_time_decay_at_its_ends(student, lr0, decay):
    """Starts at lr0, stays there for decay 0, and goes to 0 otherwise."""
    expect_close({"lr of step 0": (student.inverse_time_decay(lr0, 0, decay), lr0)})
    expect_close({"lr of step 10^9": (student.inverse_time_decay(lr0, 10**9, decay), lr0 / (1 + decay * 10**9))}, SMALL)
    expect_close({"lr without decay": (student.inverse_time_decay(lr0, 1000, 0.0), lr0)})


@check("inverse_time_decay", points=0.4, needs=["inverse_time_decay_formula"])
@given(lr0=FIRST_RATES, half_life=st.sampled_from((2, 10, 1000, 10**9)))
@settings(max_examples=5)
def test_inverse_time_decay_halves(student, lr0, half_life):
    """Halves the learning rate after 1 / decay steps, and divides it by 3 after 2 / decay steps."""
    for times in (1, 2, 9):
        got = student.inverse_time_decay(lr0, times * half_life, 1 / half_life)
        expect_close({f"lr after {times} / decay steps": (got, lr0 / (times + 1))})


# -- diagnose_learning_rates


def expect_verdicts(got, expected):
    expect(set(got) == set(expected), "The keys of the result are not the learning rates of `curves`.")
    expect_close({f"verdict on lr {lr:g}": (got[lr], verdict) for lr, verdict in expected.items()})


@check("diagnose_learning_rates", points=1.25)
@given(sweep=sweeps())
@settings(max_examples=40)
def test_diagnose_a_sweep(student, sweep):
    """Judges each learning rate by the fall of its loss, in comparison with the best run."""
    expect_verdicts(student.diagnose_learning_rates(sweep.curves, sweep.tolerance), sweep.verdicts)


@check("diagnose_learning_rates", points=0.4, needs=["diagnose_a_sweep"])
def test_diagnose_losses_that_are_not_finite(student):
    """Says "diverges" for a NaN or infinity at any step; a run that diverges is never the best."""
    for bad in NOT_FINITE:
        for place in range(3):
            losses = [4.0, 3.0, 0.5]
            losses[place] = bad
            curves = {0.1: [4.0, 1.0], 1.0: losses, 0.01: [4.0, 3.0], 0.3: [4.0, 1.0625]}
            expected = {0.1: "good", 1.0: "diverges", 0.01: "too low", 0.3: "good"}
            expect_verdicts(student.diagnose_learning_rates(curves), expected)


# Not for a last loss that equals the first. So one mutant survives:
# diagnose_learning_rates: `losses[-1] <= losses[0]` -> `(losses[-1] < losses[0])`
@check("diagnose_learning_rates", points=0.4, needs=["diagnose_a_sweep"])
def test_diagnose_by_the_first_and_the_last_loss(student):
    """Compares last losses only; a run diverges if its last loss is above its first, by any amount."""
    curves = {
        0.01: [2.0, 1.999],
        0.1: [2.0, 1.0],
        0.3: [2.0, 9.0, 1.0625],
        1.0: [2.0, 0.25, 1.75],
        3.0: [2.0, 0.25, 2.001],
        10.0: [2.0, 1e12, 1.999],
    }
    verdicts = ("too low", "good", "good", "too high", "diverges", "too high")
    expect_verdicts(student.diagnose_learning_rates(curves), dict(zip(curves, verdicts, strict=True)))


@check("diagnose_learning_rates", points=0.2, needs=["diagnose_a_sweep"])
def test_diagnose_by_the_fall_of_the_best_run(student):
    """Takes the tolerance of the fall of the best run, also if runs start from different losses."""
    curves = {0.01: [100.0, 1.5], 0.1: [2.0, 1.0], 1.0: [1.125, 1.0625]}
    expect_verdicts(student.diagnose_learning_rates(curves), {0.01: "too low", 0.1: "good", 1.0: "good"})
    curves = {0.01: [1.5, 1.4], 0.1: [11.0, 1.0], 1.0: [5.0, 2.5]}
    expect_verdicts(student.diagnose_learning_rates(curves), {0.01: "good", 0.1: "good", 1.0: "too high"})


@check("diagnose_learning_rates", points=0.2, needs=["diagnose_a_sweep"])
@given(sweep=sweeps(), unit=st.sampled_from((1000.0, 0.001, 8.0)), shift=st.sampled_from((-7.0, 50.0, -2.0)))
@settings(max_examples=10)
def test_diagnose_in_any_unit(student, sweep, unit, shift):
    """Gives the same verdicts on the losses in another unit, and on losses with a constant added, also if negative."""
    curves = {lr: [unit * (loss + shift) for loss in losses] for lr, losses in sweep.curves.items()}
    expect_verdicts(student.diagnose_learning_rates(curves, sweep.tolerance), sweep.verdicts)


@check("diagnose_learning_rates", points=0.2, needs=["diagnose_a_sweep"])
def test_diagnose_equal_runs(student):
    """Of equally low last losses, takes the run with the smallest rate as the best, in any order."""
    runs = {0.01: [2.0, 1.9], 0.1: [2.0, 0.5], 0.2: [2.0, 1.5], 0.4: [2.0, 0.5], 1.0: [2.0, 1.75]}
    expected = {0.01: "too low", 0.1: "good", 0.2: "too high", 0.4: "good", 1.0: "too high"}
    for order in ((0.01, 0.1, 0.2, 0.4, 1.0), (1.0, 0.4, 0.2, 0.1, 0.01), (0.4, 0.01, 1.0, 0.1, 0.2)):
        expect_verdicts(student.diagnose_learning_rates({lr: runs[lr] for lr in order}), expected)


@check("diagnose_learning_rates", points=0.25, needs=["diagnose_a_sweep"])
@given(sweep=sweeps(tolerances=(0.65, 0.01)))
@settings(max_examples=20)
def test_diagnose_respects_the_tolerance(student, sweep):
    """Uses the argument `tolerance`, 0.1 by default; 0 leaves only the best run."""
    expect_verdicts(student.diagnose_learning_rates(sweep.curves, sweep.tolerance), sweep.verdicts)
    runs = {0.1: [2.0, 1.0], 1.0: [2.0, 1.08], 3.0: [2.0, 1.12]}
    expect_verdicts(student.diagnose_learning_rates(runs), {0.1: "good", 1.0: "good", 3.0: "too high"})
    expect_verdicts(student.diagnose_learning_rates(runs, 0.0), {0.1: "good", 1.0: "too high", 3.0: "too high"})


@check("diagnose_learning_rates", points=0.25, needs=["diagnose_a_sweep"])
def test_diagnose_any_number_of_runs(student):
    """Accepts no runs, one run, runs that all diverge, and losses in tensors."""
    expect_verdicts(student.diagnose_learning_rates({}), {})
    expect_verdicts(student.diagnose_learning_rates({0.1: [2.0, 1.75]}), {0.1: "good"})
    expected = {0.1: "diverges", 1.0: "diverges"}
    expect_verdicts(student.diagnose_learning_rates({0.1: [2.0, 3.0], 1.0: [2.0, math.nan]}), expected)
    for dtype in (torch.float64, torch.float32):
        runs = {0.1: [2.0, 1.75, 1.0], 1.0: [2.0, 1.0, 1.5], 3.0: [2.0, math.inf, 1.0], 0.01: [2.0, 1.75]}
        curves = {lr: torch.tensor(losses, dtype=dtype) for lr, losses in runs.items()}
        expected = {0.1: "good", 1.0: "too high", 3.0: "diverges", 0.01: "too low"}
        expect_verdicts(student.diagnose_learning_rates(curves), expected)


@check("diagnose_learning_rates", points=0.25, needs=["diagnose_a_sweep"])
def test_diagnose_gradient_descent(student):
    """Judges gradient descent on a bowl of curvature L at seven rates from 0.0001 / L to 10,000 / L."""
    expected = {
        1e-4: "too low", 0.01: "too low", 0.5: "good", 1.0: "good", 1.995: "too high", 2.1: "diverges", 1e4: "diverges",
    }  # fmt: skip
    curves = {}
    for relative_lr in expected:
        # Each step multiplies the distance by 1 - lr * L; at 1e4 it overflows.
        distances = [abs(1 - relative_lr) ** step for step in range(60)]
        curves[relative_lr] = [d * d if d < 1e150 else math.inf for d in distances]
    expect_verdicts(student.diagnose_learning_rates(curves), expected)


@check("diagnose_learning_rates", points=0.25, needs=["diagnose_a_sweep"])
def test_diagnose_rejects(student):
    """Raises ValueError for a run without losses, and for tolerance < 0; accepts a tolerance of 0."""
    for curves in ({0.1: []}, {0.1: [2.0, 1.0], 1.0: torch.tensor([], dtype=torch.float64)}):
        with expect_value_error("curves"):
            student.diagnose_learning_rates(curves)
    for curves in ({0.1: [2.0, 1.0]}, {}):
        with expect_value_error("tolerance"):
            student.diagnose_learning_rates(curves, tolerance=-0.1)
    student.diagnose_learning_rates({0.1: [2.0, 1.0]}, tolerance=0.0)


# -- update_ratio


def log_ratio(update, weights):
    """By sums of squares in Python, and logarithms of base 2."""
    squares = (math.fsum(float(x) ** 2 for x in tensor.flatten()) for tensor in (update, weights))
    top, bottom = map(math.log2, squares)
    return (top - bottom) / 2 / math.log2(10)


@check("update_ratio", points=0.75)
@given(step=weights_and_updates())
@settings(max_examples=20)
def test_update_ratio_of_a_step(student, step):
    """Returns log10 of the norm of each update over the norm of its weights."""
    params, updates = step
    expected = [log_ratio(update, weights) for weights, update in zip(params, updates, strict=True)]
    expect_close({"ratios": (student.update_ratio(params, updates), expected)})


@check("update_ratio", points=0.25, needs=["update_ratio_of_a_step"])
def test_update_ratio_counts_decades(student):
    """Falls by 1 for an update that is ten times smaller, and rises by 1 for weights that are ten times smaller."""
    w = vector(3.0, -4.0, 12.0)
    for decades in (-6, -3, -1, 0, 2):
        for scale in (1.0, 1e-4, 1e6):
            got = student.update_ratio([scale * w], [scale * 10.0**decades * w.flip(0)])
            expect_close({"ratios": (got, [float(decades)])})


@check("update_ratio", points=0.3, needs=["update_ratio_of_a_step"])
def test_update_ratio_of_whole_tensors(student):
    """Gives one number per tensor, from all its entries together, in the order of the tensors."""
    matrix, bias = torch.tensor([[3.0, 0.0], [0.0, 4.0]], dtype=torch.float64), vector(0.5, 0.0)
    update, small = torch.tensor([[0.0, 0.0], [0.0, 0.5]], dtype=torch.float64), vector(0.0, 0.005)
    expect_close({"ratios": (student.update_ratio([matrix, bias], [update, small]), [-1.0, -2.0])})
    expect_close({"ratios": (student.update_ratio([bias, matrix], [small, update]), [-2.0, -1.0])})
    got = student.update_ratio([matrix.reshape(1, 4, 1), bias[0]], [update.reshape(1, 4, 1), -small[1]])
    expect_close({"ratios": (got, [-1.0, -2.0])})


@check("update_ratio", points=0.35, needs=["update_ratio_of_a_step"])
def test_update_ratio_of_zeros(student):
    """Is minus infinity for an update of zero, also of weights of zero, and infinity for another update of these."""
    zero, w, small = vector(0.0, 0.0), vector(30.0, 40.0), vector(0.0, -1e-12)
    got = student.update_ratio([w, zero, zero, w], [zero, zero, small, 0.1 * w])
    expect_close({"ratios": (got, [-math.inf, -math.inf, math.inf, -1.0])})


@check("update_ratio", points=0.15, needs=["update_ratio_of_a_step"])
def test_update_ratio_of_no_tensors(student):
    """Returns an empty list for no tensors."""
    expect_close({"number of ratios": (len(student.update_ratio([], [])), 0)})


@check("update_ratio", points=0.1, needs=["update_ratio_of_a_step"])
def test_update_ratio_respects_its_arguments(student):
    """Accepts float32, non-contiguous tensors, and parameters that require grad."""
    w, update = torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, 0.5]])
    for params, updates in (
        ([w], [update]),
        ([torch.nn.Parameter(w)], [update]),
        ([w.clone().requires_grad_()], [torch.nn.Parameter(update)]),
        ([with_gaps(w)], [with_gaps(update)]),
    ):
        expect_close({"ratios": (student.update_ratio(params, updates), [-1.0])}, (1e-6, 0.0))


# -- adagrad_step


@check("adagrad_step", points=0.6)
@given(problem=adaptive_updates())
def test_adagrad_one_step(student, problem):
    """Changes sums and weights by the definition in one step from sums above zero."""

    def definition(expected, grads, step):
        for w, g, s in zip(expected.params, grads, expected.squares, strict=True):
            s.add_(g * g)
            w.addcdiv_(g, s.sqrt() + expected.eps, value=-expected.lr)

    expect_follows(student, problem, ADAGRAD, definition)


@check("adagrad_step", points=0.5)
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


@check("adagrad_step", points=0.2, needs=["adagrad_one_step"])
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


@check("adagrad_step", points=0.2, needs=["adagrad_one_step"])
def test_adagrad_rests_without_gradient(student):
    """A gradient of zero changes neither weights nor sums, also while the sums are zero."""
    for sums in (vector(0.0, 0.0), vector(4.0, 0.25)):
        w = vector(1.0, -2.0)
        _, after = student.adagrad_step([w], [vector(0.0, 0.0)], [sums], lr=0.1, eps=1e-10)
        expect_close({"sum of squares": (after.square_sums, [sums]), "weights": (after.params, [w])}, EXACT)


@check("adagrad_step", points=0.2, needs=["adagrad_one_step"])
def test_adagrad_ignores_the_scale_of_the_loss(student):
    """Takes the same steps if all gradients are multiplied by a constant."""
    expect_scale_is_ignored(student, ADAGRAD)


@check("adagrad_step", points=0.2, needs=["adagrad_one_step"])
def test_adagrad_treats_each_weight_alone(student):
    """Each weight's steps depend on its own gradients only, in any order and shape."""
    expect_each_weight_alone(student, ADAGRAD)


@check("adagrad_step", points=0.1, needs=["adagrad_one_step"])
def test_adagrad_default_eps(student):
    """Uses eps = 1e-10 by default: a gradient of 1e-10 makes half of the first step."""
    _, after = student.adagrad_step([vector(1.0)], [vector(1e-10)], [vector(0.0)], lr=0.5)
    expected = {"sum of squares": (after.square_sums, [vector(1e-20)]), "weights": (after.params, [vector(0.75)])}
    expect_close(expected, SMALL)


@check("adagrad_step", points=0.1, needs=["adagrad_one_step"])
def test_adagrad_respects_its_arguments(student):
    """Keeps float32, accepts requires_grad and non-contiguous tensors."""
    expect_accepts_any_layout(student, ADAGRAD)


@check("adagrad_step", points=0.15, needs=["adagrad_one_step"])
def test_adagrad_rejects(student):
    """Raises ValueError for lr < 0 and for eps < 0; accepts 0 for both."""
    for name, bad in (("lr", -0.1), ("eps", -1e-8)):
        with expect_value_error(name):
            student.adagrad_step([vector(1.0)], [vector(1.0)], [vector(0.0)], **({"lr": 0.1} | {name: bad}))
    _, after = student.adagrad_step([vector(1.0)], [vector(2.0)], [vector(0.0)], lr=0.0, eps=0.0)
    expect_close({"weights after a step with lr and eps 0": (after.params, [vector(1.0)])})


@check("adagrad_step", points=0.4, needs=["adagrad_one_step", "adagrad_follows_torch"])
def test_adagrad_trains_mnist(student, note):
    """On MNIST, reaches a loss that gradient descent with the same lr and 40 steps misses."""
    expect_trains_mnist(student, note, ADAGRAD)


# -- rmsprop_step


@check("rmsprop_step", points=0.6)
@given(problem=adaptive_updates())
def test_rmsprop_one_step(student, problem):
    """Changes averages and weights by the definition in one step from averages above zero."""

    def definition(expected, grads, step):
        for w, g, s in zip(expected.params, grads, expected.squares, strict=True):
            s.copy_(expected.alpha * s + (1 - expected.alpha) * g * g)
            w.addcdiv_(g, s.sqrt() + expected.eps, value=-expected.lr)

    expect_follows(student, problem, RMSPROP, definition)


@check("rmsprop_step", points=0.5)
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


@check("rmsprop_step", points=0.2, needs=["rmsprop_one_step"])
def test_rmsprop_rests_without_gradient(student):
    """A gradient of zero moves no weight, and only shrinks the averages."""
    for averages in (vector(0.0, 0.0), vector(4.0, 0.25)):
        w = vector(1.0, -2.0)
        _, after = student.rmsprop_step([w], [vector(0.0, 0.0)], [averages], lr=0.1, alpha=0.75, eps=1e-8)
        faded = (after.square_averages, [0.75 * averages])
        expect_close({"average of squares": faded, "weights": (after.params, [w])})


@check("rmsprop_step", points=0.2, needs=["rmsprop_one_step"])
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


@check("rmsprop_step", points=0.1, needs=["rmsprop_one_step"])
def test_rmsprop_respects_its_arguments(student):
    """Keeps float32, accepts requires_grad and non-contiguous tensors."""
    expect_accepts_any_layout(student, RMSPROP)


@check("rmsprop_step", points=0.15, needs=["rmsprop_one_step"])
def test_rmsprop_rejects(student):
    """Raises ValueError for lr < 0, eps < 0 and alpha outside [0, 1); accepts 0 for each."""
    for name, bad in (("lr", -0.1), ("eps", -1e-8), ("alpha", -0.1), ("alpha", 1.0), ("alpha", 1.5)):
        with expect_value_error(name):
            student.rmsprop_step([vector(1.0)], [vector(1.0)], [vector(0.0)], **({"lr": 0.1} | {name: bad}))
    _, after = student.rmsprop_step([vector(1.0)], [vector(2.0)], [vector(0.0)], lr=0.5, alpha=0.0, eps=TINY)
    expect_close({"weights after a step with alpha 0": (after.params, [vector(0.5)])})
    _, after = student.rmsprop_step([vector(1.0)], [vector(2.0)], [vector(0.0)], lr=0.0, eps=0.0)
    expect_close({"weights after a step with lr and eps 0": (after.params, [vector(1.0)])})


@check("rmsprop_step", points=0.4, needs=["rmsprop_one_step", "rmsprop_follows_torch"])
def test_rmsprop_trains_mnist(student, note):
    """On MNIST, reaches a loss that gradient descent with the same lr and 40 steps misses."""
    expect_trains_mnist(student, note, RMSPROP)


# -- adam_step


@check("adam_step", points=0.4)
@given(problem=adaptive_updates(steps=2))
@settings(max_examples=10)
def test_adam_moments(student, problem):
    """Keeps uncorrected moving averages of the gradients and of their squares."""
    expected, own = problem.copy(), problem
    steps = Steps({"first moment": problem.moments, "second moment": problem.squares}, problem.first_step)
    for step, grads in problem.numbered():
        for g, m, v in zip(grads, expected.moments, expected.squares, strict=True):
            m.copy_(expected.beta1 * m + (1 - expected.beta1) * g)
            v.copy_(expected.beta2 * v + (1 - expected.beta2) * g * g)
        own, now = ADAM.ask(student, own, grads, step), expected.copy()
        steps.expect_close({"first moment": (own.moments, now.moments), "second moment": (own.squares, now.squares)})


@check("adam_step", points=0.4)
@given(problem=adaptive_updates())
def test_adam_one_step(student, problem):
    """Changes moments and weights by the definition in one step, for any step number."""

    def definition(expected, grads, step):
        for w, g, m, v in zip(expected.params, grads, expected.moments, expected.squares, strict=True):
            m.copy_(expected.beta1 * m + (1 - expected.beta1) * g)
            v.copy_(expected.beta2 * v + (1 - expected.beta2) * g * g)
            m_hat, v_hat = m / (1 - expected.beta1**step), v / (1 - expected.beta2**step)
            w.addcdiv_(m_hat, v_hat.sqrt() + expected.eps, value=-expected.lr)

    expect_follows(student, problem, ADAM, definition)


@check("adam_step", points=0.6)
@given(problem=adaptive_updates(steps=4))
@settings(max_examples=10)
def test_adam_follows_torch(student, problem):
    """Four steps in a row end where torch.optim.Adam ends."""
    expect_follows(student, problem, ADAM, ADAM.torch)


@check("adam_step", points=0.4, needs=["adam_one_step"])
def test_adam_first_step_is_the_sign(student):
    """The first step moves each weight by lr against the sign of its gradient, or not at gradient 0."""
    for beta1, beta2 in ((0.9, 0.999), (0.5, 0.5), (0.0, 0.99)):
        start, gradient = vector(1.0, 2.0, -1.0, 3.0), vector(2.0, -0.01, 300.0, 0.0)
        problem = replace(from_zero_state(start, gradient[None], lr=0.1, eps=TINY), beta1=beta1, beta2=beta2)
        expect_same_path(student, problem, ADAM, [start - 0.1 * gradient.sign()])


@check("adam_step", points=0.2, needs=["adam_one_step"])
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


@check("adam_step", points=0.1, needs=["adam_one_step"])
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


@check("adam_step", points=0.15, needs=["adam_one_step"])
def test_adam_rejects(student):
    """Raises ValueError for step < 1, lr < 0, eps < 0, and betas outside [0, 1); accepts lr, eps and betas of 0."""
    tensors = [vector(1.0)], [vector(2.0)], [vector(0.0)], [vector(0.0)]
    bad_values = {"step": (0, -1), "lr": (-0.1,), "eps": (-1e-8,), "beta1": (-0.1, 1.0, 1.5), "beta2": (-0.1, 1.0, 1.5)}
    for name, values in bad_values.items():
        for bad in values:
            with expect_value_error(name):
                student.adam_step(*tensors, **({"step": 1, "lr": 0.1} | {name: bad}))
    _, after = student.adam_step(*tensors, step=1, lr=0.5, beta1=0.0, beta2=0.0, eps=TINY)
    expect_close({"weights after a step with beta1 and beta2 0": (after.params, [vector(0.5)])})
    _, after = student.adam_step(*tensors, step=1, lr=0.0, eps=0.0)
    expect_close({"weights after a step with lr and eps 0": (after.params, [vector(1.0)])})


@check("adam_step", points=0.4, needs=["adam_one_step", "adam_follows_torch"])
def test_adam_trains_mnist(student, note):
    """On MNIST, reaches a loss that gradient descent with the same lr and 40 steps misses."""
    expect_trains_mnist(student, note, ADAM)
