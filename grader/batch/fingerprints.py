"""Compare many texts by their fingerprints: a program of its own, `python -m grader.batch.fingerprints`, for what is hostile.

It reads a `Task` from standard input and writes a `Comparison` to standard output, both JSON. Texts are only cut into tokens,
by copydetect, which is winnowing over what pygments makes of Python: names, strings, comments and blanks do not count. What the
stub has and what many have is left out, as everybody may have it from one place.
"""

import io
import os
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from itertools import combinations
from typing import Any

import msgspec

TOKENS = 25  # characters of a fingerprint, once every name is one letter: copydetect's own choice
WINDOW = 6  # of so many fingerprints in a row one is kept: copydetect's own choice
LEAST = 2 * TOKENS  # characters that two texts must have in common
_TEXT_SECONDS = (
    3.0  # of computing for one text: an honest one takes some milliseconds, the worst that is known one second
)
_CPU_SECONDS = 1800
_MEMORY = 4 << 30
_LOOKED_AT = 10  # as many pairs are compared closely as are asked for


class ComparisonTask(msgspec.Struct):
    """Texts to compare with each other. What more than `common` of them have does not count; `most` pairs are wanted."""

    stub: str
    texts: list[str]
    common: int
    most: int


class Overlap(msgspec.Struct):
    """Two texts by their places, how many characters of tokens they share, which part of each that is, and which lines."""

    first: int
    second: int
    tokens: int
    shares: tuple[float, float]
    lines: tuple[list[tuple[int, int]], list[tuple[int, int]]]


class ComparisonResult(msgspec.Struct):
    """The pairs that share most, the greatest first, and the texts that could not be cut into tokens."""

    overlaps: list[Overlap]
    unread: list[int]


class _TooLongError(Exception):
    """A text has used up its time."""


def compare(task: ComparisonTask) -> ComparisonResult:
    """Compare all texts with each other."""
    known = _fingerprint(task.stub, 1)
    found: dict[int, Any] = {}
    unread = []
    for place, text in enumerate(task.texts):
        try:
            with _at_most(_TEXT_SECONDS):
                fingerprint = _fingerprint(text, WINDOW)
        except (_TooLongError, MemoryError, RecursionError):
            unread.append(place)
            continue
        if fingerprint is not None:
            found[place] = fingerprint
    holders = Counter(value for fingerprint in found.values() for value in fingerprint.hashes)
    ignored = {value for value, count in holders.items() if count > task.common}
    ignored |= known.hashes if known is not None else set()
    for fingerprint in found.values():
        _leave_out(fingerprint, ignored)
    overlaps = [one for pair in _candidates(found, _LOOKED_AT * task.most) if (one := _overlap(found, *pair))]
    overlaps.sort(key=lambda one: (-max(one.shares) * one.tokens, one.first, one.second))
    return ComparisonResult(overlaps[: task.most], unread)


def _fingerprint(text: str, window: int) -> Any:
    """The fingerprints of a text; None if it is too short to have any."""
    with chdir(os.sep):  # it imports matplotlib, which takes its settings from the working directory
        from copydetect.detector import CodeFingerprint

    if not text.strip():
        return None
    try:
        made = CodeFingerprint("text.py", TOKENS, window, fp=io.StringIO(text), language="python")
    except IndexError:
        return None
    if len(made.offsets):
        import numpy as np

        made.offsets[:, 1] = np.maximum.accumulate(made.offsets[:, 1])  # those of a class would begin at zero again
    return made


def _leave_out(fingerprint: Any, ignored: set[int]) -> None:
    from copydetect.utils import get_token_coverage

    fingerprint.hashes = fingerprint.hashes - ignored
    fingerprint.hash_idx = {value: fingerprint.hash_idx[value] for value in fingerprint.hashes}
    fingerprint.token_coverage = get_token_coverage(fingerprint.hash_idx, fingerprint.k, len(fingerprint.filtered_code))


def _candidates(found: dict[int, Any], most: int) -> list[tuple[int, int]]:
    """The pairs with most fingerprints in common. No other pair is ever looked at."""
    holders: dict[int, list[int]] = defaultdict(list)
    for place, fingerprint in found.items():
        for value in fingerprint.hashes:
            holders[value].append(place)
    shared: Counter[tuple[int, int]] = Counter()
    for places in holders.values():
        shared.update(combinations(places, 2))
    ordered = sorted(shared.items(), key=lambda item: (-item[1], item[0]))
    return [pair for pair, _ in ordered[:most]]


def _overlap(found: dict[int, Any], first: int, second: int) -> Overlap | None:
    from copydetect.detector import compare_files

    one, two = found[first], found[second]
    tokens, shares, slices = compare_files(one, two)
    if tokens < LEAST:
        return None
    lines = tuple(_lines(made.raw_code, part) for made, part in zip((one, two), slices, strict=True))
    return Overlap(first, second, int(tokens), (float(shares[0]), float(shares[1])), (lines[0], lines[1]))


def _lines(text: str, slices: Any) -> list[tuple[int, int]]:
    """Parts of a text as lines from 1 on, those joined that touch."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(zip(slices[0].tolist(), slices[1].tolist(), strict=True)):
        first = text.count("\n", 0, int(start)) + 1
        last = text.count("\n", 0, max(int(start), int(end) - 1)) + 1
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raise _TooLongError in a block that computes for longer."""

    def stop(number: int, frame: object) -> None:
        raise _TooLongError

    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _confine() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # elsewhere it is refused, or counts what is only reserved
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def main() -> None:
    """Do the task that comes on standard input; nothing else is ever written to standard output."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _confine()
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=ComparisonTask)
    answers.write(msgspec.json.encode(compare(task)))
    answers.close()


if __name__ == "__main__":
    main()
