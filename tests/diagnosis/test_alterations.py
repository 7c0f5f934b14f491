"""A wrong answer that does what the solution does after one small change is told so; others are not."""

import types
from pathlib import Path

import pytest

from grader.course import Course
from grader.diagnosis.alterations import CallBudget, alterations_of, altered_like
from grader.diagnosis.evidence import Case
from grader.diagnosis.known_mistakes import executed, in_its_place
from grader.diagnosis.replay import inputs_of, replayed
from grader.grading.examples import load_profile
from grader.grading.section_run import contract_of

COURSE = Course(Path(__file__).parents[2])


def told(section, exercise, text):
    """The diagnosis of a definition in an exercise's place, by the calls of the exercise's checks."""
    load_profile()
    section = COURSE.find(section)
    solution = contract_of(section).module
    wrong = executed(in_its_place(section.solution.read_text(encoding="utf-8"), exercise, text), "wrong.py")
    checks = section.module(f"test_{section.id}")
    made = {
        call.key: call
        for check in section.check_list
        if check.exercise == exercise and hasattr(checks, f"test_{check.id}")
        for call in inputs_of(getattr(checks, f"test_{check.id}"), contract_of(section), 8)
    }
    cases = [Case(call, replayed(call, wrong), replayed(call, solution), solution) for call in made.values()]
    assert any(case.wrong for case in cases)
    return altered_like(section, exercise, solution, cases)


NORMALIZE = """
def normalize_images(images, mean=0.1307, std=0.3081):
    if not std > 0:
        raise ValueError("std")
    return {}
"""
NESTEROV = """
def nesterov_step(params, grads, velocities, lr, beta):
    _check_rates(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities):
            {}
"""

MOMENTUM = """
def momentum_step(params, grads, velocities, lr, beta):
    _check_rates(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities):
            {}
"""
TOGETHER = MOMENTUM.replace(
    "with torch", "length = torch.stack([g.norm() for g in grads]).norm()\n    with torch"
).format("v.mul_(beta).add_(g / {}); w.sub_(lr * v)")
MINIMIZE = """
def minimize_with_momentum(objective, w0, lr, beta, num_steps):
    _check_rates(lr, beta)
    w = w0.detach().clone().requires_grad_()
    v, path = torch.zeros_like(w0), [w.detach()]
    for _ in range(num_steps):
        (g,) = torch.autograd.grad(objective(w), w)
        v = beta * v + g
        w = (w - lr * ({})).detach().requires_grad_()
        path.append(w.detach())
    return torch.stack(path)
"""
SAMPLE = """
def sample_minibatch(X, y, batch_size, generator):
    if not 1 <= batch_size <= len(X):
        raise ValueError("batch_size")
    rows = torch.randperm(len(X), generator=generator)
    {}
"""

DESCENT = """
def gradient_descent(objective, w0, lr, num_steps):
    _check_not_negative(lr=lr, num_steps=num_steps)
    path = [w0.detach().clone()]
    for t in range(num_steps):
        path.append(path[-1] - lr * {} * gradient(objective, path[-1]))
    return torch.stack(path)
"""
SGD = """
def sgd(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    if not lr >= 0 or not 1 <= batch_size <= len(X):
        raise ValueError("lr, batch_size")
    losses = []
    for _ in range(num_epochs):
        {}
        for images, labels in minibatches(X, y, batch_size, generator):
            loss = loss_fn(model(images), labels)
            with torch.no_grad():
                for w, g in zip(model.parameters(), torch.autograd.grad(loss, list(model.parameters()))):
                    w -= lr * g
            losses.append(loss.item())
        {}
    return losses
"""
NOISE = """
def gradient_noise(per_example_grads, batch_size, num_draws, generator):
    n = len(per_example_grads)
    if not 1 <= batch_size <= n or num_draws < 1:
        raise ValueError("batch_size, num_draws")
    total = 0.0
    for _ in range(num_draws):
        {}
        rows = torch.randperm(n, generator=generator)[:batch_size]
        error = per_example_grads[rows].mean(0) - per_example_grads.mean(0)
        total += float({})
    return total / num_draws
"""
AGAIN = "generator = torch.Generator().manual_seed(generator.initial_seed())"
RMSPROP = """
def rmsprop_step(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    if not lr >= 0 or not 0 <= alpha < 1 or not eps >= 0:
        raise ValueError("lr, alpha, eps")
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages):
            s.mul_(alpha).add_({})
            w.sub_(lr * g / ({}))
"""
RATIO = """
def update_ratio(params, updates):
    found = []
    for w, u in zip(params, updates):
        size, weight = float(u.detach().std()), float(w.detach().std())
        found.append(-math.inf if size == 0 else math.log10(size / weight) if weight > 0 else math.inf)
    return found
"""
ADAGRAD = """
def adagrad_step(params, grads, square_sums, lr, eps=1e-10):
    if not lr >= 0 or not eps >= 0:
        raise ValueError("lr, eps")
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums):
            s.copy_((s + g) ** 2)
            w -= lr * g / (s.sqrt() + eps)
"""
MAKE_MLP = """
def make_mlp(width, depth, in_dim=784, out_dim=10):
    _check_at_least(1, width=width)
    _check_at_least(0, depth=depth)
    layers = []
    for _ in range(depth):
        layers += [nn.Linear(in_dim, width, bias=False), nn.ReLU()]
        in_dim = width
    return nn.Sequential(*layers, nn.Linear(in_dim, out_dim))
"""
OPTIMIZER = """
def make_optimizer(name, params, lr):
    kinds = {{"sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad, "adam": torch.optim.Adam}}
    if name == "momentum":
        return torch.optim.SGD(params, lr=lr, momentum=0.9{})
    if name == "rmsprop":
        return torch.optim.RMSprop(params, lr=lr{})
    if name not in kinds:
        raise ValueError("name")
    return kinds[name](params, lr=lr)
"""
PERMUTED = """
def permute_hidden_units(state, order):
    hidden, biases, output, bias = (entry.detach() for entry in state.values())
    units = torch.as_tensor(order, dtype=torch.int64)
    if not torch.equal(units.sort().values, torch.arange(len(biases))):
        raise ValueError("order")
    return dict(zip(state, (hidden[units], biases[units], output[:, units.flip(0)], bias.clone())))
"""
BATCH_GRADIENT = """
def minibatch_gradient(model, loss_fn, X, y):
    return [g / g.numel() for g in torch.autograd.grad(loss_fn(model(X), y), list(model.parameters()))]
"""

SURFACE = """
def loss_surface(loss_fn, params, direction_x, direction_y, xs, ys):
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                with torch.no_grad():
                    for p, w, dx, dy in zip(params, saved, direction_x, direction_y):
                        {}
                surface[j, i] = loss_fn().detach()
    finally:
        with torch.no_grad():
            for p, w in zip(params, saved):
                p.copy_(w)
    return surface
"""
MOVED = "p.copy_(w + x * dx + y * dy)"

JOINTLY = """
def minibatch_gradient(model, loss_fn, X, y):
    grads = torch.autograd.grad(loss_fn(model(X), y), list(model.parameters()))
    length = torch.cat([g.flatten() for g in grads]).norm()
    return [g / {} for g in grads]
"""
ADAM = """
def adam_step(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments):
            m.mul_({0}).add_(g, alpha=1 - {0})
            v.mul_({1}).addcmul_(g, g, value=1 - {1})
            w -= lr * (m / (1 - {2}**step)) / ((v / (1 - {3}**step)).sqrt() + eps)
"""


MLP = """
class MLP(nn.Module):
    def __init__(self, in_dim=784, hidden_dims=(10,), out_dim=10):
        super().__init__()
        dims = [in_dim, *{}, out_dim]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(dims))

    def forward(self, X):
        X = X.flatten(1)
        for k, layer in enumerate(self.layers[:-1]):
            X = torch.relu(layer(X)) if {} else layer(X)
        return self.layers[-1](X)
"""
LOG_SOFTMAX = """
def log_softmax(logits):
    return {}
"""
SOFTMAX = "torch.softmax(logits, 1)"


EVALUATE = """
def evaluate(model, loader):
    was_training = model.training
    model.eval()
    loss, wrong, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += float(cross_entropy(logits, y)) * len(X)
            wrong += int((logits.argmax(1) != y).sum())
            count += len(X)
    model.train(was_training)
    return loss / count, wrong / count
"""


@pytest.mark.parametrize(
    ("section", "exercise", "text", "words"),
    [
        ("section5", "permute_hidden_units", PERMUTED, "reversed order at one place"),
        ("section6", "minibatch_gradient", JOINTLY.format("length"), "together scaled to length 1"),
        ("section6", "minibatch_gradient", JOINTLY.format("length.clamp(min=1)"), "shortened to length 1"),
        (
            "section7",
            "adam_step",
            ADAM.format("beta1", "beta2", "beta2", "beta1"),
            "with `beta1` and `beta2` exchanged where it computes `m_hat` and `v_hat`",
        ),
        (
            "section7",
            "adam_step",
            ADAM.format("beta2", "beta1", "beta1", "beta2"),
            "with `beta1` and `beta2` exchanged where it computes `m` and `v`",
        ),
        (
            "section7",
            "adam_step",
            ADAM.format("beta1", "beta2", "beta1", "beta1"),
            "with `beta1` in place of `beta2` where it computes `v_hat`",
        ),
        ("section4", "momentum_step", TOGETHER.format("length.clamp(min=1)"), "together shortened to length 1"),
        ("section4", "momentum_step", TOGETHER.format("length"), "all tensors of `grads` together scaled to length 1"),
        ("section5", "loss_surface", SURFACE.format(f"p.dim() > 1 and {MOVED}"), "matrices only"),
        ("section5", "loss_surface", SURFACE.format(f"{MOVED}; break"), "ends after its first pass"),
        ("section6", "minibatch_gradient", BATCH_GRADIENT, "number of its entries"),
        ("section2", "MLP", MLP.format("hidden_dims", "k > 0"), "a ReLU not in the first pass"),
        ("section2", "MLP", MLP.format("hidden_dims", "k == 0"), "a ReLU only in the first pass"),
        (
            "section2",
            "MLP",
            MLP.format("[hidden_dims[0] for _ in hidden_dims]", "True"),
            "`hidden_dims[:1] * len(hidden_dims)`",
        ),
        ("section2", "log_softmax", LOG_SOFTMAX.format(f"torch.log({SOFTMAX} + 1e-6)"), "1e-06 added"),
        (
            "section2",
            "log_softmax",
            LOG_SOFTMAX.format("logits - torch.logsumexp(logits, dim=1, keepdim=True).detach()"),
            "cut off from autograd",
        ),
        (
            "section2",
            "log_softmax",
            LOG_SOFTMAX.format("torch.log_softmax(logits.clamp(-80, 80), 1)"),
            "`logits.clamp(-80, 80)` in place of `logits`",
        ),
        (
            "section2",
            "normalize_images",
            NORMALIZE.format("((images.float() / 255 - mean) / (std + 0.001)).flatten(1)"),
            "0.001 added",
        ),
        ("section3", "gradient_descent", DESCENT.format("0.99**t"), "multiplied by 0.99"),
        ("section3", "gradient_descent", DESCENT.format("(1 - t / num_steps)"), "falls to zero"),
        ("section6", "sgd", SGD.format("pass", "lr *= 0.9"), "multiplied by 0.9 "),
        ("section6", "sgd", SGD.format(AGAIN, ""), "same random numbers"),
        ("section6", "gradient_noise", NOISE.format(AGAIN, "(error**2).sum()"), "same random numbers"),
        ("section6", "gradient_noise", NOISE.format("pass", "error.sum() ** 2"), "`sum` before `square`"),
        ("section7", "update_ratio", RATIO, "`std` in place of each `norm`"),
        ("section7", "adagrad_step", ADAGRAD, "square of a sum"),
        (
            "section7",
            "rmsprop_step",
            RMSPROP.format("((1 - alpha) * g)**2", "s.sqrt() + eps"),
            "with `1 - alpha` squared. Look at how you compute `s`.",
        ),
        (
            "section7",
            "rmsprop_step",
            RMSPROP.format("(1 - alpha) * g**2", "s.sqrt().clamp(min=eps)"),
            "with the larger one of `sqrt(s)` and `eps` in place of their sum. Look at how you compute `w`.",
        ),
        ("section5", "make_mlp", MAKE_MLP, "`bias=False` in one of its calls"),
        ("section9", "make_optimizer", OPTIMIZER.format(", nesterov=True", ""), "`nesterov=True`"),
        ("section9", "make_optimizer", OPTIMIZER.format("", ", alpha=0.9"), "`alpha=0.9`"),
        ("section9", "make_optimizer", OPTIMIZER.format("", "").replace("optim.Adam}", "optim.NAdam}"), "NAdam"),
        (
            "section2",
            "normalize_images",
            NORMALIZE.format("((images.float() / 255 - mean) / std**2).flatten(1)"),
            "`std ** 2`",
        ),
        ("section2", "normalize_images", NORMALIZE.format("(images.float() / 255 + mean).flatten(1) / std"), "`-mean`"),
        ("section2", "normalize_images", NORMALIZE.format("(images.float() / 255).flatten(1) / std"), "`mean` = 0"),
        ("section2", "normalize_images", NORMALIZE.format("(images.float() / 255).flatten(1)"), "without several"),
        (
            "section4",
            "nesterov_step",
            NESTEROV.format("v.mul_(beta).add_(g); w.sub_(lr * (v + beta * g))"),
            "with `g` and `v` exchanged. Which one belongs where? Look at how you compute `w`.",
        ),
        (
            "section4",
            "nesterov_step",
            NESTEROV.format("v.mul_(beta).add_(g); w.sub_(lr * lr * (g + beta * v))"),
            "`lr ** 2`",
        ),
        ("section4", "momentum_step", MOMENTUM.format("v.add_(g); w.sub_(lr * v); v.mul_(beta)"), "two steps"),
        ("section4", "momentum_step", MOMENTUM.format("v.mul_(beta).add_(g); w.sub_(v.mul_(lr))"), "in place"),
        (
            "section4",
            "momentum_step",
            MOMENTUM.format("v.mul_(beta).copy_(torch.maximum(v, g)); w -= lr * v"),
            "larger",
        ),
        (
            "section4",
            "minimize_with_momentum",
            MINIMIZE.format("v + g"),
            "`momentum_step` does",
        ),
        ("section6", "sample_minibatch", SAMPLE.format("return X[rows[:batch_size]], y[:batch_size]"), "first entries"),
        ("section6", "sample_minibatch", SAMPLE.format("return X[rows[-batch_size:]], y[rows[-batch_size:]]"), "slice"),
        ("section9", "evaluate", EVALUATE, "the opposite of one of its comparisons"),
    ],
)
def test_a_small_change_is_told(section, exercise, text, words):
    diagnosis = told(section, exercise, text)
    assert diagnosis is not None
    assert words in diagnosis.message


@pytest.mark.slow
@pytest.mark.parametrize("section", COURSE.sections, ids=lambda section: section.id)
def test_each_sentence_speaks_only_of_the_examples_that_were_compared(section):
    sentences = [one.message for exercise in section.functions for one in alterations_of(section, exercise)]
    assert {one.partition(" the right ")[0] for one in sentences} == {
        "In every example that was compared, your answers are those of"
    }


@pytest.mark.parametrize(
    ("section", "exercise", "text"),
    [
        ("section2", "normalize_images", NORMALIZE.format("torch.full((len(images), 784), 3.0)")),
        ("section2", "log_softmax", LOG_SOFTMAX.format(f"torch.log({SOFTMAX} + 3e-6)")),
        (
            "section2",
            "normalize_images",
            NORMALIZE.format("((images.float() / 255 - mean) / (std + 1e-3 * len(images))).flatten(1)"),
        ),
        (
            "section4",
            "nesterov_step",
            NESTEROV.format("v.mul_(beta).add_(g); w.sub_(lr * (g + beta * v)) if len(w) < 2 else w.zero_()"),
        ),
        ("section4", "nesterov_step", NESTEROV.format("raise TypeError('wrong')")),
        ("section3", "gradient_descent", DESCENT.format("0.93**t")),
        ("section3", "gradient_descent", DESCENT.format("(0.9**t if num_steps > 3 else 1)")),
        ("section6", "gradient_noise", NOISE.format("generator.manual_seed(num_draws)", "(error**2).sum()")),
        ("section9", "make_optimizer", OPTIMIZER.format(", nesterov=True", ", alpha=0.9")),
    ],
)
def test_what_is_no_small_change_gets_no_name(section, exercise, text):
    assert told(section, exercise, text) is None


def test_an_endless_loop_ends():
    module = types.ModuleType("solution")
    module.__file__ = "<solution>"
    exec(compile("def f():\n    while True:\n        pass", "<solution>", "exec"), module.__dict__)
    with pytest.raises(Exception, match=r"^$"):
        CallBudget(module).run(module.f, (), {})


def test_functions_are_counted_and_lines_of_other_files_are_not():
    def many():
        for _ in range(5000):
            assert abs(-1) == 1
        [(lambda: None)() for _ in range(12)]

    budget = CallBudget(types.ModuleType("solution"), calls=100)
    budget.run(many, (), {})
    assert 0 <= budget.calls < 30


def test_a_result_that_is_too_large_to_compare_ends():
    """A change may put a list into itself again and again: its text would have 2 ** 30 entries."""
    large = [0.0]
    for _ in range(30):
        large = [large, large]
    with pytest.raises(Exception, match=r"^$"):
        CallBudget(types.ModuleType("solution"), calls=1000).run(lambda: large, (), {})
