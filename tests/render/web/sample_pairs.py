"""Pairs of submissions that are made by hand, for the page that shows them side by side."""

from grader.batch.gradebook.queries import LastFile
from grader.batch.similarity import Pair, Side, Similarity
from grader.render.web.pairs_page import pairs_page
from tests.render.web.hostile_page import BREAKOUT, EVIL

LINES = [f"value_{number} = {number}" for number in range(1, 41)]


def file_of(student: str, lines: list[str], name: str = "", **more: str | None) -> LastFile:
    given = {"place": f"{student}.py", "submitted": None, "clock": ""} | more
    return LastFile(student, name, source="\n".join(lines).encode("utf-8", "surrogatepass"), **given)


def side(file: LastFile, *lines: tuple[int, int], like: tuple[int, ...] = ()) -> Side:
    text = file.source.decode("utf-8", "replace").split("\n")
    return Side((file,), 0.5, lines, like or tuple(range(len(lines))), tuple(text))


def page_of(one: Side, other: Side) -> bytes:
    same, unread = [("cem", "dan")], [("eve",)]
    return pairs_page([Similarity("section1", "Section 1: T", 7, same, [Pair(one, other)], unread)])


def plain_page() -> bytes:
    """Two passages, which stand in the other file in the other order."""
    ada = side(file_of("ada", LINES, "Ada L."), (10, 12), (30, 30), like=(1, 0))
    return page_of(ada, side(file_of("bob", LINES[::-1]), (2, 2), (20, 24), like=(1, 0)))


def hostile_page() -> bytes:
    """Hostile text wherever there is text of a student."""
    evil = EVIL.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    hostile = file_of(evil, [evil, f"def f(): {evil}", BREAKOUT], evil, place=evil, clock="commit")
    return page_of(side(hostile, (1, 3)), side(hostile, (1, 3)))
