"""The page with pairs side by side: what is marked, where links lead, and that text of submissions stays text."""

import re

from grader.submission.notebook_cells import mark
from tests.render.web.html_reader import Page, hash_of
from tests.render.web.sample_pairs import LINES, file_of, hostile_page, page_of, plain_page, side


def test_the_lines_of_a_passage_are_marked_and_lead_to_their_like():
    data = plain_page()
    found = Page(data)
    text = data.decode()
    marked = [int(number) for number in re.findall(r'line marked" data-number="(\d+)"', text)]
    assert marked == [10, 11, 12, 30, 2, *range(20, 25)]
    assert {link[1:] for link in found.links} <= {*found.ids}, "each link leads somewhere"
    words = " ".join(found.text.split())
    assert "ada: 50 % of it Ada L. (ada): ada.py Like the other file: lines 10 to 12; line 30" in words
    likes = re.findall(r'Like <a href="#(.*?)">(.*?)</a> of (\w+):</p>\n<pre id="(.*?)"', text)
    assert likes == [
        ("section1-1-b2", "lines 20 to 24", "bob", "section1-1-a1"),
        ("section1-1-b1", "line 2", "bob", "section1-1-a2"),
        ("section1-1-a2", "line 30", "ada", "section1-1-b1"),
        ("section1-1-a1", "lines 10 to 12", "ada", "section1-1-b2"),
    ]
    assert "11 lines without likeness" in words, "lines between passages are folded, but three beside each"
    assert all(f"value_{number}" in found.text for number in range(1, 41)), "the whole file is there"
    assert "The same file: cem, dan Not compared, as it is too long or takes too long: eve" in words


def test_a_time_that_a_student_can_set_is_told_as_such():
    ada = side(file_of("ada", LINES, submitted="2026-11-20T22:15:00+00:00"), (1, 2))
    bob = side(file_of("bob", LINES, submitted="2026-11-20T23:15:00+00:00", clock="commit"), (1, 2))
    words = " ".join(Page(page_of(ada, bob)).text.split())
    assert "ada: ada.py, handed in 2026-11-20 22:15 UTC Like" in words
    assert "handed in 2026-11-20 23:15 UTC by its commit, which a student can set" in words


def test_lines_of_a_notebook_are_counted_in_their_cells():
    cells = [mark(1).rstrip(), *LINES[:5], mark(3).rstrip(), *LINES[5:10]]
    words = " ".join(
        Page(page_of(side(file_of("ada", cells), (3, 8)), side(file_of("bob", LINES), (2, 7)))).text.split()
    )
    assert "Like the other file: cell 1, line 2, to cell 3, line 1" in words


def test_text_of_submissions_stays_text_and_only_our_script_may_run():
    found = Page(hostile_page())
    assert not found.tags & {"img", "iframe", "svg", "base", "form"}
    assert not {name for name in found.attributes if name.startswith("on") or name == "style"}
    assert all(link.startswith("#section1-1") or link == "#results" for link in found.links)
    assert hash_of("".join(found.verbatim["script"])) in found.policy
    assert len(found.verbatim["script"]) == 1
    assert "default-src 'none'" in found.policy


def test_a_file_that_is_too_long_to_show_whole_breaks_nothing():
    long = [f"x{number} = 1" for number in range(5000)]
    found = Page(
        page_of(side(file_of("ada", long), (10, 20), (4000, 4100)), side(file_of("bob", LINES), (1, 2), (3, 4)))
    )
    assert "Only the first 3000 lines are shown." in found.text
    assert "lines 4000 to 4100" in found.text
