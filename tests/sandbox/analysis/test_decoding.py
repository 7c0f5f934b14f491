"""Python files in odd encodings: each loads as it does in Python, or a message names the file, the trouble and the fix."""

import codecs
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from grader.sandbox.calls.sandboxed_submission import SandboxedSubmission, Trial
from grader.toolkit.verdicts import StudentError

FILENAME = "section1_toy.py"
TEXT = 'def greet():\n    # Grüße\n    return "Grüße"\n'

READABLE = {
    "UTF-8": TEXT.encode(),
    "UTF-8 with a mark": codecs.BOM_UTF8 + TEXT.encode(),
    "UTF-8 with a mark and a declaration": codecs.BOM_UTF8 + b"# coding: utf-8\n" + TEXT.encode(),
    "latin-1, declared": b"# -*- coding: latin-1 -*-\n" + TEXT.encode("latin-1"),
    "latin-1, declared in line 2": b"#!/usr/bin/python\r\n# vim: set fileencoding=iso-8859-15 :\r\n"
    + TEXT.encode("latin-1"),
    "latin-1, declared before a lone CR": b"# coding: latin-1\r" + TEXT.replace("\n", "\r").encode("latin-1"),
    "cp1252, declared": b"# coding: cp1252\n" + TEXT.encode("cp1252"),
    "shift-jis, declared": "# coding: shift_jis\ndef greet():\n    return 'Gr' + chr(252) + chr(223) + 'e'  # 猫\n".encode(
        "shift_jis"
    ),
    "UTF-16, little end first": codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
    "UTF-16, big end first": codecs.BOM_UTF16_BE + TEXT.replace("\n", "\r\n").encode("utf-16-be"),
    "UTF-32": codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),
    "CRLF": TEXT.replace("\n", "\r\n").encode(),
    "lone CR": TEXT.replace("\n", "\r").encode(),
    "all of them": (TEXT.replace("\n", "\r\n", 1) + "\r\r\n").encode(),
    "no end of line": TEXT.rstrip("\n").encode(),
    "a form feed": b"\x0c\n" + TEXT.encode(),
}


@pytest.mark.parametrize("source", READABLE.values(), ids=READABLE.keys())
def test_what_python_reads_is_read_and_utf_16_besides(
    trial: Callable[..., AbstractContextManager[Trial]], source: bytes
) -> None:
    with trial(source) as met:
        assert met.student.greet() == "Grüße"


UNREADABLE = {
    "latin-1": (
        TEXT.encode("latin-1"),
        2,
        "byte 0xfc is not UTF-8 (in latin-1 it is ü).\nSave {} as UTF-8, or declare",
    ),
    "cp1252": (b"\r\n\r\nx = '\x93'\r\n", 3, "byte 0x93 is not UTF-8 (in latin-1 it is “)"),
    "latin-1 in the first line": (b"# \xe9\n", 1, "# coding: latin-1"),
    "latin-1 after a lone CR": (b"x = 1\ry = 2\r# \xe9\r", 3, "byte 0xe9 is not UTF-8"),
    "UTF-8, wrongly declared": (b"# coding: ascii\n" + TEXT.encode(), 3, "not ascii. Save {} as UTF-8"),
    "an unknown encoding": (
        b"# coding: klingon\n" + TEXT.encode(),
        1,
        "unknown encoding: klingon. Save the file as UTF-8",
    ),
    "a mark that contradicts": (codecs.BOM_UTF8 + b"# coding: latin-1\n", 1, "Save the file as UTF-8"),
    "an encoding that is none of text": (b"# coding: hex\n" + TEXT.encode(), 1, "hex cannot be used"),
    "another": (b"# coding: rot13\n", 1, "rot13 cannot be used"),
    "UTF-16 without a mark": (TEXT.encode("utf-16-le"), 1, "It looks like UTF-16: save {} as UTF-8"),
    "half of UTF-16": (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le")[:-1], 3, "not utf-16. Save {} as UTF-8"),
    "a NUL byte": (b"x = 1\ny = '\0'\n", 2, "it holds NUL bytes. It is not text"),
    "a NUL byte by declaration": (
        b"# coding: unicode_escape\nx = '\\x00'\n",
        1,
        "characters that no Python file may hold",
    ),
    "half a character": (b"# coding: unicode_escape\nx = '\\ud800'\n", 1, "characters that no Python file may hold"),
    "a program": (b"\x7fELF\x02\x01\x01" + bytes(9), 1, "it holds NUL bytes"),
}


@pytest.mark.parametrize(("source", "line", "words"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_not_read_gets_its_line_and_a_fix(
    submit: Callable[..., SandboxedSubmission], source: bytes, line: int, words: str
) -> None:
    error = submit(source).outline.error
    assert isinstance(error, StudentError)
    assert error.type == "SyntaxError"
    assert words.format(FILENAME) in error.message
    assert [shown.line for shown in error.lines] == [line]


def test_an_exception_shows_its_line_as_the_file_has_it(trial: Callable[..., AbstractContextManager[Trial]]) -> None:
    source = b"# coding: latin-1\r\x0c\rdef f():\r    raise KeyError('\xfc')\r"
    with trial(source) as met, pytest.raises(StudentError) as caught:
        met.student.f()
    assert [(line.line, line.text) for line in caught.value.lines] == [(4, "raise KeyError('ü')")]
