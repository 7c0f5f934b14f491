"""`grade lint` lists calls that cannot work, names that no library has, and imports that no submission may have."""

import shutil

import pytest

from grader.course import Course
from grader.kit.lint import lint
from tests.paths import TINY

ROOM = "checks/section1_tiny"
CHECKS, SOLUTION = f"{ROOM}/test_section1.py", "solutions/section1_tiny.py"
SCALE = "student.scale(x, factor)"
CLOSE = 'expect_close({"mean": (result, 3.0)})'
EXPECT = "from grader.toolkit.closeness import expect\n"
FIGURES = "from grader.figures.picture import Figure\nclass A(Figure): pass\nclass B(Figure): pass\n"
RUNS = "from dataclasses import dataclass\n@dataclass\nclass R:\n    exercise: str\n"


@pytest.fixture
def errors(tmp_path):
    """What is wrong with a copy of the tiny course in which one text stands in place of another."""

    def changed(name, old, new):
        root = tmp_path / "course"
        shutil.copytree(TINY, root)
        path = root / name
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        assert old in text
        path.write_text(text.replace(old, new, 1) if old else text + new, encoding="utf-8")
        return [line.removeprefix(f"{root}/") for line in lint(Course(root), draft=True)]

    return changed


@pytest.mark.parametrize(
    ("name", "old", "new", "found"),
    [
        (CHECKS, SCALE, "student.scale(z=x, factor=factor)", ":31: student.scale: missing a required argument: 'x'."),
        (CHECKS, SCALE, "student.scale(x, factor, z=x)", ":31: student.scale: got an unexpected keyword argument 'z'. Its"),
        (CHECKS, SCALE, "student.scale(x, factor, 1)", ":31: student.scale: too many positional arguments. Its arguments are x"),
        (CHECKS, SCALE, "student.scale(*x, 1, 2, 3)", None),
        (CHECKS, "", "def helper(f):\n    f.mean()\n\ndef user(student):\n    helper(student)\n", ":87: f.mean: missing a req"),
        (CHECKS, CLOSE, f"with expect_value_error(TypeError): student.mean()\n    {CLOSE}", None),
        (CHECKS, CLOSE, "expect_close(result, 3.0)", ':68: expect_close takes a dictionary of pairs, by what they are. Write'),
        (CHECKS, CLOSE, "expect_close(student.mean(1), 3.0)", ":68: expect_close takes a dictionary of pairs, by what they are."),
        (CHECKS, CLOSE, 'expect_close({"mean": result})', ":68: expect_close needs a pair for each name. Write (result"),
        (CHECKS, CLOSE, 'expect_close({"mean": student.mean(1)})', ":68: expect_close needs a pair for each name. Write (stud"),
        (CHECKS, CLOSE, 'expect_close({"mean": (result, 1, 2)})', ":68: expect_close needs a pair for each name, and (result, 1"),
        (CHECKS, CLOSE, 'expect_close({"mean": (result, result)})', ":68: (result, result) compares a value with itself"),
        (CHECKS, CLOSE, f"{EXPECT}    expect('so', result > 1)\n    {CLOSE}", ":69: expect takes the condition first, and then"),
        (CHECKS, CLOSE, "assert (result == 3, 'so')", ":68: a tuple is always true, so every answer passes. Remove the"),
        (CHECKS, CLOSE, 'expect_value_error("x")\n    student.mean(1)', ":68: expect_value_error('x') alone expects nothing."),
        (CHECKS, CLOSE, "import pytest\n    pytest.raises(ValueError, student.mean, 1)", None),
        (CHECKS, CLOSE, "expect_close()", ":68: expect_close: missing a required argument: 'pairs'. Its arguments are pairs, t"),
        (CHECKS, CLOSE, 'expect_close({"mean": (result, 3.0)}, atol=1)', ":68: expect_close: got an unexpected keyword argument"),
        (f"{ROOM}/convergence.py", "", f'{RUNS}RUNS = {{"m": R("maen")}}\n', ":5: R.exercise: the solution defines no maen. Did"),
        (f"{ROOM}/convergence.py", "", f'{RUNS}RUNS = {{"m": R("mean")}}\n', None),
        (f"{ROOM}/convergence.py", "", f'{RUNS}RUNS = {{"m": R("mean", 2)}}\n', None),
        (
            f"{ROOM}/programs.py",
            "",
            "def p(s): return q(s, 1)\ndef q(f, n): return f.maen(x.run(p))\n",
            ":2: f.maen: the solution defines no maen. Did you mean mean?",
        ),
        (f"{ROOM}/programs.py", "", "def p(s): return s.mean(x.run(p), 1, 2)\n", ":1: s.mean: too many positional arguments."),
        (f"{ROOM}/figures.py", "", f"{FIGURES}FIGURES = [A()]\n", ":3: B is not drawn. Add B() to FIGURES."),
        (f"{ROOM}/figures.py", "", f"{FIGURES}FIGURES = [A(), B()]\n", None),
        (f"{ROOM}/figures.py", "", 'work.ask("m", "mean", lambda f: f.mean())\n', ":1: f.mean: missing a required argument:"),
        (CHECKS, "", 'FORBIDDEN = {"numpy.ftt": (("mean",), "so")}\n', ":86: FORBIDDEN: there is no numpy.ftt. Did you mean"),
        (CHECKS, "", 'FORBIDDEN = {"math.sqr": (("mean",), "so")}\n', ":86: FORBIDDEN: there is no math.sqr. Did you mean math."),
        (CHECKS, "", 'FORBIDDEN = {"sys.exti": (("mean",), "so")}\n', ":86: FORBIDDEN: there is no sys.exti. Did you mean sys."),
        (CHECKS, "", 'FORBIDDEN = {("sys.exit", "os.system"): (("mean",), "so")}\n', None),
        (CHECKS, "", 'FORBIDDEN = {"srted": (("mean",), "so")}\n', ":86: FORBIDDEN: there is no srted. Did you mean sorted?"),
        (CHECKS, "", 'FORBIDDEN = {"numpy.linalg.nrom": (("mean",), "so")}\n', ":86: FORBIDDEN: there is no numpy.linalg.nrom."),
        (CHECKS, "", 'FORBIDDEN = {("numpy.fft", "sorted", "torch.Tensor.mean"): (("mean",), "so")}\n', None),
        (CHECKS, "", 'FORBIDDEN = {("torch.nn.Softmax", "torch.nn.functional.softmax"): (("mean",), "so")}\n', None),
        (CHECKS, "", 'FORBIDDEN = {("no_such_package.fft", "math.sqrt"): (("mean",), "so")}\n', None),
        (SOLUTION, "from torch", "import math, scipy.linalg\nfrom torch", ":7: no submission may import scipy. Write"),
        (SOLUTION, "from torch", "from sklearn import x\nfrom torch", ":7: no submission may import sklearn. Write"),
    ],
)  # fmt: skip
def test_each_has_its_place(errors, name, old, new, found):
    assert [line[: len(f"{name}{found}")] for line in errors(name, old, new)] == ([f"{name}{found}"] if found else [])
