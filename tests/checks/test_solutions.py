"""Every section's file, as a student reads it: documented, with worked examples that come true, and quiet on import."""

import ast
import doctest
import importlib.util
import inspect
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import torch

from tests.paths import ITERATIVE, ROOT

SOLUTIONS = [path for root in (ROOT, ITERATIVE) for path in sorted((root / "solutions").glob("section*.py"))]

pytestmark = pytest.mark.parametrize("path", SOLUTIONS, ids=[path.stem for path in SOLUTIONS])


def stub_of(solution: Path) -> Path:
    return solution.parents[1] / "exercises" / solution.name


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def exercises(module: ModuleType) -> dict[str, Callable[..., object]]:
    """The public functions and classes that the file itself defines."""
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isfunction(value) or inspect.isclass(value))
        and value.__module__ == module.__name__
    }


def test_there_is_a_solution_for_every_exercise_file(path):
    """Also fails when the folder is looked for in the wrong place."""
    assert stub_of(path).is_file()
    assert exercises(load(path))


def test_importing_prints_nothing_and_leaves_the_global_random_state(path, capsys):
    before = torch.random.get_rng_state()
    load(path)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert capsys.readouterr() == ("", "")


def test_the_file_opens_with_its_title(path):
    first, second = path.read_text(encoding="utf-8").splitlines()[:2]
    number = path.stem.removeprefix("section").split("_")[0]
    assert first == "# %% [markdown]"
    assert second.startswith(f"# # Section {number}: ")


def test_every_exercise_is_documented_with_an_example(path):
    for name, value in exercises(load(path)).items():
        assert "Example" in (value.__doc__ or ""), name


def test_every_worked_example_comes_true(path):
    module = load(path)
    runner = doctest.DocTestRunner()
    transcript: list[str] = []
    worked = set()
    for test in doctest.DocTestFinder().find(module):
        if test.examples:
            runner.run(test, out=transcript.append)
            worked.add(test.name.removeprefix(f"{path.stem}.").split(".")[0])  # a method's example counts for its class
    assert not transcript, "".join(transcript)
    assert worked >= set(exercises(module))


def test_the_stub_leaves_every_exercise_to_the_student(path):
    """Same names, signatures and docstrings, and something left to do in each."""
    solved, stubbed = exercises(load(path)), exercises(load(stub_of(path)))
    assert list(stubbed) == list(solved)
    tree = ast.parse(stub_of(path).read_text(encoding="utf-8"))
    definitions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for name in solved:
        assert stubbed[name].__doc__ == solved[name].__doc__
        assert str(inspect.signature(stubbed[name])) == str(inspect.signature(solved[name]))
        assert "raise NotImplementedError" in ast.unparse(definitions[name]), name
