"""A crew on a Dask cluster: the same jobs, sent through its executor interface."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from grader.batch.bench import Description, Setup, describe
from grader.batch.crew import Crew, sort_out
from grader.batch.environment import Environment
from grader.course import UsageError
from grader.toolkit.text import one_line

_CONNECT_SECONDS = 30
_DESCRIBE_SECONDS = 300  # a cold disk can take a minute to import torch
_AHEAD = 2  # jobs per thread of a worker: one to do, one that has travelled already


@contextmanager
def cluster_crew(setup: Setup, address: str, wanted: Mapping[str, Environment]) -> Iterator[Crew]:
    """The workers of the scheduler at `address`, but those that would give other grades.

    Dask itself hands the jobs of a worker that dies to the others; a job that has killed several is given up.
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
        # Pinned to each as tasks: what `Client.run` runs would keep a worker from answering its scheduler meanwhile.
        asked = {name: client.submit(_described, setup, workers=[name], pure=False) for name in threads}
        answers = {name: _answer(future) for name, future in asked.items()}
        accepted, refused = sort_out(answers, wanted)
        if not accepted:
            raise UsageError(f"No worker can give the same grades as this machine:\n{_listed(refused)}")
        executor = client.get_executor(**({"workers": list(accepted)} if refused else {}), pure=False)
        try:
            slots = _AHEAD * sum(threads[name] for name in accepted)
            yield Crew(executor, slots, accepted, tries=1, refused=refused)
        finally:
            executor.shutdown(wait=False)


def _answer(future: Any) -> Description | str:
    try:
        answer: Description | str = future.result(timeout=_DESCRIBE_SECONDS)
    except Exception as error:
        return f"does not answer: {type(error).__name__}"
    return answer


def _described(setup: Setup) -> Any:
    """What a worker says of itself, or why it cannot."""
    try:
        return describe(setup)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"


def _listed(refused: Mapping[str, str]) -> str:
    return "\n".join(f"  {one_line(name)}: {one_line(reason)}" for name, reason in refused.items())
