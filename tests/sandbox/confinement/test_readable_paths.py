"""Which files a worker may read: what a course needs, and nothing that merely lies beside it."""

import os
import sys
from importlib import metadata
from pathlib import Path

import pytest

from grader.sandbox.confinement.readable_paths import readable_paths

TORCH = ("torch",)

if sys.platform != "linux":
    pytest.skip("there is no confinement", allow_module_level=True)


def covers(paths: tuple[str, ...], path: str | Path) -> bool:
    real = Path(os.path.realpath(path))
    return any(str(part) in paths for part in (real, *real.parents))


def test_a_worker_may_read_python_and_torch() -> None:
    import torch

    paths = readable_paths(["/nowhere"], TORCH)
    assert all(covers(paths, path) for path in (os.__file__, torch.__file__, "/etc/ld.so.cache"))
    assert not covers(paths, "/etc/passwd")
    assert not any(path.endswith(".pth") for path in paths)


@pytest.mark.parametrize("hidden", ["torch/nn", "torch/__init__.py", "torch"])
def test_hidden_packages_stay_unreadable_among_readable_ones(hidden: str) -> None:
    import torch

    site = Path(torch.__file__).parents[1]
    paths = readable_paths([str(site / hidden)], TORCH)
    assert not covers(paths, site / hidden)
    assert not any((site / hidden).is_relative_to(path) for path in paths)
    assert covers(paths, site / "numpy")
    assert covers(paths, site / "torch" / "optim") is (hidden != "torch")


def test_hiding_a_part_of_the_standard_library_leaves_the_rest() -> None:
    library = Path(os.path.realpath(os.__file__)).parent
    paths = readable_paths([str(library / "email")])
    assert not covers(paths, library / "email" / "parser.py")
    assert covers(paths, library / "json" / "decoder.py")


def test_no_other_package_and_no_other_system_library_is_among_them() -> None:
    paths = readable_paths([])
    others = [str(metadata.distribution(name).locate_file(name)) for name in ("pytest", "hypothesis", "click", "torch")]
    others += [*sys.path[-1:], "/usr/lib", "/usr/lib/os-release", "/usr/bin", "/usr/lib/ssl"]
    assert [path for path in others if covers(paths, path)] == []


def test_what_a_package_requires_comes_with_it() -> None:
    site = Path(metadata.distribution("torch").locate_file(""))
    paths = readable_paths([], TORCH)
    for name in ("torchgen", "sympy", "mpmath", "networkx", "jinja2", "markupsafe", "numpy.libs", "msgspec"):
        assert covers(paths, site / name) is (site / name).exists(), name
    assert covers(paths, site / "typing_extensions.py")


def test_a_course_may_list_further_packages() -> None:
    site = Path(metadata.distribution("pytest").locate_file(""))
    paths = readable_paths([], ["pytest"])
    assert all(covers(paths, site / name) for name in ("pytest", "_pytest", "pluggy", "msgspec"))
    assert not covers(paths, site / "click")
    assert readable_paths([], ["no-such-package"]) == readable_paths([], [])


def test_libraries_that_a_module_needs_when_it_is_first_imported_are_among_them() -> None:
    import sqlite3

    paths = readable_paths([])
    assert sqlite3.sqlite_version
    with open("/proc/self/maps", encoding="utf-8") as file:
        loaded = {line.split(maxsplit=5)[5].strip() for line in file if ".so" in line}
    assert [path for path in loaded if os.path.exists(path) and "sqlite" in path and not covers(paths, path)] == []


def test_what_only_says_where_something_is_installed_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package as a link, an editable one, and the files that Python itself follows."""
    information, elsewhere = tmp_path / "planted-1.0.dist-info", tmp_path / "elsewhere"
    information.mkdir()
    elsewhere.mkdir()
    (tmp_path / "planted").symlink_to(elsewhere)
    names = ["planted/__init__.py", "path.pth", "__editable__.planted.py", "one.py", "__pycache__/one.pyc", "../bin/x"]
    for name in names[1:-1]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "__pycache__" / "other.pyc").touch()
    (information / "METADATA").write_text("Name: planted\nVersion: 1.0\nRequires-Dist: x; extra == 'y'\n\nBody")
    (information / "RECORD").write_text("".join(f"{name},,\n" for name in names))
    monkeypatch.syspath_prepend(str(tmp_path))
    found = [path for path in readable_paths([], ["planted"]) if path.startswith(str(tmp_path))]
    assert found == sorted(str(tmp_path / name) for name in ("__pycache__/one.pyc", "elsewhere", "one.py", "planted"))
    hiding = readable_paths([str(elsewhere)], ["planted"])
    assert not {str(elsewhere), str(tmp_path / "planted")} & set(hiding)
