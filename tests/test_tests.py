"""The tests themselves: their folders are those of the house, and no test imports another."""

import ast
from pathlib import Path

from tests.paths import ROOT

TESTS = ROOT / "tests"
BESIDE = {"attacks", "benchmarks", "browser", "cli", "courses", "platforms", "variants"}  # further folders of tests/
FILES = [
    path for path in sorted(TESTS.rglob("*.py")) if path.relative_to(TESTS).parts[0] not in ("courses", "variants")
]


def imported(path: Path) -> list[str]:
    """Every word of the names that the imports of a module have."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):  # a hand-in that is meant to be unreadable
        return []
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return [
        word for name in [*modules, *(one.name for node in nodes for one in node.names)] for word in name.split(".")
    ]


def test_no_module_imports_a_test():
    tests = {path.stem for path in FILES if path.stem.startswith("test_")} | {"conftest"}
    found = {str(path.relative_to(TESTS)): sorted(tests.intersection(imported(path))) for path in FILES}
    assert {path: names for path, names in found.items() if names} == {}


def test_the_folders_of_tests_are_those_of_the_house():
    rooms = {path.parent.relative_to(ROOT / "grader") for path in (ROOT / "grader").rglob("__init__.py")}
    rooms |= {path.relative_to(ROOT) for path in (ROOT / "checks").iterdir() if path.is_dir()} | {Path("checks")}
    folders = {path.parent.relative_to(TESTS) for path in TESTS.rglob("test_*.py")}
    assert {folder for folder in folders if folder.parts and folder.parts[0] not in BESIDE} <= rooms
