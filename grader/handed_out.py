"""The modules of a course that submissions, solutions and checks may import: files in `exercises/` that `course.toml` names."""

import importlib
import sys
from pathlib import Path

from grader.course_settings import FILENAME, UsageError, read_settings
from grader.toolkit.travelling import SentModules


def module_folder(root: Path) -> Path:
    """Where they lie: beside the files that students edit, so that Python finds them there, too."""
    return root.resolve() / "exercises"


def module_path(root: Path, name: str) -> Path:
    """The file of a module. Raises UsageError if there is none."""
    path = module_folder(root) / f"{name}.py"
    if not path.is_file():
        raise UsageError(f"{path}: missing. {root / FILENAME} names it in modules: write it, or remove the name.")
    return path


def module_sources(root: Path) -> dict[str, str]:
    """Their texts by their names."""
    return {name: module_path(root, name).read_text(encoding="utf-8") for name in read_settings(root).modules}


def make_importable(root: Path) -> None:
    """Import them here, so that `import NAME` finds this course's modules, also after another course."""
    for name, text in module_sources(root).items():
        loader = getattr(sys.modules.get(name), "__loader__", None)
        if isinstance(loader, SentModules) and loader.holds(name, text):
            continue
        sys.modules.pop(name, None)
        finder = SentModules({name: text}, str(module_folder(root)), hides_paths=False)
        sys.meta_path.insert(0, finder)
        try:
            importlib.import_module(name)
        finally:
            sys.meta_path.remove(finder)
