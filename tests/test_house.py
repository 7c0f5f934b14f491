"""The plan of the house: no circle of imports, and SQL in the gradebook alone."""

import ast
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
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


@cache
def imports_of(tree: ast.Module) -> frozenset[str]:
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
    return frozenset(found & modules().keys())


def test_no_module_imports_itself_by_way_of_others():
    graph = {name: imports_of(tree) - {name} for name, tree in modules().items()}
    assert len([*TopologicalSorter(graph).static_order()]) == len(
        modules()
    )  # it raises CycleError, which names the circle


@cache
def package_of(module: str) -> str:
    """The package of a module: `grading`, or `sandbox.calls` where `sandbox` has several packages."""
    parts = module.split(".")[1:]
    packages = [path for path in (GRADER / parts[0]).glob("*/*.py") if path.name == "__init__.py"]
    return ".".join(parts[: 2 if len(packages) > 1 else 1])


def test_no_package_imports_itself_by_way_of_others():
    graph: dict[str, set[str]] = {}
    for name, tree in modules().items():
        if name != "grader":
            mine = package_of(name)
            graph.setdefault(mine, set()).update(package_of(other) for other in imports_of(tree) - {"grader"})
            graph[mine].discard(mine)
    assert {"sandbox.calls", "render.web", "grading", "course"} <= graph.keys()
    assert [*TopologicalSorter(graph).static_order()]


def statements_in(tree: ast.Module) -> list[str]:
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [text for text in texts if SQL.search(text)]


def test_only_the_gradebook_speaks_sql():
    for module, tree in modules().items():
        if not module.startswith(GRADEBOOK):
            assert statements_in(tree) == [], module
            assert "db" not in {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}, module


def test_sql_is_found():
    assert statements_in(modules()[f"{GRADEBOOK}.book"])
    assert statements_in(modules()[f"{GRADEBOOK}.queries"])


# What `grader/service/service.py` alone may use: functions that grade or make a Report, and methods that open a sandbox.
BELOW_THE_DOOR = {
    *("grader.service.session.grade", "grader.service.session.grade_runnable", "grader.service.parallel.grade_all"),
    *("grader.grading.assembly.report_of", "grader.grading.assembly.together"),
    "grader.grading.assembly.report_without_run",
}
OPENING = {"Sandbox.open", "Sandbox.from_shared"}


@cache
def names_used(tree: ast.Module) -> set[str]:
    """Everything that a module imports from others, and the methods of classes that it uses."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    imported = {f"{node.module}.{alias.name}" for node in nodes for alias in node.names}
    return imported | {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def calls_in(tree: ast.Module) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def outside_of(*allowed: str) -> dict[str, ast.Module]:
    """The modules that are in none of these packages."""
    return {
        name: tree for name, tree in modules().items() if not any(f"{name}.".startswith(f"{one}.") for one in allowed)
    }


def test_only_the_service_grades():
    for module, tree in outside_of("grader.service", "grader.grading").items():
        assert not names_used(tree) & (BELOW_THE_DOOR | {name.rpartition(".")[0] for name in BELOW_THE_DOOR}), module
        assert "Report" not in calls_in(tree), module


def test_only_the_service_opens_a_sandbox():
    for module, tree in outside_of("grader.service").items():
        assert not names_used(tree) & OPENING, module


# What the service decides by the submissions and tasks, and the modules that know more than these tell.
DECIDED_ELSEWHERE = {
    "grader.batch.grading_process": {
        "lanes",
        "limits",
        "preload",
    },  # of a class: the submissions come later, from outside
    "grader.cli.watch": {"preload"},  # the file may be a stub that is filled in later
    "grader.plain_pytest": {"preload"},  # pytest chooses the sections later
    "grader.notebook.server": {"lanes"},  # it stays warm itself
    "grader.service.spawned_process": {"lanes"},  # it is one of several
    "grader.warm.warm_server": {"forked_zygote"},  # only it has been forked with a zygote
}


def test_the_service_decides_what_its_sandbox_needs():
    found: dict[str, set[str]] = {}
    for module, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Service.open":
                assert len(node.args) <= 3, f"{module}: a course, a trust and submissions, no more"
                found.setdefault(module, set()).update(str(one.arg) for one in node.keywords)
    assert len(found) > len(DECIDED_ELSEWHERE)
    assert {module: names for module, names in found.items() if names} == DECIDED_ELSEWHERE


@pytest.mark.parametrize("name", sorted(BELOW_THE_DOOR))
def test_what_only_the_service_may_import_is_there(name):
    module, _, function = name.rpartition(".")
    assert function in {node.name for node in modules()[module].body if isinstance(node, ast.FunctionDef)}


def test_the_service_opens_sandboxes_by_these_names():
    assert names_used(modules()["grader.service.service"]) >= OPENING
    assert "Report" in calls_in(modules()["grader.grading.assembly"])


# -- names


def several(names: Iterable[str]) -> set[str]:
    """The names that come more than once."""
    return {name for name, count in Counter(names).items() if count > 1}


def test_no_two_public_classes_have_one_name():
    nodes = [node for tree in modules().values() for node in tree.body if isinstance(node, ast.ClassDef)]
    assert not several(node.name for node in nodes if not node.name.startswith("_"))


def test_no_two_modules_have_one_name():
    paths = [path for path in GRADER.rglob("*.py") if path.stem != "__init__"]
    assert not several(path.stem for path in paths)


def test_no_two_printing_functions_of_the_terminal_have_one_name():
    """Nor is one called `render` alone: its name says what it prints."""
    trees = [tree for name, tree in modules().items() if name.startswith("grader.render.terminal")]
    names = [node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]
    rendering = [name for name in names if name.startswith("render")]
    assert len(rendering) > 10
    assert not several(rendering)
    assert "render" not in rendering


def unsafe_starts(tree: ast.Module) -> list[str]:
    """Commands that start another Python and do not keep it from importing from the working directory."""
    lists = [node.elts for node in ast.walk(tree) if isinstance(node, ast.List) and node.elts]
    started = [ast.unparse(ast.List(some, ast.Load())) for some in lists if ast.unparse(some[0]) == "sys.executable"]
    return [command for command in started if "'-P'" not in command]


def test_no_process_of_ours_imports_from_the_working_directory():
    """Python imports modules of its own before the first line of a program: from version 3.13 on, linecache for -c."""
    started = [name for name, tree in modules().items() if "sys.executable" in ast.unparse(tree)]
    assert "grader.sandbox.process.interpreter" in started
    for name in started:
        assert unsafe_starts(modules()[name]) == [], name
    assert unsafe_starts(ast.parse("run([sys.executable, '-s', '-c', text])"))
