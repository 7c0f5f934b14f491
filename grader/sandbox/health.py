"""What this machine gives: found out by starting a worker and asking it, not by guessing from version numbers."""

import platform
from dataclasses import dataclass

from grader.course import Course
from grader.sandbox.conversation import Conversation
from grader.sandbox.launch import Kind, Sandbox
from grader.sandbox.limits import DEFAULT
from grader.toolkit.verdicts import GraderFaultError


@dataclass(frozen=True)
class Finding:
    """One fact about the machine. `ok` is None for a fact that is neither good nor bad."""

    name: str
    ok: bool | None
    text: str


def sandbox_findings(course: Course, kind: Kind | None = None) -> list[Finding]:
    """Start a worker, and say what each layer of its confinement is and does."""
    where = f"{platform.system()} {platform.release()}"
    try:
        with Sandbox.open(course, kind=kind) as sandbox:
            process = sandbox.spawn()
            try:
                layers = Conversation(process, DEFAULT).layers
            finally:
                process.close()
            kind = sandbox.kind
    except GraderFaultError as error:
        return [Finding("worker", False, f"could not be started on {where}: {error}")]
    started = {"zygote": "forked from a zygote that holds no answers", "plain": "a plain subprocess"}[kind]
    return [Finding("worker", True, f"{started}; {where}"), *_layer_findings(layers)]


def _layer_findings(layers: dict[str, int | bool]) -> list[Finding]:
    """Explain the layers that a worker reported."""
    abi, seccomp = int(layers.get("landlock", 0)), bool(layers.get("seccomp"))
    files = f"Landlock ABI {abi}: only Python's own libraries can be read, nothing can be written"
    if not abi:
        files = "no Landlock"
        files += "; seccomp refuses to open any file instead" if layers.get("no_open") else ": files are not confined"
    calls = "seccomp: no sockets, no new processes or threads, no signals to others"
    uid, dropped = layers.get("uid"), bool(layers.get("capabilities_dropped"))
    user = f"uid {uid}" + (", without capabilities" if dropped else "")
    if uid == 0:
        user += "; root is not dropped, since Python lies in a folder that only root may enter"
    return [
        Finding("files", bool(abi or layers.get("no_open")), files),
        Finding("network", bool(layers.get("network")), "refused" if layers.get("network") else "not confined"),
        Finding("system calls", seccomp, calls if seccomp else "no seccomp: system calls are not confined"),
        Finding("limits", bool(layers.get("rlimits")), "on memory, CPU time, output and open files"),
        Finding("privileges", bool(layers.get("no_new_privs")), "none can be gained (no-new-privs)"),
        Finding("user", None, user),
    ]
