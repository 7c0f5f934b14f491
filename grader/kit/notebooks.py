"""Convert a section's file to a Jupyter notebook with grading cells, and back. No conversion overwrites a student's work."""

import ast
import os
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat

from grader.course import Course, UsageError
from grader.grading.records import Records, digest, replace_file
from grader.kit import py_percent
from grader.kit.reset import back_up, handed_out
from grader.predictions import NAME
from grader.section import Section
from grader.submission.not_python import MAGIC
from grader.submission.notebook_cells import AROUND_PYTHON
from grader.submission.python_file import encoding_of
from grader.toolkit.text import shell_word

# Of the notebook: its section, and whether lines end as on Windows. Of a cell: its marker, and its empty lines.
METADATA = "grader"
LOADS = "%load_ext grader"
_OURS = re.compile(r"\s*(%load_ext\s+grader|%reload_ext\s+grader|%grade\b.*|%hint\b.*|%predict\b.*)?\s*")
_DEFINITION = re.compile(r"^(?:async\s+def|def|class)\s+(\w+)", re.MULTILINE)
_KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
_BETWEEN = 2  # empty lines below a cell that a student added


@dataclass(frozen=True)
class Conversion:
    """A written file, its source, and the backup of the file that it replaced, if there was another.

    `broken` is the line of the first syntax error in a written Python file, if there is one.
    """

    section: Section
    source: Path
    path: Path
    backup: Path | None
    broken: int | None = None


def make(section: Section, text: str) -> Any:
    """The notebook of a section's file."""
    windows = "\r\n" in text and "\n" not in text.replace("\r\n", "")
    cells = [nbformat.v4.new_code_cell(LOADS)]
    for cell in py_percent.split(text.replace("\r\n", "\n") if windows else text):
        cells.append(_to_notebook(cell))
        if cell.kind == "code":
            named = [name for name in dict.fromkeys(_DEFINITION.findall(cell.text)) if name in section.functions]
            cells += [nbformat.v4.new_code_cell(f"%grade {' '.join(named)}")] if named else []
            if section.questions and re.search(rf"(?m)^{NAME}\b", cell.text):
                cells.append(nbformat.v4.new_code_cell(f"%predict {section.id}"))
    for number, made in enumerate(cells):
        made["id"] = f"cell-{number}"  # the same file makes the same notebook
    about = {"section": section.stem, **({"windows": True} if windows else {})}
    return nbformat.v4.new_notebook(cells=cells, metadata={**_KERNEL, METADATA: about})


def text_of(notebook: Any) -> str:
    """The section's file from a notebook, without cells that only grade. Magics become comments."""
    kept = [cell for cell in notebook.cells if not (cell.cell_type == "code" and _only_grades(cell.source))]
    text = py_percent.join([_from_notebook(cell, last=number == len(kept) - 1) for number, cell in enumerate(kept)])
    return text.replace("\n", "\r\n") if _about(notebook).get("windows") is True else text


def read(path: Path) -> Any:
    """Read a notebook.

    Raises:
        UsageError: it is missing, or it cannot be read.
    """
    try:
        return _parsed(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}. Make one: grade notebook SECTION") from None
    except ValueError:
        raise UsageError(f"{path}: not a notebook that can be read. Open it in Jupyter and save it again.") from None


def write_notebook(course: Course, section: Section, target: Path | None, force: bool, now: datetime) -> Conversion:
    """Convert the student's own file to a notebook, at `target` or else beside the file.

    Raises:
        UsageError: without `force`, if this would overwrite a notebook with work that is not in the file.
    """
    text = _text(section)
    path = target or section.exercise.with_suffix(".ipynb")
    bring = f"grade notebook {shell_word(str(path))}"
    hint = f"Copy that work into the file: {bring}\nOr replace the notebook, with a backup: grade notebook {section.id} --force"
    _expect_kind(path, ".ipynb", f"grade notebook {section.id}")
    data = nbformat.writes(make(section, text)).encode() + b"\n"
    return _write(course, section, (section.exercise, text), (path, data), None if force else hint, now)


def write_python(course: Course, source: Path, target: Path | None, force: bool, now: datetime) -> Conversion:
    """Convert a notebook to a Python file: at `target`, else beside it; the kit's notebook becomes the file in exercises/.

    Raises:
        UsageError: without `force`, if this would overwrite a file with work that is not in the notebook.
    """
    notebook = read(source)
    section = _section_of(course, source, notebook)
    kits = section.notebooks[1]
    path = target or (section.exercise if source.resolve() == kits.resolve() else source.with_suffix(".py"))
    hint = f"Compare both. To replace the file, with a backup: grade notebook {shell_word(str(source))} --force"
    _expect_kind(path, ".py", f"grade notebook {source}")
    text = text_of(notebook)
    written = _write(course, section, (source, text), (path, text.encode()), None if force else hint, now)
    return replace(written, broken=_broken_line(text))


def _write(
    course: Course,
    section: Section,
    source: tuple[Path, str],
    target: tuple[Path, bytes],
    hint: str | None,
    now: datetime,
) -> Conversion:
    """Write the target. With a `hint`, refuse if the target holds work that the source never had."""
    (path, data), records, backup = target, Records(course), None
    try:
        old = path.read_bytes() if path.exists() else None
        if old is not None and old != data:
            if hint is not None and not _was_carried(old, path, section, source[1], records):
                raise UsageError(f"{path}: this file exists, and holds work that is not in {source[0].name}.\n{hint}")
            backup = back_up(course, path, old, now)
        replace_file(path, data)
        made = source[0].stat()  # as old as its source, so that the file with the later edit is the newer one
        os.utime(path, ns=(made.st_atime_ns, made.st_mtime_ns))
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}. Name another file: --out FILE") from None
    records.note_carried(section, digest(source[1].encode()))
    return Conversion(section, source[0], path, backup)


def _broken_line(text: str) -> int | None:
    """The line of the first syntax error; None if there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error.lineno or 1
    except (ValueError, RecursionError, MemoryError):
        return 1
    return None


def _was_carried(old: bytes, path: Path, section: Section, text: str, records: Records) -> bool:
    """Whether a conversion once read or wrote this content, or it is the stub."""
    try:
        held = text_of(_parsed(old)) if path.suffix == ".ipynb" else old.decode("utf-8")
    except ValueError:
        return False
    same = {text, handed_out(section)}
    return held in same or held.replace("\r\n", "\n") in same or digest(held.encode()) in records.carried(section)


def _text(section: Section) -> str:
    path, again = section.exercise, f"then: grade notebook {section.id}"
    try:
        data = path.read_bytes()
        return data.decode(encoding_of(data, path.name))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}. Bring it back: grade reset {section.id}") from None
    except (SyntaxError, UnicodeDecodeError):
        raise UsageError(f"{path}: this is not UTF-8 text. Save it as UTF-8, {again}") from None


def _parsed(data: bytes) -> Any:
    """The notebook. Raises ValueError for anything else."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return nbformat.reads(data.decode("utf-8-sig"), as_version=4)
    except Exception as error:  # nbformat raises many kinds
        raise ValueError(str(error)) from None


def _section_of(course: Course, path: Path, notebook: Any) -> Section:
    named = [section for section in course.sections if section.stem in path.stem]
    named += [section for section in course.sections if section.stem == _about(notebook).get("section")]
    if not named:
        stem = course.sections[0].stem if course.sections else "sectionN_name"
        raise UsageError(
            f"{path}: which section is it of? Rename it to the name of the section's file, such as {stem}.ipynb"
        )
    return named[0]


def _expect_kind(path: Path, suffix: str, command: str) -> None:
    if path.suffix != suffix:
        raise UsageError(f"{path}: the output is a {suffix} file. Try: {command} --out {path.stem}{suffix}")


def _only_grades(source: str) -> bool:
    """Whether a cell holds only magics of this grader."""
    return bool(source.strip()) and all(map(_OURS.fullmatch, source.split("\n")))


def _to_notebook(cell: py_percent.Cell) -> Any:
    new: dict[str, Callable[..., Any]] = {
        "code": nbformat.v4.new_code_cell,
        "markdown": nbformat.v4.new_markdown_cell,
        "raw": nbformat.v4.new_raw_cell,
    }
    layout = {"marker": cell.marker, "above": cell.above, "below": cell.below}
    return new[cell.kind](cell.text, metadata={METADATA: layout})


def _from_notebook(cell: Any, last: bool) -> py_percent.Cell:
    layout = _about(cell)
    kind = cell.cell_type if cell.cell_type in py_percent.MARKERS else "code"
    text = cell.source if kind != "code" else "\n".join(_commented(cell.source))
    marker = layout.get("marker", py_percent.MARKERS[kind])
    if not isinstance(marker, str) or "\n" in marker:
        marker = py_percent.MARKERS[kind]
    above, below = (
        _count(layout.get(name), usual) for name, usual in (("above", 0), ("below", 1 if last else _BETWEEN))
    )
    return py_percent.Cell(kind, text, marker, above, below)


def _about(part: Any) -> dict[str, Any]:
    """Our part of the metadata of a notebook or cell."""
    noted = part.metadata.get(METADATA)
    return noted if isinstance(noted, dict) else {}


def _count(value: Any, usual: int) -> int:
    return value if isinstance(value, int) and 0 <= value < 1000 else usual


def _commented(source: str) -> Iterator[str]:
    """The lines of a code cell, with magics as comments."""
    lines = source.split("\n")
    if lines[0].startswith("%%") and lines[0].split()[0] not in AROUND_PYTHON:
        yield from (f"# {line}" for line in lines)
        return
    if lines[0].startswith("%%"):
        lines[0] = f"# {lines[0]}"
    for _ in lines:
        try:
            ast.parse("\n".join(lines))
        except SyntaxError as error:
            place = (error.lineno or 0) - 1
            if 0 <= place < len(lines) and MAGIC.match(lines[place]):
                lines[place] = re.sub(r"(\S.*)", r"pass  # \1" if lines[place][0].isspace() else r"# \1", lines[place])
                continue
        except (ValueError, RecursionError, MemoryError):
            pass
        break
    yield from lines
