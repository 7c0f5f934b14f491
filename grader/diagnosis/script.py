"""The counterexample of a check as a script: it calls the student's function as the check did, and needs no grader."""

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from grader.diagnosis.python_text import GENERATOR_IN, NotWritableError, PythonText, assigned
from grader.diagnosis.travelling_text import TravellingText
from grader.grading.report import CheckResult, Comparison
from grader.sandbox.calls.student import Contract
from grader.sandbox.calls.transcript import Exchange
from grader.sandbox.calls.unpacking import Unpacker
from grader.section import Section
from grader.toolkit.lazy_torch import torch
from grader.toolkit.text import one_line
from grader.toolkit.travelling import find_travelling
from grader.toolkit.typed_paths import way_to

ENTRIES_SEARCHED = 4096  # of an answer, for the value of a row
_SECRET = "secret"
_CALL = "result = "


@dataclass(frozen=True)
class Script:
    """A script, and the arrays that lie beside it."""

    text: str
    stored: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def call_line(self) -> int:
        """The line of the call."""
        return next(number for number, line in enumerate(self.text.splitlines(), 1) if line.startswith(_CALL))


def script_of(section: Section, contract: Contract, check: CheckResult, exchange: Exchange, path: Path) -> Script:
    """The script that will be at `path`. Raises NotWritableError if the call cannot be written as Python text."""
    if exchange.request is None or exchange.shared is not None:
        raise NotWritableError("it gets a whole data set")
    unpacker = exchange.unpacker()
    args, kwargs = exchange.arguments(unpacker)
    names = _names(contract, exchange, len(args))
    kwargs = {name: 1 if name.startswith(_SECRET) else value for name, value in kwargs.items()}
    args = tuple(1 if name.startswith(_SECRET) else value for name, value in zip(names, args, strict=True))
    text, travelling = PythonText(), TravellingText()
    lines = assigned([*names, *kwargs], [*args, *kwargs.values()], text)
    if exchange.program:
        travelling.add(exchange.program, exchange.name)
    for module, name in sorted(text.classes):
        travelling.add(module, name)
    arguments = [*names, *(f"{name}={name}" for name in kwargs)]
    called = f"{exchange.name}({', '.join(['yours', *arguments])})" if exchange.program else ""
    called = called or f"yours.{exchange.name}({', '.join(arguments)})"
    values = dict(zip([*names, *kwargs], [*args, *kwargs.values()], strict=True))
    rows = _rows(check, exchange, values, unpacker)
    parts = [
        _head(section, check, path, text, lines),
        *(found for _, found in travelling.definitions.values()),
        *text.functions.values(),
        inspect.getsource(as_text).replace("value: Any", "value"),
        *([GENERATOR_IN.strip()] if any("generator_in(" in line for line in lines) else []),
        _arguments(lines, text, path),
        f"# The call, as the check made it\n{_CALL}{called}",
        _comparison(check, rows),
    ]
    return Script(
        _with_imports("\n\n\n".join(part.strip() for part in parts) + "\n", travelling.imports | text.imports),
        text.stored,
    )


def _names(contract: Contract, exchange: Exchange, count: int) -> list[str]:
    """A variable for each positional argument."""
    function = (
        find_travelling(exchange.program, exchange.name) if exchange.program else contract.function(exchange.name)
    )
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    found = (
        [one.name for one in inspect.signature(function).parameters.values() if one.kind in kinds] if function else []
    )
    found = found[1:] if exchange.program else found  # without the submission
    return [*found[:count], *(f"argument_{place + 1}" for place in range(len(found), count))]


def _head(section: Section, check: CheckResult, path: Path, text: PythonText, lines: Sequence[str]) -> str:
    folder = way_to(section.exercise.parent.absolute(), path.parent.absolute())
    exercise, title = map(_in_docstring, (check.exercise, check.title))
    return f'''"""{exercise} of {section.id}: {title}.

This script calls your function as the check did. It needs your file, and not the grader. Change it as you like.
To stop in your function:  grade repro {section.id} {exercise} --pdb
"""

import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent / {folder!r}))
import {section.stem} as yours  # noqa: E402'''


def _in_docstring(text: str) -> str:
    return one_line(text).replace("\\", r"\\").replace('"""', r"\"\"\"")


def _with_imports(text: str, imports: set[str]) -> str:
    """The script with the imports of what it was given, and without those that it does not use."""
    for name, line in (("np.", "import numpy as np\n"), ("torch.", "import torch\n")):
        if text.count(name) == 0:
            text = text.replace(line, "", 1)
    more = sorted(imports - {"import numpy as np", "import torch"})
    return text.replace("from pathlib import Path\n", "\n".join(["from pathlib import Path", *more]) + "\n", 1)


def _arguments(lines: Sequence[str], text: PythonText, path: Path) -> str:
    stored = (
        [f'stored = np.load(Path(__file__).with_suffix(".npz"))  # the large arrays: {one_line(path.stem)}.npz']
        if text.stored
        else []
    )
    return "\n".join(["# The arguments", *stored, *lines])


def as_text(value: Any, digits: int = 4) -> str:
    """A value as the grader writes it."""
    if type(value).__name__ == "ndarray" and value.ndim:
        return f"array({as_text(value.tolist(), digits)})"
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        inside = ", ".join(as_text(item, digits) for item in value)
        return f"({inside}{',' if len(value) == 1 else ''})" if isinstance(value, tuple) else f"[{inside}]"
    if isinstance(value, float) and digits < 17:
        short = value == 0 or 1e-3 <= abs(value) < 1e5
        return f"{value:.{digits}f}" if short or value != value or abs(value) == float("inf") else f"{value:.{digits}e}"
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value).removeprefix("torch.")


@dataclass(frozen=True)
class _Row:
    """A row of the comparison, and the expression of its value, "" where the call does not give it."""

    row: Comparison
    expression: str = ""
    digits: int = 4

    @property
    def text(self) -> str:
        yours = f"as_text({self.expression}{'' if self.digits == 4 else f', {self.digits}'})"
        return f"    ({self.row.label!r}, {self.row.expected!r}, {yours if self.expression else repr(self.row.got)}),"


def _comparison(check: CheckResult, rows: Sequence[_Row]) -> str:
    lines = ["# What comes out"]
    if not any(row.expression and row.row.differs for row in rows):
        lines += [f"print({line!r})" for line in ([] if check.in_table else check.message.splitlines())]
        lines += ['print("Yours returned:", result)']
    if rows:
        known = all(row.expression for row in rows)
        left = "" if known else "  # text in the last column: computed by the check, and not by this script"
        lines += [f"rows = [{left}", *(row.text for row in rows), "]"]
        lines += ["print(f\"{'':40} {'expected':>20} {'yours':>20}\")", "for label, expected, found in rows:"]
        lines += ['    print(f"{label:40} {expected:>20} {found:>20}", "" if expected == found else "  <-")']
    return "\n".join(lines)


def _rows(check: CheckResult, exchange: Exchange, arguments: dict[str, Any], unpacker: Unpacker) -> list[_Row]:
    """The rows of the message, each with the part of the answer that it shows."""
    found = check.counterexample.rows if check.counterexample is not None else []
    rows = [row for row in found if row.expected or row.got]  # without "… 2 more"
    if not rows or exchange.answer is None or exchange.answer.failure is not None:
        return [_Row(row) for row in rows]
    answer = Unpacker(exchange.answer.arrays, bytearray(exchange.data))
    changed = {id(unpacker.built.get(sent)): answer.array(number) for sent, number in exchange.answer.changed}
    parts = [*_parts("result", answer.unpack(exchange.answer.value), {})]
    for name, value in arguments.items():
        parts += _parts(name, value, changed)
    return [_found(row, parts) for row in rows]


def _parts(expression: str, value: Any, changed: dict[int, Any]) -> Iterator[tuple[str, Any]]:
    """A value and its parts, each with its expression. Of arguments, the `changed` ones as the call left them."""
    value = changed.get(id(value), value)
    yield expression, value
    if isinstance(value, list | tuple):
        for place, item in enumerate(value[:ENTRIES_SEARCHED]):
            yield from _parts(f"{expression}[{place}]", item, changed)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _parts(f"{expression}[{key!r}]", item, changed)
    elif isinstance(value, torch.Tensor | np.ndarray):
        yield f"{expression}.dtype", value.dtype
        yield f"tuple({expression}.shape)", tuple(value.shape)
        yield from ((f"{expression}.shape[{place}]", size) for place, size in enumerate(value.shape))
        if value.ndim and int(np.prod(value.shape)) <= ENTRIES_SEARCHED:
            for depth in range(1, value.ndim + 1):
                yield from ((f"{expression}{list(place)}", value[place]) for place in np.ndindex(*value.shape[:depth]))


def _found(row: Comparison, parts: Sequence[tuple[str, Any]]) -> _Row:
    """The row with the likeliest of the parts that show its value."""
    for digits in (4, 8, 17):
        fitting = [expression for expression, value in parts if as_text(value, digits) == row.got]
        if fitting:
            return _Row(row, max(fitting, key=lambda one: _likeness(row.label, one)), digits)
    return _Row(row)


def _likeness(label: str, expression: str) -> int:
    """How well an expression agrees with the label of a row: its index, and the beginning of its name."""
    name, _, place = expression.partition("[")
    last = expression.rpartition("[")[2]  # of result[0][1], the part w: its label is w[1]
    index = bool(place) and label.endswith((f"[{place}", f"[{last}"))
    alike = any(word[:4] == name.removeprefix("tuple(")[:4] for word in label.lower().split())
    return 2 * alike + index
