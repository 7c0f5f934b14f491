"""Digests of a source file and of its top-level functions and classes, to find what a change affects.

Equal digests mean equal behaviour; comments and positions do not count. In doubt, digests differ: code that may affect several
names is part of all their digests. Runs in a fresh worker, because parsing hostile text can exhaust memory or the stack.
"""

import ast
import hashlib
from collections.abc import Iterable, Mapping

from grader.sandbox.analysis import dependencies


def read(tree: ast.Module) -> dict[str, str]:
    """The digest of each top-level function and class: its text, its dependencies, and the code that runs on loading."""
    graph = dependencies.read(tree)
    if graph is None:
        whole = _digest(dependencies.text_of(node) for node in tree.body if not dependencies.is_idle(node))
        return dict.fromkeys(dependencies.definitions_of(tree), whole)
    texts = {name: _digest(map(dependencies.text_of, nodes)) for name, nodes in graph.definitions.items()}
    begin = [text for text, _ in graph.loading]
    return {
        name: _digest([*begin, *(f"{one}={texts[one]}" for one in sorted(graph.reach(name)))])
        for name in graph.definitions
    }


def whole(tree: ast.Module) -> str:
    """The digest of all code in a file, without layout, comments, docstrings and positions. Different code has another digest.

    `PREDICTIONS` counts only if other code reads it: answering a question changes no grade. All other code counts as used: a
    submission may use it in a way that the syntax tree does not show. The tree may be of any depth.
    """
    code = ast.Module(dependencies.without_predictions(tree.body), tree.type_ignores)
    found, waiting = hashlib.sha256(), [_readable(code)]
    while waiting:
        match waiting.pop():
            case ast.AST() as node:
                waiting.append(")")
                for name, value in ast.iter_fields(node):
                    if name != "kind" and value is not None and value != []:  # the kind of a constant: u"" is ""
                        waiting += [_readable(value), f"{name}="]
                waiting.append(f"{type(node).__name__}(")
            case list() as nodes:
                said = (one for one in nodes if not (isinstance(one, ast.stmt) and dependencies.is_idle(one)))
                waiting += ["]", *map(_readable, said), "["]
            case text:
                found.update(f"{text}\n".encode())
    return found.hexdigest()[:32]


def of_values(values: Mapping[str, object]) -> str:
    """The digest of named texts and numbers."""
    return _digest(f"{name}={value!r}" for name, value in sorted(values.items()))


def _readable(value: object) -> ast.AST | list[object] | str:
    return value if isinstance(value, ast.AST | list) else dependencies.constant_text(value)


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
