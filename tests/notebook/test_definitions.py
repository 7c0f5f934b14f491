"""Which of the cells that were executed count: what a kernel has now is what a worker gets, and nothing else."""

import types

import pytest

from grader.notebook.definitions import current_cells, stopped_definitions
from grader.submission.notebook_cells import read


def played(*typed, deleted=(), stopped=None, wanted=("f",)):
    """Execute cells as a kernel does, take what counts, execute that as a worker does; the names in it, and the source."""
    names = {}
    for number, cell in enumerate(typed, 1):
        lines = cell.split("\n")[: stopped[number] - 1] if stopped and number in stopped else [cell]
        exec("\n".join(lines), names)
    for name in deleted:
        del names[name]
    source = current_cells(["", *typed], names, wanted, stopped)
    program = read(source.decode(), "x.ipynb")
    assert not program.broken
    module = types.ModuleType("x")
    for code in program.codes:
        exec(code, module.__dict__)
    return vars(module), source.decode()


def value(*typed, **options):
    return played(*typed, **options)[0]["f"]()


def test_the_definition_that_was_executed_last_counts():
    assert value("def f():\n    return 1", "def f():\n    return 2") == 2
    assert value("def f():\n    return 1", "f = lambda: 3") == 3


def test_helpers_and_constants_of_other_cells_are_found_wherever_they_stand():
    cells = (
        "def f():\n    return g(B) + Model().value + m.floor(H)",
        "import math as m\nfrom math import *\nB, H = 3, 2.5",
        "class Base:\n    value = 10\nclass Model(Base):\n    pass",
        "def g(x):\n    return x + sqrt(4)",
    )
    assert value(*cells) == 17


def test_a_helper_that_was_defined_again_counts_as_it_is_now():
    assert value("B = 1\ndef g():\n    return B", "def f():\n    return g()", "B = 5", "def g():\n    return -B") == -5


def test_what_a_definition_used_at_once_is_that_of_its_time():
    cells = (
        "def twice(g):\n    return lambda: 2 * g()\nB = 1",
        "@twice\ndef f(b=B):\n    return b",
        "def twice(g):\n    return 0\nB = 7",
    )
    assert value(*cells) == 2


def test_a_name_that_was_deleted_is_gone():
    names, source = played("def f():\n    return g()", "def g():\n    return 1", deleted=["g"])
    assert "g" not in names
    assert "def g" not in source
    assert "f" not in played("def f():\n    return 1", deleted=["f"])[0]


def test_what_stands_below_an_exception_was_not_executed():
    cells = "def f():\n    return 1", "B = 1\nno_such_name\ndef f():\n    return 2"
    assert value(*cells, stopped={2: 2}) == 1


def test_nothing_comes_along_that_is_not_needed():
    source = played("import math\nimport json\ndef g(): ...", "while False: pass\ndef f():\n    return math.pi")[1]
    assert "json" not in source
    assert "def g" not in source
    assert "while" not in source


def test_lines_keep_their_numbers():
    source = played("x = 0\n\nimport math\n# a comment\ndef f():\n    return math.pi")[1]
    cell = source.split("\n")[1:]
    assert (cell[2], cell[4]) == ("import math", "def f():")


@pytest.mark.parametrize(
    "cells",
    [
        ("B = 1", "B = max(2, 3)"),
        ("B = 1", "B = max(B, 3)"),
        ("B = 1", "B += 2"),
        ("B = 3", "if B > 3:\n    B = 2"),
        ("B = 0", "for n in range(3):\n    B += 1"),
        ("T = {}", "for n in range(4):\n    T[n] = n", "B = T[3]"),
        ("T = []", "T = [0]", "T.append(3)", "B = T[1]"),
    ],
)
def test_what_a_cell_computes_comes_along_as_the_kernel_computed_it(cells):
    assert value(*cells, "def f():\n    return B") == 3


def test_a_comprehension_binds_nothing():
    assert value("s = 1\ndef f():\n    return s", "t = [s for s in range(3)]") == 1


@pytest.mark.parametrize("cell", ["def f(:", "%%bash\nls (", "f = !ls", "\0", "%grade f"])
def test_cells_that_define_nothing_are_left_alone(cell):
    source = current_cells(["", "def f():\n    return 1", cell], {"f"}, ["f"]).decode()
    assert source == "\0cell 1\ndef f():\n    return 1\n"


def test_magics_around_a_definition_do_not_hide_it():
    source = current_cells(["", "%%time\n%matplotlib inline\ndef f():\n    return 1"], {"f"}, ["f"]).decode()
    assert source == "\0cell 1\n\n\ndef f():\n    return 1\n"


def test_a_future_import_holds_for_all():
    source = current_cells(["", "from __future__ import annotations", "def f(x: nothing): ..."], {"f"}, ["f"]).decode()
    assert source.count("\0") == 2


NEW = "def f():\n    return 2"


@pytest.mark.parametrize(
    ("cell", "line", "told"),
    [
        ("def f(x=nothing):\n    return 2", 1, {"f": (2, 1)}),
        (f"nothing\n{NEW}", 1, {"f": (2, 1)}),
        ("def f(:\n    return 2", None, {"f": (2, 1)}),
        (f"%%time\nimport math\n{NEW} +", None, {"f": (2, 1)}),
        (f"{NEW}\nnothing", 3, {}),  # it ran, and then came the error
        (NEW, None, {}),
        ("%%bash\ndef f(:", None, {}),
        ('x = """\ndef f():\n"""\nnothing', 4, {}),
        ("f = nothing", 1, {}),  # an experiment may give its result this name
    ],
)
def test_an_error_that_stopped_the_newest_definition_is_told_with_both_cells(cell, line, told):
    typed, stopped = ["", "def f():\n    return 1", cell], {2: line} if line else {}
    source = current_cells(typed, {"f"}, ["f"], stopped)
    assert stopped_definitions(typed, source, stopped) == told
    again = [*typed, NEW]
    assert stopped_definitions(again, current_cells(again, {"f"}, ["f"], stopped), stopped) == {}


STUB = "def f():\n    raise NotImplementedError"


@pytest.mark.parametrize(
    ("cells", "count"),
    [
        ([f"{NEW}\n{STUB}"], 2),
        ([f"{NEW}\n\n{NEW}"], 2),
        ([NEW, STUB, STUB], 2),
        ([STUB, NEW], 1),  # as everybody begins
        ([NEW, NEW], 1),  # the cell was executed again
        ([STUB, STUB], 1),
    ],
)
def test_work_above_a_stub_and_two_definitions_in_a_cell_come_along_so_that_both_can_be_named(cells, count):
    names, source = played(*cells)
    assert source.count("def f") == count
    if "raise" in cells[-1]:
        with pytest.raises(NotImplementedError):
            names["f"]()
    else:
        assert names["f"]() == 2
