"""What the features of wrong answers show by themselves: a true sentence for each, and none for right answers."""

from contextlib import suppress
from pathlib import Path

import pytest

from grader.course import Course
from grader.diagnosis.behaviour import Behaviour, behaviour_of, finding_of, findings_of, probe_of
from grader.diagnosis.known_mistakes import executed, in_its_place
from grader.diagnosis.replay import Probed
from grader.grading.section_run import contract_of
from grader.sandbox.calls.student import Contract

COURSE = Course(Path(__file__).parents[2])
SECTIONS = [section for section in COURSE.sections if findings_of(section)]


def found(section, exercise, text):
    """What is found of a definition in an exercise's place."""
    section = COURSE.find(section)
    module = executed(in_its_place(section.solution.read_text(encoding="utf-8"), exercise, text), "answer.py")
    behaviour = Behaviour(probe_of(section, exercise), Probed(Contract(module)))
    with suppress(Exception):  # the probe makes nothing of the rest
        list(behaviour)
    return finding_of(section, exercise, behaviour.found)


SAMPLE = """
def sample_minibatch(X, y, batch_size, generator):
    n = len(X)
    if not 1 <= batch_size <= n:
        raise ValueError("batch_size")
    rows = {}
    return X[rows], y[rows]
"""
EPOCH = """
def minibatches(X, y, batch_size, generator, drop_last=False):
    n = len(X)
    if not 1 <= batch_size <= n:
        raise ValueError("batch_size")
    for rows in {}:
        if len(rows) == batch_size or not drop_last:
            yield X[rows], y[rows]
"""
NOISE = """
def gradient_noise(per_example_grads, batch_size, num_draws, generator):
    n = len(per_example_grads)
    if not 1 <= batch_size <= n or num_draws < 1:
        raise ValueError("batch_size num_draws")
    full, total = per_example_grads.mean(0), 0.0
    for _ in range(num_draws):
        batch = per_example_grads[torch.randperm(n, generator=generator)[:batch_size]]
        total += float({})
    return total / {}
"""
SQUARE = "(batch.mean(0) - full).square().sum()"
SGD = """
def sgd(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    if not lr >= 0 or not 1 <= batch_size <= len(X):
        raise ValueError("lr batch_size")
    params, losses = list(model.parameters()), []
    for epoch in range(num_epochs):
        for X_batch, y_batch in minibatches(X, y, batch_size, generator):
            loss = loss_fn(model(X_batch), y_batch)
            grads = torch.autograd.grad(loss, params)
            with torch.no_grad():
                for w, g in zip(params, grads, strict=True):
                    w.sub_({})
            losses.append(loss.item())
    return {}
"""
MEANS = "[sum(losses[:k + 1]) / (k + 1) for k in range(len(losses))]"
EACH_EPOCH = "[sum(losses[k // b * b:][:b]) / b for b in [-(-len(X) // batch_size)] for k in range(len(losses))]"
SECTION6 = [
    (
        "sample_minibatch",
        SAMPLE.format("(torch.randint(n, (1,), generator=generator) + torch.arange(batch_size)) % n"),
        "follows the last",
    ),
    (
        "sample_minibatch",
        SAMPLE.format("(torch.rand(n, generator=generator) < batch_size / n).nonzero()[:, 0]"),
        "sizes",
    ),
    (
        "sample_minibatch",
        SAMPLE.format("torch.randperm(max(n - 1, batch_size), generator=generator)[:batch_size]"),
        "last example",
    ),
    (
        "sample_minibatch",
        SAMPLE.format("(torch.randint(n, (1,), generator=generator) + n // batch_size * torch.arange(batch_size)) % n"),
        "equal distances",
    ),
    ("minibatches", EPOCH.format("torch.randperm(n, generator=generator).chunk(batch_size)"), "number of batches"),
    ("minibatches", EPOCH.format("torch.randperm(n, generator=generator)[1:].split(batch_size)"), "in none"),
    (
        "minibatches",
        EPOCH.format("torch.randperm(n, generator=generator).tensor_split(-(-n // batch_size))"),
        "nearly equal",
    ),
    (
        "minibatches",
        EPOCH.format("reversed(torch.randperm(n, generator=generator).split(batch_size))"),
        "not always the last",
    ),
    (
        "minibatches",
        EPOCH.format("[b[torch.randperm(len(b), generator=generator)] for b in torch.arange(n).split(batch_size)]"),
        "first batch holds the same",
    ),
    (
        "gradient_noise",
        NOISE.format("(batch - batch.mean(0)).square().sum(1).mean()", "num_draws"),
        "the mean of this batch",
    ),
    ("gradient_noise", NOISE.format("(batch - full).square().sum(1).mean()", "num_draws"), "single rows"),
    ("gradient_noise", NOISE.format(SQUARE, "max(num_draws - 1, 1)"), "one less"),
    ("gradient_noise", NOISE.format("(batch.mean(0) - full).abs().sum()", "num_draws"), "doubles"),
    ("gradient_noise", NOISE.format(SQUARE + " / full.square().sum()", "num_draws"), "does not change"),
    ("sgd", SGD.format("lr / (epoch + 1) * g", "losses"), "divided by k"),
    ("sgd", SGD.format("lr * 0.9 ** epoch * g", "losses"), "multiplies it by 0.9"),
    ("sgd", SGD.format("lr * (g + 0.01 * w)", "losses"), "weight decay"),
    ("sgd", SGD.format("lr * g.sign()", "losses"), "only the sign"),
    ("sgd", SGD.format("lr * g / len(X_batch)", "losses"), "too short"),
    ("sgd", SGD.format("lr * g", MEANS), "mean of all losses so far"),
    ("sgd", SGD.format("lr * g", EACH_EPOCH), "one number"),
]


MLP = """
def make_mlp(width, depth, in_dim=784, out_dim=10):
    _check_at_least(1, width=width)
    _check_at_least(0, depth=depth)
    layers, inputs = [], in_dim
    for _ in range(depth):
        layers += [{}]
        inputs = width
    return nn.Sequential(*layers, nn.Linear({}, out_dim))
"""
LAYER = "nn.Linear(inputs, width)"
DIRECTION = """
def filter_normalized_direction(params, generator):
    directions = []
    for p in params:
        w = p.detach()
        d = torch.zeros_like(w)
        if w.dim() > 1:
            rows, weights = torch.{}(w.shape, generator=generator, dtype=w.dtype).flatten(1), w.flatten(1)
            d = ({}).reshape(w.shape)
        directions.append(d)
    return directions
"""
BY_NORM = "rows * (weights.norm(dim=1) / rows.norm(dim=1))[:, None]"
SEEDS = """
def train_from_seeds(width, seeds, X, y, lr, num_steps):
    _check_at_least(0, lr=lr, num_steps=num_steps)
    states, inputs = [], {}
    for seed in seeds:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = make_mlp(width, 1, X.shape[1], 1).to(X.dtype)
        for step in range({}):
            loss = (model(inputs).squeeze(1) - y).square().mean()
            grads = torch.autograd.grad(loss, list(model.parameters()))
            with torch.no_grad():
                for w, g in zip(model.parameters(), grads):
                    w.sub_({})
        states.append(model.state_dict())
    return states
"""
STANDARD = "(X - X.mean(0)) / X.std(0)"
TWO_THIRDS = "[(torch.arange(len(y)) + seed + step) % 3 > 0]"  # others for each seed
SECTION5 = [
    ("make_mlp", MLP.format(f"{LAYER}, nn.ReLU()", "width"), "depth 0"),
    ("make_mlp", MLP.format(f"{LAYER}, *([nn.ReLU()] if layers else [])", "inputs"), "after its first"),
    ("make_mlp", MLP.format(f"{LAYER}, nn.BatchNorm1d(width), nn.ReLU()", "inputs"), "normalised"),
    ("make_mlp", MLP.format(f"{LAYER}, nn.ReLU(), nn.Dropout(0.5)", "inputs"), "dropout"),
    ("make_mlp", MLP.format(f"{LAYER}, nn.LeakyReLU()", "inputs"), "leaky"),
    ("make_mlp", MLP.format(f"nn.ReLU(), {LAYER}", "inputs"), "in front of"),
    ("make_mlp", MLP.format(f"{LAYER}, nn.Tanh() if layers else nn.ReLU()", "inputs"), "a later one has a tanh"),
    ("filter_normalized_direction", DIRECTION.format("randn", "rows / rows.norm()"), "length 1 as a whole"),
    (
        "filter_normalized_direction",
        DIRECTION.format("randn", BY_NORM.replace("norm(dim=1)", "abs().amax(1)")),
        "maximum norm",
    ),
    ("filter_normalized_direction", DIRECTION.format("randn", "rows * weights.abs()"), "entry by entry"),
    ("filter_normalized_direction", DIRECTION.format("randn", BY_NORM + " * weights.norm(dim=1)[:, None]"), "twice"),
    (
        "filter_normalized_direction",
        DIRECTION.format("rand", BY_NORM.replace("rows", "(2 * rows - 1)")),
        "equally often",
    ),
    ("train_from_seeds", SEEDS.format(STANDARD, "num_steps", "lr * g"), "standardised"),
    ("train_from_seeds", SEEDS.format("X", "num_steps + 1", "lr * g"), "one too many"),
    ("train_from_seeds", SEEDS.format("X", "num_steps", "lr / (step + 1) * g"), "divided by k"),
    ("train_from_seeds", SEEDS.format("X", "num_steps", "lr * g.sign()"), "Adam"),
    ("train_from_seeds", SEEDS.format("X", "num_steps", "lr * g if w.dim() > 1 else 0"), "biases do not move"),
    (
        "train_from_seeds",
        SEEDS.format("X", "num_steps", "lr * g").replace(".square()", f"{TWO_THIRDS}.square()"),
        "not use all examples",
    ),
]
SEARCH = """
def search_hyperparameters(train_and_score, low, high, num_trials, generator):
    if not 0 < low <= high or num_trials < 1:
        raise ValueError("low high num_trials")
    trials = []
    for k in range(num_trials):
        u = torch.rand((), generator=generator, dtype=torch.float64).item()
        lr = min(max({}, low), high)
        trials.append((lr, train_and_score(lr)))
        {}
    scored = [trial for trial in trials if not math.isnan(trial[1])]
    return {}
"""
BEST = "max(scored, key=lambda trial: trial[1])[0] if scored else None"
LOG = "low * (high / low) ** u"
DECADES = "low * 10 ** int(u * (math.log10(high / low) + 1))"
SECTION9 = [
    ("search_hyperparameters", SEARCH.format(DECADES, "", f"{BEST}, trials"), "powers of ten"),
    (
        "search_hyperparameters",
        SEARCH.format("low * (high / low) ** (0.3 + 0.7 * u)", "", f"{BEST}, trials"),
        "lowest quarter",
    ),
    ("search_hyperparameters", SEARCH.format("1 / (u / low + (1 - u) / high)", "", f"{BEST}, trials"), "nearly all"),
    (
        "search_hyperparameters",
        SEARCH.format(LOG, "low = max(low, lr / 3) if trials[-1][1] > 2 else low", f"{BEST}, trials"),
        "independent",
    ),
    (
        "search_hyperparameters",
        SEARCH.format(LOG, "if trials[0][1] > trials[-1][1]: break", f"{BEST}, trials"),
        "stop early",
    ),
    ("search_hyperparameters", SEARCH.format(LOG, "", f"{BEST}, sorted(trials)"), "sorted by the learning rate"),
    (
        "search_hyperparameters",
        SEARCH.format(LOG, "", "max(scored)[0] if scored else None, trials"),
        "depend on the scores",
    ),
]


MODEL = """
class MLP(nn.Module):
    def __init__(self, in_dim=784, hidden_dims=(10,), out_dim=10):
        super().__init__()
        dims = [in_dim, *hidden_dims, out_dim]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(dims))

    def forward(self, X):
        z = X.flatten(1)
        for layer in self.layers[:-1]:
            z = {}(layer(z))
        return self.layers[-1](z)
"""
PLACE = """
def random_direction(dim, generator):
    z = {}(dim, generator=generator, dtype=torch.float64){}
    return z / {}
"""
ONE_STEP = """
def random_search_step(objective, w, step_size, generator):
    _check_not_negative(step_size=step_size)
    u = random_direction(len(w), generator).to(w.dtype)
    new = w + {} * u
    J, J_new = objective(w), objective(new)
    return (new, J_new) if J_new < J else ({})
"""
STEPS = """
def random_search(objective, w0, step_size, num_steps, generator):
    _check_not_negative(step_size=step_size, num_steps=num_steps)
    w, history = w0.detach().clone(), [objective(w0)]
    for _ in range(num_steps):
        {}
        w, J = random_search_step(objective, w, step_size, generator)
        history.append(J)
    return w, torch.stack(history)
"""
POWER = """
def sharpness(loss_fn, params, num_iters, generator):
    if num_iters < 1:
        raise ValueError("num_iters")
    slopes = torch.autograd.grad(loss_fn(), params, create_graph=True)
    v = [torch.randn(p.shape, generator=generator, dtype=p.dtype) for p in params]
    for _ in range(num_iters):
        length = sum((x * x).sum() for x in v).sqrt()
        v = [x / length for x in v]
        along = sum((g * x).sum() for g, x in zip(slopes, v))
        h = torch.autograd.grad(along, params, retain_graph=True, materialize_grads=True)
        found = {}
        v = list(h)
    return found
"""
QUOTIENT = "sum(float((x * y).sum()) for x, y in zip(v, h))"
SECTION2 = [
    ("MLP", MODEL.format("nn.functional.gelu"), "GELU"),
    ("MLP", MODEL.format("nn.functional.elu"), "ELU"),
    ("MLP", MODEL.format("torch.relu").replace("nn.ModuleList", "list"), "registers no parameters"),
    (
        "MLP",
        MODEL.format("(lambda z: torch.relu((z - z.mean(1, True)) / z.std(1, keepdim=True, correction=0)))"),
        "normalise",
    ),
]
SECTION3 = [
    ("random_direction", PLACE.format("torch.randn", "", "(2 * z.norm())"), "do not have length 1"),
    ("random_direction", PLACE.format("torch.randn", ".clamp(-1, 1)", "z.norm()"), "too much alike"),
    ("random_search_step", ONE_STEP.format("step_size", "w.clone(), J_new"), "belong together"),
    ("random_search_step", ONE_STEP.format("step_size", "w + (new - w) / 2, J"), "a third point"),
    ("random_search_step", ONE_STEP.format("3 * step_size", "w.clone(), J"), "but at another one"),
    (
        "random_search_step",
        ONE_STEP.format("2 * step_size", "w.clone(), J"),
        "but at another one",
    ),  # not at the distance 1
    ("random_search", STEPS.format("pass").replace("(history)", "(history) - history[0]"), "in each entry"),
    ("random_search", STEPS.format("if history[-1] < -3: break"), "ends too soon"),
    ("random_search", STEPS.format("step_size = step_size * 0.9"), "the distance `step_size`"),
]
SECTION4 = [
    ("sharpness", POWER.format(f"2 * {QUOTIENT}"), "twice the sharpness"),
    ("sharpness", POWER.format(f"{QUOTIENT} ** 0.5"), "square root"),
    ("sharpness", POWER.format(f"{QUOTIENT} / 2"), "half of the largest"),
    ("sharpness", POWER.format("sum(float((g * g).sum()) for g in slopes)"), "squared length of the gradient"),
    ("sharpness", POWER.format("sum(float((g * g).sum()) for g in slopes) ** 0.5"), "the length of the gradient"),
]

WRONG = [
    *(("section2_erm", *row) for row in SECTION2),
    *(("section3_search", *row) for row in SECTION3),
    *(("section4_momentum", *row) for row in SECTION4),
    *(("section5_overparameterization", *row) for row in SECTION5),
    *(("section6_minibatch", *row) for row in SECTION6),
    *(("section9_training", *row) for row in SECTION9),
]


@pytest.mark.parametrize(("section", "exercise", "text", "words"), WRONG)
def test_a_feature_of_a_wrong_answer_is_told(section, exercise, text, words):
    assert words in found(section, exercise, text).message


RIGHT = [
    ("section2_erm", "MLP", MODEL.format("torch.relu")),
    ("section3_search", "random_direction", PLACE.format("torch.randn", "", "z.norm()")),
    ("section3_search", "random_search_step", ONE_STEP.format("step_size", "w.clone(), J")),
    ("section3_search", "random_search_step", ONE_STEP.format("-step_size", "w.clone(), J")),
    ("section3_search", "random_search", STEPS.format("pass")),
    ("section4_momentum", "sharpness", POWER.format(QUOTIENT)),
    ("section5_overparameterization", "make_mlp", MLP.format(f"{LAYER}, nn.ReLU()", "inputs")),
    ("section5_overparameterization", "filter_normalized_direction", DIRECTION.format("randn", BY_NORM)),
    ("section5_overparameterization", "train_from_seeds", SEEDS.format("X", "num_steps", "lr * g")),
    ("section9_training", "search_hyperparameters", SEARCH.format(LOG, "", f"{BEST}, trials")),
    ("section6_minibatch", "sample_minibatch", SAMPLE.format("torch.randperm(n, generator=generator)[-batch_size:]")),
    (
        "section6_minibatch",
        "sample_minibatch",
        SAMPLE.format("torch.rand(n, generator=generator).topk(batch_size).indices"),
    ),
    (
        "section6_minibatch",
        "minibatches",
        EPOCH.format("torch.rand(n, generator=generator).argsort().split(batch_size)"),
    ),
    ("section6_minibatch", "gradient_noise", NOISE.format(SQUARE, "num_draws")),
    ("section6_minibatch", "sgd", SGD.format("lr * g", "losses")),
]


@pytest.mark.parametrize(("section", "exercise", "text"), RIGHT)
def test_a_right_answer_shows_nothing(section, exercise, text):
    assert found(section, exercise, text) is None


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.id)
def test_each_sentence_is_about_a_feature_and_never_about_that_of_the_solution(section):
    for exercise, findings in findings_of(section).items():
        right = list(behaviour_of(probe_of(section, exercise), contract_of(section).module))
        assert finding_of(section, exercise, right) is None
        assert {shown.rsplit(": ", 1)[0] for shown in findings} <= {name for part in right for name in part} | LATER


# Features of answers of which the solution has none.
LATER = {"examples of an epoch", "raises"}
