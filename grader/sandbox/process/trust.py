"""The files whose code may run in an unconfined worker: by default, only those in the course's folder.

Only this module decides, from the layers that a worker reports before it loads a submission. `Sandbox.admit` asks it about each
submission.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.course import UsageError
from grader.submission.submission import Submission
from grader.toolkit.text import one_line


class NotConfinedError(UsageError):
    """Code of others would run with less than every layer of the sandbox."""


@dataclass(frozen=True)
class Trust:
    """The files whose code may run unconfined: those in `folder`, or of `everybody`, as `--unsafe` allows."""

    folder: Path | None = None
    everybody: bool = False

    def includes(self, submission: Submission) -> bool:
        """Whether a submission may run unconfined. The place where it was read decides: its path may have changed since."""
        real = submission.real
        inside = self.folder is not None and real is not None and real.is_relative_to(self.folder.resolve())
        return self.everybody or inside

    def expect_includes(self, submission: Submission) -> None:
        """Raise NotConfinedError if a submission may not run in this process."""
        if not self.includes(submission):
            raise NotConfinedError(
                f"{one_line(str(submission.path))}: --in-process confines nothing, and this file lies outside the course's "
                "folder. Leave --in-process out. If you trust its author, add: --unsafe"
            )


NO_TRUST = Trust()


def expect_confinement(layers: Mapping[str, Any], machine: str = "This machine") -> None:
    """Raise NotConfinedError unless a worker with these layers is one for other people's code."""
    from grader.sandbox.process.health import missing_layers

    missing = missing_layers(layers)
    if missing:
        raise NotConfinedError(
            f"{one_line(machine)} cannot confine submissions: {'; '.join(missing)}. Nothing was graded.\n"
            "Other people's code is graded only with every layer: on Linux 5.13 or newer with Landlock and seccomp, also in "
            "a container that allows them. See what is missing: grade doctor\n"
            "If you trust every author of this code, add: --unsafe"
        )


def describe_confinement(sandbox: Mapping[str, Any], own: bool) -> str:
    """A warning after code ran without some layers of the sandbox; "" if it had all. `own` code needs a milder one.

    `sandbox` is the field of a Report: the kind, and the layers if a worker ran.
    """
    from grader.sandbox.process.health import missing_layers

    missing = missing_layers(sandbox) if "landlock" in sandbox else []
    if not missing:
        return ""
    if not own:
        return f"This code ran without confinement on this machine, as --unsafe allows: {'; '.join(missing)}."
    ran = "Your code ran without confinement on this machine"
    if sandbox.get("kind") == "plain":
        return f"{ran}: it ran as your other programs do. For your own code, that is fine."
    return f"{ran}: {'; '.join(missing)}. For your own code, that is fine. More: grade doctor"
