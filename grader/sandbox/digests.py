"""Short names for what each top-level function and class of a source file does, to tell which a change has touched.

Two files that give a name the same digest behave alike when it is called, wherever it stands in them and whatever comments
surround it. In doubt digests differ: whatever is not certain to concern one name alone is part of all of them. Runs in a
fresh worker: parsing hostile text can exhaust memory or the stack.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Definition = _Function | ast.ClassDef
# With these, code may find or change what it does not mention.
_FUNCTIONS = frozenset({
    *("exec", "eval", "compile", "globals", "locals", "vars", "getattr", "setattr", "delattr", "__import__", "__builtins__"),
    *("importlib", "builtins", "inspect", "sys", "gc", "ctypes"),
})  # fmt: skip
_ATTRIBUTES = frozenset({"__dict__", "__globals__", "__code__", "__defaults__", "__builtins__"})


def read(tree: ast.Module) -> dict[str, str]:
    """The digest of each top-level function and class: of its own text, of all it mentions, and of what runs on loading."""
    definitions: dict[str, list[_Definition]] = {}
    for node in tree.body:
        if isinstance(node, _Definition):
            definitions.setdefault(node.name, []).append(node)
    if _is_beyond_mentions(tree):
        return dict.fromkeys(definitions, _digest([ast.dump(tree)]))
    texts = {name: _digest(map(ast.dump, nodes)) for name, nodes in definitions.items()}
    mentions = {name: _words(nodes) & definitions.keys() for name, nodes in definitions.items()}
    loading = list(_loading(tree.body, definitions.keys()))
    first = set().union(*(words & definitions.keys() for _, words in loading))
    begin = [text for text, _ in loading]
    return {
        name: _digest([*begin, *(f"{one}={texts[one]}" for one in sorted(_reach({name, *first}, mentions)))])
        for name in definitions
    }


def _is_beyond_mentions(tree: ast.Module) -> bool:
    """Whether a name may be used where it is not mentioned, or given another value by what is called for another reason."""
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
    """What loading the file executes, in order, and the words in it: all but the bodies of functions, and strings.

    Of functions that is decorators, defaults and annotations. An annotation that was met before adds nothing, so that one
    more function with the usual arguments is no other way of loading.
    """
    own, met = set(defined), set[str]()
    shells = [_shell(node) if isinstance(node, _Definition) else node for node in body]
    used = _words(part for shell in shells for part in (_header(shell) if isinstance(shell, _Function) else [shell]))
    for shell in shells:
        if isinstance(shell, ast.Expr) and isinstance(shell.value, ast.Constant):
            continue
        if not isinstance(shell, _Function):
            met.clear()
            yield ast.dump(shell), _words([shell])
            continue
        for part in _header(shell):
            text, words = ast.dump(part), _words([part])
            if text not in met or words & own:
                yield text, words
            met.add(text)
        if shell.name in used:  # it has to be there in time
            yield shell.name, {shell.name}


def _header(function: _Function) -> Iterator[ast.expr]:
    """What defining a function evaluates, unless it is a constant."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    annotations = [argument.annotation for argument in every if argument is not None]
    defaults = [*arguments.defaults, *arguments.kw_defaults]
    for part in (*function.decorator_list, *defaults, *annotations, function.returns):
        if part is not None and not isinstance(part, ast.Constant):
            yield part


def _shell(node: _Definition) -> _Definition:
    """A definition without the bodies of functions, which do not run when it is made."""
    if isinstance(node, ast.ClassDef):
        body = [_shell(item) if isinstance(item, _Definition) else item for item in node.body]
        return ast.ClassDef(**{**dict(ast.iter_fields(node)), "body": body})
    return type(node)(**{**dict(ast.iter_fields(node)), "body": []})


def _reach(names: set[str], mentions: dict[str, set[str]]) -> set[str]:
    """The names, what they mention, what that mentions, and so on."""
    found: set[str] = set()
    while names:
        found |= names
        names = set().union(*(mentions[name] for name in names)) - found
    return found


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


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
