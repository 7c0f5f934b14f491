"""Cells of a spreadsheet: no text is a formula, numbers are numbers, and every text comes back from a CSV reader."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.render.export.cells import kept_cell, table, text_cell
from grader.render.words import short_number

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\u00a0=1",
    '=HYPERLINK("x")',
    "＝1",
    "\r\n@x",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_looks_like_a_formula_is_text(text):
    assert text_cell(text).startswith("'")
    assert table([[text]]).decode().lstrip('"').startswith("'")


@given(st.text(st.characters(codec="utf-8")))
def test_no_text_begins_like_a_formula(text):
    shown = text_cell(text).lstrip()
    assert not shown or shown[0] not in "=+-@\t\r＝＋－＠"
    assert text_cell(text)[:1] not in ("\t", "\r", "\n")
    assert text_cell(text_cell(text)) == text_cell(text)


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=2, max_size=2)))
def test_a_reader_finds_the_cells_again(rows):
    read = list(csv.reader(io.StringIO(table(rows).decode(), newline="")))
    assert read == [[text_cell(cell) for cell in row] for row in rows]


def test_names_come_through():
    names = ['Boole, "Bob"', "Zoë Müller", "李 雷", "two\nlines", "O'Neill"]
    read = list(csv.reader(io.StringIO(table([names]).decode(), newline="")))
    assert read == [names]


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (15.0, "15"), (9.5, "9.5"), (1 / 3, "0.333333"), (-1.5, "-1.5"), (100.0, "100")]
)
def test_numbers_are_numbers(value, text):
    assert short_number(value) == text
    assert table([[value, None]]) == f"{text},\r\n".encode()


def test_numbers_of_a_platforms_table_stay():
    assert [kept_cell(text) for text in ("-5", "7,5", "90.00", "=1", "")] == ["-5", "7,5", "90.00", "'=1", ""]
    assert table([[kept_cell("-5")]]) == b"-5\r\n"
