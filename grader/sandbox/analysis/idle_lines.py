"""Lines of a function that compute something and lose it, as a slip of the pen does: `v == x`, `v.mul(b)`, `v =+ g`.

Also names that nothing reads, and names that do not hold what they seem to: `for p in params: p = p - 1`, `up = w` before
`up[0] += 1`, a default list that the function fills. Two slips of the indentation: a `return` that ends a loop in its first
round, a function in another. And lists in two loops where `zip` is meant, an exception that `try` catches again, two results in
place of one.
"""

import ast
import builtins
import re
from collections.abc import Iterator

from grader.sandbox.analysis.bindings import Definition
from grader.toolkit.lazy_torch import torch

COMPARED, UNUSED, SIGN, REBOUND, ALIAS, ADDED = "compared", "unused", "sign", "rebound", "alias", "added"
DEFAULT, ROUND, INSIDE, UNREAD, COPY, UNCALLED = "default", "round", "inside", "unread", "copy", "uncalled"
KEPT, NESTED, CAUGHT, SEVERAL, ONCE, FLOOR = "kept", "nested", "caught", "several", "once", "floor"
PLACES, UNRAISED, MINUS = "places", "unraised", "minus"
FIRST = frozenset({UNCALLED, UNRAISED, SIGN, MINUS})  # such a line explains more than any comparison of results
SURE = FIRST | {UNUSED, KEPT, NESTED, SEVERAL, ONCE, PLACES}  # no right function has such a line
_COPYING = frozenset({"clone", "detach", "requires_grad_"})
_OF_SEVERAL = frozenset({"eigh", "eig", "svd", "qr", "slogdet"})  # of torch.linalg and of numpy.linalg: several results
_WITH_PLACES = frozenset(
    {"max", "min", "sort", "topk", "median", "mode", "kthvalue"}
)  # with `dim=`: values and their places
_OF_ONE_LOOP = re.compile("(named_)?(parameters|buffers|modules|children)")  # methods that return a generator
_EXCEPTIONS = {name for name, one in vars(builtins).items() if isinstance(one, type) and issubclass(one, BaseException)}
_DRAWING = frozenset({"random", "normal", "uniform", "exponential", "geometric"})  # of a generator: it moves on
_FILLING = frozenset({"append", "extend", "insert", "add", "update", "setdefault"})


def read(tree: ast.Module, limit: int) -> dict[str, list[tuple[int, str]]]:
    """By top-level function and class, at most `limit` lines with what is lost there."""
    outer = [node for node in tree.body if isinstance(node, Definition)]
    found = {node.name: list(_lost(node))[:limit] for node in outer}
    inner = [one for node in outer for one in ast.walk(node) if isinstance(one, Definition)]
    found |= {one.name: [(one.lineno, INSIDE)] for one in inner if one.name not in found}
    return {name: lines for name, lines in found.items() if lines}


def _lost(root: ast.AST) -> Iterator[tuple[int, str]]:
    has_sets = any(
        isinstance(node, ast.Set | ast.SetComp) or getattr(node, "id", "") == "set" for node in ast.walk(root)
    )
    for node in ast.walk(root):
        match node:
            case ast.Expr(value=ast.Compare(ops=[ast.Eq()])):
                yield node.lineno, COMPARED
            case ast.Expr(value=ast.Attribute()):
                yield node.lineno, UNCALLED
            case ast.Expr(value=ast.BinOp()):
                yield node.lineno, UNUSED
            case ast.Expr(value=ast.Call() as call) if _only_computes(call, has_sets):
                yield node.lineno, UNUSED
            case ast.Assign(targets=[ast.Name() as target]) if kind := _sign_at_equals(node, target):
                if _is_bound_before(root, target):
                    yield node.lineno, kind
            case ast.Call(
                func=ast.Name("max" | "min" | "sum" | "float" | "abs"), args=[ast.Call(func=ast.Attribute(attr=name))]
            ):
                if name in _OF_SEVERAL:
                    yield node.lineno, SEVERAL
            case ast.Compare(left=ast.Call() as one) | ast.BinOp(left=ast.Call() as one) if _has_places(one):
                yield node.lineno, PLACES
            case ast.Compare(comparators=[ast.Call() as one]) | ast.BinOp(right=ast.Call() as one) if _has_places(one):
                yield node.lineno, PLACES
            case ast.Return(value=ast.Name(name) | ast.Call(func=ast.Name(name))) if name in _EXCEPTIONS:
                yield node.lineno, UNRAISED
            case ast.Assign(targets=[ast.Name(name)], value=ast.Call(func=ast.Attribute(attr=method))):
                if _OF_ONE_LOOP.fullmatch(method) and _in_later_rounds(root, node, name):
                    yield node.lineno, ONCE
            case ast.BinOp(op=ast.FloorDiv()) | ast.AugAssign(op=ast.FloorDiv()):
                yield node.lineno, FLOOR
            case ast.Try() if (line := _caught(node)) is not None:
                yield line, CAUGHT
            case ast.While():
                yield from ((line, KEPT) for line in _kept(root, node))
            case ast.For():
                yield from ((line, KEPT) for line in _kept(root, node))
                yield from ((line, NESTED) for line in _nested(root, node))
                yield from ((line, REBOUND) for line in _rebound(root, node))
                yield from ((line, ADDED) for line in _adding(root, node))
                if not any(isinstance(one, ast.Continue) for one in ast.walk(node)):
                    yield from ((one.lineno, ROUND) for one in node.body if isinstance(one, ast.Return))
            case ast.FunctionDef():
                yield from ((line, DEFAULT) for line in _filled_defaults(node))
                yield from ((line, COPY) for line in _gradients_of_originals(node))
            case ast.Assign(targets=[ast.Name(new)], value=ast.Name(old)) if _is_alias(root, node, new, old):
                yield node.lineno, ALIAS
    for function in [root, *getattr(root, "body", ())]:
        if isinstance(function, ast.FunctionDef) and (function is root or isinstance(root, ast.ClassDef)):
            yield from ((line, UNREAD) for line in _unread(function))


def _sign_at_equals(node: ast.Assign, target: ast.Name) -> str:
    """The kind of `w =+ g` and `w =- g`, which may be slips of `+=` and `-=`; else ""."""
    first = node.value
    while isinstance(first, ast.BinOp):
        first = first.left
    if not isinstance(first, ast.UnaryOp) or not isinstance(first.op, ast.UAdd | ast.USub):
        return ""
    together = first.col_offset - (target.end_col_offset or 0) in (1, 2)
    if not together or first.operand.col_offset <= first.col_offset + 1:
        return ""
    return SIGN if isinstance(first.op, ast.UAdd) else MINUS


def _has_places(call: ast.Call) -> bool:
    """Whether a call has two results: the values, and where they are."""
    along = any(keyword.arg == "dim" for keyword in call.keywords)
    return along and isinstance(call.func, ast.Attribute) and call.func.attr in _WITH_PLACES


def _only_computes(call: ast.Call, has_sets: bool) -> bool:
    """Whether a call is that of a tensor's method which also exists with an underscore. A set has `add`, too."""
    if not isinstance(call.func, ast.Attribute) or any(keyword.arg == "out" for keyword in call.keywords):
        return False
    name = call.func.attr
    return (
        not (name == "add" and has_sets)
        and name not in _DRAWING
        and name.isidentifier()
        and hasattr(torch.Tensor, f"{name}_")
    )


def _is_bound_before(root: ast.AST, target: ast.Name) -> bool:
    """Whether a name also gets a value in another way, so that there is something to add to."""
    arguments = [node.arg for node in ast.walk(root) if isinstance(node, ast.arg)]
    return target.id in arguments or any(node is not target for node in _names(root, target.id, ast.Store))


def _names(root: ast.AST, name: str, context: type[ast.expr_context]) -> list[ast.Name]:
    return [
        one for one in ast.walk(root) if isinstance(one, ast.Name) and one.id == name and isinstance(one.ctx, context)
    ]


def _rebound(root: ast.AST, loop: ast.For) -> Iterator[int]:
    """The lines of a loop's body that give its own variable a new value, if nothing reads it before the next round."""
    own = {one.id for one in ast.walk(loop.target) if isinstance(one, ast.Name)}
    for node in loop.body:
        match node:
            case ast.Assign(targets=[ast.Name(name)]) if name in own and not _is_read_after(root, node, name):
                yield node.lineno


def _adding(root: ast.AST, loop: ast.For) -> Iterator[int]:
    """The lines of a loop that call `backward()`, in a function that neither sets gradients back nor makes new leaves."""
    names = {node.attr for node in ast.walk(root) if isinstance(node, ast.Attribute)}
    stores = any(
        isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del) for node in ast.walk(root)
    )
    words = {node.arg for node in ast.walk(root) if isinstance(node, ast.keyword)}
    if stores or "requires_grad" in words or names & {"zero_grad", "zero_", "fill_", "requires_grad_", "set_to_none"}:
        return
    for node in loop.body:
        match node:
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="backward"))):
                yield node.lineno


def _changed_in_place(node: ast.AST) -> str:
    """The name of which this writes an entry, or calls a method that works in place; else ""."""
    match node:
        case ast.Subscript(value=ast.Name(name), ctx=ast.Store()):
            return name
        case ast.Call(func=ast.Attribute(value=ast.Name(name), attr=method)) if method[-1:] == "_" != method[:1]:
            return "" if method in ("requires_grad_", "detach_") else name
    return ""


def _kept(root: ast.AST, loop: ast.For | ast.While) -> Iterator[int]:
    """The lines of a loop that keep, beyond the round, a tensor which the next rounds overwrite."""
    nodes = list(ast.walk(loop))
    new = {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    same = {_changed_in_place(one) for one in nodes} - new - {""}
    later = {one.id for one in ast.walk(root) if isinstance(one, ast.Name) and one.lineno > (loop.end_lineno or 0)}
    chosen = {
        id(one) for node in nodes if isinstance(node, ast.If) for one in ast.walk(node)
    }  # not kept in every round
    for node in nodes:
        pairs: list[tuple[ast.expr, ast.expr]] = []
        match node:
            case ast.Assign(targets=[ast.Tuple(names)], value=ast.Tuple(values)) if id(node) in chosen:
                pairs = list(zip(names, values, strict=False))
            case ast.Assign(targets=[ast.Name() as name], value=value) if id(node) in chosen:
                pairs = [(name, value)]
            case ast.Call(func=ast.Attribute(value=ast.Name() as name, attr="append"), args=[value]):
                pairs = [(name, value)]
        for holder, kept in pairs:
            if getattr(kept, "id", "") in same and getattr(holder, "id", "") in later:
                yield kept.lineno


def _nested(root: ast.AST, outer: ast.For) -> Iterator[int]:
    """The lines of loops over one argument in a loop over another which change the same tensor again and again."""
    arguments = {one.arg for one in ast.walk(root) if isinstance(one, ast.arg)}
    for inner in outer.body:
        match outer, inner:
            case ast.For(ast.Name(one), ast.Name(first)), ast.For(ast.Name(), ast.Name(second)):
                augmented = {ast.unparse(node.target) for node in ast.walk(inner) if isinstance(node, ast.AugAssign)}
                changed = augmented | {_changed_in_place(node) for node in ast.walk(inner)}
                if first != second and {first, second} <= arguments and one in changed:
                    yield inner.lineno


def _in_later_rounds(root: ast.AST, node: ast.stmt, name: str) -> bool:
    """Whether a loop without this assignment reads the name in each of its rounds."""
    loops = [one for one in ast.walk(root) if isinstance(one, ast.For | ast.While) and node not in ast.walk(one)]
    read = any(_names(line, name, ast.Load) for loop in loops for line in loop.body)
    return read and len(_names(root, name, ast.Store)) == 1


def _caught(node: ast.Try) -> int | None:
    """The line in `try` that raises an exception which the same statement catches, and raises no more."""
    kinds = {ast.unparse(one.type) if one.type else "Exception" for one in node.handlers}
    again = any(isinstance(one, ast.Raise) for handler in node.handlers for one in ast.walk(handler))
    for one in (one for line in node.body for one in ast.walk(line)):
        match one:
            case ast.Raise(exc=ast.Call(func=ast.Name(name)) | ast.Name(name)) if not again:
                if kinds & {name, "Exception", "BaseException"}:
                    return one.lineno
    return None


def _filled_defaults(function: ast.FunctionDef) -> Iterator[int]:
    """The lines of default lists, dicts and sets to which the function adds. Python makes them once, for all calls."""
    own, members = function.args, {ast.unparse(one) for one in ast.walk(function) if isinstance(one, ast.Attribute)}
    pairs = [*zip(reversed(own.posonlyargs + own.args), reversed(own.defaults), strict=False)]
    for argument, default in [*pairs, *zip(own.kwonlyargs, own.kw_defaults, strict=True)]:
        filled = any(f"{argument.arg}.{verb}" in members for verb in _FILLING)
        if (
            filled
            and isinstance(default, ast.List | ast.Dict | ast.Set)
            and not _names(function, argument.arg, ast.Store)
        ):
            yield argument.lineno


def _gradients_of_originals(function: ast.FunctionDef) -> Iterator[int]:
    """The lines that return the `.grad` of an argument, if the function makes a copy of it and calls `backward()`."""
    nodes = list(ast.walk(function))
    if not any(isinstance(one, ast.Attribute) and one.attr == "backward" for one in nodes):
        return
    copied = set[str]()
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(new)], value=value):
                names = {one.id for one in ast.walk(value) if isinstance(one, ast.Name)} - {new}
                calls = {one.attr for one in ast.walk(value) if isinstance(one, ast.Attribute)}
                copied |= names if calls & _COPYING else set()
    for node in nodes:
        match node:
            case ast.Return(value=ast.Attribute(value=ast.Name(name), attr="grad")) if name in copied:
                if any(one.arg == name for one in function.args.args) and not _names(function, name, ast.Store):
                    yield node.lineno


def _unread(function: ast.FunctionDef) -> Iterator[int]:
    """The lines that give a result a name which nothing reads, if the function is finished.

    `x += 1` reads x: it may change a tensor in place.
    """
    read = {one.id for one in ast.walk(function) if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Store)}
    read |= {ast.unparse(one.target) for one in ast.walk(function) if isinstance(one, ast.AugAssign)}
    read |= {name for one in ast.walk(function) if isinstance(one, ast.Global | ast.Nonlocal) for name in one.names}
    if read.isdisjoint(("locals", "eval", "exec", "NotImplementedError")):
        for node in ast.walk(function):
            match node:
                case ast.Assign(targets=[ast.Name(name)]) if name not in read and not name.startswith("_"):
                    yield node.lineno


def _is_read_after(root: ast.AST, node: ast.stmt, name: str) -> bool:
    """Whether a line below reads a name, or an inner function at any time; another loop gives it a value of its own."""
    inner = [one for one in ast.walk(root) if one is not root and isinstance(one, ast.FunctionDef | ast.Lambda)]
    inner = [one for one in inner if node not in ast.walk(one)]
    other = [loop for loop in ast.walk(root) if _names(loop, name, ast.Load) and _binds(loop, name)]
    own = {id(one) for loop in other if node not in ast.walk(loop) for one in _names(loop, name, ast.Load)}
    read = [one for one in _names(root, name, ast.Load) if id(one) not in own]
    return any(one.lineno > (node.end_lineno or 0) for one in read) or any(_names(one, name, ast.Load) for one in inner)


def _binds(loop: ast.AST, name: str) -> bool:
    """Whether this is a loop, or a comprehension, over a variable of this name."""
    loops = [loop] if isinstance(loop, ast.For) else getattr(loop, "generators", [])
    return any(_names(one.target, name, ast.Store) for one in loops)


def _is_alias(root: ast.AST, node: ast.stmt, new: str, old: str) -> bool:
    """Whether `new = old` is taken for a copy: entries of `new` change, and `old`, which keeps its value, is read below it."""
    if len(_names(root, new, ast.Store)) > 1 and len({one.lineno for one in _names(root, new, ast.Store)}) > 1:
        return False
    stores = [one for one in _names(root, old, ast.Store) if one.lineno > node.lineno]
    entries = [one.value for one in ast.walk(root) if isinstance(one, ast.Subscript) and isinstance(one.ctx, ast.Store)]
    changes = any(isinstance(one, ast.Name) and one.id == new and one.lineno > node.lineno for one in entries)
    return changes and not stores and any(one.lineno > node.lineno for one in _names(root, old, ast.Load))
