"""Syntax trees of the grader and its course, parsed when a test first needs them."""

import ast
from functools import cache
from pathlib import Path

from tests.paths import ROOT


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the grader, by its full name."""
    paths = sorted((ROOT / "grader").rglob("*.py"))
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths]
    return {name: tree_of(path) for name, path in zip(names, paths, strict=True)}
