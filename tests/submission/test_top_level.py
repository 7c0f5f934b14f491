"""Which statements of a file need not run: those that no exercise can notice, and no others."""

import ast
import textwrap

import pytest

from grader.submission.top_level import left_out
from tests.paths import ROOT

EXERCISE = """
import functools, math, os, random, sys, time, warnings
import numpy as np
import torch, torch.nn as nn
import matplotlib.pyplot as plt
from torch import manual_seed
TABLE = []
SCALE = 2.0
def f(x):
    return SCALE * x + len(TABLE)
def g(x):
    return SCALE * x
class Net(nn.Module):
    def forward(self, x):
        return x
"""

# What an exercise could notice. Each is what is written below the exercises f, g and Net.
RUN = {
    "a table that is filled": "for i in range(3):\n    TABLE.append(i)",
    "a table that a function fills": "def fill(i):\n    TABLE.append(i)\nfor i in range(3):\n    fill(i)",
    "an alias of a table": "same = TABLE\nfor i in range(3):\n    same.append(i)",
    "an alias in a loop": "for one in [TABLE]:\n    one.append(1)",
    "an alias that a function returns": "def table():\n    return TABLE\nfor i in range(3):\n    table().append(i)",
    "an object that holds a table": "class Box: pass\nbox = Box()\n"
    "box.table = TABLE\nfor i in range(3):\n    box.table.append(i)",
    "a table that is passed on": "def add(where):\n    where.append(1)\nadd(TABLE)",
    "an exercise that changes its table": "def h(): TABLE.append(1); return f(0)\nprint(h())",
    "a name that is bound": "for SCALE in (1.0, 3.0):\n    pass",
    "a name that is bound by a walrus": "print(SCALE := 3.0)",
    "a walrus in a comprehension": "[SCALE := x for x in range(3)]",
    "a name that is bound by a block": "for i in range(1):\n    with torch.no_grad() as SCALE:\n        pass",
    "a name that a function declares global": "def double():\n    global SCALE\n"
    "    SCALE *= 2\nfor i in range(3):\n    double()",
    "a name that is deleted": "for i in range(1):\n    del SCALE",
    "an exercise that is replaced": "for i in range(1):\n    def f(x): return x",
    "an exercise that is wrapped": "for i in range(1):\n    f = functools.cache(f)",
    "what another name needs": "base = []\nTABLE = base\nfor i in range(3):\n    base.append(i)",
    "a default of an exercise": "count = [0]\nfor i in range(3):\n    count[0] += 1\ndef f(x, n=count[0]): return n",
    "a decorator of an exercise": "calls = []\nfor i in range(3):\n"
    "    calls.append(1)\n@functools.partial(max, *calls)\ndef f(x): return x",
    "what a decorator counts": "def counted(h):\n    def w(x):\n        w.n += 1\n        return h(x) + w.n\n"
    "    w.n = 0\n    return w\n"
    "@counted\ndef f(x): return x\nprint(f(1))",
    "a default that changes": "def f(x, seen=[]):\n    seen.append(x)\n    return len(seen)\nf(1)",
    "an attribute of a function": "for i in range(3):\n    f.calls = i",
    "an attribute of a class": "for name in ('a', 'b'):\n    Net.name = name",
    "a method of a class": "for i in range(1):\n    Net.forward = lambda self, x: x",
    "an attribute of a class, by a function": "def rename():\n    Net.name = 'x'\nrename()",
    "an attribute of a class, by its object": "class A:\n    def f(self):\n        self.__class__.n = 1\nA().f()",
    "a table of a class": "class Net(nn.Module):\n    seen = []\n    def add(self): self.seen.append(1)\nNet().add()",
    "setattr": "setattr(Net, 'forward', None)",
    "setattr in a loop": "for name in 'ab':\n    setattr(Net, name, 1)",
    "exec": "exec('SCALE = 3.0')",
    "globals": "for i in range(1):\n    globals()['SCALE'] = i",
    "vars of this module": "for i in range(1):\n    sys.modules[__name__].SCALE = i",
    "a library that is changed": "for i in range(1):\n    torch.relu = None",
    "a library that is changed by its parts": "nn.Module.extra = 1\nfor i in range(1):\n    nn.Linear.extra = 2",
    "the environment": "for i in range(1):\n    os.environ['X'] = '1'",
    "a seed": "torch.manual_seed(0)",
    "a seed by another name": "manual_seed(0)",
    "a seed by an alias": "seed = torch.manual_seed\nseed(0)",
    "a seed by a function": "def begin():\n    torch.manual_seed(0)\nbegin()",
    "a seed in a function that imports": "def begin():\n    import random\n    random.seed(0)\nbegin()",
    "a process that ends": "os._exit(3)",
    "a file": "open('x.txt', 'w').write('x')",
    "a seed of numpy": "np.random.seed(0)",
    "a seed of a generator": "torch.default_generator.manual_seed(0)",
    "a dtype": "torch.set_default_dtype(torch.float64)",
    "a mode": "torch.set_grad_enabled(False)",
    "a mode that is entered": "torch.no_grad().__enter__()",
    "the recursion limit": "sys.setrecursionlimit(10_000)",
    "warnings": "warnings.simplefilter('error')",
    "a name that is not defined": "print(scale)",
    "a function that is not defined": "unknown.run()",
    "an import in a loop": "for i in range(1):\n    import json",
    "a library that we do not know": "import fancy\nfancy.setup()",
    "a generator that an exercise draws from": "source = torch.Generator()\nfor i in range(3):\n"
    "    torch.rand(1, generator=source)\n"
    "def f(x): return torch.rand(1, generator=source)",
    "an iterator that an exercise goes on with": "numbers = iter([1, 2])\nfor n in numbers:\n"
    "    break\ndef f(x): return next(numbers)",
    "a name in an f-string": "label = []\nfor i in range(3):\n    label += [i]\ndef f(x): return f'{label}'",
    "a name in a nested function": "rows = []\nfor i in range(3):\n    rows.append(i)\n"
    "def f(x):\n    def inner(): return rows\n    return inner()",
    "a name in a lambda": "rows = []\nfor i in range(3):\n    rows.append(i)\nf = lambda x: rows",
}
# What none notices.
NOT_RUN = {
    "a print": "print(g(1))",
    "a plot": "plt.plot([1, 2])\nplt.title('x')\nplt.show()",
    "an endless loop": "while True:\n    g(1)",
    "sleep": "time.sleep(100)",
    "a loop of experiments": "x = torch.zeros(2)\nfor step in range(10**9):\n    x = g(x)\n    print(step, x)",
    "the same names as in an exercise": "x = 1.0\nfor x in range(10**9):\n    g(x)",
    "a history": "history = []\nfor i in range(10**9):\n    history.append(g(i))\n"
    "plt.plot(history)\nlast = history[-1]\nprint(last)",
    "a model that is trained": "net = Net()\noptimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)\nfor epoch in range(10**9):\n"
    "    optimizer.zero_grad()\n    loss = net(torch.ones(1)).sum()\n    loss.backward()\n    optimizer.step()\nassert loss < 1",
    "a function of the file": "def experiment(n):\n    w = torch.zeros(3)\n    for i in range(n):\n"
    "        w -= 0.1 * g(w)\n    return w\n"
    "experiment(10**9)",
    "axes": "figure, axes = plt.subplots()\naxes.plot([1])\nfigure.savefig('x.png')",
    "a comprehension": "[g(x) for x in range(10**9)]",
    "a lambda": "print(list(map(lambda x: g(x), range(10**9))))",
    "a table of its own": "results = {}\nfor i in range(10**9):\n"
    "    results[i] = g(i)\nfor key, value in results.items():\n    print(f'{key}: {value:.3f}')",
    "what Jupyter exports": "get_ipython().run_line_magic('matplotlib', 'inline')\ndisplay(g(1))",
    "a file that is written": "torch.save(torch.zeros(3), 'x.pt')",
    "a name that only an experiment reads": "counts = []\ndef note(x): counts.append(x)\n"
    "for i in range(10**9):\n    note(g(i))",
}


def statements(text: str, exercises=("f", "g", "Net")) -> tuple[list[str], list[str]]:
    """The loops and expressions of a file that run, and all that does not."""
    body = ast.parse(EXERCISE + textwrap.dedent(text)).body
    out = left_out(body, exercises)
    kept = [ast.unparse(node) for place, node in enumerate(body) if place not in out]
    runs = [one for one in kept if isinstance(ast.parse(one).body[0], ast.For | ast.While | ast.Expr)]
    return runs, [ast.unparse(body[place]) for place in sorted(out)]


@pytest.mark.parametrize("text", RUN.values(), ids=RUN.keys())
def test_what_an_exercise_could_notice_runs(text):
    assert statements(text)[1] == []


@pytest.mark.parametrize("text", NOT_RUN.values(), ids=NOT_RUN.keys())
def test_what_none_notices_does_not_run(text):
    runs, out = statements(text)
    assert runs == []
    assert out


def test_what_builds_on_it_does_not_run_either():
    out = statements(
        "losses = []\nfor i in range(9):\n    losses.append(g(i))\nbest = min(losses)\nif best > 3:\n    print('high')"
    )[1]
    assert [text.partition("\n")[0] for text in out] == ["for i in range(9):", "best = min(losses)", "if best > 3:"]


def test_what_an_exercise_needs_stays_with_all_that_it_needs():
    text = (
        "losses = []\nfor i in range(9):\n    losses.append(g(i))\nbest = min(losses)\ndef f(x):\n"
        "    return x + best\nprint(best)"
    )
    assert statements(text)[1] == []


@pytest.mark.parametrize(
    "text", ["relu = nn.ReLU()", "half = g(0.5)", "try:\n    import numba\nexcept ImportError:\n    numba = None"]
)
def test_all_else_runs(text):
    assert statements(text)[1] == []


def test_without_the_names_of_exercises_every_function_is_one():
    text = "rows = []\nfor i in range(3):\n    rows.append(i)\ndef mine(): return rows"
    assert statements(text, ())[1] == []
    assert statements(text)[1] == ["for i in range(3):\n    rows.append(i)"]


FILES = sorted([*ROOT.glob("solutions/*.py"), *ROOT.glob("tests/variants/*/*.py")])
SAFE = ("print(", "log(", "_compare()", "assert net(")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_of_solutions_and_variants_only_output_does_not_run(path):
    body = ast.parse(path.read_text(encoding="utf-8")).body
    out = [ast.unparse(body[place]) for place in left_out(body)]
    assert [text for text in out if not text.startswith(SAFE)] == []
