"""Pairs of similar files: found copies, common code that does not count, and hostile texts."""

import json
import subprocess
import sys

import pytest

from grader.batch.fingerprints import ComparisonTask, _at_most, _TooLongError, compare
from grader.batch.similarity import LONGEST, Similarity, similarity_of
from tests.batch.hand_ins import SOLUTION, STUB
from tests.batch.sample_class import SECTION

ODD = """
def scale(x, factor):
    rows = []
    for position, entry in enumerate(x.reshape(-1).tolist()):
        if position % 2 == 0:
            rows.append((entry * factor, position))
        else:
            rows = rows + [(factor * entry, position)]
    ordered = sorted(rows, key=lambda pair: pair[1])
    values = [value for value, _ in ordered]
    return x.new_tensor(values).reshape(x.shape)
"""
RENAMED = """# my own work, honestly


def helper(n):
    return {k: n ** k for k in range(3)}


def scale(tensor, c):  # every entry

    out = []
    for i, number in enumerate(tensor.reshape(-1).tolist()):
        if i % 2 == 0:
            out.append((number * c, i))
        else:
            out = out + [(c * number, i)]
    done = sorted(out, key=lambda two: two[1])
    flat = [one for one, _ in done]
    return tensor.new_tensor(flat).reshape(tensor.shape)
"""
OTHER = """
import torch


def mean(x):
    total, count = torch.zeros(()), 0
    while count < x.numel():
        total, count = total + x.flatten()[count], count + 1
    assert count == x.numel(), f"{count} of {x.numel()}"
    return float(total) / max(1, count)
"""


@pytest.fixture
def found(made):
    """What is alike among texts by student; a value may be bytes."""

    def find(texts: dict[str, str | bytes], most: int = 20, **places: str) -> Similarity:
        for student, text in texts.items():
            source = text.encode() if isinstance(text, str) else text
            made.hand_in(student, None, place=places.get(student, student), source=source)
        return similarity_of(made.book, SECTION, most)

    return find


def names(found: Similarity) -> list[tuple[str, ...]]:
    return [(*pair.one.students, *pair.other.students) for pair in found.pairs]


def test_a_copy_with_other_names_comments_and_blanks_is_the_first_pair(found):
    result = found({"ada": ODD, "bob": OTHER, "cem": RENAMED})
    assert names(result)[0] == ("ada", "cem")
    pair = result.pairs[0]
    assert pair.one.share > 0.9
    assert 0.5 < pair.other.share < 0.99, "the helper is not ada's"
    ((first, last),) = pair.other.lines
    assert "enumerate" in "\n".join(pair.other.text[first - 1 : last])
    assert "helper" not in "\n".join(pair.other.text[first:last])
    assert last == RENAMED.rstrip().count("\n") + 1


@pytest.mark.parametrize("length", range(1, 12))
def test_the_lines_are_the_right_ones_after_a_class_too(length):
    """What copydetect knows of places in a text begins at zero again behind the name of a class."""
    body = "".join(f"    kept_{number} = (1, [{number}] * 4, {{{number}: 5}})\n" for number in range(6))
    own = f"class Scaled{'x' * length}(Base, metaclass=Meta, other=[1, 2, 3], more={{4: 5}}):\n{body}"
    first = "".join(f"import module_{number}\n" for number in range(40))
    second = "".join(f"value_{number}: int = {number} + {number}\n" for number in range(30))
    (overlap,) = compare(ComparisonTask("", [first + own, second + own], 10, 10)).overlaps
    for (start, end), above in zip((lines[0] for lines in overlap.lines), (40, 30), strict=True):
        assert above <= start <= above + 3  # which fingerprints are kept depends on hashes of strings
        assert end == above + 7


def test_each_passage_knows_its_like_in_the_other_text():
    """Two functions of one text stand in the other in the other order, with code of its own between them."""
    passages = [
        ODD,
        RENAMED.partition("def scale")[0] + "".join(f"kept_{n} = [{n}] * {{{n}: 2}}[{n}]\n" for n in range(9)),
    ]
    between = "".join(f"assert {number} < {number + 1}, 'own {number}'\n" for number in range(30))
    texts = [between.join(passages), f"import re\n{between.replace('<', '>')}".join(passages[::-1])]
    (overlap,) = compare(ComparisonTask("", texts, 10, 10)).overlaps
    assert [len(lines) for lines in overlap.lines] == [2, 2]
    assert overlap.like == ([1, 0], [1, 0])


def test_the_text_of_the_stub_does_not_count(found):
    assert not found({"ada": STUB + OTHER.encode(), "bob": STUB + ODD.encode()}).pairs


def test_a_stub_is_similar_to_no_file(found):
    result = found({"ada": STUB, "bob": STUB + b"\n\n", "cem": STUB.replace(b"\n", b"\r\n")})
    assert (result.identical, result.pairs, result.submissions) == ([], [], 0)


def test_passages_that_many_have_do_not_count(found):
    texts = {f"s{number:02}": f"{ODD}\n\nvalue_{number} = {number!r} * 3 + {'x' * number!r}\n" for number in range(12)}
    assert not found(texts).pairs


def test_identical_files_are_listed_as_such_and_are_no_pair(found):
    result = found({"ada": ODD, "bob": ODD.replace("\n", "\r\n"), "cem": OTHER, "dan": ODD + "\n\n"})
    assert result.identical == [("ada", "bob", "dan")]
    assert not result.pairs


def test_a_group_that_handed_in_together_has_copied_nothing(found):
    places = {"ada": "submission_7", "bob": "submission_7"}
    assert not found({"ada": ODD, "bob": ODD}, **places).identical
    assert found({"cem": ODD}).identical == [("ada", "bob", "cem")]


def test_the_last_file_of_each_counts(found, made):
    made.hand_in("ada", None, place="1", source=ODD.encode())
    made.hand_in("ada", None, place="2", source=OTHER.encode())
    assert not found({"cem": RENAMED}).pairs


def test_notebooks_are_compared_by_their_cells(found):
    cells = "".join(f"\0 cell {number}\n{part}\n" for number, part in enumerate((ODD, "1 + 1"), 1))
    result = found({"ada": cells, "cem": RENAMED})
    assert names(result) == [("ada", "cem")]
    one = result.pairs[0].one
    assert "for position, entry in enumerate" in "\n".join(one.text[one.lines[0][0] - 1 : one.lines[-1][1]])


@pytest.mark.slow
def test_no_more_pairs_than_are_asked_for_and_the_same_every_time(found, made):
    texts = {
        f"s{number}": ODD.replace("% 2", f"% {number}") + f"\nextra_{number} = [{number}] * {number}\n"
        for number in range(6)
    }
    once = found(texts, most=4)
    assert len(once.pairs) == 4
    assert similarity_of(made.book, SECTION, 4) == once
    assert len(similarity_of(made.book, SECTION, 20).pairs) == 15


@pytest.mark.slow
def test_hostile_texts_harm_nothing_and_the_rest_is_compared(found, tmp_path):
    planted = tmp_path / "executed"
    result = found({
        "ada": ODD,
        "cem": RENAMED,
        "runs": f"open({str(planted)!r}, 'w')\n" + OTHER,
        "long": "x = 1\n" * LONGEST,
        "deep": "(" * 50_000,
        "quotes": "'\"" * 20_000,
        "bytes": bytes(range(256)) * 50,
        "empty": "",
        "blank": "\n\n\n",
        "mark": "\ufeff" + OTHER,
        "lines": "\n" * 30_000,
        "surrogate": '"\\ud800"\n' + OTHER,
        "syntax": "def ((((\n  return\n yield ]]]",
    })  # fmt: skip
    assert ("ada", "cem") in names(result)
    assert result.unread == [("long",)]
    assert not planted.exists()


def test_a_text_that_takes_too_long_is_given_up():
    def without_end():
        while True:
            pass

    with pytest.raises(_TooLongError), _at_most(0.2):
        without_end()


@pytest.fixture
def similar(made, environment):
    """Run `grade similar` on the class that was made; `before` is what the process does first."""

    def run(*words: str, before: str = "", after: str = "") -> subprocess.CompletedProcess[str]:
        arguments = ["similar", "--out", str(made.book.path.parent), *words]
        code = f"import sys\n{before}\nfrom grader.cli import main\nmain({arguments!r})\n{after}"
        return subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False, timeout=280
        )

    return run


def test_as_it_is_typed(found, similar, tmp_path):
    found({"ada": ODD, "cem": RENAMED.replace("every entry", "\x1b[31m::error::"), "dan\u202e": OTHER, "eve": OTHER})
    ran = similar(
        "--json",
        str(tmp_path / "pairs.json"),
        "--html",
        str(tmp_path / "pairs.html"),
        after="assert not {'torch', 'copydetect'} & set(sys.modules)",
    )
    assert ran.returncode == 0, ran.stderr
    assert "These are pairs to look at, not a verdict." in ran.stdout
    assert "The same file: dan\\u202e, eve" in ran.stdout
    assert "1. ada (" in ran.stdout
    assert "for position, entry in enumerate(x.reshape(-1).tolist()):" in ran.stdout
    assert "for i, number in enumerate(tensor.reshape(-1).tolist()):" in ran.stdout
    assert all(line.isprintable() for line in ran.stdout.splitlines())
    (section,) = json.loads((tmp_path / "pairs.json").read_bytes())["sections"]
    assert [side["students"] for side in section["pairs"][0]] == [["ada"], ["cem"]]
    page = (tmp_path / "pairs.html").read_text(encoding="utf-8")
    assert "These are pairs to look at, not a verdict." in page
    assert '<p class="like">Like <a href="#section1-1-b1">lines ' in page
    assert (tmp_path / "pairs.html").stat().st_mode & 0o077 == 0, "it names students"


@pytest.mark.slow
def test_a_class_without_likeness_says_so(found, similar):
    found({"ada": ODD, "bob": OTHER, "sol": SOLUTION})
    assert "No two files have more in common" in similar().stdout


def test_a_missing_library_is_told_with_what_to_type(found, similar):
    found({"ada": ODD})
    ran = similar(before="sys.modules['copydetect'] = None")
    assert ran.returncode == 2
    assert "pip install 'grade-descent[similar]'" in ran.stderr
