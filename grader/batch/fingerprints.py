"""Compare many texts, which may be hostile, in a separate process: `python -m grader.batch.fingerprints`.

It reads a `ComparisonTask` from standard input and writes a `ComparisonResult` to standard output, both as JSON. It only cuts
texts into tokens: copydetect applies winnowing to the tokens of pygments, so names, strings, comments and blanks do not count.
Fingerprints of the stub, and those that many texts share, do not count: students may have them from a common source.
"""

import io
import os
import signal
import sys
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from itertools import combinations, product
from typing import Any

import msgspec

TOKENS = 25  # characters of a fingerprint, with names of one letter: copydetect's default
WINDOW = 6  # of this many fingerprints in a row, one is kept: copydetect's default
LEAST = 2 * TOKENS  # characters that two texts must share
_TEXT_SECONDS = 3.0  # of computing for one text: honest ones take milliseconds, the worst known one a second
_CPU_SECONDS = 1800
_MEMORY = 4 << 30
_LOOKED_AT = 10  # times the requested pairs are compared closely
_REPEATED = 100  # pairs of ranges with one fingerprint: more say nothing about which range is like which


class ComparisonTask(msgspec.Struct):
    """Texts to compare. Fingerprints in more than `common` texts do not count; at most `most` pairs are returned."""

    stub: str
    texts: list[str]
    common: int
    most: int


class Overlap(msgspec.Struct):
    """Two texts, by their places: their shared characters of tokens, the share in each text, and the lines.

    `like` has, for each range of lines, the place of the range of the other text that shares most with it.
    """

    first: int
    second: int
    tokens: int
    shares: tuple[float, float]
    lines: tuple[list[tuple[int, int]], list[tuple[int, int]]]
    like: tuple[list[int], list[int]] = ([], [])


class ComparisonResult(msgspec.Struct):
    """The pairs that share most, in descending order, and the texts without tokens."""

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
    kept = overlaps[: task.most]
    for one in kept:
        one.like = _like(one, found[one.first], found[one.second])
    return ComparisonResult(kept, unread)


def _fingerprint(text: str, window: int) -> Any:
    """The fingerprints of a text; None if it is too short."""
    with chdir(os.sep):  # it imports matplotlib, which reads settings from the working directory
        from copydetect.detector import CodeFingerprint

    if not text.strip():
        return None
    try:
        made = CodeFingerprint("text.py", TOKENS, window, fp=io.StringIO(text), language="python")
    except IndexError:
        return None
    if len(made.offsets):
        import numpy as np

        # Else the offsets of a class would start at zero again.
        made.offsets[:, 1] = np.maximum.accumulate(made.offsets[:, 1])
    return made


def _leave_out(fingerprint: Any, ignored: set[int]) -> None:
    from copydetect.utils import get_token_coverage

    fingerprint.hashes = fingerprint.hashes - ignored
    fingerprint.hash_idx = {value: fingerprint.hash_idx[value] for value in fingerprint.hashes}
    fingerprint.token_coverage = get_token_coverage(fingerprint.hash_idx, fingerprint.k, len(fingerprint.filtered_code))


def _candidates(found: dict[int, Any], most: int) -> list[tuple[int, int]]:
    """The pairs that share most fingerprints: only these are compared closely."""
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
    """The line ranges of parts of a text, from line 1; adjacent ranges are joined."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(zip(slices[0].tolist(), slices[1].tolist(), strict=True)):
        first = text.count("\n", 0, int(start)) + 1
        last = text.count("\n", 0, max(int(start), int(end) - 1)) + 1
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def _like(overlap: Overlap, one: Any, two: Any) -> tuple[list[int], list[int]]:
    """For each range of lines of each text, the range of the other that shares most fingerprints with it."""
    votes = [[Counter[int]() for _ in lines] for lines in overlap.lines]
    for value in one.hashes & two.hashes:
        ours, theirs = (
            {_range_at(made, int(place), lines) for place in made.hash_idx[value]}
            for made, lines in zip((one, two), overlap.lines, strict=True)
        )
        if len(ours) * len(theirs) <= _REPEATED:
            for first, second in product(ours, theirs):
                votes[0][first][second] += 1
                votes[1][second][first] += 1
    first_like, second_like = (
        [min(vote, key=lambda place: (-vote[place], place), default=0) for vote in side] for side in votes
    )
    return first_like, second_like


def _range_at(made: Any, place: int, lines: list[tuple[int, int]]) -> int:
    """The range of lines in which a place of the tokens lies."""
    import numpy as np

    if len(made.offsets):
        row = int(np.searchsorted(made.offsets[:, 0], place))
        place += int(made.offsets[min(row, len(made.offsets) - 1), 1])
    line = made.raw_code.count("\n", 0, place) + 1
    return max(0, bisect_right(lines, (line, sys.maxsize)) - 1)


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raise _TooLongError if the block computes for longer."""

    def stop(number: int, frame: object) -> None:
        raise _TooLongError

    if sys.platform == "win32":
        raise NotImplementedError("not on Windows")
    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _confine() -> None:
    if sys.platform == "win32":
        raise NotImplementedError("not on Windows")
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # other systems refuse it, or count reserved memory
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def main() -> None:
    """Read a task from standard input, and write the result, alone, to standard output."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _confine()
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=ComparisonTask)
    answers.write(msgspec.json.encode(compare(task)))
    answers.close()


if __name__ == "__main__":
    main()
