"""Calls in a room that cannot work: of exercises, of functions of the toolkit, and of the classes of runs.

The signatures come from syntax trees, so that nothing is imported; `inspect` itself binds each call to them.
"""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from inspect import BoundArguments, Parameter, Signature
from pathlib import Path
from typing import TypeGuard

import grader
from grader.check_files.check_file import SERVANTS, CheckFile, Function
from grader.check_files.expected_errors import full_name, full_names
from grader.section import Section
from grader.toolkit.names_used import nodes_in, tree_of

_Definition = ast.FunctionDef | ast.ClassDef
_ENGINE = Path(grader.__file__).parent
_ENDLESS = "this loop never ends. Give it a condition, or a break."
_EXPECTS = "grader.toolkit.closeness.expect"
_COMPARES = "grader.toolkit.closeness.expect_close"


def calls_amiss(path: Path, tree: ast.Module, solution: ast.Module, programs: Collection[str]) -> Iterator[str]:
    """A line for each such call of a file: file, line, cause and what to do. `programs` are functions that take a submission."""
    nodes = nodes_in(tree)
    names = full_names(nodes)
    for call in (node for node in nodes if isinstance(node, ast.Call)):
        called = full_name(_dotted(call.func), names)
        if called.startswith("grader.") and (definition := _of_engine(called)):
            yield from (f"{path}:{call.lineno}: {said}" for said in _unbound(call, definition))
    yield from (f"{path}:{line}: {said}" for line, said in _answers_compared(nodes, names))
    exercises = {node.name: node for node in solution.body if isinstance(node, _Definition)}
    for owner, inside in owners(tree, programs):
        for call in _calls_of(owner, inside):
            if definition := exercises.get(call.func.attr):  # type: ignore[attr-defined]  # see `_calls_of`
                yield from (f"{path}:{call.lineno}: {said}" for said in _unbound(call, definition))


def checks_amiss(section: Section, draft: bool) -> Iterator[str]:
    """A line for each check that never calls the submission, loop that never ends, and statement of a check without effect."""
    file = CheckFile(tree_of(section.checks.read_bytes()), section.functions)
    for line, said in sorted((*_never_calling(file), *_without_effect(file, draft))):
        yield f"{section.checks}:{line}: {said}"
    for node in nodes_in(tree_of(section.solution.read_bytes())):
        if _is_endless(node):
            yield f"{section.solution}:{node.lineno}: {_ENDLESS}"


def _never_calling(file: CheckFile) -> Iterator[tuple[int, str]]:
    fixtures = {one.name for one in file.functions if any("fixture" in ast.unparse(by) for by in one.decorator_list)}
    for node, _ in file.checks:
        args = {one.arg for one in (*node.args.args, *node.args.kwonlyargs)}
        if not fixtures & args and not any(
            isinstance(one, ast.Name) and one.id == SERVANTS[0] for one in nodes_in(node)
        ):
            yield (
                node.lineno,
                f"{node.name} never calls the submission, so every answer passes. Call a function of `student`.",
            )


def _without_effect(file: CheckFile, draft: bool) -> Iterator[tuple[int, str]]:
    for node in (one for _, nodes in file.nodes for one in nodes):
        if _is_endless(node):
            yield node.lineno, _ENDLESS
        elif isinstance(node, ast.Assert) and isinstance(node.test, ast.Tuple) and node.test.elts:
            yield node.lineno, "a tuple is always true, so every answer passes. Remove the parentheses behind assert."
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and (text := _without_with(node.value)):
            yield node.lineno, f"{text} alone expects nothing. Write with {text}: and the call below it."
        elif not draft and isinstance(node, ast.Call) and _dotted(node.func) == "print":
            yield (
                node.lineno,
                'students do not see what a check prints. Remove it, or write note("...") to tell them more.',
            )


def _without_with(call: ast.Call) -> str:
    """The text of an expected error, which only `with` or a second argument puts to work; "" of another call."""
    name = _dotted(call.func)
    alone = name in ("expect_value_error", "expect_raises") or (name == "pytest.raises" and len(call.args) == 1)
    return ast.unparse(call) if alone else ""


def _is_endless(node: ast.AST) -> TypeGuard[ast.While]:
    """Whether a node is a `while True` that nothing leaves."""
    leaves = ast.Break | ast.Return | ast.Raise | ast.Yield
    return (
        isinstance(node, ast.While)
        and isinstance(node.test, ast.Constant)
        and bool(node.test.value)
        and not any(isinstance(one, leaves) for one in nodes_in(node))
    )


def given_by_place(path: Path, tree: ast.Module) -> Iterator[tuple[int, str, str, str]]:
    """The strings that calls of a course's classes give by their place: line, class, argument and string."""
    nodes = nodes_in(tree)
    names = full_names(nodes)
    for call in (node for node in nodes if isinstance(node, ast.Call) and any(map(_is_text, node.args))):
        called = _dotted(call.func)
        home = full_name(called, names).rpartition(".")[0].rpartition(".")[2]
        files = (path.with_name(f"{home}.py"), path.parents[1] / "shared" / f"{home}.py") if home else (path,)
        found = [_definition(file, called) for file in files]
        for definition in (one for one in found if isinstance(one, ast.ClassDef)):
            bound = _bound(call, definition)
            for name, value in bound.arguments.items() if isinstance(bound, BoundArguments) else ():
                if isinstance(value, ast.Constant) and value in call.args and _is_text(value):
                    yield value.lineno, definition.name, name, str(value.value)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _dotted(node: ast.expr) -> str:
    """A dotted name, as `ast.unparse` gives it, in a tenth of the time; "" of another expression."""
    if isinstance(node, ast.Attribute):
        home = _dotted(node.value)
        return f"{home}.{node.attr}" if home else ""
    return node.id if isinstance(node, ast.Name) else ""


def owners(tree: ast.AST, programs: Collection[str]) -> list[tuple[str, ast.AST]]:
    """The names of arguments that have the exercises, each with the function in which they have them.

    A helper has them, too, under any name, where such a function calls it with its own.
    """
    nodes = nodes_in(tree)
    helpers = {node.name: node for node in nodes if isinstance(node, ast.FunctionDef)}
    found = [*_first_owners(nodes, programs)]
    for owner, inside in found:  # which grows
        for call in (node for node in nodes_in(inside) if isinstance(node, ast.Call)):
            helper = helpers.get(_dotted(call.func))
            bound = _bound(call, helper) if helper else None
            for name, value in bound.arguments.items() if isinstance(bound, BoundArguments) else ():
                if isinstance(value, ast.Name) and value.id == owner and helper and (name, helper) not in found:
                    found.append((name, helper))
    return found


def _first_owners(nodes: Sequence[ast.AST], programs: Collection[str]) -> Iterator[tuple[str, ast.AST]]:
    for node in nodes:
        if isinstance(node, Function):
            arguments = [one.arg for one in (*node.args.args, *node.args.kwonlyargs)]
            yield from ((name, node) for name in arguments if name in SERVANTS)
            if node.name in programs and arguments:
                yield arguments[0], node
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("ask", "ask_several"):
            for one in node.args:
                if isinstance(one, ast.Lambda) and one.args.args:
                    yield one.args.args[0].arg, one.body


def _calls_of(owner: str, inside: ast.AST) -> Iterator[ast.Call]:
    """The calls of attributes of a variable, but those that are to raise TypeError."""
    nodes = nodes_in(inside)
    raising = [node for node in nodes if isinstance(node, ast.With) and "TypeError" in ast.unparse(node.items[0])]
    meant = {id(one) for node in raising for one in nodes_in(node)}
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and id(node) not in meant:
            yield from [node] if _dotted(node.func.value) == owner else []


def _answers_compared(nodes: Sequence[ast.AST], names: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """`expect_close(student.f(x), 3.0)`: values where a dictionary of pairs belongs."""
    for function in (node for node in nodes if isinstance(node, Function)):
        inside = nodes_in(function)
        answers = {
            ast.unparse(node.targets[0]) for node in inside if isinstance(node, ast.Assign) and _is_answer(node.value)
        }
        for call in (node for node in inside if isinstance(node, ast.Call) and node.args):
            first, called = call.args[0], full_name(_dotted(call.func), names)
            if called == _EXPECTS and _is_text(first):
                yield call.lineno, f"{_dotted(call.func)} takes the condition first, and then the message."
            if called != _COMPARES:
                continue
            if isinstance(first, ast.Dict):
                yield from ((one.lineno, said) for one in first.values if (said := _no_pair(one, answers)))
            if (
                _is_answer(first)
                or ast.unparse(first) in answers
                or isinstance(first, ast.Constant | ast.List | ast.Tuple)
            ):
                expected = ast.unparse(call.args[1]) if len(call.args) > 1 else "expected"
                name = _dotted(call.func)
                said = f'Write {name}({{"what it is": ({ast.unparse(first)}, {expected})}}).'
                yield call.lineno, f"{name} takes a dictionary of pairs, by what they are. {said}"


def _no_pair(node: ast.expr, answers: Collection[str]) -> str:
    """What is wrong with a value in the dictionary of `expect_close`, or ""."""
    text = ast.unparse(node)
    if _is_answer(node) or text in answers or isinstance(node, ast.Constant):
        return f"expect_close needs a pair for each name. Write ({text}, expected)."
    if isinstance(node, ast.Tuple) and len(node.elts) != 2:
        return (
            f"expect_close needs a pair for each name, and {text} has {len(node.elts)} values. Write (got, expected)."
        )
    if isinstance(node, ast.Tuple) and ast.unparse(node.elts[0]) == ast.unparse(node.elts[1]):
        return f"{text} compares a value with itself, so every answer passes. Write (got, expected)."
    return ""


def _is_answer(node: ast.expr) -> bool:
    """Whether an expression is a call of an exercise."""
    return isinstance(node, ast.Call) and _dotted(node.func).partition(".")[0] in SERVANTS


def _unbound(call: ast.Call, definition: _Definition) -> Iterator[str]:
    """What keeps a call from being one of this definition, in a sentence."""
    bound = _bound(call, definition)
    if isinstance(bound, str):
        names = ", ".join(signature.parameters) if (signature := signature_of(definition)) else ""
        yield f"{_dotted(call.func)}: {bound}. Its arguments are {names or 'none'}."


def _bound(call: ast.Call, definition: _Definition) -> BoundArguments | str | None:
    """The arguments of a call by their names, or why they do not fit; None if that is not known."""
    signature = signature_of(definition)
    if signature is None or any(isinstance(one, ast.Starred) for one in call.args):
        return None
    keywords = {one.arg: one.value for one in call.keywords if one.arg}
    if len(keywords) < len(call.keywords):  # **
        return None
    try:
        return signature.bind(*call.args, **keywords)
    except TypeError as error:
        return str(error)


def signature_of(node: _Definition) -> Signature | None:
    """How a function, or a class with an `__init__` or of data, is called; None of any other class."""
    if isinstance(node, ast.FunctionDef):
        return Signature([*_parameters(node.args)])
    made = next((one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"), None)
    if made is not None:
        return Signature([*_parameters(made.args)][1:])
    words = [ast.unparse(one) for one in node.decorator_list]
    if node.bases or not any("dataclass" in word and "kw_only" not in word for word in words):
        return None
    return Signature([*_fields(node)])


def _parameters(given: ast.arguments) -> Iterator[Parameter]:
    plain = [*given.posonlyargs, *given.args]
    for place, one in enumerate(plain):
        kind = Parameter.POSITIONAL_ONLY if place < len(given.posonlyargs) else Parameter.POSITIONAL_OR_KEYWORD
        optional = place >= len(plain) - len(given.defaults)
        yield Parameter(one.arg, kind, default=None if optional else Parameter.empty)
    if given.vararg:
        yield Parameter(given.vararg.arg, Parameter.VAR_POSITIONAL)
    for one, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        yield Parameter(one.arg, Parameter.KEYWORD_ONLY, default=Parameter.empty if default is None else None)
    if given.kwarg:
        yield Parameter(given.kwarg.arg, Parameter.VAR_KEYWORD)


def _fields(node: ast.ClassDef) -> Iterator[Parameter]:
    for one in node.body:
        if isinstance(one, ast.AnnAssign) and "ClassVar" not in ast.unparse(one.annotation):
            value = ast.unparse(one.value) if one.value else ""
            if "init=False" not in value:
                required = not value or (value.startswith("field(") and "default" not in value)
                default = Parameter.empty if required else None
                yield Parameter(ast.unparse(one.target), Parameter.POSITIONAL_OR_KEYWORD, default=default)


def _of_engine(called: str) -> _Definition | None:
    """The definition of a function or class of the toolkit, by its full name."""
    module, _, name = called.rpartition(".")
    return _definition(_ENGINE.parent.joinpath(*module.split(".")).with_suffix(".py"), name)


def _definition(path: Path, name: str) -> _Definition | None:
    return _definitions(path).get(name)


@cache
def _definitions(path: Path) -> Mapping[str, _Definition]:
    """The functions and classes at the top level of a file."""
    try:
        tree = tree_of(path.read_bytes())
    except (OSError, SyntaxError):
        return {}
    return {node.name: node for node in tree.body if isinstance(node, _Definition)}
