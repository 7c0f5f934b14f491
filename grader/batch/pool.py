"""The pool of a class: the processes that grade, how many jobs they take, and whether they can confine submissions.

They run on this machine, or on a Dask cluster, which gets the same jobs through its executor interface.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from grader.batch.environment import Environment
from grader.batch.grading_process import Description, Setup, course_of, describe, open_service, receive_lane
from grader.batch.warm_executor import WarmExecutor
from grader.course import UsageError
from grader.sandbox.process.launch import default_kind
from grader.sandbox.process.trust import expect_confinement
from grader.toolkit.text import one_line

if TYPE_CHECKING:
    from grader.sandbox.process.launch_zygote import SharedZygote


_SHARED = 4  # processes per zygote, which needs 3 ms to fork a worker
_CONNECT_SECONDS = 30
_DESCRIBE_SECONDS = 300  # a cold disk can take a minute to import torch
_AHEAD = 2  # jobs per thread of a worker: one runs, one waits there


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


@contextmanager
def cluster_pool(setup: Setup, address: str, wanted: Mapping[str, Environment]) -> Iterator[Pool]:
    """The workers of the scheduler at `address` that give the same grades.

    Dask itself sends the jobs of a dead worker to others, and gives up a job that has killed several.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise UsageError(f"{error.name} is missing. Install it with: pip install 'grade-descent[cluster]'") from error
    try:
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(f"{one_line(address)}: no Dask scheduler answers: {one_line(str(error))}.") from None
    with client:
        threads: dict[str, int] = client.nthreads()
        if not threads:
            raise UsageError(
                f"{one_line(address)}: the scheduler has no workers. Start some: dask worker {one_line(address)}"
            )
        # As tasks pinned to each worker: `Client.run` would keep a worker from answering its scheduler.
        asked = {name: client.submit(_described, setup, workers=[name], pure=False) for name in threads}
        answers = {name: _answer(future) for name, future in asked.items()}
        accepted, refused = select_members(answers, wanted)
        if not accepted:
            listed = "\n".join(f"  {one_line(name)}: {one_line(reason)}" for name, reason in refused.items())
            raise UsageError(f"No worker can give the same grades as this machine:\n{listed}")
        executor = client.get_executor(**({"workers": list(accepted)} if refused else {}), pure=False)
        try:
            slots = _AHEAD * sum(threads[name] for name in accepted)
            yield Pool(executor, slots, accepted, tries=1, refused=refused)
        finally:
            executor.shutdown(wait=False)


def _answer(future: Any) -> Description | str:
    try:
        answer: Description | str = future.result(timeout=_DESCRIBE_SECONDS)
    except Exception as error:
        return f"does not answer: {type(error).__name__}"
    return answer


def _described(setup: Setup) -> Any:
    """The description of a worker, or its error."""
    try:
        return describe(setup)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
