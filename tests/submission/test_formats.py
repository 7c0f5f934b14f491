"""A new kind of file to hand in is one row of a table: it is found, read, refused and parsed like the others."""

import ast
import json
from types import SimpleNamespace

import pytest

from grader.submission import parsing
from grader.submission.formats import FORMATS, Format, Text
from grader.submission.locate import read_section
from grader.submission.refusals import UnreadableError
from tests.submission.formats import SECTION, zip_of

KIND = ".txt"


@pytest.fixture(autouse=True)
def third(monkeypatch):
    parser = SimpleNamespace(
        lines=lambda source, filename: ["a line\n"],
        tree=lambda source, filename: ast.parse("x = 1"),
        parts=lambda source, filename, exercises: "parts",
    )
    monkeypatch.setitem(FORMATS, KIND, Format(10, lambda data, place, wanted: Text(data.upper()), lambda: parser))


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_it_is_found_and_read(packed, tmp_path):
    name = f"{SECTION.stem}{KIND}"
    (tmp_path / "notes.py").touch()
    if packed:
        (tmp_path / "work.zip").write_bytes(zip_of({name: b"mine", "notes.py": b""}))
    else:
        (tmp_path / name).write_bytes(b"mine")
    submission = read_section(tmp_path / "work.zip" if packed else tmp_path, SECTION)
    assert (submission.filename, submission.source) == (name, b"MINE")


def test_it_has_its_own_limit(tmp_path):
    (tmp_path / f"mine{KIND}").write_bytes(b"x" * 11)
    with pytest.raises(UnreadableError, match="larger than"):
        read_section(tmp_path / f"mine{KIND}", SECTION)


def test_refusals_name_it(tmp_path):
    (tmp_path / "mine.doc").touch()
    with pytest.raises(UnreadableError, match=rf"{SECTION.stem}\.py or \.ipynb or \{KIND} inside"):
        read_section(tmp_path, SECTION)
    with pytest.raises(UnreadableError, match=rf"\.ipynb or {SECTION.stem}\{KIND}, or a folder"):
        read_section(tmp_path / "mine.doc", SECTION)


def test_it_has_its_own_parser():
    assert ast.unparse(parsing.parse(b"?", f"mine{KIND}")) == "x = 1"
    assert parsing.lines_of(b"?", f"mine{KIND}") == ["a line\n"]
    assert parsing.compile_parts(b"?", f"mine{KIND}") == "parts"


def test_pictures_in_the_outputs_of_a_notebook_do_not_count(tmp_path):
    picture = {"output_type": "display_data", "data": {"image/png": "A" * (20 << 20)}, "metadata": {}}
    cell = {"cell_type": "code", "source": "x = 1", "outputs": [picture], "metadata": {}, "execution_count": 1}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / f"{SECTION.stem}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    assert b"x = 1" in read_section(tmp_path, SECTION).source
