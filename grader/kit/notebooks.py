"""A section's file as a Jupyter notebook, with a cell to grade each exercise, and back; nobody's work is overwritten."""

import ast
import os
import re
import shlex
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat

from grader.course import Course, Section, UsageError
from grader.grading.records import Records, digest, replace_file
from grader.kit import py_percent
from grader.kit.reset import back_up, handed_out
from grader.predictions import NAME
from grader.sandbox.analysis.notebook_cells import AROUND_PYTHON, MAGIC

METADATA = (
    "grader"  # of the notebook: its section, and whether lines end as on Windows; of a cell: its marker, empty lines
)
LOADS = "%load_ext grader"
_OURS = re.compile(r"\s*(%load_ext\s+grader|%reload_ext\s+grader|%grade\b.*|%hint\b.*|%predict\b.*)?\s*")
_DEFINITION = re.compile(r"^(?:async\s+def|def|class)\s+(\w+)", re.MULTILINE)
_KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
_BETWEEN = 2  # empty lines below a cell that somebody added


@dataclass(frozen=True)
class Conversion:
    """A file that was written, what it was made from, and where the one before it is kept, if there was another.

    `broken` is the line where a written Python file can be read no further, if there is one.
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
    """The section's file of a notebook: cells that only grade are left out, and magics become comments."""
    kept = [cell for cell in notebook.cells if not (cell.cell_type == "code" and _only_grades(cell.source))]
    text = py_percent.join([_from_notebook(cell, last=number == len(kept) - 1) for number, cell in enumerate(kept)])
    return text.replace("\n", "\r\n") if _about(notebook).get("windows") is True else text


def read(path: Path) -> Any:
    """Read a notebook.

    Raises:
        UsageError: there is none, or it cannot be read.
    """
    try:
        return _parsed(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}. Make one: grade notebook SECTION") from None
    except ValueError:
        raise UsageError(f"{path}: not a notebook that can be read. Open it in Jupyter and save it again.") from None


def write_notebook(course: Course, section: Section, target: Path | None, force: bool, now: datetime) -> Conversion:
    """Make a notebook of the student's own file, beside it unless there is another `target`.

    Raises:
        UsageError: a notebook with work that is not in the file would be overwritten, and not by `force`.
    """
    text = _text(section)
    path = target or section.exercise.with_suffix(".ipynb")
    bring = f"grade notebook {shlex.quote(str(path))}"
    hint = f"Bring it over: {bring}\nOr replace it, and keep it aside: grade notebook {section.id} --force"
    _expect_kind(path, ".ipynb", f"grade notebook {section.id}")
    data = nbformat.writes(make(section, text)).encode() + b"\n"
    return _write(course, section, (section.exercise, text), (path, data), None if force else hint, now)


def write_python(course: Course, source: Path, target: Path | None, force: bool, now: datetime) -> Conversion:
    """Make a section's file of a notebook: beside it, or of the kit's notebook the student's file, unless there is a `target`.

    Raises:
        UsageError: a file with work that is not in the notebook would be overwritten, and not by `force`.
    """
    notebook = read(source)
    section = _section_of(course, source, notebook)
    kits = section.notebooks[1]
    path = target or (section.exercise if source.resolve() == kits.resolve() else source.with_suffix(".py"))
    hint = f"Look at both, then replace it, and keep it aside: grade notebook {shlex.quote(str(source))} --force"
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
    """Write the target; with a `hint` only if that loses nothing, since the other form has had all of it."""
    (path, data), records, backup = target, Records(course), None
    try:
        old = path.read_bytes() if path.exists() else None
        if old is not None and old != data:
            if hint is not None and not _is_elsewhere(old, path, section, source[1], records):
                raise UsageError(
                    f"{path}: it is there already, and holds work that is not in {source[0].name}.\n{hint}"
                )
            backup = back_up(course, path, old, now)
        replace_file(path, data)
        made = source[0].stat()  # as old as what it is made from: which of the two was edited later can then be told
        os.utime(path, ns=(made.st_atime_ns, made.st_mtime_ns))
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}. Name another file: --out FILE") from None
    records.note_carried(section, digest(source[1].encode()))
    return Conversion(section, source[0], path, backup)


def _broken_line(text: str) -> int | None:
    """The line where a Python file can be read no further; None if all of it can."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error.lineno or 1
    except (ValueError, RecursionError, MemoryError):
        return 1
    return None


def _is_elsewhere(old: bytes, path: Path, section: Section, text: str, records: Records) -> bool:
    """Whether what a file holds was carried over from or to the other form at some time, or is as it was handed out."""
    try:
        held = text_of(_parsed(old)) if path.suffix == ".ipynb" else old.decode("utf-8")
    except ValueError:
        return False
    same = {text, handed_out(section)}
    return held in same or held.replace("\r\n", "\n") in same or digest(held.encode()) in records.carried(section)


def _text(section: Section) -> str:
    path, again = section.exercise, f"then: grade notebook {section.id}"
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}. Bring it back: grade reset {section.id}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: this is not UTF-8 text. Save it as UTF-8, {again}") from None


def _parsed(data: bytes) -> Any:
    """A notebook; ValueError, which every error of JSON and of nbformat is or becomes, if it is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return nbformat.reads(data.decode("utf-8-sig"), as_version=4)
    except Exception as error:  # of a file that is no notebook, nbformat says so in a dozen ways
        raise ValueError(str(error)) from None


def _section_of(course: Course, path: Path, notebook: Any) -> Section:
    named = [section for section in course.sections if section.stem in path.stem]
    named += [section for section in course.sections if section.stem == _about(notebook).get("section")]
    if not named:
        stem = course.sections[0].stem if course.sections else "sectionN_name"
        raise UsageError(
            f"{path}: which section is it of? Name it as the section's file is named, such as {stem}.ipynb"
        )
    return named[0]


def _expect_kind(path: Path, suffix: str, command: str) -> None:
    if path.suffix != suffix:
        raise UsageError(f"{path}: this would be written as a {suffix} file. Try: {command} --out {path.stem}{suffix}")


def _only_grades(source: str) -> bool:
    """Whether a cell has nothing but orders to this grader in it."""
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
    """What we noted in the metadata of a notebook or of a cell."""
    noted = part.metadata.get(METADATA)
    return noted if isinstance(noted, dict) else {}


def _count(value: Any, usual: int) -> int:
    return value if isinstance(value, int) and 0 <= value < 1000 else usual


def _commented(source: str) -> Iterator[str]:
    """The lines of a code cell, with magics as comments, so that a Python file may hold them."""
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
