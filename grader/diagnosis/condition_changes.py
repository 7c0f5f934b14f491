"""Conditions of a solution with one change: a comparison turned, a condition that always holds, cases exchanged."""

import ast
from collections.abc import Iterator

from grader.diagnosis.changes import RIGHT, TreeChange, TreePlace, expression, put

_TURNED: tuple[tuple[str, str, dict[type[ast.cmpop], type[ast.cmpop]]], ...] = (  # the kind, its words, the comparisons
    (
        "equality",
        RIGHT.format("in which an equal value counts, or does not, the other way round") + " Check your comparisons.",
        {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt},
    ),
    (
        "comparison_turned",
        RIGHT.format("in which a comparison is turned round") + " Check your comparisons.",
        {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE},
    ),
    (
        "opposite",
        RIGHT.format("with the opposite of one of its comparisons") + " Check your comparisons: equal, or not equal?",
        {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq},
    ),
)
# For loops over tensors: those that still count, with the words for it.
SOME_TENSORS = (
    ("{}.dim() > 1", "for matrices only, and not for vectors such as biases"),
    ("{}.dim() < 2", "for vectors such as biases only, and not for matrices"),
)


def changed_conditions(place: TreePlace) -> Iterator[TreeChange]:
    """A comparison turned, a condition ignored, two cases exchanged."""
    node = place.node
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for slug, message, others in _TURNED:
            other = others.get(type(node.ops[0]))
            if other is not None:
                yield put(place, slug, message, ast.Compare(node.left, [other()], node.comparators))
    if isinstance(node, ast.Compare | ast.BoolOp) and not isinstance(place.parent, ast.BoolOp):
        for value in (True, False):
            told = "always" if value else "never"
            message = RIGHT.format(f"in which one condition {told} holds")
            yield put(place, "condition_ignored", message, ast.Constant(value))
    if isinstance(node, ast.BoolOp):
        for operand in range(len(node.values)):
            rest = [one for number, one in enumerate(node.values) if number != operand]
            message = RIGHT.format("without one of its conditions") + " Which one is missing?"
            new = rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
            yield put(place, "condition_missing", message, new)
    if isinstance(node, ast.IfExp):
        message = RIGHT.format("with two cases exchanged") + " Which value belongs to which case?"
        yield put(place, "cases_exchanged", message, ast.IfExp(node.test, node.orelse, node.body))
        for branch in (node.body, node.orelse):
            message = RIGHT.format("without a distinction of cases") + " Which case is missing?"
            yield put(place, "case_missing", message, branch)

    if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp):
        for loop in node.generators:
            yield from _of_comprehension(loop)


def _of_comprehension(loop: ast.comprehension) -> Iterator[TreeChange]:
    """Without its conditions, with their opposite, or without some of what it goes through."""
    if loop.ifs:
        place = TreePlace(loop, "ifs")
        message = RIGHT.format("without one of its conditions") + " Which one is missing?"
        yield TreeChange("condition_missing", message, ((place, []),))
        message = RIGHT.format("with the opposite of one of its conditions")
        yield TreeChange("condition_turned", message, ((place, [ast.UnaryOp(ast.Not(), one) for one in loop.ifs]),))
    name = loop.target.id if isinstance(loop.target, ast.Name) else ""
    if name:
        for text, told in SOME_TENSORS:
            message = RIGHT.format(told) + " Which tensors does yours leave out?"
            more = ast.parse(text.format(name), mode="eval").body
            yield TreeChange("some_left_out", message, ((TreePlace(loop, "ifs"), [*loop.ifs, more]),))
    for piece, told in (("[:-1]", "the last"), ("[1:]", "the first")):
        message = RIGHT.format(f"that leaves out {told} entry of a list")
        some = expression(f"list(E){piece}", E=loop.iter)
        yield TreeChange("some_left_out", message, ((TreePlace(loop, "iter"), some),))
