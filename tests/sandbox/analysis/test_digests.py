"""Which functions a change of the file can have touched, told by their digests."""

import ast

import pytest

from grader.sandbox.analysis.digests import read, whole

FILE = """\
import math
from torch import Tensor

RATE = 0.1


def helper(x: Tensor) -> Tensor:
    return x * RATE


def step(x: Tensor) -> Tensor:
    return helper(x)


def walk(x: Tensor) -> Tensor:
    return step(step(x))


def norm(x: Tensor) -> float:
    return math.sqrt(float(x @ x))


class Model:
    size = 3

    def forward(self, x: Tensor) -> Tensor:
        return norm(x)
"""
NAMES = ["Model", "helper", "norm", "step", "walk"]


def touched(before: str, after: str) -> list[str]:
    old, new = (read(ast.parse(source)) for source in (before, after))
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


CHANGES = {
    "a body": ("x @ x", "x @ x + 1", ["Model", "norm"]),
    "a helper touches those that call it, directly or not": ("x * RATE", "x + RATE", ["helper", "step", "walk"]),
    "a method": ("return norm(x)", "return -norm(x)", ["Model"]),
    "a comment": ("RATE = 0.1", "RATE = 0.1  # per step", []),
    "lines that move": ("\n\ndef norm", "\n\n# Its length.\n\n\ndef norm", []),
    "text between functions": ("\n\ndef norm", '\n\n"""Its length."""\n\n\ndef norm', []),
    "one more function with the usual arguments": (
        "\n\ndef norm",
        "\n\ndef more(x: Tensor) -> Tensor:\n    return x\n\n\ndef norm",
        ["more"],
    ),
    "a constant": ("RATE = 0.1", "RATE = 0.2", NAMES),
    "an import": ("import math\n", "import cmath as math\n", NAMES),
    "what a class holds": ("size = 3", "size = 4", NAMES),
    "an annotation that was not there": ("x: Tensor) -> float", "x: Tensr) -> float", NAMES),
    "a default that is computed": ("def norm(x: Tensor)", "def norm(x: Tensor, d=[1.0])", NAMES),
    "a default that is a constant": ("def norm(x: Tensor)", "def norm(x: Tensor, d=1.0)", ["Model", "norm"]),
    "a decorator": ("def norm", "@print\ndef norm", NAMES),
    "a statement": ("RATE = 0.1", "RATE = 0.1\nprint(RATE)", NAMES),
    "a name that is imported": ("def norm", "def math(): pass\n\n\ndef norm", sorted([*NAMES, "math"])),
    "the last of two definitions": ("class Model", "def step(x: Tensor): pass\n\n\nclass Model", ["step", "walk"]),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_change_touches(change):
    old, new, expected = CHANGES[change]
    assert FILE.count(old) >= 1
    assert touched(FILE, FILE.replace(old, new, 1)) == expected


@pytest.mark.parametrize(
    "line",
    [
        "eval('norm')",
        "globals()['norm'] = 1",
        "getattr(Model, 'for' + 'ward')",
        "norm.__code__ = step.__code__",
        "from sys import modules",
        "import importlib.util",
        "from math import *",
    ],
)
def test_where_names_may_be_used_unmentioned_every_change_touches_all(line):
    source = f"{FILE}\n\n{line}\n"
    assert touched(source, source.replace("x @ x", "x @ x + 1")) == NAMES


def test_a_global_that_a_function_sets_concerns_all():
    source = FILE.replace("    return x * RATE", "    global RATE\n    RATE = 0.2\n    return x * RATE")
    assert touched(source, source.replace("x @ x", "x @ x + 1")) == NAMES


def test_a_function_that_runs_on_loading_concerns_all():
    source = FILE + "\n\nTABLE = norm(3)\n"
    assert touched(source, source.replace("x @ x", "x @ x + 1")) == NAMES
    assert touched(source, source.replace("x * RATE", "x + RATE")) == ["helper", "step", "walk"]


@pytest.mark.parametrize("use", ["@helper\ndef late", "def late(x=helper)", "class Late(helper)"])
def test_what_a_header_uses_has_to_stand_above_it(use):
    """Below it, loading would stop there, which concerns all that follows."""
    late = f"{use}{'(x)' if '@' in use else ''}: return 1\n" if "class" not in use else f"{use}: x = 1\n"
    helper = "def helper(x): return x\n"
    assert touched(f"{helper}{late}def last(): pass\n", f"{late}{helper}def last(): pass\n") != []


def test_a_model_may_be_set_to_evaluate():
    """`model.eval()` is not `eval`, and `re.compile` is not `compile`."""
    source = FILE + "\n\ndef last(model):\n    model.eval()\n    return math.compile(model)\n"
    assert touched(source, source.replace("x @ x", "x @ x + 1")) == ["Model", "norm"]


SAME = {
    "a comment": ("RATE = 0.1", "RATE = 0.1  # per step"),
    "layout": ("math.sqrt(float(x @ x))", "math.sqrt(\n        float((x @ x))\n    )"),
    "a docstring": ("    return helper(x)", '    """Move."""\n    return helper(x)'),
    "a docstring of a class": ("    size = 3", "    'A model.'\n    size = 3"),
    "the way a number is written": ("RATE = 0.1", "RATE = 1e-1"),
    "a prefix": ("class Model:", "class Model:\n    u'A model.'"),
    "pass": ("    return helper(x)", "    pass\n    return helper(x)"),
}
OTHER = {
    "a name": ("def helper(x: Tensor) -> Tensor:\n    return x", "def helper(y: Tensor) -> Tensor:\n    return y"),
    "an order": ("import math\nfrom torch import Tensor", "from torch import Tensor\nimport math"),
    "a number of another type": ("size = 3", "size = 3.0"),
    "a truth": ("size = 3", "size = True"),
    "a text": ("size = 3", "size = '3'"),
    "what is returned": ("return x * RATE", "return (x * RATE,)"),
    "nesting": ("        return norm(x)", "        if x:\n            return norm(x)"),
    "a missing key": ("size = 3", "size = {**3}"),
    "another key": ("size = 3", "size = {None: 3}"),
}


@pytest.mark.parametrize("change", SAME)
def test_a_whole_file_keeps_its_digest(change):
    old, new = SAME[change]
    assert FILE.count(old) == 1
    assert whole(ast.parse(FILE.replace(old, new))) == whole(ast.parse(FILE))


def test_any_other_code_gives_a_whole_file_another_digest():
    changed = [FILE.replace(*OTHER[change], 1) for change in OTHER]
    assert len({whole(ast.parse(source)) for source in (FILE, *changed)}) == len(OTHER) + 1


TABLE = 'PREDICTIONS = {\n    # How many steps?\n    # Answer: a number, within 5\n    "steps": None,\n}\n'
ANSWERED = TABLE.replace("None", "-40.5")


def test_an_answered_question_changes_no_digest():
    """A grade that a digest decides, such as the one of a classifier's test set, does not depend on predictions."""
    digests = {whole(ast.parse(source)) for source in (FILE, TABLE + FILE, ANSWERED + FILE, FILE + ANSWERED)}
    assert digests == {whole(ast.parse(FILE))}


@pytest.mark.parametrize(
    "use",
    [
        "RATE = PREDICTIONS['steps']",
        "def late(): return PREDICTIONS",
        "RATE = globals()['PREDICTIONS']",
        "from a import PREDICTIONS",
    ],
)
def test_answers_that_other_code_reads_are_code(use):
    none, some = (whole(ast.parse(f"{FILE}{table}\n{use}\n")) for table in (TABLE, ANSWERED))
    assert none != some


def test_an_answer_that_is_computed_is_code():
    assert whole(ast.parse(FILE + TABLE.replace("None", "step(1)"))) != whole(ast.parse(FILE + TABLE))
