"""An exercise's text at any width."""

import pytest

from grader.render.terminal.exercise import reflowed

DOCSTRING = """\
Take one step, in place, as a first sentence that is long enough to be wrapped
says in two lines.

Args:
    params: weights, tensors of any shapes; changed in place,
        which is said at some length.
    lr: learning rate.

Example, by hand:
    >>> step([torch.tensor([2.0])], lr=0.1)  # a line that is never wrapped
    tensor([1.9000])

The end."""


@pytest.mark.parametrize("width", [30, 50, 76, 200])
def test_words_are_wrapped_and_examples_are_not(width):
    lines = list(reflowed(DOCSTRING, width))
    assert " ".join(" ".join(lines).split()) == " ".join(DOCSTRING.split())
    example = [line for line in lines if ">>>" in line or "tensor([1.9" in line]
    assert example == [
        "    >>> step([torch.tensor([2.0])], lr=0.1)  # a line that is never wrapped",
        "    tensor([1.9000])",
    ]
    assert all(len(line) <= width for line in lines if line not in example)


def test_paragraphs_and_entries_begin_lines_of_their_own():
    lines = list(reflowed(DOCSTRING, 200))
    assert lines[0].endswith("two lines.")
    assert [line for line in lines if line.startswith("    ") and ">>>" not in line][:2] == [
        "    params: weights, tensors of any shapes; changed in place, which is said at some length.",
        "    lr: learning rate.",
    ]


def test_what_goes_on_below_an_entry_is_indented_further():
    lines = list(reflowed(DOCSTRING, 40))
    start = next(place for place, line in enumerate(lines) if line.startswith("    params:"))
    assert lines[start + 1].startswith("        ")
