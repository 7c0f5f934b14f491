"""The fresh Python in which student code runs: nothing of our environment, one thread, a fixed hash seed."""

import ctypes
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from grader.toolkit import lazy_torch

PACKAGE_ROOT = Path(__file__).resolve().parents[3]
_KEPT = 1 << 28  # bytes: what glibc hands back to the kernel at once, it soon asks for again, page by page
_KEPT_HERE = 1 << 26  # likewise in our own processes, which also read what submissions answer
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of mallopt(3)
_COMMAND = "import sys; exec(sys.stdin.buffer.readline())"  # any process may read a command line: it holds no path
_BOOTSTRAP = "sys.path[:] = [{root!r}, *sys.path, *{folders!r}]; from {module} import main; main()\n"
_BOOTSTRAP_WITHOUT_PATHS = (
    "exec({finder!r}); own = install_finder(*eval(sys.stdin.buffer.readline())); from {module} import main; main(own)\n"
)
_BOOTSTRAP_OF_TWO = "exec({text!r}); exec({pages!r}); fork_zygote({folders!r}, {modules!r}, gather)\n"
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
# They choose how libraries compute, and so how they round: the same way on both sides, or the reference's answer may differ.
KERNELS = (
    *("ATEN_CPU_CAPABILITY", "MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS", "NPY_DISABLE_CPU_FEATURES", "ONEDNN_MAX_CPU_ISA"),
    *("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"),
)


def prepare_imports() -> None:
    """Settings that must come before the imports of numpy, torch and hypothesis.

    One thread: gradings must not compete for cores. No plugins of hypothesis: the search takes 0.1 s, and other installed
    packages must not matter. Freed memory stays for the next tensor: a long training takes a seventh less.
    """
    os.environ.update(dict.fromkeys((*_THREADS, "HYPOTHESIS_NO_PLUGINS"), "1"))
    if mallopt := getattr(_c_library(), "mallopt", None):  # musl has none
        mallopt(_TRIM_THRESHOLD, _KEPT_HERE)
        mallopt(_MMAP_THRESHOLD, _KEPT_HERE // 2)  # the most that glibc takes


def hand_back_free_memory() -> None:
    """Hand back to the kernel what glibc keeps: forks of this process would copy it, and large pages would fill with it."""
    if malloc_trim := getattr(_c_library(), "malloc_trim", None):  # musl has none
        malloc_trim(0)


def _c_library() -> ctypes.CDLL | None:
    """The functions of this process; none on Windows, which loads no library without a name."""
    return None if sys.platform == "win32" else ctypes.CDLL(None)


@contextmanager
def importing(with_torch: bool = False) -> Iterator[None]:
    """Import large modules, and torch if asked, with the garbage collector off; it never scans their objects later."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        if with_torch:
            lazy_torch.import_it()
        yield
    finally:
        gc.freeze()
        if collecting:
            gc.enable()


def scrubbed_environment() -> dict[str, str]:
    """The whole environment of a process for student code: the kernels of this process, one thread, a fixed hash seed."""
    return {
        **{name: os.environ[name] for name in KERNELS if name in os.environ},
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
    """The folders of torch, numpy and msgspec, which a fresh interpreter might not find."""
    origins = [spec.origin for name in ("torch", "numpy", "msgspec") if (spec := find_spec(name)) and spec.origin]
    return sorted({str(Path(origin).parents[1]) for origin in origins})


def python_command(module: str) -> list[str]:
    """The command of a fresh interpreter that ignores the environment; its standard input starts with a `bootstrap`.

    The module's name makes the process recognizable in a list of processes.
    """
    return [sys.executable, "-s", "-P", "-c", _COMMAND, module]


def bootstrap(module: str) -> bytes:
    """The line that makes a fresh interpreter run `main` of one of our modules, which can read the rest of the input."""
    return _BOOTSTRAP.format(root=str(PACKAGE_ROOT), folders=library_folders(), module=module).encode()


def bootstrap_of_two(modules: Sequence[str]) -> bytes:
    """The line that makes a fresh interpreter import libraries and `fork_zygote` into a process of ours and a zygote."""
    text, pages = (
        Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("fork_zygote.py", "large_pages.py")
    )
    return _BOOTSTRAP_OF_TWO.format(text=text, pages=pages, folders=library_folders(), modules=[*modules]).encode()


def bootstrap_without_paths(module: str, hidden: Sequence[str]) -> bytes:
    """The same for a process that must not learn the names of `hidden` files and of our files: see `path_hiding_finder`.

    The paths are a separate line, because the interpreter's frames keep the executed text.
    """
    finder = Path(__file__).with_name("path_hiding_finder.py").read_text(encoding="utf-8")
    paths = (str(PACKAGE_ROOT), [*hidden], library_folders())
    return f"{_BOOTSTRAP_WITHOUT_PATHS.format(finder=finder, module=module)}{paths!r}\n".encode()
