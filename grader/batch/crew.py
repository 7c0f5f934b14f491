"""Who grades: an executor, how much it takes at a time, and whether it may be trusted with other people's code."""

import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from grader.batch.bench import Description, Setup, describe, open_sandbox, receive
from grader.batch.environment import Environment
from grader.batch.pool import WarmProcesses
from grader.sandbox.process.trust import expect_confinement

if TYPE_CHECKING:
    from grader.sandbox.process.launch_zygote import SharedZygote

_SHARED = 4  # processes to a zygote, which forks a worker in 3 ms and does nothing else meanwhile


@dataclass
class Crew:
    """Processes that grade. `tries` is how often a grading is begun before it counts as a grader error."""

    executor: Executor
    slots: int  # gradings at a time
    members: Mapping[str, Description]  # by the name to call each by
    tries: int = 2
    refused: dict[str, str] = field(default_factory=dict)  # why, by name

    def expect_confinement(self, unsafe: bool) -> None:
        """Raise NotConfinedError if any member would run submissions with less than every layer of the sandbox."""
        for name, member in () if unsafe else self.members.items():
            expect_confinement(member.layers, name)


@contextmanager
def local_crew(setup: Setup, workers: int) -> Iterator[Crew]:
    """Processes of this machine. Whatever way the block is left, they are gone afterwards."""
    with ExitStack() as stack:
        gifts = list(_lanes(setup, workers, stack)) if sys.platform == "linux" else []
        executor = WarmProcesses(workers, partial(receive, setup), gifts)
        stack.callback(executor.shutdown, cancel_futures=True)
        warming = [executor.submit(describe, setup) for _ in range(workers)]
        members = {"This machine": warming[0].result()}
        yield Crew(executor, workers, members)


def _lanes(setup: Setup, workers: int, stack: ExitStack) -> "Iterator[SharedZygote]":
    """A lane for every process. The zygotes import torch while the server of the processes does, each of them once."""
    for first in range(0, workers, _SHARED):
        lanes = min(_SHARED, workers - first)
        sandbox = stack.enter_context(open_sandbox(setup, lanes))
        yield from map(sandbox.share, range(lanes))


def sort_out(
    members: Mapping[str, Description | str], wanted: Mapping[str, Environment]
) -> tuple[dict[str, Description], dict[str, str]]:
    """Those who would give the grades that are wanted, and why the others would not."""
    accepted, refused = {}, {}
    for name, member in members.items():
        if isinstance(member, str):
            refused[name] = member
            continue
        reasons = {
            reason
            for word, environment in wanted.items()
            for reason in member.environments[word].differences(environment)
        }
        if reasons:
            refused[name] = "; ".join(sorted(reasons))
        else:
            accepted[name] = member
    return accepted, refused
