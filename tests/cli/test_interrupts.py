"""Ctrl-C ends a program wherever it strikes."""

import subprocess
import sys

import pytest

from tests.cli.commands import environment
from tests.paths import TINY

BEGINNING = """
import gc, signal, sys, time
from grader.cli import keep_interrupts
signal.signal(signal.SIGINT, signal.default_int_handler)
keep_interrupts()
"""
STRIKES = {
    "a destructor": """
class Struck:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)
        time.sleep(0)
Struck()
""",
    "a callback of the garbage collector": """
def struck(phase, info):
    gc.callbacks.remove(struck)
    signal.raise_signal(signal.SIGINT)
    time.sleep(0)
gc.callbacks.append(struck)
gc.collect()
""",
}
REST = """
for _ in range(1000):
    time.sleep(0.01)
print("nobody has heard of it")
"""


def ended(program: str) -> "subprocess.CompletedProcess[str]":
    arguments = [sys.executable, "-c", program]
    return subprocess.run(arguments, capture_output=True, text=True, env=environment(), timeout=60, check=False)


@pytest.mark.parametrize("where", STRIKES)
def test_an_interrupt_where_python_ignores_what_is_raised_is_not_lost(where):
    done = ended(BEGINNING + STRIKES[where] + REST)
    assert done.stdout == ""
    assert done.stderr.rstrip().endswith("KeyboardInterrupt")
    assert "Exception ignored" not in done.stderr


def test_an_interrupt_of_the_first_imports_is_told_in_a_word():
    done = ended("""
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
class Struck:
    def find_spec(self, name, *_):
        if name == "click":
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Struck())
from grader.program import program
program()
""")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Interrupted.\n")


def test_what_else_python_ignores_is_told_as_before():
    done = ended(
        BEGINNING + "class Faulty:\n    def __del__(self):\n        raise ValueError('of a destructor')\nFaulty()\n"
    )
    assert done.returncode == 0
    assert "Exception ignored" in done.stderr
    assert "ValueError: of a destructor" in done.stderr


def test_an_interrupt_between_a_fork_and_the_first_line_of_the_child_is_the_parents():
    done = ended(f"""
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
fork = os.fork
def interrupted():
    number = fork()
    if number == 0:
        os.kill(os.getpid(), signal.SIGINT)
    return number
os.fork = interrupted
sys.argv = ["grade", "tiny", "--cold", "--submission", {str(TINY / "solutions" / "section1_tiny.py")!r}]
from grader.program import program
program()
""")
    assert (done.returncode, done.stderr) == (0, "")
    assert "All points" in done.stdout
