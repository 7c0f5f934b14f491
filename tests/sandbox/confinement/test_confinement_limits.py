"""Limits on memory, time, output and descriptors, the ways in which a confined process ends, and what it may read."""

import os
import platform
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.confinement.layers import PARENT_IS_GONE, can_drop_uid
from tests.sandbox.confinement.confined_attempts import IDENTITIES, NOBODY, Identity, Scene, finish, make_scene

MIB = 1 << 20
SMALL = {"memory_bytes": 64 * MIB, "output_bytes": MIB, "open_files": 32}


@pytest.fixture
def scene() -> Iterator[Scene]:
    with make_scene() as made:
        yield made


@pytest.mark.parametrize(
    "others", [{}, {"landlock_abi_limit": 0, "seccomp": False}], ids=["all layers", "limits alone"]
)
def test_too_much_memory_output_or_descriptors_fails_and_the_process_stays_usable(
    scene: Scene, others: dict[str, Any]
) -> None:
    assert scene.run("limits", **SMALL, **others)["results"]["limits"] == {
        "a quarter GiB": "MemoryError",
        "a shared mapping of a quarter GiB": "ENOMEM",
        "a MiB afterwards": "allowed",
        "a MiB of output": "EFBIG",
        "40 descriptors": "EMFILE",
        "raise RLIMIT_AS": "ValueError",
        "raise RLIMIT_CPU": "ValueError",
    }


def test_with_wide_limits_the_same_is_allowed(scene: Scene) -> None:
    results = scene.run("limits")["results"]["limits"]
    assert [name for name, outcome in results.items() if outcome != "allowed"] == [
        "raise RLIMIT_AS",
        "raise RLIMIT_CPU",
    ]


def test_a_process_out_of_cpu_time_is_killed_whatever_it_ignores(scene: Scene) -> None:
    spinning = scene.start("spinning", cpu_seconds=1)
    finish(spinning)
    assert spinning.returncode == -signal.SIGKILL


def test_without_seccomp_a_process_can_stop_itself(scene: Scene) -> None:
    stopped = scene.start("stopping", seccomp=False)
    _, status = os.waitpid(stopped.pid, os.WUNTRACED)
    stopped.kill()
    stopped.communicate()
    assert os.WIFSTOPPED(status)


@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda identity: identity.name)
def test_the_kernel_confirms_privileges_filter_and_limits(identity: Identity) -> None:
    with make_scene(identity) as scene:
        confined = scene.start("honest")
        assert confined.stdout is not None
        confined.stdout.readline()
        status = dict(line.split(":", 1) for line in Path(f"/proc/{confined.pid}/status").read_text().splitlines())
        limits = Path(f"/proc/{confined.pid}/limits").read_text()
        finish(confined)
    assert {status[name].strip() for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0" * 16}
    assert (status["NoNewPrivs"].strip(), status["Seccomp"].strip(), status["Threads"].strip()) == ("1", "2", "1")
    assert status["Uid"].split() == [str(identity.final_uid)] * 4
    if identity.drop_uid is not None:
        assert (status["Gid"].split(), status["Groups"].split()) == ([str(identity.drop_uid)] * 4, [])
        assert status["CapBnd"].strip() == "0" * 16
    core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]


def test_a_worker_whose_parent_is_gone_ends_at_once(scene: Scene) -> None:
    orphan = scene.start("honest", parent=1)
    assert finish(orphan)[0] == ""
    assert orphan.returncode == PARENT_IS_GONE


@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda identity: identity.name)
def test_a_worker_dies_with_its_parent(identity: Identity) -> None:
    """The middle process confines a child of its own and leaves; the child would report that it outlived it."""
    middle = f"""
        import os, sys, time
        sys.path.insert(0, sys.argv[1])
        from grader.sandbox.confinement.layers import ConfinementPolicy, confine
        me, (ready, tell) = os.getpid(), os.pipe()
        if os.fork() == 0:
            confine(ConfinementPolicy((), 1 << 30, 60, 1 << 20, 64, {identity.drop_uid}), me)
            os.write(tell, b"x")
            time.sleep(20)
            os.write(1, b"outlived")
            os._exit(0)
        os.read(ready, 1)
        os._exit(0)
    """
    with make_scene(identity) as scene:
        command = [sys.executable, "-I", "-c", textwrap.dedent(middle), str(scene.root / "package")]
        left = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    assert left.stdout == b""


def test_a_process_with_threads_is_not_confined(scene: Scene) -> None:
    source = """
        import os, sys, threading
        sys.path.insert(0, sys.argv[1])
        from grader.sandbox.confinement.layers import ConfinementPolicy, confine
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        confine(ConfinementPolicy((), 1 << 30, 60, 1 << 20, 64, None), os.getppid())
    """
    command = [sys.executable, "-I", "-c", textwrap.dedent(source), str(scene.root / "package")]
    refused = subprocess.run(command, capture_output=True, text=True)
    assert "2 threads in a process to fork or to confine, expected 1" in refused.stderr


if platform.machine() == "x86_64":

    @pytest.mark.parametrize("landlock_abi_limit", [None, 0])
    def test_a_32_bit_system_call_kills_the_process(scene: Scene, landlock_abi_limit: int | None) -> None:
        attempt = scene.start("interrupt_0x80", landlock_abi_limit=landlock_abi_limit)
        finish(attempt)
        assert attempt.returncode == -signal.SIGSYS

    def test_without_seccomp_a_32_bit_system_call_is_not_noticed(scene: Scene) -> None:
        attempt = scene.start("interrupt_0x80", seccomp=False)
        finish(attempt)
        assert attempt.returncode != -signal.SIGSYS


def test_a_uid_is_dropped_only_where_the_worker_can_still_read(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / "module.py").touch()
    root = os.getuid() == 0
    assert can_drop_uid(NOBODY, ["/usr/lib", "/etc/ld.so.cache"]) is root
    assert not can_drop_uid(NOBODY, ["/usr/lib", str(private)])
    assert not can_drop_uid(NOBODY, [str(private / "module.py")])
