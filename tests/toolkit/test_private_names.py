"""Private names of libraries stand in one module, and each of them still does its work."""

import ast
import os
import subprocess
import sys
import textwrap
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from importlib import import_module
from importlib.machinery import FileFinder
from importlib.util import find_spec
from multiprocessing import get_context

import pytest
import torch
from hypothesis.internal.conjecture import providers

from grader.toolkit import private_names
from tests.paths import ROOT
from tests.trees import tree_of

OWN = ROOT / "grader" / "toolkit" / "private_names.py"
FILES = [path for folder in ("grader", "checks") for path in sorted((ROOT / folder).rglob("*.py")) if path != OWN]
DOCUMENTED = {
    "os._exit",
    "sys._getframe",
    "_thread",
    "_fields",
    "node._fields",
}  # Python's own documentation describes them


def is_private(name: object) -> bool:
    return isinstance(name, str) and name.startswith("_") and not name.startswith("__") and name != "_"


def attributes_of(tree: ast.AST) -> set[str]:
    """The attributes that the classes of a file define."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(body=body):
                found |= {item.name for item in body if isinstance(item, ast.FunctionDef)}
                found |= {ast.unparse(item.target) for item in body if isinstance(item, ast.AnnAssign)}
                found |= {ast.unparse(one) for item in body if isinstance(item, ast.Assign) for one in item.targets}
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                found.add(name)
    return found


def private_uses(tree: ast.AST, own: set[str]) -> list[str]:
    """The private names of libraries that a file uses; `own` are the attributes of our classes."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=value, attr=name) if is_private(name) and name not in own:
                found.append(f"{ast.unparse(value)}.{name}")
            case ast.ImportFrom(module=str(module), names=names, level=0) if not module.startswith(
                ("grader", "shared")
            ):
                hidden = any(is_private(part) or part == "internal" for part in module.split("."))
                found += [f"{module}.{alias.name}" for alias in names if hidden or is_private(alias.name)]
            case ast.Import(names=names):
                found += [alias.name for alias in names if any(map(is_private, alias.name.split(".")))]
            case ast.Call(func=ast.Name(id="getattr" | "hasattr" | "setattr"), args=[_, ast.Constant(value=name), *_]):
                found += [name] if is_private(name) and name not in own else []
    return [use for use in found if use not in DOCUMENTED]


def private_overrides(tree: ast.Module) -> list[str]:
    """The private methods of a library's class that a class of ours overrides."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    imported = {alias.name for node in imports for alias in node.names} - {"grader"}
    found = []
    for node in [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]:
        names = [item.name for item in node.body if isinstance(item, ast.FunctionDef) and is_private(item.name)]
        for base in node.bases:
            match base:
                case ast.Attribute(value=ast.Name(id=library), attr=name) if names and library in imported:
                    parent = getattr(import_module(library), name)
                    found += [f"{library}.{name}.{own}" for own in names if hasattr(parent, own)]
    return found


@cache
def attributes_of_ours() -> set[str]:
    return set().union(*(attributes_of(tree_of(path)) for path in FILES))


def test_no_other_module_uses_a_private_name():
    for path in FILES:
        assert private_uses(tree_of(path), attributes_of_ours()) == [], path
        assert private_overrides(tree_of(path)) == [], path


@pytest.mark.parametrize(
    "text",
    [
        "import threading\nthreading._shutdown()",
        "from torch.jit import _builtins",
        "from hypothesis.internal.conjecture import providers",
        "import torch._dynamo",
        "getattr(pool, '_processes', None)",
        "import os\nos._Environ",
    ],
)
def test_a_private_name_is_found(text):
    assert private_uses(ast.parse(text), attributes_of_ours())


def test_a_private_method_that_is_overridden_is_found():
    text = "import pytest\nclass Mine(pytest.Module):\n    def _getobj(self): ...\n    def _mine(self): ..."
    assert private_overrides(ast.parse(text)) == ["pytest.Module._getobj"]


def test_an_exit_waits_for_threads_and_calls_handlers():
    script = """
        import atexit, os, threading, time
        from grader.toolkit.private_names import finish_threads_and_exit_handlers
        atexit.register(print, "handler", flush=True)
        threading.Thread(target=lambda: (time.sleep(0.2), print("thread", flush=True))).start()
        finish_threads_and_exit_handlers()
        os._exit(0)
    """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["thread", "handler"]


def test_a_pool_tells_its_processes_until_it_ends():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pid = pool.submit(os.getpid).result()
        assert [process.pid for process in private_names.processes_of(pool)] == [pid]
    assert private_names.processes_of(pool) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the fork server")
def test_the_fork_server_ends():
    script = """
        import multiprocessing.forkserver as forkserver, subprocess, os
        from grader.toolkit.private_names import stop_fork_server
        children = lambda: open(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read().split()
        forkserver.ensure_running()
        before = len(children())
        stop_fork_server()
        print(before - len(children()))
    """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "1"


def test_hypothesis_has_no_local_constants(monkeypatch):
    monkeypatch.setattr(providers, "_get_local_constants", providers._get_local_constants)
    private_names.ignore_local_constants()
    constants = providers._get_local_constants()
    assert not any(constants.set_for_type(kind) for kind in ("integer", "float", "bytes", "string"))


def test_a_finder_tells_and_forgets_entries(tmp_path):
    (tmp_path / "known.py").touch()
    finder = FileFinder(str(tmp_path), *[(loader, [".py"]) for loader in [type(find_spec("ast").loader)]])
    assert finder.find_spec("known") is not None
    private_names.folder_entries(finder).discard("known.py")
    assert finder.find_spec("known") is None


def test_a_wrapped_function_still_compiles():
    def wrapped(*args):
        raise AssertionError("the original should be compiled")

    private_names.compile_as(wrapped, torch.relu)

    def step(x):
        return wrapped(x)

    step.__globals__["wrapped"] = wrapped
    assert torch.equal(torch.jit.script(step)(torch.tensor([-1.0, 2.0])), torch.tensor([0.0, 2.0]))


def test_torch_has_its_compiler():
    assert find_spec(private_names.COMPILER) is not None


SEEDS = """
import torch
def numbers(seed):
    torch.manual_seed(seed)
    return torch.rand(3)
def kept():
    torch.manual_seed(1)
    torch.random.manual_seed(2)
    return [torch.cuda._lazy_seed_tracker.manual_seed_all_cb is not None, len(torch.cuda._queued_calls)]
"""


def test_a_seed_is_for_the_cpu_and_nothing_is_kept_for_accelerators():
    seeds = {}
    exec(SEEDS, seeds)
    before = seeds["kept"]()[1]
    with private_names.cpu_only():
        expected = torch.rand(3, generator=torch.Generator().manual_seed(7))
        assert torch.equal(seeds["numbers"](7), expected)
        assert seeds["kept"]()[1] == before


def test_afterwards_a_process_that_others_use_is_as_before():
    real = torch.cuda.random._lazy_call
    with private_names.cpu_only():
        torch.manual_seed(3)
        first = torch.rand(2)
        assert torch.cuda.random._lazy_call is not real
    torch.manual_seed(3)
    assert torch.equal(torch.rand(2), first)
    assert torch.cuda.random._lazy_call is real


def test_changes_in_place_are_counted():
    tensor = torch.zeros(3)
    before = private_names.changes_of(tensor)
    tensor.add_(1)
    assert private_names.changes_of(tensor) > before
    assert private_names.changes_of(tensor) == private_names.changes_of(tensor)
