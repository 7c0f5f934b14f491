"""What Moodle's grading worksheet says about a hand-in, in English and in German."""

import csv
from datetime import datetime, timedelta

import pytest

from grader.batch.moodle_worksheet import Worksheet, lateness_in, moment_in
from tests.batch.exports import worksheet


@pytest.mark.parametrize(
    ("status", "late"),
    [
        ("Submitted for grading", None),
        ("Submitted for grading - 1 day 2 hours late", timedelta(days=1, hours=2)),
        ("Submitted for grading - 3 mins 5 secs late - Graded", timedelta(minutes=3, seconds=5)),
        ("No submission - Assignment is overdue by: 4 days 1 hour", None),
        ("Zur Bewertung abgegeben - 1 Tag 2 Stunden zu spät - Bewertet", timedelta(days=1, hours=2)),
        ("Zur Bewertung abgegeben - 2 Wochen 3 Tage zu spät", timedelta(days=17)),
        ("Keine Abgabe - Abgabeende überschritten seit: 4 Tage", None),
    ],
)
def test_how_late_a_hand_in_is(status, late):
    assert lateness_in(status) == late


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Monday, 2 November 2026, 10:00 AM", datetime(2026, 11, 2, 10)),
        ("Monday, 2 March 2026, 12:05 AM", datetime(2026, 3, 2, 0, 5)),
        ("Tuesday, 3 November 2026, 12:30 PM", datetime(2026, 11, 3, 12, 30)),
        ("Montag, 2. Dezember 2026, 23:59", datetime(2026, 12, 2, 23, 59)),
        ("Samstag, 21. März 2026, 08:01", datetime(2026, 3, 21, 8, 1)),
        ("Monday, November 2, 2026, 10:00 PM", datetime(2026, 11, 2, 22)),
        ("Monday, 2 November 2026, 10:00\u202fPM", datetime(2026, 11, 2, 22)),
        ("-", None),
        ("02.11.2026, 10:00", None),
        ("Monday, 31 February 2026, 10:00 AM", None),
    ],
)
def test_when_a_hand_in_came(text, moment):
    assert moment_in(text) == moment


def test_a_row_says_who_it_is_and_what_moodle_knows():
    person = {"number": "17", "name": "Ada", "id": "s1", "late": "1 Tag", "submitted": "x", "locked": "x"}
    table = worksheet([person], language="de")
    rows = list(csv.reader(table.splitlines()))
    sheet = Worksheet(rows)
    row = sheet.read(rows[1])
    assert (row.number, row.name, row.ids, row.locked) == ("17", "Ada", {"idnumber": "s1"}, True)
    assert row.late_by == timedelta(days=1)
    assert sheet.maximum(rows[1]) == 5.0
