"""Add the magics to a shell of IPython, and take them away."""

from typing import Any

from grader.notebook.magics import Magics

_PLACE = "grader_magics"  # the shell's attribute that holds them


def load(shell: Any) -> None:
    """Register the magics."""
    magics = Magics(shell)
    magics.register()
    setattr(shell, _PLACE, magics)


def unload(shell: Any) -> None:
    """Unregister them, and end what they started."""
    magics = getattr(shell, _PLACE, None)
    if magics is not None:
        magics.unregister()
        delattr(shell, _PLACE)
