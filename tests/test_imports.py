"""Imports run one way, the engine names no course, and what runs beside a submission knows no answer."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from grader.course import Course
from grader.toolkit.travelling import TRAVELLING
from tests.course_parts import from_course
from tests.paths import ROOT
from tests.trees import tree_of

LEVELS = {
    **dict.fromkeys(("toolkit", "course", "section", "course_modules", "course_settings", "find_course"), 0),
    **dict.fromkeys(("check_files", "predictions"), 0),
    "submission": 1,
    "sandbox": 2,
    "grading": 3,
    "diagnosis": 4,
    "service": 5,
    **dict.fromkeys(("audit", "batch", "plain_pytest", "warm"), 6),
    **dict.fromkeys(("figures", "kit", "render"), 7),
    "cli": 8,
    **dict.fromkeys(("notebook", "program"), 9),
    "__main__": 10,
}
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "grader").rglob("*.py"))
}


@cache
def imports_of(path: Path) -> frozenset[str]:
    """Every module that a file may import, at its top or later, as a full name."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            assert node.module is not None
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name for name in names if name in MODULES} | {node.module}
    return frozenset(found)


def own_imports(module: str) -> set[str]:
    """The grader's modules that one of them imports."""
    return {name for name in imports_of(MODULES[module]) if name.split(".")[0] == "grader"}


def part_of(module: str) -> str:
    """The package below `grader` that a module belongs to, or its own name."""
    return [*module.split("."), ""][1]


def test_imports_run_one_way():
    for module in MODULES:
        mine = part_of(module)
        for imported in own_imports(module) - {"grader"} if mine in LEVELS else ():
            other = part_of(imported)
            assert other == mine or LEVELS[other] <= LEVELS[mine], f"{module} imports {imported}"


def test_every_part_of_the_grader_has_a_place_in_that_order():
    parts = {part_of(module) for module in MODULES} - {""}
    assert parts == {*LEVELS}


def test_the_course_imports_nothing_of_the_grader():
    assert own_imports("grader.course") == {"grader.course_modules", "grader.course_settings", "grader.section"}
    assert own_imports("grader.section") == {
        "grader.check_files.check_outline",
        "grader.check_files.check_file",
        "grader.check_files.check_rules",
        "grader.course_modules",
        "grader.course_settings",
        "grader.predictions",
    }
    without_torch = {"grader.toolkit.text", "grader.toolkit.travelling", "grader.toolkit.verdicts"}
    assert own_imports("grader.course_modules") == without_torch | {"grader.course_settings"}


WITHOUT_ANSWERS = {
    f"grader.toolkit{name}" for name in ("", ".private_names", ".programs", ".show", ".tensors", ".verdicts")
}
ROOMS = sorted((ROOT / "checks").glob("*/*.py"))


def imports_in_a_room(path: Path) -> tuple[set[str], set[Path]]:
    """The modules that a file of a room imports: those from elsewhere by name, those of the course as files."""
    elsewhere, own = set(), set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            elsewhere |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            elsewhere.add(str(node.module))
        elif isinstance(node, ast.ImportFrom):
            place = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            places = [place, *(place / alias.name for alias in node.names)]
            own |= {one.with_suffix(".py") for one in places if one.with_suffix(".py").is_file()}
    return elsewhere, own


@pytest.mark.parametrize("path", [path for path in ROOMS if path.name.startswith("test_")], ids=lambda path: path.stem)
def test_checks_import_what_a_student_may_read(path):
    for name in imports_in_a_room(path)[0]:
        top = name.split(".")[0]
        assert name.startswith("grader.toolkit") or top in {"torch", "hypothesis"} | sys.stdlib_module_names, name


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_room_imports_its_own_modules_and_what_all_rooms_share(path):
    for other in imports_in_a_room(path)[1]:
        assert other.parent in (path.parent, ROOT / "checks" / "shared"), other


@pytest.mark.parametrize(
    "path", [path for path in ROOMS if path.stem in TRAVELLING], ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_what_travels_to_a_worker_holds_no_answer(path):
    """A worker has these modules and no others of the course; of the grader, what it has itself."""
    elsewhere, own = imports_in_a_room(path)
    assert {other.stem for other in own} <= {*TRAVELLING}
    assert {name for name in elsewhere if name.startswith("grader")} <= WITHOUT_ANSWERS


@pytest.mark.parametrize(
    "start", ["grader.sandbox.calls.worker", "grader.sandbox.process.zygote", "grader.sandbox.process.plain_worker"]
)
def test_what_runs_beside_a_submission_knows_no_answer(start):
    reached, waiting = set(), [start]
    while waiting:
        module = waiting.pop()
        if module in reached:
            continue
        reached.add(module)
        parents = module.split(".")
        above = {".".join(parents[:depth]) for depth in range(1, len(parents))}
        everything = imports_of(MODULES[module])
        assert not {name.split(".")[0] for name in everything} & {"solutions", "tests"}, module
        waiting += own_imports(module) | above
    assert "grader.toolkit.travelling" in reached
    assert not {part_of(module) for module in reached} & {"grading", "diagnosis", "audit", "render", "kit", "cli"}


def imports_at_work(path: Path) -> set[str]:
    """The modules that a file may import when it runs, without those for the type checker alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    nodes = list(ast.walk(tree))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return names | {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}


def test_only_two_modules_of_the_engine_import_torch():
    """A course in numpy must not pay for it: the others take `lazy_torch`, which stands for it."""
    importing = {
        name for name, path in MODULES.items() if {one.split(".")[0] for one in imports_at_work(path)} & {"torch"}
    }
    assert importing == {"grader.toolkit.lazy_torch", "grader.toolkit.private_names"}
    for name in importing:  # nor do these at their top
        tops = [
            node for node in ast.parse(MODULES[name].read_text(encoding="utf-8")).body if isinstance(node, ast.Import)
        ]
        assert not [alias.name for node in tops for alias in node.names if alias.name.startswith("torch")]


# -- the engine knows no course

ENGINE_TEXTS = (".py", ".toml", ".jinja", ".js", ".css", ".sh", ".sql", ".md", "run_autograder")


VERSION_1 = "grader/grading/stored.py"  # reads the records of an engine that knew this course


def names_in_rooms() -> Iterator[str]:
    """The slugs of figures and demos, if of several words, and the measurements that checks rank."""
    for path in ROOMS:
        for node in ast.walk(tree_of(path)):
            match node:
                case ast.Assign(targets=[ast.Name(id="slug")], value=ast.Constant(value=str(slug))) if "-" in slug:
                    yield slug
                case ast.Constant(value=str(text)) if re.fullmatch(r"play-[a-z-]+", text):
                    yield text
                case ast.Assign(targets=[ast.Name(id="ranks")], value=ast.Dict(keys=keys)):
                    yield from (key.value for key in keys)


@cache
def of_this_course() -> re.Pattern[str]:
    """Names of our own sections, exercises, figures, measurements and data.

    A word that is also the field's or a library's is one of these names only where it stands alone between quotes.
    """
    import torch

    sections = Course(ROOT).sections
    names = {name for section in sections for name in section.exercises} - {"predictions"} | {*names_in_rooms()}
    clear = {name for name in names if re.search("[-_]", name) and not hasattr(torch.nn.functional, name)}
    clear |= {word for section in sections for word in (section.id, section.stem)}
    clear |= {"MLP", *(path.name for path in (ROOT / "data").iterdir() if path.is_dir())}
    clear |= {*from_course("shared.arguments", "ROLES").states}
    anywhere = rf"(?<![A-Za-z0-9])({'|'.join(sorted(clear))})(?![A-Za-z0-9])"
    alone = rf"[\"']({'|'.join(sorted(names))})[\"']"
    return re.compile(f"{anywhere}|{alone}", re.IGNORECASE)


def test_the_engine_names_nothing_of_this_course():
    course = of_this_course()
    texts = [path for path in (ROOT / "grader").rglob("*") if path.name.endswith(ENGINE_TEXTS)]
    assert len(texts) > 200
    lines = [(path, line) for path in texts for line in path.read_text(encoding="utf-8").splitlines()]
    found = [(path.relative_to(ROOT).as_posix(), line.strip()) for path, line in lines if course.search(line)]
    assert [(path, line) for path, line in found if path != VERSION_1] == []


@pytest.mark.parametrize(
    "line",
    [
        *("grade section4", "section4_momentum.py", "f.momentum_step(w)", "our Mnist", "an MLP"),
        *('check.figures["accuracy"]', "'parameters'", "stable-steps.svg", "play-sgd", 'name == "sgd"'),
    ],
)
def test_names_of_this_course_are_known(line):
    assert of_this_course().search(line)


@pytest.mark.parametrize("line", ["log_softmax", "section40", "grade section1 mean", "momentum", "model.parameters()"])
def test_words_of_the_field_are_allowed(line):
    assert not of_this_course().search(line)
