"""The protections of this machine: start a worker, and ask it for its layers."""

import os
import platform
from dataclasses import replace

from grader.course import Course
from grader.sandbox.confinement.kernel_support import ABI_WITH_TRUNCATE
from grader.sandbox.limits.limits import DEFAULT, MIB
from grader.sandbox.process.health import HealthFinding, layer_findings, layers_of
from grader.sandbox.process.launch import KIND_VARIABLE, Kind, Sandbox
from grader.toolkit.verdicts import GraderFaultError


def sandbox_findings(course: Course, kind: Kind | None = None) -> list[HealthFinding]:
    """Start a worker, and say what each layer of its confinement is and does."""
    kernel = HealthFinding("kernel", None, f"{platform.system()} {platform.release()}, {platform.machine()}")
    try:
        with Sandbox.open(course, kind=kind) as sandbox:
            layers, kind = layers_of(sandbox) | sandbox.reasons, sandbox.kind
            folder = _about_scratch(sandbox, int(layers.get("landlock", 0)))
    except GraderFaultError as error:
        return [HealthFinding("worker", False, f"could not be started: {error}"), kernel]
    started = {
        "zygote": "forked from a zygote that holds no answers",
        "plain": "a plain subprocess, which serves many checks",
    }[kind]
    if os.environ.get(KIND_VARIABLE):
        started += f", as {KIND_VARIABLE} asks"
    return [HealthFinding("worker", True, started), kernel, *layer_findings(layers), folder]


def _about_scratch(sandbox: Sandbox, landlock_abi: int) -> HealthFinding:
    """Whether a check could have a folder for its worker; no check of the course need ask for one."""
    try:
        layers_of(sandbox, replace(DEFAULT, scratch_bytes=MIB))
    except GraderFaultError:
        needed = (
            f"Landlock ABI {ABI_WITH_TRUNCATE}, Linux 6.2 or newer" if landlock_abi < ABI_WITH_TRUNCATE else "a tmpfs"
        )
        return HealthFinding("scratch", None, f"a check that asks for a folder gets none: this machine lacks {needed}")
    size = "that holds as much as it asks for" if sandbox.kind == "zygote" else "of no limited size"
    return HealthFinding("scratch", None, f"a check that asks for a folder gets one, {size}")
