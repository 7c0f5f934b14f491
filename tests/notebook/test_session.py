"""The notebook that `grade notebook` makes, executed from its first to its last cell in a kernel of its own."""

import os

import nbformat
import pytest
from nbclient import NotebookClient

from grader.course import Course
from grader.kit.notebooks import read, text_of
from tests import forked
from tests.paths import ROOT


@pytest.fixture
def course(tmp_path):
    """The real course with exercises of one's own."""
    for name in ("checks", "solutions", "data"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "exercises").mkdir()
    return Course(tmp_path)


def grade(course, *words):
    environment = {**os.environ, "GRADE_COURSE": str(course.root), "COLUMNS": "100"}
    done = forked.run([*forked.GRADE, *map(str, words)], environment)
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout + done.stderr


def executed(path):
    notebook = read(path)
    client = NotebookClient(notebook, timeout=200, resources={"metadata": {"path": str(path.parent)}})
    client.execute(env={**os.environ, "PYTHONPATH": str(ROOT)})
    nbformat.write(notebook, path)
    return {cell.source: cell.outputs for cell in notebook.cells if cell.source.startswith("%grade")}


@pytest.mark.slow
def test_section4_from_its_file_to_full_points_in_a_notebook(course):
    section = course.find("section4")
    solved = section.solution.read_text(encoding="utf-8")
    wrong = solved.replace("v.mul_(beta).add_(g)", "v.mul_(beta).add_(g, alpha=1 - beta)", 1)
    assert wrong != solved
    section.exercise.write_text(wrong, encoding="utf-8")
    code, said = grade(course, "notebook", "section4")
    assert code == 0, said
    path = section.exercise.with_suffix(".ipynb")
    outputs = executed(path)
    assert list(outputs) == [f"%grade {name}" for name in section.functions]
    page = outputs["%grade momentum_step"][0].data["text/html"]
    assert "What it looks like" in page
    assert "All points" in outputs["%grade condition_number"][0].data["text/html"]

    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("alpha=1 - beta", "alpha=1"), encoding="utf-8")
    outputs = executed(path)
    assert all("All points" in cell[0].data["text/html"] for cell in outputs.values())  # pictures may follow

    assert "15.0 / 15.0" in grade(course, path)[1]  # as it would be handed in
    assert grade(course, "notebook", path)[0] == 0
    assert section.exercise.read_text(encoding="utf-8") == solved.replace("add_(g)", "add_(g, alpha=1)", 1)
    assert text_of(read(path)) == section.exercise.read_text(encoding="utf-8")
