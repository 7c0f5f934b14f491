"""`%predict` in a real kernel: asked by the kernel, answered in a cell, and compared with what is defined there."""

import os

import pytest
from jupyter_client.manager import start_new_kernel

from grader.course import Course
from grader.kit.notebooks import make, text_of
from tests.course_with_predictions import make_course
from tests.paths import ROOT

FUNCTIONS = "def mean(x):\n    return float(x.mean())\n\ndef scale(x, factor):\n    return x * factor\n\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return Course(make_course(tmp_path_factory.mktemp("asking") / "course"))


@pytest.fixture(scope="module")
def run(course):
    """Execute a cell, answer what it asks; the outputs, and the cells that it adds. All tests share one kernel."""
    manager, client = start_new_kernel(cwd=str(course.exercises), env={**os.environ, "PYTHONPATH": str(ROOT)})

    def execute(text, *typed):
        waiting, outputs = list(typed), []
        reply = client.execute_interactive(
            text,
            allow_stdin=bool(typed),
            stdin_hook=lambda _: client.input(waiting.pop(0)),
            output_hook=outputs.append,
            timeout=120,
        )
        assert not waiting
        shown = [one["content"]["data"] for one in outputs if one["msg_type"] == "display_data"]
        printed = "".join(one["content"]["text"] for one in outputs if one["msg_type"] == "stream")
        failed = [one["content"]["evalue"] for one in outputs if one["msg_type"] == "error"]
        added = [one["text"] for one in reply["content"]["payload"] if one["source"] == "set_next_input"]
        return shown, printed + "".join(failed), added

    execute("%load_ext grader")
    yield execute
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_it_asks_and_gives_a_cell_with_the_answers_then_compares(run, course):
    shown, printed, (cell,) = run("%predict section1", "soon", "10", "2")
    assert "This is not an answer. Type a number" in printed
    assert "2  it changes" in printed
    assert "Run the new cell below, and keep it" in printed
    assert shown == []
    assert cell.startswith("PREDICTIONS = {\n    # The mean of 1, 2 and 6: how large is it?\n")
    assert '"mean_of_three": 10,' in cell
    run(cell)
    (data,), printed, added = run("%predict")  # the table tells which section is at work
    assert (printed, added) == ("", [])
    for text in data.values():
        assert "No cell of this kernel has defined a function or class named mean" in " ".join(text.split())
        assert "write what is missing and run its cell, then %predict section1" in text
    run(FUNCTIONS)
    (data,), printed, added = run("%predict section1")
    for text in data.values():
        assert "not as you predicted" in text
        assert "as you predicted" in text.replace("not as you predicted", "")
        assert "The sum, 9, is shared by three." in text
        assert "%grade section1" in text
    assert "<script" not in data["text/html"]
    (data,), _, _ = run("%grade predictions")
    assert "All points" in data["text/plain"]


def test_without_a_keyboard_it_says_what_to_write(run):
    run(FUNCTIONS + "PREDICTIONS = {'mean_of_three': 3}")
    (data,), _, added = run("%predict section1")
    assert added == []
    for text in data.values():
        assert "as you predicted" in text
        assert "Not answered yet." in text
        assert "write your answers into PREDICTIONS in place of None, run its cell, then %predict section1" in text
    (data,), _, _ = run("%grade predictions")
    assert "first predict what will happen: %predict" in data["text/plain"]
    assert run("%hint predictions")[1]


def test_grading_a_section_shows_the_questions_that_are_open(run):
    run(FUNCTIONS + "PREDICTIONS = {'mean_of_three': 3, 'sign': 'soon'}")
    (_, data), _, _ = run("%grade section1")
    for text in data.values():
        assert "What becomes of its sign?" in text
        assert "Not answered yet." in text
        assert "how large is it?" not in text
        assert "%predict section1" in text


def test_a_notebook_has_a_cell_that_asks_and_its_file_has_none(course):
    (section,) = course.sections
    text = section.exercise.read_text(encoding="utf-8")
    book = make(section, text)
    cells = [cell.source for cell in book.cells]
    place = cells.index("%predict section1")
    assert cells[place - 1].startswith("PREDICTIONS = {")
    assert text_of(book) == text
