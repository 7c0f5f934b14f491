"""Faults of the machine: the same grade as without them, or a grader error of the check; and nothing is left behind."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from grader.sandbox.calls.conversation import Conversation
from grader.sandbox.limits.limits import Limits
from grader.sandbox.process.launch import Sandbox
from tests.grading.machine_faults import Killer, are_gone, children, descriptors
from tests.grading.reports import outcome, statuses
from tests.grading.tiny_answers import CASES, answer
from tests.paths import TINY

KINDS = ("right", "wrong_value", "raises", "leaves_the_process", "not_started", "unstable", "half_loading")
LIMITS = Limits(call_cpu_seconds=0.5, load_cpu_seconds=1.5)

linux = pytest.mark.skipif(sys.platform != "linux", reason="there is a zygote on Linux only")


@pytest.fixture
def nothing_left(grade_tiny, tmp_path, monkeypatch):
    """After the test there are no more processes, descriptors and temporary files than before."""
    grade_tiny(CASES["right"])  # so that the sandbox of all tests is there
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    processes, files = children(os.getpid()), descriptors()
    yield
    assert children(os.getpid()) <= processes
    spare = Counter({"anon_inode": 1, "/memfd:output (deleted)": 1, "socket": 1})  # a worker ordered ahead, or not yet
    assert descriptors() <= files + spare
    assert list((tmp_path / "temporary").iterdir()) == []


MANY = int(os.environ.get("GRADE_KILLS", "30"))  # gradings; 200 before a release


@pytest.mark.slow
@linux
@pytest.mark.usefixtures("nothing_left")
def test_kills_at_random_moments_change_no_grade(grade_tiny, tiny_course):
    undisturbed = {kind: outcome(grade_tiny(CASES[kind])) for kind in KINDS}
    faults = 0
    with Sandbox.open(tiny_course, limits=LIMITS) as sandbox, Killer(sandbox, seed=MANY).at_work() as killer:
        number = -1
        while (number := number + 1) < MANY or not any(killer.killed.values()):
            assert number < 100 * MANY, "nobody was killed"
            kind = KINDS[number % len(KINDS)]
            report = grade_tiny(CASES[kind], sandbox=sandbox, progress=killer.progress)
            for found, expected in zip(outcome(report), undisturbed[kind], strict=True):
                assert found == expected or found[1] == "grader_error", (number, kind, found, expected)
                faults += found[1] == "grader_error"
    print(f"\n{MANY} gradings, killed: {killer.killed}, checks that ended in grader errors: {faults}")
    assert are_gone(killer.seen)


# -- a worker that is killed

SLOW_SCALE = "import time\ntime.sleep(0.4)\nreturn x * factor"


@pytest.mark.slow
@linux
@pytest.mark.parametrize(("times", "status", "part"), [(1, "passed", ""), (2, "grader_error", "SIGKILL")])
def test_a_worker_that_is_killed_is_not_the_submissions_fault(grade_tiny, tiny_course, times, status, part):
    """Once is made good by another worker; and no submission can kill its own."""
    with Sandbox.open(tiny_course, limits=LIMITS) as sandbox:
        left, first = [times], sandbox.pid

        def kill_busy_workers():
            while left[0]:
                time.sleep(0.05)
                busy = [pid for pid in children(sandbox.pid) if _sleeps_on_purpose(pid)]
                if busy:
                    os.kill(busy[0], signal.SIGKILL)
                    left[0] -= 1
                    are_gone(busy)

        thread = threading.Thread(target=kill_busy_workers, daemon=True)
        thread.start()
        report = grade_tiny(answer(scale=SLOW_SCALE), sandbox=sandbox, keyword="scale_keeps_dtype or by_definition")
        left[0] = 0
        thread.join()
        assert sandbox.pid != first  # the second worker is another zygote's: the first may have been at fault
    assert report.checks[0].status == status
    assert part in report.checks[0].message


def _sleeps_on_purpose(pid):
    """Whether a process is in clock_nanosleep, where only `time.sleep` takes it."""
    try:
        return Path(f"/proc/{pid}/wchan").read_text() == "hrtimer_nanosleep"
    except OSError:
        return False


@pytest.mark.parametrize("place", ["call", "import"])
def test_a_submission_that_ends_itself_has_crashed(grade_tiny, place):
    suicide = "import os\nos.kill(os.getpid(), 15)\n"
    report = grade_tiny(answer(scale=suicide) if place == "call" else answer(before=suicide))
    assert statuses(report)["scale_by_definition"] == "crashed"
    assert "SIGTERM" in report.checks[0].message
    assert statuses(report)["mean_by_hand"] == ("passed" if place == "call" else "crashed")


# -- the grading process itself

TROUBLES = {
    "no memory in Python": MemoryError(),
    "no memory in torch": RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 64 bytes"),
    "no descriptors": OSError(errno.EMFILE, "Too many open files"),
    "a full disk": OSError(errno.ENOSPC, "No space left on device"),
    "a fault in our code": KeyError("nobody knows"),
}


def trouble(monkeypatch, error, times, at=1):
    """Let the calls of submissions fail in this process, beginning with the one that is number `at`."""
    call, count = Conversation.call, [0]

    def failing(self, *arguments):
        count[0] += 1
        if at <= count[0] < at + times:
            raise error
        return call(self, *arguments)

    monkeypatch.setattr(Conversation, "call", failing)


@pytest.mark.parametrize("error", TROUBLES.values(), ids=TROUBLES.keys())
def test_trouble_that_goes_away_changes_no_grade(grade_tiny, monkeypatch, error):
    expected = outcome(grade_tiny(CASES["right"]))
    trouble(monkeypatch, error, times=1)
    assert outcome(grade_tiny(CASES["right"])) == expected


@pytest.mark.slow
@linux
def test_an_unexplained_end_is_tried_again_on_another_zygote(grade_tiny, tiny_course, monkeypatch):
    trouble(monkeypatch, TROUBLES["a fault in our code"], times=1)
    with Sandbox.open(tiny_course, limits=LIMITS) as sandbox:
        first = sandbox.pid
        report = grade_tiny(CASES["right"], sandbox=sandbox, keyword="mean_by_hand")
        assert sandbox.pid != first
    assert set(statuses(report).values()) == {"passed"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["no memory in Python", "no memory in torch", "no descriptors", "a full disk"])
def test_trouble_that_stays_is_never_zero_points(grade_tiny, monkeypatch, name):
    trouble(monkeypatch, TROUBLES[name], times=10**9)
    report = grade_tiny(CASES["right"])
    assert set(statuses(report).values()) == {"grader_error"}
    assert report.exit_code == 3


@pytest.mark.parametrize("name", ["no memory in torch", "a fault in our code"])
def test_trouble_after_the_first_answer_counts_against_the_submission(grade_tiny, monkeypatch, name):
    """It may have caused any: nothing that it answers gets it a second try."""
    trouble(monkeypatch, TROUBLES[name], times=1, at=2)
    report = grade_tiny(CASES["right"])
    assert report.checks[0].status == "failed"
    assert "grader_error" not in statuses(report).values()


def test_clocks_that_jump_change_no_grade(grade_tiny, monkeypatch):
    expected = [outcome(grade_tiny(CASES[kind])) for kind in ("right", "raises")]
    jumps = iter(range(10**9))
    for name, unit in (("time", 1), ("time_ns", 10**9)):
        monkeypatch.setattr(time, name, lambda unit=unit: (-1) ** next(jumps) * 10**9 * unit)
    assert [outcome(grade_tiny(CASES[kind])) for kind in ("right", "raises")] == expected


JUMPING_CLOCK = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>

static long jump(void) { static long calls; return ++calls % 2 ? 400000000L : -400000000L; }

int clock_gettime(clockid_t clock, struct timespec *now) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(clock, now);
    if (clock == CLOCK_REALTIME && !failed) now->tv_sec += jump();
    return failed;
}
time_t time(time_t *where) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (where) *where = now.tv_sec;
    return now.tv_sec;
}
int gettimeofday(struct timeval *where, void *zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    where->tv_sec = now.tv_sec;
    where->tv_usec = now.tv_nsec / 1000;
    return 0;
}
"""


@pytest.mark.slow
@linux
@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
@pytest.mark.parametrize("kind", ["raises"])
def test_a_whole_grading_by_a_clock_that_jumps_by_years_is_the_same(tmp_path, kind):
    """The C library's own clock, for everything that the grading process loads, at every look."""
    (tmp_path / "clock.c").write_text(JUMPING_CLOCK)
    library = str(tmp_path / "clock.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, str(tmp_path / "clock.c"), "-ldl"], check=True)
    jumping = {"LD_PRELOAD": library}
    look = [sys.executable, "-c", "import time; print(abs(time.time() - time.time()) > 1e8)"]
    assert subprocess.run(look, env=os.environ | jumping, capture_output=True, check=True).stdout == b"True\n"
    (tmp_path / "section1_tiny.py").write_text(CASES[kind])
    command = [sys.executable, "-m", "grader", "tiny", "--submission", str(tmp_path)]
    runs = [
        subprocess.run(command, env=os.environ | more, cwd=TINY.parents[2], capture_output=True, text=True, check=False)
        for more in ({"GRADE_COURSE": str(TINY)}, {"GRADE_COURSE": str(TINY)} | jumping)
    ]
    assert (runs[0].returncode, runs[0].stdout) == (runs[1].returncode, runs[1].stdout), runs[1].stderr
    assert runs[0].returncode == (0 if kind == "right" else 1)


# -- a full disk


def _can_mount():
    return (
        sys.platform == "linux"
        and os.geteuid() == 0
        and shutil.which("unshare") is not None
        and subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0
    )


FULL_DISKS = """
set -e
for folder in "$1/.grade" "$1/temporary"; do
    mkdir -p "$folder"
    mount -t tmpfs -o size=4k none "$folder"
    head -c 4096 /dev/zero > "$folder/full"
done
cd "$1"
TMPDIR="$1/temporary" "$2" -m grader tiny
code=$?
ls .grade temporary
exit $code
"""


NO_ROOM_ANYWHERE = """
mount -t tmpfs -o size=2m none "$1/everything"
cp -r "$1/course" "$1/everything/"
head -c 4m /dev/zero > "$1/everything/filler" 2> /dev/null
cd "$1/everything/course"
find "$1/everything" | sort > "$1/before"
HOME="$1/everything" TMPDIR="$1/everything" XDG_CACHE_HOME="$1/everything/cache" GRADE_COURSE="$1/everything/course" \\
    "$2" -m grader $3
code=$?
find "$1/everything" | sort | diff "$1/before" - >&2
exit $code
"""


@pytest.mark.slow
@pytest.mark.skipif(not _can_mount(), reason="only root can mount a small disk")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("tiny", 0, "5.0 / 5.0 points"),
        ("tiny --json report.json", 2, "report.json: cannot be written: No space left on device"),
        ("pack", 2, "No space left on device"),
        ("notebook tiny", 2, "No space left on device"),
        ("next", 0, "def scale"),
        ("", 0, "section1"),
    ],
)
def test_where_no_file_at_all_can_be_written_a_grade_is_the_same(tmp_path, words, code, said):
    """Course, home, caches and temporary files on one disk without room: nothing half-written is left there."""
    shutil.copytree(TINY, tmp_path / "course")
    shutil.copy(TINY / "solutions" / "section1_tiny.py", tmp_path / "course" / "exercises" / "section1_tiny.py")
    (tmp_path / "everything").mkdir()
    environment = os.environ | {"PYTHONPATH": str(TINY.parents[2]), "COLUMNS": "100"}
    command = ["unshare", "-m", "sh", "-c", NO_ROOM_ANYWHERE, "sh", str(tmp_path), sys.executable, words]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == code, run.stderr
    assert said in run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    assert not [line for line in run.stderr.splitlines() if line.startswith(("> ", "< "))]


@pytest.mark.slow
def test_a_grade_that_cannot_be_shown_is_no_grade():
    """Standard output on a full disk."""
    environment = os.environ | {"GRADE_COURSE": str(TINY)}
    command = [sys.executable, "-m", "grader", "tiny", "--submission", str(TINY / "solutions")]
    with open("/dev/full", "w") as full:
        run = subprocess.run(
            command, env=environment, cwd=TINY.parents[2], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert run.returncode == 3
    assert "the output, or a folder that it goes to, cannot be written: No space left on device." in run.stderr
    assert "our fault" not in run.stderr


@pytest.mark.slow
def test_where_no_message_can_be_printed_the_exit_code_says_that_nothing_is_graded():
    environment = os.environ | {"GRADE_COURSE": str(TINY)}
    command = [sys.executable, "-m", "grader", "no-such-section"]
    with open("/dev/full", "w") as full:
        run = subprocess.run(command, env=environment, cwd=TINY.parents[2], stdout=full, stderr=full, check=False)
    assert run.returncode == 2


@pytest.mark.slow
@pytest.mark.skipif(not _can_mount(), reason="only root can mount a small disk")
def test_disks_without_room_change_no_grade(tmp_path):
    course = tmp_path / "course"
    shutil.copytree(TINY, course)
    shutil.copy(TINY / "solutions" / "section1_tiny.py", course / "exercises" / "section1_tiny.py")
    environment = os.environ | {"GRADE_COURSE": str(course), "PYTHONPATH": str(TINY.parents[2]), "COLUMNS": "100"}
    command = ["unshare", "-m", "sh", "-c", FULL_DISKS, "sh", str(course), sys.executable]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert "5/5" in run.stdout.replace(" ", "").replace(".0", "")


@pytest.mark.slow
def test_a_report_that_cannot_be_written_is_said(tmp_path):
    environment = os.environ | {"GRADE_COURSE": str(TINY)}
    command = [sys.executable, "-m", "grader", "tiny", "--submission", str(TINY / "solutions"), "--json", "/dev/full"]
    run = subprocess.run(command, env=environment, cwd=TINY.parents[2], capture_output=True, text=True, check=False)
    assert (run.returncode, "No space left on device" in run.stderr) == (2, True)
