"""Arguments in place of others: the solution for `2 * lr`, or for `low` and `high` exchanged."""

import ast
from collections.abc import Iterator
from itertools import combinations, permutations

from grader.diagnosis.changes import (
    RIGHT,
    Definition,
    TreeChange,
    TreePlace,
    is_docstring,
    is_refusal,
)
from grader.diagnosis.number_changes import scaled_together

# What a float becomes. A negative or a root of it may be no number: then the changed solution fails, and explains nothing.
_FLOATS = (
    "{0} ** 2", "{0} ** 0.5", "{0} ** 3", "2 * {0}", "{0} / 2", "1 / {0}", "-{0}", "1 - {0}", "1 + {0}", "{0} - 1",
    "abs({0})", "10 * {0}", "{0} / 10", "{0} ** 4", "min(max({0}, 0.0), 1.0)", "min({0}, 1.0)", "max({0}, 0.0)",
    "float(round({0}))",
)  # fmt: skip
_INTS = ("{0} + 1", "{0} - 1", "-{0}")
_TENSORS = (
    "-{0}", "{0}.abs()", "{0} ** 2", "2 * {0}", "{0} / 2", "{0}.flip(0)", "{0}.mT", "{0}.sign()", "{0}.float().to({0}.dtype)",
    "{0}.clamp(min=0)", "{0} - {0}.mean()", "{0} / {0}.norm()", "{0}.round()", "{0}.roll(1, 0)", "{0}.sort(0).values",
    "{0}[:1]", "{0}[:-1]", "{0}[1:]",
)  # fmt: skip
_LIMITED = tuple(  # by round numbers, and by those near which exp overflows; 1 is among the quantities
    f"{{0}}.clamp({least}{limit})"
    for limit in (0.1, 0.5, 5, 10, 20, 30, 50, 60, 80, 88, 100, 500, 700)
    for least in (f"-{limit}, ", "max=")
)
_ARRAYS = ("-{0}", "abs({0})", "{0} ** 2", "2 * {0}", "{0} / 2", "{0}[::-1]", "{0}.T")
_LISTS = tuple(
    f"[{one.format('t')} for t in {{0}}]"
    for one in (*_TENSORS, *_LIMITED)
    if one not in ("{0}.mT", "{0}.flip(0)") and ":" not in one
)
_SIZES = (
    "{0}[::-1]", "{0}[:1]", "{0}[-1:]", "{0}[:1] * len({0})", "{0}[-1:] * len({0})", "{0}[:-1]", "{0}[1:]", "sorted({0})",
    "sorted({0}, reverse=True)",
)  # fmt: skip
_LISTS_AS_A_WHOLE = ("{0}[::-1]",)
_TOGETHER = {"[:1]": "only the first entry", "[:-1]": "all entries but the last", "[1:]": "all entries but the first"}
_PATTERNS = {
    "float": _FLOATS, "int": _INTS, "Tensor": (*_TENSORS, *_LIMITED), "list": (*_LISTS, *_LISTS_AS_A_WHOLE),
    "array": _ARRAYS, "sizes": _SIZES,
}  # fmt: skip
_WITH = (
    "{0} * {1}", "{0} / {1}", "{0} * (1 - {1})", "{0} / (1 - {1})", "{0} + {1}", "{0} - {1}", "{1} / {0}",
    "{0} * (1 + {1})", "{0} * {1} ** 2", "{0} * {1} ** 0.5", "{0} / {1} ** 2", "{0} / {1} ** 0.5",
)  # fmt: skip


def changed_arguments(definition: Definition) -> Iterator[TreeChange]:
    """Each argument replaced by a number or by a simple expression of the arguments, and pairs of them exchanged."""
    for function in _functions(definition):
        kinds = {one.arg: _kind(one.annotation) for one in (*function.args.args, *function.args.kwonlyargs)}
        kinds = {name: kind for name, kind in kinds.items() if kind}
        yield from _ignored(function, kinds)
        yield from _exchanged(function, kinds)
        yield from _shortened(function, [name for name, kind in kinds.items() if kind in ("Tensor", "array")])
        for name, kind in kinds.items():
            for pattern in _PATTERNS[kind]:
                yield _replaced(function, name, pattern.format(name), pattern.format(name))
            if kind == "list":
                yield from _scaled(function, name)
        floats = [name for name, kind in kinds.items() if kind == "float"]
        for one, other in permutations([name for name, kind in kinds.items() if kind in ("float", "int")], 2):
            if one in floats:
                for pattern in _WITH:
                    yield _replaced(function, one, pattern.format(one, other), pattern.format(one, other))


def _functions(definition: Definition) -> list[ast.FunctionDef]:
    if isinstance(definition, ast.FunctionDef):
        return [definition]
    return [one for one in definition.body if isinstance(one, ast.FunctionDef)]


def _kind(annotation: ast.expr | None) -> str:
    text = ast.unparse(annotation) if annotation is not None else ""
    known = {"float": "float", "int": "int", "Tensor": "Tensor", "list[Tensor]": "list", "np.ndarray": "array"}
    known["Sequence[int]"] = "sizes"
    return known.get(text.removeprefix("torch."), "")


def _ignored(function: ast.FunctionDef, kinds: dict[str, str]) -> Iterator[TreeChange]:
    for name, kind in kinds.items():
        for number in ("0.0", "1.0") if kind == "float" else ("0", "1") if kind == "int" else ():
            told = number.removesuffix(".0")
            message = RIGHT.format(f"for `{name}` = {told}, also where `{name}` is another number") + (
                f" Does your function use `{name}` as the formula does?"
            )
            yield TreeChange(
                "argument_ignored", message, ((TreePlace(function, "body"), _begun(function, name, number)),)
            )
        default = _default(function, name)
        if default is not None:
            message = RIGHT.format(f"for `{name}` = {default}, its default, also where `{name}` is another number") + (
                f" Does your function use the `{name}` that it is given?"
            )
            yield TreeChange(
                "argument_ignored", message, ((TreePlace(function, "body"), _begun(function, name, default)),)
            )


def _default(function: ast.FunctionDef, name: str) -> str | None:
    names = [one.arg for one in function.args.args]
    defaults = dict(zip(reversed(names), reversed(function.args.defaults), strict=False))
    default = defaults.get(name)
    return ast.unparse(default) if isinstance(default, ast.Constant) else None


def _exchanged(function: ast.FunctionDef, kinds: dict[str, str]) -> Iterator[TreeChange]:
    for one, other in combinations(kinds, 2):
        if kinds[one] == kinds[other]:
            message = RIGHT.format(f"with `{one}` and `{other}` exchanged") + " Check where you use each of them."
            swapped = _begun(function, f"{one}, {other}", f"{other}, {one}")
            yield TreeChange("arguments_exchanged", message, ((TreePlace(function, "body"), swapped),))
    for one, other in permutations(kinds, 2):
        if kinds[one] == kinds[other]:
            message = RIGHT.format(f"with `{other}` in place of `{one}`") + f" Check each line that should use `{one}`."
            yield TreeChange(
                "argument_for_another", message, ((TreePlace(function, "body"), _begun(function, one, other)),)
            )


def _shortened(function: ast.FunctionDef, names: list[str]) -> Iterator[TreeChange]:
    """Some entries of two arguments together, such as images and their labels."""
    if len(names) != 2:
        return
    one, other = names
    for piece, told in _TOGETHER.items():
        message = RIGHT.format(f"for {told} of `{one}` and `{other}`") + " Which examples count in yours?"
        body = _begun(function, f"{one}, {other}", f"{one}{piece}, {other}{piece}")
        yield TreeChange("arguments_shortened", message, ((TreePlace(function, "body"), body),))


def _replaced(function: ast.FunctionDef, name: str, new: str, told: str) -> TreeChange:
    # A list's entries are told one by one.
    told = told.removeprefix("[").removesuffix(f" for t in {name}]") if told.startswith("[") else told
    of = f"each tensor t of `{name}`" if told != new else f"`{name}`"
    message = RIGHT.format(f"with `{told}` in place of {of}") + f" Check each use of `{name}`."
    return TreeChange("argument_changed", message, ((TreePlace(function, "body"), _begun(function, name, new)),))


def _scaled(function: ast.FunctionDef, name: str) -> Iterator[TreeChange]:
    """A list of tensors scaled together."""
    for told, new in scaled_together(ast.Name(name, ast.Load())):
        message = RIGHT.format(f"with all tensors of `{name}` together {told}") + f" Check each use of `{name}`."
        body = _begun(function, name, ast.unparse(new))
        yield TreeChange("argument_changed", message, ((TreePlace(function, "body"), body),))


def _begun(function: ast.FunctionDef, target: str, value: str) -> list[ast.stmt]:
    """The body with an assignment after the refusal of bad arguments; before it if the refusal asks what is computed."""
    body = function.body
    leading = next((k for k, one in enumerate(body) if not (is_docstring(one) or is_refusal(one))), len(body))
    first = leading if leading == len(body) or not any(is_refusal(one) for one in body[leading:]) else _last(body)
    if first > leading and any(
        isinstance(one, ast.Name) and one.id in target for part in body[leading:first] for one in ast.walk(part)
    ):
        first = leading
    return [*body[:first], *ast.parse(f"{target} = {value}").body, *body[first:]]


def _last(body: list[ast.stmt]) -> int:
    """The place after the last refusal."""
    return 1 + max(k for k, one in enumerate(body) if is_refusal(one))
