"""Find the layers that this machine offers: ask a worker, instead of guessing from version numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.sandbox.confinement.kernel_support import ABI_WITH_TCP, ABI_WITH_TRUNCATE
from grader.sandbox.limits.limits import DEFAULT, MIB, Limits

if TYPE_CHECKING:
    from grader.sandbox.process.launch import Sandbox

_NEEDED = ("files", "network", "system calls", "limits", "privileges")  # where code is not one's own


@dataclass(frozen=True)
class HealthFinding:
    """One fact about the machine. `ok` is None for a fact that is neither good nor bad."""

    name: str
    ok: bool | None
    text: str


def layers_of(sandbox: "Sandbox", limits: Limits | None = None) -> dict[str, Any]:
    """The confinement that a worker of this sandbox reports, before it loads a submission."""
    from grader.sandbox.calls.conversation import Conversation  # here: who explains layers needs no worker

    process = sandbox.spawn(
        ahead=sandbox.kind == "plain", limits=limits
    )  # a plain launcher starts the next worker in advance
    try:
        return Conversation(process, DEFAULT).layers
    finally:
        process.close()


def layer_findings(layers: Mapping[str, Any]) -> list[HealthFinding]:
    """Explain the layers that a worker reported."""
    abi, seccomp = int(layers.get("landlock", 0)), bool(layers.get("seccomp"))
    limited, kept = bool(layers.get("rlimits")), bool(layers.get("no_new_privs"))
    calls = "seccomp: no sockets, no new processes or threads, no signals to others"
    uid, dropped = layers.get("uid"), bool(layers.get("capabilities_dropped"))
    user = f"uid {uid}" + (", without capabilities" if dropped else "")
    if uid == 0:
        user += "; root is not dropped, since Python lies in a folder that only root may enter"
    return [
        HealthFinding("files", bool(abi or layers.get("no_open")), _about_files(abi, bool(layers.get("no_open")))),
        HealthFinding("network", bool(layers.get("network")), _about_network(abi, seccomp)),
        HealthFinding("system calls", seccomp, calls if seccomp else "no seccomp: system calls are not confined"),
        HealthFinding("limits", limited, _about_limits(limited, "capabilities_dropped" in layers)),
        HealthFinding("privileges", kept, _about_privileges(kept)),
        HealthFinding("namespaces", None, _about_namespaces(bool(layers.get("namespaces")))),
        HealthFinding("control group", None, _about_cgroup(bool(layers.get("cgroup")), layers.get("no_cgroup"))),
        HealthFinding("user", None, user),
    ]


def missing_layers(layers: Mapping[str, Any]) -> list[str]:
    """The layers that are missing for the code of other people, in words; empty if none are missing."""
    return [one.text for one in layer_findings(layers) if one.name in _NEEDED and one.ok is False]


def _about_files(abi: int, no_open: bool) -> str:
    """Which files can be opened, and what an old version of Landlock leaves to seccomp."""
    if not abi:
        return "no Landlock" + ("; seccomp refuses to open any file instead" if no_open else ": files are not confined")
    older = "" if abi >= ABI_WITH_TRUNCATE else "; before ABI 3 seccomp guards files from being cut to nothing"
    return f"Landlock ABI {abi}: only Python's own libraries can be read, nothing can be written{older}"


def _about_network(abi: int, seccomp: bool) -> str:
    """Which sockets are refused, and by which layer."""
    if seccomp:
        return "seccomp: every kind of socket is refused" + ("; Landlock: TCP too" if abi >= ABI_WITH_TCP else "")
    return "Landlock: TCP is refused, other sockets are not" if abi >= ABI_WITH_TCP else "sockets are not confined"


def _about_namespaces(had: bool) -> str:
    """Optional: hides files and processes that other layers only refuse to open."""
    if not had:
        return "none: a submission can find out which files and processes exist, but cannot read them"
    return "a submission sees no file, process, network or message queue of this machine"


def _about_cgroup(had: bool, why_none: str | None) -> str:
    """Optional: the other limits count addresses, not the kernel's memory for a process."""
    if had:
        return "one for each worker: all memory that it costs is limited, and it can start no process"
    return "none: memory is limited by addresses alone" + (f" ({why_none})" if why_none else "")


def _about_privileges(kept: bool) -> str:
    """Whether a program that is run could do more than the worker."""
    return "none can be gained (no-new-privs)" if kept else "no-new-privs is off: a program can gain privileges"


def _about_limits(limited: bool, confined: bool) -> str:
    """The limits of a worker; memory has none where workers are plain subprocesses."""
    if not limited:
        return "the kernel does not limit a worker"
    if not confined:
        return f"{DEFAULT.check_cpu_seconds} s of computing a check, {DEFAULT.output_bytes // MIB} MiB of output"
    return (
        f"{DEFAULT.memory_bytes // MIB} MiB of memory, {DEFAULT.check_cpu_seconds} s of computing a check, "
        f"{DEFAULT.output_bytes // MIB} MiB of output, {DEFAULT.open_files} open files"
    )
