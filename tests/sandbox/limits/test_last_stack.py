"""The line of an endless loop: a worker whose time is up writes where it is, if it can."""

import itertools
import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from grader.course import Course
from grader.sandbox.calls.student import Contract
from grader.sandbox.limits.limits import Limits
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.launch_plain import _Host
from grader.sandbox.process.trust import Trust
from grader.submission.submission import Submission
from grader.toolkit.verdicts import EndedError

if sys.platform == "win32":
    pytest.skip("Windows has no SIGXCPU", allow_module_level=True)

CONTRACT = Contract(type(os)("reference"))
LIMITS = Limits(call_cpu_seconds=0.3, load_cpu_seconds=0.3, call_wall_seconds=2.0)
FILE = "section1_größe.py"
# Sources with a function `f`, of which the line with the mark is told.
LOOPS = {
    "a loop": "def f():\n    while True:  #\n        pass",
    "a loop that prints": "def f():\n    while True:  #\n        print('Stack')",
    "loops in a loop": "def f():\n    for _ in iter(int, 1):  #\n        for _ in range(9):\n            [0 for _ in range(9)]",
    "a loop after a loop": "def f():\n    for _ in range(9):\n        pass\n    while True:  #\n        pass",
    "a loop of a helper": "def g():\n    while True:  #\n        pass\n\ndef f():\n    g()",
    "a helper of a loop": "def g():\n    for _ in range(9):\n        pass\n\ndef f():\n    while True:  #\n        g()",
    "a function in a function": "def f():\n    for _ in '1':  #\n        def g():\n            while True: pass\n        g()",
    "a generator": "import itertools\n\ndef f():\n    return sum(0 for _ in itertools.count())  #",
    "a method": "class C:\n    def g(self):\n        while True: pass  #\n\nf = C().g",
    "a loop that catches everything": (
        "def f():\n    while True:  #\n        try:\n            1 / 0\n        except BaseException:\n            pass"
    ),
    "the file": "import os\nwhile True:  #\n    os.getpid()\n\ndef f(): pass",
    "a loop in a library": "import itertools\n\ndef f():\n    sum(itertools.repeat(0))",
    "a refusal": "import signal\n\ndef f():\n    signal.signal(signal.SIGXCPU, signal.SIG_IGN)\n    while True:\n        pass",
    "a forged stack": (
        "import os\n\ndef f():\n    text = 'Stack (most recent call first):\\n  File \"%s\", line 9999999 in f\\n' % FILE\n"
        "    signal.signal(signal.SIGXCPU, signal.SIG_IGN)\n    os.write(1, text.encode())\n    while True:\n        pass"
    ).replace("import os", f"import os, signal\nFILE = {FILE.encode('ascii', 'backslashreplace').decode()!r}"),
}


@pytest.fixture(scope="module", params=["zygote", pytest.param("plain", marks=pytest.mark.slow)])
def sandbox(course: Course, request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    if request.param == "zygote" and sys.platform != "linux":
        pytest.skip("there is a zygote on Linux only")
    with Sandbox.open(course, kind=request.param, limits=LIMITS, trust=Trust(everybody=True)) as opened:
        yield opened


@pytest.mark.parametrize("text", LOOPS.values(), ids=LOOPS.keys())
def test_the_loop_that_never_ends_is_told(sandbox: Sandbox, text: str, tmp_path: Any) -> None:
    marked = [number for number, line in zip(itertools.count(1), text.splitlines(), strict=False) if line.endswith("#")]
    submission = sandbox.admit(Submission(FILE, tmp_path, text.encode()))
    with pytest.raises(EndedError) as caught, submission.trial(CONTRACT) as met:
        met.student.f()
    assert caught.value.status == "timed_out"
    assert [line.line for line in caught.value.lines] == marked
    assert all(line.text == text.splitlines()[line.line - 1].strip() for line in caught.value.lines)
    assert "most recent call" not in met.output


@pytest.mark.slow
def test_the_loop_is_told_where_only_the_kernel_counts_computing_time(
    course: Course, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on macOS."""
    monkeypatch.setattr(_Host, "cpu_seconds", lambda _: None)
    limits = Limits(check_cpu_seconds=1, check_wall_seconds=0.5, call_wall_seconds=20.0)
    with Sandbox.open(course, kind="plain", limits=limits, trust=Trust(everybody=True)) as opened:
        submission = opened.admit(Submission(FILE, tmp_path, LOOPS["a loop that prints"].encode()))
        with pytest.raises(EndedError) as caught, submission.trial(CONTRACT) as met:
            met.student.f()
    assert caught.value.status == "timed_out"
    assert [line.line for line in caught.value.lines] == [2]
    assert "most recent call" not in met.output
