"""Find the names that the statements of a syntax tree bind, and their values, without execution."""

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

# The possible values of an expression: dotted names of libraries, texts (with a quote before each), or one of these two.
Meaning = frozenset[str]
ANYTHING: Meaning = frozenset({"?"})  # some object, perhaps a tensor
SOME_MODULE: Meaning = frozenset({"!"})

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
STAR = "*"  # the name of a star import
PART = "["  # ends a name with an assigned part: `a.b = …`, `a[0] = …`


@dataclass
class Scope:
    """The names that a function, a class or the file binds, each with its possible values."""

    parent: "Scope | None" = None
    is_class: bool = False  # functions inside do not see its names
    names: dict[str, list[ast.expr | Meaning]] = field(default_factory=dict)
    known: dict[str, Meaning] = field(default_factory=dict)  # resolved, or in progress

    def bind(self, name: str, value: ast.expr | Meaning) -> None:
        """Add a possible value of the name."""
        self.names.setdefault(name, []).append(value)

    def owner(self, name: str) -> "Scope | None":
        """The scope, this one or one around it, that binds the name."""
        scope: Scope | None = self
        while scope is not None and name not in scope.names:
            scope = scope.parent
        return scope

    def inside(self, node: Function | ast.Lambda | ast.ClassDef) -> "Scope":
        """The scope of a function or class that is defined in this one."""
        if isinstance(node, ast.ClassDef):
            inner = Scope(self, is_class=True)
        else:
            inner = Scope(self.parent if self.is_class else self)
            for name in _parameters(node.args):
                inner.bind(name, ANYTHING)
        inner._collect(node.body if isinstance(node.body, list) else [node.body])
        return inner

    def _collect(self, statements: Iterable[ast.AST]) -> None:
        outer: set[str] = set()
        for statement in statements:
            for node in own_nodes(statement):
                if isinstance(node, ast.Global | ast.Nonlocal):
                    outer.update(node.names)
            for name, value in bindings(statement):
                if not name.endswith(PART):
                    self.bind(name, value)
        for name in outer:
            self.names.pop(name, None)


def own_nodes(statement: ast.AST, into: Callable[[ast.AST], bool] = lambda node: True) -> Iterator[ast.AST]:
    """A statement and the nodes below it, without the insides of functions and classes."""
    waiting = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, Definition | ast.Lambda):
            waiting.extend(child for child in ast.iter_child_nodes(node) if into(child))


def bindings(statement: ast.AST, blocks: bool = True) -> Iterator[tuple[str, ast.expr | Meaning]]:
    """The names that a statement binds, with their values; without `blocks`, not those that inner statements bind."""
    for node in own_nodes(statement, lambda child: blocks or not isinstance(child, ast.stmt | ast.comprehension)):
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    whole = alias.name if alias.asname else alias.name.split(".")[0]
                    yield alias.asname or whole, frozenset({whole})
            case ast.ImportFrom(module=module, names=aliases, level=level):
                for alias in aliases:
                    dotted = f"{module}" if alias.name == STAR else f"{module}.{alias.name}"
                    yield alias.asname or alias.name, SOME_MODULE if level else frozenset({dotted})
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from _assigned(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
                yield from _assigned(target, value)
            case ast.AugAssign(target=target) | ast.For(target=target) | ast.comprehension(target=target):
                yield from _assigned(target, None)
            case ast.withitem(optional_vars=ast.expr() as target):
                yield from _assigned(target, None)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name, ANYTHING
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, ANYTHING


def _assigned(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[str, ast.expr | Meaning]]:
    """The names in the target of an assignment, each with its value, or ANYTHING."""
    if isinstance(target, ast.Tuple | ast.List):
        parts = value.elts if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts) else None
        for place, item in enumerate(target.elts):
            yield from _assigned(item, parts[place] if parts else None)
    elif isinstance(target, ast.Starred):
        yield from _assigned(target.value, None)
    elif isinstance(target, ast.Name):
        yield target.id, ANYTHING if value is None else value
    elif isinstance(target, ast.Attribute | ast.Subscript):
        root: ast.expr = target
        while isinstance(root, ast.Attribute | ast.Subscript):
            root = root.value
        if isinstance(root, ast.Name):
            yield root.id + PART, ANYTHING


def blocks_of(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The statements inside an `if`, `try`, loop, `with` or `match`."""
    if isinstance(statement, Definition):
        return
    for part in (statement, *getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(part, name, None)
            if isinstance(block, list) and block:
                yield block


def assigned_globally(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Names that functions declare `global` and assign, with the assignments."""
    for function in ast.walk(tree):
        if not isinstance(function, Function):
            continue
        nodes = [node for statement in function.body for node in own_nodes(statement)]
        declared = {name for node in nodes if isinstance(node, ast.Global) for name in node.names}
        for node in nodes:
            if declared and isinstance(node, ast.Assign | ast.AnnAssign):
                yield from ((name, node) for name, _ in bindings(node) if name in declared)


def attributes(tree: ast.Module) -> Iterator[str]:
    """The names of attributes that the file defines: methods, fields, keyword arguments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from (name for statement in node.body for name, _ in bindings(statement))
            for item in node.body:
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                    yield item.target.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg


def _parameters(arguments: ast.arguments) -> Iterator[str]:
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
        if argument is not None:
            yield argument.arg


def asks_for_main(test: ast.expr) -> bool:
    """Whether a condition is `__name__ == "__main__"`, which never holds in a worker."""
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.Eq):
        return False
    words = {getattr(side, "id", getattr(side, "value", None)) for side in (test.left, *test.comparators)}
    return words == {"__name__", "__main__"}


# The parts of a class or table at the top level. A use of one part is not a use of the others.

_CALLED = frozenset({"forward", "backward"})


def member(owner: str, name: str) -> str:
    """The key of a method or a value of a class."""
    return f"{owner}.{name}"


def entry(table: str, key: str) -> str:
    """The key of an entry in a table."""
    return f"{table}[{key}]"


def statements_of(node: ast.ClassDef) -> Iterator[tuple[str | None, ast.stmt]]:
    """The statements in a class, each with the name it binds; None if it runs for every object, or binds several names.

    Methods that Python or torch calls, such as `__init__`, run for every object.
    """
    for statement in node.body:
        names = {name for name, _ in bindings(statement) if not name.endswith(PART)}
        name = names.pop() if len(names) == 1 else None
        is_called = isinstance(statement, Function) and (statement.name.startswith("__") or statement.name in _CALLED)
        yield (None if is_called else name), statement


def table_of(nodes: Sequence[ast.AST]) -> dict[str, ast.expr] | None:
    """The entries of a dictionary whose keys are texts, if it is the only value of a name."""
    if len(nodes) != 1 or not isinstance(nodes[0], ast.Dict):
        return None
    found: dict[str, ast.expr] = {}
    for key, value in zip(nodes[0].keys, nodes[0].values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            return None
        found[key.value] = value
    return found


def look_up_in(node: ast.AST) -> tuple[ast.Name, ast.expr] | None:
    """The name of a table and the key, of `TABLE[key]` and `TABLE.get(key)`."""
    match node:
        case ast.Subscript(value=ast.Name() as table, slice=key):
            return table, key
        case ast.Call(func=ast.Attribute(value=ast.Name() as table, attr="get"), args=[key, *_]):
            return table, key
    return None
