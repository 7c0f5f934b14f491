"""What lateness, caps and changes by hand make of points."""

from datetime import UTC, datetime, timedelta

import pytest

from grader.batch.policy import Attempt, Late, Policy, mark_of, read_policy
from grader.course import UsageError

DUE = datetime(2026, 11, 20, 12, tzinfo=UTC)

RULES = """
attempts = "best"

[due]
section1 = 2026-11-20T12:00:00Z

[late]
grace_hours = 2
penalty_per_day = 0.1
most = 0.25
last_day = 5
marked_days = 2

[caps]
section1 = 9.5

[[adjustments]]
student = "bob"
section = "section1"
points = 1.5
reason = "his laptop was stolen"
"""


GIVEN = "[[adjustments]]\nstudent = 'a'\nsection = 'section1'\npoints = {points}\nreason = '{reason}'"

EXTENSION = "[[extensions]]\nstudent = 'a'\nsection = '{section}'\ndue = {due}"


@pytest.fixture
def read(tmp_path):
    def policy(text):
        path = tmp_path / "policy.toml"
        path.write_text(text, encoding="utf-8")
        return read_policy(path, ["section1", "section2"])

    return policy


def attempt(points, hours=None, late=False):
    return Attempt(points, None if hours is None else DUE + timedelta(hours=hours), late)


@pytest.mark.parametrize(
    ("hours", "points"),
    [(-1, 8), (0, 8), (2, 8), (2.01, 7.2), (26, 7.2), (26.5, 6.4), (74, 6.0), (122, 6.0), (122.5, 0)],
)
def test_every_started_day_after_the_grace_costs_a_share_up_to_the_most(read, hours, points):
    assert mark_of(read(RULES), "ada", "section1", [attempt(8, hours)]).points == pytest.approx(points)


@pytest.mark.parametrize("grace", [8.2, 0.1, 2.3, 1 / 3])
@pytest.mark.parametrize("days", [1, 2, 7])
def test_the_last_moment_of_a_day_begins_no_other(grace, days):
    policy = Policy(due={"section1": DUE}, late=Late(grace_hours=grace))
    end = DUE + timedelta(hours=grace, days=days)
    for moment, late in ((end, days), (end + timedelta(microseconds=1), days + 1)):
        assert mark_of(policy, "ada", "section1", [Attempt(8, moment, False)]).days_late == late


def test_a_file_that_is_only_marked_as_late_is_as_late_as_the_policy_says(read):
    assert mark_of(read(RULES), "ada", "section1", [attempt(8, None, late=True)]).points == pytest.approx(6.4)
    assert mark_of(Policy(), "ada", "section1", [attempt(8, None, late=True)]).points == 8


def test_a_platform_that_says_how_late_a_file_is_is_believed_where_there_is_no_time(read):
    hour = 3600
    for seconds, points in ((hour, 8), (3 * hour, 7.2), (30 * hour, 6.4)):  # two hours of grace
        assert mark_of(read(RULES), "ada", "section1", [attempt(8, None, late=seconds)]).points == pytest.approx(points)
    assert mark_of(read(RULES), "ada", "section1", [attempt(8, -1, late=30 * hour)]).points == 8, (
        "the policy's deadline counts"
    )


def test_a_mark_late_without_a_time_costs_nothing_where_there_is_an_extension(read):
    rules = read(RULES + EXTENSION.format(section="section1", due="2026-11-27T12:00:00Z"))
    found = mark_of(rules, "a", "section1", [attempt(8, None, late=True)])
    assert (found.points, found.days_late) == (8, 0)
    assert found.notes == ["marked as late, without a time; extended to 2026-11-27 12:00 UTC: no penalty"]
    assert mark_of(rules, "b", "section1", [attempt(8, None, late=True)]).points == pytest.approx(6.4)


def test_lateness_that_costs_nothing_is_no_remark(read):
    free = mark_of(Policy(), "ada", "section1", [attempt(8, None, late=True)])
    assert (free.points, free.days_late, free.notes) == (8, 1, [])
    assert mark_of(read(RULES), "ada", "section1", [attempt(8, None, late=True)]).notes == ["2 days late: -20 %"]


def test_a_time_says_more_than_a_mark(read):
    assert mark_of(read(RULES), "ada", "section1", [attempt(8, -1, late=True)]).points == 8


def test_the_best_attempt_is_the_best_after_what_lateness_costs(read):
    attempts = [attempt(7, -5), attempt(8, 30)]
    assert mark_of(read(RULES), "ada", "section1", attempts).attempt == 0
    last = mark_of(read(RULES.replace('"best"', '"last"')), "ada", "section1", attempts)
    assert (last.attempt, last.points) == (1, pytest.approx(6.4))


def test_a_cap_holds_before_what_a_person_gives(read):
    assert mark_of(read(RULES), "ada", "section1", [attempt(10)]).points == 9.5
    bob = mark_of(read(RULES), "bob", "section1", [attempt(10)])
    assert bob.points == 11.0
    assert bob.notes == ["capped at 9.5", "+1.5: his laptop was stolen"]


def test_no_mark_falls_below_zero(read):
    policy = read(RULES.replace("points = 1.5", "points = -20"))
    assert mark_of(policy, "bob", "section1", [attempt(3)]).points == 0


def test_a_day_lasts_until_its_end(read):
    policy = read("[due]\nsection1 = 2026-11-20\n")
    assert policy.due["section1"].astimezone().hour == 23


def test_an_extension_is_one_students_deadline_for_one_section(read):
    longer = "[[extensions]]\nstudent = 'ada'\nsection = 'section1'\ndue = 2026-11-22T12:00:00Z\n"
    policy = read(RULES + longer)
    days = {who: mark_of(policy, who, "section1", [attempt(8, 49)]).days_late for who in ("ada", "bob")}
    assert days == {"ada": 0, "bob": 2}
    assert policy.deadline("ada", "section2") is None
    shorter = read(RULES + longer + longer.replace("-22T", "-19T"))
    assert mark_of(shorter, "ada", "section1", [attempt(8, 0)]).days_late == 1, "what is written last"


def test_a_file_that_an_editor_of_windows_has_written(read):
    assert read("\ufeff" + RULES) == read(RULES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("attempts = 'first'", "Invalid enum value 'first'"),
        ("[late]\npenalty_per_day = 10", "<= 1.0"),
        ("[late]\npenalty_per_dya = 0.1", "unknown field `penalty_per_dya`"),
        ("[[adjustments]]\nstudent = 'a'\nsection = 'section1'\npoints = 1\nreason = ''", "length >= 1"),
        ("[[adjustments]]\nstudent = 'a'\nsection = 'section1'\npoints = 1", "missing required field `reason`"),
        ("[caps]\nsection7 = 3", 'no section "section7". Sections: section1, section2'),
        ("[due]\nsection1 = '2026-11-20'", "expected a date"),
        ("attempts = ", "Invalid value"),
        (GIVEN.format(points="nan", reason="ill"), "the adjustment of a in section1: points = nan: expected a number"),
        (
            GIVEN.format(points="-inf", reason="ill"),
            "the adjustment of a in section1: points = -inf: expected a number",
        ),
        (GIVEN.format(points="1", reason=" \t"), "the adjustment of a in section1: reason is blank. Write one"),
        ("[caps]\nsection1 = inf", "caps.section1 = inf: expected a number"),
        ("[late]\npenalty_per_day = nan", "$.late.penalty_per_day"),
        ("[late]\ngrace_hours = inf", "$.late.grace_hours"),
        (
            "[due]\nsection1 = 0001-01-01T00:00:00+14:00",
            "due.section1: 0001-01-01 00:00:00+14:00: expected a year between",
        ),
        (EXTENSION.format(section="section7", due="2026-11-22"), 'no section "section7"'),
        (EXTENSION.format(section="section1", due="'soon'"), "the extension of a in section1: due: expected a date"),
    ],
)
def test_a_rule_that_cannot_be_read_is_told(read, text, words):
    with pytest.raises(UsageError, match=r"policy\.toml") as caught:
        read(text)
    assert words in str(caught.value)
