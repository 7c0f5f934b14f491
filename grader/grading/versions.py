"""The versions that a Report names. Nothing of what they are of is imported for it."""

import platform
from functools import cache
from importlib.metadata import version

from grader import __version__


def versions() -> dict[str, str]:
    """The grader, Python, and the libraries that numbers depend on."""
    packages = {name: _version(name) for name in ("torch", "numpy", "hypothesis")}
    return {"grader": __version__, "python": platform.python_version(), **packages}


_version = cache(version)  # of what is imported: it stays, whatever is installed meanwhile
