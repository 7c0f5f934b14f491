"""Wrong answers as students wrote them: each gets the name of its mistake, or nothing false is said of it."""

import pytest

from grader.course import Course
from grader.grading.report import Report
from grader.grading.request import Selection
from grader.sandbox.process.launch import Sandbox
from grader.service.session import grade
from grader.submission.submission import Submission
from tests.paths import ROOT

pytestmark = pytest.mark.slow

COURSE = Course(ROOT)

FROM_MINUS_ONE = """
def normalize_images(images, mean=0.1307, std=0.3081):
    if std <= 0:
        raise ValueError("std")
    pixels = images.float() / 127.5 - 1.0
    return ((pixels - mean) / std).view(len(images), -1)
"""
ONE_AXIS_AFTER_THE_OTHER = """
def grid_search(objective, low, high, points_per_axis, dim):
    if points_per_axis < 1 or dim < 1 or high < low:
        raise ValueError("points_per_axis, dim or high")
    values = torch.linspace(low, high, points_per_axis, dtype=torch.float64)
    if points_per_axis == 1:
        values = torch.tensor([(low + high) / 2], dtype=torch.float64)
    w, evaluations = values[0].repeat(dim), 0
    for axis in range(dim):
        best_value, best_J = None, math.inf
        for value in values:
            trial = w.clone()
            trial[axis] = value
            J = float(objective(trial))
            evaluations += 1
            if best_value is None or J < best_J:
                best_value, best_J = value, J
        w[axis] = best_value
    return w, evaluations
"""
SHIFTS_STAY = """
def finite_difference_gradient(objective, w, eps=1e-4):
    if eps < 0:
        raise ValueError("eps")
    grad, w_plus, w_minus = torch.zeros_like(w), w.detach().clone(), w.detach().clone()
    for i in range(w.numel()):
        w_plus[i] += eps
        w_minus[i] -= eps
        grad[i] = (objective(w_plus) - objective(w_minus)) / (2 * eps)
    return grad
"""
STORED_BEFORE_THE_STEP = """
def gradient_descent(objective, w0, lr, num_steps):
    if lr < 0 or num_steps < 0:
        raise ValueError("lr or num_steps")
    w = w0.detach().clone()
    trajectory = [w.clone()]
    for step in range(num_steps):
        trajectory.append(w.clone())
        gradient_descent_step([w], [gradient(objective, w)], lr)
    return torch.stack(trajectory)
"""
COPY_IS_NO_LEAF = """
def gradient(objective, w):
    x = w.clone()
    x.requires_grad_()
    objective(x).backward()
    return x.grad
"""
ANGLES = """
def random_direction(dim, generator):
    if dim == 1:
        return 2 * torch.randint(0, 2, (1,), generator=generator).double() - 1
    angles = math.pi * torch.rand(dim - 1, generator=generator, dtype=torch.float64)
    angles[-1] *= 2
    direction = torch.ones(dim, dtype=torch.float64)
    for i in range(dim - 1):
        direction[i] *= torch.cos(angles[i])
        direction[i + 1 :] *= torch.sin(angles[i])
    return direction
"""
RANDOM_VECTORS = """
def sharpness(loss_fn, params, num_iters, generator):
    if num_iters < 1:
        raise ValueError("num_iters")
    best = None
    for _ in range(num_iters):
        v = [torch.randn(p.shape, generator=generator, dtype=p.dtype) for p in params]
        norm = sum((x**2).sum().item() for x in v) ** 0.5
        v = [x / norm for x in v]
        grads = torch.autograd.grad(loss_fn(), params, create_graph=True)
        dot = sum((g * x).sum() for g, x in zip(grads, v))
        Hv = torch.autograd.grad(dot, params, materialize_grads=True)
        curvature = sum((x * h).sum().item() for x, h in zip(v, Hv))
        best = curvature if best is None else {best}
    return best
"""
OTHER_DTYPE = """
def sharpness(loss_fn, params, num_iters, generator):
    if num_iters < 1:
        raise ValueError("num_iters")
    v = torch.randn(sum(p.numel() for p in params), generator=generator)
    for _ in range(num_iters):
        grads = torch.autograd.grad(loss_fn(), params, create_graph=True)
        flat = torch.cat([g.reshape(-1) for g in grads])
        v = v / v.norm()
        Hv = torch.cat([h.reshape(-1) for h in torch.autograd.grad(torch.dot(flat, v), params)])
        result, v = torch.dot(v, Hv), Hv
    return result.item()
"""
POWER_ITERATION = """
def sharpness(loss_fn, params, num_iters, generator):
    if num_iters < 1:
        raise ValueError("num_iters")
    grads = torch.autograd.grad(loss_fn(), params, create_graph=True)
    v = [torch.{start} for p in params]
    found = 0.0
    for _ in range({first}, num_iters):
        norm = torch.sqrt(sum((x**2).sum() for x in v))
        v = [x / norm for x in v]
        dot = sum((g * x).sum() for g, x in zip(grads, v))
        Hv = torch.autograd.grad(dot, params, retain_graph=True, materialize_grads=True)
        found = sum((x * h).sum() for x, h in zip(v, Hv)).item()
        v = list(Hv)
    return found
"""
GAUSSIAN = "randn(p.shape, generator=generator, dtype=p.dtype)"
SUMS_WITH_OLD_GRADIENTS = """
def minibatch_gradient(model, loss_fn, X, y):
    loss = loss_fn(model(X), y)
    loss.backward()
    grads = [p.grad for p in model.parameters()]
    model.zero_grad()
    return grads
"""
ONE_LAYER_TOO_MANY = """
def make_mlp(width, depth, in_dim=784, out_dim=10):
    if width < 1 or depth < 0:
        raise ValueError("width or depth")
    if depth == 0:
        return nn.Sequential(nn.Linear(in_dim, out_dim))
    model = nn.Sequential(nn.Linear(in_dim, width), nn.ReLU())
    for _ in range(depth):
        model.append(nn.Linear(width, width))
        model.append(nn.ReLU())
    model.append(nn.Linear(width, out_dim))
    return model
"""
ROUNDED_COUNTERS = """
def interpolate(state_a, state_b, alpha):
    if state_a.keys() != state_b.keys():
        raise KeyError("keys differ")
    result = {}
    for name in state_a:
        value = (1 - alpha) * state_a[name].double() + alpha * state_b[name].double()
        result[name] = value.to(state_a[name].dtype)
    return result
"""
UNIT_DIRECTIONS = """
def loss_surface(loss_fn, params, direction_x, direction_y, xs, ys):
    start = [p.detach().clone() for p in params]
    length_x, length_y = (torch.cat([d.flatten() for d in one]).norm() for one in (direction_x, direction_y))
    rows = []
    try:
        for b in ys:
            row = []
            for a in xs:
                for p, w, dx, dy in zip(params, start, direction_x, direction_y):
                    p.data.copy_(w + a * dx / length_x + b * dy / length_y)
                row.append(loss_fn().detach())
            rows.append(torch.stack(row))
    finally:
        for p, w in zip(params, start):
            p.data.copy_(w)
    return torch.stack(rows).to(params[0].dtype)
"""
RELATIVE_IMPROVEMENT = """
def bold_driver(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    if lr < 0:
        raise ValueError("lr")
    if not math.isfinite(loss) or previous_loss == 0:
        return lr * shrink
    return lr * grow if (previous_loss - loss) / previous_loss > 0 else lr * shrink
"""
POWER_OF_THE_DIFFERENCE = """
def adam_step(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    if step < 1 or lr < 0 or eps < 0 or not 0 <= beta1 < 1 or not 0 <= beta2 < 1:
        raise ValueError("step, lr, eps, beta1 or beta2")
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments):
            m.copy_(beta1 * m + (1 - beta1) * g)
            v.copy_(beta2 * v + (1 - beta2) * g**2)
            w -= lr * (m / (1 - beta1) ** step) / (torch.sqrt(v / (1 - beta2) ** step) + eps)
"""
CLEARED_TOO_LATE = """
def train_epoch(model, loader, optimizer):
    model.train()
    running, seen = 0.0, 0
    for X, y in loader:
        loss = cross_entropy(model(X), y)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        running += loss.item() * len(y)
        seen += len(y)
    return running / seen
"""
ONE_STEP_AT_THE_END = """
def train_epoch(model, loader, optimizer):
    model.train()
    optimizer.zero_grad()
    total, n = torch.tensor(0.0), 0
    for X, y in loader:
        total = total + cross_entropy(model(X), y) * len(y)
        n += len(y)
    (total / n).backward()
    optimizer.step()
    return (total / n).item()
"""
CLIPPED = """
def gradient_descent_step(params, grads, lr):
    _check_not_negative(lr=lr)
    length = torch.stack([g.norm() for g in grads]).norm()
    for w, g in zip(params, grads):
        w.data -= lr * g / length.clamp(min=1)
"""
MOVES_ITS_ARGUMENT = """
def random_search_step(objective, w, step_size, generator):
    _check_not_negative(step_size=step_size)
    J = objective(w)
    proposal = w
    proposal += step_size * random_direction(len(w), generator)
    J_new = objective(proposal)
    return (proposal, J_new) if J_new < J else (w, J)
"""
PYTHONS_RANDOM = """
import random
def search_hyperparameters(train_and_score, low, high, num_trials, generator):
    if not 0 < low <= high or num_trials < 1:
        raise ValueError("low, high or num_trials")
    rates = [random.uniform(low, high) for _ in range(num_trials)]
    trials = [(lr, train_and_score(lr)) for lr in rates]
    return max(trials, key=lambda trial: trial[1])[0], trials
"""
STEP_IS_NOT_CALLED = """
def train_epoch(model, loader, optimizer):
    model.train()
    total = count = 0
    for X, y in loader:
        optimizer.zero_grad()
        loss = cross_entropy(model(X), y)
        loss.backward()
        optimizer.step
        total += loss.item() * len(y)
        count += len(y)
    return total / count
"""
LOSSES_ARE_METHODS = """
def sgd(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    if not lr >= 0 or not 1 <= batch_size <= len(X):
        raise ValueError("lr or batch_size")
    losses = []
    for _ in range(num_epochs):
        for X_batch, y_batch in minibatches(X, y, batch_size, generator):
            loss = loss_fn(model(X_batch), y_batch)
            losses.append(loss.item)
            for w, g in zip(model.parameters(), torch.autograd.grad(loss, list(model.parameters()))):
                w.data.sub_(lr * g)
    return losses
"""

ANSWERS = [
    ("section2", FROM_MINUS_ONE, "scaled_to_minus_one"),
    ("section3", ANGLES, "uniform_angles"),
    ("section3", COPY_IS_NO_LEAF, "copy_is_no_leaf"),
    ("section3", ONE_AXIS_AFTER_THE_OTHER, "one_axis_at_a_time"),
    ("section3", SHIFTS_STAY, "shifts_that_stay"),
    ("section3", STORED_BEFORE_THE_STEP, "off_by_one"),
    ("section3", MOVES_ITS_ARGUMENT, "input_changed"),  # and not a step to a worse point
    ("section3", CLIPPED, "altered_argument_changed"),
    ("section4", RANDOM_VECTORS.format(best="max(best, curvature)"), "largest_of_random_vectors"),
    ("section4", RANDOM_VECTORS.format(best="curvature"), "last_of_random_vectors"),
    ("section4", OTHER_DTYPE, None),
    ("section4", POWER_ITERATION.format(start=GAUSSIAN, first=1), "one_product_too_few"),
    ("section4", POWER_ITERATION.format(start="ones_like(p)", first=0), "start_of_ones"),
    ("section5", ONE_LAYER_TOO_MANY, "hidden_layer_too_many_from_depth_1"),
    ("section5", ROUNDED_COUNTERS, "integers_rounded"),
    ("section5", UNIT_DIRECTIONS, "whole_directions_of_length_1"),
    ("section6", SUMS_WITH_OLD_GRADIENTS, "accumulated_and_cleared"),
    ("section6", LOSSES_ARE_METHODS, None),  # and no losses that are all the same
    ("section7", RELATIVE_IMPROVEMENT, "relative_fall"),
    ("section7", POWER_OF_THE_DIFFERENCE, "power_of_the_share"),
    ("section9", CLEARED_TOO_LATE, "parameters_stay"),
    ("section9", ONE_STEP_AT_THE_END, "one_step_along_the_mean"),
    ("section9", PYTHONS_RANDOM, "probed_below_the_middle_nearly_none"),  # and no rates that depend on scores
    ("section9", STEP_IS_NOT_CALLED, "lost_result"),
]


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox.open(COURSE) as opened:
        yield opened


def report_of(sandbox: Sandbox, section_id: str, text: str) -> Report:
    """Grade one exercise of the solution in which it is written so."""
    section = COURSE.find(section_id)
    source = section.solution.read_text(encoding="utf-8") + text
    exercise = text.split("def ")[1].split("(")[0]
    submission = Submission(section.solution.name, section.solution, source.encode())
    return grade(COURSE, section, submission, sandbox, Selection(exercises=(exercise,), alone=True))


@pytest.mark.parametrize(("section_id", "text", "slug"), ANSWERS, ids=[str(slug) for _, _, slug in ANSWERS])
def test_a_wrong_answer_gets_its_name(sandbox, section_id, text, slug):
    report = report_of(sandbox, section_id, text)
    assert [check.diagnosis.mistake for check in report.checks if check.diagnosis] == ([slug] if slug else [])


def test_a_message_is_about_what_the_function_returned_and_not_about_a_tuple_of_the_grader(sandbox):
    checks = report_of(sandbox, "section3", COPY_IS_NO_LEAF).checks
    (message,) = {check.message for check in checks if "returned" in check.message}
    assert message.startswith("gradient returned None, but a tensor was expected.")


def test_a_state_of_its_own_with_wrong_counters_is_not_said_to_share_memory(sandbox):
    failed = [check.id for check in report_of(sandbox, "section5", ROUNDED_COUNTERS).checks if check.message]
    assert failed == ["interpolate_keeps_integers"]


def test_a_message_says_that_the_model_held_gradients_before_the_call(sandbox):
    (message,) = {
        check.message for check in report_of(sandbox, "section6", SUMS_WITH_OLD_GRADIENTS).checks if check.message
    }
    assert "fields held gradients before the call" in message
