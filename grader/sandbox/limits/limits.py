"""How much of the machine one worker may use.

Time is counted in CPU seconds first. Wall seconds are those in which a worker sleeps (`deadline.py`), so that no
submission fails on a busy machine.
"""

import math
from dataclasses import dataclass, replace

MIB = 1 << 20
PAUSE_SECONDS = 0.05  # the timeout of a trusted socket, so that its watchdog gets a turn


@dataclass(frozen=True)
class Limits:
    """Limits for a worker; seconds are seconds, the rest are bytes unless named otherwise."""

    call_cpu_seconds: float = 2.0
    call_wall_seconds: float = 10.0
    load_cpu_seconds: float = 10.0  # the submission's imports: matplotlib or scipy cost a second or two
    load_wall_seconds: float = 30.0
    all_loads_cpu_seconds: float = 120.0  # over all checks of a section, each of which loads it: two seconds for sixty
    check_cpu_seconds: int = 30
    check_wall_seconds: float = 120.0  # over all calls of a check
    submission_wall_seconds: float = 900.0  # likewise, over all checks of a section
    memory_bytes: int = 2048 * MIB  # address space beyond what the worker starts with
    output_bytes: int = 1 * MIB  # stdout and stderr together, enforced by the kernel
    open_files: int = 64
    scratch_bytes: int = 0  # of a folder of its own; there is none unless a check asks for it

    @property
    def kernel_cpu_seconds(self) -> int:
        """The kernel's own limit, if the deadline has not ended a worker. Its kill looks like one from outside.

        Its ticks may exceed the used time, but never the elapsed seconds. The deadline limits computing and sleep; while we
        compute for a worker, nothing counts. So no worker comes near to four times as much.
        """
        return 4 * math.ceil(self.check_cpu_seconds + self.check_wall_seconds)

    def for_calls_of(self, cpu_seconds: float) -> "Limits":
        """The same limits, with calls that may take `cpu_seconds` of computing each, and wall time to match."""
        return replace(
            self,
            call_cpu_seconds=cpu_seconds,
            call_wall_seconds=self.call_wall_seconds + 5 * cpu_seconds,
            check_cpu_seconds=self.check_cpu_seconds + math.ceil(cpu_seconds),
            check_wall_seconds=self.check_wall_seconds + 5 * cpu_seconds,
        )


DEFAULT = Limits()
# A person waits for a picture: a function that never ends takes this long, once per exercise.
FOR_PICTURES = replace(DEFAULT, call_cpu_seconds=1.5, call_wall_seconds=3.0)
SHOWN_OUTPUT = 16 << 10  # bytes of output that are kept for the Report
DROPPED = "(more output was dropped)"  # the last line of such output, if there was more


@dataclass(frozen=True)
class OwnLimits:
    """Limits for a process that judges one submission: trusted code whose cost depends on the answers.

    The reference solutions take it 3 s at most, and 110 MiB.
    """

    cpu_seconds: int = 120
    check_cpu_seconds: int = 30  # so that one answer leaves time for the others
    memory_bytes: int = 1024 * MIB  # beyond what it starts with
    wall_times: float = 10  # how often the sum of all computing limits of a hand-in passes before it is given up


OWN = OwnLimits()
