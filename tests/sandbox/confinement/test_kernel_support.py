"""A protection that the machine lacks is reported as off; any other error of the same call ends the process, unconfined."""

import errno
import json
import os
import sys
from typing import Any

import pytest

from grader.sandbox.confinement import landlock
from grader.sandbox.confinement.kernel_support import UNSUPPORTED
from tests.sandbox.confinement.confined_attempts import NOBODY, Identity, finish, make_scene

if sys.platform != "linux":
    pytest.skip("there is no confinement", allow_module_level=True)

# Call of the table: the system call, its option, and which layer is then off, with the value that says so.
CALLS: dict[str, tuple[str, int | None, str, Any]] = {
    "no-new-privileges": ("prctl", 38, "no_new_privs", False),
    "landlock_create_ruleset": ("landlock_create_ruleset", None, "landlock", 0),
    "landlock_restrict_self": ("landlock_restrict_self", None, "landlock", 0),
    "no capability to be gained": ("prctl", 24, "uid", NOBODY),  # it becomes another user all the same
    "setgroups": ("setgroups", None, "uid", 0),
    "setresgid": ("setresgid", None, "uid", 0),
    "setresuid": ("setresuid", None, "uid", 0),
    "capset": ("capset", None, "capabilities_dropped", False),
    "seccomp": ("seccomp", None, "seccomp", False),
    "seccomp filter": ("prctl", 22, "seccomp", False),
}
OF_ROOT = {"no capability to be gained", "setgroups", "setresgid", "setresuid"}
OTHERS = (errno.EINVAL, errno.EFAULT, errno.EIO, errno.ENOMEM, errno.EBADF, errno.E2BIG)
MISSING = [(name, code) for name in CALLS for code in sorted(UNSUPPORTED[name])]
FAULTS = [(name, code) for name in CALLS for code in OTHERS if code not in UNSUPPORTED[name]]


def named(cases: list[tuple[str, int]]) -> dict[str, Any]:
    return {"argvalues": cases, "ids": [f"{name}, {errno.errorcode[code]}" for name, code in cases]}


@pytest.fixture
def confined() -> Any:
    """Confine a process in which the kernel answers a call with an error: what it printed, and what it complained of."""

    def attempt(name: str, code: int) -> tuple[str, str]:
        if name in OF_ROOT and os.getuid() != 0:
            pytest.skip("needs root to begin with")
        if "landlock" in name and not landlock.abi():
            pytest.skip("this kernel has no Landlock")
        call, option, _, _ = CALLS[name]
        with make_scene(Identity("root", drop_uid=NOBODY if name in OF_ROOT else None)) as scene:
            return finish(scene.start("harmless", refuse=(call, option, code)))

    return attempt


@pytest.mark.parametrize(("name", "code"), **named(MISSING))
def test_what_the_machine_lacks_is_off_and_said_to_be(confined: Any, name: str, code: int) -> None:
    out, err = confined(name, code)
    assert out, err
    _, _, layer, value = CALLS[name]
    assert json.loads(out)["layers"][layer] == value


@pytest.mark.parametrize(("name", "code"), **named(FAULTS))
def test_any_other_error_is_ours_and_nothing_runs(confined: Any, name: str, code: int) -> None:
    out, err = confined(name, code)
    assert out == ""
    assert os.strerror(code) in err
