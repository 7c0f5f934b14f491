"""The warm process, as a person at a terminal meets it: a shell in a pseudo-terminal types `grade`."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from grader.course import Course
from grader.grading.request import Task
from grader.sandbox.process.interpreter import KERNELS, scrubbed_environment
from grader.submission.submission import Submission
from tests.cli.commands import without_seconds
from tests.paths import ROOT, TINY
from tests.warm.shell import GRADE, GRADE_WITHOUT_TORCH, READ_BY_LIBRARIES, SECONDS, TOKEN

if sys.platform != "linux":
    pytest.skip("there is a warm process on Linux only", allow_module_level=True)

from grader.warm.warm_process import WarmProcess, stop_all

SLEEPS = "import time\n\n\ndef mean(x):\n    while True:\n        time.sleep(1)\n"
TELLS = "from multiprocessing.process import ORIGINAL_DIR\n"  # the folder in which it was imported


@pytest.mark.slow
def test_the_next_grading_says_the_same_without_torch_until_anything_changes(shell):
    shell.types(f"{GRADE} section1 --cold")  # so that no later one has gained points since
    first = shell.types(f"{GRADE} section1 --json first.json")
    shell.waits_until_warm()
    (process,) = shell.warm_processes()
    second = shell.types(f"{GRADE_WITHOUT_TORCH} section1 --json second.json")
    assert (second[0], SECONDS.sub("", second[1])) == (0, SECONDS.sub("", first[1]).replace("first", "second")), second
    assert without_seconds(shell.course / "second.json") == without_seconds(shell.course / "first.json")
    assert "All points" in second[1]
    secret = [TOKEN, str(shell.course), str(shell.sockets), shell.right.strip().splitlines()[-1]]
    assert shell.parts_in_memory(process, [*secret, "site-packages"]) == {"site-packages"}  # its zygote is a fork of it

    shell.file.write_text(shell.right.replace("return", "return 2 *", 1), encoding="utf-8")
    assert shell.types(f"{GRADE_WITHOUT_TORCH} section1")[0] == 1
    shell.file.write_text(TELLS + shell.right.replace("return", "raise ValueError(f'in ({ORIGINAL_DIR})'); return", 1))
    text = shell.types(f"{GRADE_WITHOUT_TORCH} section1 --verbose")[1]
    assert "in (/)" in text, text
    code, text = shell.types(
        f"{GRADE_WITHOUT_TORCH} section1 -k 'and and'"
    )  # an error is told without the warm process
    assert (code, shell.warm_processes()) == (3, {process}), text

    shell.file.write_text(SLEEPS + shell.right.partition("\n")[2].replace("def mean", "def other"), encoding="utf-8")
    assert shell.types(f"timeout --foreground -s INT 1 {GRADE} section1")[0] in (124, 130)  # Ctrl-C
    shell.file.write_text(shell.right, encoding="utf-8")
    shell.waits_for(lambda: shell.types(f"{GRADE_WITHOUT_TORCH} section1")[0] == 0, "it grades on after Ctrl-C")

    os.kill(process, signal.SIGSTOP)  # a warm process that says nothing is not needed
    assert shell.types(f"{GRADE} section1")[0] == 0
    os.kill(process, signal.SIGCONT)

    checks = shell.course / "checks" / "section1_tiny" / "test_section1.py"
    text, line = checks.read_text(encoding="utf-8"), "    expected = 3 * x\n"
    assert line in text
    checks.write_text(text.replace(line, f"{line}    print('said')\n"), encoding="utf-8")
    assert shell.types(f"{GRADE} section1")[0] == 0
    shell.waits_for(lambda: shell.warm_processes() - {process}, "no new warm process")
    assert process not in shell.warm_processes()
    shell.waits_until_warm()
    assert "said" in shell.types(f"{GRADE} section1")[1]  # what checks print is shown

    assert shell.types(f"{GRADE} stop") == (0, "Ended the warm process.\n")
    shell.waits_until_gone()
    assert shell.types(f"{GRADE} stop") == (0, "No warm process is running.\n")


@pytest.mark.slow
def test_none_is_left_where_no_student_types(shell):
    for command in (
        f"{GRADE} section1 --cold",
        f"CI=true {GRADE} section1",
        f"GRADE_LAUNCHER=plain {GRADE} section1",
        f"{GRADE} section1 >kept.txt",
        f'setsid -w bash -c "{GRADE} section1; :"',  # a program with a terminal, such as a notebook
        f"chmod 755 ../run/grade-descent-*; {GRADE} section1",  # others may enter
    ):
        assert shell.types(command)[0] == 0
    assert not shell.warm_processes()


@pytest.mark.slow
def test_where_libraries_read_a_variable_only_the_zygote_is_started_without_it(shell):
    variable = "LD_LIBRARY_PATH=/dev/null/none"
    shell.types(f"export {variable}")
    shell.types(f"{GRADE} section1 --cold")  # so that no later one has gained points since
    first = shell.types(f"{GRADE} section1")
    shell.waits_until_warm()
    (process,) = shell.warm_processes()
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    assert children, "no zygote"
    has = [variable.encode() in Path(f"/proc/{one}/environ").read_bytes().split(b"\0") for one in (process, *children)]
    assert has == [True, *(False for _ in children)]
    second = shell.types(f"{GRADE_WITHOUT_TORCH} section1")
    assert (second[0], SECONDS.sub("", second[1])) == (0, SECONDS.sub("", first[1])), second
    assert shell.types("unset LD_LIBRARY_PATH") == (0, "")
    assert shell.types(f"{GRADE} section1")[0] == 0
    shell.waits_for(lambda: process not in shell.warm_processes(), "the one with the variable stays")


def test_libraries_are_imported_with_the_variables_that_they_read(tmp_path, monkeypatch):
    """They are imported before the environment is there in a process of which the zygote is a fork."""
    monkeypatch.setattr(os, "getsid", lambda process: os.getpgrp() + 1)  # as in an interactive shell
    monkeypatch.setattr(WarmProcess, "_socket", lambda self: tmp_path / "one.socket")
    started = []

    def start(words, env, **others):
        started.append(env)
        raise FileNotFoundError("it is not started here")

    monkeypatch.setattr(subprocess, "Popen", start)
    for name in READ_BY_LIBRARIES:
        monkeypatch.delenv(name, raising=False)
    course = Course(TINY)
    (section,) = course.sections
    task = Task(section, Submission(section.exercise.name, section.exercise, section.exercise.read_bytes()))
    warm, report = WarmProcess(course), SimpleNamespace(checks=[])
    warm.start(task, report)
    assert started.pop() == scrubbed_environment()
    for name in KERNELS:  # a zygote has them, too
        with monkeypatch.context() as changed:
            changed.setenv(name, "1")
            warm.start(task, report)
        assert started.pop() == scrubbed_environment() | {name: "1"}
    for name in READ_BY_LIBRARIES:
        with monkeypatch.context() as changed:
            changed.setenv(name, "1")
            warm.start(task, report)
        assert started.pop() is None, "all of the terminal's"


@pytest.mark.slow
def test_it_ends_when_it_is_not_asked_for_some_time(tmp_path, monkeypatch):
    place = tmp_path / "one.socket"
    monkeypatch.setattr(WarmProcess, "_socket", lambda self: place)
    monkeypatch.setattr("grader.warm.warm_process._IDLE_SECONDS", 0.2)
    course = Course(TINY)
    (section,) = course.sections
    task = Task(section, Submission(section.exercise.name, section.exercise, section.exercise.read_bytes()))
    with subprocess.Popen(["sleep", "100"]) as shell:
        monkeypatch.setattr(os, "getsid", lambda process: shell.pid)
        WarmProcess(course).start(task, SimpleNamespace(checks=[]))
        process = int(place.with_suffix(".lock").read_bytes())
        os.waitpid(process, 0)  # without an end, the test has none
        assert shell.poll() is None
        shell.kill()


HANGS = """
import os, signal, socket, sys
from grader.service.messages import SentReport, receive, send
with socket.socket(socket.AF_UNIX) as listener:
    listener.bind(sys.argv[1])
    listener.listen()
    print(flush=True)
    connection, _ = listener.accept()
    connection.sendall(b"1")
    with connection.makefile("rwb") as pipe:
        receive(pipe)
        if sys.argv[2:]:
            send(pipe, SentReport(running=("a check", "mean", 0, 1)))
        os.kill(os.getpid(), signal.SIGSTOP)
"""


@pytest.mark.parametrize("words", [(), ("a check runs",)])
def test_a_warm_process_that_hangs_after_its_greeting_is_ended_and_not_waited_for(tmp_path, monkeypatch, words):
    place = tmp_path / "one.socket"
    monkeypatch.setattr(WarmProcess, "_socket", lambda self: place)
    monkeypatch.setattr("grader.warm.warm_process._SILENT_SECONDS", 0.5)
    course = Course(TINY)
    (section,) = course.sections
    task = Task(section, Submission(section.exercise.name, section.exercise, section.exercise.read_bytes()))
    command = [sys.executable, "-c", HANGS, str(place), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        process.stdout.readline()
        report = WarmProcess(course).ask(task, lambda: contextlib.nullcontext(lambda *_: None))
        assert (report, process.wait()) == (None, -signal.SIGKILL)


def test_a_folder_of_sockets_that_is_a_link_is_not_used(tmp_path, monkeypatch):
    others = tmp_path / "others"
    others.mkdir(mode=0o700)
    kept = others / "1234.socket"
    kept.write_bytes(b"")
    (tmp_path / f"grade-descent-{os.getuid()}").symlink_to(others)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert stop_all() == 0
    assert kept.exists()


def test_folders_that_link_to_each_other_are_read_once(tmp_path):
    data = tmp_path / "data"
    for name in ("first", "second", "third"):
        (data / name).mkdir(parents=True)
        for number in range(3):
            (data / name / f"loop{number}").symlink_to(data)
    WarmProcess(Course(tmp_path))  # ends
