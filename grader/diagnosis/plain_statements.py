"""Divides a definition into single statements that do the same. Each of them can be left out, exchanged or repeated."""

import ast

from grader.diagnosis.changes import Definition, is_docstring, is_refusal


def in_plain_statements(definition: Definition) -> None:
    """Divide statements: `v.mul_(a).add_(b)` and `a, b = 1, 2` become two each, a call in a loop gets its own."""
    _Divided().visit(definition)


class _Divided(ast.NodeTransformer):
    def __init__(self) -> None:
        self._loops = 0
        self._count = 0

    def visit_For(self, node: ast.For) -> ast.For:
        self._loops += 1
        self.generic_visit(node)
        self._loops -= 1
        return node

    def visit_Expr(self, node: ast.Expr) -> list[ast.stmt]:
        if is_docstring(node) or is_refusal(node):
            return [node]
        calls = _chain(node.value)
        if len(calls) > 1:
            base = calls[0].func.value  # type: ignore[attr-defined]
            return [ast.Expr(_on(call, base)) for call in calls]
        return self._with_calls_before(node)

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            written = {one.id for one in target.elts if isinstance(one, ast.Name)}
            read = {one.id for one in ast.walk(value) if isinstance(one, ast.Name)}
            if len(written) == len(target.elts) and written.isdisjoint(read):
                return [
                    ast.Assign([one], part, lineno=node.lineno)
                    for one, part in zip(target.elts, value.elts, strict=True)
                ]
        return self._with_calls_before(node)

    def _with_calls_before(self, node: ast.Expr | ast.Assign) -> list[ast.stmt]:
        """In a loop, calls of functions among the arguments of a call come first."""
        if not self._loops or not isinstance(node.value, ast.Call):
            return [node]
        before: list[ast.stmt] = []
        lists = [one.elts for one in node.value.args if isinstance(one, ast.List)]
        for arguments in (node.value.args, *lists):
            for place, argument in enumerate(arguments):
                if isinstance(argument, ast.Call) and isinstance(argument.func, ast.Name | ast.Attribute):
                    if _ends_in_lower_line(argument):
                        continue
                    name = f"_part_{self._count}"
                    self._count += 1
                    before.append(ast.Assign([ast.Name(name, ast.Store())], argument, lineno=node.lineno))
                    arguments[place] = ast.Name(name, ast.Load())
        return [*before, node]


def _ends_in_lower_line(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr.endswith("_")


def _chain(node: ast.expr) -> list[ast.Call]:
    """The calls of methods that change one variable in place, in their order."""
    found: list[ast.Call] = []
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr.endswith("_"):
        found.insert(0, node)
        node = node.func.value
    plain = isinstance(node, ast.Name) or (isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant))
    return found if plain else []


def _on(call: ast.Call, base: ast.expr) -> ast.Call:
    """A call of the same method on a variable itself."""
    assert isinstance(call.func, ast.Attribute)
    return ast.Call(ast.Attribute(base, call.func.attr, ast.Load()), call.args, call.keywords)
