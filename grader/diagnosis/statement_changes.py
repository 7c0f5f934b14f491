"""Statements of a solution with one change: one missing, two in the other order, one inside a loop that belongs before it."""

import ast
from collections.abc import Iterator

from grader.diagnosis.changes import (
    RIGHT,
    Definition,
    TreeChange,
    TreePlace,
    bodies,
    expression,
    is_docstring,
    is_refusal,
)
from grader.diagnosis.condition_changes import SOME_TENSORS


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
            RIGHT.format("whose loop ends after its first pass") + " Does a `return` or a `break` end it too early?"
        )
        yield TreeChange("loop_ends_early", message, ((inner, [*loop.body, ast.Break()]),))
        after = [one for one in statements[k + 1 :] if isinstance(one, ast.Return)]
        if after:
            yield TreeChange("loop_ends_early", message, ((inner, [*loop.body, after[0]]),))
        for before in usable:
            if before < k and isinstance(statements[before], ast.Assign | ast.AnnAssign):
                message = (
                    RIGHT.format("in which a value starts again in each pass of a loop")
                    + " The right one makes it before the loop: what must the passes share?"
                )
                yield TreeChange("starts_again", message, ((inner, [statements[before], *loop.body]),))
        yield from _hoisted(loop)
        yield from _passes(loop)
        if isinstance(place.parent, ast.For) and k + 1 < len(statements):
            message = RIGHT.format("in which the end of an outer loop runs in each pass of the inner one")
            inside = [*loop.body, *statements[k + 1 :]]
            yield TreeChange("inside_the_loop", message, ((inner, inside), (place, statements[: k + 1])))


def _passes(loop: ast.For) -> Iterator[TreeChange]:
    """Passes left out, in another order, or only for some tensors."""
    place = TreePlace(loop, "iter")
    for piece, told in (
        ("[:-1]", "whose loop leaves out the last pass"),
        ("[1:]", "whose loop leaves out the first pass"),
    ):
        message = RIGHT.format(told) + " Count the passes."
        yield TreeChange("pass_missing", message, ((place, expression(f"list(E){piece}", E=loop.iter)),))
    message = RIGHT.format("whose loop has only its last pass") + " What must each pass do?"
    yield TreeChange("pass_missing", message, ((place, expression("list(E)[-1:]", E=loop.iter)),))
    message = RIGHT.format("whose loop goes from the last to the first") + " In which order should it go?"
    yield TreeChange("passes_reversed", message, ((place, expression("list(E)[::-1]", E=loop.iter)),))
    target = loop.target.elts[0] if isinstance(loop.target, ast.Tuple) else loop.target
    if isinstance(target, ast.Name) and not isinstance(loop.body[0], ast.With):
        for text, told in SOME_TENSORS:
            message = RIGHT.format(told) + " Which tensors does your loop leave out?"
            left_out = ast.If(
                expression(f"not {text.format('E')}", E=ast.Name(target.id, ast.Load())), [ast.Continue()], []
            )
            yield TreeChange("some_left_out", message, ((TreePlace(loop, "body"), [left_out, *loop.body]),))


def _hoisted(loop: ast.For) -> Iterator[TreeChange]:
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
