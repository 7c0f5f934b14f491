"""One assignment and one class, written as each grader wants them: `python tests/benchmarks/peers/make.py PEER CLASS FOLDER`.

Whoever grades runs the functions of checks.py, each worth a point. Nothing here runs a submission.
"""

import argparse
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent, indent

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell, new_notebook
from prepare import environment_of, python_of
from submissions import CLASSES, Submission

from grader.course_modules import module_of

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SOFTMAX = HERE / "softmax.py"
ABOUT = {
    "follows_momentum": "momentum_step",
    "follows_rmsprop": "rmsprop_step",
    "follows_adam": "adam_step",
    "trains_on_mnist": "momentum_step",
}
IMAGES = 6000
NAME = "updates"


def write(path: Path, text: str) -> None:
    """Write a text, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def checks_source(folder: Path) -> str:
    """The checks as source, with the images that they read laid into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    mnist = module_of(ROOT, "shared.mnist")
    assert mnist is not None
    split = mnist.train()
    np.save(folder / "images.npy", split.images[:IMAGES].reshape(-1, 784))
    np.save(folder / "labels.npy", split.labels[:IMAGES])
    return (HERE / "checks.py").read_text(encoding="utf-8").replace('FOLDER = "."', f"FOLDER = {str(folder)!r}")


def library(folder: Path) -> str:
    """Write the checks as a module, and return the lines that import it."""
    write(folder / "lib" / "checks.py", checks_source(folder / "data"))
    shutil.copy(SOFTMAX, folder / "lib")
    return f"import sys\nsys.path.insert(0, {str(folder / 'lib')!r})\nimport checks\n"


def each_check(template: str) -> str:
    """A template once for each check."""
    return "\n\n".join(dedent(template).format(check=check, exercise=exercise) for check, exercise in ABOUT.items())


def tool(peer: str, folder: Path, *words: str) -> None:
    """Have a grader prepare something itself."""
    command = [python_of(peer).with_name(peer), *words]
    subprocess.run(command, cwd=folder, env=environment_of(peer), check=True, capture_output=True)


def notebook(*cells: nbformat.NotebookNode) -> str:
    """A notebook of code cells."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.writes(new_notebook(cells=list(cells), metadata={"kernelspec": kernel}))


def ours(folder: Path, students: Sequence[Submission], timeout: int | None, given: str = "InPlace(student)") -> None:
    """A course of one section: a copy of the grader with checks of its own, and the training among the programs."""
    wrapped = each_check(
        f'''
        @check("{{exercise}}", points=1)
        def test_{{check}}(student):
            """Does what {{check}} says."""
            try:
                {{check}}({given})
            except AssertionError as error:
                raise WrongAnswerError(str(error)) from None
        '''
    )
    head = """
from types import SimpleNamespace
from grader.toolkit.check import check
from grader.toolkit.verdicts import WrongAnswerError

CHANGES = {
    "momentum_step": ("params", "velocities"),
    "rmsprop_step": ("params", "squares"),
    "adam_step": ("params", "moments", "squares"),
}


class InPlace:
    '''The checks are written for functions that work in place; here a call works on copies.'''

    def __init__(self, student):
        self._student = student
        self.run = student.run

    def __getattr__(self, name):
        def step(params, grads, *states, **numbers):
            _, after = getattr(self._student, name)(params, grads, *states, **numbers)
            for tensors, changed in zip((params, *states), (vars(after)[word] for word in CHANGES[name])):
                for tensor, other in zip(tensors, changed):
                    tensor.copy_(other)

        return step
"""
    source = f"{checks_source(folder / 'data')}\n{head}\n{wrapped}"
    room = folder / f"course/checks/section1_{NAME}"
    write(room / "programs.py", SOFTMAX.read_text(encoding="utf-8"))
    source = source.replace("from softmax import", "from .programs import")
    write(room / "test_section1.py", source)
    for place in ("solutions", "exercises"):
        write(folder / f"course/{place}/section1_{NAME}.py", f"# # Update rules\n{CLASSES['18']()[0].source}")
    for one in students:
        write(folder / "submissions" / one.name / f"section1_{NAME}.py", one.source)


def ours_by_calls(folder: Path, students: Sequence[Submission], timeout: int | None) -> None:
    """The same, with the training in the process that judges: each of its steps calls the submission."""
    functions = ", ".join(f"{name}=InPlace(student).{name}" for name in sorted({*ABOUT.values()}))
    ours(folder, students, timeout, f"SimpleNamespace({functions})")


def otter(folder: Path, students: Sequence[Submission], timeout: int | None) -> None:
    """An autograder archive with a test file, and notebooks."""
    tests = each_check(
        """
        @test_case(points=1)
        def test_{check}(env):
            checks.{check}(SimpleNamespace(**env))
        """
    )
    head = f"from types import SimpleNamespace\nfrom otter.test_files import test_case\n\n{library(folder)}"
    write(folder / f"tests/{NAME}.py", f'{head}\nOK_FORMAT = False\nname = "{NAME}"\npoints = None\n{tests}')
    for one in students:
        write(folder / "submissions" / f"{one.name}.ipynb", notebook(new_code_cell(one.source)))
        (folder / "grades" / one.name).mkdir(parents=True)
    tool("otter", folder, "generate", "-t", "tests", "-o", "autograder.zip")


def nbgrader(folder: Path, students: Sequence[Submission], timeout: int | None) -> None:
    """Two courses, each with every other student: one for each core."""
    head = library(folder)

    def cell(name: str, source: str, **kind: object) -> nbformat.NotebookNode:
        about = {"schema_version": 3, "grade_id": name, "grade": False, "solution": False, "locked": False, **kind}
        return new_code_cell(source, metadata={"nbgrader": about})

    called = "{head}import types\nchecks.{check}(types.SimpleNamespace(**globals()))"
    tests = [
        cell(check, called.format(head=head, check=check), grade=True, locked=True, points=1, cell_type="code")
        for check in ABOUT
    ]
    for half in (0, 1):
        course = folder / f"half{half}"
        settings = ["c = get_config()", "c.CourseDirectory.course_id = 'peers'"]
        if timeout:
            settings.append(f"c.ExecutePreprocessor.timeout = {timeout}")
        write(course / "nbgrader_config.py", "\n".join(settings))
        write(
            course / f"source/{NAME}/{NAME}.ipynb", notebook(cell("functions", "import torch", solution=True), *tests)
        )
        for one in students[half::2]:
            text = notebook(cell("functions", one.source, solution=True), *tests)
            write(course / f"submitted/{one.name}/{NAME}/{NAME}.ipynb", text)
        tool("nbgrader", course, "generate_assignment", NAME)


def check50(folder: Path, students: Sequence[Submission], timeout: int | None) -> None:
    """A folder of checks, and a folder per student."""
    functions = each_check(
        f"""
        @check50.check({f"timeout={timeout}" if timeout else ""})
        def {{check}}():
            \"\"\"{{check}}\"\"\"
            try:
                checks.{{check}}(check50.py.import_("{NAME}.py"))
            except AssertionError as error:
                raise check50.Failure(str(error))
        """
    )
    write(folder / "checks/.cs50.yaml", "check50: true\n")
    write(folder / "checks/__init__.py", f"import check50\nimport check50.py\n\n{library(folder)}\n{functions}")
    for one in students:
        write(folder / "submissions" / one.name / f"{NAME}.py", one.source)


def gradescope(folder: Path, students: Sequence[Submission], timeout: int | None) -> None:
    """The script of Gradescope's own Python example: unittest, a weight per test, results.json."""
    methods = each_check(
        """
        @weight(1)
        def test_{check}(self):
            checks.{check}(updates)
        """
    )
    source = f"""
import unittest
from gradescope_utils.autograder_utils.decorators import weight
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner

{library(folder)}
sys.path.insert(0, sys.argv[1])
import {NAME}


class TestUpdates(unittest.TestCase):
{indent(methods, "    ")}

with open(sys.argv[2], "w") as file:
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(TestUpdates)
    JSONTestRunner(visibility="visible", stream=file).run(suite)
"""
    write(folder / "run_tests.py", source)
    for one in students:
        write(folder / "submissions" / one.name / f"{NAME}.py", one.source)


def xdist(folder: Path, students: Sequence[Submission], timeout: int | None) -> None:
    """One test file for the whole class."""
    source = f"""
import importlib.util
from pathlib import Path

import pytest

{library(folder)}
FOLDERS = sorted((Path(__file__).parent / "submissions").iterdir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
@pytest.mark.parametrize("check", {list(ABOUT)})
def test_updates(folder, check):
    spec = importlib.util.spec_from_file_location(folder.name, folder / "{NAME}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    getattr(checks, check)(module)
"""
    write(folder / "test_updates.py", source)
    write(folder / "pytest.ini", f"[pytest]\ntimeout = {timeout or 20}\ntimeout_method = thread\n")
    for one in students:
        write(folder / "submissions" / one.name / f"{NAME}.py", one.source)


MAKERS = {
    function.__name__: function for function in (ours, ours_by_calls, otter, nbgrader, check50, gradescope, xdist)
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=MAKERS)
    parser.add_argument("kind", choices=CLASSES)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    MAKERS[options.peer](options.folder.resolve(), CLASSES[options.kind](), None)
