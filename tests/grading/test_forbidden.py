"""What becomes of an exercise that uses what it may not, and that the course's own lists are sound."""

import ast
import pkgutil
from pathlib import Path

import pytest

from grader.find_course import find_course
from grader.grading.request import Selection
from grader.sandbox.process.launch import Sandbox
from grader.service.session import grade
from grader.submission.notebook_cells import mark
from grader.submission.submission import Submission
from grader.toolkit.private_names import COMPILER
from tests.grading.tiny_answers import STUB, answer

CHECKS = '''
import torch
from grader.toolkit.check import check
from grader.toolkit.closeness import expect_close, expect_value_error

ONES = torch.ones(2, dtype=torch.float64)
FORBIDDEN = {("torch.mul", "torch.Tensor.mul"): (("scale",), "write the product with *")}

@check("scale", points=1)
def test_value(student):
    """Value."""
    expect_close({"scaled": (student.scale(ONES, 3.0), 3 * ONES)})

@check("scale", points=0.5, needs=["value"])
def test_negative(student):
    """Negative."""
    expect_close({"scaled": (student.scale(ONES, -3.0), -3 * ONES)})

@check("scale", points=0.25, needs=["value"])
def test_zero(student):
    """Zero."""
    expect_close({"scaled": (student.scale(ONES, 0.0), 0 * ONES)})

@check("mean", points=1)
def test_mean(student):
    """Mean."""
    expect_close({"mean": (student.mean(ONES), 1.0)})

@check("centre", points=1, needs=["scale"])
def test_centre(student):
    """Centre."""
    expect_close({"centred": (student.centre(ONES), 0 * ONES)})
'''
SAID = "scale uses torch.mul (line 5), which is not allowed here: write the product with *."
HIDDEN = 'return eval("torch.mul")(x, factor)'
MULTIPLIED_MEAN = "return float(torch.mul(x, 1).mean())"


@pytest.fixture
def grade_listed(grade_tiny, course_with):
    root = course_with(CHECKS)
    return lambda source, **options: grade_tiny(source, root=root, **options)


def statuses(report):
    return [check.status.value for check in report.checks]


@pytest.mark.parametrize("body", ["return torch.mul(x, factor)", HIDDEN], ids=["in the source", "when it runs"])
def test_a_use_costs_its_exercise_all_points_and_no_other(grade_listed, body):
    report = grade_listed(answer(scale=body, mean=MULTIPLIED_MEAN, centre="return scale(x, 1.0) - mean(x)"))
    assert statuses(report) == ["forbidden", "forbidden", "forbidden", "passed", "blocked"]
    assert {check.message for check in report.checks[:3]} == {SAID}
    assert [(line.line, line.text) for line in report.checks[1].lines] == [(5, body)]
    assert report.points == 1
    assert report.exit_code == 1


def test_a_use_in_some_calls_only_ends_the_checks_from_there_on(grade_listed):
    report = grade_listed(answer(scale=f"if factor < 0: {HIDDEN}\nreturn x * factor"))
    assert statuses(report)[:3] == ["passed", "forbidden", "forbidden"]


def test_a_use_that_is_caught_is_seen_all_the_same(grade_listed):
    report = grade_listed(answer(scale=f"try: {HIDDEN}\nexcept BaseException: return x * factor"))
    assert statuses(report)[0] == "forbidden"


def test_a_stub_is_not_started_whatever_is_imported(grade_listed):
    assert statuses(grade_listed(answer("from torch import mul\n", scale=STUB)))[0] == "not_started"


def test_in_this_process_the_source_alone_is_looked_at(grade_listed, tmp_path):
    report = grade_listed(answer(scale="return torch.mul(x, factor)"), sandbox=None, folder=tmp_path)
    assert statuses(report)[0] == "forbidden"
    report = grade_listed(answer(scale=HIDDEN), sandbox=None, folder=tmp_path)
    assert statuses(report)[0] == "passed"


# -- the course

LISTS = [(section, ban) for section in find_course().sections for ban in section.forbidden]


def test_the_sections_that_forbid_something_are_these():
    assert [section.number for section, _ in LISTS] == [2, 4, 4, 7, 9]


@pytest.mark.parametrize(("section", "ban"), LISTS, ids=lambda value: getattr(value, "id", ""))
def test_what_is_listed_exists_and_the_stub_says_so(section, ban):
    tree = ast.parse((section.root / "exercises" / f"{section.stem}.py").read_text(encoding="utf-8"))
    docstrings = {
        node.name: ast.get_docstring(node) for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    for exercise in ban.exercises:
        assert exercise in section.exercises
        assert any(
            f"`{word}`" in docstrings[exercise] for word in ("torch.optim", "log_softmax", "torch.func.hessian")
        ), exercise
    for name in ban.names:
        if name.startswith("torch."):
            pkgutil.resolve_name(name)


# Right answers, but for the rule.
MOMENTUM = """
import torch
OPTIM = torch.optim
def momentum_step(params, grads, velocities, lr, beta):
    if lr < 0: raise ValueError("lr is negative")
    if beta < 0 or beta >= 1: raise ValueError("beta out of range")
    ps = [torch.nn.Parameter(p.detach().clone()) for p in params]
    o = OPTIM.SGD(ps, lr=lr, momentum=beta)
    for p, g, v in zip(ps, grads, velocities):
        p.grad = g.clone()
        o.state[p]["momentum_buffer"] = v
    o.step()
    with torch.no_grad():
        for p, q in zip(params, ps): p.copy_(q)
"""
ADAM = """
import torch
OPTIM = torch.optim
def _run(cls, params, grads, states, **kw):
    leaves = [torch.nn.Parameter(p.detach()) for p in params]
    opt = cls(leaves, **kw)
    for leaf, g, st in zip(leaves, grads, states):
        leaf.grad = g.clone(); opt.state[leaf].clear(); opt.state[leaf].update(st)
    opt.step()
def adam_step(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    if step < 1 or lr < 0 or not 0 <= beta1 < 1 or not 0 <= beta2 < 1 or eps < 0: raise ValueError("step lr beta1 beta2 eps")
    states = [{"step": torch.tensor(step - 1.0), "exp_avg": m, "exp_avg_sq": v} for m, v in zip(first_moments, second_moments)]
    _run(OPTIM.Adam, params, grads, states, lr=lr, betas=(beta1, beta2), eps=eps)
"""
CROSS_ENTROPY = """
import torch
F = torch.nn.functional
def log_softmax(logits): return logits - torch.logsumexp(logits, 1, keepdim=True)
def cross_entropy(logits, targets): return F.cross_entropy(logits, targets)
"""
ANSWERS = {
    "section2 cross_entropy": (CROSS_ENTROPY, "torch.nn.functional"),
    "section4 momentum_step": (MOMENTUM, "torch.optim"),
    "section7 adam_step": (ADAM, "torch.optim"),
}


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox.open(find_course(), preload=[COMPILER]) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.parametrize("hidden", [False, True], ids=["in the source", "when it runs"])
@pytest.mark.parametrize("exercise", ANSWERS)
def test_the_librarys_own_rule_is_no_answer(sandbox, exercise, hidden):
    source, module = ANSWERS[exercise]
    section_id, name = exercise.split()
    if hidden:
        source = source.replace(f"= {module}", f'= eval("{module}")')
    course = find_course()
    section = course.find(section_id)
    submission = Submission(f"{section.stem}.py", Path("x.py"), source.encode())
    report = grade(course, section, submission, sandbox, Selection(exercises=(name,)))
    assert {check.status.value for check in report.checks} == {"forbidden"}
    assert report.points == 0


@pytest.mark.parametrize("body", ["return torch.mul(x, factor)", HIDDEN])
def test_in_a_notebook_the_message_names_the_cell(body, course_with, tiny_sandbox, grade_tiny):
    from grader.course import Course

    cells = "import torch\n\n\n\n", f"# a comment\ndef scale(x, factor):\n    {body}\n"
    source = "".join(mark(number) + cell + "\n" for number, cell in enumerate(cells, 1)).encode()
    course = Course(course_with(CHECKS))
    submission = Submission("x.ipynb", Path("x.ipynb"), source)
    report = grade(course, course.find("tiny"), submission, tiny_sandbox, Selection(("scale",)))
    assert report.checks[0].message == SAID.replace("line 5", "cell 2, line 3")
