"""The fresh Python in which student code runs: nothing of our environment, one thread, a fixed hash seed."""

import ctypes
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

PACKAGE_ROOT = Path(__file__).resolve().parents[3]
_KEPT = 1 << 28  # bytes: what glibc hands back to the kernel at once, it soon asks for again, page by page
_KEPT_HERE = 1 << 26  # likewise in our own processes, which also read what submissions answer
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of mallopt(3)
_COMMAND = "import sys; exec(sys.stdin.buffer.readline())"  # any process may read a command line: it holds no path
_BOOTSTRAP = "sys.path[:] = [{root!r}, *sys.path, *{folders!r}]; from {module} import main; main()\n"
_BOOTSTRAP_WITHOUT_PATHS = (
    "exec({finder!r}); own = install_finder(*eval(sys.stdin.buffer.readline())); from {module} import main; main(own)\n"
)
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def prepare_imports() -> None:
    """What is decided before numpy, torch and hypothesis are imported.

    One thread: two gradings must not fight over cores. No plugins of hypothesis: looking for them takes 0.1 s, and what else
    is installed must not matter. And memory that was freed is kept for the next tensor: a long training takes a seventh
    less.
    """
    os.environ.update(dict.fromkeys((*_THREADS, "HYPOTHESIS_NO_PLUGINS"), "1"))
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):  # musl has none
        mallopt(_TRIM_THRESHOLD, _KEPT_HERE)
        mallopt(_MMAP_THRESHOLD, _KEPT_HERE // 2)  # the most that glibc takes


def scrubbed_environment() -> dict[str, str]:
    """The whole environment of whatever runs student code: nothing of ours, one thread, a fixed hash seed."""
    return {
        **dict.fromkeys((*_THREADS, "OMP_THREAD_LIMIT"), "1"),
        **dict.fromkeys(("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"), str(_KEPT)),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": "/nonexistent",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
    }


def library_folders() -> list[str]:
    """The folders that hold torch, numpy and msgspec, which a fresh interpreter might not find by itself."""
    origins = [spec.origin for name in ("torch", "numpy", "msgspec") if (spec := find_spec(name)) and spec.origin]
    return sorted({str(Path(origin).parents[1]) for origin in origins})


def python_command(module: str) -> list[str]:
    """The command of a fresh interpreter, whatever the environment says, whose standard input begins with a `bootstrap`.

    The module is named for who looks at the processes of the machine.
    """
    return [sys.executable, "-s", "-P", "-c", _COMMAND, module]


def bootstrap(module: str) -> bytes:
    """The line that makes a fresh interpreter run `main` of one of our modules, which finds what follows on its input."""
    return _BOOTSTRAP.format(root=str(PACKAGE_ROOT), folders=library_folders(), module=module).encode()


def bootstrap_without_paths(module: str, hidden: Sequence[str]) -> bytes:
    """Likewise for a process that must not see the names of `hidden` files, nor of those beside our own: see `own_modules`.

    The paths are a line of their own: what is executed is kept in the interpreter's frames.
    """
    finder = Path(__file__).with_name("path_hiding_finder.py").read_text(encoding="utf-8")
    paths = (str(PACKAGE_ROOT), [*hidden], library_folders())
    return f"{_BOOTSTRAP_WITHOUT_PATHS.format(finder=finder, module=module)}{paths!r}\n".encode()
