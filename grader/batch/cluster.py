"""A pool on a Dask cluster: the same jobs, sent through its executor interface."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from grader.batch.environment import Environment
from grader.batch.grading_process import Description, Setup, describe
from grader.batch.pool import Pool, select_members
from grader.course import UsageError
from grader.toolkit.text import one_line

_CONNECT_SECONDS = 30
_DESCRIBE_SECONDS = 300  # a cold disk can take a minute to import torch
_AHEAD = 2  # jobs per thread of a worker: one runs, one waits there


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
