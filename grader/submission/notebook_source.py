"""Take the code cells out of a notebook: its JSON is read here, its code only ever in a worker (`notebook_cells.py`)."""

import re
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from grader.submission.notebook_cells import mark
from grader.submission.reflections import as_comments, is_reflection

if TYPE_CHECKING:
    from grader.submission.refusals import ExpectedFile

_CONFLICT = re.compile(rb"^[<>]{7} ", re.MULTILINE)
_Text = str | list[str] | None


class _Cell(msgspec.Struct):
    """`source` is where nbformat 4 keeps the text, `input` where 3 does for code; fields that are not named are skipped."""

    cell_type: str
    source: _Text = None
    input: _Text = None


class _Sheet(msgspec.Struct):
    """A worksheet of nbformat 3."""

    cells: list[_Cell]


class _Notebook(msgspec.Struct):
    cells: list[_Cell] | None = None
    worksheets: Annotated[list[_Sheet], Meta(max_length=100)] | None = None
    metadata: msgspec.Raw = msgspec.Raw(b"{}")


class _Kernel(msgspec.Struct):
    language: str = "python"


class _Metadata(msgspec.Struct):
    kernelspec: _Kernel = msgspec.field(default_factory=_Kernel)


class _About(msgspec.Struct):
    section: str = ""


class _Made(msgspec.Struct):
    """The entry that `grade notebook` writes into a notebook's metadata."""

    grader: _About = msgspec.field(default_factory=_About)


_decode = msgspec.json.Decoder(_Notebook).decode
_decode_made = msgspec.json.Decoder(_Made).decode
_decode_metadata = msgspec.json.Decoder(_Metadata).decode


def source_of(data: bytes, place: str, wanted: "ExpectedFile") -> tuple[bytes, str]:
    """Return the text of the code cells, each below its mark, and the stem of the section that the notebook was made for.

    The student's reflection comes last, as comments, which do not run. Raises UsageError if this is not a Python notebook.
    """
    try:
        notebook = _decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, RecursionError, ValueError, OverflowError) as error:
        if _CONFLICT.search(data):
            raise wanted.conflict(place) from None
        raise wanted.no_notebook(place, error) from None
    sheets = [_Sheet(notebook.cells)] if notebook.cells is not None else notebook.worksheets
    if sheets is None:
        raise wanted.without_cells(place)
    language = _language(notebook.metadata)
    if language != "python":
        raise wanted.other_language(place, language)
    every = [(cell.cell_type, _text(cell)) for sheet in sheets for cell in sheet.cells]
    written = [as_comments(text) for kind, text in every if kind == "markdown" and is_reflection(text)]
    cells = [*(text for kind, text in every if kind == "code"), *written[-1:]]
    source = "".join(mark(number) + text + "\n" for number, text in enumerate(cells, 1) if text.strip())
    return source.encode("utf-8", "replace"), _section(notebook.metadata)


def _section(metadata: msgspec.Raw) -> str:
    """The section's stem that `grade notebook` wrote into the metadata; "" if it did not make this notebook."""
    try:
        return _decode_made(metadata).grader.section
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return ""


def _language(metadata: msgspec.Raw) -> str:
    try:
        return _decode_metadata(metadata).kernelspec.language.lower()
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return "python"  # a notebook need not tell


def _text(cell: _Cell) -> str:
    """A cell's text with plain line ends, and without what would look like a mark."""
    source = cell.source if cell.source is not None else cell.input
    text = source if isinstance(source, str) else "".join(source or ())
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
