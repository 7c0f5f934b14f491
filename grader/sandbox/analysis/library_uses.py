"""Where a source file uses the listed library names. Read from the syntax tree; nothing is executed.

Follows a name through imports, assignments, `getattr`, `importlib` and similar. A name that is only imported, only in an
annotation or only below `if __name__ == "__main__"` is not a use. Of a class or table, only the requested parts count. The
guards see the uses that this module misses. Runs in a fresh worker.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from grader.sandbox.analysis.bindings import (
    ANYTHING,
    PART,
    SOME_MODULE,
    STAR,
    Function,
    Meaning,
    Scope,
    asks_for_main,
    assigned_globally,
    attributes,
    bindings,
    blocks_of,
    entry,
    look_up_in,
    member,
    statements_of,
    table_of,
)

_IMPORT_MODULE = "importlib.import_module"
_IMPORT = frozenset({"importlib.__import__", "builtins.__import__"})
_TENSOR = "torch.Tensor"


@dataclass
class Uses:
    """The library names that one name uses, and the other names of the file that it mentions.

    `.name` is an attribute of any object.
    """

    library: dict[str, tuple[str, int]] = field(default_factory=dict)  # listed name -> the name in full, its line
    mentions: set[str] = field(default_factory=set)


class Reader:
    """Finds the uses of `listed` names in one file; a listed name includes everything below it."""

    def __init__(self, tree: ast.Module, listed: Iterable[str]) -> None:
        self._listed = frozenset(listed)
        self._file = Scope()
        self._stars: list[str] = []  # modules whose names are all imported
        self._nodes: dict[str, list[ast.AST]] = {}  # what runs behind a name of the file
        self._own_attributes = frozenset(attributes(tree))
        self._load(tree.body, certain=True)
        for name, statement in assigned_globally(tree):
            self._file.bind(name, ANYTHING)
            self._nodes.setdefault(name, []).append(statement)

    def read(self) -> dict[str, Uses]:
        """The uses behind each name that the file binds, each member of a class (`Class.name`) and entry of a table."""
        found: dict[str, Uses] = {}
        for name in self._file.names:
            for part, nodes in self._parts(name).items():
                uses = found[part] = Uses()
                for node, scope in nodes:
                    self._note_all(_expressions(node, scope), uses)
                uses.mentions.discard(part)
        return found

    def _parts(self, name: str) -> dict[str, list[tuple[ast.AST, Scope]]]:
        """The code behind a name itself, and behind its members or entries, each with the scope in which it is read."""
        parts: dict[str, list[tuple[ast.AST, Scope]]] = {name: []}
        for node in self._nodes.get(name, []):
            if not isinstance(node, ast.ClassDef):
                parts[name].append((node, self._file))
                continue
            parts[name].extend((item, self._file) for item in (*node.decorator_list, *node.bases, *node.keywords))
            inner = self._file.inside(node)
            for bound, statement in statements_of(node):
                parts.setdefault(member(name, bound) if bound else name, []).append((statement, inner))
        for key, value in (table_of(self._nodes.get(name, [])) or {}).items():
            parts[entry(name, key)] = [(value, self._file)]
        return parts

    # -- the file's own names, in the order in which loading binds them

    def _load(self, statements: list[ast.stmt], certain: bool) -> None:
        """Note the names that statements bind. If the statements are `certain` to run, the last binding of a name counts."""
        for statement in statements:
            if isinstance(statement, ast.If) and asks_for_main(statement.test):
                self._load(statement.orelse, certain)
                continue
            blocks = list(blocks_of(statement))
            for name, value in bindings(statement, blocks=False):
                self._bind(name, value, None if blocks else statement, certain and not blocks)
            for block in blocks:
                self._load(block, certain and isinstance(statement, ast.With))

    def _bind(self, name: str, value: ast.expr | Meaning, statement: ast.stmt | None, certain: bool) -> None:
        if name == STAR:
            self._stars.extend(value if isinstance(value, frozenset) else ())
            return
        if name.endswith(PART):
            if self._nodes.get(name.removesuffix(PART)) and statement is not None:
                self._nodes[name.removesuffix(PART)].append(statement)
            return
        meaning = value if isinstance(value, frozenset) else self.resolve(value, self._file)
        if certain:
            self._file.names.pop(name, None)
            self._nodes.pop(name, None)
        self._file.bind(name, meaning)
        self._file.known.clear()
        nodes = self._nodes.setdefault(name, [])
        if isinstance(statement, ast.Import | ast.ImportFrom):
            if self._match(meaning) is not None:
                nodes.append(ast.copy_location(ast.Name(name, ast.Load()), statement))
        elif statement is not None:
            nodes.append(value if isinstance(value, ast.expr) else statement)

    # -- meanings

    def resolve(self, node: ast.AST, scope: Scope) -> Meaning:
        """The values that an expression may stand for."""
        match node:
            case ast.Name(id=name):
                return self._look_up(name, scope)
            case ast.Constant(value=str(text)):
                return frozenset({f"'{text}"})
            case ast.Attribute(value=base, attr=name):
                return self._attribute(self.resolve(base, scope), name)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                firsts, seconds = (_texts(self.resolve(side, scope)) for side in (left, right))
                return frozenset(f"'{first}{second}" for first in firsts for second in seconds) or ANYTHING
            case ast.IfExp(body=body, orelse=orelse):
                return self.resolve(body, scope) | self.resolve(orelse, scope)
            case ast.BoolOp(values=values):
                return _union(self.resolve(value, scope) for value in values)
            case ast.NamedExpr(value=value):
                return self.resolve(value, scope)
            case ast.Subscript(value=container, slice=key):
                return self._item(container, key, scope)
            case ast.Call():
                return self._result(node, scope)
        return ANYTHING

    def _look_up(self, name: str, scope: Scope) -> Meaning:
        owner = scope.owner(name)
        if owner is None:
            return frozenset({f"builtins.{name}", *(f"{module}.{name}" for module in self._stars)})
        if name not in owner.known:
            owner.known[name] = frozenset()  # a name may be bound to itself
            values = owner.names[name]
            owner.known[name] = _union(v if isinstance(v, frozenset) else self.resolve(v, owner) for v in values)
        return owner.known[name]

    def _attribute(self, bases: Meaning, name: str) -> Meaning:
        found: set[str] = set()
        for base in bases:
            if base in ANYTHING and name not in self._own_attributes:
                found.add(f"{_TENSOR}.{name}")
            if base in ANYTHING or base in SOME_MODULE or base.startswith("'"):
                found.update(ANYTHING)
            elif not base.startswith(f"{_TENSOR}."):
                found.add(f"{base}.{name}")
        return frozenset(found)

    def _item(self, container: ast.expr, key: ast.expr, scope: Scope) -> Meaning:
        """The meaning of `container[key]`: of a module's dictionary, of `sys.modules`, or of any other."""
        keys = _texts(self.resolve(key, scope))
        match container:
            case ast.Call(func=ast.Name(id="vars"), args=[owner]) | ast.Attribute(value=owner, attr="__dict__"):
                return _union(self._attribute(self.resolve(owner, scope), text) for text in keys) or ANYTHING
            case ast.Call(func=ast.Name(id="globals")):
                return _union(self._look_up(text, self._file) for text in keys) or ANYTHING
        if "sys.modules" in self.resolve(container, scope):
            return keys or SOME_MODULE
        return ANYTHING

    def _result(self, call: ast.Call, scope: Scope) -> Meaning:
        """The meaning of what a call returns."""
        functions = self.resolve(call.func, scope)
        if "builtins.getattr" in functions and len(call.args) > 1:
            owner, names = (self.resolve(argument, scope) for argument in call.args[:2])
            return _union(self._attribute(owner, text) for text in _texts(names)) or ANYTHING
        if _IMPORT_MODULE not in functions and not functions & _IMPORT:
            return ANYTHING
        modules = _texts(self.resolve(call.args[0], scope)) if call.args else frozenset()
        if functions & _IMPORT and len(call.args) < 4 and all(item.arg != "fromlist" for item in call.keywords):
            modules = frozenset(text.split(".")[0] for text in modules)  # it returns the topmost package
        return modules or SOME_MODULE

    # -- uses

    def _match(self, meaning: Meaning) -> tuple[str, str] | None:
        """The listed name, and the name in full, that an expression may stand for."""
        for name in sorted(meaning):
            parts = name.split(".")
            for length in range(1, len(parts) + 1):
                listed = ".".join(parts[:length])
                if listed in self._listed:
                    return listed, name
        return None

    def _note_all(self, expressions: Iterable[tuple[ast.AST, Scope]], uses: Uses) -> None:
        looked_up: set[ast.AST] = set()  # names of tables of which an entry is taken, which come after it
        for node, scope in expressions:
            asked = look_up_in(node)
            if (
                asked is not None
                and self._is_of_file(asked[0], scope)
                and table_of(self._nodes[asked[0].id]) is not None
            ):
                uses.mentions.update(entry(asked[0].id, text) for text in _texts(self.resolve(asked[1], scope)))
                looked_up.add(asked[0])
            if node not in looked_up:
                self._note(node, scope, uses)

    def _is_of_file(self, name: ast.Name, scope: Scope) -> bool:
        return scope.owner(name.id) is self._file and bool(self._nodes.get(name.id))

    def _note(self, node: ast.AST, scope: Scope, uses: Uses) -> None:
        """Note what one expression uses."""
        found = self._match(self.resolve(node, scope))
        if found is not None:
            uses.library.setdefault(found[0], (found[1], getattr(node, "lineno", 0)))
        match node:
            case ast.Name() if self._is_of_file(node, scope):
                uses.mentions.add(node.id)
            case ast.Attribute(attr=name) if name in self._own_attributes:
                uses.mentions.add(f".{name}")
            case ast.Call(func=ast.Name(id="getattr"), args=[_, key, *_]):
                uses.mentions.update(f".{text}" for text in _texts(self.resolve(key, scope)) & self._own_attributes)
            case ast.Subscript(value=ast.Call(func=ast.Name(id="globals")), slice=key):
                uses.mentions.update(_texts(self.resolve(key, scope)) & self._nodes.keys())


def _expressions(root: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    """The names that are read at and below a node, in the order of the text, each with its scope; without annotations."""
    waiting = [(root, scope)]
    while waiting:
        node, scope = waiting.pop()
        if isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
            if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) and isinstance(node, ast.Name):
                continue
            yield node, scope
        waiting.extend(reversed(list(_below(node, scope))))


def _below(node: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    """The nodes directly below one, each with the scope that it is read in."""
    around: list[ast.AST]
    inside: list[ast.AST] = []
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            decorators = node.decorator_list if isinstance(node, Function) else []
            around = [*decorators, *node.args.defaults, *filter(None, node.args.kw_defaults)]
            inside = [node.body] if isinstance(node, ast.Lambda) else [*node.body]
        case ast.ClassDef():
            around = [*node.decorator_list, *node.bases, *node.keywords]
            inside = [*node.body]
        case ast.AnnAssign():
            around = [item for item in (node.target, node.value) if item is not None]
        case _:
            around = list(ast.iter_child_nodes(node))
    yield from ((item, scope) for item in around)
    if isinstance(node, Function | ast.Lambda | ast.ClassDef):
        inner = scope.inside(node)
        yield from ((item, inner) for item in inside)


def _union(meanings: Iterable[Meaning]) -> Meaning:
    empty: Meaning = frozenset()
    return empty.union(*meanings)


def _texts(meaning: Meaning) -> Meaning:
    return frozenset(item[1:] for item in meaning if item.startswith("'"))
