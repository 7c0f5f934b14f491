"""A submission imports the same modules in every kind of worker: a package that only one machine has is refused on all."""

import importlib.metadata
import sys
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from grader.course import Course
from grader.sandbox.calls.in_process import InProcessSubmission
from grader.sandbox.calls.student import Contract
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.trust import Trust
from grader.submission.submission import Submission

ELSEWHERE = "pluggy"  # installed here, since pytest needs it, and no package of a course
ALONE = "Your file is graded alone, with Python's own modules, numpy and torch: remove the import, or copy"
KINDS = ["confined", "unconfined", "plain", "in process"]
REFUSED = {
    "a package": (f"import {ELSEWHERE}", f"No module named '{ELSEWHERE}'\n{ALONE}"),
    "a part of it": (f"from {ELSEWHERE}.hooks import x", f"No module named '{ELSEWHERE}'\n{ALONE}"),
    "under another name": (f"import {ELSEWHERE} as p", f"No module named '{ELSEWHERE}'\n{ALONE}"),
    "by its function": (f"__import__({ELSEWHERE!r})", f"No module named '{ELSEWHERE}'\n{ALONE}"),
    "a file beside it": ("import helpers_of_mine", f"No module named 'helpers_of_mine'\n{ALONE}"),
    "the grader": ("from grader.no_such_module import x", f"No module named 'grader'\n{ALONE}"),
    "a slip": ("import numpi", f"No module named 'numpi'\nDid you mean numpy? {ALONE}"),
}
ALLOWED = """\
import collections, json, math, zoneinfo, numpy as np, torch, torch.nn.functional as F, sympy, msgspec
import matplotlib.pyplot as plt
try:
    import %s
except ImportError:
    fallback = True
def works():
    import statistics
    plt.plot([1])
    return fallback and statistics.mean([1.0, 3.0])
""" % (ELSEWHERE)  # noqa: UP031


@pytest.fixture(scope="module", params=KINDS)
def admit(request, course: Course):
    """Open a source in one kind of worker."""
    if request.param == "in process":
        yield partial(InProcessSubmission, packages=course.packages)
        return
    if request.param == "plain":
        opened = Sandbox.open(course, kind="plain", trust=Trust(everybody=True))
    elif sys.platform != "linux":
        pytest.skip("there is no zygote")
    elif request.param == "confined":
        opened = Sandbox.open(course, trust=Trust(everybody=True))
    else:
        from grader.sandbox.limits.limits import DEFAULT
        from grader.sandbox.process.launch_zygote import ZygoteOwner
        from grader.sandbox.process.zygote_messages import Config

        config = Config(hidden=[], packages=("torch",), landlock_abi_limit=0, seccomp=False, namespaces=False)
        owner = ZygoteOwner(config, DEFAULT)
        opened = Sandbox("zygote", owner.clients[0], DEFAULT, owner, trust=Trust(everybody=True))
    with opened as sandbox:
        yield sandbox.admit


def load_error(admit, source: str):
    submission = admit(Submission("section1_toy.py", Path("section1_toy.py"), source.encode()))
    with submission.trial(Contract(ModuleType("reference"))) as met, pytest.raises(Exception, match="works"):
        met.student.works()
    return submission.load_error


COMPILED = """\
import torch
@torch.compile
def f(x):
    return x + 1
@torch.compile(dynamic=True)
def g(x):
    return f(x) * 2
model = torch.compile(torch.nn.Linear(1, 1), mode="max-autotune")
model.compile()
def works():
    return float(g(torch.ones(()))), float((model(torch.zeros(1)) - model.bias).detach())
"""


def test_functions_and_models_to_be_compiled_work_without_a_compiler(admit):
    submission = admit(Submission("section1_toy.py", Path("section1_toy.py"), COMPILED.encode()))
    with submission.trial(Contract(ModuleType("reference"))) as met:
        assert met.student.works() == (4.0, 0.0)


def test_what_a_class_lacks_is_refused_at_home_too(admit):
    assert importlib.metadata.version(ELSEWHERE)
    for line, message in REFUSED.values():
        error = load_error(admit, f"x = 1\n{line}\n\ndef works(): pass\n")
        assert error.type == "ModuleNotFoundError"
        assert error.message.startswith(message), (line, error.message)
        assert [place.line for place in error.lines] == [2]


def test_a_relative_import_is_explained(admit):
    error = load_error(admit, "from .helpers import f\n")
    assert "relative import" in error.message


def test_what_a_class_has_is_found(admit):
    submission = admit(Submission("section1_toy.py", Path("section1_toy.py"), ALLOWED.encode()))
    with submission.trial(Contract(ModuleType("reference"))) as met:
        assert met.student.works() == 2.0
    assert submission.load_error is None


def test_a_course_may_list_it(tmp_path):
    for folder in ("exercises", "solutions", "checks/section1_toy"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "course.toml").write_text(f'packages = ["{ELSEWHERE}"]\n')
    with Sandbox.open(Course(tmp_path), kind="plain", trust=Trust(everybody=True)) as sandbox:
        source = f"import {ELSEWHERE}\ndef works(): return {ELSEWHERE}.__name__\n"
        submission = sandbox.admit(Submission("section1_toy.py", Path("section1_toy.py"), source.encode()))
        with submission.trial(Contract(ModuleType("reference"))) as met:
            assert met.student.works() == ELSEWHERE


def test_a_package_of_the_course_that_this_computer_lacks_is_told_with_the_command_that_installs_it():
    from grader.sandbox.calls.imports import Imports

    imports, module = Imports(("absent_package", "numpy")), ModuleType("section1_toy")
    imports.restrict(module)
    for line, told in (
        ("import absent_package.part", True),
        ("import numpy.no_part", False),
        ("from numpy import no_name", False),
    ):
        with pytest.raises(ImportError) as caught:
            exec(line, vars(module))
        message = f"{caught.value} {imports.explain(caught.value)}"
        assert ("which is not installed here: pip install absent_package" in message) is told, message
        assert "graded alone" not in message
