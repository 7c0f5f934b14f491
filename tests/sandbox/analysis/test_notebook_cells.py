"""Notebooks: which of their code counts, and how a message finds its way back to a cell."""

import json
import tracemalloc
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.calls.forbidden import Rules
from grader.sandbox.calls.sandboxed_submission import SandboxedSubmission, Trial
from grader.sandbox.calls.student import Contract
from grader.sandbox.process.launch import Sandbox
from grader.submission.formats import MIB, NOTEBOOK_LIMIT, SIZE_LIMIT
from grader.submission.locate import read_section
from grader.toolkit.verdicts import StudentError, WrongAnswerError
from tests.submission.formats import SECTION, STEM, notebook, refusal

NAME = f"{STEM}.ipynb"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Any], Path]:
    def to_file(content: Any) -> Path:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        (tmp_path / NAME).write_bytes(data)
        return tmp_path / NAME

    return to_file


@pytest.fixture
def handed_in_cells(write: Callable[[Any], Path], sandbox: Sandbox) -> Callable[..., SandboxedSubmission]:
    """Hand in the cells of a notebook."""
    return lambda *cells: sandbox.admit(read_section(write(notebook(*cells)), SECTION))


@pytest.fixture
def met(handed_in_cells: Callable[..., SandboxedSubmission]) -> Callable[..., AbstractContextManager[Trial]]:
    @contextmanager
    def meet(*cells: str) -> Iterator[Trial]:
        handed_in = handed_in_cells(*cells)
        handed_in.rules = Rules(exercises=("f", "g"))
        with handed_in.trial(Contract(types.ModuleType("reference"))) as trial:
            yield trial

    return meet


DEFINITION = "def f(x=1):\n    return x + 1\n"


def written_by_hand() -> dict[str, Any]:
    cells = notebook("", ["def f(x=1):\n", "    return x + 1"])
    cells["cells"].insert(0, {"cell_type": "markdown", "source": ["def f(: no code"]})
    cells["cells"].insert(1, {"cell_type": "raw", "source": "def f(: no code"})
    return cells


FORMATS = {
    "nbformat 4": notebook(DEFINITION),
    "lines, other cells, an empty one": written_by_hand(),
    "nbformat 3": {
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "heading", "level": 1, "source": "f"},
                    {"cell_type": "code", "language": "python", "input": DEFINITION.splitlines(keepends=True)},
                ]
            }
        ],
        "nbformat": 3,
    },
    "CRLF": notebook(DEFINITION.replace("\n", "\r\n")),
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(notebook(DEFINITION)).encode(),
    "a kernel": notebook(DEFINITION, metadata={"kernelspec": {"language": "python", "name": "python3"}}),
    "strange metadata": notebook(DEFINITION, metadata={"kernelspec": 7}),
    "outputs": {
        **notebook(DEFINITION),
        "cells": [{**notebook(DEFINITION)["cells"][0], "outputs": [{"data": "x" * MIB}]}],
    },
    "a declared encoding": notebook("# coding: ascii\n# ü\n" + DEFINITION),
}


@pytest.mark.parametrize("content", FORMATS.values(), ids=FORMATS.keys())
def test_the_code_of_every_format_is_read(write: Callable[[Any], Path], sandbox: Sandbox, content: Any) -> None:
    submission = read_section(write(content), SECTION)
    assert submission.filename == NAME
    with sandbox.admit(submission).trial(Contract(types.ModuleType("reference"))) as met:
        assert met.student.f(1) == 2


def test_a_notebook_is_found_in_a_folder(write: Callable[[Any], Path], tmp_path: Path) -> None:
    path = write(notebook(DEFINITION))
    (tmp_path / "notes.py").touch()
    assert read_section(tmp_path, SECTION).path == path


MAGICS = [
    "%matplotlib inline",
    "!pip install torch",
    "?print",
    "print?",
    "files = !ls",
    "found = %who_ls",
    "%%bash\ncd /\nif true",
    "%%time\nimport math",
    "import math\n%load_ext autoreload\n%autoreload 2\n!ls 'it is (",
    "!pip install a \\\n    b",
    "if True:\n    %time print(1)",
]


@pytest.mark.parametrize("cell", MAGICS)
def test_a_magic_is_left_out_and_nothing_else(met: Callable[..., AbstractContextManager[Trial]], cell: str) -> None:
    text = 'def percent():\n    return """\n% of\n!\n"""\n'
    with met(cell, f"{cell}\n{text}" if not cell.startswith("%%") else text, DEFINITION) as trial:
        assert trial.student.percent() == "\n% of\n!\n"
        assert trial.student.f(1) == 2


def test_only_what_defines_is_executed(met: Callable[..., AbstractContextManager[Trial]]) -> None:
    """Training runs, plots and prints are not; a loop that never ends would end in a timeout."""
    first = """
from __future__ import annotations
import functools
from math import pi
try:
    import seaborn
except ImportError:
    seaborn = None
TOLERANCE, STEPS = 1e-3, [1, -2, (3, "x")]
HALF_PI: float = pi / 2
INFINITY = float("inf")
import torch, torch.nn as nn
relu, ONES = nn.ReLU(), torch.ones(2)
square = lambda x: x * x
print("noise")
while True:
    pass
"""
    second = """
f(1)
history = [f(step) for step in range(10 ** 12)]
@functools.cache
def f(x: not_defined):
    return [TOLERANCE, STEPS[1], round(HALF_PI, 2), INFINITY, square(x), thrice(x), float(relu(ONES).sum())]
thrice = functools.partial(max, 3)
class Model:
    value = 3
def g():
    return Model().value
if __name__ == "__main__":
    f(2)
"""
    with met(first, second) as trial:
        assert trial.student.f(3) == [1e-3, -2, 1.57, float("inf"), 9, 3, 2]
        assert trial.student.g() == 3
    assert trial.output == ""


NEEDED = {
    "computed": ("import torch", "weights = torch.ones(3).sum()", "def f():\n    return float(weights)"),
    "filled by a loop": (
        "table = {}",
        "for n in range(3):\n    table[n] = float(n + 1)",
        "def f():\n    return table[2]",
    ),
    "appended": ("steps = []", "for n in range(3):\n    steps.append(n + 1.0)", "def f():\n    return steps[-1]"),
    "counted on": ("N = 1", "N += 2", "def f():\n    return float(N)"),
    "through a helper": ("def h():\n    return T[0]", "T = list(map(float, [3]))", "def f():\n    return h()"),
    "a variable with its name": ("def f():\n    return 3.0", "f = [f(), f()][0]"),
    "an attribute of it": ("def f():\n    return f.value", "f.value = 3.0"),
    "below it": ("def f():\n    return B", "B = max(2.0, 3.0)"),
}


@pytest.mark.parametrize("cells", NEEDED.values(), ids=NEEDED)
def test_what_an_exercise_reads_is_executed_as_in_a_file(
    met: Callable[..., AbstractContextManager[Trial]], cells: Sequence[str]
) -> None:
    experiment = "for step in range(10**12):\n    f()\nhistory = [f() for _ in range(10**12)]"
    with met(*cells, experiment) as trial:
        assert trial.student.f() == 3.0


def test_what_only_an_experiment_reads_is_not_executed(handed_in_cells: Callable[..., SandboxedSubmission]) -> None:
    endless = "losses = sum(iter(int, 1))"
    handed_in = handed_in_cells(endless, "def show():\n    return losses", DEFINITION)
    handed_in.rules = Rules(exercises=("f",))
    with handed_in.trial(Contract(types.ModuleType("reference"))) as met:
        assert met.student.f(1) == 2


BROKEN = [
    "def g(:\n    pass",
    "x = (1",
    "'''",
    "x = 1\n  y = 2",
    "def g():\n    break",
    "\0x = 1",
    "(" * 500,
    "return = 1",
]


@pytest.mark.parametrize("cell", BROKEN)
def test_a_cell_that_does_not_parse_is_named_and_the_others_count(
    handed_in_cells: Callable[..., SandboxedSubmission], cell: str
) -> None:
    handed_in = handed_in_cells("import math", cell, "\n" + DEFINITION)
    assert set(handed_in.outline.definitions) == {"f"}
    with handed_in.trial(Contract(types.ModuleType("reference"))) as met:
        assert met.student.f(1) == 2
        with pytest.raises(WrongAnswerError, match=f"{NAME} defines no function or class named g"):
            met.student.g()
    assert handed_in.load_error is not None
    assert handed_in.load_error.message.startswith("cell 2 cannot be read (its line ")
    assert handed_in.load_error.message.endswith(" and is left out")


def test_several_broken_cells_are_all_named_and_if_none_is_left_the_file_does_not_load(
    handed_in_cells: Callable[..., SandboxedSubmission],
) -> None:
    error = handed_in_cells("def f(:", "", "import", "x =").outline.error
    assert isinstance(error, StudentError)
    assert "cell 1 cannot be read" in error.message
    assert error.message.endswith("; so are cells 3, 4")


def test_a_cell_that_fails_does_not_keep_the_others_from_counting(
    handed_in_cells: Callable[..., SandboxedSubmission],
) -> None:
    handed_in = handed_in_cells("import no_such_library", DEFINITION)
    with handed_in.trial(Contract(types.ModuleType("reference"))) as met:
        assert met.student.f(1) == 2
    assert handed_in.load_error is not None
    assert "no_such_library" in handed_in.load_error.message


def test_an_import_that_fails_does_not_keep_the_rest_of_its_cell_from_counting(
    handed_in_cells: Callable[..., SandboxedSubmission],
) -> None:
    handed_in = handed_in_cells("import no_such_library\nimport math\ndef f(x):\n    return math.floor(x)")
    with handed_in.trial(Contract(types.ModuleType("reference"))) as met:
        assert met.student.f(1.5) == 1


DRAWS = """%matplotlib inline
import matplotlib.pyplot as plt
import matplotlib as mpl
import seaborn as sns
from matplotlib import cm
from mpl_toolkits.mplot3d import Axes3D
import math
sns.set_theme()
class Picture(plt.Axes):
    pass
def f(x):
    figure, axes = plt.subplots(2, 2, figsize=(3, 3))
    axes[0].plot([x], color=cm.viridis(0.5))
    with plt.style.context("dark_background"):
        for line in axes:
            line.set_title("loss")
    plt.show()
    return math.floor(x)
"""


def test_libraries_that_draw_may_be_imported_and_used_and_nothing_is_drawn(
    handed_in_cells: Callable[..., SandboxedSubmission],
) -> None:
    handed_in = handed_in_cells(DRAWS)
    with handed_in.trial(Contract(types.ModuleType("reference"))) as met:
        assert met.student.f(1.5) == 1
    assert met.output == ""
    assert handed_in.load_error is None


def test_an_exception_shows_its_cell(met: Callable[..., AbstractContextManager[Trial]]) -> None:
    cells = "import math\n\n", "", "# a comment\ndef f():\n    return 1 / 0\n"
    with met(*cells) as trial, pytest.raises(StudentError) as caught:
        trial.student.f()
    assert [line.text for line in caught.value.lines] == ["[cell 3, line 3] return 1 / 0"]


def test_the_last_definition_counts_and_a_stub_is_told_from_an_answer(
    handed_in_cells: Callable[..., SandboxedSubmission],
) -> None:
    handed_in = handed_in_cells(
        "def f():\n    raise NotImplementedError", "def g():\n    raise NotImplementedError", DEFINITION
    )
    assert {name: one.stub for name, one in handed_in.outline.definitions.items()} == {"f": False, "g": True}


def test_a_cell_cannot_pretend_to_be_another(handed_in_cells: Callable[..., SandboxedSubmission]) -> None:
    handed_in = handed_in_cells("x = '''\n\0cell 7\n'''\ndef f(:", DEFINITION)
    with handed_in.trial(Contract(types.ModuleType("reference"))) as met:
        assert met.student.f(1) == 2
    assert handed_in.load_error is not None
    assert "cell 1 cannot be read" in handed_in.load_error.message


def nested(depth: int, opening: bytes, closing: bytes) -> bytes:
    return b'{"cells": [], "metadata": ' + opening * depth + b"1" + closing * depth + b"}"


REFUSED: dict[str, tuple[Any, str]] = {
    "nothing": (b"", "not a notebook that can be read"),
    "a Python file": (DEFINITION.encode(), "not a notebook that can be read"),
    "half of one": (json.dumps(notebook(DEFINITION)).encode()[:-20], "not a notebook that can be read"),
    "two versions": (
        b'{"cells": [\n<<<<<<< HEAD\n{},\n=======\n>>>>>>> main\n]}',
        "marks of a conflict in this notebook. Take your version, by git checkout --ours",
    ),
    "a list": ([], "not a notebook that can be read"),
    "another object": ({"a": 1}, "it has no cells"),
    "UTF-16": (json.dumps(notebook()).encode("utf-16"), "not a notebook that can be read"),
    "latin-1": (json.dumps(notebook("# ü"), ensure_ascii=False).encode("latin-1"), "not a notebook that can be read"),
    "half a character": (b'{"cells": [{"cell_type": "code", "source": "\\ud800"}]}', "not a notebook that can be read"),
    "a source that is none": (notebook(7), "not a notebook that can be read"),  # type: ignore[arg-type]
    "cells of nothing": ({"cells": [None]}, "not a notebook that can be read"),
    "depth": (nested(100_000, b"[", b"]"), "not a notebook that can be read"),
    "deep objects": (nested(100_000, b'{"a":', b"}"), "not a notebook that can be read"),
    "another language": (
        notebook(metadata={"kernelspec": {"language": "R"}}),
        "a notebook for r. Choose a Python kernel",
    ),
    "orders in a language": (notebook(metadata={"kernelspec": {"language": "\x1b[2J\n"}}), "a notebook for \\x1b"),
    "much code": (notebook("#" * SIZE_LIMIT), "more than 1 MiB of code in its cells"),
    "too large": (b" " * (NOTEBOOK_LIMIT + 1), "larger than 32 MiB"),
}


@pytest.mark.parametrize(("content", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_notebook_is_refused(write: Callable[[Any], Path], content: Any, words: str) -> None:
    message = refusal(write(content))
    assert f"{NAME}: " in message
    assert words in message


@pytest.mark.parametrize(
    "element",
    [b'{"cell_type":""},', b'{"cell_type":"code","source":[]},', b"{},", b"[],"],
    ids=lambda item: item.decode(),
)
@pytest.mark.parametrize("field", [b"cells", b"worksheets", b"metadata"])
def test_a_notebook_takes_no_more_than_some_times_its_size(
    write: Callable[[Any], Path], element: bytes, field: bytes
) -> None:
    elements = element * (2 * MIB // len(element))
    path = write(b'{"%s": [%s]}' % (field, elements[:-1]))
    tracemalloc.start()
    outcome = _outcome(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert outcome.count(NAME) >= 1
    assert peak < 12 * 2 * MIB


def _outcome(path: Path) -> Sequence[str]:
    try:
        return read_section(path, SECTION).filename
    except Exception as error:
        return str(error)
