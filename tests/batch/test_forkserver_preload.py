"""The fork server imports the modules of a batch from the start, and stops with any end of the batch."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.batch.hand_ins import SOLUTION
from tests.paths import ROOT

if sys.platform != "linux":
    pytest.skip("processes are forked by a server on Linux only", allow_module_level=True)


def processes_of(session):
    """The command lines of a session's processes, by process id."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            mine = int((path / "stat").read_text().rsplit(")", 1)[1].split()[3]) == session
            if mine and (line := (path / "cmdline").read_bytes()):
                found[int(path.name)] = line
    return found


def ignores_interruptions(pid):
    with suppress(OSError):
        (ignored,) = re.findall(r"SigIgn:\t(\w+)", Path(f"/proc/{pid}/status").read_text())
        return bool(int(ignored, 16) >> (signal.SIGINT - 1) & 1)
    return False


@pytest.fixture
def start(command, environment):
    def start_in_a_session(*words):
        return subprocess.Popen(
            command(*words), cwd=ROOT, env=environment, start_new_session=True, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell has its background jobs ignore it
        )  # fmt: skip

    return start_in_a_session


def test_a_class_that_is_not_there_leaves_no_process_behind(start, tmp_path):
    run = start(tmp_path / "nowhere", tmp_path / "out")
    said, _ = run.communicate(timeout=100)
    assert (run.returncode, "Expected a folder of submissions" in said) == (2, True)
    assert processes_of(run.pid) == {}


def test_an_interruption_while_all_is_imported_is_one_word(start, lay_out, tmp_path):
    run = start(lay_out({"ada/section1_tiny.py": SOLUTION}), tmp_path / "out")
    end = time.monotonic() + 60
    while time.monotonic() < end and not any(
        b"grader.batch.forkserver_preload" in line and ignores_interruptions(pid)
        for pid, line in processes_of(run.pid).items()
    ):
        time.sleep(0.005)
    os.killpg(run.pid, signal.SIGINT)
    said, _ = run.communicate(timeout=100)
    assert (run.returncode, said.strip()) == (130, "Interrupted.")
    assert processes_of(run.pid) == {}


@pytest.mark.slow
def test_what_is_graded_already_is_told_without_importing_anything(run_grade, command, lay_out, tmp_path, start):
    folder = lay_out({"ada/section1_tiny.py": SOLUTION})
    assert run_grade(command(folder, tmp_path / "out")).returncode == 0
    run, seen = start(folder, tmp_path / "out"), set()
    while run.poll() is None:
        seen |= {line for line in processes_of(run.pid).values() if b"warm" in line}
        time.sleep(0.002)
    run.communicate()
    assert (run.returncode, seen) == (0, set())


FORKS = """
import os
fork = os.fork
def counted():
    if len(threads := os.listdir("/proc/self/task")) > 1:
        with open({mark!r}, "a") as file:
            file.write(f"a fork with {{len(threads)}} threads ")
    return fork()
os.fork = counted
"""


def test_no_process_of_a_class_imports_from_the_working_directory_or_forks_beside_threads(
    lay_out, environment, tmp_path
):
    inbox = lay_out({"ada/section1_tiny.py": SOLUTION})
    mark, installed, watched = tmp_path / "mark", tmp_path / "bin" / "grade", tmp_path / "site"
    for name in {*sys.stdlib_module_names, "grader", "hypothesis", "msgspec", "numpy", "pytest", "torch"}:
        (tmp_path / f"{name}.py").write_text(f"open({str(mark)!r}, 'a').write({name + ' '!r})\nraise SystemExit(7)")
    script = "from grader.program import program\nprogram()"  # pip installs it with a guard, others without
    for path, text in ((installed, script), (watched / "sitecustomize.py", FORKS)):
        path.parent.mkdir()
        path.write_text(text.format(mark=str(mark)))
    environment = {**environment, "PYTHONPATH": f"{environment['PYTHONPATH']}{os.pathsep}{watched}"}
    words = [sys.executable, str(installed), "class", str(inbox), "--out", str(tmp_path / "out")]
    run = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=280)
    assert not mark.exists(), f"in a process of ours: {mark.read_text()}"
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_import_itself_cannot_be_interrupted():
    code = """
import signal, sys
class Watcher:
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            sys.exit(0 if signal.getsignal(signal.SIGINT) is signal.SIG_IGN else 1)
sys.meta_path.insert(0, Watcher())
import grader.batch.forkserver_preload
"""
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
