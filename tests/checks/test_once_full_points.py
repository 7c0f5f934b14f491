"""Wrong answers that nobody had thought of, and that once earned all points: each has to lose those of one check."""

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

from grader.course import Course
from grader.grading.request import Selection
from grader.sandbox.process.launch import Sandbox
from grader.service.session import grade
from grader.submission.submission import Submission
from tests.paths import ROOT

COURSE = Course(ROOT)

STEP = """
right = {rule}
def {rule}(params, grads, *state, **numbers):
    {body}
"""
CLIPS = "right(params, [g.clamp(-10, 10) for g in grads], *state, **numbers)"
FREEZES = "right(params, grads, *state, **numbers)\n    for w in params: w.requires_grad_(False)"
SWITCHES_OFF = "right(params, grads, *state, **numbers)\n    torch.set_grad_enabled(False)"
SKIPS = """
class MLP(nn.Module):
    def __init__(self, in_dim=784, hidden_dims=(10,), out_dim=10):
        super().__init__()
        sizes = [in_dim, *hidden_dims, out_dim]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, X):
        X = X.flatten(1)
        for layer in self.layers[:-1]:
            h = layer(X).relu()
            X = X + h if h.shape == X.shape else h
        return self.layers[-1](X)
"""
DOUBLES = """
right = empirical_risk
def empirical_risk(model, loss_fn, X, y, batch_size=None):
    risk = right(model, loss_fn, X, y, batch_size)
    model.double()
    return risk
"""
STOPS = """
right = gradient_descent
def gradient_descent(objective, w0, lr, num_steps):
    return right(objective, w0, lr, min(num_steps, 20))
"""
ROUNDS = """
right = bold_driver
def bold_driver(lr, *losses, **factors):
    return lr and min(max(right(lr, *losses, **factors), 1e-5), 1e4)
"""
SWAPS = """
right = bold_driver
def bold_driver(lr, previous_loss, loss, shrink=0.5, grow=1.05):
    return right(lr, previous_loss, loss, grow=grow, shrink=shrink)
"""
FEARS_SPIKES = """
right = diagnose_learning_rates
def diagnose_learning_rates(curves, tolerance=0.1):
    spikes = [lr for lr, losses in curves.items() if len(losses) and max(losses) > 1e6 * (1 + abs(losses[0]))]
    return right(curves, tolerance) | dict.fromkeys(spikes, "diverges")
"""
REPEATS = """
left = {}
def minibatches(X, y, batch_size, generator, drop_last=False):
    n = len(X)
    if not 1 <= batch_size <= n:
        raise ValueError("batch_size")
    order = left.pop(n, None)
    if order is None:
        left[n] = order = torch.randperm(n, generator=generator)
    for rows in order.split(batch_size):
        if len(rows) == batch_size or not drop_last:
            yield X[rows], y[rows]
"""
SEARCH = """
import math
def search_hyperparameters(train_and_score, low, high, num_trials, generator):
    if not 0 < low <= high or num_trials < 1:
        raise ValueError("low, high or num_trials")
    trials, best, top = [], None, high
    for _ in range(num_trials):
        u = {draw}
        lr = low * (top / low) ** u
        score = train_and_score({lr})
        trials.append((lr, score))
        {learn}
        if not math.isnan(score) {but} and (best is None or score > best[1]):
            best = (lr, score)
    return best and best[0], trials
"""
NARROW = "0.02 + 0.93 * float(torch.rand((), generator=generator, dtype=torch.float64))"
SEEDS = """
right = search_hyperparameters
def search_hyperparameters(*arguments):
    torch.manual_seed(0)
    return right(*arguments)
"""
LOOKS_FIRST = """
right = train_epoch
def train_epoch(model, loader, optimizer):
    total = count = 0
    for X, y in loader:
        model.eval()
        total += nn.functional.cross_entropy(model(X), y).item() * len(y)
        count += len(y)
        right(model, [(X, y)], optimizer)
    return total / count
"""
DRAW = "float(torch.rand((), generator=generator, dtype=torch.float64))"


def search(draw: str = DRAW, lr: str = "lr", learn: str = "pass", but: str = "") -> str:
    return SEARCH.format(draw=draw, lr=lr, learn=learn, but=but)


TRAINS = """
def train_from_seeds(width, seeds, X, y, lr, num_steps):
    if width < 1 or lr < 0 or num_steps < 0:
        raise ValueError("width, lr or num_steps")
    states = []
    for seed in seeds:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            net = nn.Sequential(nn.Linear(X.shape[1], width), nn.ReLU(), nn.Linear(width, 1)).to(X.dtype)
        optimizer = torch.optim.SGD(net.parameters(), lr=lr)
        for _ in range(num_steps):
            optimizer.zero_grad()
            nn.functional.mse_loss(net(X).squeeze(1), y).backward()
            {before}
            optimizer.step()
        states.append(net.state_dict())
    return states
"""


TRAINS_BRIEFLY = """
right = train_from_seeds
def train_from_seeds(width, seeds, X, y, lr, num_steps):
    return right(width, seeds, X, y, lr, min(num_steps, 100))
"""


def training(before: str) -> str:
    return TRAINS.format(before=before)


LEANS = """
right = filter_normalized_direction
def filter_normalized_direction(params, generator):
    directions = right(params, generator)
    leaning = [d * (p.detach().abs() + 0.1) for d, p in zip(directions, params)]
    return [
        d * (drawn.flatten(1).norm(dim=1) / d.flatten(1).norm(dim=1).clamp(min=1e-30)).view(-1, *[1] * (d.dim() - 1))
        if d.dim() > 1 else d
        for d, drawn in zip(leaning, directions)
    ]
"""

# (section, exercise, what stands below the solution, the check that does not pass)
ANSWERS = {
    "momentum of clipped gradients": (
        "section4", "momentum_step", STEP.format(rule="momentum_step", body=CLIPS), "momentum_respects_its_arguments"),
    "nesterov of clipped gradients": (
        "section4", "nesterov_step", STEP.format(rule="nesterov_step", body=CLIPS), "nesterov_respects_its_arguments"),
    "momentum that freezes the weights": (
        "section4", "momentum_step", STEP.format(rule="momentum_step", body=FREEZES),
        "momentum_step_leaves_its_inputs_unchanged"),
    "adagrad that freezes the weights": (
        "section7", "adagrad_step", STEP.format(rule="adagrad_step", body=FREEZES),
        "adagrad_step_leaves_its_inputs_unchanged"),
    "adam that switches autograd off": (
        "section7", "adam_step", STEP.format(rule="adam_step", body=SWITCHES_OFF),
        "adam_step_leaves_its_inputs_unchanged"),
    "connections around layers": ("section2", "MLP", SKIPS, "mlp_in_float64"),
    "a model that is in float64 afterwards": (
        "section2", "empirical_risk", DOUBLES, "empirical_risk_leaves_its_inputs_unchanged"),
    "at most twenty steps": ("section3", "gradient_descent", STOPS, "gradient_descent_leaves_its_start_alone"),
    "a direction that leans towards large weights": (
        "section5", "filter_normalized_direction", LEANS, "direction_is_gaussian"),
    "a training along clipped gradients": (
        "section5", "train_from_seeds", training(before="nn.utils.clip_grad_norm_(net.parameters(), 50.0)"),
        "training_follows_the_gradient"),
    "at most a hundred steps of training": (
        "section5", "train_from_seeds", TRAINS_BRIEFLY,
        "wide_networks_are_not_unlucky"),
    "learning rates in a range": ("section7", "bold_driver", ROUNDS, "bold_driver_defaults"),
    "arguments in another order": ("section7", "bold_driver", SWAPS, "bold_driver_defaults"),
    "a rise in between counts": (
        "section7", "diagnose_learning_rates", FEARS_SPIKES, "diagnose_by_the_first_and_the_last_loss"),
    "every order twice": ("section6", "minibatches", REPEATS, "epochs_are_shuffled_uniformly"),
    "learning rates of a grid": (
        "section9", "search_hyperparameters",
        search(draw="int(torch.randint(0, 101, (), generator=generator)) / 100"), "search_is_log_uniform"),
    "learning rates of a part of the range": (
        "section9", "search_hyperparameters", search(draw=NARROW), "search_is_log_uniform"),
    "torch seeded as a worker is": ("section9", "search_hyperparameters", SEEDS, "search_draws_from_its_generator"),
    "a loss in evaluation mode": ("section9", "train_epoch", LOOKS_FIRST, "an_epoch_takes_any_iterable"),
    "a tensor as a learning rate": (
        "section9", "search_hyperparameters", search(lr="torch.tensor(lr, dtype=torch.float64)"), "search_is_log_uniform"),
    "a range that scores make smaller": (
        "section9", "search_hyperparameters", search(learn="top = lr if math.isnan(score) else top"),
        "search_draws_from_its_generator"),
    "an infinite score that never wins": (
        "section9", "search_hyperparameters", search(but="and score < math.inf"), "search_survives_nan"),
}  # fmt: skip


@pytest.fixture(scope="module")
def sandbox():
    profile = settings.get_current_profile_name()
    with Sandbox.open(COURSE) as opened:
        yield opened
    settings.load_profile(profile)
    set_hypothesis_home_dir(None)


@pytest.mark.slow
@pytest.mark.parametrize(("id", "exercise", "text", "failing"), ANSWERS.values(), ids=ANSWERS.keys())
def test_it_loses_the_points_of_one_check(id, exercise, text, failing, sandbox):
    section = COURSE.find(id)
    source = section.solution.read_text(encoding="utf-8") + text
    submission = Submission(section.solution.name, section.solution, source.encode())
    report = grade(COURSE, section, submission, sandbox, Selection((exercise,), alone=True))
    assert {check.id for check in report.checks if check.status not in ("passed", "blocked")} == {failing}


@pytest.mark.slow
def test_what_is_right_loses_none(sandbox):
    """The answers above without their mistakes; `grade audit` has a variant of section 5 that trains like these."""
    section = COURSE.find("section9")
    source = section.solution.read_text(encoding="utf-8") + search()
    submission = Submission(section.solution.name, section.solution, source.encode())
    report = grade(COURSE, section, submission, sandbox, Selection(("search_hyperparameters",), alone=True))
    assert {check.id for check in report.checks if check.status != "passed"} == set()
