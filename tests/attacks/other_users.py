"""Grade attacks as another user: `python -m tests.attacks.other_users IDENTITY CONFIGURATION FOLDER ID...`.

IDENTITY is "as started", "nobody", "root that becomes nobody" or "like a container"; all but the first need root to begin with.
Prints one JSON object: attack to [outcome, traces]. FOLDER is empty and writable.
"""

import ctypes
import os
import sys
from pathlib import Path

from tests.paths import ROOT

NOBODY = 65534
CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x20000, 0x1000, 0x4000, 1 << 18
CONTAINER_CAPABILITIES = (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)  # Docker's default

libc = ctypes.CDLL(None, use_errno=True)


def succeed(result: int) -> None:
    """Raise if a call of the C library has failed."""
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def mount(source: str, target: str, flags: int, kind: str = "none", data: str = "") -> None:
    succeed(libc.mount(source.encode(), target.encode(), kind.encode(), flags, data.encode()))


def open_private_folders(stash: Path) -> None:
    """Let everybody enter the folders that Python lies in, in a view of the files that only this process has."""
    needed = [os.path.realpath(path) for path in (sys.prefix, sys.base_prefix, ROOT)]
    private = {str(top) for path in needed for top in Path(path).parents if not top.stat().st_mode & 0o001}
    if not private:
        return
    succeed(libc.unshare(CLONE_NEWNS))
    mount("none", "/", MS_REC | MS_PRIVATE)
    for number, path in enumerate(needed):
        (stash / str(number)).mkdir()
        mount(path, str(stash / str(number)), MS_BIND | MS_REC)
    for folder in sorted(private)[:1]:
        mount("tmpfs", folder, 0, "tmpfs", "mode=755")
    for number, path in enumerate(needed):
        if any(path.startswith(f"{folder}/") for folder in private):
            os.makedirs(path, exist_ok=True)
            mount(str(stash / str(number)), path, MS_BIND | MS_REC)


def become_nobody() -> None:
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def enter_container() -> None:
    """Keep the capabilities of a container's root, and refuse the calls that its profile refuses."""
    from grader.sandbox.confinement import seccomp
    from grader.sandbox.confinement.syscalls import architecture

    here = architecture()
    assert here is not None
    refused = "unshare keyctl bpf userfaultfd perf_event_open io_uring_setup openat2 process_vm_readv ptrace"
    number = seccomp._load(seccomp._NUMBER)
    program = [number]
    for name in refused.split():
        program += seccomp._if_equal(here.numbers[name], seccomp._REFUSE)
    program += seccomp._if_equal(here.numbers["clone3"], seccomp._NO_SUCH_CALL)
    program += seccomp._ALLOW
    for capability in set(range(64)) - set(CONTAINER_CAPABILITIES):
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
    seccomp.install(b"".join(instruction.pack() for instruction in program))
    mask = sum(1 << capability for capability in CONTAINER_CAPABILITIES)
    header, low = (ctypes.c_uint32 * 2)(0x20080522, 0), mask & 0xFFFFFFFF
    succeed(libc.capset(header, (ctypes.c_uint32 * 6)(low, low, 0, 0, 0, 0)))


def grade_all(configuration: str, folder: Path, names: list[str]) -> dict[str, object]:
    """The outcomes and traces of attacks and honest hand-ins, by their ids."""
    from tests.attacks.configurations import CONFIGURATIONS, graded, run
    from tests.attacks.corpus import attacks, honest
    from tests.attacks.targets import make_targets

    found: dict[str, object] = {}
    with CONFIGURATIONS[configuration].open() as sandbox:
        for number, attack in enumerate(one for one in [*attacks(), *honest()] if one.id in names):
            place = folder / str(number)
            place.mkdir()
            with make_targets() as targets:
                report = run(attack, sandbox, targets, place)
                found[attack.id] = graded(attack, report), targets.traces(sandbox.pid)
                found["layers"] = report.sandbox
    return found


def main() -> None:
    identity, configuration, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    if identity in ("nobody", "root that becomes nobody"):
        (folder / "stash").mkdir()
        open_private_folders(folder / "stash")
    if identity == "nobody":
        os.chown(folder, NOBODY, NOBODY)
        become_nobody()
    if identity == "like a container":
        enter_container()
    import json

    print(json.dumps(grade_all(configuration, folder, sys.argv[4:])))


if __name__ == "__main__":
    main()
