"""Parts of this repository's own course, which tests of the engine use, too."""

from types import ModuleType
from typing import Any

from grader.course_modules import module_of
from tests.paths import ROOT


def course_module(name: str) -> ModuleType:
    """The module "room.module" of the course."""
    found = module_of(ROOT, name)
    assert found is not None, name
    return found


def from_course(name: str, *names: str) -> Any:
    """What these names stand for in a module of the course: one value for one name, else a tuple."""
    module = course_module(name)
    found = tuple(getattr(module, one) for one in names)
    return found[0] if len(found) == 1 else found
