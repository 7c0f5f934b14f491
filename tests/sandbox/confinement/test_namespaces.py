"""A zygote in namespaces of its own, and one without: the same for honest code, and nothing of this machine in the first."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from grader.course import Course
from grader.sandbox.calls.student import Contract
from grader.sandbox.limits.limits import DEFAULT
from grader.sandbox.process.health import layers_of
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.launch_zygote import ZygoteOwner
from grader.sandbox.process.trust import Trust
from grader.sandbox.process.zygote_messages import Config
from grader.submission.submission import Submission

if sys.platform != "linux":
    pytest.skip("there is no zygote", allow_module_level=True)

CONTRACT = Contract(ModuleType("reference"))
SOURCE = b"""
import os, socket

def late():
    import decimal, hashlib, lzma, sqlite3
    import sympy, networkx, jinja2
    import torch, torch._dynamo
    import numpy.fft, numpy.polynomial
    w = torch.zeros(3, requires_grad=True)
    for kind in (torch.optim.SGD, torch.optim.Adam, torch.optim.LBFGS):
        torch.optim.lr_scheduler.StepLR(kind([w], lr=0.1), 1)
    double = torch.func.vmap(lambda row: 2 * row)(torch.ones(2, 2))
    return float(double.sum()) + float(torch.distributions.Normal(0.0, 1.0).mean) + float(sympy.sqrt(4))

def listed(path):
    return sorted(os.listdir(path))

def seen(paths):
    return [path for path in paths if os.path.lexists(path)]

def interfaces():
    return [name for _, name in socket.if_nameindex()]

def pid():
    return os.getpid()
"""


@pytest.fixture(scope="module", params=[True, False], ids=["namespaces", "none"])
def opened(request: pytest.FixtureRequest) -> Iterator[Any]:
    owner = ZygoteOwner(Config(hidden=[], packages=("torch",), namespaces=request.param), DEFAULT)
    with Sandbox("zygote", owner.clients[0], DEFAULT, owner) as sandbox:
        if layers_of(sandbox)["namespaces"] is not request.param:
            pytest.skip("this machine gives this user no namespaces")
        yield sandbox


@pytest.fixture
def inside() -> Iterator[Any]:
    """A submission that nothing but namespaces keeps from anything."""
    owner = ZygoteOwner(Config(hidden=[], packages=("torch",), landlock_abi_limit=0, seccomp=False), DEFAULT)
    with Sandbox("zygote", owner.clients[0], DEFAULT, owner, trust=Trust(everybody=True)) as sandbox:
        if not layers_of(sandbox)["namespaces"]:
            pytest.skip("this machine gives this user no namespaces")
        submission = sandbox.admit(Submission("a.py", Path("a.py"), SOURCE))
        with submission.trial(CONTRACT) as met:
            yield met.student


def test_what_torch_imports_late_is_there(opened: Sandbox) -> None:
    submission = opened.admit(Submission("a.py", Path("a.py"), SOURCE))
    with submission.trial(CONTRACT, call_cpu_seconds=60.0) as met:
        assert met.student.late() == 10.0


def test_a_worker_is_watched_and_killed_by_the_number_that_we_know(opened: Sandbox) -> None:
    process = opened.spawn(ahead=False)
    assert Path(f"/proc/{process.pid}/stat").exists()
    assert process.cpu_seconds() is not None
    assert process.awake_seconds() is not None
    process.kill()
    assert process.wait_for_exit().status == -9
    assert process.cpu_seconds() is None
    process.close()


@pytest.mark.slow
def test_a_zygote_that_is_killed_takes_its_workers_along_and_is_replaced(opened: Sandbox) -> None:
    first, process = opened.pid, opened.spawn(ahead=False)
    assert first is not None
    os.kill(first, 9)
    deadline = time.monotonic() + 30
    while Path(f"/proc/{process.pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not Path(f"/proc/{process.pid}").exists()
    process.close()
    opened.renew()
    opened.spawn(ahead=False).close()
    assert opened.pid != first


def test_nothing_of_this_machine_is_there(inside: Any, course: Course) -> None:
    libraries = {folder.split("/")[2] for folder in (sys.prefix, *sys.path) if folder.startswith("/tmp/")}
    assert set(inside.listed("/tmp")) <= libraries
    assert set(inside.listed("/")) <= {
        "dev",
        "etc",
        "lib",
        "lib64",
        "proc",
        "tmp",
        "usr",
        *Path(os.__file__).parts,
        *sys.prefix.split("/"),
    } | {part for folder in sys.path for part in folder.split("/")[:2]}
    assert inside.listed("/dev") == ["null", "shm"]
    assert inside.listed("/etc") == ["ld.so.cache"]
    here = [
        str(course.root),
        str(course.solutions),
        __file__,
        f"/proc/{os.getpid()}",
        "/etc/passwd",
        "/usr/bin",
        "/sys",
        "/home",
    ]
    assert inside.seen(here) == []
    assert inside.interfaces() in ([], ["lo"])
    assert inside.pid() < 100


def test_only_what_may_be_read_lies_among_the_packages(inside: Any) -> None:
    import torch

    found = inside.listed(str(Path(torch.__file__).parents[1]))
    assert {"torch", "numpy"} <= set(found)
    assert not {"pytest", "hypothesis", "_pytest", "click"} & set(found)
