"""Every end of a worker without a response: the message of the check, and that nothing is left."""

import os
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch

from grader.sandbox.calls.student import Contract
from grader.toolkit.verdicts import EndedError, StudentError, WrongAnswerError

CONTRACT = Contract(type(os)("reference"))
OUT_OF_TIME = "Is there a loop that never ends?"
ASLEEP = "within 2 seconds. It was not computing"
NOT_AN_ANSWER = "A function may only return its result"
CUT = "ended its whole process instead of returning"


def is_running(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def outside(sandbox: Any, inside: int) -> int:
    """The number by which we know a worker, from the one by which it knows itself, while it lives."""
    for path in Path(f"/proc/{sandbox.pid}/task").glob("*/children"):
        for child in path.read_text().split():
            with suppress(FileNotFoundError):  # another, which has just ended
                if re.search(rf"^NSpid:.*\t{inside}$", Path(f"/proc/{child}/status").read_text(), re.MULTILINE):
                    return int(child)
    raise LookupError(inside)


def wait_for_end(pid: int) -> bool:
    """Wait for the end of a process that was killed; False if it lives on."""
    deadline = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_running(pid)


# name: (body of f, where, status, part of the message)
ENDINGS = {
    "a loop in Python": ("while True: pass", "hasty_sandbox", "timed_out", "within 0.3 seconds of computing time"),
    "a loop in C that holds the interpreter": ("sum(range(10**12))", "hasty_sandbox", "timed_out", OUT_OF_TIME),
    "a loop that catches everything": (
        "while True:\n        try:\n            while True: pass\n        except BaseException: pass",
        "hasty_sandbox",
        "timed_out",
        OUT_OF_TIME,
    ),
    "sleep": ("time.sleep(1000)", "hasty_sandbox", "timed_out", ASLEEP),
    "bytes that trickle": (
        "os.write(3, wire.PREFIX.pack(65536, 0))\n    while True: os.write(3, b'x'); time.sleep(0.01)",
        "hasty_sandbox",
        "timed_out",
        ASLEEP,
    ),
    "a __str__ that loops": ("raise Loops", "hasty_sandbox", "timed_out", OUT_OF_TIME),
    "a __del__ that loops": ("x = Loops()", "hasty_sandbox", "timed_out", OUT_OF_TIME),
    "os._exit(0)": ("os._exit(0)", "sandbox", "crashed", f"{CUT} (exit code 0)"),
    "sys.exit": ("sys.exit(0)", "sandbox", "crashed", "f raised SystemExit, which ends the program."),
    "KeyboardInterrupt": ("raise KeyboardInterrupt", "sandbox", "crashed", "f raised KeyboardInterrupt"),
    "GeneratorExit": ("raise GeneratorExit", "sandbox", "crashed", "f raised GeneratorExit"),
    "a segmentation fault": ("ctypes.string_at(0)", "sandbox", "crashed", "SIGSEGV"),
    "abort": ("os.abort()", "sandbox", "crashed", "SIGABRT"),
    "an endless recursion in C": ("next(deep(1_000_000))", "sandbox", "crashed", "endless recursion inside a library"),
    "a closed channel, then sleep": ("os.close(3); time.sleep(1000)", "sandbox", "crashed", "closed the connection"),
    "garbage": ("os.write(3, b'hello' * 100)", "sandbox", "crashed", NOT_AN_ANSWER),
    "a frame of 8 GiB": ("os.write(3, b'\\xff' * 8)", "sandbox", "crashed", NOT_AN_ANSWER),
    "a forged answer with a wrong id": (
        "send(pack({'type': 'response', 'id': 77}))",
        "sandbox",
        "crashed",
        NOT_AN_ANSWER,
    ),
    "a callback that was not offered": (
        "send(pack({'type': 'callback', 'id': 0, 'handle': 0}))",
        "sandbox",
        "crashed",
        NOT_AN_ANSWER,
    ),
    "a second greeting": ("send(pack({'type': 'hello', 'id': 0, 'layers': {}}))", "sandbox", "crashed", NOT_AN_ANSWER),
    "the worker's own exception": ("raise ChannelClosedError", "sandbox", "crashed", "instead of returning"),
    "no builtins": ("builtins.__dict__.clear()", "sandbox", "crashed", "instead of returning"),
}
HEADER = """
import builtins, ctypes, os, sys, time
from msgspec.msgpack import encode as pack
from grader.sandbox.calls import wire
from grader.sandbox.calls.channel import ChannelClosedError

def pid(): return os.getpid()

def send(header): os.write(3, wire.PREFIX.pack(len(header), 0) + header)

class Loops(Exception):
    def __str__(self):
        while True: pass
    def __del__(self):
        while True: pass


def deep(depth):
    # Iterators in each other: no version of Python counts how deep these calls go, as newer ones do for repr().
    found = iter([1])
    for _ in range(depth): found = filter(None, found)
    return found
"""


@pytest.mark.parametrize(("body", "where", "status", "text"), ENDINGS.values(), ids=ENDINGS.keys())
def test_a_worker_that_does_not_answer_ends_the_check(
    submit: Any, body: str, where: str, status: str, text: str, request: pytest.FixtureRequest
) -> None:
    submission = submit(f"{HEADER}\ndef f():\n    {body}", where)
    with submission.trial(CONTRACT) as met:
        own = met.student.pid()
        pid = outside(request.getfixturevalue(where), own)
        for _ in range(2):  # asked again, it tells the same at once
            with pytest.raises(EndedError) as caught:
                met.student.f()
            assert (caught.value.status, text in caught.value.message) == (status, True), caught.value.message
            assert caught.value.message.startswith("f ")
    assert wait_for_end(pid)
    with submission.trial(CONTRACT) as met:
        assert met.student.pid() not in (own, pid, os.getpid())


# name: (body of f, type of the error, part of its message)
ERRORS = {
    "an exception that answers nothing": ("raise Mute", "KeyError", ""),
    "an exception that cannot be changed": ("raise Frozen", "KeyError", ""),
    "an exception class of the wire": ("raise wire.ProtocolError('mine')", "ProtocolError", "mine"),
    "a __str__ that raises": ("raise Raises", "Raises", "could not be read"),
    "a __str__ that is no text": ("raise Number", "Number", "could not be read"),
    "a __str__ of 100 MB": ("raise Endless", "Endless", "xxx"),
    "a name and a message that give orders": (
        "raise Loud('\\x1b[2J\\r::error::\\u202e')",
        r"Lo\x1bud\u202e",
        r"\x1b[2J\x0d",
    ),
    "a class that lies": ("return Liar()", "AttributeError", "layout"),
    "a class that fails": ("return Fails()", "ZeroDivisionError", "division by zero"),
    "recursion": ("return f()", "RecursionError", "maximum recursion depth"),
    "50 GB of tensor": ("torch.ones(50 << 28)", "RuntimeError", "memory"),
    "50 GB of numpy": ("numpy.ones(50 << 27)", "MemoryError", "50.0 GiB"),
    "50 GB of Python": ("bytearray(50 << 30)", "MemoryError", ""),
    "an answer that is too large": (
        "return [torch.ones(1 << 22)] + [torch.ones(1 << 22) for _ in range(4)]",
        "ValueError",
        "large",
    ),
    "a text that is too large": ("return 'x' * 300_000", "ValueError", "too large to send"),
    "a flood of output past Python": ("while True: os.write(1, bytes(1 << 16))", "OSError", "File too large"),
}
ERROR_HEADER = """
import os, numpy, torch
from grader.sandbox.calls import wire

class Raises(Exception):
    def __str__(self): raise SystemExit
class Mute(Exception):
    def __getattribute__(self, name): raise KeyError(name)
class Frozen(Exception):
    def __setattr__(self, name, value): raise KeyError(name)
class Number(Exception):
    def __str__(self): return 5
class Endless(Exception):
    def __str__(self): return "x" * 100_000_000
Loud = type("Lo\\x1bud\\u202e" + "x" * 500, (Exception,), {})
class Liar:
    __class__ = torch.Tensor
class Fails:
    __class__ = property(lambda self: 1 / 0)
"""


@pytest.mark.parametrize(("body", "name", "text"), ERRORS.values(), ids=ERRORS.keys())
def test_a_worker_survives_what_it_can_describe(trial: Any, body: str, name: str, text: str) -> None:
    with trial(f"{ERROR_HEADER}\ndef f():\n    {body}\ndef g(): return 5") as met:
        with pytest.raises(StudentError) as caught:
            met.student.f()
        assert met.student.g() == 5
    error = caught.value
    assert error.type.startswith(name)
    assert text in error.message
    assert len(error.type) <= 80
    assert len(error.message) < 2000
    assert "\x1b" not in f"{error}{error.lines}"


def test_a_hostile_repr_is_never_asked(trial: Any) -> None:
    with trial("class A:\n    def __repr__(self):\n        while True: pass\ndef f(): return A()") as met:
        assert met.student.f().description == "an A"


FORGER = """
import os, sys
from grader.sandbox.calls import wire

def forge(chunks=(), **fields):
    frame = sys._getframe()
    while "request" not in frame.f_locals: frame = frame.f_back
    os.write(3, b"".join(wire.encode(wire.Response(frame.f_locals["request"].id, **fields), chunks)))
"""


def test_a_second_answer_is_not_taken_for_the_next_one(trial: Any) -> None:
    with trial(f"{FORGER}\ndef f(): forge(value=7); forge(value=7)") as met:
        assert met.student.f() == 7  # a value like any other: no worse than returning it
        with pytest.raises(EndedError, match="sent data that is not an answer"):
            met.student.f()


def test_a_worker_that_goes_on_after_its_answer_is_killed(trial: Any, sandbox: Any) -> None:
    with trial(f"{FORGER}\ndef f():\n    forge(value=os.getpid())\n    while True: pass") as met:
        pid = outside(sandbox, met.student.f())
    assert wait_for_end(pid)


@pytest.mark.parametrize("changed", [[(0, 0), (0, 0)], [(1, 0)], [(-1, 0)], [(0, 1)]])
def test_a_change_that_cannot_be_ends_the_check(trial: Any, changed: list[tuple[int, int]]) -> None:
    array = 'wire.Array("float32", (2,), 0)'
    source = f"{FORGER}\ndef f(x): forge([bytes(64)], arrays=[{array}], changed={changed})"
    with trial(source) as met, pytest.raises(EndedError, match="sent an invalid answer"):
        met.student.f(torch.ones(2))


IMPORTS = {
    "a loop": ("while os: pass", "hasty_sandbox", "timed_out", OUT_OF_TIME),
    "os._exit": ("os._exit(3)", "sandbox", "crashed", f"{CUT} (exit code 3)"),
    "a segmentation fault": ("import ctypes; ctypes.string_at(0)", "sandbox", "crashed", "SIGSEGV"),
}


@pytest.mark.parametrize(("line", "where", "status", "text"), IMPORTS.values(), ids=IMPORTS.keys())
def test_an_import_that_takes_its_process_along_is_paid_once(
    submit: Any, monkeypatch: pytest.MonkeyPatch, line: str, where: str, status: str, text: str
) -> None:
    submission = submit(f"import os\ndef f(): return 1\n{line}", where)
    for attempt in range(2):
        with submission.trial(CONTRACT) as met, pytest.raises(EndedError) as caught:
            met.student.f()
        assert (caught.value.status, text in caught.value.message) == (status, True), caught.value.message
        assert caught.value.message.startswith("section1_toy.py ")
        assert [place.line for place in caught.value.lines] == ([3] if line.startswith("while") else [])
        if not attempt:  # from now on no worker is needed to know it

            def no_more(*_: Any, **__: Any) -> None:
                raise AssertionError("another worker was started")

            monkeypatch.setattr(submission._launcher, "spawn", no_more)
    assert submission.outline.definitions["f"].line == 2


@pytest.mark.parametrize(
    "line", ["x = 1 / 0", "import sys; sys.exit(0)", "raise KeyboardInterrupt", "raise NotImplementedError"]
)
def test_what_stands_above_a_failing_line_works(submit: Any, line: str) -> None:
    submission = submit(f"def above(): return 1\n{line}\ndef below(): return 2")
    with submission.trial(CONTRACT) as met:
        assert met.student.above() == 1
        with pytest.raises(WrongAnswerError, match="stops loading before it comes to below"):
            met.student.below()
    assert submission.load_error is not None
    assert [(at.line, at.text) for at in submission.load_error.lines] == [(2, line)]
    assert set(submission.outline.definitions) == {"above", "below"}


UNREADABLE = {
    "a syntax error": (b"def f(): return 1\ndef g(:\n", "SyntaxError", "invalid syntax"),
    "a null byte": (b"def f(): return 1\n\0", "SyntaxError", "nul"),
    "bytes that are no text": (b"def f(): return '\xff'", "SyntaxError", "utf-8"),
    "an unknown encoding": (b"# coding: klingon\ndef f(): return 1", "SyntaxError", "klingon"),
    "100,000 parentheses": (b"x = " + b"(" * 100_000 + b")" * 100_000, "SyntaxError", "too many nested parentheses"),
    "100,000 minus signs": (b"x = " + b"-" * 100_000 + b"1", "MemoryError", ""),
    "a megabyte of sum": (b"x = 1" + b"+1" * 500_000, "RecursionError", ""),
}


@pytest.mark.parametrize(("source", "name", "text"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_file_that_does_not_compile_says_so_and_defines_nothing(
    submit: Any, source: bytes, name: str, text: str
) -> None:
    submission = submit(source)
    with submission.trial(CONTRACT) as met, pytest.raises(WrongAnswerError, match="defines no function"):
        met.student.f()
    for error in (submission.load_error, submission.outline.error):
        assert (error.type, text in error.message.lower()) == (name, True)
    assert submission.outline.definitions == {}


def test_output_is_kept_and_cut_while_the_answer_stays_right(trial: Any) -> None:
    source = "import sys\ndef f():\n    for i in range(100_000): print(i, '\\x1b[31m', file=sys.stderr)\n    return 1"
    with trial(source) as met:
        assert met.student.f() == 1
    assert met.output.startswith("0 \\x1b[31m\n1 \\x1b[31m\n")
    assert len(met.output) < 40_000
    assert met.output.endswith("(more output was dropped)\n")


def test_an_answer_is_right_when_the_output_is_full(trial: Any) -> None:
    flood = "    try:\n        while True: os.write(2, bytes(1 << 16))\n    except OSError: return 1"
    with trial(f"import os\ndef f():\n{flood}") as met:
        assert met.student.f() == 1


@pytest.mark.slow
def test_calls_that_sleep_a_little_each_run_out_of_time_together(trial: Any) -> None:
    with trial("import time\ndef f(): time.sleep(0.2)", where="drowsy_sandbox") as met:
        met.student.f()
        with pytest.raises(EndedError, match="within 1 seconds in all") as caught:
            list(iter(met.student.f, "never"))
    assert caught.value.status == "timed_out"


FORGERY = """
def f():
    frame = sys._getframe()
    while "request" not in frame.f_locals:
        frame = frame.f_back
    failure = {"type": "E", "bases": ["Exception"], "message": "", "frames": [[1, "f", "x"]] * 5000}
    send(pack({"type": "response", "id": frame.f_locals["request"].id, "failure": failure}))
"""


def test_a_flood_of_forged_traceback_lines_is_cut(trial: Any) -> None:
    with trial(HEADER + FORGERY) as met, pytest.raises(StudentError) as caught:
        met.student.f()
    assert 0 < len(caught.value.lines) < 10
