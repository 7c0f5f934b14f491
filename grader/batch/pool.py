"""The pool of a class: the processes that grade, how many jobs they take, and whether they can confine submissions."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from grader.batch.environment import Environment
from grader.batch.grading_process import Description, Setup, course_of, describe, open_service, receive_lane
from grader.batch.warm_executor import WarmExecutor
from grader.sandbox.process.launch import default_kind
from grader.sandbox.process.trust import expect_confinement

if TYPE_CHECKING:
    from grader.sandbox.process.launch_zygote import SharedZygote

_SHARED = 4  # processes per zygote, which needs 3 ms to fork a worker


@dataclass
class Pool:
    """Grading processes. `tries` is how often the pool starts a grading before it counts as a grader error."""

    executor: Executor
    slots: int  # jobs at a time
    members: Mapping[str, Description]  # by name
    tries: int = 2
    refused: dict[str, str] = field(default_factory=dict)  # reasons, by name

    def expect_confinement(self, unsafe: bool) -> None:
        """Raise NotConfinedError if any member lacks a layer of the sandbox, unless `unsafe`."""
        for name, member in () if unsafe else self.members.items():
            expect_confinement(member.layers, name)


@contextmanager
def local_pool(setup: Setup, workers: int) -> Iterator[Pool]:
    """Processes of this machine, which end with the block."""
    with ExitStack() as stack:
        resources = list(_lanes(setup, workers, stack)) if default_kind() == "zygote" else []
        with_torch = course_of(setup).uses_torch
        executor = WarmExecutor(workers, partial(receive_lane, setup), resources, with_torch)
        stack.callback(executor.shutdown, cancel_futures=True)
        warming = [executor.submit(describe, setup) for _ in range(workers)]
        members = {"This machine": warming[0].result()}
        yield Pool(executor, workers, members)


def _lanes(setup: Setup, workers: int, stack: ExitStack) -> "Iterator[SharedZygote]":
    """A lane for every process. The zygotes import libraries while the fork server imports them, each once."""
    for first in range(0, workers, _SHARED):
        lanes = min(_SHARED, workers - first)
        service = stack.enter_context(open_service(setup, lanes))
        yield from map(service.share, range(lanes))


def select_members(
    members: Mapping[str, Description | str], wanted: Mapping[str, Environment]
) -> tuple[dict[str, Description], dict[str, str]]:
    """Accept the members that give the same grades; for the others, say why not."""
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
