"""A submission's text for showing: its lines as they are, bounded, and marked where a check says so."""

import re
from html import unescape

import pytest

from grader.render.web.code import CHARACTERS, LINE_CHARACTERS, LINES, CodeLine, Gap, code_of
from grader.toolkit.text import visible
from tests.render.web.hostile_page import HOSTILE

STEP = '''import torch


def helper(w):
    return w

def step(
    w,
) -> None:
    """Say what it does.

    With an example.
    """
    a = helper(w)
    return a / 0

# %% [markdown]
def other(): pass
'''


def text_of(line):
    return unescape(re.sub(r"<[^>]*>", "", line.html))


@pytest.mark.parametrize("source", [STEP, *HOSTILE.values(), "\r\n\r", "", "def f(:\n  '''", "\ufeffx = 1"])
def test_the_text_of_every_line_is_kept(source):
    lines = re.split(r"\r\n|\r|\n", source.removeprefix("\ufeff").encode("utf-8", "replace").decode())
    shown = [visible(line.expandtabs(4)).rstrip() for line in lines]
    code = code_of(source.encode("utf-8", "replace"))
    assert [text_of(line) for line in code.lines] == [line.text for line in code.lines] == shown
    assert [line.number for line in code.lines] == list(range(1, len(shown) + 1))
    assert not code.dropped


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_other_encodings_are_read(encoding):
    assert code_of("x = 'é'\n".encode(encoding)).lines[0].text == "x = 'é'"


def test_an_excerpt_is_the_function_without_its_docstring_and_what_is_marked_elsewhere():
    excerpt = code_of(STEP.encode(), {5: "called from here"}).excerpt(7)
    kept = [line.number if isinstance(line, CodeLine) else line.text for line in excerpt]
    assert kept == [3, 4, 5, 6, 7, 8, 9, "4 lines of the docstring not shown", 14, 15]


def test_a_function_that_starts_beyond_the_end_or_nowhere_is_no_trouble():
    assert code_of(b"x = 1\n").excerpt(7) == []
    assert code_of(b"x = 1\n").excerpt(None) == []


def test_lines_left_out_are_counted():
    excerpt = code_of(b"def f():\n" + b"    x = 1\n" * 100, {90: "failed here"}).excerpt(1)
    assert [line.text for line in excerpt if isinstance(line, Gap)] == ["27 lines not shown"]


@pytest.mark.parametrize(
    "source",
    [b" \n" * 500_000, b"x" * 1_000_000, b"@" * 1_000_000, b"\n" * 1_000_000, b'"\\N{' * 250_000, b"\xff" * 1_000_000],
)
def test_hostile_text_is_cut(source):
    code = code_of(source)
    assert len(code.lines) <= LINES
    assert all(len(line.text) <= LINE_CHARACTERS for line in code.lines)
    assert sum(len(line.text) + 1 for line in code.lines) <= CHARACTERS
    assert code.dropped or code.lines[0].text.endswith("…")
