"""Entries, slices and sizes of a solution with one change: another index, a slice that ends early, one entry too few."""

import ast
from collections.abc import Iterator

from grader.diagnosis.changes import FORMULA, RIGHT, TreeChange, TreePlace, expression, put

_OF_ALL = ("sum", "mean", "max", "min")


def changed_entries(place: TreePlace) -> Iterator[TreeChange]:
    """The changes of one expression."""
    node = place.node
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        yield from _slices(place, node, node.slice)
    elif isinstance(node, ast.Subscript):
        yield from _indices(place, node)


def _indices(place: TreePlace, node: ast.Subscript) -> Iterator[TreeChange]:
    index = node.slice
    is_number = isinstance(index, ast.UnaryOp) or (isinstance(index, ast.Constant) and isinstance(index.value, int))
    if isinstance(index, ast.Name | ast.UnaryOp | ast.Constant):
        for new in (0, -1, 1):
            message = RIGHT.format("with another entry, such as the first for the last") + " Check each index."
            yield put(place, "other_entry", message, ast.Subscript(node.value, ast.Constant(new), ast.Load()))
    if is_number:
        for name in _OF_ALL:
            message = FORMULA.format(f"with the {name} of all entries in place of one entry")
            yield put(place, "all_entries", message, expression(f"E.{name}()", E=node.value))
    if isinstance(index, ast.Name):
        for text, told in (
            ("E[:len(I)]", "with the first entries in place of the chosen ones"),
            ("E[list(range(len(I)))]", "with the first entries in place of the chosen ones"),
            ("E[-len(I):]", "with the last entries in place of the chosen ones"),
            ("E[I.flip(0)]", "with the chosen entries in reversed order at one place"),
            ("E[I.sort().values]", "with the chosen entries in sorted order at one place"),
            ("E[I.argsort()]", "with the inverse of an order in its place"),
        ):
            message = RIGHT.format(told) + " Entries that belong together need the same index."
            yield put(place, "other_entries", message, expression(text, E=node.value, I=index))
        message = RIGHT.format("with the columns in place of the rows, or the rows in place of the columns")
        yield put(place, "other_entries", message, expression("E[:, I]", E=node.value, I=index))
    if isinstance(index, ast.Constant) and isinstance(index.value, str):
        message = (
            RIGHT.format("with the default of a setting in place of the setting of each group") + " Who may change it?"
        )
        yield put(place, "default_setting", message, expression(f"self.defaults[{index.value!r}]"))
    if isinstance(index, ast.Tuple) and len(index.elts) == 2:
        message = RIGHT.format("with the columns in place of the rows, or the rows in place of the columns")
        turned = ast.Tuple([index.elts[1], index.elts[0]], ast.Load())
        yield put(place, "other_entries", message, ast.Subscript(node.value, turned, ast.Load()))
        yield put(place, "other_entries", RIGHT.format("without one of its indices"), node.value)
        yield from _orders(place, node, index)


def _orders(place: TreePlace, node: ast.Subscript, index: ast.Tuple) -> Iterator[TreeChange]:
    """One of several indices, an order, in another form."""
    for k, one in enumerate(index.elts):
        if isinstance(one, ast.Name):
            for text, told in (
                ("I.argsort()", "with the inverse of an order in its place"),
                ("I.flip(0)", "with the chosen entries in reversed order at one place"),
                ("I[I]", "with an order that is applied twice at one place"),
            ):
                message = RIGHT.format(told) + " What belongs together needs the same index."
                elements = [*index.elts[:k], expression(text, I=one), *index.elts[k + 1 :]]
                new = ast.Subscript(node.value, ast.Tuple(elements, ast.Load()), ast.Load())
                yield put(place, "other_entries", message, new)


def _slices(place: TreePlace, node: ast.Subscript, piece: ast.Slice) -> Iterator[TreeChange]:
    message = RIGHT.format("with a slice that begins or ends at another place")
    message += " Which entries does it hold, and how many?"
    lower, upper = piece.lower, piece.upper
    news: list[tuple[ast.expr | None, ast.expr | None]] = []
    if upper is not None:
        one = ast.Constant(1)
        news += [(lower, ast.BinOp(upper, ast.Sub(), one)), (lower, ast.BinOp(upper, ast.Add(), one)), (lower, None)]
    if upper is not None and lower is None:
        news += [(upper, None), (ast.UnaryOp(ast.USub(), upper), None)]
    if lower is not None:
        news += [(None, upper), (ast.BinOp(lower, ast.Add(), ast.Constant(1)), upper)]
    for new in news:
        yield put(place, "other_slice", message, ast.Subscript(node.value, ast.Slice(*new), ast.Load()))


def changed_size(place: TreePlace) -> Iterator[TreeChange]:
    """A number of entries or passes that is off by one."""
    node = place.node
    if not isinstance(node, ast.Name | ast.Call | ast.BinOp) or isinstance(place.parent, ast.Subscript | ast.Slice):
        return
    for text, told in (("E - 1", "one too few"), ("E + 1", "one too many")):
        message = RIGHT.format(f"with {told} of what it counts: entries, examples or passes")
        yield put(place, "count_off_by_one", message, expression(text, E=node))
