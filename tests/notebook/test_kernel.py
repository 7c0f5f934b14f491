"""Real notebooks in a real kernel: what a student sees of `%grade` and `%hint` in their outputs."""

import base64
import os
import shutil
import signal
import time
from pathlib import Path

import nbformat
import pytest
from jupyter_client.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.paths import ROOT, TINY

MEAN = "def mean(x):\n    return float(x.sum()) / {}\n"
SCALE = "def scale(x, factor):\n    return x {} factor\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    for name in ("exercises", "solutions", "checks"):
        shutil.copytree(TINY / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.fixture(scope="module")
def run(course):
    """Execute cells in one kernel; the outputs of each. All tests of this file share it, as one long session does."""
    client = NotebookClient(
        nbformat.v4.new_notebook(), timeout=120, resources={"metadata": {"path": str(course / "exercises")}}
    )
    client.create_kernel_manager()
    client.start_new_kernel(env={**os.environ, "PYTHONPATH": str(ROOT)})
    client.start_new_kernel_client()

    def execute(*cells, fails=False):
        outputs = []
        for text in cells:
            cell = nbformat.v4.new_code_cell(text)
            client.nb.cells.append(cell)
            try:
                client.execute_cell(cell, len(client.nb.cells) - 1)
            except CellExecutionError:
                assert fails, cell.outputs
            outputs.append(cell.outputs)
        return outputs[-1]

    execute("%load_ext grader")
    yield execute
    run_sync(client.km.shutdown_kernel)()
    client.kc.stop_channels()


def shown(outputs):
    """The one output that there is, as HTML and as plain text."""
    (output,) = outputs
    assert output.output_type == "display_data"
    return output.data["text/html"], output.data["text/plain"]


def printed(outputs):
    return "".join(output.get("text", "") for output in outputs)


def test_loading_imports_nothing_heavy(run):
    heavy = "{'torch', 'pytest', 'hypothesis', 'numpy'}"
    assert printed(run(f"import sys\nprint(sorted({heavy} & set(sys.modules)))")) == "[]\n"


def test_a_wrong_answer_gets_its_diagnosis_and_hints_a_fixed_one_full_points(run):
    html, plain = shown(run("import torch", SCALE.format("+"), "%grade scale"))
    for text in (html, plain):
        assert "/ 1.75" in text
        assert "What it looks like" in text
        assert "You add the factor to every entry." in text
        assert "expected" in text
        assert "fix scale and run its cell, then %grade scale; for a hint, %hint scale" in text
        assert "Your own grading" in text
    for words in ("What does your function make of a zero?", "Every entry is multiplied; yours are moved."):
        html, plain = shown(run("%hint scale"))
        assert words in html
        assert words in plain
    for text in shown(run(SCALE.format("*"), "%grade scale")):
        assert "1.75 / 1.75" in text
        assert "All points. Well done." in text


def test_the_definition_of_now_counts_whatever_the_order_of_cells(run):
    wrong, right = MEAN.format("SIZE"), MEAN.format("size_of(x)")
    run("SIZE = 1", wrong, "def size_of(x):\n    return x.numel()", right)
    assert "All points" in shown(run("%grade mean"))[1]
    run("del size_of")
    assert "size_of" in shown(run("%grade mean"))[1]
    run("def size_of(x):\n    return x.numel()")
    run("1 / 0\ndef mean(x):\n    return 'never executed'", fails=True)
    for text in shown(run("%grade mean")):
        assert "All points" in text
        assert "stopped the newest definition of mean. The kernel still has the older one" in " ".join(text.split())
    run(right)
    assert "newest definition" not in shown(run("%grade mean"))[1]


def test_an_exception_names_its_cell_and_line(run):
    number = printed(run("print(len(In) - 1)")).strip()
    html, plain = shown(run("# a comment\n\ndef mean(x):\n    return x / nothing", "%grade mean"))
    assert f"In[{int(number) + 1}], line 4" in html
    assert f"In[{int(number) + 1}], line 4" in plain


def test_the_whole_section_is_graded_without_a_word_and_the_records_follow(run, course):
    run(SCALE.format("*"), MEAN.format("x.numel()"))
    html, plain = shown(run("%grade"))
    assert "has defined a function or class named centre" in html
    assert html.count("<tr><td>") == 4
    assert shown(run("%grade section1"))[1] == plain
    assert (course / ".grade" / "section1_tiny.json").is_file()


def test_the_picture_of_an_exercise_follows_when_it_passes(run, course):
    figures = TINY.parent / "red" / "checks" / "section4_momentum" / "figures.py"
    text = figures.read_text(encoding="utf-8").replace("momentum_step(1.0)", "mean(torch.ones(2))")
    room = course / "checks" / "section1_tiny"
    (room / "figures.py").write_text("import torch\n" + text.replace("momentum_step", "mean"), encoding="utf-8")
    wrong, right = "return float(x.sum())", "return float(x.mean())"
    shown(run(f"def mean(x):\n    {wrong}", "%grade mean"))
    report, picture = run(f"def mean(x):\n    {right}", "%grade mean")
    assert "All points" in report.data["text/plain"]
    assert base64.b64decode(picture.data["image/png"]).startswith(b"\x89PNG")
    assert picture.data["text/plain"] == "red 1.0\nEmpty axes."
    shown(run("%grade section1"))  # it passed before, so that its picture is known
    (room / "figures.py").unlink()


def test_a_function_of_another_name_and_a_cell_that_never_ran_are_told_apart(run):
    _, plain = shown(run("del scale\ndef scaled(x, factor):\n    return x * factor", "%grade scale"))
    assert "No cell of this kernel has defined a function or class named scale. Did you mean scaled?" in " ".join(
        plain.split()
    )
    _, plain = shown(run("del scaled", "def scale(x, factor:\n    return x", "%grade scale", fails=True))
    assert "Run its cell. If that stops with an error, fix the error first." in " ".join(plain.split())
    run(SCALE.format("*"))


def test_a_stub_below_the_work_is_named_with_its_cell(run):
    run(f"{SCALE.format('*')}\n\ndef scale(x, factor):\n    raise NotImplementedError")
    for text in shown(run("%grade scale")):
        words = " ".join(text.split())
        assert "scale is defined twice: In[" in words
        assert "], line 1, and In[" in words
        assert "which is only the stub. Delete it." in words
    run(SCALE.format("*"))


def test_a_magic_above_a_function_is_told_to_stand_in_a_cell_of_its_own(run):
    (output,) = run("%%grade scale\n" + SCALE.format("*"), fails=True)
    assert "Delete this line, run the cell, and type in the next cell: %grade scale" in str(output)


def test_words_that_cannot_be_used_are_answered_in_a_sentence(run):
    (output,) = run("%grade maen", fails=True)
    assert "Traceback" not in str(output)
    assert "Did you mean mean?" in str(output)


def test_what_a_student_writes_is_no_markup_and_prints_nothing_of_ours(run):
    evil = "'<script>alert(1)</script><b>'"
    outputs = run(f"def mean(x):\n    print({evil})\n    raise ValueError({evil})", "%grade mean")
    html, plain = shown(outputs)
    assert "<script" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>" in plain


def test_the_kernel_itself_is_left_as_it_was(run):
    """No pytest in it, no change of its event loop, of its generators or of torch's settings."""
    run(SCALE.format("*"))
    run("import asyncio, random, sys, torch\nloop = asyncio.get_event_loop()\nrandom.seed(1); torch.manual_seed(1)")
    run(
        "async def wait():\n    await asyncio.sleep(0.01)\n    return 'awake'", "torch.set_default_dtype(torch.float64)"
    )
    run("%grade scale")
    assert (
        printed(run("print(asyncio.get_event_loop() is loop, loop.is_running(), await wait())")) == "True True awake\n"
    )
    assert printed(run("print(sorted({'pytest', 'hypothesis'} & set(sys.modules)))")) == "[]\n"
    assert printed(run("print(round(random.random(), 4), torch.get_default_dtype())")) == "0.1344 torch.float64\n"
    assert "All points" in shown(run("%grade scale"))[1]


def assistant(run):
    return int(printed(run("print(get_ipython().grader_magics._client.pid)")))


def test_the_process_that_grades_is_kept_and_replaced_if_it_dies(run):
    run(SCALE.format("*"), "%grade scale")
    pid = assistant(run)
    run("%grade scale")
    assert assistant(run) == pid
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    assert "All points" in shown(run("%grade scale"))[1]
    assert assistant(run) != pid


def test_it_grades_after_the_traceback_of_a_sum(run):
    """IPython's tracebacks mark operators, which all syntax trees share."""
    run("1 + 'a'", fails=True)
    run(SCALE.format("*"))
    assert "All points" in shown(run("%grade scale"))[1]


@pytest.mark.slow
def test_interrupting_a_grading_leaves_kernel_and_grader_usable(run):
    run("import _thread, threading\ndef mean(x):\n    while True: pass")
    run("threading.Timer(1, _thread.interrupt_main).start()\n%grade mean", fails=True)
    run(SCALE.format("*"))
    assert "All points" in shown(run("%grade scale"))[1]


@pytest.mark.slow
def test_unloading_ends_the_process_and_takes_the_magics_away(run):
    run("%grade scale")
    pid = assistant(run)
    run("%unload_ext grader")
    assert is_gone(pid)
    assert "not found" in str(run("%grade scale", fails=True)).lower()
    run("%load_ext grader")
    assert "All points" in shown(run("%grade scale"))[1]


def test_when_the_kernel_dies_nothing_of_ours_is_left(run):
    run(SCALE.format("*"), "%grade scale")
    pid = assistant(run)
    ours = [pid, *children(pid)]
    assert len(ours) > 1, "there is a sandbox"
    os.kill(int(printed(run("import os\nprint(os.getpid())"))), signal.SIGKILL)
    assert all(map(is_gone, ours))


def is_gone(pid, seconds=20):
    """Whether a process ends within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if state(pid) in ("", "Z"):  # a zombie waits for its new parent, no more
            return True
        time.sleep(0.05)
    return False


def stat(pid):
    """What the kernel of the machine says of a process, from its state on."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def state(pid):
    return stat(pid)[0] if stat(pid) else ""


def children(pid):
    found = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [one for one in found if stat(one)[1:2] == [str(pid)]]
