"""Reflections, from a Python file or a notebook: each answer is read as plain text."""

import msgspec
import pytest

from grader.submission.notebook_cells import read
from grader.submission.notebook_source import source_of
from grader.submission.reflections import LETTERS, Reflection, reflections_in
from grader.submission.refusals import ExpectedFile
from tests.course_with_predictions import REFLECTION

WHY, NEXT = "Why does the mean lie between the smallest and the largest?", "What would you try next?"
HANDED_OUT = "# %%\nx = 1\n" + REFLECTION
MINE = HANDED_OUT.replace("# *Your answer*", "# Because\n# it **balances** them.\n#\n# - And so on.", 1)


def texts(source, handed_out=HANDED_OUT):
    data = source if isinstance(source, bytes) else source.encode()
    return [one.text for one in reflections_in(data, handed_out)]


def as_notebook(source):
    """The bytes that are graded of a notebook with these cells."""
    cells = []
    for piece in source.split("# %%")[1:]:
        kind, _, text = piece.partition("\n")
        if "markdown" in kind:
            bare = "\n".join(line.removeprefix("# ").removeprefix("#") for line in text.strip("\n").split("\n"))
            cells.append({"cell_type": "markdown", "source": bare})
        else:
            cells.append({"cell_type": "code", "source": text.strip("\n")})
    data = msgspec.json.encode({"cells": cells, "metadata": {}})
    return source_of(data, "book", ExpectedFile("section1_tiny", "grade section1"))[0]


def test_answers_stand_below_their_questions():
    assert reflections_in(MINE.encode(), HANDED_OUT) == [
        Reflection(WHY, "Because\nit **balances** them.\n\n- And so on."),
        Reflection(NEXT, ""),
    ]
    assert texts(HANDED_OUT) == ["", ""]


def test_a_number_alone_is_an_answer():
    first, last = HANDED_OUT.replace("# *Your answer*", "# 4.", 1), HANDED_OUT.replace("# *Your answer*", "# 5.")
    assert (texts(first)[0], texts(last)[1]) == ("4.", "5.")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text + "\n# %%\ny = 2\n",
        lambda text: text.replace("mean\n# lie", "mean lie"),  # an editor that breaks lines elsewhere
        lambda text: text.replace("**Why", "Why").replace("largest?**", "largest"),
        lambda text: "# %% [markdown]\n# # Reflections on a title\n" + text,
        lambda text: text + "def f(:\n",
        lambda text: text.replace("# Because", "Because"),  # no comment, and no Python either
    ],
)
def test_they_are_found_in_any_form_of_the_file(change):
    assert texts(change(MINE))[0] == "Because\nit **balances** them.\n\n- And so on."


def test_a_notebook_keeps_them_as_comments_that_do_nothing():
    source = as_notebook(MINE)
    assert texts(source) == texts(MINE)
    program = read(source.decode(), "book.ipynb")
    assert program.error is None
    assert len(program.tree.body) == 1  # x = 1
    assert texts(as_notebook(MINE.replace("it **balances**", "# %% it **balances**"))) != ["", ""]
    assert as_notebook("# %%\nx = 1\n# %% [markdown]\n# ## Other\n# text\n") == as_notebook("# %%\nx = 1\n")


@pytest.mark.parametrize("mark", ["- ", "* ", "1. ", "2) "])
def test_questions_may_be_a_list(mark):
    handed_out = f"# %% [markdown]\n# ### Reflection\n#\n# {mark}Why so?\n# {mark}What now?\n"
    mine = handed_out.replace("Why so?", "Why so?\n#   It is 7.").replace("now?", "now?\n#\n#   I stop.")
    assert reflections_in(mine.encode(), handed_out) == [
        Reflection("Why so?", "It is 7."),
        Reflection("What now?", "I stop."),
    ]


def test_text_without_the_questions_is_kept_as_a_whole():
    mine = "# %% [markdown]\n# ## Reflection\n# I think that it is so.\n"
    assert reflections_in(mine.encode(), HANDED_OUT) == [
        Reflection("", "I think that it is so."),
        Reflection(WHY, ""),
        Reflection(NEXT, ""),
    ]


@pytest.mark.parametrize("blank", ["\n#", "\n# -", "\n# 1", " "])
def test_an_answer_of_blanks_takes_no_longer_than_another(blank):
    """A pattern that looks at every blank for each blank before it took two minutes."""
    mine = MINE.replace("it **balances** them.", f"it balances.{blank * (LETTERS // 2)}\n# So it is.")
    assert texts(mine.replace(blank * (LETTERS // 2), "\n#")) == [
        "Because\nit balances.\n\nSo it is.\n\n- And so on.",
        "",
    ]
    assert texts(mine)[0].split()[:3] == ["Because", "it", "balances."]


def test_where_nothing_is_asked_or_written_there_is_nothing():
    assert texts(MINE, "# %%\nx = 1\n") == []
    assert texts(b"") == texts(b"x = 1\n") == texts(b"\xff\x00# %%\n") == ["", ""]
    assert texts("# %% [markdown]\n# ## Reflection") == ["", ""]


def test_a_flood_is_cut():
    long = MINE.replace("# Because", "# Because" + " and" * LETTERS)
    assert len(texts(long)[0]) <= LETTERS
    assert len(as_notebook(long)) < 2 * LETTERS
