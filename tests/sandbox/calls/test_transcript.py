"""The record of a check's calls, for the diagnosis if the check fails."""

import pytest

from grader.sandbox.calls import wire
from grader.sandbox.calls.transcript import KEPT_FIRST, KEPT_LAST, LARGEST, Exchange, Transcript


def kept(sizes):
    """The numbers of the calls that are kept, of calls with so many bytes of arguments; each is answered by none."""
    transcript = Transcript()
    for number, size in enumerate(sizes):
        exchange = Exchange(str(number), blob=bytes(size))
        transcript.begin(exchange)
        transcript.end(exchange, wire.Response(number), bytearray())
    assert transcript.last.name == str(len(sizes) - 1)
    return [int(exchange.name) for exchange in transcript]


@pytest.mark.parametrize("size", [0, 100])
def test_the_first_and_the_last_calls_are_kept(size):
    assert kept([size] * 30) == [*range(KEPT_FIRST), *range(30 - KEPT_LAST, 30)]


def test_of_calls_with_large_arguments_a_few_are_kept():
    assert kept([LARGEST] * 30) == [0, 1, 28, 29]


def test_what_is_too_large_is_not_kept():
    assert kept([LARGEST + 1, 5, LARGEST + 1]) == [1]


def test_an_answer_of_many_objects_counts_for_what_they_take():
    """A list of a byte on the wire is an object of many bytes here."""
    transcript = Transcript()
    for number in range(30):
        nothing = [wire.Array("float32", [0], 0, "tensor")] * 10_000
        transcript.end(Exchange(str(number)), wire.Response(number, [[]] * 10_000), bytearray())
        transcript.end(Exchange(str(number)), wire.Response(number, 1.0, nothing), bytearray())
    assert list(transcript) == []
    transcript.end(Exchange("losses"), wire.Response(1, [0.5] * 1_000), bytearray())
    assert [exchange.name for exchange in transcript] == ["losses"], "numbers are kept, for a diagnosis"


def test_calls_of_all_sizes_stay_in_order():
    sizes = [0, LARGEST, LARGEST, LARGEST, 0, 7, LARGEST, 0, *[100] * 20, LARGEST, 0]
    numbers = kept(sizes)
    assert numbers == sorted(numbers)
    assert numbers[:3] == [0, 1, 2]
    assert numbers[-2:] == [len(sizes) - 2, len(sizes) - 1]
