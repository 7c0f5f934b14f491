"""Demos on the page show the numbers of the student's own functions, or say why there are none."""

import json
from functools import cache
from pathlib import Path

import pytest
import torch

from grader.course import Course
from grader.figures.play import demos_of
from grader.grading.report import CheckResult, Report, Status
from grader.sandbox.limits.limits import Limits
from grader.sandbox.process.launch import Sandbox
from grader.submission.submission import Submission
from tests.course_parts import from_course
from tests.paths import ROOT

COURSE = Course(ROOT)
PLAYED = {
    "section3": [["Learning rate"]],
    "section4": [["Learning rate", "Momentum"]],
    "section5": [["Hidden units", "Seed"]],
    "section6": [["Batch size", "Learning rate"]] * 2,
    "section7": [["Optimizer", "Learning rate"]],
}

STEPS, GENTLE, STEEP = 40, (0.1, 1.0), (0.02, 1.0)  # curvatures of the bowls


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox.open(COURSE, limits=Limits(call_cpu_seconds=1.5)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def demos(sandbox):
    """The demos of a submission in whose file something is replaced; all exercises have a status, or some have others."""

    @cache
    def make(word, old="", new="", status=Status.PASSED, **statuses):
        section = COURSE.find(word)
        source = section.solution.read_text(encoding="utf-8")
        assert old in source
        submission = Submission("a.py", Path("a.py"), source.replace(old, new, 1).encode())
        checks = [CheckResult(e, e, e, statuses.get(e, status), 0.0, 1.0) for e in section.functions]
        report = Report(2, section.id, section.title, "a.py", 0.0, 1.0, "graded", {}, {}, checks)
        return demos_of(section, report, sandbox.admit(submission))

    return make


def run_of(demo, *settings):
    """The numbers of the run with these settings, as they are shown."""
    data = json.loads(demo.json)
    places = [control.values.index(value) for control, value in zip(demo.controls, settings, strict=True)]
    widths = [len(values) for values in data["controls"]]
    place = places[0] if len(places) == 1 else places[0] * widths[1] + places[1]
    return {name: data[name][place] for name in ("runs", "paths", "places", "diverges", "expected")}


def path_of(demo, curvatures, *settings):
    """The path; its curve has the losses of its points."""
    run = run_of(demo, *settings)
    assert not run["diverges"]
    path = torch.tensor(run["paths"], dtype=torch.float64).reshape(-1, 2)
    losses = (torch.tensor(curvatures, dtype=torch.float64) * path**2).sum(1) / 2
    torch.testing.assert_close(torch.tensor(run["runs"], dtype=torch.float64), losses, rtol=2e-3, atol=1e-12)
    return path


def torch_path(make):
    """The same by an optimizer of torch's."""
    w = torch.tensor([-9.0, 1.6], dtype=torch.float64, requires_grad=True)
    optimizer, path = make([w]), [w.detach().clone()]
    for _ in range(STEPS):
        w.grad = torch.tensor(STEEP, dtype=torch.float64) * w.detach()
        optimizer.step()
        path.append(w.detach().clone())
    return torch.stack(path)


@pytest.mark.parametrize("word", PLAYED)
def test_a_right_answer_can_be_played_with(word, demos):
    for demo, labels in zip(demos(word), PLAYED[word], strict=True):
        assert demo.missing == ()
        assert [control.label for control in demo.controls] == labels
        assert [control.is_choice for control in demo.controls] == [label == "Optimizer" for label in labels]
        data = json.loads(demo.json)
        count = 1
        for control in demo.controls:
            count *= len(control.values)
        assert len(data["runs"]) == len(data["diverges"]) == len(data["expected"]) == count
        assert [len(ends) for _, ends in demo.rows] == [count // len(demo.rows)] * len(demo.rows)
        assert 0 < sum(data["diverges"]) < count / 3 or word in ("section5", "section6", "section7")
        assert len(demo.json) < 300_000  # the page is to stay below 3 MB


def test_gradient_descent_is_the_closed_form(demos):
    (demo,) = demos("section3")
    steps = torch.arange(STEPS + 1, dtype=torch.float64)[:, None]
    factor = 1 - 0.31 * torch.tensor(GENTLE, dtype=torch.float64)
    expected = factor**steps * torch.tensor([-9.0, 1.6], dtype=torch.float64)
    torch.testing.assert_close(path_of(demo, GENTLE, "0.31"), expected, rtol=1e-3, atol=1e-12)


def test_gradient_descent_diverges_where_it_must(demos):
    (demo,) = demos("section3")
    ends = {float(value): ends[0] for value, ends in demo.rows}
    assert all((end == "diverges") == (lr > 2.0) for lr, end in ends.items())


@pytest.mark.parametrize("beta", ["0", "0.5", "0.9"])
def test_momentum_is_that_of_torch(demos, beta):
    (demo,) = demos("section4")
    expected = torch_path(lambda params: torch.optim.SGD(params, lr=0.559, momentum=float(beta)))
    torch.testing.assert_close(path_of(demo, STEEP, "0.559", beta), expected, rtol=1e-3, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("AdaGrad", lambda params: torch.optim.Adagrad(params, lr=0.263)),
        ("RMSProp", lambda params: torch.optim.RMSprop(params, lr=0.263)),
        ("Adam", lambda params: torch.optim.Adam(params, lr=0.263)),
    ],
)
def test_adaptive_methods_are_those_of_torch(demos, name, make):
    (demo,) = demos("section7")
    torch.testing.assert_close(path_of(demo, STEEP, name, "0.263"), torch_path(make), rtol=2e-3, atol=1e-6)


def test_small_batches_get_further_with_the_same_examples(demos):
    demo, _ = demos("section6")
    small, whole = run_of(demo, "1", "0.03"), run_of(demo, "120", "0.03")
    one, full = small["runs"], whole["runs"]
    assert len(full) == 3
    assert (small["places"], whole["places"]) == ([5.0, 10.0], [60.0, 120.0])  # in the middle of equal parts of 360
    assert full[0] == pytest.approx(1.0986, abs=1e-3)  # log 3, before any step
    assert sum(one[-5:]) / 5 < 0.7 * full[-1]


def test_sgd_hovers_at_the_noise_floor_wherever_there_is_one(demos):
    """Every setting: the line of the formula, and the run that settles there; the same for equal lr / B while lr is small."""
    _, demo = demos("section6")
    sizes, lrs = (control.values for control in demo.controls)
    for size in sizes:
        for lr in lrs:
            run = run_of(demo, size, lr)
            floor = run["expected"]
            if float(lr) > 2:
                assert run["diverges"]
                assert floor is None
                continue
            assert floor == pytest.approx(float(lr) / (int(size) * (2 - float(lr))), rel=1e-3)
            assert run["runs"][-1] == pytest.approx(floor, rel=0.6)
            if float(lr) > 0.1:  # settled after half of the steps
                half = run["runs"][len(run["runs"]) // 2 :]
                assert sum(half) / len(half) == pytest.approx(floor, rel=0.12)
    one, double = run_of(demo, "1", "0.04"), run_of(demo, "2", "0.08")
    assert double["expected"] == pytest.approx(one["expected"], rel=0.03)


def test_without_the_formula_sgd_hovers_all_the_same(demos):
    _, demo = demos("section6", noise_floor=Status.NOT_STARTED)
    assert demo.missing == ("noise_floor is left out: its checks come first.",)
    assert not any(json.loads(demo.json)["expected"])
    assert not any("(" in end for _, ends in demo.rows for end in ends)


def test_more_units_find_the_teacher_from_every_seed(demos):
    (demo,) = demos("section5")
    assert demo.goal is not None
    found = {width: [float(end) < demo.goal.value for end in ends] for width, ends in demo.rows}
    assert not any(found["2"])
    assert 0 < sum(found["3"]) < 8
    assert all(found["12"])


def test_the_losses_are_those_of_torch(demos):
    (demo,) = demos("section5")
    losses = run_of(demo, "6", "3")["runs"]
    X, y = from_course("section5_overparameterization.convergence", "teacher_examples")()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        model = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.ReLU(), torch.nn.Linear(6, 1)).double()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for step in range(201):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(X).squeeze(1), y)
        if step % 100 == 0:
            assert losses[step // 100] == pytest.approx(float(loss.detach()), rel=1e-3)
        loss.backward()
        optimizer.step()


# -- what is not right


def test_runs_that_do_not_follow_the_gradient_are_left_out(demos):
    assert demos("section5", "w.sub_(lr * g)", "w.add_(lr * g)", status=Status.FAILED) == []


def test_a_wrong_answer_is_shown_as_it_is(demos):
    (demo,) = demos("section4", "w.sub_(lr * v)", "w.add_(lr * v)", status=Status.FAILED)
    assert demo.missing == ("momentum_step does not pass all of its checks yet; this is what it does now.",)
    assert demo.rows[-1][1][0] == "diverges"


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.PASSED, Status.FAILED}))
@pytest.mark.parametrize("word", PLAYED)
def test_what_does_not_run_is_not_tried(demos, word, status):
    assert demos(word, status=status) == []


def test_optimizers_that_are_missing_are_named_and_left_out(demos):
    (demo,) = demos("section7", adam_step=Status.NOT_STARTED)
    assert demo.controls[0].values == ("AdaGrad", "RMSProp")
    assert demo.missing == ("adam_step is left out: its checks come first.",)


HOSTILE = {
    "endless": "while True: pass",
    "exits": "import os; os._exit(0)",
    "raises": "raise RuntimeError('<script>alert(1)</script>')",
    "floods": "params[0] = params[0].repeat(10**9)",
    "reshapes": "params[0].resize_(7)",
    "not a number": "params[0].fill_(float('nan'))",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_costs_the_play_at_most(demos, name):
    text = f"def gradient_descent_step(params, grads, lr):\n    {HOSTILE[name]}\n\ndef _other(params"
    found = demos("section3", "def gradient_descent_step(params", text, status=Status.FAILED)
    for demo in found:
        assert all(end == "diverges" or float(end) for _, ends in demo.rows for end in ends)
        assert len(demo.json) < 100_000
    assert bool(found) == (name == "not a number")


@pytest.mark.parametrize("answer", ["[1.0]", "['x'] * 1000", "None", "[float('nan')] * 360", "[[1.0]] * 360"])
def test_losses_of_another_kind_are_no_play(demos, answer):
    text = f"def sgd(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):\n    return {answer}\n\ndef _other("
    found = demos("section6", "def sgd(", text, status=Status.FAILED)
    assert not found
