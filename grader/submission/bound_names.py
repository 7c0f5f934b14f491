"""The names that code binds, takes from around it, imports or mentions, read from its syntax tree."""

import ast
from collections.abc import Iterable, Iterator

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITION = (*_FUNCTION, ast.ClassDef)
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def header_parts(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a definition that run when it is defined."""
    if isinstance(node, ast.ClassDef):
        yield from (*node.decorator_list, *node.bases, *node.keywords)
        for item in node.body:
            yield from header_parts(item) if isinstance(item, DEFINITION) else [item]
    elif isinstance(node, (*_FUNCTION, ast.Lambda)):
        arguments = node.args
        yield from (*arguments.defaults, *(value for value in arguments.kw_defaults if value is not None))
        if isinstance(node, _FUNCTION):
            annotated = [
                *arguments.posonlyargs,
                *arguments.args,
                *arguments.kwonlyargs,
                arguments.vararg,
                arguments.kwarg,
            ]
            yield from node.decorator_list
            yield from (one.annotation for one in annotated if one is not None and one.annotation is not None)
            yield from [node.returns] if node.returns else []


def free_names(roots: Iterable[ast.AST]) -> set[str]:
    """The names that some code takes from around it, or binds there."""
    found = set[str]()
    for node in roots:
        match node:
            case ast.Name(id=name):
                found.add(name)
            case ast.Global(names=names):
                found.update(names)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                body = node.body if isinstance(node.body, list) else [node.body]
                own = {name for part in (node.args, *body) for name in bound_names(part)}
                own |= {name for part in ast.walk(node.args) for name in names_of_node(part)}
                own -= {name for part in body for name in global_names(part)}
                found |= (free_names(body) - own) | free_names(header_parts(node))
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                own = {name for part in node.generators for name in bound_names(part.target)}
                found |= free_names(ast.iter_child_nodes(node)) - own
            case _:
                found |= free_names(ast.iter_child_nodes(node))
    return found


def bound_names(node: ast.AST) -> Iterator[str]:
    """The names that a top-level statement binds or deletes, in its blocks too, but not inside functions and classes."""
    yield from names_of_node(node)
    if isinstance(node, (*DEFINITION, ast.Lambda)):
        return
    targets = {id(part.target) for part in getattr(node, "generators", ())}  # a comprehension keeps its own names
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.comprehension) and id(child.target) in targets:
            yield from (name for part in (child.iter, *child.ifs) for name in bound_names(part))
        else:
            yield from bound_names(child)


def names_of_node(node: ast.AST) -> Iterator[str]:
    """The names that one node binds."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
            yield name
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name
        case ast.alias(name=name, asname=asname):
            yield asname or name.partition(".")[0]


def global_names(root: ast.AST) -> set[str]:
    """The names that functions in a statement declare global."""
    return {name for node in ast.walk(root) if isinstance(node, ast.Global) for name in node.names}


def imported_names(body: Iterable[ast.stmt]) -> Iterator[tuple[str, tuple[str, bool]]]:
    """Each imported name, anywhere in a file, with what it stands for, and whether that is surely a module."""
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.partition(".")[0]
                    yield alias.asname or first, (alias.name if alias.asname else first, True)
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    yield alias.asname or alias.name, (f"{node.module or '?'}.{alias.name}", False)


def last_name(node: ast.expr) -> str:
    """`c` of `a.b.c`; "" of anything but names and attributes."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def root_name(node: ast.expr) -> str | None:
    """The name at the beginning of `a.b[0].c`; None of the result of a call, and behind `__class__`."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Attribute) and node.attr == "__class__":
            return None
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def dotted_name(node: ast.expr) -> str:
    """`a.b.c` as text; "" of anything else."""
    if isinstance(node, ast.Attribute):
        before = dotted_name(node.value)
        return before and f"{before}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
