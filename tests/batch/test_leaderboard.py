"""Who stands on the leaderboard, in which order, and under which name."""

import pytest

from grader.batch.leaderboard import Leaderboard, alias
from grader.batch.ledger import Person
from tests.batch.sample_class import golden, trained

KEY = bytes(32)


@pytest.fixture
def board():
    return Leaderboard(KEY)


def test_the_most_accurate_come_first_and_of_equals_the_smallest(board):
    found = {"a": (0.97, 900), "b": (0.99, 900), "c": (0.99, 100), "d": (0.99, 900), "e": (0.5, 1)}
    for id, measured in found.items():
        board.add(Person(id, f"name-{id}", {"leaderboard": "yes"}), trained(*measured))
    places = [(one.rank, one.name, one.accuracy, one.parameters) for one in board.places()]
    assert places == [
        (1, "name-c", 0.99, 100),
        (2, "name-b", 0.99, 900),
        (2, "name-d", 0.99, 900),
        (4, "name-a", 0.97, 900),
        (5, "name-e", 0.5, 1),
    ]


@pytest.mark.parametrize(
    "said", [{}, {"leaderboard": "no"}, {"leaderboard": ""}, {"leaderboard": "y"}, {"other": "yes"}]
)
def test_who_has_not_said_yes_has_an_alias(board, said):
    board.add(Person("s1", "Ada", said), trained(0.9))
    (place,) = board.places()
    assert place.is_alias
    assert place.name == alias(KEY, "s1")
    assert "Ada" not in place.name
    assert "s1" not in place.name


def test_who_has_no_name_is_not_called_by_an_id(board):
    board.add(Person("s1", "", {"leaderboard": "Yes"}), trained(0.9))
    (place,) = board.places()
    assert (place.is_alias, place.name) == (True, alias(KEY, "s1"))


def test_what_was_not_measured_is_not_there(board):
    board.add(Person("s1", "Ada"), golden("right"))
    assert not list(board.places())


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
