"""Make exercises from solutions: a stub is a solution's file without the solution bodies.

A solution body stands between two comment lines, `### BEGIN SOLUTION` and `### END SOLUTION`, inside a function. In the
stub it becomes one `raise NotImplementedError`; the answers in `PREDICTIONS` become `None`; every other byte stays.
"""

import ast
import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from grader.course import Course, UsageError
from grader.kit.giveaways import Secrets, formulas_in
from grader.predictions import QuestionError, unanswered
from grader.sandbox.analysis.outline import is_stub
from grader.section import Section
from grader.submission.submission import PLACEHOLDER

PATTERN = "section*.py"
_MARKER = re.compile(r"(?P<indent>[ \t]*)### (?P<edge>BEGIN|END) SOLUTION\s*")
# A misspelt marker would leave the solution in the stub.
_ALMOST_MARKER = re.compile(r"#[\s#]*(BEGIN|END)[\s_-]*SOLUTION", re.IGNORECASE)
# Shorter lines, headers such as `else:` and imports may stand both in a solution body and in the stub.
_TELLING_LENGTH = 16
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class StubError(UsageError, ValueError):
    """A solution that gives no stub. The message names file, line and fix."""


@dataclass(frozen=True)
class Block:
    """One solution body: the line numbers of its two markers, counted from 1, and their indentation."""

    begin: int
    end: int
    indent: str


@lru_cache(maxsize=32)  # lint and release ask several times
def stub(source: str, filename: str = "<solution>") -> str:
    """Turn a solution's text into the student's stub.

    Line endings stay as they are. `filename` is used in messages only.

    Raises:
        StubError: markers are unbalanced, nested or misspelt; a body lies outside a function or ends after its function; a
            line of a body also stands outside of it; or the text is not Python.
    """
    source = _unanswered(source, filename)
    lines = source.split("\n")
    blocks = _find_blocks(lines, filename)
    _check_extent(_parse(source, filename), blocks, filename)

    stub_lines: list[str] = []
    line_numbers: list[int] = []  # where in the solution each line of the stub comes from
    done = 0
    for block in blocks:
        stub_lines += lines[done : block.begin - 1]
        line_numbers += range(done + 1, block.begin)
        carriage_return = "\r" if lines[block.end - 1].endswith("\r") else ""
        stub_lines.append(block.indent + PLACEHOLDER + carriage_return)
        line_numbers.append(block.begin)
        done = block.end
    stub_lines += lines[done:]
    line_numbers += range(done + 1, len(lines) + 1)

    text = "\n".join(stub_lines)
    _check_placeholders(_parse(text, f"the stub of {filename}"), line_numbers, blocks, filename)
    _check_nothing_survives(lines, stub_lines, line_numbers, blocks, filename)
    return text


def section_stub(section: Section) -> str:
    """The stub of a section, in which each exercise raises and does nothing else.

    Raises:
        StubError: the solution gives no stub, or its stub would hand out an exercise.
    """
    text = section.solution.read_bytes().decode("utf-8")
    made = stub(text, str(section.solution))
    _expect_exercises_raise(text, made, section.functions if section.checks.is_file() else None, str(section.solution))
    return made


def secrets_of(section: Section) -> Secrets:
    """The parts of the section's solution that students must not get. Raises StubError, as `section_stub`."""
    text = section.solution.read_text(encoding="utf-8")
    return Secrets.of(section.solution.name, text, stub(text, str(section.solution)))


def _expect_exercises_raise(source: str, made: str, exercises: Collection[str] | None, filename: str) -> None:
    """Raise StubError for an exercise that does more than raise in the stub. Without checks, every public name is one."""
    lines = {node.name: node.lineno for node in _parse(source, filename).body if isinstance(node, _Definition)}
    for node in _parse(made, f"the stub of {filename}").body:
        if not isinstance(node, _Definition) or is_stub(node):
            continue
        if node.name in exercises if exercises is not None else not node.name.startswith("_"):
            where = f"{filename}:{lines[node.name]}"
            if PLACEHOLDER not in ast.unparse(node):
                raise StubError(
                    f"{where}: the stub would hand out {node.name} as it is. Put its answer between ### BEGIN SOLUTION and "
                    "### END SOLUTION."
                )
            raise StubError(
                f"{where}: the stub of {node.name} does more than raise NotImplementedError, so it counts as started. Put "
                "all below its docstring between ### BEGIN SOLUTION and ### END SOLUTION."
            )


def _unanswered(text: str, filename: str) -> str:
    """The text with `None` in place of each answer in `PREDICTIONS`."""
    try:
        return unanswered(text)
    except QuestionError as error:
        raise StubError(f"{filename}:{error.line}: {error}") from None
    except SyntaxError:  # `_parse` raises StubError for it
        return text


def write_stubs(solutions: Path, exercises: Path) -> list[Path]:
    """Write the stub of every `section*.py` directly in `solutions` into `exercises`; return the files that changed.

    All stubs are made before the first is written. Each file is replaced in one step, and only if it changes.

    Raises:
        StubError: `solutions` is not a folder, or a solution gives no stub.
    """
    changed = [(target, data) for target, data in _stubs(solutions, exercises) if not _holds(target, data)]
    exercises.mkdir(parents=True, exist_ok=True)
    for target, data in changed:
        _replace(target, data)
    return [target for target, _ in changed]


def stale_stubs(solutions: Path, exercises: Path) -> list[Path]:
    """Return the files in `exercises` that are missing, differ from their solution's stub, or have no solution; sorted.

    Raises:
        StubError: `solutions` is not a folder, or a solution gives no stub.
    """
    stubs = _stubs(solutions, exercises)
    stale = {target for target, data in stubs if not _holds(target, data)}
    orphans = set(exercises.glob(PATTERN)) - {target for target, _ in stubs}
    return sorted(stale | orphans)


def _stubs(solutions: Path, exercises: Path) -> list[tuple[Path, bytes]]:
    """The path and the bytes of each stub."""
    if not solutions.is_dir():
        raise StubError(
            f"{solutions}: no such folder of solutions. Run this at the root of the repository: grade stubs"
        )
    pairs = []
    for path in sorted(solutions.glob(PATTERN)):
        if not path.is_file():
            continue
        try:
            source = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise StubError(f"{path}: expected UTF-8 text, but byte {error.start} is not. Save it as UTF-8.") from None
        made = stub(source, str(path))
        section = next((one for one in Course(solutions.parent).sections if one.stem == path.stem), None)
        _expect_exercises_raise(source, made, section.functions if section else None, str(path))
        pairs.append((exercises / path.name, made.encode("utf-8")))
    return pairs


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data


def _replace(target: Path, data: bytes) -> None:
    """Write `data` beside `target` and move it there in one step."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(data)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _find_blocks(lines: list[str], filename: str) -> list[Block]:
    blocks = []
    opened: tuple[int, str] | None = None  # line number and indentation of the BEGIN that waits for its END
    for number, line in enumerate(lines, start=1):
        here = f"{filename}:{number}"
        marker = _MARKER.fullmatch(line)
        if marker is None:
            if _ALMOST_MARKER.search(line):
                raise StubError(
                    f"{here}: this looks like a solution marker, but is not one. "
                    "Write ### BEGIN SOLUTION or ### END SOLUTION, alone on its line."
                )
        elif marker["edge"] == "BEGIN":
            if opened is not None:
                raise StubError(f"{here}: ### BEGIN SOLUTION, but the one at line {opened[0]} has no END yet. Add it.")
            opened = number, marker["indent"]
        elif opened is None:
            raise StubError(f"{here}: ### END SOLUTION without a BEGIN. Add ### BEGIN SOLUTION above the body.")
        elif opened[1] != marker["indent"]:
            raise StubError(f"{here}: ### END SOLUTION is not indented like its BEGIN at line {opened[0]}. Align them.")
        else:
            blocks.append(Block(opened[0], number, opened[1]))
            opened = None
    if opened is not None:
        raise StubError(
            f"{filename}:{opened[0]}: ### BEGIN SOLUTION without an END. Add ### END SOLUTION below the body."
        )
    return blocks


@lru_cache(maxsize=32)
def _parse(source: str, filename: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise StubError(
            f"{filename}:{error.lineno}: not valid Python: {error.msg}. Correct it, then: grade stubs"
        ) from None


def _check_extent(tree: ast.Module, blocks: list[Block], filename: str) -> None:
    """Raise StubError for a body that ends after its function: an END and the next BEGIN are missing."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        for block in blocks:
            if block.begin < node.lineno < block.end and node.col_offset < len(block.indent):
                raise StubError(
                    f"{filename}:{node.lineno}: the solution that begins at line {block.begin} ends after its "
                    "function. Add ### END SOLUTION before this line."
                )


def _check_placeholders(tree: ast.Module, line_numbers: list[int], blocks: list[Block], filename: str) -> None:
    """Raise StubError for a body outside of every function, where its placeholder would raise on import, or in a string."""
    raised = {
        line_numbers[node.lineno - 1]
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for statement in function.body
        for node in ast.walk(statement)
        if isinstance(node, ast.Raise)
    }
    for block in blocks:
        if block.begin not in raised:
            raise StubError(
                f"{filename}:{block.begin}: this solution is not in a function's body, so its stub would fail to "
                "import. Put the markers inside each function or method."
            )


def _check_nothing_survives(
    lines: list[str], stub_lines: list[str], line_numbers: list[int], blocks: list[Block], filename: str
) -> None:
    """Raise StubError for a telling line of a body that the stub holds too, as code or in a comment."""
    given = {_bare(line): number for line, number in zip(stub_lines, line_numbers, strict=True)}
    for block in blocks:
        for number in range(block.begin + 1, block.end):
            text = _bare(lines[number - 1])
            if text in given and _is_telling(text):
                raise StubError(
                    f"{filename}:{number}: this line of the solution also stands outside of it, at line {given[text]}, "
                    "and the stub would give it away. Reword one of them, or move both inside the markers."
                )
    inside = {number for block in blocks for number in range(block.begin + 1, block.end)}
    secret = {shape: number for number, shape in formulas_in("\n".join(lines)) if number in inside}
    for place, shape in formulas_in("\n".join(stub_lines)):
        if shape in secret:
            raise StubError(
                f"{filename}:{secret[shape]}: this formula of the solution also stands outside of it with other names, at line "
                f"{line_numbers[place - 1]}, and the stub would give it away. Reword one of them, or move both inside."
            )


def _bare(line: str) -> str:
    """The line without indentation and the sign of a comment."""
    return line.strip().lstrip("# ").rstrip()


def _is_telling(text: str) -> bool:
    return len(text) >= _TELLING_LENGTH and not text.endswith(":") and not text.startswith(("import ", "from "))
