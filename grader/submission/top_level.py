"""Which statements at the top level need not run, since no exercise can notice: experiments, plots and prints.

A worker runs a file again for every check. In doubt, a statement runs. A statement is left out only if it binds no name that an
exercise reads, directly or not, mentions no object that one might come to read, and sets nothing in a library or a class.

The cells of a notebook hold more experiments than exercises. There, in doubt, a statement does not run: see `needed`.
"""

import ast
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from grader.submission import bound_names as naming
from grader.submission.bound_names import DEFINITION, free_names, global_names, last_name
from grader.submission.effects import (
    CHANGES,
    SAFE_BUILTINS,
    SHOWN_DUNDERS,
    UNCHANGING,
    is_beyond_names,
    is_plain_decorator,
    is_safe_library,
)

_STATEMENTS, _ROUNDS = 1000, 50  # a file with more, or that is more entangled, runs as it is
_STAYS = (*DEFINITION, ast.Import, ast.ImportFrom, ast.Pass)
_COMPOUND = (ast.Tuple, ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Subscript)
_EXPERIMENT = (ast.For, ast.AsyncFor, ast.While, ast.Expr)


def left_out(body: Sequence[ast.stmt], exercises: Collection[str] = ()) -> set[int]:
    """The places in `body` of the statements that need not run: loops, expressions, and the statements that build on them.

    `exercises` are the names that checks call; without them, every function and class counts as one.
    """
    try:
        return _File(body, exercises).left_out() if len(body) <= _STATEMENTS else set()
    except RecursionError:
        return set()


def needed(body: Sequence[ast.stmt], exercises: Collection[str] = ()) -> set[int]:
    """The places in `body` of the statements that bind what an exercise reads, directly or not, or visibly change it.

    Without `exercises`, each name counts as one. An assignment to the name of a function, such as `mean = mean(x)` in an
    experiment, is not needed.
    """
    try:
        names = exercises or {name for node in body for name in naming.bound_names(node)}
        return _File(body, names).needed() if len(body) <= _STATEMENTS else set()
    except RecursionError:
        return set()


def names_changed(node: ast.stmt) -> set[str]:
    """The names of the objects that a statement visibly changes: an entry or an attribute, or by a method such as `append`."""
    found = set[str | None]()
    for part in ast.walk(node):
        match part:
            case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                found.add(naming.root_name(part))
            case ast.Call(func=ast.Attribute(attr=method, value=changed)) if CHANGES.fullmatch(method):
                found.add(naming.root_name(changed))
    return {name for name in found if name is not None}


@dataclass
class _Statement:
    """A top-level statement: the names that it binds, all names that it mentions, and its nodes."""

    node: ast.stmt
    binds: set[str] = field(default_factory=set)
    mentions: set[str] = field(default_factory=set)
    header: set[str] = field(default_factory=set)  # of a definition: what it mentions when it is defined

    @property
    def is_definition(self) -> bool:
        return isinstance(self.node, DEFINITION)


class _File:
    """The statements of a file, and the names that they may use."""

    def __init__(self, body: Sequence[ast.stmt], exercises: Collection[str]) -> None:
        self.statements = [_read(node) for node in body]
        self.by_name: dict[str, list[_Statement]] = {}
        for one in self.statements:
            for name in one.binds:
                self.by_name.setdefault(name, []).append(one)
        self.imports = dict(naming.imported_names(body))
        self.exercises = set(exercises) or {name for one in self.statements if one.is_definition for name in one.binds}
        self._closures: dict[frozenset[str], frozenset[str]] = {}
        self._unsafe: dict[int, bool] = {}  # by the id of a node

    def left_out(self) -> set[int]:
        if any(is_beyond_names(one.node) for one in self.statements):
            return set()
        needed = self._needed()
        free = [
            place
            for place, one in enumerate(self.statements)
            if place not in needed and not isinstance(one.node, _STAYS) and not is_text(one.node)
        ]
        first = {place for place in free if isinstance(self.statements[place].node, _EXPERIMENT)}
        return self._with_dependents(first, free)

    def needed(self) -> set[int]:
        found = set[int]()
        defined = {name for one in self.statements if one.is_definition for name in one.binds}
        for _ in range(_ROUNDS):
            read = self._reads(found)
            more = {
                place
                for place, one in enumerate(self.statements)
                if place not in found and not isinstance(one.node, _STAYS) and not _is_main(one.node)
                if (self._all_binds(one) - defined | names_changed(one.node)) & read
            }
            if not more:
                break
            found |= more
        return found

    def _needed(self) -> set[int]:
        """The places of statements that have to run: an exercise, or another such statement, reads a value that they bind or
        may change."""
        needed = {place for place, one in enumerate(self.statements) if self._sets_something(one)}
        for _ in range(_ROUNDS):
            read = self._reads(needed)
            objects = {name for name in read if any(map(self._may_change, self.by_name.get(name, ())))}
            more = {
                place
                for place, one in enumerate(self.statements)
                if place not in needed
                and not isinstance(one.node, _STAYS)
                and not _is_main(one.node)
                and (self._all_binds(one) & read or self._closure(one.mentions) & objects)
            }
            if not more:
                return needed
            needed |= more
        return set(range(len(self.statements)))

    def _reads(self, needed: set[int]) -> set[str]:
        names = set(self.exercises)
        for place, one in enumerate(self.statements):
            names |= one.header if one.is_definition else one.mentions if place in needed else set()
        return set(self._closure(names))

    def _with_dependents(self, out: set[int], free: list[int]) -> set[int]:
        """The places, and those of statements that mention a name that these bind, or an object that they may change."""
        for _ in range(_ROUNDS):
            gone = set[str]()
            for place in out:
                one = self.statements[place]
                gone |= self._all_binds(one)
                for name in self._closure(one.mentions):
                    if any(not other.is_definition and self._may_change(other) for other in self.by_name.get(name, ())):
                        gone.add(name)
            more = {
                place
                for place in free
                if place not in out
                and not _is_main(self.statements[place].node)
                and self._closure(self.statements[place].mentions) & gone
                and not self._makes(self.statements[place], gone)
            }
            if not more:
                return out
            out |= more
        return set()

    def _makes(self, one: _Statement, gone: set[str]) -> bool:
        """Whether a statement only makes an object that an experiment changes later: it builds on nothing else."""
        others = one.mentions - one.binds
        return isinstance(one.node, ast.Assign | ast.AnnAssign) and not self._closure(others) & gone

    def _closure(self, names: Iterable[str]) -> frozenset[str]:
        """These names, and all that the statements which bind them mention, and so on."""
        key = frozenset(names)
        if key not in self._closures:
            found, waiting = set[str](), set(key)
            while waiting:
                found |= waiting
                mentions = (one.mentions for name in waiting for one in self.by_name.get(name, ()))
                waiting = set[str]().union(*mentions) - found
            self._closures[key] = frozenset(found)
        return self._closures[key]

    def _all_binds(self, one: _Statement) -> set[str]:
        """The names that a statement binds, itself or by a function that declares them global."""
        called = (other for name in self._closure(one.mentions) for other in self.by_name.get(name, ()))
        return one.binds.union(
            *(global_names(other.node) for other in called if other.is_definition), global_names(one.node)
        )

    def _may_change(self, one: _Statement) -> bool:
        """Whether a statement binds a name to an object that later code can change."""
        match one.node:
            case ast.Import() | ast.ImportFrom():
                return False
            case ast.FunctionDef() | ast.AsyncFunctionDef() as function:
                return self._is_kept_by(function, [*function.args.defaults, *function.args.kw_defaults])
            case ast.ClassDef() as node:
                values = [item.value for item in node.body if isinstance(item, ast.Assign | ast.AnnAssign)]
                return self._is_kept_by(node, values)
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                return not self._is_unchanging(value)
        return True

    def _is_kept_by(self, node: naming.Definition, values: Iterable[ast.expr | None]) -> bool:
        """Whether a definition keeps one of these values that can change, or what an unknown decorator makes of it."""
        unchanging = all(self._is_unchanging(value) for value in values if value is not None)
        return not unchanging or not all(map(is_plain_decorator, node.decorator_list))

    def _is_unchanging(self, value: ast.expr) -> bool:
        """Whether a value cannot be changed in place; a name counts as its value."""
        if isinstance(value, ast.Call):
            arguments = (*value.args, *(keyword.value for keyword in value.keywords))
            return last_name(value.func) in UNCHANGING and all(map(self._is_unchanging, arguments))
        if isinstance(value, ast.Constant | ast.Name | ast.Attribute | ast.Lambda | ast.JoinedStr):
            return True
        if isinstance(value, _COMPOUND):
            return all(self._is_unchanging(part) for part in ast.iter_child_nodes(value) if isinstance(part, ast.expr))
        return False

    def _sets_something(self, one: _Statement) -> bool:
        """Whether a statement, or a function that it calls, may change a library, a class or an object without a name."""
        if isinstance(one.node, _STAYS) or _is_main(one.node):
            return False
        behind = [other.node for name in self._closure(one.mentions) for other in self.by_name.get(name, ())]
        nodes = [node for node in (one.node, *behind) if not isinstance(node, ast.Import | ast.ImportFrom)]
        return any(map(self._is_unsafe, nodes))

    def _is_unsafe(self, root: ast.stmt) -> bool:
        if id(root) not in self._unsafe:
            self._unsafe[id(root)] = self._looks_unsafe(root)
        return self._unsafe[id(root)]

    def _looks_unsafe(self, root: ast.stmt) -> bool:
        inside = isinstance(root, DEFINITION)
        local = {name for node in ast.walk(root) for name in naming.names_of_node(node)}
        bases = {id(node.value) for node in ast.walk(root) if isinstance(node, ast.Attribute)}
        for node in ast.walk(root):
            match node:
                case ast.Import() | ast.ImportFrom() if not inside:
                    return True
                case ast.Attribute(attr=attr) if re.fullmatch("__(_?|.*__)", attr) and attr not in SHOWN_DUNDERS:
                    if not (inside and attr == "__init__"):
                        return True
                case ast.Attribute() | ast.Subscript() if isinstance(node.ctx, ast.Store | ast.Del):
                    owner = naming.root_name(node)
                    if owner is None or owner == "cls" or not self._is_object(owner, local):
                        return True
                case ast.Name(id=name, ctx=ast.Load()) if name not in local:
                    if not (self._is_safe_name(name) or (id(node) in bases and name in self.imports)):
                        return True
            if isinstance(node, ast.Attribute) and (dotted := naming.dotted_name(node)):
                first, _, rest = dotted.partition(".")
                if first in self.imports and not is_safe_library(f"{self.imports[first][0]}.{rest}"):
                    return True
        return False

    def _is_object(self, name: str, local: set[str]) -> bool:
        """Whether a name stands for some object that a statement may change, and not for a module, a class or a function."""
        if name in local:
            return name not in self.imports
        found = self.by_name.get(name, [])
        return bool(found) and not any(isinstance(one.node, _STAYS) for one in found)

    def _is_safe_name(self, name: str) -> bool:
        """Whether mentioning a name, as a function to call or an argument, changes nothing behind our back."""
        if name in self.imports:
            dotted, is_module = self.imports[name]
            return not is_module and is_safe_library(dotted)
        return name in self.by_name or name in SAFE_BUILTINS


def _read(node: ast.stmt) -> _Statement:
    found = _Statement(node, set(naming.bound_names(node)))
    if isinstance(node, DEFINITION):
        found.header = free_names(naming.header_parts(node))
    found.mentions = set() if _is_main(node) else free_names([node])
    return found


def _is_main(node: ast.stmt) -> bool:
    """Whether a statement is `if __name__ == "__main__":`, whose body never runs in a worker."""
    if not isinstance(node, ast.If) or node.orelse or not isinstance(node.test, ast.Compare):
        return False
    words = {getattr(side, "id", getattr(side, "value", None)) for side in (node.test.left, *node.test.comparators)}
    return isinstance(node.test.ops[0], ast.Eq) and words == {"__name__", "__main__"}


def is_experiment(node: ast.stmt) -> bool:
    """Whether a statement computes something, and not only under `if __name__ == "__main__":`."""
    return not isinstance(node, _STAYS) and not is_text(node) and not _is_main(node)


def is_text(node: ast.stmt) -> bool:
    """Whether a statement is a string or another constant, such as a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
