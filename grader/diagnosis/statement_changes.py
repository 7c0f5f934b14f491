"""Statements of a solution with one change: one missing, two in the other order, one inside a loop that belongs before it."""

import ast
from collections.abc import Iterator

from grader.diagnosis.changes import RIGHT, Definition, TreeChange, TreePlace, bodies, is_docstring, is_refusal


def changed_statements(definition: Definition) -> Iterator[TreeChange]:
    """The changes of each list of statements."""
    for place in bodies(definition):
        yield from _loops(place)
    for place in bodies(definition):
        yield from _assignments(place)
        yield from _orders(place)
        yield from _withs(place)
    for place in bodies(definition):
        yield from _missing(place)


def _usable(statements: list[ast.stmt]) -> list[int]:
    return [k for k, one in enumerate(statements) if not (is_docstring(one) or is_refusal(one))]


def _missing(place: TreePlace) -> Iterator[TreeChange]:
    statements = place.node
    for k in _usable(statements):
        if isinstance(statements[k], ast.Return | ast.FunctionDef | ast.Pass):
            continue
        rest = [*statements[:k], *statements[k + 1 :]] or [ast.Pass()]
        message = (
            RIGHT.format("without one of its steps")
            + " Compare the steps of the text with yours: which one is missing?"
        )
        yield TreeChange("step_missing", message, ((place, rest),))
        if isinstance(statements[k], ast.Expr | ast.AugAssign):
            twice = [*statements[:k], statements[k], *statements[k:]]
            message = RIGHT.format("with one of its steps done twice") + " Which step runs twice in yours?"
            yield TreeChange("step_twice", message, ((place, twice),))


def _orders(place: TreePlace) -> Iterator[TreeChange]:
    statements = place.node
    usable = _usable(statements)
    for one in usable:
        for other in usable:
            if one < other and not isinstance(statements[other], ast.Return):
                first, last = statements[one], statements[other]
                message = (
                    RIGHT.format("with two steps in the other order")
                    + " Which value does each step need: the old one or the new one?"
                )
                later = [*statements[:one], *statements[one + 1 : other + 1], first, *statements[other + 1 :]]
                earlier = [*statements[:one], last, *statements[one:other], *statements[other + 1 :]]
                yield TreeChange("steps_in_other_order", message, ((place, later),))
                if other - one > 1:
                    yield TreeChange("steps_in_other_order", message, ((place, earlier),))


def _assignments(place: TreePlace) -> Iterator[TreeChange]:
    statements = place.node
    for k in _usable(statements):
        node = statements[k]
        if isinstance(node, ast.AugAssign):
            new = [*statements[:k], ast.Assign([node.target], node.value, lineno=1), *statements[k + 1 :]]
            message = RIGHT.format("in which a value replaces a sum, and is not added to it")
            yield TreeChange("replaced_not_added", message, ((place, new),))


def _withs(place: TreePlace) -> Iterator[TreeChange]:
    statements = place.node
    for k in _usable(statements):
        node = statements[k]
        if isinstance(node, ast.With):
            message = RIGHT.format("without one of its `with` blocks")
            yield TreeChange("with_missing", message, ((place, [*statements[:k], *node.body, *statements[k + 1 :]]),))
        if isinstance(node, ast.If) and not is_refusal(node):
            message = RIGHT.format("with two cases exchanged") + " Which case belongs to which condition?"
            yield TreeChange(
                "cases_exchanged",
                message,
                ((TreePlace(node, "body"), node.orelse or [ast.Pass()]), (TreePlace(node, "orelse"), node.body)),
            )


def _loops(place: TreePlace) -> Iterator[TreeChange]:
    """A loop that begins a value again in each pass, computes one only once, or ends after its first pass."""
    statements = place.node
    usable = _usable(statements)
    for k in usable:
        loop = statements[k]
        if not isinstance(loop, ast.For):
            continue
        inner = TreePlace(loop, "body")
        message = (
            RIGHT.format("whose loop ends after its first pass")
            + " Is a `return` inside the loop that belongs after it?"
        )
        yield TreeChange("loop_ends_early", message, ((inner, [*loop.body, ast.Break()]),))
        after = [one for one in statements[k + 1 :] if isinstance(one, ast.Return)]
        if after:
            yield TreeChange("loop_ends_early", message, ((inner, [*loop.body, after[0]]),))
        for before in usable:
            if before < k and isinstance(statements[before], ast.Assign | ast.AnnAssign):
                message = (
                    RIGHT.format("in which a value starts again in each pass of a loop")
                    + " It belongs before the loop: what must the passes share?"
                )
                yield TreeChange("starts_again", message, ((inner, [statements[before], *loop.body]),))
        yield from _hoisted(place, k, loop)
        for new, told in (("[:-1]", "the last"), ("[1:]", "the first")):
            text = ast.unparse(loop.iter)
            message = RIGHT.format(f"whose loop leaves out {told} pass") + " Count the passes."
            yield TreeChange(
                "pass_missing", message, ((TreePlace(loop, "iter"), ast.parse(f"list({text}){new}", mode="eval").body),)
            )


def _hoisted(place: TreePlace, k: int, loop: ast.For) -> Iterator[TreeChange]:
    """A statement of the loop that runs once before it, in the values of the first pass."""
    for number, node in enumerate(loop.body):
        if not isinstance(node, ast.Assign):
            continue
        first = ast.If(
            ast.parse("'_once' not in locals()", mode="eval").body, [node, *ast.parse("_once = True").body], []
        )
        message = (
            RIGHT.format("in which a value is computed only in the first pass of a loop")
            + " Which one must be new in each pass?"
        )
        new = [*loop.body[:number], first, *loop.body[number + 1 :]]
        yield TreeChange("computed_once", message, ((TreePlace(loop, "body"), new),))
