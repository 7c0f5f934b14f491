"""Collect the files of the grader and of a course, and zip them."""

import io
import zipfile
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import grader
from grader.course import Course, UsageError
from grader.course_modules import module_path
from grader.course_settings import FILENAME as SETTINGS
from grader.section import CHECKS, Section

PACKAGE = Path(grader.__file__).resolve().parent
PROJECT = ("pyproject.toml", "README.md", "LICENSE")  # pip needs them to install the grader
DATA = "data"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_SKIPPED = ("__pycache__", ".pyc")

Files = dict[str, bytes]  # by path in the archive, with slashes


def grader_files() -> Files:
    """The installed package, and what pip needs to install it.

    Raises:
        UsageError: it was not installed from a checkout.
    """
    files = {f"grader/{name}": data for name, data in below(PACKAGE).items()}
    for name in PROJECT:
        path = PACKAGE.parent / name
        if not path.is_file():
            raise UsageError(
                f"{path}: not there. To pack the grader, install it from its repository: pip install -e FOLDER"
            )
        files[name] = path.read_bytes()
    return files


def settings_file(course: Course) -> Files:
    """The course's course.toml, if there is one."""
    path = course.root / SETTINGS
    return {SETTINGS: path.read_bytes()} if path.is_file() else {}


def room_files(course: Course, sections: Sequence[Section]) -> Files:
    """The rooms of these sections and the shared modules, unchanged."""
    others = {section.stem for section in course.sections} - {section.stem for section in sections}
    found = below(course.checks).items()
    return {f"{CHECKS}/{name}": data for name, data in found if name.partition("/")[0] not in others}


def in_kit(name: str) -> bool:
    """Whether a student kit has this file of `checks/`: neither mistakes nor proposals for some."""
    return name.endswith((".py", ".toml")) and "/mistakes" not in name


def data_files(course: Course) -> Files:
    """All data of a course, without links to caches."""
    return {f"{DATA}/{name}": data for name, data in below(course.root / DATA).items()}


def module_files(course: Course) -> Files:
    """The modules that submissions may import."""
    return {f"exercises/{name}.py": module_path(course.root, name).read_bytes() for name in course.settings.modules}


def handed_out(course: Course) -> Files:
    """The files that `course.toml` hands out.

    Raises:
        UsageError: there is no such file.
    """
    found = [path for pattern in course.settings.hand_out for path in paths_of(course, pattern)]
    return {path.relative_to(course.root).as_posix(): path.read_bytes() for path in found}


def paths_of(course: Course, pattern: str) -> list[Path]:
    """The files of one pattern in `hand_out`. Raises UsageError if there is none."""
    found = sorted(path for path in course.root.glob(pattern) if path.is_file() and not path.is_symlink())
    if not found:
        settings = course.root / SETTINGS
        line = settings.read_text(encoding="utf-8-sig").partition(f'"{pattern}"')[0].count("\n") + 1
        raise UsageError(f"{settings}:{line}: hand_out: there is no file {pattern}. Correct the name, or remove it.")
    return found


def below(folder: Path, suffix: str = "") -> Files:
    """The regular files of a folder by their paths in it, without links, hidden files and compiled Python."""
    paths = [path for path in folder.rglob(f"*{suffix}") if path.is_file() and not path.is_symlink()]
    parts = {path.relative_to(folder): path for path in paths}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in sorted(parts.items())
        if not any(part.startswith(".") or part.endswith(_SKIPPED) for part in name.parts)
    }


def zipped(
    files: Iterable[tuple[str, bytes]], executable: Collection[str] = (), private: Collection[str] = ()
) -> bytes:
    """A zip archive of the files, which may be made one by one. The same files in the same order give the same bytes."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in files:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix: the permissions below are Unix permissions
            mode = 0o755 if name in executable else 0o600 if name in private else 0o644
            entry.external_attr = mode << 16
            target.writestr(entry, data)
    return archive.getvalue()
