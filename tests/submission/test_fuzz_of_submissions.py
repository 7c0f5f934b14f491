"""The reader on what nobody would hand in: whatever it is, it is read or refused with words, in bounded time.

Hypothesis draws what is handed in; each of its examples is then bent in many ways. GRADE_FUZZ_CASES asks for that many new
cases in all; without it, they are the same ones every time. Files in `corpus/` are tried first: one of each kind over which
readers stumble.
"""

import json
import os
import random
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.course import UsageError
from grader.submission import parsing
from grader.submission.locate import read_section
from grader.submission.submission import Submission
from tests.submission.formats import NAME, SECTION, SOURCE, STEM, archive_of, entry, local, notebook, zipped

ASKED = os.environ.get("GRADE_FUZZ_CASES")
CASES = int(ASKED or "25000")
VARIANTS = 50  # of one example
CORPUS = Path(__file__).with_name("corpus")
SECONDS = 2.0  # of computing, for one case: a few hundred times what it takes

pytestmark = pytest.mark.slow


def fuzz(share: float, variants: int = VARIANTS) -> settings:
    """Settings for a share of all cases."""
    examples = max(1, int(CASES * share / variants))
    checks = list(HealthCheck)
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=ASKED is None,  # else new cases every time
        database=None,
        suppress_health_check=checks,
    )


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder in memory, where the system has such folders."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="reader-", dir=memory) as folder:
        yield Path(folder)


def read(path: Path) -> Submission | None:
    """Read a submission; None if it is refused. Fails if that takes long, or if the refusal is no sentence."""
    begin = time.process_time()
    try:
        submission = read_section(path, SECTION)
    except UsageError as error:
        message = str(error)
        assert ": " in message
        assert len(message) < 1500
        assert message.replace("\n", "").isprintable()
        submission = None
    assert time.process_time() - begin < SECONDS
    return submission


def expect_parsed(source: bytes, filename: str) -> None:
    """What a worker does with a source before it executes any of it: it parses, or it is told why not."""
    failure = failure_to_parse(source, filename)
    assert failure is None or (failure.filename == filename and failure.msg)
    assert all(line.count("\n") <= 1 for line in parsing.lines_of(source, filename))


def failure_to_parse(source: bytes, filename: str) -> SyntaxError | None:
    try:
        parsing.parse(source, filename)
        parsing.compile_parts(source, filename)
    except SyntaxError as error:
        return error
    return None


INTERESTING = [0, 1, 0x7F, 0x80, 0xFF, 0x0A, 0x0D, 0x22, 0x5C, 0x7B, 0x5B]
WORDS = [
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"PK\1\2",
    b"PK\3\4",
    b"PK\5\6",
    b"PK\6\6",
    b"PK\6\7",
    b"\xff\xff\xff\x7f",
    b"../",
]


def bent(data: bytes, rng: random.Random) -> bytes:
    """Change, cut, double or insert a few pieces."""
    out = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 4])):
        here, there = sorted((rng.randrange(len(out) + 1), rng.randrange(len(out) + 1)))
        kind = rng.randrange(6)
        if kind == 0:
            del out[here : min(there, here + 16)]
        elif kind == 1:
            out[here:here] = out[there : there + 32]
        elif kind == 2:
            word = rng.choice(WORDS)
            out[here : here + len(word)] = word
        elif kind == 3:
            out[here:here] = rng.choice(WORDS)
        elif kind == 4:
            out = out[:there] if rng.random() < 0.2 else out
        elif out:
            out[here % len(out)] = rng.choice([*INTERESTING, rng.randrange(256)])
    return bytes(out)


pieces = st.sampled_from(
    [STEM, NAME, f"{STEM}.ipynb", "a", "..", ".", "", "a.py", "b.zip", "__MACOSX", "C:", "\0", "\n"]
)
names = st.lists(pieces | st.text(max_size=6), min_size=1, max_size=4).map("/".join)
modes = st.sampled_from([0, 0o100644, 0o120777, 0o20666, 0o60666, 0o10644, 0o140644, 0o40755, 0xFFFF])
methods = st.sampled_from([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
contents = st.sampled_from([SOURCE, b"", json.dumps(notebook("x = 1")).encode(), bytes(100_000)]) | st.binary(
    max_size=40
)


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    entries = draw(st.lists(st.tuples(names, modes, methods, contents), max_size=4))
    if draw(st.booleans()):
        entries.append((NAME, 0, zipfile.ZIP_DEFLATED, SOURCE))
    return zipped(*((entry(name, mode, method), data) for name, mode, method, data in entries))


@st.composite
def archives_by_hand(draw: st.DrawFn) -> bytes:
    flags = st.sampled_from([0, 0, 1, 8, 0x800, 0x41, 0xFFFF])
    chosen = draw(
        st.lists(st.tuples(st.binary(max_size=8) | st.just(NAME.encode()), flags, contents), min_size=1, max_size=3)
    )
    files, entries, offset = [], [], 0
    for name, flag, data in chosen:
        files.append(local(name, data, flag))
        entries.append((name, offset, flag))
        offset += len(files[-1])
    numbers = st.sampled_from([0, 1, 5, 0x7FFF, 0xFFFE, 0xFFFF])
    large = numbers | st.sampled_from([0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF])
    lies = draw(st.fixed_dictionaries({}, optional={"count": numbers} | dict.fromkeys(LIES, large)))
    return archive_of(files, entries, **lies)


LIES = ["packed", "size", "offset", "length", "start"]


@fuzz(0.45)
@given(archives() | archives_by_hand(), st.integers(0, 2**32))
def test_an_archive_is_read_or_refused(place: Path, data: bytes, seed: int) -> None:
    path, rng = place / "hw.zip", random.Random(seed)
    path.write_bytes(data)
    read(path)
    for _ in range(VARIANTS - 1):
        path.write_bytes(bent(data, rng))
        read(path)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
lines = st.sampled_from(
    [
        "def f():\n",
        "    return 1\n",
        "%%time\n",
        "%run x\n",
        "!ls\\\n",
        "x = 1\n",
        "'''\n",
        "(",
        "x?\n",
        "\0",
        "\r",
        "class A:\n",
        "import torch\n",
    ]
)
texts = st.lists(lines | st.text(max_size=5), max_size=6)
sources = texts | texts.map("".join) | values
parts = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "code", "markdown"]) | values},
    optional={"source": sources, "input": sources},
)
notebooks = st.fixed_dictionaries(
    {},
    optional={
        "cells": st.lists(parts, max_size=4) | values,
        "worksheets": st.lists(st.fixed_dictionaries({"cells": st.lists(parts, max_size=3)}), max_size=2) | values,
        "metadata": st.fixed_dictionaries({"kernelspec": st.fixed_dictionaries({"language": values})}) | values,
    },
)


@fuzz(0.2)
@given(notebooks, st.booleans(), st.integers(0, 2**32))
def test_a_notebook_is_read_or_refused(place: Path, content: Any, in_ascii: bool, seed: int) -> None:
    path, rng = place / f"{STEM}.ipynb", random.Random(seed)
    data = json.dumps(content, ensure_ascii=in_ascii).encode("utf-8", "surrogatepass")
    for number in range(VARIANTS):
        path.write_bytes(bent(data, rng) if number else data)
        submission = read(path)
        if submission is not None:
            expect_parsed(submission.source, submission.filename)


@fuzz(0.15)
@given(st.lists(texts.map("".join), min_size=1, max_size=4), st.integers(0, 2**32))
def test_the_cells_of_a_notebook_count_or_are_told_why_not(place: Path, written: list[str], seed: int) -> None:
    path, rng = place / f"{STEM}.ipynb", random.Random(seed)
    for _ in range(VARIANTS):
        some = [bent(cell.encode("utf-8", "replace"), rng).decode("utf-8", "replace") for cell in written]
        path.write_text(json.dumps(notebook(*some)))
        submission = read(path)
        assert submission is not None
        expect_parsed(submission.source, submission.filename)


codings = [
    "utf-8",
    "latin-1",
    "cp1252",
    "utf-16",
    "utf-7",
    "ascii",
    "hex",
    "idna",
    "punycode",
    "unicode_escape",
    "mbcs",
    "x",
]
heads = st.sampled_from(
    [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"#!/x\n", b"\r"]
)
cookies = st.sampled_from(codings).map(lambda name: f"# coding: {name}\n".encode()) | st.just(b"")
bodies = texts.map(lambda some: "".join(some).encode("utf-8", "replace")) | st.binary(max_size=60)


@fuzz(0.19)
@given(heads, cookies, bodies, st.integers(0, 2**32))
def test_a_python_file_is_read_and_parsed_or_told_why_not(
    place: Path, head: bytes, cookie: bytes, body: bytes, seed: int
) -> None:
    path, rng = place / NAME, random.Random(seed)
    data = head + cookie + body
    for number in range(VARIANTS):
        path.write_bytes(bent(data, rng) if number else data)
        submission = read(path)
        if submission is not None:
            expect_parsed(submission.source, submission.filename)


elements = st.sampled_from([NAME, f"{STEM}.ipynb", "a", "b", "hw.zip", ".git", "__MACOSX"]).map(str.encode)
elements |= st.binary(min_size=1, max_size=5).filter(
    lambda name: b"/" not in name and b"\0" not in name and name not in (b".", b"..")
)
kinds = st.sampled_from(["file", "file", "folder", "link", "pipe", "loop", "closed"])


@fuzz(0.01, variants=1)
@given(st.lists(st.tuples(st.lists(elements, min_size=1, max_size=4), kinds, contents), max_size=6))
def test_a_folder_is_searched_or_refused(place: Path, tree: list[tuple[list[bytes], str, bytes]]) -> None:
    root = place / "folder"
    root.mkdir()
    try:
        for path, kind, content in tree:
            plant(os.path.join(os.fsencode(root), *path), kind, content)
        submission = read(root)
        assert submission is None or submission.path.is_relative_to(root)
    finally:
        shutil.rmtree(root)


def plant(path: bytes, kind: str, content: bytes) -> None:
    """Put something of this kind there, if there is room for it."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if kind == "folder":
            os.mkdir(path)
        elif kind in ("link", "loop"):
            os.symlink(b"/etc/passwd" if kind == "link" else b".", path)
        elif kind == "pipe":
            os.mkfifo(path)
        else:
            with open(path, "xb") as file:
                file.write(content)
            os.chmod(path, 0 if kind == "closed" else 0o644)
    except OSError:
        pass


def test_the_corpus_is_there_and_small() -> None:
    assert {path.suffix for path in CORPUS.iterdir()} == {".py", ".ipynb", ".zip"}
    assert sum(path.stat().st_size for path in CORPUS.iterdir()) < 100_000


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.*")), ids=lambda path: path.name)
def test_a_file_of_the_corpus_is_read_or_refused(path: Path) -> None:
    submission = read(path)
    if submission is not None:
        expect_parsed(submission.source, submission.filename)
