"""The plan of the house: no circle of imports, and SQL in the gradebook alone."""

import ast
import re
from collections import Counter
from collections.abc import Iterable
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.trees import modules

GRADER = Path(__file__).parents[1] / "grader"
SQL = re.compile(
    r"\b(SELECT\s.*\sFROM|INSERT\s.*\bINTO|UPDATE\s.*\sSET|DELETE\s+FROM|(CREATE|ALTER|DROP)\s+(TABLE|VIEW|INDEX)|PRAGMA\s+\w)\b",
    re.DOTALL,
)
GRADEBOOK = "grader.batch.gradebook"


def imports_of(tree: ast.Module) -> set[str]:
    """The modules of the grader that a module imports, in functions, too, but not those that only the type checker imports."""
    conditions = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
    ]
    skipped = {part for condition in conditions for node in condition.body for part in ast.walk(node)}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and node not in skipped:
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node not in skipped:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name if name in modules() else str(node.module) for name in names}
    return found & modules().keys()


def test_no_module_imports_itself_by_way_of_others():
    graph = {name: imports_of(tree) - {name} for name, tree in modules().items()}
    assert len([*TopologicalSorter(graph).static_order()]) == len(
        modules()
    )  # it raises CycleError, which names the circle


def statements_in(tree: ast.Module) -> list[str]:
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [text for text in texts if SQL.search(text)]


def test_only_the_gradebook_speaks_sql():
    for module, tree in modules().items():
        if not module.startswith(GRADEBOOK):
            assert statements_in(tree) == [], module
            assert "db" not in {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}, module


def test_sql_is_found():
    assert statements_in(modules()[GRADEBOOK])
    assert statements_in(modules()[f"{GRADEBOOK}.queries"])


BELOW_THE_DOOR = {
    "grader.grading.session.grade",
    "grader.grading.session.grade_runnable",
    "grader.grading.parallel.grade_all",
}


def test_only_the_service_grades():
    """Plain pytest, which makes no Report, comes in by `grader/grading/plugin.py`."""
    for module, tree in modules().items():
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        imported = {f"{node.module}.{alias.name}" for node in nodes for alias in node.names}
        if not module.startswith("grader.grading.") and module != "grader.service":
            assert not imported & BELOW_THE_DOOR, module


@pytest.mark.parametrize("name", sorted(BELOW_THE_DOOR))
def test_what_only_the_service_may_import_is_there(name):
    module, _, function = name.rpartition(".")
    assert function in {node.name for node in modules()[module].body if isinstance(node, ast.FunctionDef)}


# -- names

SHARED_CLASSES = {"Picture"}  # a protocol of the pictures that a page shows
SHARED_MODULES = {
    "mistakes"
}  # `grader.toolkit.mistakes` is what a course imports to declare what `grader.diagnosis.mistakes` reads
# Still to be renamed: these lists only get shorter.
OTHER_SHARED_CLASSES = {"Outcome"}
OTHER_SHARED_MODULES = {"reflections"}


def several(names: Iterable[str]) -> set[str]:
    """The names that come more than once."""
    return {name for name, count in Counter(names).items() if count > 1}


def test_no_two_public_classes_have_one_name():
    nodes = [node for tree in modules().values() for node in tree.body if isinstance(node, ast.ClassDef)]
    shared = several(node.name for node in nodes if not node.name.startswith("_"))
    assert shared <= SHARED_CLASSES | OTHER_SHARED_CLASSES


def test_no_two_modules_have_one_name():
    paths = [path for path in GRADER.rglob("*.py") if path.stem != "__init__"]
    assert several(path.stem for path in paths) <= SHARED_MODULES | OTHER_SHARED_MODULES


def test_no_two_printing_functions_of_the_terminal_have_one_name():
    """Nor is one called `render` alone: its name says what it prints."""
    trees = [tree for name, tree in modules().items() if name.startswith("grader.render.terminal")]
    names = [node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]
    rendering = [name for name in names if name.startswith("render")]
    assert len(rendering) > 10
    assert not several(rendering)
    assert "render" not in rendering
