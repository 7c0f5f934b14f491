"""Decode and parse a Python file as Python does, with errors that say how to fix the file.

Runs in a worker, because the file itself names the codec.
"""

import ast
import codecs
import io
import tokenize
import warnings
from collections.abc import Collection

from grader.submission.not_python import explained
from grader.submission.notebook_cells import ParsedSource
from grader.submission.top_level import left_out

_MARKS = {  # the longer ones first: one of UTF-16's begins one of UTF-32's
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

for _codec in ("latin-1", "cp1252", "utf-8-sig", "utf-16", "utf-32"):
    codecs.lookup(_codec)  # imported now: a confined worker cannot open any file on some machines


def lines(source: bytes, filename: str) -> list[str]:
    """The lines for tracebacks, for any bytes."""
    try:
        text = decode(source, filename)
    except SyntaxError:
        text = source.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return io.StringIO(text).readlines()


def tree(source: bytes, filename: str) -> ast.Module:
    """The syntax tree. Raises SyntaxError if there is none."""
    text = decode(source, filename)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text, filename)
        except SyntaxError as error:
            raise explained(error, text) from None


def parts(source: bytes, filename: str, exercises: Collection[str] = ()) -> ParsedSource:
    """The code of the file, without statements that no exercise can notice. Raises SyntaxError if it does not compile."""
    text = decode(source, filename)
    whole = compile(text, filename, "exec", dont_inherit=True)  # refuses more than parsing does
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = ast.parse(text, filename)
    out = left_out(module.body, exercises)
    if not out:
        return ParsedSource(codes=[whole])
    module.body = [node for place, node in enumerate(module.body) if place not in out]
    return ParsedSource(codes=[compile(module, filename, "exec", dont_inherit=True)])


def decode(source: bytes, filename: str) -> str:
    """Return the text with plain line ends. Raise SyntaxError, with a line, if it cannot be decoded.

    Beyond what Python reads: UTF-16 and UTF-32 with a byte order mark, as Windows editors write them.
    """
    text = _decode(source, encoding_of(source, filename), filename)
    if "\0" in text or not _encodable(text):
        raise _error(f"characters that no Python file may hold. Save {filename} as UTF-8", source, 0, filename)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def encoding_of(source: bytes, filename: str) -> str:
    """The name of the codec, which also writes the byte order mark that the file has. Raises SyntaxError for binary data."""
    encoding = next((name for mark, name in _MARKS.items() if source.startswith(mark)), None)
    if encoding is None and b"\0" in source:
        advice = "It looks like UTF-16" if source.count(b"\0") > len(source) // 4 else "It is not text"
        raise _error(f"it holds NUL bytes. {advice}: save {filename} as UTF-8", source, source.index(b"\0"), filename)
    return encoding or _declared(source, filename)


def _declared(source: bytes, filename: str) -> str:
    """The encoding that the first two lines declare (PEP 263); UTF-8 if they do not."""
    try:
        return tokenize.detect_encoding(io.BytesIO(_plain(source)).readline)[0]
    except SyntaxError as error:
        try:
            source.decode("utf-8-sig")
        except UnicodeDecodeError:
            return "utf-8-sig"  # its error gives the position
        advice = "Save the file as UTF-8 and leave the declaration out"
        raise _error(f"{str(error.msg).split(' for ')[0]}. {advice}", source, 0, filename) from None


def _decode(source: bytes, encoding: str, filename: str) -> str:
    try:
        return source.decode(encoding)
    except UnicodeDecodeError as error:
        if not encoding.startswith("utf-8"):
            raise _error(f"not {encoding}. Save {filename} as UTF-8", source, error.start, filename) from None
        byte = source[error.start : error.start + 1]
        guess = byte.decode("cp1252", "replace")
        raise _error(
            f"byte 0x{byte.hex()} is not UTF-8 (in latin-1 it is {guess}).\nSave {filename} as UTF-8, or declare in its "
            "first line what it is: # coding: latin-1",
            source,
            error.start,
            filename,
        ) from None
    except Exception as error:  # codecs that are not for text, or that raise their own errors
        reason = f"the declared encoding {encoding} cannot be used ({type(error).__name__}). Save {filename} as UTF-8"
        raise _error(reason, source, 0, filename) from None


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _error(reason: str, source: bytes, offset: int, filename: str) -> SyntaxError:
    """The error for the byte at `offset`."""
    before = _plain(source[:offset])
    start = offset - (len(before) - before.rfind(b"\n") - 1)
    text = _plain(source[start : start + 200]).split(b"\n")[0].decode("utf-8", "replace")
    return SyntaxError(reason, (filename, before.count(b"\n") + 1, 1, text))


def _plain(source: bytes) -> bytes:
    """The bytes with plain line ends."""
    return source.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
