"""Text from a submission becomes harmless, bounded, and stays readable."""

import math
import sys
import unicodedata
from pathlib import PureWindowsPath

import pytest

from grader.toolkit.text import SENTENCES_LIMIT, clean, harmless, number_text, one_line, plural, shell_word


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, ünïcode, 数 and → stay", "plain, ünïcode, 数 and → stay"),
        ("a\tb", "a   b"),
        ("one\r\ntwo\n", "one\ntwo\n"),
        ("one\rtwo", "one\\x0dtwo"),
        ("\x1b[31mred\x07\x00", "\\x1b[31mred\\x07\\x00"),
        ("\x9b31m\x85", "\\x9b31m\\x85"),
        ("\u202eabc\u2066\u200b\ufeff", "\\u202eabc\\u2066\\u200b\\ufeff"),
        ("\ud800 \udfff", "\\ud800 \\udfff"),
        ("a\u2028b\u2029c", "a\\u2028b\\u2029c"),
        ("\ue000\uffff", "\\ue000\\uffff"),
        ("ada\u3164\u115f\u034f", "ada\\u3164\\u115f\\u034f"),
        ("\x0b\x0c\x1c\x1e", "\\x0b\\x0c\\x1c\\x1e"),
    ],
)
def test_what_is_invisible_is_written_out_and_the_rest_is_kept(text, shown):
    assert clean(text) == shown


def test_no_character_at_all_escapes_but_the_line_break():
    everything = clean("".join(map(chr, range(sys.maxunicode + 1))), limit=sys.maxunicode + 1)
    assert {char for char in everything if unicodedata.category(char)[0] == "C" or char in "\u2028\u2029"} == {"\n"}
    everything.encode("utf-8")


def test_cleaning_twice_changes_nothing_more():
    text = clean("\x1b[0m\r\n\tx\u202e" * 30)
    assert clean(text) == text


def test_a_flood_is_cut_and_says_by_how_much():
    text = clean("ab\n" * 10_000, limit=300)
    assert text.splitlines()[-1] == "… (29700 more characters)"
    assert len(text) < 350


def test_a_long_line_is_cut_and_the_next_one_kept():
    first, second = clean("x" * 900 + "\nnext").split("\n")
    assert len(first) == SENTENCES_LIMIT
    assert first.endswith("…")
    assert second == "next"


def test_a_long_message_of_a_library_is_not_cut():
    message = "Trying to backward through the graph a second time. " * 8
    assert clean(message) == message


@pytest.mark.parametrize("text", ["", " a  b ", "a\nb\r\nc", "\x00" * 500, "x" * 500, "x " * 500, "\n" * 5000])
@pytest.mark.parametrize("limit", [10, 80])
def test_one_line_is_one_line_of_bounded_length(text, limit):
    line = one_line(text, limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1
    assert line == line.strip()


def test_one_line_keeps_what_fits():
    assert one_line("a\n  b\tc", 5) == "a b c"
    assert one_line("123456", 6) == "123456"
    assert one_line("1234567", 6) == "12345…"


def test_only_one_is_singular():
    assert [plural(count, "check") for count in (0, 1, 2)] == ["0 checks", "1 check", "2 checks"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a.py: not found.\nTry: grade 4", "a.py: not found.\nTry: grade 4"),
        ("\x1b]0;x\x07\u202e.py: not found", "\\x1b]0;x\\x07\\u202e.py: not found"),
        ("::error::x.py: not found", "| ::error::x.py: not found"),
        ("two of them:\n  ::add-mask::x", "two of them:\n|   ::add-mask::x"),
        ("a##vso[task.complete]##[error]b", "a##vso [task.complete]## [error]b"),
    ],
)
def test_a_message_with_a_strangers_names_gives_no_orders(text, shown):
    assert harmless(text) == shown
    assert len(harmless("x" * 1000)) == 1000  # a command to type is not cut


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("exercises/section4_momentum.py", r"exercises\section4_momentum.py"),
        (r"C:\Users\Zoë\kit", r"C:\Users\Zoë\kit"),
        (r"C:\Users\Ana Lima\OneDrive - ETH\kit", r'"C:\Users\Ana Lima\OneDrive - ETH\kit"'),
        (r"D:\A&B (1)\it's", r'''"D:\A&B (1)\it's"'''),
    ],
)
def test_a_path_of_windows_is_typed_as_its_shells_read_it(path, typed):
    assert shell_word(str(PureWindowsPath(path)), windows=True) == typed


def test_a_path_of_linux_is_typed_as_a_posix_shell_reads_it():
    assert shell_word("it's here", windows=False) == "'it'\"'\"'s here'"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0.0000"),
        (1.5, "1.5000"),
        (-2.00004, "-2.0000"),
        (0.001, "0.0010"),
        (0.0009, "9.0000e-04"),
        (99999.0, "99999.0000"),
        (1e5, "1.0000e+05"),
        (-1e-12, "-1.0000e-12"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
    ],
)
def test_a_number_keeps_its_digits_however_small_or_large(number, text):
    assert number_text(number) == text


def test_all_digits_tell_neighbours_apart():
    for value in (1e-9, 0.1, 1.0, 12345.678, 1e17):
        assert number_text(value, 17) != number_text(math.nextafter(value, math.inf), 17)
