"""Who stands on the leaderboard, in which order, and under which name."""

import msgspec
import pytest

from grader.batch.leaderboard import Leaderboards, alias
from grader.batch.ledger import Person
from tests.batch.sample_class import golden, trained

KEY = bytes(32)


@pytest.fixture
def boards():
    return Leaderboards(KEY)


def places(boards):
    (board,) = boards.boards()
    return [(one.rank, one.name, *one.values) for one in board.places()]


def test_the_best_of_the_first_column_come_first_and_of_equals_those_of_the_second(boards):
    found = {"a": (0.97, 900), "b": (0.99, 900), "c": (0.99, 100), "d": (0.99, 900), "e": (0.5, 1)}
    for id, measured in found.items():
        boards.add(Person(id, f"name-{id}", {"leaderboard": "yes"}), trained(*measured))
    assert places(boards) == [
        (1, "name-c", 0.99, 100),
        (2, "name-b", 0.99, 900),
        (2, "name-d", 0.99, 900),
        (4, "name-a", 0.97, 900),
        (5, "name-e", 0.5, 1),
    ]


def test_each_check_that_ranks_has_a_board_with_its_own_columns(boards):
    report = golden("right")
    ranked = [
        msgspec.structs.replace(check, measurements={"steps": steps}, ranks={"steps": "lowest"})
        for check, steps in zip(report.checks, (30.0, 20.0), strict=False)
    ]
    boards.add(Person("s1", "Ada"), msgspec.structs.replace(report, checks=ranked))
    assert [board.best for board in boards.boards()] == [{"steps": "lowest"}] * 2
    assert [place.values for board in boards.boards() for place in board.places()] == [(30.0,), (20.0,)]


@pytest.mark.parametrize(
    "said", [{}, {"leaderboard": "no"}, {"leaderboard": ""}, {"leaderboard": "y"}, {"other": "yes"}]
)
def test_who_has_not_said_yes_has_an_alias(boards, said):
    boards.add(Person("s1", "Ada", said), trained(0.9))
    assert places(boards) == [(1, alias(KEY, "s1"), 0.9, 1000.0)]
    assert "Ada" not in alias(KEY, "s1")
    assert "s1" not in alias(KEY, "s1")


def test_who_has_no_name_is_not_called_by_an_id(boards):
    boards.add(Person("s1", "", {"leaderboard": "Yes"}), trained(0.9))
    assert places(boards) == [(1, alias(KEY, "s1"), 0.9, 1000.0)]


def test_a_report_that_ranks_nothing_is_on_no_board(boards):
    boards.add(Person("s1", "Ada"), golden("right"))
    assert not boards.boards()


def test_an_alias_stays_and_needs_the_key():
    names = [alias(KEY, f"s{number}") for number in range(500)]
    assert names == [alias(KEY, f"s{number}") for number in range(500)]
    assert len(set(names)) >= 499
    assert not {*names} & {alias(b"other" + KEY, f"s{number}") for number in range(5)}


def test_a_gradebook_keeps_its_key(made):
    from grader.batch.gradebook.book import Gradebook

    key = made.book.key()
    assert len(key) == 32
    with Gradebook(made.book.path) as again:
        assert again.key() == key
    with Gradebook(made.book.path.with_name("other.sqlite")) as other:
        assert other.key() != key
