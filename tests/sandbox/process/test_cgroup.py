"""Groups of workers: real ones in a control group that is delegated for the test; plain files for what this kernel may lack."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.sandbox.process import cgroup
from tests.paths import ROOT

if sys.platform != "linux":
    pytest.skip("there are no control groups", allow_module_level=True)

EVENTS = "low 0\nhigh 0\nmax {max}\noom {oom}\noom_kill {oom_kill}\noom_group_kill 0\n"
START = """
import os, subprocess, sys, time
from pathlib import Path
from grader.sandbox.process import cgroup

GROUP, WANTED = Path(sys.argv[1]), sys.argv[2].split()

def group_of(pid="self"):
    return Path(f"/proc/{pid}/cgroup").read_text().splitlines()[-1].removeprefix("0::")

def inside(folder):
    return sorted(one.name for one in folder.iterdir() if one.is_dir())

def fill_up():
    pass

def worker_group(groups):
    return cgroup.WorkerGroup(os.open(groups.folder, os.O_RDONLY | os.O_DIRECTORY), 1 << 30)
"""
SANDBOX = """
from grader.sandbox.process.zygote_messages import Config
from grader.sandbox.calls.conversation import Conversation
from grader.sandbox.process.health import layers_of
from grader.sandbox.process.launch import Sandbox
from grader.sandbox.process.launch_zygote import ZygoteOwner
from grader.sandbox.limits.limits import Limits
from grader.sandbox.calls.student import Contract
from grader.submission.submission import Submission
from grader.sandbox.process.trust import Trust
from types import ModuleType

def open_sandbox(limits=Limits(), **config):
    groups = cgroup.claim(WANTED) if config.get("cgroup", True) else None
    owner = ZygoteOwner(Config(hidden=[], packages=("torch",), **config), limits, groups=groups)
    return owner, Sandbox("zygote", owner.clients[0], limits, owner, trust=Trust(everybody=True))
"""
MEMORY = f"""{SANDBOX}
SOURCE = b"def f():\\n    parts = [bytearray(b'x' * (1 << 20)) for _ in range(512)]\\n    return len(parts)"
owner, sandbox = open_sandbox(Limits(memory_bytes=64 << 20, call_cpu_seconds=60.0), **CONFIG)
with sandbox:
    fill_up()
    try:
        with sandbox.admit(Submission("a.py", Path("a.py"), SOURCE)).trial(Contract(ModuleType("r"))) as met:
            print(met.student.f())
    except BaseException as error:
        print(type(error).__name__, error)
"""


def mount_of_version_2() -> Path | None:
    mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return next((Path(one[4]) for one in mounts if one[one.index("-") + 1] == "cgroup2"), None)


@pytest.fixture
def delegated() -> Iterator[Callable[..., str]]:
    """Run a program as the only process of a control group: what it printed. The group must be empty at the end."""
    mount = mount_of_version_2()
    if mount is None or os.geteuid() != 0:
        pytest.skip("only root makes control groups of version 2, where there are any")
    group = mount / f"grade-test-{os.getpid()}"
    try:
        group.mkdir()
    except OSError as error:
        pytest.skip(f"no control group can be made here: {error}")

    def run(code: str, wanted: str = "") -> str:
        if wanted and wanted not in (group / "cgroup.controllers").read_text().split():
            pytest.skip(f"the {wanted} controller is not delegated here")
        command = ["sh", "-c", f'echo $$ > "{group}/cgroup.procs" && exec "$@"', "sh", sys.executable, "-c"]
        run = subprocess.run(
            [*command, START + code, str(group), wanted], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stderr
        return run.stdout

    yield run
    group.rmdir()


# -- real groups, without a controller that this machine may lack


def test_this_process_goes_aside_and_comes_back_and_leaves_nothing(delegated):
    out = delegated("""
before, groups = group_of(), cgroup.claim(WANTED)
assert group_of() == before + "/grade-keep"
assert inside(GROUP) == sorted(["grade-keep", groups.folder.name])
again = cgroup.claim(WANTED)
assert again.folder.parent == GROUP and again.folder != groups.folder
cgroup.release(groups)
assert again.folder.is_dir()
cgroup.release(again)
assert (group_of(), inside(GROUP)) == (before, [])
print("done")
""")
    assert out == "done\n"


def test_no_other_process_is_moved_and_nothing_is_made_where_there_is_one(delegated):
    out = delegated("""
with subprocess.Popen(["sleep", "100"]) as other:
    before = group_of(other.pid)
    print(cgroup.claim(WANTED).why_none)
    assert (group_of(other.pid), group_of(), inside(GROUP)) == (before, before, [])
    other.kill()
""")
    assert out.startswith("other processes are in the control group")


def test_a_process_that_this_one_has_started_goes_with_it(delegated):
    out = delegated("""
with subprocess.Popen(["sleep", "100"]) as started:
    before, groups = group_of(), cgroup.claim(WANTED, started=[started.pid])
    assert group_of() == group_of(started.pid) == before + "/grade-keep", groups
    cgroup.release(groups)
    assert (group_of(started.pid), group_of(), inside(GROUP)) == (before, before, [])
    started.kill()
print("done")
""")
    assert out == "done\n"


def test_a_user_to_whom_the_group_is_not_delegated_changes_nothing(delegated):
    out = delegated("""
os.setresuid(65534, 65534, 65534)
print(cgroup.claim(WANTED).why_none)
assert inside(GROUP) == []
""")
    assert out == "this process may make no control groups below its own\n"


def test_a_user_to_whom_it_is_delegated_needs_nothing_else(delegated):
    out = delegated("""
for path in (GROUP, *(GROUP / f"cgroup.{name}" for name in ("procs", "threads", "subtree_control"))):
    os.chown(path, 65534, 65534)
os.setresuid(65534, 65534, 65534)
groups = cgroup.claim(WANTED)
group = worker_group(groups)
child = os.fork()
if child == 0:
    group.join()
    os._exit(len(Path(group_of()).parts))
_, status = os.waitpid(child, 0)
print(os.waitstatus_to_exitcode(status) - len(Path(group_of()).parts), group.end())
cgroup.release(groups)
print(inside(GROUP))
""")
    assert out == "1 False\n[]\n"


def test_a_process_that_is_left_in_a_group_is_killed_with_it(delegated):
    out = delegated("""
groups = cgroup.claim(WANTED)
group = worker_group(groups)
with subprocess.Popen(["sleep", "100"], preexec_fn=group.join) as left:
    assert group_of(left.pid).startswith(group_of().replace("grade-keep", groups.folder.name))
    if not (groups.folder / "cgroup.kill").exists():
        left.kill()
    cgroup.release(groups)
    print(left.wait())
cgroup.release(groups)
""")
    assert out == "-9\n"


@pytest.mark.slow
@pytest.mark.parametrize("namespaces", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_each_worker_is_in_a_group_of_its_own_which_goes_with_it(delegated, namespaces):
    out = delegated(
        f"""{SANDBOX}
owner, sandbox = open_sandbox(namespaces={namespaces})
folder = owner.groups.folder
with sandbox:
    one, two = sandbox.spawn(ahead=False), sandbox.spawn(ahead=False)
    assert all(Conversation(process, Limits()).layers["cgroup"] is True for process in (one, two))
    places = {{group_of(process.pid) for process in (one, two)}}
    assert len(places) == 2 and all(Path(place).parent.name == folder.name for place in places), places
    assert group_of(sandbox.pid) == group_of() and group_of().endswith("grade-keep")
    for process in (one, two):
        process.close()
    deadline = time.monotonic() + 30
    while inside(folder) and time.monotonic() < deadline:
        time.sleep(0.01)
    print(inside(folder))
print(inside(GROUP))
"""
    )
    assert out == "[]\n[]\n"


# -- the memory controller


def test_memory_in_many_small_parts_is_stopped_by_the_group_alone(delegated):
    out = delegated(f"CONFIG = {{'address_space': False}}\n{MEMORY}", wanted="memory")
    assert out == "EndedError crashed: f used more than 64 MiB of memory, so the grader stopped it.\n"


def test_a_kill_at_the_limit_of_a_container_is_not_the_submission_s_doing(delegated):
    """The group in which this process was started has room for some parts only, and a worker may use more."""
    out = delegated(
        f"""CONFIG = {{'address_space': False}}
def fill_up():
    layers_of(sandbox)
    (GROUP / "memory.swap.max").write_text("0")
    (GROUP / "memory.max").write_text(str(int((GROUP / "memory.current").read_text()) + (100 << 20)))
{MEMORY}""",
        wanted="memory",
    )
    assert out.startswith("GraderFaultError the machine ran out of memory")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"cgroup": False}, "StudentError"),
        pytest.param({"cgroup": False, "address_space": False}, "512", marks=pytest.mark.slow),
    ],
    ids=["by the limit of addresses", "by nothing"],
)
def test_without_a_group_it_is_stopped_by_the_limit_of_addresses(delegated, config, said):
    out = delegated(f"CONFIG = {config}\n{MEMORY}")
    assert out.startswith(said)


# -- the kernel's files, played by plain ones


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A folder in which a new one has the files of a control group with the controllers for memory and processes."""
    make, remove = os.mkdir, os.rmdir
    files = {"memory.max": "max\n", "memory.swap.max": "max\n", "memory.oom.group": "0\n", "pids.max": "max\n"}

    def mkdir(name: str, mode: int = 0o777, *, dir_fd: int | None = None) -> None:
        make(name, mode, dir_fd=dir_fd)
        for file, text in (files | {"memory.events": EVENTS.format(max=0, oom=0, oom_kill=0)}).items():
            (tmp_path / name / file).write_text(text)

    def rmdir(name: str, *, dir_fd: int | None = None) -> None:
        for file in (tmp_path / name).iterdir():
            file.unlink()
        remove(name, dir_fd=dir_fd)

    monkeypatch.setattr(os, "mkdir", mkdir)
    monkeypatch.setattr(os, "rmdir", rmdir)
    descriptor = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    yield descriptor
    os.close(descriptor)


def test_a_group_is_limited_before_anybody_is_in_it(parent, tmp_path):
    cgroup.WorkerGroup(parent, 3 << 30)
    (group,) = tmp_path.iterdir()
    found = {name: (group / name).read_text().split()[0] for name in ("memory.max", "memory.oom.group")}
    assert found == {"memory.max": str(3 << 30), "memory.oom.group": "1"}
    assert (group / "memory.swap.max").read_text().startswith("0")
    assert (group / "pids.max").read_text().startswith("1")


@pytest.mark.parametrize(
    ("events", "over"),
    [
        ({"max": 0, "oom": 0, "oom_kill": 0}, False),
        ({"max": 7, "oom": 1, "oom_kill": 1}, True),
        ({"max": 7, "oom": 0, "oom_kill": 0}, False),  # at the limit, and what it had read was let go
        ({"max": 0, "oom": 0, "oom_kill": 1}, False),  # the machine had no memory, or a group above
    ],
)
def test_only_a_kill_at_the_group_s_own_limit_is_the_submission_s_doing(parent, tmp_path, events, over):
    group = cgroup.WorkerGroup(parent, 1 << 30)
    (folder,) = tmp_path.iterdir()
    (folder / "memory.events").write_text(EVENTS.format(**events))
    assert group.end() is over
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("own", "root", "controllers", "why"),
    [
        ("0::/user.slice/a b", "/", "cpu memory pids", "other processes"),
        ("4:memory:/x\n0::/user.slice/a b", "/user.slice", "memory", "other processes"),
        ("0::/user.slice/a b", "/", "cpu pids", "no memory controller"),
        ("0::/user.slice/a b", "/elsewhere", "memory", "sees no control group"),
        ("0::/../a b", "/", "memory", "sees no control group"),
        ("4:memory:/user.slice/a b", "/", "memory", "sees no control group"),
        (None, "/", "memory", "sees no control group"),  # a kernel without any
    ],
)
def test_where_nothing_is_delegated_it_is_said_why(tmp_path, own, root, controllers, why):
    mount = tmp_path / "file systems" / "cgroup"
    group = mount / ("a b" if root == "/user.slice" else "user.slice/a b")
    group.mkdir(parents=True)
    (group / "cgroup.controllers").write_text(f"{controllers}\n")
    (group / "cgroup.procs").write_text(f"1\n{os.getpid()}\n")
    place = str(mount).replace(" ", "\\040")
    lines = [
        "25 1 8:1 / / rw,noatime shared:1 - ext4 /dev/sda1 rw",
        f"41 31 0:38 {root} {place} rw - cgroup2 cgroup2 rw",
    ]
    (tmp_path / "mountinfo").write_text("\n".join(lines) + "\n")
    if own is not None:
        (tmp_path / "cgroup").write_text(f"{own}\n")
    groups = cgroup.claim(process=tmp_path)
    assert (groups.folder, why in groups.why_none) == (None, True), groups
    assert sorted(path.name for path in group.iterdir()) == ["cgroup.controllers", "cgroup.procs"]


def test_an_error_that_does_not_mean_so_is_a_fault_of_ours(tmp_path):
    (tmp_path / "cgroup").mkdir()
    with pytest.raises(IsADirectoryError):
        cgroup.claim(process=tmp_path)
