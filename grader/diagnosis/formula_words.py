"""Words for parts of a solution that a student has seen: the arguments, and what the docstring writes as code.

So a sentence about a changed solution can name a quantity, and quotes nothing but the public text.
"""

import ast
import re

from grader.diagnosis.changes import MODULES, Definition, Quantity, TreeChange, TreePlace, is_docstring

_CODE = re.compile(r"`([^`]+)`")
_TOKEN = re.compile(r"\w+|\*\*|[^\s\w]")


class FormulaWords:
    """What the docstring of a definition lets a sentence name."""

    def __init__(self, definition: Definition) -> None:
        """Read the code in the docstring's sentences, and the names of the arguments."""
        code = _CODE.findall(ast.get_docstring(definition) or "")
        self._formulas = [_tokens(one) for one in code]
        self._names = {token for tokens in self._formulas for token in tokens if token.isidentifier()}
        self._names |= {node.arg for node in ast.walk(definition) if isinstance(node, ast.arg)}
        self._names -= {"self", *MODULES}
        self._statements = {
            id(part): node
            for node in ast.walk(definition)
            if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr) and not is_docstring(node)
            for part in ast.walk(node)
        }

    def message(self, change: TreeChange) -> str:
        """The sentence of a change, with its quantities, and with the variable that is computed there."""
        message = change.message
        if change.quantities:
            message = message.format(*map(self._quantity, change.quantities))
        targets = {self._target(*one) for one in change.new}
        target = targets.pop()
        return message if targets or target is None else f"{message} Look at how you compute `{target}`."

    def _quantity(self, quantity: Quantity) -> str:
        text = _text(quantity.node)
        tokens = _tokens(text)
        known = text in self._names if len(tokens) == 1 else any(_holds(one, tokens) for one in self._formulas)
        return quantity.known.format(f"`{text}`") if known else quantity.unknown

    def _target(self, place: TreePlace, new: object) -> str | None:
        """The variable whose value the changed statement computes, if the text names it."""
        statement: ast.AST | None
        if isinstance(new, list) and all(isinstance(one, ast.stmt) for one in new):
            changed = [one for one in place.node if new.count(one) != 1]  # left out, or done twice
            statement = changed[0] if len(changed) == 1 else None
        else:
            statement = self._statements.get(id(place.parent))
        name = written(statement)
        return name if name in self._names else None


def written(statement: ast.AST | None) -> str | None:
    """The name that a statement assigns to, or whose tensor it changes in place."""
    node: ast.AST | None = None
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        node = statement.targets[0]
    elif isinstance(statement, ast.AugAssign):
        node = statement.target
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        function = statement.value.func
        node = function.value if isinstance(function, ast.Attribute) and function.attr.endswith("_") else None
    return node.id if isinstance(node, ast.Name) else None


def _text(node: ast.expr) -> str:
    """An expression as a formula writes it: `sqrt(s)`, and not `s.sqrt()` or `torch.sqrt(s)`."""
    if isinstance(node, ast.Name):
        return node.id
    text = ast.unparse(node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.keywords:
        inner = node.func.value
        is_module = isinstance(inner, ast.Name) and inner.id in MODULES
        arguments = node.args if is_module else [inner, *node.args]
        return f"{node.func.attr}({', '.join(map(_text, arguments))})"
    return text


def _tokens(text: str) -> list[str]:
    return ["**" if token == "^" else token for token in _TOKEN.findall(text)]


def _holds(formula: list[str], tokens: list[str]) -> bool:
    return any(formula[k : k + len(tokens)] == tokens for k in range(len(formula) - len(tokens) + 1))
