"""Section 4: poor conditioning and momentum."""

import math
from dataclasses import replace

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.optim.sgd import sgd

from grader.toolkit.check import check
from grader.toolkit.closeness import expect, expect_close, expect_trajectory, expect_unchanged, expect_value_error
from grader.toolkit.secret import expect_state_of, secret
from grader.toolkit.steps import Steps
from grader.toolkit.strategies import clones
from grader.toolkit.tensors import with_gaps
from grader.toolkit.thresholds import threshold

from ..shared.gradients import gradient_of
from ..shared.kept_models import all_same
from ..shared.problems import Quadratic, Quartic, spread_spectrum, starting_values
from ..shared.programs import step_and_refill
from ..shared.strategies import fixed_update, reflect, spectra, updates
from . import programs, two_weights
from .convergence import CHOICE, MOMENTUM
from .oracles import hessian_of
from .problems import BowlLoss, NetworkLoss, SeparateLoss

CHANGES = {
    "momentum_step": ("params", "velocities"),
    "nesterov_step": ("params", "velocities"),
}
UNCHANGED = {
    "condition_number": 0.1,
    "max_stable_lr": 0.05,
    "momentum_step": 0.1,
    "nesterov_step": 0.05,
    "minimize_with_momentum": 0.05,
}
FORBIDDEN = {
    "torch.optim": (
        ("momentum_step", "nesterov_step", "minimize_with_momentum"),
        "the update rule is what you are asked to write, with arithmetic on tensors",
    ),
    (
        "torch.func.hessian",
        "torch.autograd.functional.hessian",
        "torch.linalg.eigvalsh",
        "torch.linalg.eigh",
        "torch.linalg.eigvals",
        "torch.linalg.eig",
        "torch.lobpcg",
    ): (("sharpness",), "it needs the whole Hessian; multiply vectors by the Hessian instead"),
}
EIGENVALUES = (1e-8, 1e-10)  # relative and absolute: the accuracy of an eigensolver for these small matrices
SINGLE = (1e-4, 1e-7)  # the same, for float32

# Not square, not symmetric, or with an eigenvalue below zero: each clearly so.
# None is singular, since rounding decides the sign of an eigenvalue of 0. So this mutant survives:
# condition_number: `eigenvalues[0] <= 0` -> `(eigenvalues[0] < 0)`
NOT_POSITIVE_DEFINITE = (
    torch.ones(2, 3, dtype=torch.float64),
    torch.tensor([[2.0, 1.0], [0.0, 2.0]], dtype=torch.float64),
    torch.tensor([[2e-3, 1e-3], [0.0, 2e-3]], dtype=torch.float64),  # flat: the tolerance must depend on the scale
    torch.tensor([[2.0, 1.0], [1.02, 2.0]], dtype=torch.float64),
    torch.tensor([[1.0, 0.0], [0.0, -2.0]], dtype=torch.float64),
    torch.tensor([[-1.0, 0.0], [0.0, -2.0]], dtype=torch.float64),
)


def torch_sgd(problem, grads, nesterov):
    """One step of the rule of torch.optim.SGD, on `problem` itself.

    In its functional form: the class takes a second to construct, since it imports torch's compiler.
    """
    sgd(
        problem.params, grads, problem.velocities, weight_decay=0.0, momentum=problem.beta, lr=problem.lr,
        dampening=0.0, nesterov=nesterov, maximize=False, foreach=False,
    )  # fmt: skip


def expect_same_state(got, expected, when):
    """Compare velocities and weights; `when` is, for example, "after step 1"."""
    expect_close(
        {
            f"velocity {when}": (got.velocities, expected.velocities),
            f"weights {when}": (got.params, expected.params),
        }
    )


def take_step(student, rule, problem, grads):
    """The state after one step of an update rule on copies of a problem's state."""
    _, after = getattr(student, rule)(problem.params, grads, problem.velocities, lr=problem.lr, beta=problem.beta)
    return after


# -- condition_number


@check("condition_number", points=1)
@given(spectrum=spectra())
def test_condition_number_of_known_spectrum(student, spectrum):
    """Returns largest / smallest for a matrix with known eigenvalues."""
    expected = spectrum.largest / spectrum.smallest
    expect_close({"condition number": (student.condition_number(spectrum.matrix), expected)}, EIGENVALUES)


@check("condition_number", points=0.25, needs=["condition_number_of_known_spectrum"])
@given(spectrum=spectra(), scale=st.sampled_from((8.0, 0.001, 1e6, 1e-6)))
def test_condition_number_ignores_scale(student, spectrum, scale):
    """Multiplying the matrix by a constant does not change the condition number."""
    expected = spectrum.largest / spectrum.smallest
    expect_close({"condition number": (student.condition_number(scale * spectrum.matrix), expected)}, EIGENVALUES)


@check("condition_number", points=0.1, needs=["condition_number_of_known_spectrum"])
def test_condition_number_of_float32_and_rounded_matrices(student):
    """Accepts float32, and a matrix that is symmetric up to rounding."""
    rounded = torch.tensor([[2.0, 1.0 + 1e-9], [1.0, 2.0]], dtype=torch.float64)
    single = torch.tensor([[2.0, 1.0], [1.0, 2.0]], dtype=torch.float32)
    for matrix in (rounded, 1e6 * rounded, single):
        expect_close({"condition number": (student.condition_number(matrix), 3.0)}, (1e-4, 1e-4))


@check("condition_number", points=0.3, needs=["condition_number_of_known_spectrum"])
def test_condition_number_rejects(student):
    """A matrix that is not square, not symmetric or not positive definite raises ValueError."""
    for matrix in NOT_POSITIVE_DEFINITE:
        with expect_value_error("hessian"):
            student.condition_number(matrix)


# -- max_stable_lr


@check("max_stable_lr", points=0.6)
@given(spectrum=spectra())
def test_max_stable_lr_of_known_spectrum(student, spectrum):
    """Returns 2 / largest for a matrix with known eigenvalues."""
    expect_close({"largest stable lr": (student.max_stable_lr(spectrum.matrix), 2 / spectrum.largest)}, EIGENVALUES)


@check("max_stable_lr", points=0.15, needs=["max_stable_lr_of_known_spectrum"])
@given(spectrum=spectra(dtype=torch.float32), scale=st.sampled_from((8.0, 0.0078125)))
@settings(max_examples=10)
def test_max_stable_lr_scales(student, spectrum, scale):
    """A loss that is c times as steep gives a learning rate 1 / c times as large; accepts float32."""
    expected = 2 / (scale * spectrum.largest)
    expect_close({"largest stable lr": (student.max_stable_lr(scale * spectrum.matrix), expected)}, SINGLE)


@check("max_stable_lr", points=0.15, needs=["max_stable_lr_of_known_spectrum"])
@given(spectrum=spectra())
@settings(max_examples=5)
def test_max_stable_lr_is_the_border(student, spectrum):
    """Gradient descent converges at 0.99 times this learning rate, and diverges at 1.01 times."""
    lr = student.max_stable_lr(spectrum.matrix)
    lengths = {}
    for factor in (0.99, 1.01):
        step = torch.eye(len(spectrum.matrix), dtype=torch.float64) - factor * lr * spectrum.matrix
        # 2^11 steps at once, by squaring: the remaining distance along the worst direction.
        for _ in range(11):
            step = step @ step
        lengths[factor] = float(torch.linalg.matrix_norm(step, 2))
    expect(lengths[0.99] < 1, f"Gradient descent diverges at 0.99 times {lr:.6g}.")
    expect(lengths[1.01] > 1, f"Gradient descent still converges at 1.01 times {lr:.6g}.")


@check("max_stable_lr", points=0.05, needs=["max_stable_lr_of_known_spectrum"])
def test_max_stable_lr_rejects(student):
    """A matrix that is not square, not symmetric or not positive definite raises ValueError."""
    for matrix in NOT_POSITIVE_DEFINITE:
        with expect_value_error("hessian"):
            student.max_stable_lr(matrix)


# -- sharpness

ENOUGH = 50  # iterations, where the second eigenvalue is at most half of the first in absolute value: 0.5^100 < 1e-30
CONVERGED = (1e-7, 1e-9)
# The largest first, by a factor of 2; negative ones are smaller in absolute value, or all are equal.
SPECTRA = ([8.0, 2.0], [3.0], [10.0, 4.0, 1.0], [6.0, -3.0, 1.0, 0.5], [2e4, 0.0], [-4.0, -4.0], [2.0, 2.0, 2.0])
# Networks whose other eigenvalues are at most 0.72 of the largest in absolute value: 0.72^240 < 1e-34.
NETWORKS, ENOUGH_FOR_NETWORKS = (0, 7, 9, 11, 17, 19), 120
SPLITS = ([(1,)], [(2,)], [(1,), ()], [(3,)], [(1, 2), ()], [(4,)], [(2, 2)], [(), (1, 1), (2,)], [(1,), (3,)])


def split(numbers, shapes):
    """A vector as a list of tensors of these shapes."""
    parts = numbers.split([math.prod(shape) for shape in shapes])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


@st.composite
def bowls(draw):
    """A rotated bowl, its largest eigenvalue, and parameters of several shapes at a point of it."""
    spectrum = torch.tensor(draw(st.sampled_from(SPECTRA)), dtype=torch.float64)
    dim = len(spectrum)
    normal = torch.tensor(draw(st.sampled_from([[0.0] * dim, [1.0, 2.0, -1.0, 0.5][:dim]])), dtype=torch.float64)
    hessian = reflect(torch.diag(spectrum), normal)
    shapes = draw(st.sampled_from([split for split in SPLITS if sum(map(math.prod, split)) == dim]))
    return BowlLoss((hessian + hessian.T) / 2), float(spectrum[0]), split(torch.arange(1.0, dim + 1).double(), shapes)


# One mutant survives: a start in float32, multiplied in float64, is as random.
# sharpness: `torch.randn(p.shape, generator=generator, dtype=p.dtype)` -> `(torch.randn(p.shape, generator=generator))`
@check("sharpness", points=1)
@given(bowl=bowls(), seed=st.integers(0, 99))
@settings(max_examples=15)
def test_sharpness_of_a_bowl(student, bowl, seed):
    """On a bowl with known curvatures, returns the largest, over all tensors of `params` together."""
    loss, largest, params = bowl
    generator = torch.Generator().manual_seed(seed)
    found = student.run(programs.sharpness_of, loss, params, ENOUGH, generator)
    expect_close({"largest eigenvalue": (found, largest)}, CONVERGED)


@check("sharpness", points=0.65, needs=["sharpness_of_a_bowl"])
@given(seed=st.sampled_from(NETWORKS))
@settings(max_examples=6)
def test_sharpness_of_a_network(student, seed):
    """For a small network, agrees with the largest eigenvalue of its whole Hessian, also in float32."""
    loss, params = NetworkLoss.small(seed)
    eigenvalues = torch.linalg.eigvalsh(hessian_of(loss, params))
    generators = [torch.Generator().manual_seed(seed) for _ in range(2)]
    found = student.run(programs.sharpness_of, loss, params, ENOUGH_FOR_NETWORKS, generators[0])
    expect_close({"largest eigenvalue": (found, float(eigenvalues[-1]))}, CONVERGED)
    narrow = [param.float() for param in params]
    found = student.run(programs.sharpness_of, loss.float(), narrow, ENOUGH_FOR_NETWORKS, generators[1])
    expect_close({"largest eigenvalue, in float32": (found, float(eigenvalues[-1]))}, SINGLE)


@check("sharpness", points=0.35, needs=["sharpness_of_a_bowl"])
def test_sharpness_starts_from_the_generator(student):
    """Starts from a Gaussian vector of `generator`, and makes `num_iters` products; one more for the quotient is fine.

    The axis of curvature 3 lies along (1, -1), the other, of curvature 1, along (1, 1). With c the share of the start along
    the first, which is above 0.9 or below 0.1 with probability 0.2 each, one product gives 1 + 2c, or (1 + 26c) / (1 + 8c) with
    the quotient of the next vector. So of 120 starts, both the least and the most extreme are missed with
    probability 2 * 0.8^120 < 1e-11.
    """
    loss = BowlLoss(torch.tensor([[2.0, -1.0], [-1.0, 2.0]], dtype=torch.float64))
    params = [torch.ones(2, dtype=torch.float64)]
    found = student.run(programs.sharpness_of_starts, loss, params, 1, list(range(120)))
    again = student.run(programs.sharpness_of_starts, loss, params, 1, list(range(120)))
    expect_close({"number of results": (len(found), 120)})
    expect_close({"results of the same generator states": (again, found)})
    expect(max(found) <= 3 + 1e-9, "With num_iters = 1, the result is above the largest eigenvalue.")
    expect(min(found) >= 1 - 1e-9, "With num_iters = 1, the result is below the smallest eigenvalue.")
    expect(
        min(found) < 2 < 2.8 < max(found),
        "With num_iters = 1: the 120 starts do not cover all directions.",
    )


@check("sharpness", points=0.35, needs=["sharpness_of_a_bowl"])
def test_sharpness_of_many_weights(student):
    """Works for 200,000 weights, whose Hessian would fill 320 GB."""
    curvatures = torch.ones(200_000, dtype=torch.float64)
    curvatures[1234] = 10.0
    loss, params = SeparateLoss(curvatures), [torch.ones(200_000, dtype=torch.float64)]
    found = student.run(programs.sharpness_of, loss, params, 20, torch.Generator().manual_seed(3))
    expect_close({"largest eigenvalue": (found, 10.0)}, CONVERGED)


@check("sharpness", points=0.1, needs=["sharpness_of_a_bowl"])
def test_sharpness_changes_nothing(student):
    """Leaves the parameters, their `.grad` and torch's global random state unchanged."""
    loss, params = NetworkLoss.small(0)
    seed = secret()
    shapes = [tuple(param.shape) for param in params]
    left, grads, state = student.run(programs.left_by_sharpness, seed, loss, params, torch.Generator().manual_seed(1))
    expect_unchanged("params", left, params, "have other values after your function than before")
    kept = all_same(grads, starting_values(shapes, seed, 1.0, 1.0))
    expect(kept, "Your function changes the .grad of params. Leave it unchanged.")
    expect_state_of(seed, state, "sharpness")


@check("sharpness", points=0.05, needs=["sharpness_of_a_bowl"])
def test_sharpness_rejects(student):
    """num_iters < 1 raises ValueError."""
    loss, params = BowlLoss(torch.eye(1, dtype=torch.float64)), [torch.ones(1, dtype=torch.float64)]
    for bad in (0, -1):
        with expect_value_error("num_iters"):
            student.run(programs.sharpness_of, loss, params, bad, torch.Generator().manual_seed(0))


# -- momentum_step


@check("momentum_step", points=0.8)
@given(problem=updates())
def test_momentum_one_step(student, problem):
    """One step from a non-zero velocity changes velocities and weights by the definition."""
    expected, grads = problem.copy(), problem.gradients[0]
    for w, g, v in zip(expected.params, grads, expected.velocities, strict=True):
        v.mul_(problem.beta).add_(g)
        w.sub_(problem.lr * v)
    expect_same_state(take_step(student, "momentum_step", problem, grads), expected, "after step 1")


@check("momentum_step", points=0.85)
@given(problem=updates(steps=4))
def test_momentum_follows_torch(student, problem):
    """Four consecutive steps end where torch.optim.SGD with momentum ends."""
    _expect_path_of_torch(student, "momentum_step", problem, nesterov=False)


def _expect_path_of_torch(student, rule, problem, nesterov):
    """Consecutive steps of a problem follow the path of torch.optim.SGD."""
    oracle, own = problem.copy(), problem
    steps = Steps({"velocity": problem.velocities, "weights": problem.params})
    for grads in problem.gradients:
        torch_sgd(oracle, clones(grads), nesterov)
        after = take_step(student, rule, own, grads)
        now = oracle.copy()  # the oracle goes on in place
        steps.expect_close({"velocity": (after.velocities, now.velocities), "weights": (after.params, now.params)})
        own = replace(own, params=after.params, velocities=after.velocities)


@check("momentum_step", points=0.35, needs=["momentum_one_step"])
@given(problem=updates(steps=2))
@settings(max_examples=10)
def test_momentum_without_memory_is_gradient_descent(student, problem):
    """With beta = 0, the step is gradient descent, for any velocity."""
    expected, own, steps = problem.params, replace(problem, beta=0.0), Steps({"weights": problem.params})
    for grads in problem.gradients:
        expected = [w - problem.lr * g for w, g in zip(expected, grads, strict=True)]
        after = take_step(student, "momentum_step", own, grads)
        steps.expect_close({"weights": (after.params, expected)})
        own = replace(own, params=after.params, velocities=after.velocities)


@check("momentum_step", points=0.1, needs=["momentum_one_step"])
def test_momentum_respects_its_arguments(student):
    """Accepts float32, requires_grad, non-contiguous tensors and large gradients; does not store grads."""
    _expect_respect(student, "momentum_step", nesterov=False)


def _expect_respect(student, rule, nesterov):
    for shapes in ([(1,)], [(2, 3), (2,), ()]):
        problem = fixed_update(*shapes, dtype=torch.float32)
        oracle, grads = problem.copy(), [with_gaps(g) for g in problem.gradients[0]]
        torch_sgd(oracle, clones(grads), nesterov)
        params = [with_gaps(w).requires_grad_() for w in problem.params]
        own = replace(problem, params=params, velocities=[with_gaps(v) for v in problem.velocities])
        expect_same_state(take_step(student, rule, own, grads), oracle, "after step 1")
    _expect_gradients_of_any_size_to_count(student, rule, nesterov)
    _expect_own_velocity(student, rule, nesterov)


def _expect_gradients_of_any_size_to_count(student, rule, nesterov):
    for size, slopes in (("large", [1000.0, -50.0]), ("small", [0.3, -0.1])):
        problem = replace(fixed_update((2,)), gradients=[[torch.tensor(slopes, dtype=torch.float64)]])
        oracle, grads = problem.copy(), problem.gradients[0]
        torch_sgd(oracle, clones(grads), nesterov)
        expect_same_state(take_step(student, rule, problem, grads), oracle, f"after a step with {size} gradients")


def _expect_own_velocity(student, rule, nesterov):
    """Expect that the velocity shares no memory with the gradient, which the next backward pass overwrites."""
    for start, beta in (([0.0, 0.0], 0.9), ([0.5, -1.0], 0.0)):
        problem = replace(fixed_update((2,)), velocities=[torch.tensor(start, dtype=torch.float64)], beta=beta)
        oracle, grads = problem.copy(), problem.gradients[0]
        torch_sgd(oracle, clones(grads), nesterov)
        state = {"params": problem.params, "velocities": problem.velocities}
        after = student.run(step_and_refill, rule, grads, ("params", "velocities"), **state, lr=problem.lr, beta=beta)
        expect(len(after) == 2, "The weights or the velocities are missing after the step.")
        weights, own = after
        kept = beta == 0 and [v.tolist() for v in own] == [start]  # torch does so, and no later step depends on it
        velocities = oracle.velocities if beta or kept else grads
        pairs = {"velocity": (own, velocities), "weights": (weights, oracle.params)}
        expect_close({f"{label}, after the gradient's tensor has changed": pair for label, pair in pairs.items()})


@check("momentum_step", points=0.05, needs=["momentum_one_step"])
def test_momentum_rejects(student):
    """A negative lr, or a beta outside [0, 1), raises ValueError; 0 is allowed for both."""
    _expect_rejections(student, "momentum_step")


def _expect_rejections(student, step):
    for name, bad in (("lr", -0.1), ("beta", -0.5), ("beta", 1.0), ("beta", 1.5)):
        numbers = {"lr": 0.1, "beta": 0.9} | {name: bad}
        with expect_value_error(name):
            getattr(student, step)([torch.ones(1)], [torch.ones(1)], [torch.zeros(1)], **numbers)
    _, after = getattr(student, step)([torch.ones(1)], [torch.ones(1)], [torch.zeros(1)], lr=0.5, beta=0.0)
    expect_close({"weights after a step with beta 0": (after.params, [torch.full((1,), 0.5)])})
    _, after = getattr(student, step)([torch.ones(1)], [torch.ones(1)], [torch.zeros(1)], lr=0.0, beta=0.9)
    expect_close({"weights after a step with lr 0": (after.params, [torch.ones(1)])})


@check("momentum_step", points=1, needs=["momentum_one_step", "momentum_follows_torch"])
def test_momentum_trains_mnist(student, note):
    """On MNIST, 60 steps reach a loss that 60 steps of gradient descent do not reach.

    The threshold is measured: a right answer is above it with a probability of at most 1e-6 (docs/thresholds.md).
    """
    bound = threshold(__file__, "mnist")
    outcome = MOMENTUM.train(student, seed=0)
    note(f"on MNIST, loss {outcome.loss:.3f} after {MOMENTUM.steps} steps; plain gradient descent {bound.contrast:.3f}")
    expect(
        outcome.deviation is None,
        f"Small examples are right, but step {outcome.deviation} on MNIST does not follow the rule of momentum_step.",
    )
    expect(
        outcome.loss <= bound.threshold,
        f"After {MOMENTUM.steps} steps on MNIST the loss is {outcome.loss:.3f}; momentum reaches {bound.threshold:.3f}.",
    )


# -- nesterov_step


@check("nesterov_step", points=0.65)
@given(problem=updates())
def test_nesterov_one_step(student, problem):
    """One step from a non-zero velocity changes velocities and weights by the definition."""
    expected, grads = problem.copy(), problem.gradients[0]
    for w, g, v in zip(expected.params, grads, expected.velocities, strict=True):
        v.mul_(problem.beta).add_(g)
        w.add_(g + problem.beta * v, alpha=-problem.lr)
    expect_same_state(take_step(student, "nesterov_step", problem, grads), expected, "after step 1")


@check("nesterov_step", points=0.7)
@given(problem=updates(steps=4))
def test_nesterov_follows_torch(student, problem):
    """Four consecutive steps end where torch.optim.SGD with nesterov=True ends."""
    _expect_path_of_torch(student, "nesterov_step", problem, nesterov=True)


@check("nesterov_step", points=0.05, needs=["nesterov_one_step"])
def test_nesterov_respects_its_arguments(student):
    """Accepts float32, requires_grad, non-contiguous tensors and large gradients; does not store grads."""
    _expect_respect(student, "nesterov_step", nesterov=True)


@check("nesterov_step", points=0.05, needs=["nesterov_one_step"])
def test_nesterov_rejects(student):
    """A negative lr, or a beta outside [0, 1), raises ValueError; 0 is allowed for both."""
    _expect_rejections(student, "nesterov_step")


# -- optimal_heavy_ball

CURVATURES = st.sampled_from((1.0, 0.5, 2.0, 0.01, 0.25))
RATIOS = st.sampled_from((4.0, 9.0, 100.0, 1.5, 1000.0))


@check("optimal_heavy_ball", points=0.6)
@given(mu=CURVATURES, kappa=RATIOS)
def test_optimal_heavy_ball_formula(student, mu, kappa):
    """Returns the learning rate and the momentum of Polyak's formula."""
    root_mu, root_L = math.sqrt(mu), math.sqrt(kappa * mu)
    beta = ((root_L - root_mu) / (root_L + root_mu)) ** 2
    lr, momentum = student.optimal_heavy_ball(mu, kappa * mu)
    expect_close({"lr": (lr, (2 / (root_L + root_mu)) ** 2), "beta": (momentum, beta)})


@check("optimal_heavy_ball", points=0.6, needs=["optimal_heavy_ball_formula"])
@given(mu=CURVATURES, kappa=RATIOS)
@settings(max_examples=10)
def test_optimal_heavy_ball_is_fastest(student, mu, kappa):
    """The distance shrinks by sqrt(beta) per step, faster than with similar pairs."""
    L = kappa * mu
    lr, beta = student.optimal_heavy_ball(mu, L)
    best = contraction(lr, beta, mu, L)
    # Both eigenvalues are equal there, and the error of a double root is the square root of the rounding error.
    expect_close({"contraction per step": (best, math.sqrt(beta))}, (1e-6, 1e-6))
    for other_lr, other_beta in ((0.9 * lr, beta), (1.1 * lr, beta), (lr, 0.9 * beta), (lr, 1 - 0.9 * (1 - beta))):
        expect(
            best < contraction(other_lr, other_beta, mu, L) + 1e-6,
            "A similar pair converges faster than yours.",
        )


def contraction(lr, beta, mu, L):
    """The spectral radius of heavy ball on curvatures mu and L: of (w, v) -> (w - lr * (beta v + a w), beta v + a w)."""
    radii = []
    for a in (mu, L):
        matrix = torch.tensor([[1 - lr * a, -lr * beta], [a, beta]], dtype=torch.float64)
        radii.append(float(torch.linalg.eigvals(matrix).abs().max()))
    return max(radii)


@check("optimal_heavy_ball", points=0.2, needs=["optimal_heavy_ball_formula"])
@given(mu=CURVATURES)
@settings(max_examples=5)
def test_optimal_heavy_ball_on_a_round_bowl(student, mu):
    """For mu = L, beta is 0 and lr is 1 / L: a round bowl needs no momentum."""
    lr, beta = student.optimal_heavy_ball(mu, mu)
    expect_close({"lr": (lr, 1 / mu), "beta": (beta, 0.0)})


@check("optimal_heavy_ball", points=0.1, needs=["optimal_heavy_ball_formula"])
def test_optimal_heavy_ball_rejects(student):
    """mu <= 0, or L < mu, raises ValueError."""
    for name, mu, L in (("mu", 0.0, 1.0), ("mu", -1.0, 1.0), ("L", 2.0, 1.0)):
        with expect_value_error(name):
            student.optimal_heavy_ball(mu, L)


# -- minimize_with_momentum


@check("minimize_with_momentum", points=0.7, needs=["momentum_step"])
@given(spectrum=spectra(max_dim=3), lr=st.sampled_from((0.01, 0.005)), beta=st.sampled_from((0.9, 0.0, 0.5)))
def test_minimize_follows_the_recurrence(student, spectrum, lr, beta):
    """On a quadratic, weights and velocity follow the linear recurrence, from velocity zero."""
    dim = len(spectrum.eigenvalues)
    objective = Quadratic(spectrum.matrix, torch.arange(dim, dtype=torch.float64))
    w0 = torch.full((dim,), 3.0, dtype=torch.float64)
    w, v = w0.clone(), torch.zeros_like(w0)
    rows = [w]
    for _ in range(6):
        v = beta * v + gradient_of(objective, w)
        w = w - lr * v
        rows.append(w)
    expect_trajectory(student.minimize_with_momentum(objective, w0, lr, beta, 6), torch.stack(rows))


@check("minimize_with_momentum", points=0.5, needs=["momentum_step"])
@given(slope=st.lists(st.sampled_from((1.0, -2.0, 0.5)), min_size=1, max_size=3), beta=st.sampled_from((0.9, 0.5)))
@settings(max_examples=10)
def test_minimize_follows_torch(student, slope, beta):
    """Follows the same path as torch.optim.SGD on a non-quadratic function."""
    objective = Quartic(torch.tensor(slope, dtype=torch.float64))
    w0 = torch.linspace(-1, 1, len(slope), dtype=torch.float64)
    w, velocities = w0.clone(), [None]
    rows = [w0]
    for _ in range(8):
        sgd(
            [w], [gradient_of(objective, w)], velocities, weight_decay=0.0, momentum=beta, lr=0.05,
            dampening=0.0, nesterov=False, maximize=False, foreach=False,
        )  # fmt: skip
        rows.append(w.clone())
    expect_trajectory(student.minimize_with_momentum(objective, w0, 0.05, beta, 8), torch.stack(rows))


@check("minimize_with_momentum", points=0.1, needs=["minimize_follows_the_recurrence"])
def test_minimize_leaves_its_start_alone(student):
    """Zero steps return only the start; accepts float32 and requires_grad; returns no autograd graph."""
    for dtype, requires_grad in ((torch.float64, False), (torch.float32, False), (torch.float64, True)):
        objective = Quadratic(torch.eye(2, dtype=dtype), torch.zeros(2, dtype=dtype))
        before = torch.tensor([1.0, -2.0], dtype=dtype)
        w0 = before.clone().requires_grad_(requires_grad)
        none = student.minimize_with_momentum(objective, w0, 0.1, 0.9, 0)
        expect_close({"trajectory of no steps": (none, before[None])})
        trajectory = student.minimize_with_momentum(objective, w0, 0.1, 0.9, 2)
        two = torch.stack([before, 0.9 * before, 0.72 * before])
        expect_close({"trajectory of two steps": (trajectory, two)}, path="trajectory of two steps")
        for result in (none, trajectory):
            expect(not result.requires_grad, "The trajectory requires grad: it still has an autograd graph.")


@check("minimize_with_momentum", points=0.3, needs=["minimize_follows_the_recurrence"])
def test_minimize_needs_a_fifth_of_the_steps(student, note):
    """At condition number 1000, the best momentum needs a fifth of gradient descent's steps."""
    kappa, dim = 1000.0, 5
    objective = Quadratic(spread_spectrum(kappa, dim), torch.zeros(dim, dtype=torch.float64))
    w0 = torch.ones(dim, dtype=torch.float64)
    # The best constant step of gradient descent, 2 / (mu + L), shrinks the distance by (kappa - 1) / (kappa + 1).
    plain = math.ceil(math.log(1e-6) / math.log((kappa - 1) / (kappa + 1)))
    budget = plain // 5
    lr = (2 / (math.sqrt(kappa) + 1)) ** 2
    beta = ((math.sqrt(kappa) - 1) / (math.sqrt(kappa) + 1)) ** 2
    w, v, rows = w0, torch.zeros_like(w0), [w0]
    for _ in range(budget):
        v = beta * v + gradient_of(objective, w)
        w = w - lr * v
        rows.append(w)
    trajectory = student.minimize_with_momentum(objective, w0, lr, beta, budget)
    expect_trajectory(trajectory, torch.stack(rows))  # a run that only ends there is not momentum
    left = trajectory.norm(dim=1) / w0.norm()
    needed = int((left > 1e-6).sum())
    note(f"at condition number 1000, {needed} steps to come a million times closer; gradient descent needs {plain}")
    expect(float(left[-1]) <= 1e-6, f"After {budget} steps the distance is still {float(left[-1]):.2g} of the first.")


@check("minimize_with_momentum", points=0.1, needs=["minimize_follows_the_recurrence"])
def test_minimize_rejects(student):
    """A negative lr or num_steps, or a beta outside [0, 1), raises ValueError; an lr of 0 is allowed."""
    objective = Quadratic(torch.eye(1), torch.zeros(1))
    for name, bad in (("lr", -0.1), ("beta", 1.0), ("beta", -0.1), ("num_steps", -1)):
        # Also with zero steps: a momentum_step that is never called checks nothing.
        arguments = {"lr": 0.1, "beta": 0.9, "num_steps": 0} | {name: bad}
        with expect_value_error(name):
            student.minimize_with_momentum(objective, torch.ones(1), **arguments)
    path = student.minimize_with_momentum(objective, torch.ones(1), lr=0.0, beta=0.9, num_steps=2)
    expect_trajectory(path, torch.ones(3, 1))


# -- choose_momentum


# Many pairs arrive, so this mutant survives:
# choose_momentum: `1.0` -> `2.0`
@check("choose_momentum", points=0.6)
def test_choose_momentum_arrives(student, note):
    """From four starts in the square, 100 steps of the heavy ball come within 0.01 of the smallest risk."""
    lr, beta = _pair(student)
    above = CHOICE.of_pair(lr, beta, two_weights.starts(0))
    contrast = threshold(__file__, "two_weights").contrast
    note(f"slowest start: {above:.2g} above the smallest risk; gradient descent at best {contrast:.2g}")
    _expect_small(above, "one of four starts")


@check("choose_momentum", points=0.4)
def test_choose_momentum_arrives_from_the_corners(student):
    """From the corners of the square, 100 steps of the heavy ball come within 0.01 of the smallest risk."""
    lr, beta = _pair(student)
    _expect_small(CHOICE.of_pair(lr, beta, two_weights.CORNERS), "one of the corners")


def _pair(student):
    lr, beta = student.choose_momentum()
    expect(lr >= 0, f"lr is {lr:g}, but a learning rate is at least 0.")
    expect(0 <= beta < 1, f"beta is {beta:g}, but a momentum is at least 0 and below 1.")
    return lr, beta


def _expect_small(above, where):
    bound, smallest = threshold(__file__, "two_weights").threshold, two_weights.smallest_risk()
    expect(
        above <= bound,
        f"After {CHOICE.steps} steps from {where} the risk is {smallest + above:.4g}; it should be {smallest + bound:.4g} "
        "or less.",
    )
