"""The script of a counterexample: it runs without the grader, and shows expected beside received values."""

import math
import shutil
import subprocess
import sys
from types import ModuleType

import msgspec
import numpy as np
import pytest
import torch

from grader.course import Course
from grader.course_modules import module_of
from grader.diagnosis.python_text import GENERATOR_IN, NotWritableError, PythonText, assigned
from grader.diagnosis.script import as_text, script_of
from grader.diagnosis.travelling_text import TravellingText
from grader.service.service import Service
from grader.service.wrong_calls import failing_calls
from grader.submission.submission import Submission
from tests.paths import ROOT, TINY

SOLVED = (TINY / "solutions" / "section1_tiny.py").read_text(encoding="utf-8")


def calls_of(text, sandbox, root, *exercises):
    course = Course(root)
    (section,) = course.sections
    submission = Submission("section1_tiny.py", section.exercise, text.encode(), real=section.exercise)
    return section, failing_calls(Service(course, sandbox), section, submission, exercises)[1]


def test_the_script_of_a_wrong_function_shows_both_values_in_a_fresh_interpreter(tiny_sandbox, tmp_path):
    root = shutil.copytree(TINY, tmp_path / "course")
    wrong = SOLVED.replace("return x * factor", "return x + factor")
    assert wrong != SOLVED
    section, (call, *_) = calls_of(wrong, tiny_sandbox, root, "scale")
    section.exercise.write_text(wrong, encoding="utf-8")
    path = root / "repro" / "scale.py"
    path.parent.mkdir()
    text = script_of(section, call.contract, call.check, call.exchange, path).text
    path.write_text(text, encoding="utf-8")
    ran = subprocess.run([sys.executable, "-I", str(path)], cwd=tmp_path, capture_output=True, text=True)
    differing = next(row for row in call.check.counterexample.rows if row.differs)
    line = next(line for line in ran.stdout.splitlines() if line.endswith("<-"))
    assert line.split()[-3:] == [differing.expected, differing.got, "<-"], ran.stdout + ran.stderr
    assert "grader" not in "".join(line for line in text.splitlines() if "import" in line)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_no_name_or_title_in_a_script_is_executed(tiny_sandbox, tmp_path, monkeypatch):
    monkeypatch.setattr("grader.diagnosis.python_text.WRITTEN_OUT", 0)  # so that the script names its file of arrays
    name = """q"+print('from a name')+"'\\x"""
    root = shutil.copytree(TINY, tmp_path / name / "course")
    wrong = SOLVED.replace("return x * factor", "return x + factor")
    section, (call, *_) = calls_of(wrong, tiny_sandbox, root, "scale")
    section.exercise.write_text(wrong, encoding="utf-8")
    check = msgspec.structs.replace(call.check, title='Ends """\nprint("from a title") \\N and \\')
    path = tmp_path / "repro\nprint('from a file').py"
    made = script_of(section, call.contract, check, call.exchange, path)
    path.write_text(made.text, encoding="utf-8")
    np.savez(path.with_suffix(".npz"), **made.stored)
    ran = subprocess.run([sys.executable, "-I", str(path)], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "<-" in ran.stdout
    assert "from a" not in ran.stdout


def test_a_missing_refusal_and_an_exception_are_shown_by_what_is_returned_and_raised(tiny_sandbox, tmp_path):
    wrong = SOLVED.replace("if amount < 0:", "if False:").replace("return float(x.sum()) / x.numel()", "return 1 / 0")
    section, calls = calls_of(wrong, tiny_sandbox, TINY)
    texts = {
        call.check.id: script_of(section, call.contract, call.check, call.exchange, tmp_path / "a.py").text
        for call in calls
    }
    refusal = texts["shift_rejects_a_negative_amount"]
    assert "A ValueError that names `amount` should be raised here" in refusal
    assert 'print("Yours returned:", result)' in refusal
    assert "result = yours.mean(x)" in texts["mean_by_hand"]


def test_a_hidden_check_has_no_script(tiny_sandbox):
    wrong = SOLVED.replace("return x - mean(x)", "return x + mean(x)")
    assert wrong != SOLVED
    _, calls = calls_of(wrong, tiny_sandbox, TINY, "centre")
    assert calls == []


def test_every_kind_of_argument_comes_back_from_its_text():
    moved = torch.Generator().manual_seed(3)
    torch.rand(2, generator=moved)
    drawn = np.random.default_rng(5)
    drawn.random()
    values = [
        None, True, -3, 0.1, math.inf, "a'b", [1, (2.5,)], {"k": [None]}, torch.tensor([0.1, 2.0]),
        torch.tensor([[1.0], [math.nan]], dtype=torch.float64), torch.empty(0, 3), torch.arange(100.0),
        torch.tensor([1 + 2j]), torch.nn.Parameter(torch.ones(2)), torch.ones(2, 3).T, torch.ones(1, requires_grad=True),
        np.array([1.0, 2.5]), np.array([1.5], np.float32), np.array([True, False]), np.ones((9, 9)),
        torch.Generator().manual_seed(7), moved, np.random.default_rng(7), drawn,
    ]  # fmt: skip
    writer = PythonText()
    texts = [writer.of(value) for value in values]
    scope = {"torch": torch, "np": np, "stored": writer.stored}
    exec(GENERATOR_IN, scope)
    for value, text in zip(values, texts, strict=True):
        back = eval(text, scope)
        assert type(back) is type(value), text
        if isinstance(value, torch.Tensor):
            assert torch.equal(back.nan_to_num(9), value.nan_to_num(9)), text
            assert back.dtype is value.dtype
            assert back.requires_grad == value.requires_grad
            assert back.is_contiguous() == value.is_contiguous(), text
        elif isinstance(value, np.ndarray):
            assert (back.dtype, back.tolist()) == (value.dtype, value.tolist()), text
        elif isinstance(value, torch.Generator):
            assert torch.equal(back.get_state(), value.get_state())
        elif isinstance(value, np.random.Generator):
            assert back.random() == value.random()
        else:
            assert back == value


def test_a_tensor_that_two_arguments_share_is_made_once():
    shared = torch.ones(2)
    lines = assigned(["a", "b"], [[shared], shared], PythonText())
    scope = {"torch": torch}
    exec("\n".join(lines), scope)
    assert scope["a"][0] is scope["b"]


def test_a_function_of_the_check_cannot_be_written():
    with pytest.raises(NotWritableError, match="a function of the grader"):
        PythonText().of(lambda w: w)


def test_problems_and_programs_come_with_all_that_they_use_and_without_the_grader():
    problems = module_of(ROOT, "section4_momentum.problems")
    programs = module_of(ROOT, "section4_momentum.programs")
    writer, travelling = PythonText(), TravellingText()
    loss = writer.of(problems.BowlLoss(torch.eye(2)))
    for module, name in [(programs.__name__, "left_by_sharpness"), *writer.classes]:
        travelling.add(module, name)
    scope = {"torch": torch}
    text = "\n\n".join(
        [
            "from pathlib import Path",
            *travelling.imports,
            *(found for _, found in travelling.definitions.values()),
            f"loss = {loss}",
        ]
    )
    assert "grader" not in text
    exec(text, scope)
    assert float(scope["loss"].value([torch.ones(2)])) == 1.0
    assert set(travelling.definitions) == {"Loss", "BowlLoss", "starting_values", "left_by_sharpness"}


@pytest.mark.parametrize(
    ("value", "text"), [(2.45, "2.4500"), (1e-5, "1.0000e-05"), ([1, 2.0], "[1, 2.0000]"), (math.nan, "nan")]
)
def test_values_are_written_as_in_messages(value, text):
    assert as_text(value) == text


CHECKS = '''
import math

import torch
from torch.nn.functional import relu

SHIFT = torch.tensor([1.0])


def bowl(centre, scale: float = 2.0):
    """Functions of a check, which take values from around them."""

    def around(w):
        return helped(w - centre) * scale + SHIFT.sum()

    return around


def helped(w: torch.Tensor) -> torch.Tensor:
    """A helper."""
    return relu(w).sum() * math.pi


def power(exponent):
    return lambda w: (w**exponent).sum()


def counted(calls, generator, secret):
    def remembers(w):
        calls.append(w)
        return w.sum()

    def draws(w):
        return torch.rand(1, generator=generator)

    def knows(w):
        return w + secret

    return remembers, draws, knows
'''


@pytest.fixture
def checks(tmp_path):
    """A module of checks of a course."""
    room = tmp_path / "checks" / "section1_tiny"
    room.mkdir(parents=True)
    (room / "functions.py").write_text(CHECKS, encoding="utf-8")
    return module_of(tmp_path, "section1_tiny.functions")


def test_a_function_of_the_check_that_stands_alone_comes_with_what_it_uses(checks):
    for function in (checks.bowl(torch.tensor([0.5])), checks.power(3), checks.helped):
        writer = PythonText()
        expression = writer.of(function)
        text = "\n".join(["import torch", *sorted(writer.imports), *writer.functions.values()])
        assert "course_" not in text
        assert "grader" not in text
        scope = {}
        exec(text, scope)
        w = torch.tensor([1.0, 2.0])
        assert eval(expression, scope)(w) == function(w)


@pytest.mark.parametrize("place", range(3))
def test_a_function_that_remembers_draws_or_knows_a_secret_is_not_written(checks, place):
    functions = checks.counted([], torch.Generator(), 2**40)
    with pytest.raises(NotWritableError, match="a function of the check"):
        PythonText().of(functions[place])


def test_a_function_of_the_solution_is_not_written(checks, monkeypatch):
    solution = ModuleType("solutions.section1_tiny")
    exec("def reference(w):\n    return w", vars(solution))
    monkeypatch.setitem(sys.modules, solution.__name__, solution)
    checks.bowl.__globals__["relu"] = solution.reference
    with pytest.raises(NotWritableError):
        PythonText().of(checks.helped)
