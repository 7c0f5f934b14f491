"""What the standard library has on each platform, by the stubs of typeshed that mypy brings along."""

import ast
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

MODULES = (
    *("os", "sys", "signal", "select", "socket", "time", "shutil", "subprocess", "ctypes", "errno", "mmap", "asyncio"),
    *("multiprocessing", "multiprocessing.context", "multiprocessing.connection"),
    *("fcntl", "grp", "msvcrt", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty", "winreg"),
)


@cache
def names_on(platform: str, module: str) -> frozenset[str]:
    """The public names of a module there; none if there is no such module."""
    spec = find_spec("mypy")
    assert spec is not None
    assert spec.origin is not None
    place = Path(spec.origin).parent.joinpath("typeshed", "stdlib", *module.split("."))
    stub = place / "__init__.pyi" if place.is_dir() else place.with_suffix(".pyi")
    names = set(_names(ast.parse(stub.read_text(encoding="utf-8")).body, platform))
    return frozenset(name for name in names if not name.startswith("_"))


def is_missing(platform: str, module: str) -> bool:
    """Whether there is no such module, so that its stub defines nothing there."""
    return not names_on(platform, module)


def taken_away(platform: str, module: str) -> frozenset[str]:
    """Names that a module of the standard library has on Linux, but not there."""
    return names_on("linux", module) - names_on(platform, module) if module in MODULES else frozenset()


@cache
def table(platform: str) -> dict[str, list[str] | None]:
    """Of each module, the names that are taken away there; None if there is no such module."""
    return {name: None if is_missing(platform, name) else sorted(taken_away(platform, name)) for name in MODULES}


def lacking(platform: str, tree: ast.Module) -> set[str]:
    """What code names that runs on the platform, by its guards, and that the platform lacks."""
    found = set()
    for node in _running(tree.body, platform):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in MODULES and is_missing(platform, alias.name)}
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} & _taken_away_in_full(
                platform, node.module
            )
        elif platform == "win32" and isinstance(node, ast.Call) and ast.unparse(node).startswith("ctypes.CDLL(None"):
            found.add("ctypes.CDLL(None)")
        elif isinstance(node, ast.Attribute):
            name, _, part = ast.unparse(node).rpartition(".")
            if name in MODULES and part in taken_away(platform, name):
                found.add(f"{name}.{part}")
    return found


def _taken_away_in_full(platform: str, module: str) -> set[str]:
    return {f"{module}.{name}" for name in taken_away(platform, module)}


def _running(nodes: Iterable[ast.AST], platform: str) -> Iterator[ast.AST]:
    """The nodes that a platform meets, without branches of other platforms and what follows a branch that leaves."""
    for node in nodes:
        if isinstance(node, ast.If | ast.IfExp) and (holds := _holds(node.test, platform)) is not None:
            chosen = node.body if holds else node.orelse
            branch = chosen if isinstance(chosen, list) else [chosen]
            yield from _running(branch, platform)
            if branch and isinstance(branch[-1], ast.Raise | ast.Return):
                return
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        else:
            yield node
            for _, value in ast.iter_fields(node):
                inside = value if isinstance(value, list) else [value]
                yield from _running([one for one in inside if isinstance(one, ast.AST)], platform)


def _names(body: list[ast.stmt], platform: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.If):
            holds = _holds(node.test, platform)
            yield from _names(node.body, platform) if holds is not False else ()
            yield from _names(node.orelse, platform) if holds is not True else ()
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign | ast.Assign):
            targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
            yield from (one.id for one in targets if isinstance(one, ast.Name))
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.asname for alias in node.names if alias.asname)


def _holds(test: ast.expr, platform: str) -> bool | None:
    """Whether a condition of a stub holds; None if it is not about platforms or versions."""
    if isinstance(test, ast.BoolOp):
        parts = [_holds(part, platform) for part in test.values]
        decisive = isinstance(test.op, ast.Or)
        return decisive if decisive in parts else None if None in parts else not decisive
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inside = _holds(test.operand, platform)
        return None if inside is None else not inside
    if isinstance(test, ast.Constant):  # in place of a guard
        return bool(test.value)
    text = ast.unparse(test)
    if not text.startswith(("sys.platform ", "sys.version_info ")):
        return None
    played = type("Played", (), {"platform": platform, "version_info": sys.version_info})
    return bool(eval(text, {"sys": played}))
