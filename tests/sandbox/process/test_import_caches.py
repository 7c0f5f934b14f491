"""A worker finds no name of a file that it may not read, in all that it can reach in its memory."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from grader.sandbox.calls.student import Contract, RemoteStudent
from grader.sandbox.limits.limits import DEFAULT
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.launch_zygote import ZygoteOwner
from grader.sandbox.process.zygote_messages import Config
from grader.submission.submission import Submission
from tests.paths import ROOT

if sys.platform != "linux":
    pytest.skip("there is no zygote", allow_module_level=True)

SOURCE = b"""
import gc, os, sys, types

def reachable():
    frame, todo, seen = sys._getframe(), [*gc.get_objects(), *sys.modules.values(), sys.path_importer_cache], set()
    while frame is not None:
        todo += [frame.f_code, *frame.f_locals.values(), *frame.f_globals.values()]
        frame = frame.f_back
    while todo:
        one = todo.pop()
        if id(one) not in seen:
            seen.add(id(one))
            yield one
            todo += gc.get_referents(one)
            fields = getattr(type(one), "__struct_fields__", ())
            todo += [getattr(one, name) for name in fields if hasattr(one, name)] if isinstance(fields, tuple) else []

def texts_with(parts):
    joined = ["".join(part) for part in parts]
    texts = (one.decode("latin-1") if isinstance(one, bytes) else one for one in reachable() if isinstance(one, str | bytes))
    return sorted({text[:300] for text in texts if any(part in text for part in joined) and text not in joined})

def listed():
    return sorted({name for finder in sys.path_importer_cache.values() for name in getattr(finder, "_path_cache", ())})

def kept_input():
    sys.stdin.buffer.seek(0)
    return sys.stdin.buffer.read().decode()

def buffered(count):
    import ctypes
    place = ctypes.c_void_p.from_address(id(sys.stdin.buffer) + 56).value
    return list(ctypes.string_at(place, count).strip(bytes(1))[:100])

def paths():
    return [*sys.path, *sys.path_importer_cache]

def imports_late():
    import sqlite3, xml.dom.minidom, numpy.polynomial, torch.optim, sympy
    return len(sympy.__name__)

def tells_the_line():
    try:
        torch.zeros(2) @ torch.zeros(3)
    except RuntimeError as error:
        return str(error)

import torch
"""


@pytest.fixture(
    scope="module", params=[pytest.param(True, id="namespaces"), pytest.param(False, id="none", marks=pytest.mark.slow)]
)
def student(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RemoteStudent]:
    hidden = [str(ROOT / "grader"), str(tmp_path_factory.mktemp("course") / "answers_lie_here")]
    owner = ZygoteOwner(Config(hidden=hidden, packages=("torch",), namespaces=request.param), DEFAULT)
    with Sandbox("zygote", owner.clients[0], DEFAULT, owner) as sandbox:
        submission = sandbox.admit(Submission("a.py", Path("a.py"), SOURCE))
        with submission.trial(Contract(ModuleType("reference")), call_cpu_seconds=60.0) as met:
            yield met.student


def test_no_text_names_the_folders_of_the_grader_and_of_the_answers(student: RemoteStudent) -> None:
    """The parts are joined in the worker, which would find its own argument else."""
    secret = [[str(ROOT), "/grader"], [str(ROOT), "/solutions"], ["answers_", "lie_here"]]
    assert student.texts_with(secret) == []
    assert student.texts_with([["/torch/", "__init__.py"]]) != [], "the search finds what is there"


def test_python_knows_no_file_beside_the_libraries(student: RemoteStudent) -> None:
    assert {"oracles", "solutions", "exercises", "strategies", "pytest", "hypothesis"} & {*student.listed()} == set()
    assert "torch" in student.listed()
    assert [path for path in student.paths() if path == str(ROOT) or path.startswith(f"{ROOT}/grader")] == []


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="where the buffer is, differs between versions of Python")
def test_the_buffer_of_its_standard_input_holds_nothing_of_the_start(student: RemoteStudent) -> None:
    assert student.buffered(4096) == []


def test_what_the_zygote_was_told_is_gone_from_its_standard_input(student: RemoteStudent) -> None:
    assert student.kept_input() == ""


def test_libraries_are_found_afterwards_as_before(student: RemoteStudent) -> None:
    assert student.imports_late() == len("sympy")
    assert "size" in student.tells_the_line()
