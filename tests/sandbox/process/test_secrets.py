"""What a submission finds when it searches everything it can reach, and what is left behind when it is over."""

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.course import Course
from grader.sandbox.calls.student import Contract
from grader.sandbox.limits.limits import DEFAULT
from grader.sandbox.process.interpreter import scrubbed_environment
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.launch_zygote import ZygoteOwner
from grader.sandbox.process.trust import Trust
from grader.sandbox.process.zygote_messages import Config
from grader.submission.submission import Submission
from tests.paths import ROOT

CONTRACT = Contract(type(os)("reference"))

# Everything planted looks like `planted-` and 32 digits; this source holds only the pattern, which does not match itself.
SEARCH = r'''
import ctypes, gc, json, os, re, sys, types

pattern = re.compile(rb"planted-[0-9a-f]{32}")

def found_in(data): return {match.decode() for match in pattern.findall(data)}

def searched_objects():
    """Every object that modules, frames and the collector reach, by id."""
    gc.unfreeze()
    frame, frames = sys._getframe(), []
    while frame is not None:
        frames += [frame.f_locals, frame.f_globals, frame.f_builtins]
        frame = frame.f_back
    todo = [*gc.get_objects(), *sys.modules.values(), *map(vars, sys.modules.values()), *frames, os.environ]
    seen = {}
    while todo:
        item = todo.pop()
        if id(item) not in seen:
            seen[id(item)] = item
            todo += gc.get_referents(item)
    return seen

def objects():
    found = set()
    for item in searched_objects().values():
        if type(item) is str and "planted" in item:
            found |= found_in(item.encode("utf-8", "replace"))
        elif type(item) in (bytes, bytearray):
            found |= found_in(item)
    return sorted(found)

def memory():
    """The raw pages of every object, with their neighbours: freed memory, too."""
    pages = {address >> 12 for address in searched_objects()}
    found = set()
    for page in pages:
        found |= found_in(ctypes.string_at(page << 12, 4096))
    return len(pages), sorted(found)

def files(paths):
    """The paths that can be opened, listed or read, with their contents."""
    opened, found = [], set()
    for path in paths:
        for attempt in (read, list_folder):
            try:
                found |= found_in(attempt(path))
                opened.append(path)
            except OSError: pass
    return opened, sorted(found)

def read(path):
    with open(path, "rb") as file: return file.read()

def list_folder(path): return "\n".join(os.listdir(path)).encode()

def environment(): return dict(os.environ), sys.argv

def modules(): return sorted(sys.modules)

def descriptors():
    found = []
    for number in range(200):
        try: found.append((number, os.fstat(number).st_size))
        except OSError: pass
    return [number for number, _ in found], sorted(set().union(*(found_in(read_all(number)) for number, _ in found)))

def read_all(number):
    try: return os.pread(number, 1 << 20, 0)
    except OSError: return b""

def readable(): return json.__file__
def pid(): return os.getpid()
'''


@pytest.fixture
def control() -> str:
    return f"planted-{secrets.token_hex(16)}"


@pytest.fixture
def searcher(trial: Any, control: str) -> Any:
    with trial(f"MINE = {{'deep': [b'{control}']}}\n{SEARCH}", seconds=60) as met:
        yield met.student


def test_no_object_of_a_worker_holds_what_the_trusted_process_holds(searcher: Any, secret: str, control: str) -> None:
    assert secret in os.environ.values()
    assert searcher.objects() == [control]


def test_no_memory_of_a_worker_holds_what_the_trusted_process_holds(searcher: Any, secret: str, control: str) -> None:
    pages, found = searcher.memory()
    assert pages > 1000
    assert control in found
    assert secret not in found


def test_a_worker_sees_nothing_of_the_worker_before_it(trial: Any, control: str) -> None:
    earlier = f"planted-{secrets.token_hex(16)}"
    with trial(f"EARLIER = '{earlier}'\ndef f(text): return text + EARLIER") as met:
        assert met.student.f(earlier) == earlier + earlier
    with trial(f"MINE = '{control}'\n{SEARCH}", seconds=60) as met:
        assert met.student.objects() == [control]
        assert earlier not in met.student.memory()[1]


def test_the_environment_of_a_worker_is_made_for_it(searcher: Any) -> None:
    environment, arguments = searcher.environment()
    assert environment["PYTHONHASHSEED"] == "0"
    assert environment["HOME"] == "/nonexistent"
    assert not any(
        word in name for name in environment for word in ("PLANTED", "PYTEST", "VIRTUAL_ENV", "SSH", "TOKEN")
    )
    assert not any("planted" in text for text in [*environment.values(), *arguments])


def test_libraries_round_on_both_sides_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OPENBLAS_PASSWORD", "planted")
    environment = scrubbed_environment()
    assert environment["OPENBLAS_CORETYPE"] == "Haswell"
    assert "planted" not in environment.values()
    monkeypatch.delenv("OPENBLAS_CORETYPE")
    assert "OPENBLAS_CORETYPE" not in scrubbed_environment()


def test_no_file_of_the_course_the_grader_or_the_machine_can_be_read(searcher: Any, course: Course) -> None:
    private = [path for folder in (course.root, ROOT / "solutions", ROOT / "checks") for path in folder.rglob("*")]
    private += [course.root, course.solutions, ROOT, ROOT / "solutions", ROOT / "checks", ROOT / ".git"]
    private += [ROOT / ".git" / "HEAD", ROOT / "tests", Path("/etc/passwd"), Path("/root"), Path("/home"), Path("/tmp")]
    for process in ("self", str(os.getpid()), str(os.getppid()), "1"):
        private += [Path("/proc", process, name) for name in ("environ", "maps", "mem", "fd", "cwd", "cmdline", "task")]
    assert (course.solutions / "section1_toy.py") in private
    readable = searcher.readable()
    assert searcher.files([str(path) for path in private] + [readable]) == ([readable], [])


def test_no_descriptor_of_a_worker_leads_anywhere(searcher: Any) -> None:
    assert searcher.descriptors() == ([0, 1, 2, 3], [])


def test_environment_and_descriptors_are_cleared_whatever_else_is_off(course: Course, secret: str) -> None:
    """Neither Landlock nor seccomp keeps a worker from looking: there is nothing of the grader's to be seen."""
    own = tempfile.TemporaryDirectory()
    os.chmod(own.name, 0o755)  # so that it is no question of rights: a worker of root's becomes another user, if it can
    answers = shutil.copy(course.solutions / "section1_toy.py", own.name)
    opened = os.open(answers, os.O_RDONLY)
    os.set_inheritable(opened, True)
    owner = ZygoteOwner(
        Config(hidden=[], packages=("torch",), landlock_abi_limit=0, seccomp=False, namespaces=False), DEFAULT
    )
    try:
        with Sandbox("zygote", owner.clients[0], DEFAULT, owner, trust=Trust(everybody=True)) as bare:
            submission = bare.admit(Submission("section1_toy.py", Path("section1_toy.py"), SEARCH.encode()))
            with submission.trial(CONTRACT) as met:
                assert met.student.files([str(answers)]) == ([str(answers)], [secret])  # it is not confined at all
                assert met.student.descriptors() == ([0, 1, 2, 3], [])
                assert secret not in str(met.student.environment())
                assert met.student.objects() == []
    finally:
        os.close(opened)
        own.cleanup()


def test_no_command_line_holds_a_path_of_the_course(sandbox: Sandbox, course: Course) -> None:
    """Any process of the machine may read it, a submission too where the machine has no namespaces."""
    sandbox.spawn().close()
    assert sandbox.pid is not None
    parent = int(Path(f"/proc/{sandbox.pid}/stat").read_text().rpartition(")")[2].split()[1])
    for pid in {sandbox.pid, parent} - {os.getpid()}:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        assert [word for word in words[1:] if "/" in word] == []


def test_a_worker_has_imported_nothing_that_knows_an_answer(searcher: Any) -> None:
    imported = searcher.modules()
    assert "grader.sandbox.calls.worker" in imported
    private = (
        "checks",
        "grader.grading",
        "grader.kit",
        "grader.course",
        "grader.section",
        "solutions",
        "planted_solutions",
        "pytest",
    )
    assert [name for name in imported if name.startswith((*private, "hypothesis", "_pytest", "click"))] == []


def test_nothing_is_left_when_a_sandbox_is_closed(
    course: Course, children: Callable[[int], set[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before, descriptors = children(os.getpid()), os.listdir("/proc/self/fd")
    submission = Submission("section1_toy.py", tmp_path, b"import os\ndef f(): return os.getpid()")
    with Sandbox.open(course) as sandbox, sandbox.admit(submission).trial(CONTRACT) as met:
        assert met.student.f() > 1
        workers = {sandbox.spawn().pid}  # never closed
        (started,) = children(os.getpid()) - before  # which may only wait for a zygote in namespaces of its own
        zygote = sandbox.pid
        assert zygote == started or children(started) == {zygote}
        assert workers <= children(zygote)
        workers |= children(zygote)
    assert children(os.getpid()) == before
    assert [pid for pid in (started, zygote, *workers) if Path(f"/proc/{pid}").exists()] == []
    assert os.listdir("/proc/self/fd") == descriptors
    assert list(tmp_path.iterdir()) == []


def test_trials_leave_no_descriptor_and_no_process(
    submit: Any, sandbox: Sandbox, children: Callable[[int], set[int]]
) -> None:
    submission = submit("import os\ndef f(): return os.getpid()\ndef g(): os._exit(1)")
    pids, outside = set(), set()  # their numbers among themselves, and for us

    def once() -> int:
        with submission.trial(CONTRACT) as met:
            pids.add(met.student.f())
            outside.update(children(sandbox.pid) if sandbox.pid else ())
            if len(pids) % 3 == 0:
                with pytest.raises(BaseException, match="exit code 1"):
                    met.student.g()
        return len(os.listdir("/proc/self/fd"))

    first = once()
    assert max(once() for _ in range(20)) <= first + 2  # the spare worker's may have arrived or not
    assert len(pids) == 21, "every trial has a worker of its own"
    deadline = time.monotonic() + 10
    while len(left := [pid for pid in outside if Path(f"/proc/{pid}").exists()]) > 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(outside) > 20
    assert len(left) <= 1  # the spare one
