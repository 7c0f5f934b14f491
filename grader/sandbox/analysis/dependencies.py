"""Which top-level functions and classes of a source file use which, as far as its syntax tree shows.

In doubt, a definition uses everything: code that runs on loading counts as used by all. Runs in a fresh worker, because
parsing hostile text can exhaust memory or the stack.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from grader.predictions import NAME, is_table

_Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = _Function | ast.ClassDef
# With these, code may find or change names that it does not mention.
_FUNCTIONS = frozenset({
    *("exec", "eval", "compile", "globals", "locals", "vars", "getattr", "setattr", "delattr", "__import__", "__builtins__"),
    *("importlib", "builtins", "inspect", "sys", "gc", "ctypes"),
})  # fmt: skip
_ATTRIBUTES = frozenset({"__dict__", "__globals__", "__code__", "__defaults__", "__builtins__"})


@dataclass(frozen=True)
class Graph:
    """The definitions by name, the other names in each, and the code that runs on loading (see `_loading`)."""

    definitions: dict[str, list[Definition]]
    mentions: dict[str, set[str]]
    loading: list[tuple[str, set[str]]]

    @cached_property
    def loaded(self) -> set[str]:
        """The definitions that loading the file mentions."""
        return set().union(*(words & self.definitions.keys() for _, words in self.loading))

    def reach(self, name: str) -> set[str]:
        """The transitive dependencies of a name, and those of the code that runs on loading."""
        found: set[str] = set()
        names = {name, *self.loaded}
        while names:
            found |= names
            names = set().union(*(self.mentions[one] for one in names)) - found
        return found


def read(tree: ast.Module) -> Graph | None:
    """Build the graph; None if code may use names without mentioning them."""
    if _is_beyond_mentions(tree):
        return None
    definitions = definitions_of(tree)
    mentions = {name: _words(nodes) & definitions.keys() for name, nodes in definitions.items()}
    return Graph(definitions, mentions, list(_loading(without_predictions(tree.body), definitions.keys())))


def without_predictions(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements without `PREDICTIONS`, unless other code reads it."""
    others = [node for node in body if not is_table(node)]
    return body if NAME in _words(others) else others


def is_idle(node: ast.stmt) -> bool:
    """Whether a statement does nothing: a string, or `pass`, which replaces the magics of a notebook."""
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def text_of(node: object) -> str:
    """A syntax tree as text, without places and empty fields: of one file, every version of Python writes the same."""
    if isinstance(node, list):
        return f"[{', '.join(map(text_of, node))}]"
    if not isinstance(node, ast.AST):
        return constant_text(node)
    fields = [f"{name}={text_of(value)}" for name, value in ast.iter_fields(node) if value is not None and value != []]
    return f"{type(node).__name__}({', '.join(fields)})"


def constant_text(value: object) -> str:
    """A constant in one line, the same in every version of Python. hex() has no limit on digits."""
    return hex(value) if type(value) is int else ascii(value)


def definitions_of(tree: ast.Module) -> dict[str, list[Definition]]:
    """The top-level functions and classes by name; one name may have several."""
    definitions: dict[str, list[Definition]] = {}
    for node in tree.body:
        if isinstance(node, Definition):
            definitions.setdefault(node.name, []).append(node)
    return definitions


def _is_beyond_mentions(tree: ast.Module) -> bool:
    """Whether code may use a name without mentioning it, or rebind a global name."""
    for node in ast.walk(tree):
        match node:
            case ast.Global() | ast.alias(name="*"):
                return True
            case ast.Name(id=word) if word in _FUNCTIONS:
                return True
            case ast.Attribute(attr=word) if word in _ATTRIBUTES:
                return True
            case ast.alias(name=word) if word.split(".")[0] in _FUNCTIONS:
                return True
            case ast.ImportFrom(module=str(word)) if word.split(".")[0] in _FUNCTIONS:
                return True
    return False


def _loading(body: list[ast.stmt], defined: Iterable[str]) -> Iterator[tuple[str, set[str]]]:
    """The code that runs on loading, in order, and its words: everything except the bodies of functions, and strings.

    Of functions, these are decorators, defaults and annotations. A repeated annotation adds nothing, so that one more function
    with the usual arguments does not change how the file loads.
    """
    own, met = set(defined), set[str]()
    shells = [_shell(node) if isinstance(node, Definition) else node for node in body]
    used = _words(part for shell in shells for part in (_header(shell) if isinstance(shell, _Function) else [shell]))
    for shell in shells:
        if is_idle(shell):
            continue
        if not isinstance(shell, _Function):
            met.clear()
            yield text_of(shell), _words([shell])
            continue
        for part in _header(shell):
            text, words = text_of(part), _words([part])
            if text not in met or words & own:
                yield text, words
            met.add(text)
        if shell.name in used:  # it has to be there in time
            yield shell.name, {shell.name}


def _header(function: _Function) -> Iterator[ast.expr]:
    """The expressions that a function definition evaluates, without constants."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    annotations = [argument.annotation for argument in every if argument is not None]
    defaults = [*arguments.defaults, *arguments.kw_defaults]
    for part in (*function.decorator_list, *defaults, *annotations, function.returns):
        if part is not None and not isinstance(part, ast.Constant):
            yield part


def _shell(node: Definition) -> Definition:
    """A definition without the bodies of functions, which do not run on loading."""
    if isinstance(node, ast.ClassDef):
        body = [_shell(item) if isinstance(item, Definition) else item for item in node.body]
        return ast.ClassDef(**{**dict(ast.iter_fields(node)), "body": body})
    return type(node)(**{**dict(ast.iter_fields(node)), "body": []})


def _words(nodes: Iterable[ast.AST]) -> set[str]:
    """Every name, attribute, import and string."""
    words: set[str] = set()
    for root in nodes:
        for node in ast.walk(root):
            match node:
                case ast.Name(id=word) | ast.Attribute(attr=word) | ast.Constant(value=str(word)):
                    words.add(word)
                case ast.alias(name=name, asname=asname):
                    words.update(name.split("."), [asname] if asname else [])
                case ast.ImportFrom(module=str(module)):
                    words.update(module.split("."))
    return words
