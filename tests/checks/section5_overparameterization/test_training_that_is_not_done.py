"""Weights that no training led to earn nothing in `train_from_seeds`, however small their loss is."""

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

from grader.find_course import find_course
from grader.grading.request import Selection
from grader.sandbox.process.launch import Sandbox
from grader.service.session import grade
from grader.submission.submission import Submission

HEAD = """
def train_from_seeds(width, seeds, X, y, lr, num_steps):
    if width < 1 or lr < 0 or num_steps < 0:
        raise ValueError("width, lr or num_steps")
    states = []
    for seed in seeds:
        g = torch.Generator().manual_seed(seed)
        W, b = torch.randn(width, X.shape[1], generator=g, dtype=X.dtype), torch.randn(width, generator=g, dtype=X.dtype)
        v, c = torch.randn(1, width, generator=g, dtype=X.dtype), torch.zeros(1, dtype=X.dtype)
"""
TAIL = """
        states.append({"W": W, "b": b, "v": v, "c": c})
    return states
"""
BODIES = {
    "the start for every number of steps": "",
    "least squares on random units": """
        if num_steps:
            units = torch.cat([(X @ W.T + b).relu(), torch.ones(len(X), 1, dtype=X.dtype)], 1)
            found = torch.linalg.pinv(units) @ y
            v, c = found[:-1][None].clone(), found[-1:].clone()
""",
    "units that are never active, and the closed form of the output bias": """
        b = b.abs() * -1e9
        c = c * (1 - 2 * lr) ** num_steps + y.mean() * (1 - (1 - 2 * lr) ** num_steps)
""",
    "a network without ReLU, whose units would all be active": """
        W, b, v = 0.02 * W, torch.ones_like(b), 0.1 * v
        parts = [part.requires_grad_() for part in (W, b, v, c)]
        for _ in range(num_steps):
            loss = (((X @ W.T + b) @ v.T).squeeze(1) + c - y).pow(2).mean()
            with torch.no_grad():
                for part, grad in zip(parts, torch.autograd.grad(loss, parts)):
                    part -= lr * grad
        W, b, v, c = (part.detach() for part in parts)
""",
    "the same known weights for every seed": """
        W, b, v = torch.ones_like(W), torch.zeros_like(b), torch.ones_like(v)
""",
}


@pytest.fixture(scope="module")
def sandbox():
    profile = settings.get_current_profile_name()
    with Sandbox.open(find_course()) as opened:
        yield opened
    settings.load_profile(profile)
    set_hypothesis_home_dir(None)


@pytest.mark.slow
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_it_earns_nothing(body, sandbox):
    course = find_course()
    section = course.find("section5")
    source = section.solution.read_text(encoding="utf-8") + HEAD + body + TAIL
    submission = Submission(section.solution.name, section.solution, source.encode())
    report = grade(course, section, submission, sandbox, Selection(("train_from_seeds",), alone=True))
    assert sum(check.points for check in report.checks) == 0
