"""Notebooks of a section's file: a conversion there and back loses nothing, and never overwrites a student's work."""

import os
import re
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import jupytext
import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course import Course, UsageError
from grader.grading.section_progress import newer_copy, newer_notebook
from grader.kit import py_percent
from grader.kit.notebooks import LOADS, make, read, text_of, write_notebook, write_python
from tests.paths import ROOT

SECTIONS = Course(ROOT).sections
NOW = datetime(2026, 3, 1, 12, 30)
each_file = pytest.mark.parametrize(
    ("section", "path"),
    [(section, path) for section in SECTIONS for path in (section.exercise, section.solution)],
    ids=lambda value: value.parent.name if isinstance(value, Path) else value.id,
)


def saved(notebook):
    """As Jupyter has it after a save: through JSON and back."""
    return nbformat.reads(nbformat.writes(notebook), as_version=4)


def there_and_back(section, text):
    return text_of(saved(make(section, text)))


# -- the way there and back


@each_file
def test_nothing_of_a_file_is_lost(section, path):
    text = path.read_text(encoding="utf-8")
    assert there_and_back(section, text) == text


@each_file
def test_a_notebook_teaches_and_grades(section, path):
    """Text is rendered, each exercise has its own cell, and below it stands the cell that grades it."""
    notebook = saved(make(section, path.read_text(encoding="utf-8")))
    nbformat.validate(notebook)
    first, second, *cells = notebook.cells
    assert (first.cell_type, first.source) == ("code", LOADS)
    assert second.cell_type == "markdown"
    assert second.source.startswith("# Section ")
    assert any("$$" in cell.source for cell in cells if cell.cell_type == "markdown")
    graded = [cell.source.removeprefix("%grade ") for cell in cells if cell.source.startswith("%grade ")]
    assert graded == [
        name for name in re.findall(r"^(?:def|class) (\w+)", path.read_text(), re.MULTILINE) if name in graded
    ]
    assert set(graded) == set(section.functions)
    for cell, below in pairwise(cells):
        if below.source.startswith("%grade "):
            assert re.search(rf"^(def|class) {below.source.removeprefix('%grade ')}\b", cell.source, re.MULTILINE)


@each_file
def test_the_cells_are_those_that_editors_and_jupytext_see(section, path):
    text = path.read_text(encoding="utf-8")
    theirs = jupytext.reads(text, fmt="py:percent").cells
    ours = py_percent.split(text)
    assert [(cell.kind, cell.text) for cell in ours] == [(cell.cell_type, cell.source) for cell in theirs]


@each_file
def test_the_cells_run_one_after_the_other(section, path, capsys):
    """As an editor runs them, from the first on: each is whole by itself, and leaves every exercise defined."""
    names = {"__name__": "__main__"}
    for number, cell in enumerate(py_percent.split(path.read_text(encoding="utf-8")), 1):
        if cell.kind == "code":
            exec(compile(cell.text, f"{path.name}, cell {number}", "exec"), names)
    assert set(section.functions) <= set(names)
    assert capsys.readouterr() == ("", "")


STUB = SECTIONS[0].exercise.read_text(encoding="utf-8")
EDITS = {
    "nothing": "",
    "one line": "x = 1",
    "empty lines": "\n\n\n",
    "no end": STUB.rstrip("\n"),
    "ends": STUB + "\n\n\n",
    "code above": "import os\n\n\n" + STUB,
    "empty lines above": "\n\n" + STUB,
    "no cells": "import torch\n\n\ndef f():\n    return 1\n",
    "an answer": STUB.replace("raise NotImplementedError", "y = 1   \n\n\n    return y\t", 1),
    "tabs": STUB.replace("    raise", "\traise"),
    "titles": "# %% first [x] tags=['a']\nx = 1\n# %%% deeper\ny = 1\n#%%\nz = 1\n# %%   \n",
    "comments like magics": "# %%\n# %matplotlib inline\n# !ls\n# why?\n# cat food\n#!x\n",
    "names like shell commands": "# %%\ncat = 3\nls + 2\n",
    "a marker in a string": '# %%\nx = """\n# %% no cell\n%no magic\n!\n"""\n',
    "a marker in a function": "# %%\ndef f():\n    # %%\n    return 1\n",
    "markdown with code": "# %% [markdown]\n# text\nx = 1\n",
    "markdown in a string": '# %% [markdown]\n"""\ntext\n"""\n',
    "markdown without blanks": "# %% [markdown]\n#text\n# \n# more  \n#\n",
    "raw": "# %% [raw]\n# text\n",
    "no Python": "# %%\ndef f(:\n'''\n\n# %%\nx = 1\n",
    "strange ends of lines": "# %%\nx = '\u2028'\n\x0c\n\x1c\x85\ny = 1\r\nz = 1\n",
    "Windows": STUB.replace("\n", "\r\n"),
    "a header": "# ---\n# jupyter:\n#   x: 1\n# ---\n\n# %%\nx = 1\n",
    "twice defined": "# %%\ndef empirical_risk():\n    pass\n\n\ndef empirical_risk():\n    return 1\n",
}


@pytest.mark.parametrize("text", EDITS.values(), ids=EDITS.keys())
def test_nothing_that_a_student_writes_is_lost(text):
    assert there_and_back(SECTIONS[0], text) == text


LINES = st.sampled_from(
    ["", "# %%", "# %% [markdown]", "# %% [raw]", "#", "# text", "# ", "#%% x", "x = 1", "    y", "'''", "\r"]
)


@given(st.lists(LINES | st.text(max_size=9)).map("\n".join))
def test_splitting_and_joining_gives_any_text_back(text):
    assert py_percent.join(py_percent.split(text)) == text


def test_a_marker_within_a_string_opens_no_cell():
    assert [cell.text for cell in py_percent.split(EDITS["a marker in a string"])] == EDITS[
        "a marker in a string"
    ].strip().split("\n", 1)[1:]


def test_what_is_added_in_jupyter_comes_along_without_cells_that_grade():
    notebook = make(SECTIONS[0], "# %%\nx = 1\n")
    new = nbformat.v4
    notebook.cells += [
        new.new_markdown_cell("My *notes*\n\n$x$"),
        new.new_code_cell("%grade\n\n%hint empirical_risk"),
        new.new_code_cell("%matplotlib inline\nimport math\nif True:\n    %time print(1)\nx = '''\n%grade\n'''"),
        new.new_code_cell("%%bash\nls"),
        new.new_code_cell("%%time\ny = 2"),
        new.new_code_cell("%grade\nz = 3"),
    ]
    assert text_of(saved(notebook)) == (
        "# %%\nx = 1\n\n"
        "# %% [markdown]\n# My *notes*\n#\n# $x$\n\n\n"
        "# %%\n# %matplotlib inline\nimport math\nif True:\n    pass  # %time print(1)\nx = '''\n%grade\n'''\n\n\n"
        "# %%\n# %%bash\n# ls\n\n\n"
        "# %%\n# %%time\ny = 2\n\n\n"
        "# %%\n# %grade\nz = 3\n"
    )


def test_metadata_that_an_editor_has_spoilt_does_no_harm():
    notebook = make(SECTIONS[0], "# %%\nx = 1\n\n# %%\ny = 2\n")
    notebook.cells[1].metadata = {"grader": {"marker": "a\nb", "above": "x", "below": 10**9}}
    notebook.cells[2].metadata = {"grader": 7}
    notebook.metadata["grader"] = []
    assert text_of(saved(notebook)) == "# %%\nx = 1\n\n\n# %%\ny = 2\n"


# -- what is written where


@pytest.fixture
def section(own_course):
    section = own_course.sections[0]
    section.exercise.write_text("# %% [markdown]\n# Text\n\n# %%\ndef mean(x):\n    return 1\n")
    return section


def edit(path, old, new):
    path.write_text(path.read_text().replace(old, new))
    assert new in path.read_text()


def test_work_goes_to_a_notebook_beside_the_file_and_back(own_course, section):
    made = write_notebook(own_course, section, None, False, NOW)
    assert (made.path, made.backup) == (section.exercise.with_suffix(".ipynb"), None)
    edit(made.path, "return 1", "return 2")
    written = write_python(own_course, made.path, None, False, NOW)
    assert written.path == section.exercise
    assert section.exercise.read_text() == "# %% [markdown]\n# Text\n\n# %%\ndef mean(x):\n    return 2\n"
    assert "return 1" in written.backup.read_text()
    assert written.backup.parent == own_course.root / ".grade" / "backups"
    edit(made.path, "return 2", "return 3")  # and so on, as often as one likes
    write_python(own_course, made.path, None, False, NOW)
    assert "return 3" in section.exercise.read_text()


def test_a_notebook_with_work_of_its_own_is_kept_unless_one_insists(own_course, section):
    path = write_notebook(own_course, section, None, False, NOW).path
    edit(path, "return 1", "return 2")
    with pytest.raises(UsageError, match=f"holds work that is not in {section.exercise.name}.\n.*grade notebook"):
        write_notebook(own_course, section, None, False, NOW)
    assert "return 2" in path.read_text()
    made = write_notebook(own_course, section, None, True, NOW)
    assert "return 1" in path.read_text()
    assert "return 2" in made.backup.read_text()


def test_a_notebook_that_was_only_run_is_made_again(own_course, section):
    path = write_notebook(own_course, section, None, False, NOW).path
    notebook = read(path)
    notebook.cells[-1].outputs = [nbformat.v4.new_output("stream", text="points")]
    nbformat.write(notebook, path)
    edit(section.exercise, "return 1", "return 2")
    made = write_notebook(own_course, section, None, False, NOW)
    assert "return 2" in path.read_text()
    assert "points" in made.backup.read_text()


def test_a_file_with_work_of_its_own_is_kept_unless_one_insists(own_course, section):
    path = write_notebook(own_course, section, None, False, NOW).path
    edit(section.exercise, "return 1", "return 4")
    edit(path, "return 1", "return 2")
    with pytest.raises(UsageError, match="holds work that is not in"):
        write_python(own_course, path, None, False, NOW)
    assert "return 4" in write_python(own_course, path, None, True, NOW).backup.read_text()
    assert "return 2" in section.exercise.read_text()


def test_a_cell_that_is_no_python_is_told_of_since_a_file_is_read_as_a_whole(own_course, section):
    book = write_notebook(own_course, section, None, False, NOW).path
    assert write_python(own_course, book, None, True, NOW).broken is None
    notebook = read(book)
    notebook.cells.append(nbformat.v4.new_code_cell("x = (:"))
    nbformat.write(notebook, book)
    written = write_python(own_course, book, None, True, NOW)
    assert "x = (:" in written.path.read_text(encoding="utf-8").splitlines()[written.broken - 1]


def test_a_notebook_may_lie_elsewhere_and_have_another_name(own_course, section, tmp_path):
    path = write_notebook(own_course, section, tmp_path / "mine.ipynb", False, NOW).path
    assert write_python(own_course, path, None, False, NOW).path == tmp_path / "mine.py"
    assert (tmp_path / "mine.py").read_text() == section.exercise.read_text()


def test_a_notebook_of_the_kit_becomes_the_students_file(own_course, section):
    stub = "# %%\ndef mean(x):\n    raise NotImplementedError\n" * len(section.functions)
    section.exercise.write_text(stub)
    book = section.notebooks[1]
    book.parent.mkdir()
    nbformat.write(make(section, stub), book)
    os.utime(book, ns=(2**62, 2**62))
    assert newer_notebook(section) is None, "it is as it was handed out, whenever it was unpacked"
    edit(book, "raise NotImplementedError", "return 5")
    os.utime(book, ns=(2**62, 2**62))
    assert newer_notebook(section) == book
    assert write_python(own_course, book, None, True, NOW).path == section.exercise
    assert "return 5" in section.exercise.read_text()
    assert newer_notebook(section) is None


def test_a_newer_copy_with_work_beside_the_file_is_found(own_course, section):
    copy = section.exercise.with_name(f"{section.stem} (1).py")
    copy.write_text("# %%\ndef mean(x):\n    raise NotImplementedError\n" * len(section.functions))
    os.utime(copy, ns=(2**62, 2**62))
    assert newer_copy(section) is None
    copy.write_text("def mean(x):\n    return 5\n")
    os.utime(copy, ns=(2**62, 2**62))
    assert newer_copy(section) == copy
    os.utime(copy, ns=(0, 0))
    assert newer_copy(section) is None


def test_what_cannot_be_made_is_told_with_what_to_type(own_course, section, tmp_path):
    with pytest.raises(UsageError, match=r"Try: grade notebook section1 --out x.ipynb"):
        write_notebook(own_course, section, Path("x.txt"), False, NOW)
    (tmp_path / "x.ipynb").write_text("{}")
    with pytest.raises(UsageError, match="not a notebook that can be read"):
        write_python(own_course, tmp_path / "x.ipynb", None, False, NOW)
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "x.ipynb")
    with pytest.raises(UsageError, match="which section is it of"):
        write_python(own_course, tmp_path / "x.ipynb", None, False, NOW)
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        write_python(own_course, tmp_path / "y.ipynb", None, False, NOW)
    with pytest.raises(UsageError, match="cannot be written"):
        write_notebook(own_course, section, tmp_path / "no" / "x.ipynb", False, NOW)
    section.exercise.write_bytes(b"\xff")
    with pytest.raises(UsageError, match="not UTF-8 text"):
        write_notebook(own_course, section, None, False, NOW)
    section.exercise.unlink()
    with pytest.raises(UsageError, match="grade reset section1"):
        write_notebook(own_course, section, None, False, NOW)
