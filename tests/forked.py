"""`python -m grader` and `python -c CODE` as a process that need not import torch again: it is forked from a process that has.

Only imports are done before the fork, and no test runs in that process. What Python reads only at its start, such as
PYTHONIOENCODING, takes a process that really starts; so do tests of its start, its imports, signals and closed streams.
"""

import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
import types
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NoReturn

from tests import zygote_nursery
from tests.paths import ROOT

IMPORTED = """
torch hypothesis.strategies pytest rich.table jinja2 grader.cli grader.service.parallel grader.service.session
grader.render.terminal.terminal grader.render.terminal.progress grader.render.export.report_json grader.render.web.page
grader.batch.gradebook.book grader.batch.ledger
"""
READ_AT_THE_START = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC", "OMP_", "MKL_", "CI", "GITHUB_ACTIONS")
HANDLED = {"PYTHONPATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}  # below, or of no matter
GRADE = [sys.executable, "-m", "grader"]


def run(command: list[str], env: Mapping[str, str], cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, as `subprocess.run` does."""
    is_ours = command[:3] == GRADE or command[:2] == [sys.executable, "-c"]
    if sys.platform != "linux" or not is_ours or _at_the_start(env) != _at_the_start(os.environ):
        return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, check=False)
    with (
        tempfile.TemporaryFile("w+") as out,
        tempfile.TemporaryFile("w+") as err,
        socket.socket(socket.AF_UNIX) as asked,
    ):
        asked.connect(_address())
        socket.send_fds(asked, [b"."], [out.fileno(), err.fileno()])
        with asked.makefile("rw", encoding="utf-8") as file:
            file.write(json.dumps([command[1:], dict(env), str(cwd)]) + "\n")
            file.flush()
            code = int(file.readline())
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(command, code, out.read(), err.read())


def _at_the_start(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(READ_AT_THE_START) and name not in HANDLED}


@cache
def _address() -> str:
    """Where the process that has imported torch listens. It ends with this one."""
    address = f"\0grade {os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        subprocess.Popen(
            [sys.executable, "-m", "tests.forked", str(listening.fileno())],
            cwd=ROOT,
            stdin=subprocess.PIPE,  # closes with this process
            pass_fds=[listening.fileno()],
        )
    return address


def _serve(listening: socket.socket) -> None:
    """Fork a process for each connection, until the process that started this one is gone."""
    for name in IMPORTED.split():
        importlib.import_module(name)
    zygote_nursery.address()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no process waits for these
    while True:
        ready, _, _ = select.select([listening, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        connection, _ = listening.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _answer(connection)
        connection.close()


def _answer(connection: socket.socket) -> NoReturn:
    """Run a command in another process, and tell its exit code."""
    _, streams, _, _ = socket.recv_fds(connection, 1, 2)
    with connection.makefile("rw", encoding="utf-8") as file:
        words, env, cwd = json.loads(file.readline())
        pid = os.fork()
        if pid == 0:
            _become_grade(words, env, cwd, streams)
        _, status = os.waitpid(pid, 0)
        file.write(f"{os.waitstatus_to_exitcode(status)}\n")
    os._exit(0)


def _become_grade(words: list[str], env: dict[str, str], cwd: str, streams: list[int]) -> NoReturn:
    """Go on as a Python that has just started, with nothing of ours but the imported libraries."""
    try:
        with open(os.devnull) as null:
            for number, stream in enumerate((null.fileno(), *streams)):
                os.dup2(stream, number)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(env)
        sys.path[:1] = [cwd, *filter(None, env.get("PYTHONPATH", "").split(os.pathsep))]
        foreign = {"tests"} if cwd == str(ROOT) or not Path(cwd, "grader").exists() else {"tests", "grader"}
        # Kept to the end: a file of theirs, collected later, would close its number, which another file has by then.
        _theirs = [sys.modules.pop(name) for name in [*sys.modules] if name.partition(".")[0] in foreign]
        if "grader" not in foreign:
            zygote_nursery.use()
        how, what, *rest = words
        sys.argv[:] = [how, *rest]
        if how == "-m":
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        sys.path[0] = ""  # as Python has it with -c
        sys.modules["__main__"] = main = types.ModuleType("__main__")
        exec(compile(what, "<string>", "exec"), vars(main))
        _leave(0)
    except SystemExit as end:
        _leave(end.code)
    except BaseException:
        traceback.print_exc()
    _leave(1)


def _leave(code: object) -> NoReturn:
    """End the process as Python does at the end of a program."""
    if isinstance(code, str):
        print(code, file=sys.stderr)
    from grader.toolkit.private_names import finish_threads_and_exit_handlers

    finish_threads_and_exit_handlers()
    sys.stdout.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
