"""Small changes of a solution that the checks should find: an operator, a constant, a dropped statement.

Those that no mistake names can become skeletons of `@mistake`, for an author to complete.

A change replaces a place in the text, so that the rest of the text stays.
"""

import ast
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from grader.diagnosis.known_mistakes import definition_in, in_its_place
from grader.section import Section

_Definition = ast.FunctionDef | ast.ClassDef

_OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div, ast.Pow: ast.Mult,
    ast.Mod: ast.Mult, ast.MatMult: ast.Mult, ast.And: ast.Or, ast.Or: ast.And, ast.Lt: ast.LtE, ast.LtE: ast.Lt,
    ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_NAMES = {
    "add_": "sub_", "sub_": "add_", "mul_": "div_", "div_": "mul_", "mean": "sum", "sum": "mean", "max": "min", "min": "max",
    "sqrt": "square", "log": "exp", "exp": "log", "zeros_like": "ones_like", "ones_like": "zeros_like", "zeros": "ones",
    "rand": "randn", "randn": "rand", "argmax": "argmin", "eval": "train", "train": "eval", "any": "all", "all": "any",
}  # fmt: skip
PROPOSALS = "mistakes_proposed.py"  # not read as mistakes, and left out of the kit
_BEGIN = '''"""Wrong answers that checks fail and no mistake names. Move those that students make to the section's mistakes.

Write in each docstring what a student reads who does this, and two or three hints.
"""

from grader.toolkit.mistakes import mistake
'''


@dataclass(frozen=True)
class Mutant:
    """One change of one exercise. `change` quotes the source before and after."""

    exercise: str
    change: str
    line: int
    source: str
    filename: str

    @property
    def key(self) -> str:
        """The key by which a comment in the check file justifies a survivor."""
        return f"{self.exercise}: {self.change}"


def mutants_of(section: Section, exercise: str) -> list[Mutant]:
    """All mutants of an exercise's solution, without duplicates."""
    solution = section.solution.read_text(encoding="utf-8")
    tree = ast.parse(solution)
    node = next(n for n in tree.body if isinstance(n, _Definition) and n.name == exercise)
    text = ast.get_source_segment(solution, node) or ""
    found: dict[str, Mutant] = {}
    for change, line, wrong in _mutations(text):
        source = in_its_place(solution, exercise, wrong)
        found.setdefault(wrong, Mutant(exercise, change, node.lineno + line - 1, source, f"{section.stem}.py"))
    return list(found.values())


def _mutations(text: str) -> Iterator[tuple[str, int, str]]:
    """The change, its line, and the whole changed text."""
    tree = ast.parse(text)
    for node in _mutable(tree):
        old = ast.get_source_segment(text, node) or ""
        for new in _replacements(node):
            wrong = _replaced(text, node, new)
            if _parses(wrong):
                yield f"`{_short(old)}` -> `{_short(new)}`", getattr(node, "lineno", 1), wrong


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else flat[:59] + "…"


def _mutable(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes to change, without annotations, docstrings and messages of errors."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Raise) or _is_docstring(node):
            continue
        yield node
        if isinstance(node, ast.arg):
            continue
        if isinstance(node, ast.FunctionDef):
            for part in (*node.args.defaults, *node.body):
                yield from [] if _is_docstring(part) else [part]
                yield from _mutable(part)
            continue
        yield from _mutable(node)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _replacements(node: ast.AST) -> Iterator[str]:
    """The replacements of a node."""
    if isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp):
        yield from _with(node, "op", _OPERATORS.get(type(node.op)))
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield from _with(node, "ops", [_OPERATORS[type(node.ops[0])]()] if type(node.ops[0]) in _OPERATORS else None)
    elif isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            ops = [*node.ops[:place], _OPERATORS[type(operator)](), *node.ops[place + 1 :]]
            yield from _with(node, "ops", ops)
    elif isinstance(node, ast.UnaryOp):
        yield f"({ast.unparse(node.operand)})"
    elif isinstance(node, ast.Constant):
        yield from _constants(node.value)
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif isinstance(node, ast.IfExp):
        yield f"({ast.unparse(node.body)})"
        yield f"({ast.unparse(node.orelse)})"
    if isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.If | ast.Assert):
        yield "pass"
    if isinstance(node, ast.With):
        yield "if True:\n" + _body(node)
    if isinstance(node, ast.Return) and node.value is not None:
        yield "return None"


def _body(node: ast.With) -> str:
    indent = " " * (node.col_offset + 4)
    return "\n".join(indent + line for part in node.body for line in ast.unparse(part).splitlines())


def _with(node: ast.AST, field: str, value: object) -> Iterator[str]:
    """The node's text with another value of one field."""
    if value is None:
        return
    changed = deepcopy(node)
    setattr(changed, field, value() if isinstance(value, type) else value)
    text = ast.unparse(changed)
    yield text if isinstance(node, ast.stmt) else f"({text})"


def _constants(value: object) -> Iterator[str]:
    if isinstance(value, bool):
        yield repr(not value)
    elif isinstance(value, int):
        yield repr(value + 1)
        if value == 1:
            yield "0"
    elif isinstance(value, float):
        yield repr(2 * value if value else 1.0)


def _calls(node: ast.Call) -> Iterator[str]:
    """Swap two arguments, drop a named argument, or call a similar method."""
    if len(node.args) > 1 and not any(isinstance(argument, ast.Starred) for argument in node.args[:2]):
        yield from _with(node, "args", [node.args[1], node.args[0], *node.args[2:]])
    for place in range(len(node.keywords)):
        yield from _with(node, "keywords", [*node.keywords[:place], *node.keywords[place + 1 :]])
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if isinstance(node.func, ast.Attribute) and name in _NAMES:
        yield from _with(node, "func", ast.Attribute(node.func.value, _NAMES[name], ast.Load()))


def _replaced(text: str, node: ast.AST, new: str) -> str:
    """The text with a replacement for a node. Columns of a syntax tree count bytes."""
    lines = text.encode().splitlines(keepends=True)
    first, last = getattr(node, "lineno", 1) - 1, (getattr(node, "end_lineno", None) or 1) - 1
    before = b"".join(lines[:first]) + lines[first][: getattr(node, "col_offset", 0)]
    after = lines[last][getattr(node, "end_col_offset", None) or 0 :] + b"".join(lines[last + 1 :])
    return (before + new.encode() + after).decode()


def write_proposals(section: Section, mutants: Sequence[Mutant]) -> Path:
    """Write the skeletons into the section's room; return the file."""
    path = section.room / PROPOSALS
    path.write_text("\n\n".join([_BEGIN, *(skeleton(mutant, place) for place, mutant in enumerate(mutants, 1))]))
    return path


def skeleton(mutant: Mutant, place: int) -> str:
    """A mutant as a mistake whose diagnosis and hints are still to be written."""
    (node,) = ast.parse(definition_in(mutant.source, mutant.exercise)).body
    assert isinstance(node, ast.FunctionDef | ast.ClassDef)
    node.name, node.decorator_list = f"{mutant.exercise}_{place}", []
    if isinstance(node, ast.FunctionDef):
        node.returns = None
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            argument.annotation = None
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    said = f"Line {mutant.line}: {mutant.change}. Say what the code does, why that is wrong and where to look."
    node.body = [ast.Expr(ast.Constant(said)), *body]
    return f'@mistake("{mutant.exercise}", hints=("A gentle hint.", "A direct hint."))\n{ast.unparse(node)}\n'
