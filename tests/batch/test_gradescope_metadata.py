"""Read what Gradescope says of an export."""

from datetime import UTC, datetime

import pytest

from grader.batch.gradescope_metadata import read_metadata
from grader.course import UsageError

ENTRY = "submission_1:\n  :submitters:\n  - :name: Ada\n    :sid: s1\n  :created_at: {time}\n"


@pytest.fixture
def read(tmp_path):
    def metadata(text):
        path = tmp_path / "submission_metadata.yml"
        path.write_text(text, encoding="utf-8")
        return read_metadata(path)

    return metadata


@pytest.mark.parametrize(
    "time",
    [
        "2026-10-25 01:00:00.500000000 Z",
        "2026-10-25 03:00:00.5 +02:00",
        '"2026-10-25 01:00:00.5 UTC"',
        "2026-10-25 01:00:00.5",
    ],
)
def test_a_time_with_and_without_a_zone(read, time):
    upload = read(ENTRY.format(time=time))["submission_1"]
    assert upload.submitted == datetime(2026, 10, 25, 1, 0, 0, 500_000, tzinfo=UTC)
    assert upload.submitters[0].keys == ("s1",)


def test_without_a_time_there_is_none(read):
    assert read(ENTRY.format(time="null"))["submission_1"].submitted is None


@pytest.mark.parametrize("time", ["nonsense", "17", "2026-10-25", "[]"])
def test_an_invalid_time_does_not_make_a_hand_in_punctual(read, time):
    with pytest.raises(
        UsageError, match=r"submission_metadata\.yml: submission_1: created_at: .*expected a time, such as"
    ):
        read(ENTRY.format(time=time))
