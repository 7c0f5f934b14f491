"""Lines of a function that compute something and lose it, as a slip of the pen does: `v == x`, `v.mul(b)`, `v =+ g`."""

import ast
from collections.abc import Iterator

from grader.sandbox.analysis.bindings import Definition
from grader.toolkit.lazy_torch import torch

COMPARED, UNUSED, SIGN = "compared", "unused", "sign"


def read(tree: ast.Module, limit: int) -> dict[str, list[tuple[int, str]]]:
    """By top-level function and class, at most `limit` lines with what is lost there."""
    found = {node.name: list(_lost(node))[:limit] for node in tree.body if isinstance(node, Definition)}
    return {name: lines for name, lines in found.items() if lines}


def _lost(root: ast.AST) -> Iterator[tuple[int, str]]:
    has_sets = any(
        isinstance(node, ast.Set | ast.SetComp) or getattr(node, "id", "") == "set" for node in ast.walk(root)
    )
    for node in ast.walk(root):
        match node:
            case ast.Expr(value=ast.Compare(ops=[ast.Eq()])):
                yield node.lineno, COMPARED
            case ast.Expr(value=ast.Call() as call) if _only_computes(call, has_sets):
                yield node.lineno, UNUSED
            case ast.Assign(targets=[ast.Name() as target], value=ast.UnaryOp(op=ast.UAdd()) as value):
                together = value.col_offset - (target.end_col_offset or 0) in (1, 2)
                if together and value.operand.col_offset > value.col_offset + 1 and _is_bound_before(root, target):
                    yield node.lineno, SIGN


def _only_computes(call: ast.Call, has_sets: bool) -> bool:
    """Whether a call is that of a tensor's method which also exists with an underscore. A set has `add`, too."""
    if not isinstance(call.func, ast.Attribute) or any(keyword.arg == "out" for keyword in call.keywords):
        return False
    name = call.func.attr
    return not (name == "add" and has_sets) and name.isidentifier() and hasattr(torch.Tensor, f"{name}_")


def _is_bound_before(root: ast.AST, target: ast.Name) -> bool:
    """Whether a name also gets a value in another way, so that there is something to add to."""
    names = [node for node in ast.walk(root) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    arguments = [node.arg for node in ast.walk(root) if isinstance(node, ast.arg)]
    return target.id in arguments or any(node.id == target.id and node is not target for node in names)
