"""Exceptions that a file of checks expects in a way that fails a right answer or passes a wrong one, each with its correction."""

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping, Sequence

# As everyone calls them.
_KNOWN = {"np": "numpy", "plt": "matplotlib.pyplot", "pd": "pandas", "F": "torch.nn.functional"}
_TOO_WIDE = ("Exception", "BaseException", "AssertionError")
_NAMED = 'with expect_raises({}, "name of the argument"):'


def full_names(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """The full name of each imported name: `{"np": "numpy", "r": "pytest.raises"}`."""
    found = {}
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            home = f"{node.module}." if isinstance(node, ast.ImportFrom) and node.module else ""
            found.update({one.asname or one.name: home + one.name for one in node.names if one.asname or home})
    return found


def full_name(name: str, names: Mapping[str, str]) -> str:
    """A dotted name with the full name of its first part."""
    first, dot, rest = name.partition(".")
    return names.get(first, first) + dot + rest


def unshortened(name: str, names: Mapping[str, str]) -> str:
    """The full name, where the first part of a dotted name is only another name of a module; "" if it is its own."""
    first = name.partition(".")[0]
    full = full_name(name, {**_KNOWN, **names} if first not in names else names)
    return "" if full == name else full


def errors_missed(nodes: Sequence[ast.AST], names: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """The lines that expect an impossible exception or accept any exception, each with its correction."""
    for node in nodes:
        if isinstance(node, ast.Call):
            yield from _of_call(node, full_name(ast.unparse(node.func), names))
        elif isinstance(node, ast.Try | ast.TryStar):
            yield from _of_try(node)
    yield from _of_kinds(nodes, names)


def _of_call(node: ast.Call, called: str) -> Iterator[tuple[int, str]]:
    if called == "pytest.raises" and node.args:
        for kind in _kinds(node.args[0]):
            if kind in _TOO_WIDE:
                yield (
                    node.lineno,
                    f"pytest.raises({kind}) is too wide. Name the kind, such as pytest.raises(ValueError).",
                )
            elif _is_built_in(kind, BaseException) and not _is_built_in(kind, Exception):
                text = (
                    f"pytest.raises({kind}) never sees it: what ends the program ends the check. Expect another kind."
                )
                yield node.lineno, text
            elif not _is_built_in(kind, Exception):
                text = f"pytest.raises({kind}) cannot see an exception that is not built in."
                yield node.lineno, f"{text} Write {_NAMED.format(kind)}"
    elif called.rpartition(".")[2] in ("assert_raises", "assert_raises_regex", "assertRaises", "assertRaisesRegex"):
        kind = next(iter(_kinds(node.args[0])), "") if node.args else "ValueError"
        yield node.lineno, f"{called} cannot see an exception of a submission. Write {_NAMED.format(kind)}"


def _of_try(node: ast.Try | ast.TryStar) -> Iterator[tuple[int, str]]:
    """A handler around a call of the submission."""
    inside = (one for statement in node.body for one in ast.walk(statement))
    if not any(isinstance(one, ast.Name) and one.id == "student" for one in inside):
        return
    for handler in node.handlers:
        for kind in _kinds(handler.type) if handler.type else [""]:
            said = f"except {kind}".rstrip()
            if kind in ("", *_TOO_WIDE) and isinstance(handler.body[-1], ast.Raise):
                continue  # it passes nothing: it says the same in other words
            if kind in ("", *_TOO_WIDE):
                text = f"{said} is too wide around a call of student: it catches the grader's own errors, too."
                yield handler.lineno, f"{text} Write {_NAMED.format('ValueError')}"
            elif _is_built_in(kind, BaseException):
                text = f"{said} cannot see an exception of a submission. Write {_NAMED.format(kind)}"
                yield (
                    handler.lineno,
                    f"{text} For an error of the check itself, take the call of student out of the try.",
                )


def _of_kinds(nodes: Sequence[ast.AST], names: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Comparisons of `info.type` after `pytest.raises(...) as info`, whose kind is one of the grader's own."""
    infos = {
        item.optional_vars.id
        for node in nodes
        if isinstance(node, ast.With)
        for item in node.items
        if isinstance(item.optional_vars, ast.Name) and isinstance(item.context_expr, ast.Call)
        if full_name(ast.unparse(item.context_expr.func), names) == "pytest.raises"
    }
    wrong = {text.format(info) for info in infos for text in ("{}.type", "type({}.value)")}
    for node in nodes if infos else ():
        if isinstance(node, ast.Compare) and ast.unparse(node.left) in wrong:
            text = f"{ast.unparse(node)} never holds. Remove it: pytest.raises has compared the kind."
            yield node.lineno, text


def _kinds(node: ast.expr) -> list[str]:
    return [ast.unparse(one) for one in (node.elts if isinstance(node, ast.Tuple) else [node])]


def _is_built_in(name: str, base: type[BaseException]) -> bool:
    kind = getattr(builtins, name, None)
    return isinstance(kind, type) and issubclass(kind, base)
