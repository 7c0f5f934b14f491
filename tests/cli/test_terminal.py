"""`grade` under a person's hands: in a terminal, with colour and progress, and interrupted half-way."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

import pytest

from tests.cli.commands import RIGHT, SEQUENCE, below, environment, processes
from tests.paths import MESSAGES

COMMAND = [sys.executable, "-m", "grader", "tiny", "--submission"]


def run_in_terminal(*command: str, **variables: str) -> tuple[int, str]:
    """Run a command in a terminal of 80 columns; return its exit code and every byte that it wrote there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        command, env=environment(TERM="xterm-256color", **variables), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    written = b""
    try:
        while data := os.read(ours, 1 << 16):
            written += data
    except OSError:  # the other end is closed: how Linux says that this was all
        pass
    os.close(ours)
    return process.wait(), written.decode()


def talk(command: list[str], said: list[tuple[str, str]], **variables: str) -> tuple[int, str]:
    """Answer each text of a program with a line, in order; return its exit code and all that it wrote."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, env=environment(**variables), stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    written, seen = "", 0
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if not select.select([ours], [], [], 1)[0]:
            continue
        try:
            written += os.read(ours, 1 << 16).decode()
        except OSError:  # closed: this was all
            break
        if said and said[0][0] in written[seen:]:
            seen = len(written)
            os.write(ours, said.pop(0)[1].encode() + b"\n")
    process.kill()
    os.close(ours)
    assert not said, written
    return process.wait(), written


def screen(text: str) -> list[str]:
    """What is left to read: lines after erasures and returns to their start, for what rich's status line uses."""
    lines, row = [""], 0
    for part in re.split(r"(\r|\n|\x1b\[[0-9;?]*[A-Za-z])", text):
        if part == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif part.endswith("A") and SEQUENCE.fullmatch(part):
            row = max(0, row - int(part[2:-1] or 1))
        elif part in ("\x1b[2K", "\x1b[K"):
            lines[row] = ""
        elif part != "\r" and not SEQUENCE.fullmatch(part):
            lines[row] += part
    return lines


@pytest.fixture(scope="module")
def terminal():
    return run_in_terminal(*COMMAND, str(RIGHT))


def test_a_terminal_shows_colour_and_progress(terminal):
    code, written = terminal
    assert code == 0
    assert "\x1b[32mpassed" in written
    assert re.search(r"check 1 of \d, \w", written)  # of its share, which begins with whatever the other has not taken


def test_a_terminal_is_left_as_a_pipe_would_have_it(terminal):
    """No progress, no blank line more, and a cursor that can be seen."""
    golden = MESSAGES / "right.txt"
    assert screen(terminal[1]) == [*golden.read_text(encoding="utf-8").splitlines(), ""]
    assert terminal[1].rfind("\x1b[?25h") > terminal[1].rfind("\x1b[?25l") >= 0


@pytest.mark.slow
def test_no_color_is_respected_in_a_terminal():
    _, written = run_in_terminal(*COMMAND[:-1], NO_COLOR="1")
    colours = [
        found for found in re.findall(r"\x1b\[([0-9;]*)m", written) if set(found.split(";")) - {"0", "1", "2", ""}
    ]
    assert "not started" in written
    assert colours == []


def test_in_process_a_breakpoint_stops_in_the_students_own_lines(tmp_path):
    submission = tmp_path / "section1_tiny.py"
    source = RIGHT.read_text(encoding="utf-8")
    submission.write_text(source.replace("return x * factor", "breakpoint()\n    return x * factor"), encoding="utf-8")
    command = [*COMMAND[:-1], "scale", "--in-process", "--unsafe", "--submission", str(submission)]
    code, written = talk(command, [("(Pdb) ", "p ('factor is', factor)"), ("(Pdb) ", "q")])
    assert re.search(r"section1_tiny.py\(\d+\)scale\(\)", written)
    assert "('factor is', " in written
    assert (code, written.splitlines()[-1]) == (130, "Interrupted.")


def test_an_interrupt_ends_every_process_and_shows_no_traceback(tmp_path):
    submission = tmp_path / "section1_tiny.py"
    submission.write_text("import sys\nwhile sys: pass\n", encoding="utf-8")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(
        [*COMMAND, str(submission)],
        env=environment(),
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell has its background jobs ignore it
        **pipes,
    )
    # Until the command has forked the process that judges, beside the zygote, and a worker is at work on the endless loop.
    while len(family := below(process.pid)) < 2 or len(family[0]) < 2 or max(family[-1].values()) < 30:
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate() == ("", "\nInterrupted.\n")  # on a line of its own, below the ^C
    assert process.returncode == 130
    assert not {pid for generation in family for pid in generation} & set(processes())
