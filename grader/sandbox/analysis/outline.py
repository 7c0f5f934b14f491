"""The definitions of a source file, read from its syntax tree; nothing is executed.

Runs in a fresh worker, because parsing hostile text can exhaust memory or the stack.
"""

import ast
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

from grader.predictions import EXERCISE, NAME, RENAMED, answers_in
from grader.sandbox.analysis import dependencies, digests, idle_lines
from grader.sandbox.analysis.library_uses import Reader
from grader.submission.formats import format_of
from grader.submission.parsing import compile_parts, parse
from grader.submission.top_level import left_out

_DEFINITIONS_LISTED = 500
_SPANS_LISTED, _TOP_LOOPS_LISTED, _IDLE_LISTED, _PARAMETERS_LISTED = 20, 3, 3, 12
_LOOPS_LISTED = 300
_LETTERS_REACHED = 50_000  # in all: the outline of a file has to fit into the header of one message
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_Loop = ast.For | ast.AsyncFor | ast.While | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def read(
    source: bytes,
    filename: str,
    listed: Sequence[str] = (),
    with_digests: bool = True,
    exercises: Sequence[str] = (),
) -> dict[str, Any]:
    """Read "definitions", "uses", "reach", "answers", "idle", "not_run", "top_loops", "loops" and, if asked for, "digests" and
    "whole".

    The first maps each top-level function and class to [line, 1 if nothing but a stub is there else 0, line of the definition
    that this one replaces or 0, the parameters of an exercise by position ...]. The second maps each top-level name, member
    of a class and entry of a table to [its uses of `listed` names of libraries, the other names that it mentions], where a
    use is [listed name, the name in full, line]. The third maps each top-level function and class to those that it may use.
    The fourth maps the keys of `PREDICTIONS` to their answers. "not_run" has the first and last lines of what none of the
    `exercises` can notice, or of a notebook the first and last cells with such lines; "top_loops" has the lines of the
    other loops outside of functions, and "loops" of all loops that are in no other loop of their function.
    "idle" maps functions and classes to lines that compute something and lose it (see `idle_lines`).
    "digests" maps each function and class, and "predictions", to a digest of what it does; "whole" is that of the whole file.
    """
    tree = parse(source, filename)
    found = [node for node in tree.body if isinstance(node, _Definition)]
    rebound = _assigned_names(tree)
    definitions: dict[str, list[Any]] = {}
    for node in found[:_DEFINITIONS_LISTED]:
        name = node.name[:100]
        replaced = definitions[name][0] if name in definitions else 0
        stub = int(node.name not in rebound and is_stub(node))
        definitions[name] = [node.lineno, stub, replaced, *(_parameters(node) if name in exercises else [])]
    uses = _uses(tree, listed) if listed else {}
    answers = answers_in(tree) or _renamed(tree)
    found_out: dict[str, Any] = {"definitions": definitions, "uses": uses, "reach": _reach(tree), "answers": answers}
    found_out["idle"] = _idle(tree)
    found_out["loops"] = _outermost_loops(tree)
    if format_of(filename).has_cells:
        cells = compile_parts(source, filename, exercises)
        found_out |= _top_level(cells.tree.body, [(number, number, number) for number in cells.not_run])
    else:
        out = left_out(tree.body, exercises)
        kept = [node for place, node in enumerate(tree.body) if place not in out]
        found_out |= _top_level(kept, [(place, *_lines(tree.body[place])) for place in sorted(out)])
    if not with_digests:
        return found_out
    own = _digests(tree) | {EXERCISE: digests.of_values(answers)}
    return found_out | {"digests": own, "whole": digests.whole(tree)}


def _renamed(tree: ast.Module) -> dict[str, Any]:
    """The last dict of the file that has nearly the name `PREDICTIONS`."""
    dicts = [node for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)]
    names = [getattr(node.targets[0], "id", "") for node in dicts]
    near = [one for one in names if len(one) < 2 * len(NAME) and get_close_matches(NAME, [one.upper()], cutoff=0.8)]
    return {RENAMED: near[-1]} if near else {}


def _top_level(kept: Sequence[ast.stmt], left: Sequence[tuple[int, int, int]]) -> dict[str, Any]:
    """The loops among the statements that run, and the spans of the others: each has a place, a first and a last line."""
    spans: list[list[int]] = []
    before = -1
    for place, first, last in left:
        if spans and place == before + 1:
            spans[-1][1] = last
        else:
            spans.append([first, last])
        before = place
    loops = [list(_lines(node)) for node in kept if isinstance(node, ast.For | ast.While)]
    return {"not_run": spans[:_SPANS_LISTED], "top_loops": loops[:_TOP_LOOPS_LISTED]}


def _outermost_loops(tree: ast.Module) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    while waiting:
        node, is_inside = waiting.pop()
        if isinstance(node, _Loop) and not is_inside:
            found.append(_lines(node))
        is_inside = isinstance(node, _Loop) or (is_inside and not isinstance(node, _Definition | ast.Lambda))
        waiting.extend((child, is_inside) for child in ast.iter_child_nodes(node))
    return sorted(found)[:_LOOPS_LISTED]


def _lines(node: ast.stmt | ast.expr) -> tuple[int, int]:
    return node.lineno, node.end_lineno or node.lineno


def _parameters(node: _Definition) -> list[str]:
    """The names of what a function takes by position; of a function with very many, and of a class, none."""
    if isinstance(node, ast.ClassDef):
        return []
    names = [one.arg[:100] for one in (*node.args.posonlyargs, *node.args.args)]
    return names if len(names) <= _PARAMETERS_LISTED else []


def _unless_too_deep(read: Callable[..., Any], *of: Any) -> Any:
    """What `read` finds; an empty dict if the file is nested too deeply for it."""
    try:
        return read(*of)
    except RecursionError:
        return {}


def _idle(tree: ast.Module) -> dict[str, Any]:
    found = _unless_too_deep(idle_lines.read, tree, _IDLE_LISTED)
    return {name: lines for name, lines in list(found.items())[:_SPANS_LISTED] if len(name) <= 100}


def _digests(tree: ast.Module) -> dict[str, str]:
    found = _unless_too_deep(digests.read, tree)
    return {name: found[name] for name in list(found)[:_DEFINITIONS_LISTED] if len(name) <= 100}


def _reach(tree: ast.Module) -> dict[str, list[str]]:
    """The dependencies of each definition; empty if they are unknown or too many for a message."""
    graph = _unless_too_deep(dependencies.read, tree)
    if not graph:
        return {}
    reach: dict[str, list[str]] = {}
    letters = 0
    for name in graph.definitions:
        reach[name] = sorted(graph.reach(name))
        letters += len(name.encode()) + sum(len(other.encode()) + 2 for other in reach[name])
        if letters > _LETTERS_REACHED:
            return {}
    return reach


def _uses(tree: ast.Module, listed: Sequence[str]) -> dict[str, Any]:
    """The uses behind each top-level name. The guards see uses, too, if the file is nested too deeply."""
    found = _unless_too_deep(Reader(tree, listed).read)
    return {
        name: [[[listed_name, *use] for listed_name, use in uses.library.items()], sorted(uses.mentions)]
        for name, uses in found.items()
        if uses.library or uses.mentions
    }


def _assigned_names(tree: ast.Module) -> set[str]:
    """Names that the file assigns or imports at its top level: a stub above `step = partial(...)` is not what is called."""
    names: set[str] = set()
    for statement in tree.body:
        if isinstance(statement, _Definition):
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.alias):
                names.add(node.asname or node.name)
            elif isinstance(node, _Definition):  # below an `if` or a `try`
                names.add(node.name)
    return names


def is_stub(node: _Definition) -> bool:
    """Tell whether a function's body is `raise NotImplementedError`, or every method of a class is such a function."""
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    if isinstance(node, ast.ClassDef):
        methods = [item for item in body if isinstance(item, _Definition)]
        return bool(methods) and all(map(is_stub, methods))
    if len(body) != 1 or not isinstance(body[0], ast.Raise):
        return False
    error = body[0].exc.func if isinstance(body[0].exc, ast.Call) else body[0].exc
    return isinstance(error, ast.Name) and error.id == "NotImplementedError"
