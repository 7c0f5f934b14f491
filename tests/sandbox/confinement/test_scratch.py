"""A folder of a worker's own: for a check that asks for one, as large as it asks for, and gone with the worker."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import grader
from grader.sandbox.calls.student import Contract
from grader.sandbox.confinement import scratch
from grader.sandbox.confinement.landlock import abi
from grader.sandbox.limits.limits import DEFAULT
from grader.sandbox.process.health import layers_of
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.launch_zygote import ZygoteOwner
from grader.sandbox.process.trust import Trust
from grader.sandbox.process.zygote_messages import Config
from grader.submission.submission import Submission
from grader.toolkit.check import SCRATCH_LIMIT, check
from grader.toolkit.verdicts import EndedError, GraderFaultError, StudentError

pytestmark = pytest.mark.skipif(sys.platform != "linux" or abi() < 3, reason="needs Landlock ABI 3")

CONTRACT = Contract(type(os)("reference"))
SIZE = 4 << 20
FILES = '''
import os, pathlib, shutil, tempfile
import numpy as np
import torch

def keep(x):
    """Files as people write them: temporary ones, by a bare name, in a folder of one's own."""
    with tempfile.TemporaryDirectory() as folder:
        torch.save(x, os.path.join(folder, "x.pt"))
        back = torch.load(os.path.join(folder, "x.pt"))
    np.save("x.npy", back.numpy())
    os.makedirs("deep/er", exist_ok=True)
    os.replace("x.npy", "deep/er/y.npy")
    shutil.copyfile("deep/er/y.npy", "z.npy")
    with tempfile.TemporaryFile("w+") as file:
        file.write("12345")
        file.truncate(3)
        file.seek(0)
        text = file.read()
    shutil.rmtree("deep")
    return torch.from_numpy(np.load("z.npy")), text, sorted(os.listdir())

def fill(megabytes):
    with open("large", "wb") as file:
        for _ in range(megabytes):
            file.write(bytes(1 << 20))
    return os.path.getsize("large")

def crowd():
    for number in range(100_000):
        open(f"{number}", "w").close()

def where():
    return os.getcwd()

def here():
    return sorted(os.listdir(tempfile.gettempdir()))

def write(path):
    with open(path, "w") as file:
        file.write("x")

def cut(path):
    os.truncate(path, 0)

def remove(path):
    os.remove(path)

def link(path):
    os.symlink(path, "link")
    with open("link", "w") as file:
        file.write("x")

def climb():
    for _ in range(10):
        os.chdir("..")
    write("mine")

def map_file(size):
    mapped = np.memmap("mapped", mode="w+", dtype=np.uint8, shape=size)
    mapped[:] = 1

def mount():
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    results = [libc.umount2(b"/dev/shm", 2), libc.mount(b"none", b"/mnt", b"tmpfs", 0, None), libc.unshare(0x20000)]
    return results
'''
SUBMISSION = Submission("section1_toy.py", Path("section1_toy.py"), FILES.encode())


@pytest.fixture
def meet(sandbox):
    """`meet(size)`: a fresh worker of the submission above, with a folder of `size` bytes, or none."""

    try:
        layers_of(sandbox, replace(DEFAULT, scratch_bytes=SIZE))
    except GraderFaultError as error:
        if "cannot be made here" not in str(error):
            raise
        pytest.skip("this machine gives nobody a view of their own")

    def meet(size=SIZE, opened=sandbox):
        return opened.admit(SUBMISSION).trial(CONTRACT, "keep", None, size)

    return meet


def test_what_writes_files_works(meet):
    with meet() as trial:
        x, text, left = trial.student.keep(torch.arange(5.0))
    assert x.tolist() == [0, 1, 2, 3, 4]
    assert text == "123"
    assert left == ["z.npy"]


def test_without_a_folder_the_same_is_refused(meet):
    with meet(0) as trial, pytest.raises(StudentError, match="it cannot write files"):
        trial.student.keep(torch.arange(5.0))


def test_it_holds_what_was_asked_for_and_no_more(meet):
    with meet() as trial, pytest.raises(StudentError, match="No space left on device"):
        trial.student.fill((SIZE >> 20) + 1)
    with meet(2 * SIZE) as trial:
        assert trial.student.fill((SIZE >> 20) + 1) == SIZE + (1 << 20)


def test_it_does_not_hold_any_number_of_files(meet):
    with meet() as trial, pytest.raises(StudentError, match="No space left on device"):
        trial.student.crowd()


def test_who_maps_a_file_that_it_does_not_hold_is_told_so(meet):
    with meet() as trial, pytest.raises(EndedError, match="the disk had no space for"):
        trial.student.map_file(SIZE + 1)


def test_no_other_process_sees_it_and_nothing_is_left(meet):
    before = sorted(os.listdir(scratch.PLACE))
    with meet() as one, meet() as other:
        one.student.fill(1)
        assert one.student.here() == ["large"]
        assert other.student.here() == []
        assert sorted(os.listdir(scratch.PLACE)) == before
        with pytest.raises(StudentError):
            other.student.write(f"/proc/{one.student._conversation._process.pid}/root{scratch.PLACE}/large")
    with meet() as again:
        assert again.student.here() == []


@pytest.mark.parametrize("deed", ["write", "cut", "remove", "link"])
def test_nothing_else_can_be_written_from_it(deed, meet, tmp_path):
    tmp_path.chmod(0o777)
    mine = tmp_path / "mine"
    mine.write_text("mine")
    mine.chmod(0o666)
    with meet() as trial, pytest.raises(StudentError):
        getattr(trial.student, deed)(str(mine))
    assert mine.read_text() == "mine"


def test_its_view_of_the_file_system_cannot_be_changed(meet):
    with meet() as trial:
        assert trial.student.mount() == [-1, -1, -1]
        with pytest.raises(StudentError):
            trial.student.climb()


@pytest.mark.parametrize("config", [{"landlock_abi_limit": 2}, {"landlock_abi_limit": 0}], ids=["ABI 2", "none"])
def test_where_it_could_not_be_confined_there_is_none_and_no_points_are_lost(config, meet, course):
    owner = ZygoteOwner(Config(hidden=[], packages=("torch",), **config), DEFAULT)
    with Sandbox("zygote", owner.clients[0], DEFAULT, owner, trust=Trust(everybody=True)) as old:
        with (
            meet(opened=old) as trial,
            pytest.raises(GraderFaultError, match="folder of its own, which needs Landlock ABI 3"),
        ):
            trial.student.here()
        with meet(0, old) as trial, pytest.raises(StudentError):
            trial.student.write("x")


def test_a_machine_without_folders_grades_what_needs_none(meet, course):
    """However many checks have asked for one before."""
    owner = ZygoteOwner(Config(hidden=[], packages=("torch",), landlock_abi_limit=2), DEFAULT)
    with Sandbox("zygote", owner.clients[0], DEFAULT, owner, trust=Trust(everybody=True)) as old:
        submission = old.admit(SUBMISSION)
        for _ in range(8):
            with (
                submission.trial(CONTRACT, "keep", None, SIZE) as trial,
                pytest.raises(GraderFaultError, match="folder"),
            ):
                trial.student.here()
        with submission.trial(CONTRACT, "keep") as trial:
            assert trial.student.where() == "/"


def test_who_is_not_root_gets_one_too():
    """And has no rights in it: confinement drops those that came with the user namespace."""
    if not os.access("/proc/sys/user/max_user_namespaces", os.R_OK):
        pytest.skip("this kernel has no user namespaces")
    code = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from grader.sandbox.confinement import scratch\n"
        "from grader.sandbox.confinement.syscalls import drop_capabilities, prctl\n"
        "os.geteuid() == 0 and (os.setresgid(65534, 65534, 65534), os.setresuid(65534, 65534, 65534))\n"
        "prctl(4, 1)\n"  # PR_SET_DUMPABLE, as whoever has not been root is
        "user = os.geteuid()\n"
        "scratch.make(1 << 20, user)\n"
        "drop_capabilities()\n"
        "open('mine', 'w').write('x')\n"
        "assert os.listdir(scratch.PLACE) == ['mine'], os.listdir(scratch.PLACE)\n"
        "assert os.stat('mine').st_uid == user\n"
        "try: open('more', 'wb').write(bytes(2 << 20))\n"
        "except OSError as error: print(error.strerror)\n"
    )
    root = os.path.dirname(os.path.dirname(grader.__file__))
    done = subprocess.run([sys.executable, "-c", code, root], capture_output=True, text=True)
    if "cannot be made here" in done.stderr:
        pytest.skip("this machine lets no user have a view of their own")
    assert done.stdout == "No space left on device\n", done.stderr
    assert not os.path.exists(f"{scratch.PLACE}/mine")


@pytest.mark.slow
def test_a_plain_worker_gets_a_folder_that_goes_with_it(course):
    limits = replace(DEFAULT, load_wall_seconds=60.0)
    with (
        Sandbox.open(course, kind="plain", limits=limits, trust=Trust(everybody=True)) as sandbox,
        sandbox.admit(SUBMISSION).trial(CONTRACT, "keep", None, SIZE) as trial,
    ):
        trial.student.fill(1)
        assert trial.student.here() == ["large"]
        folder = trial.student._conversation._process._host._scratch.name
        assert os.listdir(folder) == ["large"]
    assert not os.path.exists(folder)


def test_who_writes_elsewhere_is_told_where_it_may(meet):
    with (
        meet() as trial,
        pytest.raises(StudentError, match="only in its own working folder and in temporary folders"),
    ):
        trial.student.write("/etc/mine")


CHECKS = """
from grader.toolkit.check import check
from grader.toolkit.closeness import expect_close
import torch

@check("mean", points=3, scratch_mib=1)
def test_with_a_folder(student):
    \"\"\"With.\"\"\"
    expect_close({"mean": (student.mean(torch.tensor([1.0, 2.0])), 1.5)})

@check("mean", points=1)
def test_without(student):
    \"\"\"Without.\"\"\"
    expect_close({"mean": (student.mean(torch.tensor([1.0, 2.0])), 1.5)})
"""
SAVES = """
import torch
def mean(x):
    torch.save(x.sum(), "sum.pt")
    return float(torch.load("sum.pt")) / len(x)
"""


@pytest.mark.usefixtures("meet")  # where there are folders
def test_a_check_that_asks_gets_it_and_no_other(grade_tiny, course_with):
    report = grade_tiny(SAVES, root=course_with(CHECKS))
    assert [(check.id, str(check.status.value), check.points) for check in report.checks] == [
        ("with_a_folder", "passed", 3.0),
        ("without", "failed", 0.0),
    ]


def test_in_the_process_of_the_grader_it_is_an_empty_folder(grade_tiny, course_with, tmp_path, monkeypatch):
    """And the submission is found wherever it was, though its path may be short."""
    monkeypatch.chdir(tmp_path)
    report = grade_tiny(SAVES, root=course_with(CHECKS), sandbox=None, folder=Path())
    assert report.checks[0].status.value == "passed", report.checks[0].message
    assert "sum.pt" in os.listdir()  # the other check stands where the grader does


UNSTEADY = """
from pathlib import Path
times = 0
def mean(x):
    global times
    times += 1
    Path("mine").write_text(str(times))
    return float(x.sum()) + float(Path("mine").read_text())
"""


@pytest.mark.usefixtures("meet")  # where there are folders
def test_a_diagnosis_has_what_the_check_had_that_it_explains(grade_tiny, course_with):
    others = ("scale", "shift_in_place", "centre")
    gentle = "".join(
        f'@check("{name}", points=1)\ndef test_{name}(student):\n    """Nothing."""\n' for name in (*others, "mean")
    )
    first, after = CHECKS.split("@check", 1)
    report = grade_tiny(UNSTEADY, root=course_with(first + gentle + "@check" + after.split("@check")[0]))
    found = {check.id: check.diagnosis for check in report.checks if check.diagnosis}
    assert found["with_a_folder"].mistake == "unsteady"


def test_a_check_asks_for_it_and_not_for_too_much():
    for mib in (SCRATCH_LIMIT + 1, -1, 0.1):
        with pytest.raises(ValueError, match="0 to 256 MiB"):
            check("mean", points=1, scratch_mib=mib)
