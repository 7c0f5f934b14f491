"""The versions of the grader, of Python and of the libraries that numbers depend on."""

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from grader import __version__

NOT_INSTALLED = "not installed"  # as torch may be, beside a course in numpy


@cache  # of the imported packages: a later installation changes nothing here
def version_of(package: str) -> str:
    """The installed version of a package, or `NOT_INSTALLED`."""
    try:
        return version(package)
    except PackageNotFoundError:
        return NOT_INSTALLED


def versions() -> dict[str, str]:
    """The versions to keep beside a grade."""
    packages = {name: version_of(name) for name in ("torch", "numpy", "hypothesis")}
    return {"grader": __version__, "python": platform.python_version(), **packages}
