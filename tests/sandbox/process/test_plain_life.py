"""The life of a plain worker's process: it serves check after check, until one leaves what cannot be removed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from grader.course import Course
from grader.sandbox.calls.sandboxed_submission import SandboxedSubmission
from grader.sandbox.calls.student import Contract
from grader.sandbox.limits.limits import Limits
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.trust import Trust
from grader.submission.submission import Submission
from grader.toolkit.verdicts import EndedError
from tests.paths import ROOT

CONTRACT = Contract(type(os)("reference"))
LIMITS = Limits(call_cpu_seconds=3.0, call_wall_seconds=20.0, load_wall_seconds=60.0)
SOURCE = b"""
import os, random, sys, threading
import numpy as np, torch
seen = []
def process(): return os.getpid()
def draws():
    seen.append(0)
    return random.random(), float(np.random.rand()), float(torch.rand(())), len(seen)
def leaves(): os._exit(3)
def loops():
    while True: pass
def changes_deterministic_algorithms(): torch.use_deterministic_algorithms(True)
def starts_a_thread(): threading.Thread(target=threading.Event().wait, daemon=True).start()
def replaces_a_module_of_the_course():
    (name,) = [name for name in sys.modules if name.endswith("shared.problems")]
    sys.modules[name] = type(os)(name)
def takes_much_memory(): torch.ones(600 << 20, dtype=torch.uint8)
"""
ENDINGS = {"leaves": "crashed", "loops": "timed_out"}
TRACES = (
    *("changes_deterministic_algorithms", "starts_a_thread"),
    *("replaces_a_module_of_the_course", "takes_much_memory"),
)
SETTINGS = {  # a line at the top of a file, and what it changes
    "torch.set_default_dtype(torch.float64)": "torch.get_default_dtype()",
    "torch.set_num_threads(2)": "torch.get_num_threads()",
    "torch.set_printoptions(precision=8)": "torch.tensor(1 / 3)",
    "np.seterr(all='raise')": "np.geterr()",
    "np.set_printoptions(precision=2)": "np.array([1 / 3])",
    "sys.setrecursionlimit(5000)": "sys.getrecursionlimit()",
}


@pytest.fixture(scope="module")
def plain(course: Course) -> Iterator[Sandbox]:
    with Sandbox.open(course, kind="plain", limits=LIMITS, trust=Trust(everybody=True)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def submission(plain: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> SandboxedSubmission:
    return plain.admit(Submission("section1_toy.py", tmp_path_factory.mktemp("plain"), SOURCE))


def test_every_check_meets_new_names_and_the_same_random_numbers(submission: SandboxedSubmission) -> None:
    found = set()
    for _ in range(3):
        with submission.trial(CONTRACT) as met:
            found.add((met.student.process(), *met.student.draws()))
    assert len(found) == 1, "one process, whose generators start anew"
    assert found.pop()[-1] == 1


def test_gradients_that_a_file_switches_off_are_on_for_the_next(plain: Sandbox, tmp_path: Any) -> None:
    """A call that does it is undone at once, in the same process (`side_effects.py`)."""
    text = b"import torch\ntorch.set_grad_enabled(%s)\ndef is_recording(): return torch.is_grad_enabled()\n"
    for switched in (b"False", b"True or 0"):
        file = Submission(
            "section1_toy.py", tmp_path, (text % switched).replace(b"torch.set_grad_enabled(True or 0)\n", b"")
        )
        with plain.admit(file).trial(CONTRACT) as met:
            assert met.student.is_recording() is (switched != b"False")


@pytest.mark.parametrize("line", SETTINGS)
def test_a_setting_of_a_file_is_set_back_for_the_next_which_the_same_process_serves(
    plain: Sandbox, line: str, tmp_path: Any
) -> None:
    """Else a file with such a line would have a process for each check, and wait for as many imports of torch."""
    text = "import os, sys\nimport numpy as np, torch\n{}\ndef found(): return os.getpid(), str({})\n"
    seen = []
    for first in ("", line, ""):
        file = Submission("section1_toy.py", tmp_path, text.format(first, SETTINGS[line]).encode())
        with plain.admit(file).trial(CONTRACT) as met:
            seen.append(met.student.found())
    before, between, after = seen
    assert after == before
    assert between[0] == before[0]
    assert between[1] != before[1]


def test_a_process_without_torch_is_restored_without_it() -> None:
    """A course in numpy has none: an import would take a second, and be a trace itself."""
    code = "import sys; from grader.sandbox.process.process_state import ProcessState as State\n"
    code += "state = State([]); print([state.restore(), 'torch' in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout == "['', False]\n", run.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", [*ENDINGS, *TRACES])
def test_another_process_takes_over_and_is_started_ahead(
    submission: SandboxedSubmission, name: str, children: Any
) -> None:
    with submission.trial(CONTRACT) as met:
        first, draws = met.student.process(), met.student.draws()
        if name in ENDINGS:
            with pytest.raises(EndedError) as ended:
                getattr(met.student, name)()
            assert ended.value.status == ENDINGS[name]
        else:
            getattr(met.student, name)()
    with submission.trial(CONTRACT) as met:
        second = met.student.process()
        assert second != first
        assert met.student.draws() == draws
    with submission.trial(CONTRACT) as met:
        assert met.student.process() == second, "it serves on"
    waiting = children(os.getpid()) - {first, second}
    with submission.trial(CONTRACT) as met, pytest.raises(EndedError):
        met.student.leaves()
    with submission.trial(CONTRACT) as met:
        assert met.student.process() in waiting, "it was started before it was asked for"
