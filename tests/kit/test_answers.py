"""Answers are written where they belong, in any file that can be read; every other byte stays."""

import json

import nbformat
import pytest

from grader.course import UsageError
from grader.kit.answers import answers_of, write_answers
from grader.kit.notebooks import make


@pytest.fixture
def section(asking_course):
    return asking_course.sections[0]


ANSWERS = {"mean_of_three": 2.5, "sign": 'it "stays"'}


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_file_of_any_system(section, mark, end):
    data = mark + (section.exercise.read_bytes() + "# é\n".encode()).replace(b"\n", end)
    section.exercise.write_bytes(data)
    write_answers(section, section.exercise, ANSWERS)
    changed = data.replace(b'_three": None', b'_three": 2.5').replace(b'"sign": None', rb'"sign": "it \"stays\""')
    assert section.exercise.read_bytes() == changed
    assert answers_of(section, section.exercise) == ANSWERS


@pytest.mark.parametrize(
    "layout", [{"indent": 1, "ensure_ascii": False}, {"indent": 2}, {"indent": 4, "ensure_ascii": False}, {}]
)
@pytest.mark.parametrize("end", ["\n", ""])
def test_a_notebook_of_any_program(section, layout, end):
    book = make(section, section.exercise.read_text(encoding="utf-8"))
    book.cells.insert(0, nbformat.v4.new_code_cell("%%time\nPREDICTIONS = {'sign': 1}  # é"))
    cells = json.loads(nbformat.writes(book))
    path = section.exercise.with_suffix(".ipynb")
    path.write_text(json.dumps(cells, **layout) + end, encoding="utf-8")
    before = path.read_text(encoding="utf-8")
    write_answers(section, path, ANSWERS)
    (number,) = [place for place, cell in enumerate(cells["cells"]) if "mean_of_three" in "".join(cell["source"])]
    source = "".join(cells["cells"][number]["source"])
    new = source.replace('_three": None', '_three": 2.5').replace('"sign": None', r'"sign": "it \"stays\""')
    cells["cells"][number]["source"] = new.splitlines(keepends=True)
    assert path.read_text(encoding="utf-8") == json.dumps(cells, **layout) + end != before
    assert answers_of(section, path) == ANSWERS


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.py", b"x = '\xff'\n", "it cannot be read"),
        ("a.py", b"def f(:\n", ":1: "),
        ("a.py", b"x = 1\n", "this file has no PREDICTIONS"),
        ("a.py", b"PREDICTIONS = dict(sign=None)\n", "this file has no PREDICTIONS"),
        ("a.py", b"PREDICTIONS = {'other': None}\n", "has no entry 'sign'"),
        ("a.ipynb", b"[]", "it cannot be read"),
        ("a.ipynb", b"{", "it cannot be read"),
        ("a.ipynb", b'{"cells": []}', "this file has no PREDICTIONS"),
        ("missing.py", None, "cannot be read: No such file"),
    ],
)
def test_a_file_without_a_place_for_an_answer_stays_as_it_is(section, tmp_path, name, data, words):
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(UsageError) as caught:
        write_answers(section, path, {"sign": "it stays"})
    assert words in str(caught.value)
    assert data is None or path.read_bytes() == data
