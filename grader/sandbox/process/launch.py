"""Open the sandbox that this machine can give."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from grader.course import Course, UsageError
from grader.course_modules import module_folder, travelling_sources
from grader.sandbox.limits.limits import DEFAULT, Limits
from grader.sandbox.limits.worker_process import Launcher, WorkerProcess
from grader.sandbox.process.resources import expect_resources, start_refused
from grader.sandbox.process.trust import NO_TRUST, Trust, expect_confinement
from grader.submission.submission import Submission
from grader.toolkit import lazy_torch
from grader.toolkit.text import one_line
from grader.toolkit.verdicts import GraderFaultError

if TYPE_CHECKING:  # it imports numpy: start the zygote first
    from grader.sandbox.calls.sandboxed_submission import SandboxedSubmission
    from grader.sandbox.process.forked_zygote import ForkedZygote
    from grader.sandbox.process.launch_zygote import SharedZygote, ZygoteOwner
    from grader.sandbox.process.zygote_client import ZygoteClient

Kind = Literal["zygote", "plain"]
KIND_VARIABLE = "GRADE_LAUNCHER"
_GRADER = Path(__file__).resolve().parents[2]


def default_kind() -> Kind:
    """The strongest kind that this platform has, or the plain one if GRADE_LAUNCHER asks for it. Raises UsageError."""
    wanted = os.environ.get(KIND_VARIABLE, "")
    if wanted not in ("", "plain"):
        raise UsageError(
            f"{KIND_VARIABLE}={one_line(wanted)}: only plain can be chosen. Unset it for the usual launcher"
        )
    return "zygote" if sys.platform == "linux" and not wanted else "plain"


def _expect_utf8(folder: Path) -> None:
    """Raise UsageError if a folder's name cannot be written down for the sandbox, or is read in another encoding."""
    try:
        str(folder).encode()
    except UnicodeEncodeError:
        raise UsageError(
            f"{one_line(str(folder))}: this path is not in UTF-8, which grading needs. Rename the folder; or, if its name is "
            "right, have Python read it as UTF-8: PYTHONUTF8=1 grade"
        ) from None


class Sandbox:
    """Starts workers. Open it before heavy imports: it imports the libraries of a course in parallel."""

    def __init__(
        self,
        kind: Kind,
        launcher: Launcher,
        limits: Limits,
        owner: "ZygoteOwner | None" = None,
        preloaded: Sequence[str] = (),
        trust: Trust = NO_TRUST,
        packages: Sequence[str] = (),
    ) -> None:
        self.kind = kind
        self.packages = owner.packages if owner else packages  # of the course
        self.trust = trust
        self.preloaded = frozenset(preloaded)  # modules that no worker needs to import
        self._launcher = launcher
        self.limits = limits
        self._owner = owner
        self._confines = False  # everything: a worker has said so
        self._no_cgroup = owner.groups.why_none if owner else ""
        self._met: SandboxedSubmission | None = None
        self._ahead: ZygoteClient | None = None  # for the next process that is forked from this one

    @classmethod
    def open(
        cls,
        course: Course,
        kind: Kind | None = None,
        limits: Limits = DEFAULT,
        lanes: int = 1,
        preload: Sequence[str] = (),
        trust: Trust | None = None,
        forked_zygote: "ForkedZygote | None" = None,
    ) -> "Sandbox":
        """Open a sandbox of the kind that is asked for, or else of the `default_kind`.

        Its first zygote is `forked_zygote`, if given.

        `preload` are modules to import before there is any worker. `lanes` is the number of processes that will use it at the
        same time, each by its `share`; a fork of this process needs none. `trust` says whose code may run in it even where it
        confines less than it should: by default, what lies in the course's folder. Raises ShellLimitError where this shell has
        less room than a submission may use.
        """
        expect_resources(limits)
        _expect_utf8(course.root)
        kind = kind or default_kind()
        modules = sorted({*preload})
        trust = trust or Trust(course.root)
        if kind == "plain":
            from grader.sandbox.process.launch_plain import PlainLauncher

            return cls(
                kind,
                PlainLauncher(
                    limits, modules, travelling_sources(course.root), course.packages, str(module_folder(course.root))
                ),
                limits,
                preloaded=modules,
                trust=trust,
                packages=course.packages,
            )
        from grader.sandbox.process.launch_zygote import ZygoteOwner
        from grader.sandbox.process.zygote_messages import Config

        hidden = [_GRADER, course.checks, course.solutions]
        config = Config(
            hidden=[str(path) for path in hidden],
            preload=modules,
            modules=travelling_sources(course.root),
            packages=course.packages,
            folder=[str(module_folder(course.root))] if course.settings.modules else [],
        )
        try:
            owner = ZygoteOwner(config, limits, lanes, forked_zygote=forked_zygote)
        except BlockingIOError as error:
            raise start_refused("a sandbox", error) from None
        return cls(kind, owner.clients[0], limits, owner, modules, trust)

    def share(self, number: int) -> "SharedZygote":
        """A connection for a process that is not a fork of this one: there, `Sandbox.from_shared` opens it."""
        if self._owner is None:
            raise ValueError(f"a {self.kind} sandbox has no lanes")
        return self._owner.share(number, self.trust)

    @classmethod
    def from_shared(cls, shared: "SharedZygote") -> "Sandbox":
        """The sandbox behind a connection that another process has shared."""
        from grader.sandbox.process.launch_zygote import ZygoteOwner

        owner = ZygoteOwner.from_shared(shared)
        return cls("zygote", owner.clients[0], shared.limits, owner, trust=shared.trust)

    @property
    def pid(self) -> int | None:
        """Process id of the zygote, if there is one."""
        return self._owner.pid if self._owner else None

    def admit(self, submission: Submission, limits: Limits | None = None) -> "SandboxedSubmission":
        """Put a submission into the sandbox without running it; `limits` of its calls may differ from those of the sandbox.

        Raises NotConfinedError if a layer is missing and the submission is not trusted.
        """
        from grader.sandbox.calls.sandboxed_submission import SandboxedSubmission

        self.import_libraries()
        if not self._confines and not self.trust.includes(submission):
            expect_confinement(self._layers())
            self._confines = True
        self._met = SandboxedSubmission(submission, self._launcher, limits or self.limits)
        return self._met

    def import_libraries(self) -> None:
        """Import here what workers may answer with: torch, if the course uses it."""
        if lazy_torch.NAME in self.packages:
            lazy_torch.import_it()

    def _layers(self) -> dict[str, Any]:
        """The layers that a worker reports. A failed start is retried as often as for a check."""
        from grader.sandbox.calls.sandboxed_submission import IN_VAIN
        from grader.sandbox.process.health import layers_of

        for _ in range(IN_VAIN - 1):
            try:
                return layers_of(self)
            except GraderFaultError:
                self.renew()
        return layers_of(self)

    @property
    def said(self) -> dict[str, Any]:
        """The field of a Report: the kind, and the layers of a worker of the last submission, if there was one."""
        return {"kind": self.kind, **(self._met.layers | self.reasons if self._met else {})}

    @property
    def reasons(self) -> dict[str, str]:
        """Why a layer is off, where we know it and a worker does not."""
        return {"no_cgroup": self._no_cgroup} if self._no_cgroup else {}

    def spawn(self, ahead: bool = True, limits: Limits | None = None) -> WorkerProcess:
        """Start a bare worker, with the given `limits` if any; if `ahead`, also start the next one."""
        return self._launcher.spawn(limits, ahead=ahead)

    @contextmanager
    def branch(self) -> Iterator["Sandbox"]:
        """The same sandbox with a lane of its own, for one process to be forked from this one inside the block.

        Here the lane is closed again afterwards: it ends, and its workers with it, when that process does. The next one is made
        at once, so that the next process need not wait.
        """
        client, self._ahead = self._ahead or self._new_client(), None
        try:
            other = Sandbox(
                self.kind, client, self.limits, preloaded=[*self.preloaded], trust=self.trust, packages=self.packages
            )
            other._confines, other._no_cgroup = self._confines, self._no_cgroup
            yield other
        finally:
            client.close()
        with suppress(GraderFaultError):  # the next process gets the error
            self._ahead = self._new_client()

    def _new_client(self) -> "ZygoteClient":
        if self._owner is None:
            raise ValueError(f"a {self.kind} sandbox has no lanes")
        return self._owner.clients[0].branch()

    def renew(self) -> None:
        """Replace the zygote or spare worker for later starts: it may be broken."""
        self._launcher.renew()
        self._drop_ahead()

    def _drop_ahead(self) -> None:
        if self._ahead is not None:
            self._ahead.close()
            self._ahead = None

    def close(self) -> None:
        """End every worker, and the zygote."""
        self._drop_ahead()
        (self._owner or self._launcher).close()

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()
